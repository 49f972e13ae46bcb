-- What is known of a case: facts by version, where they come from, and what became of them.
--
-- A fact stands as 'asserted' until somebody says otherwise: 'disputed' (resolved by a new version, or upheld) or 'retracted'.
-- One that was made of such facts, however far back, is 'doubtful'. Nobody writes that down: it is found by looking back, so
-- that it ends by itself when the dispute does. Only an asserted fact opens work or bears a decision.

-- Whether the fact was made of others of which one is disputed or retracted.
CREATE OR REPLACE FUNCTION board.is_doubtful(f board.fact) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN cardinality(f.inputs) > 0 AND EXISTS (
    WITH RECURSIVE before (ref) AS (
      SELECT i FROM unnest(f.inputs) AS i
      UNION
      SELECT i FROM before b JOIN board.fact x ON x.tenant_id = f.tenant_id AND x.case_id = f.case_id
        AND x.key = split_part(b.ref, '@', 1) AND x.version::text = split_part(b.ref, '@', 2)
      CROSS JOIN unnest(x.inputs) AS i)
    SELECT FROM before b JOIN board.fact x ON x.tenant_id = f.tenant_id AND x.case_id = f.case_id
      AND x.key = split_part(b.ref, '@', 1) AND x.version::text = split_part(b.ref, '@', 2)
    WHERE x.state <> 'asserted');
END
$$;

