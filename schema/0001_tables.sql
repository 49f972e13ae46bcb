-- Who works, at what, and where it stands: tenants and agents, workflows, cases and their tasks. Every table of the board has a
-- tenant column and forced row-level security (policies.sql).
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
CREATE INDEX session_ended ON board.session (ended_at) WHERE ended_at IS NOT NULL;

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

-- A step of a workflow. It is over when its tasks are (join 'all') or when the first of them is ('any'), or when timeout_s have
-- passed. Escalations are [{after_s, priority}]: how the stage's waiting tasks gain urgency.
CREATE TABLE board.stage (
  workflow_id integer NOT NULL REFERENCES board.workflow,
  tenant_id   integer NOT NULL REFERENCES board.tenant,
  name        text NOT NULL,
  tasks       smallint NOT NULL CHECK (tasks BETWEEN 1 AND 20),
  join_on     text NOT NULL DEFAULT 'all' CHECK (join_on IN ('all', 'any')),
  timeout_s   integer CHECK (timeout_s > 0),
  escalations jsonb NOT NULL DEFAULT '[]',
  is_timed    boolean GENERATED ALWAYS AS (timeout_s IS NOT NULL OR escalations <> '[]') STORED,
  PRIMARY KEY (workflow_id, name)
);

-- A tenant's line of ready tasks for one capability.
CREATE TABLE board.queue (
  queue_id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id  integer NOT NULL REFERENCES board.tenant,
  capability text NOT NULL,
  UNIQUE (tenant_id, capability)
);

-- What a stage asks for: one row per task that a case gets when it enters the stage. awaits says what the board itself waits
-- for before the task can be taken ('when': facts), or instead of any agent ('signal', 'timer', 'case').
CREATE TABLE board.stage_task (
  stage_task_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id     integer NOT NULL REFERENCES board.tenant,
  workflow_id   integer NOT NULL,
  workflow      text NOT NULL,
  stage         text NOT NULL,
  name          text NOT NULL,
  capability    text NOT NULL,
  queue_id      integer NOT NULL REFERENCES board.queue,
  lease_s       integer NOT NULL CHECK (lease_s BETWEEN 1 AND 86400),
  attempt_max_s integer CHECK (attempt_max_s > 0),
  total_max_s   integer CHECK (total_max_s > 0),
  max_attempts  integer NOT NULL CHECK (max_attempts BETWEEN 1 AND 100),
  max_rescues   integer NOT NULL CHECK (max_rescues BETWEEN 1 AND 100),
  backoff_s     numeric NOT NULL CHECK (backoff_s BETWEEN 0 AND 86400),
  backoff_max_s numeric NOT NULL CHECK (backoff_max_s BETWEEN 0 AND 604800),
  due_in_s      integer CHECK (due_in_s > 0),
  ageing_s      integer CHECK (ageing_s > 0),
  result_schema jsonb,
  awaits        text CHECK (awaits IN ('when', 'signal', 'timer', 'case')),
  awaited       jsonb,
  UNIQUE (workflow_id, stage, name),
  FOREIGN KEY (workflow_id, stage) REFERENCES board.stage (workflow_id, name),
  CHECK ((awaits IS NULL) = (awaited IS NULL))
);

-- Where an outcome of a stage leads: to another stage, or to the end of the case with an outcome of its own. Where several
-- tasks give different outcomes the lowest rank counts; one that is decisive ends the stage without waiting for the others.
CREATE TABLE board.route (
  workflow_id  integer NOT NULL,
  tenant_id    integer NOT NULL REFERENCES board.tenant,
  stage        text NOT NULL,
  outcome      text NOT NULL,
  rank         smallint NOT NULL,
  decisive     boolean NOT NULL DEFAULT false,
  next_stage   text,
  case_outcome text,
  PRIMARY KEY (workflow_id, stage, outcome),
  FOREIGN KEY (workflow_id, stage) REFERENCES board.stage (workflow_id, name),
  FOREIGN KEY (workflow_id, next_stage) REFERENCES board.stage (workflow_id, name),
  CHECK (num_nonnulls(next_stage, case_outcome) = 1)
);

-- ------------------------------------------------------------------------------------------------------ cases and their tasks
-- Ids are unique over all tenants, and the keys of these tables are ids alone: with the tenant in a key, the planner takes
-- `tenant_id = …` for a way to find a row, and on a table that has no statistics yet reads all that a tenant has (plans.sql).

