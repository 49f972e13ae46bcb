-- Delegations: one agent acts for another one for a while. Until the end the two are one person in every duty (functions_duty.sql),
-- and the delegate may claim what the capability named lets the delegator claim. What is delegated cannot be delegated on.

-- The capabilities that others have delegated to this agent, are active and have themselves.
CREATE OR REPLACE FUNCTION board.delegated_capabilities(p_tenant integer, p_agent integer) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT d.capability FROM board.delegation d
    JOIN board.agent a ON a.tenant_id = p_tenant AND a.agent_id = d.from_agent AND a.state = 'active'
      AND d.capability = ANY (a.capabilities)
    WHERE d.tenant_id = p_tenant AND d.to_agent = p_agent AND board.clock() >= d.since
      AND board.clock() < least(d.until, d.ended_at));
END
$$;

-- Promises that p_to acts for p_from until p_until. Only operators delegate for others than themselves. Verdicts: 'delegated',
-- 'unknown_agent', 'itself', 'not_yours' (somebody else's work), 'past' (until is over already), 'no_capability' (the delegator has
-- none of that name), 'not_human' (what a person may do is delegated to persons alone). Locks nothing but its own new row: what is
-- decided on a case at this very moment was decided before.
CREATE OR REPLACE FUNCTION board.delegate(
  p_tenant integer, p_agent integer, p_from text, p_to text, p_capability text, p_until timestamptz, p_reason text)
RETURNS TABLE (verdict text, delegation jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_from board.agent;
  v_to board.agent;
  v_made board.delegation;
  v_verdict text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO v_from FROM board.agent a
  WHERE a.tenant_id = p_tenant AND a.name = coalesce(p_from, board.agent_name(p_tenant, p_agent));
  SELECT * INTO v_to FROM board.agent a WHERE a.tenant_id = p_tenant AND a.name = p_to;
  v_verdict := CASE
    WHEN v_from.agent_id IS NULL OR v_to.agent_id IS NULL THEN 'unknown_agent'
    WHEN v_from.agent_id = v_to.agent_id THEN 'itself'
    WHEN v_from.agent_id <> p_agent AND NOT board.is_admin(p_tenant, p_agent) THEN 'not_yours'
    WHEN p_until <= v_now THEN 'past'
    WHEN p_capability <> ALL (v_from.capabilities) THEN 'no_capability'
    WHEN p_capability IS NOT NULL AND v_from.kind = 'human' AND v_to.kind <> 'human' THEN 'not_human'
    ELSE 'delegated' END;
  IF v_verdict = 'delegated' THEN
    INSERT INTO board.delegation (delegation_id, tenant_id, from_agent, from_owner, to_agent, to_owner, capability, reason, since,
                                  until)
    VALUES (board.new_id(), p_tenant, v_from.agent_id, v_from.owner, v_to.agent_id, v_to.owner, p_capability, p_reason, v_now,
            p_until)
    RETURNING * INTO v_made;
    PERFORM board.tell_delegation(v_made, 'delegation.made', p_agent, p_reason);
  END IF;
  RETURN QUERY SELECT v_verdict, board.describe_delegation(v_made) WHERE v_made.delegation_id IS NOT NULL
    UNION ALL SELECT v_verdict, NULL::jsonb WHERE v_made.delegation_id IS NULL;
END
$$;

-- Promises that the delegation is over now; what was done meanwhile stays one person's. Verdicts: 'ended', 'unknown', 'not_yours'
-- (only the two and operators may), 'over'. Locks the delegation.
CREATE OR REPLACE FUNCTION board.end_delegation(p_tenant integer, p_agent integer, p_delegation uuid, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_found board.delegation;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO v_found FROM board.delegation d WHERE d.tenant_id = p_tenant AND d.delegation_id = p_delegation FOR UPDATE;
  IF v_found.delegation_id IS NULL THEN
    RETURN 'unknown';
  ELSIF p_agent NOT IN (v_found.from_agent, v_found.to_agent) AND NOT board.is_admin(p_tenant, p_agent) THEN
    RETURN 'not_yours';
  ELSIF board.clock() >= least(v_found.until, v_found.ended_at) THEN
    RETURN 'over';
  END IF;
  UPDATE board.delegation d SET ended_at = board.clock() WHERE d.tenant_id = p_tenant AND d.delegation_id = p_delegation;
  PERFORM board.tell_delegation(v_found, 'delegation.ended', p_agent, p_reason);
  RETURN 'ended';
END
$$;

-- The delegations that run, oldest first.
CREATE OR REPLACE FUNCTION board.list_delegations(p_tenant integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(board.describe_delegation(d) ORDER BY d.since, d.delegation_id), '[]') FROM board.delegation d
    WHERE d.tenant_id = p_tenant AND board.clock() < least(d.until, d.ended_at));
END
$$;

CREATE OR REPLACE FUNCTION board.describe_delegation(d board.delegation) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN jsonb_build_object(
    'id', d.delegation_id, 'from', board.agent_name(d.tenant_id, d.from_agent), 'to', board.agent_name(d.tenant_id, d.to_agent),
    'capability', d.capability, 'reason', d.reason, 'since', d.since, 'until', d.until);
END
$$;

-- Journals what became of a delegation, and why.
CREATE OR REPLACE FUNCTION board.tell_delegation(d board.delegation, p_type text, p_by integer, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(d.tenant_id, ARRAY[ROW(
    p_type, NULL, NULL, NULL, NULL, d.capability, board.agent_name(d.tenant_id, p_by),
    jsonb_build_object('delegation_id', d.delegation_id, 'from', board.agent_name(d.tenant_id, d.from_agent),
                       'to', board.agent_name(d.tenant_id, d.to_agent), 'capability', d.capability, 'until', d.until,
                       'reason', p_reason), board.clock())::board.entry]);
END
$$;

-- Whether the agent runs the board.
CREATE OR REPLACE FUNCTION board.is_admin(p_tenant integer, p_agent integer) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent AND a.role = 'admin');
END
$$;
