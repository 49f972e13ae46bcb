-- What operators do: hold work back and let it go again, take claims from an agent, look after what got stuck. Everything with who
-- and why, in the journal.

-- Takes the claims on these tasks from their holders, who get 409 from then on. Internal, under the cases' locks. The caller says
-- where the tasks go. Returns the events.
CREATE OR REPLACE FUNCTION board.revoke_leases(p_tenant integer, p_tasks uuid[], p_actor text, p_reason text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
BEGIN
  WITH gone AS (SELECT l.* FROM board.end_leases(p_tenant, p_tasks) AS l),
  kept AS (
    UPDATE board.task t SET fence = g.fence, progress = coalesce(g.progress, t.progress)
    FROM gone g WHERE t.tenant_id = p_tenant AND t.task_id = g.task_id)
  SELECT array_agg(ROW('task.revoked', g.case_id, g.task_id, k.workflow, k.stage, k.capability, p_actor, jsonb_build_object(
           'fence', g.fence, 'holder', a.name, 'reason', p_reason), p_now)::board.entry)
  INTO v_told FROM gone g JOIN board.stage_task k USING (stage_task_id) JOIN board.agent a USING (agent_id);
  RETURN v_told;
END
$$;

-- Promises that no claim is given any more on what the hold names (a workflow, a capability, the whole tenant, or whatever
-- touches an entity), until it is lifted. A hold on an entity also takes back the claims that run now; a claim that was being
-- granted at this very moment is taken back by the next sweep. False when it was held already.
CREATE OR REPLACE FUNCTION board.place_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_actor text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'run the board');
  v_actor := board.agent_name(p_tenant, p_agent);
  INSERT INTO board.hold (tenant_id, kind, name, reason, agent_id, since)
  VALUES (p_tenant, p_kind, p_name, p_reason, p_agent, v_now) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[
    ROW('hold.placed', NULL, NULL, CASE p_kind WHEN 'workflow' THEN p_name END, NULL, CASE p_kind WHEN 'capability' THEN p_name END,
        v_actor, jsonb_build_object('kind', p_kind, 'name', p_name, 'reason', p_reason), v_now)::board.entry]
    || board.freeze_leases(p_tenant, board.lock_held_back(p_tenant), v_now));
  RETURN true;
END
$$;

-- Locks, in key order, the cases of the claims that a hold on an entity or the suspension of an agent stands against, of one
-- tenant or of all; returns them. What is taken back afterwards is of these cases alone: a claim on another one is the next
-- sweep's.
CREATE OR REPLACE FUNCTION board.lock_held_back(p_tenant integer DEFAULT NULL) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT c.case_id FROM board.case c
    WHERE c.case_id = ANY (ARRAY(
      SELECT l.case_id FROM board.task_lease l JOIN board.agent a USING (agent_id)
      WHERE a.state <> 'active' AND (p_tenant IS NULL OR l.tenant_id = p_tenant)
      UNION
      SELECT l.case_id FROM board.task_lease l JOIN board.case k USING (case_id)
      JOIN board.hold h ON h.tenant_id = l.tenant_id AND h.kind = 'entity' AND h.name = ANY (k.entities)
      WHERE p_tenant IS NULL OR l.tenant_id = p_tenant))
    ORDER BY c.case_id FOR NO KEY UPDATE);
END
$$;

-- Takes back every claim on these cases that touches an entity on hold; its task waits, frozen. Internal, under the cases' locks.
CREATE OR REPLACE FUNCTION board.freeze_leases(p_tenant integer, p_cases uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_held text[] := ARRAY(SELECT h.name FROM board.hold h WHERE h.tenant_id = p_tenant AND h.kind = 'entity');
  v_tasks uuid[];
  v_told board.entry[];
BEGIN
  v_tasks := ARRAY(
    SELECT l.task_id FROM board.task_lease l JOIN board.case c USING (case_id)
    WHERE l.tenant_id = p_tenant AND l.case_id = ANY (p_cases) AND c.entities && v_held);
  v_told := board.revoke_leases(p_tenant, v_tasks, 'board', 'frozen', p_now);
  PERFORM board.rest_disputed(p_tenant, v_tasks, p_now);
  INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, since)
  SELECT p_tenant, t.task_id, t.case_id, 'frozen', h.name, p_now
  FROM board.task t JOIN board.case c USING (case_id)
  CROSS JOIN LATERAL (SELECT e AS name FROM unnest(c.entities) AS e WHERE e = ANY (v_held)) h
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_tasks);
  RETURN v_told || board.queue_tasks(p_tenant, v_tasks, 'board', p_now);
