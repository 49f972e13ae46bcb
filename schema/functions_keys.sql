-- Who may come in: agents of a tenant and the keys they are known by. Whoever keeps them is an admin; the last one is never shut out.
--
-- Lock order: the tenant's admins, in the order of their ids; then the agent; then the key.

-- A key as it is shown: everything but what proves it.
CREATE OR REPLACE FUNCTION board.describe_key(k board.api_key) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
  SELECT jsonb_build_object(
    'id', k.key_id, 'agent', a.name, 'role', a.role, 'verbs', k.verbs, 'workflows', k.workflows, 'capabilities', k.capabilities,
    'amount_max', k.amount_max::text, 'currency', k.currency, 'not_before', nullif(k.not_before, '-infinity'),
    'expires_at', nullif(k.expires_at, 'infinity'), 'revoked_at', nullif(k.revoked_at, 'infinity'), 'created_at', k.created_at,
    'created_by', k.created_by, 'issuer', k.issuer, 'subject', k.subject, 'certificate', encode(k.certificate, 'hex'), 'note', k.note, 'follows', k.follows, 'last_used_at', k.last_used_at,
    'state', CASE WHEN k.revoked_at <= board.clock() THEN 'revoked' WHEN k.expires_at <= board.clock() THEN 'expired'
                  WHEN k.not_before > board.clock() THEN 'pending' ELSE 'active' END)
  FROM board.agent a WHERE a.agent_id = k.agent_id);

-- The tenant's keys, of one agent or of all, the newest first.
CREATE OR REPLACE FUNCTION board.list_keys(p_tenant integer, p_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(board.describe_key(k) ORDER BY k.created_at DESC, k.key_id), '[]')
    FROM board.api_key k JOIN board.agent a ON a.agent_id = k.agent_id
    WHERE k.tenant_id = p_tenant AND (p_name IS NULL OR a.name = p_name));
END
$$;

