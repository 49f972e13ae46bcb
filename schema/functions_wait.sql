-- What tasks wait for, and how it reaches them: signals, other cases. For facts, see functions_fact.sql and functions_condition.sql.

-- Ends tasks that the board itself was waiting with, or that an operator resolves: done, with this outcome. Internal, under the
-- cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.complete_tasks(
  p_tenant integer, p_tasks uuid[], p_outcome text, p_result jsonb, p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
  v_moves board.move[];
BEGIN
  PERFORM board.unplace_tasks(p_tenant, p_tasks);
  WITH ended AS (
    UPDATE board.task t
    SET state = 'done', outcome = p_outcome, finished_at = p_now, decided_by = p_actor,
        decision = jsonb_strip_nulls(jsonb_build_object('outcome', p_outcome, 'result', p_result))
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks) AND t.state = 'open' RETURNING t.*)
  SELECT array_agg(ROW('task.decided', e.case_id, e.task_id, k.workflow, k.stage, k.capability, p_actor,
                       jsonb_build_object('fence', e.fence) || e.decision, p_now)::board.entry ORDER BY e.seq),
         array_agg(ROW(e.case_id, k.workflow_id, k.stage, p_outcome, p_actor)::board.move ORDER BY e.seq)
  INTO v_told, v_moves FROM ended e JOIN board.stage_task k USING (stage_task_id);
  RETURN v_told || board.advance_cases(p_tenant, v_moves, p_now);
END
$$;

-- Takes one reason to wait away from the tasks named, and queues those for which it was the last. Internal, under the cases'
-- locks. Returns the events.
CREATE OR REPLACE FUNCTION board.stop_waiting(
  p_tenant integer, p_tasks uuid[], p_reason text, p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_free uuid[];
BEGIN
  WITH gone AS (
    DELETE FROM board.task_waiting w
    WHERE w.tenant_id = p_tenant AND w.task_id = ANY (p_tasks) AND w.reason = p_reason RETURNING w.task_id)
  SELECT array_agg(DISTINCT g.task_id) INTO v_free FROM gone g;
  RETURN board.queue_tasks(p_tenant, v_free, p_actor, p_now);
END
$$;

-- Promises that the signal reaches the case once: a stage that waits for it ends as 'received', and one that will wait for it finds
-- it. Verdicts: 'sent', 'repeated' (one of that name is still there), 'closed', 'unknown'. Locks the case.
CREATE OR REPLACE FUNCTION board.send_signal(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_body jsonb)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_actor text;
  v_case board.case;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'tell about a case', ARRAY[p_case]);
  v_actor := board.agent_name(p_tenant, p_agent);
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  IF v_case.case_id IS NULL OR v_case.closed_at IS NOT NULL THEN
    RETURN CASE WHEN v_case.case_id IS NULL THEN 'unknown' ELSE 'closed' END;
  END IF;
  INSERT INTO board.signal (tenant_id, case_id, name, body, agent_id, at) VALUES (p_tenant, p_case, p_name, p_body, p_agent, v_now)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN 'repeated';
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[
    ROW('signal.sent', p_case, NULL, v_case.workflow, v_case.stage, NULL, v_actor,
        jsonb_build_object('name', p_name, 'body', p_body), v_now)::board.entry]
    || board.receive_signals(p_tenant, ARRAY[p_case], v_now));
  RETURN 'sent';
END
$$;

-- Lets stages that wait for a signal have the one that is there; it is used up by that. Internal, under the cases' locks.
CREATE OR REPLACE FUNCTION board.receive_signals(p_tenant integer, p_cases uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_signal record;
  v_told board.entry[];
BEGIN
  FOR v_signal IN
    WITH met AS (
      SELECT w.task_id, s.case_id, s.name FROM board.signal s
      JOIN board.task_waiting w ON w.tenant_id = p_tenant AND w.case_id = s.case_id AND w.reason = 'signal' AND w.key = s.name
      WHERE s.tenant_id = p_tenant AND s.case_id = ANY (p_cases))
    DELETE FROM board.signal s USING met m WHERE s.tenant_id = p_tenant AND s.case_id = m.case_id AND s.name = m.name
    RETURNING m.task_id, s.body, board.agent_name(p_tenant, s.agent_id) AS actor
  LOOP
    v_told := v_told || board.complete_tasks(p_tenant, ARRAY[v_signal.task_id], 'received', v_signal.body, v_signal.actor, p_now);
  END LOOP;
  RETURN v_told;
END
$$;

-- What an agent keeps about a customer, by key.
CREATE OR REPLACE FUNCTION board.recall_memory(p_tenant integer, p_agent integer, p_subject text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT jsonb_object_agg(m.key, m.value) FROM board.memory m
          WHERE m.tenant_id = p_tenant AND m.agent_id = p_agent AND m.subject = p_subject);
END
$$;

-- Promises that this agent will find these values under these keys with its next task about that customer; a null forgets a
-- key. Only its own memory can be written.
CREATE OR REPLACE FUNCTION board.keep_memory(p_tenant integer, p_agent integer, p_subject text, p_values jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  DELETE FROM board.memory m USING jsonb_each(p_values) AS v
  WHERE m.tenant_id = p_tenant AND m.agent_id = p_agent AND m.subject = p_subject AND m.key = v.key AND v.value = 'null';
  INSERT INTO board.memory AS m (tenant_id, agent_id, subject, key, value, version, at)
  SELECT p_tenant, p_agent, p_subject, v.key, v.value, 1, board.clock() FROM jsonb_each(p_values) AS v WHERE v.value <> 'null'
  ON CONFLICT (agent_id, subject, key) DO UPDATE SET value = excluded.value, version = m.version + 1, at = excluded.at;
END
$$;
