-- Panels: a question is put when a stage is entered, its seats are tasks like others, and what they say is sealed until the tally.

-- Puts the questions of panels whose own tasks begin to wait for the tally. Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.open_questions(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
BEGIN
  WITH put AS (
    INSERT INTO board.question AS q (tenant_id, case_id, visit, stage, task_id, panel, seats, opened_at, deadline_at, due_at)
    SELECT p_tenant, t.case_id, c.visit, k.stage, t.task_id, g.panel, g.tasks - 1, p_now, d.deadline_at, d.deadline_at
    FROM board.task t
    JOIN board.stage_task k USING (stage_task_id)
    JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = t.case_id
    JOIN board.stage g ON g.workflow_id = k.workflow_id AND g.name = k.stage
    CROSS JOIN LATERAL (SELECT p_now + make_interval(secs => (g.panel ->> 'deadline_s')::double precision) AS deadline_at) d
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks) AND k.awaits = 'tally'
    RETURNING q.*)
  SELECT array_agg(ROW('question.opened', p.case_id, p.task_id, k.workflow, p.stage, NULL, p_actor, jsonb_build_object(
           'question', p.panel ->> 'question', 'visit', p.visit, 'deadline_at', p.deadline_at, 'seats', (
             SELECT jsonb_agg(s.name ORDER BY s.stage_task_id) FROM board.stage_task s
             WHERE s.workflow_id = k.workflow_id AND s.stage = k.stage AND s.is_seat)), p_now)::board.entry)
  INTO v_told FROM put p JOIN board.task t USING (task_id) JOIN board.stage_task k USING (stage_task_id);
  RETURN v_told;
END
$$;

-- Promises that the seat's opinion is kept, sealed, and its task over: 'given'. The same holder may say otherwise under the same
-- fence for as long as the question is open. The journal learns who spoke, and the digest that binds them, and not what was said;
-- nor does it when the opinion is refused. Else: 'tallied' or 'late' (nothing is counted any more), 'owner_spoke' (of one owner one
-- opinion counts), 'duties' (of the agent's person on the case), 'unreasoned', 'outdated' (it rests on facts that are not the
-- newest), 'no_question', or the reason against the holder. p_said is canonical JSON (RFC 8785). Locks the case, then the lease.
CREATE OR REPLACE FUNCTION board.give_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_said jsonb := p_said;
  v_claim board.taken;
  v_last board.opinion;
  v_question board.question;
  v_reason text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = (
    SELECT t.case_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task) FOR NO KEY UPDATE;
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  SELECT * INTO v_last FROM board.opinion o
  WHERE o.tenant_id = p_tenant AND o.task_id = p_task AND o.agent_id = p_agent AND o.fence = p_fence AND o.state = 'sealed';
  SELECT q.* INTO v_question FROM board.task t
  JOIN board.stage_task k USING (stage_task_id) JOIN board.question q ON q.case_id = t.case_id AND q.stage = k.stage
  WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND k.is_seat ORDER BY q.visit DESC LIMIT 1;
  v_reason := CASE
    WHEN v_question.case_id IS NULL THEN 'no_question'
    WHEN v_question.state IN ('tallied', 'lapsed') THEN 'tallied'
    WHEN v_claim.task_id IS NULL AND v_last.opinion_id IS NULL THEN 'expired'
    WHEN v_question.deadline_at <= v_now THEN 'late'
    WHEN NOT board.is_reasoned(v_said ->> 'verdict', v_said -> 'reasons') THEN 'unreasoned'
    WHEN v_claim.task_id IS NOT NULL AND board.has_spoken(p_tenant, v_question.case_id, p_agent) THEN 'owner_spoke'
    WHEN board.clashing_duty(p_tenant, v_question.case_id, p_agent, 'opinion', p_task) IS NOT NULL THEN 'duties'
    WHEN cardinality(board.unfit_reads(p_tenant, v_question.case_id, board.texts(v_said -> 'reads'))) > 0 THEN 'outdated' END;
  IF v_reason IS NOT NULL THEN
    RETURN board.refuse_opinion(p_tenant, v_reason, p_agent, p_task, p_fence, v_last.opinion_id IS NOT NULL, v_now);
  END IF;
  PERFORM board.take_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now);
  UPDATE board.task t SET state = 'done', outcome = 'given', fence = p_fence, finished_at = v_now
  WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND t.state = 'open';
  PERFORM board.note_duty(p_tenant, v_question.case_id, p_agent, 'opinion', p_task);
  PERFORM board.seal_opinion(p_tenant, p_agent, p_task, p_fence, p_said, v_question, v_last, v_now);
  RETURN 'given';
END
$$;

-- Writes a sealed opinion down in place of the seat's last one, lets the question be due when all have spoken, and tells the journal
-- who is bound. Internal, under the case's lock.
CREATE OR REPLACE FUNCTION board.seal_opinion(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text, p_question board.question, p_last board.opinion,
  p_now timestamptz)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_said jsonb := p_said;
  v_salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  v_opinion board.opinion;
