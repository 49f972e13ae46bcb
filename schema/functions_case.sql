-- Opening, advancing and cancelling cases.
--
-- Lock order, kept by every function of this folder: case → task_scheduled → task_ready → task_lease → task. Rows of one
-- kind are locked in the order of their keys. Work flows in the same direction (scheduled, ready, leased), so whoever
-- removes a task meets it at the next table at the latest.

-- Promises that every task named is in the ready table exactly once, and that the journal says so. Called in the
-- transaction that made the tasks ready and holds their cases or their schedule, so no one else can be doing the same.
CREATE OR REPLACE FUNCTION board.put_ready(p_tenants integer[], p_tasks uuid[], p_actor text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  WITH task AS (
    SELECT t.* FROM unnest(p_tenants, p_tasks) AS p (tenant_id, task_id) JOIN board.task t USING (tenant_id, task_id)
    WHERE t.task_id = ANY (p_tasks)),
  ready AS (
    INSERT INTO board.task_ready (tenant_id, capability, priority, due_at, seq, task_id)
    SELECT t.tenant_id, t.capability, t.priority, t.due_at, t.seq, t.task_id FROM task t)
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  SELECT t.tenant_id, 'task.ready', t.case_id, t.task_id, t.workflow, t.stage, t.capability, p_actor,
         jsonb_build_object('attempt', t.failures + t.rescues + 1), p_now
  FROM task t ORDER BY t.seq;
END
$$;

-- Promises one verdict per item, in order: 'opened', 'unknown_workflow' or 'duplicate' (the business key has a case
-- already, whose id is returned). Each case opened has its first task ready. An item: {workflow, payload, business_key,
-- subject, priority, due_at}. Takes no lock but those of its own new rows; of two openers with one business key the second
-- waits for the first and is told 'duplicate'.
CREATE OR REPLACE FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb)
RETURNS TABLE (n integer, verdict text, case_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_actor text;
  v_now timestamptz := board.clock();
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT a.name INTO STRICT v_actor FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT i.n::integer, board.new_id() AS case_id, w.workflow_id, w.first_stage,
           i.item ->> 'workflow' AS workflow, i.item ->> 'business_key' AS business_key, i.item ->> 'subject' AS subject,
           i.item -> 'payload' AS payload, coalesce((i.item ->> 'priority')::smallint, 5::smallint) AS priority,
           coalesce((i.item ->> 'due_at')::timestamptz, 'infinity') AS due_at
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, n)
    LEFT JOIN LATERAL (
      SELECT w.workflow_id, w.first_stage FROM board.workflow w
      WHERE w.tenant_id = p_tenant AND w.name = i.item ->> 'workflow' ORDER BY w.version DESC LIMIT 1) w ON true),
  opened AS (
    INSERT INTO board.case (tenant_id, case_id, workflow_id, workflow, business_key, subject, payload, stage, priority,
                            due_at, opened_by, opened_at)
    SELECT p_tenant, i.case_id, i.workflow_id, i.workflow, i.business_key, i.subject, i.payload, i.first_stage, i.priority,
           i.due_at, p_agent, v_now
    FROM item i WHERE i.workflow_id IS NOT NULL ORDER BY i.n
    ON CONFLICT (tenant_id, workflow, business_key) WHERE business_key IS NOT NULL DO NOTHING
    RETURNING case_id, workflow_id, workflow, stage, priority, due_at, subject, business_key),
  task AS (
    INSERT INTO board.task (tenant_id, task_id, case_id, workflow_id, workflow, stage, capability, priority, due_at, created_at)
    SELECT p_tenant, board.new_id(), o.case_id, o.workflow_id, o.workflow, o.stage, s.capability, o.priority, o.due_at, v_now
    FROM opened o JOIN item i USING (case_id)
    JOIN board.stage s ON s.workflow_id = o.workflow_id AND s.name = o.stage ORDER BY i.n
    RETURNING *),
  ready AS (
    INSERT INTO board.task_ready (tenant_id, capability, priority, due_at, seq, task_id)
    SELECT t.tenant_id, t.capability, t.priority, t.due_at, t.seq, t.task_id FROM task t),
  told AS (
    INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
    SELECT p_tenant, e.type, t.case_id, e.task_id, t.workflow, t.stage, e.capability, v_actor, e.body, v_now
    FROM task t JOIN opened o USING (case_id) JOIN item i USING (case_id)
    CROSS JOIN LATERAL (VALUES
      (1, 'case.opened', NULL::uuid, NULL::text, jsonb_build_object(
         'state', 'active', 'subject', o.subject, 'business_key', o.business_key, 'priority', o.priority, 'version', 1)),
      (2, 'task.ready', t.task_id, t.capability, jsonb_build_object('attempt', 1))) AS e (step, type, task_id, capability, body)
    ORDER BY i.n, e.step)
  SELECT i.n,
         CASE WHEN i.workflow_id IS NULL THEN 'unknown_workflow' WHEN o.case_id IS NULL THEN 'duplicate' ELSE 'opened' END,
         o.case_id
  FROM item i LEFT JOIN opened o USING (case_id) ORDER BY i.n;
END
$$;

