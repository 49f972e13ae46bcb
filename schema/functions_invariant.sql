-- role: blackboard_system
-- What must hold of every board, asked of its tables: `blackboard doctor --invariants`. Each question says how many rows it looked at
-- and shows those that break it, so that "nothing found" is never "nothing looked at". They read, of all tenants, and lock nothing.
-- The sentences stand in blackboard/invariants.py, under the same names.

-- What the journal and the outbox hold of these types. An event that is in both is told twice.
CREATE OR REPLACE FUNCTION board.recall_events(p_types text[]) RETURNS SETOF board.entry
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT e.* FROM (SELECT j.entries FROM board.journal j UNION ALL SELECT i.entries FROM board.event_in i) b
  CROSS JOIN LATERAL unnest(b.entries) AS e WHERE e.type = ANY (p_types);
END
$$;

-- Idempotency keys: one answer each (I12), which is final (I13), under the tenant of who asked and nobody else's (I15), and there (I16).
CREATE OR REPLACE FUNCTION board.check_keys(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_keys bigint := (SELECT count(*) FROM board.idempotency);
BEGIN
  RETURN QUERY SELECT 'I12', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.agent_id, i.route, i.key, count(*) AS answers FROM board.idempotency i
    GROUP BY i.agent_id, i.route, i.key HAVING count(*) > 1 LIMIT p_limit) b);
  RETURN QUERY SELECT 'I13', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.agent_id, i.route, i.key, i.status FROM board.idempotency i
    WHERE i.status NOT BETWEEN 200 AND 499 OR i.status IN (409, 425, 429) LIMIT p_limit) b);
  RETURN QUERY SELECT 'I15', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.tenant_id, i.agent_id, i.route, i.key FROM board.idempotency i
    WHERE NOT EXISTS (SELECT FROM board.agent a WHERE a.agent_id = i.agent_id AND a.tenant_id = i.tenant_id)
    UNION ALL
    SELECT i.tenant_id, i.agent_id, i.route, i.key FROM board.idempotency i
    JOIN board.case c ON c.case_id = (i.answer ->> 'id')::uuid AND c.tenant_id <> i.tenant_id
    WHERE i.answer ->> 'id' ~ '^[0-9a-f-]{36}$' LIMIT p_limit) b);
  RETURN QUERY SELECT 'I16', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.agent_id, i.route, i.key, i.created_at FROM board.idempotency i
    WHERE i.status < 200 OR i.answer = 'null' LIMIT p_limit) b);
END
$$;

-- Actions: one key and one body in every attempt (I21), failed only when the bank said so (I23), a late yes never lost (I24), and
-- amounts that are money (I26).
CREATE OR REPLACE FUNCTION board.check_actions(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_actions bigint := (SELECT count(*) FROM board.action);
BEGIN
  RETURN QUERY SELECT 'I21', v_actions, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT DISTINCT a.action_id, a.effect_key, e.body ->> 'effect_key' AS told_key, e.body ->> 'digest' AS told_digest
    FROM board.recall_events('{action.recorded,action.repeated}') AS e
    JOIN board.action a ON a.action_id = (e.body ->> 'action_id')::uuid
    WHERE a.effect_key <> e.body ->> 'effect_key' OR encode(a.digest, 'hex') <> e.body ->> 'digest'
    UNION ALL
    SELECT a.action_id, a.effect_key, NULL, NULL FROM board.action a
    WHERE (SELECT count(*) FROM board.action o WHERE o.effect_key = a.effect_key) > 1 LIMIT p_limit) b);
  RETURN QUERY SELECT 'I23', (SELECT count(*) FROM board.action a WHERE a.state = 'failed'), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.effect_key, a.receipt FROM board.action a
    WHERE a.state = 'failed' AND (a.receipt IS NULL
      OR a.receipt ->> 'code' ~ '^(http-)?(5..|408|409|425|429)$|timeout|timed-out|reset|unavailable|unknown-outcome|key-running')
    LIMIT p_limit) b);
  RETURN QUERY
  WITH late AS (
    SELECT DISTINCT (e.body -> 'offered' ->> 'action_id')::uuid AS action_id, e.body -> 'offered' -> 'receipt' AS receipt
    FROM board.recall_events('{write.refused}') AS e
    WHERE e.body ->> 'verb' = 'settle' AND e.body -> 'offered' ->> 'state' = 'executed')
  SELECT 'I24', (SELECT count(*) FROM late), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.effect_key, l.receipt AS late FROM late l JOIN board.action a USING (action_id)
    WHERE a.state = 'failed' LIMIT p_limit) b);
  RETURN QUERY SELECT 'I26', (SELECT count(*) FROM board.action a WHERE a.payload ? 'amount'), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.payload -> 'amount' AS amount FROM board.action a
    WHERE a.payload ? 'amount' AND (jsonb_typeof(a.payload -> 'amount') <> 'string'
      OR a.payload ->> 'amount' !~ '^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$' OR a.payload ->> 'amount' ~ '^0(\.00?)?$') LIMIT p_limit) b);
END
$$;

