-- Reading the board. Each answer carries the journal position it is true at: the head is read first and the state after, so
-- everything up to that position is in the state, and a stream opened from there misses nothing.

-- A case as the board shows it, with its tasks, actions, questions and kept decisions, oldest first, and the newest version of each
-- fact.
CREATE OR REPLACE FUNCTION board.show_case(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head board.journal_head;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO STRICT v_head FROM board.journal_head;
  RETURN (
    SELECT board.describe_case(c) || jsonb_build_object(
      'epoch', v_head.epoch, 'position', v_head.position,
      'tasks', (SELECT coalesce(jsonb_agg(board.describe_task(t) ORDER BY t.seq), '[]')
                FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = c.case_id),
      'facts', board.describe_facts(p_tenant, c.case_id),
      'actions', (SELECT coalesce(jsonb_agg(board.describe_action(a) ORDER BY a.created_at, a.action_id), '[]')
                  FROM board.action a WHERE a.tenant_id = p_tenant AND a.case_id = c.case_id),
      'duties', board.list_duties(p_tenant, c.case_id),
      'questions', (SELECT coalesce(jsonb_agg(board.describe_question(q) ORDER BY q.visit), '[]')
                    FROM board.question q WHERE q.tenant_id = p_tenant AND q.case_id = c.case_id),
      'decisions', (SELECT coalesce(jsonb_agg(board.describe_decision(d) ORDER BY d.at, d.decision_id), '[]')
                    FROM board.decision d WHERE d.tenant_id = p_tenant AND d.case_id = c.case_id))
    FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case);
END
$$;

-- The case of a workflow that has this business key; NULL where there is none. Reads one row and locks nothing.
CREATE OR REPLACE FUNCTION board.find_case(p_tenant integer, p_workflow text, p_business_key text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT c.case_id FROM board.case c
    WHERE c.tenant_id = p_tenant AND c.workflow = p_workflow AND c.business_key = p_business_key);
END
$$;

-- A page of cases, newest first: those before p_before, at most p_limit, that match every filter given. Planned for the filters at
-- hand: a number, a subject and a page of a tenant have an index each.
CREATE OR REPLACE FUNCTION board.list_cases(
  p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_number bigint, p_before uuid, p_limit integer)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_head board.journal_head;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO STRICT v_head FROM board.journal_head;
  RETURN jsonb_build_object('epoch', v_head.epoch, 'position', v_head.position, 'cases', (
    SELECT coalesce(jsonb_agg(board.describe_case(p) ORDER BY p.case_id DESC), '[]') FROM (
      SELECT c.* FROM board.case c
      WHERE c.tenant_id::bigint = p_tenant AND (p_before IS NULL OR c.case_id < p_before)
        AND (p_workflow IS NULL OR c.workflow = p_workflow) AND (p_state IS NULL OR c.state = p_state)
        AND (p_stage IS NULL OR c.stage = p_stage) AND (p_subject IS NULL OR c.subject = p_subject)
        AND (p_number IS NULL OR c.number = p_number)
      ORDER BY c.case_id DESC LIMIT p_limit) p));
END
$$;

-- The case that has this number; nothing where there is none, or it is of another tenant.
CREATE OR REPLACE FUNCTION board.find_number(p_tenant integer, p_number bigint) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (SELECT c.case_id FROM board.case c WHERE c.tenant_id = p_tenant AND c.number = p_number);
END
$$;

CREATE OR REPLACE FUNCTION board.describe_case(c board.case) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
  'id', c.case_id, 'workflow', c.workflow,
  'workflow_version', (SELECT w.version FROM board.workflow w WHERE w.workflow_id = c.workflow_id),
  'version', c.version, 'state', c.state, 'stage', c.stage, 'outcome', c.outcome, 'business_key', c.business_key,
  'subject', c.subject, 'entities', c.entities, 'payload', c.payload, 'priority', c.priority, 'due_at', nullif(c.due_at, 'infinity'),
  'opened_by', (SELECT a.name FROM board.agent a WHERE a.agent_id = c.opened_by), 'opened_at', c.opened_at,
  'closed_at', c.closed_at, 'number', c.number);

-- Where a task is: the table that has a row for it says so.
CREATE OR REPLACE FUNCTION board.task_place(t board.task) RETURNS text
LANGUAGE sql STABLE
RETURN CASE
  WHEN t.state <> 'open' THEN t.state
  WHEN EXISTS (SELECT FROM board.task_lease l WHERE l.tenant_id = t.tenant_id AND l.task_id = t.task_id) THEN 'claimed'
  WHEN EXISTS (SELECT FROM board.task_waiting w WHERE w.tenant_id = t.tenant_id AND w.task_id = t.task_id) THEN 'waiting'
  WHEN EXISTS (SELECT FROM board.task_scheduled s WHERE s.tenant_id = t.tenant_id AND s.task_id = t.task_id) THEN 'scheduled'
  ELSE 'ready'
END;

