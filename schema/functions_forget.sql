-- role: blackboard_system
-- What the board forgets, in bounded batches, because it will not be asked about it any more. The journal is trimmed elsewhere
-- (functions_partitions.sql).

-- Forgets at most p_limit answers to idempotency keys that are older than p_keep_days, the oldest first. Returns how many.
-- Walks the index by age whatever the planner thinks of the table: once a day's answers are gone, most of its pages hold
-- younger ones.
CREATE OR REPLACE FUNCTION board.forget_old_answers(p_keep_days integer, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  v_before timestamptz := board.clock() - make_interval(days => p_keep_days);
  v_count integer;
BEGIN
  WITH gone AS (
    DELETE FROM board.idempotency i WHERE i.ctid = ANY (ARRAY(
      SELECT o.ctid FROM board.idempotency o WHERE o.created_at < v_before ORDER BY o.created_at LIMIT p_limit))
    RETURNING 1)
  SELECT count(*) INTO v_count FROM gone;
  RETURN v_count;
END
$$;

-- Forgets at most p_limit sessions that ended more than p_keep_days ago, or were last heard of then: an agent that was killed never
-- ends its own. Returns how many. Looks at what ended that long ago and at what has not ended, and at nothing between.
CREATE OR REPLACE FUNCTION board.forget_old_sessions(p_keep_days integer, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
  v_before timestamptz := board.clock() - make_interval(days => p_keep_days);
  v_count integer;
BEGIN
  WITH old AS (
    (SELECT o.ctid AS row_id FROM board.session o WHERE o.ended_at < v_before LIMIT p_limit)
    UNION ALL
    (SELECT o.ctid FROM board.session o WHERE o.ended_at IS NULL AND o.heartbeat_at < v_before LIMIT p_limit)),
  gone AS (
    DELETE FROM board.session s WHERE s.ctid = ANY (ARRAY(SELECT o.row_id FROM old o LIMIT p_limit)) RETURNING 1)
  SELECT count(*) INTO v_count FROM gone;
  RETURN v_count;
END
$$;

-- Forgets at most p_limit buckets of quotas that say nothing any more: their quota is gone, or they have long been full again.
-- Those that a claim is just taking from are left for the next time. Returns how many.
CREATE OR REPLACE FUNCTION board.forget_idle_buckets(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_count integer;
BEGIN
  WITH gone AS (
    DELETE FROM board.quota_bucket b WHERE b.ctid = ANY (ARRAY(
      SELECT o.ctid FROM board.quota_bucket o LEFT JOIN board.quota q USING (quota_id)
      WHERE q.quota_id IS NULL OR o.used < extract(epoch FROM v_now - o.at) * q.per_second
      LIMIT p_limit FOR UPDATE OF o SKIP LOCKED))
    RETURNING 1)
  SELECT count(*) INTO v_count FROM gone;
  RETURN v_count;
END
$$;

-- Forgets at most p_limit buckets of callers who have asked nothing for a day: they are full again, unless a limit fills slower than
-- that. Those that a request is just taking from are left for the next time. Returns how many.
CREATE OR REPLACE FUNCTION board.forget_idle_callers(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_count integer;
BEGIN
  WITH gone AS (
    DELETE FROM board.rate_bucket b WHERE b.ctid = ANY (ARRAY(
      SELECT o.ctid FROM board.rate_bucket o LEFT JOIN board.rate_limit l USING (tenant_id, name)
      WHERE extract(epoch FROM v_now - o.at) > greatest(86400, coalesce(l.burst / l.per_second, 0))
      LIMIT p_limit FOR UPDATE OF o SKIP LOCKED))
    RETURNING 1)
  SELECT count(*) INTO v_count FROM gone;
  RETURN v_count;
END
$$;

-- Forgets at most p_limit of what was sent, where it lies before the longest window that any workflow bounds. Returns how many.
CREATE OR REPLACE FUNCTION board.forget_old_outflow(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before timestamptz := board.clock() - make_interval(secs => coalesce((SELECT max(v.window_s) FROM board.velocity v), 0));
  v_count integer;
BEGIN
  WITH gone AS (
    DELETE FROM board.outflow f WHERE f.ctid = ANY (ARRAY(
      SELECT o.ctid FROM board.outflow o WHERE o.at < v_before LIMIT p_limit))
    RETURNING 1)
  SELECT count(*) INTO v_count FROM gone;
  RETURN v_count;
END
$$;
