-- Reviews: tasks that people decide, what they were shown, and the working days by which their time is counted.
SET lock_timeout = '2s';

-- What a stage asks of the people who decide it: {owners, excluded, due_s, calendar, escalate_to, shows, warn_per_hour, warn_streak,
-- warn_under_s}. NULL for the tasks of agents.
ALTER TABLE board.stage_task ADD COLUMN review jsonb;

-- Whether some of a line's tasks are not for everybody who has its capability: a claim then looks at each.
ALTER TABLE board.queue ADD COLUMN is_choosy boolean NOT NULL DEFAULT false;

-- A person's task, beside its header. owners and excluded are names of people, or capabilities for all who have them; forwarding and
-- escalating change them. keeper asked a question, and has the task again with the answer. How it ended stays: shown is the SHA-256
-- of what was decided upon, seen_s how long the person had looked.
CREATE TABLE board.review (
  tenant_id  integer NOT NULL,
  task_id    uuid NOT NULL,
  case_id    uuid NOT NULL,
  owners     text[] NOT NULL,
  excluded   text[] NOT NULL,
  keeper     integer,
  keeper_fence bigint,
  escalated  smallint NOT NULL DEFAULT 0,
  due_at     timestamptz NOT NULL DEFAULT 'infinity',
  opened_at  timestamptz NOT NULL,
  ended_at   timestamptz,
  agent_id   integer,
  outcome    text,
  shown      bytea CHECK (length(shown) = 32),
  seen_s     double precision,
  warnings   text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (task_id)
) WITH (fillfactor = 70);
CREATE INDEX review_open ON board.review (due_at, task_id) WHERE ended_at IS NULL;
CREATE INDEX review_of_agent ON board.review (agent_id, ended_at) WHERE agent_id IS NOT NULL;
CREATE INDEX review_warned ON board.review (ended_at) WHERE warnings <> '{}';

-- What a person was shown of a review: print is the board's own digest of it, and tells whether the same would be shown now; shown
-- is the one that the person names with the decision, over the canonical bytes (RFC 8785).
CREATE TABLE board.review_shown (
  tenant_id integer NOT NULL,
  task_id   uuid NOT NULL,
  agent_id  integer NOT NULL,
  print     bytea NOT NULL CHECK (length(print) = 32),
  shown     bytea NOT NULL CHECK (length(shown) = 32),
  at        timestamptz NOT NULL,
  PRIMARY KEY (task_id, agent_id, print)
);

-- When a calendar's working days begin and end. Written ahead, since the board counts hours without knowing of holidays.
CREATE TABLE board.working_day (
  tenant_id integer NOT NULL,
  calendar  text NOT NULL CHECK (length(calendar) BETWEEN 1 AND 100),
  opens_at  timestamptz NOT NULL,
  closes_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, calendar, opens_at),
  CHECK (opens_at < closes_at)
);
