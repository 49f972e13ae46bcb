--
-- PostgreSQL database dump
--

--
-- Name: audit; Type: SCHEMA; Schema: -; Owner: blackboard_owner
--

CREATE SCHEMA audit;

ALTER SCHEMA audit OWNER TO blackboard_owner;

--
-- Name: banking; Type: SCHEMA; Schema: -; Owner: blackboard_owner
--

CREATE SCHEMA banking;

ALTER SCHEMA banking OWNER TO blackboard_owner;

--
-- Name: board; Type: SCHEMA; Schema: -; Owner: blackboard_owner
--

CREATE SCHEMA board;

ALTER SCHEMA board OWNER TO blackboard_owner;

--
-- Name: reading; Type: SCHEMA; Schema: -; Owner: blackboard_owner
--

CREATE SCHEMA reading;

ALTER SCHEMA reading OWNER TO blackboard_owner;

--
-- Name: entry; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.entry AS (
	type text,
	case_id uuid,
	task_id uuid,
	workflow text,
	stage text,
	capability text,
	actor text,
	body jsonb,
	at timestamp with time zone
);

ALTER TYPE board.entry OWNER TO blackboard_owner;

--
-- Name: move; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.move AS (
	case_id uuid,
	workflow_id integer,
	stage text,
	outcome text,
	actor text
);

ALTER TYPE board.move OWNER TO blackboard_owner;

--
-- Name: step; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.step AS (
	case_id uuid,
	actor text,
	from_stage text,
	outcome text,
	rank smallint,
	is_over boolean,
	leaves_tasks boolean,
	open_tasks smallint,
	next_stage text,
	case_outcome text
);

ALTER TYPE board.step OWNER TO blackboard_owner;

--
-- Name: taken; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.taken AS (
	n integer,
	task_id uuid,
	case_id uuid,
	stage_task_id integer,
	workflow_id integer,
	workflow text,
	stage text,
	capability text,
	fence bigint,
	attempt integer,
	agent_id integer,
	actor text,
	case_version bigint,
	progress jsonb
);

ALTER TYPE board.taken OWNER TO blackboard_owner;

--
-- Name: way; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.way AS (
	workflow_id integer,
	stage text,
	outcome text,
	tasks smallint,
	join_on text,
	rank smallint,
	next_stage text,
	next_tasks smallint,
	case_outcome text
);

ALTER TYPE board.way OWNER TO blackboard_owner;

--
-- Name: event; Type: TYPE; Schema: reading; Owner: blackboard_owner
--

CREATE TYPE reading.event AS (
	"position" bigint,
	tenant_id integer,
	edition integer,
	type text,
	case_id uuid,
	task_id uuid,
	workflow text,
	stage text,
	capability text,
	actor text,
	body jsonb,
	at timestamp with time zone
);

ALTER TYPE reading.event OWNER TO blackboard_owner;

