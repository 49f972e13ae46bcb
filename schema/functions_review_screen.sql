-- What a person is shown of a review, and that nothing else is decided upon.

-- Everything that a review is decided upon, as its stage has it shown. The same rows give the same document: it tells of no moment at
-- which it was read and of nobody who reads it.
CREATE OR REPLACE FUNCTION board.review_screen(p_tenant integer, p_task uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_case board.case;
  v_kind board.stage_task;
  v_history jsonb;
  v_actions jsonb;
BEGIN
  SELECT k.* INTO v_kind FROM board.task t JOIN board.stage_task k USING (stage_task_id)
  WHERE t.tenant_id = p_tenant AND t.task_id = p_task;
  SELECT c.* INTO v_case FROM board.task t JOIN board.case c USING (case_id) WHERE t.tenant_id = p_tenant AND t.task_id = p_task;
  v_history := board.gather_history(p_tenant, v_case.case_id);
  SELECT coalesce(jsonb_agg(board.describe_action(a) - 'sent_ago_s' ORDER BY a.action_id), '[]') INTO v_actions
  FROM board.action a WHERE a.tenant_id = p_tenant AND a.case_id = v_case.case_id;
  RETURN jsonb_build_object(
    'task', p_task, 'stage', v_kind.stage,
    'case', jsonb_build_object('id', v_case.case_id, 'workflow', v_case.workflow, 'subject', v_case.subject,
      'business_key', v_case.business_key, 'entities', v_case.entities,
      'opened_by', board.agent_name(p_tenant, v_case.opened_by), 'opened_at', v_case.opened_at))
    || CASE WHEN v_kind.review -> 'shows' ? 'payload' THEN jsonb_build_object('payload', v_case.payload) ELSE '{}' END
    || CASE WHEN v_kind.review -> 'shows' ? 'facts' THEN jsonb_build_object('facts', v_history -> 'facts') ELSE '{}' END
    || CASE WHEN v_kind.review -> 'shows' ? 'decisions' THEN jsonb_build_object(
         'decisions', v_history -> 'decisions', 'weighed', board.review_weighed(p_tenant, v_case.case_id)) ELSE '{}' END
    || CASE WHEN v_kind.review -> 'shows' ? 'actions' THEN jsonb_build_object('actions', v_actions) ELSE '{}' END
    || CASE WHEN v_kind.review -> 'shows' ? 'policies' THEN jsonb_build_object(
         'policies', board.review_policies(p_tenant, v_case.case_id)) ELSE '{}' END;
END
$$;

-- The decisions of a case that were kept with all that they rest on, opinions and dissent among it, oldest first.
CREATE OR REPLACE FUNCTION board.review_weighed(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(board.describe_decision(d) ORDER BY d.at, d.decision_id), '[]') FROM board.decision d
          WHERE d.tenant_id = p_tenant AND d.case_id = p_case);
END
$$;

-- The text of every policy by which something was decided on a case, by name and version.
CREATE OR REPLACE FUNCTION board.review_policies(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(jsonb_object_agg(r.ref, p.body), '{}')
    FROM (
      SELECT t.decision ->> 'policy' AS ref FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = p_case
      UNION
      SELECT d.policy || '@' || d.policy_version FROM board.decision d WHERE d.tenant_id = p_tenant AND d.case_id = p_case) r
    JOIN board.policy p ON p.tenant_id = p_tenant AND p.name || '@' || p.version = r.ref);
END
$$;

