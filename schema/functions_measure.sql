-- role: blackboard_system
-- How the board is doing, over all tenants, in numbers: for Prometheus and for `blackboard doctor`. Nothing here reads what is
-- over: only tables of open work, single index entries, and what the server counts anyway.

-- What the server knows of its own burden. The oldest transaction that others wait for, or that keeps what they delete from being
-- removed, prepared ones included; without the right to see others' it is not known (roles.sql). Vacuum itself does not count.
CREATE OR REPLACE FUNCTION board.measure_server() RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_sees_all boolean := pg_has_role(current_user, 'pg_read_all_stats', 'USAGE');
  v_oldest_s double precision;
  v_oldest_xids integer;
BEGIN
  SELECT max(extract(epoch FROM clock_timestamp() - b.since)), max(b.xids) INTO v_oldest_s, v_oldest_xids
  FROM (
    SELECT a.xact_start AS since, greatest(age(a.backend_xmin), age(a.backend_xid)) AS xids FROM pg_stat_activity a
    WHERE a.pid <> pg_backend_pid() AND a.backend_type <> 'autovacuum worker'
      AND (a.datname = current_database() OR a.backend_type = 'walsender')
    UNION ALL
    SELECT p.prepared, age(p.transaction) FROM pg_prepared_xacts p WHERE p.database = current_database()) b;
  RETURN jsonb_build_object(
    'oldest_transaction_s', CASE WHEN v_sees_all THEN greatest(coalesce(v_oldest_s, 0), 0) END,
    'oldest_snapshot_xids', CASE WHEN v_sees_all THEN coalesce(v_oldest_xids, 0) END,
    'xid_age', (SELECT age(d.datfrozenxid) FROM pg_database d WHERE d.datname = current_database()),
    'tables', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('name', c.relname, 'live', pg_stat_get_live_tuples(c.oid),
                                                   'dead', pg_stat_get_dead_tuples(c.oid)) ORDER BY c.relname), '[]')
      FROM pg_class c WHERE c.relnamespace = 'board'::regnamespace AND c.relname = ANY (
        '{case,task,task_ready,task_scheduled,task_waiting,task_lease,timer,wake,session,quota_bucket,quota_grant,idempotency,
          journal_head}')));
END
$$;

-- How much work lies where, per capability, as show_load says it of one tenant. It goes from queue to queue that has anything,
-- by one step in the index each, so that thousands of empty ones cost nothing. Claims are as many as there is work being done.
CREATE OR REPLACE FUNCTION board.measure_load(p_now timestamptz, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    WITH RECURSIVE filled AS (
      (SELECT r.queue_id FROM board.task_ready r ORDER BY r.queue_id LIMIT 1)
      UNION ALL
      SELECT (SELECT r.queue_id FROM board.task_ready r WHERE r.queue_id > f.queue_id ORDER BY r.queue_id LIMIT 1)
      FROM filled f WHERE f.queue_id IS NOT NULL),
    ready AS (
      SELECT q.capability, sum(c.n) AS n, min(c.since) AS since
      FROM filled f JOIN board.queue q USING (queue_id) CROSS JOIN LATERAL board.count_ready(f.queue_id, p_limit) c
      GROUP BY q.capability),
    claimed AS (
      SELECT k.capability, count(*) AS n, min(l.granted_at) AS since
      FROM board.task_lease l JOIN board.stage_task k USING (stage_task_id) GROUP BY k.capability)
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'capability', q.capability, 'ready', coalesce(r.n, 0), 'oldest_ready_s', extract(epoch FROM p_now - r.since),
      'claimed', coalesce(c.n, 0), 'oldest_claim_s', extract(epoch FROM p_now - c.since)) ORDER BY q.capability), '[]')
    FROM (SELECT DISTINCT q.capability FROM board.queue q WHERE q.capability <> '_board') q
    LEFT JOIN ready r USING (capability) LEFT JOIN claimed c USING (capability));
END
$$;