-- Promises that each case takes the route of its outcome: on to the next stage with a task ready, or to its end. Internal:
-- callers hold the cases' row locks and have ended the task that brought the outcome. An outcome without a route
-- ('exhausted' where the workflow names none) ends the case as 'failed', so that no case is left without a next step.
CREATE OR REPLACE FUNCTION board.advance_cases(p_moves board.move[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_cases uuid[] := ARRAY(SELECT m.case_id FROM unnest(p_moves) AS m);
BEGIN
  WITH step AS MATERIALIZED (
    SELECT m.*, r.next_stage,
           CASE WHEN r.next_stage IS NULL THEN coalesce(r.case_outcome, 'failed') END AS case_outcome
    FROM unnest(p_moves) AS m
    JOIN board.case c ON c.tenant_id = m.tenant_id AND c.case_id = m.case_id AND c.case_id = ANY (v_cases)
      AND c.state = 'active'
    LEFT JOIN board.route r ON r.workflow_id = c.workflow_id AND r.stage = m.stage AND r.outcome = m.outcome),
  moved AS (
    UPDATE board.case c
    SET stage = coalesce(s.next_stage, c.stage), outcome = s.case_outcome, version = c.version + 1,
        state = CASE WHEN s.next_stage IS NULL THEN 'completed' ELSE 'active' END,
        closed_at = CASE WHEN s.next_stage IS NULL THEN v_now END
    FROM step s WHERE c.tenant_id = s.tenant_id AND c.case_id = s.case_id AND c.case_id = ANY (v_cases)
    RETURNING c.*, s.stage AS from_stage, s.outcome AS by_outcome, s.actor),
  task AS (
    INSERT INTO board.task (tenant_id, task_id, case_id, workflow_id, workflow, stage, capability, priority, due_at, created_at)
    SELECT c.tenant_id, board.new_id(), c.case_id, c.workflow_id, c.workflow, c.stage, s.capability, c.priority, c.due_at, v_now
    FROM moved c JOIN board.stage s ON s.workflow_id = c.workflow_id AND s.name = c.stage
    WHERE c.state = 'active' ORDER BY c.tenant_id, c.case_id
    RETURNING *),
  ready AS (
    INSERT INTO board.task_ready (tenant_id, capability, priority, due_at, seq, task_id)
    SELECT t.tenant_id, t.capability, t.priority, t.due_at, t.seq, t.task_id FROM task t)
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  SELECT e.tenant_id, e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor, e.body, v_now
  FROM (
    SELECT 1 AS step, c.tenant_id, CASE c.state WHEN 'active' THEN 'case.moved' ELSE 'case.closed' END AS type, c.case_id,
           NULL::uuid AS task_id, c.workflow, c.stage, NULL::text AS capability, c.actor,
           jsonb_build_object('state', c.state, 'from_stage', c.from_stage, 'by_outcome', c.by_outcome,
                              'outcome', c.outcome, 'version', c.version) AS body
    FROM moved c
    UNION ALL
    SELECT 2, t.tenant_id, 'task.ready', t.case_id, t.task_id, t.workflow, t.stage, t.capability, c.actor,
           jsonb_build_object('attempt', 1)
    FROM task t JOIN moved c USING (tenant_id, case_id)) e
  ORDER BY e.tenant_id, e.case_id, e.step;
END
$$;

-- Promises that the cases named end as 'withdrawn' and that nobody can work on them any more: tasks that wait leave the
-- queue, claims that run are revoked (their holders get 409 'cancelled'). Verdicts: 'cancelled', 'unknown', 'closed' (it had
-- ended before). Locks the cases first, then follows the flow of work; see the lock order above.
CREATE OR REPLACE FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text)
RETURNS TABLE (n integer, verdict text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor text;
  v_now timestamptz := board.clock();
  v_live uuid[];
  v_tasks uuid[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT a.name INTO STRICT v_actor FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  SELECT array_agg(l.case_id) INTO v_live FROM (
    SELECT c.case_id FROM board.case c
    WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) AND c.state = 'active'
    ORDER BY c.case_id FOR NO KEY UPDATE) l;
  SELECT array_agg(t.task_id) INTO v_tasks FROM board.task t
  WHERE t.tenant_id = p_tenant AND t.case_id = ANY (v_live) AND t.state IN ('ready', 'scheduled', 'claimed');
  DELETE FROM board.task_scheduled s WHERE s.tenant_id = p_tenant AND s.task_id = ANY (v_tasks);
  DELETE FROM board.task_ready r USING board.task t
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_tasks)
    AND (r.tenant_id, r.capability, r.priority, r.due_at, r.seq) = (t.tenant_id, t.capability, t.priority, t.due_at, t.seq);
  DELETE FROM board.task_lease l WHERE l.tenant_id = p_tenant AND l.task_id = ANY (v_tasks);
  UPDATE board.task t SET state = 'cancelled', finished_at = v_now
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_tasks);
  UPDATE board.case c SET state = 'terminated', outcome = 'withdrawn', closed_at = v_now, version = c.version + 1
  WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_live);
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  SELECT e.* FROM (
    SELECT p_tenant, 'task.cancelled' AS type, t.case_id, t.task_id, t.workflow, t.stage, t.capability, v_actor,
           jsonb_build_object('fence', t.fence, 'reason', p_reason), v_now
    FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_tasks)
    UNION ALL
    SELECT p_tenant, 'case.closed', c.case_id, NULL, c.workflow, c.stage, NULL, v_actor,
           jsonb_build_object('state', c.state, 'outcome', c.outcome, 'version', c.version, 'reason', p_reason), v_now
    FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_live)) e
  ORDER BY e.case_id, e.type DESC;
  RETURN QUERY
  SELECT p.n::integer, CASE WHEN c.case_id IS NULL THEN 'unknown' WHEN c.case_id = ANY (v_live) THEN 'cancelled'
                            ELSE 'closed' END
  FROM unnest(p_cases) WITH ORDINALITY AS p (case_id, n)
  LEFT JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p.case_id
  ORDER BY p.n;
END
$$;
