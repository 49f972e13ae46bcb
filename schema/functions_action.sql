-- Actions: side effects at the bank, written down before the first byte leaves.

-- Whether a value has one canonical text in every language (RFC 8785): its numbers are whole and exact in a double, so that amounts
-- can only be text, and the names of its members are ASCII, which sorts alike everywhere.
CREATE OR REPLACE FUNCTION board.has_canonical_form(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN NOT jsonb_path_exists(p_value, '$.** ? (@.type() == "number" && (@.floor() != @ || @.abs() > 9007199254740991))')
  AND NOT jsonb_path_exists(p_value, '$.** ? (@.type() == "object").keyvalue().key ? (!(@ like_regex "^[ -~]*$"))');

-- The canonical text of a value that has one. The agents make the same with a library; a test compares the two.
CREATE OR REPLACE FUNCTION board.canonical_json(p_value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE jsonb_typeof(p_value)
    WHEN 'object' THEN (
      SELECT '{' || coalesce(string_agg(to_json(m.key)::text || ':' || board.canonical_json(m.value), ',' ORDER BY m.key COLLATE "C"), '')
             || '}' FROM jsonb_each(p_value) AS m)
    WHEN 'array' THEN (
      SELECT '[' || coalesce(string_agg(board.canonical_json(e.value), ',' ORDER BY e.n), '') || ']'
      FROM jsonb_array_elements(p_value) WITH ORDINALITY AS e (value, n))
    WHEN 'number' THEN trim_scale(p_value::numeric)::text
    ELSE p_value::text END;
END
$$;

-- The newest action of a kind on a case that the caller holds.
CREATE OR REPLACE FUNCTION board.newest_action(p_tenant integer, p_case uuid, p_kind text) RETURNS board.action
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_action board.action;
BEGIN
  SELECT * INTO v_action FROM board.action a
  WHERE a.tenant_id = p_tenant AND a.case_id = p_case AND a.kind = p_kind ORDER BY a.ordinal DESC LIMIT 1 FOR UPDATE;
  RETURN v_action;
END
$$;

-- Writes the next action of a kind down, with its bytes, their digest and the effect key that it will be sent under. Internal, under
-- the case's lock.
CREATE OR REPLACE FUNCTION board.add_action(
  p_tenant integer, p_case uuid, p_task uuid, p_agent integer, p_kind text, p_payload jsonb, p_undoes uuid, p_state text,
  p_expires_at timestamptz, p_now timestamptz)
RETURNS board.action
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_body bytea := convert_to(board.canonical_json(p_payload), 'UTF8');
  v_action board.action;
BEGIN
  INSERT INTO board.action (tenant_id, action_id, case_id, task_id, kind, ordinal, effect_key, payload, body, digest, proposed_by,
                            undoes, state, attempts, expires_at, sent_at, created_at)
  SELECT p_tenant, board.new_id(), p_case, p_task, p_kind, n.ordinal,
         replace(p_case::text, '-', '') || '.' || p_kind || '.' || n.ordinal, p_payload, v_body, sha256(v_body), p_agent, p_undoes,
         p_state, (p_state = 'dispatching')::integer, coalesce(p_expires_at, 'infinity'),
         CASE p_state WHEN 'dispatching' THEN p_now END, p_now
  FROM (SELECT coalesce(max(a.ordinal), 0) + 1 AS ordinal FROM board.action a
        WHERE a.tenant_id = p_tenant AND a.case_id = p_case AND a.kind = p_kind) n
  RETURNING * INTO v_action;
  RETURN v_action;
END
$$;

-- Promises that the board knows the exact bytes which a decision is asked to authorize: 'proposed'. The same bytes again are the same
-- action; other bytes take the place of one that nobody has authorized yet. Refused: 'unknown_kind' (no stage of the workflow
-- authorizes such an action), 'altered' (others are authorized or under way, or the workflow says which they are), 'settled' (one of
-- this kind was executed), 'unknown_action' and 'undone' (what it is to undo was not executed, or is being undone), 'unfit_action'
-- (its bytes are not certain), 'duties' (this agent had another part in the case), or the reason against the holder. Locks the case, then the lease, then the action.
CREATE OR REPLACE FUNCTION board.propose_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid, p_expires_in_s integer)
RETURNS TABLE (verdict text, reason text, action_id uuid, effect_key text, digest text, state text, attempts integer, receipt jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_action board.action;
  v_verdict text;
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_amounts(ARRAY[p_payload]);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  IF v_claim.task_id IS NOT NULL THEN
    PERFORM board.hear_holder(p_tenant, p_task);
    v_action := board.newest_action(p_tenant, v_claim.case_id, p_kind);
    v_verdict := board.judge_proposal(p_tenant, v_claim, v_action, p_kind, p_payload, p_undoes);
  END IF;
  IF v_verdict = 'proposed' AND (v_action.state = 'proposed' AND v_action.payload = p_payload) IS NOT TRUE THEN
    IF v_action.state = 'proposed' THEN
      UPDATE board.action a SET state = 'refused', settled_at = v_now WHERE a.action_id = v_action.action_id RETURNING * INTO v_action;
      v_told := ARRAY[board.tell_action('action.refused', v_action, v_claim, jsonb_build_object('reason', 'other bytes were proposed'),
                                        v_now)];
    END IF;
    v_action := board.add_action(p_tenant, v_claim.case_id, p_task, p_agent, p_kind, p_payload, p_undoes, 'proposed',
                                 v_now + make_interval(secs => p_expires_in_s), v_now);
    PERFORM board.note_duty(p_tenant, v_claim.case_id, p_agent, 'maker', p_task);
    UPDATE board.case c SET version = c.version + 1 WHERE c.tenant_id = p_tenant AND c.case_id = v_claim.case_id;
    PERFORM board.record_events(p_tenant, v_told || board.tell_action(
      'action.proposed', v_action, v_claim, jsonb_build_object('undoes', p_undoes), v_now));
  ELSIF v_verdict IS DISTINCT FROM 'proposed' THEN
    v_verdict := board.refuse_effect(p_tenant, 'propose', v_verdict, p_agent, p_task, p_fence,
                                     jsonb_build_object('kind', p_kind, 'payload', p_payload), v_now);
  END IF;
  RETURN QUERY SELECT v_verdict, NULL, t.* FROM board.describe_ticket(v_action) AS t;
END
$$;

-- What stands against proposing these bytes, in the words of propose_action; 'proposed' where nothing does.
CREATE OR REPLACE FUNCTION board.judge_proposal(
  p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE
    WHEN board.is_seat(p_claim) THEN 'seated'
    WHEN NOT board.needs_authorization(p_claim.workflow_id, p_kind) THEN 'unknown_kind'
    WHEN NOT board.has_canonical_form(p_payload) THEN 'unfit_action'
    WHEN p_payload <> board.declared_payload(p_tenant, p_claim.case_id, p_kind) THEN 'altered'
    WHEN p_newest.state IN ('authorized', 'dispatching', 'unknown') THEN 'altered'
    WHEN p_newest.state = 'executed' THEN 'settled'
    WHEN board.clashing_duty(p_tenant, p_claim.case_id, p_claim.agent_id, 'maker', p_claim.task_id) IS NOT NULL THEN 'duties'
    ELSE coalesce(board.judge_undoing(p_tenant, p_claim.case_id, p_kind, p_undoes), 'proposed') END;
END
$$;

-- Why an action may not undo another one of its case: 'unknown_action' (it was not executed) or 'undone' (another one undoes it);
-- NULL where it may.
CREATE OR REPLACE FUNCTION board.judge_undoing(p_tenant integer, p_case uuid, p_kind text, p_undoes uuid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE
    WHEN p_undoes IS NULL THEN NULL
    WHEN NOT EXISTS (SELECT FROM board.action a WHERE a.tenant_id = p_tenant AND a.action_id = p_undoes AND a.case_id = p_case
                     AND a.state = 'executed') THEN 'unknown_action'
    WHEN EXISTS (SELECT FROM board.action a WHERE a.tenant_id = p_tenant AND a.undoes = p_undoes AND a.kind <> p_kind
                 AND a.state NOT IN ('refused', 'expired', 'voided', 'failed')) THEN 'undone' END;
END
$$;

-- Promises that the holder may send exactly these bytes under exactly this effect key, and that the board has committed to both, on
-- disk, before it says so. Whoever comes again (a retry, a successor after a crash) is given the same key, with 'repeated' when it may
-- already have been sent, so that the bank is asked before it is told. Where the workflow authorizes such actions, the authorization
-- is looked at once more and spent; where it bounds how much may leave within a while, 'denied' with 'velocity' says that this would be
-- more. Verdicts: 'recorded', 'repeated', 'settled' (its outcome is known: send nothing), 'altered' (other
-- bytes than before), 'unfit_action', 'seated' (of a panel), 'undone' and 'unknown_action' (as when proposing), 'denied' with the reason of judge_dispatch, or
-- the reason against the holder. Locks the case, then the lease, then the action and its authorization, then
-- whom the velocity is of.
CREATE OR REPLACE FUNCTION board.record_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid DEFAULT NULL)
RETURNS TABLE (verdict text, reason text, action_id uuid, effect_key text, digest text, state text, attempts integer, receipt jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_action board.action;
  v_verdict text;
  v_reason text;
  v_exceeded board.entry;
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_amounts(ARRAY[p_payload]);
  PERFORM board.insist_on_disk();
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  IF v_claim.task_id IS NOT NULL THEN
    PERFORM board.hear_holder(p_tenant, p_task);
    v_action := board.newest_action(p_tenant, v_claim.case_id, p_kind);
    v_verdict := board.judge_sending(p_tenant, v_claim, v_action, p_kind, p_payload, p_undoes);
    IF v_verdict IN ('recorded', 'repeated', 'denied') AND board.needs_authorization(v_claim.workflow_id, p_kind) THEN
      v_reason := board.judge_dispatch(p_tenant, v_claim, v_action, v_now);
    END IF;
    IF v_verdict = 'recorded' AND v_reason IS NULL THEN
      v_exceeded := board.judge_velocity(p_tenant, v_claim, p_kind, p_payload, v_now);
      v_reason := CASE WHEN v_exceeded.type IS NOT NULL THEN 'velocity' END;
    END IF;
  END IF;
  IF v_reason IS NOT NULL THEN
    v_verdict := 'denied';
    v_told := board.end_authorization(p_tenant, v_claim, v_action, v_reason, v_now);
    IF v_exceeded.type IS NOT NULL THEN
      v_told := v_exceeded || v_told;
    END IF;
    PERFORM board.record_events(p_tenant, v_told);
    PERFORM board.refuse_effect(p_tenant, 'dispatch', v_reason, p_agent, p_task, p_fence,
                                jsonb_build_object('kind', p_kind, 'payload', p_payload), v_now);
  ELSIF v_verdict = 'recorded' AND v_action.state IS DISTINCT FROM 'authorized' THEN
    PERFORM board.note_decided(p_tenant, ARRAY[v_claim]);
    v_action := board.add_action(p_tenant, v_claim.case_id, p_task, p_agent, p_kind, p_payload, p_undoes, 'dispatching', NULL, v_now);
    PERFORM board.note_outflow(p_tenant, v_claim, v_action, v_now);
    PERFORM board.record_events(p_tenant, ARRAY[board.tell_action('action.recorded', v_action, v_claim, '{}', v_now)]);
  ELSIF v_verdict IN ('recorded', 'repeated') THEN
    PERFORM board.spend_authorization(p_tenant, v_action, v_claim, v_now);
    PERFORM board.note_outflow(p_tenant, v_claim, v_action, v_now);
    UPDATE board.action a SET state = 'dispatching', attempts = a.attempts + 1, task_id = p_task, sent_at = v_now
    WHERE a.tenant_id = p_tenant AND a.action_id = v_action.action_id RETURNING * INTO v_action;
    PERFORM board.record_events(p_tenant, ARRAY[board.tell_action('action.' || v_verdict, v_action, v_claim, '{}', v_now)]);
  ELSIF v_verdict IS DISTINCT FROM 'settled' THEN
    v_verdict := board.refuse_effect(p_tenant, 'action', v_verdict, p_agent, p_task, p_fence,
                                     jsonb_build_object('kind', p_kind, 'payload', p_payload), v_now);
  END IF;
  RETURN QUERY SELECT v_verdict, v_reason, t.* FROM board.describe_ticket(v_action) AS t;
END
$$;

-- Whether a holder sits on a panel: it gives an opinion, and neither proposes nor sends anything.
CREATE OR REPLACE FUNCTION board.is_seat(p_claim board.taken) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.stage_task k WHERE k.stage_task_id = p_claim.stage_task_id AND k.is_seat);
END
$$;

-- What becomes of a wish to send, in the words of record_action; whether its authorization is good is asked of judge_dispatch.
CREATE OR REPLACE FUNCTION board.judge_sending(
  p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE
    WHEN board.is_seat(p_claim) THEN 'seated'
    WHEN NOT board.has_canonical_form(p_payload) THEN 'unfit_action'
    WHEN p_newest.action_id IS NULL AND board.needs_authorization(p_claim.workflow_id, p_kind) THEN 'denied'
    WHEN p_newest.state IN ('proposed', 'refused', 'expired', 'voided') THEN 'denied'
    WHEN p_newest.action_id IS NULL AND (board.task_clash(p_tenant, p_claim.agent_id, p_claim.task_id)).duty IS NOT NULL THEN 'duties'
    WHEN p_newest.action_id IS NULL THEN coalesce(board.judge_undoing(p_tenant, p_claim.case_id, p_kind, p_undoes), 'recorded')
    WHEN p_newest.payload <> p_payload OR p_newest.undoes IS DISTINCT FROM p_undoes THEN 'altered'
    WHEN p_newest.state = 'authorized' THEN 'recorded'
    WHEN p_newest.state IN ('executed', 'failed') THEN 'settled'
    ELSE 'repeated' END;
END
$$;

-- Lets this transaction be on disk, and wherever else the server waits for, before it is answered, also where the server runs
-- relaxed: what the bank is about to hear must not be forgotten.
CREATE OR REPLACE FUNCTION board.insist_on_disk() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
END
$$;

-- Promises that what the bank said of the action is kept: 'executed' or 'failed' for good, 'unknown' until somebody asks
-- again. The receipt stays as it came. A settled action never changes: saying the same again is 'settled', anything else
-- is 'contradicted' and journalled; of what was never sent nothing can be said ('unsent'). With a difference (what the bank shows is
-- not what was ordered) the case rests until somebody has looked at it. What comes when the claim is over is refused, and kept as
-- evidence for whoever finds out. Locks the case, then the lease, then the action.
CREATE OR REPLACE FUNCTION board.settle_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb,
  p_difference text DEFAULT NULL)
RETURNS TABLE (verdict text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_action board.action;
  v_reason text;
  v_told board.entry[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  PERFORM board.hear_holder(p_tenant, v_claim.task_id);
  SELECT * INTO v_action FROM board.action a
  WHERE a.tenant_id = p_tenant AND a.action_id = p_action AND a.case_id = v_claim.case_id FOR UPDATE;
  v_reason := CASE
    WHEN v_action.action_id IS NULL THEN 'unknown_action'
    WHEN v_action.state IN ('executed', 'failed') AND v_action.state <> p_state THEN 'contradicted'
    WHEN v_action.state NOT IN ('dispatching', 'unknown', 'executed', 'failed') THEN 'unsent' END;
  IF v_claim.task_id IS NULL OR v_reason IS NOT NULL THEN
    v_reason := board.refuse_effect(p_tenant, 'settle', CASE WHEN v_claim.task_id IS NOT NULL THEN v_reason END, p_agent, p_task,
      p_fence, jsonb_build_object('action_id', p_action, 'state', p_state, 'receipt', p_receipt), v_now);
    PERFORM board.keep_evidence(p_tenant, p_agent, p_task, p_fence, p_action, p_state, p_receipt, v_reason, v_now);
  ELSE
    IF v_action.state <> p_state THEN
      UPDATE board.action a
      SET state = p_state, receipt = p_receipt, settled_at = CASE WHEN p_state <> 'unknown' THEN v_now END
      WHERE a.tenant_id = p_tenant AND a.action_id = p_action RETURNING * INTO v_action;
      v_told := ARRAY[board.tell_action('action.' || p_state, v_action, v_claim, '{}', v_now)];
    END IF;
    IF p_difference IS NOT NULL THEN
      v_told := v_told || board.rest_cases(p_tenant, p_agent, ARRAY[v_claim.case_id], p_difference, v_now);
    END IF;
    PERFORM board.record_events(p_tenant, v_told);
  END IF;
  RETURN QUERY SELECT coalesce(v_reason, 'settled'), v_action.state;
END
$$;

-- Promises that of these open tasks, whose holder let go of them or was lost, those are incidents whose case rests with an action of
-- which nobody knows what became: settle_action stopped it, and the holder did not come to say why. Without this no list of what an
-- operator must see would have them. Internal, under the cases' locks, before queue_tasks.
CREATE OR REPLACE FUNCTION board.rest_disputed(p_tenant integer, p_tasks uuid[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, about, since)
  SELECT p_tenant, t.task_id, t.case_id, 'incident',
         jsonb_build_object('reason', 'its holder was lost when the case had been stopped over an action'), p_now
  FROM unnest(p_tasks) AS p (task_id)
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = p.task_id
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = t.case_id
  WHERE c.state = 'suspended' AND t.state = 'open'
    AND EXISTS (SELECT FROM board.action a WHERE a.tenant_id = p_tenant AND a.case_id = c.case_id AND a.state = 'unknown')
  ON CONFLICT DO NOTHING;
END
$$;

-- Keeps what a holder said of an action of its case after its claim was over, or against what is settled. What nobody can have been
-- told to do is no evidence: an action that was never sent, a fence that was never given.
CREATE OR REPLACE FUNCTION board.keep_evidence(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_reason text,
  p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.action_evidence (tenant_id, evidence_id, action_id, agent_id, task_id, fence, state, receipt, reason, at)
  SELECT p_tenant, board.new_id(), a.action_id, p_agent, p_task, p_fence, p_state, p_receipt, p_reason, p_now
  FROM board.action a
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = p_task AND t.case_id = a.case_id
  LEFT JOIN board.task_lease l ON l.tenant_id = p_tenant AND l.task_id = p_task
  WHERE a.tenant_id = p_tenant AND a.action_id = p_action AND a.attempts > 0 AND p_fence <= greatest(t.fence, l.fence)
    AND p_reason IN ('expired', 'reassigned', 'cancelled', 'done', 'frozen', 'contradicted');
END
$$;

-- The event that tells what became of an action; with what is to be told beyond the action itself. Where a holder did it, its claim.
CREATE OR REPLACE FUNCTION board.tell_action(
  p_type text, p_action board.action, p_claim board.taken, p_more jsonb, p_now timestamptz)
RETURNS board.entry
LANGUAGE sql IMMUTABLE
RETURN ROW(
  p_type, p_action.case_id, p_claim.task_id, p_claim.workflow, p_claim.stage, p_claim.capability, p_claim.actor,
  jsonb_build_object('action_id', p_action.action_id, 'kind', p_action.kind, 'effect_key', p_action.effect_key,
                     'digest', encode(p_action.digest, 'hex'))
    || CASE WHEN p_action.attempts > 0 THEN jsonb_build_object('attempt', p_action.attempts, 'receipt', p_action.receipt,
                                                               'fence', p_claim.fence) ELSE '{}' END
    || p_more, p_now)::board.entry;

-- What a holder is told of an action: its key, the digest of its bytes, and how far it has come.
CREATE OR REPLACE FUNCTION board.describe_ticket(a board.action)
RETURNS TABLE (action_id uuid, effect_key text, digest text, state text, attempts integer, receipt jsonb)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  SELECT a.action_id, a.effect_key, encode(a.digest, 'hex'), a.state, a.attempts, a.receipt;
END;

-- Journals a refused write about an action and returns the reason: the one given, or the one against the holder.
CREATE OR REPLACE FUNCTION board.refuse_effect(
  p_tenant integer, p_verb text, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_offered jsonb, p_now timestamptz)
RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_judged record;
BEGIN
  SELECT * INTO v_judged FROM board.judge_refused(
    p_tenant, p_verb, '{}', ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], ARRAY[p_offered], ARRAY[p_reason], p_now);
  PERFORM board.record_events(p_tenant, v_judged.told);
  RETURN v_judged.reasons[1];
END
$$;
