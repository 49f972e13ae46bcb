-- role: blackboard_system
-- Who follows the journal: tickets for those who cannot send a key, keys that no longer open anything, and the record of who was
-- shown what.

-- Promises a ticket under this hash, made with this key, for p_seconds. Takes away those whose time is over.
CREATE OR REPLACE FUNCTION board.issue_ticket(
  p_tenant integer, p_key_id text, p_hash bytea, p_filters jsonb, p_seconds double precision)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_until timestamptz := board.clock() + make_interval(secs => p_seconds);
BEGIN
  DELETE FROM board.stream_ticket t WHERE t.ctid = ANY (ARRAY(
    SELECT o.ctid FROM board.stream_ticket o WHERE o.expires_at <= board.clock() LIMIT 100 FOR UPDATE SKIP LOCKED));
  INSERT INTO board.stream_ticket (ticket_hash, tenant_id, key_id, filters, expires_at)
  VALUES (p_hash, p_tenant, p_key_id, p_filters, v_until);
  RETURN v_until;
END
$$;

-- Promises that a ticket opens one stream: of two who bring it the second gets no row, and so does whoever is late. Returns the key
-- that it stands for and the filters that it is for.
CREATE OR REPLACE FUNCTION board.spend_ticket(p_hash bytea) RETURNS TABLE (key_id text, filters jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH spent AS (
    DELETE FROM board.stream_ticket t WHERE t.ticket_hash = p_hash RETURNING t.*)
  SELECT s.key_id, s.filters FROM spent s WHERE s.expires_at > board.clock();
END
$$;

-- Of these keys, those that open nothing any more: revoked, expired, or of an agent that may not act.
CREATE OR REPLACE FUNCTION board.find_closed_keys(p_keys text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT i.key_id FROM unnest(p_keys) AS i (key_id)
  LEFT JOIN board.api_key k ON k.key_id = i.key_id AND board.clock() < least(k.expires_at, k.revoked_at)
  LEFT JOIN board.agent a ON a.agent_id = k.agent_id AND a.state = 'active'
  WHERE a.agent_id IS NULL;
END
$$;

-- Promises that the journal tells what became of streams: a list of {type, actor, told}, each an event of this tenant.
CREATE OR REPLACE FUNCTION board.record_streams(p_tenant integer, p_notes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.record_events(p_tenant, ARRAY(
    SELECT ROW(n.note ->> 'type', NULL, NULL, NULL, NULL, NULL, n.note ->> 'actor', n.note -> 'told', board.clock())::board.entry
    FROM jsonb_array_elements(p_notes) WITH ORDINALITY AS n (note, place)
    WHERE n.note ->> 'type' LIKE 'stream.%' ORDER BY n.place));
END
$$;
