"""Tenants do not meet."""

from contextlib import AsyncExitStack

import asyncpg
import pytest

from blackboard.errors import NotFound
from tests.conftest import Database
from tests.factories import Scene, make_scene


async def test_another_tenants_case_does_not_exist(scene: Scene, database: Database) -> None:
    """Neither by id, nor in lists, nor as work."""
    case = await scene.open()
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")

        with pytest.raises(NotFound):
            await other.board.show_case(other.people["requester"], case.id)

        assert (await other.board.list_cases(other.people["requester"])).cases == []
        assert await other.claim(limit=10) == []


async def test_every_table_forces_row_level_security(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Partitions included; a new table without it fails here."""
    bare = await connection.fetch(
        "SELECT relname FROM pg_class"
        " WHERE relnamespace IN ('board'::regnamespace, 'reading'::regnamespace) AND relkind IN ('r', 'p')"
        " AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'schema_migration'"
    )

    assert [row["relname"] for row in bare] == []


async def test_every_table_has_a_tenant_column(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """All but the ends of the journal, and how far it was read, which hold a number and no row of anyone."""
    without = await connection.fetch(
        "SELECT relname FROM pg_class c"
        " WHERE relnamespace IN ('board'::regnamespace, 'reading'::regnamespace) AND relkind IN ('r', 'p') AND NOT EXISTS"
        " (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AND relname <> 'schema_migration'"
    )

    assert {row["relname"] for row in without} == {"journal_head", "journal_floor", "journal_epoch", "progress"}


async def test_definer_functions_fix_their_search_path(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Or a caller could put its own functions before ours."""
    open_ones = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'board'::regnamespace AND prosecdef"
        " AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=pg_catalog%', false)"
    )

    assert [row["proname"] for row in open_ones] == []


async def test_no_function_is_public(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A role that was granted nothing can call nothing."""
    public = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'board'::regnamespace"
        " AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)"
    )

    assert [row["proname"] for row in public] == []


async def test_without_a_tenant_there_are_no_rows(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Even for the owner of the tables: a forgotten tenant shows nothing instead of everything."""
    await scene.open()
    await connection.execute("SET ROLE blackboard_owner")

    assert await connection.fetchval("SELECT count(*) FROM board.case") == 0