--
-- Name: actions_are_authorized(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.actions_are_authorized(p_tenant integer) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.actions_are_authorized(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: activate_policy(integer, integer, text, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.activate_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.activate_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) OWNER TO blackboard_owner;

--
-- Name: action; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.action (
    tenant_id integer NOT NULL,
    action_id uuid NOT NULL,
    case_id uuid NOT NULL,
    task_id uuid,
    kind text NOT NULL,
    effect_key text NOT NULL,
    payload jsonb NOT NULL,
    digest bytea NOT NULL,
    state text DEFAULT 'dispatching'::text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    receipt jsonb,
    created_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    ordinal smallint DEFAULT 1 NOT NULL,
    body bytea,
    proposed_by integer,
    undoes uuid,
    expires_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT action_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT action_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_-]{0,62}$'::text))
);

ALTER TABLE ONLY board.action FORCE ROW LEVEL SECURITY;

ALTER TABLE board.action OWNER TO blackboard_owner;

--
-- Name: add_action(integer, uuid, uuid, integer, text, jsonb, uuid, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.add_action(p_tenant integer, p_case uuid, p_task uuid, p_agent integer, p_kind text, p_payload jsonb, p_undoes uuid, p_state text, p_expires_at timestamp with time zone, p_now timestamp with time zone) RETURNS board.action
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.add_action(p_tenant integer, p_case uuid, p_task uuid, p_agent integer, p_kind text, p_payload jsonb, p_undoes uuid, p_state text, p_expires_at timestamp with time zone, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: add_agent(integer, text, text, text, text, text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.add_agent(p_tenant integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.add_agent(p_tenant integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) OWNER TO blackboard_owner;

--
-- Name: add_key(integer, integer, text, bytea); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.add_key(p_tenant integer, p_agent integer, p_key_id text, p_secret_hash bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.add_key(p_tenant integer, p_agent integer, p_key_id text, p_secret_hash bytea) OWNER TO blackboard_owner;

--
-- Name: add_tenant(text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.add_tenant(p_name text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.add_tenant(p_name text) OWNER TO blackboard_system;

--
-- Name: add_working_days(integer, text, timestamp with time zone[], timestamp with time zone[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.add_working_days(p_tenant integer, p_calendar text, p_opens timestamp with time zone[], p_closes timestamp with time zone[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.add_working_days(p_tenant integer, p_calendar text, p_opens timestamp with time zone[], p_closes timestamp with time zone[]) OWNER TO blackboard_system;

--
-- Name: review; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.review (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    owners text[] NOT NULL,
    excluded text[] NOT NULL,
    keeper integer,
    keeper_fence bigint,
    escalated smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    agent_id integer,
    outcome text,
    shown bytea,
    seen_s double precision,
    warnings text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT review_shown_check CHECK ((length(shown) = 32))
)
WITH (fillfactor='70');

ALTER TABLE ONLY board.review FORCE ROW LEVEL SECURITY;

ALTER TABLE board.review OWNER TO blackboard_owner;

--
-- Name: task; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    stage_task_id integer NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    priority smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    has_begun boolean NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    rescues integer DEFAULT 0 NOT NULL,
    outcome text,
    decision jsonb,
    decided_by text,
    progress jsonb,
    created_at timestamp with time zone NOT NULL,
    redriven_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT task_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (fillfactor='35', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE ONLY board.task FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task OWNER TO blackboard_owner;

--
-- Name: admit_reviewer(integer, integer, board.task, board.review, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.admit_reviewer(p_tenant integer, p_agent integer, p_task board.task, p_review board.review, p_now timestamp with time zone, OUT verdict text, OUT detail text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.admit_reviewer(p_tenant integer, p_agent integer, p_task board.task, p_review board.review, p_now timestamp with time zone, OUT verdict text, OUT detail text) OWNER TO blackboard_owner;

--
-- Name: admit_task(integer, integer, uuid, uuid, integer, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.admit_task(p_tenant integer, p_agent integer, p_task uuid, p_case uuid, p_stage_task integer, p_now timestamp with time zone, OUT reason text, OUT key text, OUT about jsonb) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.admit_task(p_tenant integer, p_agent integer, p_task uuid, p_case uuid, p_stage_task integer, p_now timestamp with time zone, OUT reason text, OUT key text, OUT about jsonb) OWNER TO blackboard_owner;

--
-- Name: advance_cases(integer, board.move[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.advance_cases(p_tenant integer, p_moves board.move[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.advance_cases(p_tenant integer, p_moves board.move[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: advance_webhook(integer, uuid, bigint, bigint, bigint, double precision); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.advance_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_to bigint, p_prev bigint, p_rest_s double precision) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.advance_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_to bigint, p_prev bigint, p_rest_s double precision) OWNER TO blackboard_owner;

--
-- Name: against_handing_on(integer, board.taken, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.against_handing_on(p_tenant integer, p_claim board.taken, p_to text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.against_handing_on(p_tenant integer, p_claim board.taken, p_to text) OWNER TO blackboard_owner;

--
-- Name: age_ready(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.age_ready(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.age_ready(p_limit integer) OWNER TO blackboard_system;

--
-- Name: agent_name(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.agent_name(p_tenant integer, p_agent integer) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.agent_name(p_tenant integer, p_agent integer) OWNER TO blackboard_owner;

--
-- Name: allowed_by_scope(text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.allowed_by_scope(p_part text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.allowed_by_scope(p_part text) OWNER TO blackboard_owner;

--
-- Name: answer_needs(integer, uuid, text[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.answer_needs(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.answer_needs(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: apply_events(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.apply_events(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.apply_events(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: approve_leave(integer, integer, uuid, uuid, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.approve_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) RETURNS TABLE(verdict text, leave jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.approve_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) OWNER TO blackboard_owner;

--
-- Name: ask_leave(integer, integer, uuid, text, text, text, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.ask_leave(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_duty text, p_reason text, p_minutes integer) RETURNS TABLE(verdict text, leave jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.ask_leave(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_duty text, p_reason text, p_minutes integer) OWNER TO blackboard_owner;

--
-- Name: ask_review(integer, integer, uuid, bigint, text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.ask_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_fact text, p_question text, p_to text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.ask_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_fact text, p_question text, p_to text) OWNER TO blackboard_owner;

--
-- Name: awaits_person(integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.awaits_person(p_workflow_id integer, p_stage text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.awaits_person(p_workflow_id integer, p_stage text) OWNER TO blackboard_system;

--
-- Name: backoff(numeric, numeric, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) RETURNS interval
    LANGUAGE sql
    RETURN make_interval(secs => (LEAST((p_max_s)::double precision, ((p_base_s)::double precision * ((2)::double precision ^ (LEAST((p_failures - 1), 30))::double precision))) * ((0.5)::double precision + (random() / (2)::double precision))));

ALTER FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) OWNER TO blackboard_owner;

--
-- Name: bars_review(integer, integer, board.review, bigint); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.bars_review(p_tenant integer, p_agent integer, v board.review, p_fence bigint) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.bars_review(p_tenant integer, p_agent integer, v board.review, p_fence bigint) OWNER TO blackboard_owner;

--
-- Name: begin_awaiting(integer, uuid[], text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.begin_awaiting(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.begin_awaiting(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: begin_erasure(integer, integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.begin_erasure(p_tenant integer, p_agent integer, p_customer text, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.begin_erasure(p_tenant integer, p_agent integer, p_customer text, p_reason text) OWNER TO blackboard_system;

--
-- Name: begin_rebuild(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.begin_rebuild(p_tenant integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.begin_rebuild(p_tenant integer) OWNER TO blackboard_system;

--
-- Name: begin_reviews(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.begin_reviews(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.begin_reviews(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: blank(jsonb, jsonb, text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.blank(p_document jsonb, p_schema jsonb, p_token text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.blank(p_document jsonb, p_schema jsonb, p_token text) OWNER TO blackboard_system;

--
-- Name: webhook; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.webhook (
    webhook_id uuid NOT NULL,
    tenant_id integer NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    filter jsonb NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_until timestamp with time zone,
    state text NOT NULL,
    "position" bigint NOT NULL,
    prev bigint NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    last_error text,
    next_try_at timestamp with time zone NOT NULL,
    agent_id integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT webhook_check CHECK (((old_secret IS NULL) = (old_until IS NULL))),
    CONSTRAINT webhook_name_check CHECK ((name ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT webhook_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text]))),
    CONSTRAINT webhook_url_check CHECK (((length(url) >= 1) AND (length(url) <= 2000)))
)
WITH (fillfactor='50');

ALTER TABLE ONLY board.webhook FORCE ROW LEVEL SECURITY;

ALTER TABLE board.webhook OWNER TO blackboard_owner;

--
-- Name: bury_event(board.webhook, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.bury_event(p_webhook board.webhook, p_failure jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.bury_event(p_webhook board.webhook, p_failure jsonb) OWNER TO blackboard_owner;

--
-- Name: bystander(text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.bystander(p_workflow text, p_stage text, p_actor text) RETURNS board.taken
    LANGUAGE sql IMMUTABLE
    RETURN ROW(NULL::integer, NULL::uuid, NULL::uuid, NULL::integer, NULL::integer, p_workflow, p_stage, NULL::text, NULL::bigint, NULL::integer, NULL::integer, p_actor, NULL::bigint, NULL::jsonb)::board.taken;

ALTER FUNCTION board.bystander(p_workflow text, p_stage text, p_actor text) OWNER TO blackboard_owner;

--
-- Name: cancel_cases(integer, integer, uuid[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) OWNER TO blackboard_owner;

--
-- Name: cancel_subcases(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.cancel_subcases(p_tenant integer, p_task uuid) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.cancel_subcases(p_tenant integer, p_task uuid) OWNER TO blackboard_system;

--
-- Name: canonical_json(jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.canonical_json(p_value jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.canonical_json(p_value jsonb) OWNER TO blackboard_owner;

--
-- Name: cases_in_flux(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.cases_in_flux() RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.cases_in_flux() OWNER TO blackboard_system;

--
-- Name: change_agent(integer, integer, text, jsonb, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.change_agent(p_tenant integer, p_agent integer, p_name text, p_changes jsonb, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.change_agent(p_tenant integer, p_agent integer, p_name text, p_changes jsonb, p_reason text) OWNER TO blackboard_owner;

--
-- Name: change_case_state(integer, uuid[], text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.change_case_state(p_tenant integer, p_cases uuid[], p_from text, p_to text) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.change_case_state(p_tenant integer, p_cases uuid[], p_from text, p_to text) OWNER TO blackboard_owner;

--
-- Name: check_actions(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_actions(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_actions bigint := (SELECT count(*) FROM board.action);
BEGIN
  RETURN QUERY SELECT 'I21', v_actions, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT DISTINCT a.action_id, a.effect_key, e.body ->> 'effect_key' AS told_key, e.body ->> 'digest' AS told_digest
    FROM board.recall_events('{action.recorded,action.repeated}') AS e
    JOIN board.action a ON a.action_id = (e.body ->> 'action_id')::uuid
    WHERE a.effect_key <> e.body ->> 'effect_key' OR encode(a.digest, 'hex') <> e.body ->> 'digest'
    UNION ALL
    SELECT a.action_id, a.effect_key, NULL, NULL FROM board.action a
    WHERE (SELECT count(*) FROM board.action o WHERE o.effect_key = a.effect_key) > 1 LIMIT p_limit) b);
  RETURN QUERY SELECT 'I23', (SELECT count(*) FROM board.action a WHERE a.state = 'failed'), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.effect_key, a.receipt FROM board.action a
    WHERE a.state = 'failed' AND (a.receipt IS NULL
      OR a.receipt ->> 'code' ~ '^(http-)?(5..|408|409|425|429)$|timeout|timed-out|reset|unavailable|unknown-outcome|key-running')
    LIMIT p_limit) b);
  RETURN QUERY
  WITH late AS (
    SELECT DISTINCT (e.body -> 'offered' ->> 'action_id')::uuid AS action_id, e.body -> 'offered' -> 'receipt' AS receipt
    FROM board.recall_events('{write.refused}') AS e
    WHERE e.body ->> 'verb' = 'settle' AND e.body -> 'offered' ->> 'state' = 'executed')
  SELECT 'I24', (SELECT count(*) FROM late), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.effect_key, l.receipt AS late FROM late l JOIN board.action a USING (action_id)
    WHERE a.state = 'failed' LIMIT p_limit) b);
  RETURN QUERY SELECT 'I26', (SELECT count(*) FROM board.action a WHERE a.payload ? 'amount'), (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT a.action_id, a.payload -> 'amount' AS amount FROM board.action a
    WHERE a.payload ? 'amount' AND (jsonb_typeof(a.payload -> 'amount') <> 'string'
      OR a.payload ->> 'amount' !~ '^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$' OR a.payload ->> 'amount' ~ '^0(\.00?)?$') LIMIT p_limit) b);
END
$_$;

ALTER FUNCTION board.check_actions(p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_authorizations(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_authorizations(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.check_authorizations(p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_books(text[], jsonb, text[], integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_books(p_executed text[], p_transfers jsonb, p_ordered text[], p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.check_books(p_executed text[], p_transfers jsonb, p_ordered text[], p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_duties(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_duties(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.check_duties(p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_keys(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_keys(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_keys bigint := (SELECT count(*) FROM board.idempotency);
BEGIN
  RETURN QUERY SELECT 'I12', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.agent_id, i.route, i.key, count(*) AS answers FROM board.idempotency i
    GROUP BY i.agent_id, i.route, i.key HAVING count(*) > 1 LIMIT p_limit) b);
  RETURN QUERY SELECT 'I13', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.agent_id, i.route, i.key, i.status FROM board.idempotency i
    WHERE i.status NOT BETWEEN 200 AND 499 OR i.status IN (409, 425, 429) LIMIT p_limit) b);
  RETURN QUERY SELECT 'I15', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.tenant_id, i.agent_id, i.route, i.key FROM board.idempotency i
    WHERE NOT EXISTS (SELECT FROM board.agent a WHERE a.agent_id = i.agent_id AND a.tenant_id = i.tenant_id)
    UNION ALL
    SELECT i.tenant_id, i.agent_id, i.route, i.key FROM board.idempotency i
    JOIN board.case c ON c.case_id = (i.answer ->> 'id')::uuid AND c.tenant_id <> i.tenant_id
    WHERE i.answer ->> 'id' ~ '^[0-9a-f-]{36}$' LIMIT p_limit) b);
  RETURN QUERY SELECT 'I16', v_keys, (SELECT jsonb_agg(to_jsonb(b)) FROM (
    SELECT i.agent_id, i.route, i.key, i.created_at FROM board.idempotency i
    WHERE i.status < 200 OR i.answer = 'null' LIMIT p_limit) b);
END
$_$;

ALTER FUNCTION board.check_keys(p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_panels(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_panels(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.check_panels(p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_reading(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_reading(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.check_reading(p_limit integer) OWNER TO blackboard_system;

--
-- Name: check_reviews(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.check_reviews(p_limit integer) RETURNS TABLE(invariant text, looked_at bigint, broken jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.check_reviews(p_limit integer) OWNER TO blackboard_system;

--
-- Name: claim_review(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.claim_review(p_tenant integer, p_agent integer, p_task uuid) RETURNS TABLE(verdict text, detail text, fence bigint, deadline_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.claim_review(p_tenant integer, p_agent integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: claim_tasks(integer, text[], integer[], uuid[], text[], integer[], integer[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.claim_tasks(p_tenant integer, p_capabilities text[], p_agents integer[], p_sessions uuid[], p_claim_ids text[], p_limits integer[], p_lease_s integer[]) RETURNS TABLE(n integer, task_id uuid, case_id uuid, workflow text, stage text, name text, capability text, fence bigint, attempt integer, lease_s integer, deadline_at timestamp with time zone, payload jsonb, subject text, business_key text, priority smallint, opened_at timestamp with time zone, history jsonb, progress jsonb, memory jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.claim_tasks(p_tenant integer, p_capabilities text[], p_agents integer[], p_sessions uuid[], p_claim_ids text[], p_limits integer[], p_lease_s integer[]) OWNER TO blackboard_owner;

--
-- Name: claims_are_restricted(integer, integer[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.claims_are_restricted(p_tenant integer, p_agents integer[]) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.claims_are_restricted(p_tenant integer, p_agents integer[]) OWNER TO blackboard_owner;

--
-- Name: clashing_duty(integer, uuid, integer, text, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.clashing_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid DEFAULT NULL::uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.clashing_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: clock(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.clock() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN now();

ALTER FUNCTION board.clock() OWNER TO blackboard_owner;

--
-- Name: task_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

CREATE SEQUENCE board.task_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE board.task_seq OWNER TO blackboard_owner;

--
-- Name: case; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board."case" (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    workflow_id integer NOT NULL,
    workflow text NOT NULL,
    business_key text,
    subject text,
    entities text[] DEFAULT '{}'::text[] NOT NULL,
    payload jsonb NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    stage text,
    visit integer DEFAULT 1 NOT NULL,
    open_tasks smallint NOT NULL,
    standing text,
    standing_rank smallint,
    outcome text,
    priority smallint DEFAULT 5 NOT NULL,
    due_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    parent_task uuid,
    watched boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    opened_by integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    number bigint,
    place bigint DEFAULT nextval('board.task_seq'::regclass),
    CONSTRAINT case_business_key_check CHECK (((length(business_key) >= 1) AND (length(business_key) <= 200))),
    CONSTRAINT case_check CHECK (((state = ANY (ARRAY['active'::text, 'suspended'::text])) = (closed_at IS NULL))),
    CONSTRAINT case_check1 CHECK (((state = ANY (ARRAY['active'::text, 'suspended'::text])) = (outcome IS NULL))),
    CONSTRAINT case_priority_check CHECK (((priority >= 0) AND (priority <= 9))),
    CONSTRAINT case_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'completed'::text, 'terminated'::text]))),
    CONSTRAINT case_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
)
WITH (fillfactor='45', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE ONLY board."case" FORCE ROW LEVEL SECURITY;

ALTER TABLE board."case" OWNER TO blackboard_owner;

--
-- Name: question; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.question (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    visit integer NOT NULL,
    stage text NOT NULL,
    task_id uuid NOT NULL,
    panel jsonb NOT NULL,
    seats smallint NOT NULL,
    answered smallint DEFAULT 0 NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT question_check CHECK (((state = 'open'::text) = (closed_at IS NULL))),
    CONSTRAINT question_seats_check CHECK ((seats > 0)),
    CONSTRAINT question_state_check CHECK ((state = ANY (ARRAY['open'::text, 'tallied'::text, 'lapsed'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY board.question FORCE ROW LEVEL SECURITY;

ALTER TABLE board.question OWNER TO blackboard_owner;

--
-- Name: close_question(integer, board."case", board.question, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.close_question(p_tenant integer, p_case board."case", p_question board.question, p_decision jsonb, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.close_question(p_tenant integer, p_case board."case", p_question board.question, p_decision jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: complete_tasks(integer, uuid[], text, jsonb, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.complete_tasks(p_tenant integer, p_tasks uuid[], p_outcome text, p_result jsonb, p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.complete_tasks(p_tenant integer, p_tasks uuid[], p_outcome text, p_result jsonb, p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: conclude(integer, text, text, board.taken[], integer[], uuid[], bigint[], jsonb[], board.entry[], timestamp with time zone, text[], text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.conclude(p_tenant integer, p_verb text, p_yes text, p_taken board.taken[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_told board.entry[], p_now timestamp with time zone, p_outcomes text[] DEFAULT '{}'::text[], p_unfit text[] DEFAULT NULL::text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.conclude(p_tenant integer, p_verb text, p_yes text, p_taken board.taken[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_told board.entry[], p_now timestamp with time zone, p_outcomes text[], p_unfit text[]) OWNER TO blackboard_owner;

--
-- Name: count_broken(timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.count_broken(p_since timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.count_broken(p_since timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: count_hours(integer, text, timestamp with time zone, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.count_hours(p_tenant integer, p_calendar text, p_after timestamp with time zone, p_seconds integer) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.count_hours(p_tenant integer, p_calendar text, p_after timestamp with time zone, p_seconds integer) OWNER TO blackboard_owner;

--
-- Name: count_ready(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.count_ready(p_queue integer, p_limit integer, OUT n bigint, OUT since timestamp with time zone) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.count_ready(p_queue integer, p_limit integer, OUT n bigint, OUT since timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: current_scope(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.current_scope() RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('board.scope'::text, true), ''::text))::jsonb;

ALTER FUNCTION board.current_scope() OWNER TO blackboard_owner;

--
-- Name: current_tenant(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.current_tenant() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('board.tenant'::text, true), ''::text))::integer;

ALTER FUNCTION board.current_tenant() OWNER TO blackboard_owner;

--
-- Name: session; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.session (
    tenant_id integer NOT NULL,
    session_id uuid NOT NULL,
    agent_id integer NOT NULL,
    about jsonb DEFAULT '{}'::jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    heartbeat_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
)
WITH (fillfactor='50');

ALTER TABLE ONLY board.session FORCE ROW LEVEL SECURITY;

ALTER TABLE board.session OWNER TO blackboard_owner;

--
-- Name: cut_leases(board.session[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.cut_leases(p_sessions board.session[], p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.cut_leases(p_sessions board.session[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: decide_tasks(integer, integer[], uuid[], bigint[], text[], jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.decide_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_decisions jsonb[]) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.decide_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_decisions jsonb[]) OWNER TO blackboard_owner;

--
-- Name: decisions_are_weighed(integer, text[], jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.decisions_are_weighed(p_tenant integer, p_outcomes text[], p_decisions jsonb[]) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.decisions_are_weighed(p_tenant integer, p_outcomes text[], p_decisions jsonb[]) OWNER TO blackboard_owner;

--
-- Name: declared_payload(integer, uuid, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.declared_payload(p_tenant integer, p_case uuid, p_kind text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.declared_payload(p_tenant integer, p_case uuid, p_kind text) OWNER TO blackboard_owner;

--
-- Name: delegate(integer, integer, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.delegate(p_tenant integer, p_agent integer, p_from text, p_to text, p_capability text, p_until timestamp with time zone, p_reason text) RETURNS TABLE(verdict text, delegation jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.delegate(p_tenant integer, p_agent integer, p_from text, p_to text, p_capability text, p_until timestamp with time zone, p_reason text) OWNER TO blackboard_owner;

--
-- Name: delegated_capabilities(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.delegated_capabilities(p_tenant integer, p_agent integer) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.delegated_capabilities(p_tenant integer, p_agent integer) OWNER TO blackboard_owner;

--
-- Name: demand_admin(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_admin(p_tenant integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_admin(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: demand_amounts(jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_amounts(p_payloads jsonb[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_scope jsonb := board.current_scope();
  v_beyond jsonb;
BEGIN
  IF v_scope ->> 'amount_max' IS NULL THEN
    RETURN;
  END IF;
  SELECT p INTO v_beyond FROM unnest(p_payloads) AS p
  WHERE (CASE WHEN p ->> 'amount' ~ '^[0-9]{1,24}(\.[0-9]{1,8})?$' THEN (p ->> 'amount')::numeric END
         <= (v_scope ->> 'amount_max')::numeric AND p ->> 'currency' = v_scope ->> 'currency') IS NOT TRUE LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'This key moves at most % % at a time, and this says % %', v_scope ->> 'amount_max', v_scope ->> 'currency',
      coalesce(left(v_beyond ->> 'amount', 40), 'no amount'), coalesce(left(v_beyond ->> 'currency', 3), 'and no currency')
      USING ERRCODE = 'BB405', DETAIL = 'amount_max';
  END IF;
END
$_$;

ALTER FUNCTION board.demand_amounts(p_payloads jsonb[]) OWNER TO blackboard_owner;

--
-- Name: demand_cases(integer, text, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_cases(p_tenant integer, p_verb text, p_cases uuid[] DEFAULT '{}'::uuid[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_cases(p_tenant integer, p_verb text, p_cases uuid[]) OWNER TO blackboard_owner;

--
-- Name: demand_claim(text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_claim(p_capabilities text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_claim(p_capabilities text[]) OWNER TO blackboard_owner;

--
-- Name: demand_narrower(jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_narrower(p_scope jsonb, p_expires_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_narrower(p_scope jsonb, p_expires_at timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: demand_opening(jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_opening(p_items jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_opening(p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: demand_scope(text, text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_scope(p_part text, p_wanted text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_scope(p_part text, p_wanted text[]) OWNER TO blackboard_owner;

--
-- Name: demand_tasks(integer, text, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_tasks(p_tenant integer, p_verb text, p_tasks uuid[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_tasks(p_tenant integer, p_verb text, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: demand_unscoped(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.demand_unscoped() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.demand_unscoped() OWNER TO blackboard_owner;

--
-- Name: derived_keys(integer, uuid, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.derived_keys(p_tenant integer, p_case uuid, p_ref text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.derived_keys(p_tenant integer, p_case uuid, p_ref text) OWNER TO blackboard_owner;

--
-- Name: describe_action(board.action); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_action(a board.action) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.describe_action(a board.action) OWNER TO blackboard_owner;

--
-- Name: authorization; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board."authorization" (
    tenant_id integer NOT NULL,
    authorization_id uuid NOT NULL,
    action_id uuid NOT NULL,
    case_id uuid NOT NULL,
    task_id uuid,
    digest bytea NOT NULL,
    granted_by text NOT NULL,
    policy text,
    policy_version integer,
    read_set text[] DEFAULT '{}'::text[] NOT NULL,
    state text DEFAULT 'granted'::text NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    spent_at timestamp with time zone,
    spent_by text,
    CONSTRAINT authorization_check CHECK (((state = 'spent'::text) = (spent_at IS NOT NULL))),
    CONSTRAINT authorization_check1 CHECK (((policy IS NULL) = (policy_version IS NULL))),
    CONSTRAINT authorization_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT authorization_state_check CHECK ((state = ANY (ARRAY['granted'::text, 'spent'::text, 'voided'::text, 'expired'::text])))
);

ALTER TABLE ONLY board."authorization" FORCE ROW LEVEL SECURITY;

ALTER TABLE board."authorization" OWNER TO blackboard_owner;

--
-- Name: describe_authorization(board."authorization"); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_authorization(z board."authorization") RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (z).authorization_id, 'state', (z).state, 'granted_by', (z).granted_by, 'task_id', (z).task_id, 'policy', (((z).policy || '@'::text) || (z).policy_version), 'reads', (z).read_set, 'granted_at', (z).granted_at, 'expires_at', (z).expires_at, 'spent_at', (z).spent_at, 'spent_by', (z).spent_by);

ALTER FUNCTION board.describe_authorization(z board."authorization") OWNER TO blackboard_owner;

--
-- Name: agent; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.agent (
    agent_id integer NOT NULL,
    tenant_id integer NOT NULL,
    name text NOT NULL,
    owner text NOT NULL,
    kind text NOT NULL,
    role text NOT NULL,
    capabilities text[] DEFAULT '{}'::text[] NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT agent_kind_check CHECK ((kind = ANY (ARRAY['agent'::text, 'service'::text, 'human'::text]))),
    CONSTRAINT agent_name_check CHECK ((name ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT agent_owner_check CHECK (((length(owner) >= 1) AND (length(owner) <= 200))),
    CONSTRAINT agent_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'requester'::text, 'agent'::text, 'reviewer'::text, 'auditor'::text]))),
    CONSTRAINT agent_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'retired'::text])))
);

ALTER TABLE ONLY board.agent FORCE ROW LEVEL SECURITY;

ALTER TABLE board.agent OWNER TO blackboard_owner;

--
-- Name: workflow; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.workflow (
    workflow_id integer NOT NULL,
    tenant_id integer NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    first_stage text NOT NULL,
    definition jsonb NOT NULL,
    digest bytea NOT NULL,
    loaded_at timestamp with time zone DEFAULT now() NOT NULL,
    has_duties boolean DEFAULT false NOT NULL,
    is_numbered boolean DEFAULT false NOT NULL,
    CONSTRAINT workflow_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY board.workflow FORCE ROW LEVEL SECURITY;

ALTER TABLE board.workflow OWNER TO blackboard_owner;

--
-- Name: describe_case(board."case"); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_case(c board."case") RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (c).case_id, 'workflow', (c).workflow, 'workflow_version', (SELECT w.version FROM board.workflow w WHERE (w.workflow_id = (describe_case.c).workflow_id)), 'version', (c).version, 'state', (c).state, 'stage', (c).stage, 'outcome', (c).outcome, 'business_key', (c).business_key, 'subject', (c).subject, 'entities', (c).entities, 'payload', (c).payload, 'priority', (c).priority, 'due_at', NULLIF((c).due_at, 'infinity'::timestamp with time zone), 'opened_by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_case.c).opened_by)), 'opened_at', (c).opened_at, 'closed_at', (c).closed_at, 'number', (c).number);

ALTER FUNCTION board.describe_case(c board."case") OWNER TO blackboard_owner;

--
-- Name: decision; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.decision (
    tenant_id integer NOT NULL,
    decision_id uuid NOT NULL,
    case_id uuid NOT NULL,
    stage text NOT NULL,
    visit integer NOT NULL,
    task_id uuid NOT NULL,
    kind text NOT NULL,
    question text,
    outcome text NOT NULL,
    reasons text[] NOT NULL,
    score double precision,
    confidence double precision,
    evidence text[] NOT NULL,
    read_set text[] NOT NULL,
    policy text,
    policy_version integer,
    dissent jsonb DEFAULT '[]'::jsonb NOT NULL,
    basis jsonb,
    decided_by text NOT NULL,
    agent_id integer,
    at timestamp with time zone NOT NULL,
    CONSTRAINT decision_check CHECK (((policy IS NULL) = (policy_version IS NULL))),
    CONSTRAINT decision_check1 CHECK (((kind = 'single'::text) = (basis IS NULL))),
    CONSTRAINT decision_check2 CHECK (((kind <> 'lapsed'::text) OR (outcome = ANY (ARRAY['refer'::text, 'reject'::text])))),
    CONSTRAINT decision_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT decision_kind_check CHECK ((kind = ANY (ARRAY['single'::text, 'tallied'::text, 'lapsed'::text]))),
    CONSTRAINT decision_reasons_check CHECK ((cardinality(reasons) > 0))
);

ALTER TABLE ONLY board.decision FORCE ROW LEVEL SECURITY;

ALTER TABLE board.decision OWNER TO blackboard_owner;

--
-- Name: describe_decision(board.decision); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_decision(d board.decision) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (d).decision_id, 'stage', (d).stage, 'visit', (d).visit, 'task_id', (d).task_id, 'kind', (d).kind, 'question', (d).question, 'outcome', (d).outcome, 'reasons', (d).reasons, 'score', (d).score, 'confidence', (d).confidence, 'evidence', (d).evidence, 'reads', (d).read_set, 'policy', (((d).policy || '@'::text) || (d).policy_version), 'dissent', (d).dissent, 'basis', (d).basis, 'by', (d).decided_by, 'at', (d).at);

ALTER FUNCTION board.describe_decision(d board.decision) OWNER TO blackboard_owner;

--
-- Name: delegation; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.delegation (
    delegation_id uuid NOT NULL,
    tenant_id integer NOT NULL,
    from_agent integer NOT NULL,
    from_owner text NOT NULL,
    to_agent integer NOT NULL,
    to_owner text NOT NULL,
    capability text,
    reason text NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT delegation_check CHECK ((from_agent <> to_agent)),
    CONSTRAINT delegation_check1 CHECK ((until > since))
);

ALTER TABLE ONLY board.delegation FORCE ROW LEVEL SECURITY;

ALTER TABLE board.delegation OWNER TO blackboard_owner;

--
-- Name: describe_delegation(board.delegation); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_delegation(d board.delegation) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.describe_delegation(d board.delegation) OWNER TO blackboard_owner;

--
-- Name: action_evidence; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.action_evidence (
    tenant_id integer NOT NULL,
    evidence_id uuid NOT NULL,
    action_id uuid NOT NULL,
    agent_id integer NOT NULL,
    task_id uuid NOT NULL,
    fence bigint NOT NULL,
    state text NOT NULL,
    receipt jsonb,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT action_evidence_state_check CHECK ((state = ANY (ARRAY['executed'::text, 'failed'::text, 'unknown'::text])))
);

ALTER TABLE ONLY board.action_evidence FORCE ROW LEVEL SECURITY;

ALTER TABLE board.action_evidence OWNER TO blackboard_owner;

--
-- Name: describe_evidence(board.action_evidence); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_evidence(e board.action_evidence) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_evidence.e).agent_id)), 'fence', (e).fence, 'state', (e).state, 'receipt', (e).receipt, 'reason', (e).reason, 'at', (e).at);

ALTER FUNCTION board.describe_evidence(e board.action_evidence) OWNER TO blackboard_owner;

--
-- Name: fact; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.fact (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    value jsonb NOT NULL,
    confidence double precision,
    source text,
    agent_id integer NOT NULL,
    task_id uuid,
    fence bigint,
    case_version bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text DEFAULT 'current'::text NOT NULL,
    inputs text[] DEFAULT '{}'::text[] NOT NULL,
    source_class text DEFAULT 'agent'::text NOT NULL,
    trust smallint DEFAULT 2 NOT NULL,
    tool text,
    model text,
    prompt_digest text,
    valid_from timestamp with time zone,
    valid_until timestamp with time zone,
    withdraws integer,
    state text DEFAULT 'asserted'::text NOT NULL,
    judged_by integer,
    judged_at timestamp with time zone,
    judgement text,
    CONSTRAINT fact_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT fact_key_check CHECK ((key ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT fact_source_check CHECK ((length(source) <= 200)),
    CONSTRAINT fact_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY board.fact FORCE ROW LEVEL SECURITY;

ALTER TABLE board.fact OWNER TO blackboard_owner;

--
-- Name: describe_fact(board.fact); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_fact(f board.fact) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('version', (f).version, 'value', (f).value, 'kind', (f).kind, 'state', (f).state, 'trust', (f).trust, 'source_class', (f).source_class, 'source', (f).source, 'tool', (f).tool, 'model', (f).model, 'prompt_digest', (f).prompt_digest, 'inputs', (f).inputs, 'confidence', (f).confidence, 'valid_from', (f).valid_from, 'valid_until', (f).valid_until, 'fence', (f).fence, 'at', (f).at, 'by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_fact.f).agent_id)), 'judged_by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_fact.f).judged_by)), 'judged_at', (f).judged_at, 'judgement', (f).judgement);

ALTER FUNCTION board.describe_fact(f board.fact) OWNER TO blackboard_owner;

--
-- Name: read_fact(board.fact); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.read_fact(f board.fact, OUT value jsonb, OUT state text, OUT trust smallint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_fact(f board.fact, OUT value jsonb, OUT state text, OUT trust smallint) OWNER TO blackboard_owner;

--
-- Name: known_facts(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.known_facts(p_tenant integer, p_case uuid) RETURNS TABLE(fact board.fact, value jsonb, state text, trust smallint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT n.fact,
     r.value,
     r.state,
     r.trust
    FROM (( SELECT DISTINCT ON (f.key) f.*::board.fact AS fact
            FROM board.fact f
           WHERE ((f.tenant_id = known_facts.p_tenant) AND (f.case_id = known_facts.p_case))
           ORDER BY f.key, f.version DESC) n
      CROSS JOIN LATERAL ( SELECT (n.fact).value AS value,
             (n.fact).state AS state,
             (n.fact).trust AS trust
           WHERE (((n.fact).kind = 'current'::text) AND ((n.fact).state = 'asserted'::text) AND ((n.fact).inputs = '{}'::text[]))
         UNION ALL
          SELECT x.value,
             x.state,
             x.trust
            FROM board.read_fact(n.fact) x(value, state, trust)
           WHERE (NOT (((n.fact).kind = 'current'::text) AND ((n.fact).state = 'asserted'::text) AND ((n.fact).inputs = '{}'::text[])))) r);
END;

ALTER FUNCTION board.known_facts(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: describe_facts(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_facts(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (SELECT COALESCE(jsonb_object_agg((k.fact).key, (board.describe_fact(k.fact) || jsonb_build_object('value', k.value, 'state', k.state, 'trust', k.trust))), '{}'::jsonb) AS "coalesce" FROM board.known_facts(describe_facts.p_tenant, describe_facts.p_case) k(fact, value, state, trust) WHERE (k.state <> 'retracted'::text));

ALTER FUNCTION board.describe_facts(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: hold; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.hold (
    tenant_id integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    reason text NOT NULL,
    agent_id integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT hold_kind_check CHECK ((kind = ANY (ARRAY['tenant'::text, 'workflow'::text, 'capability'::text, 'entity'::text])))
);

ALTER TABLE ONLY board.hold FORCE ROW LEVEL SECURITY;

ALTER TABLE board.hold OWNER TO blackboard_owner;

--
-- Name: describe_hold(board.hold); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_hold(h board.hold) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('kind', (h).kind, 'name', (h).name, 'reason', (h).reason, 'since', (h).since, 'by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_hold.h).agent_id)));

ALTER FUNCTION board.describe_hold(h board.hold) OWNER TO blackboard_owner;

--
-- Name: api_key; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.api_key (
    key_id text NOT NULL,
    tenant_id integer NOT NULL,
    agent_id integer NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    verbs text[],
    workflows text[],
    capabilities text[],
    amount_max numeric,
    currency text,
    not_before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    note text,
    created_by text,
    follows text,
    last_used_at timestamp with time zone,
    issuer text,
    subject text,
    certificate bytea,
    CONSTRAINT api_key_key_id_check CHECK ((key_id ~ '^[a-z0-9]{12}$'::text)),
    CONSTRAINT api_key_secret_hash_check CHECK ((length(secret_hash) = 32))
);

ALTER TABLE ONLY board.api_key FORCE ROW LEVEL SECURITY;

ALTER TABLE board.api_key OWNER TO blackboard_owner;

--
-- Name: describe_key(board.api_key); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_key(k board.api_key) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (SELECT jsonb_build_object('id', (describe_key.k).key_id, 'agent', a.name, 'role', a.role, 'verbs', (describe_key.k).verbs, 'workflows', (describe_key.k).workflows, 'capabilities', (describe_key.k).capabilities, 'amount_max', ((describe_key.k).amount_max)::text, 'currency', (describe_key.k).currency, 'not_before', NULLIF((describe_key.k).not_before, '-infinity'::timestamp with time zone), 'expires_at', NULLIF((describe_key.k).expires_at, 'infinity'::timestamp with time zone), 'revoked_at', NULLIF((describe_key.k).revoked_at, 'infinity'::timestamp with time zone), 'created_at', (describe_key.k).created_at, 'created_by', (describe_key.k).created_by, 'issuer', (describe_key.k).issuer, 'subject', (describe_key.k).subject, 'certificate', encode((describe_key.k).certificate, 'hex'::text), 'note', (describe_key.k).note, 'follows', (describe_key.k).follows, 'last_used_at', (describe_key.k).last_used_at, 'state', CASE WHEN ((describe_key.k).revoked_at <= board.clock()) THEN 'revoked'::text WHEN ((describe_key.k).expires_at <= board.clock()) THEN 'expired'::text WHEN ((describe_key.k).not_before > board.clock()) THEN 'pending'::text ELSE 'active'::text END) AS jsonb_build_object FROM board.agent a WHERE (a.agent_id = (describe_key.k).agent_id));

ALTER FUNCTION board.describe_key(k board.api_key) OWNER TO blackboard_owner;

--
-- Name: break_glass; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.break_glass (
    break_id uuid NOT NULL,
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    agent_id integer NOT NULL,
    owner text NOT NULL,
    duty text NOT NULL,
    despite text NOT NULL,
    reason text NOT NULL,
    minutes integer NOT NULL,
    asked_by integer NOT NULL,
    asked_owner text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    approved_by integer,
    approved_owner text,
    approved_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    spent_at timestamp with time zone,
    spent_on uuid,
    CONSTRAINT break_glass_check CHECK ((duty <> despite)),
    CONSTRAINT break_glass_check1 CHECK ((NOT ((duty = ANY (ARRAY['checker'::text, 'executor'::text])) AND (despite = ANY (ARRAY['checker'::text, 'executor'::text]))))),
    CONSTRAINT break_glass_check2 CHECK ((num_nonnulls(approved_by, approved_owner, approved_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT break_glass_check3 CHECK (((approved_by <> asked_by) AND (approved_by <> agent_id))),
    CONSTRAINT break_glass_check4 CHECK (((approved_owner <> asked_owner) AND (approved_owner <> owner))),
    CONSTRAINT break_glass_check5 CHECK (((spent_at IS NULL) OR (approved_at IS NOT NULL))),
    CONSTRAINT break_glass_despite_check CHECK ((despite = ANY (ARRAY['maker'::text, 'delegator'::text, 'opinion'::text, 'checker'::text, 'executor'::text]))),
    CONSTRAINT break_glass_duty_check CHECK ((duty = ANY (ARRAY['maker'::text, 'delegator'::text, 'opinion'::text, 'checker'::text, 'executor'::text]))),
    CONSTRAINT break_glass_minutes_check CHECK (((minutes >= 1) AND (minutes <= 60)))
);

ALTER TABLE ONLY board.break_glass FORCE ROW LEVEL SECURITY;

ALTER TABLE board.break_glass OWNER TO blackboard_owner;

--
-- Name: describe_leave(board.break_glass); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_leave(b board.break_glass) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.describe_leave(b board.break_glass) OWNER TO blackboard_owner;

--
-- Name: unfit_reads(integer, uuid, text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.unfit_reads(p_tenant integer, p_case uuid, p_reads text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.unfit_reads(p_tenant integer, p_case uuid, p_reads text[]) OWNER TO blackboard_owner;

--
-- Name: opinion; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.opinion (
    tenant_id integer NOT NULL,
    opinion_id uuid NOT NULL,
    case_id uuid NOT NULL,
    visit integer NOT NULL,
    task_id uuid NOT NULL,
    seat text NOT NULL,
    capability text NOT NULL,
    fence bigint NOT NULL,
    agent_id integer NOT NULL,
    owner text NOT NULL,
    revision smallint NOT NULL,
    state text DEFAULT 'sealed'::text NOT NULL,
    verdict text NOT NULL,
    score double precision,
    confidence double precision,
    reasons text[] NOT NULL,
    evidence text[] NOT NULL,
    read_set text[] NOT NULL,
    said text NOT NULL,
    salt bytea NOT NULL,
    digest bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT opinion_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT opinion_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT opinion_reasons_check CHECK ((cardinality(reasons) > 0)),
    CONSTRAINT opinion_revision_check CHECK ((revision > 0)),
    CONSTRAINT opinion_salt_check CHECK ((length(salt) = 32)),
    CONSTRAINT opinion_score_check CHECK (((score >= ('-1000000000000'::numeric)::double precision) AND (score <= ('1000000000000'::numeric)::double precision))),
    CONSTRAINT opinion_state_check CHECK ((state = ANY (ARRAY['sealed'::text, 'superseded'::text, 'revealed'::text]))),
    CONSTRAINT opinion_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text, 'refer'::text, 'abstain'::text])))
);

ALTER TABLE ONLY board.opinion FORCE ROW LEVEL SECURITY;

ALTER TABLE board.opinion OWNER TO blackboard_owner;

--
-- Name: describe_opinion(board.opinion); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_opinion(o board.opinion) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (((o).said)::jsonb || jsonb_build_object('seat', (o).seat, 'capability', (o).capability, 'owner', (o).owner, 'by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_opinion.o).agent_id)), 'salt', encode((o).salt, 'hex'::text), 'digest', encode((o).digest, 'hex'::text), 'at', (o).at, 'outdated', board.unfit_reads((o).tenant_id, (o).case_id, (o).read_set)));

ALTER FUNCTION board.describe_opinion(o board.opinion) OWNER TO blackboard_owner;

--
-- Name: policy; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.policy (
    tenant_id integer NOT NULL,
    policy_id integer NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    body jsonb NOT NULL,
    digest bytea NOT NULL,
    author integer NOT NULL,
    author_owner text NOT NULL,
    activator integer,
    activator_owner text,
    drafted_at timestamp with time zone NOT NULL,
    activated_at timestamp with time zone,
    retired_at timestamp with time zone,
    CONSTRAINT policy_body_check CHECK ((jsonb_typeof(body) = 'object'::text)),
    CONSTRAINT policy_check CHECK ((activator_owner <> author_owner)),
    CONSTRAINT policy_check1 CHECK ((((activator IS NULL) = (activated_at IS NULL)) AND ((activator IS NULL) = (activator_owner IS NULL)))),
    CONSTRAINT policy_check2 CHECK (((state <> 'active'::text) OR (activated_at IS NOT NULL))),
    CONSTRAINT policy_check3 CHECK (((state = 'retired'::text) = (retired_at IS NOT NULL))),
    CONSTRAINT policy_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT policy_name_check CHECK ((name ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT policy_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'active'::text, 'retired'::text]))),
    CONSTRAINT policy_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY board.policy FORCE ROW LEVEL SECURITY;

ALTER TABLE board.policy OWNER TO blackboard_owner;

--
-- Name: describe_policy(board.policy); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_policy(p_policy board.policy) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.describe_policy(p_policy board.policy) OWNER TO blackboard_owner;

--
-- Name: describe_question(board.question); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_question(q board.question) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('stage', (q).stage, 'visit', (q).visit, 'question', ((q).panel ->> 'question'::text), 'state', (q).state, 'seats', (q).seats, 'answered', (q).answered, 'opened_at', (q).opened_at, 'deadline_at', (q).deadline_at, 'closed_at', (q).closed_at, 'opinions', (SELECT COALESCE(jsonb_agg((board.describe_opinion(o.*) - '{salt,digest,outdated}'::text[]) ORDER BY o.at, o.opinion_id), '[]'::jsonb) AS "coalesce" FROM board.opinion o WHERE ((o.case_id = (describe_question.q).case_id) AND (o.visit = (describe_question.q).visit) AND (o.state = 'revealed'::text))));

ALTER FUNCTION board.describe_question(q board.question) OWNER TO blackboard_owner;

--
-- Name: task_lease; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_lease (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    stage_task_id integer NOT NULL,
    fence bigint NOT NULL,
    attempt integer NOT NULL,
    agent_id integer NOT NULL,
    session_id uuid,
    claim_id text,
    lease_s integer NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    case_version bigint NOT NULL,
    progress jsonb,
    heard boolean DEFAULT false NOT NULL,
    CONSTRAINT task_lease_lease_s_check CHECK (((lease_s >= 1) AND (lease_s <= 86400)))
)
WITH (fillfactor='60', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.05');

ALTER TABLE ONLY board.task_lease FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task_lease OWNER TO blackboard_owner;

--
-- Name: task_scheduled; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_scheduled (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    ready_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY board.task_scheduled FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task_scheduled OWNER TO blackboard_owner;

--
-- Name: task_waiting; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_waiting (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    reason text NOT NULL,
    key text DEFAULT ''::text NOT NULL,
    about jsonb DEFAULT '{}'::jsonb NOT NULL,
    since timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.task_waiting FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task_waiting OWNER TO blackboard_owner;

--
-- Name: task_place(board.task); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.task_place(t board.task) RETURNS text
    LANGUAGE sql STABLE
    RETURN CASE WHEN ((t).state <> 'open'::text) THEN (t).state WHEN (EXISTS (SELECT FROM board.task_lease l WHERE ((l.tenant_id = (task_place.t).tenant_id) AND (l.task_id = (task_place.t).task_id)))) THEN 'claimed'::text WHEN (EXISTS (SELECT FROM board.task_waiting w WHERE ((w.tenant_id = (task_place.t).tenant_id) AND (w.task_id = (task_place.t).task_id)))) THEN 'waiting'::text WHEN (EXISTS (SELECT FROM board.task_scheduled s WHERE ((s.tenant_id = (task_place.t).tenant_id) AND (s.task_id = (task_place.t).task_id)))) THEN 'scheduled'::text ELSE 'ready'::text END;

ALTER FUNCTION board.task_place(t board.task) OWNER TO blackboard_owner;

--
-- Name: route; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.route (
    workflow_id integer NOT NULL,
    tenant_id integer NOT NULL,
    stage text NOT NULL,
    outcome text NOT NULL,
    rank smallint NOT NULL,
    decisive boolean DEFAULT false NOT NULL,
    next_stage text,
    case_outcome text,
    authorizes text,
    CONSTRAINT route_check CHECK ((num_nonnulls(next_stage, case_outcome) = 1))
);

ALTER TABLE ONLY board.route FORCE ROW LEVEL SECURITY;

ALTER TABLE board.route OWNER TO blackboard_owner;

--
-- Name: stage_task; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.stage_task (
    stage_task_id integer NOT NULL,
    tenant_id integer NOT NULL,
    workflow_id integer NOT NULL,
    workflow text NOT NULL,
    stage text NOT NULL,
    name text NOT NULL,
    capability text NOT NULL,
    queue_id integer NOT NULL,
    lease_s integer NOT NULL,
    attempt_max_s integer,
    total_max_s integer,
    max_attempts integer NOT NULL,
    max_rescues integer NOT NULL,
    backoff_s numeric NOT NULL,
    backoff_max_s numeric NOT NULL,
    due_in_s integer,
    ageing_s integer,
    result_schema jsonb,
    awaits text,
    awaited jsonb,
    is_seat boolean DEFAULT false NOT NULL,
    duty text,
    review jsonb,
    CONSTRAINT stage_task_ageing_s_check CHECK ((ageing_s > 0)),
    CONSTRAINT stage_task_attempt_max_s_check CHECK ((attempt_max_s > 0)),
    CONSTRAINT stage_task_backoff_max_s_check CHECK (((backoff_max_s >= (0)::numeric) AND (backoff_max_s <= (604800)::numeric))),
    CONSTRAINT stage_task_backoff_s_check CHECK (((backoff_s >= (0)::numeric) AND (backoff_s <= (86400)::numeric))),
    CONSTRAINT stage_task_check CHECK (((awaits IS NULL) = (awaited IS NULL))),
    CONSTRAINT stage_task_due_in_s_check CHECK ((due_in_s > 0)),
    CONSTRAINT stage_task_lease_s_check CHECK (((lease_s >= 1) AND (lease_s <= 86400))),
    CONSTRAINT stage_task_max_attempts_check CHECK (((max_attempts >= 1) AND (max_attempts <= 100))),
    CONSTRAINT stage_task_max_rescues_check CHECK (((max_rescues >= 1) AND (max_rescues <= 100))),
    CONSTRAINT stage_task_total_max_s_check CHECK ((total_max_s > 0))
);

ALTER TABLE ONLY board.stage_task FORCE ROW LEVEL SECURITY;

ALTER TABLE board.stage_task OWNER TO blackboard_owner;

--
-- Name: describe_review(board.review, integer, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_review(v board.review, p_agent integer, p_now timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (SELECT jsonb_build_object('task_id', (describe_review.v).task_id, 'case_id', (describe_review.v).case_id, 'workflow', k.workflow, 'stage', k.stage, 'subject', c.subject, 'state', board.task_place(t.*), 'priority', t.priority, 'owners', (describe_review.v).owners, 'excluded', (describe_review.v).excluded, 'escalated', (describe_review.v).escalated, 'escalate_to', (k.review -> 'escalate_to'::text), 'opened_at', (describe_review.v).opened_at, 'due_at', NULLIF((describe_review.v).due_at, 'infinity'::timestamp with time zone), 'is_overdue', (((describe_review.v).ended_at IS NULL) AND ((describe_review.v).due_at <= describe_review.p_now)), 'holder', h.name, 'deadline_at', l.deadline_at, 'fence', CASE WHEN (l.agent_id = describe_review.p_agent) THEN l.fence ELSE NULL::bigint END, 'barred_by', board.bars_review((describe_review.v).tenant_id, describe_review.p_agent, describe_review.v, t.fence), 'question', (SELECT (w.about || jsonb_build_object('needs', w.key)) FROM board.task_waiting w WHERE ((w.tenant_id = (describe_review.v).tenant_id) AND (w.task_id = (describe_review.v).task_id) AND (w.reason = 'input'::text)) LIMIT 1), 'outcomes', (SELECT jsonb_agg(r.outcome ORDER BY r.rank) AS jsonb_agg FROM board.route r WHERE ((r.workflow_id = k.workflow_id) AND (r.stage = k.stage) AND (r.outcome <> ALL (ARRAY['exhausted'::text, 'timeout'::text, 'timed_out'::text])))), 'outcome', (describe_review.v).outcome, 'ended_at', (describe_review.v).ended_at, 'warnings', (describe_review.v).warnings) AS jsonb_build_object FROM ((((board.task t JOIN board.stage_task k USING (stage_task_id)) JOIN board."case" c ON ((c.case_id = t.case_id))) LEFT JOIN board.task_lease l ON (((l.tenant_id = (describe_review.v).tenant_id) AND (l.task_id = (describe_review.v).task_id)))) LEFT JOIN board.agent h ON ((h.agent_id = l.agent_id))) WHERE ((t.tenant_id = (describe_review.v).tenant_id) AND (t.task_id = (describe_review.v).task_id)));

ALTER FUNCTION board.describe_review(v board.review, p_agent integer, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: describe_scope(board.api_key); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_scope(k board.api_key) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (num_nonnulls((k).verbs, (k).workflows, (k).capabilities, (k).amount_max) > 0) THEN jsonb_build_object('verbs', (k).verbs, 'workflows', (k).workflows, 'capabilities', (k).capabilities, 'amount_max', ((k).amount_max)::text, 'currency', (k).currency) ELSE NULL::jsonb END;

ALTER FUNCTION board.describe_scope(k board.api_key) OWNER TO blackboard_owner;

--
-- Name: describe_task(board.task); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_task(t board.task) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (SELECT jsonb_build_object('id', (describe_task.t).task_id, 'case_id', (describe_task.t).case_id, 'workflow', k.workflow, 'stage', k.stage, 'name', k.name, 'capability', k.capability, 'state', board.task_place(describe_task.t), 'is_review', (k.review IS NOT NULL), 'due_at', (SELECT NULLIF(r.due_at, 'infinity'::timestamp with time zone) AS "nullif" FROM board.review r WHERE ((r.tenant_id = (describe_task.t).tenant_id) AND (r.task_id = (describe_task.t).task_id))), 'priority', (describe_task.t).priority, 'fence', COALESCE(l.fence, (describe_task.t).fence), 'attempt', (((describe_task.t).failures + (describe_task.t).rescues) + 1), 'failures', (describe_task.t).failures, 'rescues', (describe_task.t).rescues, 'created_at', (describe_task.t).created_at, 'finished_at', (describe_task.t).finished_at, 'decision', ((describe_task.t).decision || jsonb_build_object('by', (describe_task.t).decided_by)), 'progress', COALESCE(l.progress, (describe_task.t).progress), 'ready_at', (SELECT s.ready_at FROM board.task_scheduled s WHERE ((s.tenant_id = (describe_task.t).tenant_id) AND (s.task_id = (describe_task.t).task_id))), 'waits_for', (SELECT COALESCE(jsonb_agg(jsonb_build_object('reason', w.reason, 'key', w.key, 'about', w.about, 'since', w.since) ORDER BY w.since), '[]'::jsonb) AS "coalesce" FROM board.task_waiting w WHERE ((w.tenant_id = (describe_task.t).tenant_id) AND (w.task_id = (describe_task.t).task_id))), 'holder', CASE WHEN (l.task_id IS NOT NULL) THEN jsonb_build_object('agent', a.name, 'session_id', l.session_id, 'granted_at', l.granted_at, 'deadline_at', l.deadline_at) ELSE NULL::jsonb END) AS jsonb_build_object FROM ((board.stage_task k LEFT JOIN board.task_lease l ON (((l.tenant_id = (describe_task.t).tenant_id) AND (l.task_id = (describe_task.t).task_id)))) LEFT JOIN board.agent a ON ((a.agent_id = l.agent_id))) WHERE (k.stage_task_id = (describe_task.t).stage_task_id));

ALTER FUNCTION board.describe_task(t board.task) OWNER TO blackboard_owner;

--
-- Name: describe_ticket(board.action); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_ticket(a board.action) RETURNS TABLE(action_id uuid, effect_key text, digest text, state text, attempts integer, receipt jsonb)
    LANGUAGE sql IMMUTABLE
    BEGIN ATOMIC
 SELECT (a).action_id AS action_id,
     (a).effect_key AS effect_key,
     encode((a).digest, 'hex'::text) AS encode,
     (a).state AS state,
     (a).attempts AS attempts,
     (a).receipt AS receipt;
END;

ALTER FUNCTION board.describe_ticket(a board.action) OWNER TO blackboard_owner;

--
-- Name: disable_webhook(integer, uuid, bigint, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.disable_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_error text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.disable_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_error text) OWNER TO blackboard_owner;

--
-- Name: drop_limit(integer, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.drop_limit(p_tenant integer, p_agent integer, p_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.drop_limit(p_tenant integer, p_agent integer, p_name text) OWNER TO blackboard_owner;

--
-- Name: drop_quota(integer, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.drop_quota(p_tenant integer, p_agent integer, p_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.drop_quota(p_tenant integer, p_agent integer, p_name text) OWNER TO blackboard_owner;

--
-- Name: drop_rebuild(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.drop_rebuild(p_tenant integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.drop_rebuild(p_tenant integer) OWNER TO blackboard_system;

--
-- Name: drop_schedule(integer, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.drop_schedule(p_tenant integer, p_agent integer, p_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.drop_schedule(p_tenant integer, p_agent integer, p_name text) OWNER TO blackboard_owner;

--
-- Name: drop_webhook(integer, integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.drop_webhook(p_tenant integer, p_agent integer, p_name text, p_reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.drop_webhook(p_tenant integer, p_agent integer, p_name text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: due_questions(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.due_questions(p_limit integer) RETURNS TABLE(tenant_id integer, case_id uuid, visit integer, version bigint, stage text, panel jsonb, is_late boolean, payload jsonb, seats jsonb, opinions jsonb, facts jsonb, policy jsonb, opinion_ids uuid[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.due_questions(p_limit integer) OWNER TO blackboard_system;

--
-- Name: due_schedules(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.due_schedules(p_limit integer) RETURNS TABLE(tenant_id integer, name text, cron text, zone text, next_at timestamp with time zone, at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.due_schedules(p_limit integer) OWNER TO blackboard_system;

--
-- Name: due_webhooks(uuid[], integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.due_webhooks(p_busy uuid[], p_limit integer) RETURNS TABLE(tenant_id integer, id uuid, name text, url text, filter jsonb, secrets text[], "position" bigint, prev bigint, failures integer, dead_position bigint, dead_prev bigint, epoch integer, head bigint, floor bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.due_webhooks(p_busy uuid[], p_limit integer) OWNER TO blackboard_system;

--
-- Name: end_authorization(integer, board.taken, board.action, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.end_authorization(p_tenant integer, p_claim board.taken, p_action board.action, p_reason text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_authorization(p_tenant integer, p_claim board.taken, p_action board.action, p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: end_delegation(integer, integer, uuid, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.end_delegation(p_tenant integer, p_agent integer, p_delegation uuid, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_delegation(p_tenant integer, p_agent integer, p_delegation uuid, p_reason text) OWNER TO blackboard_owner;

--
-- Name: end_leases(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.end_leases(p_tenant integer, p_tasks uuid[]) RETURNS SETOF board.task_lease
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_leases(p_tenant integer, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: end_reviews(integer, board.taken[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.end_reviews(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_reviews(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: end_session(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) OWNER TO blackboard_owner;

--
-- Name: end_silent_sessions(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.end_silent_sessions(p_silent_s integer, p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_silent_sessions(p_silent_s integer, p_limit integer) OWNER TO blackboard_system;

--
-- Name: enforce_holds(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.enforce_holds() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.enforce_holds() OWNER TO blackboard_system;

--
-- Name: enter_later(integer, uuid[], uuid[], jsonb, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.enter_later(p_tenant integer, p_gated uuid[], p_ids uuid[], p_items jsonb, p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.enter_later(p_tenant integer, p_gated uuid[], p_ids uuid[], p_items jsonb, p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: enter_scope(integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.enter_scope(p_tenant integer, p_key_id text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.enter_scope(p_tenant integer, p_key_id text) OWNER TO blackboard_owner;

--
-- Name: enter_stages(integer, uuid[], text, timestamp with time zone, boolean); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.enter_stages(p_tenant integer, p_cases uuid[], p_actor text, p_now timestamp with time zone, p_gated boolean DEFAULT false) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.enter_stages(p_tenant integer, p_cases uuid[], p_actor text, p_now timestamp with time zone, p_gated boolean) OWNER TO blackboard_owner;

--
-- Name: enter_tenant(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.enter_tenant(p_tenant integer) RETURNS void
    LANGUAGE sql
    RETURN (set_config('board.tenant'::text, (p_tenant)::text, true))::void;

ALTER FUNCTION board.enter_tenant(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: erasure; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.erasure (
    tenant_id integer NOT NULL,
    erasure_id uuid NOT NULL,
    customer text NOT NULL,
    token text NOT NULL,
    cases uuid[] NOT NULL,
    terms text[] DEFAULT '{}'::text[] NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    state text DEFAULT 'begun'::text NOT NULL,
    reason text NOT NULL,
    asked_by text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT erasure_check CHECK (((state = 'done'::text) = (finished_at IS NOT NULL))),
    CONSTRAINT erasure_state_check CHECK ((state = ANY (ARRAY['begun'::text, 'done'::text])))
);

ALTER TABLE ONLY board.erasure FORCE ROW LEVEL SECURITY;

ALTER TABLE board.erasure OWNER TO blackboard_owner;

--
-- Name: erase_answers(integer, uuid[], board.erasure); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.erase_answers(p_tenant integer, p_cases uuid[], p_row board.erasure) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.erase_answers(p_tenant integer, p_cases uuid[], p_row board.erasure) OWNER TO blackboard_system;

--
-- Name: erase_cases(integer, integer, uuid, text[], integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.erase_cases(p_tenant integer, p_agent integer, p_erasure uuid, p_members text[], p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.erase_cases(p_tenant integer, p_agent integer, p_erasure uuid, p_members text[], p_limit integer) OWNER TO blackboard_system;

--
-- Name: erase_events(integer, uuid, bigint, bigint[], jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.erase_events(p_tenant integer, p_erasure uuid, p_upto bigint, p_positions bigint[], p_bodies jsonb[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.erase_events(p_tenant integer, p_erasure uuid, p_upto bigint, p_positions bigint[], p_bodies jsonb[]) OWNER TO blackboard_system;

--
-- Name: erase_outbox(integer, uuid[], text[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.erase_outbox(p_tenant integer, p_cases uuid[], p_members text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.erase_outbox(p_tenant integer, p_cases uuid[], p_members text[]) OWNER TO blackboard_system;

--
-- Name: erase_readings(integer, uuid[], board.erasure); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.erase_readings(p_tenant integer, p_cases uuid[], p_row board.erasure) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.erase_readings(p_tenant integer, p_cases uuid[], p_row board.erasure) OWNER TO blackboard_system;

--
-- Name: erase_rows(integer, uuid[], text[], text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.erase_rows(p_tenant integer, p_cases uuid[], p_terms text[], p_token text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.erase_rows(p_tenant integer, p_cases uuid[], p_terms text[], p_token text) OWNER TO blackboard_system;

--
-- Name: escalate_review(integer, integer, uuid, bigint, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.escalate_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.escalate_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_reason text) OWNER TO blackboard_owner;

--
-- Name: timer; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.timer (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    visit integer NOT NULL,
    kind text NOT NULL,
    priority smallint,
    fires_at timestamp with time zone NOT NULL,
    CONSTRAINT timer_kind_check CHECK ((kind = ANY (ARRAY['start'::text, 'timeout'::text, 'escalation'::text])))
);

ALTER TABLE ONLY board.timer FORCE ROW LEVEL SECURITY;

ALTER TABLE board.timer OWNER TO blackboard_owner;

--
-- Name: escalate_tasks(integer, board.timer[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.escalate_tasks(p_tenant integer, p_due board.timer[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.escalate_tasks(p_tenant integer, p_due board.timer[], p_now timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: journal; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal (
    "position" bigint NOT NULL,
    size integer NOT NULL,
    recorded_on date NOT NULL,
    tenant_id integer NOT NULL,
    entries board.entry[] NOT NULL
)
PARTITION BY RANGE (recorded_on);
ALTER TABLE ONLY board.journal ALTER COLUMN entries SET STORAGE EXTERNAL;

ALTER TABLE ONLY board.journal FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal OWNER TO blackboard_owner;

--
-- Name: events_of_cases(integer, uuid[], bigint, bigint); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.events_of_cases(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint) RETURNS TABLE("position" bigint, type text, case_id uuid, body text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT ((j."position" + e.nth) - 1),
     e.type,
     e.case_id,
     (e.body)::text AS body
    FROM (board.journal j
      CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY e(type, case_id, task_id, workflow, stage, capability, actor, body, at, nth))
   WHERE ((j."position" > (events_of_cases.p_after - 10000)) AND (j."position" <= events_of_cases.p_upto) AND (j.tenant_id = events_of_cases.p_tenant) AND (e.case_id = ANY (events_of_cases.p_cases)) AND (((j."position" + e.nth) - 1) > events_of_cases.p_after) AND (((j."position" + e.nth) - 1) <= events_of_cases.p_upto))
   ORDER BY ((j."position" + e.nth) - 1);
END;

ALTER FUNCTION board.events_of_cases(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint) OWNER TO blackboard_system;

--
-- Name: examine_server(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.examine_server() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.examine_server() OWNER TO blackboard_system;

--
-- Name: expire_leases(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.expire_leases(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.expire_leases(p_limit integer) OWNER TO blackboard_system;

--
-- Name: expire_proposals(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.expire_proposals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.expire_proposals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: expired_partitions(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.expired_partitions(p_keep_days integer, p_limit integer) RETURNS TABLE(partition regclass, last_position bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.expired_partitions(p_keep_days integer, p_limit integer) OWNER TO blackboard_system;

--
-- Name: explain_clash(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.explain_clash(p_tenant integer, p_agent integer, p_task uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.explain_clash(p_tenant integer, p_agent integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: explain_task(integer, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.explain_task(p_tenant integer, p_task uuid, p_alive_s integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.explain_task(p_tenant integer, p_task uuid, p_alive_s integer) OWNER TO blackboard_owner;

--
-- Name: fail_tasks(integer, integer[], uuid[], bigint[], text[], boolean[], double precision[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.fail_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_retryable boolean[], p_delays_s double precision[]) RETURNS TABLE(verdict text, retry_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.fail_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_retryable boolean[], p_delays_s double precision[]) OWNER TO blackboard_owner;

--
-- Name: fail_webhook(integer, uuid, jsonb, integer, double precision); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.fail_webhook(p_tenant integer, p_webhook uuid, p_failure jsonb, p_attempts integer, p_backoff_s double precision) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.fail_webhook(p_tenant integer, p_webhook uuid, p_failure jsonb, p_attempts integer, p_backoff_s double precision) OWNER TO blackboard_owner;

--
-- Name: find_bound(bigint); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.find_bound(p_until bigint DEFAULT NULL::bigint) RETURNS TABLE(epoch integer, "position" bigint, until bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_bound(p_until bigint) OWNER TO blackboard_system;

--
-- Name: find_case(integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_case(p_tenant integer, p_workflow text, p_business_key text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_case(p_tenant integer, p_workflow text, p_business_key text) OWNER TO blackboard_owner;

--
-- Name: find_claims(integer, integer[], uuid[], bigint[], text[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone) RETURNS board.taken[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: duty; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.duty (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    owner text NOT NULL,
    duty text NOT NULL,
    agent_id integer NOT NULL,
    task_id uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT duty_duty_check CHECK ((duty = ANY (ARRAY['maker'::text, 'delegator'::text, 'opinion'::text, 'checker'::text, 'executor'::text])))
);

ALTER TABLE ONLY board.duty FORCE ROW LEVEL SECURITY;

ALTER TABLE board.duty OWNER TO blackboard_owner;

--
-- Name: find_clash(integer, uuid, integer, text, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_clash(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid DEFAULT NULL::uuid) RETURNS board.duty
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_clash(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: find_closed_keys(text[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.find_closed_keys(p_keys text[]) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_closed_keys(p_keys text[]) OWNER TO blackboard_system;

--
-- Name: find_in_flight(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_in_flight(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_in_flight(p_tenant integer, p_cases uuid[]) OWNER TO blackboard_owner;

--
-- Name: find_leave(integer, uuid, integer, text, text, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_leave(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_despite text, p_task uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_leave(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_despite text, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: find_number(integer, bigint); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_number(p_tenant integer, p_number bigint) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_number(p_tenant integer, p_number bigint) OWNER TO blackboard_owner;

--
-- Name: find_opening(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_opening(p_tenant integer, p_cases uuid[]) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_opening(p_tenant integer, p_cases uuid[]) OWNER TO blackboard_owner;

--
-- Name: find_position(timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.find_position(p_before timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_position(p_before timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: find_ways(board.move[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.find_ways(p_moves board.move[]) RETURNS board.way[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.find_ways(p_moves board.move[]) OWNER TO blackboard_owner;

--
-- Name: fire_timers(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.fire_timers(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.fire_timers(p_limit integer) OWNER TO blackboard_system;

--
-- Name: fitting_tasks(integer, text, timestamp with time zone, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.fitting_tasks(p_tenant integer, p_key text, p_now timestamp with time zone, p_limit integer) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.fitting_tasks(p_tenant integer, p_key text, p_now timestamp with time zone, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: follow_steps(integer, board.step[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.follow_steps(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.follow_steps(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: forget_answer(integer, integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) OWNER TO blackboard_owner;

--
-- Name: forget_editions(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.forget_editions(p_tenant integer, p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_table text;
  v_rows integer;
  v_gone integer := 0;
BEGIN
  IF NOT EXISTS (SELECT FROM reading.shown s WHERE s.tenant_id = p_tenant) THEN
    RETURN 0;
  END IF;
  FOREACH v_table IN ARRAY '{effect,decision,case,session,holding,client}'::text[] LOOP
    EXECUTE format(
      'DELETE FROM reading.%I t WHERE t.ctid = ANY (ARRAY(
         SELECT o.ctid FROM reading.%1$I o WHERE o.tenant_id = $1
           AND o.edition NOT IN (SELECT s.edition FROM reading.shown s WHERE s.tenant_id = $1
                                 UNION ALL SELECT r.edition FROM reading.rebuild r WHERE r.tenant_id = $1) LIMIT $2))', v_table)
    USING p_tenant, p_limit;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_gone := v_gone + v_rows;
  END LOOP;
  RETURN v_gone;
END
$_$;

ALTER FUNCTION board.forget_editions(p_tenant integer, p_limit integer) OWNER TO blackboard_system;

--
-- Name: forget_idle_buckets(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.forget_idle_buckets(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_idle_buckets(p_limit integer) OWNER TO blackboard_system;

--
-- Name: forget_idle_callers(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.forget_idle_callers(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_idle_callers(p_limit integer) OWNER TO blackboard_system;

--
-- Name: forget_old_answers(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.forget_old_answers(p_keep_days integer, p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_old_answers(p_keep_days integer, p_limit integer) OWNER TO blackboard_system;

--
-- Name: forget_old_outflow(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.forget_old_outflow(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_old_outflow(p_limit integer) OWNER TO blackboard_system;

--
-- Name: forget_old_sessions(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.forget_old_sessions(p_keep_days integer, p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_old_sessions(p_keep_days integer, p_limit integer) OWNER TO blackboard_system;

--
-- Name: forward_review(integer, integer, uuid, bigint, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.forward_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_to text, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.forward_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_to text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: freeze_leases(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.freeze_leases(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.freeze_leases(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: gather_history(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.gather_history(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.gather_history(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: give_back(integer, text, text, integer[], uuid[], bigint[], text[], text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.give_back(p_tenant integer, p_verb text, p_yes text, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.give_back(p_tenant integer, p_verb text, p_yes text, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) OWNER TO blackboard_owner;

--
-- Name: give_fields(jsonb, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.give_fields(p_payload jsonb, p_given jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (p_given IS NULL) THEN p_payload ELSE (SELECT COALESCE(jsonb_object_agg(g.key, (give_fields.p_payload -> g.value)), '{}'::jsonb) AS "coalesce" FROM jsonb_each_text(give_fields.p_given) g(key, value) WHERE (give_fields.p_payload ? g.value)) END;

ALTER FUNCTION board.give_fields(p_payload jsonb, p_given jsonb) OWNER TO blackboard_system;

--
-- Name: give_opinion(integer, integer, uuid, bigint, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.give_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.give_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text) OWNER TO blackboard_owner;

--
-- Name: grant_authorizations(integer, board.step[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.grant_authorizations(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.grant_authorizations(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: grounds(integer, uuid, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.grounds(p_tenant integer, p_case uuid, p_stage text, p_outcome text, OUT task_id uuid, OUT read_set text[], OUT policy text, OUT policy_version integer) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.grounds(p_tenant integer, p_case uuid, p_stage text, p_outcome text, OUT task_id uuid, OUT read_set text[], OUT policy text, OUT policy_version integer) OWNER TO blackboard_owner;

--
-- Name: guard_duty(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.guard_duty() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.guard_duty() OWNER TO blackboard_owner;

--
-- Name: guard_reading(bigint, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.guard_reading(p_after bigint, p_epoch integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.guard_reading(p_after bigint, p_epoch integer) OWNER TO blackboard_system;

--
-- Name: hand_on_review(integer, integer, uuid, bigint, text, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.hand_on_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_done text, p_against text, p_told jsonb, p_now timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.hand_on_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_done text, p_against text, p_told jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: has_canonical_form(jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.has_canonical_form(p_value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((NOT jsonb_path_exists(p_value, '$.**?(@.type() == "number" && (@.floor() != @ || @.abs() > 9007199254740991))'::jsonpath)) AND (NOT jsonb_path_exists(p_value, '$.**?(@.type() == "object").keyvalue()."key"?(!(@ like_regex "^[ -~]*$"))'::jsonpath)));

ALTER FUNCTION board.has_canonical_form(p_value jsonb) OWNER TO blackboard_owner;

--
-- Name: has_members(jsonb, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.has_members(p_value jsonb, p_schema jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT ((jsonb_typeof(p_value) = 'object'::text) AND (NOT (p_schema ? 'x-class'::text)) AND (jsonb_typeof((p_schema -> 'properties'::text)) = 'object'::text));
END;

ALTER FUNCTION board.has_members(p_value jsonb, p_schema jsonb) OWNER TO blackboard_system;

--
-- Name: has_spoken(integer, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.has_spoken(p_tenant integer, p_case uuid, p_agent integer) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.has_spoken(p_tenant integer, p_case uuid, p_agent integer) OWNER TO blackboard_owner;

--
-- Name: hear_holder(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.hear_holder(p_tenant integer, p_task uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.hear_holder(p_tenant integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: heartbeat_sessions(integer, integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) OWNER TO blackboard_owner;

--
-- Name: heartbeat_tasks(integer, integer[], uuid[], bigint[], integer[], jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.heartbeat_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_lease_s integer[], p_progress jsonb[]) RETURNS TABLE(verdict text, deadline_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.heartbeat_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_lease_s integer[], p_progress jsonb[]) OWNER TO blackboard_owner;

--
-- Name: hold_policy(integer, text, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.hold_policy(p_tenant integer, p_name text, p_version integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.hold_policy(p_tenant integer, p_name text, p_version integer) OWNER TO blackboard_owner;

--
-- Name: hold_tasks(integer, uuid, text[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.hold_tasks(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.hold_tasks(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: insist_on_disk(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.insist_on_disk() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.insist_on_disk() OWNER TO blackboard_owner;

--
-- Name: intent_of(text, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.intent_of(p_workflow text, p_payload jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE p_workflow WHEN 'transfer'::text THEN 'transfer_funds'::text WHEN 'support'::text THEN COALESCE((p_payload ->> 'request'::text), 'support'::text) ELSE p_workflow END;

ALTER FUNCTION board.intent_of(p_workflow text, p_payload jsonb) OWNER TO blackboard_system;

--
-- Name: is_admin(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.is_admin(p_tenant integer, p_agent integer) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.is_admin(p_tenant integer, p_agent integer) OWNER TO blackboard_owner;

--
-- Name: is_doubtful(board.fact); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.is_doubtful(f board.fact) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.is_doubtful(f board.fact) OWNER TO blackboard_owner;

--
-- Name: is_of_type(jsonb, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.is_of_type(p_value jsonb, p_type text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (p_type IS NULL) THEN true WHEN ((p_type = 'integer'::text) AND (jsonb_typeof(p_value) = 'number'::text)) THEN ((((p_value #>> '{}'::text[]))::numeric % (1)::numeric) = (0)::numeric) ELSE (jsonb_typeof(p_value) = p_type) END;

ALTER FUNCTION board.is_of_type(p_value jsonb, p_type text) OWNER TO blackboard_owner;

--
-- Name: is_reasoned(text, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.is_reasoned(p_outcome text, p_reasons jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN ((COALESCE(jsonb_array_length(p_reasons), 0) > 0) AND ((p_outcome IS DISTINCT FROM 'reject'::text) OR (NOT (p_reasons <@ '["reject", "rejected", "other", "policy", "declined", "score"]'::jsonb))));

ALTER FUNCTION board.is_reasoned(p_outcome text, p_reasons jsonb) OWNER TO blackboard_owner;

--
-- Name: is_seat(board.taken); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.is_seat(p_claim board.taken) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.is_seat(p_claim board.taken) OWNER TO blackboard_owner;

--
-- Name: issue_key(integer, integer, text, text, bytea, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.issue_key(p_tenant integer, p_agent integer, p_name text, p_key_id text, p_secret_hash bytea, p_scope jsonb) RETURNS TABLE(verdict text, told jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.issue_key(p_tenant integer, p_agent integer, p_name text, p_key_id text, p_secret_hash bytea, p_scope jsonb) OWNER TO blackboard_owner;

--
-- Name: issue_ticket(integer, text, bytea, jsonb, double precision); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.issue_ticket(p_tenant integer, p_key_id text, p_hash bytea, p_filters jsonb, p_seconds double precision) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.issue_ticket(p_tenant integer, p_key_id text, p_hash bytea, p_filters jsonb, p_seconds double precision) OWNER TO blackboard_system;

--
-- Name: joined_owners(integer, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.joined_owners(p_tenant integer, p_owner text, p_begun timestamp with time zone, p_at timestamp with time zone) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.joined_owners(p_tenant integer, p_owner text, p_begun timestamp with time zone, p_at timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: judge_cases(integer, uuid[], uuid[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_cases(p_tenant integer, p_cases uuid[], p_changed uuid[], p_yes text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_cases(p_tenant integer, p_cases uuid[], p_changed uuid[], p_yes text) OWNER TO blackboard_owner;

--
-- Name: judge_dispatch(integer, board.taken, board.action, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_dispatch(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_dispatch(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: judge_fact(integer, uuid, board.agent, jsonb, integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_fact(p_tenant integer, p_case uuid, p_agent board.agent, p_rules jsonb, p_newest integer, p_fact jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_fact(p_tenant integer, p_case uuid, p_agent board.agent, p_rules jsonb, p_newest integer, p_fact jsonb) OWNER TO blackboard_owner;

--
-- Name: judge_proposal(integer, board.taken, board.action, text, jsonb, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_proposal(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_proposal(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid) OWNER TO blackboard_owner;

--
-- Name: judge_refused(integer, text, integer[], integer[], uuid[], bigint[], jsonb[], text[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_refused(p_tenant integer, p_verb text, p_accepted integer[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_reasons text[], p_now timestamp with time zone, OUT reasons text[], OUT told board.entry[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_refused(p_tenant integer, p_verb text, p_accepted integer[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_reasons text[], p_now timestamp with time zone, OUT reasons text[], OUT told board.entry[]) OWNER TO blackboard_owner;

--
-- Name: judge_review(integer, integer, uuid, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_review(p_tenant integer, p_agent integer, p_task uuid, p_said jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_review(p_tenant integer, p_agent integer, p_task uuid, p_said jsonb) OWNER TO blackboard_owner;

--
-- Name: judge_sending(integer, board.taken, board.action, text, jsonb, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_sending(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_sending(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid) OWNER TO blackboard_owner;

--
-- Name: judge_tally(board.question, uuid[], jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_tally(p_question board.question, p_opinions uuid[], p_decision jsonb) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_tally(p_question board.question, p_opinions uuid[], p_decision jsonb) OWNER TO blackboard_owner;

--
-- Name: judge_undoing(integer, uuid, text, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_undoing(p_tenant integer, p_case uuid, p_kind text, p_undoes uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_undoing(p_tenant integer, p_case uuid, p_kind text, p_undoes uuid) OWNER TO blackboard_owner;

--
-- Name: judge_velocity(integer, board.taken, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_velocity(p_tenant integer, p_claim board.taken, p_kind text, p_payload jsonb, p_now timestamp with time zone) RETURNS board.entry
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_velocity(p_tenant integer, p_claim board.taken, p_kind text, p_payload jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: keep_answers(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) OWNER TO blackboard_owner;

--
-- Name: keep_apart(integer, integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_apart(p_tenant integer, p_workflow integer, p_pairs jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_apart(p_tenant integer, p_workflow integer, p_pairs jsonb) OWNER TO blackboard_owner;

--
-- Name: keep_decisions(integer, board.taken[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_decisions(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_decisions(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: keep_epoch(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.keep_epoch() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_epoch() OWNER TO blackboard_system;

--
-- Name: keep_evidence(integer, integer, uuid, bigint, uuid, text, jsonb, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_evidence(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_reason text, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_evidence(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: keep_fact(board."case", board.agent, uuid, bigint, text, integer, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_fact(p_case board."case", p_agent board.agent, p_task uuid, p_fence bigint, p_kind text, p_version integer, p_fact jsonb, p_now timestamp with time zone) RETURNS board.entry
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_fact(p_case board."case", p_agent board.agent, p_task uuid, p_fence bigint, p_kind text, p_version integer, p_fact jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: keep_key(integer, integer, board.agent, text, bytea, board.api_key); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_key(p_tenant integer, p_agent integer, p_holder board.agent, p_key_id text, p_secret_hash bytea, p_like board.api_key) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_key(p_tenant integer, p_agent integer, p_holder board.agent, p_key_id text, p_secret_hash bytea, p_like board.api_key) OWNER TO blackboard_owner;

--
-- Name: keep_memory(integer, integer, text, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_memory(p_tenant integer, p_agent integer, p_subject text, p_values jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_memory(p_tenant integer, p_agent integer, p_subject text, p_values jsonb) OWNER TO blackboard_owner;

--
-- Name: keep_partitions(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_partitions(p_ahead_days integer DEFAULT 7) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '2s'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_partitions(p_ahead_days integer) OWNER TO blackboard_owner;

--
-- Name: keep_salts(integer[], uuid[], bytea[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.keep_salts(p_tenants integer[], p_cases uuid[], p_salts bytea[]) RETURNS TABLE(case_id uuid, salt bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_salts(p_tenants integer[], p_cases uuid[], p_salts bytea[]) OWNER TO blackboard_system;

--
-- Name: keep_seals(bigint, bigint, date, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.keep_seals(p_after bigint, p_upto bigint, p_day date, p_seals jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_seals(p_after bigint, p_upto bigint, p_day date, p_seals jsonb) OWNER TO blackboard_system;

--
-- Name: keep_shown(integer, integer, uuid, bytea, bytea); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_shown(p_tenant integer, p_agent integer, p_task uuid, p_print bytea, p_shown bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_shown(p_tenant integer, p_agent integer, p_task uuid, p_print bytea, p_shown bytea) OWNER TO blackboard_owner;

--
-- Name: lapse_actions(integer, uuid[], text, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lapse_actions(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lapse_actions(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: lapse_tasks(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.lapse_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lapse_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: seal; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.seal (
    tenant_id integer NOT NULL,
    number bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    size integer NOT NULL,
    total bigint NOT NULL,
    salted jsonb NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    head bytea NOT NULL,
    signature bytea,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT seal_check CHECK (((first <= last) AND (size <= ((last - first) + 1)) AND (size <= total))),
    CONSTRAINT seal_head_check CHECK ((length(head) = 32)),
    CONSTRAINT seal_number_check CHECK ((number > 0)),
    CONSTRAINT seal_previous_check CHECK ((length(previous) = 32)),
    CONSTRAINT seal_root_check CHECK ((length(root) = 32)),
    CONSTRAINT seal_signature_check CHECK ((length(signature) = 64)),
    CONSTRAINT seal_size_check CHECK ((size > 0))
);

ALTER TABLE ONLY board.seal FORCE ROW LEVEL SECURITY;

ALTER TABLE board.seal OWNER TO blackboard_owner;

--
-- Name: last_seals(integer[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.last_seals(p_tenants integer[]) RETURNS SETOF board.seal
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT s.tenant_id,
     s.number,
     s.first,
     s.last,
     s.size,
     s.total,
     s.salted,
     s.root,
     s.previous,
     s.head,
     s.signature,
     s.sealed_at
    FROM (unnest(last_seals.p_tenants) t(t)
      CROSS JOIN LATERAL ( SELECT s_1.tenant_id,
             s_1.number,
             s_1.first,
             s_1.last,
             s_1.size,
             s_1.total,
             s_1.salted,
             s_1.root,
             s_1.previous,
             s_1.head,
             s_1.signature,
             s_1.sealed_at
            FROM board.seal s_1
           WHERE (s_1.tenant_id = t.t)
           ORDER BY s_1.number DESC
          LIMIT 1) s);
END;

ALTER FUNCTION board.last_seals(p_tenants integer[]) OWNER TO blackboard_system;

--
-- Name: later_facts(integer, uuid, bigint); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.later_facts(p_tenant integer, p_case uuid, p_position bigint) RETURNS TABLE(n bigint, type text, body jsonb)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.later_facts(p_tenant integer, p_case uuid, p_position bigint) OWNER TO blackboard_owner;

--
-- Name: leave_state(board.break_glass); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.leave_state(b board.break_glass) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.leave_state(b board.break_glass) OWNER TO blackboard_owner;

--
-- Name: lift_hold(integer, integer, text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lift_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lift_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: list_agents(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) OWNER TO blackboard_owner;

--
-- Name: list_cases(integer, text, text, text, text, bigint, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_number bigint, p_before uuid, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_number bigint, p_before uuid, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_clashes(integer, uuid, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_clashes(p_tenant integer, p_case uuid, p_agent integer, p_duty text) RETURNS SETOF board.duty
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_clashes(p_tenant integer, p_case uuid, p_agent integer, p_duty text) OWNER TO blackboard_owner;

--
-- Name: list_dead_letters(integer, text, bigint, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_dead_letters(p_tenant integer, p_name text, p_after bigint, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_dead_letters(p_tenant integer, p_name text, p_after bigint, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_delegations(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_delegations(p_tenant integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_delegations(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: list_duties(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_duties(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_duties(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: list_executed(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.list_executed() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT COALESCE(array_agg(a.effect_key), '{}'::text[]) AS "coalesce" FROM board.action a WHERE ((a.state = 'executed'::text) AND ((a.kind = 'transfer'::text) OR ((a.receipt ->> 'kept_by'::text) IS DISTINCT FROM 'board'::text))));

ALTER FUNCTION board.list_executed() OWNER TO blackboard_system;

--
-- Name: list_held(integer, integer, uuid[], bigint[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_held(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_held(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) OWNER TO blackboard_owner;

--
-- Name: list_holds(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_holds(p_tenant integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_holds(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: list_incidents(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_incidents(p_tenant integer, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_incidents(p_tenant integer, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_keys(integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_keys(p_tenant integer, p_name text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_keys(p_tenant integer, p_name text) OWNER TO blackboard_owner;

--
-- Name: list_leaves(integer, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_leaves(p_tenant integer, p_case uuid, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_leaves(p_tenant integer, p_case uuid, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_limits(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_limits(p_tenant integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_limits(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: list_policies(integer, text, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_policies(p_tenant integer, p_name text, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_policies(p_tenant integer, p_name text, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_quotas(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_quotas(p_tenant integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_quotas(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: list_reviews(integer, integer, text, text, text, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_reviews(p_tenant integer, p_agent integer, p_whose text, p_workflow text, p_stage text, p_case uuid, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_reviews(p_tenant integer, p_agent integer, p_whose text, p_workflow text, p_stage text, p_case uuid, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_schedules(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_schedules(p_tenant integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_schedules(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: list_seals(integer, bigint, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_seals(p_tenant integer, p_after bigint, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_seals(p_tenant integer, p_after bigint, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: list_session_claims(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_session_claims(p_tenant integer, p_agent integer, p_session uuid) RETURNS TABLE(task_id uuid, fence bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_session_claims(p_tenant integer, p_agent integer, p_session uuid) OWNER TO blackboard_owner;

--
-- Name: list_tallies(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.list_tallies() RETURNS TABLE(decision_id uuid, case_id uuid, outcome text, basis jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT d.decision_id,
     d.case_id,
     d.outcome,
     d.basis
    FROM board.decision d
   WHERE (d.kind <> 'single'::text)
   ORDER BY d.at;
END;

ALTER FUNCTION board.list_tallies() OWNER TO blackboard_system;

--
-- Name: tenant; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.tenant (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenant_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,62}$'::text))
);

ALTER TABLE ONLY board.tenant FORCE ROW LEVEL SECURITY;

ALTER TABLE board.tenant OWNER TO blackboard_owner;

--
-- Name: list_tenants(text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.list_tenants(p_name text DEFAULT NULL::text) RETURNS TABLE(tenant_id integer, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id,
     t.name
    FROM board.tenant t
   WHERE ((list_tenants.p_name IS NULL) OR (t.name = list_tenants.p_name))
   ORDER BY t.tenant_id;
END;

ALTER FUNCTION board.list_tenants(p_name text) OWNER TO blackboard_system;

--
-- Name: list_webhooks(integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_webhooks(p_tenant integer, p_name text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_webhooks(p_tenant integer, p_name text) OWNER TO blackboard_owner;

--
-- Name: list_workflows(integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_workflows(p_tenant integer, p_name text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_workflows(p_tenant integer, p_name text) OWNER TO blackboard_owner;

--
-- Name: load_workflow(integer, text, text, jsonb, bytea, jsonb, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.load_workflow(p_tenant integer, p_name text, p_first_stage text, p_definition jsonb, p_digest bytea, p_stages jsonb, p_routes jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.load_workflow(p_tenant integer, p_name text, p_first_stage text, p_definition jsonb, p_digest bytea, p_stages jsonb, p_routes jsonb) OWNER TO blackboard_owner;

--
-- Name: lock_admins(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_admins(p_tenant integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_admins(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: lock_free_cases(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.lock_free_cases(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_free_cases(p_tenant integer, p_cases uuid[]) OWNER TO blackboard_system;

--
-- Name: journal_head; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal_head (
    only_row boolean DEFAULT true NOT NULL,
    epoch integer NOT NULL,
    "position" bigint NOT NULL,
    snap pg_snapshot NOT NULL,
    target pg_snapshot,
    reached bigint,
    sequenced_at timestamp with time zone NOT NULL,
    CONSTRAINT journal_head_check CHECK (((target IS NULL) = (reached IS NULL))),
    CONSTRAINT journal_head_only_row_check CHECK (only_row)
)
WITH (fillfactor='10', autovacuum_vacuum_threshold='500', autovacuum_vacuum_scale_factor='0');

ALTER TABLE ONLY board.journal_head FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal_head OWNER TO blackboard_owner;

--
-- Name: lock_head(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.lock_head(p_slice integer) RETURNS board.journal_head
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_head(p_slice integer) OWNER TO blackboard_system;

--
-- Name: lock_held(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_held(p_tenant integer, p_tasks uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_held(p_tenant integer, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: lock_held_back(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_held_back(p_tenant integer DEFAULT NULL::integer) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_held_back(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: lock_leave(integer, uuid, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_leave(p_tenant integer, p_case uuid, p_leave uuid) RETURNS board.break_glass
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_leave(p_tenant integer, p_case uuid, p_leave uuid) OWNER TO blackboard_owner;

--
-- Name: lock_policy(integer, text, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_policy(p_tenant integer, p_name text, p_version integer) RETURNS board.policy
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_policy(p_tenant integer, p_name text, p_version integer) OWNER TO blackboard_owner;

--
-- Name: lock_stuck(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_stuck(p_tenant integer, p_tasks uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_stuck(p_tenant integer, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: look_up_key(text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.look_up_key(p_key_id text) RETURNS TABLE(secret_hash bytea, usable boolean, key_id text, tenant_id integer, tenant text, agent_id integer, agent text, owner text, role text, capabilities text[], scope jsonb, expires_at timestamp with time zone, certificate bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.look_up_key(p_key_id text) OWNER TO blackboard_system;

--
-- Name: look_up_subject(text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.look_up_subject(p_issuer text, p_subject text, p_tenant_name text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.look_up_subject(p_issuer text, p_subject text, p_tenant_name text) OWNER TO blackboard_system;

--
-- Name: mark_fact(integer, integer, uuid, text, integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.mark_fact(p_tenant integer, p_agent integer, p_case uuid, p_key text, p_version integer, p_mark text, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.mark_fact(p_tenant integer, p_agent integer, p_case uuid, p_key text, p_version integer, p_mark text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: may_move(text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.may_move(p_machine text, p_from text, p_to text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE p_machine WHEN 'case'::text THEN (((((((p_from = 'active'::text) AND (p_to = 'completed'::text)) OR ((p_from = 'active'::text) AND (p_to = 'terminated'::text))) OR ((p_from = 'active'::text) AND (p_to = 'suspended'::text))) OR ((p_from = 'suspended'::text) AND (p_to = 'active'::text))) OR ((p_from = 'suspended'::text) AND (p_to = 'completed'::text))) OR ((p_from = 'suspended'::text) AND (p_to = 'terminated'::text))) WHEN 'task'::text THEN ((((p_from = 'open'::text) AND (p_to = 'done'::text)) OR ((p_from = 'open'::text) AND (p_to = 'failed'::text))) OR ((p_from = 'open'::text) AND (p_to = 'cancelled'::text))) WHEN 'action'::text THEN (((((((((((((p_from = 'proposed'::text) AND (p_to = 'authorized'::text)) OR ((p_from = 'proposed'::text) AND (p_to = 'refused'::text))) OR ((p_from = 'proposed'::text) AND (p_to = 'expired'::text))) OR ((p_from = 'authorized'::text) AND (p_to = 'dispatching'::text))) OR ((p_from = 'authorized'::text) AND (p_to = 'voided'::text))) OR ((p_from = 'authorized'::text) AND (p_to = 'expired'::text))) OR ((p_from = 'dispatching'::text) AND (p_to = 'executed'::text))) OR ((p_from = 'dispatching'::text) AND (p_to = 'failed'::text))) OR ((p_from = 'dispatching'::text) AND (p_to = 'unknown'::text))) OR ((p_from = 'unknown'::text) AND (p_to = 'dispatching'::text))) OR ((p_from = 'unknown'::text) AND (p_to = 'executed'::text))) OR ((p_from = 'unknown'::text) AND (p_to = 'failed'::text))) WHEN 'fact'::text THEN (((((p_from = 'asserted'::text) AND (p_to = 'disputed'::text)) OR ((p_from = 'asserted'::text) AND (p_to = 'retracted'::text))) OR ((p_from = 'disputed'::text) AND (p_to = 'asserted'::text))) OR ((p_from = 'disputed'::text) AND (p_to = 'retracted'::text))) WHEN 'policy'::text THEN ((((p_from = 'draft'::text) AND (p_to = 'active'::text)) OR ((p_from = 'draft'::text) AND (p_to = 'retired'::text))) OR ((p_from = 'active'::text) AND (p_to = 'retired'::text))) ELSE false END;

ALTER FUNCTION board.may_move(p_machine text, p_from text, p_to text) OWNER TO blackboard_owner;

--
-- Name: may_speak(board.agent, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.may_speak(p_agent board.agent, p_class text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN CASE p_class WHEN 'system_of_record'::text THEN (((p_agent).kind = 'service'::text) AND ((p_agent).role <> 'requester'::text)) WHEN 'person'::text THEN ((p_agent).kind = 'human'::text) WHEN 'agent'::text THEN ((p_agent).role <> 'requester'::text) ELSE true END;

ALTER FUNCTION board.may_speak(p_agent board.agent, p_class text) OWNER TO blackboard_owner;

--
-- Name: may_take(integer, integer, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.may_take(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.may_take(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) OWNER TO blackboard_owner;

--
-- Name: measure_board(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.measure_board(p_limit integer DEFAULT 10000) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.measure_board(p_limit integer) OWNER TO blackboard_system;

--
-- Name: measure_load(timestamp with time zone, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.measure_load(p_now timestamp with time zone, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.measure_load(p_now timestamp with time zone, p_limit integer) OWNER TO blackboard_system;

--
-- Name: measure_outbox(timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.measure_outbox(p_now timestamp with time zone) RETURNS interval
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.measure_outbox(p_now timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: measure_reading(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.measure_reading() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.measure_reading() OWNER TO blackboard_system;

--
-- Name: measure_server(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.measure_server() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.measure_server() OWNER TO blackboard_system;

--
-- Name: meet_conditions(integer, uuid[], uuid[], bigint[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) OWNER TO blackboard_owner;

--
-- Name: case; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading."case" (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    case_id uuid NOT NULL,
    number bigint NOT NULL,
    workflow_id integer NOT NULL,
    workflow text NOT NULL,
    opened_by text NOT NULL,
    payload jsonb NOT NULL,
    known_as text NOT NULL,
    session_id text,
    customer_id text NOT NULL,
    client_id text,
    state text NOT NULL,
    stage text NOT NULL,
    awaits_person boolean NOT NULL,
    outcome text,
    result jsonb,
    "position" bigint NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone
)
WITH (fillfactor='70');

ALTER TABLE ONLY reading."case" FORCE ROW LEVEL SECURITY;

ALTER TABLE reading."case" OWNER TO blackboard_owner;

--
-- Name: misread_decision(reading."case"); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.misread_decision(p_case reading."case") RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.misread_decision(p_case reading."case") OWNER TO blackboard_system;

--
-- Name: misread_effect(reading."case"); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.misread_effect(p_case reading."case") RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.misread_effect(p_case reading."case") OWNER TO blackboard_system;

--
-- Name: name_shown_facts(integer, uuid[], jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.name_shown_facts(p_tenant integer, p_tasks uuid[], p_decisions jsonb[]) RETURNS jsonb[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.name_shown_facts(p_tenant integer, p_tasks uuid[], p_decisions jsonb[]) OWNER TO blackboard_owner;

--
-- Name: need_input(integer, integer[], uuid[], bigint[], text[], text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.need_input(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.need_input(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) OWNER TO blackboard_owner;

--
-- Name: needs_authorization(integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.needs_authorization(p_workflow integer, p_kind text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.needs_authorization(p_workflow integer, p_kind text) OWNER TO blackboard_owner;

--
-- Name: new_id(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.new_id() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    RETURN uuidv7();

ALTER FUNCTION board.new_id() OWNER TO blackboard_owner;

--
-- Name: newest_action(integer, uuid, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.newest_action(p_tenant integer, p_case uuid, p_kind text) RETURNS board.action
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.newest_action(p_tenant integer, p_case uuid, p_kind text) OWNER TO blackboard_owner;

--
-- Name: newest_facts(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.newest_facts(p_tenant integer, p_case uuid) RETURNS TABLE(key text, version integer, value jsonb, state text, trust smallint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.newest_facts(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: note_decided(integer, board.taken[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.note_decided(p_tenant integer, p_taken board.taken[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.note_decided(p_tenant integer, p_taken board.taken[]) OWNER TO blackboard_owner;

--
-- Name: note_duties(integer, uuid[], integer[], text[], uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.note_duties(p_tenant integer, p_cases uuid[], p_agents integer[], p_duties text[], p_tasks uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.note_duties(p_tenant integer, p_cases uuid[], p_agents integer[], p_duties text[], p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: note_duty(integer, uuid, integer, text, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.note_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid DEFAULT NULL::uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.note_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: note_keys_used(text[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.note_keys_used(p_keys text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.note_keys_used(p_keys text[]) OWNER TO blackboard_system;

--
-- Name: note_outflow(integer, board.taken, board.action, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.note_outflow(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.note_outflow(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: open_cases(integer, integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) RETURNS TABLE(verdict text, case_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: open_questions(integer, uuid[], text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.open_questions(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.open_questions(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: open_subcase(integer, uuid, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.open_subcase(p_tenant integer, p_task uuid, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.open_subcase(p_tenant integer, p_task uuid, p_now timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: personal_parts(jsonb, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.personal_parts(p_document jsonb, p_schema jsonb) RETURNS SETOF jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.personal_parts(p_document jsonb, p_schema jsonb) OWNER TO blackboard_system;

--
-- Name: pick_ready(integer[], integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.pick_ready(p_queues integer[], p_limit integer) RETURNS tid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.pick_ready(p_queues integer[], p_limit integer) OWNER TO blackboard_owner;

--
-- Name: place_hold(integer, integer, text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.place_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.place_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: plan_steps(integer, board.move[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.plan_steps(p_tenant integer, p_moves board.move[]) RETURNS board.step[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.plan_steps(p_tenant integer, p_moves board.move[]) OWNER TO blackboard_owner;

--
-- Name: print_screen(jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.print_screen(p_screen jsonb) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    RETURN sha256(convert_to((p_screen)::text, 'UTF8'::name));

ALTER FUNCTION board.print_screen(p_screen jsonb) OWNER TO blackboard_owner;

--
-- Name: project_changes(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_changes(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.project_changes(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: project_clients(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_clients(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

ALTER FUNCTION board.project_clients(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: project_decisions(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_decisions(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.project_decisions(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: project_effects(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_effects(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.project_effects(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: project_events(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_events(p_limit integer DEFAULT 500) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.project_events(p_limit integer) OWNER TO blackboard_system;

--
-- Name: project_opened(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_opened(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.project_opened(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: project_sessions(reading.event[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.project_sessions(p_events reading.event[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.project_sessions(p_events reading.event[]) OWNER TO blackboard_system;

--
-- Name: promote_scheduled(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.promote_scheduled(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.promote_scheduled(p_limit integer) OWNER TO blackboard_system;

--
-- Name: propose_action(integer, integer, uuid, bigint, text, jsonb, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.propose_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid, p_expires_in_s integer) RETURNS TABLE(verdict text, reason text, action_id uuid, effect_key text, digest text, state text, attempts integer, receipt jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.propose_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid, p_expires_in_s integer) OWNER TO blackboard_owner;

--
-- Name: propose_declared(integer, uuid[], integer, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.propose_declared(p_tenant integer, p_cases uuid[], p_agent integer, p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.propose_declared(p_tenant integer, p_cases uuid[], p_agent integer, p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: put_facts(integer, integer, uuid, uuid, bigint, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.put_facts(p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb) RETURNS TABLE(verdict text, version integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.put_facts(p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb) OWNER TO blackboard_owner;

--
-- Name: put_limit(integer, integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.put_limit(p_tenant integer, p_agent integer, p_limit jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.put_limit(p_tenant integer, p_agent integer, p_limit jsonb) OWNER TO blackboard_owner;

--
-- Name: put_quota(integer, integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.put_quota(p_tenant integer, p_agent integer, p_quota jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.put_quota(p_tenant integer, p_agent integer, p_quota jsonb) OWNER TO blackboard_owner;

--
-- Name: put_schedule(integer, integer, text, text, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.put_schedule(p_tenant integer, p_agent integer, p_name text, p_cron text, p_zone text, p_new_case jsonb, p_next_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.put_schedule(p_tenant integer, p_agent integer, p_name text, p_cron text, p_zone text, p_new_case jsonb, p_next_at timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: put_webhook(integer, integer, text, text, jsonb, text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.put_webhook(p_tenant integer, p_agent integer, p_name text, p_url text, p_filter jsonb, p_state text, p_secret text, p_reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.put_webhook(p_tenant integer, p_agent integer, p_name text, p_url text, p_filter jsonb, p_state text, p_secret text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: question_tasks(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.question_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.question_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: queue_place(bigint, integer, bigint); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.queue_place(p_place bigint, p_visit integer, p_n bigint) RETURNS bigint
    LANGUAGE sql
    RETURN (((CASE WHEN (p_visit > 16) THEN nextval('board.task_seq'::regclass) ELSE COALESCE(p_place, (0)::bigint) END * 1048576) + (LEAST(p_visit, 32767) * 32)) + p_n);

ALTER FUNCTION board.queue_place(p_place bigint, p_visit integer, p_n bigint) OWNER TO blackboard_owner;

--
-- Name: queue_tasks(integer, uuid[], text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.queue_tasks(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.queue_tasks(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: quota_needs(integer, integer, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.quota_needs(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) RETURNS TABLE(quota_id integer, name text, kind text, per text, ceiling numeric, key text, amount numeric)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

ALTER FUNCTION board.quota_needs(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) OWNER TO blackboard_owner;

--
-- Name: quota_room(integer, text, timestamp with time zone, boolean); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.quota_room(p_quota integer, p_key text, p_now timestamp with time zone, p_lock boolean) RETURNS numeric
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.quota_room(p_quota integer, p_key text, p_now timestamp with time zone, p_lock boolean) OWNER TO blackboard_owner;

--
-- Name: read_cases_journal(integer, uuid[], bigint, bigint, integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_cases_journal(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint, p_limit integer, p_epoch integer) RETURNS TABLE("position" bigint, tenant_id integer, type text, case_id uuid, task_id uuid, workflow text, stage text, capability text, actor text, body jsonb, at timestamp with time zone, recorded_on date)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_cases_journal(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint, p_limit integer, p_epoch integer) OWNER TO blackboard_system;

--
-- Name: read_conditions(uuid[], uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_conditions(p_cases uuid[], p_after uuid, p_limit integer) RETURNS TABLE(tenant_id integer, task_id uuid, case_id uuid, version bigint, condition text, unless text, payload jsonb, facts jsonb, trust jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_conditions(p_cases uuid[], p_after uuid, p_limit integer) OWNER TO blackboard_system;

--
-- Name: read_fact_rules(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.read_fact_rules(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_fact_rules(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: journal_epoch; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal_epoch (
    epoch integer NOT NULL,
    first_position bigint NOT NULL,
    system_id bigint NOT NULL,
    timeline_id integer NOT NULL,
    began_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.journal_epoch FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal_epoch OWNER TO blackboard_owner;

--
-- Name: journal_floor; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal_floor (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT journal_floor_only_row_check CHECK (only_row)
);

ALTER TABLE ONLY board.journal_floor FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal_floor OWNER TO blackboard_owner;

--
-- Name: read_head(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_head() RETURNS TABLE(epoch integer, head bigint, floor bigint, sequenced_at timestamp with time zone, past jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT h.epoch,
     h."position",
     f."position",
     h.sequenced_at,
     ( SELECT COALESCE(jsonb_object_agg(e.epoch, (n.first_position - 1)), '{}'::jsonb) AS "coalesce"
            FROM (board.journal_epoch e
              JOIN board.journal_epoch n ON ((n.epoch = (e.epoch + 1))))) AS "coalesce"
    FROM board.journal_head h,
     board.journal_floor f;
END;

ALTER FUNCTION board.read_head() OWNER TO blackboard_system;

--
-- Name: read_journal(integer, bigint, integer, date, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date DEFAULT '-infinity'::date, p_epoch integer DEFAULT NULL::integer) RETURNS TABLE("position" bigint, tenant_id integer, type text, case_id uuid, task_id uuid, workflow text, stage text, capability text, actor text, body jsonb, at timestamp with time zone, recorded_on date)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date, p_epoch integer) OWNER TO blackboard_system;

--
-- Name: outflow; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.outflow (
    tenant_id integer NOT NULL,
    action_id uuid NOT NULL,
    agent text NOT NULL,
    maker text NOT NULL,
    payer text NOT NULL,
    payee text NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.outflow FORCE ROW LEVEL SECURITY;

ALTER TABLE board.outflow OWNER TO blackboard_owner;

--
-- Name: read_outflow(integer, uuid, board.taken, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.read_outflow(p_tenant integer, p_action uuid, p_claim board.taken, p_payload jsonb, p_now timestamp with time zone) RETURNS board.outflow
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
  RETURN ROW(
    p_tenant, p_action, p_claim.actor,
    coalesce((SELECT board.agent_name(p_tenant, c.opened_by) FROM board.case c
              WHERE c.tenant_id = p_tenant AND c.case_id = p_claim.case_id), ''),
    coalesce(p_payload ->> 'from_account', ''), coalesce(p_payload ->> 'to_account', ''),
    CASE WHEN p_payload ->> 'amount' ~ '^[0-9]{1,15}([.][0-9]{1,4})?$' THEN (p_payload ->> 'amount')::numeric ELSE 'Infinity' END,
    coalesce(p_payload ->> 'currency', ''), p_now)::board.outflow;
END
$_$;

ALTER FUNCTION board.read_outflow(p_tenant integer, p_action uuid, p_claim board.taken, p_payload jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: read_policy(integer, text, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.read_policy(p_tenant integer, p_name text, p_version integer DEFAULT NULL::integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_policy(p_tenant integer, p_name text, p_version integer) OWNER TO blackboard_owner;

--
-- Name: read_salts(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.read_salts(p_tenant integer, p_cases uuid[]) RETURNS TABLE(case_id uuid, salt bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_salts(p_tenant integer, p_cases uuid[]) OWNER TO blackboard_owner;

--
-- Name: journal_sealed; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal_sealed (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    recorded_on date NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT journal_sealed_only_row_check CHECK (only_row)
);

ALTER TABLE ONLY board.journal_sealed FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal_sealed OWNER TO blackboard_owner;

--
-- Name: read_sealed(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_sealed() RETURNS TABLE("position" bigint, recorded_on date, sealed_at timestamp with time zone, head bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT GREATEST(s."position", f."position") AS "greatest",
     s.recorded_on,
     s.sealed_at,
     h."position"
    FROM board.journal_sealed s,
     board.journal_floor f,
     board.journal_head h;
END;

ALTER FUNCTION board.read_sealed() OWNER TO blackboard_system;

--
-- Name: read_slice(integer, integer, bigint, bigint, date, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_slice(p_tenant integer, p_edition integer, p_after bigint, p_until bigint, p_since date, p_limit integer, OUT events reading.event[], OUT last bigint, OUT day date, OUT size integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_slice(p_tenant integer, p_edition integer, p_after bigint, p_until bigint, p_since date, p_limit integer, OUT events reading.event[], OUT last bigint, OUT day date, OUT size integer) OWNER TO blackboard_system;

--
-- Name: read_warnings(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.read_warnings(p_tenant integer, p_agent integer, p_task uuid) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_warnings(p_tenant integer, p_agent integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: rebuild_slice(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.rebuild_slice(p_tenant integer, p_limit integer, OUT done boolean, OUT "position" bigint, OUT until bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.rebuild_slice(p_tenant integer, p_limit integer, OUT done boolean, OUT "position" bigint, OUT until bigint) OWNER TO blackboard_system;

--
-- Name: recall_answers(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) RETURNS TABLE(n integer, verdict text, status smallint, answer jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) OWNER TO blackboard_owner;

--
-- Name: recall_events(text[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.recall_events(p_types text[]) RETURNS SETOF board.entry
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.recall_events(p_types text[]) OWNER TO blackboard_system;

--
-- Name: recall_memory(integer, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.recall_memory(p_tenant integer, p_agent integer, p_subject text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.recall_memory(p_tenant integer, p_agent integer, p_subject text) OWNER TO blackboard_owner;

--
-- Name: receive_signals(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.receive_signals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.receive_signals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: record_action(integer, integer, uuid, bigint, text, jsonb, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid DEFAULT NULL::uuid) RETURNS TABLE(verdict text, reason text, action_id uuid, effect_key text, digest text, state text, attempts integer, receipt jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid) OWNER TO blackboard_owner;

--
-- Name: record_decision(integer, uuid, integer, bigint, uuid[], jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.record_decision(p_tenant integer, p_case uuid, p_visit integer, p_version bigint, p_opinions uuid[], p_decision jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_decision(p_tenant integer, p_case uuid, p_visit integer, p_version bigint, p_opinions uuid[], p_decision jsonb) OWNER TO blackboard_owner;

--
-- Name: record_events(integer, board.entry[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.record_events(p_tenant integer, p_entries board.entry[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_events(p_tenant integer, p_entries board.entry[]) OWNER TO blackboard_owner;

--
-- Name: record_streams(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.record_streams(p_tenant integer, p_notes jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_streams(p_tenant integer, p_notes jsonb) OWNER TO blackboard_system;

--
-- Name: redrive_tasks(integer, integer, uuid[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.redrive_tasks(p_tenant integer, p_agent integer, p_tasks uuid[], p_reason text) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.redrive_tasks(p_tenant integer, p_agent integer, p_tasks uuid[], p_reason text) OWNER TO blackboard_owner;

--
-- Name: refuse_clash(integer, text, uuid, uuid, integer, text, bigint, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_clash(p_tenant integer, p_verb text, p_case uuid, p_task uuid, p_agent integer, p_duty text, p_fence bigint, p_offered jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_clash(p_tenant integer, p_verb text, p_case uuid, p_task uuid, p_agent integer, p_duty text, p_fence bigint, p_offered jsonb) OWNER TO blackboard_owner;

--
-- Name: refuse_effect(integer, text, text, integer, uuid, bigint, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_effect(p_tenant integer, p_verb text, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_offered jsonb, p_now timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_effect(p_tenant integer, p_verb text, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_offered jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: refuse_facts(integer, integer, uuid, timestamp with time zone, uuid, bigint, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_facts(p_tenant integer, p_agent integer, p_case uuid, p_closed timestamp with time zone, p_task uuid, p_fence bigint, p_facts jsonb, p_now timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_facts(p_tenant integer, p_agent integer, p_case uuid, p_closed timestamp with time zone, p_task uuid, p_fence bigint, p_facts jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: refuse_mark(board.agent, board."case", board.fact, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_mark(p_agent board.agent, p_case board."case", p_fact board.fact, p_mark text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_mark(p_agent board.agent, p_case board."case", p_fact board.fact, p_mark text) OWNER TO blackboard_owner;

--
-- Name: refuse_move(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_move() RETURNS trigger
    LANGUAGE plpgsql
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_move() OWNER TO blackboard_owner;

--
-- Name: refuse_opinion(integer, text, integer, uuid, bigint, boolean, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_opinion(p_tenant integer, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_has_spoken boolean, p_now timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_opinion(p_tenant integer, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_has_spoken boolean, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: refuse_rewriting(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_rewriting() OWNER TO blackboard_owner;

--
-- Name: register_agent(integer, integer, text, text, text, text, text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.register_agent(p_tenant integer, p_agent integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.register_agent(p_tenant integer, p_agent integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) OWNER TO blackboard_owner;

--
-- Name: reject_tasks(integer, integer[], uuid[], bigint[], text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.reject_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.reject_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) OWNER TO blackboard_owner;

--
-- Name: release_tasks(integer, integer[], uuid[], bigint[], text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.release_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.release_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) OWNER TO blackboard_owner;

--
-- Name: release_unblocked(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.release_unblocked(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.release_unblocked(p_limit integer) OWNER TO blackboard_system;

--
-- Name: release_unheard(integer, integer, uuid[], bigint[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.release_unheard(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[], p_reason text) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.release_unheard(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[], p_reason text) OWNER TO blackboard_owner;

--
-- Name: replay_webhook(integer, integer, text, bigint, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.replay_webhook(p_tenant integer, p_agent integer, p_name text, p_after bigint, p_reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.replay_webhook(p_tenant integer, p_agent integer, p_name text, p_after bigint, p_reason text) OWNER TO blackboard_owner;

--
-- Name: resolve_task(integer, integer, uuid, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.resolve_task(p_tenant integer, p_agent integer, p_task uuid, p_outcome text, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.resolve_task(p_tenant integer, p_agent integer, p_task uuid, p_outcome text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: rest_cases(integer, integer, uuid[], text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.rest_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.rest_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: rest_disputed(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.rest_disputed(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.rest_disputed(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: result_schemas(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.result_schemas(p_tenant integer, p_tasks uuid[]) RETURNS TABLE(task_id uuid, stage text, result_schema jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.result_schemas(p_tenant integer, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: resume_cases(integer, integer, uuid[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.resume_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.resume_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) OWNER TO blackboard_owner;

--
-- Name: retire_policy(integer, integer, text, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.retire_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.retire_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) OWNER TO blackboard_owner;

--
-- Name: review_due(integer, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.review_due(p_tenant integer, p_review jsonb, p_now timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.review_due(p_tenant integer, p_review jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: review_pace(integer, integer, jsonb, double precision, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.review_pace(p_tenant integer, p_agent integer, p_review jsonb, p_seen_s double precision, p_now timestamp with time zone, OUT in_hour bigint, OUT streak bigint, OUT warnings text[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.review_pace(p_tenant integer, p_agent integer, p_review jsonb, p_seen_s double precision, p_now timestamp with time zone, OUT in_hour bigint, OUT streak bigint, OUT warnings text[]) OWNER TO blackboard_owner;

--
-- Name: review_policies(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.review_policies(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.review_policies(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: review_screen(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.review_screen(p_tenant integer, p_task uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.review_screen(p_tenant integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: review_weighed(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.review_weighed(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.review_weighed(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: revoke_key(integer, integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.revoke_key(p_tenant integer, p_agent integer, p_key_id text, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.revoke_key(p_tenant integer, p_agent integer, p_key_id text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: revoke_leases(integer, uuid[], text, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.revoke_leases(p_tenant integer, p_tasks uuid[], p_actor text, p_reason text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.revoke_leases(p_tenant integer, p_tasks uuid[], p_actor text, p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: revoke_leave(integer, integer, uuid, uuid, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.revoke_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) RETURNS TABLE(verdict text, leave jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.revoke_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) OWNER TO blackboard_owner;

--
-- Name: ring_watchers(board."case"[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.ring_watchers(p_cases board."case"[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.ring_watchers(p_cases board."case"[]) OWNER TO blackboard_owner;

--
-- Name: rotate_key(integer, integer, text, text, bytea, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.rotate_key(p_tenant integer, p_agent integer, p_key_id text, p_new_id text, p_secret_hash bytea, p_overlap_s integer) RETURNS TABLE(verdict text, told jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.rotate_key(p_tenant integer, p_agent integer, p_key_id text, p_new_id text, p_secret_hash bytea, p_overlap_s integer) OWNER TO blackboard_owner;

--
-- Name: rotate_secret(integer, integer, text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.rotate_secret(p_tenant integer, p_agent integer, p_name text, p_secret text, p_reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.rotate_secret(p_tenant integer, p_agent integer, p_name text, p_secret text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: run_schedule(integer, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.run_schedule(p_tenant integer, p_name text, p_at timestamp with time zone, p_next_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.run_schedule(p_tenant integer, p_name text, p_at timestamp with time zone, p_next_at timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: same_person(integer, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.same_person(p_tenant integer, p_owner text, p_at timestamp with time zone) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.same_person(p_tenant integer, p_owner text, p_at timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: save_policy(integer, integer, text, jsonb, bytea, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.save_policy(p_tenant integer, p_agent integer, p_name text, p_body jsonb, p_digest bytea, p_reason text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.save_policy(p_tenant integer, p_agent integer, p_name text, p_body jsonb, p_digest bytea, p_reason text) OWNER TO blackboard_owner;

--
-- Name: say_clash(board.duty, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.say_clash(p_clash board.duty, p_agent integer, p_duty text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.say_clash(p_clash board.duty, p_agent integer, p_duty text) OWNER TO blackboard_owner;

--
-- Name: say_duty(board.duty); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.say_duty(d board.duty) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.say_duty(d board.duty) OWNER TO blackboard_owner;

--
-- Name: scrub(jsonb, text[], text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.scrub(p_value jsonb, p_terms text[], p_token text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.scrub(p_value jsonb, p_terms text[], p_token text) OWNER TO blackboard_system;

--
-- Name: scrub_text(text, text[], text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.scrub_text(p_text text, p_terms text[], p_token text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.scrub_text(p_text text, p_terms text[], p_token text) OWNER TO blackboard_system;

--
-- Name: seal_opinion(integer, integer, uuid, bigint, text, board.question, board.opinion, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.seal_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text, p_question board.question, p_last board.opinion, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.seal_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text, p_question board.question, p_last board.opinion, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: send_signal(integer, integer, uuid, text, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.send_signal(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_body jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.send_signal(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_body jsonb) OWNER TO blackboard_owner;

--
-- Name: sequence_events(double precision, integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.sequence_events(p_refresh_s double precision DEFAULT 5, p_slice integer DEFAULT 500) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.sequence_events(p_refresh_s double precision, p_slice integer) OWNER TO blackboard_system;

--
-- Name: set_agent_state(integer, integer, text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.set_agent_state(p_tenant integer, p_agent integer, p_name text, p_state text, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.set_agent_state(p_tenant integer, p_agent integer, p_name text, p_state text, p_reason text) OWNER TO blackboard_owner;

--
-- Name: set_aside(integer, tid, text, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.set_aside(p_tenant integer, p_row tid, p_reason text, p_key text, p_about jsonb, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.set_aside(p_tenant integer, p_row tid, p_reason text, p_key text, p_about jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: set_timers(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.set_timers(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.set_timers(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: settle_action(integer, integer, uuid, bigint, uuid, text, jsonb, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_difference text DEFAULT NULL::text) RETURNS TABLE(verdict text, state text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_difference text) OWNER TO blackboard_owner;

--
-- Name: settle_dead_letter(integer, uuid, bigint); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.settle_dead_letter(p_tenant integer, p_webhook uuid, p_position bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.settle_dead_letter(p_tenant integer, p_webhook uuid, p_position bigint) OWNER TO blackboard_owner;

--
-- Name: short_calendars(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.short_calendars(p_days integer) RETURNS TABLE(tenant_id integer, calendar text, since timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.short_calendars(p_days integer) OWNER TO blackboard_system;

--
-- Name: show_case(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_case(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_case(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: show_chain(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_chain(p_tenant integer, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_chain(p_tenant integer, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: show_claims(integer, integer, uuid[], bigint[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_claims(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) RETURNS TABLE(n integer, task_id uuid, case_id uuid, workflow text, stage text, name text, capability text, fence bigint, attempt integer, lease_s integer, deadline_at timestamp with time zone, payload jsonb, subject text, business_key text, priority smallint, opened_at timestamp with time zone, history jsonb, progress jsonb, memory jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_claims(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) OWNER TO blackboard_owner;

--
-- Name: show_erasure(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.show_erasure(p_tenant integer, p_erasure uuid, OUT "position" bigint, OUT head bigint, OUT cases uuid[]) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT e."position",
     h."position",
     e.cases
    FROM board.erasure e,
     board.journal_head h
   WHERE ((e.tenant_id = show_erasure.p_tenant) AND (e.erasure_id = show_erasure.p_erasure));
END;

ALTER FUNCTION board.show_erasure(p_tenant integer, p_erasure uuid, OUT "position" bigint, OUT head bigint, OUT cases uuid[]) OWNER TO blackboard_system;

--
-- Name: show_facts(integer, uuid, bigint, boolean); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_facts(p_tenant integer, p_case uuid, p_position bigint, p_history boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_facts(p_tenant integer, p_case uuid, p_position bigint, p_history boolean) OWNER TO blackboard_owner;

--
-- Name: show_load(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_load(p_tenant integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_load(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: show_review(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_review(p_tenant integer, p_agent integer, p_task uuid) RETURNS TABLE(review jsonb, screen jsonb, print bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_review(p_tenant integer, p_agent integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: show_task(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_task(p_tenant integer, p_task uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_task(p_tenant integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: sift_for(integer, integer[], integer, integer, tid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.sift_for(p_tenant integer, p_queues integer[], p_agent integer, p_limit integer, p_taken tid[], p_now timestamp with time zone) RETURNS tid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.sift_for(p_tenant integer, p_queues integer[], p_agent integer, p_limit integer, p_taken tid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: sift_ready(integer, integer[], integer[], integer[], integer[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.sift_ready(p_tenant integer, p_queues integer[], p_agents integer[], p_limits integer[], p_barred integer[], p_now timestamp with time zone, OUT row_ids tid[], OUT wishes integer[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.sift_ready(p_tenant integer, p_queues integer[], p_agents integer[], p_limits integer[], p_barred integer[], p_now timestamp with time zone, OUT row_ids tid[], OUT wishes integer[]) OWNER TO blackboard_owner;

--
-- Name: spend_authorization(integer, board.action, board.taken, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.spend_authorization(p_tenant integer, p_action board.action, p_claim board.taken, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.spend_authorization(p_tenant integer, p_action board.action, p_claim board.taken, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: spend_leave(board.duty); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.spend_leave(p_duty board.duty) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.spend_leave(p_duty board.duty) OWNER TO blackboard_owner;

--
-- Name: spend_ticket(bytea); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.spend_ticket(p_hash bytea) RETURNS TABLE(key_id text, filters jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.spend_ticket(p_hash bytea) OWNER TO blackboard_system;

--
-- Name: spent_partitions(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.spent_partitions() RETURNS SETOF regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.spent_partitions() OWNER TO blackboard_system;

--
-- Name: start_compensation(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.start_compensation(p_tenant integer, p_cases uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.start_compensation(p_tenant integer, p_cases uuid[]) OWNER TO blackboard_owner;

--
-- Name: start_session(integer, integer, uuid, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) OWNER TO blackboard_owner;

--
-- Name: still_waiting(integer, uuid[], uuid[], bigint[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.still_waiting(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.still_waiting(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) OWNER TO blackboard_owner;

--
-- Name: stop_waiting(integer, uuid[], text, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.stop_waiting(p_tenant integer, p_tasks uuid[], p_reason text, p_actor text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.stop_waiting(p_tenant integer, p_tasks uuid[], p_reason text, p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: stop_waiting_for(integer, text, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.stop_waiting_for(p_tenant integer, p_reason text, p_key text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.stop_waiting_for(p_tenant integer, p_reason text, p_key text, p_now timestamp with time zone) OWNER TO blackboard_system;

--
-- Name: strip_suspended(integer, uuid[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.strip_suspended(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.strip_suspended(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: sum_outflow(integer, board.outflow, text, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.sum_outflow(p_tenant integer, p_flow board.outflow, p_of text, p_currency text, p_since timestamp with time zone, OUT count bigint, OUT amount numeric) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.sum_outflow(p_tenant integer, p_flow board.outflow, p_of text, p_currency text, p_since timestamp with time zone, OUT count bigint, OUT amount numeric) OWNER TO blackboard_owner;

--
-- Name: suspend_cases(integer, integer, uuid[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.suspend_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.suspend_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) OWNER TO blackboard_owner;

--
-- Name: take_claims(integer, integer[], uuid[], bigint[], text[], timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.take_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone) RETURNS board.taken[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.take_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: take_quota(integer, integer, text, numeric, uuid, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.take_quota(p_tenant integer, p_quota integer, p_key text, p_amount numeric, p_task uuid, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.take_quota(p_tenant integer, p_quota integer, p_key text, p_amount numeric, p_task uuid, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: take_tokens(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.take_tokens(p_tenant integer, p_asks jsonb) RETURNS TABLE(name text, key text, granted double precision, rest double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.take_tokens(p_tenant integer, p_asks jsonb) OWNER TO blackboard_owner;

--
-- Name: task_clash(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.task_clash(p_tenant integer, p_agent integer, p_task uuid) RETURNS board.duty
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.task_clash(p_tenant integer, p_agent integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: tell_action(text, board.action, board.taken, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.tell_action(p_type text, p_action board.action, p_claim board.taken, p_more jsonb, p_now timestamp with time zone) RETURNS board.entry
    LANGUAGE sql IMMUTABLE
    RETURN ROW(p_type, (p_action).case_id, (p_claim).task_id, (p_claim).workflow, (p_claim).stage, (p_claim).capability, (p_claim).actor, ((jsonb_build_object('action_id', (p_action).action_id, 'kind', (p_action).kind, 'effect_key', (p_action).effect_key, 'digest', encode((p_action).digest, 'hex'::text)) || CASE WHEN ((p_action).attempts > 0) THEN jsonb_build_object('attempt', (p_action).attempts, 'receipt', (p_action).receipt, 'fence', (p_claim).fence) ELSE '{}'::jsonb END) || p_more), p_now)::board.entry;

ALTER FUNCTION board.tell_action(p_type text, p_action board.action, p_claim board.taken, p_more jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: tell_cases(integer, uuid[], text, integer, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.tell_cases(p_tenant integer, p_cases uuid[], p_type text, p_agent integer, p_reason text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.tell_cases(p_tenant integer, p_cases uuid[], p_type text, p_agent integer, p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: tell_delegation(board.delegation, text, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.tell_delegation(d board.delegation, p_type text, p_by integer, p_reason text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.tell_delegation(d board.delegation, p_type text, p_by integer, p_reason text) OWNER TO blackboard_owner;

--
-- Name: tell_leave(board.break_glass, text, integer, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.tell_leave(b board.break_glass, p_type text, p_by integer, p_reason text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.tell_leave(b board.break_glass, p_type text, p_by integer, p_reason text) OWNER TO blackboard_owner;

--
-- Name: tell_policy(integer, integer, text, text, integer, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.tell_policy(p_tenant integer, p_agent integer, p_type text, p_name text, p_version integer, p_told jsonb, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.tell_policy(p_tenant integer, p_agent integer, p_type text, p_name text, p_version integer, p_told jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: tell_webhook(integer, text, text, text, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.tell_webhook(p_tenant integer, p_type text, p_actor text, p_name text, p_about jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.tell_webhook(p_tenant integer, p_type text, p_actor text, p_name text, p_about jsonb) OWNER TO blackboard_owner;

--
-- Name: terms_of(integer, text, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.terms_of(p_tenant integer, p_customer text, p_cases uuid[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

ALTER FUNCTION board.terms_of(p_tenant integer, p_customer text, p_cases uuid[]) OWNER TO blackboard_system;

--
-- Name: texts(jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.texts(p_array jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN ARRAY(SELECT t.value AS t FROM jsonb_array_elements_text(COALESCE(texts.p_array, '[]'::jsonb)) t(value));

ALTER FUNCTION board.texts(p_array jsonb) OWNER TO blackboard_owner;

--
-- Name: time_out_reviews(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.time_out_reviews(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.time_out_reviews(p_limit integer) OWNER TO blackboard_system;

--
-- Name: trim_journal(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.trim_journal(p_keep_days integer, p_limit integer) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '500ms'
    AS (its body stands in schema/);

ALTER FUNCTION board.trim_journal(p_keep_days integer, p_limit integer) OWNER TO blackboard_owner;

--
-- Name: unplace_tasks(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.unplace_tasks(p_tenant integer, p_tasks uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.unplace_tasks(p_tenant integer, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: unqueue_tasks(integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.unqueue_tasks(p_tenant integer, p_tasks uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.unqueue_tasks(p_tenant integer, p_tasks uuid[]) OWNER TO blackboard_owner;

--
-- Name: event_id; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

CREATE SEQUENCE board.event_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE board.event_id OWNER TO blackboard_owner;

--
-- Name: event_in; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.event_in (
    event_id bigint DEFAULT nextval('board.event_id'::regclass) NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    recorded_on date DEFAULT ((clock_timestamp() AT TIME ZONE 'UTC'::text))::date NOT NULL,
    tenant_id integer NOT NULL,
    size integer NOT NULL,
    entries board.entry[] NOT NULL,
    CONSTRAINT event_in_size_check CHECK ((size > 0))
)
PARTITION BY RANGE (recorded_on);
ALTER TABLE ONLY board.event_in ALTER COLUMN entries SET STORAGE EXTERNAL;

ALTER TABLE ONLY board.event_in FORCE ROW LEVEL SECURITY;

ALTER TABLE board.event_in OWNER TO blackboard_owner;

--
-- Name: unseen_events(pg_snapshot); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.unseen_events(p_snap pg_snapshot) RETURNS SETOF board.event_in
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT e.event_id,
     e.xid,
     e.recorded_on,
     e.tenant_id,
     e.size,
     e.entries
    FROM board.event_in e
   WHERE (e.xid >= pg_snapshot_xmax(unseen_events.p_snap))
 UNION ALL
  SELECT e.event_id,
     e.xid,
     e.recorded_on,
     e.tenant_id,
     e.size,
     e.entries
    FROM board.event_in e
   WHERE (e.xid = ANY (ARRAY( SELECT x.x
            FROM pg_snapshot_xip(unseen_events.p_snap) x(x))));
END;

ALTER FUNCTION board.unseen_events(p_snap pg_snapshot) OWNER TO blackboard_system;

--
-- Name: usual_class(board.agent); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.usual_class(p_agent board.agent) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((p_agent).kind = 'human'::text) THEN 'person'::text WHEN ((p_agent).role = 'requester'::text) THEN 'customer'::text ELSE 'agent'::text END;

ALTER FUNCTION board.usual_class(p_agent board.agent) OWNER TO blackboard_owner;

--
-- Name: wake_waiting(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.wake_waiting(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.wake_waiting(p_limit integer) OWNER TO blackboard_system;

--
-- Name: was_authorized(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.was_authorized(p_tenant integer, p_action uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.was_authorized(p_tenant integer, p_action uuid) OWNER TO blackboard_owner;

--
-- Name: weigh_decisions(integer, integer[], uuid[], text[], jsonb[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.weigh_decisions(p_tenant integer, p_agents integer[], p_tasks uuid[], p_outcomes text[], p_decisions jsonb[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.weigh_decisions(p_tenant integer, p_agents integer[], p_tasks uuid[], p_outcomes text[], p_decisions jsonb[]) OWNER TO blackboard_owner;

--
-- Name: weigh_fact(integer, uuid, text, text, text[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.weigh_fact(p_tenant integer, p_case uuid, p_class text, p_model text, p_inputs text[]) RETURNS smallint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.weigh_fact(p_tenant integer, p_case uuid, p_class text, p_model text, p_inputs text[]) OWNER TO blackboard_owner;

--
-- Name: whose_outflow(board.outflow, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.whose_outflow(p_flow board.outflow, p_of text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE p_of WHEN 'payee'::text THEN (p_flow).payee WHEN 'payer'::text THEN (p_flow).payer WHEN 'maker'::text THEN (p_flow).maker ELSE (p_flow).agent END;

ALTER FUNCTION board.whose_outflow(p_flow board.outflow, p_of text) OWNER TO blackboard_owner;

--
-- Name: withdraw_tasks(integer, uuid[], text, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.withdraw_tasks(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) RETURNS board.entry[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.withdraw_tasks(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: withdraw_unwanted(integer, uuid[], uuid[], bigint[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.withdraw_unwanted(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.withdraw_unwanted(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) OWNER TO blackboard_owner;

--
-- Name: action; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.action WITH (security_invoker='true') AS
 SELECT action_id,
    case_id,
    task_id,
    kind,
    ordinal,
    effect_key,
    body,
    digest,
    state,
    attempts,
    receipt,
    undoes,
    created_at,
    expires_at,
    sent_at,
    settled_at
   FROM board.action a;

ALTER VIEW audit.action OWNER TO blackboard_owner;

--
-- Name: authorization; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit."authorization" WITH (security_invoker='true') AS
 SELECT authorization_id,
    action_id,
    case_id,
    task_id,
    digest,
    granted_by,
    policy,
    policy_version,
    read_set,
    state,
    granted_at,
    expires_at,
    spent_at,
    spent_by
   FROM board."authorization" z;

ALTER VIEW audit."authorization" OWNER TO blackboard_owner;

--
-- Name: break_glass; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.break_glass WITH (security_invoker='true') AS
 SELECT b.break_id,
    b.case_id,
    a.name AS agent,
    b.owner,
    b.duty,
    b.despite,
    b.reason,
    b.asked_owner,
    b.asked_at,
    b.approved_owner,
    b.approved_at,
    b.expires_at,
    b.revoked_at,
    b.spent_at,
    b.spent_on
   FROM (board.break_glass b
     JOIN board.agent a USING (tenant_id, agent_id));

ALTER VIEW audit.break_glass OWNER TO blackboard_owner;

--
-- Name: decision; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.decision WITH (security_invoker='true') AS
 SELECT decision_id,
    case_id,
    stage,
    task_id,
    kind,
    question,
    outcome,
    reasons,
    score,
    confidence,
    evidence,
    read_set,
    policy,
    policy_version,
    dissent,
    basis,
    decided_by,
    at
   FROM board.decision d;

ALTER VIEW audit.decision OWNER TO blackboard_owner;

--
-- Name: delegation; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.delegation WITH (security_invoker='true') AS
 SELECT d.delegation_id,
    f.name AS from_agent,
    d.from_owner,
    t.name AS to_agent,
    d.to_owner,
    d.capability,
    d.reason,
    d.since,
    d.until,
    d.ended_at
   FROM ((board.delegation d
     JOIN board.agent f ON (((f.tenant_id = d.tenant_id) AND (f.agent_id = d.from_agent))))
     JOIN board.agent t ON (((t.tenant_id = d.tenant_id) AND (t.agent_id = d.to_agent))));

ALTER VIEW audit.delegation OWNER TO blackboard_owner;

--
-- Name: duty; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.duty WITH (security_invoker='true') AS
 SELECT d.case_id,
    d.duty,
    d.owner,
    a.name AS agent,
    d.task_id,
    d.at
   FROM (board.duty d
     JOIN board.agent a USING (tenant_id, agent_id));

ALTER VIEW audit.duty OWNER TO blackboard_owner;

--
-- Name: event; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.event WITH (security_invoker='true') AS
 SELECT ((j."position" + e.nth) - 1) AS "position",
    e.at,
    e.type,
    e.case_id,
    e.task_id,
    e.workflow,
    e.stage,
    e.capability,
    e.actor,
    e.body
   FROM (board.journal j
     CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY e(type, case_id, task_id, workflow, stage, capability, actor, body, at, nth));

ALTER VIEW audit.event OWNER TO blackboard_owner;

--
-- Name: evidence; Type: VIEW; Schema: audit; Owner: blackboard_owner
--

CREATE VIEW audit.evidence WITH (security_invoker='true') AS
 SELECT e.evidence_id,
    e.action_id,
    a.name AS agent,
    e.task_id,
    e.fence,
    e.state,
    e.receipt
   FROM (board.action_evidence e
     JOIN board.agent a USING (tenant_id, agent_id));

ALTER VIEW audit.evidence OWNER TO blackboard_owner;

--
-- Name: decision; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.decision (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    "position" bigint NOT NULL,
    case_id uuid NOT NULL,
    number bigint NOT NULL,
    workflow text NOT NULL,
    stage text NOT NULL,
    task_id uuid NOT NULL,
    decided_by text NOT NULL,
    outcome text NOT NULL,
    reasons text[] NOT NULL,
    result jsonb,
    confidence double precision,
    policy text,
    authorizes text,
    case_outcome text,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY reading.decision FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.decision OWNER TO blackboard_owner;

--
-- Name: shown; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.shown (
    tenant_id integer NOT NULL,
    edition integer NOT NULL
);

ALTER TABLE ONLY reading.shown FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.shown OWNER TO blackboard_owner;

--
-- Name: agent_audit_log; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.agent_audit_log WITH (security_invoker='true') AS
 SELECT d."position" AS id,
    d.number AS request_id,
        CASE
            WHEN (d.case_outcome IS NOT NULL) THEN 'processed'::text
            ELSE d.stage
        END AS action,
    jsonb_build_object('client_id', c.client_id, 'request_type',
        CASE c.workflow
            WHEN 'general_request'::text THEN (c.payload ->> 'request_type'::text)
            ELSE c.workflow
        END, 'decision', COALESCE((d.result ->> 'decision'::text), d.outcome), 'confidence', COALESCE((d.result -> 'confidence'::text), to_jsonb(d.confidence)), 'summary', COALESCE((d.result ->> 'summary'::text), array_to_string(d.reasons, ', '::text)), 'decided_by', d.decided_by) AS result,
    d.at AS created_at
   FROM ((reading.decision d
     JOIN reading.shown USING (tenant_id, edition))
     JOIN reading."case" c ON (((c.case_id = d.case_id) AND (c.edition = d.edition))))
  WHERE ((d.workflow = ANY (ARRAY['trade_review'::text, 'onboarding'::text, 'research'::text, 'general_request'::text])) AND (d.decided_by <> 'board'::text) AND (NOT ((d.stage = 'received'::text) AND (d.outcome = 'received'::text))));

ALTER VIEW banking.agent_audit_log OWNER TO blackboard_owner;

--
-- Name: session; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.session (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    session_id text NOT NULL,
    customer_id text NOT NULL,
    last_intent text NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE ONLY reading.session FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.session OWNER TO blackboard_owner;

--
-- Name: agent_sessions; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.agent_sessions WITH (security_invoker='true') AS
 SELECT s.session_id,
    s.customer_id,
    s.last_intent,
    s.updated_at
   FROM (reading.session s
     JOIN reading.shown USING (tenant_id, edition));

ALTER VIEW banking.agent_sessions OWNER TO blackboard_owner;

--
-- Name: agent_tasks; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.agent_tasks WITH (security_invoker='true') AS
 SELECT c.number AS id,
    c.known_as AS task_id,
    COALESCE((c.payload ->> 'agent_name'::text), c.opened_by) AS agent_name,
        CASE
            WHEN (c.state = 'terminated'::text) THEN 'cancelled'::text
            WHEN (c.outcome = 'executed'::text) THEN 'completed'::text
            WHEN (c.outcome = ANY (ARRAY['rejected'::text, 'declined'::text, 'timed_out'::text])) THEN 'rejected'::text
            WHEN (c.closed_at IS NOT NULL) THEN 'failed'::text
            WHEN (c.awaits_person OR (c.state = 'suspended'::text)) THEN 'manual_review'::text
            ELSE 'started'::text
        END AS status,
    jsonb_build_object('request', (c.payload - '{task_id,agent_name}'::text[]), 'banking_result',
        CASE
            WHEN (c.outcome = 'executed'::text) THEN c.result
            ELSE NULL::jsonb
        END) AS payload,
    c.opened_at AS created_at
   FROM (reading."case" c
     JOIN reading.shown USING (tenant_id, edition))
  WHERE (c.workflow = 'payment'::text);

ALTER VIEW banking.agent_tasks OWNER TO blackboard_owner;

--
-- Name: audit_events; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.audit_events WITH (security_invoker='true') AS
 SELECT c.number AS id,
    c.client_id,
    "left"((c.payload ->> 'event_type'::text), 64) AS event_type,
    (c.payload -> 'payload'::text) AS payload,
    c.opened_at AS created_at
   FROM (reading."case" c
     JOIN reading.shown USING (tenant_id, edition))
  WHERE ((c.workflow = 'advice'::text) AND (c.outcome IS DISTINCT FROM 'unknown'::text));

ALTER VIEW banking.audit_events OWNER TO blackboard_owner;

--
-- Name: effect; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.effect (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    "position" bigint NOT NULL,
    case_id uuid NOT NULL,
    number bigint NOT NULL,
    workflow text NOT NULL,
    action_id uuid NOT NULL,
    kind text NOT NULL,
    effect_key text NOT NULL,
    attempt integer NOT NULL,
    state text NOT NULL,
    request jsonb NOT NULL,
    response jsonb,
    at timestamp with time zone NOT NULL,
    CONSTRAINT effect_state_check CHECK ((state = ANY (ARRAY['executed'::text, 'failed'::text, 'unknown'::text])))
);

ALTER TABLE ONLY reading.effect FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.effect OWNER TO blackboard_owner;

--
-- Name: banking_audit_log; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.banking_audit_log WITH (security_invoker='true') AS
 SELECT e."position" AS id,
    c.session_id,
    c.customer_id,
        CASE e.kind
            WHEN 'transfer'::text THEN 'transfer_funds'::text
            ELSE e.kind
        END AS action,
    e.request AS request_payload,
    (COALESCE(e.response, '{}'::jsonb) || jsonb_build_object('state', e.state)) AS response_payload,
    e.at AS created_at
   FROM ((reading.effect e
     JOIN reading.shown USING (tenant_id, edition))
     JOIN reading."case" c ON (((c.case_id = e.case_id) AND (c.edition = e.edition))))
UNION ALL
 SELECT c."position" AS id,
    c.session_id,
    c.customer_id,
    (c.payload ->> 'request'::text) AS action,
    c.payload AS request_payload,
    c.result AS response_payload,
    c.closed_at AS created_at
   FROM (reading."case" c
     JOIN reading.shown USING (tenant_id, edition))
  WHERE ((c.workflow = 'support'::text) AND (c.closed_at IS NOT NULL) AND (jsonb_typeof(c.result) = 'object'::text) AND ((c.payload ->> 'request'::text) = ANY (ARRAY['balance'::text, 'account_metadata'::text])));

ALTER VIEW banking.banking_audit_log OWNER TO blackboard_owner;

--
-- Name: banking_requests; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.banking_requests WITH (security_invoker='true') AS
 SELECT c.number AS id,
    c.client_id,
        CASE c.workflow
            WHEN 'general_request'::text THEN (c.payload ->> 'request_type'::text)
            ELSE c.workflow
        END AS request_type,
        CASE c.workflow
            WHEN 'general_request'::text THEN (c.payload -> 'details'::text)
            ELSE (c.payload - 'client_id'::text)
        END AS payload,
        CASE
            WHEN (c.state = 'terminated'::text) THEN 'cancelled'::text
            WHEN (c.outcome = 'failed'::text) THEN 'failed'::text
            WHEN (c.closed_at IS NOT NULL) THEN 'processed'::text
            WHEN (c.awaits_person OR (c.state = 'suspended'::text)) THEN 'manual_review'::text
            WHEN (c.stage = 'received'::text) THEN 'received'::text
            ELSE 'started'::text
        END AS status,
    c.opened_at AS created_at
   FROM (reading."case" c
     JOIN reading.shown USING (tenant_id, edition))
  WHERE (c.workflow = ANY (ARRAY['trade_review'::text, 'onboarding'::text, 'research'::text, 'general_request'::text]));

ALTER VIEW banking.banking_requests OWNER TO blackboard_owner;

--
-- Name: client; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.client (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    client_id text NOT NULL,
    name text NOT NULL,
    risk_profile text NOT NULL,
    instructions jsonb NOT NULL,
    "position" bigint NOT NULL,
    fetched_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE ONLY reading.client FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.client OWNER TO blackboard_owner;

--
-- Name: clients; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.clients WITH (security_invoker='true') AS
 SELECT c.client_id AS id,
    "left"(c.name, 120) AS name,
    "left"(c.risk_profile, 32) AS risk_profile
   FROM (reading.client c
     JOIN reading.shown USING (tenant_id, edition));

ALTER VIEW banking.clients OWNER TO blackboard_owner;

--
-- Name: loan_applications; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.loan_applications WITH (security_invoker='true') AS
 SELECT c.number AS id,
    "left"(COALESCE((c.payload ->> 'applicant_name'::text), (c.payload ->> 'customer_id'::text)), 255) AS applicant_name,
    (
        CASE
            WHEN ((c.payload ->> 'amount'::text) ~ '^[0-9]{1,10}(\.[0-9]{1,2})?$'::text) THEN (c.payload ->> 'amount'::text)
            ELSE NULL::text
        END)::numeric(12,2) AS amount,
        CASE
            WHEN (c.state = 'terminated'::text) THEN 'cancelled'::text
            WHEN (c.outcome = ANY (ARRAY['executed'::text, 'approved'::text])) THEN 'approved'::text
            WHEN (c.outcome = 'rejected'::text) THEN 'rejected'::text
            WHEN (c.closed_at IS NOT NULL) THEN 'failed'::text
            WHEN (EXISTS ( SELECT
               FROM reading.decision d
              WHERE ((d.case_id = c.case_id) AND (d.edition = c.edition) AND (d.outcome = 'approve'::text) AND (d.authorizes IS NOT NULL)))) THEN 'approved'::text
            WHEN (c.awaits_person OR (c.state = 'suspended'::text)) THEN 'manual_review'::text
            ELSE 'pending'::text
        END AS status,
    c.opened_at AS created_at
   FROM (reading."case" c
     JOIN reading.shown USING (tenant_id, edition))
  WHERE (c.workflow = 'loan'::text);

ALTER VIEW banking.loan_applications OWNER TO blackboard_owner;

--
-- Name: loan_decisions; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.loan_decisions WITH (security_invoker='true') AS
 SELECT d."position" AS id,
    d.number AS application_id,
    (d.outcome = 'approve'::text) AS approved,
    "left"(COALESCE((d.result ->> 'reason'::text), array_to_string(d.reasons, ', '::text)), 500) AS reason,
    (d."position" = max(d."position") OVER (PARTITION BY d.number, d.edition)) AS is_current,
    d.decided_by,
    d.at AS created_at
   FROM (reading.decision d
     JOIN reading.shown USING (tenant_id, edition))
  WHERE ((d.workflow = 'loan'::text) AND (((d.outcome = 'approve'::text) AND ((d.authorizes IS NOT NULL) OR (d.case_outcome = 'approved'::text))) OR ((d.outcome = 'reject'::text) AND (d.case_outcome = 'rejected'::text))));

ALTER VIEW banking.loan_decisions OWNER TO blackboard_owner;

--
-- Name: holding; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.holding (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    client_id text NOT NULL,
    symbol text NOT NULL,
    quantity numeric(18,6) NOT NULL
);

ALTER TABLE ONLY reading.holding FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.holding OWNER TO blackboard_owner;

--
-- Name: portfolios; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.portfolios WITH (security_invoker='true') AS
 SELECT h.client_id,
    "left"(h.symbol, 16) AS symbol,
    h.quantity
   FROM (reading.holding h
     JOIN reading.shown USING (tenant_id, edition));

ALTER VIEW banking.portfolios OWNER TO blackboard_owner;

--
-- Name: recommendations; Type: VIEW; Schema: banking; Owner: blackboard_owner
--

CREATE VIEW banking.recommendations WITH (security_invoker='true') AS
 SELECT c.number AS id,
    c.client_id,
    (c.payload -> 'payload'::text) AS recommendation,
        CASE
            WHEN (c.state = 'terminated'::text) THEN 'cancelled'::text
            WHEN (c.outcome = ANY (ARRAY['unsuitable'::text, 'declined'::text, 'rejected'::text, 'timed_out'::text])) THEN 'rejected'::text
            WHEN (c.outcome = ANY (ARRAY['recommended'::text, 'approved'::text])) THEN 'approved'::text
            WHEN (c.outcome = 'failed'::text) THEN 'failed'::text
            WHEN (c.closed_at IS NOT NULL) THEN 'completed'::text
            WHEN (c.awaits_person OR (c.state = 'suspended'::text)) THEN 'manual_review'::text
            ELSE 'pending'::text
        END AS status,
    c.opened_at AS created_at
   FROM (reading."case" c
     JOIN reading.shown USING (tenant_id, edition))
  WHERE ((c.workflow = 'advice'::text) AND ((c.payload ->> 'event_type'::text) ~~ '%recommendation%'::text) AND (c.outcome IS DISTINCT FROM 'unknown'::text));

ALTER VIEW banking.recommendations OWNER TO blackboard_owner;

--
-- Name: agent_agent_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.agent ALTER COLUMN agent_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.agent_agent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: apart; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.apart (
    tenant_id integer NOT NULL,
    workflow_id integer NOT NULL,
    duty text NOT NULL,
    other text NOT NULL,
    CONSTRAINT apart_check CHECK ((duty <> other)),
    CONSTRAINT apart_duty_check CHECK ((duty = ANY (ARRAY['maker'::text, 'delegator'::text, 'opinion'::text, 'checker'::text, 'executor'::text]))),
    CONSTRAINT apart_other_check CHECK ((other = ANY (ARRAY['maker'::text, 'delegator'::text, 'opinion'::text, 'checker'::text, 'executor'::text])))
);

ALTER TABLE ONLY board.apart FORCE ROW LEVEL SECURITY;

ALTER TABLE board.apart OWNER TO blackboard_owner;

--
-- Name: case_number; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

CREATE SEQUENCE board.case_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE board.case_number OWNER TO blackboard_owner;

--
-- Name: case_salt; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.case_salt (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    salt bytea NOT NULL,
    CONSTRAINT case_salt_salt_check CHECK ((length(salt) = 32))
);

ALTER TABLE ONLY board.case_salt FORCE ROW LEVEL SECURITY;

ALTER TABLE board.case_salt OWNER TO blackboard_owner;

--
-- Name: dead_letter; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.dead_letter (
    tenant_id integer NOT NULL,
    webhook_id uuid NOT NULL,
    "position" bigint NOT NULL,
    prev bigint NOT NULL,
    status integer,
    error text NOT NULL,
    attempts integer NOT NULL,
    is_due boolean DEFAULT false NOT NULL,
    is_lost boolean DEFAULT false NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.dead_letter FORCE ROW LEVEL SECURITY;

ALTER TABLE board.dead_letter OWNER TO blackboard_owner;

--
-- Name: idempotency; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.idempotency (
    tenant_id integer NOT NULL,
    agent_id integer NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    print bytea NOT NULL,
    status smallint NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_key_check CHECK ((length(key) <= 255)),
    CONSTRAINT idempotency_print_check CHECK ((length(print) = 32)),
    CONSTRAINT idempotency_route_check CHECK ((length(route) <= 200))
);

ALTER TABLE ONLY board.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE board.idempotency OWNER TO blackboard_owner;

--
-- Name: memory; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.memory (
    tenant_id integer NOT NULL,
    agent_id integer NOT NULL,
    subject text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    version integer NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT memory_key_check CHECK ((key ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT memory_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
);

ALTER TABLE ONLY board.memory FORCE ROW LEVEL SECURITY;

ALTER TABLE board.memory OWNER TO blackboard_owner;

--
-- Name: policy_policy_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.policy ALTER COLUMN policy_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.policy_policy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: queue; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.queue (
    queue_id integer NOT NULL,
    tenant_id integer NOT NULL,
    capability text NOT NULL,
    is_choosy boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY board.queue FORCE ROW LEVEL SECURITY;

ALTER TABLE board.queue OWNER TO blackboard_owner;

--
-- Name: queue_queue_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.queue ALTER COLUMN queue_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.queue_queue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: quota; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.quota (
    quota_id integer NOT NULL,
    tenant_id integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    per text NOT NULL,
    workflow text,
    capability text,
    amount_field text,
    ceiling numeric NOT NULL,
    per_second numeric,
    CONSTRAINT quota_ceiling_check CHECK (((ceiling > (0)::numeric) AND (ceiling < 'Infinity'::numeric))),
    CONSTRAINT quota_check CHECK (((kind = 'exposure'::text) = (amount_field IS NOT NULL))),
    CONSTRAINT quota_check1 CHECK (((kind = 'rate'::text) = (per_second IS NOT NULL))),
    CONSTRAINT quota_kind_check CHECK ((kind = ANY (ARRAY['concurrency'::text, 'rate'::text, 'exposure'::text]))),
    CONSTRAINT quota_name_check CHECK ((name ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT quota_per_check CHECK (((per = ANY (ARRAY['tenant'::text, 'workflow'::text, 'agent'::text, 'subject'::text])) OR (per ~ '^entity:[a-z][a-z0-9_-]{0,30}$'::text))),
    CONSTRAINT quota_per_second_check CHECK (((per_second > (0)::numeric) AND (per_second < 'Infinity'::numeric)))
);

ALTER TABLE ONLY board.quota FORCE ROW LEVEL SECURITY;

ALTER TABLE board.quota OWNER TO blackboard_owner;

--
-- Name: quota_bucket; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.quota_bucket (
    tenant_id integer NOT NULL,
    quota_id integer NOT NULL,
    key text NOT NULL,
    used numeric NOT NULL,
    at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY board.quota_bucket FORCE ROW LEVEL SECURITY;

ALTER TABLE board.quota_bucket OWNER TO blackboard_owner;

--
-- Name: quota_grant; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.quota_grant (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    quota_id integer NOT NULL,
    key text NOT NULL,
    amount numeric NOT NULL
);

ALTER TABLE ONLY board.quota_grant FORCE ROW LEVEL SECURITY;

ALTER TABLE board.quota_grant OWNER TO blackboard_owner;

--
-- Name: quota_quota_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.quota ALTER COLUMN quota_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.quota_quota_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: rate_bucket; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE UNLOGGED TABLE board.rate_bucket (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    tokens double precision NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.rate_bucket FORCE ROW LEVEL SECURITY;

ALTER TABLE board.rate_bucket OWNER TO blackboard_owner;

--
-- Name: rate_limit; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.rate_limit (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    per text NOT NULL,
    key_id text,
    route text,
    per_second double precision NOT NULL,
    burst double precision NOT NULL,
    CONSTRAINT rate_limit_burst_check CHECK ((burst >= (1)::double precision)),
    CONSTRAINT rate_limit_check CHECK (((key_id IS NULL) OR (per = 'key'::text))),
    CONSTRAINT rate_limit_name_check CHECK ((name ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT rate_limit_per_check CHECK ((per = ANY (ARRAY['tenant'::text, 'key'::text]))),
    CONSTRAINT rate_limit_per_second_check CHECK ((per_second > (0)::double precision))
);

ALTER TABLE ONLY board.rate_limit FORCE ROW LEVEL SECURITY;

ALTER TABLE board.rate_limit OWNER TO blackboard_owner;

--
-- Name: review_shown; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.review_shown (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    agent_id integer NOT NULL,
    print bytea NOT NULL,
    shown bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT review_shown_print_check CHECK ((length(print) = 32)),
    CONSTRAINT review_shown_shown_check CHECK ((length(shown) = 32))
);

ALTER TABLE ONLY board.review_shown FORCE ROW LEVEL SECURITY;

ALTER TABLE board.review_shown OWNER TO blackboard_owner;

--
-- Name: schedule; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.schedule (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    cron text NOT NULL,
    zone text NOT NULL,
    new_case jsonb NOT NULL,
    agent_id integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    CONSTRAINT schedule_cron_check CHECK ((length(cron) <= 100)),
    CONSTRAINT schedule_name_check CHECK ((name ~ '^[a-z][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT schedule_zone_check CHECK ((length(zone) <= 60))
);

ALTER TABLE ONLY board.schedule FORCE ROW LEVEL SECURITY;

ALTER TABLE board.schedule OWNER TO blackboard_owner;

--
-- Name: schema_migration; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.schema_migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE board.schema_migration OWNER TO blackboard_owner;

--
-- Name: signal; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.signal (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    name text NOT NULL,
    body jsonb NOT NULL,
    agent_id integer NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.signal FORCE ROW LEVEL SECURITY;

ALTER TABLE board.signal OWNER TO blackboard_owner;

--
-- Name: stage; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.stage (
    workflow_id integer NOT NULL,
    tenant_id integer NOT NULL,
    name text NOT NULL,
    tasks smallint NOT NULL,
    join_on text DEFAULT 'all'::text NOT NULL,
    timeout_s integer,
    escalations jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_timed boolean GENERATED ALWAYS AS (((timeout_s IS NOT NULL) OR (escalations <> '[]'::jsonb))) STORED,
    is_weighed boolean DEFAULT false NOT NULL,
    panel jsonb,
    CONSTRAINT stage_join_on_check CHECK ((join_on = ANY (ARRAY['all'::text, 'any'::text]))),
    CONSTRAINT stage_tasks_check CHECK (((tasks >= 1) AND (tasks <= 20))),
    CONSTRAINT stage_timeout_s_check CHECK ((timeout_s > 0))
);

ALTER TABLE ONLY board.stage FORCE ROW LEVEL SECURITY;

ALTER TABLE board.stage OWNER TO blackboard_owner;

--
-- Name: stage_task_stage_task_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.stage_task ALTER COLUMN stage_task_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.stage_task_stage_task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: stream_ticket; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.stream_ticket (
    ticket_hash bytea NOT NULL,
    tenant_id integer NOT NULL,
    key_id text NOT NULL,
    filters jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.stream_ticket FORCE ROW LEVEL SECURITY;

ALTER TABLE board.stream_ticket OWNER TO blackboard_owner;

--
-- Name: task_ready; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_ready (
    tenant_id integer NOT NULL,
    queue_id integer NOT NULL,
    priority smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    stage_task_id integer NOT NULL,
    fence bigint NOT NULL,
    attempt integer NOT NULL,
    ready_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.05');

ALTER TABLE ONLY board.task_ready FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task_ready OWNER TO blackboard_owner;

--
-- Name: task_rejection; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_rejection (
    tenant_id integer NOT NULL,
    agent_id integer NOT NULL,
    task_id uuid NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY board.task_rejection FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task_rejection OWNER TO blackboard_owner;

--
-- Name: tenant_tenant_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.tenant ALTER COLUMN tenant_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.tenant_tenant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: velocity; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.velocity (
    tenant_id integer NOT NULL,
    workflow_id integer NOT NULL,
    kind text NOT NULL,
    rank smallint NOT NULL,
    of text NOT NULL,
    window_s integer NOT NULL,
    count integer,
    amount numeric,
    currency text,
    CONSTRAINT velocity_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT velocity_check CHECK (((num_nonnulls(count, amount) > 0) AND ((amount IS NULL) = (currency IS NULL)))),
    CONSTRAINT velocity_count_check CHECK ((count > 0)),
    CONSTRAINT velocity_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT velocity_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT velocity_of_check CHECK ((of = ANY (ARRAY['payee'::text, 'payer'::text, 'agent'::text, 'maker'::text]))),
    CONSTRAINT velocity_window_s_check CHECK ((window_s > 0))
);

ALTER TABLE ONLY board.velocity FORCE ROW LEVEL SECURITY;

ALTER TABLE board.velocity OWNER TO blackboard_owner;

--
-- Name: wake; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.wake (
    wake_id bigint NOT NULL,
    tenant_id integer NOT NULL,
    reason text NOT NULL,
    key text NOT NULL,
    outcome text
);

ALTER TABLE ONLY board.wake FORCE ROW LEVEL SECURITY;

ALTER TABLE board.wake OWNER TO blackboard_owner;

--
-- Name: wake_wake_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.wake ALTER COLUMN wake_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.wake_wake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: workflow_action; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.workflow_action (
    tenant_id integer NOT NULL,
    workflow_id integer NOT NULL,
    kind text NOT NULL,
    fields text[] NOT NULL,
    expires_in_s integer NOT NULL,
    CONSTRAINT workflow_action_expires_in_s_check CHECK ((expires_in_s > 0)),
    CONSTRAINT workflow_action_fields_check CHECK ((cardinality(fields) > 0)),
    CONSTRAINT workflow_action_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_-]{0,62}$'::text))
);

ALTER TABLE ONLY board.workflow_action FORCE ROW LEVEL SECURITY;

ALTER TABLE board.workflow_action OWNER TO blackboard_owner;

--
-- Name: workflow_workflow_id_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.workflow ALTER COLUMN workflow_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.workflow_workflow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: working_day; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.working_day (
    tenant_id integer NOT NULL,
    calendar text NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    CONSTRAINT working_day_calendar_check CHECK (((length(calendar) >= 1) AND (length(calendar) <= 100))),
    CONSTRAINT working_day_check CHECK ((opens_at < closes_at))
);

ALTER TABLE ONLY board.working_day FORCE ROW LEVEL SECURITY;

ALTER TABLE board.working_day OWNER TO blackboard_owner;

--
-- Name: progress; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.progress (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    recorded_on date DEFAULT '-infinity'::date NOT NULL,
    projected_at timestamp with time zone NOT NULL,
    CONSTRAINT progress_only_row_check CHECK (only_row)
)
WITH (fillfactor='10');

ALTER TABLE ONLY reading.progress FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.progress OWNER TO blackboard_owner;

--
-- Name: rebuild; Type: TABLE; Schema: reading; Owner: blackboard_owner
--

CREATE TABLE reading.rebuild (
    tenant_id integer NOT NULL,
    edition integer NOT NULL,
    "position" bigint NOT NULL,
    recorded_on date DEFAULT '-infinity'::date NOT NULL,
    started_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY reading.rebuild FORCE ROW LEVEL SECURITY;

ALTER TABLE reading.rebuild OWNER TO blackboard_owner;

--
-- Name: action action_body_check; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.action
    ADD CONSTRAINT action_body_check CHECK ((digest = sha256(body))) NOT VALID;

--
-- Name: action action_effect_key_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.action
    ADD CONSTRAINT action_effect_key_key UNIQUE (effect_key);

--
-- Name: action_evidence action_evidence_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.action_evidence
    ADD CONSTRAINT action_evidence_pkey PRIMARY KEY (evidence_id);

--
-- Name: action action_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.action
    ADD CONSTRAINT action_pkey PRIMARY KEY (action_id);

--
-- Name: action action_state_check; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.action
    ADD CONSTRAINT action_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'authorized'::text, 'refused'::text, 'expired'::text, 'voided'::text, 'dispatching'::text, 'unknown'::text, 'executed'::text, 'failed'::text]))) NOT VALID;

--
-- Name: agent agent_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.agent
    ADD CONSTRAINT agent_pkey PRIMARY KEY (agent_id);

--
-- Name: agent agent_tenant_id_name_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.agent
    ADD CONSTRAINT agent_tenant_id_name_key UNIQUE (tenant_id, name);

--
-- Name: apart apart_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.apart
    ADD CONSTRAINT apart_pkey PRIMARY KEY (workflow_id, duty, other);

--
-- Name: api_key api_key_amount; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.api_key
    ADD CONSTRAINT api_key_amount CHECK ((((amount_max IS NULL) = (currency IS NULL)) AND (amount_max > (0)::numeric) AND (amount_max <> 'NaN'::numeric))) NOT VALID;

--
-- Name: api_key api_key_binding; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.api_key
    ADD CONSTRAINT api_key_binding CHECK ((((issuer IS NULL) = (subject IS NULL)) AND ((certificate IS NULL) OR (octet_length(certificate) = 32)))) NOT VALID;

--
-- Name: api_key api_key_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (key_id);

--
-- Name: authorization authorization_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board."authorization"
    ADD CONSTRAINT authorization_pkey PRIMARY KEY (authorization_id);

--
-- Name: break_glass break_glass_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.break_glass
    ADD CONSTRAINT break_glass_pkey PRIMARY KEY (break_id);

--
-- Name: case case_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board."case"
    ADD CONSTRAINT case_pkey PRIMARY KEY (case_id);

--
-- Name: case_salt case_salt_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.case_salt
    ADD CONSTRAINT case_salt_pkey PRIMARY KEY (case_id);

--
-- Name: dead_letter dead_letter_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (webhook_id, "position");

--
-- Name: decision decision_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (decision_id);

--
-- Name: delegation delegation_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.delegation
    ADD CONSTRAINT delegation_pkey PRIMARY KEY (delegation_id);

--
-- Name: duty duty_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.duty
    ADD CONSTRAINT duty_pkey PRIMARY KEY (case_id, owner, duty, agent_id);

--
-- Name: erasure erasure_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (erasure_id);

--
-- Name: fact fact_kind; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.fact
    ADD CONSTRAINT fact_kind CHECK ((kind = ANY (ARRAY['current'::text, 'accumulating'::text]))) NOT VALID;

--
-- Name: fact fact_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.fact
    ADD CONSTRAINT fact_pkey PRIMARY KEY (case_id, key, version);

--
-- Name: fact fact_source_class; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.fact
    ADD CONSTRAINT fact_source_class CHECK ((source_class = ANY (ARRAY['system_of_record'::text, 'person'::text, 'agent'::text, 'external'::text, 'model'::text, 'customer'::text]))) NOT VALID;

--
-- Name: fact fact_state_check; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.fact
    ADD CONSTRAINT fact_state_check CHECK ((state = ANY (ARRAY['asserted'::text, 'disputed'::text, 'retracted'::text]))) NOT VALID;

--
-- Name: fact fact_trust; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.fact
    ADD CONSTRAINT fact_trust CHECK (((trust >= 0) AND (trust <= 3))) NOT VALID;

--
-- Name: fact fact_valid; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.fact
    ADD CONSTRAINT fact_valid CHECK ((valid_from < valid_until)) NOT VALID;

--
-- Name: hold hold_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (tenant_id, kind, name);

--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (agent_id, route, key);

--
-- Name: journal_epoch journal_epoch_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.journal_epoch
    ADD CONSTRAINT journal_epoch_pkey PRIMARY KEY (epoch);

--
-- Name: journal_floor journal_floor_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.journal_floor
    ADD CONSTRAINT journal_floor_pkey PRIMARY KEY (only_row);

--
-- Name: journal_head journal_head_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.journal_head
    ADD CONSTRAINT journal_head_pkey PRIMARY KEY (only_row);

--
-- Name: journal journal_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY ("position", recorded_on);

--
-- Name: journal_sealed journal_sealed_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.journal_sealed
    ADD CONSTRAINT journal_sealed_pkey PRIMARY KEY (only_row);

--
-- Name: memory memory_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.memory
    ADD CONSTRAINT memory_pkey PRIMARY KEY (agent_id, subject, key);

--
-- Name: opinion opinion_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.opinion
    ADD CONSTRAINT opinion_pkey PRIMARY KEY (opinion_id);

--
-- Name: opinion opinion_task_id_revision_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.opinion
    ADD CONSTRAINT opinion_task_id_revision_key UNIQUE (task_id, revision);

--
-- Name: outflow outflow_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.outflow
    ADD CONSTRAINT outflow_pkey PRIMARY KEY (action_id);

--
-- Name: policy policy_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (policy_id);

--
-- Name: policy policy_tenant_id_name_version_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.policy
    ADD CONSTRAINT policy_tenant_id_name_version_key UNIQUE (tenant_id, name, version);

--
-- Name: question question_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.question
    ADD CONSTRAINT question_pkey PRIMARY KEY (case_id, visit);

--
-- Name: queue queue_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (queue_id);

--
-- Name: queue queue_tenant_id_capability_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.queue
    ADD CONSTRAINT queue_tenant_id_capability_key UNIQUE (tenant_id, capability);

--
-- Name: quota_bucket quota_bucket_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.quota_bucket
    ADD CONSTRAINT quota_bucket_pkey PRIMARY KEY (quota_id, key);

--
-- Name: quota_grant quota_grant_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.quota_grant
    ADD CONSTRAINT quota_grant_pkey PRIMARY KEY (task_id, quota_id, key);

--
-- Name: quota quota_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.quota
    ADD CONSTRAINT quota_pkey PRIMARY KEY (quota_id);

--
-- Name: quota quota_tenant_id_name_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.quota
    ADD CONSTRAINT quota_tenant_id_name_key UNIQUE (tenant_id, name);

--
-- Name: rate_bucket rate_bucket_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.rate_bucket
    ADD CONSTRAINT rate_bucket_pkey PRIMARY KEY (tenant_id, name, key);

--
-- Name: rate_limit rate_limit_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.rate_limit
    ADD CONSTRAINT rate_limit_pkey PRIMARY KEY (tenant_id, name);

--
-- Name: review review_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.review
    ADD CONSTRAINT review_pkey PRIMARY KEY (task_id);

--
-- Name: review_shown review_shown_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.review_shown
    ADD CONSTRAINT review_shown_pkey PRIMARY KEY (task_id, agent_id, print);

--
-- Name: route route_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.route
    ADD CONSTRAINT route_pkey PRIMARY KEY (workflow_id, stage, outcome);

--
-- Name: schedule schedule_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (tenant_id, name);

--
-- Name: schema_migration schema_migration_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

--
-- Name: seal seal_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (tenant_id, number);

--
-- Name: session session_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (tenant_id, session_id);

--
-- Name: signal signal_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.signal
    ADD CONSTRAINT signal_pkey PRIMARY KEY (case_id, name);

--
-- Name: stage stage_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage
    ADD CONSTRAINT stage_pkey PRIMARY KEY (workflow_id, name);

--
-- Name: stage_task stage_task_awaits_check; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.stage_task
    ADD CONSTRAINT stage_task_awaits_check CHECK ((awaits = ANY (ARRAY['when'::text, 'signal'::text, 'timer'::text, 'case'::text, 'tally'::text]))) NOT VALID;

--
-- Name: stage_task stage_task_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage_task
    ADD CONSTRAINT stage_task_pkey PRIMARY KEY (stage_task_id);

--
-- Name: stage_task stage_task_workflow_id_stage_name_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage_task
    ADD CONSTRAINT stage_task_workflow_id_stage_name_key UNIQUE (workflow_id, stage, name);

--
-- Name: stream_ticket stream_ticket_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stream_ticket
    ADD CONSTRAINT stream_ticket_pkey PRIMARY KEY (ticket_hash);

--
-- Name: task_lease task_lease_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_lease
    ADD CONSTRAINT task_lease_pkey PRIMARY KEY (task_id);

--
-- Name: task task_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (task_id);

--
-- Name: task_ready task_ready_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_ready
    ADD CONSTRAINT task_ready_pkey PRIMARY KEY (queue_id, priority, due_at, seq);

--
-- Name: task_rejection task_rejection_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_rejection
    ADD CONSTRAINT task_rejection_pkey PRIMARY KEY (agent_id, task_id);

--
-- Name: task_scheduled task_scheduled_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_scheduled
    ADD CONSTRAINT task_scheduled_pkey PRIMARY KEY (ready_at, task_id);

--
-- Name: task_waiting task_waiting_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_waiting
    ADD CONSTRAINT task_waiting_pkey PRIMARY KEY (task_id, reason, key);

--
-- Name: task_waiting task_waiting_reason_check; Type: CHECK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_waiting
    ADD CONSTRAINT task_waiting_reason_check CHECK ((reason = ANY (ARRAY['when'::text, 'signal'::text, 'case'::text, 'tally'::text, 'after'::text, 'start'::text, 'input'::text, 'incident'::text, 'quarantine'::text, 'suspended'::text, 'paused'::text, 'frozen'::text, 'quota'::text]))) NOT VALID;

--
-- Name: tenant tenant_name_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.tenant
    ADD CONSTRAINT tenant_name_key UNIQUE (name);

--
-- Name: tenant tenant_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (tenant_id);

--
-- Name: timer timer_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (fires_at, case_id, visit, kind);

--
-- Name: velocity velocity_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.velocity
    ADD CONSTRAINT velocity_pkey PRIMARY KEY (workflow_id, kind, rank);

--
-- Name: wake wake_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.wake
    ADD CONSTRAINT wake_pkey PRIMARY KEY (wake_id);

--
-- Name: webhook webhook_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.webhook
    ADD CONSTRAINT webhook_pkey PRIMARY KEY (webhook_id);

--
-- Name: webhook webhook_tenant_id_name_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.webhook
    ADD CONSTRAINT webhook_tenant_id_name_key UNIQUE (tenant_id, name);

--
-- Name: workflow_action workflow_action_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.workflow_action
    ADD CONSTRAINT workflow_action_pkey PRIMARY KEY (workflow_id, kind);

--
-- Name: workflow workflow_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.workflow
    ADD CONSTRAINT workflow_pkey PRIMARY KEY (workflow_id);

--
-- Name: workflow workflow_tenant_id_name_version_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.workflow
    ADD CONSTRAINT workflow_tenant_id_name_version_key UNIQUE (tenant_id, name, version);

--
-- Name: working_day working_day_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.working_day
    ADD CONSTRAINT working_day_pkey PRIMARY KEY (tenant_id, calendar, opens_at);

--
-- Name: case case_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading."case"
    ADD CONSTRAINT case_pkey PRIMARY KEY (case_id, edition);

--
-- Name: client client_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.client
    ADD CONSTRAINT client_pkey PRIMARY KEY (tenant_id, edition, client_id);

--
-- Name: decision decision_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY ("position", edition);

--
-- Name: effect effect_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.effect
    ADD CONSTRAINT effect_pkey PRIMARY KEY ("position", edition);

--
-- Name: holding holding_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.holding
    ADD CONSTRAINT holding_pkey PRIMARY KEY (tenant_id, edition, client_id, symbol);

--
-- Name: progress progress_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (only_row);

--
-- Name: rebuild rebuild_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.rebuild
    ADD CONSTRAINT rebuild_pkey PRIMARY KEY (tenant_id);

--
-- Name: session session_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (tenant_id, edition, session_id);

--
-- Name: shown shown_pkey; Type: CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.shown
    ADD CONSTRAINT shown_pkey PRIMARY KEY (tenant_id);

--
-- Name: action_of_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX action_of_case ON board.action USING btree (case_id, kind, ordinal);

--
-- Name: action_undone; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX action_undone ON board.action USING btree (undoes) WHERE ((undoes IS NOT NULL) AND (state <> ALL (ARRAY['refused'::text, 'expired'::text, 'voided'::text, 'failed'::text])));

--
-- Name: api_key_subject; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX api_key_subject ON board.api_key USING btree (tenant_id, issuer, subject) WHERE ((subject IS NOT NULL) AND (revoked_at = 'infinity'::timestamp with time zone));

--
-- Name: authorization_in_force; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX authorization_in_force ON board."authorization" USING btree (action_id) WHERE (state = ANY (ARRAY['granted'::text, 'spent'::text]));

--
-- Name: authorization_of_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX authorization_of_case ON board."authorization" USING btree (case_id);

--
-- Name: break_glass_of_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX break_glass_of_case ON board.break_glass USING btree (case_id);

--
-- Name: break_glass_spent; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX break_glass_spent ON board.break_glass USING btree (spent_at) WHERE (spent_at IS NOT NULL);

--
-- Name: case_business_key; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX case_business_key ON board."case" USING btree (tenant_id, workflow, business_key) WHERE (business_key IS NOT NULL);

--
-- Name: case_of_number; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX case_of_number ON board."case" USING btree (number) WHERE (number IS NOT NULL);

--
-- Name: case_of_tenant; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX case_of_tenant ON board."case" USING btree (((tenant_id)::bigint), case_id);

--
-- Name: case_parent; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX case_parent ON board."case" USING btree (parent_task) WHERE (parent_task IS NOT NULL);

--
-- Name: case_subject; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX case_subject ON board."case" USING btree (tenant_id, subject, case_id) WHERE (subject IS NOT NULL);

--
-- Name: dead_letter_due; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX dead_letter_due ON board.dead_letter USING btree (webhook_id, "position") WHERE is_due;

--
-- Name: decision_of_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX decision_of_case ON board.decision USING btree (case_id);

--
-- Name: decision_of_task; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX decision_of_task ON board.decision USING btree (task_id);

--
-- Name: delegation_for; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX delegation_for ON board.delegation USING btree (to_agent);

--
-- Name: delegation_from; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX delegation_from ON board.delegation USING btree (tenant_id, from_owner);

--
-- Name: delegation_to; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX delegation_to ON board.delegation USING btree (tenant_id, to_owner);

--
-- Name: erasure_begun; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX erasure_begun ON board.erasure USING btree (tenant_id, customer) WHERE (state = 'begun'::text);

--
-- Name: event_in_order; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX event_in_order ON ONLY board.event_in USING btree (event_id);

--
-- Name: event_in_xid; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX event_in_xid ON ONLY board.event_in USING btree (xid);

--
-- Name: evidence_of_action; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX evidence_of_action ON board.action_evidence USING btree (action_id);

--
-- Name: idempotency_age; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX idempotency_age ON board.idempotency USING btree (created_at);

--
-- Name: opinion_of_owner; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX opinion_of_owner ON board.opinion USING btree (case_id, visit, owner) WHERE (state <> 'superseded'::text);

--
-- Name: opinion_of_seat; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX opinion_of_seat ON board.opinion USING btree (task_id) WHERE (state <> 'superseded'::text);

--
-- Name: outflow_by_agent; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX outflow_by_agent ON board.outflow USING btree (tenant_id, agent, at);

--
-- Name: outflow_by_maker; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX outflow_by_maker ON board.outflow USING btree (tenant_id, maker, at);

--
-- Name: outflow_by_payee; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX outflow_by_payee ON board.outflow USING btree (tenant_id, payee, at);

--
-- Name: outflow_by_payer; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX outflow_by_payer ON board.outflow USING btree (tenant_id, payer, at);

--
-- Name: policy_active; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX policy_active ON board.policy USING btree (tenant_id, name) WHERE (state = 'active'::text);

--
-- Name: question_due; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX question_due ON board.question USING btree (due_at) WHERE (state = 'open'::text);

--
-- Name: quota_in_use; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX quota_in_use ON board.quota_grant USING btree (quota_id, key);

--
-- Name: review_of_agent; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX review_of_agent ON board.review USING btree (agent_id, ended_at) WHERE (agent_id IS NOT NULL);

--
-- Name: review_open; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX review_open ON board.review USING btree (due_at, task_id) WHERE (ended_at IS NULL);

--
-- Name: review_warned; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX review_warned ON board.review USING btree (ended_at) WHERE (warnings <> '{}'::text[]);

--
-- Name: route_authorizes; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX route_authorizes ON board.route USING btree (tenant_id) WHERE (authorizes IS NOT NULL);

--
-- Name: seal_of_position; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX seal_of_position ON board.seal USING btree (tenant_id, last);

--
-- Name: session_ended; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX session_ended ON board.session USING btree (ended_at) WHERE (ended_at IS NOT NULL);

--
-- Name: session_of_agent; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX session_of_agent ON board.session USING btree (tenant_id, agent_id) WHERE (ended_at IS NULL);

--
-- Name: stage_weighed; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX stage_weighed ON board.stage USING btree (tenant_id) WHERE is_weighed;

--
-- Name: stream_ticket_expires; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX stream_ticket_expires ON board.stream_ticket USING btree (expires_at);

--
-- Name: task_of_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX task_of_case ON board.task USING btree (case_id);

--
-- Name: task_waiting_for; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX task_waiting_for ON board.task_waiting USING btree (key, reason);

--
-- Name: case_known_as; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX case_known_as ON reading."case" USING btree (tenant_id, edition, known_as);

--
-- Name: case_numbered; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE UNIQUE INDEX case_numbered ON reading."case" USING btree (tenant_id, edition, workflow, number);

--
-- Name: case_of_client; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX case_of_client ON reading."case" USING btree (tenant_id, edition, client_id, number) WHERE (client_id IS NOT NULL);

--
-- Name: case_of_customer; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX case_of_customer ON reading."case" USING btree (tenant_id, edition, customer_id);

--
-- Name: case_of_session; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX case_of_session ON reading."case" USING btree (tenant_id, edition, session_id) WHERE (session_id IS NOT NULL);

--
-- Name: decision_of_case; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX decision_of_case ON reading.decision USING btree (case_id, edition, "position");

--
-- Name: decision_of_number; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX decision_of_number ON reading.decision USING btree (tenant_id, edition, number, "position");

--
-- Name: effect_in_order; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX effect_in_order ON reading.effect USING btree (tenant_id, edition, "position");

--
-- Name: effect_of_case; Type: INDEX; Schema: reading; Owner: blackboard_owner
--

CREATE INDEX effect_of_case ON reading.effect USING btree (case_id, edition, "position");

--
-- Name: duty kept_apart; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER kept_apart BEFORE INSERT OR DELETE OR UPDATE ON board.duty FOR EACH ROW EXECUTE FUNCTION board.guard_duty();

--
-- Name: policy kept_as_drafted; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER kept_as_drafted BEFORE UPDATE ON board.policy FOR EACH ROW WHEN (((((((((((old.tenant_id IS DISTINCT FROM new.tenant_id) OR (old.policy_id IS DISTINCT FROM new.policy_id)) OR (old.name IS DISTINCT FROM new.name)) OR (old.version IS DISTINCT FROM new.version)) OR (old.body IS DISTINCT FROM new.body)) OR (old.digest IS DISTINCT FROM new.digest)) OR (old.author IS DISTINCT FROM new.author)) OR (old.author_owner IS DISTINCT FROM new.author_owner)) OR (old.drafted_at IS DISTINCT FROM new.drafted_at)) OR ((old.activated_at IS NOT NULL) AND (((old.activator IS DISTINCT FROM new.activator) OR (old.activator_owner IS DISTINCT FROM new.activator_owner)) OR (old.activated_at IS DISTINCT FROM new.activated_at))))) EXECUTE FUNCTION board.refuse_rewriting();

--
-- Name: action legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board.action FOR EACH ROW WHEN (((old.state <> new.state) AND (NOT board.may_move('action'::text, old.state, new.state)))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: case legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board."case" FOR EACH ROW WHEN (((old.closed_at IS NOT NULL) AND (old.state <> new.state))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: fact legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board.fact FOR EACH ROW WHEN (((old.state <> new.state) AND (NOT board.may_move('fact'::text, old.state, new.state)))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: policy legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board.policy FOR EACH ROW WHEN (((old.state <> new.state) AND (NOT board.may_move('policy'::text, old.state, new.state)))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: task legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board.task FOR EACH ROW WHEN (((old.state <> 'open'::text) AND (old.state <> new.state))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: policy never_deleted; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER never_deleted BEFORE DELETE ON board.policy FOR EACH ROW EXECUTE FUNCTION board.refuse_rewriting();

--
-- Name: agent agent_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.agent
    ADD CONSTRAINT agent_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: apart apart_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.apart
    ADD CONSTRAINT apart_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: apart apart_workflow_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.apart
    ADD CONSTRAINT apart_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES board.workflow(workflow_id);

--
-- Name: api_key api_key_agent_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.api_key
    ADD CONSTRAINT api_key_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES board.agent(agent_id);

--
-- Name: api_key api_key_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.api_key
    ADD CONSTRAINT api_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: break_glass break_glass_agent_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.break_glass
    ADD CONSTRAINT break_glass_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES board.agent(agent_id);

--
-- Name: break_glass break_glass_approved_by_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.break_glass
    ADD CONSTRAINT break_glass_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES board.agent(agent_id);

--
-- Name: break_glass break_glass_asked_by_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.break_glass
    ADD CONSTRAINT break_glass_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES board.agent(agent_id);

--
-- Name: break_glass break_glass_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.break_glass
    ADD CONSTRAINT break_glass_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: dead_letter dead_letter_webhook_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.dead_letter
    ADD CONSTRAINT dead_letter_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES board.webhook(webhook_id) ON DELETE CASCADE;

--
-- Name: delegation delegation_from_agent_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.delegation
    ADD CONSTRAINT delegation_from_agent_fkey FOREIGN KEY (from_agent) REFERENCES board.agent(agent_id);

--
-- Name: delegation delegation_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.delegation
    ADD CONSTRAINT delegation_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: delegation delegation_to_agent_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.delegation
    ADD CONSTRAINT delegation_to_agent_fkey FOREIGN KEY (to_agent) REFERENCES board.agent(agent_id);

--
-- Name: policy policy_activator_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.policy
    ADD CONSTRAINT policy_activator_fkey FOREIGN KEY (activator) REFERENCES board.agent(agent_id);

--
-- Name: policy policy_author_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.policy
    ADD CONSTRAINT policy_author_fkey FOREIGN KEY (author) REFERENCES board.agent(agent_id);

--
-- Name: policy policy_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.policy
    ADD CONSTRAINT policy_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: queue queue_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.queue
    ADD CONSTRAINT queue_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: quota quota_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.quota
    ADD CONSTRAINT quota_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: route route_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.route
    ADD CONSTRAINT route_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: route route_workflow_id_next_stage_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.route
    ADD CONSTRAINT route_workflow_id_next_stage_fkey FOREIGN KEY (workflow_id, next_stage) REFERENCES board.stage(workflow_id, name);

--
-- Name: route route_workflow_id_stage_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.route
    ADD CONSTRAINT route_workflow_id_stage_fkey FOREIGN KEY (workflow_id, stage) REFERENCES board.stage(workflow_id, name);

--
-- Name: schedule schedule_agent_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.schedule
    ADD CONSTRAINT schedule_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES board.agent(agent_id);

--
-- Name: schedule schedule_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.schedule
    ADD CONSTRAINT schedule_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: session session_agent_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.session
    ADD CONSTRAINT session_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES board.agent(agent_id);

--
-- Name: session session_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.session
    ADD CONSTRAINT session_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: stage_task stage_task_queue_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage_task
    ADD CONSTRAINT stage_task_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES board.queue(queue_id);

--
-- Name: stage_task stage_task_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage_task
    ADD CONSTRAINT stage_task_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: stage_task stage_task_workflow_id_stage_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage_task
    ADD CONSTRAINT stage_task_workflow_id_stage_fkey FOREIGN KEY (workflow_id, stage) REFERENCES board.stage(workflow_id, name);

--
-- Name: stage stage_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage
    ADD CONSTRAINT stage_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: stage stage_workflow_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage
    ADD CONSTRAINT stage_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES board.workflow(workflow_id);

--
-- Name: stream_ticket stream_ticket_key_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stream_ticket
    ADD CONSTRAINT stream_ticket_key_id_fkey FOREIGN KEY (key_id) REFERENCES board.api_key(key_id);

--
-- Name: stream_ticket stream_ticket_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stream_ticket
    ADD CONSTRAINT stream_ticket_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: velocity velocity_workflow_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.velocity
    ADD CONSTRAINT velocity_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES board.workflow(workflow_id);

--
-- Name: webhook webhook_agent_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.webhook
    ADD CONSTRAINT webhook_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES board.agent(agent_id);

--
-- Name: webhook webhook_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.webhook
    ADD CONSTRAINT webhook_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: workflow_action workflow_action_workflow_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.workflow_action
    ADD CONSTRAINT workflow_action_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES board.workflow(workflow_id);

--
-- Name: workflow workflow_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.workflow
    ADD CONSTRAINT workflow_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: rebuild rebuild_tenant_id_fkey; Type: FK CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.rebuild
    ADD CONSTRAINT rebuild_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: shown shown_tenant_id_fkey; Type: FK CONSTRAINT; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE ONLY reading.shown
    ADD CONSTRAINT shown_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: action; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.action ENABLE ROW LEVEL SECURITY;

--
-- Name: action_evidence; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.action_evidence ENABLE ROW LEVEL SECURITY;

--
-- Name: agent; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.agent ENABLE ROW LEVEL SECURITY;

--
-- Name: apart; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.apart ENABLE ROW LEVEL SECURITY;

--
-- Name: api_key; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.api_key ENABLE ROW LEVEL SECURITY;

--
-- Name: action auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.action FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: action_evidence auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.action_evidence FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: agent auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.agent FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: authorization auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board."authorization" FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: break_glass auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.break_glass FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: decision auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.decision FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: delegation auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.delegation FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: duty auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.duty FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: journal auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.journal FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: tenant auditor; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY auditor ON board.tenant FOR SELECT TO blackboard_auditor USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: authorization; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board."authorization" ENABLE ROW LEVEL SECURITY;

--
-- Name: break_glass; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.break_glass ENABLE ROW LEVEL SECURITY;

--
-- Name: case; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board."case" ENABLE ROW LEVEL SECURITY;

--
-- Name: case_salt; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.case_salt ENABLE ROW LEVEL SECURITY;

--
-- Name: dead_letter; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.dead_letter ENABLE ROW LEVEL SECURITY;

--
-- Name: decision; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.decision ENABLE ROW LEVEL SECURITY;

--
-- Name: delegation; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.delegation ENABLE ROW LEVEL SECURITY;

--
-- Name: duty; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.duty ENABLE ROW LEVEL SECURITY;

--
-- Name: erasure; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.erasure ENABLE ROW LEVEL SECURITY;

--
-- Name: event_in; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.event_in ENABLE ROW LEVEL SECURITY;

--
-- Name: fact; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.fact ENABLE ROW LEVEL SECURITY;

--
-- Name: hold; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.hold ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.idempotency ENABLE ROW LEVEL SECURITY;

--
-- Name: journal; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal ENABLE ROW LEVEL SECURITY;

--
-- Name: journal_epoch; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal_epoch ENABLE ROW LEVEL SECURITY;

--
-- Name: journal_floor; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal_floor ENABLE ROW LEVEL SECURITY;

--
-- Name: journal_head; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal_head ENABLE ROW LEVEL SECURITY;

--
-- Name: journal_sealed; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal_sealed ENABLE ROW LEVEL SECURITY;

--
-- Name: memory; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.memory ENABLE ROW LEVEL SECURITY;

--
-- Name: opinion; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.opinion ENABLE ROW LEVEL SECURITY;

--
-- Name: outflow; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.outflow ENABLE ROW LEVEL SECURITY;

--
-- Name: policy; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.policy ENABLE ROW LEVEL SECURITY;

--
-- Name: question; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.question ENABLE ROW LEVEL SECURITY;

--
-- Name: queue; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.queue ENABLE ROW LEVEL SECURITY;

--
-- Name: quota; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.quota ENABLE ROW LEVEL SECURITY;

--
-- Name: quota_bucket; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.quota_bucket ENABLE ROW LEVEL SECURITY;

--
-- Name: quota_grant; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.quota_grant ENABLE ROW LEVEL SECURITY;

--
-- Name: rate_bucket; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.rate_bucket ENABLE ROW LEVEL SECURITY;

--
-- Name: rate_limit; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.rate_limit ENABLE ROW LEVEL SECURITY;

--
-- Name: review; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.review ENABLE ROW LEVEL SECURITY;

--
-- Name: review_shown; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.review_shown ENABLE ROW LEVEL SECURITY;

--
-- Name: route; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.route ENABLE ROW LEVEL SECURITY;

--
-- Name: schedule; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.schedule ENABLE ROW LEVEL SECURITY;

--
-- Name: seal; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.seal ENABLE ROW LEVEL SECURITY;

--
-- Name: session; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.session ENABLE ROW LEVEL SECURITY;

--
-- Name: signal; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.signal ENABLE ROW LEVEL SECURITY;

--
-- Name: stage; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.stage ENABLE ROW LEVEL SECURITY;

--
-- Name: stage_task; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.stage_task ENABLE ROW LEVEL SECURITY;

--
-- Name: stream_ticket; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.stream_ticket ENABLE ROW LEVEL SECURITY;

--
-- Name: action system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.action TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: action_evidence system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.action_evidence TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: agent system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.agent TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: apart system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.apart TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: api_key system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.api_key TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: authorization system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board."authorization" TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: break_glass system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.break_glass TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: case system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board."case" TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: case_salt system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.case_salt TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: dead_letter system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.dead_letter TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: decision system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.decision TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: delegation system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.delegation TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: duty system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.duty TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: erasure system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.erasure TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: event_in system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.event_in TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: fact system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.fact TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: hold system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.hold TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: idempotency system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.idempotency TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal_epoch system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal_epoch TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal_floor system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal_floor TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal_head system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal_head TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal_sealed system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal_sealed TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: memory system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.memory TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: opinion system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.opinion TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: outflow system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.outflow TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: policy system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.policy TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: question system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.question TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: queue system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.queue TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: quota system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.quota TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: quota_bucket system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.quota_bucket TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: quota_grant system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.quota_grant TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: rate_bucket system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.rate_bucket TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: rate_limit system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.rate_limit TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: review system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.review TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: review_shown system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.review_shown TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: route system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.route TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: schedule system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.schedule TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: seal system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.seal TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: session system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.session TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: signal system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.signal TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: stage system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.stage TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: stage_task system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.stage_task TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: stream_ticket system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.stream_ticket TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task_lease system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task_lease TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task_ready system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task_ready TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task_rejection system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task_rejection TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task_scheduled system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task_scheduled TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task_waiting system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task_waiting TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: tenant system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.tenant TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: timer system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.timer TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: velocity system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.velocity TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: wake system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.wake TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: webhook system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.webhook TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: workflow system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.workflow TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: workflow_action system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.workflow_action TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: working_day system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.working_day TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: task; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task ENABLE ROW LEVEL SECURITY;

--
-- Name: task_lease; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_lease ENABLE ROW LEVEL SECURITY;

--
-- Name: task_ready; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_ready ENABLE ROW LEVEL SECURITY;

--
-- Name: task_rejection; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_rejection ENABLE ROW LEVEL SECURITY;

--
-- Name: task_scheduled; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_scheduled ENABLE ROW LEVEL SECURITY;

--
-- Name: task_waiting; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_waiting ENABLE ROW LEVEL SECURITY;

--
-- Name: action tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.action TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: action_evidence tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.action_evidence TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: agent tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.agent TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: apart tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.apart TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: api_key tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.api_key TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: authorization tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board."authorization" TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: break_glass tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.break_glass TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: case tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board."case" TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: case_salt tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.case_salt TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: dead_letter tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.dead_letter TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: decision tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.decision TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: delegation tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.delegation TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: duty tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.duty TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: erasure tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.erasure TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: event_in tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.event_in TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: fact tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.fact TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: hold tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.hold TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: idempotency tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.idempotency TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: journal tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: journal_epoch tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal_epoch TO blackboard_owner USING (true) WITH CHECK (true);

--
-- Name: journal_floor tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal_floor TO blackboard_owner USING (true) WITH CHECK (true);

--
-- Name: journal_head tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal_head TO blackboard_owner USING (true) WITH CHECK (true);

--
-- Name: journal_sealed tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal_sealed TO blackboard_owner USING (true) WITH CHECK (true);

--
-- Name: memory tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.memory TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: opinion tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.opinion TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: outflow tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.outflow TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: policy tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.policy TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: question tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.question TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: queue tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.queue TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: quota tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.quota TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: quota_bucket tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.quota_bucket TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: quota_grant tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.quota_grant TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: rate_bucket tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.rate_bucket TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: rate_limit tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.rate_limit TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: review tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.review TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: review_shown tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.review_shown TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: route tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.route TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: schedule tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.schedule TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: seal tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.seal TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: session tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.session TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: signal tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.signal TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: stage tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.stage TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: stage_task tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.stage_task TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: stream_ticket tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.stream_ticket TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: task tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: task_lease tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_lease TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: task_ready tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_ready TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: task_rejection tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_rejection TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: task_scheduled tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_scheduled TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: task_waiting tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_waiting TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: tenant; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.tenant ENABLE ROW LEVEL SECURITY;

--
-- Name: tenant tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.tenant TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: timer tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.timer TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: velocity tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.velocity TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: wake tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.wake TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: webhook tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.webhook TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: workflow tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.workflow TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: workflow_action tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.workflow_action TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: working_day tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.working_day TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: timer; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.timer ENABLE ROW LEVEL SECURITY;

--
-- Name: velocity; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.velocity ENABLE ROW LEVEL SECURITY;

--
-- Name: wake; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.wake ENABLE ROW LEVEL SECURITY;

--
-- Name: webhook; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.webhook ENABLE ROW LEVEL SECURITY;

--
-- Name: workflow; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.workflow ENABLE ROW LEVEL SECURITY;

--
-- Name: workflow_action; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.workflow_action ENABLE ROW LEVEL SECURITY;

--
-- Name: working_day; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.working_day ENABLE ROW LEVEL SECURITY;

--
-- Name: case; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading."case" ENABLE ROW LEVEL SECURITY;

--
-- Name: client; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.client ENABLE ROW LEVEL SECURITY;

--
-- Name: decision; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.decision ENABLE ROW LEVEL SECURITY;

--
-- Name: effect; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.effect ENABLE ROW LEVEL SECURITY;

--
-- Name: holding; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.holding ENABLE ROW LEVEL SECURITY;

--
-- Name: progress; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.progress ENABLE ROW LEVEL SECURITY;

--
-- Name: case reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading."case" FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: client reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.client FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: decision reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.decision FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: effect reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.effect FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: holding reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.holding FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: progress reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.progress FOR SELECT TO blackboard_reader USING (true);

--
-- Name: rebuild reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.rebuild FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: session reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.session FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: shown reader; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY reader ON reading.shown FOR SELECT TO blackboard_reader USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: rebuild; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.rebuild ENABLE ROW LEVEL SECURITY;

--
-- Name: session; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.session ENABLE ROW LEVEL SECURITY;

--
-- Name: shown; Type: ROW SECURITY; Schema: reading; Owner: blackboard_owner
--

ALTER TABLE reading.shown ENABLE ROW LEVEL SECURITY;

--
-- Name: case system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading."case" TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: client system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.client TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: decision system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.decision TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: effect system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.effect TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: holding system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.holding TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: progress system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.progress TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: rebuild system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.rebuild TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: session system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.session TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: shown system; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY system ON reading.shown TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: case tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading."case" TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: client tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.client TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: decision tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.decision TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: effect tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.effect TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: holding tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.holding TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: progress tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.progress TO blackboard_owner USING (true) WITH CHECK (true);

--
-- Name: rebuild tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.rebuild TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: session tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.session TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: shown tenant; Type: POLICY; Schema: reading; Owner: blackboard_owner
--

CREATE POLICY tenant ON reading.shown TO blackboard_owner USING ((tenant_id = ( SELECT board.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT board.current_tenant() AS current_tenant)));

--
-- Name: SCHEMA audit; Type: ACL; Schema: -; Owner: blackboard_owner
--

GRANT USAGE ON SCHEMA audit TO blackboard_auditor;

--
-- Name: SCHEMA banking; Type: ACL; Schema: -; Owner: blackboard_owner
--

GRANT USAGE ON SCHEMA banking TO blackboard_reader;

--
-- Name: SCHEMA board; Type: ACL; Schema: -; Owner: blackboard_owner
--

GRANT ALL ON SCHEMA board TO blackboard_system;
GRANT USAGE ON SCHEMA board TO blackboard_app;
GRANT USAGE ON SCHEMA board TO blackboard_reader;
GRANT USAGE ON SCHEMA board TO blackboard_auditor;
GRANT USAGE ON SCHEMA board TO blackboard_migrator;

--
-- Name: SCHEMA reading; Type: ACL; Schema: -; Owner: blackboard_owner
--

GRANT USAGE ON SCHEMA reading TO blackboard_system;
GRANT USAGE ON SCHEMA reading TO blackboard_reader;

--
-- Name: FUNCTION actions_are_authorized(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.actions_are_authorized(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.actions_are_authorized(p_tenant integer) TO blackboard_system;

--
-- Name: FUNCTION activate_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.activate_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.activate_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) TO blackboard_app;

--
-- Name: TABLE action; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.action TO blackboard_system;
GRANT SELECT ON TABLE board.action TO blackboard_auditor;

--
-- Name: FUNCTION add_action(p_tenant integer, p_case uuid, p_task uuid, p_agent integer, p_kind text, p_payload jsonb, p_undoes uuid, p_state text, p_expires_at timestamp with time zone, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.add_action(p_tenant integer, p_case uuid, p_task uuid, p_agent integer, p_kind text, p_payload jsonb, p_undoes uuid, p_state text, p_expires_at timestamp with time zone, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION add_agent(p_tenant integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.add_agent(p_tenant integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) FROM PUBLIC;

--
-- Name: FUNCTION add_key(p_tenant integer, p_agent integer, p_key_id text, p_secret_hash bytea); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.add_key(p_tenant integer, p_agent integer, p_key_id text, p_secret_hash bytea) FROM PUBLIC;

--
-- Name: FUNCTION add_tenant(p_name text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.add_tenant(p_name text) FROM PUBLIC;

--
-- Name: FUNCTION add_working_days(p_tenant integer, p_calendar text, p_opens timestamp with time zone[], p_closes timestamp with time zone[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.add_working_days(p_tenant integer, p_calendar text, p_opens timestamp with time zone[], p_closes timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.add_working_days(p_tenant integer, p_calendar text, p_opens timestamp with time zone[], p_closes timestamp with time zone[]) TO blackboard_app;

--
-- Name: TABLE review; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.review TO blackboard_system;

--
-- Name: TABLE task; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task TO blackboard_system;

--
-- Name: FUNCTION admit_reviewer(p_tenant integer, p_agent integer, p_task board.task, p_review board.review, p_now timestamp with time zone, OUT verdict text, OUT detail text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.admit_reviewer(p_tenant integer, p_agent integer, p_task board.task, p_review board.review, p_now timestamp with time zone, OUT verdict text, OUT detail text) FROM PUBLIC;

--
-- Name: FUNCTION admit_task(p_tenant integer, p_agent integer, p_task uuid, p_case uuid, p_stage_task integer, p_now timestamp with time zone, OUT reason text, OUT key text, OUT about jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.admit_task(p_tenant integer, p_agent integer, p_task uuid, p_case uuid, p_stage_task integer, p_now timestamp with time zone, OUT reason text, OUT key text, OUT about jsonb) FROM PUBLIC;

--
-- Name: FUNCTION advance_cases(p_tenant integer, p_moves board.move[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.advance_cases(p_tenant integer, p_moves board.move[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.advance_cases(p_tenant integer, p_moves board.move[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION advance_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_to bigint, p_prev bigint, p_rest_s double precision); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.advance_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_to bigint, p_prev bigint, p_rest_s double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION board.advance_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_to bigint, p_prev bigint, p_rest_s double precision) TO blackboard_app;

--
-- Name: FUNCTION against_handing_on(p_tenant integer, p_claim board.taken, p_to text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.against_handing_on(p_tenant integer, p_claim board.taken, p_to text) FROM PUBLIC;

--
-- Name: FUNCTION age_ready(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.age_ready(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.age_ready(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION agent_name(p_tenant integer, p_agent integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.agent_name(p_tenant integer, p_agent integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.agent_name(p_tenant integer, p_agent integer) TO blackboard_system;

--
-- Name: FUNCTION allowed_by_scope(p_part text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.allowed_by_scope(p_part text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.allowed_by_scope(p_part text) TO blackboard_system;

--
-- Name: FUNCTION answer_needs(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.answer_needs(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION apply_events(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.apply_events(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION approve_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.approve_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.approve_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION ask_leave(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_duty text, p_reason text, p_minutes integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.ask_leave(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_duty text, p_reason text, p_minutes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.ask_leave(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_duty text, p_reason text, p_minutes integer) TO blackboard_app;

--
-- Name: FUNCTION ask_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_fact text, p_question text, p_to text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.ask_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_fact text, p_question text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.ask_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_fact text, p_question text, p_to text) TO blackboard_app;

--
-- Name: FUNCTION awaits_person(p_workflow_id integer, p_stage text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.awaits_person(p_workflow_id integer, p_stage text) FROM PUBLIC;

--
-- Name: FUNCTION backoff(p_base_s numeric, p_max_s numeric, p_failures integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) FROM PUBLIC;

--
-- Name: FUNCTION bars_review(p_tenant integer, p_agent integer, v board.review, p_fence bigint); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.bars_review(p_tenant integer, p_agent integer, v board.review, p_fence bigint) FROM PUBLIC;

--
-- Name: FUNCTION begin_awaiting(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.begin_awaiting(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.begin_awaiting(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION begin_erasure(p_tenant integer, p_agent integer, p_customer text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.begin_erasure(p_tenant integer, p_agent integer, p_customer text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.begin_erasure(p_tenant integer, p_agent integer, p_customer text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION begin_rebuild(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.begin_rebuild(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.begin_rebuild(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION begin_reviews(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.begin_reviews(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.begin_reviews(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION blank(p_document jsonb, p_schema jsonb, p_token text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.blank(p_document jsonb, p_schema jsonb, p_token text) FROM PUBLIC;

--
-- Name: TABLE webhook; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.webhook TO blackboard_system;

--
-- Name: FUNCTION bury_event(p_webhook board.webhook, p_failure jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.bury_event(p_webhook board.webhook, p_failure jsonb) FROM PUBLIC;

--
-- Name: FUNCTION bystander(p_workflow text, p_stage text, p_actor text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.bystander(p_workflow text, p_stage text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.bystander(p_workflow text, p_stage text, p_actor text) TO blackboard_system;

--
-- Name: FUNCTION cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) TO blackboard_app;
GRANT ALL ON FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) TO blackboard_system;

--
-- Name: FUNCTION cancel_subcases(p_tenant integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.cancel_subcases(p_tenant integer, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION canonical_json(p_value jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.canonical_json(p_value jsonb) FROM PUBLIC;

--
-- Name: FUNCTION cases_in_flux(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.cases_in_flux() FROM PUBLIC;

--
-- Name: FUNCTION change_agent(p_tenant integer, p_agent integer, p_name text, p_changes jsonb, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.change_agent(p_tenant integer, p_agent integer, p_name text, p_changes jsonb, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.change_agent(p_tenant integer, p_agent integer, p_name text, p_changes jsonb, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION change_case_state(p_tenant integer, p_cases uuid[], p_from text, p_to text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.change_case_state(p_tenant integer, p_cases uuid[], p_from text, p_to text) FROM PUBLIC;

--
-- Name: FUNCTION check_actions(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_actions(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_actions(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_authorizations(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_authorizations(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_authorizations(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_books(p_executed text[], p_transfers jsonb, p_ordered text[], p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_books(p_executed text[], p_transfers jsonb, p_ordered text[], p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_books(p_executed text[], p_transfers jsonb, p_ordered text[], p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_duties(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_duties(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_duties(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_keys(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_keys(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_keys(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_panels(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_panels(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_panels(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_reading(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_reading(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_reading(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION check_reviews(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.check_reviews(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.check_reviews(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION claim_review(p_tenant integer, p_agent integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.claim_review(p_tenant integer, p_agent integer, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.claim_review(p_tenant integer, p_agent integer, p_task uuid) TO blackboard_app;

--
-- Name: FUNCTION claim_tasks(p_tenant integer, p_capabilities text[], p_agents integer[], p_sessions uuid[], p_claim_ids text[], p_limits integer[], p_lease_s integer[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.claim_tasks(p_tenant integer, p_capabilities text[], p_agents integer[], p_sessions uuid[], p_claim_ids text[], p_limits integer[], p_lease_s integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.claim_tasks(p_tenant integer, p_capabilities text[], p_agents integer[], p_sessions uuid[], p_claim_ids text[], p_limits integer[], p_lease_s integer[]) TO blackboard_app;

--
-- Name: FUNCTION claims_are_restricted(p_tenant integer, p_agents integer[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.claims_are_restricted(p_tenant integer, p_agents integer[]) FROM PUBLIC;

--
-- Name: FUNCTION clashing_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.clashing_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION clock(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.clock() FROM PUBLIC;
GRANT ALL ON FUNCTION board.clock() TO blackboard_system;

--
-- Name: SEQUENCE task_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.task_seq TO blackboard_system;

--
-- Name: TABLE "case"; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board."case" TO blackboard_system;

--
-- Name: TABLE question; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.question TO blackboard_system;

--
-- Name: FUNCTION close_question(p_tenant integer, p_case board."case", p_question board.question, p_decision jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.close_question(p_tenant integer, p_case board."case", p_question board.question, p_decision jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION complete_tasks(p_tenant integer, p_tasks uuid[], p_outcome text, p_result jsonb, p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.complete_tasks(p_tenant integer, p_tasks uuid[], p_outcome text, p_result jsonb, p_actor text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.complete_tasks(p_tenant integer, p_tasks uuid[], p_outcome text, p_result jsonb, p_actor text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION conclude(p_tenant integer, p_verb text, p_yes text, p_taken board.taken[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_told board.entry[], p_now timestamp with time zone, p_outcomes text[], p_unfit text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.conclude(p_tenant integer, p_verb text, p_yes text, p_taken board.taken[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_told board.entry[], p_now timestamp with time zone, p_outcomes text[], p_unfit text[]) FROM PUBLIC;

--
-- Name: FUNCTION count_broken(p_since timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.count_broken(p_since timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION count_hours(p_tenant integer, p_calendar text, p_after timestamp with time zone, p_seconds integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.count_hours(p_tenant integer, p_calendar text, p_after timestamp with time zone, p_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.count_hours(p_tenant integer, p_calendar text, p_after timestamp with time zone, p_seconds integer) TO blackboard_system;

--
-- Name: FUNCTION count_ready(p_queue integer, p_limit integer, OUT n bigint, OUT since timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.count_ready(p_queue integer, p_limit integer, OUT n bigint, OUT since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.count_ready(p_queue integer, p_limit integer, OUT n bigint, OUT since timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION current_scope(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.current_scope() FROM PUBLIC;
GRANT ALL ON FUNCTION board.current_scope() TO blackboard_system;

--
-- Name: FUNCTION current_tenant(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.current_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION board.current_tenant() TO blackboard_reader;
GRANT ALL ON FUNCTION board.current_tenant() TO blackboard_auditor;
GRANT ALL ON FUNCTION board.current_tenant() TO blackboard_system;

--
-- Name: TABLE session; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.session TO blackboard_system;

--
-- Name: FUNCTION cut_leases(p_sessions board.session[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.cut_leases(p_sessions board.session[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.cut_leases(p_sessions board.session[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION decide_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_decisions jsonb[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.decide_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_decisions jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.decide_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_decisions jsonb[]) TO blackboard_app;

--
-- Name: FUNCTION decisions_are_weighed(p_tenant integer, p_outcomes text[], p_decisions jsonb[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.decisions_are_weighed(p_tenant integer, p_outcomes text[], p_decisions jsonb[]) FROM PUBLIC;

--
-- Name: FUNCTION declared_payload(p_tenant integer, p_case uuid, p_kind text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.declared_payload(p_tenant integer, p_case uuid, p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION delegate(p_tenant integer, p_agent integer, p_from text, p_to text, p_capability text, p_until timestamp with time zone, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.delegate(p_tenant integer, p_agent integer, p_from text, p_to text, p_capability text, p_until timestamp with time zone, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.delegate(p_tenant integer, p_agent integer, p_from text, p_to text, p_capability text, p_until timestamp with time zone, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION delegated_capabilities(p_tenant integer, p_agent integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.delegated_capabilities(p_tenant integer, p_agent integer) FROM PUBLIC;

--
-- Name: FUNCTION demand_admin(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_admin(p_tenant integer) FROM PUBLIC;

--
-- Name: FUNCTION demand_amounts(p_payloads jsonb[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_amounts(p_payloads jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.demand_amounts(p_payloads jsonb[]) TO blackboard_system;

--
-- Name: FUNCTION demand_cases(p_tenant integer, p_verb text, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_cases(p_tenant integer, p_verb text, p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.demand_cases(p_tenant integer, p_verb text, p_cases uuid[]) TO blackboard_system;

--
-- Name: FUNCTION demand_claim(p_capabilities text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_claim(p_capabilities text[]) FROM PUBLIC;

--
-- Name: FUNCTION demand_narrower(p_scope jsonb, p_expires_at timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_narrower(p_scope jsonb, p_expires_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION demand_opening(p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_opening(p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.demand_opening(p_items jsonb) TO blackboard_system;

--
-- Name: FUNCTION demand_scope(p_part text, p_wanted text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_scope(p_part text, p_wanted text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.demand_scope(p_part text, p_wanted text[]) TO blackboard_system;

--
-- Name: FUNCTION demand_tasks(p_tenant integer, p_verb text, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_tasks(p_tenant integer, p_verb text, p_tasks uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.demand_tasks(p_tenant integer, p_verb text, p_tasks uuid[]) TO blackboard_system;

--
-- Name: FUNCTION demand_unscoped(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.demand_unscoped() FROM PUBLIC;

--
-- Name: FUNCTION derived_keys(p_tenant integer, p_case uuid, p_ref text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.derived_keys(p_tenant integer, p_case uuid, p_ref text) FROM PUBLIC;

--
-- Name: FUNCTION describe_action(a board.action); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_action(a board.action) FROM PUBLIC;

--
-- Name: TABLE "authorization"; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board."authorization" TO blackboard_system;
GRANT SELECT ON TABLE board."authorization" TO blackboard_auditor;

--
-- Name: FUNCTION describe_authorization(z board."authorization"); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_authorization(z board."authorization") FROM PUBLIC;

--
-- Name: TABLE agent; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.agent TO blackboard_system;
GRANT SELECT ON TABLE board.agent TO blackboard_auditor;

--
-- Name: TABLE workflow; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.workflow TO blackboard_system;

--
-- Name: FUNCTION describe_case(c board."case"); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_case(c board."case") FROM PUBLIC;

--
-- Name: TABLE decision; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.decision TO blackboard_system;
GRANT SELECT ON TABLE board.decision TO blackboard_auditor;

--
-- Name: FUNCTION describe_decision(d board.decision); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_decision(d board.decision) FROM PUBLIC;

--
-- Name: TABLE delegation; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.delegation TO blackboard_system;
GRANT SELECT ON TABLE board.delegation TO blackboard_auditor;

--
-- Name: FUNCTION describe_delegation(d board.delegation); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_delegation(d board.delegation) FROM PUBLIC;

--
-- Name: TABLE action_evidence; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.action_evidence TO blackboard_system;
GRANT SELECT ON TABLE board.action_evidence TO blackboard_auditor;

--
-- Name: FUNCTION describe_evidence(e board.action_evidence); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_evidence(e board.action_evidence) FROM PUBLIC;

--
-- Name: TABLE fact; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.fact TO blackboard_system;

--
-- Name: FUNCTION describe_fact(f board.fact); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_fact(f board.fact) FROM PUBLIC;

--
-- Name: FUNCTION read_fact(f board.fact, OUT value jsonb, OUT state text, OUT trust smallint); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.read_fact(f board.fact, OUT value jsonb, OUT state text, OUT trust smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_fact(f board.fact, OUT value jsonb, OUT state text, OUT trust smallint) TO blackboard_system;

--
-- Name: FUNCTION known_facts(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.known_facts(p_tenant integer, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.known_facts(p_tenant integer, p_case uuid) TO blackboard_system;

--
-- Name: FUNCTION describe_facts(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_facts(p_tenant integer, p_case uuid) FROM PUBLIC;

--
-- Name: TABLE hold; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.hold TO blackboard_system;

--
-- Name: FUNCTION describe_hold(h board.hold); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_hold(h board.hold) FROM PUBLIC;

--
-- Name: TABLE api_key; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.api_key TO blackboard_system;

--
-- Name: FUNCTION describe_key(k board.api_key); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_key(k board.api_key) FROM PUBLIC;

--
-- Name: TABLE break_glass; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.break_glass TO blackboard_system;
GRANT SELECT ON TABLE board.break_glass TO blackboard_auditor;

--
-- Name: FUNCTION describe_leave(b board.break_glass); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_leave(b board.break_glass) FROM PUBLIC;

--
-- Name: FUNCTION unfit_reads(p_tenant integer, p_case uuid, p_reads text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.unfit_reads(p_tenant integer, p_case uuid, p_reads text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.unfit_reads(p_tenant integer, p_case uuid, p_reads text[]) TO blackboard_system;

--
-- Name: TABLE opinion; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.opinion TO blackboard_system;

--
-- Name: FUNCTION describe_opinion(o board.opinion); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_opinion(o board.opinion) FROM PUBLIC;
GRANT ALL ON FUNCTION board.describe_opinion(o board.opinion) TO blackboard_system;

--
-- Name: TABLE policy; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.policy TO blackboard_system;

--
-- Name: FUNCTION describe_policy(p_policy board.policy); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_policy(p_policy board.policy) FROM PUBLIC;

--
-- Name: FUNCTION describe_question(q board.question); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_question(q board.question) FROM PUBLIC;

--
-- Name: TABLE task_lease; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_lease TO blackboard_system;

--
-- Name: TABLE task_scheduled; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_scheduled TO blackboard_system;

--
-- Name: TABLE task_waiting; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_waiting TO blackboard_system;

--
-- Name: FUNCTION task_place(t board.task); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.task_place(t board.task) FROM PUBLIC;

--
-- Name: TABLE route; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.route TO blackboard_system;

--
-- Name: TABLE stage_task; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.stage_task TO blackboard_system;

--
-- Name: FUNCTION describe_review(v board.review, p_agent integer, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_review(v board.review, p_agent integer, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION describe_scope(k board.api_key); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_scope(k board.api_key) FROM PUBLIC;
GRANT ALL ON FUNCTION board.describe_scope(k board.api_key) TO blackboard_system;

--
-- Name: FUNCTION describe_task(t board.task); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_task(t board.task) FROM PUBLIC;

--
-- Name: FUNCTION describe_ticket(a board.action); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_ticket(a board.action) FROM PUBLIC;

--
-- Name: FUNCTION disable_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_error text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.disable_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.disable_webhook(p_tenant integer, p_webhook uuid, p_from bigint, p_error text) TO blackboard_app;

--
-- Name: FUNCTION drop_limit(p_tenant integer, p_agent integer, p_name text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.drop_limit(p_tenant integer, p_agent integer, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.drop_limit(p_tenant integer, p_agent integer, p_name text) TO blackboard_app;

--
-- Name: FUNCTION drop_quota(p_tenant integer, p_agent integer, p_name text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.drop_quota(p_tenant integer, p_agent integer, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.drop_quota(p_tenant integer, p_agent integer, p_name text) TO blackboard_app;

--
-- Name: FUNCTION drop_rebuild(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.drop_rebuild(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.drop_rebuild(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION drop_schedule(p_tenant integer, p_agent integer, p_name text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.drop_schedule(p_tenant integer, p_agent integer, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.drop_schedule(p_tenant integer, p_agent integer, p_name text) TO blackboard_app;

--
-- Name: FUNCTION drop_webhook(p_tenant integer, p_agent integer, p_name text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.drop_webhook(p_tenant integer, p_agent integer, p_name text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.drop_webhook(p_tenant integer, p_agent integer, p_name text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION due_questions(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.due_questions(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.due_questions(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION due_schedules(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.due_schedules(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.due_schedules(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION due_webhooks(p_busy uuid[], p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.due_webhooks(p_busy uuid[], p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.due_webhooks(p_busy uuid[], p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION end_authorization(p_tenant integer, p_claim board.taken, p_action board.action, p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.end_authorization(p_tenant integer, p_claim board.taken, p_action board.action, p_reason text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION end_delegation(p_tenant integer, p_agent integer, p_delegation uuid, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.end_delegation(p_tenant integer, p_agent integer, p_delegation uuid, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.end_delegation(p_tenant integer, p_agent integer, p_delegation uuid, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION end_leases(p_tenant integer, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.end_leases(p_tenant integer, p_tasks uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.end_leases(p_tenant integer, p_tasks uuid[]) TO blackboard_system;

--
-- Name: FUNCTION end_reviews(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.end_reviews(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION end_session(p_tenant integer, p_agent integer, p_session uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) TO blackboard_app;

--
-- Name: FUNCTION end_silent_sessions(p_silent_s integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.end_silent_sessions(p_silent_s integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.end_silent_sessions(p_silent_s integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION enforce_holds(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.enforce_holds() FROM PUBLIC;
GRANT ALL ON FUNCTION board.enforce_holds() TO blackboard_app;

--
-- Name: FUNCTION enter_later(p_tenant integer, p_gated uuid[], p_ids uuid[], p_items jsonb, p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.enter_later(p_tenant integer, p_gated uuid[], p_ids uuid[], p_items jsonb, p_actor text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION enter_scope(p_tenant integer, p_key_id text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.enter_scope(p_tenant integer, p_key_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.enter_scope(p_tenant integer, p_key_id text) TO blackboard_app;

--
-- Name: FUNCTION enter_stages(p_tenant integer, p_cases uuid[], p_actor text, p_now timestamp with time zone, p_gated boolean); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.enter_stages(p_tenant integer, p_cases uuid[], p_actor text, p_now timestamp with time zone, p_gated boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION board.enter_stages(p_tenant integer, p_cases uuid[], p_actor text, p_now timestamp with time zone, p_gated boolean) TO blackboard_system;

--
-- Name: FUNCTION enter_tenant(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.enter_tenant(p_tenant integer) FROM PUBLIC;

--
-- Name: TABLE erasure; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.erasure TO blackboard_system;

--
-- Name: FUNCTION erase_answers(p_tenant integer, p_cases uuid[], p_row board.erasure); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.erase_answers(p_tenant integer, p_cases uuid[], p_row board.erasure) FROM PUBLIC;

--
-- Name: FUNCTION erase_cases(p_tenant integer, p_agent integer, p_erasure uuid, p_members text[], p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.erase_cases(p_tenant integer, p_agent integer, p_erasure uuid, p_members text[], p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.erase_cases(p_tenant integer, p_agent integer, p_erasure uuid, p_members text[], p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION erase_events(p_tenant integer, p_erasure uuid, p_upto bigint, p_positions bigint[], p_bodies jsonb[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.erase_events(p_tenant integer, p_erasure uuid, p_upto bigint, p_positions bigint[], p_bodies jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.erase_events(p_tenant integer, p_erasure uuid, p_upto bigint, p_positions bigint[], p_bodies jsonb[]) TO blackboard_app;

--
-- Name: FUNCTION erase_outbox(p_tenant integer, p_cases uuid[], p_members text[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.erase_outbox(p_tenant integer, p_cases uuid[], p_members text[]) FROM PUBLIC;

--
-- Name: FUNCTION erase_readings(p_tenant integer, p_cases uuid[], p_row board.erasure); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.erase_readings(p_tenant integer, p_cases uuid[], p_row board.erasure) FROM PUBLIC;

--
-- Name: FUNCTION erase_rows(p_tenant integer, p_cases uuid[], p_terms text[], p_token text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.erase_rows(p_tenant integer, p_cases uuid[], p_terms text[], p_token text) FROM PUBLIC;

--
-- Name: FUNCTION escalate_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.escalate_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.escalate_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_reason text) TO blackboard_app;

--
-- Name: TABLE timer; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.timer TO blackboard_system;

--
-- Name: FUNCTION escalate_tasks(p_tenant integer, p_due board.timer[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.escalate_tasks(p_tenant integer, p_due board.timer[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: TABLE journal; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal TO blackboard_system;
GRANT SELECT ON TABLE board.journal TO blackboard_auditor;

--
-- Name: FUNCTION events_of_cases(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.events_of_cases(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.events_of_cases(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint) TO blackboard_app;

--
-- Name: FUNCTION examine_server(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.examine_server() FROM PUBLIC;
GRANT ALL ON FUNCTION board.examine_server() TO blackboard_app;

--
-- Name: FUNCTION expire_leases(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.expire_leases(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.expire_leases(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION expire_proposals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.expire_proposals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.expire_proposals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION expired_partitions(p_keep_days integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.expired_partitions(p_keep_days integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.expired_partitions(p_keep_days integer, p_limit integer) TO blackboard_owner;

--
-- Name: FUNCTION explain_clash(p_tenant integer, p_agent integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.explain_clash(p_tenant integer, p_agent integer, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.explain_clash(p_tenant integer, p_agent integer, p_task uuid) TO blackboard_app;

--
-- Name: FUNCTION explain_task(p_tenant integer, p_task uuid, p_alive_s integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.explain_task(p_tenant integer, p_task uuid, p_alive_s integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.explain_task(p_tenant integer, p_task uuid, p_alive_s integer) TO blackboard_app;

--
-- Name: FUNCTION fail_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_retryable boolean[], p_delays_s double precision[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.fail_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_retryable boolean[], p_delays_s double precision[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.fail_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_retryable boolean[], p_delays_s double precision[]) TO blackboard_app;

--
-- Name: FUNCTION fail_webhook(p_tenant integer, p_webhook uuid, p_failure jsonb, p_attempts integer, p_backoff_s double precision); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.fail_webhook(p_tenant integer, p_webhook uuid, p_failure jsonb, p_attempts integer, p_backoff_s double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION board.fail_webhook(p_tenant integer, p_webhook uuid, p_failure jsonb, p_attempts integer, p_backoff_s double precision) TO blackboard_app;

--
-- Name: FUNCTION find_bound(p_until bigint); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.find_bound(p_until bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_bound(p_until bigint) TO blackboard_app;

--
-- Name: FUNCTION find_case(p_tenant integer, p_workflow text, p_business_key text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_case(p_tenant integer, p_workflow text, p_business_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_case(p_tenant integer, p_workflow text, p_business_key text) TO blackboard_app;

--
-- Name: FUNCTION find_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: TABLE duty; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.duty TO blackboard_system;
GRANT SELECT ON TABLE board.duty TO blackboard_auditor;

--
-- Name: FUNCTION find_clash(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_clash(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION find_closed_keys(p_keys text[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.find_closed_keys(p_keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_closed_keys(p_keys text[]) TO blackboard_app;

--
-- Name: FUNCTION find_in_flight(p_tenant integer, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_in_flight(p_tenant integer, p_cases uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION find_leave(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_despite text, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_leave(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_despite text, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION find_number(p_tenant integer, p_number bigint); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_number(p_tenant integer, p_number bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_number(p_tenant integer, p_number bigint) TO blackboard_app;

--
-- Name: FUNCTION find_opening(p_tenant integer, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_opening(p_tenant integer, p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_opening(p_tenant integer, p_cases uuid[]) TO blackboard_app;

--
-- Name: FUNCTION find_position(p_before timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.find_position(p_before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_position(p_before timestamp with time zone) TO blackboard_owner;

--
-- Name: FUNCTION find_ways(p_moves board.move[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.find_ways(p_moves board.move[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_ways(p_moves board.move[]) TO blackboard_system;

--
-- Name: FUNCTION fire_timers(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.fire_timers(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.fire_timers(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION fitting_tasks(p_tenant integer, p_key text, p_now timestamp with time zone, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.fitting_tasks(p_tenant integer, p_key text, p_now timestamp with time zone, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.fitting_tasks(p_tenant integer, p_key text, p_now timestamp with time zone, p_limit integer) TO blackboard_system;

--
-- Name: FUNCTION follow_steps(p_tenant integer, p_steps board.step[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.follow_steps(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.follow_steps(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) TO blackboard_app;

--
-- Name: FUNCTION forget_editions(p_tenant integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.forget_editions(p_tenant integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_editions(p_tenant integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION forget_idle_buckets(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.forget_idle_buckets(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_idle_buckets(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION forget_idle_callers(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.forget_idle_callers(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_idle_callers(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION forget_old_answers(p_keep_days integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.forget_old_answers(p_keep_days integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_old_answers(p_keep_days integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION forget_old_outflow(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.forget_old_outflow(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_old_outflow(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION forget_old_sessions(p_keep_days integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.forget_old_sessions(p_keep_days integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_old_sessions(p_keep_days integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION forward_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_to text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.forward_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_to text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forward_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_to text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION freeze_leases(p_tenant integer, p_cases uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.freeze_leases(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.freeze_leases(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION gather_history(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.gather_history(p_tenant integer, p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION give_back(p_tenant integer, p_verb text, p_yes text, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.give_back(p_tenant integer, p_verb text, p_yes text, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) FROM PUBLIC;

--
-- Name: FUNCTION give_fields(p_payload jsonb, p_given jsonb); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.give_fields(p_payload jsonb, p_given jsonb) FROM PUBLIC;

--
-- Name: FUNCTION give_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.give_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.give_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text) TO blackboard_app;

--
-- Name: FUNCTION grant_authorizations(p_tenant integer, p_steps board.step[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.grant_authorizations(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.grant_authorizations(p_tenant integer, p_steps board.step[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION grounds(p_tenant integer, p_case uuid, p_stage text, p_outcome text, OUT task_id uuid, OUT read_set text[], OUT policy text, OUT policy_version integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.grounds(p_tenant integer, p_case uuid, p_stage text, p_outcome text, OUT task_id uuid, OUT read_set text[], OUT policy text, OUT policy_version integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.grounds(p_tenant integer, p_case uuid, p_stage text, p_outcome text, OUT task_id uuid, OUT read_set text[], OUT policy text, OUT policy_version integer) TO blackboard_system;

--
-- Name: FUNCTION guard_duty(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.guard_duty() FROM PUBLIC;

--
-- Name: FUNCTION guard_reading(p_after bigint, p_epoch integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.guard_reading(p_after bigint, p_epoch integer) FROM PUBLIC;

--
-- Name: FUNCTION hand_on_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_done text, p_against text, p_told jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.hand_on_review(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_done text, p_against text, p_told jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION has_canonical_form(p_value jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.has_canonical_form(p_value jsonb) FROM PUBLIC;

--
-- Name: FUNCTION has_members(p_value jsonb, p_schema jsonb); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.has_members(p_value jsonb, p_schema jsonb) FROM PUBLIC;

--
-- Name: FUNCTION has_spoken(p_tenant integer, p_case uuid, p_agent integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.has_spoken(p_tenant integer, p_case uuid, p_agent integer) FROM PUBLIC;

--
-- Name: FUNCTION hear_holder(p_tenant integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.hear_holder(p_tenant integer, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) TO blackboard_app;

--
-- Name: FUNCTION heartbeat_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_lease_s integer[], p_progress jsonb[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.heartbeat_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_lease_s integer[], p_progress jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.heartbeat_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_lease_s integer[], p_progress jsonb[]) TO blackboard_app;

--
-- Name: FUNCTION hold_policy(p_tenant integer, p_name text, p_version integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.hold_policy(p_tenant integer, p_name text, p_version integer) FROM PUBLIC;

--
-- Name: FUNCTION hold_tasks(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.hold_tasks(p_tenant integer, p_case uuid, p_keys text[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION insist_on_disk(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.insist_on_disk() FROM PUBLIC;

--
-- Name: FUNCTION intent_of(p_workflow text, p_payload jsonb); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.intent_of(p_workflow text, p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION is_admin(p_tenant integer, p_agent integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.is_admin(p_tenant integer, p_agent integer) FROM PUBLIC;

--
-- Name: FUNCTION is_doubtful(f board.fact); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.is_doubtful(f board.fact) FROM PUBLIC;
GRANT ALL ON FUNCTION board.is_doubtful(f board.fact) TO blackboard_system;

--
-- Name: FUNCTION is_of_type(p_value jsonb, p_type text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.is_of_type(p_value jsonb, p_type text) FROM PUBLIC;

--
-- Name: FUNCTION is_reasoned(p_outcome text, p_reasons jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.is_reasoned(p_outcome text, p_reasons jsonb) FROM PUBLIC;

--
-- Name: FUNCTION is_seat(p_claim board.taken); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.is_seat(p_claim board.taken) FROM PUBLIC;

--
-- Name: FUNCTION issue_key(p_tenant integer, p_agent integer, p_name text, p_key_id text, p_secret_hash bytea, p_scope jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.issue_key(p_tenant integer, p_agent integer, p_name text, p_key_id text, p_secret_hash bytea, p_scope jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.issue_key(p_tenant integer, p_agent integer, p_name text, p_key_id text, p_secret_hash bytea, p_scope jsonb) TO blackboard_app;

--
-- Name: FUNCTION issue_ticket(p_tenant integer, p_key_id text, p_hash bytea, p_filters jsonb, p_seconds double precision); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.issue_ticket(p_tenant integer, p_key_id text, p_hash bytea, p_filters jsonb, p_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION board.issue_ticket(p_tenant integer, p_key_id text, p_hash bytea, p_filters jsonb, p_seconds double precision) TO blackboard_app;

--
-- Name: FUNCTION joined_owners(p_tenant integer, p_owner text, p_begun timestamp with time zone, p_at timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.joined_owners(p_tenant integer, p_owner text, p_begun timestamp with time zone, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.joined_owners(p_tenant integer, p_owner text, p_begun timestamp with time zone, p_at timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION judge_cases(p_tenant integer, p_cases uuid[], p_changed uuid[], p_yes text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_cases(p_tenant integer, p_cases uuid[], p_changed uuid[], p_yes text) FROM PUBLIC;

--
-- Name: FUNCTION judge_dispatch(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_dispatch(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION judge_fact(p_tenant integer, p_case uuid, p_agent board.agent, p_rules jsonb, p_newest integer, p_fact jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_fact(p_tenant integer, p_case uuid, p_agent board.agent, p_rules jsonb, p_newest integer, p_fact jsonb) FROM PUBLIC;

--
-- Name: FUNCTION judge_proposal(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_proposal(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid) FROM PUBLIC;

--
-- Name: FUNCTION judge_refused(p_tenant integer, p_verb text, p_accepted integer[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_reasons text[], p_now timestamp with time zone, OUT reasons text[], OUT told board.entry[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_refused(p_tenant integer, p_verb text, p_accepted integer[], p_agents integer[], p_tasks uuid[], p_fences bigint[], p_offered jsonb[], p_reasons text[], p_now timestamp with time zone, OUT reasons text[], OUT told board.entry[]) FROM PUBLIC;

--
-- Name: FUNCTION judge_review(p_tenant integer, p_agent integer, p_task uuid, p_said jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_review(p_tenant integer, p_agent integer, p_task uuid, p_said jsonb) FROM PUBLIC;

--
-- Name: FUNCTION judge_sending(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_sending(p_tenant integer, p_claim board.taken, p_newest board.action, p_kind text, p_payload jsonb, p_undoes uuid) FROM PUBLIC;

--
-- Name: FUNCTION judge_tally(p_question board.question, p_opinions uuid[], p_decision jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_tally(p_question board.question, p_opinions uuid[], p_decision jsonb) FROM PUBLIC;

--
-- Name: FUNCTION judge_undoing(p_tenant integer, p_case uuid, p_kind text, p_undoes uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_undoing(p_tenant integer, p_case uuid, p_kind text, p_undoes uuid) FROM PUBLIC;

--
-- Name: FUNCTION judge_velocity(p_tenant integer, p_claim board.taken, p_kind text, p_payload jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_velocity(p_tenant integer, p_claim board.taken, p_kind text, p_payload jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION keep_answers(p_tenant integer, p_answers jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) TO blackboard_app;

--
-- Name: FUNCTION keep_apart(p_tenant integer, p_workflow integer, p_pairs jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_apart(p_tenant integer, p_workflow integer, p_pairs jsonb) FROM PUBLIC;

--
-- Name: FUNCTION keep_decisions(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_decisions(p_tenant integer, p_taken board.taken[], p_decisions jsonb[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION keep_epoch(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.keep_epoch() FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_epoch() TO blackboard_app;

--
-- Name: FUNCTION keep_evidence(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_evidence(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_reason text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION keep_fact(p_case board."case", p_agent board.agent, p_task uuid, p_fence bigint, p_kind text, p_version integer, p_fact jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_fact(p_case board."case", p_agent board.agent, p_task uuid, p_fence bigint, p_kind text, p_version integer, p_fact jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION keep_key(p_tenant integer, p_agent integer, p_holder board.agent, p_key_id text, p_secret_hash bytea, p_like board.api_key); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_key(p_tenant integer, p_agent integer, p_holder board.agent, p_key_id text, p_secret_hash bytea, p_like board.api_key) FROM PUBLIC;

--
-- Name: FUNCTION keep_memory(p_tenant integer, p_agent integer, p_subject text, p_values jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_memory(p_tenant integer, p_agent integer, p_subject text, p_values jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_memory(p_tenant integer, p_agent integer, p_subject text, p_values jsonb) TO blackboard_app;

--
-- Name: FUNCTION keep_partitions(p_ahead_days integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_partitions(p_ahead_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_partitions(p_ahead_days integer) TO blackboard_app;

--
-- Name: FUNCTION keep_salts(p_tenants integer[], p_cases uuid[], p_salts bytea[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.keep_salts(p_tenants integer[], p_cases uuid[], p_salts bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_salts(p_tenants integer[], p_cases uuid[], p_salts bytea[]) TO blackboard_app;

--
-- Name: FUNCTION keep_seals(p_after bigint, p_upto bigint, p_day date, p_seals jsonb); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.keep_seals(p_after bigint, p_upto bigint, p_day date, p_seals jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_seals(p_after bigint, p_upto bigint, p_day date, p_seals jsonb) TO blackboard_app;

--
-- Name: FUNCTION keep_shown(p_tenant integer, p_agent integer, p_task uuid, p_print bytea, p_shown bytea); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_shown(p_tenant integer, p_agent integer, p_task uuid, p_print bytea, p_shown bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_shown(p_tenant integer, p_agent integer, p_task uuid, p_print bytea, p_shown bytea) TO blackboard_app;

--
-- Name: FUNCTION lapse_actions(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lapse_actions(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.lapse_actions(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION lapse_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.lapse_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: TABLE seal; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.seal TO blackboard_system;

--
-- Name: FUNCTION last_seals(p_tenants integer[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.last_seals(p_tenants integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.last_seals(p_tenants integer[]) TO blackboard_app;

--
-- Name: FUNCTION later_facts(p_tenant integer, p_case uuid, p_position bigint); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.later_facts(p_tenant integer, p_case uuid, p_position bigint) FROM PUBLIC;

--
-- Name: FUNCTION leave_state(b board.break_glass); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.leave_state(b board.break_glass) FROM PUBLIC;

--
-- Name: FUNCTION lift_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lift_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.lift_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION list_agents(p_tenant integer, p_alive_s integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) TO blackboard_app;

--
-- Name: FUNCTION list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_number bigint, p_before uuid, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_number bigint, p_before uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_number bigint, p_before uuid, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_clashes(p_tenant integer, p_case uuid, p_agent integer, p_duty text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_clashes(p_tenant integer, p_case uuid, p_agent integer, p_duty text) FROM PUBLIC;

--
-- Name: FUNCTION list_dead_letters(p_tenant integer, p_name text, p_after bigint, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_dead_letters(p_tenant integer, p_name text, p_after bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_dead_letters(p_tenant integer, p_name text, p_after bigint, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_delegations(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_delegations(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_delegations(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION list_duties(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_duties(p_tenant integer, p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION list_executed(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.list_executed() FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_executed() TO blackboard_app;

--
-- Name: FUNCTION list_held(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_held(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_held(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) TO blackboard_app;

--
-- Name: FUNCTION list_holds(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_holds(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_holds(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION list_incidents(p_tenant integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_incidents(p_tenant integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_incidents(p_tenant integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_keys(p_tenant integer, p_name text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_keys(p_tenant integer, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_keys(p_tenant integer, p_name text) TO blackboard_app;

--
-- Name: FUNCTION list_leaves(p_tenant integer, p_case uuid, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_leaves(p_tenant integer, p_case uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_leaves(p_tenant integer, p_case uuid, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_limits(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_limits(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_limits(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION list_policies(p_tenant integer, p_name text, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_policies(p_tenant integer, p_name text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_policies(p_tenant integer, p_name text, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_quotas(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_quotas(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_quotas(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION list_reviews(p_tenant integer, p_agent integer, p_whose text, p_workflow text, p_stage text, p_case uuid, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_reviews(p_tenant integer, p_agent integer, p_whose text, p_workflow text, p_stage text, p_case uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_reviews(p_tenant integer, p_agent integer, p_whose text, p_workflow text, p_stage text, p_case uuid, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_schedules(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_schedules(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_schedules(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION list_seals(p_tenant integer, p_after bigint, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_seals(p_tenant integer, p_after bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_seals(p_tenant integer, p_after bigint, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION list_session_claims(p_tenant integer, p_agent integer, p_session uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_session_claims(p_tenant integer, p_agent integer, p_session uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_session_claims(p_tenant integer, p_agent integer, p_session uuid) TO blackboard_app;

--
-- Name: FUNCTION list_tallies(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.list_tallies() FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_tallies() TO blackboard_app;

--
-- Name: TABLE tenant; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.tenant TO blackboard_system;
GRANT SELECT ON TABLE board.tenant TO blackboard_auditor;

--
-- Name: FUNCTION list_tenants(p_name text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.list_tenants(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_tenants(p_name text) TO blackboard_app;

--
-- Name: FUNCTION list_webhooks(p_tenant integer, p_name text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_webhooks(p_tenant integer, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_webhooks(p_tenant integer, p_name text) TO blackboard_app;

--
-- Name: FUNCTION list_workflows(p_tenant integer, p_name text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_workflows(p_tenant integer, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_workflows(p_tenant integer, p_name text) TO blackboard_app;

--
-- Name: FUNCTION load_workflow(p_tenant integer, p_name text, p_first_stage text, p_definition jsonb, p_digest bytea, p_stages jsonb, p_routes jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.load_workflow(p_tenant integer, p_name text, p_first_stage text, p_definition jsonb, p_digest bytea, p_stages jsonb, p_routes jsonb) FROM PUBLIC;

--
-- Name: FUNCTION lock_admins(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_admins(p_tenant integer) FROM PUBLIC;

--
-- Name: FUNCTION lock_free_cases(p_tenant integer, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.lock_free_cases(p_tenant integer, p_cases uuid[]) FROM PUBLIC;

--
-- Name: TABLE journal_head; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal_head TO blackboard_system;

--
-- Name: FUNCTION lock_head(p_slice integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.lock_head(p_slice integer) FROM PUBLIC;

--
-- Name: FUNCTION lock_held(p_tenant integer, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_held(p_tenant integer, p_tasks uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION lock_held_back(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_held_back(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.lock_held_back(p_tenant integer) TO blackboard_system;

--
-- Name: FUNCTION lock_leave(p_tenant integer, p_case uuid, p_leave uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_leave(p_tenant integer, p_case uuid, p_leave uuid) FROM PUBLIC;

--
-- Name: FUNCTION lock_policy(p_tenant integer, p_name text, p_version integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_policy(p_tenant integer, p_name text, p_version integer) FROM PUBLIC;

--
-- Name: FUNCTION lock_stuck(p_tenant integer, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_stuck(p_tenant integer, p_tasks uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION look_up_key(p_key_id text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.look_up_key(p_key_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.look_up_key(p_key_id text) TO blackboard_app;

--
-- Name: FUNCTION look_up_subject(p_issuer text, p_subject text, p_tenant_name text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.look_up_subject(p_issuer text, p_subject text, p_tenant_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.look_up_subject(p_issuer text, p_subject text, p_tenant_name text) TO blackboard_app;

--
-- Name: FUNCTION mark_fact(p_tenant integer, p_agent integer, p_case uuid, p_key text, p_version integer, p_mark text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.mark_fact(p_tenant integer, p_agent integer, p_case uuid, p_key text, p_version integer, p_mark text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.mark_fact(p_tenant integer, p_agent integer, p_case uuid, p_key text, p_version integer, p_mark text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION may_move(p_machine text, p_from text, p_to text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.may_move(p_machine text, p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.may_move(p_machine text, p_from text, p_to text) TO blackboard_system;

--
-- Name: FUNCTION may_speak(p_agent board.agent, p_class text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.may_speak(p_agent board.agent, p_class text) FROM PUBLIC;

--
-- Name: FUNCTION may_take(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.may_take(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) FROM PUBLIC;

--
-- Name: FUNCTION measure_board(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.measure_board(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.measure_board(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION measure_load(p_now timestamp with time zone, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.measure_load(p_now timestamp with time zone, p_limit integer) FROM PUBLIC;

--
-- Name: FUNCTION measure_outbox(p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.measure_outbox(p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION measure_reading(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.measure_reading() FROM PUBLIC;
GRANT ALL ON FUNCTION board.measure_reading() TO blackboard_app;

--
-- Name: FUNCTION measure_server(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.measure_server() FROM PUBLIC;

--
-- Name: FUNCTION meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.meet_conditions(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) TO blackboard_app;

--
-- Name: TABLE "case"; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading."case" TO blackboard_system;
GRANT SELECT ON TABLE reading."case" TO blackboard_reader;

--
-- Name: FUNCTION misread_decision(p_case reading."case"); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.misread_decision(p_case reading."case") FROM PUBLIC;

--
-- Name: FUNCTION misread_effect(p_case reading."case"); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.misread_effect(p_case reading."case") FROM PUBLIC;

--
-- Name: FUNCTION name_shown_facts(p_tenant integer, p_tasks uuid[], p_decisions jsonb[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.name_shown_facts(p_tenant integer, p_tasks uuid[], p_decisions jsonb[]) FROM PUBLIC;

--
-- Name: FUNCTION need_input(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.need_input(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.need_input(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[], p_needs text[]) TO blackboard_app;

--
-- Name: FUNCTION needs_authorization(p_workflow integer, p_kind text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.needs_authorization(p_workflow integer, p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION new_id(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.new_id() FROM PUBLIC;
GRANT ALL ON FUNCTION board.new_id() TO blackboard_system;

--
-- Name: FUNCTION newest_action(p_tenant integer, p_case uuid, p_kind text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.newest_action(p_tenant integer, p_case uuid, p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.newest_action(p_tenant integer, p_case uuid, p_kind text) TO blackboard_system;

--
-- Name: FUNCTION newest_facts(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.newest_facts(p_tenant integer, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.newest_facts(p_tenant integer, p_case uuid) TO blackboard_app;
GRANT ALL ON FUNCTION board.newest_facts(p_tenant integer, p_case uuid) TO blackboard_system;

--
-- Name: FUNCTION note_decided(p_tenant integer, p_taken board.taken[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.note_decided(p_tenant integer, p_taken board.taken[]) FROM PUBLIC;

--
-- Name: FUNCTION note_duties(p_tenant integer, p_cases uuid[], p_agents integer[], p_duties text[], p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.note_duties(p_tenant integer, p_cases uuid[], p_agents integer[], p_duties text[], p_tasks uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION note_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.note_duty(p_tenant integer, p_case uuid, p_agent integer, p_duty text, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION note_keys_used(p_keys text[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.note_keys_used(p_keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.note_keys_used(p_keys text[]) TO blackboard_app;

--
-- Name: FUNCTION note_outflow(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.note_outflow(p_tenant integer, p_claim board.taken, p_action board.action, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION open_cases(p_tenant integer, p_agent integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) TO blackboard_app;
GRANT ALL ON FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) TO blackboard_system;

--
-- Name: FUNCTION open_questions(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.open_questions(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.open_questions(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION open_subcase(p_tenant integer, p_task uuid, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.open_subcase(p_tenant integer, p_task uuid, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION personal_parts(p_document jsonb, p_schema jsonb); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.personal_parts(p_document jsonb, p_schema jsonb) FROM PUBLIC;

--
-- Name: FUNCTION pick_ready(p_queues integer[], p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.pick_ready(p_queues integer[], p_limit integer) FROM PUBLIC;

--
-- Name: FUNCTION place_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.place_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.place_hold(p_tenant integer, p_agent integer, p_kind text, p_name text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION plan_steps(p_tenant integer, p_moves board.move[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.plan_steps(p_tenant integer, p_moves board.move[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.plan_steps(p_tenant integer, p_moves board.move[]) TO blackboard_system;

--
-- Name: FUNCTION print_screen(p_screen jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.print_screen(p_screen jsonb) FROM PUBLIC;

--
-- Name: FUNCTION project_changes(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_changes(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION project_clients(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_clients(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION project_decisions(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_decisions(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION project_effects(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_effects(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION project_events(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_events(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.project_events(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION project_opened(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_opened(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION project_sessions(p_events reading.event[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.project_sessions(p_events reading.event[]) FROM PUBLIC;

--
-- Name: FUNCTION promote_scheduled(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.promote_scheduled(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.promote_scheduled(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION propose_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid, p_expires_in_s integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.propose_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid, p_expires_in_s integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.propose_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid, p_expires_in_s integer) TO blackboard_app;

--
-- Name: FUNCTION propose_declared(p_tenant integer, p_cases uuid[], p_agent integer, p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.propose_declared(p_tenant integer, p_cases uuid[], p_agent integer, p_actor text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION put_facts(p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.put_facts(p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.put_facts(p_tenant integer, p_agent integer, p_case uuid, p_task uuid, p_fence bigint, p_facts jsonb) TO blackboard_app;

--
-- Name: FUNCTION put_limit(p_tenant integer, p_agent integer, p_limit jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.put_limit(p_tenant integer, p_agent integer, p_limit jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.put_limit(p_tenant integer, p_agent integer, p_limit jsonb) TO blackboard_app;

--
-- Name: FUNCTION put_quota(p_tenant integer, p_agent integer, p_quota jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.put_quota(p_tenant integer, p_agent integer, p_quota jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.put_quota(p_tenant integer, p_agent integer, p_quota jsonb) TO blackboard_app;

--
-- Name: FUNCTION put_schedule(p_tenant integer, p_agent integer, p_name text, p_cron text, p_zone text, p_new_case jsonb, p_next_at timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.put_schedule(p_tenant integer, p_agent integer, p_name text, p_cron text, p_zone text, p_new_case jsonb, p_next_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.put_schedule(p_tenant integer, p_agent integer, p_name text, p_cron text, p_zone text, p_new_case jsonb, p_next_at timestamp with time zone) TO blackboard_app;

--
-- Name: FUNCTION put_webhook(p_tenant integer, p_agent integer, p_name text, p_url text, p_filter jsonb, p_state text, p_secret text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.put_webhook(p_tenant integer, p_agent integer, p_name text, p_url text, p_filter jsonb, p_state text, p_secret text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.put_webhook(p_tenant integer, p_agent integer, p_name text, p_url text, p_filter jsonb, p_state text, p_secret text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION question_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.question_tasks(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION queue_place(p_place bigint, p_visit integer, p_n bigint); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.queue_place(p_place bigint, p_visit integer, p_n bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.queue_place(p_place bigint, p_visit integer, p_n bigint) TO blackboard_system;

--
-- Name: FUNCTION queue_tasks(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.queue_tasks(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.queue_tasks(p_tenant integer, p_tasks uuid[], p_actor text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION quota_needs(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.quota_needs(p_tenant integer, p_agent integer, p_case uuid, p_stage_task integer) FROM PUBLIC;

--
-- Name: FUNCTION quota_room(p_quota integer, p_key text, p_now timestamp with time zone, p_lock boolean); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.quota_room(p_quota integer, p_key text, p_now timestamp with time zone, p_lock boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION board.quota_room(p_quota integer, p_key text, p_now timestamp with time zone, p_lock boolean) TO blackboard_system;

--
-- Name: FUNCTION read_cases_journal(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint, p_limit integer, p_epoch integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_cases_journal(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint, p_limit integer, p_epoch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_cases_journal(p_tenant integer, p_cases uuid[], p_after bigint, p_upto bigint, p_limit integer, p_epoch integer) TO blackboard_app;

--
-- Name: FUNCTION read_conditions(p_cases uuid[], p_after uuid, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_conditions(p_cases uuid[], p_after uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_conditions(p_cases uuid[], p_after uuid, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION read_fact_rules(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.read_fact_rules(p_tenant integer, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_fact_rules(p_tenant integer, p_case uuid) TO blackboard_app;

--
-- Name: TABLE journal_epoch; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal_epoch TO blackboard_system;

--
-- Name: TABLE journal_floor; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal_floor TO blackboard_system;

--
-- Name: FUNCTION read_head(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_head() FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_head() TO blackboard_app;

--
-- Name: FUNCTION read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date, p_epoch integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date, p_epoch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date, p_epoch integer) TO blackboard_app;
GRANT ALL ON FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date, p_epoch integer) TO blackboard_owner;

--
-- Name: TABLE outflow; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.outflow TO blackboard_system;

--
-- Name: FUNCTION read_outflow(p_tenant integer, p_action uuid, p_claim board.taken, p_payload jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.read_outflow(p_tenant integer, p_action uuid, p_claim board.taken, p_payload jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION read_policy(p_tenant integer, p_name text, p_version integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.read_policy(p_tenant integer, p_name text, p_version integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_policy(p_tenant integer, p_name text, p_version integer) TO blackboard_app;

--
-- Name: FUNCTION read_salts(p_tenant integer, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.read_salts(p_tenant integer, p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_salts(p_tenant integer, p_cases uuid[]) TO blackboard_app;

--
-- Name: TABLE journal_sealed; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal_sealed TO blackboard_system;

--
-- Name: FUNCTION read_sealed(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_sealed() FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_sealed() TO blackboard_app;

--
-- Name: FUNCTION read_slice(p_tenant integer, p_edition integer, p_after bigint, p_until bigint, p_since date, p_limit integer, OUT events reading.event[], OUT last bigint, OUT day date, OUT size integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_slice(p_tenant integer, p_edition integer, p_after bigint, p_until bigint, p_since date, p_limit integer, OUT events reading.event[], OUT last bigint, OUT day date, OUT size integer) FROM PUBLIC;

--
-- Name: FUNCTION read_warnings(p_tenant integer, p_agent integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.read_warnings(p_tenant integer, p_agent integer, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_warnings(p_tenant integer, p_agent integer, p_task uuid) TO blackboard_app;

--
-- Name: FUNCTION rebuild_slice(p_tenant integer, p_limit integer, OUT done boolean, OUT "position" bigint, OUT until bigint); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.rebuild_slice(p_tenant integer, p_limit integer, OUT done boolean, OUT "position" bigint, OUT until bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.rebuild_slice(p_tenant integer, p_limit integer, OUT done boolean, OUT "position" bigint, OUT until bigint) TO blackboard_app;

--
-- Name: FUNCTION recall_answers(p_tenant integer, p_requests jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) TO blackboard_app;

--
-- Name: FUNCTION recall_events(p_types text[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.recall_events(p_types text[]) FROM PUBLIC;

--
-- Name: FUNCTION recall_memory(p_tenant integer, p_agent integer, p_subject text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.recall_memory(p_tenant integer, p_agent integer, p_subject text) FROM PUBLIC;

--
-- Name: FUNCTION receive_signals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.receive_signals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.receive_signals(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_undoes uuid) TO blackboard_app;

--
-- Name: FUNCTION record_decision(p_tenant integer, p_case uuid, p_visit integer, p_version bigint, p_opinions uuid[], p_decision jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.record_decision(p_tenant integer, p_case uuid, p_visit integer, p_version bigint, p_opinions uuid[], p_decision jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.record_decision(p_tenant integer, p_case uuid, p_visit integer, p_version bigint, p_opinions uuid[], p_decision jsonb) TO blackboard_app;

--
-- Name: FUNCTION record_events(p_tenant integer, p_entries board.entry[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.record_events(p_tenant integer, p_entries board.entry[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.record_events(p_tenant integer, p_entries board.entry[]) TO blackboard_system;

--
-- Name: FUNCTION record_streams(p_tenant integer, p_notes jsonb); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.record_streams(p_tenant integer, p_notes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.record_streams(p_tenant integer, p_notes jsonb) TO blackboard_app;

--
-- Name: FUNCTION redrive_tasks(p_tenant integer, p_agent integer, p_tasks uuid[], p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.redrive_tasks(p_tenant integer, p_agent integer, p_tasks uuid[], p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.redrive_tasks(p_tenant integer, p_agent integer, p_tasks uuid[], p_reason text) TO blackboard_app;

--
-- Name: FUNCTION refuse_clash(p_tenant integer, p_verb text, p_case uuid, p_task uuid, p_agent integer, p_duty text, p_fence bigint, p_offered jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_clash(p_tenant integer, p_verb text, p_case uuid, p_task uuid, p_agent integer, p_duty text, p_fence bigint, p_offered jsonb) FROM PUBLIC;

--
-- Name: FUNCTION refuse_effect(p_tenant integer, p_verb text, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_offered jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_effect(p_tenant integer, p_verb text, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_offered jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION refuse_facts(p_tenant integer, p_agent integer, p_case uuid, p_closed timestamp with time zone, p_task uuid, p_fence bigint, p_facts jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_facts(p_tenant integer, p_agent integer, p_case uuid, p_closed timestamp with time zone, p_task uuid, p_fence bigint, p_facts jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION refuse_mark(p_agent board.agent, p_case board."case", p_fact board.fact, p_mark text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_mark(p_agent board.agent, p_case board."case", p_fact board.fact, p_mark text) FROM PUBLIC;

--
-- Name: FUNCTION refuse_move(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_move() FROM PUBLIC;

--
-- Name: FUNCTION refuse_opinion(p_tenant integer, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_has_spoken boolean, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_opinion(p_tenant integer, p_reason text, p_agent integer, p_task uuid, p_fence bigint, p_has_spoken boolean, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION refuse_rewriting(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_rewriting() FROM PUBLIC;

--
-- Name: FUNCTION register_agent(p_tenant integer, p_agent integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.register_agent(p_tenant integer, p_agent integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.register_agent(p_tenant integer, p_agent integer, p_name text, p_owner text, p_kind text, p_role text, p_capabilities text[]) TO blackboard_app;

--
-- Name: FUNCTION reject_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.reject_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.reject_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) TO blackboard_app;

--
-- Name: FUNCTION release_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.release_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.release_tasks(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_reasons text[]) TO blackboard_app;

--
-- Name: FUNCTION release_unblocked(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.release_unblocked(p_limit integer) FROM PUBLIC;

--
-- Name: FUNCTION release_unheard(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[], p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.release_unheard(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[], p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.release_unheard(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[], p_reason text) TO blackboard_app;

--
-- Name: FUNCTION replay_webhook(p_tenant integer, p_agent integer, p_name text, p_after bigint, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.replay_webhook(p_tenant integer, p_agent integer, p_name text, p_after bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.replay_webhook(p_tenant integer, p_agent integer, p_name text, p_after bigint, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION resolve_task(p_tenant integer, p_agent integer, p_task uuid, p_outcome text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.resolve_task(p_tenant integer, p_agent integer, p_task uuid, p_outcome text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.resolve_task(p_tenant integer, p_agent integer, p_task uuid, p_outcome text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION rest_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.rest_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION rest_disputed(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.rest_disputed(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.rest_disputed(p_tenant integer, p_tasks uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION result_schemas(p_tenant integer, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.result_schemas(p_tenant integer, p_tasks uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.result_schemas(p_tenant integer, p_tasks uuid[]) TO blackboard_app;

--
-- Name: FUNCTION resume_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.resume_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.resume_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) TO blackboard_app;

--
-- Name: FUNCTION retire_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.retire_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.retire_policy(p_tenant integer, p_agent integer, p_name text, p_version integer, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION review_due(p_tenant integer, p_review jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.review_due(p_tenant integer, p_review jsonb, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.review_due(p_tenant integer, p_review jsonb, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION review_pace(p_tenant integer, p_agent integer, p_review jsonb, p_seen_s double precision, p_now timestamp with time zone, OUT in_hour bigint, OUT streak bigint, OUT warnings text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.review_pace(p_tenant integer, p_agent integer, p_review jsonb, p_seen_s double precision, p_now timestamp with time zone, OUT in_hour bigint, OUT streak bigint, OUT warnings text[]) FROM PUBLIC;

--
-- Name: FUNCTION review_policies(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.review_policies(p_tenant integer, p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION review_screen(p_tenant integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.review_screen(p_tenant integer, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION review_weighed(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.review_weighed(p_tenant integer, p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION revoke_key(p_tenant integer, p_agent integer, p_key_id text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.revoke_key(p_tenant integer, p_agent integer, p_key_id text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.revoke_key(p_tenant integer, p_agent integer, p_key_id text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION revoke_leases(p_tenant integer, p_tasks uuid[], p_actor text, p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.revoke_leases(p_tenant integer, p_tasks uuid[], p_actor text, p_reason text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.revoke_leases(p_tenant integer, p_tasks uuid[], p_actor text, p_reason text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION revoke_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.revoke_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.revoke_leave(p_tenant integer, p_agent integer, p_case uuid, p_leave uuid, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION ring_watchers(p_cases board."case"[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.ring_watchers(p_cases board."case"[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.ring_watchers(p_cases board."case"[]) TO blackboard_system;

--
-- Name: FUNCTION rotate_key(p_tenant integer, p_agent integer, p_key_id text, p_new_id text, p_secret_hash bytea, p_overlap_s integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.rotate_key(p_tenant integer, p_agent integer, p_key_id text, p_new_id text, p_secret_hash bytea, p_overlap_s integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.rotate_key(p_tenant integer, p_agent integer, p_key_id text, p_new_id text, p_secret_hash bytea, p_overlap_s integer) TO blackboard_app;

--
-- Name: FUNCTION rotate_secret(p_tenant integer, p_agent integer, p_name text, p_secret text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.rotate_secret(p_tenant integer, p_agent integer, p_name text, p_secret text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.rotate_secret(p_tenant integer, p_agent integer, p_name text, p_secret text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION run_schedule(p_tenant integer, p_name text, p_at timestamp with time zone, p_next_at timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.run_schedule(p_tenant integer, p_name text, p_at timestamp with time zone, p_next_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.run_schedule(p_tenant integer, p_name text, p_at timestamp with time zone, p_next_at timestamp with time zone) TO blackboard_app;

--
-- Name: FUNCTION same_person(p_tenant integer, p_owner text, p_at timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.same_person(p_tenant integer, p_owner text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.same_person(p_tenant integer, p_owner text, p_at timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION save_policy(p_tenant integer, p_agent integer, p_name text, p_body jsonb, p_digest bytea, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.save_policy(p_tenant integer, p_agent integer, p_name text, p_body jsonb, p_digest bytea, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.save_policy(p_tenant integer, p_agent integer, p_name text, p_body jsonb, p_digest bytea, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION say_clash(p_clash board.duty, p_agent integer, p_duty text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.say_clash(p_clash board.duty, p_agent integer, p_duty text) FROM PUBLIC;

--
-- Name: FUNCTION say_duty(d board.duty); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.say_duty(d board.duty) FROM PUBLIC;

--
-- Name: FUNCTION scrub(p_value jsonb, p_terms text[], p_token text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.scrub(p_value jsonb, p_terms text[], p_token text) FROM PUBLIC;

--
-- Name: FUNCTION scrub_text(p_text text, p_terms text[], p_token text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.scrub_text(p_text text, p_terms text[], p_token text) FROM PUBLIC;

--
-- Name: FUNCTION seal_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text, p_question board.question, p_last board.opinion, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.seal_opinion(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_said text, p_question board.question, p_last board.opinion, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION send_signal(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_body jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.send_signal(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_body jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.send_signal(p_tenant integer, p_agent integer, p_case uuid, p_name text, p_body jsonb) TO blackboard_app;

--
-- Name: FUNCTION sequence_events(p_refresh_s double precision, p_slice integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.sequence_events(p_refresh_s double precision, p_slice integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.sequence_events(p_refresh_s double precision, p_slice integer) TO blackboard_app;

--
-- Name: FUNCTION set_agent_state(p_tenant integer, p_agent integer, p_name text, p_state text, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.set_agent_state(p_tenant integer, p_agent integer, p_name text, p_state text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.set_agent_state(p_tenant integer, p_agent integer, p_name text, p_state text, p_reason text) TO blackboard_app;

--
-- Name: FUNCTION set_aside(p_tenant integer, p_row tid, p_reason text, p_key text, p_about jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.set_aside(p_tenant integer, p_row tid, p_reason text, p_key text, p_about jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION set_timers(p_tenant integer, p_cases uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.set_timers(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.set_timers(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_difference text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_difference text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb, p_difference text) TO blackboard_app;

--
-- Name: FUNCTION settle_dead_letter(p_tenant integer, p_webhook uuid, p_position bigint); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.settle_dead_letter(p_tenant integer, p_webhook uuid, p_position bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION board.settle_dead_letter(p_tenant integer, p_webhook uuid, p_position bigint) TO blackboard_app;

--
-- Name: FUNCTION short_calendars(p_days integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.short_calendars(p_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.short_calendars(p_days integer) TO blackboard_app;

--
-- Name: FUNCTION show_case(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_case(p_tenant integer, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_case(p_tenant integer, p_case uuid) TO blackboard_app;

--
-- Name: FUNCTION show_chain(p_tenant integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_chain(p_tenant integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_chain(p_tenant integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION show_claims(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_claims(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_claims(p_tenant integer, p_agent integer, p_tasks uuid[], p_fences bigint[]) TO blackboard_app;

--
-- Name: FUNCTION show_erasure(p_tenant integer, p_erasure uuid, OUT "position" bigint, OUT head bigint, OUT cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.show_erasure(p_tenant integer, p_erasure uuid, OUT "position" bigint, OUT head bigint, OUT cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_erasure(p_tenant integer, p_erasure uuid, OUT "position" bigint, OUT head bigint, OUT cases uuid[]) TO blackboard_app;

--
-- Name: FUNCTION show_facts(p_tenant integer, p_case uuid, p_position bigint, p_history boolean); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_facts(p_tenant integer, p_case uuid, p_position bigint, p_history boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_facts(p_tenant integer, p_case uuid, p_position bigint, p_history boolean) TO blackboard_app;

--
-- Name: FUNCTION show_load(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_load(p_tenant integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_load(p_tenant integer) TO blackboard_app;

--
-- Name: FUNCTION show_review(p_tenant integer, p_agent integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_review(p_tenant integer, p_agent integer, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_review(p_tenant integer, p_agent integer, p_task uuid) TO blackboard_app;

--
-- Name: FUNCTION show_task(p_tenant integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_task(p_tenant integer, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_task(p_tenant integer, p_task uuid) TO blackboard_app;

--
-- Name: FUNCTION sift_for(p_tenant integer, p_queues integer[], p_agent integer, p_limit integer, p_taken tid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.sift_for(p_tenant integer, p_queues integer[], p_agent integer, p_limit integer, p_taken tid[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION sift_ready(p_tenant integer, p_queues integer[], p_agents integer[], p_limits integer[], p_barred integer[], p_now timestamp with time zone, OUT row_ids tid[], OUT wishes integer[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.sift_ready(p_tenant integer, p_queues integer[], p_agents integer[], p_limits integer[], p_barred integer[], p_now timestamp with time zone, OUT row_ids tid[], OUT wishes integer[]) FROM PUBLIC;

--
-- Name: FUNCTION spend_authorization(p_tenant integer, p_action board.action, p_claim board.taken, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.spend_authorization(p_tenant integer, p_action board.action, p_claim board.taken, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION spend_leave(p_duty board.duty); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.spend_leave(p_duty board.duty) FROM PUBLIC;

--
-- Name: FUNCTION spend_ticket(p_hash bytea); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.spend_ticket(p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION board.spend_ticket(p_hash bytea) TO blackboard_app;

--
-- Name: FUNCTION spent_partitions(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.spent_partitions() FROM PUBLIC;
GRANT ALL ON FUNCTION board.spent_partitions() TO blackboard_owner;

--
-- Name: FUNCTION start_compensation(p_tenant integer, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.start_compensation(p_tenant integer, p_cases uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) TO blackboard_app;

--
-- Name: FUNCTION still_waiting(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.still_waiting(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) FROM PUBLIC;

--
-- Name: FUNCTION stop_waiting(p_tenant integer, p_tasks uuid[], p_reason text, p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.stop_waiting(p_tenant integer, p_tasks uuid[], p_reason text, p_actor text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.stop_waiting(p_tenant integer, p_tasks uuid[], p_reason text, p_actor text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION stop_waiting_for(p_tenant integer, p_reason text, p_key text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.stop_waiting_for(p_tenant integer, p_reason text, p_key text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION strip_suspended(p_tenant integer, p_cases uuid[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.strip_suspended(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.strip_suspended(p_tenant integer, p_cases uuid[], p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION sum_outflow(p_tenant integer, p_flow board.outflow, p_of text, p_currency text, p_since timestamp with time zone, OUT count bigint, OUT amount numeric); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.sum_outflow(p_tenant integer, p_flow board.outflow, p_of text, p_currency text, p_since timestamp with time zone, OUT count bigint, OUT amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION suspend_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.suspend_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.suspend_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) TO blackboard_app;

--
-- Name: FUNCTION take_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.take_claims(p_tenant integer, p_agents integer[], p_tasks uuid[], p_fences bigint[], p_outcomes text[], p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION take_quota(p_tenant integer, p_quota integer, p_key text, p_amount numeric, p_task uuid, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.take_quota(p_tenant integer, p_quota integer, p_key text, p_amount numeric, p_task uuid, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION take_tokens(p_tenant integer, p_asks jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.take_tokens(p_tenant integer, p_asks jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.take_tokens(p_tenant integer, p_asks jsonb) TO blackboard_app;

--
-- Name: FUNCTION task_clash(p_tenant integer, p_agent integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.task_clash(p_tenant integer, p_agent integer, p_task uuid) FROM PUBLIC;

--
-- Name: FUNCTION tell_action(p_type text, p_action board.action, p_claim board.taken, p_more jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.tell_action(p_type text, p_action board.action, p_claim board.taken, p_more jsonb, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.tell_action(p_type text, p_action board.action, p_claim board.taken, p_more jsonb, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION tell_cases(p_tenant integer, p_cases uuid[], p_type text, p_agent integer, p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.tell_cases(p_tenant integer, p_cases uuid[], p_type text, p_agent integer, p_reason text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION tell_delegation(d board.delegation, p_type text, p_by integer, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.tell_delegation(d board.delegation, p_type text, p_by integer, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION tell_leave(b board.break_glass, p_type text, p_by integer, p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.tell_leave(b board.break_glass, p_type text, p_by integer, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION tell_policy(p_tenant integer, p_agent integer, p_type text, p_name text, p_version integer, p_told jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.tell_policy(p_tenant integer, p_agent integer, p_type text, p_name text, p_version integer, p_told jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION tell_webhook(p_tenant integer, p_type text, p_actor text, p_name text, p_about jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.tell_webhook(p_tenant integer, p_type text, p_actor text, p_name text, p_about jsonb) FROM PUBLIC;

--
-- Name: FUNCTION terms_of(p_tenant integer, p_customer text, p_cases uuid[]); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.terms_of(p_tenant integer, p_customer text, p_cases uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION texts(p_array jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.texts(p_array jsonb) FROM PUBLIC;

--
-- Name: FUNCTION time_out_reviews(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.time_out_reviews(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.time_out_reviews(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION trim_journal(p_keep_days integer, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.trim_journal(p_keep_days integer, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.trim_journal(p_keep_days integer, p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION unplace_tasks(p_tenant integer, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.unplace_tasks(p_tenant integer, p_tasks uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.unplace_tasks(p_tenant integer, p_tasks uuid[]) TO blackboard_system;

--
-- Name: FUNCTION unqueue_tasks(p_tenant integer, p_tasks uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.unqueue_tasks(p_tenant integer, p_tasks uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.unqueue_tasks(p_tenant integer, p_tasks uuid[]) TO blackboard_system;

--
-- Name: SEQUENCE event_id; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.event_id TO blackboard_system;

--
-- Name: TABLE event_in; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.event_in TO blackboard_system;

--
-- Name: FUNCTION unseen_events(p_snap pg_snapshot); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.unseen_events(p_snap pg_snapshot) FROM PUBLIC;
GRANT ALL ON FUNCTION board.unseen_events(p_snap pg_snapshot) TO blackboard_owner;

--
-- Name: FUNCTION usual_class(p_agent board.agent); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.usual_class(p_agent board.agent) FROM PUBLIC;

--
-- Name: FUNCTION wake_waiting(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.wake_waiting(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.wake_waiting(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION was_authorized(p_tenant integer, p_action uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.was_authorized(p_tenant integer, p_action uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.was_authorized(p_tenant integer, p_action uuid) TO blackboard_app;

--
-- Name: FUNCTION weigh_decisions(p_tenant integer, p_agents integer[], p_tasks uuid[], p_outcomes text[], p_decisions jsonb[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.weigh_decisions(p_tenant integer, p_agents integer[], p_tasks uuid[], p_outcomes text[], p_decisions jsonb[]) FROM PUBLIC;

--
-- Name: FUNCTION weigh_fact(p_tenant integer, p_case uuid, p_class text, p_model text, p_inputs text[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.weigh_fact(p_tenant integer, p_case uuid, p_class text, p_model text, p_inputs text[]) FROM PUBLIC;

--
-- Name: FUNCTION whose_outflow(p_flow board.outflow, p_of text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.whose_outflow(p_flow board.outflow, p_of text) FROM PUBLIC;

--
-- Name: FUNCTION withdraw_tasks(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.withdraw_tasks(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.withdraw_tasks(p_tenant integer, p_cases uuid[], p_actor text, p_reason text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: FUNCTION withdraw_unwanted(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.withdraw_unwanted(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.withdraw_unwanted(p_tenant integer, p_tasks uuid[], p_cases uuid[], p_versions bigint[]) TO blackboard_app;

--
-- Name: TABLE action; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.action TO blackboard_auditor;

--
-- Name: TABLE "authorization"; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit."authorization" TO blackboard_auditor;

--
-- Name: TABLE break_glass; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.break_glass TO blackboard_auditor;

--
-- Name: TABLE decision; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.decision TO blackboard_auditor;

--
-- Name: TABLE delegation; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.delegation TO blackboard_auditor;

--
-- Name: TABLE duty; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.duty TO blackboard_auditor;

--
-- Name: TABLE event; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.event TO blackboard_auditor;

--
-- Name: TABLE evidence; Type: ACL; Schema: audit; Owner: blackboard_owner
--

GRANT SELECT ON TABLE audit.evidence TO blackboard_auditor;

--
-- Name: TABLE decision; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.decision TO blackboard_system;
GRANT SELECT ON TABLE reading.decision TO blackboard_reader;

--
-- Name: TABLE shown; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.shown TO blackboard_system;
GRANT SELECT ON TABLE reading.shown TO blackboard_reader;

--
-- Name: TABLE agent_audit_log; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.agent_audit_log TO blackboard_reader;

--
-- Name: TABLE session; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.session TO blackboard_system;
GRANT SELECT ON TABLE reading.session TO blackboard_reader;

--
-- Name: TABLE agent_sessions; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.agent_sessions TO blackboard_reader;

--
-- Name: TABLE agent_tasks; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.agent_tasks TO blackboard_reader;

--
-- Name: TABLE audit_events; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.audit_events TO blackboard_reader;

--
-- Name: TABLE effect; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.effect TO blackboard_system;
GRANT SELECT ON TABLE reading.effect TO blackboard_reader;

--
-- Name: TABLE banking_audit_log; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.banking_audit_log TO blackboard_reader;

--
-- Name: TABLE banking_requests; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.banking_requests TO blackboard_reader;

--
-- Name: TABLE client; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.client TO blackboard_system;
GRANT SELECT ON TABLE reading.client TO blackboard_reader;

--
-- Name: TABLE clients; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.clients TO blackboard_reader;

--
-- Name: TABLE loan_applications; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.loan_applications TO blackboard_reader;

--
-- Name: TABLE loan_decisions; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.loan_decisions TO blackboard_reader;

--
-- Name: TABLE holding; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.holding TO blackboard_system;
GRANT SELECT ON TABLE reading.holding TO blackboard_reader;

--
-- Name: TABLE portfolios; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.portfolios TO blackboard_reader;

--
-- Name: TABLE recommendations; Type: ACL; Schema: banking; Owner: blackboard_owner
--

GRANT SELECT ON TABLE banking.recommendations TO blackboard_reader;

--
-- Name: SEQUENCE agent_agent_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.agent_agent_id_seq TO blackboard_system;

--
-- Name: TABLE apart; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.apart TO blackboard_system;

--
-- Name: SEQUENCE case_number; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.case_number TO blackboard_system;

--
-- Name: TABLE case_salt; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.case_salt TO blackboard_system;

--
-- Name: TABLE dead_letter; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.dead_letter TO blackboard_system;

--
-- Name: TABLE idempotency; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.idempotency TO blackboard_system;

--
-- Name: TABLE memory; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.memory TO blackboard_system;

--
-- Name: SEQUENCE policy_policy_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.policy_policy_id_seq TO blackboard_system;

--
-- Name: TABLE queue; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.queue TO blackboard_system;

--
-- Name: SEQUENCE queue_queue_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.queue_queue_id_seq TO blackboard_system;

--
-- Name: TABLE quota; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.quota TO blackboard_system;

--
-- Name: TABLE quota_bucket; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.quota_bucket TO blackboard_system;

--
-- Name: TABLE quota_grant; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.quota_grant TO blackboard_system;

--
-- Name: SEQUENCE quota_quota_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.quota_quota_id_seq TO blackboard_system;

--
-- Name: TABLE rate_bucket; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.rate_bucket TO blackboard_system;

--
-- Name: TABLE rate_limit; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.rate_limit TO blackboard_system;

--
-- Name: TABLE review_shown; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.review_shown TO blackboard_system;

--
-- Name: TABLE schedule; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.schedule TO blackboard_system;

--
-- Name: TABLE schema_migration; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT ON TABLE board.schema_migration TO blackboard_app;
GRANT SELECT ON TABLE board.schema_migration TO blackboard_migrator;

--
-- Name: TABLE signal; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.signal TO blackboard_system;

--
-- Name: TABLE stage; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.stage TO blackboard_system;

--
-- Name: SEQUENCE stage_task_stage_task_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.stage_task_stage_task_id_seq TO blackboard_system;

--
-- Name: TABLE stream_ticket; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.stream_ticket TO blackboard_system;

--
-- Name: TABLE task_ready; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_ready TO blackboard_system;

--
-- Name: TABLE task_rejection; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_rejection TO blackboard_system;

--
-- Name: SEQUENCE tenant_tenant_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.tenant_tenant_id_seq TO blackboard_system;

--
-- Name: TABLE velocity; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.velocity TO blackboard_system;

--
-- Name: TABLE wake; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.wake TO blackboard_system;

--
-- Name: SEQUENCE wake_wake_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.wake_wake_id_seq TO blackboard_system;

--
-- Name: TABLE workflow_action; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.workflow_action TO blackboard_system;

--
-- Name: SEQUENCE workflow_workflow_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.workflow_workflow_id_seq TO blackboard_system;

--
-- Name: TABLE working_day; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.working_day TO blackboard_system;

--
-- Name: TABLE progress; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.progress TO blackboard_system;
GRANT SELECT ON TABLE reading.progress TO blackboard_reader;

--
-- Name: TABLE rebuild; Type: ACL; Schema: reading; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reading.rebuild TO blackboard_system;
GRANT SELECT ON TABLE reading.rebuild TO blackboard_reader;

--
-- PostgreSQL database dump complete
--
