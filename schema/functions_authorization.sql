-- Authorizations: the single-use permission for the exact bytes of one action. Given with the decision that approves them, looked at
-- once more when they are about to be sent, and ended by whatever the decision rested on.

-- Whether any workflow of the tenant authorizes actions. For all others opening and moving cases costs this one look.
CREATE OR REPLACE FUNCTION board.actions_are_authorized(p_tenant integer) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.route r WHERE r.tenant_id = p_tenant AND r.authorizes IS NOT NULL);
END
$$;

-- Whether an action of this kind may be sent only where a decision authorized it.
CREATE OR REPLACE FUNCTION board.needs_authorization(p_workflow integer, p_kind text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.route r WHERE r.workflow_id = p_workflow AND r.authorizes = p_kind);
END
$$;

-- What an action of this kind must say where the workflow declares it: those of its fields that the case's payload has. NULL where
-- the workflow leaves it to whoever proposes.
CREATE OR REPLACE FUNCTION board.declared_payload(p_tenant integer, p_case uuid, p_kind text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT (SELECT coalesce(jsonb_object_agg(f, c.payload -> f), '{}') FROM unnest(w.fields) AS f WHERE c.payload ? f)
    FROM board.case c JOIN board.workflow_action w ON w.workflow_id = c.workflow_id AND w.kind = p_kind
    WHERE c.tenant_id = p_tenant AND c.case_id = p_case);
END
$$;

