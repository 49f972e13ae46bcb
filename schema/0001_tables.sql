-- Every table of the board. Each has a tenant column and forced row-level security (policies.sql).
--
-- Hot tables are small and split by what happens to them (a task's header, who may take it, who holds it), so that a
-- claim or a heartbeat touches few index entries: schema/README.md counts them. They carry no foreign keys: only the
-- functions in this folder write them, parent and child in one transaction.
SET lock_timeout = '2s';

-- ------------------------------------------------------------------------------------------- who: tenants, agents, keys
CREATE TABLE board.tenant (
  tenant_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A principal: machine, service or person. Rows are never deleted, so a name in the journal means one agent for ever.
CREATE TABLE board.agent (
  agent_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id    integer NOT NULL REFERENCES board.tenant,
  name         text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
  owner        text NOT NULL CHECK (length(owner) BETWEEN 1 AND 200),
  kind         text NOT NULL CHECK (kind IN ('agent', 'service', 'human')),
  role         text NOT NULL CHECK (role IN ('admin', 'requester', 'agent', 'reviewer', 'auditor')),
  capabilities text[] NOT NULL DEFAULT '{}',
  state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'retired')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, name)
);

CREATE TABLE board.api_key (
  key_id      text PRIMARY KEY CHECK (key_id ~ '^[a-z0-9]{12}$'),
  tenant_id   integer NOT NULL REFERENCES board.tenant,
  agent_id    integer NOT NULL REFERENCES board.agent,
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL DEFAULT 'infinity',
  revoked_at  timestamptz NOT NULL DEFAULT 'infinity'
);

-- One running instance of an agent. Only heartbeat_at changes often; it is not indexed, so the update stays in its page.
CREATE TABLE board.session (
  tenant_id    integer NOT NULL REFERENCES board.tenant,
  session_id   uuid NOT NULL,
  agent_id     integer NOT NULL REFERENCES board.agent,
  about        jsonb NOT NULL DEFAULT '{}',
  started_at   timestamptz NOT NULL,
  heartbeat_at timestamptz NOT NULL,
  ended_at     timestamptz,
  PRIMARY KEY (tenant_id, session_id)
) WITH (fillfactor = 50);
CREATE INDEX session_of_agent ON board.session (tenant_id, agent_id) WHERE ended_at IS NULL;

-- ------------------------------------------------------------------------------------------------- what: workflows as rows
CREATE TABLE board.workflow (
  workflow_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   integer NOT NULL REFERENCES board.tenant,
  name        text NOT NULL,
  version     integer NOT NULL CHECK (version > 0),
  first_stage text NOT NULL,
  definition  jsonb NOT NULL,
  digest      bytea NOT NULL,
  loaded_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, name, version)
);

CREATE TABLE board.stage (
  workflow_id    integer NOT NULL REFERENCES board.workflow,
  tenant_id      integer NOT NULL REFERENCES board.tenant,
  name           text NOT NULL,
  capability     text NOT NULL,
  lease_s        integer NOT NULL CHECK (lease_s BETWEEN 1 AND 86400),
  max_attempts   integer NOT NULL CHECK (max_attempts BETWEEN 1 AND 100),
  max_rescues    integer NOT NULL CHECK (max_rescues BETWEEN 1 AND 100),
  backoff_s      numeric NOT NULL CHECK (backoff_s BETWEEN 0 AND 86400),
  backoff_max_s  numeric NOT NULL CHECK (backoff_max_s BETWEEN 0 AND 604800),
  PRIMARY KEY (workflow_id, name)
);

-- Where an outcome of a stage leads: to another stage, or to the end of the case with an outcome of its own.
CREATE TABLE board.route (
  workflow_id  integer NOT NULL,
  tenant_id    integer NOT NULL REFERENCES board.tenant,
  stage        text NOT NULL,
  outcome      text NOT NULL,
  next_stage   text,
  case_outcome text,
  PRIMARY KEY (workflow_id, stage, outcome),
  FOREIGN KEY (workflow_id, stage) REFERENCES board.stage (workflow_id, name),
  FOREIGN KEY (workflow_id, next_stage) REFERENCES board.stage (workflow_id, name),
  CHECK (num_nonnulls(next_stage, case_outcome) = 1)
);

