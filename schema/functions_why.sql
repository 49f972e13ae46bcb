-- Answers to "why": why nobody has a task, who may take it, what is in the way; and how much work lies where.

-- Everything that decides who gets a task and when: what it waits for, how many are before it in its queue (counted up to 1,000),
-- the holds and quotas that apply to it, and each agent of its capability with what excludes it.
CREATE OR REPLACE FUNCTION board.explain_task(p_tenant integer, p_task uuid, p_alive_s integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_task board.task;
  v_case board.case;
  v_kind board.stage_task;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  SELECT * INTO v_task FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT * INTO STRICT v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = v_task.case_id;
  SELECT * INTO STRICT v_kind FROM board.stage_task k WHERE k.tenant_id = p_tenant AND k.stage_task_id = v_task.stage_task_id;
  RETURN jsonb_build_object(
    'task', board.describe_task(v_task),
    'ahead', (
      SELECT count(*) FROM (
        SELECT FROM board.task_ready r JOIN board.task_ready me ON me.queue_id = r.queue_id AND me.task_id = p_task
        WHERE r.queue_id = v_kind.queue_id AND (r.priority, r.due_at, r.seq) < (me.priority, me.due_at, me.seq) LIMIT 1000) b),
    'holds', (
      SELECT coalesce(jsonb_agg(board.describe_hold(h)), '[]') FROM board.hold h
      WHERE h.tenant_id = p_tenant AND (h.kind = 'tenant' OR (h.kind = 'workflow' AND h.name = v_kind.workflow)
        OR (h.kind = 'capability' AND h.name = v_kind.capability) OR (h.kind = 'entity' AND h.name = ANY (v_case.entities)))),
    'quotas', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'name', n.name, 'key', n.key, 'kind', n.kind, 'needs', n.amount, 'ceiling', n.ceiling,
        'used', n.ceiling - board.quota_room(n.quota_id, n.key, board.clock(), false)) ORDER BY n.name, n.key), '[]')
      FROM (
        SELECT DISTINCT n.* FROM board.agent a
        CROSS JOIN LATERAL board.quota_needs(p_tenant, a.agent_id, v_case.case_id, v_kind.stage_task_id) n
        WHERE a.tenant_id = p_tenant AND v_kind.capability = ANY (a.capabilities)) n),
    'agents', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'agent', a.name, 'is_person', a.kind = 'human',
        'may_claim', a.state = 'active' AND x.reason IS NULL AND b.reason IS NULL, 'is_alive', EXISTS (
          SELECT FROM board.session s WHERE s.tenant_id = p_tenant AND s.agent_id = a.agent_id AND s.ended_at IS NULL
            AND s.heartbeat_at > board.clock() - make_interval(secs => p_alive_s)),
        'excluded_by', CASE WHEN a.state <> 'active' THEN 'agent is ' || a.state
                            WHEN x.reason IS NOT NULL THEN 'gave it back: ' || x.reason ELSE b.reason END) ORDER BY a.name), '[]')
      FROM board.agent a LEFT JOIN board.task_rejection x ON x.agent_id = a.agent_id AND x.task_id = p_task
      LEFT JOIN board.review v ON v.tenant_id = p_tenant AND v.task_id = p_task
      CROSS JOIN LATERAL (
        SELECT CASE WHEN v.task_id IS NULL THEN board.say_duty(board.task_clash(p_tenant, a.agent_id, p_task))
                    ELSE board.bars_review(p_tenant, a.agent_id, v, v_task.fence) END AS reason) b
      WHERE a.tenant_id = p_tenant
        AND (v_kind.capability || coalesce(v.owners, '{}'))
            && (a.name || a.capabilities || board.delegated_capabilities(p_tenant, a.agent_id))));
END
$$;

CREATE OR REPLACE FUNCTION board.describe_hold(h board.hold) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('kind', h.kind, 'name', h.name, 'reason', h.reason, 'since', h.since,
                          'by', (SELECT a.name FROM board.agent a WHERE a.agent_id = h.agent_id));

-- What operators hold back at present.
CREATE OR REPLACE FUNCTION board.list_holds(p_tenant integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (SELECT coalesce(jsonb_agg(board.describe_hold(h) ORDER BY h.since), '[]') FROM board.hold h WHERE h.tenant_id = p_tenant);
END
$$;

-- Tasks that rest until an operator has looked at them, oldest first, at most p_limit.
CREATE OR REPLACE FUNCTION board.list_incidents(p_tenant integer, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'task_id', i.task_id, 'case_id', i.case_id, 'workflow', k.workflow, 'stage', k.stage, 'kind', i.reason,
      'reason', coalesce(i.about ->> 'reason', ''), 'failures', t.failures, 'rescues', t.rescues, 'since', i.since)
      ORDER BY i.since), '[]')
    FROM (SELECT w.* FROM board.task_waiting w
          WHERE w.tenant_id = p_tenant AND w.key = '' AND w.reason IN ('incident', 'quarantine')
          ORDER BY w.since LIMIT p_limit) i
    JOIN board.task t USING (task_id) JOIN board.stage_task k USING (stage_task_id));
END
$$;

-- How many tasks of a queue lie ready, and since when the oldest of them: looks at the first p_limit of each priority, in the
-- order of taking, so that a backlog of any length costs no more than that. Whoever calls it sees what is theirs.
CREATE OR REPLACE FUNCTION board.count_ready(p_queue integer, p_limit integer, OUT n bigint, OUT since timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  SELECT count(*), min(f.ready_at) INTO n, since
  FROM generate_series(0, 9) AS p
  CROSS JOIN LATERAL (
    SELECT r.ready_at FROM board.task_ready r WHERE r.queue_id = p_queue AND r.priority = p
    ORDER BY r.due_at, r.seq LIMIT p_limit) f;
END
$$;

-- How much work lies where, per capability: from the tables of open work alone, which are as small as that work. Ready tasks are
-- counted up to 10,000 of each priority.
CREATE OR REPLACE FUNCTION board.show_load(p_tenant integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'capability', q.capability, 'ready', r.n, 'oldest_ready_s', extract(epoch FROM v_now - r.since), 'claimed', l.n,
      'oldest_claim_s', extract(epoch FROM v_now - l.since)) ORDER BY q.capability), '[]')
    FROM board.queue q
    CROSS JOIN LATERAL board.count_ready(q.queue_id, 10000) r
    CROSS JOIN LATERAL (
      SELECT count(*) AS n, min(x.granted_at) AS since FROM board.task_lease x JOIN board.stage_task k USING (stage_task_id)
      WHERE k.queue_id = q.queue_id) l
    WHERE q.tenant_id = p_tenant AND q.capability <> '_board');
END
$$;
