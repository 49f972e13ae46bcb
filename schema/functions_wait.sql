-- stub
CREATE OR REPLACE FUNCTION board.describe_fact(f board.fact) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('version', f.version, 'value', f.value, 'confidence', f.confidence, 'source', f.source, 'at', f.at,
  'by', (SELECT a.name FROM board.agent a WHERE a.agent_id = f.agent_id));

-- Ends tasks that the board itself was waiting with: done, with the outcome of what came. Internal, under the cases' locks.
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
    SET state = 'done', outcome = p_outcome, finished_at = p_now,
        decision = jsonb_strip_nulls(jsonb_build_object('outcome', p_outcome, 'result', p_result, 'by', p_actor))
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks) AND t.state = 'open' RETURNING t.*)
  SELECT array_agg(ROW('task.decided', e.case_id, e.task_id, s.workflow, s.stage, s.capability, p_actor,
                       jsonb_build_object('fence', e.fence) || e.decision, p_now)::board.entry ORDER BY e.seq),
         array_agg(ROW(e.case_id, s.workflow_id, s.stage, p_outcome, p_actor)::board.move ORDER BY e.seq)
  INTO v_told, v_moves FROM ended e JOIN board.stage_task s USING (stage_task_id);
  RETURN v_told || board.advance_cases(p_tenant, v_moves, p_now);
END
$$;
CREATE OR REPLACE FUNCTION board.claims_are_restricted(p_tenant integer, p_agents integer[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant)
    OR EXISTS (SELECT FROM board.task_rejection r WHERE r.tenant_id = p_tenant AND r.agent_id = ANY (p_agents));
END
$$;
CREATE OR REPLACE FUNCTION board.recall_memory(p_tenant integer, p_agent integer, p_subject text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT jsonb_object_agg(m.key, m.value) FROM board.memory m
          WHERE m.tenant_id = p_tenant AND m.agent_id = p_agent AND m.subject = p_subject);
END
$$;
CREATE OR REPLACE FUNCTION board.receive_signals(p_tenant integer, p_cases uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN RETURN NULL; END
$$;
