-- Day partitions of the outbox and the journal. They are made days ahead, so that no write ever meets a missing one, and dropped
-- whole: a row that is never deleted one by one leaves nothing to vacuum.
--
-- Dropping closes the parent to everybody for a moment, and while the lock is waited for, all who come later queue behind. So the
-- wait is short, and a partition that somebody is still at (a backup reads for hours) is left for the next time. A DETACH before
-- would take the same lock; DETACH CONCURRENTLY waits without it, but for every old transaction, and cannot be part of a function.

-- Promises a partition of both tables for every day from today to p_ahead_days from now, and drops outbox partitions whose
-- events are all in the journal. Returns what it did. A new partition is made apart and then attached, which takes a lock
-- that readers and writers do not notice; creating it in place would stop them.
CREATE OR REPLACE FUNCTION board.keep_partitions(p_ahead_days integer DEFAULT 7) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  v_parent text;
  v_partition text;
  v_day date;
  v_done text[] := '{}';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('board.keep_partitions'));
  FOR v_parent, v_day IN
    SELECT p, d::date FROM unnest(ARRAY['event_in', 'journal']) AS p,
      generate_series((clock_timestamp() AT TIME ZONE 'UTC')::date - 1,
                      (clock_timestamp() AT TIME ZONE 'UTC')::date + p_ahead_days, interval '1 day') AS d
  LOOP
    v_partition := v_parent || '_' || to_char(v_day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('board.' || v_partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE board.%I (LIKE board.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', v_partition, v_parent);
    EXECUTE format('ALTER TABLE board.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_partition);
    EXECUTE format('ALTER TABLE board.%I ATTACH PARTITION board.%I FOR VALUES FROM (%L) TO (%L)',
                   v_parent, v_partition, v_day, v_day + 1);
    v_done := v_done || ('made ' || v_partition);
  END LOOP;
  FOR v_partition IN SELECT board.spent_partitions()::text LOOP
    BEGIN
      EXECUTE format('DROP TABLE %s', v_partition);
      v_done := v_done || ('dropped ' || v_partition);
    EXCEPTION
      -- What was made must stay made.
      WHEN lock_not_available THEN EXIT;
    END;
  END LOOP;
  RETURN v_done;
END
$$;

-- Promises that at most p_limit days of the journal are gone, oldest first, all of whose events were written down more than
-- p_keep_days ago; and that with them the floor rose, so that a reader below it is told so (read_journal) and never given what
-- follows on a gap. Never takes today's or yesterday's. Returns what it did. It is apart from keep_partitions because that one may
-- have the outbox closed, and no writer should wait until the journal's readers have let go.
CREATE OR REPLACE FUNCTION board.trim_journal(p_keep_days integer, p_limit integer) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  v_partition text;
  v_last bigint;
  v_done text[] := '{}';
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('board.keep_partitions')) THEN
    RETURN v_done;
  END IF;
  FOR v_partition, v_last IN SELECT e.partition::text, e.last_position FROM board.expired_partitions(p_keep_days, p_limit) AS e LOOP
    BEGIN
      EXECUTE format('DROP TABLE %s', v_partition);
      UPDATE board.journal_floor f SET position = v_last WHERE f.position < v_last;
      v_done := v_done || ('dropped ' || v_partition);
    EXCEPTION
      WHEN lock_not_available THEN EXIT;
    END;
  END LOOP;
  RETURN v_done;
END
$$;
