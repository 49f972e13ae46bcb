-- role: blackboard_system
-- From the journal into the tables that are read. What an event does not hold (a case's payload, the bytes of an action, where
-- a route leads) is looked up in the row that it names. Those rows are written once and never changed or deleted, so an event
-- means the same whenever it is read, and a rebuild comes to what was there before.
--
-- Lock order: progress → rebuild → the rows of an edition, which nobody else writes. No row of the schema board is locked.

-- Promises that the next events, at most p_limit, are in the shown editions, and that progress has moved past them in the same
-- transaction: a crash repeats a slice or does not, and never does half of it. Of two projectors the second waits and goes on
-- from where the first came to. Returns how many events were read. It looks before it locks, so that an idle board writes
-- nothing.
CREATE OR REPLACE FUNCTION board.project_events(p_limit integer DEFAULT 500) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_progress reading.progress;
  v_slice record;
  -- Days that nobody needed for reading may have been dropped (expired_partitions).
  v_floor bigint := (SELECT f.position FROM board.journal_floor f);
BEGIN
  IF (SELECT p.position >= h.position FROM reading.progress p, board.journal_head h) THEN
    RETURN 0;
  END IF;
  SELECT * INTO STRICT v_progress FROM reading.progress FOR UPDATE;
  INSERT INTO reading.shown (tenant_id, edition)
  SELECT t.tenant_id, 1 FROM board.tenant t WHERE NOT EXISTS (SELECT FROM reading.shown s WHERE s.tenant_id = t.tenant_id);
  SELECT * INTO v_slice
  FROM board.read_slice(NULL, NULL, greatest(v_progress.position, v_floor), 9223372036854775807, v_progress.recorded_on, p_limit);
  IF v_slice.last IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM board.apply_events(v_slice.events);
  UPDATE reading.progress SET position = v_slice.last, recorded_on = v_slice.day, projected_at = clock_timestamp();
  RETURN v_slice.size;
END
$$;

