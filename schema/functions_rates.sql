-- Rate limits: how fast the callers of a tenant may ask. Each process takes tokens ahead, so that a request costs no statement.

-- Promises a limit of that name; the one that was there is replaced. For operators.
CREATE OR REPLACE FUNCTION board.put_limit(p_tenant integer, p_agent integer, p_limit jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.rate_limit (tenant_id, name, per, key_id, route, per_second, burst)
  SELECT p_tenant, l.* FROM jsonb_to_record(p_limit) AS l (
    name text, per text, key_id text, route text, per_second double precision, burst double precision)
  ON CONFLICT (tenant_id, name) DO UPDATE
  SET per = excluded.per, key_id = excluded.key_id, route = excluded.route, per_second = excluded.per_second,
      burst = excluded.burst;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('limit.put', NULL, NULL, NULL, NULL, NULL,
    board.agent_name(p_tenant, p_agent), p_limit, board.clock())::board.entry]);
END
$$;

-- Promises that there is no limit of that name; False when there was none. One that is usual applies again as it usually does.
CREATE OR REPLACE FUNCTION board.drop_limit(p_tenant integer, p_agent integer, p_name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  DELETE FROM board.rate_limit l WHERE l.tenant_id = p_tenant AND l.name = p_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM board.rate_bucket b WHERE b.tenant_id = p_tenant AND b.name = p_name;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('limit.dropped', NULL, NULL, NULL, NULL, NULL,
    board.agent_name(p_tenant, p_agent), jsonb_build_object('name', p_name), board.clock())::board.entry]);
  RETURN true;
END
$$;

-- The limits that operators set in a tenant.
CREATE OR REPLACE FUNCTION board.list_limits(p_tenant integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'tenant_id' ORDER BY l.name), '[]')
          FROM board.rate_limit l WHERE l.tenant_id = p_tenant);
END
$$;

-- Takes tokens of several buckets of a tenant, each as many as asked for or as many as there are: `granted`, and what is the `rest`.
-- A bucket that nobody knows is full. Locks the buckets in the order of their names and nothing else.
CREATE OR REPLACE FUNCTION board.take_tokens(p_tenant integer, p_asks jsonb)
RETURNS TABLE (name text, key text, granted double precision, rest double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.rate_bucket (tenant_id, name, key, tokens, at)
  SELECT p_tenant, a.name, a.key, a.burst, v_now
  FROM jsonb_to_recordset(p_asks) AS a (name text, key text, burst double precision) ORDER BY a.name, a.key
  ON CONFLICT DO NOTHING;
  RETURN QUERY
    WITH filled AS (
      SELECT b.name, b.key, a.tokens AS asked,
             least(a.burst, b.tokens + greatest(0, extract(epoch FROM v_now - b.at)) * a.per_second) AS room
      FROM jsonb_to_recordset(p_asks) AS a (
        name text, key text, tokens double precision, per_second double precision, burst double precision)
      JOIN board.rate_bucket b ON b.tenant_id = p_tenant AND b.name = a.name AND b.key = a.key
      ORDER BY b.name, b.key FOR UPDATE OF b),
    taken AS (
      UPDATE board.rate_bucket b SET tokens = f.room - least(f.room, f.asked), at = greatest(b.at, v_now)
      FROM filled f WHERE b.tenant_id = p_tenant AND b.name = f.name AND b.key = f.key
      RETURNING b.name, b.key, least(f.room, f.asked), b.tokens)
    SELECT * FROM taken;
END
$$;