BEGIN
  UPDATE board.opinion o SET state = 'superseded' WHERE o.tenant_id = p_tenant AND o.opinion_id = p_last.opinion_id;
  INSERT INTO board.opinion (tenant_id, opinion_id, case_id, visit, task_id, seat, capability, fence, agent_id, owner, revision,
                             verdict, score, confidence, reasons, evidence, read_set, said, salt, digest, at)
  SELECT p_tenant, board.new_id(), t.case_id, p_question.visit, p_task, k.name, k.capability, p_fence, p_agent, a.owner,
         coalesce(p_last.revision, 0) + 1, v_said ->> 'verdict', (v_said ->> 'score')::double precision,
         (v_said ->> 'confidence')::double precision, board.texts(v_said -> 'reasons'), board.texts(v_said -> 'evidence'),
         board.texts(v_said -> 'reads'), p_said, v_salt, sha256(v_salt || convert_to(p_said, 'UTF8')), p_now
  FROM board.task t JOIN board.stage_task k USING (stage_task_id), board.agent a
  WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND a.agent_id = p_agent
  RETURNING * INTO v_opinion;
  UPDATE board.question q
  SET answered = q.answered + (p_last.opinion_id IS NULL)::integer,
      due_at = CASE WHEN q.answered + (p_last.opinion_id IS NULL)::integer >= q.seats THEN least(q.due_at, p_now) ELSE q.due_at END
  WHERE q.case_id = p_question.case_id AND q.visit = p_question.visit;
  UPDATE board.case c SET version = c.version + 1 WHERE c.tenant_id = p_tenant AND c.case_id = v_opinion.case_id;
  PERFORM board.record_events(p_tenant, ARRAY(
    SELECT ROW('opinion.given', v_opinion.case_id, p_task, k.workflow, k.stage, k.capability, board.agent_name(p_tenant, p_agent),
               jsonb_build_object('seat', v_opinion.seat, 'visit', v_opinion.visit, 'revision', v_opinion.revision, 'fence', p_fence,
                                  'digest', encode(v_opinion.digest, 'hex')), p_now)::board.entry
    FROM board.task t JOIN board.stage_task k USING (stage_task_id) WHERE t.tenant_id = p_tenant AND t.task_id = p_task));
END
$$;

-- Journals a refused opinion, without what it said, and returns the reason: that against the holder first, unless the holder has
-- spoken already or everybody has been counted.
CREATE OR REPLACE FUNCTION board.refuse_opinion(
  p_tenant integer, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_has_spoken boolean, p_now timestamptz)
RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_reason text;
  v_told board.entry[];
BEGIN
  SELECT j.reasons[1], j.told INTO v_reason, v_told FROM board.judge_refused(
    p_tenant, 'opinion', '{}', ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], ARRAY[NULL]::jsonb[], ARRAY[p_reason], p_now) j;
  IF v_reason IN ('done', 'cancelled') AND (p_has_spoken OR p_reason = 'tallied') THEN
    v_reason := p_reason;
    v_told[1].body := v_told[1].body || jsonb_build_object('reason', p_reason);
  END IF;
  PERFORM board.record_events(p_tenant, v_told);
  RETURN v_reason;
END
$$;

-- Whether an opinion of this agent's person stands on an open question of the case: of its owner, or of one of whom it was or is the
-- delegate, or the other way round.
CREATE OR REPLACE FUNCTION board.has_spoken(p_tenant integer, p_case uuid, p_agent integer) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM board.question q JOIN board.opinion o USING (case_id, visit) JOIN board.agent a ON a.agent_id = p_agent
    WHERE q.tenant_id = p_tenant AND q.case_id = p_case AND q.state = 'open' AND o.state = 'sealed'
      AND a.owner = ANY (board.same_person(p_tenant, o.owner, o.at) || board.same_person(p_tenant, o.owner, board.clock())));
END
$$;

-- An opinion as the tally counts it, with what opens its seal. Where a fact that it rests on is no longer the newest, it says so.
CREATE OR REPLACE FUNCTION board.describe_opinion(o board.opinion) RETURNS jsonb
LANGUAGE sql STABLE
RETURN o.said::jsonb || jsonb_build_object(
  'seat', o.seat, 'capability', o.capability, 'owner', o.owner,
  'by', (SELECT a.name FROM board.agent a WHERE a.agent_id = o.agent_id),
  'salt', encode(o.salt, 'hex'), 'digest', encode(o.digest, 'hex'), 'at', o.at,
  'outdated', board.unfit_reads(o.tenant_id, o.case_id, o.read_set));

-- A question as the board shows it. What was said is shown once it has been counted, and to nobody before.
CREATE OR REPLACE FUNCTION board.describe_question(q board.question) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
  'stage', q.stage, 'visit', q.visit, 'question', q.panel ->> 'question', 'state', q.state, 'seats', q.seats, 'answered', q.answered,
  'opened_at', q.opened_at, 'deadline_at', q.deadline_at, 'closed_at', q.closed_at,
  'opinions', (SELECT coalesce(jsonb_agg(board.describe_opinion(o) - '{salt,digest,outdated}'::text[]
                                         ORDER BY o.at, o.opinion_id), '[]')
               FROM board.opinion o WHERE o.case_id = q.case_id AND o.visit = q.visit AND o.state = 'revealed'));
