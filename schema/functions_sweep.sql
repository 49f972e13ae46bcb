-- role: blackboard_system
-- What time alone does: claims that ran out, work that came due, stages that took too long, urgency that grows. Called by the
-- sweeper for all tenants, in bounded batches. Each pass locks the cases first and skips those that somebody is busy with; two
-- sweepers at work share the rows and harm nothing. Each returns how many rows it dealt with.

-- Locks, of the cases named, those that nobody holds, in key order; returns them.
CREATE OR REPLACE FUNCTION board.lock_free_cases(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT c.case_id FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases)
    ORDER BY c.case_id FOR NO KEY UPDATE SKIP LOCKED);
END
$$;

-- Promises that at most p_limit sessions which were not heard of for p_silent_s are over, and that what they hold runs out now:
-- an agent that died is found out before its claims' deadlines, however long its leases are. Who was only silent starts a new
-- session.
CREATE OR REPLACE FUNCTION board.end_silent_sessions(p_silent_s integer, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_lost board.session[];
  v_tenant integer;
BEGIN
  WITH lost AS (
    UPDATE board.session s SET ended_at = v_now WHERE s.ctid = ANY (ARRAY(
      SELECT o.ctid FROM board.session o
      WHERE o.ended_at IS NULL AND o.heartbeat_at <= v_now - make_interval(secs => p_silent_s) LIMIT p_limit FOR UPDATE SKIP LOCKED))
    RETURNING s.*)
  SELECT array_agg(l) INTO v_lost FROM lost l;
  PERFORM board.cut_leases(v_lost, v_now);
  FOR v_tenant IN SELECT DISTINCT s.tenant_id FROM unnest(v_lost) AS s LOOP
    PERFORM board.record_events(v_tenant, ARRAY(
      SELECT ROW('session.lost', NULL, NULL, NULL, NULL, NULL, board.agent_name(v_tenant, s.agent_id),
                 jsonb_build_object('session_id', s.session_id, 'heard_at', s.heartbeat_at), v_now)::board.entry
      FROM unnest(v_lost) AS s WHERE s.tenant_id = v_tenant));
  END LOOP;
  RETURN coalesce(cardinality(v_lost), 0);
END
$$;

-- Promises that at most p_limit claims past their deadline are taken back: the task is ready again under the next fence, or,
-- after too many holders were lost on it, quarantined until an operator has looked at it. A lost holder counts as a rescue and
-- never as a failure of the work. Looks again after locking: a decision or a heartbeat may have come in between.
CREATE OR REPLACE FUNCTION board.expire_leases(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenant integer;
  v_cases uuid[];
  v_lost board.task_lease[];
  v_told board.entry[];
  v_count integer := 0;
BEGIN
  FOR v_tenant IN SELECT DISTINCT l.tenant_id FROM board.task_lease l WHERE l.deadline_at <= v_now LOOP
    v_cases := board.lock_free_cases(v_tenant, ARRAY(
      SELECT l.case_id FROM board.task_lease l WHERE l.tenant_id = v_tenant AND l.deadline_at <= v_now
      ORDER BY l.deadline_at LIMIT p_limit - v_count));
    v_lost := ARRAY(SELECT l FROM board.end_leases(v_tenant, ARRAY(
      SELECT l.task_id FROM board.task_lease l
      WHERE l.tenant_id = v_tenant AND l.case_id = ANY (v_cases) AND l.deadline_at <= v_now)) AS l);
    WITH rescued AS (
      UPDATE board.task t SET rescues = t.rescues + 1, fence = l.fence, progress = coalesce(l.progress, t.progress)
      FROM unnest(v_lost) AS l JOIN board.stage_task k USING (stage_task_id)
      WHERE t.tenant_id = v_tenant AND t.task_id = l.task_id
      RETURNING t.task_id, t.case_id, t.seq, t.rescues, t.rescues >= k.max_rescues AS is_poison, k.workflow, k.stage,
                k.capability, l.fence, l.agent_id, l.session_id, l.deadline_at),
    quarantined AS (
      INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, about, since)
      SELECT v_tenant, r.task_id, r.case_id, 'quarantine', jsonb_build_object('reason', r.rescues || ' holders were lost on it'),
             v_now
      FROM rescued r WHERE r.is_poison)
    SELECT array_agg(ROW(
             'task.expired', r.case_id, r.task_id, r.workflow, r.stage, r.capability, 'board',
             jsonb_build_object('fence', r.fence, 'holder', a.name, 'session_id', r.session_id, 'deadline_at', r.deadline_at,
                                'rescues', r.rescues, 'then', CASE WHEN r.is_poison THEN 'quarantine' ELSE 'ready' END),
             v_now)::board.entry ORDER BY r.seq)
    INTO v_told FROM rescued r JOIN board.agent a USING (agent_id);
    PERFORM board.rest_disputed(v_tenant, ARRAY(SELECT l.task_id FROM unnest(v_lost) AS l), v_now);
    PERFORM board.record_events(v_tenant, v_told || board.queue_tasks(
      v_tenant, ARRAY(SELECT l.task_id FROM unnest(v_lost) AS l), 'board', v_now));
    v_count := v_count + cardinality(v_lost);
  END LOOP;
  RETURN v_count;
END
$$;

-- Promises that at most p_limit tasks whose time has come leave the schedule: into the queue, or, where the stage was only
-- waiting for that time, done with the outcome 'elapsed'.
CREATE OR REPLACE FUNCTION board.promote_scheduled(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenant integer;
  v_cases uuid[];
  v_due uuid[];
  v_elapsed uuid[];
  v_count integer := 0;
BEGIN
  FOR v_tenant IN SELECT DISTINCT s.tenant_id FROM board.task_scheduled s WHERE s.ready_at <= v_now LOOP
    v_cases := board.lock_free_cases(v_tenant, ARRAY(
      SELECT t.case_id FROM (
        SELECT s.task_id FROM board.task_scheduled s WHERE s.tenant_id = v_tenant AND s.ready_at <= v_now
        ORDER BY s.ready_at LIMIT p_limit - v_count) d
      JOIN board.task t ON t.tenant_id = v_tenant AND t.task_id = d.task_id));
    WITH gone AS (
      DELETE FROM board.task_scheduled s
      WHERE s.tenant_id = v_tenant AND s.ready_at <= v_now AND s.task_id = ANY (ARRAY(
        SELECT t.task_id FROM board.task t WHERE t.tenant_id = v_tenant AND t.case_id = ANY (v_cases)))
      RETURNING s.task_id)
    SELECT array_agg(g.task_id), array_agg(g.task_id) FILTER (WHERE k.awaits = 'timer') INTO v_due, v_elapsed
    FROM gone g JOIN board.task t ON t.tenant_id = v_tenant AND t.task_id = g.task_id JOIN board.stage_task k USING (stage_task_id);
    PERFORM board.record_events(v_tenant,
      board.complete_tasks(v_tenant, v_elapsed, 'elapsed', NULL, 'board', v_now)
      || board.queue_tasks(v_tenant, v_due, 'board', v_now));
    v_count := v_count + coalesce(cardinality(v_due), 0);
  END LOOP;
  RETURN v_count;
END
$$;

-- Promises that at most p_limit timers that are due have fired: a stage that took too long takes its route 'timeout', and
-- tasks that wait in an escalating stage gain urgency. A timer of a stage that the case has left does nothing; one of a
-- suspended case comes again in a minute.
CREATE OR REPLACE FUNCTION board.fire_timers(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_tenant integer;
  v_cases uuid[];
  v_due board.timer[];
  v_late uuid[];
  v_count integer := 0;
BEGIN
  FOR v_tenant IN SELECT DISTINCT t.tenant_id FROM board.timer t WHERE t.fires_at <= v_now LOOP
    v_cases := board.lock_free_cases(v_tenant, ARRAY(
      SELECT t.case_id FROM board.timer t WHERE t.tenant_id = v_tenant AND t.fires_at <= v_now
      ORDER BY t.fires_at LIMIT p_limit - v_count));
    WITH gone AS (
      DELETE FROM board.timer t
      WHERE t.tenant_id = v_tenant AND t.fires_at <= v_now AND t.case_id = ANY (v_cases) RETURNING t.*)
    SELECT coalesce(array_agg(g::board.timer), '{}') INTO v_due FROM gone g;
    INSERT INTO board.timer (tenant_id, case_id, visit, kind, priority, fires_at)
    SELECT v_tenant, d.case_id, d.visit, d.kind, d.priority, v_now + interval '1 minute'
    FROM unnest(v_due) AS d JOIN board.case c USING (case_id) WHERE c.state = 'suspended' AND c.visit = d.visit AND d.kind <> 'start'
    ON CONFLICT DO NOTHING;
    v_late := ARRAY(
      SELECT c.case_id FROM unnest(v_due) AS d JOIN board.case c USING (case_id)
      WHERE c.state = 'active' AND c.visit = d.visit AND d.kind = 'timeout');
    PERFORM board.record_events(v_tenant,
      board.stop_waiting(v_tenant, ARRAY(
        SELECT t.task_id FROM unnest(v_due) AS d JOIN board.task t ON t.tenant_id = v_tenant AND t.case_id = d.case_id
        WHERE d.kind = 'start' AND t.state = 'open'), 'start', 'board', v_now)
      || board.escalate_tasks(v_tenant, v_due, v_now)
      || board.withdraw_tasks(v_tenant, v_late, 'board', 'timeout', v_now)
      || board.advance_cases(v_tenant, ARRAY(
           SELECT ROW(c.case_id, c.workflow_id, c.stage, 'timeout', 'board')::board.move FROM board.case c
           WHERE c.tenant_id = v_tenant AND c.case_id = ANY (v_late)), v_now));
    v_count := v_count + cardinality(v_due);
  END LOOP;
  RETURN v_count;
END
$$;

-- Gives the tasks of escalating stages their new priority, in the queue too, where one that has aged is not set back. Ready
-- rows before tasks, as everywhere. Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.escalate_tasks(p_tenant integer, p_due board.timer[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_tasks uuid[];
  v_priorities smallint[];
  v_told board.entry[];
BEGIN
  SELECT array_agg(t.task_id ORDER BY t.task_id), array_agg(d.priority ORDER BY t.task_id) INTO v_tasks, v_priorities
  FROM (
    SELECT d.case_id, min(d.priority) AS priority FROM unnest(p_due) AS d JOIN board.case c USING (case_id)
    WHERE d.kind = 'escalation' AND c.state = 'active' AND c.visit = d.visit GROUP BY d.case_id) d
  JOIN board.task t ON t.tenant_id = p_tenant AND t.case_id = d.case_id
  WHERE t.state = 'open' AND t.priority > d.priority;
  UPDATE board.task_ready q SET priority = r.priority
  FROM unnest(v_tasks, v_priorities) AS r (task_id, priority)
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = r.task_id JOIN board.stage_task k USING (stage_task_id)
  WHERE q.queue_id = k.queue_id AND q.priority > r.priority AND q.due_at = t.due_at AND q.seq = t.seq;
  WITH raised AS (
    UPDATE board.task t SET priority = r.priority FROM unnest(v_tasks, v_priorities) AS r (task_id, priority)
    WHERE t.tenant_id = p_tenant AND t.task_id = r.task_id AND t.priority > r.priority
    RETURNING t.*)
  SELECT array_agg(ROW('task.escalated', r.case_id, r.task_id, k.workflow, k.stage, k.capability, 'board',
           jsonb_build_object('priority', r.priority), p_now)::board.entry)
  INTO v_told FROM raised r JOIN board.stage_task k USING (stage_task_id);
  RETURN v_told;
END
$$;

-- Promises that at most p_limit tasks that have waited long enough in the queue are one priority more urgent, so that a stream
-- of urgent work does not starve the rest. The ready table is read from end to end: it is small, and this is done once a
-- minute.
CREATE OR REPLACE FUNCTION board.age_ready(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_count integer;
BEGIN
  WITH old AS MATERIALIZED (
    SELECT r.ctid AS row_id FROM board.task_ready r JOIN board.stage_task k USING (stage_task_id)
    WHERE k.ageing_s IS NOT NULL AND r.priority > 0 AND r.ready_at <= v_now - make_interval(secs => k.ageing_s)
    LIMIT p_limit FOR UPDATE OF r SKIP LOCKED),
  aged AS (
    UPDATE board.task_ready r SET priority = r.priority - 1, ready_at = v_now
    WHERE r.ctid = ANY (ARRAY(SELECT o.row_id FROM old o)) RETURNING 1)
  SELECT count(*) INTO v_count FROM aged;
  RETURN v_count;
END
$$;

-- Promises that at most p_limit things that happened have reached the tasks that waited for them: a case that had to end first has
-- ended, a sub-case is to be opened or has ended; and that tasks which nothing blocks any more are let go. Locks the cases of all
-- those tasks in key order.
CREATE OR REPLACE FUNCTION board.wake_waiting(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_wakes board.wake[];
  v_wake board.wake;
BEGIN
  WITH gone AS (
    DELETE FROM board.wake w WHERE w.wake_id IN (
      SELECT o.wake_id FROM board.wake o ORDER BY o.wake_id LIMIT p_limit FOR UPDATE SKIP LOCKED) RETURNING w.*)
  SELECT array_agg(g::board.wake ORDER BY g.wake_id) INTO v_wakes FROM gone g;
  PERFORM FROM board.case c WHERE c.case_id = ANY (ARRAY(
    SELECT w.case_id FROM unnest(v_wakes) AS k JOIN board.task_waiting w ON w.tenant_id = k.tenant_id
      AND ((k.reason = 'after' AND w.key = k.key AND w.reason = 'after')
           OR (k.reason IN ('case', 'open') AND w.task_id::text = k.key AND w.reason = 'case'))
    UNION ALL
    SELECT c.case_id FROM unnest(v_wakes) AS k JOIN board.case c ON c.parent_task::text = k.key WHERE k.reason = 'cancel'))
  ORDER BY c.case_id FOR NO KEY UPDATE;
  FOREACH v_wake IN ARRAY coalesce(v_wakes, '{}') LOOP
    PERFORM board.record_events(v_wake.tenant_id, CASE v_wake.reason
      WHEN 'open' THEN board.open_subcase(v_wake.tenant_id, v_wake.key::uuid, v_now)
      WHEN 'cancel' THEN board.cancel_subcases(v_wake.tenant_id, v_wake.key::uuid)
      WHEN 'case' THEN board.complete_tasks(v_wake.tenant_id, ARRAY[v_wake.key::uuid], v_wake.outcome, NULL, 'board', v_now)
      ELSE board.stop_waiting_for(v_wake.tenant_id, v_wake.reason, v_wake.key, v_now) END);
  END LOOP;
  RETURN coalesce(cardinality(v_wakes), 0) + board.release_unblocked(p_limit);
END
$$;

-- Promises that what waits for a hold or a quota, of at most p_limit kinds, is let go when there is no such hold or there is
-- room. Claims put tasks aside while operators lift and drop; so what keeps a task is looked at again here, and not remembered.
-- Returns how many were let go.
CREATE OR REPLACE FUNCTION board.release_unblocked(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_kept record;
  v_tasks uuid[];
  v_cases uuid[];
  v_count integer := 0;
BEGIN
  FOR v_kept IN
    SELECT DISTINCT w.tenant_id, w.reason, w.key FROM board.task_waiting w WHERE w.reason IN ('paused', 'frozen', 'quota')
    ORDER BY w.tenant_id, w.reason, w.key LIMIT p_limit
  LOOP
    CONTINUE WHEN v_kept.reason <> 'quota' AND EXISTS (
      SELECT FROM board.hold h WHERE h.tenant_id = v_kept.tenant_id
        AND v_kept.key = CASE h.kind WHEN 'entity' THEN h.name ELSE h.kind || ':' || h.name END);
    v_tasks := CASE v_kept.reason WHEN 'quota' THEN board.fitting_tasks(v_kept.tenant_id, v_kept.key, v_now, p_limit)
      ELSE ARRAY(SELECT w.task_id FROM board.task_waiting w
                 WHERE w.tenant_id = v_kept.tenant_id AND w.key = v_kept.key AND w.reason = v_kept.reason LIMIT p_limit) END;
    v_cases := board.lock_free_cases(v_kept.tenant_id, ARRAY(
      SELECT t.case_id FROM board.task t WHERE t.tenant_id = v_kept.tenant_id AND t.task_id = ANY (v_tasks)));
    WITH gone AS (
      DELETE FROM board.task_waiting w
      WHERE w.task_id = ANY (v_tasks) AND w.case_id = ANY (v_cases) AND w.key = v_kept.key AND w.reason = v_kept.reason
      RETURNING w.task_id)
    SELECT array_agg(g.task_id) INTO v_tasks FROM gone g;
    PERFORM board.record_events(v_kept.tenant_id, board.queue_tasks(v_kept.tenant_id, v_tasks, 'board', v_now));
    v_count := v_count + coalesce(cardinality(v_tasks), 0);
  END LOOP;
  RETURN v_count;
END
$$;

-- Takes this reason under this key away from every task that waits for it, and queues those for which it was the last.
CREATE OR REPLACE FUNCTION board.stop_waiting_for(p_tenant integer, p_reason text, p_key text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_free uuid[];
BEGIN
  WITH gone AS (
    DELETE FROM board.task_waiting w WHERE w.tenant_id = p_tenant AND w.key = p_key AND w.reason = p_reason RETURNING w.task_id)
  SELECT array_agg(g.task_id) INTO v_free FROM gone g;
  RETURN board.queue_tasks(p_tenant, v_free, 'board', p_now);
END
$$;

-- Of a payload what is given away: each member of p_given is a field, and names the one of the payload that fills it. What the payload
-- lacks is left out; NULL gives all of it.
CREATE OR REPLACE FUNCTION board.give_fields(p_payload jsonb, p_given jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_given IS NULL THEN p_payload ELSE (
  SELECT coalesce(jsonb_object_agg(g.key, p_payload -> g.value), '{}') FROM jsonb_each_text(p_given) AS g
  WHERE p_payload ? g.value) END;

-- Opens the case that a task waits for, with its own case's payload, or with those fields of it that the stage gives away, under the
-- names that it gives them. Where there is no such workflow the task becomes an incident.
CREATE OR REPLACE FUNCTION board.open_subcase(p_tenant integer, p_task uuid, p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_case board.case;
  v_wanted text;
  v_given jsonb;
  v_verdict text;
BEGIN
  SELECT w.key, w.about -> 'given' INTO v_wanted, v_given FROM board.task_waiting w
  WHERE w.tenant_id = p_tenant AND w.task_id = p_task AND w.reason = 'case';
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT c.* INTO v_case FROM board.task t JOIN board.case c USING (case_id) WHERE t.tenant_id = p_tenant AND t.task_id = p_task;
  SELECT o.verdict INTO v_verdict FROM board.open_cases(p_tenant, v_case.opened_by, jsonb_build_array(jsonb_build_object(
    'workflow', v_wanted, 'payload', board.give_fields(v_case.payload, v_given), 'subject', v_case.subject, 'entities', to_jsonb(v_case.entities),
    'priority', v_case.priority, 'parent_task', p_task))) o;
  IF v_verdict = 'opened' THEN
    RETURN NULL;
  END IF;
  UPDATE board.task_waiting w
  SET reason = 'incident', key = '', about = jsonb_build_object('reason', 'there is no workflow ' || v_wanted)
  WHERE w.tenant_id = p_tenant AND w.task_id = p_task AND w.reason = 'case';
  RETURN ARRAY(
    SELECT ROW('task.waiting', t.case_id, p_task, k.workflow, k.stage, k.capability, 'board', jsonb_build_object(
             'reason', 'incident', 'about', 'there is no workflow ' || v_wanted), p_now)::board.entry
    FROM board.task t JOIN board.stage_task k USING (stage_task_id) WHERE t.tenant_id = p_tenant AND t.task_id = p_task);
END
$$;

-- Cancels the case that was opened for a task which nobody wants any more.
CREATE OR REPLACE FUNCTION board.cancel_subcases(p_tenant integer, p_task uuid) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.cancel_cases(p_tenant, c.opened_by, ARRAY[c.case_id], 'the case it was part of no longer wants it')
  FROM board.case c WHERE c.tenant_id = p_tenant AND c.parent_task = p_task AND c.closed_at IS NULL;
  RETURN NULL;
END
$$;

-- Promises that no claim outlives a hold on what it touches, or the suspension of its agent, by more than one sweep: claims
-- that were being granted while the hold was placed are taken back. Locks the cases of all tenants in key order. Returns how
-- many there were.
CREATE OR REPLACE FUNCTION board.enforce_holds() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_cases uuid[] := board.lock_held_back();
  v_tenant integer;
BEGIN
  FOR v_tenant IN SELECT DISTINCT c.tenant_id FROM board.case c WHERE c.case_id = ANY (v_cases) LOOP
    PERFORM board.record_events(
      v_tenant, board.freeze_leases(v_tenant, v_cases, v_now) || board.strip_suspended(v_tenant, v_cases, v_now));
  END LOOP;
  RETURN cardinality(v_cases);
END
$$;

-- The tasks that wait for a condition over facts, with what it needs to be judged: those of the cases named, or of all, the first
-- p_limit after a task in the order of ids. Only asserted facts count; what is in doubt opens and withdraws nothing. For the planner.
CREATE OR REPLACE FUNCTION board.read_conditions(p_cases uuid[], p_after uuid, p_limit integer)
RETURNS TABLE (tenant_id integer, task_id uuid, case_id uuid, version bigint, condition text, unless text, payload jsonb, facts jsonb,
               trust jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT w.tenant_id, w.task_id, w.case_id, c.version, w.about ->> 'condition', w.about ->> 'unless', c.payload, k.facts, k.trust
  FROM (
    SELECT w.* FROM board.task_waiting w
    WHERE w.reason = 'when' AND (p_cases IS NULL OR w.case_id = ANY (p_cases)) AND w.task_id > p_after
    ORDER BY w.task_id LIMIT p_limit) w
  JOIN board.case c USING (case_id)
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg((f.fact).key, f.value), '{}') AS facts,
           coalesce(jsonb_object_agg((f.fact).key, f.trust), '{}') AS trust
    FROM board.known_facts(w.tenant_id, w.case_id) f WHERE f.state = 'asserted') k
  ORDER BY w.task_id;
END
$$;

-- The schedules that are due, of all tenants, at most p_limit.
CREATE OR REPLACE FUNCTION board.due_schedules(p_limit integer)
RETURNS TABLE (tenant_id integer, name text, cron text, zone text, next_at timestamptz, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT s.tenant_id, s.name, s.cron, s.zone, s.next_at, board.clock() FROM board.schedule s
  WHERE s.next_at <= board.clock() ORDER BY s.next_at LIMIT p_limit;
END
$$;

-- The webhooks that something may have to be sent to now, of all tenants but those in p_busy, at most p_limit: those that work first,
-- and of each kind the one that was served longest ago. With each its secrets, the newest first; the oldest of its dead letters that
-- is to be sent again; and where the journal ends.
CREATE OR REPLACE FUNCTION board.due_webhooks(p_busy uuid[], p_limit integer)
RETURNS TABLE (tenant_id integer, id uuid, name text, url text, filter jsonb, secrets text[], "position" bigint, prev bigint,
               failures integer, dead_position bigint, dead_prev bigint, epoch integer, head bigint, floor bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT w.tenant_id, w.webhook_id, w.name, w.url, w.filter,
         CASE WHEN w.old_until > board.clock() THEN ARRAY[w.secret, w.old_secret] ELSE ARRAY[w.secret] END,
         w.position, w.prev, w.failures, d.position, d.prev, h.epoch, h.position, f.position
  FROM board.webhook w CROSS JOIN board.journal_head h CROSS JOIN board.journal_floor f
  LEFT JOIN LATERAL (
    SELECT l.position, l.prev FROM board.dead_letter l WHERE l.webhook_id = w.webhook_id AND l.is_due
    ORDER BY l.position LIMIT 1) d ON true
  WHERE w.state = 'active' AND w.next_try_at <= board.clock() AND w.webhook_id <> ALL (p_busy)
    AND (w.position < h.position OR d.position IS NOT NULL)
  ORDER BY w.failures > 0, w.next_try_at LIMIT p_limit;
END
$$;
