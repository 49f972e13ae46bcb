-- How work flows through a case: stages are entered, tasks are queued, outcomes are joined and take their route.
--
-- Internal: callers hold the cases' row locks. Each function returns the events of what it did, for its caller to record.

-- Where a task stands among those of its priority and due time: at its case's place, the tasks of a case in the order of its stages
-- (visit) and of the work in one (n, at most 20). A case that has been at more than 16 stages goes round in circles: it queues at the
-- end, so that it keeps nobody else from the head.
CREATE OR REPLACE FUNCTION board.queue_place(p_place bigint, p_visit integer, p_n bigint) RETURNS bigint
LANGUAGE sql VOLATILE
RETURN CASE WHEN p_visit > 16 THEN nextval('board.task_seq') ELSE coalesce(p_place, 0) END * 1048576
       + least(p_visit, 32767) * 32 + p_n;

-- Promises that every task of the cases' present stages exists, in the one place where it belongs, and that the stages' timers are
-- set. With p_gated the tasks are made and placed nowhere: the caller says what they wait for, and then queues them.
--
-- A case keeps its place in line from stage to stage (board.queue_place). Where each stage queued anew, a line longer than an
-- authorization lives would stand still: whoever came to its head had a permission that had run out, went back to be decided
-- anew, and came again at the end. Of 20,000 transfers 9,093 went round like that and none was executed any more.
CREATE OR REPLACE FUNCTION board.enter_stages(
  p_tenant integer, p_cases uuid[], p_actor text, p_now timestamptz, p_gated boolean DEFAULT false)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
  v_elsewhere uuid[];
  v_reviews uuid[];
BEGIN
  IF cardinality(p_cases) IS NULL OR cardinality(p_cases) = 0 THEN
    RETURN NULL;
  END IF;
  WITH wanted AS MATERIALIZED (
    SELECT board.new_id() AS task_id, w.* FROM (
      SELECT c.case_id, c.workflow, c.stage, c.priority, k.stage_task_id, k.queue_id, k.capability,
             board.queue_place(c.place, c.visit, row_number() OVER (PARTITION BY p.n ORDER BY k.stage_task_id)) AS seq,
             least(c.due_at, p_now + make_interval(secs => k.due_in_s),
                   CASE WHEN k.review IS NOT NULL THEN board.review_due(p_tenant, k.review, p_now) END) AS due_at,
             k.review IS NOT NULL AS is_review,
             k.awaits IS NULL AND c.state = 'active' AND NOT p_gated AS is_ready
      FROM unnest(p_cases) WITH ORDINALITY AS p (case_id, n)
      JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p.case_id
      JOIN board.stage_task k ON k.workflow_id = c.workflow_id AND k.stage = c.stage
      ORDER BY p.n, k.stage_task_id) w),
  task AS (
    INSERT INTO board.task (tenant_id, task_id, case_id, stage_task_id, priority, due_at, seq, has_begun, created_at)
    SELECT p_tenant, w.task_id, w.case_id, w.stage_task_id, w.priority, w.due_at, w.seq, w.is_ready, p_now FROM wanted w),
  ready AS (
    INSERT INTO board.task_ready (tenant_id, queue_id, priority, due_at, seq, task_id, case_id, stage_task_id, fence, attempt,
                                  ready_at)
    SELECT p_tenant, w.queue_id, w.priority, w.due_at, w.seq, w.task_id, w.case_id, w.stage_task_id, 0, 1, p_now
    FROM wanted w WHERE w.is_ready)
  SELECT array_agg(ROW('task.ready', w.case_id, w.task_id, w.workflow, w.stage, w.capability, p_actor,
                       jsonb_build_object('attempt', 1), p_now)::board.entry ORDER BY w.seq) FILTER (WHERE w.is_ready),
         array_agg(w.task_id ORDER BY w.seq) FILTER (WHERE NOT w.is_ready),
         array_agg(w.task_id) FILTER (WHERE w.is_review)
  INTO v_told, v_elsewhere, v_reviews FROM wanted w;
  IF v_reviews IS NOT NULL THEN
    PERFORM board.begin_reviews(p_tenant, v_reviews, p_now);
  END IF;
  PERFORM board.set_timers(p_tenant, p_cases, p_now);
  IF p_gated OR v_elsewhere IS NULL THEN
    RETURN v_told;
  END IF;
  RETURN v_told || board.queue_tasks(p_tenant, v_elsewhere, p_actor, p_now);
