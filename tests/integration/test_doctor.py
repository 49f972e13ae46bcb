"""What the doctor says of a database, and what about it."""

from typing import Any

import asyncpg
import pytest

from blackboard.doctor import Check, check_server
from blackboard.measures import Examination, Prepared, ReadingLag, Rows, Slot
from blackboard.migrate import inspect
from tests.conftest import Database

GIB = 1024**3
WELL = Examination(
    oldest_transaction_s=1,
    oldest_snapshot_xids=1,
    xid_age=1,
    tables=[Rows(name="task", live=100_000, dead=20_000), Rows(name="task_ready", live=0, dead=900)],
    autovacuum=True,
    unvacuumed=[],
    connections=97,
    shared_buffers_bytes=4 * GIB,
    max_wal_bytes=4 * GIB,
    prepared=[],
    broken_duties=0,
    reading=ReadingLag(position=9, behind=0, behind_s=0, rebuilding=0),
    slots=[Slot(name="standby", active=True, held_bytes=5 * GIB)],
)


def check(name: str, *, pool: int = 10, **changes: Any) -> Check:
    """One check of a server that is well but for these."""
    [found] = [each for each in check_server(WELL.model_copy(update=changes), pool) if each.name == name]
    return found


def test_a_server_that_is_well_needs_nothing() -> None:
    """Not even advice."""
    assert [each for each in check_server(WELL, 10) if not each.ok or each.advice] == []


@pytest.mark.parametrize(
    ("name", "changes", "remedy"),
    [
        ("autovacuum", {"autovacuum": False}, "autovacuum = on"),
        ("autovacuum", {"unvacuumed": ["task_ready"]}, "RESET (autovacuum_enabled)"),
        ("oldest transaction", {"oldest_transaction_s": 601}, "pg_terminate_backend"),
        ("dead rows", {"tables": [Rows(name="task_ready", live=5_000, dead=50_000)]}, "VACUUM (ANALYZE) board.task_ready"),
        ("prepared transactions", {"prepared": [Prepared(name="left", age_s=3600)]}, "ROLLBACK PREPARED 'left'"),
        ("replication slots", {"slots": [Slot(name="old", active=False, held_bytes=5 * GIB)]}, "pg_drop_replication_slot"),
        ("connections", {"pool": 60}, "Raise max_connections"),
    ],
)
def test_what_makes_a_board_slow_is_found_with_what_to_do(name: str, changes: dict[str, Any], remedy: str) -> None:
    """A fault each."""
    found = check(name, **changes)

    assert (found.ok, remedy in found.found) == (False, True)


@pytest.mark.parametrize(
    ("name", "changes", "advice"),
    [
        ("settings", {"shared_buffers_bytes": 128 * 1024**2}, "shared_buffers"),
        ("settings", {"max_wal_bytes": GIB // 2}, "max_wal_size"),
        ("oldest transaction", {"oldest_transaction_s": None}, "GRANT pg_read_all_stats TO blackboard_system"),
    ],
)
def test_what_could_be_better_is_advice_and_no_fault(name: str, changes: dict[str, Any], advice: str) -> None:
    """A board on a small machine is not broken."""
    found = check(name, **changes)

    assert (found.ok, found.advice, advice in found.found) == (True, True, True)


async def test_the_application_s_login_may_ask(database: Database) -> None:
    """It sees what the server says and no row of anybody."""
    seen = (await inspect(database.app_url)).server

    assert seen is not None
    assert seen.oldest_transaction_s is not None
    assert (seen.connections > 0, seen.shared_buffers_bytes > 0, seen.max_wal_bytes > 0) == (True, True, True)
    assert (seen.unvacuumed, seen.prepared) == ([], [])


async def test_a_table_that_is_not_vacuumed_and_a_slot_that_nobody_reads_are_seen(database: Database) -> None:
    """As somebody may have left them behind."""
    admin = await asyncpg.connect(database.url)
    slot = database.name
    await admin.execute("ALTER TABLE board.task SET (autovacuum_enabled = off)")
    await admin.execute("SELECT pg_create_physical_replication_slot($1, true)", slot)
    try:
        seen = (await inspect(database.app_url)).server
    finally:
        await admin.execute("SELECT pg_drop_replication_slot($1)", slot)
        await admin.close()

    assert seen is not None
    assert seen.unvacuumed == ["task"]
    assert [(s.active, s.held_bytes >= 0) for s in seen.slots if s.name == slot] == [(False, True)]
