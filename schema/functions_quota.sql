-- Quotas, and claims under rules: holds, rejections, duties and quotas decide which of the ready tasks an agent may have. Only
-- tenants that have such rules, and queues that are choosy, come here; for all others a claim costs one look at three empty tables.

-- Whether any rule at all stands between these agents and the ready tasks.
CREATE OR REPLACE FUNCTION board.claims_are_restricted(p_tenant integer, p_agents integer[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant)
    OR EXISTS (SELECT FROM board.quota q WHERE q.tenant_id = p_tenant)
    OR EXISTS (SELECT FROM board.task_rejection r WHERE r.agent_id = ANY (p_agents));
END
$$;

-- The ready rows that each wish may have, most urgent first, locked, with the quotas they need taken. What a hold or a full
-- quota stands against leaves the queue and waits for that reason, so that it is met once and not by every claim. What stands
-- only against this agent (it gave the task back, its own quota is full, a quota is being changed at this moment) stays for
-- others. Dealt in rounds, so that nobody has two while another who asked has none.
CREATE OR REPLACE FUNCTION board.sift_ready(
  p_tenant integer, p_queues integer[], p_agents integer[], p_limits integer[], p_barred integer[], p_now timestamptz,
  OUT row_ids tid[], OUT wishes integer[])
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_queues integer[] := ARRAY(
    SELECT q FROM unnest(p_queues) AS q JOIN board.queue k ON k.queue_id = q
    WHERE NOT EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant
                      AND (h.kind = 'tenant' OR (h.kind = 'capability' AND h.name = k.capability))));
  v_left integer[] := p_limits;
  v_taken tid[];
  v_round integer;
BEGIN
  row_ids := '{}';
  wishes := '{}';
  FOREACH v_round IN ARRAY '{1,4,20,1000}'::integer[] LOOP
    FOR v_wish IN 1 .. cardinality(p_agents) LOOP
      CONTINUE WHEN v_wish = ANY (p_barred) OR v_left[v_wish] = 0;
      v_taken := board.sift_for(p_tenant, v_queues, p_agents[v_wish], least(v_left[v_wish], v_round), row_ids, p_now);
      row_ids := row_ids || v_taken;
      wishes := wishes || array_fill(v_wish, ARRAY[cardinality(v_taken)]);
      v_left[v_wish] := v_left[v_wish] - cardinality(v_taken);
    END LOOP;
  END LOOP;
END
$$;

-- Up to p_limit ready rows for one agent, besides those in p_taken. What it gave back, what its duties on the case keep it from, and what
-- the scope of its key leaves out stays where it is for others.
CREATE OR REPLACE FUNCTION board.sift_for(
  p_tenant integer, p_queues integer[], p_agent integer, p_limit integer, p_taken tid[], p_now timestamptz)
RETURNS tid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_had tid[] := '{}';
  v_passed tid[] := p_taken;
  v_looked boolean := true;
  v_row record;
  v_against record;
  v_are_choosy boolean := EXISTS (SELECT FROM board.queue q WHERE q.queue_id = ANY (p_queues) AND q.is_choosy);
  v_workflows text[] := board.allowed_by_scope('workflows');
