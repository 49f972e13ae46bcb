-- Looking a key up tells more columns than it did, which replacing a function cannot change.
SET lock_timeout = '2s';

-- squawk-ignore ban-drop-function
DROP FUNCTION IF EXISTS board.look_up_key(text);
