-- Short numbers of cases, for workflows that ask for them: what a person, or a service that knows no UUIDs, calls a case.
SET lock_timeout = '2s';

-- One sequence for all workflows and tenants, so that a number means one case for ever. Numbers rise and may have gaps: one that was
-- drawn for a case which was not kept is not given again.
CREATE SEQUENCE board.case_number CACHE 1;

ALTER TABLE board.workflow ADD COLUMN is_numbered boolean NOT NULL DEFAULT false;
ALTER TABLE board.case ADD COLUMN number bigint;
-- The column is empty in every row that is there: the index is made by one look at the table, and holds nothing. Cases without a
-- number have no entry in it.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX case_of_number ON board.case (number) WHERE number IS NOT NULL;

-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.list_cases(integer, text, text, text, text, uuid, integer);
