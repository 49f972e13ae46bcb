-- Breaking the glass: leave for one agent to take on one duty of a case once although its person has another one there.
--
-- Asked for by one person and approved by a second, who is neither the one who asked nor the one who acts; the table holds that by
-- constraint too. Good for minutes by the database's clock, for one task, and against the one duty that it names. Who asks, approves
-- or revokes locks the case, as does who spends it.

-- Promises that the leave is asked for and nothing more. Verdicts: 'asked', 'unknown', 'closed', 'unknown_agent', 'no_clash' (nothing
-- stands against it), 'never' (nobody checks and executes one case). Locks the case.
CREATE OR REPLACE FUNCTION board.ask_leave(
  p_tenant integer, p_agent integer, p_case uuid, p_name text, p_duty text, p_reason text, p_minutes integer)
RETURNS TABLE (verdict text, leave jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_case board.case;
  v_actor board.agent;
  v_clash board.duty;
  v_leave board.break_glass;
  v_verdict text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'ask for leave', ARRAY[p_case]);
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  SELECT * INTO v_actor FROM board.agent a WHERE a.tenant_id = p_tenant AND a.name = p_name;
  v_clash := board.find_clash(p_tenant, p_case, v_actor.agent_id, p_duty);
  v_verdict := CASE
    WHEN v_case.case_id IS NULL THEN 'unknown'
    WHEN v_case.closed_at IS NOT NULL THEN 'closed'
    WHEN v_actor.agent_id IS NULL THEN 'unknown_agent'
    WHEN v_clash.duty IS NULL THEN 'no_clash'
    WHEN p_duty IN ('checker', 'executor') AND v_clash.duty IN ('checker', 'executor') THEN 'never'
    ELSE 'asked' END;
  IF v_verdict = 'asked' THEN
    INSERT INTO board.break_glass (break_id, tenant_id, case_id, agent_id, owner, duty, despite, reason, minutes, asked_by,
                                   asked_owner, asked_at, expires_at)
    SELECT board.new_id(), p_tenant, p_case, v_actor.agent_id, v_actor.owner, p_duty, v_clash.duty, p_reason, p_minutes, a.agent_id,
           a.owner, v_now, v_now + interval '1 hour'
    FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent RETURNING * INTO v_leave;
    PERFORM board.tell_leave(v_leave, 'glass.asked', p_agent, p_reason);
  END IF;
  RETURN QUERY SELECT v_verdict, CASE WHEN v_verdict = 'asked' THEN board.describe_leave(v_leave) END;
END
$$;

-- Promises that the agent may act, once, for as many minutes as were asked for, from now. Verdicts: 'approved', 'unknown', 'over' (it
-- was approved, revoked, or not approved within the hour), 'same_person' (who asked or acts is the person who approves), 'not_human';
-- the last two are journalled. Locks the case, then the leave.
CREATE OR REPLACE FUNCTION board.approve_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text)
RETURNS TABLE (verdict text, leave jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_leave board.break_glass;
  v_second board.agent;
  v_person text[];
  v_verdict text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'approve of leave', ARRAY[p_case]);
  v_leave := board.lock_leave(p_tenant, p_case, p_leave);
  SELECT * INTO v_second FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  v_person := board.same_person(p_tenant, v_second.owner, v_now) || board.same_person(p_tenant, v_second.owner, v_leave.asked_at);
  v_verdict := CASE
    WHEN v_leave.break_id IS NULL THEN 'unknown'
    WHEN board.leave_state(v_leave) <> 'asked' THEN 'over'
    WHEN v_second.kind <> 'human' THEN 'not_human'
    WHEN p_agent IN (v_leave.asked_by, v_leave.agent_id) OR v_person && ARRAY[v_leave.asked_owner, v_leave.owner] THEN 'same_person'
    ELSE 'approved' END;
  IF v_verdict = 'approved' THEN
    UPDATE board.break_glass b
    SET approved_by = p_agent, approved_owner = v_second.owner, approved_at = v_now,
        expires_at = v_now + make_interval(mins => b.minutes)
    WHERE b.tenant_id = p_tenant AND b.break_id = p_leave RETURNING * INTO v_leave;
    PERFORM board.tell_leave(v_leave, 'glass.approved', p_agent, p_reason);
  ELSIF v_verdict IN ('same_person', 'not_human') THEN
    PERFORM board.record_events(p_tenant, ARRAY(
      SELECT ROW('write.refused', p_case, NULL, c.workflow, c.stage, NULL, v_second.name, jsonb_build_object(
        'verb', 'approve_leave', 'reason', v_verdict, 'fence', NULL, 'offered', p_leave), v_now)::board.entry
      FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case));
  END IF;
  RETURN QUERY SELECT v_verdict, CASE WHEN v_leave.break_id IS NOT NULL THEN board.describe_leave(v_leave) END;
END
$$;

