-- What a holder may do with its claim: keep it (heartbeat), end it (decide, fail), give it back (release).
--
-- Every verb takes a list of items {task_id, fence, agent_id, …} and returns one verdict per item, in order: its own word
-- for yes, or the reason for no. One refused item changes nothing for its neighbours. A refusal is journalled.

-- Says why a write under (agent, fence) is refused, or NULL when it may go ahead: one rule for every verb of a holder.
-- A claim past its deadline is refused even before the sweeper has come: from that moment somebody else may be promised
-- the task.
CREATE OR REPLACE FUNCTION board.judge_holder(
  p_agent integer, p_fence bigint, p_state text, p_task_fence bigint, p_lease_agent integer, p_deadline timestamptz,
  p_now timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_state IS NULL THEN 'unknown'
  WHEN p_state = 'cancelled' THEN 'cancelled'
  WHEN p_state IN ('done', 'failed') THEN 'done'
  WHEN p_state = 'claimed' AND p_fence <> p_task_fence THEN 'reassigned'
  WHEN p_state <> 'claimed' OR p_deadline IS NULL OR p_deadline <= p_now THEN 'expired'
  WHEN p_agent <> p_lease_agent THEN 'not_holder'
END;

-- The tasks that a list of items names. Statements address rows by this array, whatever else they join: see claim_tasks.
CREATE OR REPLACE FUNCTION board.named_tasks(p_items jsonb) RETURNS uuid[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT (i ->> 'task_id')::uuid FROM jsonb_array_elements(p_items) AS i);

-- Promises each item with the reason against it, NULL where there is none. A task named twice is judged 'done' the second
-- time. An outcome that the stage does not know, or that only the board may give, is 'unknown_outcome'. Reads only: the
-- caller holds the locks that keep the answer true.
CREATE OR REPLACE FUNCTION board.judge_items(p_tenant integer, p_items jsonb, p_now timestamptz) RETURNS board.judged[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_tasks uuid[] := board.named_tasks(p_items);
BEGIN
  RETURN (SELECT array_agg(ROW(
    i.n, i.item,
    CASE
      WHEN i.nth > 1 THEN 'done'
      ELSE coalesce(
        board.judge_holder(i.agent_id, i.fence, t.state, t.fence, l.agent_id, l.deadline_at, p_now),
        CASE WHEN i.outcome IS NOT NULL AND (r.outcome IS NULL OR i.outcome = 'exhausted') THEN 'unknown_outcome' END)
    END,
    p_tenant, i.task_id, t.case_id, t.workflow_id, t.workflow, t.stage, t.capability, i.fence, i.agent_id, a.name,
    t.failures)::board.judged ORDER BY i.n)
  FROM (
    SELECT e.n::integer, e.item, x.task_id, x.fence, x.agent_id, x.outcome,
           row_number() OVER (PARTITION BY x.task_id ORDER BY e.n) AS nth
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e (item, n)
    CROSS JOIN LATERAL jsonb_to_record(e.item) AS x (task_id uuid, fence bigint, agent_id integer, outcome text)) i
  LEFT JOIN board.agent a ON a.tenant_id = p_tenant AND a.agent_id = i.agent_id
  LEFT JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = i.task_id AND t.task_id = ANY (v_tasks)
  LEFT JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = i.task_id AND l.task_id = ANY (v_tasks)
  LEFT JOIN board.route r ON r.workflow_id = t.workflow_id AND r.stage = t.stage AND r.outcome = i.outcome);
END
$$;

-- Promises that nobody else ends, expires or cancels the tasks named until this transaction is over: each of those verbs
-- holds the case first. Cases in key order, so that two batches that meet never deadlock. A task's case never changes,
-- which is why it may be read before it is locked.
CREATE OR REPLACE FUNCTION board.lock_cases(p_tenant integer, p_items jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM board.case c
  WHERE c.tenant_id = p_tenant AND c.case_id = ANY (ARRAY(
    SELECT t.case_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = ANY (board.named_tasks(p_items))))
  ORDER BY c.case_id FOR NO KEY UPDATE;
END
$$;

-- Journals every write that was refused, with what it offered: an auditor sees the late answer too.
CREATE OR REPLACE FUNCTION board.record_refusals(p_judged board.judged[], p_verb text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  SELECT j.tenant_id, 'write.refused', j.case_id, j.task_id, j.workflow, j.stage, j.capability, j.actor,
         jsonb_build_object('verb', p_verb, 'reason', j.reason, 'fence', j.fence,
                            'offered', j.item - '{task_id,fence,agent_id}'::text[]), p_now
  FROM unnest(p_judged) j WHERE j.reason IS NOT NULL AND j.reason <> 'unknown' ORDER BY j.n;
END
$$;

-- Promises a later deadline to each holder who still holds: 'extended' with the new deadline. Items: {…, lease_s?}.
-- Locks leases in task order and nothing else, so a heartbeat never waits for a case.
CREATE OR REPLACE FUNCTION board.heartbeat_tasks(p_tenant integer, p_items jsonb)
RETURNS TABLE (n integer, verdict text, deadline_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_judged board.judged[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM FROM board.task_lease l WHERE l.tenant_id = p_tenant AND l.task_id = ANY (board.named_tasks(p_items))
  ORDER BY l.task_id FOR UPDATE;
  v_judged := board.judge_items(p_tenant, p_items, v_now);
  RETURN QUERY
  WITH kept AS (
    UPDATE board.task_lease l
    SET lease_s = k.lease_s, deadline_at = v_now + make_interval(secs => k.lease_s)
    FROM unnest(v_judged) j JOIN board.task_lease was
      ON was.tenant_id = p_tenant AND was.task_id = j.task_id AND was.task_id = ANY (board.named_tasks(p_items))
    CROSS JOIN LATERAL (SELECT coalesce((j.item ->> 'lease_s')::integer, was.lease_s) AS lease_s) k
    WHERE j.reason IS NULL AND l.tenant_id = p_tenant AND l.task_id = j.task_id
      AND l.task_id = ANY (board.named_tasks(p_items))
    RETURNING j.n, l.deadline_at)
  SELECT j.n, coalesce(j.reason, 'extended'), k.deadline_at
  FROM unnest(v_judged) j LEFT JOIN kept k USING (n) ORDER BY j.n;
  PERFORM board.record_refusals(v_judged, 'heartbeat', v_now);
END
$$;

-- Promises that each task is ended once, by its holder, with its decision kept, and that its case has taken the outcome's
-- route in the same transaction: 'decided'. Items: {…, outcome, decision}.
CREATE OR REPLACE FUNCTION board.decide_tasks(p_tenant integer, p_items jsonb)
RETURNS TABLE (n integer, verdict text, case_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_judged board.judged[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.lock_cases(p_tenant, p_items);
  v_judged := board.judge_items(p_tenant, p_items, v_now);
  WITH accepted AS MATERIALIZED (SELECT * FROM unnest(v_judged) j WHERE j.reason IS NULL),
  freed AS (
    DELETE FROM board.task_lease l
    WHERE l.tenant_id = p_tenant AND l.task_id = ANY (ARRAY(SELECT j.task_id FROM accepted j))),
  ended AS (
    UPDATE board.task t SET state = 'done', decision = (j.item -> 'decision') || jsonb_build_object('by', j.actor), finished_at = v_now
    FROM accepted j
    WHERE t.tenant_id = p_tenant AND t.task_id = j.task_id AND t.task_id = ANY (board.named_tasks(p_items)))
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  SELECT j.tenant_id, 'task.decided', j.case_id, j.task_id, j.workflow, j.stage, j.capability, j.actor,
         jsonb_build_object('fence', j.fence) || (j.item -> 'decision'), v_now
  FROM accepted j ORDER BY j.n;
  PERFORM board.advance_cases(array_agg(
    ROW(j.tenant_id, j.case_id, j.stage, j.item ->> 'outcome', j.actor)::board.move ORDER BY j.n))
  FROM unnest(v_judged) j WHERE j.reason IS NULL;
  PERFORM board.record_refusals(v_judged, 'decide', v_now);
  RETURN QUERY SELECT j.n, coalesce(j.reason, 'decided'), j.case_id FROM unnest(v_judged) j ORDER BY j.n;
END
$$;

-- How long to wait before attempt number p_failures + 1: exponential with a ceiling, and jitter over its upper half, so
-- that what failed together does not come back together.
CREATE OR REPLACE FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) RETURNS interval
LANGUAGE sql VOLATILE
RETURN make_interval(secs => least(p_max_s, p_base_s * 2 ^ least(p_failures - 1, 30))::double precision
                             * (0.5 + random() / 2));

-- Promises that each task either comes back after its backoff ('retrying', with the time) or, when it may not be tried
-- again, is failed for good and its case takes the route 'exhausted' ('exhausted'). Items: {…, reason, retryable, delay_s?}.
CREATE OR REPLACE FUNCTION board.fail_tasks(p_tenant integer, p_items jsonb)
RETURNS TABLE (n integer, verdict text, retry_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_judged board.judged[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.lock_cases(p_tenant, p_items);
  v_judged := board.judge_items(p_tenant, p_items, v_now);
  RETURN QUERY
  WITH accepted AS MATERIALIZED (
    SELECT j.*, CASE WHEN coalesce((j.item ->> 'retryable')::boolean, true) AND j.failures + 1 < s.max_attempts
                     THEN v_now + coalesce(make_interval(secs => (j.item ->> 'delay_s')::double precision),
                                           board.backoff(s.backoff_s, s.backoff_max_s, j.failures + 1)) END AS retry_at
    FROM unnest(v_judged) j JOIN board.stage s ON s.workflow_id = j.workflow_id AND s.name = j.stage
    WHERE j.reason IS NULL),
  freed AS (
    DELETE FROM board.task_lease l
    WHERE l.tenant_id = p_tenant AND l.task_id = ANY (ARRAY(SELECT j.task_id FROM accepted j))),
  ended AS (
    UPDATE board.task t
    SET failures = t.failures + 1, state = CASE WHEN j.retry_at IS NULL THEN 'failed' ELSE 'scheduled' END,
        finished_at = CASE WHEN j.retry_at IS NULL THEN v_now END
    FROM accepted j
    WHERE t.tenant_id = p_tenant AND t.task_id = j.task_id AND t.task_id = ANY (board.named_tasks(p_items))),
  later AS (
    INSERT INTO board.task_scheduled (tenant_id, task_id, ready_at)
    SELECT j.tenant_id, j.task_id, j.retry_at FROM accepted j WHERE j.retry_at IS NOT NULL),
  told AS (
    INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
    SELECT j.tenant_id, 'task.failed', j.case_id, j.task_id, j.workflow, j.stage, j.capability, j.actor,
           jsonb_build_object('fence', j.fence, 'reason', j.item ->> 'reason', 'failures', j.failures + 1,
                              'final', j.retry_at IS NULL, 'retry_at', j.retry_at), v_now
    FROM accepted j ORDER BY j.n)
  SELECT j.n, coalesce(j.reason, CASE WHEN a.retry_at IS NULL THEN 'exhausted' ELSE 'retrying' END), a.retry_at
  FROM unnest(v_judged) j LEFT JOIN accepted a USING (n) ORDER BY j.n;
  PERFORM board.advance_cases(array_agg(
    ROW(j.tenant_id, j.case_id, j.stage, 'exhausted', j.actor)::board.move ORDER BY j.n))
  FROM unnest(v_judged) j
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = j.task_id AND t.task_id = ANY (board.named_tasks(p_items))
  WHERE j.reason IS NULL AND t.state = 'failed';
  PERFORM board.record_refusals(v_judged, 'fail', v_now);
END
$$;

-- Promises that each task is back in the queue, at its old place and with no attempt counted: 'released'. Items: {…, reason?}.
CREATE OR REPLACE FUNCTION board.release_tasks(p_tenant integer, p_items jsonb)
RETURNS TABLE (n integer, verdict text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_judged board.judged[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.lock_cases(p_tenant, p_items);
  v_judged := board.judge_items(p_tenant, p_items, v_now);
  WITH accepted AS MATERIALIZED (SELECT * FROM unnest(v_judged) j WHERE j.reason IS NULL),
  freed AS (
    DELETE FROM board.task_lease l
    WHERE l.tenant_id = p_tenant AND l.task_id = ANY (ARRAY(SELECT j.task_id FROM accepted j))),
  returned AS (
    UPDATE board.task t SET state = 'ready'
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (ARRAY(SELECT j.task_id FROM accepted j)))
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  SELECT j.tenant_id, 'task.released', j.case_id, j.task_id, j.workflow, j.stage, j.capability, j.actor,
         jsonb_build_object('fence', j.fence, 'reason', j.item ->> 'reason'), v_now
  FROM accepted j ORDER BY j.n;
  PERFORM board.put_ready(array_agg(j.tenant_id), array_agg(j.task_id), 'board', v_now)
  FROM unnest(v_judged) j WHERE j.reason IS NULL;
  PERFORM board.record_refusals(v_judged, 'release', v_now);
  RETURN QUERY SELECT j.n, coalesce(j.reason, 'released') FROM unnest(v_judged) j ORDER BY j.n;
END
$$;
