-- The state machines of case, task, action, fact and policy, as the database holds them. The same tables stand in blackboard/states.py
-- and in the pictures of schema/README.md; a test compares the three for every pair of states.
CREATE OR REPLACE FUNCTION board.may_move(p_machine text, p_from text, p_to text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_machine
  WHEN 'case' THEN (p_from, p_to) IN (
    ('active', 'completed'), ('active', 'terminated'), ('active', 'suspended'),
    ('suspended', 'active'), ('suspended', 'completed'), ('suspended', 'terminated'))
  WHEN 'task' THEN (p_from, p_to) IN (
    ('open', 'done'), ('open', 'failed'), ('open', 'cancelled'))
  WHEN 'action' THEN (p_from, p_to) IN (
    ('proposed', 'authorized'), ('proposed', 'refused'), ('proposed', 'expired'),
    ('authorized', 'dispatching'), ('authorized', 'voided'), ('authorized', 'expired'),
    ('dispatching', 'executed'), ('dispatching', 'failed'), ('dispatching', 'unknown'),
    ('unknown', 'dispatching'), ('unknown', 'executed'), ('unknown', 'failed'))
  WHEN 'fact' THEN (p_from, p_to) IN (
    ('asserted', 'disputed'), ('asserted', 'retracted'), ('disputed', 'asserted'), ('disputed', 'retracted'))
  WHEN 'policy' THEN (p_from, p_to) IN (
    ('draft', 'active'), ('draft', 'retired'), ('active', 'retired'))
  ELSE false
END;

-- Refuses a move that its machine does not know, whoever tries it. Nothing leaves an end, and whatever has not ended may go
-- anywhere: so the WHEN clauses say, which cost a legal update no function call. They are short because they are read anew for
-- every statement: with may_move in them they took 7 % of the time of a batch of decisions.
CREATE OR REPLACE FUNCTION board.refuse_move() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% may not move from % to %', TG_TABLE_NAME, OLD.state, NEW.state USING ERRCODE = 'BB500';
END
$$;

CREATE OR REPLACE TRIGGER legal_move BEFORE UPDATE OF state ON board.case FOR EACH ROW
WHEN (OLD.closed_at IS NOT NULL AND OLD.state <> NEW.state) EXECUTE FUNCTION board.refuse_move();
CREATE OR REPLACE TRIGGER legal_move BEFORE UPDATE OF state ON board.task FOR EACH ROW
WHEN (OLD.state <> 'open' AND OLD.state <> NEW.state) EXECUTE FUNCTION board.refuse_move();
CREATE OR REPLACE TRIGGER legal_move BEFORE UPDATE OF state ON board.action FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT board.may_move('action', OLD.state, NEW.state)) EXECUTE FUNCTION board.refuse_move();
CREATE OR REPLACE TRIGGER legal_move BEFORE UPDATE OF state ON board.fact FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT board.may_move('fact', OLD.state, NEW.state)) EXECUTE FUNCTION board.refuse_move();
CREATE OR REPLACE TRIGGER legal_move BEFORE UPDATE OF state ON board.policy FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT board.may_move('policy', OLD.state, NEW.state)) EXECUTE FUNCTION board.refuse_move();
