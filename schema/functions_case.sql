-- Opening cases, and ending them from outside.
--
-- Lock order, kept by every function of this folder: case → task_scheduled → task_ready → task_waiting → task_lease → task. Rows of
-- one kind are locked in the order of their keys; leases are touched under the locks of their cases alone. Work flows in the same
-- direction, so whoever removes a task meets it at the next table at the latest.

-- Promises one verdict per item, in order: 'opened', 'unknown_workflow', 'other_version' (the workflow's newest version is not the
-- one that the item names and was checked against) or 'duplicate' (the business key has a case already). Each case opened has
-- the tasks of its first stage, and a number if its workflow gives numbers. An item: {workflow, version, payload, business_key, subject, entities, priority, due_at,
-- start_at, after}; work begins at start_at, and when the cases that `after` names have ended. Takes no lock but those
-- of its own new rows, and of the cases it comes after, in key order; of two openers with one business key the second waits for
-- the first and is told 'duplicate'. Business keys are taken in their order, so that two bulks with the same ones never
-- deadlock.
CREATE OR REPLACE FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb)
RETURNS TABLE (verdict text, case_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_actor text;
  v_now timestamptz := board.clock();
  v_ids uuid[] := ARRAY(SELECT board.new_id() FROM jsonb_array_elements(p_items));
  v_else text[];
  v_opened uuid[];
  v_gated uuid[];
  v_told board.entry[];
  v_has_duties boolean;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_opening(p_items);
  v_actor := board.agent_name(p_tenant, p_agent);
  WITH item AS MATERIALIZED (
    SELECT i.n, v_ids[i.n] AS case_id, i.item, w.workflow_id, w.first_stage, w.tasks, w.has_duties, w.is_numbered,
           CASE WHEN w.version IS NULL THEN 'unknown_workflow' WHEN w.version <> (i.item ->> 'version')::integer THEN 'other_version'
           ELSE 'duplicate' END AS verdict_else
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, n)
    LEFT JOIN LATERAL (
      SELECT w.workflow_id, w.version, w.first_stage, w.has_duties, w.is_numbered, s.tasks FROM board.workflow w
      JOIN board.stage s ON s.workflow_id = w.workflow_id AND s.name = w.first_stage
      WHERE w.tenant_id = p_tenant AND w.name = i.item ->> 'workflow' ORDER BY w.version DESC LIMIT 1) w ON true),
  opened AS (
    INSERT INTO board.case AS c (tenant_id, case_id, workflow_id, workflow, business_key, subject, entities, payload, stage,
                                 open_tasks, priority, due_at, parent_task, opened_by, opened_at, number)
    SELECT p_tenant, i.case_id, i.workflow_id, i.item ->> 'workflow', i.item ->> 'business_key', i.item ->> 'subject',
           ARRAY(SELECT e FROM jsonb_array_elements_text(coalesce(i.item -> 'entities', '[]')) AS e),
           i.item -> 'payload', i.first_stage, i.tasks, coalesce((i.item ->> 'priority')::smallint, 5::smallint),
           coalesce((i.item ->> 'due_at')::timestamptz, 'infinity'), (i.item ->> 'parent_task')::uuid, p_agent, v_now,
           CASE WHEN i.is_numbered THEN nextval('board.case_number') END
    FROM item i WHERE i.verdict_else = 'duplicate' ORDER BY i.item ->> 'business_key' NULLS FIRST, i.item ->> 'workflow', i.n
    ON CONFLICT (tenant_id, workflow, business_key) WHERE business_key IS NOT NULL DO NOTHING
    RETURNING c.*)
  SELECT (SELECT array_agg(i.verdict_else ORDER BY i.n) FROM item i),
         (SELECT bool_or(i.has_duties) FROM item i),
         array_agg(o.case_id),
         array_agg(ROW('case.opened', o.case_id, NULL, o.workflow, o.stage, NULL, v_actor, jsonb_build_object(
           'state', 'active', 'subject', o.subject, 'business_key', o.business_key, 'priority', o.priority, 'version', 1, 'number', o.number),
           v_now)::board.entry)
  INTO v_else, v_has_duties, v_opened, v_told FROM opened o;
  IF v_has_duties AND v_opened IS NOT NULL THEN
    PERFORM board.note_duties(p_tenant, v_opened, array_fill(p_agent, ARRAY[cardinality(v_opened)]),
                              array_fill('maker'::text, ARRAY[cardinality(v_opened)]), NULL);
  END IF;
  v_gated := ARRAY(
    SELECT v_ids[i.n] FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, n)
    WHERE v_ids[i.n] = ANY (v_opened) AND (i.item ->> 'start_at' IS NOT NULL OR jsonb_array_length(i.item -> 'after') > 0));
  IF board.actions_are_authorized(p_tenant) THEN
    v_told := v_told || board.propose_declared(p_tenant, v_opened, p_agent, v_actor, v_now);
  END IF;
  v_told := v_told
    || board.enter_stages(p_tenant, ARRAY(SELECT o FROM unnest(v_opened) AS o WHERE o <> ALL (v_gated)), v_actor, v_now)
    || board.enter_later(p_tenant, v_gated, v_ids, p_items, v_actor, v_now);
  PERFORM board.record_events(p_tenant, v_told);
  RETURN QUERY
  SELECT CASE WHEN c.case_id IS NULL THEN v_else[i.n] ELSE 'opened' END, c.case_id
  FROM unnest(v_ids) WITH ORDINALITY AS i (case_id, n)
  LEFT JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = i.case_id ORDER BY i.n;
