-- How fast the callers of a tenant may ask, and how much may leave for whom within a while.
SET lock_timeout = '2s';

-- What operators promise or deny: so many tokens a second, up to `burst` after a quiet while. `per` says who shares them: all callers
-- of the tenant, or whoever uses one key; of all keys, or of the one that is named. Without a route it bounds all of them together.
CREATE TABLE board.rate_limit (
  tenant_id  integer NOT NULL,
  name       text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
  per        text NOT NULL CHECK (per IN ('tenant', 'key')),
  key_id     text,
  route      text,
  per_second double precision NOT NULL CHECK (per_second > 0),
  burst      double precision NOT NULL CHECK (burst >= 1),
  PRIMARY KEY (tenant_id, name),
  CHECK (key_id IS NULL OR per = 'key')
);

-- What is left of each, for all processes. Not logged: after a crash everybody begins with a full bucket, and writing it down would
-- cost more than it is worth.
CREATE UNLOGGED TABLE board.rate_bucket (
  tenant_id integer NOT NULL,
  name      text NOT NULL,
  key       text NOT NULL,
  tokens    double precision NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name, key)
);

-- How often, and for how much, actions of a kind may be sent within a window for one payee, payer or agent.
CREATE TABLE board.velocity (
  tenant_id   integer NOT NULL,
  workflow_id integer NOT NULL REFERENCES board.workflow,
  kind        text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_-]{0,62}$'),
  rank        smallint NOT NULL,
  of          text NOT NULL CHECK (of IN ('payee', 'payer', 'agent', 'maker')),
  window_s    integer NOT NULL CHECK (window_s > 0),
  count       integer CHECK (count > 0),
  amount      numeric CHECK (amount > 0),
  currency    text CHECK (currency ~ '^[A-Z]{3}$'),
  PRIMARY KEY (workflow_id, kind, rank),
  CHECK (num_nonnulls(count, amount) > 0 AND (amount IS NULL) = (currency IS NULL))
);

-- What was sent under such rules: a row for each action, whoever sends it again.
CREATE TABLE board.outflow (
  tenant_id integer NOT NULL,
  action_id uuid NOT NULL,
  agent     text NOT NULL,
  maker     text NOT NULL,
  payer     text NOT NULL,
  payee     text NOT NULL,
  amount    numeric NOT NULL,
  currency  text NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (action_id)
);
CREATE INDEX outflow_by_payee ON board.outflow (tenant_id, payee, at);
CREATE INDEX outflow_by_payer ON board.outflow (tenant_id, payer, at);
CREATE INDEX outflow_by_agent ON board.outflow (tenant_id, agent, at);
CREATE INDEX outflow_by_maker ON board.outflow (tenant_id, maker, at);
