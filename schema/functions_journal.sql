-- role: blackboard_system
-- From outbox to journal, and reading it. Events lie in blocks, one per transaction and tenant. The argument why nothing is
-- lost or doubled:
--
-- Let S be the snapshot that journal_head remembers and S' a newer one. "Not visible in S" means: xid >= xmax(S), or xid in
-- the in-progress list of S. "Visible in S'" is what a statement that runs under S' can read. So every committed event is in
-- exactly one difference: that of the first S' which sees it. Events that rolled back are in none, so positions have no
-- holes. S and the journal rows move in one transaction, so a crash repeats a tick or does not, and never does half of it.
-- Only the holder of the head's row lock can number events, and the next holder starts from what it committed, so two
-- sequencers at once are slow and not wrong. Events of one task keep their order: a verb records its block last, so the block's
-- id is taken after the row locks that made others wait.

-- A backlog is worked off in slices, each a short transaction. The difference between S and S' does not change while they stand
-- still, so head keeps both until the last slice, and the order is the one that a single tick would have given.

-- The blocks that committed and were not visible in a snapshot. Part of the statement that calls it: one snapshot for both.
CREATE OR REPLACE FUNCTION board.unseen_events(p_snap pg_snapshot) RETURNS SETOF board.event_in
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT e.* FROM board.event_in e WHERE e.xid >= pg_snapshot_xmax(p_snap)
  UNION ALL
  SELECT e.* FROM board.event_in e WHERE e.xid = ANY (ARRAY(SELECT x FROM pg_snapshot_xip(p_snap) AS x));
END;

-- Promises that the events committed since the last tick have the next dense positions, or, where there are more than p_slice
-- blocks of them, the first slice; and that one NOTIFY with the new head goes out. Returns the number of events. It looks before it
-- locks, because a locking look writes WAL each time (an idle sequencer at 5 ms: 1.9 % of a core and no WAL, against 5.7 % and
-- 14 KB/s). While nothing happens it renews the snapshot every p_refresh_s, so that the snapshot's age stays a true alarm.
CREATE OR REPLACE FUNCTION board.sequence_events(p_refresh_s double precision DEFAULT 5, p_slice integer DEFAULT 500)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head board.journal_head;
  v_position bigint;
BEGIN
  SELECT * INTO STRICT v_head FROM board.journal_head;
  IF v_head.target IS NULL AND v_head.sequenced_at > clock_timestamp() - make_interval(secs => p_refresh_s)
     AND NOT EXISTS (SELECT FROM board.unseen_events(v_head.snap)) THEN
    RETURN 0;
  END IF;
  v_head := board.lock_head(p_slice);
  WITH seen AS MATERIALIZED (SELECT pg_current_snapshot() AS snap),
  fresh AS MATERIALIZED (
    SELECT e.* FROM board.unseen_events(v_head.snap) AS e WHERE v_head.target IS NULL
    UNION ALL
    (SELECT e.* FROM board.event_in e
     WHERE v_head.target IS NOT NULL AND e.event_id > v_head.reached
       AND NOT pg_visible_in_snapshot(e.xid, v_head.snap) AND pg_visible_in_snapshot(e.xid, v_head.target)
     ORDER BY e.event_id LIMIT p_slice)),
  numbered AS (
    INSERT INTO board.journal (position, size, recorded_on, tenant_id, entries)
    SELECT v_head.position + 1 + sum(f.size) OVER (ORDER BY f.event_id) - f.size, f.size,
           (clock_timestamp() AT TIME ZONE 'UTC')::date, f.tenant_id, f.entries
    FROM fresh f),
  done AS (
    SELECT coalesce(sum(f.size), 0) AS events, max(f.event_id) AS reached,
           v_head.target IS NULL OR count(*) < p_slice AS is_last FROM fresh f)
  UPDATE board.journal_head h
  SET position = h.position + done.events, sequenced_at = clock_timestamp(),
      snap = CASE WHEN done.is_last THEN coalesce(v_head.target, seen.snap) ELSE v_head.snap END,
      target = CASE WHEN NOT done.is_last THEN v_head.target END, reached = CASE WHEN NOT done.is_last THEN done.reached END
  FROM seen, done
  RETURNING h.position INTO v_position;
  IF v_position > v_head.position THEN
    PERFORM pg_notify('board_head', v_head.epoch || '.' || v_position);
  END IF;
  RETURN (v_position - v_head.position)::integer;
