--
-- PostgreSQL database dump
--

--
-- Name: board; Type: SCHEMA; Schema: -; Owner: blackboard_owner
--

CREATE SCHEMA board;

ALTER SCHEMA board OWNER TO blackboard_owner;

--
-- Name: judged; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.judged AS (
	n integer,
	item jsonb,
	reason text,
	tenant_id integer,
	task_id uuid,
	case_id uuid,
	workflow_id integer,
	workflow text,
	stage text,
	capability text,
	fence bigint,
	agent_id integer,
	actor text,
	failures integer
);

ALTER TYPE board.judged OWNER TO blackboard_owner;

--
-- Name: move; Type: TYPE; Schema: board; Owner: blackboard_owner
--

CREATE TYPE board.move AS (
	tenant_id integer,
	case_id uuid,
	stage text,
	outcome text,
	actor text
);

ALTER TYPE board.move OWNER TO blackboard_owner;

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
-- Name: advance_cases(board.move[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.advance_cases(p_moves board.move[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.advance_cases(p_moves board.move[]) OWNER TO blackboard_owner;

--
-- Name: backoff(numeric, numeric, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) RETURNS interval
    LANGUAGE sql
    RETURN make_interval(secs => (LEAST((p_max_s)::double precision, ((p_base_s)::double precision * ((2)::double precision ^ (LEAST((p_failures - 1), 30))::double precision))) * ((0.5)::double precision + (random() / (2)::double precision))));

ALTER FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) OWNER TO blackboard_owner;

--
-- Name: bundle_context(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.bundle_context(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.bundle_context(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: cancel_cases(integer, integer, uuid[], text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) RETURNS TABLE(n integer, verdict text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) OWNER TO blackboard_owner;

--
-- Name: claim_tasks(integer, integer, uuid, text, text[], integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.claim_tasks(p_tenant integer, p_agent integer, p_session uuid, p_claim_id text, p_capabilities text[], p_limit integer, p_lease_s integer) RETURNS TABLE(task_id uuid, case_id uuid, workflow text, stage text, capability text, fence bigint, attempt integer, lease_s integer, deadline_at timestamp with time zone, context jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.claim_tasks(p_tenant integer, p_agent integer, p_session uuid, p_claim_id text, p_capabilities text[], p_limit integer, p_lease_s integer) OWNER TO blackboard_owner;

--
-- Name: clock(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.clock() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN now();

ALTER FUNCTION board.clock() OWNER TO blackboard_owner;

--
-- Name: current_tenant(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.current_tenant() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('board.tenant'::text, true), ''::text))::integer;

ALTER FUNCTION board.current_tenant() OWNER TO blackboard_owner;

--
-- Name: decide_tasks(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.decide_tasks(p_tenant integer, p_items jsonb) RETURNS TABLE(n integer, verdict text, case_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.decide_tasks(p_tenant integer, p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: action; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.action (
    tenant_id integer NOT NULL,
    action_id uuid NOT NULL,
    case_id uuid NOT NULL,
    task_id uuid NOT NULL,
    kind text NOT NULL,
    effect_key text NOT NULL,
    payload jsonb NOT NULL,
    digest bytea NOT NULL,
    state text DEFAULT 'dispatching'::text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    receipt jsonb,
    created_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT action_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT action_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT action_state_check CHECK ((state = ANY (ARRAY['dispatching'::text, 'unknown'::text, 'executed'::text, 'failed'::text])))
);

ALTER TABLE ONLY board.action FORCE ROW LEVEL SECURITY;

ALTER TABLE board.action OWNER TO blackboard_owner;

--
-- Name: describe_action(board.action); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_action(a board.action) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (a).action_id, 'kind', (a).kind, 'effect_key', (a).effect_key, 'state', (a).state, 'attempts', (a).attempts, 'payload', (a).payload, 'digest', encode((a).digest, 'hex'::text), 'receipt', (a).receipt, 'created_at', (a).created_at, 'settled_at', (a).settled_at);

ALTER FUNCTION board.describe_action(a board.action) OWNER TO blackboard_owner;

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
-- Name: case; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board."case" (
    tenant_id integer NOT NULL,
    case_id uuid NOT NULL,
    workflow_id integer NOT NULL,
    workflow text NOT NULL,
    business_key text,
    subject text,
    payload jsonb NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    stage text,
    outcome text,
    priority smallint DEFAULT 5 NOT NULL,
    due_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    opened_by integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT case_business_key_check CHECK (((length(business_key) >= 1) AND (length(business_key) <= 200))),
    CONSTRAINT case_check CHECK (((state = 'active'::text) = (closed_at IS NULL))),
    CONSTRAINT case_check1 CHECK (((state = 'active'::text) = (outcome IS NULL))),
    CONSTRAINT case_priority_check CHECK (((priority >= 0) AND (priority <= 9))),
    CONSTRAINT case_state_check CHECK ((state = ANY (ARRAY['active'::text, 'completed'::text, 'terminated'::text]))),
    CONSTRAINT case_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE ONLY board."case" FORCE ROW LEVEL SECURITY;

ALTER TABLE board."case" OWNER TO blackboard_owner;

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
    CONSTRAINT workflow_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY board.workflow FORCE ROW LEVEL SECURITY;

ALTER TABLE board.workflow OWNER TO blackboard_owner;

--
-- Name: describe_case(board."case"); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_case(c board."case") RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (c).case_id, 'workflow', (c).workflow, 'workflow_version', (SELECT w.version FROM board.workflow w WHERE (w.workflow_id = (describe_case.c).workflow_id)), 'version', (c).version, 'state', (c).state, 'stage', (c).stage, 'outcome', (c).outcome, 'business_key', (c).business_key, 'subject', (c).subject, 'payload', (c).payload, 'priority', (c).priority, 'due_at', NULLIF((c).due_at, 'infinity'::timestamp with time zone), 'opened_by', (SELECT a.name FROM board.agent a WHERE (a.agent_id = (describe_case.c).opened_by)), 'opened_at', (c).opened_at, 'closed_at', (c).closed_at);

ALTER FUNCTION board.describe_case(c board."case") OWNER TO blackboard_owner;

--
-- Name: task; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    workflow_id integer NOT NULL,
    workflow text NOT NULL,
    stage text NOT NULL,
    capability text NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    priority smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    rescues integer DEFAULT 0 NOT NULL,
    decision jsonb,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT task_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'scheduled'::text, 'claimed'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE ONLY board.task FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task OWNER TO blackboard_owner;

--
-- Name: task_lease; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_lease (
    tenant_id integer NOT NULL,
    task_id uuid NOT NULL,
    case_id uuid NOT NULL,
    fence bigint NOT NULL,
    agent_id integer NOT NULL,
    session_id uuid,
    claim_id text,
    lease_s integer NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
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
-- Name: describe_task(board.task); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.describe_task(t board.task) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (t).task_id, 'case_id', (t).case_id, 'workflow', (t).workflow, 'stage', (t).stage, 'capability', (t).capability, 'state', (t).state, 'fence', (t).fence, 'attempt', (((t).failures + (t).rescues) + 1), 'failures', (t).failures, 'rescues', (t).rescues, 'created_at', (t).created_at, 'finished_at', (t).finished_at, 'decision', (t).decision, 'ready_at', (SELECT s.ready_at FROM board.task_scheduled s WHERE ((s.tenant_id = (describe_task.t).tenant_id) AND (s.task_id = (describe_task.t).task_id))), 'holder', (SELECT jsonb_build_object('agent', a.name, 'session_id', l.session_id, 'granted_at', l.granted_at, 'deadline_at', l.deadline_at) AS jsonb_build_object FROM (board.task_lease l JOIN board.agent a USING (agent_id)) WHERE ((l.tenant_id = (describe_task.t).tenant_id) AND (l.task_id = (describe_task.t).task_id))));

ALTER FUNCTION board.describe_task(t board.task) OWNER TO blackboard_owner;

--
-- Name: end_session(integer, integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) OWNER TO blackboard_owner;

--
-- Name: enter_tenant(integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.enter_tenant(p_tenant integer) RETURNS void
    LANGUAGE sql
    RETURN (set_config('board.tenant'::text, (p_tenant)::text, true))::void;

ALTER FUNCTION board.enter_tenant(p_tenant integer) OWNER TO blackboard_owner;

--
-- Name: expire_leases(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.expire_leases(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.expire_leases(p_limit integer) OWNER TO blackboard_system;

--
-- Name: fail_tasks(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.fail_tasks(p_tenant integer, p_items jsonb) RETURNS TABLE(n integer, verdict text, retry_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.fail_tasks(p_tenant integer, p_items jsonb) OWNER TO blackboard_owner;

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
    CONSTRAINT api_key_key_id_check CHECK ((key_id ~ '^[a-z0-9]{12}$'::text)),
    CONSTRAINT api_key_secret_hash_check CHECK ((length(secret_hash) = 32))
);

ALTER TABLE ONLY board.api_key FORCE ROW LEVEL SECURITY;

ALTER TABLE board.api_key OWNER TO blackboard_owner;

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
-- Name: find_key(text); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.find_key(p_key_id text) RETURNS TABLE(secret_hash bytea, usable boolean, tenant_id integer, tenant text, agent_id integer, agent text, owner text, role text, capabilities text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT k.secret_hash,
     ((board.clock() < LEAST(k.expires_at, k.revoked_at)) AND (a.state = 'active'::text)),
     t.tenant_id,
     t.name,
     a.agent_id,
     a.name,
     a.owner,
     a.role,
     a.capabilities
    FROM ((board.api_key k
      JOIN board.agent a USING (agent_id))
      JOIN board.tenant t ON ((t.tenant_id = k.tenant_id)))
   WHERE (k.key_id = find_key.p_key_id);
END;

ALTER FUNCTION board.find_key(p_key_id text) OWNER TO blackboard_system;

--
-- Name: forget_answer(integer, integer, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) OWNER TO blackboard_owner;

--
-- Name: heartbeat_sessions(integer, integer, uuid[]); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) OWNER TO blackboard_owner;

--
-- Name: heartbeat_tasks(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.heartbeat_tasks(p_tenant integer, p_items jsonb) RETURNS TABLE(n integer, verdict text, deadline_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.heartbeat_tasks(p_tenant integer, p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: judge_holder(integer, bigint, text, bigint, integer, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_holder(p_agent integer, p_fence bigint, p_state text, p_task_fence bigint, p_lease_agent integer, p_deadline timestamp with time zone, p_now timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (p_state IS NULL) THEN 'unknown'::text WHEN (p_state = 'cancelled'::text) THEN 'cancelled'::text WHEN (p_state = ANY (ARRAY['done'::text, 'failed'::text])) THEN 'done'::text WHEN ((p_state = 'claimed'::text) AND (p_fence <> p_task_fence)) THEN 'reassigned'::text WHEN ((p_state <> 'claimed'::text) OR (p_deadline IS NULL) OR (p_deadline <= p_now)) THEN 'expired'::text WHEN (p_agent <> p_lease_agent) THEN 'not_holder'::text ELSE NULL::text END;

ALTER FUNCTION board.judge_holder(p_agent integer, p_fence bigint, p_state text, p_task_fence bigint, p_lease_agent integer, p_deadline timestamp with time zone, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: judge_items(integer, jsonb, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.judge_items(p_tenant integer, p_items jsonb, p_now timestamp with time zone) RETURNS board.judged[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.judge_items(p_tenant integer, p_items jsonb, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: keep_answers(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) OWNER TO blackboard_owner;

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
-- Name: list_agents(integer, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) OWNER TO blackboard_owner;

--
-- Name: list_cases(integer, text, text, text, text, uuid, integer); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_before uuid, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_before uuid, p_limit integer) OWNER TO blackboard_owner;

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
-- Name: lock_cases(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.lock_cases(p_tenant integer, p_items jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.lock_cases(p_tenant integer, p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: may_move(text, text, text); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.may_move(p_machine text, p_from text, p_to text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE p_machine WHEN 'case'::text THEN (((p_from = 'active'::text) AND (p_to = 'completed'::text)) OR ((p_from = 'active'::text) AND (p_to = 'terminated'::text))) WHEN 'task'::text THEN ((((((((((p_from = 'ready'::text) AND (p_to = 'claimed'::text)) OR ((p_from = 'ready'::text) AND (p_to = 'cancelled'::text))) OR ((p_from = 'claimed'::text) AND (p_to = 'done'::text))) OR ((p_from = 'claimed'::text) AND (p_to = 'ready'::text))) OR ((p_from = 'claimed'::text) AND (p_to = 'scheduled'::text))) OR ((p_from = 'claimed'::text) AND (p_to = 'failed'::text))) OR ((p_from = 'claimed'::text) AND (p_to = 'cancelled'::text))) OR ((p_from = 'scheduled'::text) AND (p_to = 'ready'::text))) OR ((p_from = 'scheduled'::text) AND (p_to = 'cancelled'::text))) WHEN 'action'::text THEN (((((((p_from = 'dispatching'::text) AND (p_to = 'executed'::text)) OR ((p_from = 'dispatching'::text) AND (p_to = 'failed'::text))) OR ((p_from = 'dispatching'::text) AND (p_to = 'unknown'::text))) OR ((p_from = 'unknown'::text) AND (p_to = 'dispatching'::text))) OR ((p_from = 'unknown'::text) AND (p_to = 'executed'::text))) OR ((p_from = 'unknown'::text) AND (p_to = 'failed'::text))) ELSE false END;

ALTER FUNCTION board.may_move(p_machine text, p_from text, p_to text) OWNER TO blackboard_owner;

--
-- Name: named_tasks(jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.named_tasks(p_items jsonb) RETURNS uuid[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY(SELECT ((i.value ->> 'task_id'::text))::uuid AS uuid FROM jsonb_array_elements(named_tasks.p_items) i(value));

ALTER FUNCTION board.named_tasks(p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: new_id(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.new_id() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    RETURN (encode(set_bit(set_bit(OVERLAY(uuid_send(gen_random_uuid()) PLACING SUBSTRING(int8send(((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint) FROM 3) FROM 1 FOR 6), (52)::bigint, 1), (53)::bigint, 1), 'hex'::text))::uuid;

ALTER FUNCTION board.new_id() OWNER TO blackboard_owner;

--
-- Name: open_cases(integer, integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) RETURNS TABLE(n integer, verdict text, case_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: promote_scheduled(integer); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.promote_scheduled(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.promote_scheduled(p_limit integer) OWNER TO blackboard_system;

--
-- Name: put_ready(integer[], uuid[], text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.put_ready(p_tenants integer[], p_tasks uuid[], p_actor text, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.put_ready(p_tenants integer[], p_tasks uuid[], p_actor text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: journal; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal (
    "position" bigint NOT NULL,
    recorded_on date NOT NULL,
    tenant_id integer NOT NULL,
    type text NOT NULL,
    case_id uuid,
    task_id uuid,
    workflow text,
    stage text,
    capability text,
    actor text NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone NOT NULL
)
PARTITION BY RANGE (recorded_on);

ALTER TABLE ONLY board.journal FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal OWNER TO blackboard_owner;

--
-- Name: journal_head; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.journal_head (
    only_row boolean DEFAULT true NOT NULL,
    epoch integer NOT NULL,
    "position" bigint NOT NULL,
    snap pg_snapshot NOT NULL,
    sequenced_at timestamp with time zone NOT NULL,
    CONSTRAINT journal_head_only_row_check CHECK (only_row)
)
WITH (fillfactor='10', autovacuum_vacuum_threshold='500', autovacuum_vacuum_scale_factor='0');

ALTER TABLE ONLY board.journal_head FORCE ROW LEVEL SECURITY;

ALTER TABLE board.journal_head OWNER TO blackboard_owner;

--
-- Name: read_head(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_head() RETURNS TABLE(epoch integer, head bigint, floor bigint, sequenced_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT h.epoch,
     h."position",
     COALESCE(( SELECT (j."position" - 1)
            FROM board.journal j
           ORDER BY j."position"
          LIMIT 1), h."position") AS "coalesce",
     h.sequenced_at
    FROM board.journal_head h;
END;

ALTER FUNCTION board.read_head() OWNER TO blackboard_system;

--
-- Name: read_journal(integer, bigint, integer, date); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date DEFAULT '-infinity'::date) RETURNS SETOF board.journal
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date) OWNER TO blackboard_system;

--
-- Name: recall_answers(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) RETURNS TABLE(n integer, verdict text, status smallint, answer jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) OWNER TO blackboard_owner;

--
-- Name: record_action(integer, integer, uuid, bigint, text, jsonb, bytea); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea) RETURNS TABLE(verdict text, action_id uuid, effect_key text, state text, attempts integer, receipt jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea) OWNER TO blackboard_owner;

--
-- Name: record_effect(board.judged, board.action, text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.record_effect(p_judged board.judged, p_action board.action, p_type text, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_effect(p_judged board.judged, p_action board.action, p_type text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: record_refusals(board.judged[], text, timestamp with time zone); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.record_refusals(p_judged board.judged[], p_verb text, p_now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.record_refusals(p_judged board.judged[], p_verb text, p_now timestamp with time zone) OWNER TO blackboard_owner;

--
-- Name: refuse_move(); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.refuse_move() RETURNS trigger
    LANGUAGE plpgsql
    AS (its body stands in schema/);

ALTER FUNCTION board.refuse_move() OWNER TO blackboard_owner;

--
-- Name: release_tasks(integer, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.release_tasks(p_tenant integer, p_items jsonb) RETURNS TABLE(n integer, verdict text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.release_tasks(p_tenant integer, p_items jsonb) OWNER TO blackboard_owner;

--
-- Name: sequence_events(double precision); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.sequence_events(p_refresh_s double precision DEFAULT 5) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.sequence_events(p_refresh_s double precision) OWNER TO blackboard_system;

--
-- Name: settle_action(integer, integer, uuid, bigint, uuid, text, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb) RETURNS TABLE(verdict text, state text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb) OWNER TO blackboard_owner;

--
-- Name: show_case(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_case(p_tenant integer, p_case uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_case(p_tenant integer, p_case uuid) OWNER TO blackboard_owner;

--
-- Name: show_task(integer, uuid); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.show_task(p_tenant integer, p_task uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.show_task(p_tenant integer, p_task uuid) OWNER TO blackboard_owner;

--
-- Name: spent_partitions(); Type: FUNCTION; Schema: board; Owner: blackboard_system
--

CREATE FUNCTION board.spent_partitions() RETURNS SETOF regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.spent_partitions() OWNER TO blackboard_system;

--
-- Name: start_session(integer, integer, uuid, jsonb); Type: FUNCTION; Schema: board; Owner: blackboard_owner
--

CREATE FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS (its body stands in schema/);

ALTER FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) OWNER TO blackboard_owner;

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
    type text NOT NULL,
    case_id uuid,
    task_id uuid,
    workflow text,
    stage text,
    capability text,
    actor text NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    at timestamp with time zone NOT NULL
)
PARTITION BY RANGE (recorded_on);

ALTER TABLE ONLY board.event_in FORCE ROW LEVEL SECURITY;

ALTER TABLE board.event_in OWNER TO blackboard_owner;

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
-- Name: route; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.route (
    workflow_id integer NOT NULL,
    tenant_id integer NOT NULL,
    stage text NOT NULL,
    outcome text NOT NULL,
    next_stage text,
    case_outcome text,
    CONSTRAINT route_check CHECK ((num_nonnulls(next_stage, case_outcome) = 1))
);

ALTER TABLE ONLY board.route FORCE ROW LEVEL SECURITY;

ALTER TABLE board.route OWNER TO blackboard_owner;

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
-- Name: stage; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.stage (
    workflow_id integer NOT NULL,
    tenant_id integer NOT NULL,
    name text NOT NULL,
    capability text NOT NULL,
    lease_s integer NOT NULL,
    max_attempts integer NOT NULL,
    max_rescues integer NOT NULL,
    backoff_s numeric NOT NULL,
    backoff_max_s numeric NOT NULL,
    CONSTRAINT stage_backoff_max_s_check CHECK (((backoff_max_s >= (0)::numeric) AND (backoff_max_s <= (604800)::numeric))),
    CONSTRAINT stage_backoff_s_check CHECK (((backoff_s >= (0)::numeric) AND (backoff_s <= (86400)::numeric))),
    CONSTRAINT stage_lease_s_check CHECK (((lease_s >= 1) AND (lease_s <= 86400))),
    CONSTRAINT stage_max_attempts_check CHECK (((max_attempts >= 1) AND (max_attempts <= 100))),
    CONSTRAINT stage_max_rescues_check CHECK (((max_rescues >= 1) AND (max_rescues <= 100)))
);

ALTER TABLE ONLY board.stage FORCE ROW LEVEL SECURITY;

ALTER TABLE board.stage OWNER TO blackboard_owner;

--
-- Name: task_ready; Type: TABLE; Schema: board; Owner: blackboard_owner
--

CREATE TABLE board.task_ready (
    tenant_id integer NOT NULL,
    capability text NOT NULL,
    priority smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    task_id uuid NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.05');

ALTER TABLE ONLY board.task_ready FORCE ROW LEVEL SECURITY;

ALTER TABLE board.task_ready OWNER TO blackboard_owner;

--
-- Name: task_seq_seq; Type: SEQUENCE; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME board.task_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

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
-- Name: action action_effect_key_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.action
    ADD CONSTRAINT action_effect_key_key UNIQUE (effect_key);

--
-- Name: action action_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.action
    ADD CONSTRAINT action_pkey PRIMARY KEY (tenant_id, action_id);

--
-- Name: action action_tenant_id_case_id_kind_key; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.action
    ADD CONSTRAINT action_tenant_id_case_id_kind_key UNIQUE (tenant_id, case_id, kind);

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
-- Name: api_key api_key_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (key_id);

--
-- Name: case case_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board."case"
    ADD CONSTRAINT case_pkey PRIMARY KEY (tenant_id, case_id);

--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, agent_id, route, key);

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
-- Name: route route_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.route
    ADD CONSTRAINT route_pkey PRIMARY KEY (workflow_id, stage, outcome);

--
-- Name: schema_migration schema_migration_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

--
-- Name: session session_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (tenant_id, session_id);

--
-- Name: stage stage_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.stage
    ADD CONSTRAINT stage_pkey PRIMARY KEY (workflow_id, name);

--
-- Name: task_lease task_lease_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_lease
    ADD CONSTRAINT task_lease_pkey PRIMARY KEY (tenant_id, task_id);

--
-- Name: task task_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (tenant_id, task_id);

--
-- Name: task_ready task_ready_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_ready
    ADD CONSTRAINT task_ready_pkey PRIMARY KEY (tenant_id, capability, priority, due_at, seq);

--
-- Name: task_scheduled task_scheduled_pkey; Type: CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.task_scheduled
    ADD CONSTRAINT task_scheduled_pkey PRIMARY KEY (ready_at, tenant_id, task_id);

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
-- Name: case_business_key; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE UNIQUE INDEX case_business_key ON board."case" USING btree (tenant_id, workflow, business_key) WHERE (business_key IS NOT NULL);

--
-- Name: case_subject; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX case_subject ON board."case" USING btree (tenant_id, subject, case_id) WHERE (subject IS NOT NULL);

--
-- Name: event_in_xid; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX event_in_xid ON ONLY board.event_in USING btree (xid);

--
-- Name: journal_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX journal_case ON ONLY board.journal USING btree (tenant_id, case_id, "position");

--
-- Name: session_of_agent; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX session_of_agent ON board.session USING btree (tenant_id, agent_id) WHERE (ended_at IS NULL);

--
-- Name: task_of_case; Type: INDEX; Schema: board; Owner: blackboard_owner
--

CREATE INDEX task_of_case ON board.task USING btree (tenant_id, case_id);

--
-- Name: action legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board.action FOR EACH ROW WHEN (((old.state <> new.state) AND (NOT board.may_move('action'::text, old.state, new.state)))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: case legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board."case" FOR EACH ROW WHEN (((old.state <> new.state) AND (NOT board.may_move('case'::text, old.state, new.state)))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: task legal_move; Type: TRIGGER; Schema: board; Owner: blackboard_owner
--

CREATE TRIGGER legal_move BEFORE UPDATE OF state ON board.task FOR EACH ROW WHEN (((old.state <> new.state) AND (NOT board.may_move('task'::text, old.state, new.state)))) EXECUTE FUNCTION board.refuse_move();

--
-- Name: agent agent_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.agent
    ADD CONSTRAINT agent_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

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
-- Name: workflow workflow_tenant_id_fkey; Type: FK CONSTRAINT; Schema: board; Owner: blackboard_owner
--

ALTER TABLE ONLY board.workflow
    ADD CONSTRAINT workflow_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES board.tenant(tenant_id);

--
-- Name: action; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.action ENABLE ROW LEVEL SECURITY;

--
-- Name: agent; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.agent ENABLE ROW LEVEL SECURITY;

--
-- Name: api_key; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.api_key ENABLE ROW LEVEL SECURITY;

--
-- Name: case; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board."case" ENABLE ROW LEVEL SECURITY;

--
-- Name: event_in; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.event_in ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.idempotency ENABLE ROW LEVEL SECURITY;

--
-- Name: journal; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal ENABLE ROW LEVEL SECURITY;

--
-- Name: journal_head; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.journal_head ENABLE ROW LEVEL SECURITY;

--
-- Name: route; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.route ENABLE ROW LEVEL SECURITY;

--
-- Name: session; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.session ENABLE ROW LEVEL SECURITY;

--
-- Name: stage; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.stage ENABLE ROW LEVEL SECURITY;

--
-- Name: action system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.action TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: agent system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.agent TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: api_key system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.api_key TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: case system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board."case" TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: event_in system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.event_in TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: idempotency system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.idempotency TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: journal_head system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.journal_head TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: route system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.route TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: session system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.session TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: stage system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.stage TO blackboard_system USING (true) WITH CHECK (true);

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
-- Name: task_scheduled system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.task_scheduled TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: tenant system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.tenant TO blackboard_system USING (true) WITH CHECK (true);

--
-- Name: workflow system; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY system ON board.workflow TO blackboard_system USING (true) WITH CHECK (true);

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
-- Name: task_scheduled; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.task_scheduled ENABLE ROW LEVEL SECURITY;

--
-- Name: action tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.action TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: agent tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.agent TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: api_key tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.api_key TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: case tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board."case" TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: event_in tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.event_in TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: idempotency tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.idempotency TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: journal tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: journal_head tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.journal_head TO blackboard_owner USING (true) WITH CHECK (true);

--
-- Name: route tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.route TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: session tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.session TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: stage tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.stage TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: task tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: task_lease tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_lease TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: task_ready tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_ready TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: task_scheduled tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.task_scheduled TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: tenant; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.tenant ENABLE ROW LEVEL SECURITY;

--
-- Name: tenant tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.tenant TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: workflow tenant; Type: POLICY; Schema: board; Owner: blackboard_owner
--

CREATE POLICY tenant ON board.workflow TO blackboard_owner USING ((tenant_id = board.current_tenant())) WITH CHECK ((tenant_id = board.current_tenant()));

--
-- Name: workflow; Type: ROW SECURITY; Schema: board; Owner: blackboard_owner
--

ALTER TABLE board.workflow ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA board; Type: ACL; Schema: -; Owner: blackboard_owner
--

GRANT ALL ON SCHEMA board TO blackboard_system;
GRANT USAGE ON SCHEMA board TO blackboard_app;

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
-- Name: FUNCTION advance_cases(p_moves board.move[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.advance_cases(p_moves board.move[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.advance_cases(p_moves board.move[]) TO blackboard_system;

--
-- Name: FUNCTION backoff(p_base_s numeric, p_max_s numeric, p_failures integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.backoff(p_base_s numeric, p_max_s numeric, p_failures integer) FROM PUBLIC;

--
-- Name: FUNCTION bundle_context(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.bundle_context(p_tenant integer, p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.cancel_cases(p_tenant integer, p_agent integer, p_cases uuid[], p_reason text) TO blackboard_app;

--
-- Name: FUNCTION claim_tasks(p_tenant integer, p_agent integer, p_session uuid, p_claim_id text, p_capabilities text[], p_limit integer, p_lease_s integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.claim_tasks(p_tenant integer, p_agent integer, p_session uuid, p_claim_id text, p_capabilities text[], p_limit integer, p_lease_s integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.claim_tasks(p_tenant integer, p_agent integer, p_session uuid, p_claim_id text, p_capabilities text[], p_limit integer, p_lease_s integer) TO blackboard_app;

--
-- Name: FUNCTION clock(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.clock() FROM PUBLIC;
GRANT ALL ON FUNCTION board.clock() TO blackboard_system;

--
-- Name: FUNCTION current_tenant(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.current_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION board.current_tenant() TO blackboard_system;

--
-- Name: FUNCTION decide_tasks(p_tenant integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.decide_tasks(p_tenant integer, p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.decide_tasks(p_tenant integer, p_items jsonb) TO blackboard_app;

--
-- Name: TABLE action; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.action TO blackboard_system;

--
-- Name: FUNCTION describe_action(a board.action); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_action(a board.action) FROM PUBLIC;

--
-- Name: TABLE agent; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.agent TO blackboard_system;

--
-- Name: TABLE "case"; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board."case" TO blackboard_system;

--
-- Name: TABLE workflow; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.workflow TO blackboard_system;

--
-- Name: FUNCTION describe_case(c board."case"); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_case(c board."case") FROM PUBLIC;

--
-- Name: TABLE task; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task TO blackboard_system;

--
-- Name: TABLE task_lease; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_lease TO blackboard_system;

--
-- Name: TABLE task_scheduled; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_scheduled TO blackboard_system;

--
-- Name: FUNCTION describe_task(t board.task); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.describe_task(t board.task) FROM PUBLIC;

--
-- Name: FUNCTION end_session(p_tenant integer, p_agent integer, p_session uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.end_session(p_tenant integer, p_agent integer, p_session uuid) TO blackboard_app;

--
-- Name: FUNCTION enter_tenant(p_tenant integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.enter_tenant(p_tenant integer) FROM PUBLIC;

--
-- Name: FUNCTION expire_leases(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.expire_leases(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.expire_leases(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION fail_tasks(p_tenant integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.fail_tasks(p_tenant integer, p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.fail_tasks(p_tenant integer, p_items jsonb) TO blackboard_app;

--
-- Name: TABLE api_key; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.api_key TO blackboard_system;

--
-- Name: TABLE tenant; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.tenant TO blackboard_system;

--
-- Name: FUNCTION find_key(p_key_id text); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.find_key(p_key_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.find_key(p_key_id text) TO blackboard_app;

--
-- Name: FUNCTION forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.forget_answer(p_tenant integer, p_agent integer, p_route text, p_key text) TO blackboard_app;

--
-- Name: FUNCTION heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION board.heartbeat_sessions(p_tenant integer, p_agent integer, p_sessions uuid[]) TO blackboard_app;

--
-- Name: FUNCTION heartbeat_tasks(p_tenant integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.heartbeat_tasks(p_tenant integer, p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.heartbeat_tasks(p_tenant integer, p_items jsonb) TO blackboard_app;

--
-- Name: FUNCTION judge_holder(p_agent integer, p_fence bigint, p_state text, p_task_fence bigint, p_lease_agent integer, p_deadline timestamp with time zone, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_holder(p_agent integer, p_fence bigint, p_state text, p_task_fence bigint, p_lease_agent integer, p_deadline timestamp with time zone, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION judge_items(p_tenant integer, p_items jsonb, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.judge_items(p_tenant integer, p_items jsonb, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION keep_answers(p_tenant integer, p_answers jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_answers(p_tenant integer, p_answers jsonb) TO blackboard_app;

--
-- Name: FUNCTION keep_partitions(p_ahead_days integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.keep_partitions(p_ahead_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.keep_partitions(p_ahead_days integer) TO blackboard_app;

--
-- Name: FUNCTION list_agents(p_tenant integer, p_alive_s integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_agents(p_tenant integer, p_alive_s integer) TO blackboard_app;

--
-- Name: FUNCTION list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_before uuid, p_limit integer); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_before uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.list_cases(p_tenant integer, p_workflow text, p_state text, p_stage text, p_subject text, p_before uuid, p_limit integer) TO blackboard_app;

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
-- Name: FUNCTION lock_cases(p_tenant integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.lock_cases(p_tenant integer, p_items jsonb) FROM PUBLIC;

--
-- Name: FUNCTION may_move(p_machine text, p_from text, p_to text); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.may_move(p_machine text, p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION board.may_move(p_machine text, p_from text, p_to text) TO blackboard_system;

--
-- Name: FUNCTION named_tasks(p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.named_tasks(p_items jsonb) FROM PUBLIC;

--
-- Name: FUNCTION new_id(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.new_id() FROM PUBLIC;
GRANT ALL ON FUNCTION board.new_id() TO blackboard_system;

--
-- Name: FUNCTION open_cases(p_tenant integer, p_agent integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.open_cases(p_tenant integer, p_agent integer, p_items jsonb) TO blackboard_app;

--
-- Name: FUNCTION promote_scheduled(p_limit integer); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.promote_scheduled(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION board.promote_scheduled(p_limit integer) TO blackboard_app;

--
-- Name: FUNCTION put_ready(p_tenants integer[], p_tasks uuid[], p_actor text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.put_ready(p_tenants integer[], p_tasks uuid[], p_actor text, p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION board.put_ready(p_tenants integer[], p_tasks uuid[], p_actor text, p_now timestamp with time zone) TO blackboard_system;

--
-- Name: TABLE journal; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal TO blackboard_system;

--
-- Name: TABLE journal_head; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.journal_head TO blackboard_system;

--
-- Name: FUNCTION read_head(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_head() FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_head() TO blackboard_app;

--
-- Name: FUNCTION read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date) FROM PUBLIC;
GRANT ALL ON FUNCTION board.read_journal(p_tenant integer, p_after bigint, p_limit integer, p_since date) TO blackboard_app;

--
-- Name: FUNCTION recall_answers(p_tenant integer, p_requests jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.recall_answers(p_tenant integer, p_requests jsonb) TO blackboard_app;

--
-- Name: FUNCTION record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION board.record_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_kind text, p_payload jsonb, p_digest bytea) TO blackboard_app;

--
-- Name: FUNCTION record_effect(p_judged board.judged, p_action board.action, p_type text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.record_effect(p_judged board.judged, p_action board.action, p_type text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION record_refusals(p_judged board.judged[], p_verb text, p_now timestamp with time zone); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.record_refusals(p_judged board.judged[], p_verb text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION refuse_move(); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.refuse_move() FROM PUBLIC;

--
-- Name: FUNCTION release_tasks(p_tenant integer, p_items jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.release_tasks(p_tenant integer, p_items jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.release_tasks(p_tenant integer, p_items jsonb) TO blackboard_app;

--
-- Name: FUNCTION sequence_events(p_refresh_s double precision); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.sequence_events(p_refresh_s double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION board.sequence_events(p_refresh_s double precision) TO blackboard_app;

--
-- Name: FUNCTION settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.settle_action(p_tenant integer, p_agent integer, p_task uuid, p_fence bigint, p_action uuid, p_state text, p_receipt jsonb) TO blackboard_app;

--
-- Name: FUNCTION show_case(p_tenant integer, p_case uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_case(p_tenant integer, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_case(p_tenant integer, p_case uuid) TO blackboard_app;

--
-- Name: FUNCTION show_task(p_tenant integer, p_task uuid); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.show_task(p_tenant integer, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION board.show_task(p_tenant integer, p_task uuid) TO blackboard_app;

--
-- Name: FUNCTION spent_partitions(); Type: ACL; Schema: board; Owner: blackboard_system
--

REVOKE ALL ON FUNCTION board.spent_partitions() FROM PUBLIC;
GRANT ALL ON FUNCTION board.spent_partitions() TO blackboard_owner;

--
-- Name: FUNCTION start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb); Type: ACL; Schema: board; Owner: blackboard_owner
--

REVOKE ALL ON FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION board.start_session(p_tenant integer, p_agent integer, p_session uuid, p_about jsonb) TO blackboard_app;

--
-- Name: SEQUENCE agent_agent_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.agent_agent_id_seq TO blackboard_system;

--
-- Name: SEQUENCE event_id; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.event_id TO blackboard_system;

--
-- Name: TABLE event_in; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.event_in TO blackboard_system;

--
-- Name: TABLE idempotency; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.idempotency TO blackboard_system;

--
-- Name: TABLE route; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.route TO blackboard_system;

--
-- Name: TABLE schema_migration; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT ON TABLE board.schema_migration TO blackboard_app;

--
-- Name: TABLE session; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.session TO blackboard_system;

--
-- Name: TABLE stage; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.stage TO blackboard_system;

--
-- Name: TABLE task_ready; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE board.task_ready TO blackboard_system;

--
-- Name: SEQUENCE task_seq_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.task_seq_seq TO blackboard_system;

--
-- Name: SEQUENCE tenant_tenant_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.tenant_tenant_id_seq TO blackboard_system;

--
-- Name: SEQUENCE workflow_workflow_id_seq; Type: ACL; Schema: board; Owner: blackboard_owner
--

GRANT USAGE ON SEQUENCE board.workflow_workflow_id_seq TO blackboard_system;

--
-- PostgreSQL database dump complete
--