-- Half of each page is left free: a batch ends cases that lie side by side, all in one transaction, and at the usual 80 % three of
-- four new versions had to go to another page, with new entries in every index.
-- open_tasks, standing and standing_rank are the join of the present stage: how many of its tasks are not over, and the
-- strongest outcome so far. visit counts the stages entered, so that a timer of an earlier one is known to be stale.
CREATE TABLE board.case (
  tenant_id     integer NOT NULL,
  case_id       uuid NOT NULL,
  workflow_id   integer NOT NULL,
  workflow      text NOT NULL,
  business_key  text CHECK (length(business_key) BETWEEN 1 AND 200),
  subject       text CHECK (length(subject) BETWEEN 1 AND 200),
  entities      text[] NOT NULL DEFAULT '{}',
  payload       jsonb NOT NULL,
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'completed', 'terminated')),
  stage         text,
  visit         integer NOT NULL DEFAULT 1,
  open_tasks    smallint NOT NULL,
  standing      text,
  standing_rank smallint,
  outcome       text,
  priority      smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
  due_at        timestamptz NOT NULL DEFAULT 'infinity',
  parent_task   uuid,
  watched       boolean NOT NULL DEFAULT false,
  version       bigint NOT NULL DEFAULT 1,
  opened_by     integer NOT NULL,
  opened_at     timestamptz NOT NULL,
  closed_at     timestamptz,
  PRIMARY KEY (case_id),
  CHECK ((state IN ('active', 'suspended')) = (closed_at IS NULL)),
  CHECK ((state IN ('active', 'suspended')) = (outcome IS NULL))
) WITH (fillfactor = 45);
-- A tenant's cases, newest first. The cast keeps the planner of every other statement from taking it: see plans.sql.
CREATE INDEX case_of_tenant ON board.case ((tenant_id::bigint), case_id);
CREATE UNIQUE INDEX case_business_key ON board.case (tenant_id, workflow, business_key) WHERE business_key IS NOT NULL;
CREATE INDEX case_parent ON board.case (parent_task) WHERE parent_task IS NOT NULL;
CREATE INDEX case_subject ON board.case (tenant_id, subject, case_id) WHERE subject IS NOT NULL;

-- The order in which tasks came into being: the last word on who goes first in the queue.
CREATE SEQUENCE board.task_seq;

-- The header of a task: what it is and how it ended. Where an open one is at (ready, scheduled, waiting, claimed) is said by
-- the table that has a row for it, so taking work writes nothing here. fence is the last one given when the task rests; has_begun
-- says that it has been where its stage first sends it. A page has room for the decisions on all its tasks.
CREATE TABLE board.task (
  tenant_id     integer NOT NULL,
  task_id       uuid NOT NULL,
  case_id       uuid NOT NULL,
  stage_task_id integer NOT NULL,
  state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'failed', 'cancelled')),
  priority      smallint NOT NULL,
  due_at        timestamptz NOT NULL,
  seq           bigint NOT NULL,
  has_begun     boolean NOT NULL,
  fence         bigint NOT NULL DEFAULT 0,
  failures      integer NOT NULL DEFAULT 0,
  rescues       integer NOT NULL DEFAULT 0,
  outcome       text,
  decision      jsonb,
  decided_by    text,
  progress      jsonb,
  created_at    timestamptz NOT NULL,
  redriven_at   timestamptz,
  finished_at   timestamptz,
  PRIMARY KEY (task_id)
) WITH (fillfactor = 35);
CREATE INDEX task_of_case ON board.task (case_id);

-- Who may be taken now, in the order of taking: the primary key is the claim index. It carries all that a claim needs.
CREATE TABLE board.task_ready (
  tenant_id     integer NOT NULL,
  queue_id      integer NOT NULL,
  priority      smallint NOT NULL,
  due_at        timestamptz NOT NULL,
  seq           bigint NOT NULL,
  task_id       uuid NOT NULL,
  case_id       uuid NOT NULL,
  stage_task_id integer NOT NULL,
  fence         bigint NOT NULL,
  attempt       integer NOT NULL,
  ready_at      timestamptz NOT NULL,
  PRIMARY KEY (queue_id, priority, due_at, seq)
);

-- Work for later (a retry after its backoff, a timer), kept out of the ready table so that it never stands in a claimer's way.
CREATE TABLE board.task_scheduled (
  tenant_id integer NOT NULL,
  task_id   uuid NOT NULL,
  ready_at  timestamptz NOT NULL,
  PRIMARY KEY (ready_at, task_id)
);

