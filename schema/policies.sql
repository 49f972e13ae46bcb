-- Row-level security, forced on every table. Applied on every migrate to tables that do not have it yet, so that a
-- migrate without news takes no lock.
--
-- A role sees the rows of the tenant that its transaction entered, and none when it entered none. blackboard_system sees
-- all tenants: it owns the sequencer, the sweeper and the key look-up, and nothing that takes a tenant from a caller.
CREATE OR REPLACE FUNCTION board.current_tenant() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('board.tenant', true), '')::integer;

DO $$
DECLARE
  v_table regclass;
  v_guard text;
BEGIN
  FOR v_table IN
    SELECT c.oid FROM pg_class c
    WHERE c.relnamespace IN ('board'::regnamespace, 'reading'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname <> 'schema_migration' AND NOT c.relforcerowsecurity
  LOOP
    -- A sub-select is asked once per statement, the function by itself once per row: 4 % of the time of a batch.
    v_guard := 'tenant_id = (SELECT board.current_tenant())';
    -- The ends of the journal belong to all tenants: they hold a number and no row of anyone.
    IF v_table::text LIKE 'board.journal\__%' OR v_table = 'reading.progress'::regclass THEN v_guard := 'true'; END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY tenant ON %s TO blackboard_owner USING (%s) WITH CHECK (%2$s)', v_table, v_guard);
    EXECUTE format('CREATE POLICY system ON %s TO blackboard_system USING (true) WITH CHECK (true)', v_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO blackboard_system', v_table);
    IF v_table::text LIKE 'reading.%' THEN
      EXECUTE format('CREATE POLICY reader ON %s FOR SELECT TO blackboard_reader USING (%s)', v_table, v_guard);
      EXECUTE format('GRANT SELECT ON %s TO blackboard_reader', v_table);
    END IF;
  END LOOP;
END
$$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA board TO blackboard_system;

-- What an auditor reads, through the views of the schema audit, which have the rights of who reads them. Opinions are not among it:
-- they are sealed until they are counted, and then the journal tells them.
DO $$
DECLARE
  v_name text;
  v_table regclass;
BEGIN
  FOREACH v_name IN ARRAY ARRAY['tenant', 'agent', 'journal', 'decision', 'action', 'authorization', 'action_evidence', 'duty',
                                 'delegation', 'break_glass'] LOOP
    v_table := format('board.%I', v_name)::regclass;
    CONTINUE WHEN EXISTS (SELECT FROM pg_policy WHERE polrelid = v_table AND polname = 'auditor');
    EXECUTE format('CREATE POLICY auditor ON %s FOR SELECT TO blackboard_auditor USING (tenant_id = (SELECT board.current_tenant()))', v_table);
    EXECUTE format('GRANT SELECT ON %s TO blackboard_auditor', v_table);
  END LOOP;
END
$$;
