-- Conditions over facts: they open, hold and withdraw work. The planner judges them; these functions act on what it found.

-- Promises that the conditions are known to hold: tasks that waited for them are queued, where their case is still at the
-- version that was looked at. Where it moved on, nothing happens. Returns how many stopped waiting. Locks the cases in key
-- order.
CREATE OR REPLACE FUNCTION board.meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_met uuid[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) ORDER BY c.case_id FOR NO KEY UPDATE;
  v_met := board.still_waiting(p_tenant, p_tasks, p_cases, p_versions);
  PERFORM board.record_events(p_tenant, board.stop_waiting(p_tenant, v_met, 'when', 'board', v_now));
  RETURN cardinality(v_met);
END
$$;

-- Sends the tasks of a case that were opened by a condition over these facts back to wait until it was judged anew: nobody is
-- handed work for which the reason may be gone. A task that somebody holds, or that rests for another reason, goes the same way
-- when it comes back. The holder keeps it: what he does rests on what he has read, and that is looked at when he decides.
-- Internal, under the case's lock. Returns the events.
CREATE OR REPLACE FUNCTION board.hold_tasks(p_tenant integer, p_case uuid, p_keys text[], p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_opened uuid[] := ARRAY(
    SELECT t.task_id FROM board.task t JOIN board.stage_task k USING (stage_task_id)
    WHERE t.tenant_id = p_tenant AND t.case_id = p_case AND t.state = 'open' AND t.has_begun AND k.awaits = 'when'
      AND coalesce(k.awaited -> 'facts' ?| p_keys, cardinality(p_keys) > 0)
      AND NOT EXISTS (SELECT FROM board.task_waiting w
                      WHERE w.tenant_id = p_tenant AND w.task_id = t.task_id AND w.reason = 'when'));
  v_ready uuid[];
  v_told board.entry[];
BEGIN
  IF cardinality(v_opened) = 0 THEN
    RETURN NULL;
  END IF;
  v_ready := board.unqueue_tasks(p_tenant, v_opened);
  UPDATE board.task t SET has_begun = false WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_opened);
  SELECT array_agg(ROW('task.held', p_case, t.task_id, k.workflow, k.stage, k.capability, 'board',
                       jsonb_build_object('facts', p_keys), p_now)::board.entry ORDER BY t.seq)
  INTO v_told FROM board.task t JOIN board.stage_task k USING (stage_task_id)
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_ready);
  RETURN v_told || board.queue_tasks(p_tenant, v_ready, 'board', p_now);
END
$$;

-- Promises that tasks which are found to be unwanted (their `unless` holds) are withdrawn for good, where their case is still
-- at the version that was looked at: the stage goes on with the outcome 'withdrawn', or, where it has no such route, an
-- operator is asked. Returns how many there were. Locks the cases in key order.
CREATE OR REPLACE FUNCTION board.withdraw_unwanted(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_unwanted uuid[];
  v_routed uuid[];
  v_told board.entry[];
  v_moves board.move[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) ORDER BY c.case_id FOR NO KEY UPDATE;
  v_unwanted := board.still_waiting(p_tenant, p_tasks, p_cases, p_versions);
  v_routed := ARRAY(
    SELECT t.task_id FROM board.task t JOIN board.stage_task k USING (stage_task_id)
    JOIN board.route r ON r.workflow_id = k.workflow_id AND r.stage = k.stage AND r.outcome = 'withdrawn'
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_unwanted));
  PERFORM board.unplace_tasks(p_tenant, v_routed);
  WITH ended AS (
    UPDATE board.task t SET state = 'cancelled', outcome = 'withdrawn', finished_at = v_now
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_routed) RETURNING t.*)
  SELECT array_agg(ROW('task.cancelled', e.case_id, e.task_id, k.workflow, k.stage, k.capability, 'board',
                       jsonb_build_object('fence', e.fence, 'reason', 'withdrawn'), v_now)::board.entry ORDER BY e.seq),
         array_agg(ROW(e.case_id, k.workflow_id, k.stage, 'withdrawn', 'board')::board.move ORDER BY e.seq)
  INTO v_told, v_moves FROM ended e JOIN board.stage_task k USING (stage_task_id);
  PERFORM board.record_events(p_tenant, v_told
    || board.advance_cases(p_tenant, v_moves, v_now)
    || board.question_tasks(p_tenant, ARRAY(SELECT t FROM unnest(v_unwanted) AS t WHERE t <> ALL (v_routed)), v_now));
  RETURN cardinality(v_unwanted);
END
$$;

-- Of these tasks, those that still wait for their condition, in cases that are at the version given.
CREATE OR REPLACE FUNCTION board.still_waiting(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[])
RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT i.task_id FROM unnest(p_tasks, p_cases, p_versions) AS i (task_id, case_id, version)
    JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = i.case_id AND c.version = i.version
    JOIN board.task_waiting w ON w.tenant_id = p_tenant AND w.task_id = i.task_id AND w.reason = 'when');
END
$$;

-- Makes incidents of unwanted tasks whose stage does not say what then. Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.question_tasks(p_tenant integer, p_tasks uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_about jsonb := jsonb_build_object('reason', 'it is unwanted, and its stage has no outcome `withdrawn`');
BEGIN
  UPDATE board.task_waiting w SET reason = 'incident', key = '', about = v_about, since = p_now
  WHERE w.tenant_id = p_tenant AND w.task_id = ANY (p_tasks) AND w.reason = 'when';
  RETURN ARRAY(
    SELECT ROW('task.waiting', t.case_id, t.task_id, k.workflow, k.stage, k.capability, 'board',
               jsonb_build_object('reason', 'incident', 'key', '', 'about', v_about), p_now)::board.entry
    FROM board.task t JOIN board.stage_task k USING (stage_task_id)
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks) ORDER BY t.seq);
END
$$;
