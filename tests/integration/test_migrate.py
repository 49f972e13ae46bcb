"""Bringing a database up to date: many at once, edited files, a restart half-way."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from blackboard import sql
from blackboard.errors import MigrationError
from blackboard.migrate import inspect, migrate, numbered
from tests.conftest import Server


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[str]:
    """The DSN of a database with nothing in it."""
    admin = await asyncpg.connect(server.admin_url)
    name = f"empty_{secrets.token_hex(4)}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield server.url(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_of_eight_that_start_at_once_one_migrates(empty: str) -> None:
    """The others wait without blocking it and find nothing to do."""
    applied = await asyncio.gather(*(migrate(empty) for _ in range(8)))

    assert sorted(applied, key=len) == [[]] * 7 + [numbered()]


async def test_a_file_that_was_edited_after_it_was_applied_is_refused(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ran and what is written must be the same."""
    await migrate(empty)
    read = sql.read
    monkeypatch.setattr(sql, "read", lambda name: read(name) + ("-- edited" if name == numbered()[0] else ""))

    with pytest.raises(MigrationError, match="was edited after it was applied"):
        await migrate(empty)


async def test_a_file_that_fails_leaves_nothing_behind(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its transaction is rolled back whole, and the next run starts from there."""
    read = sql.read
    monkeypatch.setattr(sql, "read", lambda name: read(name) + ("SELECT 1/0;" if name == numbered()[0] else ""))
    with pytest.raises(MigrationError, match="division by zero"):
        await migrate(empty)
    monkeypatch.undo()

    assert await migrate(empty) == numbered()


async def test_doctor_sees_a_database_that_lacks_migrations(empty: str) -> None:
    """And which."""
    assert (await inspect(empty)).pending == numbered()