END
$$;

-- Promises that what the hold kept back is offered again, where nothing else keeps it. False when there was no such hold.
CREATE OR REPLACE FUNCTION board.lift_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_key text := CASE p_kind WHEN 'entity' THEN p_name ELSE p_kind || ':' || p_name END;
  v_reason text := CASE p_kind WHEN 'entity' THEN 'frozen' ELSE 'paused' END;
  v_kept uuid[];
  v_free uuid[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'run the board');
  DELETE FROM board.hold h WHERE h.tenant_id = p_tenant AND h.kind = p_kind AND h.name = p_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  v_kept := ARRAY(
    SELECT w.case_id FROM board.task_waiting w WHERE w.tenant_id = p_tenant AND w.key = v_key AND w.reason = v_reason);
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_kept) ORDER BY c.case_id FOR NO KEY UPDATE;
  -- What a claim has put aside since is of cases that are not locked; the sweeper lets it go.
  WITH gone AS (
    DELETE FROM board.task_waiting w
    WHERE w.tenant_id = p_tenant AND w.key = v_key AND w.reason = v_reason AND w.case_id = ANY (v_kept) RETURNING w.task_id)
  SELECT array_agg(g.task_id) INTO v_free FROM gone g;
  PERFORM board.record_events(p_tenant, ARRAY[
    ROW('hold.lifted', NULL, NULL, CASE p_kind WHEN 'workflow' THEN p_name END, NULL, CASE p_kind WHEN 'capability' THEN p_name END,
        board.agent_name(p_tenant, p_agent), jsonb_build_object('kind', p_kind, 'name', p_name, 'reason', p_reason),
        v_now)::board.entry]
    || board.queue_tasks(p_tenant, v_free, 'board', v_now));
  RETURN true;
END
$$;

-- Promises that the agent can do nothing more, and that its claims go back to the queue with no attempt counted; or, with 'active',
-- that it may work again. Verdicts: 'changed', 'unchanged', 'unknown'. Refuses to leave nobody who may
-- grant access. Locks the admins, the agent, then the cases of its claims in key order. A claim
-- that was being granted at this very moment is taken back by the next sweep.
CREATE OR REPLACE FUNCTION board.set_agent_state(p_tenant integer, p_agent integer, p_name text, p_state text, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_target board.agent;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'run the board');
  PERFORM board.lock_admins(p_tenant);
  SELECT * INTO v_target FROM board.agent a WHERE a.tenant_id = p_tenant AND a.name = p_name FOR NO KEY UPDATE;
  IF v_target.agent_id IS NULL OR v_target.state = p_state THEN
    RETURN CASE WHEN v_target.agent_id IS NULL THEN 'unknown' ELSE 'unchanged' END;
  END IF;
  UPDATE board.agent a SET state = p_state WHERE a.tenant_id = p_tenant AND a.agent_id = v_target.agent_id;
  IF v_target.role = 'admin' AND p_state <> 'active' THEN
    PERFORM board.demand_admin(p_tenant);
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[
    ROW('agent.' || p_state, NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
        jsonb_build_object('agent', p_name, 'reason', p_reason), v_now)::board.entry]
    || board.strip_suspended(p_tenant, board.lock_held_back(p_tenant), v_now));
  RETURN 'changed';
END
$$;

