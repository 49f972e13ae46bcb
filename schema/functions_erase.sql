-- role: blackboard_system
-- Erasure of a customer: what tells of the person in cases that have ended is replaced by a token, in the rows, in the journal and in
-- what was kept to be answered again. Amounts, outcomes, reasons and who decided stay. Each step is a transaction of its own and may
-- be repeated; a row of board.erasure says how far it has come. Lock order: erasure → case → others, cases in key order.

-- A text in which each of these terms is the token.
CREATE OR REPLACE FUNCTION board.scrub_text(p_text text, p_terms text[], p_token text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_term text;
BEGIN
  FOREACH v_term IN ARRAY p_terms LOOP
    p_text := replace(p_text, v_term, p_token);
  END LOOP;
  RETURN p_text;
END
$$;

-- The same of a document: every string in it, and every name of a member.
CREATE OR REPLACE FUNCTION board.scrub(p_value jsonb, p_terms text[], p_token text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN CASE jsonb_typeof(p_value)
    WHEN 'string' THEN to_jsonb(board.scrub_text(p_value #>> '{}', p_terms, p_token))
    WHEN 'array' THEN (SELECT coalesce(jsonb_agg(board.scrub(e, p_terms, p_token) ORDER BY n), '[]')
                       FROM jsonb_array_elements(p_value) WITH ORDINALITY AS a (e, n))
    WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(board.scrub_text(k, p_terms, p_token), board.scrub(v, p_terms, p_token)), '{}')
                        FROM jsonb_each(p_value) AS o (k, v))
    ELSE p_value END;
END
$$;

-- Whether a member is judged by its own members: where its JSON Schema gives it no class, and has classes for these.
CREATE OR REPLACE FUNCTION board.has_members(p_value jsonb, p_schema jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT jsonb_typeof(p_value) = 'object' AND NOT p_schema ? 'x-class' AND jsonb_typeof(p_schema -> 'properties') = 'object';
END;

-- What of a document its JSON Schema declares personal, or says nothing of.
CREATE OR REPLACE FUNCTION board.personal_parts(p_document jsonb, p_schema jsonb) RETURNS SETOF jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT part FROM jsonb_each(p_document) AS o (k, v)
  CROSS JOIN LATERAL (
    SELECT v AS part WHERE NOT coalesce(board.has_members(v, p_schema -> 'properties' -> k), false)
      AND coalesce(p_schema -> 'properties' -> k ->> 'x-class', 'personal') = 'personal'
    UNION ALL
    SELECT board.personal_parts(v, p_schema -> 'properties' -> k) WHERE board.has_members(v, p_schema -> 'properties' -> k)) AS x;
END
$$;

-- A document in which the token stands for every such part.
CREATE OR REPLACE FUNCTION board.blank(p_document jsonb, p_schema jsonb, p_token text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(jsonb_object_agg(k, CASE
      WHEN board.has_members(v, p_schema -> 'properties' -> k) THEN board.blank(v, p_schema -> 'properties' -> k, p_token)
      WHEN coalesce(p_schema -> 'properties' -> k ->> 'x-class', 'personal') = 'personal' THEN to_jsonb(p_token)
      ELSE v END), '{}')
    FROM jsonb_each(p_document) AS o (k, v));
END
$$;

-- The strings by which the customer would be known in other places: all that stand in personal members of these cases and of facts
-- about them. Not what is short, and not amounts: they would be found everywhere.
CREATE OR REPLACE FUNCTION board.terms_of(p_tenant integer, p_customer text, p_cases uuid[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN ARRAY(
    SELECT t FROM (
      SELECT p_customer AS t
      UNION
      SELECT s #>> '{}' FROM board.case c JOIN board.workflow w USING (workflow_id)
      CROSS JOIN LATERAL board.personal_parts(c.payload, w.definition -> 'payload') AS part
      CROSS JOIN LATERAL jsonb_path_query(part, 'strict $.** ? (@.type() == "string")') AS s
      WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases)
      UNION
      SELECT s #>> '{}' FROM board.fact f JOIN board.case c USING (case_id) JOIN board.workflow w USING (workflow_id)
      CROSS JOIN LATERAL jsonb_path_query(f.value, 'strict $.** ? (@.type() == "string")') AS s
      WHERE f.tenant_id = p_tenant AND f.case_id = ANY (p_cases)
        AND coalesce(w.definition -> 'facts' -> f.key ->> 'class', 'personal') = 'personal') x
    WHERE t = p_customer OR (length(t) >= 4 AND t !~ '^[0-9]{1,15}(\.[0-9]{1,4})?$' OR length(t) >= 8)
    ORDER BY length(t) DESC, t);
END
$$;

-- Promises that an erasure of the customer is begun, or goes on where it was. Verdicts: 'begun', 'resumed', 'nothing' (no case is the
-- customer's), 'open' (with how many cases have not ended), 'held' (an operator holds the customer: what is held is kept), 'unsealed'
-- (the journal's end is not sealed yet). Locks nothing but its own row.
CREATE OR REPLACE FUNCTION board.begin_erasure(p_tenant integer, p_agent integer, p_customer text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row board.erasure;
  v_id uuid := board.new_id();
  v_open bigint;
  v_cases uuid[];
BEGIN
  SELECT * INTO v_row FROM board.erasure e WHERE e.tenant_id = p_tenant AND e.customer = p_customer AND e.state = 'begun';
  IF FOUND THEN
    RETURN jsonb_build_object('verdict', 'resumed', 'erasure_id', v_row.erasure_id, 'cases', cardinality(v_row.cases));
  END IF;
  SELECT count(*) FILTER (WHERE c.closed_at IS NULL), coalesce(array_agg(c.case_id ORDER BY c.case_id), '{}') INTO v_open, v_cases
  FROM board.case c WHERE c.tenant_id = p_tenant AND c.subject = p_customer;
  IF EXISTS (SELECT FROM board.hold h WHERE h.tenant_id = p_tenant AND h.kind = 'entity'
             AND h.name IN (p_customer, 'customer:' || p_customer)) THEN
    RETURN jsonb_build_object('verdict', 'held', 'cases', cardinality(v_cases));
  ELSIF v_open > 0 THEN
    RETURN jsonb_build_object('verdict', 'open', 'cases', v_open);
  ELSIF v_cases = '{}' AND NOT EXISTS (SELECT FROM board.memory m WHERE m.tenant_id = p_tenant AND m.subject = p_customer) THEN
    RETURN jsonb_build_object('verdict', 'nothing', 'cases', 0);
  ELSIF EXISTS (SELECT FROM board.journal_sealed s, board.journal_head h
                WHERE s.position < h.position OR EXISTS (SELECT FROM board.unseen_events(h.snap))) THEN
    RETURN jsonb_build_object('verdict', 'unsealed', 'cases', cardinality(v_cases));
  END IF;
  INSERT INTO board.erasure (tenant_id, erasure_id, customer, token, cases, terms, reason, asked_by, position, started_at)
  SELECT p_tenant, v_id, p_customer, 'erased:' || v_id, v_cases, board.terms_of(p_tenant, p_customer, v_cases), p_reason, a.name,
         (SELECT f.position FROM board.journal_floor f), board.clock()
  FROM board.agent a WHERE a.tenant_id = p_tenant AND a.agent_id = p_agent;
  RETURN jsonb_build_object('verdict', 'begun', 'erasure_id', v_id, 'cases', cardinality(v_cases));
END
$$;

-- How far an erasure has come in the journal, how far that goes, and the cases that are left.
CREATE OR REPLACE FUNCTION board.show_erasure(p_tenant integer, p_erasure uuid, OUT "position" bigint, OUT head bigint, OUT cases uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT e.position, h.position, e.cases FROM board.erasure e, board.journal_head h
  WHERE e.tenant_id = p_tenant AND e.erasure_id = p_erasure;
END;

-- Promises that these members of events up to p_upto are the digests that stand for them in the sealed leaves: in the journal, in what
-- is left of the outbox, and in the read models. Locks the erasure.
CREATE OR REPLACE FUNCTION board.erase_events(
  p_tenant integer, p_erasure uuid, p_upto bigint, p_positions bigint[], p_bodies jsonb[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.erasure e SET position = p_upto WHERE e.tenant_id = p_tenant AND e.erasure_id = p_erasure AND e.position <= p_upto;
  IF NOT FOUND OR cardinality(p_positions) = 0 THEN
    RETURN;
  END IF;
  UPDATE board.journal j SET entries = ARRAY(
    SELECT ROW(e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor, e.body || coalesce(g.body, '{}'), e.at)::board.entry
    FROM unnest(j.entries) WITH ORDINALITY AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
    LEFT JOIN unnest(p_positions, p_bodies) AS g (position, body) ON g.position = j.position + e.nth - 1 ORDER BY e.nth)
  WHERE j.tenant_id = p_tenant AND EXISTS (
    SELECT FROM unnest(p_positions) AS p WHERE p BETWEEN j.position AND j.position + j.size - 1);
  UPDATE reading.decision d SET result = coalesce(g.body -> 'result', d.result)
  FROM unnest(p_positions, p_bodies) AS g (position, body) WHERE d.tenant_id = p_tenant AND d.position = g.position;
  UPDATE reading.effect f SET response = coalesce(g.body -> 'receipt', f.response)
  FROM unnest(p_positions, p_bodies) AS g (position, body) WHERE f.tenant_id = p_tenant AND f.position = g.position;
END
$$;

-- Promises that nothing of the person is left in the next cases of an erasure, at most p_limit, and tells of it. When none is left, the
-- erasure is done and forgets the name. Returns how many cases are left; NULL when it was done before. Locks the erasure, then cases.
CREATE OR REPLACE FUNCTION board.erase_cases(p_tenant integer, p_agent integer, p_erasure uuid, p_members text[], p_limit integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row board.erasure;
  v_cases uuid[];
BEGIN
  SELECT * INTO v_row FROM board.erasure e
  WHERE e.tenant_id = p_tenant AND e.erasure_id = p_erasure AND e.state = 'begun' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_cases := ARRAY(
    SELECT c.case_id FROM board.case c WHERE c.tenant_id = p_tenant AND c.case_id = ANY (v_row.cases[1:p_limit])
    ORDER BY c.case_id FOR NO KEY UPDATE);
  PERFORM board.erase_rows(p_tenant, v_cases, v_row.terms, v_row.token);
  PERFORM board.erase_outbox(p_tenant, v_cases, p_members);
  PERFORM board.erase_readings(p_tenant, v_cases, v_row);
  PERFORM board.erase_answers(p_tenant, v_cases, v_row);
  DELETE FROM board.case_salt s WHERE s.tenant_id = p_tenant AND s.case_id = ANY (v_cases);
  UPDATE board.erasure e SET cases = e.cases[p_limit + 1:] WHERE e.erasure_id = p_erasure;
  IF cardinality(v_row.cases) <= p_limit THEN
    DELETE FROM board.memory m WHERE m.tenant_id = p_tenant AND m.subject = v_row.customer;
    UPDATE board.erasure e SET state = 'done', finished_at = board.clock(), terms = '{}', customer = e.token WHERE e.erasure_id = p_erasure;
  END IF;
  PERFORM board.record_events(p_tenant, ARRAY[ROW('customer.erased', NULL, NULL, NULL, NULL, NULL, board.agent_name(p_tenant, p_agent),
    jsonb_build_object('erasure_id', p_erasure, 'cases', v_cases, 'left', greatest(cardinality(v_row.cases) - p_limit, 0),
                       'reason', v_row.reason), board.clock())::board.entry]);
  RETURN greatest(cardinality(v_row.cases) - p_limit, 0);
END
$$;

-- The rows of these cases. What was sent to the bank loses its bytes where they told of the person, and keeps their digest.
CREATE OR REPLACE FUNCTION board.erase_rows(p_tenant integer, p_cases uuid[], p_terms text[], p_token text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.task t SET decision = board.scrub(t.decision, p_terms, p_token), progress = board.scrub(t.progress, p_terms, p_token)
  WHERE t.tenant_id = p_tenant AND t.case_id = ANY (p_cases);
  UPDATE board.task_waiting w SET about = board.scrub(w.about, p_terms, p_token)
  WHERE w.tenant_id = p_tenant AND w.case_id = ANY (p_cases);
  UPDATE board.task_rejection r SET reason = board.scrub_text(r.reason, p_terms, p_token)
  FROM board.task t WHERE t.tenant_id = p_tenant AND t.case_id = ANY (p_cases) AND r.task_id = t.task_id;
  UPDATE board.fact f SET source = board.scrub_text(f.source, p_terms, p_token), judgement = board.scrub_text(f.judgement, p_terms, p_token),
    value = CASE WHEN coalesce(w.definition -> 'facts' -> f.key ->> 'class', 'personal') = 'personal' THEN to_jsonb(p_token)
                 ELSE board.scrub(f.value, p_terms, p_token) END
  FROM board.case c JOIN board.workflow w USING (workflow_id)
  WHERE f.tenant_id = p_tenant AND f.case_id = ANY (p_cases) AND c.case_id = f.case_id;
  UPDATE board.signal s SET body = board.scrub(s.body, p_terms, p_token) WHERE s.tenant_id = p_tenant AND s.case_id = ANY (p_cases);
  UPDATE board.opinion o SET said = board.scrub_text(o.said, p_terms, p_token), evidence = board.scrub_text(o.evidence::text, p_terms, p_token)::text[]
  WHERE o.tenant_id = p_tenant AND o.case_id = ANY (p_cases);
  UPDATE board.decision d SET dissent = board.scrub(d.dissent, p_terms, p_token), basis = board.scrub(d.basis, p_terms, p_token),
    evidence = board.scrub_text(d.evidence::text, p_terms, p_token)::text[]
  WHERE d.tenant_id = p_tenant AND d.case_id = ANY (p_cases);
  UPDATE board.action_evidence e SET receipt = board.scrub(e.receipt, p_terms, p_token), reason = board.scrub_text(e.reason, p_terms, p_token)
  FROM board.action a WHERE a.tenant_id = p_tenant AND a.case_id = ANY (p_cases) AND e.action_id = a.action_id;
  UPDATE board.action a SET payload = board.scrub(a.payload, p_terms, p_token), receipt = board.scrub(a.receipt, p_terms, p_token),
    body = CASE WHEN board.scrub(a.payload, p_terms, p_token) = a.payload THEN a.body END
  WHERE a.tenant_id = p_tenant AND a.case_id = ANY (p_cases);
  UPDATE board.case c SET payload = board.scrub(
      board.blank(c.payload, w.definition -> 'payload', p_token), p_terms, p_token),
    subject = p_token, business_key = board.scrub_text(c.business_key, p_terms, p_token),
    entities = ARRAY(SELECT board.scrub_text(e, p_terms, p_token) FROM unnest(c.entities) AS e)
  FROM board.workflow w WHERE c.tenant_id = p_tenant AND c.case_id = ANY (p_cases) AND w.workflow_id = c.workflow_id;
END
$$;

-- What is left of the outbox: its events have their positions, and nobody reads them there any more.
CREATE OR REPLACE FUNCTION board.erase_outbox(p_tenant integer, p_cases uuid[], p_members text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.event_in i SET entries = ARRAY(
    SELECT CASE WHEN e.case_id = ANY (p_cases) THEN ROW(e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor,
                  (SELECT coalesce(jsonb_object_agg(k, v), '{}') FROM jsonb_each(e.body) AS b (k, v)
                   WHERE e.type || ' ' || k <> ALL (p_members)), e.at)::board.entry
                ELSE ROW(e.type, e.case_id, e.task_id, e.workflow, e.stage, e.capability, e.actor, e.body, e.at)::board.entry END
    FROM unnest(i.entries) WITH ORDINALITY AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth) ORDER BY e.nth)
  WHERE i.tenant_id = p_tenant AND EXISTS (SELECT FROM unnest(i.entries) AS e WHERE e.case_id = ANY (p_cases));
END
$$;

-- The read models, as reading the journal once more would leave them.
CREATE OR REPLACE FUNCTION board.erase_readings(p_tenant integer, p_cases uuid[], p_row board.erasure) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM reading.session s USING reading.case r
  WHERE r.tenant_id = p_tenant AND r.case_id = ANY (p_cases) AND s.tenant_id = p_tenant AND s.session_id = r.session_id
    AND s.customer_id = r.customer_id;
  DELETE FROM reading.holding h USING reading.case r
  WHERE r.tenant_id = p_tenant AND r.case_id = ANY (p_cases) AND h.tenant_id = p_tenant AND h.client_id = r.client_id;
  DELETE FROM reading.client l USING reading.case r
  WHERE r.tenant_id = p_tenant AND r.case_id = ANY (p_cases) AND l.tenant_id = p_tenant AND l.client_id = r.client_id;
  UPDATE reading.effect f SET request = a.payload FROM board.action a
  WHERE f.tenant_id = p_tenant AND f.case_id = ANY (p_cases) AND a.action_id = f.action_id;
  UPDATE reading.case r SET payload = c.payload, known_as = coalesce(c.payload ->> 'task_id', c.case_id::text),
    session_id = coalesce(c.payload ->> 'session_id', 'case-' || c.number),
    customer_id = coalesce(c.payload ->> 'customer_id', c.subject, ''), client_id = c.payload ->> 'client_id',
    result = CASE WHEN r.result IS NOT NULL THEN (SELECT d.result FROM reading.decision d
      WHERE d.case_id = r.case_id AND d.edition = r.edition ORDER BY d.position DESC LIMIT 1) END
  FROM board.case c WHERE r.tenant_id = p_tenant AND r.case_id = ANY (p_cases) AND c.case_id = r.case_id;
END
$$;

-- What would be answered to a request that comes again: the same, without the person.
CREATE OR REPLACE FUNCTION board.erase_answers(p_tenant integer, p_cases uuid[], p_row board.erasure) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE board.idempotency i SET answer = board.scrub(i.answer, p_row.terms, p_row.token)
  WHERE i.tenant_id = p_tenant AND EXISTS (SELECT FROM unnest(p_row.terms) AS t WHERE strpos(i.answer::text, t) > 0);
  UPDATE board.dead_letter d SET error = board.scrub_text(d.error, p_row.terms, p_row.token) WHERE d.tenant_id = p_tenant;
END
$$;
