-- Roles and the schema. Applied first on every migrate, by the role that migrates (it must be allowed to create roles).
--
-- Four group roles, none of which can log in. A login becomes one of them by membership:
--   blackboard_owner   owns tables and functions. Not a superuser, so forced row-level security binds it too: a function
--                      that runs as the owner sees one tenant, the one that it entered.
--   blackboard_system  owns the few functions that must see every tenant: the sequencer, the sweeper, the key look-up.
--   blackboard_app     may execute the board's verbs and touch no table. What the API's login is a member of.
--   blackboard_reader  may read the read models (schemas reading and banking) of the tenant that it entered, and write nothing.
DO $$
DECLARE
  v_role text;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['blackboard_owner', 'blackboard_system', 'blackboard_app', 'blackboard_reader'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', v_role);
    EXCEPTION
      -- unique_violation: two databases of one cluster being migrated at the same moment.
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    IF NOT pg_has_role(current_user, v_role, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', v_role, current_user);
    END IF;
  END LOOP;
END
$$;

-- How old the oldest transaction is can be seen of others only with this right. Where the migrating role may not give it, the board
-- works as well: the metric has no sample, and `blackboard doctor` says so.
DO $$
BEGIN
  IF NOT pg_has_role('blackboard_system', 'pg_read_all_stats', 'MEMBER') THEN
    GRANT pg_read_all_stats TO blackboard_system;
  END IF;
EXCEPTION
  WHEN insufficient_privilege OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA IF NOT EXISTS board AUTHORIZATION blackboard_owner;
GRANT USAGE, CREATE ON SCHEMA board TO blackboard_system;
GRANT USAGE ON SCHEMA board TO blackboard_app;

-- What is read apart from what is written, and the same under old names.
CREATE SCHEMA IF NOT EXISTS reading AUTHORIZATION blackboard_owner;
CREATE SCHEMA IF NOT EXISTS banking AUTHORIZATION blackboard_owner;
GRANT USAGE ON SCHEMA reading TO blackboard_system, blackboard_reader;
GRANT USAGE ON SCHEMA board, banking TO blackboard_reader;

-- The API's login may become the reader where it was given none of its own. It takes nothing of it before it does, on servers that can
-- tell the two apart.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = 'blackboard_reader'::regrole AND m.member = 'blackboard_app'::regrole) THEN
    EXECUTE 'GRANT blackboard_reader TO blackboard_app'
      || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
  END IF;
EXCEPTION
  WHEN unique_violation THEN NULL;
END
$$;

-- No function is public, from the moment it is made.
ALTER DEFAULT PRIVILEGES FOR ROLE blackboard_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE blackboard_system REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
