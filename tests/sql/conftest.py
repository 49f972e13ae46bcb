"""A board without processes: SQL functions, called directly, under a clock that stands still."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from blackboard import workflow
from blackboard.values import Principal
from tests.conftest import Database
from tests.factories import Clock, Scene, make_scene
from tests.sql.transfers import LETTERS, TRANSFERS


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    """A tenant with people and a workflow."""
    async with AsyncExitStack() as stack:
        yield await make_scene(stack, database.url, database.app_url)


@pytest.fixture
async def connection(database: Database) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A superuser's connection, for looking at what only the database knows."""
    connection = await asyncpg.connect(database.url)
    yield connection
    await connection.close()


@pytest.fixture
async def clock(connection: "asyncpg.Connection[asyncpg.Record]") -> Clock:
    """Time under the test's control."""
    clock = Clock(connection)
    await clock.install()
    return clock


@pytest.fixture
async def boss(scene: Scene) -> Principal:
    """An operator, and workflows of which one touches accounts and money."""
    for text in (TRANSFERS, LETTERS):
        await scene.load(workflow.parse(text))
    return await scene.hire("boss", role="admin")
