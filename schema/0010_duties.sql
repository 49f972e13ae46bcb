-- Who has done what on a case, which of it one person may not do together, who acts for whom, and how a rule is broken by two.
SET lock_timeout = '2s';

-- What deciding a task makes of its agent; NULL where nobody is kept apart.
ALTER TABLE board.stage_task ADD COLUMN duty text;
-- Duties are noted for cases of such workflows alone.
ALTER TABLE board.workflow ADD COLUMN has_duties boolean NOT NULL DEFAULT false;

-- Two duties that one person may not both have on a case of this workflow; a row for either direction.
CREATE TABLE board.apart (
  tenant_id   integer NOT NULL REFERENCES board.tenant,
  workflow_id integer NOT NULL REFERENCES board.workflow,
  duty        text NOT NULL CHECK (duty IN ('maker', 'delegator', 'opinion', 'checker', 'executor')),
  other       text NOT NULL CHECK (other IN ('maker', 'delegator', 'opinion', 'checker', 'executor')),
  PRIMARY KEY (workflow_id, duty, other),
  CHECK (duty <> other)
);

-- Who has done what on a case, by the owner that the agent had then. Rows are added and never changed: a trigger keeps them, and
-- refuses one that may not stand beside those that are there (functions_duty.sql). task_id is the task under which it was done.
CREATE TABLE board.duty (
  tenant_id integer NOT NULL,
  case_id   uuid NOT NULL,
  owner     text NOT NULL,
  duty      text NOT NULL CHECK (duty IN ('maker', 'delegator', 'opinion', 'checker', 'executor')),
  agent_id  integer NOT NULL,
  task_id   uuid,
  at        timestamptz NOT NULL,
  PRIMARY KEY (case_id, owner, duty, agent_id)
);

-- Who acts for whom, until when, and for which capability of the delegator's (NULL: for none, in name alone). From since to the end
-- the two are one person in every duty; rows stay, since what was done meanwhile was done by that person.
CREATE TABLE board.delegation (
  delegation_id uuid PRIMARY KEY,
  tenant_id     integer NOT NULL REFERENCES board.tenant,
  from_agent    integer NOT NULL REFERENCES board.agent,
  from_owner    text NOT NULL,
  to_agent      integer NOT NULL REFERENCES board.agent,
  to_owner      text NOT NULL,
  capability    text,
  reason        text NOT NULL,
  since         timestamptz NOT NULL,
  until         timestamptz NOT NULL,
  ended_at      timestamptz NOT NULL DEFAULT 'infinity',
  CHECK (from_agent <> to_agent),
  CHECK (until > since)
);
CREATE INDEX delegation_from ON board.delegation (tenant_id, from_owner);
CREATE INDEX delegation_to ON board.delegation (tenant_id, to_owner);
CREATE INDEX delegation_for ON board.delegation (to_agent);

-- Leave for one agent to take on one duty once although its person has another one on the case. Asked for by one person, approved by
-- a second, neither of whom may be undone by the third that acts: whoever approves is neither who asked nor who acts. Nobody
-- checks and executes one case, whoever approves.
CREATE TABLE board.break_glass (
  break_id       uuid PRIMARY KEY,
  tenant_id      integer NOT NULL REFERENCES board.tenant,
  case_id        uuid NOT NULL,
  agent_id       integer NOT NULL REFERENCES board.agent,
  owner          text NOT NULL,
  duty           text NOT NULL CHECK (duty IN ('maker', 'delegator', 'opinion', 'checker', 'executor')),
  despite        text NOT NULL CHECK (despite IN ('maker', 'delegator', 'opinion', 'checker', 'executor')),
  reason         text NOT NULL,
  minutes        integer NOT NULL CHECK (minutes BETWEEN 1 AND 60),
  asked_by       integer NOT NULL REFERENCES board.agent,
  asked_owner    text NOT NULL,
  asked_at       timestamptz NOT NULL,
  approved_by    integer REFERENCES board.agent,
  approved_owner text,
  approved_at    timestamptz,
  expires_at     timestamptz NOT NULL,
  revoked_at     timestamptz,
  spent_at       timestamptz,
  spent_on       uuid,
  CHECK (duty <> despite),
  CHECK (NOT (duty IN ('checker', 'executor') AND despite IN ('checker', 'executor'))),
  CHECK (num_nonnulls(approved_by, approved_owner, approved_at) IN (0, 3)),
  CHECK (approved_by NOT IN (asked_by, agent_id)),
  CHECK (approved_owner NOT IN (asked_owner, owner)),
  CHECK (spent_at IS NULL OR approved_at IS NOT NULL)
);
CREATE INDEX break_glass_of_case ON board.break_glass (case_id);
CREATE INDEX break_glass_spent ON board.break_glass (spent_at) WHERE spent_at IS NOT NULL;
