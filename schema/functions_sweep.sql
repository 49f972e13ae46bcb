-- role: blackboard_system
-- What time alone does: claims that ran out, retries that came due. Called by the sweeper for all tenants at once, in
-- bounded batches; two sweepers at work share the rows (SKIP LOCKED) and harm nothing.

-- Promises that at most p_limit claims past their deadline are taken back: the task is ready again under the next fence, or,
-- after too many holders died on it, failed for good with its case on the route 'exhausted'. A lost holder counts as a
-- rescue and never as a failure of the work. Returns how many. Locks the cases first (skipping those that somebody is
-- deciding on right now), then looks again: a heartbeat or decision may have come in between.
CREATE OR REPLACE FUNCTION board.expire_leases(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_cases uuid[];
  v_lost uuid[];
  v_poisoned board.move[];
BEGIN
  SELECT array_agg(l.case_id) INTO v_cases FROM (
    SELECT c.case_id FROM board.case c
    WHERE (c.tenant_id, c.case_id) IN (
      SELECT l.tenant_id, l.case_id FROM board.task_lease l WHERE l.deadline_at <= v_now
      ORDER BY l.deadline_at LIMIT p_limit)
    ORDER BY c.tenant_id, c.case_id FOR NO KEY UPDATE SKIP LOCKED) l;
  WITH lost AS (
    DELETE FROM board.task_lease l WHERE l.case_id = ANY (v_cases) AND l.deadline_at <= v_now RETURNING l.*),
  rescued AS (
    UPDATE board.task t
    SET rescues = t.rescues + 1, state = CASE WHEN t.rescues + 1 >= s.max_rescues THEN 'failed' ELSE 'ready' END,
        finished_at = CASE WHEN t.rescues + 1 >= s.max_rescues THEN v_now END
    FROM lost l, board.stage s
    WHERE t.tenant_id = l.tenant_id AND t.task_id = l.task_id AND t.task_id = ANY (ARRAY(SELECT o.task_id FROM lost o))
      AND s.workflow_id = t.workflow_id AND s.name = t.stage
    RETURNING t.*, l.fence AS lost_fence, l.agent_id, l.session_id, l.deadline_at),
  told AS (
    INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
    SELECT r.tenant_id, 'task.expired', r.case_id, r.task_id, r.workflow, r.stage, r.capability, 'board',
           jsonb_build_object('fence', r.lost_fence, 'holder', a.name, 'session_id', r.session_id,
                              'deadline_at', r.deadline_at, 'rescues', r.rescues, 'final', r.state = 'failed'), v_now
    FROM rescued r JOIN board.agent a USING (agent_id) ORDER BY r.seq)
  SELECT array_agg(r.task_id),
         array_agg(ROW(r.tenant_id, r.case_id, r.stage, 'exhausted', 'board')::board.move) FILTER (WHERE r.state = 'failed')
  INTO v_lost, v_poisoned FROM rescued r;
  PERFORM board.put_ready(array_agg(t.tenant_id), array_agg(t.task_id), 'board', v_now)
  FROM board.task t WHERE t.task_id = ANY (v_lost) AND t.case_id = ANY (v_cases) AND t.state = 'ready';
  PERFORM board.advance_cases(v_poisoned) WHERE v_poisoned IS NOT NULL;
  RETURN coalesce(cardinality(v_lost), 0);
END
$$;

-- Promises that at most p_limit tasks whose time has come move from the schedule into the queue. Returns how many.
CREATE OR REPLACE FUNCTION board.promote_scheduled(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenants integer[];
  v_tasks uuid[];
BEGIN
  WITH due AS MATERIALIZED (
    SELECT s.* FROM board.task_scheduled s WHERE s.ready_at <= v_now
    ORDER BY s.ready_at, s.tenant_id, s.task_id LIMIT p_limit FOR UPDATE SKIP LOCKED),
  gone AS (
    DELETE FROM board.task_scheduled s USING due d
    WHERE (s.ready_at, s.tenant_id, s.task_id) = (d.ready_at, d.tenant_id, d.task_id)),
  woken AS (
    UPDATE board.task t SET state = 'ready' FROM due d
    WHERE t.tenant_id = d.tenant_id AND t.task_id = d.task_id AND t.task_id = ANY (ARRAY(SELECT o.task_id FROM due o))
    RETURNING t.tenant_id, t.task_id)
  SELECT array_agg(w.tenant_id), array_agg(w.task_id) INTO v_tenants, v_tasks FROM woken w;
  PERFORM board.put_ready(v_tenants, v_tasks, 'board', v_now) WHERE v_tasks IS NOT NULL;
  RETURN coalesce(cardinality(v_tasks), 0);
END
$$;
