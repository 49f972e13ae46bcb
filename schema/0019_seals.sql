-- Seals: the journal made verifiable, slice by slice and tenant by tenant; and the erasure of customers, which leaves it verifiable.
SET lock_timeout = '2s';

-- A slice of a tenant's journal under one root, chained to the seal before it (blackboard/seals.py says of what). `salted` names the
-- members that stand in the leaves as digests. Rows are only added.
CREATE TABLE board.seal (
  tenant_id integer NOT NULL,
  number    bigint NOT NULL CHECK (number > 0),
  first     bigint NOT NULL,
  last      bigint NOT NULL,
  size      integer NOT NULL CHECK (size > 0),
  total     bigint NOT NULL,
  salted    jsonb NOT NULL,
  root      bytea NOT NULL CHECK (length(root) = 32),
  previous  bytea NOT NULL CHECK (length(previous) = 32),
  head      bytea NOT NULL CHECK (length(head) = 32),
  signature bytea CHECK (length(signature) = 64),
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, number),
  CHECK (first <= last AND size <= last - first + 1 AND size <= total)
);
CREATE UNIQUE INDEX seal_of_position ON board.seal (tenant_id, last);

-- One row: how far the journal is sealed, for all tenants together.
CREATE TABLE board.journal_sealed (
  only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  position    bigint NOT NULL,
  recorded_on date NOT NULL,
  sealed_at   timestamptz NOT NULL
);
INSERT INTO board.journal_sealed (position, recorded_on, sealed_at) VALUES (0, '-infinity', clock_timestamp());

-- The secret under which personal members of a case's events are digested. It goes with the person.
CREATE TABLE board.case_salt (
  tenant_id integer NOT NULL,
  case_id   uuid NOT NULL,
  salt      bytea NOT NULL CHECK (length(salt) = 32),
  PRIMARY KEY (case_id)
);

-- The erasure of a customer: how far it has come. The customer's name stands here until the erasure is done, then the token.
CREATE TABLE board.erasure (
  tenant_id   integer NOT NULL,
  erasure_id  uuid NOT NULL,
  customer    text NOT NULL,
  token       text NOT NULL,
  cases       uuid[] NOT NULL,
  terms       text[] NOT NULL DEFAULT '{}',
  position    bigint NOT NULL DEFAULT 0,
  state       text NOT NULL DEFAULT 'begun' CHECK (state IN ('begun', 'done')),
  reason      text NOT NULL,
  asked_by    text NOT NULL,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (erasure_id),
  CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX erasure_begun ON board.erasure (tenant_id, customer) WHERE state = 'begun';
