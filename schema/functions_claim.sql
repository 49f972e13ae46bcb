-- Claiming work.

-- What an earlier stage decided and what is known of the case so far, for a holder who comes later: decisions oldest first, the
-- newest version of each fact.
CREATE OR REPLACE FUNCTION board.gather_history(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN jsonb_build_object(
    'decisions', (
      SELECT coalesce(jsonb_agg(t.decision || jsonb_build_object('by', t.decided_by, 'stage', s.stage, 'at', t.finished_at)
                                ORDER BY t.seq), '[]')
      FROM board.task t JOIN board.stage_task s USING (stage_task_id)
      WHERE t.tenant_id = p_tenant AND t.case_id = p_case AND t.decision IS NOT NULL),
    'facts', board.describe_facts(p_tenant, p_case));
END
$$;

-- The ready rows to take, locked: up to p_limit of these queues, most urgent first (priority, then due time, then age). One
-- index probe per queue, merged afterwards: a single scan over several queues could not follow the index
-- order and would sort the whole queue. Never waits: what others are taking is skipped.
CREATE OR REPLACE FUNCTION board.pick_ready(p_queues integer[], p_limit integer) RETURNS tid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT c.row_id FROM unnest(p_queues) AS w (queue_id)
    CROSS JOIN LATERAL (
      SELECT r.ctid AS row_id, r.priority, r.due_at, r.seq FROM board.task_ready r
      WHERE r.queue_id = w.queue_id
      ORDER BY r.priority, r.due_at, r.seq LIMIT p_limit FOR UPDATE SKIP LOCKED) c
    ORDER BY c.priority, c.due_at, c.seq LIMIT p_limit);
END
$$;

-- Promises that each task returned is held by one agent alone, under a fence higher than any before, until its deadline by
-- the database's clock. Several agents with the same capabilities may ask at once: p_agents and the arrays after it have an
-- element per wish, and a task's n says whose it is. Tasks are dealt round by round, so that nobody gets a second one while
-- another who asked has none. A wish of an agent that may not have these capabilities, its own or delegated ones, gets one row
-- without a task.
--
-- Lock order: ready rows (SKIP LOCKED), then the new lease. Nothing is waited for, and neither case nor task is touched: whoever
-- ends a case deletes ready rows before leases, and so meets this claim at one of the two.
CREATE OR REPLACE FUNCTION board.claim_tasks(
  p_tenant integer, p_capabilities text[], p_agents integer[], p_sessions uuid[], p_claim_ids text[], p_limits integer[],
  p_lease_s integer[])
