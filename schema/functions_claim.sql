-- Claiming work.

-- What a claimer is handed with a task: the case as it was asked for, and what earlier stages decided, oldest first.
CREATE OR REPLACE FUNCTION board.bundle_context(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'payload', c.payload, 'subject', c.subject, 'business_key', c.business_key, 'priority', c.priority,
      'opened_at', c.opened_at,
      'decisions', (
        SELECT coalesce(jsonb_agg(t.decision || jsonb_build_object('stage', t.stage, 'at', t.finished_at) ORDER BY t.seq), '[]')
        FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = p_case AND t.decision IS NOT NULL))
    FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case);
END
$$;

-- Promises that each task returned is held by this agent alone, under a fence higher than any before, until its deadline
-- by the database's clock. Takes up to p_limit tasks of the capabilities named, most urgent first (priority, then due
-- time, then age), and never waits for a lock: what others are taking is skipped.
--
-- One index probe per capability, merged afterwards: a single scan over several capabilities could not follow the index
-- order and would sort the whole queue. Rows are then addressed by arrays of their keys and not by joins: on a table without
-- statistics, as every table is on its first day, a join may read all tasks for each one (78 tasks/s with 20,000 ready, against
-- thousands this way). Lock order: ready rows (SKIP LOCKED), then the new lease and the task. The case is
-- not locked: whoever ends a case deletes ready rows before leases, and so meets this claim at one of the two.
CREATE OR REPLACE FUNCTION board.claim_tasks(
  p_tenant integer, p_agent integer, p_session uuid, p_claim_id text, p_capabilities text[], p_limit integer, p_lease_s integer)
RETURNS TABLE (task_id uuid, case_id uuid, workflow text, stage text, capability text, fence bigint, attempt integer,
               lease_s integer, deadline_at timestamptz, context jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_agent board.agent;
  v_now timestamptz := board.clock();
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO STRICT v_agent FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  IF v_agent.state <> 'active' OR NOT p_capabilities <@ v_agent.capabilities THEN
    RAISE EXCEPTION 'agent % may not claim %', v_agent.name, p_capabilities USING ERRCODE = 'BB403';
  END IF;
  RETURN QUERY
  WITH pick AS MATERIALIZED (
    SELECT c.* FROM unnest(p_capabilities) AS w (capability)
    CROSS JOIN LATERAL (
      SELECT r.ctid AS row_id, r.* FROM board.task_ready r
      WHERE r.tenant_id = p_tenant AND r.capability = w.capability
      ORDER BY r.priority, r.due_at, r.seq LIMIT p_limit FOR UPDATE SKIP LOCKED) c
    ORDER BY c.priority, c.due_at, c.seq LIMIT p_limit),
  gone AS (
    DELETE FROM board.task_ready r WHERE r.ctid = ANY (ARRAY(SELECT p.row_id FROM pick p)) RETURNING r.task_id),
  held AS (
    UPDATE board.task t SET state = 'claimed', fence = t.fence + 1
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (ARRAY(SELECT g.task_id FROM gone g))
    RETURNING t.*),
  lease AS (
    INSERT INTO board.task_lease (tenant_id, task_id, case_id, fence, agent_id, session_id, claim_id, lease_s, granted_at,
                                  deadline_at)
    SELECT p_tenant, h.task_id, h.case_id, h.fence, p_agent, p_session, p_claim_id, l.lease_s, v_now,
           v_now + make_interval(secs => l.lease_s)
    FROM held h JOIN board.stage s ON s.workflow_id = h.workflow_id AND s.name = h.stage
    CROSS JOIN LATERAL (SELECT coalesce(p_lease_s, s.lease_s) AS lease_s) l
    RETURNING task_id, lease_s, deadline_at),
  told AS (
    INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
    SELECT p_tenant, 'task.claimed', h.case_id, h.task_id, h.workflow, h.stage, h.capability, v_agent.name,
           jsonb_build_object('fence', h.fence, 'attempt', h.failures + h.rescues + 1, 'deadline_at', l.deadline_at), v_now
    FROM held h JOIN lease l USING (task_id) ORDER BY h.seq)
  SELECT h.task_id, h.case_id, h.workflow, h.stage, h.capability, h.fence, h.failures + h.rescues + 1, l.lease_s, l.deadline_at,
         board.bundle_context(p_tenant, h.case_id)
  FROM held h JOIN lease l USING (task_id) ORDER BY h.priority, h.due_at, h.seq;
END
$$;