-- What keeps a task from being ready, a row per reason; it is ready when the last is gone. key says what of: the signal's name,
-- the case waited for, the fact asked for.
CREATE TABLE board.task_waiting (
  tenant_id integer NOT NULL,
  task_id   uuid NOT NULL,
  case_id   uuid NOT NULL,
  reason    text NOT NULL CHECK (reason IN ('when', 'signal', 'case', 'after', 'start', 'input', 'incident', 'quarantine', 'suspended',
                                            'paused', 'frozen', 'quota')),
  key       text NOT NULL DEFAULT '',
  about     jsonb NOT NULL DEFAULT '{}',
  since     timestamptz NOT NULL,
  PRIMARY KEY (task_id, reason, key)
);
CREATE INDEX task_waiting_for ON board.task_waiting (key, reason);

-- One row per running claim. case_version is that of the case which its holder was shown. The deadline is in no index:
-- heartbeats stay heap-only, and the sweeper reads a table that is only as large as the number of tasks at work.
CREATE TABLE board.task_lease (
  tenant_id     integer NOT NULL,
  task_id       uuid NOT NULL,
  case_id       uuid NOT NULL,
  stage_task_id integer NOT NULL,
  fence         bigint NOT NULL,
  attempt       integer NOT NULL,
  agent_id      integer NOT NULL,
  session_id    uuid,
  claim_id      text,
  lease_s       integer NOT NULL CHECK (lease_s BETWEEN 1 AND 86400),
  granted_at    timestamptz NOT NULL,
  deadline_at   timestamptz NOT NULL,
  case_version  bigint NOT NULL,
  progress      jsonb,
  PRIMARY KEY (task_id)
) WITH (fillfactor = 60);

-- Agents that gave a task back as not theirs: it is not offered to them again.
CREATE TABLE board.task_rejection (
  tenant_id integer NOT NULL,
  agent_id  integer NOT NULL,
  task_id   uuid NOT NULL,
  reason    text NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (agent_id, task_id)
);

-- What a stage does by the clock: its start where that is later, its timeout, its escalations. A timer of a stage that the case
-- has left does nothing.
CREATE TABLE board.timer (
  tenant_id integer NOT NULL,
  case_id   uuid NOT NULL,
  visit     integer NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('start', 'timeout', 'escalation')),
  priority  smallint,
  fires_at  timestamptz NOT NULL,
  PRIMARY KEY (fires_at, case_id, visit, kind)
);

-- What happened that tasks of other cases wait for. The sweeper wakes them, so that whoever made it happen never locks two
-- cases that are not in order.
CREATE TABLE board.wake (
  wake_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL,
  reason    text NOT NULL,
  key       text NOT NULL,
  outcome   text
);

-- A fact about a case, by version: the newest counts, the older stay. case_version is the case's after it was put, so a holder who
-- was shown an older case has not seen it.
CREATE TABLE board.fact (
  tenant_id     integer NOT NULL,
  case_id       uuid NOT NULL,
  key           text NOT NULL CHECK (key ~ '^[a-z][a-z0-9._-]{0,62}$'),
  version       integer NOT NULL CHECK (version > 0),
  value         jsonb NOT NULL,
  confidence    double precision CHECK (confidence BETWEEN 0 AND 1),
  source        text CHECK (length(source) <= 200),
  agent_id      integer NOT NULL,
  task_id       uuid,
  fence         bigint,
  case_version  bigint NOT NULL,
  at            timestamptz NOT NULL,
  PRIMARY KEY (case_id, key, version)
);

-- Signals from outside that came before, or while, a stage waits for them. The first of a name counts.
CREATE TABLE board.signal (
  tenant_id integer NOT NULL,
  case_id   uuid NOT NULL,
  name      text NOT NULL,
  body      jsonb NOT NULL,
  agent_id  integer NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (case_id, name)
);

-- What an agent keeps about a customer between runs.
CREATE TABLE board.memory (
  tenant_id integer NOT NULL,
  agent_id  integer NOT NULL,
  subject   text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  key       text NOT NULL CHECK (key ~ '^[a-z][a-z0-9._-]{0,62}$'),
  value     jsonb NOT NULL,
  version   integer NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (agent_id, subject, key)
);

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