-- Promises that the leave is good for nothing any more, unless it was spent. Verdicts: 'revoked', 'unknown', 'over'. Locks the case,
-- then the leave.
CREATE OR REPLACE FUNCTION board.revoke_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text)
RETURNS TABLE (verdict text, leave jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_leave board.break_glass;
  v_verdict text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_leave := board.lock_leave(p_tenant, p_case, p_leave);
  v_verdict := CASE WHEN v_leave.break_id IS NULL THEN 'unknown'
                    WHEN board.leave_state(v_leave) NOT IN ('asked', 'approved') THEN 'over' ELSE 'revoked' END;
  IF v_verdict = 'revoked' THEN
    UPDATE board.break_glass b SET revoked_at = board.clock()
    WHERE b.tenant_id = p_tenant AND b.break_id = p_leave RETURNING * INTO v_leave;
    PERFORM board.tell_leave(v_leave, 'glass.revoked', p_agent, p_reason);
  END IF;
  RETURN QUERY SELECT v_verdict, CASE WHEN v_leave.break_id IS NOT NULL THEN board.describe_leave(v_leave) END;
END
$$;

-- Whatever leave was asked for on a case, or on all of a tenant's cases when none is named, newest first, at most p_limit.
CREATE OR REPLACE FUNCTION board.list_leaves(p_tenant integer, p_case uuid, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(board.describe_leave(l) ORDER BY l.break_id DESC), '[]') FROM (
      SELECT b.* FROM board.break_glass b WHERE b.tenant_id = p_tenant AND (p_case IS NULL OR b.case_id = p_case)
      ORDER BY b.break_id DESC LIMIT p_limit) l);
END
$$;

-- A leave with its case locked.
CREATE OR REPLACE FUNCTION board.lock_leave(p_tenant integer, p_case uuid, p_leave uuid) RETURNS board.break_glass
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leave board.break_glass;
BEGIN
  PERFORM FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  SELECT * INTO v_leave FROM board.break_glass b
  WHERE b.tenant_id = p_tenant AND b.case_id = p_case AND b.break_id = p_leave FOR UPDATE;
  RETURN v_leave;
END
$$;

-- Spends the leave that a duty is taken on by, and tells of it. Internal: called for each new row of board.duty.
CREATE OR REPLACE FUNCTION board.spend_leave(p_duty board.duty) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leave board.break_glass;
BEGIN
  FOR v_leave IN
    UPDATE board.break_glass b SET spent_at = board.clock(), spent_on = p_duty.task_id
    WHERE b.spent_at IS NULL AND b.break_id = ANY (ARRAY(
      SELECT board.find_leave(p_duty.tenant_id, p_duty.case_id, p_duty.agent_id, p_duty.duty, d.duty, p_duty.task_id)
      FROM board.list_clashes(p_duty.tenant_id, p_duty.case_id, p_duty.agent_id, p_duty.duty) d))
    RETURNING b.*
  LOOP
    PERFORM board.tell_leave(v_leave, 'duty.broken', v_leave.agent_id, v_leave.reason);
  END LOOP;
END
$$;

-- Where a leave stands.
CREATE OR REPLACE FUNCTION board.leave_state(b board.break_glass) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE WHEN b.spent_at IS NOT NULL THEN 'spent' WHEN b.revoked_at IS NOT NULL THEN 'revoked'
              WHEN b.expires_at <= board.clock() THEN 'expired' WHEN b.approved_at IS NOT NULL THEN 'approved' ELSE 'asked' END;
END
$$;

CREATE OR REPLACE FUNCTION board.describe_leave(b board.break_glass) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object(
      'id', b.break_id, 'case_id', b.case_id, 'agent', a.name, 'duty', b.duty, 'despite', b.despite, 'state', board.leave_state(b),
      'reason', b.reason, 'minutes', b.minutes, 'asked_by', q.name, 'asked_at', b.asked_at, 'approved_by', p.name,
      'approved_at', b.approved_at, 'expires_at', b.expires_at, 'spent_at', b.spent_at)
    FROM board.agent a JOIN board.agent q ON q.agent_id = b.asked_by LEFT JOIN board.agent p ON p.agent_id = b.approved_by
    WHERE a.agent_id = b.agent_id);
END
$$;

-- Journals what became of a leave: a rule that two persons broke is of high severity.
CREATE OR REPLACE FUNCTION board.tell_leave(b board.break_glass, p_type text, p_by integer, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(b.tenant_id, ARRAY(
    SELECT ROW(p_type, c.case_id, b.spent_on, c.workflow, c.stage, NULL, board.agent_name(b.tenant_id, p_by),
               jsonb_build_object('leave_id', b.break_id, 'agent', board.agent_name(b.tenant_id, b.agent_id), 'duty', b.duty,
                                  'despite', b.despite, 'expires_at', b.expires_at, 'severity', 'high', 'reason', p_reason),
               board.clock())::board.entry
    FROM board.case c WHERE c.tenant_id = b.tenant_id AND c.case_id = b.case_id));
END
$$;
