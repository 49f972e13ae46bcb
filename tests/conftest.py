"""A real server for the whole run, a migrated template once, and a database of its own for every test.

NOTIFY channels belong to a database and need real commits, so a test cannot hide in a transaction that it rolls back. A
clone of a template by file copy takes half the time that one through the log does.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from blackboard.embedded import EmbeddedPostgres
from blackboard.errors import SetupError
from blackboard.migrate import migrate
from tests.factories import FURNITURE, make_scene
from tests.security.table import Counter, mark_items, tried

__all__ = ["tried"]

thoroughly = pytest.mark.thoroughly
APP_LOGIN = "board_app"
_PREFIX = "blackboard-test-"
_SWEEP_AFTER_S = 3600.0


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL; `admin_url` is a superuser's."""

    admin_url: str

    def url(self, database: str, *, user: str | None = None, password: str = "") -> str:
        """The DSN of a database here, of the superuser unless said otherwise."""
        parts = urlsplit(self.admin_url)
        login, _, address = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{f'{user}:{password}' if user else login}@{address}", path=f"/{database}").geturl()

    @property
    def app_password(self) -> str:
        """The password of `board_app`: the same for every run against one server, unknown to whoever lacks its DSN."""
        return hashlib.sha256(self.admin_url.encode()).hexdigest()

    def app_url(self, database: str) -> str:
        """The DSN of a database here for the login that the API has."""
        return self.url(database, user=APP_LOGIN, password=self.app_password)


@dataclass(frozen=True)
class Database:
    """One test's own database: `url` as superuser, `app_url` as the API, `admin_url` its server's maintenance database."""

    name: str
    url: str
    app_url: str
    admin_url: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much is tried of what has no end: what grows with the square, is drawn, or is repeated."""
    parser.addoption("--thorough", action="store_true", help="try all pairs and every way, and draw ten times as often")
    parser.addoption("--items", type=Path, help="the file in which to count what was tried of each item, and what failed")


def pytest_configure(config: pytest.Config) -> None:
    """Count where it was asked for, in the process that hears of all tests."""
    file = config.getoption("--items")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Counter(file))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test knows what it proves. What repeats in length what a shorter one proves is left out unless all is asked for."""
    mark_items(items)
    if not config.getoption("--thorough"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(thoroughly.name)])
        items[:] = [item for item in items if not item.get_closest_marker(thoroughly.name)]


@pytest.fixture(scope="session")
def thorough(pytestconfig: pytest.Config) -> bool:
    """Whether there is time for everything. Without it the suite tries a part that is the same each time."""
    return bool(pytestconfig.getoption("--thorough"))


Databases = Callable[[], AbstractAsyncContextManager[Database]]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server of this run: TEST_DATABASE_URL if set, else an embedded one that keeps its files in memory."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Server(given)
        return
    _sweep(_memory())
    data = _memory() / f"{_PREFIX}{secrets.token_hex(4)}"
    postgres = EmbeddedPostgres(data=data, durable=False)
    try:
        postgres.start()
        yield Server(postgres.url())
    finally:
        postgres.remove()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
async def admin(server: Server) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A superuser's connection to the server, for making and dropping databases."""
    connection = await asyncpg.connect(server.admin_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def template(server: Server, admin: asyncpg.Connection[asyncpg.Record]) -> AsyncIterator[str]:
    """The name of a migrated database that nobody is connected to."""
    name = f"board_template_{secrets.token_hex(4)}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        await migrate(server.url(name))
        await _make_app_login(admin, server.app_password)
        yield name
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def furnished(server: Server, admin: asyncpg.Connection[asyncpg.Record], template: str) -> AsyncIterator[str]:
    """The name of one that has the people of a scene, and that nobody is connected to."""
    name = f"{template}_furnished"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    async with AsyncExitStack() as stack:
        FURNITURE.keep(await make_scene(stack, server.url(name), server.app_url(name)))
    yield name
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def copied(server: Server, admin: asyncpg.Connection[asyncpg.Record], template: str) -> AsyncIterator[Database]:
    """A copy of a database, for the time of a block."""
    name = f"board_test_{secrets.token_hex(6)}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield Database(name, server.url(name), server.app_url(name), server.admin_url)
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def databases(server: Server, admin: asyncpg.Connection[asyncpg.Record], furnished: str) -> Databases:
    """Makes migrated databases with the people of a scene, each for the time of a block."""
    return lambda: copied(server, admin, furnished)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """A migrated database that only this test sees; a scene's people are in it."""
    async with databases() as database:
        yield database


@pytest.fixture
async def empty_database(server: Server, admin: asyncpg.Connection[asyncpg.Record], template: str) -> AsyncIterator[Database]:
    """A migrated database in which nobody is."""
    async with copied(server, admin, template) as database:
        yield database


async def _make_app_login(admin: asyncpg.Connection[asyncpg.Record], password: str) -> None:
    """Make the login that an API process has, once per server, however many runs share it."""
    async with admin.transaction():
        await admin.execute("SELECT pg_advisory_xact_lock(7)")
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", APP_LOGIN):
            await admin.execute(f"CREATE ROLE {APP_LOGIN} LOGIN")
        await admin.execute(f"ALTER ROLE {APP_LOGIN} PASSWORD '{password}'")
        await admin.execute(f"GRANT blackboard_app TO {APP_LOGIN}")


def _sweep(folder: Path) -> None:
    """Remove what killed runs left in memory: 50 MB each. A run that still lives holds its lock and keeps its files."""
    for data in folder.glob(f"{_PREFIX}*"):
        with suppress(SetupError, OSError):
            if time.time() - data.stat().st_mtime > _SWEEP_AFTER_S:
                EmbeddedPostgres(data=data).remove()
                shutil.rmtree(data)


def _memory() -> Path:
    """A folder in memory where there is one."""
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