END
$$;

-- Enters the first stages of cases that must wait for a time (start_at) or for other cases (after): their tasks are there, and keep
-- waiting until the last gate is open. Cases waited for are marked as watched; they are locked in key order.
CREATE OR REPLACE FUNCTION board.enter_later(
  p_tenant integer, p_gated uuid[], p_ids uuid[], p_items jsonb, p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_after uuid[];
BEGIN
  IF cardinality(p_gated) = 0 THEN
    RETURN NULL;
  END IF;
  v_after := ARRAY(
    SELECT c.case_id FROM board.case c
    WHERE c.tenant_id = p_tenant AND c.closed_at IS NULL AND c.case_id = ANY (ARRAY(
      SELECT a::uuid FROM jsonb_array_elements(p_items) AS i, jsonb_array_elements_text(coalesce(i -> 'after', '[]')) AS a))
    ORDER BY c.case_id FOR NO KEY UPDATE);
  UPDATE board.case c SET watched = true WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_after) AND NOT c.watched;
  PERFORM board.enter_stages(p_tenant, p_gated, p_actor, p_now, true);
  WITH gated AS (
    SELECT t.task_id, t.case_id, i.item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, n)
    JOIN board.task t ON t.tenant_id = p_tenant AND t.case_id = p_ids[i.n] WHERE p_ids[i.n] = ANY (p_gated)),
  timed AS (
    INSERT INTO board.timer (tenant_id, case_id, visit, kind, fires_at)
    SELECT DISTINCT p_tenant, g.case_id, 1, 'start', (g.item ->> 'start_at')::timestamptz FROM gated g
    WHERE (g.item ->> 'start_at')::timestamptz > p_now)
  INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, about, since)
  SELECT p_tenant, g.task_id, g.case_id, 'start', '', jsonb_build_object('at', g.item ->> 'start_at'), p_now
  FROM gated g WHERE (g.item ->> 'start_at')::timestamptz > p_now
  UNION
  SELECT p_tenant, g.task_id, g.case_id, 'after', a, '{}', p_now
  FROM gated g, jsonb_array_elements_text(coalesce(g.item -> 'after', '[]')) AS a WHERE a::uuid = ANY (v_after);
  RETURN board.queue_tasks(p_tenant, ARRAY(
    SELECT t.task_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = ANY (p_gated)), p_actor, p_now);
