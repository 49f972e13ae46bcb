-- Day partitions of the outbox and the journal. They are made days ahead, so that no write ever meets a missing one.

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
    EXECUTE format('DROP TABLE %s', v_partition);
    v_done := v_done || ('dropped ' || v_partition);
  END LOOP;
  RETURN v_done;
END
$$;
