"""A board without processes: SQL functions, called directly, under a clock that stands still."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import pytest

from blackboard import workflow
from blackboard.values import Principal
from tests.conftest import Database, Databases
from tests.factories import Clock, Scene, fill, make_scene
from tests.sql.transfers import LETTERS, TRANSFERS


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """A tenant with people and a workflow: the only one of a database where the test asks for that too, else one of many."""
    name = "only" if "database" in request.fixturenames else "another"
    return request.getfixturevalue(name)  # type: ignore[no-any-return]  # by name


@pytest.fixture
async def only(database: Database) -> AsyncIterator[Scene]:
    """The one tenant of a database."""
    async with AsyncExitStack() as stack:
        yield await make_scene(stack, database.url, database.app_url)


@pytest.fixture(scope="module")
async def house(databases: Databases) -> AsyncIterator[Scene]:
    """The first tenant of the database that a file's tests share."""
    async with databases() as database, AsyncExitStack() as stack:
        yield await make_scene(stack, database.url, database.app_url)


@pytest.fixture
async def another(house: Scene) -> Scene:
    """One more tenant there: a tenth of the price of a database."""
    tenant_id = await house.admin.add_tenant(f"tenant-{uuid4().hex[:12]}")
    return await fill(Scene(house.store, house.admin, house.url, tenant_id))


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
