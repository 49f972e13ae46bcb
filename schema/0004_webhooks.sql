-- Webhooks: where events are sent to, for systems that cannot hold a stream, and what could not be delivered there.
SET lock_timeout = '2s';

-- An endpoint of a tenant. Everything up to `position` was delivered, left out by the filter, or buried as a dead letter; `prev` is
-- the last event before it that was not left out. Senders compare and set `position` and `failures`, so that two of them at once
-- send an event twice at worst and skip none.
CREATE TABLE board.webhook (
  webhook_id  uuid PRIMARY KEY,
  tenant_id   integer NOT NULL REFERENCES board.tenant,
  name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
  url         text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  filter      jsonb NOT NULL,
  secret      text NOT NULL,
  old_secret  text,
  old_until   timestamptz,
  state       text NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
  position    bigint NOT NULL,
  prev        bigint NOT NULL,
  failures    integer NOT NULL DEFAULT 0,
  last_error  text,
  next_try_at timestamptz NOT NULL,
  agent_id    integer NOT NULL REFERENCES board.agent,
  since       timestamptz NOT NULL,
  UNIQUE (tenant_id, name),
  CHECK ((old_secret IS NULL) = (old_until IS NULL))
) WITH (fillfactor = 50);

-- An event that was given up for an endpoint. `is_due` when it is to be sent again; `is_lost` when it, and what came before it after
-- `prev`, is not in the journal any more.
CREATE TABLE board.dead_letter (
  tenant_id  integer NOT NULL,
  webhook_id uuid NOT NULL REFERENCES board.webhook ON DELETE CASCADE,
  position   bigint NOT NULL,
  prev       bigint NOT NULL,
  status     integer,
  error      text NOT NULL,
  attempts   integer NOT NULL,
  is_due     boolean NOT NULL DEFAULT false,
  is_lost    boolean NOT NULL DEFAULT false,
  at         timestamptz NOT NULL,
  PRIMARY KEY (webhook_id, position)
);
CREATE INDEX dead_letter_due ON board.dead_letter (webhook_id, position) WHERE is_due;
