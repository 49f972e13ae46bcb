"""Nothing changes unless it is journalled: where the journal cannot be written, nothing else is."""

from typing import TypeAlias

import asyncpg
import httpx
import pytest

from tests.conftest import Databases
from tests.http.operations import write
from tests.http.test_writes import WRITES, Ids, furnished, split
from tests.security.table import Tried

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

NO_ROOM = """
CREATE FUNCTION board.refuse_entry() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'no room for the journal' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER refuse_entry BEFORE INSERT ON board.event_in FOR EACH ROW EXECUTE FUNCTION board.refuse_entry()
"""
ROOM = "DROP FUNCTION board.refuse_entry() CASCADE"
# The journal itself is numbered and sealed meanwhile; requests are counted, and their answers kept.
_BESIDE = ["journal", "journal_head", "journal_sealed", "seal", "case_salt", "rate_bucket", "idempotency"]
TABLES = """
SELECT string_agg(format('SELECT %L AS name, md5(string_agg(t::text, '''' ORDER BY t::text)) AS digest FROM %s t',
                         c.relname, c.oid::regclass), ' UNION ALL ')
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'board'::regnamespace AND c.relname <> ALL ($1)
"""
# What agents note for themselves, and that they are alive: the journal tells neither.
UNTOLD = {"PUT /v1/memory/C-1": {"memory"}, "POST /v1/heartbeats": {"task_lease"}}


@pytest.mark.item("I38")
async def test_where_the_journal_cannot_be_written_nothing_changes(
    databases: Databases, tried: Tried, *, thorough: bool
) -> None:
    """Every write is answered with 503, or that there was nothing to change; the same write is done when there is room."""
    routes = [*UNTOLD, *[route for route in WRITES if route not in UNTOLD][:: 1 if thorough else 4]]
    async with databases() as database, furnished(database) as (boss, ids):
        connection = await asyncpg.connect(database.url)
        tables = await connection.fetchval(TABLES, _BESIDE)
        await connection.execute(NO_ROOM)
        changed = {route: await _changes(connection, tables, boss, ids, route) for route in routes}
        await connection.execute(ROOM)
        method, path, body = split("POST /v1/cases/batch", ids)
        done = await write(boss, path, body, method)
        await connection.close()

    assert {route: tables for route, tables in changed.items() if tables} == UNTOLD
    assert done.status_code == 200
    tried(len(routes))


async def _changes(connection: Connection, tables: str, boss: httpx.AsyncClient, ids: Ids, route: str) -> set[str]:
    """The tables in which a write left something."""
    method, path, body = split(route, ids)
    before = await _digests(connection, tables)
    answer = await write(boss, path, body, method)
    assert answer.status_code in (200, 503), (route, answer.text)
    after = await _digests(connection, tables)
    return {name for name in after if before[name] != after[name]}


async def _digests(connection: Connection, tables: str) -> dict[str, str]:
    return {row["name"]: row["digest"] for row in await connection.fetch(tables)}
