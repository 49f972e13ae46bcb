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

-- Looks a key up by its public id, whoever's it is.
CREATE OR REPLACE FUNCTION board.find_key(p_key_id text)
RETURNS TABLE (secret_hash bytea, usable boolean, key_id text, tenant_id integer, tenant text, agent_id integer, agent text,
               owner text, role text, capabilities text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT k.secret_hash, board.clock() < least(k.expires_at, k.revoked_at) AND a.state = 'active',
         k.key_id, t.tenant_id, t.name, a.agent_id, a.name, a.owner, a.role, a.capabilities
  FROM board.api_key k JOIN board.agent a USING (agent_id) JOIN board.tenant t ON t.tenant_id = k.tenant_id
  WHERE k.key_id = p_key_id;
END;