-- Locks the tenant's admins, so that two who take away the last two take turns.
CREATE OR REPLACE FUNCTION board.lock_admins(p_tenant integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM board.agent a WHERE a.tenant_id = p_tenant AND a.role = 'admin' ORDER BY a.agent_id FOR NO KEY UPDATE;
END
$$;

-- Promises that somebody can still grant access: an admin who may act, with a key that is good now and not bound to less. Refuses
-- (BB500) a change after which nobody could.
CREATE OR REPLACE FUNCTION board.demand_admin(p_tenant integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM board.api_key k JOIN board.agent a ON a.agent_id = k.agent_id
    WHERE k.tenant_id = p_tenant AND a.role = 'admin' AND a.state = 'active' AND board.describe_scope(k) IS NULL
      AND board.clock() >= k.not_before AND board.clock() < least(k.expires_at, k.revoked_at)) THEN
    RAISE EXCEPTION 'Nobody could grant access any more: it is the last key of an admin that has no scope. Issue another one first'
      USING ERRCODE = 'BB500';
  END IF;
END
$$;

-- Promises the agent a key under this id, of which the keyed hash is kept, with a scope: {verbs, workflows, capabilities, amount_max,
-- currency, not_before, expires_at, note, issuer, subject, certificate}. Verdicts: 'issued', 'unknown' (no such agent), 'no_capability'
-- (the agent has it not itself), 'no_workflow' or 'bound' (a key is bound to the subject); told is the key, or what it is about. Locks the agent, so that it is not changed meanwhile.
CREATE OR REPLACE FUNCTION board.issue_key(
  p_tenant integer, p_agent integer, p_name text, p_key_id text, p_secret_hash bytea, p_scope jsonb)
RETURNS TABLE (verdict text, told jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_holder board.agent;
  v_key board.api_key;
  v_strange text;
  v_told jsonb;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'grant access');
  PERFORM board.demand_narrower(p_scope, (p_scope ->> 'expires_at')::timestamptz);
  SELECT * INTO v_holder FROM board.agent a WHERE a.tenant_id = p_tenant AND a.name = p_name FOR SHARE;
  IF v_holder.agent_id IS NULL THEN
    RETURN QUERY SELECT 'unknown', to_jsonb(p_name);
    RETURN;
  END IF;
  v_key := jsonb_populate_record(NULL::board.api_key, p_scope);
  SELECT c INTO v_strange FROM unnest(v_key.capabilities) AS c WHERE c <> ALL (v_holder.capabilities) LIMIT 1;
  IF FOUND THEN
    RETURN QUERY SELECT 'no_capability', to_jsonb(v_strange);
    RETURN;
  END IF;
  SELECT f INTO v_strange FROM unnest(v_key.workflows) AS f
  WHERE NOT EXISTS (SELECT FROM board.workflow w WHERE w.tenant_id = p_tenant AND w.name = f) LIMIT 1;
  IF FOUND THEN
    RETURN QUERY SELECT 'no_workflow', to_jsonb(v_strange);
    RETURN;
  END IF;
  v_told := board.keep_key(p_tenant, p_agent, v_holder, p_key_id, p_secret_hash, v_key);
  RETURN QUERY SELECT CASE WHEN v_told IS NULL THEN 'bound' ELSE 'issued' END, coalesce(v_told, to_jsonb(v_key.subject));
END
$$;

-- Writes a key and tells of it; NULL where a key is bound to its subject already. Internal.
CREATE OR REPLACE FUNCTION board.keep_key(
  p_tenant integer, p_agent integer, p_holder board.agent, p_key_id text, p_secret_hash bytea, p_like board.api_key)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key board.api_key;
  v_by text := board.agent_name(p_tenant, p_agent);
BEGIN
  INSERT INTO board.api_key AS k (key_id, tenant_id, agent_id, secret_hash, created_at, expires_at, verbs, workflows, capabilities,
                                  amount_max, currency, not_before, note, created_by, follows, issuer, subject, certificate)
  VALUES (p_key_id, p_tenant, p_holder.agent_id, p_secret_hash, board.clock(), coalesce(p_like.expires_at, 'infinity'), p_like.verbs,
          p_like.workflows, p_like.capabilities, p_like.amount_max, p_like.currency, coalesce(p_like.not_before, '-infinity'),
          p_like.note, v_by, p_like.follows, p_like.issuer, p_like.subject, p_like.certificate)
  ON CONFLICT DO NOTHING
  RETURNING k.* INTO v_key;
  IF v_key.key_id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('key.issued', NULL, NULL, NULL, NULL, NULL, v_by, jsonb_build_object(
    'key_id', v_key.key_id, 'agent', p_holder.name, 'scope', board.describe_scope(v_key), 'note', v_key.note,
    'not_before', nullif(v_key.not_before, '-infinity'), 'expires_at', nullif(v_key.expires_at, 'infinity'),
    'follows', v_key.follows), board.clock())::board.entry]);
  RETURN board.describe_key(v_key);
END
$$;

-- Promises a new key that may what the old one may, and that the old one goes on for p_overlap_s and no longer. Verdicts: 'rotated',
-- 'unknown', 'bound' (a token opens it, there is nothing to rotate), or 'closed' (it opens nothing any more). Locks the admins, then the key.
CREATE OR REPLACE FUNCTION board.rotate_key(
  p_tenant integer, p_agent integer, p_key_id text, p_new_id text, p_secret_hash bytea, p_overlap_s integer)
RETURNS TABLE (verdict text, told jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_old board.api_key;
  v_holder board.agent;
  v_told jsonb;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'grant access');
  PERFORM board.lock_admins(p_tenant);
  SELECT * INTO v_old FROM board.api_key k WHERE k.tenant_id = p_tenant AND k.key_id = p_key_id FOR UPDATE;
  IF v_old.key_id IS NULL OR v_now >= least(v_old.expires_at, v_old.revoked_at) THEN
    RETURN QUERY SELECT CASE WHEN v_old.key_id IS NULL THEN 'unknown' ELSE 'closed' END, NULL::jsonb;
    RETURN;
  END IF;
  IF v_old.subject IS NOT NULL THEN
    RETURN QUERY SELECT 'bound', NULL::jsonb;
    RETURN;
  END IF;
  PERFORM board.demand_narrower(board.describe_scope(v_old), v_old.expires_at);
  SELECT * INTO v_holder FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = v_old.agent_id;
  v_old.follows := v_old.key_id;
  v_told := board.keep_key(p_tenant, p_agent, v_holder, p_new_id, p_secret_hash, v_old);
  UPDATE board.api_key k SET expires_at = least(k.expires_at, v_now + make_interval(secs => p_overlap_s))
  WHERE k.tenant_id = p_tenant AND k.key_id = p_key_id;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('key.rotated', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('key_id', p_key_id, 'agent', v_holder.name, 'successor', p_new_id, 'overlap_s', p_overlap_s), v_now)::board.entry]);
  RETURN QUERY SELECT 'rotated', v_told;