END
$$;

-- Promises that the cases named end as 'withdrawn' and that nobody can work on them any more: tasks that wait leave the
-- queue, claims that run are revoked (their holders get 409 'cancelled'). Where the workflow names a stage `compensate`, the
-- case goes there instead of ending, so that what was done is undone. Verdicts: 'cancelled', 'compensating', 'unknown',
-- 'closed' (it had ended before), 'in_flight' (an authorized action was sent, and nobody knows yet what came of it). Locks the cases first, then follows the flow of work; see the lock order above.
CREATE OR REPLACE FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text)
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actor text;
  v_now timestamptz := board.clock();
  v_live uuid[];
  v_in_flight uuid[] := '{}';
  v_compensating uuid[];
  v_ended board.case[];
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'cancel a case', p_cases);
  v_actor := board.agent_name(p_tenant, p_agent);
  v_live := ARRAY(
    SELECT c.case_id FROM board.case c
    WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) AND c.closed_at IS NULL
    ORDER BY c.case_id FOR NO KEY UPDATE);
  IF board.actions_are_authorized(p_tenant) THEN
    v_in_flight := board.find_in_flight(p_tenant, v_live);
    v_live := ARRAY(SELECT l FROM unnest(v_live) AS l WHERE l <> ALL (v_in_flight));
    v_told := board.lapse_actions(p_tenant, v_live, v_actor, 'the case was withdrawn', v_now);
  END IF;
  v_told := v_told || board.withdraw_tasks(p_tenant, v_live, v_actor, p_reason, v_now);
  v_compensating := board.start_compensation(p_tenant, v_live);
  WITH ended AS (
    UPDATE board.case c SET state = 'terminated', outcome = 'withdrawn', open_tasks = 0, closed_at = v_now, version = c.version + 1
    WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_live) AND c.case_id <> ALL (v_compensating) RETURNING c.*)
  SELECT array_agg(e) INTO v_ended FROM ended e;
  v_told := v_told || ARRAY(
    SELECT ROW('case.closed', c.case_id, NULL, c.workflow, c.stage, NULL, v_actor,
               jsonb_build_object('state', c.state, 'outcome', c.outcome, 'version', c.version, 'reason', p_reason),
               v_now)::board.entry FROM unnest(v_ended) AS c);
  PERFORM board.ring_watchers(v_ended);
  PERFORM board.record_events(p_tenant, v_told || board.enter_stages(p_tenant, v_compensating, v_actor, v_now));
  RETURN ARRAY(
    SELECT CASE WHEN p.case_id = ANY (v_compensating) THEN 'compensating' WHEN p.case_id = ANY (v_live) THEN 'cancelled'
                WHEN p.case_id = ANY (v_in_flight) THEN 'in_flight' WHEN c.case_id IS NULL THEN 'unknown' ELSE 'closed' END
    FROM unnest(p_cases) WITH ORDINALITY AS p (case_id, n)
    LEFT JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p.case_id
    ORDER BY p.n);
END
$$;

-- Sends cancelled cases to the stage `compensate`, where their workflow has one, something was done already, and they are not
-- there yet. Returns those.
CREATE OR REPLACE FUNCTION board.start_compensation(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_sent uuid[];
BEGIN
  WITH sent AS (
    UPDATE board.case c
    SET state = 'active', stage = s.name, visit = c.visit + 1, open_tasks = s.tasks, standing = NULL, standing_rank = NULL,
        version = c.version + 1
    FROM board.stage s
    WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) AND s.workflow_id = c.workflow_id AND s.name = 'compensate'
      AND c.stage <> 'compensate' AND c.visit > 1
    RETURNING c.case_id)
  SELECT coalesce(array_agg(s.case_id), '{}') INTO v_sent FROM sent s;
  RETURN v_sent;
END
$$;
