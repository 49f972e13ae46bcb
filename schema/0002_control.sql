-- What holds work back or bounds it, what is done once at the bank, and what was asked once.
SET lock_timeout = '2s';

-- What an operator holds back, with who and why: claims of a workflow, of a capability or of the whole tenant ('pause'), of
-- whatever touches an entity ('freeze').
CREATE TABLE board.hold (
  tenant_id integer NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('tenant', 'workflow', 'capability', 'entity')),
  name      text NOT NULL,
  reason    text NOT NULL,
  agent_id  integer NOT NULL,
  since     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, kind, name)
);

-- How much may be at work at once, or how fast work may begin, per key: tasks ('concurrency'), tasks a second with a burst
-- ('rate'), or money ('exposure', summed over the payload field `amount_field`). per says what the key is: nothing ('tenant'),
-- the workflow, the agent, the case's subject, or each entity of a kind ('entity:account').
CREATE TABLE board.quota (
  quota_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id    integer NOT NULL REFERENCES board.tenant,
  name         text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
  kind         text NOT NULL CHECK (kind IN ('concurrency', 'rate', 'exposure')),
  per          text NOT NULL CHECK (per IN ('tenant', 'workflow', 'agent', 'subject') OR per ~ '^entity:[a-z][a-z0-9_-]{0,30}$'),
  workflow     text,
  capability   text,
  amount_field text,
  ceiling      numeric NOT NULL CHECK (ceiling > 0 AND ceiling < 'Infinity'),
  per_second   numeric CHECK (per_second > 0 AND per_second < 'Infinity'),
  UNIQUE (tenant_id, name),
  CHECK ((kind = 'exposure') = (amount_field IS NOT NULL)),
  CHECK ((kind = 'rate') = (per_second IS NOT NULL))
);

-- The bucket of a rate under a key: what was taken of it, and when that was true.
CREATE TABLE board.quota_bucket (
  tenant_id integer NOT NULL,
  quota_id  integer NOT NULL,
  key       text NOT NULL,
  used      numeric NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (quota_id, key)
) WITH (fillfactor = 50);

-- What a running claim takes up of a concurrency or an exposure. What is in use is their sum: a claim adds to it under the quota's
-- lock, and whoever ends one takes its own rows away, so that no two ever wait for one counter.
CREATE TABLE board.quota_grant (
  tenant_id integer NOT NULL,
  task_id   uuid NOT NULL,
  quota_id  integer NOT NULL,
  key       text NOT NULL,
  amount    numeric NOT NULL,
  PRIMARY KEY (task_id, quota_id, key)
);
CREATE INDEX quota_in_use ON board.quota_grant (quota_id, key);

-- Cases that open by themselves, by a cron expression in a time zone.
CREATE TABLE board.schedule (
  tenant_id integer NOT NULL REFERENCES board.tenant,
  name      text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
  cron      text NOT NULL CHECK (length(cron) <= 100),
  zone      text NOT NULL CHECK (length(zone) <= 60),
  new_case  jsonb NOT NULL,
  agent_id  integer NOT NULL REFERENCES board.agent,
  next_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

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
  PRIMARY KEY (action_id),
  UNIQUE (case_id, kind),
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
  PRIMARY KEY (agent_id, route, key)
);
-- Old answers are found by age. Not BRIN: its ranges only ever grow, and once the space of what was forgotten is used again, each
-- says "from long ago until now". After forty days of 40,000 answers, ten of them kept, it read all 21,053 pages to find nothing,
-- and this index 3. Writing costs the same with it, with BRIN and without: 15 us a row.
CREATE INDEX idempotency_age ON board.idempotency (created_at);