-- For how long the oldest event that is committed has waited for its position; NULL when none does. An event that is not in the
-- journal is one that the head's snapshot did not see (functions_journal.sql); of those the first by transaction is looked at.
CREATE OR REPLACE FUNCTION board.measure_outbox(p_now timestamptz) RETURNS interval
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_snap pg_snapshot := (SELECT h.snap FROM board.journal_head h);
BEGIN
  RETURN p_now - (
    SELECT min(u.at) FROM (
      (SELECT (e.entries[1]).at FROM board.event_in e WHERE e.xid >= pg_snapshot_xmax(v_snap) ORDER BY e.xid LIMIT 1)
      UNION ALL
      SELECT (e.entries[1]).at FROM board.event_in e WHERE e.xid = ANY (ARRAY(SELECT x FROM pg_snapshot_xip(v_snap) AS x))) u);
END
$$;

-- How often a rule on duties was broken, with leave, since then or ever.
CREATE OR REPLACE FUNCTION board.count_broken(p_since timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT count(*) FROM board.break_glass b WHERE b.spent_at IS NOT NULL AND (p_since IS NULL OR b.spent_at >= p_since));
END
$$;

-- Promises every number that an operator watches, in one cheap question: ages in seconds, counts up to p_limit of each kind.
-- What is not known is null.
CREATE OR REPLACE FUNCTION board.measure_board(p_limit integer DEFAULT 10000) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  RETURN board.measure_server() || jsonb_build_object(
    'load', board.measure_load(v_now, p_limit),
    'unsequenced_s', greatest(coalesce(extract(epoch FROM board.measure_outbox(v_now)), 0), 0),
    'head_age_s', (SELECT extract(epoch FROM clock_timestamp() - h.sequenced_at) FROM board.journal_head h),
    'reading', board.measure_reading(),
    'scheduled', (SELECT count(*) FROM (SELECT FROM board.task_scheduled s LIMIT p_limit) s),
    'overdue_s', (
      SELECT coalesce(extract(epoch FROM greatest(v_now - min(s.ready_at), interval '0')), 0) FROM board.task_scheduled s),
    'broken_duties', board.count_broken(NULL),
    'open_reviews', (SELECT count(*) FROM (SELECT FROM board.review v WHERE v.ended_at IS NULL LIMIT p_limit) v),
    'warned_reviews', (
      SELECT count(*) FROM (SELECT FROM board.review v
                            WHERE v.warnings <> '{}' AND v.ended_at > v_now - interval '1 hour' LIMIT p_limit) v)
  ) || (
    SELECT jsonb_build_object('incidents', count(*), 'oldest_incident_s', coalesce(extract(epoch FROM v_now - min(i.since)), 0))
    FROM (SELECT w.since FROM board.task_waiting w
          WHERE w.key = '' AND w.reason IN ('incident', 'quarantine') LIMIT p_limit) i);
END
$$;

-- What `blackboard doctor` wants to know of the server: its settings, who may connect, and what was left behind that holds rows
-- or WAL.
CREATE OR REPLACE FUNCTION board.examine_server() RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN board.measure_server() || jsonb_build_object(
    'autovacuum', current_setting('autovacuum')::boolean AND current_setting('track_counts')::boolean,
    'unvacuumed', (
      SELECT coalesce(jsonb_agg(c.relname ORDER BY c.relname), '[]') FROM pg_class c, pg_options_to_table(c.reloptions) o
      WHERE c.relnamespace = 'board'::regnamespace AND o.option_name = 'autovacuum_enabled' AND NOT o.option_value::boolean),
    'connections', least(
      current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true), '0')::integer,
      (SELECT nullif(d.datconnlimit, -1) FROM pg_database d WHERE d.datname = current_database()),
      (SELECT nullif(r.rolconnlimit, -1) FROM pg_roles r WHERE r.rolname = session_user)),
    'shared_buffers_bytes', pg_size_bytes(current_setting('shared_buffers')),
    'max_wal_bytes', pg_size_bytes(current_setting('max_wal_size')),
    'broken_duties', board.count_broken(board.clock() - interval '1 day'),
    'reading', board.measure_reading(),
    'prepared', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('name', p.gid, 'age_s', extract(epoch FROM clock_timestamp() - p.prepared))
                                ORDER BY p.prepared), '[]')
      FROM pg_prepared_xacts p WHERE p.database = current_database()),
    'slots', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'name', s.slot_name, 'active', s.active, 'held_bytes', coalesce(pg_wal_lsn_diff(
          CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, s.restart_lsn), 0))
        ORDER BY s.slot_name), '[]')
      FROM pg_replication_slots s));
END
$$;
