-- Reading what auditors verify: seals, the events below them, and all that there is about a case.

-- How far the journal goes and is sealed, and the tenant's newest seals.
CREATE OR REPLACE FUNCTION board.show_chain(p_tenant integer, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT jsonb_build_object(
      'head_position', h.position, 'sealed_position', s.position, 'sealed_at', s.sealed_at,
      'unsealed_for_s', CASE WHEN s.position < h.position
        THEN greatest(extract(epoch FROM clock_timestamp() - s.sealed_at), 0) ELSE 0 END,
      'newest', board.list_seals(p_tenant, NULL, p_limit))
    FROM board.journal_head h, board.journal_sealed s);
END
$$;

-- Seals of a tenant as they are verified, by number: from the one that holds the first event after a position, or, without one, the
-- newest. At most p_limit.
CREATE OR REPLACE FUNCTION board.list_seals(p_tenant integer, p_after bigint, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'tenant_id', s.tenant_id, 'number', s.number, 'first', s.first, 'last', s.last, 'size', s.size, 'total', s.total,
      'salted', s.salted, 'root', encode(s.root, 'hex'), 'previous', encode(s.previous, 'hex'), 'head', encode(s.head, 'hex'),
      'signature', encode(s.signature, 'hex')) ORDER BY s.number), '[]')
    FROM (
      (SELECT x.* FROM board.seal x WHERE p_after IS NOT NULL AND x.tenant_id = p_tenant AND x.last > p_after ORDER BY x.last LIMIT p_limit)
      UNION ALL
      (SELECT x.* FROM board.seal x WHERE p_after IS NULL AND x.tenant_id = p_tenant ORDER BY x.number DESC LIMIT p_limit)) s);
END
$$;

-- The salts of these cases, where they were not erased.
CREATE OR REPLACE FUNCTION board.read_salts(p_tenant integer, p_cases uuid[]) RETURNS TABLE (case_id uuid, salt bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY SELECT s.case_id, s.salt FROM board.case_salt s WHERE s.tenant_id = p_tenant AND s.case_id = ANY (p_cases);
END
$$;
