"""Tenants do not meet."""

import asyncio
import re
from contextlib import AsyncExitStack

import asyncpg
import pytest

from blackboard.errors import NotFound
from blackboard.listener import CHANNEL, Listener
from tests.conftest import Database
from tests.factories import Scene, make_scene


@pytest.mark.item("S8", "I43")
async def test_another_tenants_case_does_not_exist(scene: Scene, database: Database) -> None:
    """Neither by id, nor in lists, nor as work."""
    case = await scene.open()
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")

        with pytest.raises(NotFound):
            await other.board.show_case(other.people["requester"], case.id)

        assert (await other.board.list_cases(other.people["requester"])).cases == []
        assert await other.claim(limit=10) == []


@pytest.mark.item("S15")
async def test_every_table_forces_row_level_security(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Partitions included; a new table without it fails here."""
    bare = await connection.fetch(
        "SELECT relname FROM pg_class"
        " WHERE relnamespace IN ('board'::regnamespace, 'reading'::regnamespace) AND relkind IN ('r', 'p')"
        " AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'schema_migration'"
    )

    assert [row["relname"] for row in bare] == []


@pytest.mark.item("S15")
async def test_every_table_has_a_tenant_column(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """All but the ends of the journal, and how far it was read, which hold a number and no row of anyone."""
    without = await connection.fetch(
        "SELECT relname FROM pg_class c"
        " WHERE relnamespace IN ('board'::regnamespace, 'reading'::regnamespace) AND relkind IN ('r', 'p') AND NOT EXISTS"
        " (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AND relname <> 'schema_migration'"
    )

    assert {row["relname"] for row in without} == {
        "journal_head",
        "journal_floor",
        "journal_epoch",
        "journal_sealed",
        "progress",
    }


@pytest.mark.item("S15")
async def test_definer_functions_fix_their_search_path(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Or a caller could put its own functions and temporary tables before ours: pg_temp is named, and comes last."""
    open_ones = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'board'::regnamespace AND prosecdef"
        " AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)"
    )

    assert [row["proname"] for row in open_ones] == []


@pytest.mark.item("S15")
async def test_no_function_is_public(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A role that was granted nothing can call nothing."""
    public = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'board'::regnamespace"
        " AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)"
    )

    assert [row["proname"] for row in public] == []


@pytest.mark.item("I44")
async def test_without_a_tenant_there_are_no_rows(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Even for the owner of the tables: a forgotten tenant shows nothing instead of everything."""
    await scene.open()
    await connection.execute("SET ROLE blackboard_owner")

    assert await connection.fetchval("SELECT count(*) FROM board.case") == 0


# Functions that see every tenant and are told one; what each does for it stands above it, and it returns nothing of another.
TOLD_A_TENANT = {
    *("add_working_days", "begin_rebuild", "drop_rebuild", "forget_editions", "issue_ticket", "read_journal", "rebuild_slice"),
    *(
        "read_cases_journal",
        "record_streams",
        "begin_erasure",
        "erase_cases",
        "erase_events",
        "events_of_cases",
        "show_erasure",
    ),
}


@pytest.mark.item("S15", "S16")
async def test_every_verb_that_takes_a_tenant_enters_it_first(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Before it looks at anything; but for those of the system role, which are few and known by name."""
    late = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'board'::regnamespace AND prosecdef"
        " AND 'p_tenant' = ANY (proargnames)"
        r" AND NOT coalesce(prosrc ~ '\mBEGIN\s+(PERFORM|SELECT)\s+board\.enter_tenant\(p_tenant\)', false)"
    )
    owners = await connection.fetch(
        "SELECT DISTINCT r.rolname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.proname = ANY ($1)",
        list(TOLD_A_TENANT),
    )

    assert {row["proname"] for row in late} <= TOLD_A_TENANT
    assert [row["rolname"] for row in owners] == ["blackboard_system"]


@pytest.mark.item("S15")
async def test_whatever_the_application_may_call_without_a_tenant_is_the_systems(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """No function of the tables' owner is open to it that takes no tenant, but those that keep the days of the journal."""
    found = await connection.fetch(
        "SELECT proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE pronamespace = 'board'::regnamespace"
        " AND has_function_privilege('blackboard_app', p.oid, 'EXECUTE') AND (NOT prosecdef"
        "  OR (NOT coalesce('p_tenant' = ANY (proargnames), false) AND r.rolname <> 'blackboard_system'))"
    )

    assert {row["proname"] for row in found} == {"keep_partitions", "trim_journal"}


@pytest.mark.item("S15")
async def test_views_have_the_rights_of_who_reads_them_and_nobody_else_owns_anything(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """Tables, views, sequences and functions belong to the owner or the system role; no login may draw from a sequence."""
    found = await connection.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('board', 'reading', 'banking', 'audit') AND ("
        "  c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))"
        "  OR (c.relkind = 'S' AND (has_sequence_privilege('blackboard_app', c.oid, 'USAGE, SELECT, UPDATE')"
        "   OR has_sequence_privilege('blackboard_reader', c.oid, 'USAGE, SELECT, UPDATE')))"
        "  OR r.rolname <> 'blackboard_owner')"
        " UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
        " WHERE p.pronamespace = 'board'::regnamespace AND r.rolname NOT IN ('blackboard_owner', 'blackboard_system')"
    )

    assert [row["name"] for row in found] == []


# What the first column of a unique key may be beside the tenant: an id, a number or a position that the board mints itself, so
# that nobody finds out by choosing one what another tenant has. A tenant's name is an operator's choice.
MINTED = re.compile(
    r"(case|task|action|agent|workflow|webhook|queue|quota|policy|opinion|decision|delegation|evidence|authorization|break|stage_task"
    r"|wake|key|erasure)_id|effect_key|undoes|number|position|epoch|only_row|ticket_hash|ready_at|fires_at"
)


@pytest.mark.item("S18")
async def test_no_unique_key_tells_of_another_tenant(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Each begins with the tenant, or with what the board minted."""
    found = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS name, a.attname AS first FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE i.indisunique AND c.relnamespace IN ('board'::regnamespace, 'reading'::regnamespace)"
    )

    chosen = {row["name"] for row in found if row["first"] != "tenant_id" and not MINTED.fullmatch(row["first"])}
    assert chosen == {"board.tenant_name_key", "board.schema_migration_pkey"}


@pytest.mark.item("S19")
async def test_a_forged_notification_is_one_more_look(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Whatever it says, by whoever can log in: who hears it reads the journal, and that is as it was."""
    rung, told = asyncio.Event(), list[None]()

    def ring() -> None:
        told.append(None)
        rung.set()

    listener = Listener(scene.url, ring, probe_interval_s=60)
    await listener.run_once()
    told.clear()
    before = await scene.store.read_head()
    for payload in ("", "999999999", "'; DROP TABLE board.case; --", "{}"):
        rung.clear()
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
        await asyncio.wait_for(rung.wait(), 10)
    after = await scene.store.read_head()
    await listener.close()

    assert (len(told), after.head) == (4, before.head)
