-- Who may call what. Applied last on every migrate. Nothing is public (roles.sql); the application executes the verbs
-- listed here and can read or write no table.

GRANT EXECUTE ON FUNCTION
  board.open_cases, board.cancel_cases, board.claim_tasks, board.heartbeat_tasks, board.decide_tasks, board.fail_tasks,
  board.release_tasks, board.reject_tasks, board.need_input, board.record_action, board.settle_action, board.recall_answers, board.keep_answers, board.forget_answer,
  board.start_session, board.heartbeat_sessions, board.end_session,
  board.show_case, board.list_cases, board.show_task, board.list_agents, board.list_workflows,
  board.keep_partitions
TO blackboard_app;

-- Which migrations a database has, for `blackboard doctor`.
GRANT SELECT ON board.schema_migration TO blackboard_app;

-- What the system's own functions call in turn.
GRANT EXECUTE ON FUNCTION
  board.clock, board.new_id, board.record_events, board.may_move, board.current_tenant, board.queue_tasks, board.complete_tasks,
  board.unplace_tasks, board.withdraw_tasks, board.advance_cases, board.enter_stages, board.ring_watchers
TO blackboard_system;