BEGIN
  WHILE v_looked AND cardinality(v_had) < p_limit LOOP
    v_looked := false;
    FOR v_row IN
      SELECT f.* FROM unnest(p_queues) AS w (queue_id)
      CROSS JOIN LATERAL (
        SELECT r.ctid AS row_id, r.* FROM board.task_ready r
        WHERE r.queue_id = w.queue_id AND r.ctid <> ALL (v_passed)
          AND NOT EXISTS (SELECT FROM board.task_rejection x WHERE x.agent_id = p_agent AND x.task_id = r.task_id)
          AND (v_workflows IS NULL OR (
            SELECT k.workflow = ANY (v_workflows) FROM board.stage_task k WHERE k.stage_task_id = r.stage_task_id))
          AND (NOT v_are_choosy OR board.may_take(p_tenant, p_agent, r.case_id, r.stage_task_id) AND NOT EXISTS (
            SELECT FROM board.review v WHERE v.task_id = r.task_id AND board.bars_review(p_tenant, p_agent, v, r.fence) IS NOT NULL))
        ORDER BY r.priority, r.due_at, r.seq LIMIT p_limit - cardinality(v_had) FOR UPDATE SKIP LOCKED) f
      ORDER BY f.priority, f.due_at, f.seq LIMIT p_limit - cardinality(v_had)
    LOOP
      v_looked := true;
      v_passed := v_passed || v_row.row_id;
      SELECT * INTO v_against FROM board.admit_task(p_tenant, p_agent, v_row.task_id, v_row.case_id, v_row.stage_task_id, p_now);
      IF v_against.reason IS NULL THEN
        v_had := v_had || v_row.row_id;
      ELSIF v_against.reason <> 'agent' THEN
        PERFORM board.set_aside(p_tenant, v_row.row_id, v_against.reason, v_against.key, v_against.about, p_now);
      END IF;
    END LOOP;
  END LOOP;
  RETURN v_had;
END
$$;

-- Moves a ready task to where it waits for a reason. Urgency that it gained by waiting is kept.
CREATE OR REPLACE FUNCTION board.set_aside(
  p_tenant integer, p_row tid, p_reason text, p_key text, p_about jsonb, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row board.task_ready;
BEGIN
  DELETE FROM board.task_ready r WHERE r.ctid = p_row RETURNING * INTO v_row;
  UPDATE board.task t SET priority = v_row.priority
  WHERE t.tenant_id = p_tenant AND t.task_id = v_row.task_id AND t.priority > v_row.priority;
  INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, about, since)
  VALUES (p_tenant, v_row.task_id, v_row.case_id, p_reason, p_key, p_about, p_now);
  PERFORM board.record_events(p_tenant, ARRAY(
    SELECT ROW('task.waiting', v_row.case_id, v_row.task_id, k.workflow, k.stage, k.capability, 'board',
               jsonb_build_object('reason', p_reason, 'key', p_key, 'about', p_about), p_now)::board.entry
    FROM board.stage_task k WHERE k.tenant_id = p_tenant AND k.stage_task_id = v_row.stage_task_id));
END
$$;