-- Takes back every claim on these cases of agents that are not active. Internal, under the cases' locks.
CREATE OR REPLACE FUNCTION board.strip_suspended(p_tenant integer, p_cases uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_tasks uuid[] := ARRAY(
    SELECT l.task_id FROM board.task_lease l JOIN board.agent a USING (agent_id)
    WHERE l.tenant_id = p_tenant AND l.case_id = ANY (p_cases) AND a.state <> 'active');
  v_told board.entry[];
BEGIN
  v_told := board.revoke_leases(p_tenant, v_tasks, 'board', 'agent suspended', p_now);
  PERFORM board.rest_disputed(p_tenant, v_tasks, p_now);
  RETURN v_told || board.queue_tasks(p_tenant, v_tasks, 'board', p_now);
END
$$;

-- Promises that no further task of these cases is handed out until they are resumed; who holds one may end it. Verdicts:
-- 'suspended', 'unchanged', 'closed', 'unknown'. Locks the cases in key order.
CREATE OR REPLACE FUNCTION board.suspend_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'run the board', p_cases);
  v_told := board.rest_cases(p_tenant, p_agent, p_cases, p_reason, board.clock());
  PERFORM board.record_events(p_tenant, v_told);
  RETURN board.judge_cases(p_tenant, p_cases, ARRAY(SELECT t.case_id FROM unnest(v_told) AS t), 'suspended');
END
$$;

-- Suspends those of these cases that are active: their tasks leave the queue. Locks the cases in key order. Returns the events, one
-- for each.
CREATE OR REPLACE FUNCTION board.rest_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_changed uuid[] := board.change_case_state(p_tenant, p_cases, 'active', 'suspended');
  v_out uuid[];
BEGIN
  v_out := board.unqueue_tasks(p_tenant, ARRAY(
    SELECT t.task_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = ANY (v_changed) AND t.state = 'open'));
  INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, since)
  SELECT p_tenant, t.task_id, t.case_id, 'suspended', p_now FROM board.task t
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_out);
  RETURN board.tell_cases(p_tenant, v_changed, 'case.suspended', p_agent, p_reason, p_now);
END
$$;

-- Promises that the cases go on where they were: 'resumed', 'unchanged', 'closed', 'unknown'. Locks the cases in key order.
CREATE OR REPLACE FUNCTION board.resume_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_changed uuid[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'run the board', p_cases);
  v_changed := board.change_case_state(p_tenant, p_cases, 'suspended', 'active');
  PERFORM board.record_events(p_tenant,
    board.tell_cases(p_tenant, v_changed, 'case.resumed', p_agent, p_reason, v_now)
    || board.stop_waiting(p_tenant, ARRAY(
      SELECT t.task_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = ANY (v_changed) AND t.state = 'open'),
      'suspended', 'board', v_now));
  RETURN board.judge_cases(p_tenant, p_cases, v_changed, 'resumed');
END
$$;

-- Locks the cases in key order and moves those that are in one state to another; returns them.
CREATE OR REPLACE FUNCTION board.change_case_state(p_tenant integer, p_cases uuid[], p_from text, p_to text) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_changed uuid[];
BEGIN
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) ORDER BY c.case_id FOR NO KEY UPDATE;
  WITH changed AS (
    UPDATE board.case c SET state = p_to, version = c.version + 1
    WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) AND c.state = p_from RETURNING c.case_id)
  SELECT coalesce(array_agg(x.case_id), '{}') INTO v_changed FROM changed x;
  RETURN v_changed;
END
$$;

-- One event per case.
CREATE OR REPLACE FUNCTION board.tell_cases(
  p_tenant integer, p_cases uuid[], p_type text, p_agent integer, p_reason text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT ROW(p_type, c.case_id, NULL, c.workflow, c.stage, NULL, board.agent_name(p_tenant, p_agent), jsonb_build_object(
             'state', c.state, 'version', c.version, 'reason', p_reason), p_now)::board.entry
    FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) ORDER BY c.case_id);
END
$$;

-- One verdict per case: p_yes where it changed, or what it was instead.
CREATE OR REPLACE FUNCTION board.judge_cases(p_tenant integer, p_cases uuid[], p_changed uuid[], p_yes text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT CASE WHEN c.case_id IS NULL THEN 'unknown' WHEN c.case_id = ANY (p_changed) THEN p_yes
                WHEN c.closed_at IS NOT NULL THEN 'closed' ELSE 'unchanged' END
    FROM unnest(p_cases) WITH ORDINALITY AS p (case_id, n)
    LEFT JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p.case_id ORDER BY p.n);
END
$$;

