-- Webhooks: endpoints that events are sent to. What senders find due stands in functions_sweep.sql.

-- Promises an endpoint of that name with this address, filter and state, rid of its failures; true when it is new. A new one begins
-- at the present end of the journal and signs with p_secret; one that was there keeps its place and its secret. For operators. The
-- journal, which everybody may read, is told the host alone: what follows it is often secret. Locks the endpoint. Refuses (BB500)
-- the hundred and first of a tenant.
CREATE OR REPLACE FUNCTION board.put_webhook(
  p_tenant integer, p_agent integer, p_name text, p_url text, p_filter jsonb, p_state text, p_secret text, p_reason text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_is_new boolean;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.webhook (webhook_id, tenant_id, name, url, filter, secret, state, position, prev, next_try_at, agent_id, since)
  SELECT board.new_id(), p_tenant, p_name, p_url, p_filter, p_secret, p_state, h.position, h.position, v_now, p_agent, v_now
  FROM board.journal_head h ON CONFLICT (tenant_id, name) DO NOTHING;
  v_is_new := FOUND;
  IF v_is_new AND (SELECT count(*) > 100 FROM board.webhook w WHERE w.tenant_id = p_tenant) THEN
    RAISE EXCEPTION 'A tenant has at most 100 webhooks: drop one first, or widen the filter of one' USING ERRCODE = 'BB500';
  END IF;
  UPDATE board.webhook w
  SET url = p_url, filter = p_filter, state = p_state, failures = 0, last_error = NULL, next_try_at = v_now, agent_id = p_agent,
      since = v_now
  WHERE NOT v_is_new AND w.tenant_id = p_tenant AND w.name = p_name;
  PERFORM board.tell_webhook(p_tenant, 'webhook.put', board.agent_name(p_tenant, p_agent), p_name, jsonb_build_object(
    'host', substring(p_url FROM '^[a-z]+://([^/?]+)'), 'filter', p_filter, 'state', p_state, 'reason', p_reason));
  RETURN v_is_new;
END
$$;

-- Promises that nothing is sent to the endpoint any more, and forgets its dead letters. False when there was none. What is on its way
-- still arrives.
CREATE OR REPLACE FUNCTION board.drop_webhook(p_tenant integer, p_agent integer, p_name text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  DELETE FROM board.webhook w WHERE w.tenant_id = p_tenant AND w.name = p_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.tell_webhook(p_tenant, 'webhook.dropped', board.agent_name(p_tenant, p_agent), p_name,
    jsonb_build_object('reason', p_reason));
  RETURN true;
END
$$;

-- Promises that deliveries are signed with p_secret from now on, and for a day with the one before it as well. False when there is no
-- such endpoint. Locks it.
CREATE OR REPLACE FUNCTION board.rotate_secret(p_tenant integer, p_agent integer, p_name text, p_secret text, p_reason text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_until timestamptz := board.clock() + interval '24 hours';
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  UPDATE board.webhook w SET secret = p_secret, old_secret = w.secret, old_until = v_until
  WHERE w.tenant_id = p_tenant AND w.name = p_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.tell_webhook(p_tenant, 'webhook.rotated', board.agent_name(p_tenant, p_agent), p_name,
    jsonb_build_object('old_until', v_until, 'reason', p_reason));
  RETURN true;
END
$$;

-- Promises that what came after p_after is sent again, or, where that is NULL, that the dead letters are; rids the endpoint of its
-- failures, so that it begins at once. Returns how many events or dead letters lie before it; NULL when there is no such endpoint.
-- Locks it. Refuses (BB410) what is not kept any more.
CREATE OR REPLACE FUNCTION board.replay_webhook(p_tenant integer, p_agent integer, p_name text, p_after bigint, p_reason text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head bigint;
  v_floor bigint;
  v_webhook board.webhook;
  v_count bigint;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT h.position, f.position INTO STRICT v_head, v_floor FROM board.journal_head h, board.journal_floor f;
  IF p_after < v_floor THEN
    RAISE EXCEPTION 'the journal is kept from position % on, and % lies before', v_floor + 1, p_after + 1 USING ERRCODE = 'BB410';
  END IF;
  UPDATE board.webhook w
  SET position = coalesce(least(p_after, v_head), w.position), prev = coalesce(least(p_after, v_head), w.prev), failures = 0,
      next_try_at = board.clock()
  WHERE w.tenant_id = p_tenant AND w.name = p_name RETURNING * INTO v_webhook;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE board.dead_letter d SET is_due = true
  WHERE p_after IS NULL AND d.tenant_id = p_tenant AND d.webhook_id = v_webhook.webhook_id AND NOT d.is_lost;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  v_count := CASE WHEN p_after IS NULL THEN v_count ELSE v_head - v_webhook.position END;
  PERFORM board.tell_webhook(p_tenant, 'webhook.replayed', board.agent_name(p_tenant, p_agent), p_name, jsonb_build_object(
    'after', p_after, 'dead', p_after IS NULL, 'count', v_count, 'reason', p_reason));
  RETURN v_count;
END
$$;

-- The endpoints of a tenant, or the one of that name: where each stands, and what is wrong with it. Never with a secret.
CREATE OR REPLACE FUNCTION board.list_webhooks(p_tenant integer, p_name text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'id', w.webhook_id, 'name', w.name, 'url', w.url, 'filter', w.filter, 'state', w.state,
             'cursor', h.epoch || '.' || w.position, 'lag', h.position - w.position, 'failures', w.failures,
             'last_error', w.last_error, 'next_try_at', w.next_try_at, 'by', board.agent_name(p_tenant, w.agent_id),
             'since', w.since, 'old_secret_until', CASE WHEN w.old_until > board.clock() THEN w.old_until END,
             'dead', (SELECT count(*) FROM board.dead_letter d WHERE d.webhook_id = w.webhook_id)) ORDER BY w.name), '[]')
    FROM board.webhook w, board.journal_head h
    WHERE w.tenant_id = p_tenant AND (p_name IS NULL OR w.name = p_name));
END
$$;

-- What was given up for an endpoint, oldest first, after a position.
CREATE OR REPLACE FUNCTION board.list_dead_letters(p_tenant integer, p_name text, p_after bigint, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'cursor', h.epoch || '.' || d.position, 'status', d.status, 'error', d.error, 'attempts', d.attempts,
             'is_due', d.is_due, 'is_lost', d.is_lost, 'at', d.at) ORDER BY d.position), '[]')
    FROM board.journal_head h, LATERAL (
      SELECT o.* FROM board.dead_letter o JOIN board.webhook w USING (webhook_id)
      WHERE w.tenant_id = p_tenant AND w.name = p_name AND o.position > p_after ORDER BY o.position LIMIT p_limit) d);
