-- role: blackboard_system
-- The verbs that the system role owns and the application may call.
GRANT EXECUTE ON FUNCTION
  board.sequence_events, board.read_head, board.read_journal, board.expire_leases, board.promote_scheduled, board.find_key
TO blackboard_app;
GRANT EXECUTE ON FUNCTION board.spent_partitions TO blackboard_owner;
