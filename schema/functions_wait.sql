-- What tasks wait for, and how it reaches them: facts, signals, other cases.

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

CREATE OR REPLACE FUNCTION board.describe_fact(f board.fact) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('version', f.version, 'value', f.value, 'confidence', f.confidence, 'source', f.source, 'at', f.at,
  'by', (SELECT a.name FROM board.agent a WHERE a.agent_id = f.agent_id));

-- Promises one verdict per fact, in order: 'kept' with its version, or 'stale' when the version it expects is not the newest
-- (0: there is none yet). Facts: [{key, value, expect?, confidence?, source?}]. With a task and fence, only its holder may; a
-- reason against the holder refuses all, and so does a task of another case ('unknown_task'). Tasks of the case that wait for
-- such a fact are queued; conditions over facts are the planner's. Locks the case.
CREATE OR REPLACE FUNCTION board.put_facts(
  p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb)
RETURNS TABLE (verdict text, version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_actor text;
  v_case board.case;
  v_judged record;
  v_fact record;
  v_newest integer;
  v_told board.entry[];
  v_kept text[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_actor := board.agent_name(p_tenant, p_agent);
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  IF v_case.case_id IS NULL OR v_case.closed_at IS NOT NULL THEN
    RETURN QUERY SELECT CASE WHEN v_case.case_id IS NULL THEN 'unknown' ELSE 'closed' END, NULL::integer
    FROM jsonb_array_elements(p_facts);
    RETURN;
  END IF;
  IF p_task IS NOT NULL AND NOT EXISTS (
       SELECT FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND t.case_id = p_case) THEN
    RETURN QUERY SELECT 'unknown_task', NULL::integer FROM jsonb_array_elements(p_facts);
    RETURN;
  END IF;
  IF p_task IS NOT NULL AND cardinality(
       board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now)) = 0 THEN
    SELECT * INTO v_judged FROM board.judge_refused(
      p_tenant, 'put_facts', '{}', ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], ARRAY[p_facts], '{}', v_now);
    PERFORM board.record_events(p_tenant, v_judged.told);
    RETURN QUERY SELECT v_judged.reasons[1], NULL::integer FROM jsonb_array_elements(p_facts);
    RETURN;
  END IF;
  IF p_task IS NOT NULL THEN
    PERFORM board.hear_holder(p_tenant, p_task);
  END IF;
  FOR v_fact IN
    SELECT f.key, f.value, f.expect, f.confidence, f.source
    FROM jsonb_to_recordset(p_facts) AS f (key text, value jsonb, expect integer, confidence double precision, source text)
  LOOP
    SELECT max(f.version) INTO v_newest FROM board.fact f
    WHERE f.tenant_id = p_tenant AND f.case_id = p_case AND f.key = v_fact.key;
    IF v_fact.expect <> coalesce(v_newest, 0) THEN
      RETURN QUERY SELECT 'stale', v_newest;
      CONTINUE;
    END IF;
    v_newest := coalesce(v_newest, 0) + 1;
    INSERT INTO board.fact (tenant_id, case_id, key, version, value, confidence, source, agent_id, task_id, fence, case_version,
                            at)
    VALUES (p_tenant, p_case, v_fact.key, v_newest, coalesce(v_fact.value, 'null'), v_fact.confidence, v_fact.source, p_agent,
            p_task, p_fence, v_case.version + 1, v_now);
    v_kept := v_kept || v_fact.key;
    v_told := v_told || ROW('fact.put', p_case, p_task, v_case.workflow, v_case.stage, NULL, v_actor, jsonb_build_object(
      'key', v_fact.key, 'version', v_newest, 'value', v_fact.value, 'confidence', v_fact.confidence, 'source', v_fact.source,
      'fence', p_fence), v_now)::board.entry;
    RETURN QUERY SELECT 'kept', v_newest;
  END LOOP;
  UPDATE board.case c SET version = c.version + 1
  WHERE c.tenant_id = p_tenant AND c.case_id = p_case AND v_kept IS NOT NULL;
  PERFORM board.record_events(p_tenant, v_told || board.stop_waiting(p_tenant, ARRAY(
    SELECT w.task_id FROM board.task_waiting w
    WHERE w.tenant_id = p_tenant AND w.case_id = p_case AND w.reason = 'input' AND w.key = ANY (v_kept)), 'input', 'board', v_now));
END
$$;

-- Promises that the conditions are known to hold: tasks that waited for them are queued, where their case is still at the version
-- that was looked at. Where it moved on, nothing happens. Returns how many stopped waiting. Locks the cases in key order.
CREATE OR REPLACE FUNCTION board.meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_met uuid[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) ORDER BY c.case_id FOR NO KEY UPDATE;
  v_met := ARRAY(
    SELECT i.task_id FROM unnest(p_tasks, p_cases, p_versions) AS i (task_id, case_id, version)
    JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = i.case_id AND c.version = i.version
    JOIN board.task_waiting w ON w.tenant_id = p_tenant AND w.task_id = i.task_id AND w.reason = 'when');
  PERFORM board.record_events(p_tenant, board.stop_waiting(p_tenant, v_met, 'when', 'board', v_now));
  RETURN cardinality(v_met);
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
