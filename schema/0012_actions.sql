-- Actions are proposed, authorized, sent once and reconciled; what was said of them too late is kept.
SET lock_timeout = '2s';

-- A case has one live action of a kind; what was refused, expired or voided has a successor with the next ordinal, and so with a
-- key of its own. body is what is sent, byte by byte (RFC 8785); digest is its SHA-256. Older actions have no body. sent_at is when a
-- holder was last told to send or to ask. An executed action is undone once at most. Both constraints give way to wider ones in the
-- same statement, and what is there already fits the new ones: there is nothing to validate.
ALTER TABLE board.action
  -- squawk-ignore ban-drop-not-null
  ALTER COLUMN task_id DROP NOT NULL,
  ADD COLUMN ordinal smallint NOT NULL DEFAULT 1,
  ADD COLUMN body bytea,
  ADD COLUMN proposed_by integer,
  ADD COLUMN undoes uuid,
  ADD COLUMN expires_at timestamptz NOT NULL DEFAULT 'infinity',
  ADD COLUMN sent_at timestamptz,
  -- squawk-ignore ban-drop-constraint
  DROP CONSTRAINT action_case_id_kind_key,
  -- squawk-ignore ban-drop-constraint
  DROP CONSTRAINT action_state_check,
  ADD CONSTRAINT action_state_check CHECK (state IN (
    'proposed', 'authorized', 'refused', 'expired', 'voided', 'dispatching', 'unknown', 'executed', 'failed')) NOT VALID,
  ADD CONSTRAINT action_body_check CHECK (digest = sha256(body)) NOT VALID;
-- A table of side effects is small beside those of the cases: an index is made within the statement's time limit.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX action_of_case ON board.action (case_id, kind, ordinal);
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX action_undone ON board.action (undoes)
  WHERE undoes IS NOT NULL AND state NOT IN ('refused', 'expired', 'voided', 'failed');

-- The single-use permission for the exact bytes of one action. It was given by a decision (granted_by, on task_id), on the facts that
-- the decision had read and under its policy, and is good until expires_at by the database's clock.
CREATE TABLE board.authorization (
  tenant_id        integer NOT NULL,
  authorization_id uuid NOT NULL,
  action_id        uuid NOT NULL,
  case_id          uuid NOT NULL,
  task_id          uuid,
  digest           bytea NOT NULL CHECK (length(digest) = 32),
  granted_by       text NOT NULL,
  policy           text,
  policy_version   integer,
  read_set         text[] NOT NULL DEFAULT '{}',
  state            text NOT NULL DEFAULT 'granted' CHECK (state IN ('granted', 'spent', 'voided', 'expired')),
  granted_at       timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,
  spent_at         timestamptz,
  spent_by         text,
  PRIMARY KEY (authorization_id),
  CHECK ((state = 'spent') = (spent_at IS NOT NULL)),
  CHECK ((policy IS NULL) = (policy_version IS NULL))
);
-- Of an action's authorizations one may be used, and only one ever was.
CREATE UNIQUE INDEX authorization_in_force ON board.authorization (action_id) WHERE state IN ('granted', 'spent');
CREATE INDEX authorization_of_case ON board.authorization (case_id);

-- What somebody said of an action when its claim was over already: no truth, but a reason to ask.
CREATE TABLE board.action_evidence (
  tenant_id   integer NOT NULL,
  evidence_id uuid NOT NULL,
  action_id   uuid NOT NULL,
  agent_id    integer NOT NULL,
  task_id     uuid NOT NULL,
  fence       bigint NOT NULL,
  state       text NOT NULL CHECK (state IN ('executed', 'failed', 'unknown')),
  receipt     jsonb,
  reason      text NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (evidence_id)
);
CREATE INDEX evidence_of_action ON board.action_evidence (action_id);

-- The actions that every case of a workflow proposes when it is opened: their bytes are these fields of its payload.
CREATE TABLE board.workflow_action (
  tenant_id    integer NOT NULL,
  workflow_id  integer NOT NULL REFERENCES board.workflow,
  kind         text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_-]{0,62}$'),
  fields       text[] NOT NULL CHECK (cardinality(fields) > 0),
  expires_in_s integer NOT NULL CHECK (expires_in_s > 0),
  PRIMARY KEY (workflow_id, kind)
);

-- A route that gives permission for an action. Whether a tenant has any such route is asked by everyone who moves cases.
ALTER TABLE board.route ADD COLUMN authorizes text;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX route_authorizes ON board.route (tenant_id) WHERE authorizes IS NOT NULL;

-- What takes other arguments now, or answers with more.
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.record_action(integer, integer, uuid, bigint, text, jsonb, bytea);
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.settle_action(integer, integer, uuid, bigint, uuid, text, jsonb);
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.record_effect(integer, board.taken, board.action, text, timestamptz);
