-- Agents' sessions, and what an operator sets up in a tenant: agents, keys, workflows.

-- Promises that the session is known and counted alive: starting twice is starting once.
CREATE OR REPLACE FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.session (tenant_id, session_id, agent_id, about, started_at, heartbeat_at)
  VALUES (p_tenant, p_session, p_agent, p_about, v_now, v_now)
  ON CONFLICT (tenant_id, session_id) DO NOTHING;
  IF FOUND THEN
    PERFORM board.record_events(p_tenant, ARRAY[ROW('session.started', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
      jsonb_build_object('session_id', p_session, 'about', p_about), v_now)::board.entry]);
  END IF;
  RETURN v_now;
END
$$;

-- Promises that the sessions named, where they are the agent's own and not ended, count as alive from now. Returns those.
CREATE OR REPLACE FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY
  UPDATE board.session s SET heartbeat_at = board.clock()
  WHERE s.tenant_id = p_tenant AND s.agent_id = p_agent AND s.session_id = ANY (p_sessions) AND s.ended_at IS NULL
  RETURNING s.session_id;
END
$$;

-- Promises that the claims of these sessions run out now; the sweeper takes them back with the next pass. Locks their cases, of all
-- tenants, in key order.
CREATE OR REPLACE FUNCTION board.cut_leases(p_sessions board.session[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_cases uuid[] := ARRAY(
    SELECT c.case_id FROM board.case c
    WHERE c.case_id = ANY (ARRAY(
      SELECT l.case_id FROM unnest(p_sessions) AS s
      JOIN board.task_lease l ON l.tenant_id = s.tenant_id AND l.session_id = s.session_id))
    ORDER BY c.case_id FOR NO KEY UPDATE);
BEGIN
  UPDATE board.task_lease l SET deadline_at = p_now FROM unnest(p_sessions) AS s
  WHERE l.tenant_id = s.tenant_id AND l.session_id = s.session_id AND l.case_id = ANY (v_cases) AND l.deadline_at > p_now;
END
$$;

-- Promises that the session is over, and that claims which it did not give back run out now.
CREATE OR REPLACE FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_ended board.session;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  UPDATE board.session s SET ended_at = v_now
  WHERE s.tenant_id = p_tenant AND s.agent_id = p_agent AND s.session_id = p_session AND s.ended_at IS NULL
  RETURNING s.* INTO v_ended;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.cut_leases(ARRAY[v_ended], v_now);
  PERFORM board.record_events(p_tenant, ARRAY[ROW('session.ended', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('session_id', p_session), v_now)::board.entry]);
  RETURN true;
END
$$;

-- Promises an agent of that name with this owner, role and set of capabilities. For operators.
CREATE OR REPLACE FUNCTION board.add_agent(
  p_tenant integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_agent integer;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.agent (tenant_id, name, owner, kind, role, capabilities)
  VALUES (p_tenant, p_name, p_owner, p_kind, p_role, p_capabilities)
  ON CONFLICT (tenant_id, name) DO UPDATE
  SET owner = excluded.owner, kind = excluded.kind, role = excluded.role, capabilities = excluded.capabilities
  RETURNING agent_id INTO v_agent;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('agent.registered', NULL, NULL, NULL, NULL, NULL, 'board', jsonb_build_object(
    'agent', p_name, 'owner', p_owner, 'kind', p_kind, 'role', p_role, 'capabilities', p_capabilities), board.clock())::board.entry]);
  RETURN v_agent;
END
$$;

-- Promises that the key's secret (its keyed hash) opens the board for the agent. For operators.
CREATE OR REPLACE FUNCTION board.add_key(p_tenant integer, p_agent integer, p_key_id text, p_secret_hash bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.api_key (key_id, tenant_id, agent_id, secret_hash) VALUES (p_key_id, p_tenant, p_agent, p_secret_hash);
END
$$;

-- Promises the newest version of a workflow: the one that is there when its text did not change, else the next number.
-- Running cases keep the version they were opened with, since they name its id. For operators. The table lock makes two
-- loaders of one workflow take turns; nothing that runs cases takes a lock that conflicts with it.
CREATE OR REPLACE FUNCTION board.load_workflow(
  p_tenant integer, p_name text, p_first_stage text, p_definition jsonb, p_digest bytea, p_stages jsonb, p_routes jsonb)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_last board.workflow;
  v_id integer;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  LOCK TABLE board.workflow IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO v_last FROM board.workflow w
  WHERE w.tenant_id = p_tenant AND w.name = p_name ORDER BY w.version DESC LIMIT 1;
  IF v_last.digest = p_digest THEN
    RETURN v_last.version;
  END IF;
  INSERT INTO board.workflow (tenant_id, name, version, first_stage, definition, digest, has_duties, is_numbered)
  VALUES (p_tenant, p_name, coalesce(v_last.version, 0) + 1, p_first_stage, p_definition, p_digest,
          coalesce(jsonb_array_length(nullif(p_definition -> 'apart', 'null')), 0) > 0,
          coalesce((p_definition ->> 'numbered')::boolean, false))
  RETURNING workflow_id INTO v_id;
  INSERT INTO board.stage (workflow_id, tenant_id, name, tasks, join_on, timeout_s, escalations, is_weighed, panel)
  SELECT v_id, p_tenant, s.name, jsonb_array_length(s.tasks), s.join_on, s.timeout_s, s.escalations, coalesce(s.is_weighed, false),
         nullif(s.panel, 'null')
  FROM jsonb_to_recordset(p_stages) AS s (
    name text, tasks jsonb, join_on text, timeout_s integer, escalations jsonb, is_weighed boolean, panel jsonb);
  INSERT INTO board.queue (tenant_id, capability)
  SELECT DISTINCT p_tenant, t ->> 'capability' FROM jsonb_array_elements(p_stages) AS s, jsonb_array_elements(s -> 'tasks') AS t
  ON CONFLICT DO NOTHING;
  INSERT INTO board.stage_task (tenant_id, workflow_id, workflow, stage, queue_id, name, capability, lease_s, attempt_max_s, total_max_s,
                                max_attempts, max_rescues, backoff_s, backoff_max_s, due_in_s, ageing_s, result_schema, awaits,
                                awaited, review, duty, is_seat)
  SELECT p_tenant, v_id, p_name, s.name, q.queue_id, t.*
  FROM jsonb_to_recordset(p_stages) AS s (name text, tasks jsonb)
  CROSS JOIN LATERAL jsonb_to_recordset(s.tasks) AS t (
    name text, capability text, lease_s integer, attempt_max_s integer, total_max_s integer, max_attempts integer,
    max_rescues integer, backoff_s numeric, backoff_max_s numeric, due_in_s integer, ageing_s integer, result_schema jsonb, awaits text,
    awaited jsonb, review jsonb, duty text, is_seat boolean)
  JOIN board.queue q ON q.tenant_id = p_tenant AND q.capability = t.capability;
  UPDATE board.stage g SET is_weighed = true
  FROM board.stage_task k WHERE k.workflow_id = v_id AND k.review IS NOT NULL AND g.workflow_id = v_id AND g.name = k.stage;
  UPDATE board.queue q SET is_choosy = true
  FROM board.stage_task k WHERE k.workflow_id = v_id AND num_nonnulls(k.review, k.duty) > 0 AND q.queue_id = k.queue_id
    AND NOT q.is_choosy;
  PERFORM board.keep_apart(p_tenant, v_id, p_definition -> 'apart');
  INSERT INTO board.route (workflow_id, tenant_id, stage, outcome, rank, decisive, next_stage, case_outcome, authorizes)
  SELECT v_id, p_tenant, r.* FROM jsonb_to_recordset(p_routes) AS r (
    stage text, outcome text, rank smallint, decisive boolean, next_stage text, case_outcome text, authorizes text);
  UPDATE board.stage g SET is_weighed = true FROM board.route r
  WHERE g.workflow_id = v_id AND r.workflow_id = v_id AND r.stage = g.name AND r.authorizes IS NOT NULL;
  INSERT INTO board.workflow_action (tenant_id, workflow_id, kind, fields, expires_in_s)
  SELECT p_tenant, v_id, a.kind, ARRAY(SELECT jsonb_array_elements_text(a.told -> 'fields')), (a.told ->> 'expires_in_s')::integer
  FROM jsonb_each(coalesce(p_definition -> 'actions', '{}')) AS a (kind, told) WHERE jsonb_typeof(a.told -> 'fields') = 'array';
  INSERT INTO board.velocity (tenant_id, workflow_id, kind, rank, of, window_s, count, amount, currency)
  SELECT p_tenant, v_id, a.kind, r.n, r.rule ->> 'of', (r.rule ->> 'window_s')::integer, (r.rule ->> 'count')::integer,
         (r.rule ->> 'amount')::numeric, r.rule ->> 'currency'
  FROM jsonb_each(coalesce(p_definition -> 'actions', '{}')) AS a (kind, told)
  CROSS JOIN LATERAL jsonb_array_elements(coalesce(a.told -> 'velocity', '[]')) WITH ORDINALITY AS r (rule, n);
  PERFORM board.record_events(p_tenant, ARRAY[ROW('workflow.loaded', NULL, NULL, p_name, NULL, NULL, 'board', jsonb_build_object(
    'version', coalesce(v_last.version, 0) + 1, 'digest', encode(p_digest, 'hex')), board.clock())::board.entry]);
  RETURN coalesce(v_last.version, 0) + 1;
END
$$;