-- The events after a position, up to p_until and at most p_limit of them: those that mean something to the read models, for the
-- edition given or else the one that their tenant's readers see; and how far that comes.
CREATE OR REPLACE FUNCTION board.read_slice(
  p_tenant integer, p_edition integer, p_after bigint, p_until bigint, p_since date, p_limit integer,
  OUT events reading.event[], OUT last bigint, OUT day date, OUT size integer)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT array_agg(ROW(e.position, e.tenant_id, coalesce(p_edition, s.edition, 1), e.type, e.case_id, e.task_id, e.workflow,
                       e.stage, e.capability, e.actor, e.body, e.at)::reading.event ORDER BY e.position)
           FILTER (WHERE e.type = ANY ('{case.opened,case.moved,case.closed,case.suspended,case.resumed,task.decided,
                                         action.executed,action.failed,action.unknown}')),
         max(e.position), max(e.recorded_on), count(*)
  INTO events, last, day, size
  FROM board.read_journal(p_tenant, p_after, p_limit, p_since) AS e
  LEFT JOIN reading.shown s ON s.tenant_id = e.tenant_id
  WHERE e.position <= p_until;
END
$$;

-- Promises that these events are in their editions. Events that are there already change nothing.
CREATE OR REPLACE FUNCTION board.apply_events(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_events IS NULL THEN
    RETURN;
  END IF;
  PERFORM board.project_opened(p_events);
  PERFORM board.project_decisions(p_events);
  PERFORM board.project_effects(p_events);
  PERFORM board.project_changes(p_events);
  PERFORM board.project_sessions(p_events);
  PERFORM board.project_clients(p_events);
END
$$;

-- Whether people decide at a stage.
CREATE OR REPLACE FUNCTION board.awaits_person(p_workflow_id integer, p_stage text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM board.stage_task k WHERE k.workflow_id = p_workflow_id AND k.stage = p_stage
                 AND (k.review IS NOT NULL OR k.capability = 'review'));
END
$$;

-- The cases that were opened and have a number. Others are in no read model, and cost it one look at their event.
CREATE OR REPLACE FUNCTION board.project_opened(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO reading.case (tenant_id, edition, case_id, number, workflow_id, workflow, opened_by, payload, known_as,
                            session_id, customer_id, client_id, state, stage, awaits_person, position, opened_at)
  SELECT e.tenant_id, e.edition, e.case_id, c.number, c.workflow_id, e.workflow, e.actor, c.payload,
         coalesce(c.payload ->> 'task_id', c.case_id::text), coalesce(c.payload ->> 'session_id', 'case-' || c.number),
         coalesce(c.payload ->> 'customer_id', c.subject, ''), c.payload ->> 'client_id', 'active', e.stage,
         board.awaits_person(c.workflow_id, e.stage), e.position, e.at
  FROM unnest(p_events) AS e JOIN board.case c ON c.case_id = e.case_id
  WHERE e.type = 'case.opened' AND c.number IS NOT NULL
  ON CONFLICT (case_id, edition) DO NOTHING;
END
$$;

-- The decisions, with where their routes lead.
CREATE OR REPLACE FUNCTION board.project_decisions(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO reading.decision (tenant_id, edition, position, case_id, number, workflow, stage, task_id, decided_by, outcome,
                                reasons, result, confidence, policy, authorizes, case_outcome, at)
  SELECT e.tenant_id, e.edition, e.position, e.case_id, c.number, c.workflow, e.stage, e.task_id, e.actor, e.body ->> 'outcome',
         ARRAY(SELECT jsonb_array_elements_text(coalesce(nullif(e.body -> 'reasons', 'null'), '[]'))),
         nullif(e.body -> 'result', 'null'), (e.body ->> 'confidence')::double precision, e.body ->> 'policy',
         r.authorizes, r.case_outcome, e.at
  FROM unnest(p_events) AS e
  JOIN reading.case c ON c.case_id = e.case_id AND c.edition = e.edition
  LEFT JOIN board.route r ON r.workflow_id = c.workflow_id AND r.stage = e.stage AND r.outcome = e.body ->> 'outcome'
  WHERE e.type = 'task.decided'
  ON CONFLICT (position, edition) DO NOTHING;
END
$$;

-- What became of actions. The bytes that were sent are the action's own.
CREATE OR REPLACE FUNCTION board.project_effects(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO reading.effect (tenant_id, edition, position, case_id, number, workflow, action_id, kind, effect_key, attempt,
                              state, request, response, at)
  SELECT e.tenant_id, e.edition, e.position, e.case_id, c.number, c.workflow, a.action_id, a.kind, a.effect_key,
         (e.body ->> 'attempt')::integer, split_part(e.type, '.', 2), a.payload, nullif(e.body -> 'receipt', 'null'), e.at
  FROM unnest(p_events) AS e
  JOIN reading.case c ON c.case_id = e.case_id AND c.edition = e.edition
  JOIN board.action a ON a.action_id = (e.body ->> 'action_id')::uuid
  WHERE e.type LIKE 'action.%'
  ON CONFLICT (position, edition) DO NOTHING;
END
$$;

-- How the cases stand after these events: the last of them counts. A case that a stage ended has the result of its last
-- decision.
CREATE OR REPLACE FUNCTION board.project_changes(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE reading.case c
  SET state = e.body ->> 'state', stage = e.stage, awaits_person = board.awaits_person(c.workflow_id, e.stage),
      position = e.position, outcome = e.body ->> 'outcome', closed_at = CASE WHEN e.type = 'case.closed' THEN e.at END,
      result = CASE WHEN e.type = 'case.closed' AND e.body ? 'from_stage' THEN (
        SELECT d.result FROM reading.decision d
        WHERE d.case_id = c.case_id AND d.edition = c.edition AND d.position < e.position ORDER BY d.position DESC LIMIT 1) END
  FROM (
    SELECT DISTINCT ON (x.case_id, x.edition) x.* FROM unnest(p_events) AS x
    WHERE x.type LIKE 'case.%' AND x.type <> 'case.opened' ORDER BY x.case_id, x.edition, x.position DESC) e
  WHERE c.case_id = e.case_id AND c.edition = e.edition AND c.position < e.position;
END
$$;

-- What a case is about, in the words that the old tables have for it.
CREATE OR REPLACE FUNCTION board.intent_of(p_workflow text, p_payload jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_workflow WHEN 'transfer' THEN 'transfer_funds' WHEN 'support' THEN coalesce(p_payload ->> 'request', 'support')
       ELSE p_workflow END;

-- The sessions that cases name: who it was and what was asked last.
CREATE OR REPLACE FUNCTION board.project_sessions(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO reading.session (tenant_id, edition, session_id, customer_id, last_intent, updated_at)
  SELECT DISTINCT ON (e.tenant_id, e.edition, c.session_id) e.tenant_id, e.edition, c.session_id, c.customer_id,
         board.intent_of(c.workflow, c.payload), e.at
  FROM unnest(p_events) AS e JOIN reading.case c ON c.case_id = e.case_id AND c.edition = e.edition
  WHERE e.type IN ('case.opened', 'case.closed') AND c.payload ->> 'session_id' IS NOT NULL
  ORDER BY e.tenant_id, e.edition, c.session_id, e.position DESC
  ON CONFLICT (tenant_id, edition, session_id) DO UPDATE
  SET customer_id = excluded.customer_id, last_intent = excluded.last_intent, updated_at = excluded.updated_at;
END
$$;

-- Clients and what they hold, as the newest context tells that was fetched. A quantity that does not fit its column is left
-- out, since one odd answer must not stop everybody's reading.
CREATE OR REPLACE FUNCTION board.project_clients(p_events reading.event[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_fetched reading.case[];
BEGIN
  v_fetched := ARRAY(
    SELECT DISTINCT ON (c.tenant_id, c.edition, c.client_id) c
    FROM unnest(p_events) AS e
    JOIN reading.case c ON c.case_id = e.case_id AND c.edition = e.edition AND c.position = e.position
    WHERE e.type = 'case.closed' AND c.workflow = 'client_context' AND c.client_id IS NOT NULL
      AND jsonb_typeof(c.result -> 'client') = 'object'
    ORDER BY c.tenant_id, c.edition, c.client_id, e.position DESC);
  DELETE FROM reading.holding h USING unnest(v_fetched) AS f
  WHERE h.tenant_id = f.tenant_id AND h.edition = f.edition AND h.client_id = f.client_id;
  INSERT INTO reading.client (tenant_id, edition, client_id, name, risk_profile, instructions, position, fetched_at)
  SELECT f.tenant_id, f.edition, f.client_id, coalesce(f.result -> 'client' ->> 'name', ''),
         coalesce(f.result -> 'client' ->> 'risk_profile', ''), coalesce(f.result -> 'instructions', '[]'), f.position,
         f.closed_at
  FROM unnest(v_fetched) AS f
  ON CONFLICT (tenant_id, edition, client_id) DO UPDATE
  SET name = excluded.name, risk_profile = excluded.risk_profile, instructions = excluded.instructions,
      position = excluded.position, fetched_at = excluded.fetched_at;
  INSERT INTO reading.holding (tenant_id, edition, client_id, symbol, quantity)
  SELECT f.tenant_id, f.edition, f.client_id, p ->> 'symbol', sum((p ->> 'quantity')::numeric(18, 6))
  FROM unnest(v_fetched) AS f
  CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(f.result -> 'portfolio') WHEN 'array' THEN f.result -> 'portfolio'
                                          ELSE '[]' END) AS p
  WHERE p ->> 'symbol' IS NOT NULL AND p ->> 'quantity' ~ '^-?[0-9]{1,11}(\.[0-9]{1,6})?$'
  GROUP BY f.tenant_id, f.edition, f.client_id, p ->> 'symbol';
END
$$;

-- How far the read models are behind the journal: in positions, and for how long the first event that they lack has waited.
CREATE OR REPLACE FUNCTION board.measure_reading() RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_progress reading.progress;
  v_head bigint := (SELECT h.position FROM board.journal_head h);
  v_since timestamptz;
BEGIN
  SELECT * INTO STRICT v_progress FROM reading.progress;
  IF v_progress.position < v_head THEN
    SELECT j.entries[v_progress.position + 2 - j.position].at INTO v_since FROM board.journal j
    WHERE j.position <= v_progress.position + 1 AND j.recorded_on >= v_progress.recorded_on ORDER BY j.position DESC LIMIT 1;
  END IF;
  RETURN jsonb_build_object(
    'position', v_progress.position, 'behind', greatest(v_head - v_progress.position, 0),
    'behind_s', greatest(coalesce(extract(epoch FROM board.clock() - v_since), 0), 0),
    'rebuilding', (SELECT count(*) FROM reading.rebuild));
END
$$;
