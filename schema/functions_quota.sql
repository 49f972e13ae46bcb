-- Claims under rules: holds, rejections and quotas decide which of the ready tasks an agent may have. Only tenants that have such
-- rules come here; for all others a claim costs one look at three empty tables.

-- Whether any rule at all stands between these agents and the ready tasks.
CREATE OR REPLACE FUNCTION board.claims_are_restricted(p_tenant integer, p_agents integer[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant)
    OR EXISTS (SELECT FROM board.quota q WHERE q.tenant_id = p_tenant)
    OR EXISTS (SELECT FROM board.task_rejection r WHERE r.agent_id = ANY (p_agents));
END
$$;

-- The ready rows that each wish may have, most urgent first, locked, with the quotas they need taken. What a hold or a full quota
-- stands against leaves the queue and waits for that reason, so that it is met once and not by every claim. What the agent itself
-- rejected stays for others. Wishes are served in turn: rows are dealt to the first until it has enough.
CREATE OR REPLACE FUNCTION board.sift_ready(
  p_tenant integer, p_queues integer[], p_agents integer[], p_limits integer[], p_barred integer[], p_now timestamptz,
  OUT row_ids tid[], OUT wishes integer[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_queues integer[] := ARRAY(
    SELECT q FROM unnest(p_queues) AS q JOIN board.queue k ON k.queue_id = q
    WHERE NOT EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant
                      AND (h.kind = 'tenant' OR (h.kind = 'capability' AND h.name = k.capability))));
  v_left integer;
  v_found boolean;
  v_row record;
  v_reason record;
BEGIN
  row_ids := '{}';
  wishes := '{}';
  FOR v_wish IN 1 .. cardinality(p_agents) LOOP
    v_left := CASE WHEN v_wish = ANY (p_barred) THEN 0 ELSE p_limits[v_wish] END;
    v_found := v_left > 0;
    WHILE v_found LOOP
      v_found := false;
      FOR v_row IN
        SELECT f.* FROM unnest(v_queues) AS w (queue_id)
        CROSS JOIN LATERAL (
          SELECT r.ctid AS row_id, r.* FROM board.task_ready r
          WHERE r.queue_id = w.queue_id AND r.ctid <> ALL (row_ids)
            AND NOT EXISTS (SELECT FROM board.task_rejection x WHERE x.agent_id = p_agents[v_wish] AND x.task_id = r.task_id)
          ORDER BY r.priority, r.due_at, r.seq LIMIT v_left FOR UPDATE SKIP LOCKED) f
        ORDER BY f.priority, f.due_at, f.seq LIMIT v_left
      LOOP
        SELECT * INTO v_reason FROM board.admit_task(p_tenant, p_agents[v_wish], v_row.task_id, v_row.case_id,
                                                     v_row.stage_task_id, p_now);
        IF v_reason.reason IS NULL THEN
          row_ids := row_ids || v_row.row_id;
          wishes := wishes || v_wish;
          v_left := v_left - 1;
        ELSE
          -- Something less urgent may do instead: look again.
          v_found := v_left > 0;
          DELETE FROM board.task_ready r WHERE r.ctid = v_row.row_id;
          PERFORM board.set_aside(p_tenant, v_row.task_id, v_row.case_id, v_reason.reason, v_reason.key, v_reason.until, p_now);
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
END
$$;

-- Moves a task that was ready to where it waits: until a moment when that is known, else for a reason.
CREATE OR REPLACE FUNCTION board.set_aside(
  p_tenant integer, p_task uuid, p_case uuid, p_reason text, p_key text, p_until timestamptz, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_until IS NOT NULL THEN
    INSERT INTO board.task_scheduled (tenant_id, task_id, ready_at) VALUES (p_tenant, p_task, p_until);
  ELSE
    INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, since)
    VALUES (p_tenant, p_task, p_case, p_reason, p_key, p_now);
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY(
    SELECT ROW('task.waiting', p_case, p_task, k.workflow, k.stage, k.capability, 'board',
               jsonb_build_object('reason', p_reason, 'key', p_key, 'until', p_until), p_now)::board.entry
    FROM board.task t JOIN board.stage_task k USING (stage_task_id) WHERE t.tenant_id = p_tenant AND t.task_id = p_task));
END
$$;

-- What stands against this agent's having this task now: a reason and its key, or nothing; then the quotas it needs are taken. until
-- is the moment when a rate has room again.
CREATE OR REPLACE FUNCTION board.admit_task(
  p_tenant integer, p_agent integer, p_task uuid, p_case uuid, p_stage_task integer, p_now timestamptz,
  OUT reason text, OUT key text, OUT until timestamptz)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_need record;
  v_room numeric;
BEGIN
  SELECT CASE h.kind WHEN 'entity' THEN 'frozen' ELSE 'paused' END,
         CASE h.kind WHEN 'entity' THEN h.name ELSE h.kind || ':' || h.name END
  INTO reason, key
  FROM board.case c JOIN board.stage_task k ON k.stage_task_id = p_stage_task
  JOIN board.hold h ON h.tenant_id = p_tenant
    AND ((h.kind = 'workflow' AND h.name = k.workflow) OR (h.kind = 'entity' AND h.name = ANY (c.entities)))
  WHERE c.tenant_id = p_tenant AND c.case_id = p_case LIMIT 1;
  IF reason IS NOT NULL THEN
    RETURN;
  END IF;
  FOR v_need IN SELECT * FROM board.quota_needs(p_tenant, p_agent, p_case, p_stage_task) LOOP
    v_room := board.take_quota(p_tenant, v_need.quota_id, v_need.key, v_need.amount, v_need.kind, v_need.ceiling, v_need.per_second,
                               p_task, p_now);
    IF v_room IS NULL OR v_room < 0 THEN
      PERFORM board.return_quotas(p_tenant, ARRAY[p_task], p_now);
      reason := 'quota';
      key := v_need.name || ':' || v_need.key;
      until := p_now + CASE WHEN v_room IS NULL THEN interval '50 ms' WHEN v_need.kind = 'rate'
                            THEN make_interval(secs => (-v_room / v_need.per_second)::double precision) END;
      RETURN;
    END IF;
  END LOOP;
END
$$;

-- The quotas that a task needs, with key and amount, in the order in which they are taken by everybody.
CREATE OR REPLACE FUNCTION board.quota_needs(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer)
RETURNS TABLE (quota_id integer, name text, kind text, ceiling numeric, per_second numeric, key text, amount numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT q.quota_id, q.name, q.kind, q.ceiling, q.per_second, n.key,
         CASE q.kind WHEN 'exposure' THEN coalesce((c.payload ->> q.amount_field)::numeric, 0) ELSE 1 END
  FROM board.quota q
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p_case
  JOIN board.stage_task k ON k.stage_task_id = p_stage_task
  CROSS JOIN LATERAL (
    SELECT '' AS key WHERE q.per = 'tenant'
    UNION ALL SELECT k.workflow WHERE q.per = 'workflow'
    UNION ALL SELECT board.agent_name(p_tenant, p_agent) WHERE q.per = 'agent'
    UNION ALL SELECT c.subject WHERE q.per = 'subject' AND c.subject IS NOT NULL
    UNION ALL SELECT e FROM unnest(c.entities) AS e
              WHERE q.per LIKE 'entity:%' AND split_part(e, ':', 1) = substr(q.per, 8)) n
  WHERE q.tenant_id = p_tenant AND coalesce(q.workflow, k.workflow) = k.workflow
    AND coalesce(q.capability, k.capability) = k.capability
  ORDER BY q.quota_id, n.key;
END
$$;

-- Takes an amount of a quota if there is room, and returns how much room is left after it: negative when it was not taken, NULL when
-- somebody else is just changing it. A claim never waits, so that however many quotas it meets in whatever order, no deadlock
-- can come of it: claims that meet try one advisory lock, and a row that is being given back is passed over.
CREATE OR REPLACE FUNCTION board.take_quota(
  p_tenant integer, p_quota integer, p_key text, p_amount numeric, p_kind text, p_ceiling numeric, p_per_second numeric,
  p_task uuid, p_now timestamptz)
RETURNS numeric
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_use board.quota_use;
  v_used numeric;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(p_quota || ' ' || p_key, 1)) THEN
    RETURN NULL;
  END IF;
  INSERT INTO board.quota_use (tenant_id, quota_id, key, used, at) VALUES (p_tenant, p_quota, p_key, 0, p_now)
  ON CONFLICT DO NOTHING;
  SELECT * INTO v_use FROM board.quota_use u WHERE u.quota_id = p_quota AND u.key = p_key FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_used := CASE WHEN p_kind = 'rate' THEN
    greatest(0, v_use.used - extract(epoch FROM p_now - v_use.at) * p_per_second) ELSE v_use.used END;
  IF v_used + p_amount <= p_ceiling THEN
    UPDATE board.quota_use u SET used = v_used + p_amount, at = p_now WHERE u.quota_id = p_quota AND u.key = p_key;
    INSERT INTO board.quota_grant (tenant_id, task_id, quota_id, key, amount)
    SELECT p_tenant, p_task, p_quota, p_key, p_amount WHERE p_kind <> 'rate';
  END IF;
  RETURN p_ceiling - v_used - p_amount;
END
$$;

-- Gives back what claims on these tasks took up, and asks the sweeper to let others try. Uses are locked in key order.
CREATE OR REPLACE FUNCTION board.return_quotas(p_tenant integer, p_tasks uuid[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_use record;
BEGIN
  FOR v_use IN
    WITH gone AS (
      DELETE FROM board.quota_grant g WHERE g.task_id = ANY (p_tasks) RETURNING g.quota_id, g.key, g.amount)
    SELECT g.quota_id, g.key, sum(g.amount) AS amount FROM gone g GROUP BY g.quota_id, g.key ORDER BY g.quota_id, g.key
  LOOP
    UPDATE board.quota_use u SET used = greatest(0, u.used - v_use.amount), at = p_now
    WHERE u.quota_id = v_use.quota_id AND u.key = v_use.key;
    INSERT INTO board.wake (tenant_id, reason, key)
    SELECT p_tenant, 'quota', q.name || ':' || v_use.key FROM board.quota q WHERE q.quota_id = v_use.quota_id;
  END LOOP;
END
$$;

-- Ends the claims on these tasks, whatever the reason, and returns them; with them goes what they took up of quotas. Every verb that
-- ends a claim does it by this function.
CREATE OR REPLACE FUNCTION board.end_leases(p_tenant integer, p_tasks uuid[]) RETURNS SETOF board.task_lease
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY DELETE FROM board.task_lease l WHERE l.tenant_id = p_tenant AND l.task_id = ANY (p_tasks) RETURNING l.*;
  PERFORM board.return_quotas(p_tenant, p_tasks, board.clock());
END
$$;
