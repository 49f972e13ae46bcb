-- Actions: side effects at the bank, written down before the first byte leaves.

-- Promises that the holder may send exactly these bytes under exactly this effect key, and that the board has committed to
-- both. A case has one action of a kind: whoever comes again (a retry, a successor after a crash) is given the same key,
-- with 'repeated' when it may already have been sent, so that the bank is asked before it is told. Verdicts: 'recorded',
-- 'repeated', 'settled' (its outcome is known: send nothing), 'altered' (other bytes than before: refused), or the reason
-- against the holder. Locks the case, then the lease, then the action.
CREATE OR REPLACE FUNCTION board.record_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea)
RETURNS TABLE (verdict text, action_id uuid, effect_key text, state text, attempts integer, receipt jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_action board.action;
  v_verdict text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  IF v_claim.task_id IS NOT NULL THEN
    PERFORM board.hear_holder(p_tenant, p_task);
    SELECT * INTO v_action FROM board.action a
    WHERE a.tenant_id = p_tenant AND a.case_id = v_claim.case_id AND a.kind = p_kind FOR UPDATE;
    v_verdict := CASE WHEN v_action.action_id IS NULL THEN 'recorded' WHEN v_action.digest <> p_digest THEN 'altered'
                      WHEN v_action.state IN ('executed', 'failed') THEN 'settled' ELSE 'repeated' END;
  END IF;
  IF v_verdict = 'recorded' THEN
    INSERT INTO board.action (tenant_id, action_id, case_id, task_id, kind, effect_key, payload, digest, created_at)
    VALUES (p_tenant, board.new_id(), v_claim.case_id, p_task, p_kind,
            replace(v_claim.case_id::text, '-', '') || '.' || p_kind || '.1', p_payload, p_digest, v_now)
    RETURNING * INTO v_action;
  ELSIF v_verdict = 'repeated' THEN
    UPDATE board.action a SET state = 'dispatching', attempts = a.attempts + 1, task_id = p_task
    WHERE a.tenant_id = p_tenant AND a.action_id = v_action.action_id RETURNING * INTO v_action;
  END IF;
  IF v_verdict IN ('recorded', 'repeated') THEN
    PERFORM board.record_effect(p_tenant, v_claim, v_action, 'action.' || v_verdict, v_now);
  ELSIF v_verdict IS NULL OR v_verdict = 'altered' THEN
    v_verdict := board.refuse_effect(p_tenant, 'action', v_verdict, p_agent, p_task, p_fence,
                                     jsonb_build_object('kind', p_kind, 'digest', encode(p_digest, 'hex')), v_now);
  END IF;
  RETURN QUERY SELECT v_verdict, v_action.action_id, v_action.effect_key, v_action.state,
                      v_action.attempts, v_action.receipt;
END
$$;

-- Promises that what the bank said of the action is kept: 'executed' or 'failed' for good, 'unknown' until somebody asks
-- again. The receipt stays as it came. A settled action never changes: saying the same again is 'settled', anything else
-- is 'contradicted' and journalled. Locks the case, then the lease, then the action.
CREATE OR REPLACE FUNCTION board.settle_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb)
RETURNS TABLE (verdict text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_claim board.taken;
  v_action board.action;
  v_reason text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_claim := (board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, v_now))[1];
  PERFORM board.hear_holder(p_tenant, v_claim.task_id);
  SELECT * INTO v_action FROM board.action a
  WHERE a.tenant_id = p_tenant AND a.action_id = p_action AND a.case_id = v_claim.case_id FOR UPDATE;
  v_reason := CASE
    WHEN v_action.action_id IS NULL THEN 'unknown_action'
    WHEN v_action.state IN ('executed', 'failed') AND v_action.state <> p_state THEN 'contradicted' END;
  IF v_claim.task_id IS NULL OR v_reason IS NOT NULL THEN
    v_reason := board.refuse_effect(p_tenant, 'settle', CASE WHEN v_claim.task_id IS NOT NULL THEN v_reason END, p_agent, p_task,
      p_fence, jsonb_build_object('action_id', p_action, 'state', p_state, 'receipt', p_receipt), v_now);
  ELSIF v_action.state <> p_state THEN
    UPDATE board.action a
    SET state = p_state, receipt = p_receipt, settled_at = CASE WHEN p_state <> 'unknown' THEN v_now END
    WHERE a.tenant_id = p_tenant AND a.action_id = p_action RETURNING * INTO v_action;
    PERFORM board.record_effect(p_tenant, v_claim, v_action, 'action.' || p_state, v_now);
  END IF;
  RETURN QUERY SELECT coalesce(v_reason, 'settled'), v_action.state;
END
$$;

-- Journals what became of an action.
CREATE OR REPLACE FUNCTION board.record_effect(
  p_tenant integer, p_claim board.taken, p_action board.action, p_type text, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(p_tenant, ARRAY[ROW(
    p_type, p_claim.case_id, p_claim.task_id, p_claim.workflow, p_claim.stage, p_claim.capability, p_claim.actor,
    jsonb_build_object('action_id', p_action.action_id, 'kind', p_action.kind, 'effect_key', p_action.effect_key,
                       'digest', encode(p_action.digest, 'hex'), 'attempt', p_action.attempts,
                       'receipt', p_action.receipt, 'fence', p_claim.fence), p_now)::board.entry]);
END
$$;

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