-- What one who reads the newest version of a fact reads: its value, how it stands, its trust. An accumulating fact is read as
-- the list of its entries that were not taken back, and stands and is trusted as the weakest of them; one without entries is
-- 'retracted'.
CREATE OR REPLACE FUNCTION board.read_fact(f board.fact, OUT value jsonb, OUT state text, OUT trust smallint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT CASE f.kind WHEN 'current' THEN f.value ELSE jsonb_agg(e.value ORDER BY e.version) END,
         CASE WHEN count(*) = 0 THEN 'retracted' ELSE max(e.state) END, coalesce(min(e.trust), 0)
  INTO value, state, trust
  FROM (
    -- Sorted by their words, the weakest is the last: asserted, disputed, doubtful.
    SELECT x.version, x.value, x.trust,
           CASE WHEN x.state = 'asserted' AND board.is_doubtful(x) THEN 'doubtful' ELSE x.state END AS state
    FROM board.fact x
    WHERE x.tenant_id = f.tenant_id AND x.case_id = f.case_id AND x.key = f.key AND x.state <> 'retracted'
      AND x.withdraws IS NULL AND (f.kind = 'accumulating' OR x.version = f.version)) e;
  IF state <> 'asserted' THEN
    trust := 0;
  END IF;
END
$$;

-- The newest version of each fact of a case, as read_fact reads it. What has no inputs is read without it: there is most of
-- that.
CREATE OR REPLACE FUNCTION board.known_facts(p_tenant integer, p_case uuid)
RETURNS TABLE (fact board.fact, value jsonb, state text, trust smallint)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT n.fact, r.value, r.state, r.trust
  FROM (
    SELECT DISTINCT ON (f.key) f AS fact FROM board.fact f
    WHERE f.tenant_id = p_tenant AND f.case_id = p_case ORDER BY f.key, f.version DESC) n
  CROSS JOIN LATERAL (
    SELECT (n.fact).value, (n.fact).state, (n.fact).trust
    WHERE (n.fact).kind = 'current' AND (n.fact).state = 'asserted' AND (n.fact).inputs = '{}'
    UNION ALL
    SELECT x.value, x.state, x.trust FROM board.read_fact(n.fact) x
    WHERE NOT ((n.fact).kind = 'current' AND (n.fact).state = 'asserted' AND (n.fact).inputs = '{}')) r;
END;

-- The facts of a case that are known: the newest version of each, but for what was retracted. state is asserted, disputed or
-- doubtful; the trust of what is not asserted is 0. The value of an accumulating fact is the list of its entries. Locks
-- nothing.
CREATE OR REPLACE FUNCTION board.newest_facts(p_tenant integer, p_case uuid)
RETURNS TABLE (key text, version integer, value jsonb, state text, trust smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN QUERY
  SELECT (k.fact).key, (k.fact).version, k.value, k.state, k.trust FROM board.known_facts(p_tenant, p_case) k
  WHERE k.state <> 'retracted' ORDER BY (k.fact).key;
END
$$;

-- Of what somebody has read ("key@version"), that which can bear no decision: it is not the newest version any more, it is
-- disputed, doubtful or retracted, or there is no such fact. In the order given. Locks nothing: its caller holds the case.
CREATE OR REPLACE FUNCTION board.unfit_reads(p_tenant integer, p_case uuid, p_reads text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_fit text[] := ARRAY(
    SELECT (k.fact).key || '@' || (k.fact).version FROM board.known_facts(p_tenant, p_case) k WHERE k.state = 'asserted');
BEGIN
  RETURN ARRAY(SELECT r.ref FROM unnest(p_reads) WITH ORDINALITY AS r (ref, n) WHERE r.ref <> ALL (v_fit) ORDER BY r.n);
END
$$;

-- A version of a fact as it was told, and what became of it.
CREATE OR REPLACE FUNCTION board.describe_fact(f board.fact) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
  'version', f.version, 'value', f.value, 'kind', f.kind, 'state', f.state, 'trust', f.trust, 'source_class', f.source_class,
  'source', f.source, 'tool', f.tool, 'model', f.model, 'prompt_digest', f.prompt_digest, 'inputs', f.inputs,
  'confidence', f.confidence, 'valid_from', f.valid_from, 'valid_until', f.valid_until, 'fence', f.fence, 'at', f.at,
  'by', (SELECT a.name FROM board.agent a WHERE a.agent_id = f.agent_id),
  'judged_by', (SELECT a.name FROM board.agent a WHERE a.agent_id = f.judged_by), 'judged_at', f.judged_at,
  'judgement', f.judgement);

-- What is known of a case, by key, for those who work on it and look at it.
CREATE OR REPLACE FUNCTION board.describe_facts(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
  SELECT coalesce(jsonb_object_agg((k.fact).key, board.describe_fact(k.fact)
                                   || jsonb_build_object('value', k.value, 'state', k.state, 'trust', k.trust)), '{}')
  FROM board.known_facts(p_tenant, p_case) k WHERE k.state <> 'retracted');

-- Why nothing of a write about a case's facts is taken; NULL when it may be looked at. Internal, under the case's lock. A
-- refusal of a holder is journalled with what it offered.
CREATE OR REPLACE FUNCTION board.refuse_facts(
  p_tenant integer, p_agent integer, p_case uuid, p_closed timestamptz, p_task uuid, p_fence bigint, p_facts jsonb,
  p_now timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_judged record;
BEGIN
  IF p_closed IS NOT NULL THEN
    RETURN 'closed';
  ELSIF p_task IS NOT NULL AND NOT EXISTS (
    SELECT FROM board.task t WHERE t.tenant_id = p_tenant AND t.task_id = p_task AND t.case_id = p_case) THEN
    RETURN 'unknown_task';
  ELSIF p_task IS NOT NULL AND cardinality(
    board.find_claims(p_tenant, ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], NULL, p_now)) = 0 THEN
    SELECT * INTO v_judged FROM board.judge_refused(
      p_tenant, 'put_facts', '{}', ARRAY[p_agent], ARRAY[p_task], ARRAY[p_fence], ARRAY[p_facts], '{}', p_now);
    PERFORM board.record_events(p_tenant, v_judged.told);
    RETURN v_judged.reasons[1];
  ELSIF board.refuse_clash(p_tenant, 'put_facts', p_case, p_task, p_agent, 'maker', p_fence, p_facts) THEN
    RETURN 'duties';
  END IF;
  PERFORM board.hear_holder(p_tenant, p_task);
  RETURN NULL;
END
$$;

-- Whether a value is of the type that a workflow declares for the fact. All else that it may declare (a JSON Schema) is looked
-- at before the facts come here.
CREATE OR REPLACE FUNCTION board.is_of_type(p_value jsonb, p_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE
  WHEN p_type IS NULL THEN true
  WHEN p_type = 'integer' AND jsonb_typeof(p_value) = 'number' THEN (p_value #>> '{}')::numeric % 1 = 0
  ELSE jsonb_typeof(p_value) = p_type
END;

-- What an agent's word is worth when it names no class of source: a person's is a person's, a requester's the customer's.
CREATE OR REPLACE FUNCTION board.usual_class(p_agent board.agent) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_agent.kind = 'human' THEN 'person' WHEN p_agent.role = 'requester' THEN 'customer' ELSE 'agent' END;

-- Whether an agent may speak for a class of source. What lowers trust anybody may say; who speaks for a system of record is a
-- service that an operator registered as one, and only a person is a person.
CREATE OR REPLACE FUNCTION board.may_speak(p_agent board.agent, p_class text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE p_class
  WHEN 'system_of_record' THEN p_agent.kind = 'service' AND p_agent.role <> 'requester'
  WHEN 'person' THEN p_agent.kind = 'human'
  WHEN 'agent' THEN p_agent.role <> 'requester'
  ELSE true
END;

-- What a fact can be trusted: as its class of source, no more than what a model says where one had a hand in it, and no more
-- than any of the facts that it was made of.
CREATE OR REPLACE FUNCTION board.weigh_fact(p_tenant integer, p_case uuid, p_class text, p_model text, p_inputs text[])
RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN least(
    CASE p_class WHEN 'system_of_record' THEN 3 WHEN 'person' THEN 2 WHEN 'agent' THEN 2 ELSE 1 END,
    CASE WHEN p_model IS NOT NULL THEN 1 END,
    (SELECT min(f.trust) FROM unnest(p_inputs) AS i JOIN board.fact f ON f.tenant_id = p_tenant AND f.case_id = p_case
       AND f.key = split_part(i, '@', 1) AND f.version::text = split_part(i, '@', 2)));
END
$$;

-- What is wrong with one fact; NULL when it can be kept. p_rules is what the workflow declares, p_newest the version that is
-- there.
CREATE OR REPLACE FUNCTION board.judge_fact(
  p_tenant integer, p_case uuid, p_agent board.agent, p_rules jsonb, p_newest integer, p_fact jsonb)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_rule jsonb := p_rules -> (p_fact ->> 'key');
  v_inputs text[] := ARRAY(SELECT jsonb_array_elements_text(coalesce(nullif(p_fact -> 'inputs', 'null'), '[]')));
  v_found text[];
BEGIN
  IF p_rules IS NOT NULL AND v_rule IS NULL THEN
    RETURN 'unknown_key';
  ELSIF NOT board.is_of_type(p_fact -> 'value', v_rule ->> 'type') THEN
    RETURN 'unfit_value';
  ELSIF octet_length((p_fact -> 'value')::text) > 65536 THEN
    RETURN 'too_large';
  ELSIF NOT board.may_speak(p_agent, coalesce(p_fact ->> 'source_class', board.usual_class(p_agent))) THEN
    RETURN 'not_entitled';
  ELSIF (p_fact ->> 'expect')::integer <> coalesce(p_newest, 0) THEN
    RETURN 'stale';
  END IF;
  v_found := ARRAY(
    SELECT f.state FROM unnest(v_inputs) AS i JOIN board.fact f ON f.tenant_id = p_tenant AND f.case_id = p_case
      AND f.key = split_part(i, '@', 1) AND f.version::text = split_part(i, '@', 2) AND f.withdraws IS NULL);
  RETURN CASE WHEN cardinality(v_found) < cardinality(v_inputs) THEN 'unknown_input'
              WHEN 'retracted' = ANY (v_found) THEN 'retracted_input' END;
END
$$;

-- Keeps one fact that was judged, as its next version. Internal, under the case's lock. Returns the event.
CREATE OR REPLACE FUNCTION board.keep_fact(
  p_case board.case, p_agent board.agent, p_task uuid, p_fence bigint, p_kind text, p_version integer, p_fact jsonb,
  p_now timestamptz)
RETURNS board.entry
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  f board.fact;
BEGIN
  -- What is told of a fact has the names of its columns.
  f := jsonb_populate_record(NULL::board.fact, jsonb_strip_nulls(p_fact - '{value,expect}'::text[]));
  f.tenant_id := p_case.tenant_id;
  f.case_id := p_case.case_id;
  f.version := p_version;
  f.kind := coalesce(p_kind, 'current');
  f.value := coalesce(p_fact -> 'value', 'null');
  f.inputs := coalesce(f.inputs, '{}');
  f.source_class := coalesce(f.source_class, board.usual_class(p_agent));
  f.trust := board.weigh_fact(f.tenant_id, f.case_id, f.source_class, f.model, f.inputs);
  f.state := 'asserted';
  f.withdraws := NULL;
  f.judged_by := NULL;
  f.agent_id := p_agent.agent_id;
  f.task_id := p_task;
  f.fence := p_fence;
  f.case_version := p_case.version + 1;
  f.at := p_now;
  INSERT INTO board.fact SELECT f.*;
  RETURN ROW('fact.put', f.case_id, p_task, p_case.workflow, p_case.stage, NULL, p_agent.name, jsonb_build_object(
    'key', f.key, 'version', f.version, 'value', f.value, 'confidence', f.confidence, 'source', f.source, 'fence', f.fence,
    'trust', f.trust, 'source_class', f.source_class, 'inputs', f.inputs)
    || jsonb_strip_nulls(jsonb_build_object('tool', f.tool, 'model', f.model, 'prompt_digest', f.prompt_digest,
                                            'valid_from', f.valid_from, 'valid_until', f.valid_until)), p_now)::board.entry;
END
$$;

-- What the workflow of a case declares about facts, by key; NULL where it declares none. A case keeps its workflow's version.
CREATE OR REPLACE FUNCTION board.read_fact_rules(p_tenant integer, p_case uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  RETURN (
    SELECT nullif(w.definition -> 'facts', 'null') FROM board.case c JOIN board.workflow w USING (workflow_id)
    WHERE c.tenant_id = p_tenant AND c.case_id = p_case);
END
$$;

-- Promises one verdict per fact, in order: 'kept' with its version; 'stale' when the version it expects is not the newest (0:
-- there is none yet), with the one that is; or what is wrong with it: 'unknown_key', 'unfit_value' (its workflow declares
-- others), 'too_large' (64 KiB), 'not_entitled' (the agent may not speak for such a source), 'unknown_input',
-- 'retracted_input'. Facts: [{key, value, expect?, inputs?, …}], with the names of the columns of board.fact. With a task and
-- fence, only its holder may; a reason against the holder refuses all, and so do a task of another case ('unknown_task') and
-- what the agent's person has done on the case that keeps it from editing ('duties'). Who puts a fact is a maker. What waits
-- for such a fact is queued, and what was opened by a condition over it is held until that was judged anew. Locks the case.
CREATE OR REPLACE FUNCTION board.put_facts(
  p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb)
RETURNS TABLE (verdict text, version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := board.clock();
  v_agent board.agent;
  v_case board.case;
  v_rules jsonb;
  v_fact jsonb;
  v_verdict text;
  v_newest integer;
  v_told board.entry[];
  v_kept text[];
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, CASE WHEN p_task IS NULL THEN 'tell about a case' ELSE 'work on a task' END, ARRAY[p_case]);
  SELECT * INTO STRICT v_agent FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  v_verdict := CASE WHEN v_case.case_id IS NULL THEN 'unknown' ELSE board.refuse_facts(
    p_tenant, p_agent, p_case, v_case.closed_at, p_task, p_fence, p_facts, v_now) END;
  IF v_verdict IS NOT NULL THEN
    RETURN QUERY SELECT v_verdict, NULL::integer FROM jsonb_array_elements(p_facts);
    RETURN;
  END IF;
  v_rules := board.read_fact_rules(p_tenant, p_case);
  FOR v_fact IN SELECT f FROM jsonb_array_elements(p_facts) AS f LOOP
    SELECT max(f.version) INTO v_newest FROM board.fact f
    WHERE f.tenant_id = p_tenant AND f.case_id = p_case AND f.key = v_fact ->> 'key';
    v_verdict := board.judge_fact(p_tenant, p_case, v_agent, v_rules, v_newest, v_fact);
    IF v_verdict IS NULL THEN
      v_newest := coalesce(v_newest, 0) + 1;
      v_told := v_told || board.keep_fact(v_case, v_agent, p_task, p_fence, v_rules -> (v_fact ->> 'key') ->> 'kind', v_newest,
                                          v_fact, v_now);
      v_kept := v_kept || (v_fact ->> 'key');
    END IF;
    RETURN QUERY SELECT coalesce(v_verdict, 'kept'), v_newest;
  END LOOP;
  UPDATE board.case c SET version = c.version + 1
  WHERE c.tenant_id = p_tenant AND c.case_id = p_case AND v_kept IS NOT NULL;
  IF v_kept IS NOT NULL THEN
    PERFORM board.note_duty(p_tenant, p_case, p_agent, 'maker', p_task);
  END IF;
  PERFORM board.record_events(p_tenant, v_told || board.answer_needs(p_tenant, p_case, v_kept, v_now)
                                        || board.hold_tasks(p_tenant, p_case, v_kept, v_now));
END
$$;

-- Queues the tasks whose holders asked for one of these facts. Internal, under the case's lock. Returns the events.
CREATE OR REPLACE FUNCTION board.answer_needs(p_tenant integer, p_case uuid, p_keys text[], p_now timestamptz)
RETURNS board.entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN board.stop_waiting(p_tenant, ARRAY(
    SELECT w.task_id FROM board.task_waiting w
    WHERE w.tenant_id = p_tenant AND w.case_id = p_case AND w.reason = 'input' AND w.key = ANY (p_keys)),
    'input', 'board', p_now);
END
$$;

-- The keys of a fact and of all that was made of it, however far on: what is said of it is said of them.
CREATE OR REPLACE FUNCTION board.derived_keys(p_tenant integer, p_case uuid, p_ref text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    WITH RECURSIVE made (ref) AS (
      SELECT p_ref
      UNION
      SELECT f.key || '@' || f.version FROM made m
      JOIN board.fact f ON f.tenant_id = p_tenant AND f.case_id = p_case AND m.ref = ANY (f.inputs))
    SELECT DISTINCT split_part(m.ref, '@', 1) FROM made m);
END
$$;

-- Why this agent may not say that of this version of a fact; NULL when it may. A requester speaks about its own cases alone.
-- Only whoever put a fact, a reviewer or an operator takes it back; nobody upholds what was put by an agent of the same owner.
CREATE OR REPLACE FUNCTION board.refuse_mark(p_agent board.agent, p_case board.case, p_fact board.fact, p_mark text)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE
    WHEN p_fact.case_id IS NULL THEN 'unknown_fact'
    WHEN p_agent.role = 'requester' AND p_case.opened_by <> p_agent.agent_id THEN 'not_yours'
    WHEN p_mark = 'retracted' AND p_agent.role NOT IN ('admin', 'reviewer') AND p_fact.agent_id <> p_agent.agent_id
      THEN 'not_yours'
    WHEN p_mark = 'upheld' AND p_agent.role NOT IN ('admin', 'reviewer') THEN 'not_yours'
    WHEN p_mark = 'upheld' AND p_agent.owner = (
      SELECT a.owner FROM board.agent a WHERE a.tenant_id = p_fact.tenant_id AND a.agent_id = p_fact.agent_id) THEN 'own_fact'
    WHEN p_fact.state = CASE p_mark WHEN 'upheld' THEN 'asserted' ELSE p_mark END THEN 'repeated'
    WHEN p_fact.state = 'retracted' THEN 'gone'
  END;
END
$$;

-- Promises that this version of a fact stands as the agent says, 'disputed', 'upheld' or 'retracted', and that the journal has
-- why; says so, or why not: 'repeated' (it stood so already), 'gone' (it was taken back), 'not_yours', 'own_fact',
-- 'unknown_fact', 'unknown', 'closed'. Taking back an entry of an accumulating fact is a version of the list. What was opened
-- by a condition over it, or over what was made of it, is held until that was judged anew. Locks the case.
CREATE OR REPLACE FUNCTION board.mark_fact(
  p_tenant integer, p_agent integer, p_case uuid, p_key text, p_version integer, p_mark text, p_reason text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := board.clock();
  v_agent board.agent;
  v_case board.case;
  v_fact board.fact;
  v_refusal text;
  v_as_version integer;
BEGIN
  PERFORM board.enter_tenant(p_tenant);
  PERFORM board.demand_cases(p_tenant, CASE p_mark WHEN 'upheld' THEN 'uphold a fact' ELSE 'tell about a case' END, ARRAY[p_case]);
  SELECT * INTO STRICT v_agent FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  SELECT * INTO v_case FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = p_case FOR NO KEY UPDATE;
  IF v_case.case_id IS NULL OR v_case.closed_at IS NOT NULL THEN
    RETURN CASE WHEN v_case.case_id IS NULL THEN 'unknown' ELSE 'closed' END;
  END IF;
  SELECT * INTO v_fact FROM board.fact f
  WHERE f.tenant_id = p_tenant AND f.case_id = p_case AND f.key = p_key AND f.version = p_version AND f.withdraws IS NULL;
  v_refusal := board.refuse_mark(v_agent, v_case, v_fact, p_mark);
  IF v_refusal IS NOT NULL THEN
    RETURN v_refusal;
  END IF;
  UPDATE board.fact f
  SET state = CASE p_mark WHEN 'upheld' THEN 'asserted' ELSE p_mark END, judged_by = p_agent, judged_at = v_now,
      judgement = p_reason
  WHERE f.tenant_id = p_tenant AND f.case_id = p_case AND f.key = p_key AND f.version = p_version;
  IF p_mark = 'retracted' AND v_fact.kind = 'accumulating' THEN
    INSERT INTO board.fact (tenant_id, case_id, key, version, value, kind, withdraws, trust, agent_id, case_version, at)
    SELECT p_tenant, p_case, p_key, max(f.version) + 1, 'null', 'accumulating', p_version, v_fact.trust, p_agent,
           v_case.version + 1, v_now
    FROM board.fact f WHERE f.tenant_id = p_tenant AND f.case_id = p_case AND f.key = p_key
    RETURNING version INTO v_as_version;
  END IF;
  UPDATE board.case c SET version = c.version + 1 WHERE c.tenant_id = p_tenant AND c.case_id = p_case;
  PERFORM board.record_events(p_tenant, ARRAY[
    ROW('fact.' || p_mark, p_case, NULL, v_case.workflow, v_case.stage, NULL, v_agent.name, jsonb_build_object(
      'key', p_key, 'version', p_version, 'was', v_fact.state, 'reason', p_reason, 'as_version', v_as_version),
      v_now)::board.entry]
    || board.hold_tasks(p_tenant, p_case, board.derived_keys(p_tenant, p_case, p_key || '@' || p_version), v_now));
  RETURN p_mark;
END
$$;
