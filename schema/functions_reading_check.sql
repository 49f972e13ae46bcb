-- role: blackboard_system
-- Whether what is read is what was written, asked of one snapshot of a board that goes on working.

-- The cases of which something was told that the read models do not have yet: after their position in the journal, or in the outbox.
CREATE OR REPLACE FUNCTION board.cases_in_flux() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_progress reading.progress := (SELECT p FROM reading.progress p);
BEGIN
  RETURN QUERY
  SELECT e.case_id FROM board.journal j
  CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY
    AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
  WHERE j.position + j.size > v_progress.position + 1 AND j.recorded_on >= v_progress.recorded_on
    AND j.position + e.nth - 1 > v_progress.position AND e.case_id IS NOT NULL
  UNION
  SELECT e.case_id FROM board.unseen_events((SELECT h.snap FROM board.journal_head h)) AS i
  CROSS JOIN LATERAL unnest(i.entries) AS e WHERE e.case_id IS NOT NULL;
END
$$;

-- Read models beside the board (I38), for the cases that are not in flux: each case is there and stands as it does, with its decisions
-- and with what became of its actions, and no others are.
CREATE OR REPLACE FUNCTION board.check_reading(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_flux uuid[] := ARRAY(SELECT f FROM board.cases_in_flux() AS f);
BEGIN
  RETURN QUERY
  WITH shown AS (
    SELECT r.* FROM reading.case r JOIN reading.shown s USING (tenant_id, edition) WHERE r.case_id <> ALL (v_flux)),
  written AS (
    SELECT c.* FROM board.case c WHERE c.number IS NOT NULL AND c.case_id <> ALL (v_flux)),
  judged AS (
    SELECT coalesce(w.case_id, r.case_id) AS case_id, coalesce(w.number, r.number) AS number, CASE
      WHEN r.case_id IS NULL THEN 'it is not in the read models'
      WHEN w.case_id IS NULL THEN 'there is no such case'
      WHEN (r.tenant_id, r.number, r.workflow, r.payload, r.state, r.stage, r.outcome, r.closed_at) IS DISTINCT FROM
           (w.tenant_id, w.number, w.workflow, w.payload, w.state, w.stage, w.outcome, w.closed_at) THEN 'it stands otherwise'
      ELSE coalesce(board.misread_decision(r), board.misread_effect(r)) END AS what
    FROM written w FULL JOIN shown r ON r.case_id = w.case_id)
  SELECT 'I38', (SELECT count(*) FROM judged), (
    SELECT jsonb_agg(to_jsonb(b)) FROM (SELECT j.* FROM judged j WHERE j.what IS NOT NULL LIMIT p_limit) b);
END
$$;

-- What is wrong with the decisions that are read of a case; NULL where nothing is. Seats of a panel decide nothing.
CREATE OR REPLACE FUNCTION board.misread_decision(p_case reading.case) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT 'another decision was taken' FROM (
      SELECT t.task_id, t.outcome, t.decided_by FROM board.task t
      WHERE t.case_id = p_case.case_id AND t.state = 'done' AND t.decided_by IS NOT NULL) w
    FULL JOIN (
      SELECT d.task_id, d.outcome, d.decided_by FROM reading.decision d
      WHERE d.case_id = p_case.case_id AND d.edition = p_case.edition) r ON r.task_id = w.task_id
    WHERE (w.outcome, w.decided_by) IS DISTINCT FROM (r.outcome, r.decided_by) LIMIT 1);
END
$$;

-- What is wrong with what is read of a case's actions, the newest word on each; NULL where nothing is.
CREATE OR REPLACE FUNCTION board.misread_effect(p_case reading.case) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT 'something else became of an action' FROM (
      SELECT a.action_id, a.state, a.receipt, a.payload FROM board.action a
      WHERE a.case_id = p_case.case_id AND a.state IN ('executed', 'failed')) w
    FULL JOIN (
      SELECT DISTINCT ON (e.action_id) e.action_id, e.state, e.response, e.request FROM reading.effect e
      WHERE e.case_id = p_case.case_id AND e.edition = p_case.edition ORDER BY e.action_id, e.position DESC) r
      ON r.action_id = w.action_id
    WHERE coalesce(r.state, '') <> 'unknown' AND (w.state, w.receipt, w.payload) IS DISTINCT FROM (r.state, r.response, r.request)
    LIMIT 1);
END
$$;