RETURNS TABLE (n integer, task_id uuid, case_id uuid, workflow text, stage text, name text, capability text, fence bigint,
               attempt integer, lease_s integer, deadline_at timestamptz, payload jsonb, subject text, business_key text,
               priority smallint, opened_at timestamptz, history jsonb, progress jsonb, memory jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_queues integer[];
  v_are_choosy boolean;
  v_barred integer[];
  v_rows tid[];
  v_wishes integer[];  -- whose each row is: an index into the arrays of wishes
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_claim(p_capabilities);
  SELECT coalesce(array_agg(q.queue_id), '{}'), bool_or(q.is_choosy) INTO v_queues, v_are_choosy
  FROM board.queue q WHERE q.tenant_id = p_tenant AND q.capability = ANY (p_capabilities);
  SELECT array_agg(w.n) INTO v_barred FROM unnest(p_agents) WITH ORDINALITY AS w (agent_id, n)
  WHERE NOT EXISTS (
    SELECT FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = w.agent_id AND a.state = 'active'
      AND CASE WHEN p_capabilities <@ a.capabilities THEN true
               ELSE p_capabilities <@ (a.capabilities || board.delegated_capabilities(p_tenant, a.agent_id)) END);
  IF v_barred IS NOT NULL OR v_are_choosy OR current_setting('board.scope', true) > '' OR board.claims_are_restricted(p_tenant, p_agents) THEN
    SELECT s.row_ids, s.wishes INTO v_rows, v_wishes
    FROM board.sift_ready(p_tenant, v_queues, p_agents, p_limits, coalesce(v_barred, '{}'), v_now) s;
    RETURN QUERY SELECT b, NULL::uuid, NULL::uuid, NULL, NULL, NULL, NULL, NULL::bigint, NULL::integer, NULL::integer,
      NULL::timestamptz, NULL::jsonb, NULL, NULL, NULL::smallint, NULL::timestamptz, NULL::jsonb, NULL::jsonb, NULL::jsonb
    FROM unnest(v_barred) AS b;
  ELSE
    v_rows := board.pick_ready(v_queues, (SELECT sum(l)::integer FROM unnest(p_limits) AS l));
    v_wishes := ARRAY(
      SELECT w.n FROM unnest(p_limits) WITH ORDINALITY AS w (slots, n), generate_series(1, w.slots) AS round
      ORDER BY round, w.n LIMIT cardinality(v_rows));
  END IF;
  IF cardinality(v_rows) = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH dealt AS MATERIALIZED (
    SELECT r.*, s.workflow, s.stage, s.name, s.capability, a.name AS actor, w.n, l.lease_s,
           least(v_now + make_interval(secs => l.lease_s), v_now + make_interval(secs => s.attempt_max_s)) AS ends_at,
           c.version, c.payload, c.subject, c.business_key, c.priority AS case_priority, c.opened_at
    FROM unnest(v_rows, v_wishes) WITH ORDINALITY AS w (row_id, n, place)
    JOIN board.task_ready r ON r.ctid = w.row_id
    JOIN board.stage_task s ON s.stage_task_id = r.stage_task_id
    JOIN board.agent a ON a.agent_id = p_agents[w.n]
    JOIN board.case c ON c.case_id = r.case_id
    CROSS JOIN LATERAL (SELECT coalesce(p_lease_s[w.n], s.lease_s) AS lease_s) l
    ORDER BY w.place),
  gone AS (
    DELETE FROM board.task_ready r WHERE r.ctid = ANY (v_rows)),
  lease AS (
    INSERT INTO board.task_lease (tenant_id, task_id, case_id, stage_task_id, fence, attempt, agent_id, session_id, claim_id,
                                  lease_s, granted_at, deadline_at, case_version)
    SELECT p_tenant, d.task_id, d.case_id, d.stage_task_id, d.fence + 1, d.attempt, p_agents[d.n], p_sessions[d.n],
           p_claim_ids[d.n], d.lease_s, v_now, d.ends_at, d.version
    FROM dealt d),
  told AS (
    INSERT INTO board.event_in (tenant_id, size, entries)
    SELECT p_tenant, count(*), array_agg(ROW(
      'task.claimed', d.case_id, d.task_id, d.workflow, d.stage, d.capability, d.actor,
      jsonb_build_object('fence', d.fence + 1, 'attempt', d.attempt, 'deadline_at', d.ends_at), v_now)::board.entry)
    FROM dealt d)
  SELECT d.n::integer, d.task_id, d.case_id, d.workflow, d.stage, d.name, d.capability, d.fence + 1, d.attempt, d.lease_s,
         d.ends_at, d.payload, d.subject, d.business_key, d.case_priority, d.opened_at,
         CASE WHEN d.version > 1 THEN board.gather_history(p_tenant, d.case_id) END,
         CASE WHEN d.fence > 0 THEN (SELECT t.progress FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = d.task_id) END,
         CASE WHEN d.subject IS NOT NULL THEN board.recall_memory(p_tenant, p_agents[d.n], d.subject) END
  FROM dealt d;
END
$$;

-- The claims of an agent that it holds under these fences, as they were given to it, for a caller who asks again because the answer
-- was lost. What has ended since is not among them.
CREATE OR REPLACE FUNCTION board.show_claims(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[])
RETURNS TABLE (n integer, task_id uuid, case_id uuid, workflow text, stage text, name text, capability text, fence bigint,
               attempt integer, lease_s integer, deadline_at timestamptz, payload jsonb, subject text, business_key text,
               priority smallint, opened_at timestamptz, history jsonb, progress jsonb, memory jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY
  SELECT 1, l.task_id, l.case_id, s.workflow, s.stage, s.name, s.capability, l.fence, l.attempt, l.lease_s, l.deadline_at,
         c.payload, c.subject, c.business_key, c.priority, c.opened_at,
         CASE WHEN c.version > 1 THEN board.gather_history(p_tenant, l.case_id) END, coalesce(l.progress, t.progress),
         CASE WHEN c.subject IS NOT NULL THEN board.recall_memory(p_tenant, p_agent, c.subject) END
  FROM unnest(p_tasks, p_fences) WITH ORDINALITY AS i (task_id, fence, place)
  JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id AND l.fence = i.fence
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = l.task_id
  JOIN board.stage_task s ON s.stage_task_id = l.stage_task_id
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = l.case_id
  WHERE l.agent_id = p_agent AND l.deadline_at > board.clock()
  ORDER BY i.place;
END
$$;
