-- Asked once, answered once: the record of idempotency keys.
--
-- A request recalls its key, does its work and keeps its answer in one transaction. So a crash leaves either all of it or
-- nothing, and a key is never stuck between "started" and "done".

-- Says of each request {agent_id, route, key, print} what became of its key: 'fresh' (go on, the key is yours until this
-- transaction ends), 'replayed' (with the stored status and answer), 'mismatch' (it was used with another body) or 'running'
-- (somebody is at it right now). The lock is tried and never waited for: a second caller is told at once. Two keys with one
-- 64-bit hash would be told 'running' in turn, which costs a retry and nothing else.
--
-- The requests are columns before they meet the table: row-level security lets no condition into an index that calls a function on
-- what it compares with, and each look-up read the whole table while the JSON was taken apart in it.
CREATE OR REPLACE FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb)
RETURNS TABLE (n integer, verdict text, status smallint, answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_free boolean[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT array_agg(pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', p_tenant, r.agent_id, r.route, r.key), 0)) ORDER BY r.n)
  INTO v_free
  FROM ROWS FROM (jsonb_to_recordset(p_requests) AS (agent_id integer, route text, key text, print text))
    WITH ORDINALITY AS r (agent_id, route, key, print, n);
  RETURN QUERY
  SELECT r.n::integer,
         CASE WHEN i.print IS NULL THEN CASE WHEN v_free[r.n] THEN 'fresh' ELSE 'running' END
              WHEN i.print = decode(r.print, 'hex') THEN 'replayed' ELSE 'mismatch' END,
         i.status, i.answer
  FROM ROWS FROM (jsonb_to_recordset(p_requests) AS (agent_id integer, route text, key text, print text))
    WITH ORDINALITY AS r (agent_id, route, key, print, n)
  LEFT JOIN board.idempotency i ON i.agent_id = r.agent_id AND i.route = r.route AND i.key = r.key
  ORDER BY r.n;
END
$$;

-- Keeps the answers of requests that were 'fresh' in this same transaction. A list of {agent_id, route, key, print, status,
-- answer}. The primary key is the last guard: a second answer to one key fails the transaction and with it the work.
CREATE OR REPLACE FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.idempotency (tenant_id, agent_id, route, key, print, status, answer)
  SELECT p_tenant, (a ->> 'agent_id')::integer, a ->> 'route', a ->> 'key', decode(a ->> 'print', 'hex'),
         (a ->> 'status')::smallint, a -> 'answer'
  FROM jsonb_array_elements(p_answers) AS a;
END
$$;

-- Forgets the answer to a claim whose tasks went back to the queue in this same transaction, because the caller had left: the
-- same claim, asked again, is a new one and not a list of tasks that it no longer holds.
CREATE OR REPLACE FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  DELETE FROM board.idempotency i
  WHERE i.tenant_id = p_tenant AND i.agent_id = p_agent AND i.route = p_route AND i.key = p_key;
END
$$;
