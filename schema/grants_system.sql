-- role: blackboard_system
-- The verbs that the system role owns and the application may call.
GRANT EXECUTE ON FUNCTION
  board.sequence_events, board.keep_epoch, board.read_head, board.find_bound, board.issue_ticket, board.spend_ticket,
  board.find_closed_keys, board.record_streams, board.read_journal, board.read_cases_journal, board.look_up_key,
  board.look_up_subject, board.note_keys_used,
  board.end_silent_sessions, board.expire_leases, board.promote_scheduled, board.fire_timers, board.age_ready,
  board.wake_waiting, board.enforce_holds,
  board.read_conditions, board.due_questions, board.due_schedules, board.due_webhooks,
  board.time_out_reviews, board.short_calendars, board.add_working_days,
  board.forget_old_answers, board.forget_old_sessions, board.forget_idle_buckets, board.forget_idle_callers,
  board.forget_old_outflow,
  board.measure_board, board.examine_server,
  board.check_keys, board.check_actions, board.check_authorizations, board.check_panels, board.check_reviews, board.check_duties,
  board.list_tallies, board.list_executed, board.check_books,
  board.last_seals, board.read_sealed, board.keep_salts, board.keep_seals, board.events_of_cases,
  board.begin_erasure, board.show_erasure, board.erase_events, board.erase_cases,
  board.project_events, board.measure_reading, board.list_tenants,
  board.check_reading, board.begin_rebuild, board.rebuild_slice, board.forget_editions, board.drop_rebuild
TO blackboard_app;
GRANT EXECUTE ON FUNCTION
  board.spent_partitions, board.expired_partitions, board.unseen_events, board.read_journal, board.find_position
TO blackboard_owner;