-- The board's own digest of a screen: the same for as long as the same would be shown.
CREATE OR REPLACE FUNCTION board.print_screen(p_screen jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN sha256(convert_to(p_screen::text, 'UTF8'));

-- A review with its screen and the screen's print; nothing when there is no such review.
CREATE OR REPLACE FUNCTION board.show_review(p_tenant integer, p_agent integer, p_task uuid)
RETURNS TABLE (review jsonb, screen jsonb, print bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY
  SELECT board.describe_review(v, p_agent, board.clock()), s.screen, board.print_screen(s.screen)
  FROM board.review v CROSS JOIN LATERAL (SELECT board.review_screen(p_tenant, v.task_id) AS screen) s
  WHERE v.tenant_id = p_tenant AND v.task_id = p_task;
END
$$;

-- Promises that the board remembers what this person was shown of a review, and since when: the SHA-256 that the person will name, for
-- the screen with this print. False when by now something else would be shown, or nobody is to be told.
CREATE OR REPLACE FUNCTION board.keep_shown(p_tenant integer, p_agent integer, p_task uuid, p_print bytea, p_shown bytea)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  INSERT INTO board.review_shown (tenant_id, task_id, agent_id, print, shown, at)
  SELECT p_tenant, v.task_id, p_agent, p_print, p_shown, board.clock() FROM board.review v
  WHERE v.tenant_id = p_tenant AND v.task_id = p_task AND v.ended_at IS NULL
    AND board.print_screen(board.review_screen(p_tenant, p_task)) = p_print
  ON CONFLICT DO NOTHING;
  RETURN EXISTS (SELECT FROM board.review_shown s
                 WHERE s.tenant_id = p_tenant AND s.task_id = p_task AND s.agent_id = p_agent AND s.print = p_print
                   AND s.shown = p_shown);
END
$$;

-- What is wrong with deciding a review so: 'not_human' when the holder is no person, 'not_shown' when the decision does not name what
-- this person was shown, 'changed' when something else would be shown now. NULL where nothing is, and for what is no review.
CREATE OR REPLACE FUNCTION board.judge_review(p_tenant integer, p_agent integer, p_task uuid, p_said jsonb) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_prints bytea[];
BEGIN
  IF NOT EXISTS (SELECT FROM board.review v WHERE v.tenant_id = p_tenant AND v.task_id = p_task) THEN
    RETURN NULL;
  END IF;
  v_prints := ARRAY(
    SELECT s.print FROM board.review_shown s
    WHERE s.tenant_id = p_tenant AND s.task_id = p_task AND s.agent_id = p_agent
      AND encode(s.shown, 'hex') = p_said ->> 'shown');
  RETURN CASE
    WHEN NOT EXISTS (SELECT FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent AND a.kind = 'human')
      THEN 'not_human'
    WHEN cardinality(v_prints) = 0 THEN 'not_shown'
    WHEN board.print_screen(board.review_screen(p_tenant, p_task)) <> ALL (v_prints) THEN 'changed' END;
END
$$;

-- These decisions, those on reviews with the facts that their stages have shown as what they rest on, unless they name others. Facts
-- that are in dispute are seen, and rested upon only by who says so. Whether they are still so is asked under the lock (judge_review).
CREATE OR REPLACE FUNCTION board.name_shown_facts(p_tenant integer, p_tasks uuid[], p_decisions jsonb[]) RETURNS jsonb[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT d.said || CASE WHEN k.review -> 'shows' ? 'facts' AND NOT d.said ? 'reads' THEN jsonb_build_object('reads', (
      SELECT coalesce(jsonb_agg(r.ref), '[]') FROM (
        SELECT f.key || '@' || max(f.version) AS ref FROM board.fact f
        WHERE f.tenant_id = p_tenant AND f.case_id = v.case_id GROUP BY f.key ORDER BY f.key LIMIT 100) r
      WHERE cardinality(board.unfit_reads(p_tenant, v.case_id, ARRAY[r.ref])) = 0)) ELSE '{}' END
    FROM unnest(p_tasks, p_decisions) WITH ORDINALITY AS d (task_id, said, n)
    LEFT JOIN board.review v ON v.tenant_id = p_tenant AND v.task_id = d.task_id
    LEFT JOIN board.task t ON t.task_id = v.task_id LEFT JOIN board.stage_task k ON k.stage_task_id = t.stage_task_id
    ORDER BY d.n);
END
$$;

-- Promises that how these reviews ended is kept, with what was shown and for how long, and that a person who decides too many, too
-- fast or always the same is warned of it. Internal, under the cases' locks. Returns the events.
CREATE OR REPLACE FUNCTION board.end_reviews(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ended record;
  v_pace record;
  v_told board.entry[];
BEGIN
  FOR v_ended IN
    SELECT x.*, k.review, p_decisions[x.n] AS said, extract(epoch FROM p_now - s.at) AS seen_s, s.shown
    FROM unnest(p_taken) AS x
    JOIN board.stage_task k ON k.stage_task_id = x.stage_task_id AND k.review IS NOT NULL
    CROSS JOIN LATERAL (
      SELECT s.at, s.shown FROM board.review_shown s
      WHERE s.tenant_id = p_tenant AND s.task_id = x.task_id AND s.agent_id = x.agent_id
        AND encode(s.shown, 'hex') = p_decisions[x.n] ->> 'shown' ORDER BY s.at LIMIT 1) s
    ORDER BY x.n
  LOOP
    UPDATE board.review v
    SET ended_at = p_now, agent_id = v_ended.agent_id, outcome = v_ended.said ->> 'outcome', shown = v_ended.shown,
        seen_s = v_ended.seen_s
    WHERE v.tenant_id = p_tenant AND v.task_id = v_ended.task_id;
    SELECT * INTO v_pace FROM board.review_pace(p_tenant, v_ended.agent_id, v_ended.review, v_ended.seen_s, p_now);
    CONTINUE WHEN cardinality(v_pace.warnings) = 0;
    UPDATE board.review v SET warnings = v_pace.warnings WHERE v.tenant_id = p_tenant AND v.task_id = v_ended.task_id;
    v_told := v_told || ROW('review.warned', v_ended.case_id, v_ended.task_id, v_ended.workflow, v_ended.stage, v_ended.capability,
      v_ended.actor, jsonb_build_object('fence', v_ended.fence, 'warnings', v_pace.warnings, 'in_hour', v_pace.in_hour,
                                        'streak', v_pace.streak, 'seen_s', v_ended.seen_s), p_now)::board.entry;
  END LOOP;
  RETURN v_told;
END
$$;

-- How fast a person decides: how many in the last hour, how many of the last ones alike, and which of the limits of a stage are
-- passed: 'velocity', 'streak', 'haste'. Of a streak it looks as far back as matters.
CREATE OR REPLACE FUNCTION board.review_pace(
  p_tenant integer, p_agent integer, p_review jsonb, p_seen_s double precision, p_now timestamptz,
  OUT in_hour bigint, OUT streak bigint, OUT warnings text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT count(*) INTO in_hour FROM board.review v
  WHERE v.tenant_id = p_tenant AND v.agent_id = p_agent AND v.ended_at > p_now - interval '1 hour';
  SELECT count(*) FILTER (WHERE l.is_same) INTO streak FROM (
    SELECT bool_and(r.outcome = r.newest) OVER (ORDER BY r.ended_at DESC, r.task_id DESC) AS is_same FROM (
      SELECT v.outcome, v.ended_at, v.task_id, first_value(v.outcome) OVER (ORDER BY v.ended_at DESC, v.task_id DESC) AS newest
      FROM board.review v WHERE v.tenant_id = p_tenant AND v.agent_id = p_agent
      ORDER BY v.ended_at DESC, v.task_id DESC LIMIT (p_review ->> 'warn_streak')::integer) r) l;
  warnings := array_remove(ARRAY[
    CASE WHEN in_hour > (p_review ->> 'warn_per_hour')::integer THEN 'velocity' END,
    CASE WHEN streak >= (p_review ->> 'warn_streak')::integer THEN 'streak' END,
    CASE WHEN p_seen_s < (p_review ->> 'warn_under_s')::double precision THEN 'haste' END], NULL);
END
$$;

-- A review as the board shows it to an agent: where its task is, who may have it and by when, and what keeps this agent from it.
CREATE OR REPLACE FUNCTION board.describe_review(v board.review, p_agent integer, p_now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
  SELECT jsonb_build_object(
    'task_id', v.task_id, 'case_id', v.case_id, 'workflow', k.workflow, 'stage', k.stage, 'subject', c.subject,
    'state', board.task_place(t), 'priority', t.priority, 'owners', v.owners, 'excluded', v.excluded,
    'escalated', v.escalated, 'escalate_to', k.review -> 'escalate_to', 'opened_at', v.opened_at,
    'due_at', nullif(v.due_at, 'infinity'), 'is_overdue', v.ended_at IS NULL AND v.due_at <= p_now,
    'holder', h.name, 'deadline_at', l.deadline_at, 'fence', CASE WHEN l.agent_id = p_agent THEN l.fence END,
    'barred_by', board.bars_review(v.tenant_id, p_agent, v, t.fence),
    'question', (SELECT w.about || jsonb_build_object('needs', w.key) FROM board.task_waiting w
                 WHERE w.tenant_id = v.tenant_id AND w.task_id = v.task_id AND w.reason = 'input' LIMIT 1),
    'outcomes', (SELECT jsonb_agg(r.outcome ORDER BY r.rank) FROM board.route r
                 WHERE r.workflow_id = k.workflow_id AND r.stage = k.stage
                   AND r.outcome NOT IN ('exhausted', 'timeout', 'timed_out')),
    'outcome', v.outcome, 'ended_at', v.ended_at, 'warnings', v.warnings)
  FROM board.task t
  JOIN board.stage_task k USING (stage_task_id)
  JOIN board.case c ON c.case_id = t.case_id
  LEFT JOIN board.task_lease l ON l.tenant_id = v.tenant_id AND l.task_id = v.task_id
  LEFT JOIN board.agent h ON h.agent_id = l.agent_id
  WHERE t.tenant_id = v.tenant_id AND t.task_id = v.task_id);

-- The open reviews, those due first before the others: that this person holds ('mine'), may have ('offered'), either ('queue'), or all
-- there are ('all'); of a workflow and a stage where those are named. With them, how fast this person has been deciding.
CREATE OR REPLACE FUNCTION board.list_reviews(
  p_tenant integer, p_agent integer, p_whose text, p_workflow text, p_stage text, p_case uuid, p_limit integer)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN jsonb_build_object(
    'reviews', (
      SELECT coalesce(jsonb_agg(board.describe_review(o.review, p_agent, v_now) ORDER BY o.due_at, o.priority, o.seq), '[]')
      FROM (
        SELECT v AS review, v.due_at, t.priority, t.seq FROM board.review v
        JOIN board.task t ON t.tenant_id = p_tenant AND t.task_id = v.task_id AND t.state = 'open'
        JOIN board.stage_task k USING (stage_task_id)
        CROSS JOIN LATERAL (
          SELECT EXISTS (SELECT FROM board.task_lease l WHERE l.task_id = v.task_id AND l.agent_id = p_agent) AS is_mine) m
        WHERE v.tenant_id = p_tenant AND v.ended_at IS NULL
          AND (p_workflow IS NULL OR k.workflow = p_workflow) AND (p_stage IS NULL OR k.stage = p_stage)
          AND (p_case IS NULL OR v.case_id = p_case)
          AND (p_whose = 'all' OR (m.is_mine AND p_whose IN ('mine', 'queue')) OR (NOT m.is_mine AND p_whose IN ('offered', 'queue')
            AND board.bars_review(p_tenant, p_agent, v, t.fence) IS NULL
            AND EXISTS (SELECT FROM board.task_ready r
                        WHERE r.queue_id = k.queue_id AND r.task_id = v.task_id)))
        ORDER BY v.due_at, t.priority, t.seq LIMIT p_limit) o),
    'decided_in_hour', (SELECT count(*) FROM board.review v WHERE v.tenant_id = p_tenant AND v.agent_id = p_agent
                        AND v.ended_at > v_now - interval '1 hour'),
    'warned_in_hour', (SELECT count(*) FROM board.review v WHERE v.tenant_id = p_tenant AND v.agent_id = p_agent
                       AND v.ended_at > v_now - interval '1 hour' AND v.warnings <> '{}'));
END
$$;

-- How this person's decision of a review was warned about; nothing where it was not, or is not this person's.
CREATE OR REPLACE FUNCTION board.read_warnings(p_tenant integer, p_agent integer, p_task uuid) RETURNS text[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN coalesce((SELECT v.warnings FROM board.review v
                   WHERE v.tenant_id = p_tenant AND v.task_id = p_task AND v.agent_id = p_agent), '{}');
END
$$;
