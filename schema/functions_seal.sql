-- role: blackboard_system
-- Seals over the journal, in the order of positions. They are made beside the journal and never in its way: the sequencer knows
-- nothing of them. Lock order: journal_sealed → case_salt → seal.

-- The last seal of each of these tenants, where one has any.
CREATE OR REPLACE FUNCTION board.last_seals(p_tenants integer[]) RETURNS SETOF board.seal
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT s.* FROM unnest(p_tenants) AS t
  CROSS JOIN LATERAL (SELECT * FROM board.seal s WHERE s.tenant_id = t ORDER BY s.number DESC LIMIT 1) s;
END;

-- How far the journal is sealed, and how far it goes. What was trimmed before it was sealed is left out.
CREATE OR REPLACE FUNCTION board.read_sealed()
RETURNS TABLE ("position" bigint, recorded_on date, sealed_at timestamptz, head bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT greatest(s.position, f.position), s.recorded_on, s.sealed_at, h.position
  FROM board.journal_sealed s, board.journal_floor f, board.journal_head h;
END;

-- Promises each of these cases a salt, the one that it has or these. Returns them. Takes no lock that others wait for.
CREATE OR REPLACE FUNCTION board.keep_salts(p_tenants integer[], p_cases uuid[], p_salts bytea[])
RETURNS TABLE (case_id uuid, salt bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO board.case_salt (tenant_id, case_id, salt)
  SELECT n.* FROM unnest(p_tenants, p_cases, p_salts) AS n (tenant_id, case_id, salt) ORDER BY n.case_id
  ON CONFLICT (case_id) DO NOTHING;
  RETURN QUERY SELECT s.case_id, s.salt FROM board.case_salt s WHERE s.case_id = ANY (p_cases);
END
$$;

-- Promises that these seals stand and that the journal is sealed up to p_upto, or neither: false when somebody else has sealed beyond
-- p_after meanwhile. A journal that was rewound begins behind its seals: then nothing is sealed, which the chain shows. Locks
-- journal_sealed.
CREATE OR REPLACE FUNCTION board.keep_seals(p_after bigint, p_upto bigint, p_day date, p_seals jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.journal_sealed s SET position = p_upto, recorded_on = p_day, sealed_at = clock_timestamp()
  WHERE s.position <= p_after AND (s.position = p_after OR p_after = (SELECT f.position FROM board.journal_floor f));
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO board.seal (tenant_id, number, first, last, size, total, salted, root, previous, head, signature)
  SELECT s.tenant_id, s.number, s.first, s.last, s.size, s.total, s.salted, decode(s.root, 'hex'), decode(s.previous, 'hex'),
         decode(s.head, 'hex'), decode(s.signature, 'hex')
  FROM jsonb_to_recordset(p_seals) AS s (
    tenant_id integer, number bigint, first bigint, last bigint, size integer, total bigint, salted jsonb, root text,
    previous text, head text, signature text);
  RETURN true;
END
$$;

-- What the journal tells of these cases of a tenant after a position and up to another: one window, so that no statement takes long.
CREATE OR REPLACE FUNCTION board.events_of_cases(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint)
RETURNS TABLE ("position" bigint, type text, case_id uuid, body text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT j.position + e.nth - 1, e.type, e.case_id, e.body::text
  FROM board.journal j CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY AS
    e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
  WHERE j.position > p_after - 10000 AND j.position <= p_upto AND j.tenant_id = p_tenant AND e.case_id = ANY (p_cases)
    AND j.position + e.nth - 1 > p_after AND j.position + e.nth - 1 <= p_upto
  ORDER BY 1;
END;
