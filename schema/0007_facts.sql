-- Facts with where they come from, and what became of them: disputed, upheld, retracted.
SET lock_timeout = '2s';

-- inputs are the facts of the same case that this one was made of, as key@version. trust is 0 (none) to 3 (a system of record): what
-- the source class is worth, and no more than any of the inputs. valid_from and valid_until say of when it is true; at, when it was
-- told. An accumulating fact is a list that grows by an entry per version; an entry that is taken back stays, and its retraction is a
-- version of its own (`withdraws`), so that who has read the list before is known to be outdated.
ALTER TABLE board.fact
  ADD COLUMN kind          text NOT NULL DEFAULT 'current',
  ADD COLUMN inputs        text[] NOT NULL DEFAULT '{}',
  ADD COLUMN source_class  text NOT NULL DEFAULT 'agent',
  ADD COLUMN trust         smallint NOT NULL DEFAULT 2,
  ADD COLUMN tool          text,
  ADD COLUMN model         text,
  ADD COLUMN prompt_digest text,
  ADD COLUMN valid_from    timestamptz,
  ADD COLUMN valid_until   timestamptz,
  ADD COLUMN withdraws     integer,
  ADD COLUMN state         text NOT NULL DEFAULT 'asserted',
  ADD COLUMN judged_by     integer,
  ADD COLUMN judged_at     timestamptz,
  ADD COLUMN judgement     text,
  ADD CONSTRAINT fact_kind CHECK (kind IN ('current', 'accumulating')) NOT VALID,
  ADD CONSTRAINT fact_state_check CHECK (state IN ('asserted', 'disputed', 'retracted')) NOT VALID,
  ADD CONSTRAINT fact_trust CHECK (trust BETWEEN 0 AND 3) NOT VALID,
  ADD CONSTRAINT fact_source_class CHECK (
    source_class IN ('system_of_record', 'person', 'agent', 'external', 'model', 'customer')) NOT VALID,
  ADD CONSTRAINT fact_valid CHECK (valid_from < valid_until) NOT VALID;

-- It returns more now; what replaces it is made by the same migrate.
-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.read_conditions(uuid[], uuid, integer);
