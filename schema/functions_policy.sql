-- Policies: drafted by one, activated by somebody of another owner, retired. One version of a name is active at a time.

-- Promises a version of the policy with this body, as a draft of this agent: the one that is there when a version that is not retired
-- has the same bytes, else the next number. The table lock makes two authors of one policy take turns; whoever reads a policy, or
-- holds it, takes no lock that conflicts with it.
CREATE OR REPLACE FUNCTION board.save_policy(
  p_tenant integer, p_agent integer, p_name text, p_body jsonb, p_digest bytea, p_reason text)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_version integer;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  LOCK TABLE board.policy IN SHARE ROW EXCLUSIVE MODE;
  SELECT max(p.version) INTO v_version FROM board.policy p
  WHERE p.tenant_id = p_tenant AND p.name = p_name AND p.digest = p_digest AND p.state <> 'retired';
  IF v_version IS NOT NULL THEN
    RETURN v_version;
  END IF;
  INSERT INTO board.policy (tenant_id, name, version, body, digest, author, author_owner, drafted_at)
  SELECT p_tenant, p_name, 1 + coalesce((SELECT max(o.version) FROM board.policy o WHERE o.tenant_id = p_tenant AND o.name = p_name), 0),
         p_body, p_digest, a.agent_id, a.owner, v_now
  FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent
  RETURNING version INTO STRICT v_version;
  PERFORM board.tell_policy(p_tenant, p_agent, 'policy.drafted', p_name, v_version, jsonb_build_object(
    'digest', encode(p_digest, 'hex'), 'reason', p_reason), v_now);
  RETURN v_version;
END
$$;

-- Promises that this version judges from now on and the one before it is retired. Verdicts: 'activated', 'unchanged' (it is active),
-- 'retired' (it was; it does not come back), 'same_owner' (an agent of the author's owner asks), 'unknown'. Locks the versions of the
-- policy in their order, after whatever its caller holds.
CREATE OR REPLACE FUNCTION board.activate_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_policy board.policy;
  v_owner text;
  v_before integer;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT a.owner INTO STRICT v_owner FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  v_policy := board.lock_policy(p_tenant, p_name, p_version);
  IF v_policy.state IS DISTINCT FROM 'draft' THEN
    RETURN CASE v_policy.state WHEN 'active' THEN 'unchanged' WHEN 'retired' THEN 'retired' ELSE 'unknown' END;
  END IF;
  IF v_owner = v_policy.author_owner THEN
    RETURN 'same_owner';
  END IF;
  UPDATE board.policy p SET state = 'retired', retired_at = v_now
  WHERE p.tenant_id = p_tenant AND p.name = p_name AND p.state = 'active' RETURNING p.version INTO v_before;
  UPDATE board.policy p SET state = 'active', activator = p_agent, activator_owner = v_owner, activated_at = v_now
  WHERE p.policy_id = v_policy.policy_id;
  IF v_before IS NOT NULL THEN
    PERFORM board.tell_policy(p_tenant, p_agent, 'policy.retired', p_name, v_before, jsonb_build_object(
      'replaced_by', p_version, 'reason', p_reason), v_now);
  END IF;
  PERFORM board.tell_policy(p_tenant, p_agent, 'policy.activated', p_name, p_version, jsonb_build_object(
    'digest', encode(v_policy.digest, 'hex'), 'author', board.agent_name(p_tenant, v_policy.author), 'reason', p_reason), v_now);
  RETURN 'activated';
END
$$;

-- Promises that this version judges no more, and none in its place. Verdicts: 'retired', 'unchanged' (it was), 'unknown'. Locks as
-- activate_policy does.
CREATE OR REPLACE FUNCTION board.retire_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_policy board.policy;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_policy := board.lock_policy(p_tenant, p_name, p_version);
  IF v_policy.state IS NULL OR v_policy.state = 'retired' THEN
    RETURN CASE WHEN v_policy.state IS NULL THEN 'unknown' ELSE 'unchanged' END;
  END IF;
  UPDATE board.policy p SET state = 'retired', retired_at = v_now WHERE p.policy_id = v_policy.policy_id;
  PERFORM board.tell_policy(p_tenant, p_agent, 'policy.retired', p_name, p_version, jsonb_build_object(
    'replaced_by', NULL, 'reason', p_reason), v_now);
  RETURN 'retired';
END
$$;

-- A version of a policy, or the active one; NULL when there is none. Takes no lock.
CREATE OR REPLACE FUNCTION board.read_policy(p_tenant integer, p_name text, p_version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT board.describe_policy(p) || jsonb_build_object('body', p.body) FROM board.policy p
    WHERE p.tenant_id = p_tenant AND p.name = p_name
      AND CASE WHEN p_version IS NULL THEN p.state = 'active' ELSE p.version = p_version END);
END
$$;

-- The newest versions of a tenant's policies, or of one, without their bodies: by name, newest first.
CREATE OR REPLACE FUNCTION board.list_policies(p_tenant integer, p_name text, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(board.describe_policy(p) ORDER BY p.name, p.version DESC), '[]')
    FROM (SELECT o.* FROM board.policy o WHERE o.tenant_id = p_tenant AND (p_name IS NULL OR o.name = p_name)
          ORDER BY o.name, o.version DESC LIMIT p_limit) p);