END
$$;

-- Locks the head, and begins a stretch of slices where the backlog is longer than one: from the snapshot that the head remembers to
-- the present one.
CREATE OR REPLACE FUNCTION board.lock_head(p_slice integer) RETURNS board.journal_head
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head board.journal_head;
BEGIN
  SELECT * INTO STRICT v_head FROM board.journal_head FOR UPDATE;
  IF v_head.target IS NULL AND (
    SELECT count(*) FROM (SELECT FROM board.unseen_events(v_head.snap) LIMIT p_slice + 1) u) > p_slice THEN
    SELECT pg_current_snapshot(), min(e.event_id) - 1 INTO v_head.target, v_head.reached
    FROM board.unseen_events(v_head.snap) AS e;
  END IF;
  RETURN v_head;
END
$$;

-- Promises that the journal's epoch is that of this server and its present history, a new one where it is another than before: a
-- replica that was promoted, a backup that was restored. To be called by whoever begins to sequence, before the first tick. A
-- restored dump has transaction numbers of another server in its outbox: what had its position goes, the rest is stamped anew,
-- with a number that the snapshot taken before it does not know. Returns the epoch. Locks the head.
CREATE OR REPLACE FUNCTION board.keep_epoch() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_snap pg_snapshot := pg_current_snapshot();
  v_head board.journal_head;
  v_last board.journal_epoch;
  v_system bigint := (SELECT s.system_identifier FROM pg_control_system() s);
  -- Of what is being written. The last checkpoint's is the old one for minutes after a replica was promoted.
  v_timeline integer := ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer;
BEGIN
  SELECT * INTO STRICT v_head FROM board.journal_head FOR UPDATE;
  SELECT * INTO STRICT v_last FROM board.journal_epoch e WHERE e.epoch = v_head.epoch;
  IF v_last.system_id = v_system AND v_last.timeline_id = v_timeline THEN
    RETURN v_head.epoch;
  END IF;
  IF v_last.system_id <> v_system THEN
    DELETE FROM board.event_in e WHERE pg_visible_in_snapshot(e.xid, v_head.snap)
      OR (e.event_id <= v_head.reached AND pg_visible_in_snapshot(e.xid, v_head.target));
    UPDATE board.event_in SET xid = pg_current_xact_id();
    UPDATE board.journal_head SET snap = v_snap, target = NULL, reached = NULL;
  END IF;
  UPDATE board.journal_head SET epoch = v_head.epoch + 1;
  -- What was sent of a lost history is not sent again, and nothing of the new one is left out.
  UPDATE board.webhook w SET position = v_head.position WHERE w.position > v_head.position;
  INSERT INTO board.journal_epoch (epoch, first_position, system_id, timeline_id, began_at)
  VALUES (v_head.epoch + 1, v_head.position + 1, v_system, v_timeline, clock_timestamp());
  PERFORM pg_notify('board_head', (v_head.epoch + 1) || '.' || v_head.position);
  RETURN v_head.epoch + 1;
END
$$;

