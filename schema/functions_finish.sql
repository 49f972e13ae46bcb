-- What a holder may do with its claim: keep it (heartbeat), end it (decide, fail), give it back (release, reject, need_input).
--
-- Every verb takes parallel arrays, an element per item (agent, task, fence, …), and returns one verdict per item, in order: its
-- own word for yes, or the reason for no. One refused item changes nothing for its neighbours. A refusal is journalled.

-- The cases of these tasks where they are held, in the same places, locked in key order, so that two batches that meet never
-- deadlock. Whoever extends or ends a claim (heartbeat, decide, expire, cancel, revoke) holds its case first: then leases need no
-- order of their own, and a claim that is good stays good until this transaction is over. A lease that was granted only now is of
-- a case that is not locked: who asks must look. Every holder's write passes here, and so its key's scope is asked here.
CREATE OR REPLACE FUNCTION board.lock_held(p_tenant integer, p_tasks uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_cases uuid[] := ARRAY(
    SELECT l.case_id FROM unnest(p_tasks) WITH ORDINALITY AS i (task_id, n)
    LEFT JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id ORDER BY i.n);
BEGIN
  PERFORM board.demand_tasks(p_tenant, 'work on a task', p_tasks);
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_cases) ORDER BY c.case_id FOR NO KEY UPDATE;
  RETURN v_cases;
END
$$;