END
$$;

-- Whether this version is active; where it is, nobody retires it before the caller's transaction ends. May be called whatever its
-- caller holds: who changes a policy holds nothing that others wait for.
CREATE OR REPLACE FUNCTION board.hold_policy(p_tenant integer, p_name text, p_version integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM board.policy p
  WHERE p.tenant_id = p_tenant AND p.name = p_name AND p.version = p_version AND p.state = 'active' FOR SHARE;
  RETURN FOUND;
END
$$;

-- Locks all versions of a policy in their order and returns one of them; nothing when it is not there.
CREATE OR REPLACE FUNCTION board.lock_policy(p_tenant integer, p_name text, p_version integer) RETURNS board.policy
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_policy board.policy;
BEGIN
  PERFORM FROM board.policy p WHERE p.tenant_id = p_tenant AND p.name = p_name ORDER BY p.version FOR NO KEY UPDATE;
  SELECT * INTO v_policy FROM board.policy p WHERE p.tenant_id = p_tenant AND p.name = p_name AND p.version = p_version;
  RETURN v_policy;
END
$$;

-- A version as it is told: everything but its body.
CREATE OR REPLACE FUNCTION board.describe_policy(p_policy board.policy) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN jsonb_build_object(
    'name', p_policy.name, 'version', p_policy.version, 'state', p_policy.state, 'title', p_policy.body ->> 'title',
    'digest', encode(p_policy.digest, 'hex'), 'author', board.agent_name(p_policy.tenant_id, p_policy.author),
    'author_owner', p_policy.author_owner,
    'activator', CASE WHEN p_policy.activator IS NOT NULL THEN board.agent_name(p_policy.tenant_id, p_policy.activator) END,
    'activator_owner', p_policy.activator_owner, 'drafted_at', p_policy.drafted_at, 'activated_at', p_policy.activated_at,
    'retired_at', p_policy.retired_at);
END
$$;

-- Tells the journal what became of a version.
CREATE OR REPLACE FUNCTION board.tell_policy(
  p_tenant integer, p_agent integer, p_type text, p_name text, p_version integer, p_told jsonb, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(p_tenant, ARRAY[ROW(p_type, NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('policy', p_name, 'version', p_version) || p_told, p_now)::board.entry]);
END
$$;

-- What a version says, and who wrote it, stays; versions are retired and never deleted.
CREATE OR REPLACE FUNCTION board.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'version % of policy % stays as it was drafted: draft another one', OLD.version, OLD.name USING ERRCODE = 'BB500';
END
$$;
CREATE OR REPLACE TRIGGER kept_as_drafted BEFORE UPDATE ON board.policy FOR EACH ROW
WHEN ((OLD.tenant_id, OLD.policy_id, OLD.name, OLD.version, OLD.body, OLD.digest, OLD.author, OLD.author_owner, OLD.drafted_at)
      IS DISTINCT FROM
      (NEW.tenant_id, NEW.policy_id, NEW.name, NEW.version, NEW.body, NEW.digest, NEW.author, NEW.author_owner, NEW.drafted_at)
      OR (OLD.activated_at IS NOT NULL AND (OLD.activator, OLD.activator_owner, OLD.activated_at)
      IS DISTINCT FROM (NEW.activator, NEW.activator_owner, NEW.activated_at)))
EXECUTE FUNCTION board.refuse_rewriting();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON board.policy FOR EACH ROW EXECUTE FUNCTION board.refuse_rewriting();
