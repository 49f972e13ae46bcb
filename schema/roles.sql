-- Roles and the schemas. Applied first on every migrate. The first time on a server it must be run by somebody who may create roles
-- (a superuser); from then on a member of blackboard_migrator is enough, on a database of its own or on one that has the schemas.
--
-- Six group roles, none of which can log in. A login becomes one of them by membership:
--   blackboard_owner    owns tables and functions. Not a superuser, so forced row-level security binds it too: a function
--                       that runs as the owner sees one tenant, the one that it entered.
--   blackboard_system   owns the few functions that must see every tenant: what moves the journal on (sequencer, sweeper, projector,
--                       tallier) and the key look-up. Nobody is a member but the migrator, which makes its functions.
--   blackboard_migrator may act as these two, when it says so (SET ROLE). By itself it can make a schema and nothing else: it reads no
--                       row and executes no verb at run time.
--   blackboard_app      may execute the board's verbs and touch no table. What the API's login is a member of.
--   blackboard_reader   may read the read models (schemas reading and banking) of the tenant that it entered, and write nothing.
--   blackboard_auditor  may read what happened and on what grounds (schema audit) in the tenant that it entered, and write nothing.
DO $$
DECLARE
  v_role text;
  v_apart text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['owner', 'system', 'app', 'reader', 'auditor', 'migrator'] LOOP
    v_role := 'blackboard_' || v_role;
    CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = v_role);
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS %s', v_role,
                     CASE v_role WHEN 'blackboard_migrator' THEN 'NOINHERIT' ELSE 'INHERIT' END);
    EXCEPTION
      -- unique_violation: two databases of one cluster being migrated at the same moment.
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
  -- The API's login may become the reader where it was given none of its own. Like the migrator it takes nothing of it before it does,
  -- on servers that can tell the two apart.
  FOR v_role IN
    SELECT format('GRANT %I TO %I%s', g.role, g.member, v_apart)
    FROM (VALUES ('blackboard_reader', 'blackboard_app'), ('blackboard_owner', 'blackboard_migrator'),
                 ('blackboard_system', 'blackboard_migrator')) AS g (role, member)
    WHERE NOT EXISTS (
      SELECT FROM pg_auth_members m WHERE m.roleid = g.role::regrole AND m.member = g.member::regrole)
    UNION ALL
    SELECT format('GRANT %I TO %I', role, current_user) FROM unnest(ARRAY['blackboard_owner', 'blackboard_system']) AS role
    WHERE NOT pg_has_role(current_user, role, 'MEMBER')
  LOOP
    BEGIN
      EXECUTE v_role;
    EXCEPTION
      WHEN unique_violation THEN NULL;
    END;
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

-- The schemas: what is written; what is read apart from it; the same under old names; and what an auditor sees.
DO $$
DECLARE
  v_schema text;
BEGIN
  FOREACH v_schema IN ARRAY ARRAY['board', 'reading', 'banking', 'audit'] LOOP
    IF to_regnamespace(v_schema) IS NULL THEN
      EXECUTE format('CREATE SCHEMA %I AUTHORIZATION blackboard_owner', v_schema);
    END IF;
  END LOOP;
END
$$;

-- What PostgreSQL lets everybody do in a database and no login of the board has use for: tables of a session's own, which could
-- stand before ours, and large objects, which no policy covers. Only the database's owner, or a superuser, can take it away; and a
-- later version may bring a schema.
DO $$
DECLARE
  v_function regprocedure;
BEGIN
  IF has_database_privilege('public', current_database(), 'TEMP') THEN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  END IF;
  IF NOT has_database_privilege('blackboard_migrator', current_database(), 'CREATE') THEN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO blackboard_migrator', current_database());
  END IF;
  FOR v_function IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname LIKE 'lo\_%' OR p.proname IN ('loread', 'lowrite'))
      AND has_function_privilege('public', p.oid, 'EXECUTE')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', v_function);
  END LOOP;
EXCEPTION
  WHEN insufficient_privilege THEN NULL;
END
$$;

SET LOCAL ROLE blackboard_owner;
GRANT USAGE, CREATE ON SCHEMA board TO blackboard_system;
GRANT USAGE ON SCHEMA board TO blackboard_app, blackboard_reader, blackboard_auditor, blackboard_migrator;
GRANT USAGE ON SCHEMA reading TO blackboard_system, blackboard_reader;
GRANT USAGE ON SCHEMA banking TO blackboard_reader;
GRANT USAGE ON SCHEMA audit TO blackboard_auditor;

-- No function is public, from the moment it is made.
ALTER DEFAULT PRIVILEGES FOR ROLE blackboard_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET LOCAL ROLE blackboard_system;
ALTER DEFAULT PRIVILEGES FOR ROLE blackboard_system REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
RESET ROLE;