END
$$;

-- Promises that the key opens nothing from now on. Verdicts: 'revoked', 'unchanged' (it opened nothing any more) or 'unknown'. Refuses to
-- shut the last admin out. Locks the admins, then the key.
CREATE OR REPLACE FUNCTION board.revoke_key(p_tenant integer, p_agent integer, p_key_id text, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_key board.api_key;
  v_holder board.agent;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'grant access');
  PERFORM board.lock_admins(p_tenant);
  SELECT * INTO v_key FROM board.api_key k WHERE k.tenant_id = p_tenant AND k.key_id = p_key_id FOR UPDATE;
  IF v_key.key_id IS NULL OR v_now >= least(v_key.expires_at, v_key.revoked_at) THEN
    RETURN CASE WHEN v_key.key_id IS NULL THEN 'unknown' ELSE 'unchanged' END;
  END IF;
  UPDATE board.api_key k SET revoked_at = v_now WHERE k.tenant_id = p_tenant AND k.key_id = p_key_id;
  SELECT * INTO v_holder FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = v_key.agent_id;
  IF v_holder.role = 'admin' THEN
    PERFORM board.demand_admin(p_tenant);
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('key.revoked', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('key_id', p_key_id, 'agent', v_holder.name, 'reason', p_reason), v_now)::board.entry]);
  RETURN 'revoked';
END
$$;

-- Promises an agent of that name, without a key; false when there is one already.
CREATE OR REPLACE FUNCTION board.register_agent(
  p_tenant integer, p_agent integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[])
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'grant access');
  PERFORM board.demand_unscoped();
  INSERT INTO board.agent (tenant_id, name, owner, kind, role, capabilities)
  VALUES (p_tenant, p_name, p_owner, p_kind, p_role, p_capabilities) ON CONFLICT (tenant_id, name) DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('agent.registered', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('agent', p_name, 'owner', p_owner, 'kind', p_kind, 'role', p_role, 'capabilities', p_capabilities),
    board.clock())::board.entry]);
  RETURN true;
END
$$;

-- Promises that the agent has what p_changes says in place of what it had: {owner, role, capabilities}, each if it is there. Verdicts:
-- 'changed', 'unchanged', 'unknown', or 'self' (nobody changes himself: whose agent one is separates duties). Refuses to leave nobody
-- who may grant access. Claims that it holds go on. Locks the admins, then the agent.
CREATE OR REPLACE FUNCTION board.change_agent(p_tenant integer, p_agent integer, p_name text, p_changes jsonb, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_was board.agent;
  v_is board.agent;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'grant access');
  PERFORM board.demand_unscoped();
  PERFORM board.lock_admins(p_tenant);
  SELECT * INTO v_was FROM board.agent a WHERE a.tenant_id = p_tenant AND a.name = p_name FOR NO KEY UPDATE;
  IF v_was.agent_id IS NULL OR v_was.agent_id = p_agent THEN
    RETURN CASE WHEN v_was.agent_id IS NULL THEN 'unknown' ELSE 'self' END;
  END IF;
  v_is := jsonb_populate_record(v_was, p_changes);
  IF (v_is.owner, v_is.role, v_is.capabilities) = (v_was.owner, v_was.role, v_was.capabilities) THEN
    RETURN 'unchanged';
  END IF;
  UPDATE board.agent a SET owner = v_is.owner, role = v_is.role, capabilities = v_is.capabilities
  WHERE a.tenant_id = p_tenant AND a.agent_id = v_was.agent_id;
  IF v_was.role = 'admin' THEN
    PERFORM board.demand_admin(p_tenant);
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('agent.changed', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('agent', p_name, 'owner', v_is.owner, 'role', v_is.role, 'capabilities', v_is.capabilities, 'reason', p_reason,
      'was', jsonb_build_object('owner', v_was.owner, 'role', v_was.role, 'capabilities', v_was.capabilities)),
    board.clock())::board.entry]);
  RETURN 'changed';
END
$$;
