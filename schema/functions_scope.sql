-- Scopes: what a key may do of what its agent may. A transaction for a key with a scope begins by entering it; the verbs then ask what is
-- in the way. Nobody else pays more than one look at a setting that is empty.

-- What this key is bound to; NULL where its agent's rights are its only bounds.
CREATE OR REPLACE FUNCTION board.describe_scope(k board.api_key) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN num_nonnulls(k.verbs, k.workflows, k.capabilities, k.amount_max) > 0 THEN jsonb_build_object(
  'verbs', k.verbs, 'workflows', k.workflows, 'capabilities', k.capabilities, 'amount_max', k.amount_max::text,
  'currency', k.currency) END;

-- Promises that whatever follows in this transaction stays within what the key may now, and that a key which opens nothing any more
-- (BB401) does nothing more. Ends with the transaction, like the tenant. Locks nothing.
CREATE OR REPLACE FUNCTION board.enter_scope(p_tenant integer, p_key_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key board.api_key;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO v_key FROM board.api_key k
  WHERE k.tenant_id = p_tenant AND k.key_id = p_key_id AND board.clock() >= k.not_before
    AND board.clock() < least(k.expires_at, k.revoked_at);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The key is not valid any more' USING ERRCODE = 'BB401';
  END IF;
  PERFORM set_config('board.scope', coalesce(jsonb_set(board.describe_scope(v_key), '{expires_at}',
                                                       coalesce(to_jsonb(nullif(v_key.expires_at, 'infinity')), 'null'))::text, ''), true);
END
$$;

-- The scope that was entered; NULL where none was.
CREATE OR REPLACE FUNCTION board.current_scope() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('board.scope', true), '')::jsonb;

-- What a part of the scope that was entered allows ('verbs', 'workflows', 'capabilities'); NULL where it has no bounds.
CREATE OR REPLACE FUNCTION board.allowed_by_scope(p_part text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('board.scope', true), '') = '' THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT array_agg(e) FROM jsonb_array_elements_text(nullif(board.current_scope() -> p_part, 'null')) AS e);
END
$$;

