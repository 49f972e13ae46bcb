-- Separation of duties: who has done what on a case, and who may therefore not do what there.
--
-- Judged by person and not by key: agents of one owner are one person, and so are two owners while one acts for the other. What a
-- person may not do together stands in board.apart, by workflow. The verbs ask find_clash before they write; the trigger on
-- board.duty asks it again of every row, whoever adds it, and under the lock of the case, so that of two who come at the same
-- moment the second is refused.

-- Keeps the pairs of duties that a workflow keeps apart. Internal: with the workflow's own rows.
CREATE OR REPLACE FUNCTION board.keep_apart(p_tenant integer, p_workflow integer, p_pairs jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO board.apart (tenant_id, workflow_id, duty, other)
  SELECT p_tenant, p_workflow, e.duty, e.other FROM jsonb_array_elements(nullif(p_pairs, 'null')) AS p
  CROSS JOIN LATERAL (VALUES (p ->> 0, p ->> 1), (p ->> 1, p ->> 0)) AS e (duty, other)
  ON CONFLICT DO NOTHING;
END
$$;

-- The owners that count as one person with this owner at that moment: those who act for it, for whom it acts, and so on.
CREATE OR REPLACE FUNCTION board.same_person(p_tenant integer, p_owner text, p_at timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN board.joined_owners(p_tenant, p_owner, p_at, p_at);
END
$$;

-- The same by delegations that had begun by one moment and had not ended at another.
CREATE OR REPLACE FUNCTION board.joined_owners(p_tenant integer, p_owner text, p_begun timestamptz, p_at timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    WITH RECURSIVE person AS (
      SELECT p_owner AS owner
      UNION
      SELECT n.owner FROM person p
      CROSS JOIN LATERAL (
        SELECT d.to_owner AS owner FROM board.delegation d
        WHERE d.tenant_id = p_tenant AND d.from_owner = p.owner AND p_begun >= d.since AND p_at < least(d.until, d.ended_at)
        UNION ALL
        SELECT d.from_owner FROM board.delegation d
        WHERE d.tenant_id = p_tenant AND d.to_owner = p.owner AND p_begun >= d.since AND p_at < least(d.until, d.ended_at)) n)
    SELECT p.owner FROM person p);
END
$$;

-- What the agent's person has done on the case that may not stand beside this duty, oldest first. One person is who is one now, or
-- was when the other duty was taken on: a delegation that has ended since does not part them.
CREATE OR REPLACE FUNCTION board.list_clashes(p_tenant integer, p_case uuid, p_agent integer, p_duty text) RETURNS SETOF board.duty
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_owner text := (SELECT a.owner FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent);
  v_person text[] := board.same_person(p_tenant, v_owner, board.clock());
BEGIN
  RETURN QUERY
  SELECT d.* FROM board.case c
  JOIN board.apart x ON x.workflow_id = c.workflow_id AND x.duty = p_duty
  JOIN board.duty d ON d.case_id = c.case_id AND d.duty = x.other
  WHERE c.tenant_id = p_tenant AND c.case_id = p_case
    AND (d.agent_id = p_agent OR d.owner = ANY (v_person) OR v_owner = ANY (board.same_person(p_tenant, d.owner, d.at)))
  ORDER BY d.at, d.duty, d.agent_id;
END
$$;

-- The first thing that keeps the agent from this duty on the case, all NULL where nothing does: what somebody else approved of
-- (board.break_glass) does not. Takes no lock: who writes afterwards holds the case.
CREATE OR REPLACE FUNCTION board.find_clash(
  p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid DEFAULT NULL)
RETURNS board.duty
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_clash board.duty;
BEGIN
  SELECT d.* INTO v_clash FROM board.list_clashes(p_tenant, p_case, p_agent, p_duty) d
  WHERE board.find_leave(p_tenant, p_case, p_agent, p_duty, d.duty, p_task) IS NULL LIMIT 1;
  RETURN v_clash;
END
$$;

-- The duty that keeps the agent from this one on the case; NULL: it may act. With the task under which it acts, leave that was
-- spent on this very task still counts.
CREATE OR REPLACE FUNCTION board.clashing_duty(
  p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (board.find_clash(p_tenant, p_case, p_agent, p_duty, p_task)).duty;
END
$$;

-- The leave that lets the agent take on one duty despite another one: approved, not revoked, and either not spent and not yet
-- over, or spent on this very task, which it is good for to the end.
CREATE OR REPLACE FUNCTION board.find_leave(
  p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_despite text, p_task uuid)
RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT b.break_id FROM board.break_glass b
    WHERE b.tenant_id = p_tenant AND b.case_id = p_case AND b.agent_id = p_agent AND b.duty = p_duty AND b.despite = p_despite
      AND b.approved_at IS NOT NULL
      AND CASE WHEN b.spent_at IS NULL THEN b.revoked_at IS NULL AND b.expires_at > board.clock() ELSE b.spent_on = p_task END
    ORDER BY b.spent_at NULLS LAST, b.break_id LIMIT 1);
END
$$;

-- Whether the agent may take a task of this kind on this case, by its duties there; a second seat of a panel is not for an owner that
-- has spoken.
CREATE OR REPLACE FUNCTION board.may_take(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_duty text;
  v_is_seat boolean;
BEGIN
  SELECT k.duty, k.is_seat INTO STRICT v_duty, v_is_seat FROM board.stage_task k WHERE k.stage_task_id = p_stage_task;
  RETURN (v_duty IS NULL OR board.clashing_duty(p_tenant, p_case, p_agent, v_duty) IS NULL)
    AND NOT (v_is_seat AND board.has_spoken(p_tenant, p_case, p_agent));
END
$$;

-- What keeps the agent from deciding this task, all NULL where nothing does.
CREATE OR REPLACE FUNCTION board.task_clash(p_tenant integer, p_agent integer, p_task uuid) RETURNS board.duty
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_case uuid;
  v_duty text;
BEGIN
  SELECT t.case_id, k.duty INTO v_case, v_duty FROM board.task t JOIN board.stage_task k USING (stage_task_id)
  WHERE t.tenant_id = p_tenant AND t.task_id = p_task;
  RETURN CASE WHEN v_duty IS NOT NULL THEN board.find_clash(p_tenant, v_case, p_agent, v_duty, p_task) END;
END
$$;

-- Whether the agent's duties keep it from this write on the case; the refusal is journalled with what was offered. Called under the
-- case's lock, before anything is written.
CREATE OR REPLACE FUNCTION board.refuse_clash(
  p_tenant integer, p_verb text, p_case uuid, p_task uuid, p_agent integer, p_duty text, p_fence bigint, p_offered jsonb)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF board.clashing_duty(p_tenant, p_case, p_agent, p_duty, p_task) IS NULL THEN
    RETURN false;
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY(
    SELECT ROW('write.refused', p_case, p_task, c.workflow, c.stage, NULL, board.agent_name(p_tenant, p_agent),
               jsonb_build_object('verb', p_verb, 'reason', 'duties', 'fence', p_fence, 'offered', p_offered),
               board.clock())::board.entry
    FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case));
  RETURN true;
END
$$;

-- Promises that these agents are known to have done this on these cases; noting twice is noting once. For whom an agent acts while
-- it makes something or gives an opinion, that one has delegated there. Nothing is noted of workflows without duties. A
-- duty that may not be taken on fails the transaction (guard_duty): ask find_clash first. What was done is journalled by whoever
-- did it. The caller holds the cases, or has just opened them.
CREATE OR REPLACE FUNCTION board.note_duties(p_tenant integer, p_cases uuid[], p_agents integer[], p_duties text[], p_tasks uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
BEGIN
  INSERT INTO board.duty (tenant_id, case_id, owner, duty, agent_id, task_id, at)
  SELECT p_tenant, c.case_id, a.owner, n.duty, n.agent_id, i.task_id, v_now
  FROM unnest(p_cases, p_agents, p_duties, p_tasks) AS i (case_id, agent_id, duty, task_id)
  JOIN board.case c ON c.tenant_id = p_tenant AND c.case_id = i.case_id
  JOIN board.workflow w ON w.workflow_id = c.workflow_id AND w.has_duties
  CROSS JOIN LATERAL (
    SELECT i.agent_id, i.duty
    UNION ALL
    SELECT d.from_agent, 'delegator' FROM board.delegation d
    WHERE d.to_agent = i.agent_id AND i.duty IN ('maker', 'opinion') AND v_now >= d.since AND v_now < least(d.until, d.ended_at)) n
  JOIN board.agent a ON a.tenant_id = p_tenant AND a.agent_id = n.agent_id
  ORDER BY c.case_id, n.agent_id
  ON CONFLICT DO NOTHING;
END
$$;

-- The same for one agent on one case.
CREATE OR REPLACE FUNCTION board.note_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.note_duties(p_tenant, ARRAY[p_case], ARRAY[p_agent], ARRAY[p_duty], ARRAY[p_task]);
END
$$;

-- The same for those who decided these tasks, where that is a duty.
CREATE OR REPLACE FUNCTION board.note_decided(p_tenant integer, p_taken board.taken[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_done record;
BEGIN
  IF NOT EXISTS (
    SELECT FROM (SELECT DISTINCT x.stage_task_id FROM unnest(p_taken) AS x) s JOIN board.stage_task k USING (stage_task_id)
    WHERE k.duty IS NOT NULL) THEN
    RETURN;
  END IF;
  SELECT array_agg(x.case_id) AS cases, array_agg(x.agent_id) AS agents, array_agg(k.duty) AS duties, array_agg(x.task_id) AS tasks
  INTO v_done FROM unnest(p_taken) AS x JOIN board.stage_task k USING (stage_task_id) WHERE k.duty IS NOT NULL;
  PERFORM board.note_duties(p_tenant, v_done.cases, v_done.agents, v_done.duties, v_done.tasks);
END
$$;

-- Keeps board.duty true, whoever writes there: a row says who the agent's owner is and when it came, and may not stand beside what
-- its person did before, unless leave is there, which it spends and tells of. Locks the case, so that nobody adds the other half
-- at the same moment. Rows stay as they are.
CREATE OR REPLACE FUNCTION board.guard_duty() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_clash board.duty;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RAISE EXCEPTION 'what was done on a case stays noted' USING ERRCODE = 'BB500';
  END IF;
  PERFORM FROM board.case c WHERE c.tenant_id = NEW.tenant_id AND c.case_id = NEW.case_id FOR NO KEY UPDATE;
  SELECT a.owner INTO STRICT NEW.owner FROM board.agent a WHERE a.tenant_id = NEW.tenant_id AND a.agent_id = NEW.agent_id;
  NEW.at := board.clock();
  v_clash := board.find_clash(NEW.tenant_id, NEW.case_id, NEW.agent_id, NEW.duty, NEW.task_id);
  IF v_clash.duty IS NOT NULL THEN
    RAISE EXCEPTION '%', board.say_clash(v_clash, NEW.agent_id, NEW.duty) USING ERRCODE = 'BB409';
  END IF;
  PERFORM board.spend_leave(NEW);
  RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER kept_apart BEFORE INSERT OR UPDATE OR DELETE ON board.duty FOR EACH ROW
EXECUTE FUNCTION board.guard_duty();

-- Why an agent may not do this, in words.
CREATE OR REPLACE FUNCTION board.say_clash(p_clash board.duty, p_agent integer, p_duty text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT format('%s may not be %s here: %s', a.name, p_duty, board.say_duty(p_clash))
    FROM board.agent a WHERE a.agent_id = p_agent);
END
$$;

-- What somebody did, in words: 'alice opened this case (maker)'.
CREATE OR REPLACE FUNCTION board.say_duty(d board.duty) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT format('%s %s (%s)', a.name, CASE d.duty
             WHEN 'maker' THEN CASE WHEN c.opened_by = d.agent_id THEN 'opened this case' ELSE 'added to this case' END
             WHEN 'delegator' THEN 'had a delegate work on this case'
             WHEN 'opinion' THEN 'gave an opinion on this case'
             WHEN 'checker' THEN 'checked this case'
             ELSE 'executed this case' END, d.duty)
    FROM board.agent a JOIN board.case c ON c.case_id = d.case_id WHERE a.agent_id = d.agent_id);
END
$$;

-- Why the agent may not decide this task, in words; NULL where its duties on the case do not stand against it.
CREATE OR REPLACE FUNCTION board.explain_clash(p_tenant integer, p_agent integer, p_task uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_clash board.duty;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  v_clash := board.task_clash(p_tenant, p_agent, p_task);
  RETURN (
    SELECT board.say_clash(v_clash, p_agent, k.duty) || '. Give the task back with reject: somebody else must.'
    FROM board.task t JOIN board.stage_task k USING (stage_task_id)
    WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND v_clash.duty IS NOT NULL);
END
$$;

-- Who has done what on a case, in order.
CREATE OR REPLACE FUNCTION board.list_duties(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object('duty', d.duty, 'agent', a.name, 'owner', d.owner, 'at', d.at)
                              ORDER BY d.at, d.duty, a.name), '[]')
    FROM board.duty d JOIN board.agent a USING (agent_id) WHERE d.tenant_id = p_tenant AND d.case_id = p_case);
END
$$;
