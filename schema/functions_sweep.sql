-- role: blackboard_system
-- What time alone does: claims that ran out, work that came due, stages that took too long, urgency that grows. Called by the
-- sweeper for all tenants, in bounded batches. Each pass locks the cases first and skips those that somebody is busy with; two
-- sweepers at work share the rows and harm nothing. Each returns how many rows it dealt with.

-- Locks, of the cases named, those that nobody holds, in key order; returns them.
CREATE OR REPLACE FUNCTION board.lock_free_cases(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT c.case_id FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases)
    ORDER BY c.case_id FOR NO KEY UPDATE SKIP LOCKED);
END
$$;

-- Promises that at most p_limit claims past their deadline are taken back: the task is ready again under the next fence, or,
-- after too many holders were lost on it, quarantined until an operator has looked at it. A lost holder counts as a rescue and
-- never as a failure of the work. Looks again after locking: a heartbeat or decision may have come in between.
CREATE OR REPLACE FUNCTION board.expire_leases(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenant integer;
  v_cases uuid[];
  v_lost uuid[];
  v_told board.entry[];
  v_count integer := 0;
BEGIN
  FOR v_tenant IN SELECT DISTINCT l.tenant_id FROM board.task_lease l WHERE l.deadline_at <= v_now LOOP
    v_cases := board.lock_free_cases(v_tenant, ARRAY(
      SELECT l.case_id FROM board.task_lease l WHERE l.tenant_id = v_tenant AND l.deadline_at <= v_now
      ORDER BY l.deadline_at LIMIT p_limit - v_count));
    WITH lost AS (
      DELETE FROM board.task_lease l
      WHERE l.tenant_id = v_tenant AND l.case_id = ANY (v_cases) AND l.deadline_at <= v_now RETURNING l.*),
    rescued AS (
      UPDATE board.task t SET rescues = t.rescues + 1, fence = l.fence, progress = coalesce(l.progress, t.progress)
      FROM lost l JOIN board.stage_task s USING (stage_task_id)
      WHERE t.tenant_id = v_tenant AND t.task_id = l.task_id AND t.task_id = ANY (ARRAY(SELECT o.task_id FROM lost o))
      RETURNING t.task_id, t.case_id, t.seq, t.rescues, t.rescues >= s.max_rescues AS is_poison, s.workflow, s.stage,
                s.capability, l.fence, l.agent_id, l.session_id, l.deadline_at),
    quarantined AS (
      INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, about, since)
      SELECT v_tenant, r.task_id, r.case_id, 'quarantine', jsonb_build_object('reason', r.rescues || ' holders were lost on it'),
             v_now
      FROM rescued r WHERE r.is_poison)
    SELECT array_agg(r.task_id ORDER BY r.seq), array_agg(ROW(
             'task.expired', r.case_id, r.task_id, r.workflow, r.stage, r.capability, 'board',
             jsonb_build_object('fence', r.fence, 'holder', a.name, 'session_id', r.session_id, 'deadline_at', r.deadline_at,
                                'rescues', r.rescues, 'then', CASE WHEN r.is_poison THEN 'quarantine' ELSE 'ready' END),
             v_now)::board.entry ORDER BY r.seq)
    INTO v_lost, v_told FROM rescued r JOIN board.agent a USING (agent_id);
    PERFORM board.record_events(v_tenant, v_told || board.queue_tasks(v_tenant, v_lost, 'board', v_now));
    v_count := v_count + coalesce(cardinality(v_lost), 0);
  END LOOP;
  RETURN v_count;
END
$$;

-- Promises that at most p_limit tasks whose time has come leave the schedule: into the queue, or, where the stage was only
-- waiting for that time, done with the outcome 'elapsed'.
CREATE OR REPLACE FUNCTION board.promote_scheduled(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenant integer;
  v_cases uuid[];
  v_due uuid[];
  v_elapsed uuid[];
  v_count integer := 0;
BEGIN
  FOR v_tenant IN SELECT DISTINCT s.tenant_id FROM board.task_scheduled s WHERE s.ready_at <= v_now LOOP
    v_cases := board.lock_free_cases(v_tenant, ARRAY(
      SELECT t.case_id FROM (
        SELECT s.task_id FROM board.task_scheduled s WHERE s.tenant_id = v_tenant AND s.ready_at <= v_now
        ORDER BY s.ready_at LIMIT p_limit - v_count) d
      JOIN board.task t ON t.tenant_id = v_tenant AND t.task_id = d.task_id));
    WITH gone AS (
      DELETE FROM board.task_scheduled s
      WHERE s.tenant_id = v_tenant AND s.ready_at <= v_now AND s.task_id = ANY (ARRAY(
        SELECT t.task_id FROM board.task t WHERE t.tenant_id = v_tenant AND t.case_id = ANY (v_cases)))
      RETURNING s.task_id)
    SELECT array_agg(g.task_id), array_agg(g.task_id) FILTER (WHERE k.awaits = 'timer') INTO v_due, v_elapsed
    FROM gone g JOIN board.task t ON t.tenant_id = v_tenant AND t.task_id = g.task_id JOIN board.stage_task k USING (stage_task_id);
    PERFORM board.record_events(v_tenant,
      board.complete_tasks(v_tenant, v_elapsed, 'elapsed', NULL, 'board', v_now)
      || board.queue_tasks(v_tenant, v_due, 'board', v_now));
    v_count := v_count + coalesce(cardinality(v_due), 0);
  END LOOP;
  RETURN v_count;
END
$$;