-- ------------------------------------------------------------------------------------------------------ cases and their tasks
CREATE TABLE board.case (
  tenant_id    integer NOT NULL,
  case_id      uuid NOT NULL,
  workflow_id  integer NOT NULL,
  workflow     text NOT NULL,
  business_key text CHECK (length(business_key) BETWEEN 1 AND 200),
  subject      text CHECK (length(subject) BETWEEN 1 AND 200),
  payload      jsonb NOT NULL,
  state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'completed', 'terminated')),
  stage        text,
  outcome      text,
  priority     smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
  due_at       timestamptz NOT NULL DEFAULT 'infinity',
  version      bigint NOT NULL DEFAULT 1,
  opened_by    integer NOT NULL,
  opened_at    timestamptz NOT NULL,
  closed_at    timestamptz,
  PRIMARY KEY (tenant_id, case_id),
  CHECK ((state = 'active') = (closed_at IS NULL)),
  CHECK ((state = 'active') = (outcome IS NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX case_business_key ON board.case (tenant_id, workflow, business_key) WHERE business_key IS NOT NULL;
CREATE INDEX case_subject ON board.case (tenant_id, subject, case_id) WHERE subject IS NOT NULL;

-- The header of a task. Its state is in no index, so every change of state is a heap-only update.
CREATE TABLE board.task (
  tenant_id   integer NOT NULL,
  task_id     uuid NOT NULL,
  case_id     uuid NOT NULL,
  workflow_id integer NOT NULL,
  workflow    text NOT NULL,
  stage       text NOT NULL,
  capability  text NOT NULL,
  state       text NOT NULL DEFAULT 'ready'
              CHECK (state IN ('ready', 'scheduled', 'claimed', 'done', 'failed', 'cancelled')),
  priority    smallint NOT NULL,
  due_at      timestamptz NOT NULL,
  seq         bigint GENERATED ALWAYS AS IDENTITY,
  fence       bigint NOT NULL DEFAULT 0,
  failures    integer NOT NULL DEFAULT 0,
  rescues     integer NOT NULL DEFAULT 0,
  decision    jsonb,
  created_at  timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, task_id)
) WITH (fillfactor = 80);
CREATE INDEX task_of_case ON board.task (tenant_id, case_id);

-- Who may be taken now, in the order of taking: the primary key is the claim index. A row lives from ready to claimed.
CREATE TABLE board.task_ready (
  tenant_id  integer NOT NULL,
  capability text NOT NULL,
  priority   smallint NOT NULL,
  due_at     timestamptz NOT NULL,
  seq        bigint NOT NULL,
  task_id    uuid NOT NULL,
  PRIMARY KEY (tenant_id, capability, priority, due_at, seq)
);

-- Work for later (a retry after its backoff), kept out of the ready table so that it never stands in a claimer's way.
CREATE TABLE board.task_scheduled (
  tenant_id integer NOT NULL,
  task_id   uuid NOT NULL,
  ready_at  timestamptz NOT NULL,
  PRIMARY KEY (ready_at, tenant_id, task_id)
);

-- One row per running claim. The deadline is in no index: heartbeats stay heap-only, and the sweeper reads a table that
-- is only as large as the number of agents at work.
CREATE TABLE board.task_lease (
  tenant_id   integer NOT NULL,
  task_id     uuid NOT NULL,
  case_id     uuid NOT NULL,
  fence       bigint NOT NULL,
  agent_id    integer NOT NULL,
  session_id  uuid,
  claim_id    text,
  lease_s     integer NOT NULL CHECK (lease_s BETWEEN 1 AND 86400),
  granted_at  timestamptz NOT NULL,
  deadline_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, task_id)
) WITH (fillfactor = 60);