-- Promises that all of p_wanted is in this part of the scope that was entered; refuses (BB405) what is not, and names it.
CREATE OR REPLACE FUNCTION board.demand_scope(p_part text, p_wanted text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_allowed text[] := board.allowed_by_scope(p_part);
BEGIN
  IF NOT p_wanted <@ v_allowed THEN
    RAISE EXCEPTION '% % outside of this key''s scope, which allows %: %',
      (SELECT string_agg(DISTINCT w, ', ') FROM unnest(p_wanted) AS w WHERE w <> ALL (v_allowed)),
      CASE WHEN cardinality(p_wanted) > 1 THEN 'are' ELSE 'is' END, p_part, array_to_string(v_allowed, ', ')
      USING ERRCODE = 'BB405', DETAIL = p_part;
  END IF;
END
$$;

-- Promises that each of these says an amount in the key's currency that is not above its limit. What says none, or not in plain
-- digits, or no currency, is refused: nobody could tell what it moves.
CREATE OR REPLACE FUNCTION board.demand_amounts(p_payloads jsonb[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_scope jsonb := board.current_scope();
  v_beyond jsonb;
BEGIN
  IF v_scope ->> 'amount_max' IS NULL THEN
    RETURN;
  END IF;
  SELECT p INTO v_beyond FROM unnest(p_payloads) AS p
  WHERE (CASE WHEN p ->> 'amount' ~ '^[0-9]{1,24}(\.[0-9]{1,8})?$' THEN (p ->> 'amount')::numeric END
         <= (v_scope ->> 'amount_max')::numeric AND p ->> 'currency' = v_scope ->> 'currency') IS NOT TRUE LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'This key moves at most % % at a time, and this says % %', v_scope ->> 'amount_max', v_scope ->> 'currency',
      coalesce(left(v_beyond ->> 'amount', 40), 'no amount'), coalesce(left(v_beyond ->> 'currency', 3), 'and no currency')
      USING ERRCODE = 'BB405', DETAIL = 'amount_max';
  END IF;
END
$$;

-- Promises that the cases to be opened are of workflows and amounts that the scope allows.
CREATE OR REPLACE FUNCTION board.demand_opening(p_items jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('board.scope', true), '') = '' THEN
    RETURN;
  END IF;
  PERFORM board.demand_scope('verbs', '{open a case}');
  PERFORM board.demand_scope('workflows', ARRAY(SELECT i ->> 'workflow' FROM jsonb_array_elements(p_items) AS i));
  PERFORM board.demand_amounts(ARRAY(SELECT i -> 'payload' FROM jsonb_array_elements(p_items) AS i));
END
$$;

-- Promises that a verb may be used, on these cases.
CREATE OR REPLACE FUNCTION board.demand_cases(p_tenant integer, p_verb text, p_cases uuid[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('board.scope', true), '') = '' THEN
    RETURN;
  END IF;
  PERFORM board.demand_scope('verbs', ARRAY[p_verb]);
  PERFORM board.demand_scope('workflows', ARRAY(
    SELECT DISTINCT c.workflow FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases)));
END
$$;

-- Promises that a verb may be used on these tasks: they are of capabilities and workflows that the scope allows.
CREATE OR REPLACE FUNCTION board.demand_tasks(p_tenant integer, p_verb text, p_tasks uuid[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_workflows text[];
  v_capabilities text[];
BEGIN
  IF coalesce(current_setting('board.scope', true), '') = '' THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(DISTINCT s.workflow), '{}'), coalesce(array_agg(DISTINCT s.capability), '{}')
  INTO v_workflows, v_capabilities
  FROM board.task t JOIN board.stage_task s USING (stage_task_id) WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks);
  PERFORM board.demand_scope('verbs', ARRAY[p_verb]);
  PERFORM board.demand_scope('workflows', v_workflows);
  PERFORM board.demand_scope('capabilities', v_capabilities);
END
$$;

-- Promises that work of these capabilities may be claimed; which workflows it is of is sifted task by task.
CREATE OR REPLACE FUNCTION board.demand_claim(p_capabilities text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.demand_scope('verbs', '{claim tasks}');
  PERFORM board.demand_scope('capabilities', p_capabilities);
END
$$;

-- Promises that a key with this scope may do nothing that the key which asks for it may not, and no longer.
CREATE OR REPLACE FUNCTION board.demand_narrower(p_scope jsonb, p_expires_at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_own jsonb := board.current_scope();
  v_wide text;
BEGIN
  SELECT part INTO v_wide FROM unnest('{verbs,workflows,capabilities}'::text[]) AS part
  WHERE (SELECT coalesce(nullif(p_scope -> part, 'null') <@ (v_own -> part), false)) IS NOT TRUE AND nullif(v_own -> part, 'null') IS NOT NULL;
  v_wide := coalesce(v_wide, CASE
    WHEN v_own ->> 'amount_max' IS NOT NULL AND (p_scope ->> 'currency' = v_own ->> 'currency'
      AND (p_scope ->> 'amount_max')::numeric <= (v_own ->> 'amount_max')::numeric) IS NOT TRUE THEN 'amount_max'
    WHEN coalesce(p_expires_at, 'infinity') > coalesce((v_own ->> 'expires_at')::timestamptz, 'infinity') THEN 'expires_at' END);
  IF v_wide IS NOT NULL THEN
    RAISE EXCEPTION 'Nobody grants more than he has: your key has a scope, and in % the other would reach further', v_wide
      USING ERRCODE = 'BB405', DETAIL = v_wide;
  END IF;
END
$$;

-- Promises that whoever acts has no scope on his key: what he is about to change could be worth more than it.
CREATE OR REPLACE FUNCTION board.demand_unscoped() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF board.current_scope() IS NOT NULL THEN
    RAISE EXCEPTION 'A key with a scope changes no agent: what an agent may could come to be more than what the key may'
      USING ERRCODE = 'BB405', DETAIL = 'unscoped';
  END IF;
END
$$;
