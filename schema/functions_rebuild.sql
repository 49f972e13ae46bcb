-- role: blackboard_system
-- Making the read models anew from the journal, a tenant at a time and beside what is read: the next edition is filled in
-- slices while the projector goes on with the present one, and takes its place when it has come as far. Lock order as in
-- functions_projection.sql.

-- Promises that an edition is being filled for a tenant, from the beginning of the journal, and goes on with one that was begun
-- before. Verdicts: 'begun', 'resumed', 'unknown' (no such tenant), 'trimmed' (the journal does not begin at its beginning any
-- more: what it would be made of is gone, and what is there stays).
CREATE OR REPLACE FUNCTION board.begin_rebuild(p_tenant integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM board.tenant t WHERE t.tenant_id = p_tenant) THEN
    RETURN 'unknown';
  ELSIF (SELECT f.position > 0 FROM board.journal_floor f) THEN
    PERFORM board.drop_rebuild(p_tenant);
    RETURN 'trimmed';
  END IF;
  INSERT INTO reading.shown (tenant_id, edition) VALUES (p_tenant, 1) ON CONFLICT DO NOTHING;
  INSERT INTO reading.rebuild (tenant_id, edition, position, started_at)
  SELECT p_tenant, s.edition + 1, 0, board.clock() FROM reading.shown s WHERE s.tenant_id = p_tenant
  ON CONFLICT DO NOTHING;
  RETURN CASE WHEN FOUND THEN 'begun' ELSE 'resumed' END;
END
$$;

-- Promises that the next events of a tenant are in the edition that is being filled. The last slice is taken while no projector
-- can move: in its transaction the readers turn to the new edition, which has all that the old one had. Returns how far it has
-- come and how far it has to go. A rebuild that somebody else has finished is done.
CREATE OR REPLACE FUNCTION board.rebuild_slice(
  p_tenant integer, p_limit integer, OUT done boolean, OUT "position" bigint, OUT until bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_rebuild reading.rebuild;
  v_slice record;
  v_is_near boolean := (
    SELECT p.position - r.position <= p_limit FROM reading.progress p, reading.rebuild r WHERE r.tenant_id = p_tenant);
BEGIN
  IF v_is_near THEN
    PERFORM FROM reading.progress FOR UPDATE;
  END IF;
  SELECT * INTO v_rebuild FROM reading.rebuild r WHERE r.tenant_id = p_tenant FOR UPDATE;
  SELECT p.position INTO STRICT until FROM reading.progress p;
  IF v_rebuild.tenant_id IS NULL THEN
    SELECT true, until INTO done, "position";
    RETURN;
  END IF;
  SELECT * INTO v_slice
  FROM board.read_slice(p_tenant, v_rebuild.edition, v_rebuild.position, until, v_rebuild.recorded_on, p_limit);
  PERFORM board.apply_events(v_slice.events);
  "position" := CASE WHEN v_slice.size < p_limit THEN until ELSE v_slice.last END;
  done := v_is_near AND "position" = until;
  IF done THEN
    UPDATE reading.shown s SET edition = v_rebuild.edition WHERE s.tenant_id = p_tenant;
    DELETE FROM reading.rebuild r WHERE r.tenant_id = p_tenant;
  ELSE
    UPDATE reading.rebuild r SET position = rebuild_slice."position", recorded_on = coalesce(v_slice.day, r.recorded_on)
    WHERE r.tenant_id = p_tenant;
  END IF;
END
$$;

-- Takes away what is in editions of a tenant that nobody reads or fills, at most p_limit rows of each kind. Returns how many.
CREATE OR REPLACE FUNCTION board.forget_editions(p_tenant integer, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_table text;
  v_rows integer;
  v_gone integer := 0;
BEGIN
  IF NOT EXISTS (SELECT FROM reading.shown s WHERE s.tenant_id = p_tenant) THEN
    RETURN 0;
  END IF;
  FOREACH v_table IN ARRAY '{effect,decision,case,session,holding,client}'::text[] LOOP
    EXECUTE format(
      'DELETE FROM reading.%I t WHERE t.ctid = ANY (ARRAY(
         SELECT o.ctid FROM reading.%1$I o WHERE o.tenant_id = $1
           AND o.edition NOT IN (SELECT s.edition FROM reading.shown s WHERE s.tenant_id = $1
                                 UNION ALL SELECT r.edition FROM reading.rebuild r WHERE r.tenant_id = $1) LIMIT $2))', v_table)
    USING p_tenant, p_limit;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_gone := v_gone + v_rows;
  END LOOP;
  RETURN v_gone;
END
$$;

-- Gives a rebuild up: what was filled is taken away, what is read stays.
CREATE OR REPLACE FUNCTION board.drop_rebuild(p_tenant integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM reading.rebuild r WHERE r.tenant_id = p_tenant;
END
$$;

-- The tenants there are, or the one of this name.
CREATE OR REPLACE FUNCTION board.list_tenants(p_name text DEFAULT NULL) RETURNS TABLE (tenant_id integer, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT t.tenant_id, t.name FROM board.tenant t WHERE p_name IS NULL OR t.name = p_name ORDER BY t.tenant_id;
END;
