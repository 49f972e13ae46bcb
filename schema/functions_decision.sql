-- Decisions with what they rest on: which may stand, and what is kept of them.

-- Whether a decision says why. A rejection needs a reason that says more than that it is one: whoever is refused is owed the
-- principal reasons, specific to the case.
CREATE OR REPLACE FUNCTION board.is_reasoned(p_outcome text, p_reasons jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(jsonb_array_length(p_reasons), 0) > 0
  AND (p_outcome IS DISTINCT FROM 'reject' OR NOT p_reasons <@ '["reject","rejected","other","policy","declined","score"]');

-- Whether there is anything to weigh in these decisions: one names facts or a policy or lacks a reason, or the tenant has stages whose
-- decisions are kept. One look for a whole batch, so that plain decisions pay nothing for what others ask.
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
      WHEN d.case_id IS NOT NULL AND d.said ? 'reads' AND cardinality(board.unfit_reads(p_tenant, d.case_id, ARRAY(
        SELECT jsonb_array_elements_text(d.said -> 'reads')))) > 0 THEN 'outdated' END
    FROM unnest(p_agents, v_cases, p_outcomes, p_decisions) WITH ORDINALITY AS d (agent_id, case_id, outcome, said, n)
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