-- What stands against this agent's having this task now: a reason and its key ('agent' when it is only against this one), or
-- nothing; then the quotas it needs are taken, all or none.
CREATE OR REPLACE FUNCTION board.admit_task(
  p_tenant integer, p_agent integer, p_task uuid, p_case uuid, p_stage_task integer, p_now timestamptz,
  OUT reason text, OUT key text, OUT about jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_need record;
  v_room numeric;
BEGIN
  SELECT CASE h.kind WHEN 'entity' THEN 'frozen' ELSE 'paused' END,
         CASE h.kind WHEN 'entity' THEN h.name ELSE h.kind || ':' || h.name END, '{}'
  INTO reason, key, about
  FROM board.case c JOIN board.stage_task k ON k.stage_task_id = p_stage_task
  JOIN board.hold h ON h.tenant_id = p_tenant
    AND ((h.kind = 'workflow' AND h.name = k.workflow) OR (h.kind = 'entity' AND h.name = ANY (c.entities)))
  WHERE c.tenant_id = p_tenant AND c.case_id = p_case LIMIT 1;
  IF reason IS NOT NULL THEN
    RETURN;
  END IF;
  FOR v_need IN SELECT * FROM board.quota_needs(p_tenant, p_agent, p_case, p_stage_task) LOOP
    v_room := board.quota_room(v_need.quota_id, v_need.key, p_now, true);
    IF v_need.amount IS NULL THEN
      SELECT 'incident', '', jsonb_build_object('reason', 'quota ' || v_need.name || ' finds no amount in the payload')
      INTO reason, key, about;
      RETURN;
    ELSIF v_room IS NULL OR (v_need.per = 'agent' AND v_need.amount > v_room) THEN
      reason := 'agent';
      RETURN;
    ELSIF v_need.amount > v_room THEN
      SELECT 'quota', v_need.name || ':' || v_need.key, jsonb_build_object('amount', v_need.amount) INTO reason, key, about;
      RETURN;
    END IF;
  END LOOP;
  FOR v_need IN SELECT * FROM board.quota_needs(p_tenant, p_agent, p_case, p_stage_task) LOOP
    PERFORM board.take_quota(p_tenant, v_need.quota_id, v_need.key, v_need.amount, p_task, p_now);
  END LOOP;
END
$$;

-- The quotas that a task needs, with key and amount: what the payload says is 0 where it says nothing, and
-- NULL where it is no plain number.
CREATE OR REPLACE FUNCTION board.quota_needs(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer)
RETURNS TABLE (quota_id integer, name text, kind text, per text, ceiling numeric, key text, amount numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT q.quota_id, q.name, q.kind, q.per, q.ceiling, n.key,
         CASE WHEN q.kind <> 'exposure' THEN 1
              WHEN c.payload ->> q.amount_field IS NULL THEN 0
              WHEN c.payload ->> q.amount_field ~ '^[0-9]{1,15}([.][0-9]{1,4})?$' THEN (c.payload ->> q.amount_field)::numeric END
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

-- How much room a quota has under a key. With p_lock the answer stays true until this transaction ends, or is NULL when
-- somebody else is just taking of it: a claim never waits, so that however many quotas it meets in whatever order, no deadlock
-- can come of it.
CREATE OR REPLACE FUNCTION board.quota_room(p_quota integer, p_key text, p_now timestamptz, p_lock boolean) RETURNS numeric
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_lock AND NOT pg_try_advisory_xact_lock(hashtextextended(p_quota || ' ' || p_key, 1)) THEN
    RETURN NULL;
  END IF;
  RETURN (
    SELECT q.ceiling - CASE q.kind
      WHEN 'rate' THEN coalesce((
        SELECT greatest(0, b.used - extract(epoch FROM p_now - b.at) * q.per_second) FROM board.quota_bucket b
        WHERE b.quota_id = p_quota AND b.key = p_key), 0)
      ELSE coalesce((SELECT sum(g.amount) FROM board.quota_grant g WHERE g.quota_id = p_quota AND g.key = p_key), 0) END
    FROM board.quota q WHERE q.quota_id = p_quota);
END
$$;

-- Takes an amount of a quota, under the lock of quota_room. A quota that was dropped a moment ago is not there to take of.
CREATE OR REPLACE FUNCTION board.take_quota(
  p_tenant integer, p_quota integer, p_key text, p_amount numeric, p_task uuid, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.quota_bucket AS b (tenant_id, quota_id, key, used, at)
  SELECT p_tenant, p_quota, p_key, q.ceiling - r.room + p_amount, p_now
  FROM board.quota q CROSS JOIN LATERAL (SELECT board.quota_room(p_quota, p_key, p_now, false) AS room) r
  WHERE q.quota_id = p_quota AND q.kind = 'rate' AND r.room IS NOT NULL
  ON CONFLICT (quota_id, key) DO UPDATE SET used = excluded.used, at = excluded.at;
  INSERT INTO board.quota_grant (tenant_id, task_id, quota_id, key, amount)
  SELECT p_tenant, p_task, p_quota, p_key, p_amount FROM board.quota q WHERE q.quota_id = p_quota AND q.kind <> 'rate';
END
$$;

-- Ends the claims on these tasks, whatever the reason, and returns them; with them goes what they took up of quotas. Internal,
-- under the cases' locks.
CREATE OR REPLACE FUNCTION board.end_leases(p_tenant integer, p_tasks uuid[]) RETURNS SETOF board.task_lease
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY DELETE FROM board.task_lease l WHERE l.tenant_id = p_tenant AND l.task_id = ANY (p_tasks) RETURNING l.*;
  DELETE FROM board.quota_grant g WHERE g.task_id = ANY (p_tasks);
END
$$;

-- Of the tasks that wait for room in a quota, those that fit into what there is now, longest waiting first. A quota that is
-- gone has room for all.
CREATE OR REPLACE FUNCTION board.fitting_tasks(p_tenant integer, p_key text, p_now timestamptz, p_limit integer) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_room numeric := (
    SELECT board.quota_room(q.quota_id, substr(p_key, length(q.name) + 2), p_now, false) FROM board.quota q
    WHERE q.tenant_id = p_tenant AND q.name = split_part(p_key, ':', 1));
BEGIN
  RETURN ARRAY(
    SELECT f.task_id FROM (
      SELECT w.task_id, w.since,
             sum((w.about ->> 'amount')::numeric) FILTER (WHERE (w.about ->> 'amount')::numeric <= v_room)
               OVER (ORDER BY w.since, w.task_id) AS so_far, (w.about ->> 'amount')::numeric AS amount
      FROM board.task_waiting w WHERE w.tenant_id = p_tenant AND w.key = p_key AND w.reason = 'quota') f
    WHERE v_room IS NULL OR (f.amount <= v_room AND f.so_far <= v_room) ORDER BY f.since, f.task_id LIMIT p_limit);
END
$$;

-- Promises a quota of that name; the one that was there is replaced, and what is in use of it stays counted. For operators.
CREATE OR REPLACE FUNCTION board.put_quota(p_tenant integer, p_agent integer, p_quota jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.quota (tenant_id, name, kind, per, workflow, capability, amount_field, ceiling, per_second)
  SELECT p_tenant, q.* FROM jsonb_to_record(p_quota) AS q (
    name text, kind text, per text, workflow text, capability text, amount_field text, ceiling numeric, per_second numeric)
  ON CONFLICT (tenant_id, name) DO UPDATE
  SET kind = excluded.kind, per = excluded.per, workflow = excluded.workflow, capability = excluded.capability,
      amount_field = excluded.amount_field, ceiling = excluded.ceiling, per_second = excluded.per_second;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('quota.put', NULL, NULL, p_quota ->> 'workflow', NULL, p_quota ->> 'capability',
    board.agent_name(p_tenant, p_agent), p_quota, board.clock())::board.entry]);
END
$$;

-- Promises that there is no quota of that name; the sweeper lets go what waited for it. False when there was none. What is in
-- use of it stays until it ends: claims that run under it are not waited for.
CREATE OR REPLACE FUNCTION board.drop_quota(p_tenant integer, p_agent integer, p_name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  DELETE FROM board.quota q WHERE q.tenant_id = p_tenant AND q.name = p_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('quota.dropped', NULL, NULL, NULL, NULL, NULL,
    board.agent_name(p_tenant, p_agent), jsonb_build_object('name', p_name), board.clock())::board.entry]);
  RETURN true;
END
$$;

-- The quotas of a tenant, with what is in use.
CREATE OR REPLACE FUNCTION board.list_quotas(p_tenant integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (SELECT coalesce(jsonb_agg((to_jsonb(q) - '{quota_id,tenant_id}'::text[]) || jsonb_build_object('in_use', (
            SELECT coalesce(jsonb_object_agg(u.key, u.used), '{}') FROM (
              SELECT g.key, sum(g.amount) AS used FROM board.quota_grant g WHERE g.quota_id = q.quota_id GROUP BY g.key
              UNION ALL
              SELECT b.key, q.ceiling - board.quota_room(q.quota_id, b.key, board.clock(), false) FROM board.quota_bucket b
              WHERE b.quota_id = q.quota_id) u WHERE u.used > 0)) ORDER BY q.name), '[]')
          FROM board.quota q WHERE q.tenant_id = p_tenant);
END
$$;
