-- What is read apart from what is written: tables that a projector fills from the journal, so that whoever reads a history, a
-- list or a customer touches no row that an agent works on. The views under the old names stand in views_banking.sql.
--
-- Every row belongs to an edition. A tenant's readers see one edition; a rebuild fills the next one beside it and then turns
-- the page.
SET lock_timeout = '2s';

-- One row: up to which position the journal was read into the shown editions, and the day that position was written down.
CREATE TABLE reading.progress (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  position     bigint NOT NULL,
  recorded_on  date NOT NULL DEFAULT '-infinity',
  projected_at timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO reading.progress (position, projected_at) SELECT f.position, clock_timestamp() FROM board.journal_floor f;

-- Which edition a tenant's readers see.
CREATE TABLE reading.shown (
  tenant_id integer PRIMARY KEY REFERENCES board.tenant,
  edition   integer NOT NULL
);

-- An edition that is being filled: the journal was read into it up to this position.
CREATE TABLE reading.rebuild (
  tenant_id   integer PRIMARY KEY REFERENCES board.tenant,
  edition     integer NOT NULL,
  position    bigint NOT NULL,
  recorded_on date NOT NULL DEFAULT '-infinity',
  started_at  timestamptz NOT NULL
);

-- A case that has a number, as its events leave it. Its caller's own name for it, its customer, client and session are those
-- that the payload says: columns, because row-level security lets no index look into a document. awaits_person says that people
-- decide at its stage; result is that of the decision that ended it.
CREATE TABLE reading.case (
  tenant_id     integer NOT NULL,
  edition       integer NOT NULL,
  case_id       uuid NOT NULL,
  number        bigint NOT NULL,
  workflow_id   integer NOT NULL,
  workflow      text NOT NULL,
  opened_by     text NOT NULL,
  payload       jsonb NOT NULL,
  known_as      text NOT NULL,
  session_id    text,
  customer_id   text NOT NULL,
  client_id     text,
  state         text NOT NULL,
  stage         text NOT NULL,
  awaits_person boolean NOT NULL,
  outcome       text,
  result        jsonb,
  position      bigint NOT NULL,
  opened_at     timestamptz NOT NULL,
  closed_at     timestamptz,
  PRIMARY KEY (case_id, edition)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX case_numbered ON reading.case (tenant_id, edition, workflow, number);
CREATE INDEX case_known_as ON reading.case (tenant_id, edition, known_as);
CREATE INDEX case_of_session ON reading.case (tenant_id, edition, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX case_of_customer ON reading.case (tenant_id, edition, customer_id);
CREATE INDEX case_of_client ON reading.case (tenant_id, edition, client_id, number) WHERE client_id IS NOT NULL;

-- A decision on such a case, whoever took it. authorizes and case_outcome are where it led: what it permitted, how it ended the
-- case.
CREATE TABLE reading.decision (
  tenant_id    integer NOT NULL,
  edition      integer NOT NULL,
  position     bigint NOT NULL,
  case_id      uuid NOT NULL,
  number       bigint NOT NULL,
  workflow     text NOT NULL,
  stage        text NOT NULL,
  task_id      uuid NOT NULL,
  decided_by   text NOT NULL,
  outcome      text NOT NULL,
  reasons      text[] NOT NULL,
  result       jsonb,
  confidence   double precision,
  policy       text,
  authorizes   text,
  case_outcome text,
  at           timestamptz NOT NULL,
  PRIMARY KEY (position, edition)
);
CREATE INDEX decision_of_case ON reading.decision (case_id, edition, position);
CREATE INDEX decision_of_number ON reading.decision (tenant_id, edition, number, position);

-- What the bank was asked for such a case, and each thing that it was found to have said: executed, failed, or not known.
CREATE TABLE reading.effect (
  tenant_id  integer NOT NULL,
  edition    integer NOT NULL,
  position   bigint NOT NULL,
  case_id    uuid NOT NULL,
  number     bigint NOT NULL,
  workflow   text NOT NULL,
  action_id  uuid NOT NULL,
  kind       text NOT NULL,
  effect_key text NOT NULL,
  attempt    integer NOT NULL,
  state      text NOT NULL CHECK (state IN ('executed', 'failed', 'unknown')),
  request    jsonb NOT NULL,
  response   jsonb,
  at         timestamptz NOT NULL,
  PRIMARY KEY (position, edition)
);
CREATE INDEX effect_of_case ON reading.effect (case_id, edition, position);
CREATE INDEX effect_in_order ON reading.effect (tenant_id, edition, position);

-- A customer's session with an agent: what it was about last.
CREATE TABLE reading.session (
  tenant_id   integer NOT NULL,
  edition     integer NOT NULL,
  session_id  text NOT NULL,
  customer_id text NOT NULL,
  last_intent text NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, edition, session_id)
) WITH (fillfactor = 70);

-- A client of wealth management as it was last fetched from the system of record, and what it held then.
CREATE TABLE reading.client (
  tenant_id    integer NOT NULL,
  edition      integer NOT NULL,
  client_id    text NOT NULL,
  name         text NOT NULL,
  risk_profile text NOT NULL,
  instructions jsonb NOT NULL,
  position     bigint NOT NULL,
  fetched_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, edition, client_id)
) WITH (fillfactor = 70);
CREATE TABLE reading.holding (
  tenant_id integer NOT NULL,
  edition   integer NOT NULL,
  client_id text NOT NULL,
  symbol    text NOT NULL,
  quantity  numeric(18, 6) NOT NULL,
  PRIMARY KEY (tenant_id, edition, client_id, symbol)
);

-- An event on its way into an edition.
CREATE TYPE reading.event AS (
  position bigint, tenant_id integer, edition integer, type text, case_id uuid, task_id uuid, workflow text, stage text,
  capability text, actor text, body jsonb, at timestamptz);
