-- Policies: the rules by which agents judge, as data, by version.
SET lock_timeout = '2s';

-- A version of a policy. What it says never changes; the digest is of its RFC 8785 bytes. Nobody activates what his own owner wrote:
-- both owners are kept as they were when it happened, so that no later change of an agent's owner undoes that.
CREATE TABLE board.policy (
  tenant_id       integer NOT NULL REFERENCES board.tenant,
  policy_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name            text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
  version         integer NOT NULL CHECK (version > 0),
  state           text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'active', 'retired')),
  body            jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'),
  digest          bytea NOT NULL CHECK (length(digest) = 32),
  author          integer NOT NULL REFERENCES board.agent,
  author_owner    text NOT NULL,
  activator       integer REFERENCES board.agent,
  activator_owner text CHECK (activator_owner <> author_owner),
  drafted_at      timestamptz NOT NULL,
  activated_at    timestamptz,
  retired_at      timestamptz,
  UNIQUE (tenant_id, name, version),
  CHECK ((activator IS NULL) = (activated_at IS NULL) AND (activator IS NULL) = (activator_owner IS NULL)),
  CHECK (state <> 'active' OR activated_at IS NOT NULL),
  CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX policy_active ON board.policy (tenant_id, name) WHERE state = 'active';
