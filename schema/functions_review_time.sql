-- role: blackboard_system
-- What time does to reviews, for all tenants: those that nobody decided, and the working days that must be known ahead.

-- Promises that at most p_limit reviews which nobody decided in time are over as 'timed_out', whoever holds them: their cases take
-- that route, which is never that of a yes. Those of suspended cases wait. Locks the cases that nobody is busy with.
CREATE OR REPLACE FUNCTION board.time_out_reviews(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenant integer;
  v_cases uuid[];
  v_late uuid[];
  v_told board.entry[];
  v_count integer := 0;
BEGIN
  FOR v_tenant IN SELECT DISTINCT v.tenant_id FROM board.review v WHERE v.ended_at IS NULL AND v.due_at <= v_now LOOP
    v_cases := board.lock_free_cases(v_tenant, ARRAY(
      SELECT v.case_id FROM board.review v JOIN board.case c USING (case_id)
      WHERE v.tenant_id = v_tenant AND v.ended_at IS NULL AND v.due_at <= v_now AND c.state <> 'suspended'
      ORDER BY v.due_at LIMIT p_limit - v_count));
    -- Of those that ended in another way without a word to their review this is the word.
    WITH over AS (
      UPDATE board.review v SET ended_at = v_now, outcome = CASE WHEN t.state = 'open' THEN 'timed_out' ELSE v.outcome END
      FROM board.task t
      WHERE v.tenant_id = v_tenant AND v.case_id = ANY (v_cases) AND v.ended_at IS NULL AND v.due_at <= v_now
        AND t.task_id = v.task_id
      RETURNING v.*, t.state, t.seq, t.stage_task_id)
    SELECT array_agg(o.task_id) FILTER (WHERE o.state = 'open'),
           array_agg(ROW('review.timed_out', o.case_id, o.task_id, k.workflow, k.stage, k.capability, 'board', jsonb_build_object(
             'due_at', o.due_at, 'holder', a.name, 'owners', o.owners), v_now)::board.entry ORDER BY o.seq)
             FILTER (WHERE o.state = 'open'), v_count + count(*)
    INTO v_late, v_told, v_count
    FROM over o JOIN board.stage_task k USING (stage_task_id)
    LEFT JOIN board.task_lease l ON l.task_id = o.task_id LEFT JOIN board.agent a ON a.agent_id = l.agent_id;
    PERFORM board.record_events(v_tenant, v_told || board.lapse_tasks(v_tenant, v_late, v_now));
  END LOOP;
  RETURN v_count;
END
$$;

-- Ends tasks as 'timed_out' wherever they are, and moves their cases on. Queues before leases: a claim that is being made is met at
-- one of the two. Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.lapse_tasks(p_tenant integer, p_tasks uuid[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_tasks IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM board.unplace_tasks(p_tenant, p_tasks);
  WITH ended AS (SELECT l.* FROM board.end_leases(p_tenant, p_tasks) AS l)
  UPDATE board.task t SET fence = e.fence, progress = coalesce(e.progress, t.progress) FROM ended e WHERE t.task_id = e.task_id;
  RETURN board.complete_tasks(p_tenant, p_tasks, 'timed_out', NULL, 'board', p_now);
END
$$;

-- The calendars by which reviews count their time and whose days are written for less than p_days ahead, with the moment after which
-- they lack.
CREATE OR REPLACE FUNCTION board.short_calendars(p_days integer)
RETURNS TABLE (tenant_id integer, calendar text, since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT u.tenant_id, u.calendar, coalesce(l.closes_at, board.clock())
  FROM (SELECT DISTINCT k.tenant_id, k.review ->> 'calendar' AS calendar FROM board.stage_task k
        WHERE k.review ->> 'calendar' IS NOT NULL) u
  LEFT JOIN LATERAL (
    SELECT max(d.closes_at) AS closes_at FROM board.working_day d WHERE d.tenant_id = u.tenant_id AND d.calendar = u.calendar) l
    ON true
  WHERE l.closes_at IS NULL OR l.closes_at < board.clock() + make_interval(days => p_days);
END
$$;

-- Promises that these working days of a calendar are known.
CREATE OR REPLACE FUNCTION board.add_working_days(
  p_tenant integer, p_calendar text, p_opens timestamptz[], p_closes timestamptz[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.working_day (tenant_id, calendar, opens_at, closes_at)
  SELECT p_tenant, p_calendar, d.* FROM unnest(p_opens, p_closes) AS d (opens_at, closes_at)
  ON CONFLICT DO NOTHING;
END
$$;