-- A side effect at the bank. One per case and kind: the effect key and the digest of its bytes never change.
CREATE TABLE board.action (
  tenant_id  integer NOT NULL,
  action_id  uuid NOT NULL,
  case_id    uuid NOT NULL,
  task_id    uuid NOT NULL,
  kind       text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_-]{0,62}$'),
  effect_key text NOT NULL,
  payload    jsonb NOT NULL,
  digest     bytea NOT NULL CHECK (length(digest) = 32),
  state      text NOT NULL DEFAULT 'dispatching' CHECK (state IN ('dispatching', 'unknown', 'executed', 'failed')),
  attempts   integer NOT NULL DEFAULT 1,
  receipt    jsonb,
  created_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (tenant_id, action_id),
  UNIQUE (tenant_id, case_id, kind),
  UNIQUE (effect_key)
);

-- ------------------------------------------------------------------------------------------------------------- asked once
CREATE TABLE board.idempotency (
  tenant_id  integer NOT NULL,
  agent_id   integer NOT NULL,
  route      text NOT NULL CHECK (length(route) <= 200),
  key        text NOT NULL CHECK (length(key) <= 255),
  print      bytea NOT NULL CHECK (length(print) = 32),
  status     smallint NOT NULL,
  answer     jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, agent_id, route, key)
);

-- -------------------------------------------------------------------------------------------------------- what happened: journal
-- The outbox: written by business transactions as their last statement, without a lock and without NOTIFY.
-- CACHE 1 matters: a session that held a block of ids would break the order of one task's events.
CREATE SEQUENCE board.event_id CACHE 1;
CREATE TABLE board.event_in (
  event_id    bigint NOT NULL DEFAULT nextval('board.event_id'),
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  recorded_on date NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date,
  tenant_id   integer NOT NULL,
  type        text NOT NULL,
  case_id     uuid,
  task_id     uuid,
  workflow    text,
  stage       text,
  capability  text,
  actor       text NOT NULL,
  body        jsonb NOT NULL DEFAULT '{}',
  at          timestamptz NOT NULL
) PARTITION BY RANGE (recorded_on);
CREATE INDEX event_in_xid ON board.event_in (xid);

-- The one ordered record of everything that changed. Written by the sequencer alone; positions are dense.
CREATE TABLE board.journal (
  position    bigint NOT NULL,
  recorded_on date NOT NULL,
  tenant_id   integer NOT NULL,
  type        text NOT NULL,
  case_id     uuid,
  task_id     uuid,
  workflow    text,
  stage       text,
  capability  text,
  actor       text NOT NULL,
  body        jsonb NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (position, recorded_on)
) PARTITION BY RANGE (recorded_on);
CREATE INDEX journal_case ON board.journal (tenant_id, case_id, position);

-- One row: where the journal ends and what the sequencer had seen when it wrote that end.
CREATE TABLE board.journal_head (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch        integer NOT NULL,
  position     bigint NOT NULL,
  snap         pg_snapshot NOT NULL,
  sequenced_at timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO board.journal_head (epoch, position, snap, sequenced_at)
VALUES (1, 0, pg_current_snapshot(), clock_timestamp());

-- ------------------------------------------------------------------------------------ what functions hand to one another
-- A task's outcome on its way to the case, and an item of a holder's write with the reason against it.
CREATE TYPE board.move AS (tenant_id integer, case_id uuid, stage text, outcome text, actor text);
CREATE TYPE board.judged AS (
  n integer, item jsonb, reason text, tenant_id integer, task_id uuid, case_id uuid, workflow_id integer, workflow text,
  stage text, capability text, fence bigint, agent_id integer, actor text, failures integer);

-- ---------------------------------------------------------------------------------------------------------- vacuum where it is hot
-- Hot tables are vacuumed by rows changed and not by share of size: at 20 % of a table that empties and fills all day,
-- autovacuum would come far too late.
ALTER TABLE board.task_ready SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
                                  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE board.task_lease SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
                                  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE board.task_scheduled SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
                                      autovacuum_vacuum_cost_delay = 0);
ALTER TABLE board.task SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
                            autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE board.case SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
                            autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE board.journal_head SET (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
