-- role: blackboard_system
-- What comes before a tenant is entered: making one, and finding out whose key a caller holds.

-- Promises a tenant of that name; the same one when it exists. For operators: not granted to the application.
CREATE OR REPLACE FUNCTION board.add_tenant(p_name text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_tenant integer;
BEGIN
  INSERT INTO board.tenant (name) VALUES (p_name) ON CONFLICT (name) DO UPDATE SET name = excluded.name
  RETURNING tenant_id INTO v_tenant;
  RETURN v_tenant;
END
$$;

-- Looks a key up by its public id, whoever's it is: its keyed hash, whether it opens anything now, and who acts with it. A scope takes
-- from what the agent can claim.
CREATE OR REPLACE FUNCTION board.look_up_key(p_key_id text)
RETURNS TABLE (secret_hash bytea, usable boolean, key_id text, tenant_id integer, tenant text, agent_id integer, agent text,
               owner text, role text, capabilities text[], scope jsonb, expires_at timestamptz, certificate bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT k.secret_hash,
         board.clock() >= k.not_before AND board.clock() < least(k.expires_at, k.revoked_at) AND a.state = 'active',
         k.key_id, t.tenant_id, t.name, a.agent_id, a.name, a.owner, a.role,
         CASE WHEN k.capabilities IS NULL THEN a.capabilities
              ELSE ARRAY(SELECT c FROM unnest(a.capabilities) AS c WHERE c = ANY (k.capabilities)) END,
         board.describe_scope(k), nullif(k.expires_at, 'infinity'), k.certificate
  FROM board.api_key k JOIN board.agent a USING (agent_id) JOIN board.tenant t ON t.tenant_id = k.tenant_id
  WHERE k.key_id = p_key_id;
END
$$;

-- The ids of the keys that a token of this issuer for this subject opens, in all tenants or in the one named; two at most, since then
-- the caller must say which.
CREATE OR REPLACE FUNCTION board.look_up_subject(p_issuer text, p_subject text, p_tenant_name text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT k.key_id FROM board.api_key k JOIN board.tenant t ON t.tenant_id = k.tenant_id
    WHERE k.issuer = p_issuer AND k.subject = p_subject AND k.revoked_at = 'infinity' AND (p_tenant_name IS NULL OR t.name = p_tenant_name)
    LIMIT 2);
END
$$;

-- Promises that these keys count as used by now. Those that count as used lately stay as they are, so that a key in use costs a write
-- every five minutes. Waits for nobody.
CREATE OR REPLACE FUNCTION board.note_keys_used(p_keys text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  UPDATE board.api_key k SET last_used_at = v_now WHERE k.ctid = ANY (ARRAY(
    SELECT o.ctid FROM board.api_key o
    WHERE o.key_id = ANY (p_keys) AND coalesce(o.last_used_at, '-infinity') < v_now - interval '5 minutes' FOR UPDATE SKIP LOCKED));
END
$$;