-- What was sent although a route of its workflow must authorize it, and was not: no permission, other bytes, too late, or one whose
-- policy or facts had changed by then (I22).
CREATE OR REPLACE FUNCTION board.check_authorizations(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
  WITH sent AS (
    SELECT a.action_id, a.case_id, a.digest AS sent, z.tenant_id, z.authorization_id, z.digest, z.spent_at, z.expires_at, z.policy,
           z.policy_version, z.read_set, (d.outcome = r.outcome AND d.kind <> 'lapsed') AS is_approved
    FROM board.action a
    JOIN board.case c ON c.case_id = a.case_id
    LEFT JOIN board.authorization z ON z.action_id = a.action_id AND z.state = 'spent'
    LEFT JOIN board.decision d ON d.task_id = z.task_id
    LEFT JOIN board.route r ON r.workflow_id = c.workflow_id AND r.stage = d.stage AND r.outcome = d.outcome AND r.authorizes = a.kind
    WHERE a.attempts > 0
      AND EXISTS (SELECT FROM board.route n WHERE n.workflow_id = c.workflow_id AND n.authorizes = a.kind)),
  judged AS (
    SELECT s.action_id, s.case_id, CASE
      WHEN s.authorization_id IS NULL THEN 'nobody permitted it'
      WHEN s.digest <> s.sent THEN 'other bytes were permitted'
      WHEN s.spent_at >= s.expires_at THEN 'permitted until ' || s.expires_at
      WHEN s.is_approved IS NOT TRUE THEN 'no decision permits it'
      WHEN s.policy IS NOT NULL AND NOT EXISTS (
        SELECT FROM board.policy p WHERE p.tenant_id = s.tenant_id AND p.name = s.policy AND p.version = s.policy_version
          AND p.activated_at <= s.spent_at AND coalesce(p.retired_at, 'infinity') >= s.spent_at)
        THEN 'its policy was not in force'
      WHEN EXISTS (
        SELECT FROM unnest(s.read_set) AS r JOIN board.fact f ON f.case_id = s.case_id AND f.key = split_part(r, '@', 1)
        WHERE (f.version > split_part(r, '@', 2)::integer AND f.at < s.spent_at)
          OR (f.version = split_part(r, '@', 2)::integer AND f.state <> 'asserted' AND f.judged_at < s.spent_at))
        THEN 'a fact that it rests on had changed' END AS what
    FROM sent s)
  SELECT 'I22', (SELECT count(*) FROM judged), (
    SELECT jsonb_agg(to_jsonb(b)) FROM (SELECT j.* FROM judged j WHERE j.what IS NOT NULL LIMIT p_limit) b);
END
$$;

-- What was decided by a panel without enough of it: too few owners, opinions from after the tally or on other facts than each other's,
-- or an approval that nobody voiced (I35).
CREATE OR REPLACE FUNCTION board.check_panels(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
  WITH told AS (
    SELECT d.decision_id, d.case_id, d.outcome, d.at, q.panel, o.*
    FROM board.decision d
    LEFT JOIN board.question q ON q.case_id = d.case_id AND q.visit = d.visit
    CROSS JOIN LATERAL (
      SELECT count(*) AS voices, count(DISTINCT x.owner) AS owners, max(x.at) AS last_at,
             count(DISTINCT x.owner) FILTER (WHERE x.verdict = 'approve') AS approvals
      FROM board.opinion x WHERE x.case_id = d.case_id AND x.visit = d.visit AND x.state = 'revealed') o
    WHERE d.kind = 'tallied'),
  judged AS (
    SELECT t.decision_id, t.case_id, t.outcome, CASE
      WHEN t.voices > t.owners THEN 'one owner was counted twice'
      WHEN t.last_at > t.at THEN 'an opinion came after the tally'
      WHEN t.outcome = 'approve' AND t.approvals < coalesce((t.panel -> 'quorum' ->> 'approve')::integer, 1)
        THEN t.approvals || ' owners approved'
      WHEN EXISTS (
        SELECT FROM board.opinion x, unnest(x.read_set) AS r
        WHERE x.case_id = t.case_id AND x.state = 'revealed' AND x.verdict = t.outcome
          AND x.visit = (SELECT d.visit FROM board.decision d WHERE d.decision_id = t.decision_id)
        GROUP BY split_part(r, '@', 1) HAVING count(DISTINCT r) > 1) THEN 'they agreed on different facts' END AS what
    FROM told t)
  SELECT 'I35', (SELECT count(*) FROM judged), (
    SELECT jsonb_agg(to_jsonb(b)) FROM (SELECT j.* FROM judged j WHERE j.what IS NOT NULL LIMIT p_limit) b);
END
$$;

-- The tallies, each with all that it was made from, so that it can be made again.
CREATE OR REPLACE FUNCTION board.list_tallies() RETURNS TABLE (decision_id uuid, case_id uuid, outcome text, basis jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT d.decision_id, d.case_id, d.outcome, d.basis FROM board.decision d WHERE d.kind <> 'single' ORDER BY d.at;
END;

-- No machine overruled who was to be asked (I37): time approves nothing, and what was executed after a referral was approved by a
-- person since.
CREATE OR REPLACE FUNCTION board.check_reviews(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT 'I37', (SELECT count(*) FROM board.task t WHERE t.state = 'done'), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT t.case_id, t.task_id, 'approved by nobody' AS what FROM board.task t JOIN board.stage_task s USING (stage_task_id)
    WHERE t.state = 'done' AND t.outcome = 'approve' AND coalesce(s.awaits, '') NOT IN ('case', 'tally')
      AND NOT EXISTS (SELECT FROM board.agent a WHERE a.tenant_id = t.tenant_id AND a.name = t.decided_by)
    UNION ALL
    SELECT t.case_id, t.task_id, 'executed without a review' FROM board.action x
    JOIN board.task t ON t.case_id = x.case_id AND t.state = 'done' AND t.outcome = 'refer'
    WHERE x.state IN ('dispatching', 'unknown', 'executed') AND NOT EXISTS (
      SELECT FROM board.task r JOIN board.agent a ON a.tenant_id = r.tenant_id AND a.name = r.decided_by
      WHERE r.case_id = t.case_id AND r.state = 'done' AND r.outcome = 'approve' AND r.finished_at >= t.finished_at
        AND (a.kind = 'human' OR a.role IN ('reviewer', 'admin')))
    LIMIT p_limit) b);
END
$$;

-- What one person did on a case that one person may not (I36), but for what a second one gave leave for. A delegation that began in
-- the very moment in which something was done came after it: one that came before was seen, and it would not have been done.
CREATE OR REPLACE FUNCTION board.check_duties(p_limit integer) RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT 'I36', (SELECT count(*) FROM board.duty), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT d.case_id, d.owner, d.duty, o.owner AS other_owner, o.duty AS other_duty
    FROM board.duty d
    JOIN board.duty o ON o.case_id = d.case_id AND o.duty > d.duty
    JOIN board.case c ON c.case_id = d.case_id
    JOIN board.apart x ON x.workflow_id = c.workflow_id AND x.duty = d.duty AND x.other = o.duty
    WHERE (d.agent_id = o.agent_id
           OR o.owner = ANY (board.joined_owners(d.tenant_id, d.owner, d.at - interval '1 microsecond', d.at))
           OR d.owner = ANY (board.joined_owners(o.tenant_id, o.owner, o.at - interval '1 microsecond', o.at)))
      AND NOT EXISTS (
        SELECT FROM board.break_glass g WHERE g.case_id = d.case_id AND g.spent_at IS NOT NULL
          AND (g.agent_id, g.duty, g.despite) IN ((d.agent_id, d.duty, o.duty), (o.agent_id, o.duty, d.duty)))
    LIMIT p_limit) b);
