-- Reviews: tasks that people decide. Who may, by when, upon what, and how one is handed on.

-- When so much working time will have passed after a moment, by the days that were written ahead. Where those end every second
-- counts, so that a review comes due too early and never too late.
CREATE OR REPLACE FUNCTION board.count_hours(p_tenant integer, p_calendar text, p_after timestamptz, p_seconds integer)
RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN coalesce((
    SELECT s.closes_at - make_interval(secs => (s.so_far - p_seconds)::double precision)
    FROM (
      SELECT d.closes_at, sum(extract(epoch FROM d.closes_at - greatest(d.opens_at, p_after))) OVER (ORDER BY d.opens_at) AS so_far
      FROM (
        SELECT w.opens_at, w.closes_at FROM board.working_day w
        WHERE w.tenant_id = p_tenant AND w.calendar = p_calendar AND w.opens_at > p_after - interval '1 day'
          AND w.closes_at > p_after
        ORDER BY w.opens_at LIMIT p_seconds / 28800 + 2) d) s
    WHERE s.so_far >= p_seconds ORDER BY s.closes_at LIMIT 1), p_after + make_interval(secs => p_seconds));
END
$$;

-- By when a review must be decided that begins now: 'infinity' where its stage sets no time.
CREATE OR REPLACE FUNCTION board.review_due(p_tenant integer, p_review jsonb, p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_seconds integer := (p_review ->> 'due_s')::integer;
BEGIN
  RETURN CASE WHEN v_seconds IS NULL THEN 'infinity'
              WHEN p_review ->> 'calendar' IS NULL THEN p_now + make_interval(secs => v_seconds)
              ELSE board.count_hours(p_tenant, p_review ->> 'calendar', p_now, v_seconds) END;
END
$$;

-- Promises that each of these new tasks has what a review needs beside its header. Called by whoever made them.
CREATE OR REPLACE FUNCTION board.begin_reviews(p_tenant integer, p_tasks uuid[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.review (tenant_id, task_id, case_id, owners, excluded, due_at, opened_at)
  SELECT p_tenant, t.task_id, t.case_id,
         CASE WHEN k.review -> 'owners' = '[]' THEN ARRAY[k.capability]
              ELSE ARRAY(SELECT o FROM jsonb_array_elements_text(k.review -> 'owners') AS o) END,
         ARRAY(SELECT x FROM jsonb_array_elements_text(k.review -> 'excluded') AS x),
         board.review_due(p_tenant, k.review, p_now), p_now
  FROM unnest(p_tasks) AS p (task_id)
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = p.task_id
  JOIN board.stage_task k USING (stage_task_id);
END
$$;

-- What keeps an agent from a review whose last fence was this one, in words; NULL when it may have it. After a question the answer
-- is first for the person who asked: for one claim, and while that person is there.
CREATE OR REPLACE FUNCTION board.bars_review(p_tenant integer, p_agent integer, v board.review, p_fence bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT CASE
      WHEN a.state <> 'active' THEN 'agent is ' || a.state
      WHEN a.kind <> 'human' THEN 'only people decide a review'
      WHEN a.name = ANY (v.excluded) OR a.capabilities && v.excluded THEN 'excluded from this review'
      WHEN NOT (a.name || a.capabilities || board.delegated_capabilities(p_tenant, p_agent)) && v.owners
        THEN 'this review is for ' || array_to_string(v.owners, ', ')
      WHEN k.agent_id <> a.agent_id AND v.keeper_fence = p_fence THEN k.name || ' asked, and is to have the answer'
      WHEN (board.task_clash(p_tenant, p_agent, v.task_id)).duty IS NOT NULL
        THEN board.say_duty(board.task_clash(p_tenant, p_agent, v.task_id)) END
    FROM board.agent a
    LEFT JOIN board.agent k ON k.tenant_id = p_tenant AND k.agent_id = v.keeper AND k.state = 'active'
    WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent);
END
$$;

-- What is against a person's taking this review now: a verdict and words; nothing when it may be had, and then the row of the queue
-- is locked and what it needs of quotas is taken. Internal, under the case's lock.
CREATE OR REPLACE FUNCTION board.admit_reviewer(
  p_tenant integer, p_agent integer, p_task board.task, p_review board.review, p_now timestamptz, OUT verdict text, OUT detail text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_kind board.stage_task;
BEGIN
  IF p_task.state <> 'open' THEN
    SELECT 'ended', coalesce(p_task.outcome, p_task.state) INTO verdict, detail;
    RETURN;
  END IF;
  SELECT 'held', a.name INTO verdict, detail FROM board.task_lease l JOIN board.agent a USING (agent_id)
  WHERE l.tenant_id = p_tenant AND l.task_id = p_task.task_id;
  IF verdict IS NOT NULL THEN
    RETURN;
  END IF;
  detail := coalesce(
    board.bars_review(p_tenant, p_agent, p_review, p_task.fence),
    (SELECT 'given back for good: ' || x.reason FROM board.task_rejection x
     WHERE x.agent_id = p_agent AND x.task_id = p_task.task_id));
  IF detail IS NOT NULL THEN
    verdict := 'barred';
    RETURN;
  END IF;
  SELECT * INTO STRICT v_kind FROM board.stage_task k WHERE k.stage_task_id = p_task.stage_task_id;
  PERFORM FROM board.task_ready r WHERE r.tenant_id = p_tenant AND r.queue_id = v_kind.queue_id AND r.task_id = p_task.task_id FOR UPDATE;
  IF NOT FOUND THEN
    SELECT 'waiting', string_agg(w.reason || ' ' || w.key, ', ') INTO verdict, detail FROM board.task_waiting w
    WHERE w.tenant_id = p_tenant AND w.task_id = p_task.task_id;
    RETURN;
  END IF;
  SELECT h.kind || ' ' || h.name INTO detail FROM board.hold h
  WHERE h.tenant_id = p_tenant AND (h.kind = 'tenant' OR (h.kind = 'capability' AND h.name = v_kind.capability)) LIMIT 1;
  IF detail IS NULL THEN
    SELECT a.reason || ' ' || coalesce(a.key, '') INTO detail
    FROM board.admit_task(p_tenant, p_agent, p_task.task_id, p_task.case_id, p_task.stage_task_id, p_now) a
    WHERE a.reason IS NOT NULL;
  END IF;
  verdict := CASE WHEN detail IS NOT NULL THEN 'held_back' END;
END
$$;

-- Promises that this person alone holds this review, for as long as its stage lends it: 'claimed', with fence and deadline, and the
-- same again for one who holds it. Otherwise why not: 'unknown', 'ended', 'held', 'waiting', 'barred', 'held_back'. Locks the case,
-- then the row of the queue, as whoever ends a case does.
CREATE OR REPLACE FUNCTION board.claim_review(p_tenant integer, p_agent integer, p_task uuid)
RETURNS TABLE (verdict text, detail text, fence bigint, deadline_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_case uuid;
  v_task board.task;
  v_review board.review;
  v_kind board.stage_task;
  v_lease board.task_lease;
  v_verdict text;
  v_detail text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_tasks(p_tenant, 'work on a task', ARRAY[p_task]);
  SELECT v.case_id INTO v_case FROM board.review v WHERE v.tenant_id = p_tenant AND v.task_id = p_task;
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = v_case FOR NO KEY UPDATE;
  SELECT * INTO v_review FROM board.review v WHERE v.tenant_id = p_tenant AND v.task_id = p_task;
  IF v_review.task_id IS NULL THEN
    RETURN QUERY SELECT 'unknown', NULL, NULL::bigint, NULL::timestamptz;
    RETURN;
  END IF;
  SELECT * INTO v_lease FROM board.task_lease l
  WHERE l.tenant_id = p_tenant AND l.task_id = p_task AND l.agent_id = p_agent AND l.deadline_at > v_now;
  IF v_lease.task_id IS NULL THEN
    SELECT * INTO STRICT v_task FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task;
    SELECT a.verdict, a.detail INTO v_verdict, v_detail FROM board.admit_reviewer(p_tenant, p_agent, v_task, v_review, v_now) a;
    IF v_verdict IS NULL THEN
      PERFORM board.unqueue_tasks(p_tenant, ARRAY[p_task]);
      SELECT * INTO STRICT v_kind FROM board.stage_task k WHERE k.stage_task_id = v_task.stage_task_id;
      INSERT INTO board.task_lease (tenant_id, task_id, case_id, stage_task_id, fence, attempt, agent_id, lease_s, granted_at,
                                    deadline_at, case_version, heard)
      SELECT p_tenant, p_task, v_case, v_kind.stage_task_id, v_task.fence + 1, v_task.failures + v_task.rescues + 1, p_agent,
             v_kind.lease_s, v_now, v_now + make_interval(secs => least(v_kind.lease_s, v_kind.attempt_max_s)), c.version, true
      FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = v_case
      RETURNING * INTO v_lease;
      PERFORM board.record_events(p_tenant, ARRAY[ROW(
        'task.claimed', v_case, p_task, v_kind.workflow, v_kind.stage, v_kind.capability, board.agent_name(p_tenant, p_agent),
        jsonb_build_object('fence', v_lease.fence, 'attempt', v_lease.attempt, 'deadline_at', v_lease.deadline_at),
        v_now)::board.entry]);
    END IF;
  END IF;
  RETURN QUERY SELECT coalesce(v_verdict, 'claimed'), v_detail, v_lease.fence, v_lease.deadline_at;
END
$$;

-- The end of the verbs with which a person hands a review on: what is against it is journalled and told; else the claim is over, the
-- task waits again, and the journal tells that it was handed on. Internal.
CREATE OR REPLACE FUNCTION board.hand_on_review(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_done text, p_against text, p_told jsonb, p_now timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_taken board.taken[] := '{}';
  v_told board.entry[];
BEGIN
  IF p_against IS NULL THEN
    v_taken := board.take_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, p_now);
    UPDATE board.task t SET fence = x.fence, progress = coalesce(x.progress, t.progress)
    FROM unnest(v_taken) AS x WHERE t.tenant_id = p_tenant AND t.task_id = x.task_id;
  END IF;
  SELECT array_agg(ROW('review.' || p_done, x.case_id, x.task_id, x.workflow, x.stage, x.capability, x.actor,
                       jsonb_build_object('fence', x.fence) || p_told, p_now)::board.entry)
  INTO v_told FROM unnest(v_taken) AS x;
  RETURN (board.conclude(
    p_tenant, 'review', p_done, v_taken, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], ARRAY[p_told],
    v_told || board.queue_tasks(p_tenant, ARRAY(SELECT x.task_id FROM unnest(v_taken) AS x), 'board', p_now), p_now,
    ARRAY[p_done], ARRAY[p_against]))[1];
END
$$;

-- Promises that this review is offered to the person or group named, and to nobody else: 'forwarded'. Who forwards has delegated.
-- 'no_person' when none of them is a person who may have it. Locks the case.
CREATE OR REPLACE FUNCTION board.forward_review(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_to text, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_against text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  v_against := board.against_handing_on(p_tenant, v_claim, p_to);
  IF v_against IS NULL THEN
    UPDATE board.review v SET owners = ARRAY[p_to], keeper = NULL WHERE v.tenant_id = p_tenant AND v.task_id = v_claim.task_id;
    IF v_claim.task_id IS NOT NULL THEN
      PERFORM board.note_duty(p_tenant, v_claim.case_id, p_agent, 'delegator', p_task);
    END IF;
  END IF;
  RETURN board.hand_on_review(p_tenant, p_agent, p_task, p_fence, 'forwarded', v_against,
                              jsonb_build_object('to', p_to, 'reason', p_reason), v_now);
END
$$;

-- Promises that this review is offered to those whom its stage escalates to, and is more urgent: 'escalated'. 'no_escalation' when the
-- stage names nobody, or they have it already. Locks the case.
CREATE OR REPLACE FUNCTION board.escalate_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_to text;
  v_against text;
  v_priority smallint;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  SELECT k.review ->> 'escalate_to' INTO v_to FROM board.stage_task k
  JOIN board.review v ON v.tenant_id = p_tenant AND v.task_id = v_claim.task_id AND v.owners <> ARRAY[k.review ->> 'escalate_to']
  WHERE k.stage_task_id = v_claim.stage_task_id;
  v_against := CASE WHEN v_claim.task_id IS NOT NULL AND v_to IS NULL THEN 'no_escalation'
                    ELSE board.against_handing_on(p_tenant, v_claim, v_to) END;
  IF v_against IS NULL THEN
    UPDATE board.review v SET owners = ARRAY[v_to], keeper = NULL, escalated = v.escalated + 1
    WHERE v.tenant_id = p_tenant AND v.task_id = v_claim.task_id;
    UPDATE board.task t SET priority = greatest(t.priority - 3, 0) WHERE t.tenant_id = p_tenant AND t.task_id = v_claim.task_id
    RETURNING t.priority INTO v_priority;
  END IF;
  RETURN board.hand_on_review(p_tenant, p_agent, p_task, p_fence, 'escalated', v_against,
                              jsonb_build_object('to', v_to, 'priority', v_priority, 'reason', p_reason), v_now);
END
$$;

-- What is against handing a claimed review on to a person or group: it is no review, or there is nobody who could decide it. Where
-- the claim is none, nothing: that is said by whoever ends claims.
CREATE OR REPLACE FUNCTION board.against_handing_on(p_tenant integer, p_claim board.taken, p_to text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_review board.review;
BEGIN
  SELECT * INTO v_review FROM board.review v WHERE v.tenant_id = p_tenant AND v.task_id = p_claim.task_id;
  RETURN CASE
    WHEN p_claim.task_id IS NULL THEN NULL
    WHEN v_review.task_id IS NULL THEN 'no_review'
    WHEN NOT EXISTS (
      SELECT FROM board.agent a
      WHERE a.tenant_id = p_tenant AND a.kind = 'human' AND a.state = 'active' AND a.agent_id <> p_claim.agent_id
        AND (a.name = p_to OR p_to = ANY (a.capabilities))
        AND NOT (a.name = ANY (v_review.excluded) OR a.capabilities && v_review.excluded)) THEN 'no_person'
    WHEN board.clashing_duty(p_tenant, p_claim.case_id, p_claim.agent_id, 'delegator') IS NOT NULL THEN 'duties' END;
END
$$;

-- Promises that this review waits for the answer to a question, a fact under this key, and is then first offered to the person who
-- asked: 'asked'. An answer that the person was not shown with the claim counts. Locks the case.
CREATE OR REPLACE FUNCTION board.ask_review(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_fact text, p_question text, p_to text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_against text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  UPDATE board.review v SET keeper = p_agent, keeper_fence = p_fence
  WHERE v.tenant_id = p_tenant AND v.task_id = v_claim.task_id;
  IF NOT FOUND THEN
    v_against := CASE WHEN v_claim.task_id IS NOT NULL THEN 'no_review' END;
  ELSIF NOT EXISTS (
    SELECT FROM board.fact f WHERE f.tenant_id = p_tenant AND f.case_id = v_claim.case_id AND f.key = p_fact
      AND f.case_version > v_claim.case_version) THEN
    INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, about, since)
    VALUES (p_tenant, p_task, v_claim.case_id, 'input', p_fact,
            jsonb_build_object('question', p_question, 'to', p_to, 'by', v_claim.actor), v_now);
  END IF;
  RETURN board.hand_on_review(p_tenant, p_agent, p_task, p_fence, 'asked', v_against,
                              jsonb_build_object('needs', p_fact, 'question', p_question, 'to', p_to), v_now);
END
$$;