-- Where the journal begins and ends: cursors from floor to head can be resumed. Of past epochs, the last position: a cursor of
-- theirs up to there can be resumed as well.
CREATE OR REPLACE FUNCTION board.read_head()
RETURNS TABLE (epoch integer, head bigint, floor bigint, sequenced_at timestamptz, past jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT h.epoch, h.position, f.position, h.sequenced_at, (
    SELECT coalesce(jsonb_object_agg(e.epoch, n.first_position - 1), '{}')
    FROM board.journal_epoch e JOIN board.journal_epoch n ON n.epoch = e.epoch + 1)
  FROM board.journal_head h, board.journal_floor f;
END;

-- Where a reader must have come to so that it has seen all that was committed before now: the cursor, or, while some of it has no
-- position yet, the block to ask for again. With p_until it is about what was committed up to that block.
CREATE OR REPLACE FUNCTION board.find_bound(p_until bigint DEFAULT NULL) RETURNS TABLE (epoch integer, "position" bigint, until bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT h.epoch, h.position, (
    SELECT max(e.event_id) FROM board.unseen_events(h.snap) AS e
    WHERE e.event_id <= coalesce(p_until, e.event_id) AND NOT coalesce(e.event_id <= h.reached, false))
  FROM board.journal_head h;
END
$$;

-- Promises the events after a position, in order, at most p_limit: of every tenant when p_tenant is NULL, which is how one
-- reader per process feeds all streams. p_since is a day known to be at or before the wanted events; it lets the planner
-- leave older partitions alone. The block that holds the first wanted event may begin before it: hence the inner look-up.
-- Refuses (BB410) a position below the floor, and (BB411) one of another epoch than the present one. It looks there last, with a
-- snapshot of its own: a day that was dropped while this began is missing in what was read, and nobody may take that for all
-- there is.
CREATE OR REPLACE FUNCTION board.read_journal(
  p_tenant integer, p_after bigint, p_limit integer, p_since date DEFAULT '-infinity', p_epoch integer DEFAULT NULL)
RETURNS TABLE ("position" bigint, tenant_id integer, type text, case_id uuid, task_id uuid, workflow text, stage text,
               capability text, actor text, body jsonb, at timestamptz, recorded_on date)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_from bigint := coalesce((
    SELECT j.position FROM board.journal j WHERE j.position <= p_after + 1 AND j.recorded_on >= p_since
    ORDER BY j.position DESC LIMIT 1), 0);
BEGIN
  RETURN QUERY
  SELECT j.position + e.nth - 1, j.tenant_id, e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor,
         e.body, e.at, j.recorded_on
  FROM board.journal j
  CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY
    AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
  WHERE j.position >= v_from AND j.recorded_on >= p_since AND (p_tenant IS NULL OR j.tenant_id = p_tenant)
    AND j.position + e.nth - 1 > p_after
  ORDER BY j.position, e.nth LIMIT p_limit;
  PERFORM board.guard_reading(p_after, p_epoch);
END
$$;

-- The last look of whoever reads the journal: refuses (BB410) a position below the floor, and (BB411) one of another epoch. Volatile, so
-- that it sees what was dropped while the reading went on.
CREATE OR REPLACE FUNCTION board.guard_reading(p_after bigint, p_epoch integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_floor bigint;
  v_epoch integer;
BEGIN
  SELECT f.position, h.epoch INTO STRICT v_floor, v_epoch FROM board.journal_floor f, board.journal_head h;
  IF v_epoch <> p_epoch THEN
    RAISE EXCEPTION 'the journal goes on in epoch %, and no longer in %', v_epoch, p_epoch USING ERRCODE = 'BB411';
  END IF;
  IF p_after < v_floor THEN
    RAISE EXCEPTION 'the journal is kept from position % on, and % lies before', v_floor + 1, p_after + 1 USING ERRCODE = 'BB410';
  END IF;
END
$$;

-- Promises the events of these cases after a position and up to another, in order, at most p_limit; refuses what read_journal refuses.
-- What a block holds beside them is left here and not brought to who asks, which is most of what reading costs.
CREATE OR REPLACE FUNCTION board.read_cases_journal(
  p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint, p_limit integer, p_epoch integer)
RETURNS TABLE ("position" bigint, tenant_id integer, type text, case_id uuid, task_id uuid, workflow text, stage text,
               capability text, actor text, body jsonb, at timestamptz, recorded_on date)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_from bigint := coalesce((
    SELECT j.position FROM board.journal j WHERE j.position <= p_after + 1 ORDER BY j.position DESC LIMIT 1), 0);
BEGIN
  RETURN QUERY
  SELECT j.position + e.nth - 1, j.tenant_id, e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor,
         e.body, e.at, j.recorded_on
  FROM board.journal j
  CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY
    AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
  WHERE j.position >= v_from AND j.position <= p_upto AND j.tenant_id = p_tenant AND e.case_id = ANY (p_cases)
    AND j.position + e.nth - 1 > p_after AND j.position + e.nth - 1 <= p_upto
  ORDER BY j.position, e.nth LIMIT p_limit;
  PERFORM board.guard_reading(p_after, p_epoch);
END
$$;

-- Promises a position up to which all was numbered before a moment. Found by halving the journal, with some ten looks at one block
-- each. Ten minutes stand between: an event says when its transaction began, which may last half a minute before it is numbered, and
-- a server that takes another one's place may have a clock that is behind.
CREATE OR REPLACE FUNCTION board.find_position(p_before timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_low bigint;
  v_high bigint;
  v_middle bigint;
BEGIN
  SELECT f.position, h.position INTO STRICT v_low, v_high FROM board.journal_floor f, board.journal_head h;
  WHILE v_high - v_low > 1000 LOOP
    v_middle := (v_low + v_high) / 2;
    IF (SELECT (j.entries[1]).at FROM board.journal j WHERE j.position <= v_middle ORDER BY j.position DESC LIMIT 1)
       < p_before - interval '10 minutes' THEN
      v_low := v_middle;
    ELSE
      v_high := v_middle;
    END IF;
  END LOOP;
  RETURN v_low;
END
$$;

-- The outbox partitions that may go: older than yesterday, with every event of theirs in the journal (their transactions
-- ended before the oldest that the head's snapshot still waits for).
CREATE OR REPLACE FUNCTION board.spent_partitions() RETURNS SETOF regclass
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_partition regclass;
  v_day date;
BEGIN
  FOR v_partition, v_day IN
    SELECT i.inhrelid::regclass, to_date(right(c.relname, 8), 'YYYYMMDD')
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'board.event_in'::regclass
  LOOP
    IF v_day < (clock_timestamp() AT TIME ZONE 'UTC')::date - 1 AND NOT EXISTS (
      SELECT FROM board.event_in e, board.journal_head h
      WHERE e.recorded_on = v_day AND e.xid >= pg_snapshot_xmin(h.snap)) THEN
      RETURN NEXT v_partition;
    END IF;
  END LOOP;
END
$$;

-- The journal partitions of which every event was written down more than p_keep_days ago, oldest first, at most p_limit, each
-- with the last position in it. An event's day is the one on which it was numbered, so nothing in such a partition is younger. What
-- the read models have not taken in yet stays, where a workflow has numbers and so something to be read.
CREATE OR REPLACE FUNCTION board.expired_partitions(p_keep_days integer, p_limit integer)
RETURNS TABLE (partition regclass, last_position bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_partition regclass;
  v_day date;
BEGIN
  IF p_keep_days < 1 THEN
    RAISE EXCEPTION 'the journal keeps one day at least, and not %', p_keep_days USING ERRCODE = 'BB500';
  END IF;
  FOR v_partition, v_day IN
    -- Materialized, or the planner may try to read a day out of the name of every other table.
    WITH days AS MATERIALIZED (
      SELECT c.oid, right(c.relname, 8) AS day
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'board.journal'::regclass)
    SELECT d.oid, to_date(d.day, 'YYYYMMDD') FROM days d
    WHERE to_date(d.day, 'YYYYMMDD') < (clock_timestamp() AT TIME ZONE 'UTC')::date - p_keep_days
    ORDER BY d.day LIMIT p_limit
  LOOP
    partition := v_partition;
    last_position := coalesce((
      SELECT j.position + j.size - 1 FROM board.journal j WHERE j.recorded_on = v_day ORDER BY j.position DESC LIMIT 1), 0);
    -- Once somebody seals, what is not sealed yet stays as well.
    EXIT WHEN EXISTS (SELECT FROM board.journal_sealed s WHERE s.position > 0 AND s.position < expired_partitions.last_position);
    EXIT WHEN last_position > (SELECT p.position FROM reading.progress p)
      AND EXISTS (SELECT FROM board.workflow w WHERE w.is_numbered);
    RETURN NEXT;
  END LOOP;
END
$$;