END
$$;

-- Promises that the endpoint's cursor is at p_to if it was at p_from, that it is looked at again p_rest_s later, and that a dead
-- letter there is forgotten: it was delivered, now. False when the cursor had moved or nothing more is to be sent: the caller's turn
-- is over. Locks the endpoint.
CREATE OR REPLACE FUNCTION board.advance_webhook(
  p_tenant integer, p_webhook uuid, p_from bigint, p_to bigint, p_prev bigint, p_rest_s double precision)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_state text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  UPDATE board.webhook w
  SET position = p_to, prev = p_prev, failures = 0, last_error = NULL, next_try_at = board.clock() + make_interval(secs => p_rest_s)
  WHERE w.tenant_id = p_tenant AND w.webhook_id = p_webhook AND w.position = p_from RETURNING w.state INTO v_state;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM board.dead_letter d WHERE d.tenant_id = p_tenant AND d.webhook_id = p_webhook AND d.position = p_prev AND p_prev = p_to;
  RETURN v_state = 'active';
END
$$;

-- Promises that a dead letter which arrived after all is forgotten. Locks the endpoint, then the letter.
CREATE OR REPLACE FUNCTION board.settle_dead_letter(p_tenant integer, p_webhook uuid, p_position bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  UPDATE board.webhook w SET failures = 0, last_error = NULL, next_try_at = board.clock()
  WHERE w.tenant_id = p_tenant AND w.webhook_id = p_webhook;
  DELETE FROM board.dead_letter d WHERE d.tenant_id = p_tenant AND d.webhook_id = p_webhook AND d.position = p_position;
END
$$;

-- Notes a delivery that failed: {from, failures, position, prev, status, error, wait_s, is_again, is_lost}, where `from` and
-- `failures` are as the sender found them. Promises another try after twice the pause of the one before, with jitter, at most an hour,
-- and not before `wait_s`; the event is buried instead at the p_attempts-th failure in a row, or when it is lost. False when the
-- endpoint had moved on: nothing is noted then, so that two senders count one failure. Locks the endpoint.
CREATE OR REPLACE FUNCTION board.fail_webhook(
  p_tenant integer, p_webhook uuid, p_failure jsonb, p_attempts integer, p_backoff_s double precision)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_failures integer := (p_failure ->> 'failures')::integer;
  v_pause_s double precision;
  v_webhook board.webhook;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_pause_s := least(3600, p_backoff_s * power(2, least(v_failures, 30))) * (0.5 + random() / 2);
  v_pause_s := greatest(v_pause_s, least(3600, coalesce((p_failure ->> 'wait_s')::double precision, 0)));
  UPDATE board.webhook w
  SET failures = w.failures + 1, last_error = p_failure ->> 'error', next_try_at = board.clock() + make_interval(secs => v_pause_s)
  WHERE w.tenant_id = p_tenant AND w.webhook_id = p_webhook AND w.position = (p_failure ->> 'from')::bigint
    AND w.failures = v_failures
  RETURNING * INTO v_webhook;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF v_webhook.failures >= p_attempts OR (p_failure ->> 'is_lost')::boolean THEN
    PERFORM board.bury_event(v_webhook, p_failure);
  END IF;
  RETURN true;
END
$$;

-- Gives an event up for an endpoint: it becomes a dead letter, and the cursor goes on. Internal, under the endpoint's lock.
CREATE OR REPLACE FUNCTION board.bury_event(p_webhook board.webhook, p_failure jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_position bigint := (p_failure ->> 'position')::bigint;
BEGIN
  INSERT INTO board.dead_letter (tenant_id, webhook_id, position, prev, status, error, attempts, is_lost, at)
  VALUES (p_webhook.tenant_id, p_webhook.webhook_id, v_position, (p_failure ->> 'prev')::bigint, (p_failure ->> 'status')::integer,
          p_failure ->> 'error', p_webhook.failures, (p_failure ->> 'is_lost')::boolean, v_now)
  ON CONFLICT (webhook_id, position) DO UPDATE
  SET status = excluded.status, error = excluded.error, attempts = board.dead_letter.attempts + excluded.attempts, is_due = false,
      is_lost = excluded.is_lost, at = excluded.at;
  UPDATE board.webhook w
  SET failures = 0, next_try_at = v_now,
      position = CASE WHEN (p_failure ->> 'is_again')::boolean THEN w.position ELSE v_position END,
      prev = CASE WHEN (p_failure ->> 'is_again')::boolean THEN w.prev ELSE v_position END
  WHERE w.tenant_id = p_webhook.tenant_id AND w.webhook_id = p_webhook.webhook_id;
  PERFORM board.tell_webhook(p_webhook.tenant_id, 'webhook.failed', 'board', p_webhook.name, jsonb_build_object(
    'position', v_position, 'status', p_failure -> 'status', 'reason', p_failure ->> 'error', 'attempts', p_webhook.failures));
END
$$;

-- Promises that nothing more is sent to an endpoint that said it is gone, until an operator puts it again; its cursor stays. Locks it.
CREATE OR REPLACE FUNCTION board.disable_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_error text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name text;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  UPDATE board.webhook w SET state = 'disabled', last_error = p_error
  WHERE w.tenant_id = p_tenant AND w.webhook_id = p_webhook AND w.position = p_from AND w.state = 'active' RETURNING w.name INTO v_name;
  IF FOUND THEN
    PERFORM board.tell_webhook(p_tenant, 'webhook.disabled', 'board', v_name, jsonb_build_object('reason', p_error));
  END IF;
END
$$;

-- Tells the journal of an endpoint.
CREATE OR REPLACE FUNCTION board.tell_webhook(p_tenant integer, p_type text, p_actor text, p_name text, p_about jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(p_tenant, ARRAY[
    ROW(p_type, NULL, NULL, NULL, NULL, NULL, p_actor, jsonb_build_object('name', p_name) || p_about, board.clock())::board.entry]);
END
$$;