CREATE OR REPLACE FUNCTION board.describe_task(t board.task) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
  SELECT jsonb_build_object(
    'id', t.task_id, 'case_id', t.case_id, 'workflow', k.workflow, 'stage', k.stage, 'name', k.name, 'capability', k.capability,
    'state', board.task_place(t), 'is_review', k.review IS NOT NULL,
    'due_at', (SELECT nullif(r.due_at, 'infinity') FROM board.review r WHERE r.tenant_id = t.tenant_id AND r.task_id = t.task_id),
    'priority', t.priority, 'fence', coalesce(l.fence, t.fence),
    'attempt', t.failures + t.rescues + 1, 'failures', t.failures, 'rescues', t.rescues,
    'created_at', t.created_at, 'finished_at', t.finished_at, 'decision', t.decision || jsonb_build_object('by', t.decided_by),
    'progress', coalesce(l.progress, t.progress),
    'ready_at', (SELECT s.ready_at FROM board.task_scheduled s WHERE s.tenant_id = t.tenant_id AND s.task_id = t.task_id),
    'waits_for', (SELECT coalesce(jsonb_agg(jsonb_build_object('reason', w.reason, 'key', w.key, 'about', w.about,
                                                               'since', w.since) ORDER BY w.since), '[]')
                  FROM board.task_waiting w WHERE w.tenant_id = t.tenant_id AND w.task_id = t.task_id),
    'holder', CASE WHEN l.task_id IS NOT NULL THEN jsonb_build_object(
      'agent', a.name, 'session_id', l.session_id, 'granted_at', l.granted_at, 'deadline_at', l.deadline_at) END)
  FROM board.stage_task k
  LEFT JOIN board.task_lease l ON l.tenant_id = t.tenant_id AND l.task_id = t.task_id
  LEFT JOIN board.agent a ON a.agent_id = l.agent_id
  WHERE k.stage_task_id = t.stage_task_id);

CREATE OR REPLACE FUNCTION board.describe_action(a board.action) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN jsonb_build_object(
    'id', a.action_id, 'kind', a.kind, 'effect_key', a.effect_key, 'state', a.state, 'attempts', a.attempts,
    'payload', a.payload, 'digest', encode(a.digest, 'hex'), 'receipt', a.receipt, 'created_at', a.created_at,
    'settled_at', a.settled_at, 'undoes', a.undoes,
    'proposed_by', (SELECT g.name FROM board.agent g WHERE g.tenant_id = a.tenant_id AND g.agent_id = a.proposed_by),
    'sent_at', a.sent_at, 'sent_ago_s', extract(epoch FROM board.clock() - a.sent_at),
    'authorization', (SELECT board.describe_authorization(z) FROM board.authorization z
                      WHERE z.tenant_id = a.tenant_id AND z.action_id = a.action_id ORDER BY z.authorization_id DESC LIMIT 1),
    'evidence', (SELECT coalesce(jsonb_agg(board.describe_evidence(e) ORDER BY e.evidence_id), '[]')
                 FROM board.action_evidence e WHERE e.tenant_id = a.tenant_id AND e.action_id = a.action_id));
END
$$;

-- One task, with who holds it.
CREATE OR REPLACE FUNCTION board.show_task(p_tenant integer, p_task uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head board.journal_head;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO STRICT v_head FROM board.journal_head;
  RETURN (SELECT board.describe_task(t) || jsonb_build_object('epoch', v_head.epoch, 'position', v_head.position)
          FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task);
END
$$;

-- What the stages of these tasks ask of a decision's result, for those that ask anything; all of a tenant's when no tasks are
-- named.
CREATE OR REPLACE FUNCTION board.result_schemas(p_tenant integer, p_tasks uuid[])
RETURNS TABLE (task_id uuid, stage text, result_schema jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY
  SELECT t.task_id, k.stage, k.result_schema FROM board.stage_task k
  LEFT JOIN board.task t ON t.stage_task_id = k.stage_task_id AND t.task_id = ANY (p_tasks)
  WHERE k.tenant_id = p_tenant AND k.result_schema IS NOT NULL AND (p_tasks IS NULL OR t.task_id IS NOT NULL);
END
$$;

-- The directory: every agent with its sessions that were heard of within p_alive_s, and how many tasks it holds.
CREATE OR REPLACE FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', a.name, 'owner', a.owner, 'kind', a.kind, 'role', a.role, 'capabilities', a.capabilities, 'state', a.state,
      'holds', (SELECT count(*) FROM board.task_lease l WHERE l.tenant_id = p_tenant AND l.agent_id = a.agent_id),
      'sessions', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.session_id, 'about', s.about, 'started_at', s.started_at,
                                                     'heartbeat_at', s.heartbeat_at) ORDER BY s.started_at), '[]')
        FROM board.session s
        WHERE s.tenant_id = p_tenant AND s.agent_id = a.agent_id AND s.ended_at IS NULL
          AND s.heartbeat_at > board.clock() - make_interval(secs => p_alive_s))) ORDER BY a.name), '[]')
    FROM board.agent a WHERE a.tenant_id = p_tenant);
END
$$;

-- The newest definition of each workflow, or of one.
CREATE OR REPLACE FUNCTION board.list_workflows(p_tenant integer, p_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', w.name, 'version', w.version, 'definition', w.definition,
                                                 'loaded_at', w.loaded_at) ORDER BY w.name), '[]')
    FROM (SELECT DISTINCT ON (w.name) w.* FROM board.workflow w
          WHERE w.tenant_id = p_tenant AND (p_name IS NULL OR w.name = p_name) ORDER BY w.name, w.version DESC) w);
END
$$;

-- Promises a position up to which the journal tells nothing of these cases: before the first of them was opened. Of cases that nobody
-- knows any more it is the floor.
CREATE OR REPLACE FUNCTION board.find_opening(p_tenant integer, p_cases uuid[]) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN board.find_position(coalesce(
    (SELECT min(c.opened_at) FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases)), '-infinity'));
END
$$;