-- Promises that a task which rests as an incident or in quarantine is tried again, with its attempts counted anew; what was counted
-- stays in the journal. Verdicts: 'redriven', 'no_incident', 'unknown'. Locks the cases in key order.
CREATE OR REPLACE FUNCTION board.redrive_tasks(p_tenant integer, p_agent integer, p_tasks uuid[], p_reason text) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_actor text;
  v_stuck uuid[];
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_tasks(p_tenant, 'run the board', p_tasks);
  v_actor := board.agent_name(p_tenant, p_agent);
  v_stuck := board.lock_stuck(p_tenant, p_tasks);
  SELECT array_agg(ROW('task.redriven', t.case_id, t.task_id, k.workflow, k.stage, k.capability, v_actor, jsonb_build_object(
           'reason', p_reason, 'failures', t.failures, 'rescues', t.rescues), v_now)::board.entry)
  INTO v_told FROM board.task t JOIN board.stage_task k USING (stage_task_id)
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_stuck);
  UPDATE board.task t SET failures = 0, rescues = 0, redriven_at = v_now, has_begun = k.awaits IS DISTINCT FROM 'case'
  FROM board.stage_task k
  WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_stuck) AND k.stage_task_id = t.stage_task_id;
  PERFORM board.record_events(p_tenant, v_told
    || board.stop_waiting(p_tenant, v_stuck, 'incident', v_actor, v_now)
    || board.stop_waiting(p_tenant, v_stuck, 'quarantine', v_actor, v_now));
  RETURN ARRAY(
    SELECT CASE WHEN p.task_id = ANY (v_stuck) THEN 'redriven' WHEN t.task_id IS NULL THEN 'unknown' ELSE 'no_incident' END
    FROM unnest(p_tasks) WITH ORDINALITY AS p (task_id, n)
    LEFT JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = p.task_id ORDER BY p.n);
END
$$;

-- Promises that a task which rests as an incident or in quarantine is ended by this person with an outcome that its stage
-- knows, and that its case takes that route: where deciding is a duty, this person has taken it on. Verdicts: 'resolved',
-- 'no_incident', 'unknown', 'unknown_outcome', 'duties' (something else that this person did on the case forbids it). Locks the case.
CREATE OR REPLACE FUNCTION board.resolve_task(p_tenant integer, p_agent integer, p_task uuid, p_outcome text, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_actor text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_tasks(p_tenant, 'run the board', ARRAY[p_task]);
  v_actor := board.agent_name(p_tenant, p_agent);
  IF cardinality(board.lock_stuck(p_tenant, ARRAY[p_task])) = 0 THEN
    RETURN CASE WHEN EXISTS (SELECT FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task)
                THEN 'no_incident' ELSE 'unknown' END;
  END IF;
  IF NOT EXISTS (
    SELECT FROM board.task t JOIN board.stage_task k USING (stage_task_id)
    JOIN board.route r ON r.workflow_id = k.workflow_id AND r.stage = k.stage AND r.outcome = p_outcome
    WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND NOT k.is_seat) THEN
    RETURN 'unknown_outcome';
  END IF;
  IF (board.task_clash(p_tenant, p_agent, p_task)).duty IS NOT NULL THEN
    RETURN 'duties';
  END IF;
  PERFORM board.note_duty(p_tenant, t.case_id, p_agent, k.duty, p_task)
  FROM board.task t JOIN board.stage_task k USING (stage_task_id)
  WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND k.duty IS NOT NULL;
  PERFORM board.record_events(p_tenant, board.complete_tasks(
    p_tenant, ARRAY[p_task], p_outcome, jsonb_build_object('resolved', p_reason), v_actor, v_now));
  RETURN 'resolved';
END
$$;

-- Of the tasks named, those that rest as an incident or in quarantine, with their cases locked in key order.
CREATE OR REPLACE FUNCTION board.lock_stuck(p_tenant integer, p_tasks uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM board.case c
  WHERE c.tenant_id = p_tenant AND c.case_id = ANY (ARRAY(
    SELECT t.case_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks)))
  ORDER BY c.case_id FOR NO KEY UPDATE;
  RETURN ARRAY(
    SELECT DISTINCT w.task_id FROM board.task_waiting w
    WHERE w.tenant_id = p_tenant AND w.task_id = ANY (p_tasks) AND w.reason IN ('incident', 'quarantine'));
END
$$;
