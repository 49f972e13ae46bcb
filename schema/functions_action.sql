-- Actions: side effects at the bank, written down before the first byte leaves.

-- Promises that the holder may send exactly these bytes under exactly this effect key, and that the board has committed to
-- both. A case has one action of a kind: whoever comes again (a retry, a successor after a crash) is given the same key,
-- with 'repeated' when it may already have been sent, so that the bank is asked before it is told. Verdicts: 'recorded',
-- 'repeated', 'settled' (its outcome is known: send nothing), 'altered' (other bytes than before: refused), or the reason
-- against the holder. Locks the case, then the action.
CREATE OR REPLACE FUNCTION board.record_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea)
RETURNS TABLE (verdict text, action_id uuid, effect_key text, state text, attempts integer, receipt jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_item jsonb := jsonb_build_array(jsonb_build_object('task_id', p_task, 'fence', p_fence, 'agent_id', p_agent,
                                                       'kind', p_kind, 'digest', encode(p_digest, 'hex')));
  v_judged board.judged;
  v_action board.action;
  v_verdict text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.lock_cases(p_tenant, v_item);
  v_judged := (board.judge_items(p_tenant, v_item, v_now))[1];
  IF v_judged.reason IS NULL THEN
    SELECT * INTO v_action FROM board.action a
    WHERE a.tenant_id = p_tenant AND a.case_id = v_judged.case_id AND a.kind = p_kind FOR UPDATE;
    v_verdict := CASE WHEN v_action.action_id IS NULL THEN 'recorded' WHEN v_action.digest <> p_digest THEN 'altered'
                      WHEN v_action.state IN ('executed', 'failed') THEN 'settled' ELSE 'repeated' END;
  END IF;
  IF v_verdict = 'recorded' THEN
    INSERT INTO board.action (tenant_id, action_id, case_id, task_id, kind, effect_key, payload, digest, created_at)
    VALUES (p_tenant, board.new_id(), v_judged.case_id, p_task, p_kind,
            replace(v_judged.case_id::text, '-', '') || '.' || p_kind || '.1', p_payload, p_digest, v_now)
    RETURNING * INTO v_action;
  ELSIF v_verdict = 'repeated' THEN
    UPDATE board.action a SET state = 'dispatching', attempts = a.attempts + 1, task_id = p_task
    WHERE a.tenant_id = p_tenant AND a.action_id = v_action.action_id RETURNING * INTO v_action;
  END IF;
  IF v_verdict IN ('recorded', 'repeated') THEN
    PERFORM board.record_effect(v_judged, v_action, 'action.' || v_verdict, v_now);
  ELSIF v_judged.reason IS NOT NULL OR v_verdict = 'altered' THEN
    v_judged.reason := coalesce(v_judged.reason, v_verdict);
    PERFORM board.record_refusals(ARRAY[v_judged], 'action', v_now);
  END IF;
  RETURN QUERY SELECT coalesce(v_judged.reason, v_verdict), v_action.action_id, v_action.effect_key, v_action.state,
                      v_action.attempts, v_action.receipt;
END
$$;

-- Promises that what the bank said of the action is kept: 'executed' or 'failed' for good, 'unknown' until somebody asks
-- again. The receipt stays as it came. A settled action never changes: saying the same again is 'settled', anything else
-- is 'contradicted' and journalled. Locks the case, then the action.
CREATE OR REPLACE FUNCTION board.settle_action(
  p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb)
RETURNS TABLE (verdict text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_item jsonb := jsonb_build_array(jsonb_build_object('task_id', p_task, 'fence', p_fence, 'agent_id', p_agent,
                                                       'action_id', p_action, 'state', p_state, 'receipt', p_receipt));
  v_judged board.judged;
  v_action board.action;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.lock_cases(p_tenant, v_item);
  v_judged := (board.judge_items(p_tenant, v_item, v_now))[1];
  SELECT * INTO v_action FROM board.action a
  WHERE a.tenant_id = p_tenant AND a.action_id = p_action AND a.case_id = v_judged.case_id FOR UPDATE;
  v_judged.reason := CASE
    WHEN v_judged.reason IS NOT NULL THEN v_judged.reason
    WHEN v_action.action_id IS NULL THEN 'unknown_action'
    WHEN v_action.state IN ('executed', 'failed') AND v_action.state <> p_state THEN 'contradicted' END;
  IF v_judged.reason IS NOT NULL THEN
    PERFORM board.record_refusals(ARRAY[v_judged], 'settle', v_now);
  ELSIF v_action.state <> p_state THEN
    UPDATE board.action a
    SET state = p_state, receipt = p_receipt, settled_at = CASE WHEN p_state <> 'unknown' THEN v_now END
    WHERE a.tenant_id = p_tenant AND a.action_id = p_action RETURNING * INTO v_action;
    PERFORM board.record_effect(v_judged, v_action, 'action.' || p_state, v_now);
  END IF;
  RETURN QUERY SELECT coalesce(v_judged.reason, 'settled'), v_action.state;
END
$$;

-- Journals what became of an action.
CREATE OR REPLACE FUNCTION board.record_effect(p_judged board.judged, p_action board.action, p_type text, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.event_in (tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at)
  VALUES (p_judged.tenant_id, p_type, p_judged.case_id, p_judged.task_id, p_judged.workflow, p_judged.stage,
          p_judged.capability, p_judged.actor,
          jsonb_build_object('action_id', p_action.action_id, 'kind', p_action.kind, 'effect_key', p_action.effect_key,
                             'digest', encode(p_action.digest, 'hex'), 'attempt', p_action.attempts,
                             'receipt', p_action.receipt, 'fence', p_judged.fence), p_now);
END
$$;
