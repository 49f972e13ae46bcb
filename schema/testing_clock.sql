-- A clock that tests set. Never applied by migrate: a test applies it to its own database, after which board.clock() reads the
-- moment kept here, in every session, and the real time while there is none.
CREATE TABLE IF NOT EXISTS board.test_clock (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  moment   timestamptz NOT NULL
);
GRANT SELECT ON board.test_clock TO blackboard_system;

-- The moment that was set, or the real time.
CREATE OR REPLACE FUNCTION board.clock() RETURNS timestamptz
LANGUAGE sql STABLE
RETURN coalesce((SELECT c.moment FROM board.test_clock c), now());
