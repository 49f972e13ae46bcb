-- Who may call what. Applied last on every migrate. Nothing is public (roles.sql); the application executes the verbs
-- listed here and can read or write no table.

GRANT EXECUTE ON FUNCTION
  board.open_cases, board.cancel_cases, board.suspend_cases, board.resume_cases,
  board.claim_tasks, board.show_claims, board.list_held, board.list_session_claims, board.release_unheard,
  board.heartbeat_tasks, board.decide_tasks, board.fail_tasks, board.release_tasks, board.reject_tasks,
  board.need_input, board.give_opinion, board.record_decision, board.propose_action, board.record_action, board.was_authorized, board.settle_action,
  board.put_facts, board.read_fact_rules, board.mark_fact, board.show_facts, board.newest_facts, board.meet_conditions, board.withdraw_unwanted,
  board.send_signal, board.keep_memory,
  board.redrive_tasks, board.resolve_task, board.place_hold, board.lift_hold, board.set_agent_state,
  board.claim_review, board.forward_review, board.escalate_review, board.ask_review, board.show_review, board.keep_shown,
  board.list_reviews, board.read_warnings,
  board.put_quota, board.drop_quota, board.list_quotas,
  board.put_limit, board.drop_limit, board.list_limits, board.take_tokens,
  board.put_schedule, board.drop_schedule, board.list_schedules, board.run_schedule,
  board.put_webhook, board.drop_webhook, board.rotate_secret, board.replay_webhook, board.list_webhooks, board.list_dead_letters,
  board.advance_webhook, board.settle_dead_letter, board.fail_webhook, board.disable_webhook,
  board.save_policy, board.activate_policy, board.retire_policy, board.read_policy, board.list_policies,
  board.recall_answers, board.keep_answers, board.forget_answer,
  board.start_session, board.heartbeat_sessions, board.end_session,
  board.show_case, board.find_case, board.find_opening, board.list_cases, board.find_number, board.show_task,
  board.explain_task, board.result_schemas,
  board.list_agents,
  board.enter_scope, board.list_keys, board.issue_key, board.rotate_key, board.revoke_key, board.register_agent, board.change_agent,
  board.list_workflows,
  board.list_holds, board.list_incidents, board.show_load,
  board.explain_clash, board.delegate, board.end_delegation, board.list_delegations,
  board.ask_leave, board.approve_leave, board.revoke_leave, board.list_leaves,
  board.keep_partitions, board.trim_journal,
  board.show_chain, board.list_seals, board.read_salts
TO blackboard_app;

-- Which migrations a database has, for `blackboard doctor`.
GRANT SELECT ON board.schema_migration TO blackboard_app, blackboard_migrator;

-- The policies of those who read ask which tenant was entered.
GRANT EXECUTE ON FUNCTION board.current_tenant TO blackboard_reader, blackboard_auditor;

-- What the system's own functions call in turn.
GRANT EXECUTE ON FUNCTION
  board.describe_scope, board.demand_opening, board.demand_cases, board.demand_tasks, board.demand_scope, board.demand_amounts,
  board.allowed_by_scope, board.current_scope,
  board.clock, board.new_id, board.may_move, board.current_tenant, board.agent_name, board.record_events,
  board.queue_tasks, board.unqueue_tasks, board.unplace_tasks, board.withdraw_tasks, board.complete_tasks, board.stop_waiting,
  board.advance_cases, board.find_ways, board.plan_steps, board.queue_place, board.enter_stages, board.set_timers, board.begin_awaiting,
  board.open_questions, board.describe_opinion, board.newest_facts, board.unfit_reads,
  board.receive_signals, board.ring_watchers, board.known_facts, board.read_fact, board.is_doubtful,
  board.end_leases, board.rest_disputed, board.cut_leases, board.quota_room, board.fitting_tasks, board.revoke_leases, board.lock_held_back,
  board.freeze_leases, board.strip_suspended, board.open_cases,
  board.cancel_cases, board.count_ready, board.same_person, board.joined_owners,
  board.begin_reviews, board.review_due, board.count_hours,
  board.actions_are_authorized, board.follow_steps, board.grant_authorizations, board.lapse_actions, board.expire_proposals,
  board.grounds, board.newest_action, board.tell_action, board.bystander
TO blackboard_system;
