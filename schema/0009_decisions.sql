-- Deciding together: questions put to a panel, sealed opinions, and decisions kept with what they rest on.
SET lock_timeout = '2s';

-- A stage whose decisions are kept with all that they rest on, and one that a panel decides: {question, seats, quorum, …}.
ALTER TABLE board.stage ADD COLUMN is_weighed boolean NOT NULL DEFAULT false;
ALTER TABLE board.stage ADD COLUMN panel jsonb;
-- squawk-ignore require-concurrent-index-creation  -- a few rows per workflow, written when one is loaded
CREATE INDEX stage_weighed ON board.stage (tenant_id) WHERE is_weighed;
-- A seat of a panel: its holder gives an opinion and decides nothing.
ALTER TABLE board.stage_task ADD COLUMN is_seat boolean NOT NULL DEFAULT false;
-- The panel's own task waits for the tally, as others wait for a signal or a time. What is there already has fewer words.
-- squawk-ignore ban-drop-constraint
ALTER TABLE board.stage_task DROP CONSTRAINT stage_task_awaits_check;
ALTER TABLE board.stage_task ADD CONSTRAINT stage_task_awaits_check
  CHECK (awaits IN ('when', 'signal', 'timer', 'case', 'tally')) NOT VALID;
-- squawk-ignore ban-drop-constraint
ALTER TABLE board.task_waiting DROP CONSTRAINT task_waiting_reason_check;
ALTER TABLE board.task_waiting ADD CONSTRAINT task_waiting_reason_check CHECK (reason IN (
  'when', 'signal', 'case', 'tally', 'after', 'start', 'input', 'incident', 'quarantine', 'suspended', 'paused', 'frozen', 'quota'))
  NOT VALID;

-- What a panel is asked: one per visit of a stage. It is due when all seats have spoken, at its deadline else. `answered` counts the
-- opinions that stand. task_id is the task that the tally ends.
CREATE TABLE board.question (
  tenant_id   integer NOT NULL,
  case_id     uuid NOT NULL,
  visit       integer NOT NULL,
  stage       text NOT NULL,
  task_id     uuid NOT NULL,
  panel       jsonb NOT NULL,
  seats       smallint NOT NULL CHECK (seats > 0),
  answered    smallint NOT NULL DEFAULT 0,
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'tallied', 'lapsed', 'withdrawn')),
  opened_at   timestamptz NOT NULL,
  deadline_at timestamptz NOT NULL,
  due_at      timestamptz NOT NULL,
  closed_at   timestamptz,
  PRIMARY KEY (case_id, visit),
  CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE INDEX question_due ON board.question (due_at) WHERE state = 'open';

-- What one seat says, sealed until the tally. `said` is canonical JSON (RFC 8785); the journal is told SHA-256(salt ‖ said) when it
-- is given, and both when it is revealed. A new one of the same seat supersedes. Of one owner one stands per question.
CREATE TABLE board.opinion (
  tenant_id  integer NOT NULL,
  opinion_id uuid NOT NULL,
  case_id    uuid NOT NULL,
  visit      integer NOT NULL,
  task_id    uuid NOT NULL,
  seat       text NOT NULL,
  capability text NOT NULL,
  fence      bigint NOT NULL,
  agent_id   integer NOT NULL,
  owner      text NOT NULL,
  revision   smallint NOT NULL CHECK (revision > 0),
  state      text NOT NULL DEFAULT 'sealed' CHECK (state IN ('sealed', 'superseded', 'revealed')),
  verdict    text NOT NULL CHECK (verdict IN ('approve', 'reject', 'refer', 'abstain')),
  score      double precision CHECK (score BETWEEN -1e12 AND 1e12),
  confidence double precision CHECK (confidence BETWEEN 0 AND 1),
  reasons    text[] NOT NULL CHECK (cardinality(reasons) > 0),
  evidence   text[] NOT NULL,
  read_set   text[] NOT NULL,
  said       text NOT NULL,
  salt       bytea NOT NULL CHECK (length(salt) = 32),
  digest     bytea NOT NULL CHECK (length(digest) = 32),
  at         timestamptz NOT NULL,
  PRIMARY KEY (opinion_id),
  UNIQUE (task_id, revision)
);
CREATE UNIQUE INDEX opinion_of_owner ON board.opinion (case_id, visit, owner) WHERE state <> 'superseded';
CREATE UNIQUE INDEX opinion_of_seat ON board.opinion (task_id) WHERE state <> 'superseded';

-- A decision with all that it rests on: every tally ('tallied', or 'lapsed' when the time for it ran out), and of those that one agent
-- takes alone ('single') the ones that name facts or a policy, or belong to a weighed stage. basis is what the tally was made from.
CREATE TABLE board.decision (
  tenant_id      integer NOT NULL,
  decision_id    uuid NOT NULL,
  case_id        uuid NOT NULL,
  stage          text NOT NULL,
  visit          integer NOT NULL,
  task_id        uuid NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('single', 'tallied', 'lapsed')),
  question       text,
  outcome        text NOT NULL,
  reasons        text[] NOT NULL CHECK (cardinality(reasons) > 0),
  score          double precision,
  confidence     double precision CHECK (confidence BETWEEN 0 AND 1),
  evidence       text[] NOT NULL,
  read_set       text[] NOT NULL,
  policy         text,
  policy_version integer,
  dissent        jsonb NOT NULL DEFAULT '[]',
  basis          jsonb,
  decided_by     text NOT NULL,
  agent_id       integer,
  at             timestamptz NOT NULL,
  PRIMARY KEY (decision_id),
  CHECK ((policy IS NULL) = (policy_version IS NULL)),
  CHECK ((kind = 'single') = (basis IS NULL)),
  -- Whoever ran out of time has not agreed.
  CHECK (kind <> 'lapsed' OR outcome IN ('refer', 'reject'))
);
CREATE INDEX decision_of_case ON board.decision (case_id);
CREATE UNIQUE INDEX decision_of_task ON board.decision (task_id);

-- It is told what is wrong with each write.
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.conclude(integer, text, text, board.taken[], integer[], uuid[], bigint[], jsonb[], board.entry[],
                                       timestamptz, text[]);