-- Proposes the actions that the cases' workflows declare, where none of the kind is alive. Internal, under the cases' locks. Returns
-- the events. What has no certain bytes is not proposed, and so can never be authorized.
CREATE OR REPLACE FUNCTION board.propose_declared(p_tenant integer, p_cases uuid[], p_agent integer, p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_due record;
  v_told board.entry[];
BEGIN
  FOR v_due IN
    SELECT c.case_id, c.workflow, c.stage, w.kind, board.declared_payload(p_tenant, c.case_id, w.kind) AS payload
    FROM unnest(p_cases) AS p (case_id)
    JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p.case_id
    JOIN board.workflow_action w ON w.workflow_id = c.workflow_id
    WHERE NOT EXISTS (
      SELECT FROM board.action a WHERE a.tenant_id = p_tenant AND a.case_id = c.case_id AND a.kind = w.kind
        AND a.state NOT IN ('refused', 'expired', 'voided'))
  LOOP
    CONTINUE WHEN NOT board.has_canonical_form(v_due.payload);
    v_told := v_told || board.tell_action(
      'action.proposed',
      board.add_action(p_tenant, v_due.case_id, NULL, p_agent, v_due.kind, v_due.payload, NULL, 'proposed', NULL, p_now),
      board.bystander(v_due.workflow, v_due.stage, p_actor), jsonb_build_object('undoes', NULL), p_now);
  END LOOP;
  RETURN v_told;
END
$$;

-- Somebody who does something to a case and holds none of its tasks.
CREATE OR REPLACE FUNCTION board.bystander(p_workflow text, p_stage text, p_actor text) RETURNS board.taken
LANGUAGE sql IMMUTABLE
RETURN ROW(NULL, NULL, NULL, NULL, NULL, p_workflow, p_stage, NULL, NULL, NULL, NULL, p_actor, NULL, NULL)::board.taken;

-- What the steps of these cases mean for their actions: a route that authorizes gives permission for the newest bytes proposed, and
-- the end of a case takes it from whatever was not sent. Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.follow_steps(p_tenant integer, p_steps board.step[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN board.grant_authorizations(p_tenant, p_steps, p_now)
    || board.lapse_actions(p_tenant, ARRAY(SELECT s.case_id FROM unnest(p_steps) AS s WHERE s.case_outcome IS NOT NULL),
                           p_steps[1].actor, 'the case has ended', p_now);
END
$$;

-- Promises that each case whose stage ended by a decision on a route that authorizes a kind has a fresh authorization for the bytes of that kind
-- which were proposed last, bound to what the decision had read and to its policy. An older one that was not used is voided. A proposal
-- that is too old expires, and where nothing is proposed nothing is authorized: sending is then denied. Locks the actions.
CREATE OR REPLACE FUNCTION board.grant_authorizations(p_tenant integer, p_steps board.step[], p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_granted board.authorization[];
  v_actions uuid[];
  v_told board.entry[];
BEGIN
  v_told := board.expire_proposals(p_tenant, ARRAY(SELECT s.case_id FROM unnest(p_steps) AS s WHERE s.is_over), p_now);
  SELECT array_agg(ROW(p_tenant, board.new_id(), a.action_id, a.case_id, d.task_id, a.digest, s.actor, d.policy, d.policy_version,
                       d.read_set, 'granted', p_now, p_now + make_interval(secs => coalesce(w.expires_in_s, 900)), NULL,
                       NULL)::board.authorization ORDER BY a.case_id),
         array_agg(a.action_id)
  INTO v_granted, v_actions
  FROM unnest(p_steps) AS s
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = s.case_id
  JOIN board.route r ON r.workflow_id = c.workflow_id AND r.stage = s.from_stage AND r.outcome = s.outcome
  LEFT JOIN board.workflow_action w ON w.workflow_id = c.workflow_id AND w.kind = r.authorizes
  CROSS JOIN LATERAL board.newest_action(p_tenant, s.case_id, r.authorizes) a
  CROSS JOIN LATERAL board.grounds(p_tenant, s.case_id, s.from_stage, s.outcome) d
  WHERE s.is_over AND r.authorizes IS NOT NULL AND a.state IN ('proposed', 'authorized') AND d.task_id IS NOT NULL;
  IF v_granted IS NULL THEN
    RETURN v_told;
  END IF;
  PERFORM board.demand_amounts(ARRAY(
    SELECT a.payload FROM board.action a WHERE a.tenant_id = p_tenant AND a.action_id = ANY (v_actions)));
  UPDATE board.authorization z SET state = 'voided'
  WHERE z.tenant_id = p_tenant AND z.action_id = ANY (v_actions) AND z.state = 'granted';
  INSERT INTO board.authorization SELECT * FROM unnest(v_granted);
  UPDATE board.action a SET state = 'authorized'
  WHERE a.tenant_id = p_tenant AND a.action_id = ANY (v_actions) AND a.state = 'proposed';
  RETURN v_told || ARRAY(
    SELECT board.tell_action('action.authorized', a, board.bystander(c.workflow, c.stage, g.granted_by), jsonb_build_object(
      'authorization_id', g.authorization_id, 'expires_at', g.expires_at, 'policy', g.policy || '@' || g.policy_version,
      'reads', g.read_set), p_now)
    FROM unnest(v_granted) AS g
    JOIN board.action a ON a.tenant_id = p_tenant AND a.action_id = g.action_id
    JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = g.case_id);
END
$$;

-- What the outcome of a stage that was just left rests on: the decisions for it, all that they had read, and the policy they name. No
-- decision stands behind what an operator resolved or what came of nobody's answer: that authorizes nothing.
CREATE OR REPLACE FUNCTION board.grounds(
  p_tenant integer, p_case uuid, p_stage text, p_outcome text, OUT task_id uuid, OUT read_set text[], OUT policy text,
  OUT policy_version integer)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_visit integer := (SELECT c.visit - 1 FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case);
BEGIN
  SELECT (array_agg(d.task_id ORDER BY d.decision_id DESC))[1], (array_agg(d.policy ORDER BY d.policy, d.decision_id DESC))[1],
         (array_agg(d.policy_version ORDER BY d.policy, d.decision_id DESC))[1]
  INTO task_id, policy, policy_version
  FROM board.decision d
  WHERE d.tenant_id = p_tenant AND d.case_id = p_case AND d.stage = p_stage AND d.visit = v_visit AND d.outcome = p_outcome
    AND d.kind <> 'lapsed';
  read_set := ARRAY(
    SELECT DISTINCT r FROM board.decision d, unnest(d.read_set) AS r
    WHERE d.tenant_id = p_tenant AND d.case_id = p_case AND d.stage = p_stage AND d.visit = v_visit AND d.outcome = p_outcome
    ORDER BY r);
END
$$;

-- Ends proposals of these cases that nobody decided on in time. Returns the events.
CREATE OR REPLACE FUNCTION board.expire_proposals(p_tenant integer, p_cases uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
BEGIN
  WITH ended AS (
    UPDATE board.action a SET state = 'expired', settled_at = p_now
    WHERE a.tenant_id = p_tenant AND a.case_id = ANY (p_cases) AND a.state = 'proposed' AND a.expires_at <= p_now RETURNING a.*)
  SELECT array_agg(board.tell_action('action.expired', e, board.bystander(c.workflow, c.stage, 'board'), jsonb_build_object(
                     'reason', 'nobody decided on it in time'), p_now))
  INTO v_told FROM ended e JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = e.case_id;
  RETURN v_told;
END
$$;

-- Promises that nothing of these cases which was not sent ever will be: what was proposed is refused, what was authorized is voided.
-- Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.lapse_actions(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
BEGIN
  WITH ended AS (
    UPDATE board.action a SET state = CASE a.state WHEN 'proposed' THEN 'refused' ELSE 'voided' END, settled_at = p_now
    WHERE a.tenant_id = p_tenant AND a.case_id = ANY (p_cases) AND a.state IN ('proposed', 'authorized') RETURNING a.*),
  voided AS (
    UPDATE board.authorization z SET state = 'voided'
    FROM ended e WHERE z.tenant_id = p_tenant AND z.action_id = e.action_id AND z.state = 'granted')
  SELECT array_agg(board.tell_action(CASE e.state WHEN 'refused' THEN 'action.refused' ELSE 'action.voided' END, e,
                                     board.bystander(c.workflow, c.stage, p_actor), jsonb_build_object('reason', p_reason), p_now))
  INTO v_told FROM ended e JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = e.case_id;
  RETURN v_told;
END
$$;

-- Of these cases, those with an authorized action under way whose outcome nobody knows yet.
CREATE OR REPLACE FUNCTION board.find_in_flight(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT DISTINCT a.case_id FROM board.action a
    JOIN board.authorization z ON z.tenant_id = p_tenant AND z.action_id = a.action_id AND z.state = 'spent'
    WHERE a.tenant_id = p_tenant AND a.case_id = ANY (p_cases) AND a.state IN ('dispatching', 'unknown'));
END
$$;

-- What stands against sending an action now, though its bytes are right; NULL where nothing does. 'unauthorized' (nobody permitted it,
-- or what was permitted is used up), 'expired', 'policy_retired' (another version is in force), 'voided' (a fact that the decision
-- rests on is not what it was), 'suspended' (the case, or one of the two agents), 'frozen' (what the case touches is on hold), 'duties'
-- (this agent had another part in the case). The permission for what was sent before is spent; of that, only the last three are
-- asked again. Its caller holds the case.
CREATE OR REPLACE FUNCTION board.judge_dispatch(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_case board.case;
  v_permit board.authorization;
BEGIN
  SELECT * INTO v_permit FROM board.authorization z
  WHERE z.tenant_id = p_tenant AND z.action_id = p_action.action_id AND z.state IN ('granted', 'spent') FOR UPDATE;
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_claim.case_id;
  RETURN CASE
    WHEN v_permit.authorization_id IS NULL OR v_permit.digest <> p_action.digest THEN 'unauthorized'
    WHEN v_permit.state = 'granted' AND v_permit.expires_at <= p_now THEN 'expired'
    WHEN v_permit.state = 'granted' AND v_permit.policy IS NOT NULL
      AND NOT board.hold_policy(p_tenant, v_permit.policy, v_permit.policy_version) THEN 'policy_retired'
    WHEN v_permit.state = 'granted' AND cardinality(board.unfit_reads(p_tenant, v_case.case_id, v_permit.read_set)) > 0 THEN 'voided'
    WHEN v_case.state = 'suspended' OR EXISTS (
      SELECT FROM board.agent a WHERE a.tenant_id = p_tenant AND a.name IN (v_permit.granted_by, p_claim.actor)
        AND a.state <> 'active') THEN 'suspended'
    WHEN EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant AND h.kind = 'entity' AND h.name = ANY (v_case.entities))
      THEN 'frozen'
    WHEN board.clashing_duty(p_tenant, v_case.case_id, p_claim.agent_id, 'executor', p_claim.task_id) IS NOT NULL THEN 'duties'
  END;
END
$$;

-- Promises that an authorization which is no longer good cannot become good again: it ends with its action, for the reasons that end
-- one, and the bytes that the workflow declares are proposed anew for whoever decides next. Internal, under the case's lock. Returns
-- the events.
CREATE OR REPLACE FUNCTION board.end_authorization(
  p_tenant integer, p_claim board.taken, p_action board.action, p_reason text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_state text := CASE p_reason WHEN 'expired' THEN 'expired' WHEN 'voided' THEN 'voided' WHEN 'policy_retired' THEN 'voided'
    WHEN 'velocity' THEN 'voided' END;
  v_action board.action;
BEGIN
  IF v_state IS NULL OR p_action.state IS DISTINCT FROM 'authorized' THEN
    RETURN NULL;
  END IF;
  UPDATE board.authorization z SET state = v_state
  WHERE z.tenant_id = p_tenant AND z.action_id = p_action.action_id AND z.state = 'granted';
  UPDATE board.action a SET state = v_state, settled_at = p_now
  WHERE a.tenant_id = p_tenant AND a.action_id = p_action.action_id RETURNING * INTO v_action;
  RETURN ARRAY[board.tell_action(CASE v_state WHEN 'expired' THEN 'action.expired' ELSE 'action.voided' END, v_action, p_claim,
                                 jsonb_build_object('reason', p_reason), p_now)]
    || board.propose_declared(p_tenant, ARRAY[p_action.case_id], p_action.proposed_by, 'board', p_now);
END
$$;

-- Uses an action's authorization up, where it has one that was not used; who does so is the executor of the case.
CREATE OR REPLACE FUNCTION board.spend_authorization(p_tenant integer, p_action board.action, p_claim board.taken, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.authorization z SET state = 'spent', spent_at = p_now, spent_by = p_claim.actor
  WHERE z.tenant_id = p_tenant AND z.action_id = p_action.action_id AND z.state = 'granted';
  IF FOUND THEN
    PERFORM board.note_duty(p_tenant, p_claim.case_id, p_claim.agent_id, 'executor', p_claim.task_id);
  END IF;
END
$$;

-- Whether an action is on its way because exactly its bytes were authorized and the authorization was spent on it: what the bank may be
-- given a permit for. Of what nobody had to authorize this is never true. Locks nothing.
CREATE OR REPLACE FUNCTION board.was_authorized(p_tenant integer, p_action uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN EXISTS (
    SELECT FROM board.action a
    JOIN board.authorization z ON z.tenant_id = a.tenant_id AND z.action_id = a.action_id
    WHERE a.tenant_id = p_tenant AND a.action_id = p_action AND a.state = 'dispatching' AND z.state = 'spent'
      AND z.digest = a.digest);
END
$$;

CREATE OR REPLACE FUNCTION board.describe_authorization(z board.authorization) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
  'id', z.authorization_id, 'state', z.state, 'granted_by', z.granted_by, 'task_id', z.task_id,
  'policy', z.policy || '@' || z.policy_version, 'reads', z.read_set, 'granted_at', z.granted_at, 'expires_at', z.expires_at,
  'spent_at', z.spent_at, 'spent_by', z.spent_by);

CREATE OR REPLACE FUNCTION board.describe_evidence(e board.action_evidence) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
  'by', (SELECT a.name FROM board.agent a WHERE a.agent_id = e.agent_id), 'fence', e.fence, 'state', e.state, 'receipt', e.receipt,
  'reason', e.reason, 'at', e.at);
