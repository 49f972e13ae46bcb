-- The place of a case in line: where it stood when it was opened. Its tasks queue there at every stage, and not where the queue ends
-- when they come to it: functions_flow.sql says why.
SET lock_timeout = '2s';

-- Cases that are there have none, and stand before all others. Given as a default, so that nobody opens a case without one.
ALTER TABLE board.case ADD COLUMN place bigint;
ALTER TABLE board.case ALTER COLUMN place SET DEFAULT nextval('board.task_seq');
