"""The real application behind a real socket, on a database of its own, in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from api.__main__ import GentleServer, listen
from api.app import create_app
from api.connection import server_config
from api.service import Service
from blackboard.client import BoardClient
from blackboard.config import ServiceSettings
from blackboard.trust import trust
from tests.conftest import Database, Databases
from tests.factories import PEPPER, Scene, fill, make_scene


class _Server(GentleServer):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the test run's signals alone."""
        yield


@dataclass
class Api:
    """A board that listens."""

    url: str
    scene: Scene
    service: Service

    def client(self, who: str, **options: Any) -> BoardClient:
        """The client library, with somebody's key."""
        return BoardClient(self.url, self.scene.keys[who], **options)

    def http(self, who: str | None = "requester") -> httpx.AsyncClient:
        """Plain HTTP, with somebody's key or none."""
        headers = {"Authorization": f"Bearer {self.scene.keys[who]}"} if who else {}
        return httpx.AsyncClient(base_url=self.url, verify=trust(), headers=headers, timeout=30)


@asynccontextmanager
async def serve(scene: Scene, **settings: Any) -> AsyncIterator[Api]:
    """Serve a scene's database until the block ends; its streams are then sent away at once."""
    settings = {"max_connections": 8, "drain_s": 0, **settings}
    chosen = ServiceSettings(database_url=SecretStr(scene.url), key_pepper=SecretStr(PEPPER.hex()), **settings)
    app = create_app(chosen)
    config = server_config(app, chosen, timeout_graceful_shutdown=2)
    server = _Server(config, app)
    sock = listen("127.0.0.1", 0)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        assert not serving.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        scheme = "https" if chosen.tls_certificate else "http"
        yield Api(f"{scheme}://127.0.0.1:{sock.getsockname()[1]}", scene, app.state.service)
    finally:
        app.state.service.drain()
        server.should_exit = True
        await serving


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    """A tenant with people and a workflow."""
    async with AsyncExitStack() as stack:
        yield await make_scene(stack, database.url, database.app_url)


@pytest.fixture
async def connection(database: Database) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A superuser's connection, for what only an operator could do, or time."""
    connection = await asyncpg.connect(database.url)
    yield connection
    await connection.close()


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Api:
    """A board that listens: a tenant of the file's, or one alone where the test asks for that, its scene or its database."""
    is_alone = {"alone", "scene", "database"} & {*request.fixturenames}
    return request.getfixturevalue("alone" if is_alone else "own")  # type: ignore[no-any-return]  # by name


@pytest.fixture
async def alone(scene: Scene) -> AsyncIterator[Api]:
    """A board that nobody else uses, as one process and one database."""
    async with serve(scene) as api:
        yield api


@pytest.fixture
async def boss(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's HTTP client."""
    await api.scene.hire("boss", "first", "second", role="admin", kind="human")
    async with api.http("boss") as http:
        yield http


@pytest.fixture(scope="module")
async def shared(databases: Databases) -> AsyncIterator[Api]:
    """A board for all of a file's tests that leave nothing behind them; starting one takes a quarter of a second."""
    async with databases() as database, AsyncExitStack() as stack:
        yield await stack.enter_async_context(serve(await make_scene(stack, database.url, database.app_url)))


@pytest.fixture(scope="module")
async def shared_boss(shared: Api) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's HTTP client to that board."""
    await shared.scene.hire("boss", "first", "second", role="admin", kind="human")
    async with shared.http("boss") as http:
        yield http


@pytest.fixture
async def own(shared: Api) -> Api:
    """The file's board as a tenant of its own sees it, without cases, agents or events of others: a tenth of its price."""
    scene = shared.scene
    tenant_id = await scene.admin.add_tenant(f"tenant-{uuid4().hex[:12]}")
    return replace(shared, scene=await fill(Scene(scene.store, scene.admin, scene.url, tenant_id)))


@pytest.fixture
async def own_boss(own: Api) -> AsyncIterator[httpx.AsyncClient]:
    """That tenant's operator."""
    await own.scene.hire("boss", "first", "second", role="admin", kind="human")
    async with own.http("boss") as http:
        yield http


def fresh_key() -> dict[str, str]:
    """A header with an idempotency key of its own."""
    return {"Idempotency-Key": uuid4().hex}