-- The claims that these agents truly hold under these fences; nobody else can end them before this transaction is over. With
-- outcomes, only where the stage has such a route and the agent's duties on the case let it decide. A claim past its deadline is not
-- among them even before the sweeper has come: from that moment somebody else may be promised the task. A task named twice is
-- returned once. Locks the cases in key order.
CREATE OR REPLACE FUNCTION board.find_claims(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamptz)
RETURNS board.taken[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_cases uuid[] := board.lock_held(p_tenant, p_tasks);
BEGIN
  RETURN ARRAY(
    SELECT ROW(i.n, l.task_id, l.case_id, l.stage_task_id, s.workflow_id, s.workflow, s.stage, s.capability, l.fence,
               l.attempt, l.agent_id, a.name, l.case_version, l.progress)::board.taken
    FROM (
      SELECT DISTINCT ON (i.task_id) i.*
      FROM unnest(p_agents, p_tasks, p_fences, p_outcomes, v_cases) WITH ORDINALITY
        AS i (agent_id, task_id, fence, outcome, case_id, n)
      ORDER BY i.task_id, i.n) i
    JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id
    JOIN board.stage_task s ON s.stage_task_id = l.stage_task_id
    JOIN board.agent a ON a.agent_id = l.agent_id
    WHERE l.fence = i.fence AND l.agent_id = i.agent_id AND l.case_id = i.case_id AND l.deadline_at > p_now
      AND (p_outcomes IS NULL OR i.outcome NOT IN ('exhausted', 'timeout') AND NOT s.is_seat
        AND (s.review IS NULL OR i.outcome <> 'timed_out') AND EXISTS (
        SELECT FROM board.route r WHERE r.workflow_id = s.workflow_id AND r.stage = s.stage AND r.outcome = i.outcome))
      AND (p_outcomes IS NULL OR s.duty IS NULL
           OR board.clashing_duty(p_tenant, l.case_id, l.agent_id, s.duty, l.task_id) IS NULL)
    ORDER BY l.task_id);
END
$$;

-- Promises that the claims found are over, and returns them: the caller says in the same transaction what becomes of their tasks.
CREATE OR REPLACE FUNCTION board.take_claims(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamptz)
RETURNS board.taken[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_taken board.taken[] := board.find_claims(p_tenant, p_agents, p_tasks, p_fences, p_outcomes, p_now);
  v_tasks uuid[] := ARRAY(SELECT t.task_id FROM unnest(v_taken) AS t);
BEGIN
  DELETE FROM board.task_lease l WHERE l.tenant_id = p_tenant AND l.task_id = ANY (v_tasks);
  DELETE FROM board.quota_grant g WHERE g.task_id = ANY (v_tasks);
  RETURN v_taken;
END
$$;

-- Says why a write under (agent, task, fence) is refused, for items that were not accepted: one rule for every verb of a holder.
-- p_reasons are what is wrong with the writes themselves where nothing is wrong with the holder. Each refusal is to be journalled
-- with what was offered, so that an auditor sees the late answer too: told has the events.
CREATE OR REPLACE FUNCTION board.judge_refused(
  p_tenant integer, p_verb text, p_accepted integer[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[],
  p_reasons text[], p_now timestamptz, OUT reasons text[], OUT told board.entry[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT array_agg(j.reason ORDER BY j.n),
         array_agg(ROW('write.refused', j.case_id, j.task_id, j.workflow, j.stage, j.capability, j.actor,
           jsonb_build_object('verb', p_verb, 'reason', j.reason, 'fence', j.fence, 'offered', j.offered), p_now)::board.entry
           ORDER BY j.n) FILTER (WHERE j.reason <> 'unknown')
  INTO reasons, told
  FROM (
    SELECT i.n, t.case_id, i.task_id, s.workflow, s.stage, s.capability, a.name AS actor, i.fence, i.offered,
           CASE
             WHEN i.n = ANY (p_accepted) THEN NULL
             WHEN t.task_id IS NULL THEN 'unknown'
             WHEN t.state = 'cancelled' THEN 'cancelled'
             WHEN t.state IN ('done', 'failed') THEN 'done'
             WHEN EXISTS (SELECT FROM board.task_waiting w WHERE w.tenant_id = p_tenant AND w.task_id = i.task_id
                          AND w.reason = 'frozen') THEN 'frozen'
             WHEN l.fence <> i.fence THEN 'reassigned'
             WHEN l.fence IS NULL OR l.deadline_at <= p_now THEN 'expired'
             WHEN l.agent_id <> i.agent_id THEN 'not_holder'
             ELSE coalesce(p_reasons[i.n], 'expired')
           END AS reason
    FROM unnest(p_agents, p_tasks, p_fences, p_offered) WITH ORDINALITY AS i (agent_id, task_id, fence, offered, n)
    LEFT JOIN board.agent a ON a.tenant_id = p_tenant AND a.agent_id = i.agent_id
    LEFT JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = i.task_id
    LEFT JOIN board.stage_task s ON s.stage_task_id = t.stage_task_id
    LEFT JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id) j;
END
$$;

-- Promises a later deadline to each holder who still holds ('extended', with the new deadline), never beyond the stage's limit
-- for one attempt; keeps what the holder says of its progress, and that it was heard. Locks the cases in key order, as all do who
-- touch claims. A heartbeat that its own holder's decision overtook is told so, and not journalled: it is a late sign of life, and
-- nobody tried what they may not.
CREATE OR REPLACE FUNCTION board.heartbeat_tasks(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_lease_s integer[], p_progress jsonb[])
RETURNS TABLE (verdict text, deadline_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_cases uuid[];
  v_kept integer[];
  v_deadlines timestamptz[];
  v_reasons text[];
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_cases := board.lock_held(p_tenant, p_tasks);
  WITH kept AS (
    UPDATE board.task_lease l
    SET lease_s = coalesce(i.lease_s, l.lease_s), progress = coalesce(i.progress, l.progress), heard = true,
        deadline_at = least(v_now + make_interval(secs => coalesce(i.lease_s, l.lease_s)),
                            l.granted_at + make_interval(secs => s.attempt_max_s))
    FROM unnest(p_agents, p_tasks, p_fences, p_lease_s, p_progress, v_cases) WITH ORDINALITY
           AS i (agent_id, task_id, fence, lease_s, progress, case_id, n), board.stage_task s
    WHERE l.tenant_id = p_tenant AND l.task_id = i.task_id AND l.fence = i.fence AND l.agent_id = i.agent_id
      AND l.case_id = i.case_id AND l.deadline_at > v_now AND s.stage_task_id = l.stage_task_id
    RETURNING i.n::integer, l.deadline_at)
  SELECT array_agg(k.n), array_agg(k.deadline_at) INTO v_kept, v_deadlines FROM kept k;
  IF cardinality(p_tasks) > coalesce(cardinality(v_kept), 0) THEN
    SELECT * INTO v_reasons, v_told
    FROM board.judge_refused(p_tenant, 'heartbeat', coalesce(v_kept, '{}'), p_agents, p_tasks, p_fences, p_progress,
                             '{}', v_now);
    PERFORM board.record_events(p_tenant, ARRAY(
      SELECT e FROM unnest(v_told) AS e JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = e.task_id
      WHERE (t.state, t.decided_by, t.fence) IS DISTINCT FROM ('done', e.actor, (e.body ->> 'fence')::bigint)));
  END IF;
  RETURN QUERY
  SELECT coalesce(v_reasons[i.n], 'extended'), v_deadlines[array_position(v_kept, i.n::integer)]
  FROM generate_series(1, cardinality(p_tasks)) AS i (n);
END
$$;

-- Promises that each task is ended once, by its holder, with its decision kept, and that its case has taken the outcome's
-- route in the same transaction: 'decided'. An outcome that the stage does not know, or that only the board may give, is
-- 'unknown_outcome'; a decision without a reason 'unreasoned', one that rests on facts which are not the newest 'outdated', one of an
-- agent whose duties on the case keep it from deciding 'duties'. Those that name what they rest on are kept with it, and so is whose
-- duty a decision was.
CREATE OR REPLACE FUNCTION board.decide_tasks(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_decisions jsonb[])
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_unfit text[];
  v_warned board.entry[];
  v_taken board.taken[];
  v_told board.entry[];
  v_moves board.move[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  IF board.decisions_are_weighed(p_tenant, p_outcomes, p_decisions) THEN
    p_decisions := board.name_shown_facts(p_tenant, p_tasks, p_decisions);
    v_unfit := board.weigh_decisions(p_tenant, p_agents, p_tasks, p_outcomes, p_decisions);
    v_taken := board.take_claims(p_tenant, p_agents, p_tasks, p_fences, ARRAY(
      SELECT CASE WHEN w.unfit IS NULL THEN w.outcome END FROM unnest(p_outcomes, v_unfit) WITH ORDINALITY AS w (outcome, unfit, n)
      ORDER BY w.n), v_now);
    PERFORM board.keep_decisions(p_tenant, v_taken, p_decisions, v_now);
    v_warned := board.end_reviews(p_tenant, v_taken, p_decisions, v_now);
  ELSE
    v_taken := board.take_claims(p_tenant, p_agents, p_tasks, p_fences, p_outcomes, v_now);
  END IF;
  WITH ended AS (
    UPDATE board.task t
    SET state = 'done', outcome = p_outcomes[x.n], decision = p_decisions[x.n], decided_by = x.actor, fence = x.fence,
        finished_at = v_now
    FROM unnest(v_taken) AS x WHERE t.tenant_id = p_tenant AND t.task_id = x.task_id)
  SELECT array_agg(ROW('task.decided', x.case_id, x.task_id, x.workflow, x.stage, x.capability, x.actor,
                       jsonb_build_object('fence', x.fence) || p_decisions[x.n], v_now)::board.entry ORDER BY x.n),
         array_agg(ROW(x.case_id, x.workflow_id, x.stage, p_outcomes[x.n], x.actor)::board.move ORDER BY x.n)
  INTO v_told, v_moves FROM unnest(v_taken) AS x;
  PERFORM board.note_decided(p_tenant, v_taken);
  RETURN board.conclude(p_tenant, 'decide', 'decided', v_taken, p_agents, p_tasks, p_fences, p_decisions,
                        v_told || v_warned || board.advance_cases(p_tenant, v_moves, v_now), v_now, p_outcomes, v_unfit);
END
$$;

-- The end of every verb of a holder: judges what was not taken, records what happened, and gives a verdict per item. Where the
-- verb has outcomes, a null one stands for a result that its caller found unfit; p_unfit says what else is wrong with each.
CREATE OR REPLACE FUNCTION board.conclude(
  p_tenant integer, p_verb text, p_yes text, p_taken board.taken[], p_agents integer[], p_tasks uuid[], p_fences bigint[],
  p_offered jsonb[], p_told board.entry[], p_now timestamptz, p_outcomes text[] DEFAULT '{}', p_unfit text[] DEFAULT NULL)
RETURNS text[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_reasons text[];
  v_refused board.entry[];
BEGIN
  IF cardinality(p_taken) < cardinality(p_tasks) THEN
    SELECT j.reasons, j.told INTO v_reasons, v_refused
    FROM board.judge_refused(p_tenant, p_verb, ARRAY(SELECT x.n FROM unnest(p_taken) AS x), p_agents, p_tasks, p_fences,
                             p_offered, ARRAY(
      SELECT coalesce(p_unfit[i.n], CASE WHEN i.outcome IS NULL THEN 'unfit_result'
                                         WHEN i.n <> ALL (ARRAY(SELECT x.n FROM unnest(p_taken) AS x))
                                              AND (board.task_clash(p_tenant, p_agents[i.n], p_tasks[i.n])).duty IS NOT NULL
                                         THEN 'duties' ELSE 'unknown_outcome' END)
      FROM unnest(p_outcomes) WITH ORDINALITY AS i (outcome, n) ORDER BY i.n), p_now) j;
  END IF;
  PERFORM board.record_events(p_tenant, p_told || v_refused);
  RETURN ARRAY(SELECT coalesce(v_reasons[i], p_yes) FROM generate_series(1, cardinality(p_tasks)) AS i);
END
$$;

-- How long to wait before attempt number p_failures + 1: exponential with a ceiling, and jitter over its upper half, so
-- that what failed together does not come back together.
CREATE OR REPLACE FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) RETURNS interval
LANGUAGE sql VOLATILE
RETURN make_interval(secs => least(p_max_s, p_base_s * 2 ^ least(p_failures - 1, 30))::double precision
                             * (0.5 + random() / 2));

-- Promises that each task comes back after its backoff ('retrying', with the time); or, when it may not be tried again, that it
-- is failed for good and its case takes the route 'exhausted' ('exhausted'); or, where the workflow names no such route, that
-- it rests as an incident until an operator has looked at it ('incident'). It may not be tried again when the holder says so,
-- when attempts are used up, or when the time for all of them is.
CREATE OR REPLACE FUNCTION board.fail_tasks(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_retryable boolean[],
  p_delays_s double precision[])
RETURNS TABLE (verdict text, retry_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_taken board.taken[];
  v_told board.entry[];
  v_verdicts text[];
  v_yes text[] := array_fill('retrying'::text, ARRAY[cardinality(p_tasks)]);
  v_retries timestamptz[] := array_fill(NULL::timestamptz, ARRAY[cardinality(p_tasks)]);
  v_moves board.move[];
  v_row record;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_taken := board.take_claims(p_tenant, p_agents, p_tasks, p_fences, NULL, v_now);
  FOR v_row IN
    UPDATE board.task t
    SET failures = t.failures + 1, fence = x.fence, progress = coalesce(x.progress, t.progress)
    FROM unnest(v_taken) AS x, board.stage_task s
    WHERE t.tenant_id = p_tenant AND t.task_id = x.task_id AND s.stage_task_id = x.stage_task_id
    RETURNING x.*, t.failures,
      CASE WHEN p_retryable[x.n] AND t.failures < s.max_attempts
                AND v_now < coalesce(coalesce(t.redriven_at, t.created_at) + make_interval(secs => s.total_max_s),
                                     'infinity')
           THEN v_now + coalesce(make_interval(secs => p_delays_s[x.n]), board.backoff(s.backoff_s, s.backoff_max_s, t.failures))
      END AS retry_at,
      EXISTS (SELECT FROM board.route r WHERE r.workflow_id = x.workflow_id AND r.stage = x.stage AND r.outcome = 'exhausted')
        AS has_route
  LOOP
    v_retries[v_row.n] := v_row.retry_at;
    IF v_row.retry_at IS NOT NULL THEN
      INSERT INTO board.task_scheduled (tenant_id, task_id, ready_at) VALUES (p_tenant, v_row.task_id, v_row.retry_at);
    ELSIF v_row.has_route THEN
      v_yes[v_row.n] := 'exhausted';
      v_moves := v_moves || ROW(v_row.case_id, v_row.workflow_id, v_row.stage, 'exhausted', v_row.actor)::board.move;
      UPDATE board.task t SET state = 'failed', finished_at = v_now WHERE t.tenant_id = p_tenant AND t.task_id = v_row.task_id;
    ELSE
      v_yes[v_row.n] := 'incident';
      INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, about, since)
      VALUES (p_tenant, v_row.task_id, v_row.case_id, 'incident', jsonb_build_object('reason', p_reasons[v_row.n]), v_now);
    END IF;
    v_told := v_told || ROW('task.failed', v_row.case_id, v_row.task_id, v_row.workflow, v_row.stage, v_row.capability,
      v_row.actor, jsonb_build_object('fence', v_row.fence, 'reason', p_reasons[v_row.n], 'failures', v_row.failures,
                                      'then', v_yes[v_row.n], 'retry_at', v_row.retry_at), v_now)::board.entry;
  END LOOP;
  v_verdicts := board.conclude(p_tenant, 'fail', NULL, v_taken, p_agents, p_tasks, p_fences,
    ARRAY(SELECT to_jsonb(r) FROM unnest(p_reasons) AS r), v_told || board.advance_cases(p_tenant, v_moves, v_now), v_now);
  RETURN QUERY SELECT coalesce(v_verdicts[i], v_yes[i]), v_retries[i] FROM generate_series(1, cardinality(p_tasks)) AS i;
END
$$;

-- Promises that each task is back in the queue, at its old place and with no attempt counted: 'released'.
CREATE OR REPLACE FUNCTION board.release_tasks(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[])
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN board.give_back(p_tenant, 'release', 'released', p_agents, p_tasks, p_fences, p_reasons, NULL);
END
$$;

-- Promises that each task is back in the queue and will not be offered to this agent again: 'rejected'.
CREATE OR REPLACE FUNCTION board.reject_tasks(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[])
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN board.give_back(p_tenant, 'reject', 'rejected', p_agents, p_tasks, p_fences, p_reasons, NULL);
END
$$;

-- Promises that each task waits for the fact it names (p_needs) and is then back in the queue: 'waiting'. A fact that its
-- holder was not shown with the claim counts, so that an answer which overtakes the question is not lost.
CREATE OR REPLACE FUNCTION board.need_input(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[])
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN board.give_back(p_tenant, 'need_input', 'waiting', p_agents, p_tasks, p_fences, p_reasons, p_needs);
END
$$;

-- Ends claims without ending their tasks. What was in progress is kept for the next holder.
CREATE OR REPLACE FUNCTION board.give_back(
  p_tenant integer, p_verb text, p_yes text, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[],
  p_needs text[])
RETURNS text[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_taken board.taken[] := board.take_claims(p_tenant, p_agents, p_tasks, p_fences, NULL, v_now);
  v_told board.entry[];
BEGIN
  UPDATE board.task t SET fence = x.fence, progress = coalesce(x.progress, t.progress)
  FROM unnest(v_taken) AS x WHERE t.tenant_id = p_tenant AND t.task_id = x.task_id;
  IF p_verb = 'reject' THEN
    INSERT INTO board.task_rejection (tenant_id, agent_id, task_id, reason, at)
    SELECT p_tenant, x.agent_id, x.task_id, p_reasons[x.n], v_now FROM unnest(v_taken) AS x
    ON CONFLICT DO NOTHING;
  ELSIF p_verb = 'need_input' THEN
    INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, about, since)
    SELECT p_tenant, x.task_id, x.case_id, 'input', p_needs[x.n], jsonb_build_object('reason', p_reasons[x.n]), v_now
    FROM unnest(v_taken) AS x
    WHERE NOT EXISTS (
      SELECT FROM board.fact f
      WHERE f.tenant_id = p_tenant AND f.case_id = x.case_id AND f.key = p_needs[x.n]
        AND f.case_version > x.case_version);
  END IF;
  SELECT array_agg(ROW('task.' || p_yes, x.case_id, x.task_id, x.workflow, x.stage, x.capability, x.actor,
                       jsonb_build_object('fence', x.fence, 'reason', p_reasons[x.n], 'needs', p_needs[x.n]), v_now)::board.entry
                   ORDER BY x.n)
  INTO v_told FROM unnest(v_taken) AS x;
  PERFORM board.rest_disputed(p_tenant, ARRAY(SELECT x.task_id FROM unnest(v_taken) AS x), v_now);
  RETURN board.conclude(p_tenant, p_verb, p_yes, v_taken, p_agents, p_tasks, p_fences,
    ARRAY(SELECT to_jsonb(r) FROM unnest(p_reasons) AS r),
    v_told || board.queue_tasks(p_tenant, ARRAY(SELECT x.task_id FROM unnest(v_taken) AS x), 'board', v_now), v_now);
END
$$;
