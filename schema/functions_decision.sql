-- Decisions with what they rest on: which may stand, and what is kept of them.

-- Whether a decision says why. A rejection needs a reason that says more than that it is one: whoever is refused is owed the
-- principal reasons, specific to the case.
CREATE OR REPLACE FUNCTION board.is_reasoned(p_outcome text, p_reasons jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(jsonb_array_length(p_reasons), 0) > 0
  AND (p_outcome IS DISTINCT FROM 'reject' OR NOT p_reasons <@ '["reject","rejected","other","policy","declined","score"]');

-- Whether there is anything to weigh in these decisions: one names facts or a policy or lacks a reason, or the tenant has stages
-- whose decisions are kept. One look for a whole batch, so that plain decisions pay nothing for what others ask.
CREATE OR REPLACE FUNCTION board.decisions_are_weighed(p_tenant integer, p_outcomes text[], p_decisions jsonb[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (
      SELECT FROM unnest(p_outcomes, p_decisions) AS d (outcome, said)
      WHERE d.said ?| '{reads,policy}' OR NOT board.is_reasoned(d.outcome, d.said -> 'reasons'))
    OR EXISTS (SELECT FROM board.stage g WHERE g.tenant_id = p_tenant AND g.is_weighed);
END
$$;

-- What is wrong with each of these decisions, by place; null where nothing is. Locks the cases in key order, so that what is found
-- fit stays so until this transaction is over.
CREATE OR REPLACE FUNCTION board.weigh_decisions(
  p_tenant integer, p_agents integer[], p_tasks uuid[], p_outcomes text[], p_decisions jsonb[])
RETURNS text[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_cases uuid[] := board.lock_held(p_tenant, p_tasks);
BEGIN
  RETURN ARRAY(
    SELECT CASE
      WHEN d.outcome IS NULL THEN 'unfit_result'
      WHEN NOT board.is_reasoned(d.outcome, d.said -> 'reasons') THEN 'unreasoned'
      WHEN j.reason IS NOT NULL THEN j.reason
      WHEN d.case_id IS NOT NULL AND d.said ? 'policy' AND NOT board.hold_policy(
        p_tenant, split_part(d.said ->> 'policy', '@', 1), split_part(d.said ->> 'policy', '@', 2)::integer) THEN 'policy_retired'
      WHEN d.case_id IS NOT NULL AND d.said ? 'reads'
           AND cardinality(board.unfit_reads(p_tenant, d.case_id, board.texts(d.said -> 'reads'))) > 0 THEN 'outdated' END
    FROM unnest(p_agents, p_tasks, v_cases, p_outcomes, p_decisions)
      WITH ORDINALITY AS d (agent_id, task_id, case_id, outcome, said, n)
    CROSS JOIN LATERAL (SELECT board.judge_review(p_tenant, d.agent_id, d.task_id, d.said) AS reason) j
    ORDER BY d.n);
END
$$;

-- Keeps the decisions that name facts or a policy, or belong to a weighed stage. Internal, under the cases' locks and before they
-- move on.
CREATE OR REPLACE FUNCTION board.keep_decisions(
  p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.decision (tenant_id, decision_id, case_id, stage, visit, task_id, kind, outcome, reasons, confidence, evidence,
                              read_set, policy, policy_version, decided_by, agent_id, at)
  SELECT p_tenant, board.new_id(), x.case_id, x.stage, c.visit, x.task_id, 'single', d.said ->> 'outcome',
         board.texts(d.said -> 'reasons'), (d.said ->> 'confidence')::double precision, board.texts(d.said -> 'evidence'),
         board.texts(d.said -> 'reads'), split_part(d.said ->> 'policy', '@', 1), split_part(d.said ->> 'policy', '@', 2)::integer,
         x.actor, x.agent_id, p_now
  FROM unnest(p_taken) AS x
  CROSS JOIN LATERAL (SELECT p_decisions[x.n] AS said) d
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = x.case_id
  JOIN board.stage g ON g.workflow_id = x.workflow_id AND g.name = x.stage
  WHERE g.is_weighed OR d.said ?| '{reads,policy}';
END
$$;

-- The elements of a JSON array of texts.
CREATE OR REPLACE FUNCTION board.texts(p_array jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(SELECT t FROM jsonb_array_elements_text(coalesce(p_array, '[]')) AS t);

-- A kept decision as the board shows it.
CREATE OR REPLACE FUNCTION board.describe_decision(d board.decision) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
  'id', d.decision_id, 'stage', d.stage, 'visit', d.visit, 'task_id', d.task_id, 'kind', d.kind, 'question', d.question,
  'outcome', d.outcome, 'reasons', d.reasons, 'score', d.score, 'confidence', d.confidence, 'evidence', d.evidence,
  'reads', d.read_set, 'policy', d.policy || '@' || d.policy_version, 'dissent', d.dissent, 'basis', d.basis,
  'by', d.decided_by, 'at', d.at);

-- Promises that a panel's tally is the case's decision, once, and that the case has taken its route in the same transaction:
-- 'recorded'. It must have been made from the case as it is: at this version, from exactly the opinions that stand, by the policy
-- that is active. p_decision: {kind, outcome, reasons, score, confidence, evidence, reads, policy, dissent, basis}. Else: 'unknown',
-- 'tallied' (by somebody else meanwhile, or withdrawn), 'moved', 'early' (seats are empty and there is time), 'outdated',
-- 'unreasoned', or 'unfounded': not what may come of such opinions, whoever counted them. A tally is no approval when time ran out,
-- nor without approvals. Locks the case, then the policy.
CREATE OR REPLACE FUNCTION board.record_decision(
  p_tenant integer, p_case uuid, p_visit integer, p_version bigint, p_opinions uuid[], p_decision jsonb)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_case board.case;
  v_question board.question;
  v_reason text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  SELECT * INTO v_question FROM board.question q WHERE q.tenant_id = p_tenant AND q.case_id = p_case AND q.visit = p_visit;
  v_reason := CASE
    WHEN v_question.case_id IS NULL THEN 'unknown'
    WHEN v_question.state <> 'open' THEN 'tallied'
    WHEN v_case.state <> 'active' OR v_case.visit <> p_visit OR v_case.version <> p_version THEN 'moved'
    WHEN v_question.due_at > v_now THEN 'early'
    WHEN NOT board.is_reasoned(p_decision ->> 'outcome', p_decision -> 'reasons') THEN 'unreasoned'
    WHEN cardinality(board.unfit_reads(p_tenant, p_case, board.texts(p_decision -> 'reads'))) > 0 THEN 'outdated'
    ELSE board.judge_tally(v_question, p_opinions, p_decision) END;
  IF v_reason IS NOT NULL THEN
    RETURN v_reason;
  END IF;
  PERFORM board.record_events(p_tenant, board.close_question(p_tenant, v_case, v_question, p_decision, v_now));
  RETURN 'recorded';
END
$$;

-- What stands against a tally of these opinions, whoever counted: that they, or the policy, are not those that stand ('moved'), or
-- cannot come to such an end ('unfounded'). A second look at what matters most, by somebody who does not think.
CREATE OR REPLACE FUNCTION board.judge_tally(p_question board.question, p_opinions uuid[], p_decision jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_opinions board.opinion[] := ARRAY(
    SELECT o FROM board.opinion o
    WHERE o.case_id = p_question.case_id AND o.visit = p_question.visit AND o.state = 'sealed' ORDER BY o.opinion_id);
  v_outcome text := p_decision ->> 'outcome';
  v_approvals bigint := (
    SELECT count(DISTINCT o.owner) FROM unnest(v_opinions) AS o WHERE o.verdict = 'approve'
      AND cardinality(board.unfit_reads(o.tenant_id, o.case_id, o.read_set)) = 0);
BEGIN
  RETURN CASE
    WHEN ARRAY(SELECT o.opinion_id FROM unnest(v_opinions) AS o) <> ARRAY(SELECT i FROM unnest(p_opinions) AS i ORDER BY i)
    THEN 'moved'
    WHEN v_outcome IS NULL OR v_outcome NOT IN ('approve', 'reject', 'refer') THEN 'unfounded'
    WHEN p_decision ->> 'kind' = 'lapsed' AND v_outcome <> p_question.panel ->> 'on_deadline' THEN 'unfounded'
    WHEN p_decision ->> 'policy' IS NOT NULL AND NOT board.hold_policy(p_question.tenant_id,
      split_part(p_decision ->> 'policy', '@', 1), split_part(p_decision ->> 'policy', '@', 2)::integer) THEN 'moved'
    WHEN v_outcome = 'approve' AND v_approvals < coalesce((p_question.panel -> 'quorum' ->> 'approve')::integer, 1) THEN 'unfounded'
  END;
END
$$;

-- Ends a question with its decision: opinions are revealed, the decision kept, the panel's task done, the case sent on. Internal,
-- under the case's lock. Returns the events: the decision's holds all that it was made from, so that anybody can make it again.
CREATE OR REPLACE FUNCTION board.close_question(
  p_tenant integer, p_case board.case, p_question board.question, p_decision jsonb, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_decision board.decision;
  v_kept jsonb := jsonb_strip_nulls(p_decision - '{kind,score,dissent,basis}'::text[]);
BEGIN
  UPDATE board.question q SET state = p_decision ->> 'kind', closed_at = p_now
  WHERE q.case_id = p_question.case_id AND q.visit = p_question.visit;
  UPDATE board.opinion o SET state = 'revealed'
  WHERE o.case_id = p_question.case_id AND o.visit = p_question.visit AND o.state = 'sealed';
  INSERT INTO board.decision (tenant_id, decision_id, case_id, stage, visit, task_id, kind, question, outcome, reasons, score,
                              confidence, evidence, read_set, policy, policy_version, dissent, basis, decided_by, at)
  VALUES (p_tenant, board.new_id(), p_case.case_id, p_question.stage, p_question.visit, p_question.task_id, p_decision ->> 'kind',
          p_question.panel ->> 'question', p_decision ->> 'outcome', board.texts(p_decision -> 'reasons'),
          (p_decision ->> 'score')::double precision, (p_decision ->> 'confidence')::double precision,
          board.texts(p_decision -> 'evidence'), board.texts(p_decision -> 'reads'), split_part(p_decision ->> 'policy', '@', 1),
          split_part(p_decision ->> 'policy', '@', 2)::integer, p_decision -> 'dissent',
          p_decision -> 'basis' || jsonb_build_object('opinions', (
            SELECT coalesce(jsonb_agg(board.describe_opinion(o) ORDER BY o.seat), '[]') FROM board.opinion o
            WHERE o.case_id = p_question.case_id AND o.visit = p_question.visit AND o.state = 'revealed')), 'board', p_now)
  RETURNING * INTO v_decision;
  PERFORM board.unplace_tasks(p_tenant, ARRAY[p_question.task_id]);
  UPDATE board.task t SET state = 'done', outcome = v_decision.outcome, decision = v_kept, decided_by = 'board', finished_at = p_now
  WHERE t.tenant_id = p_tenant AND t.task_id = p_question.task_id;
  RETURN ARRAY[
    ROW('decision.made', p_case.case_id, p_question.task_id, p_case.workflow, p_question.stage, NULL, 'board',
        board.describe_decision(v_decision) - '{stage,task_id,by,at}'::text[], p_now),
    ROW('task.decided', p_case.case_id, p_question.task_id, p_case.workflow, p_question.stage, '_board', 'board',
        jsonb_build_object('fence', 0) || v_kept, p_now)]::board.entry[]
    || board.advance_cases(p_tenant, ARRAY[
      ROW(p_case.case_id, p_case.workflow_id, p_question.stage, v_decision.outcome, 'board')::board.move], p_now);
END
$$;
