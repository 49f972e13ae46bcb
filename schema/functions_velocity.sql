-- Velocity: how often, and for how much, actions may be sent within a while, whoever decided on each of them.

-- What an action takes out, and for whom. An amount that cannot be read is more than any bound; without a currency it counts in all.
CREATE OR REPLACE FUNCTION board.read_outflow(p_tenant integer, p_action uuid, p_claim board.taken, p_payload jsonb, p_now timestamptz)
RETURNS board.outflow
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ROW(
    p_tenant, p_action, p_claim.actor,
    coalesce((SELECT board.agent_name(p_tenant, c.opened_by) FROM board.case c
              WHERE c.tenant_id = p_tenant AND c.case_id = p_claim.case_id), ''),
    coalesce(p_payload ->> 'from_account', ''), coalesce(p_payload ->> 'to_account', ''),
    CASE WHEN p_payload ->> 'amount' ~ '^[0-9]{1,15}([.][0-9]{1,4})?$' THEN (p_payload ->> 'amount')::numeric ELSE 'Infinity' END,
    coalesce(p_payload ->> 'currency', ''), p_now)::board.outflow;
END
$$;

-- What stands against sending one more: the event that tells which bound it would break, by how often and how much was sent within
-- its window; its type is NULL where none. What the bank refused does not count. Locks whom each bound is of, in the order of their
-- keys, so that of two that are sent at once one sees the other.
CREATE OR REPLACE FUNCTION board.judge_velocity(
  p_tenant integer, p_claim board.taken, p_kind text, p_payload jsonb, p_now timestamptz)
RETURNS board.entry
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_flow board.outflow;
  v_told board.entry;
BEGIN
  IF NOT EXISTS (SELECT FROM board.velocity v WHERE v.workflow_id = p_claim.workflow_id AND v.kind = p_kind) THEN
    RETURN NULL;
  END IF;
  v_flow := board.read_outflow(p_tenant, NULL, p_claim, p_payload, p_now);
  PERFORM pg_advisory_xact_lock(k.key) FROM (
    SELECT DISTINCT hashtextextended(p_tenant || ' ' || v.of || ' ' || board.whose_outflow(v_flow, v.of), 2) AS key
    FROM board.velocity v WHERE v.workflow_id = p_claim.workflow_id AND v.kind = p_kind ORDER BY key) k;
  SELECT 'velocity.exceeded', p_claim.case_id, p_claim.task_id, p_claim.workflow, p_claim.stage, p_claim.capability, p_claim.actor,
         jsonb_build_object('kind', p_kind, 'of', v.of, 'whose', board.whose_outflow(v_flow, v.of), 'window_s', v.window_s,
                                'sent', s.count, 'sent_amount', s.amount::text, 'count', v.count, 'amount', v.amount::text,
                                'currency', v.currency), p_now
  INTO v_told
  FROM board.velocity v
  CROSS JOIN LATERAL board.sum_outflow(p_tenant, v_flow, v.of, v.currency, p_now - make_interval(secs => v.window_s)) s
  WHERE v.workflow_id = p_claim.workflow_id AND v.kind = p_kind
    AND (s.count + 1 > v.count
         OR (v.currency = v_flow.currency OR v_flow.currency = '') AND s.amount + v_flow.amount > v.amount)
  ORDER BY v.rank LIMIT 1;
  RETURN v_told;
END
$$;

-- Of an outflow, the one that a bound is of.
CREATE OR REPLACE FUNCTION board.whose_outflow(p_flow board.outflow, p_of text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_of WHEN 'payee' THEN p_flow.payee WHEN 'payer' THEN p_flow.payer WHEN 'maker' THEN p_flow.maker ELSE p_flow.agent END;

-- How often and how much was sent since a moment for the same payee, payer, agent or maker; amounts of one currency, and of none.
CREATE OR REPLACE FUNCTION board.sum_outflow(
  p_tenant integer, p_flow board.outflow, p_of text, p_currency text, p_since timestamptz, OUT count bigint, OUT amount numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT count(*), coalesce(sum(o.amount) FILTER (WHERE o.currency IN (p_currency, '')), 0) INTO count, amount
  FROM (
    SELECT o.* FROM board.outflow o
    WHERE p_of = 'payee' AND o.tenant_id = p_tenant AND o.payee = p_flow.payee AND o.at > p_since
    UNION ALL
    SELECT o.* FROM board.outflow o
    WHERE p_of = 'payer' AND o.tenant_id = p_tenant AND o.payer = p_flow.payer AND o.at > p_since
    UNION ALL
    SELECT o.* FROM board.outflow o
    WHERE p_of = 'agent' AND o.tenant_id = p_tenant AND o.agent = p_flow.agent AND o.at > p_since
    UNION ALL
    SELECT o.* FROM board.outflow o
    WHERE p_of = 'maker' AND o.tenant_id = p_tenant AND o.maker = p_flow.maker AND o.at > p_since) o
  WHERE NOT EXISTS (SELECT FROM board.action a WHERE a.tenant_id = p_tenant AND a.action_id = o.action_id AND a.state = 'failed');
END
$$;

-- Counts an action that is about to be sent, once, where its workflow bounds its kind.
CREATE OR REPLACE FUNCTION board.note_outflow(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.outflow
  SELECT f.* FROM board.read_outflow(p_tenant, p_action.action_id, p_claim, p_action.payload, p_now) f
  WHERE EXISTS (SELECT FROM board.velocity v WHERE v.workflow_id = p_claim.workflow_id AND v.kind = p_action.kind)
  ON CONFLICT DO NOTHING;
END
$$;
