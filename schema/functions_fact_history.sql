-- Facts as they were.

-- The facts of a case as they were at a position of the journal, or as they are now: {epoch, head, facts}, every version of
-- each, oldest first; values of superseded versions with p_history alone. What was put or said later is undone by what the
-- journal tells of it, and what has no position yet is later than any: so it is right for every position that is kept, and
-- costs as much as has happened since. NULL when there is no such case; no facts for a position after the head. The events are
-- read with a snapshot that is no older than that of the facts: to undo what is not there harms nothing.
CREATE OR REPLACE FUNCTION board.show_facts(p_tenant integer, p_case uuid, p_position bigint, p_history boolean) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head board.journal_head;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO STRICT v_head FROM board.journal_head;
  IF NOT EXISTS (SELECT FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case) THEN
    RETURN NULL;
  ELSIF p_position > v_head.position THEN
    RETURN jsonb_build_object('epoch', v_head.epoch, 'head', v_head.position);
  END IF;
  RETURN (
    WITH later AS MATERIALIZED (SELECT l.* FROM board.later_facts(p_tenant, p_case, p_position) l WHERE p_position IS NOT NULL),
    undone AS MATERIALIZED (
      SELECT l.body ->> 'key' AS key,
             (l.body ->> CASE l.type WHEN 'fact.put' THEN 'version' ELSE 'as_version' END)::integer AS version
      FROM later l),
    unsaid AS MATERIALIZED (
      SELECT DISTINCT ON (1, 2) l.body ->> 'key' AS key, (l.body ->> 'version')::integer AS version, l.body ->> 'was' AS was
      FROM later l WHERE l.type <> 'fact.put' ORDER BY 1, 2, l.n),
    told AS (
      SELECT f, u.was, lead(f.version) OVER (PARTITION BY f.key ORDER BY f.version) IS NULL AS is_newest
      FROM board.fact f LEFT JOIN unsaid u ON u.key = f.key AND u.version = f.version
      WHERE f.tenant_id = p_tenant AND f.case_id = p_case
        AND NOT EXISTS (SELECT FROM undone x WHERE x.key = f.key AND x.version = f.version))
    SELECT jsonb_build_object('epoch', v_head.epoch, 'head', v_head.position, 'facts', coalesce(jsonb_agg(
      board.describe_fact(t.f) || jsonb_build_object('key', (t.f).key, 'withdraws', (t.f).withdraws)
      || CASE WHEN t.was IS NULL THEN '{}' ELSE jsonb_build_object(
           'state', t.was, 'judged_by', NULL, 'judged_at', NULL, 'judgement', NULL) END
      || CASE WHEN p_history OR t.is_newest OR (t.f).kind = 'accumulating' THEN '{}' ELSE jsonb_build_object('value', NULL) END
      ORDER BY (t.f).key, (t.f).version), '[]'))
    FROM told t);
END
$$;

-- What the journal, and the outbox before it, tell of a case's facts after a position, oldest first. Refuses a position that is
-- no longer kept (BB410).
CREATE OR REPLACE FUNCTION board.later_facts(p_tenant integer, p_case uuid, p_position bigint)
RETURNS TABLE (n bigint, type text, body jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT e.position, e.type, e.body FROM board.read_journal(p_tenant, p_position, NULL) e
  WHERE e.case_id = p_case AND e.type LIKE 'fact.%'
  UNION ALL
  SELECT 4611686018427387904 + row_number() OVER (ORDER BY u.event_id, e.nth), e.type, e.body
  FROM board.journal_head h CROSS JOIN LATERAL board.unseen_events(h.snap) u
  CROSS JOIN LATERAL unnest(u.entries) WITH ORDINALITY
    AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
  WHERE u.tenant_id = p_tenant AND e.case_id = p_case AND e.type LIKE 'fact.%';
END
$$;
