-- Telling the journal.

-- Promises that the journal will hold these events, in this order, exactly if this transaction commits. Every verb calls it
-- once, as its last statement: a block takes its place in the order when it is written, after all locks are held.
CREATE OR REPLACE FUNCTION board.record_events(p_tenant integer, p_entries board.entry[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF cardinality(p_entries) > 0 THEN
    INSERT INTO board.event_in (tenant_id, size, entries) VALUES (p_tenant, cardinality(p_entries), p_entries);
  END IF;
END
$$;

-- The name under which an agent stands in the journal.
CREATE OR REPLACE FUNCTION board.agent_name(p_tenant integer, p_agent integer) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_name text;
BEGIN
  SELECT a.name INTO STRICT v_name FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  RETURN v_name;
END
$$;