END
$$;

-- The actions that are executed at the bank, asked before the bank is, so that what it says later must know them. What the board alone
-- keeps, says so in its receipt; no transfer does.
CREATE OR REPLACE FUNCTION board.list_executed() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (SELECT coalesce(array_agg(a.effect_key), '{}') FROM board.action a
        WHERE a.state = 'executed' AND (a.kind = 'transfer' OR a.receipt ->> 'kept_by' IS DISTINCT FROM 'board'));

-- Actions beside the bank's transfers, a list of {effect_key, amount, currency, from_account, to_account} read after p_executed was,
-- and the keys of all orders that came: what is executed is booked once and as ordered (I18), what failed is not booked (I19), what
-- the bank was asked for was written down first (I20).
CREATE OR REPLACE FUNCTION board.check_books(p_executed text[], p_transfers jsonb, p_ordered text[], p_limit integer)
RETURNS TABLE (invariant text, looked_at bigint, broken jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT 'I18', cardinality(p_executed)::bigint, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.effect_key, count(t.effect_key) AS bookings, min(t.amount) AS booked, a.payload ->> 'amount' AS ordered
    FROM board.action a
    LEFT JOIN jsonb_to_recordset(p_transfers) AS t (effect_key text, amount text, currency text, from_account text, to_account text)
      ON t.effect_key = a.effect_key
    WHERE a.effect_key = ANY (p_executed) GROUP BY a.action_id
    HAVING count(t.effect_key) <> 1 OR bool_or((a.payload ->> 'amount')::numeric <> t.amount::numeric
      OR coalesce(a.payload ->> 'currency', t.currency) <> t.currency
      OR coalesce(a.payload ->> 'from_account', t.from_account) <> t.from_account
      OR coalesce(a.payload ->> 'to_account', t.to_account) <> t.to_account) LIMIT p_limit) b);
  RETURN QUERY SELECT 'I19', (SELECT count(*) FROM board.action a WHERE a.state = 'failed'), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.effect_key, t.amount FROM board.action a
    JOIN jsonb_to_recordset(p_transfers) AS t (effect_key text, amount text) ON t.effect_key = a.effect_key
    WHERE a.state = 'failed' LIMIT p_limit) b);
  RETURN QUERY SELECT 'I20', cardinality(p_ordered)::bigint, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT k.key AS effect_key FROM unnest(p_ordered) AS k (key)
    WHERE NOT EXISTS (SELECT FROM board.action a WHERE a.effect_key = k.key) LIMIT p_limit) b);
END
$$;
