"""What is measured on: one durable PostgreSQL, a fresh database per measurement, API and agents as processes of their own."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from blackboard.board import Board
from blackboard.embedded import EmbeddedPostgres
from blackboard.migrate import add_database, add_login, migrate
from blackboard.sequencer import Sequencer
from tests.factories import PEPPER, Scene, make_scene

ROOT = Path(__file__).parents[2]
OPENING_BATCH = 1000


class Town:
    """A running server on which databases are made."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._made = 0

    async def empty_database(self) -> str:
        """The address of a database with nothing in it, for a peer."""
        self._made += 1
        name = f"bench_{self._made}"
        await add_database(self._postgres.url(), name)
        return self._postgres.url(database=name)

    @asynccontextmanager
    async def board(self, *, ready: int = 0) -> AsyncIterator[Scene]:
        """A board in a database of its own, with so many cases open."""
        url = await self.empty_database()
        await migrate(url)
        await add_login(url, "bench_app", "bench", member_of="blackboard_app")
        app_url = self._postgres.url(user="bench_app", password="bench", database=url.rpartition("/")[2])
        async with AsyncExitStack() as stack:
            scene = await make_scene(stack, url, app_url)
            await fill(scene, ready)
            yield scene


@contextmanager
def town() -> Iterator[Town]:
    """A durable server (fsync and synchronous_commit on) for as long as the block lasts."""
    data = Path(tempfile.mkdtemp(prefix="blackboard-bench-", dir="/var/tmp"))
    data.chmod(0o755)
    postgres = EmbeddedPostgres(data=data)
    try:
        postgres.start()
        yield Town(postgres)
    finally:
        postgres.remove()
        shutil.rmtree(data, ignore_errors=True)


async def fill(scene: Scene, cases: int) -> None:
    """Open cases with one stage of work each."""
    item = {"workflow": "small", "payload": {}}
    for first in range(0, cases, OPENING_BATCH):
        await scene.store.open_cases(scene.people["requester"], [item] * min(OPENING_BATCH, cases - first))


@asynccontextmanager
async def sequenced(scene: Scene) -> AsyncIterator[Board]:
    """A board in this process with its sequencer at work, as in production."""
    sequencer = Sequencer(scene.store.seat("sequencer"))
    sequencer.start()
    try:
        yield Board(scene.store, on_commit=sequencer.wake)
    finally:
        await sequencer.stop()


class Served(NamedTuple):
    """A server that is ready."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def api(scene: Scene) -> AsyncIterator[str]:
    """The API as a process of its own; its address."""
    async with served_api(scene) as served:
        yield served.url


@asynccontextmanager
async def served_api(scene: Scene, **settings: str) -> AsyncIterator[Served]:
    """The API as a process of its own, with settings."""
    port = free_port()
    told = {"DATABASE_URL": scene.url, "BLACKBOARD_KEY_PEPPER": PEPPER.hex(), "BLACKBOARD_PORT": str(port)}
    async with process(sys.executable, "-m", "api", environment={**told, **settings}) as pid:
        served = Served(port, pid)
        await _until_ready(served.url)
        yield served


@asynccontextmanager
async def process(*command: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[int]:
    """A program for as long as the block lasts; its process id."""
    running = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running.pid
    finally:
        with suppress(ProcessLookupError):
            running.terminate()
        await running.wait()


async def run_json(*command: str, cwd: Path | None = None) -> dict[str, Any]:
    """Run a program of the benchmark; the JSON on its last line."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {err.decode()[-2000:]}")
    found: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return found


async def _until_ready(url: str) -> None:
    import httpx

    async with httpx.AsyncClient(base_url=url) as http, asyncio.timeout(30):
        while True:
            try:
                if (await http.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


def free_port() -> int:
    """One that nobody listens on."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port