END
$$;

-- Sets the timers of the stages that the cases are in, where those have any.
CREATE OR REPLACE FUNCTION board.set_timers(p_tenant integer, p_cases uuid[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.timer (tenant_id, case_id, visit, kind, priority, fires_at)
  SELECT p_tenant, c.case_id, c.visit, e.kind, e.priority, p_now + make_interval(secs => e.after_s)
  FROM unnest(p_cases) AS p (case_id)
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = p.case_id
  JOIN board.stage g ON g.workflow_id = c.workflow_id AND g.name = c.stage
  CROSS JOIN LATERAL (
    SELECT 'timeout' AS kind, NULL::smallint AS priority, g.timeout_s::double precision AS after_s WHERE g.timeout_s IS NOT NULL
    UNION ALL
    SELECT 'escalation', (x ->> 'priority')::smallint, (x ->> 'after_s')::double precision
    FROM jsonb_array_elements(g.escalations) AS x) e
  WHERE g.is_timed;
END
$$;

-- Promises that each open task named is in one place: waiting where something still keeps it, else, the first time, where its stage
-- sends it, else in the queue. Called by whoever took the task out of another place in this same transaction, so no one else can
-- be doing the same.
CREATE OR REPLACE FUNCTION board.queue_tasks(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
  v_new uuid[];
BEGIN
  INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, since)
  SELECT p_tenant, t.task_id, t.case_id, 'suspended', p_now
  FROM unnest(p_tasks) AS p (task_id)
  JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = p.task_id
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = t.case_id
  WHERE c.state = 'suspended' AND t.state = 'open'
  ON CONFLICT DO NOTHING;
  WITH queued AS MATERIALIZED (
    SELECT t.*, k.queue_id, k.capability, k.workflow, k.stage, t.has_begun OR k.awaits IS NULL AS is_ready
    FROM unnest(p_tasks) AS p (task_id)
    JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = p.task_id
    JOIN board.stage_task k USING (stage_task_id)
    WHERE t.state = 'open'
      AND NOT EXISTS (SELECT FROM board.task_waiting w WHERE w.tenant_id = p_tenant AND w.task_id = t.task_id)),
  ready AS (
    INSERT INTO board.task_ready (tenant_id, queue_id, priority, due_at, seq, task_id, case_id, stage_task_id, fence, attempt,
                                  ready_at)
    SELECT p_tenant, q.queue_id, q.priority, q.due_at, q.seq, q.task_id, q.case_id, q.stage_task_id, q.fence,
           q.failures + q.rescues + 1, p_now
    FROM queued q WHERE q.is_ready)
  SELECT array_agg(ROW('task.ready', q.case_id, q.task_id, q.workflow, q.stage, q.capability, p_actor,
                       jsonb_build_object('attempt', q.failures + q.rescues + 1), p_now)::board.entry ORDER BY q.seq)
           FILTER (WHERE q.is_ready),
         array_agg(q.task_id ORDER BY q.seq) FILTER (WHERE NOT q.is_ready)
  INTO v_told, v_new FROM queued q;
  RETURN v_told || board.begin_awaiting(p_tenant, v_new, p_actor, p_now);
END
$$;

-- Sends tasks where their stage first sends them: to wait for facts, for a signal, for another case that is to be opened, for a
-- panel's tally, or for a time. A signal that is there already is received at once.
CREATE OR REPLACE FUNCTION board.begin_awaiting(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told board.entry[];
  v_signalled uuid[];
  v_asked boolean;
BEGIN
  IF cardinality(p_tasks) IS NULL THEN
    RETURN NULL;
  END IF;
  WITH begun AS (
    UPDATE board.task t SET has_begun = true FROM board.stage_task k
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks) AND k.stage_task_id = t.stage_task_id
    RETURNING t.task_id, t.case_id, t.seq, k.workflow, k.stage, k.capability, k.awaits, k.awaited),
  waiting AS (
    INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, about, since)
    SELECT p_tenant, b.task_id, b.case_id, b.awaits, coalesce(b.awaited ->> 'name', ''), b.awaited, p_now
    FROM begun b WHERE b.awaits <> 'timer'),
  later AS (
    INSERT INTO board.task_scheduled (tenant_id, task_id, ready_at)
    SELECT p_tenant, b.task_id, p_now + make_interval(secs => (b.awaited ->> 'seconds')::double precision)
    FROM begun b WHERE b.awaits = 'timer'),
  asked AS (
    INSERT INTO board.wake (tenant_id, reason, key) SELECT p_tenant, 'open', b.task_id::text FROM begun b WHERE b.awaits = 'case')
  SELECT array_agg(ROW('task.waiting', b.case_id, b.task_id, b.workflow, b.stage, b.capability, p_actor, jsonb_build_object(
                         'awaits', b.awaits, 'awaited', b.awaited), p_now)::board.entry ORDER BY b.seq),
         array_agg(b.case_id) FILTER (WHERE b.awaits = 'signal'), bool_or(b.awaits = 'tally')
  INTO v_told, v_signalled, v_asked FROM begun b;
  IF v_signalled IS NOT NULL THEN
    v_told := v_told || board.receive_signals(p_tenant, v_signalled, p_now);
  END IF;
  IF v_asked THEN
    v_told := v_told || board.open_questions(p_tenant, p_tasks, p_actor, p_now);
  END IF;
  RETURN v_told;
END
$$;

-- Promises that each case has taken in the outcomes of its tasks that ended: when its stage is over it goes on to the next
-- one, or to its end; else it notes the strongest outcome so far. An outcome without a route ends the case as 'failed', so that
-- no case is left without a next step. What is left of a stage that is over is withdrawn.
CREATE OR REPLACE FUNCTION board.advance_cases(p_tenant integer, p_moves board.move[], p_now timestamptz) RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_steps board.step[];
  v_entering uuid[];
  v_watched board.case[];
  v_told board.entry[];
BEGIN
  IF cardinality(p_moves) IS NULL OR cardinality(p_moves) = 0 THEN
    RETURN NULL;
  END IF;
  v_steps := board.plan_steps(p_tenant, p_moves);
  WITH moved AS (
    UPDATE board.case c
    SET stage = coalesce(s.next_stage, c.stage), visit = c.visit + (s.next_stage IS NOT NULL)::integer, version = c.version + 1,
        open_tasks = s.open_tasks, standing = CASE WHEN NOT s.is_over THEN s.outcome END,
        standing_rank = CASE WHEN NOT s.is_over THEN s.rank END,
        state = CASE WHEN s.case_outcome IS NULL THEN c.state ELSE 'completed' END, outcome = s.case_outcome,
        closed_at = CASE WHEN s.case_outcome IS NOT NULL THEN p_now END
    FROM unnest(v_steps) AS s
    WHERE c.tenant_id = p_tenant AND c.case_id = s.case_id
    RETURNING c.case_id, c.workflow, c.stage, c.state, c.outcome, c.version, c.closed_at, s.is_over, s.from_stage,
              s.outcome AS by_outcome, s.actor,
              CASE WHEN c.closed_at IS NOT NULL AND (c.watched OR c.parent_task IS NOT NULL) THEN c END AS watched)
  SELECT array_agg(m.case_id) FILTER (WHERE m.is_over AND m.closed_at IS NULL),
         array_agg(m.watched) FILTER (WHERE m.watched IS DISTINCT FROM NULL),
         array_agg(ROW(CASE WHEN m.closed_at IS NULL THEN 'case.moved' ELSE 'case.closed' END, m.case_id, NULL,
           m.workflow, m.stage, NULL, m.actor, jsonb_build_object(
             'state', m.state, 'from_stage', m.from_stage, 'by_outcome', m.by_outcome, 'outcome', m.outcome,
             'version', m.version), p_now)::board.entry) FILTER (WHERE m.is_over)
  INTO v_entering, v_watched, v_told FROM moved m;
  IF EXISTS (SELECT FROM unnest(v_steps) AS s WHERE s.is_over AND s.leaves_tasks) THEN
    v_told := board.withdraw_tasks(p_tenant, ARRAY(SELECT s.case_id FROM unnest(v_steps) AS s WHERE s.is_over AND s.leaves_tasks),
                                   'board', 'the stage is over', p_now) || v_told;
  END IF;
  IF v_watched IS NOT NULL THEN
    PERFORM board.ring_watchers(v_watched);
  END IF;
  IF board.actions_are_authorized(p_tenant) THEN
    v_told := v_told || board.follow_steps(p_tenant, v_steps, p_now);
  END IF;
  RETURN v_told || board.enter_stages(p_tenant, v_entering, v_steps[1].actor, p_now);
END
$$;

-- Where each of the outcomes that arrived leads, looked up once for all cases that give the same one. rank says which counts where
-- several arrive: what ends a stage at once also says how, the board's own outcomes before all, then the decisive ones, then the
-- others as the workflow names them.
CREATE OR REPLACE FUNCTION board.find_ways(p_moves board.move[]) RETURNS board.way[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT ROW(d.workflow_id, d.stage, d.outcome, g.tasks, g.join_on,
               CASE WHEN r.outcome IS NULL OR d.outcome IN ('exhausted', 'timeout') THEN -2000
                    WHEN r.decisive THEN r.rank - 1000 ELSE r.rank END,
               r.next_stage, n.tasks, r.case_outcome)::board.way
    FROM (SELECT DISTINCT m.workflow_id, m.stage, m.outcome FROM unnest(p_moves) AS m) d
    JOIN board.stage g ON g.workflow_id = d.workflow_id AND g.name = d.stage
    LEFT JOIN board.route r ON r.workflow_id = d.workflow_id AND r.stage = d.stage AND r.outcome = d.outcome
    LEFT JOIN board.stage n ON n.workflow_id = d.workflow_id AND n.name = r.next_stage);
END
$$;

-- What each case does with the outcomes that arrived: go on, end, or wait for the other tasks of its stage. Reads only. Where no
-- stage has more than one task nothing is to be joined, and the cases need not be looked at.
CREATE OR REPLACE FUNCTION board.plan_steps(p_tenant integer, p_moves board.move[]) RETURNS board.step[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ways board.way[] := board.find_ways(p_moves);
BEGIN
  IF NOT EXISTS (SELECT FROM unnest(v_ways) AS w WHERE w.tasks > 1) THEN
    RETURN ARRAY(
      SELECT ROW(m.case_id, m.actor, m.stage, m.outcome, w.rank, true, false, coalesce(w.next_tasks, 0), w.next_stage,
                 CASE WHEN w.next_stage IS NULL THEN coalesce(w.case_outcome, 'failed') END)::board.step
      FROM unnest(p_moves) AS m
      JOIN unnest(v_ways) AS w ON w.workflow_id = m.workflow_id AND w.stage = m.stage AND w.outcome = m.outcome);
  END IF;
  RETURN ARRAY(
    WITH arrived AS (
      -- The strongest of the outcomes that arrived for a case, and how many tasks they came from.
      SELECT DISTINCT ON (m.case_id) m.case_id, m.actor, w.*, count(*) OVER of_case AS arrived, min(w.rank) OVER of_case < 0 AS is_decisive
      FROM unnest(p_moves) AS m
      JOIN unnest(v_ways) AS w ON w.workflow_id = m.workflow_id AND w.stage = m.stage AND w.outcome = m.outcome
      WINDOW of_case AS (PARTITION BY m.case_id)
      ORDER BY m.case_id, w.rank)
    SELECT ROW(c.case_id, a.actor, c.stage, t.outcome, t.rank, e.is_over, c.open_tasks > a.arrived,
               CASE WHEN e.is_over THEN coalesce(n.tasks, 0) ELSE c.open_tasks - a.arrived END, n.name,
               CASE WHEN e.is_over AND n.name IS NULL THEN coalesce(t.case_outcome, 'failed') END)::board.step
    FROM arrived a
    JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = a.case_id
    LEFT JOIN board.route b ON b.workflow_id = c.workflow_id AND b.stage = c.stage AND b.outcome = c.standing
    CROSS JOIN LATERAL (SELECT a.is_decisive OR c.open_tasks <= a.arrived OR a.join_on = 'any' AS is_over) e
    -- The strongest of these and of those that came before.
    CROSS JOIN LATERAL (
      SELECT a.outcome, a.rank, a.next_stage, a.case_outcome WHERE c.standing IS NULL OR a.rank < c.standing_rank
      UNION ALL
      SELECT c.standing, c.standing_rank, b.next_stage, b.case_outcome WHERE a.rank >= c.standing_rank) t
    LEFT JOIN board.stage n ON e.is_over AND n.workflow_id = c.workflow_id AND n.name = t.next_stage
    WHERE c.closed_at IS NULL);
END
$$;

-- Promises that no open task of these cases is left: queued ones leave the queue, claims are revoked, cases that were opened
-- for one of them will be cancelled by the sweeper. Follows the flow of work, so that it meets every task at the next table at
-- the latest.
CREATE OR REPLACE FUNCTION board.withdraw_tasks(
  p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_tasks uuid[] := ARRAY(
    SELECT t.task_id FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = ANY (p_cases) AND t.state = 'open');
  v_told board.entry[];
BEGIN
  INSERT INTO board.wake (tenant_id, reason, key)
  SELECT p_tenant, 'cancel', w.task_id::text FROM board.task_waiting w
  WHERE w.tenant_id = p_tenant AND w.task_id = ANY (v_tasks) AND w.reason = 'case';
  PERFORM board.unplace_tasks(p_tenant, v_tasks);
  PERFORM board.end_leases(p_tenant, v_tasks);
  UPDATE board.question q SET state = 'withdrawn', closed_at = p_now
  WHERE q.tenant_id = p_tenant AND q.case_id = ANY (p_cases) AND q.state = 'open';
  UPDATE board.review v SET ended_at = p_now
  WHERE v.tenant_id = p_tenant AND v.task_id = ANY (v_tasks) AND v.ended_at IS NULL;
  WITH ended AS (
    UPDATE board.task t SET state = 'cancelled', finished_at = p_now
    WHERE t.tenant_id = p_tenant AND t.task_id = ANY (v_tasks) RETURNING t.*)
  SELECT array_agg(ROW('task.cancelled', e.case_id, e.task_id, s.workflow, s.stage, s.capability, p_actor,
                       jsonb_build_object('fence', e.fence, 'reason', p_reason), p_now)::board.entry ORDER BY e.seq)
  INTO v_told FROM ended e JOIN board.stage_task s USING (stage_task_id);
  RETURN v_told;
END
$$;

-- Takes tasks out of the schedule, the queue and the waiting room.
CREATE OR REPLACE FUNCTION board.unplace_tasks(p_tenant integer, p_tasks uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM board.task_scheduled s WHERE s.tenant_id = p_tenant AND s.task_id = ANY (p_tasks);
  PERFORM board.unqueue_tasks(p_tenant, p_tasks);
  DELETE FROM board.task_waiting w WHERE w.tenant_id = p_tenant AND w.task_id = ANY (p_tasks);
END
$$;

-- Takes tasks out of the queue; returns those that were in it. A ready row is found by its key: priorities are few, and all
-- else of it stands in the task. Three statements: the keys first, so that nothing is locked but what they name; then the rows,
-- in key order; then their removal, which must see where a row went that was just being aged.
CREATE OR REPLACE FUNCTION board.unqueue_tasks(p_tenant integer, p_tasks uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_queues integer[];
  v_dues timestamptz[];
  v_seqs bigint[];
  v_gone uuid[];
BEGIN
  SELECT array_agg(k.queue_id ORDER BY t.task_id), array_agg(t.due_at ORDER BY t.task_id), array_agg(t.seq ORDER BY t.task_id)
  INTO v_queues, v_dues, v_seqs
  FROM board.task t JOIN board.stage_task k USING (stage_task_id) WHERE t.tenant_id = p_tenant AND t.task_id = ANY (p_tasks);
  PERFORM FROM unnest(v_queues, v_dues, v_seqs) AS p (queue_id, due_at, seq)
  CROSS JOIN LATERAL (
    SELECT FROM board.task_ready r
    WHERE r.queue_id = p.queue_id AND r.priority = ANY ('{0,1,2,3,4,5,6,7,8,9}') AND r.due_at = p.due_at AND r.seq = p.seq
    FOR UPDATE) r;
  WITH gone AS (
    DELETE FROM board.task_ready r USING unnest(v_queues, v_dues, v_seqs) AS p (queue_id, due_at, seq)
    WHERE r.queue_id = p.queue_id AND r.priority = ANY ('{0,1,2,3,4,5,6,7,8,9}') AND r.due_at = p.due_at AND r.seq = p.seq
    RETURNING r.task_id)
  SELECT coalesce(array_agg(g.task_id), '{}') INTO v_gone FROM gone g;
  RETURN v_gone;
END
$$;

-- Tells the sweeper about ended cases that others wait for.
CREATE OR REPLACE FUNCTION board.ring_watchers(p_cases board.case[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.wake (tenant_id, reason, key, outcome)
  SELECT c.tenant_id, w.reason, w.key, c.outcome FROM unnest(p_cases) AS c
  CROSS JOIN LATERAL (
    SELECT 'after' AS reason, c.case_id::text AS key WHERE c.watched
    UNION ALL
    SELECT 'case', c.parent_task::text WHERE c.parent_task IS NOT NULL) w
  WHERE c.closed_at IS NOT NULL;
END
$$;
