-- How the hot verbs are planned. Each of their statements is the same question: for every row named, probe another table by its
-- primary key. The planner cannot be trusted with it: on a table without statistics, as every one is on its first day, it has
-- read all tasks for each row named (78 tasks/s instead of thousands), and planning anew for every call costs 1 to 2 ms, more
-- than the work. So: nested loops over indexes, planned once per connection; and no key of a hot table holds the tenant, since
-- an index that could answer `tenant_id = …` would be walked from end to end for it. tests/sql/test_plans.py holds that every
-- statement reads what it names and no more, on empty and on full tables.
DO $$
DECLARE
  v_verb regprocedure;
BEGIN
  FOR v_verb IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'board'::regnamespace AND p.prosecdef AND p.proname = ANY (
      '{open_cases,cancel_cases,claim_tasks,show_claims,heartbeat_tasks,decide_tasks,fail_tasks,release_tasks,reject_tasks,need_input,
        list_held,release_unheard,recall_answers,keep_answers}')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', v_verb);
    EXECUTE format('ALTER FUNCTION %s SET enable_hashjoin = off', v_verb);
    EXECUTE format('ALTER FUNCTION %s SET enable_mergejoin = off', v_verb);
    EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', v_verb);
    -- Reading an empty table once and keeping it looks cheaper than looking up each row; a full one is then read whole.
    EXECUTE format('ALTER FUNCTION %s SET enable_material = off', v_verb);
    -- A bitmap has no order: a claim would read its whole queue to sort it (20,000 rows for 20).
    EXECUTE format('ALTER FUNCTION %s SET enable_bitmapscan = off', v_verb);
  END LOOP;
END
$$;
