-- Cases that open by themselves.

-- Promises a schedule of that name with this plan; the one that was there is replaced. For operators.
CREATE OR REPLACE FUNCTION board.put_schedule(
  p_tenant integer, p_agent integer, p_name text, p_cron text, p_zone text, p_new_case jsonb, p_next_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, 'run the board');
  PERFORM board.demand_opening(jsonb_build_array(p_new_case));
  INSERT INTO board.schedule (tenant_id, name, cron, zone, new_case, agent_id, next_at)
  VALUES (p_tenant, p_name, p_cron, p_zone, p_new_case, p_agent, p_next_at)
  ON CONFLICT (tenant_id, name) DO UPDATE
  SET cron = excluded.cron, zone = excluded.zone, new_case = excluded.new_case, agent_id = excluded.agent_id,
      next_at = excluded.next_at;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('schedule.put', NULL, NULL, p_new_case ->> 'workflow', NULL, NULL,
    board.agent_name(p_tenant, p_agent), jsonb_build_object('name', p_name, 'cron', p_cron, 'zone', p_zone, 'next_at', p_next_at),
    board.clock())::board.entry]);
END
$$;

-- Promises that there is no schedule of that name. False when there was none.
CREATE OR REPLACE FUNCTION board.drop_schedule(p_tenant integer, p_agent integer, p_name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  DELETE FROM board.schedule s WHERE s.tenant_id = p_tenant AND s.name = p_name;
  IF FOUND THEN
    PERFORM board.record_events(p_tenant, ARRAY[ROW('schedule.dropped', NULL, NULL, NULL, NULL, NULL,
      board.agent_name(p_tenant, p_agent), jsonb_build_object('name', p_name), board.clock())::board.entry]);
  END IF;
  RETURN FOUND;
END
$$;

-- The schedules of a tenant.
CREATE OR REPLACE FUNCTION board.list_schedules(p_tenant integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'cron', s.cron, 'zone', s.zone, 'new_case', s.new_case,
                                                       'next_at', s.next_at) ORDER BY s.name), '[]')
          FROM board.schedule s WHERE s.tenant_id = p_tenant);
END
$$;

-- Promises that the schedule's case of this moment is opened once, whoever asks and however often, and that it is next due at
-- p_next_at: the moment is the case's business key, and only who moves the schedule on from it opens the case. False when
-- somebody else had.
CREATE OR REPLACE FUNCTION board.run_schedule(p_tenant integer, p_name text, p_at timestamptz, p_next_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_schedule board.schedule;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  UPDATE board.schedule s SET next_at = p_next_at
  WHERE s.tenant_id = p_tenant AND s.name = p_name AND s.next_at = p_at RETURNING * INTO v_schedule;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.open_cases(p_tenant, v_schedule.agent_id, jsonb_build_array(v_schedule.new_case || jsonb_build_object(
    'business_key', p_name || '@' || to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))));
  RETURN true;
END
$$;
