"""A replica that lags takes a dead primary's place: what only the primary had shown is lost, and every reader knows."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from blackboard.embedded import EmbeddedPostgres
from blackboard.errors import Unavailable
from blackboard.migrate import add_database, add_login, migrate
from tests.conftest import _PREFIX, _memory
from tests.factories import Scene, make_scene
from tests.http.conftest import serve
from tests.soak.audit import Connection, broken_rules, shown_positions
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.relay import Relay
from tests.soak.replica import Replica

LOGIN, SECRET = "failover_app", "secret"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where two servers keep their files, in memory where there is one."""
    folder = _memory() / f"{_PREFIX}{secrets.token_hex(4)}"
    folder.mkdir()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def primary(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server of its own, for it is going to be killed."""
    primary = EmbeddedPostgres(data=folder / "primary", durable=False)
    primary.start()
    yield primary
    primary.remove()


@pytest.fixture
async def replica(primary: EmbeddedPostgres, folder: Path) -> AsyncIterator[Replica]:
    """It follows the primary, on which there is a migrated database."""
    await add_database(primary.url(), "board")
    await migrate(primary.url(database="board"))
    await add_login(primary.url(database="board"), LOGIN, SECRET, member_of="blackboard_app")
    replica = Replica(primary, folder / "replica")
    replica.start()
    yield replica
    replica.server.remove()


async def test_readers_beyond_what_a_failover_lost_are_reset_and_others_go_on(
    primary: EmbeddedPostgres, replica: Replica, faults: Faults
) -> None:
    """A new epoch. Also on a process that lived through it, whose ring has what is lost."""
    async with AsyncExitStack() as stack:
        relay = Relay(primary.url(user=LOGIN, password=SECRET, database="board"))
        scene = await make_scene(stack, primary.url(database="board"), await relay.open())
        stack.push_async_callback(relay.close)
        operator = await asyncpg.connect(replica.server.url(database="board"))
        stack.push_async_callback(operator.close)
        reading = await stack.enter_async_context(AsyncExitStack())
        api = await reading.enter_async_context(serve(scene, heartbeat_s=0.5))
        ahead, behind = (Follower([api.url], scene.keys["auditor"], query="pace_ms=0").start() for _ in range(2))
        stack.push_async_callback(ahead.stop)
        await _tell(scene, ahead, behind)
        await behind.stop()
        await _until(lambda: _head(operator), at_least=_position(behind))
        await replica.stop_following()
        kept = await _head(operator)
        await _tell(scene, ahead)
        lost = _position(ahead)

        await replica.promote()
        faults.fire("primary killed and lagging replica promoted")
        relay.turn(replica.server.url(user=LOGIN, password=SECRET, database="board"))
        beyond = Follower([api.url], scene.keys["auditor"], start=f"1.{lost}", query="pace_ms=0").start()
        stack.push_async_callback(beyond.stop)
        behind.start()
        await _until(lambda: _count(bool(each.told("reset")) for each in (ahead, beyond)), at_least=2)
        await _tell(scene, ahead, behind, beyond)
        await behind.stop()

        head = await scene.store.read_head()
        assert (head.epoch, dict(head.past), lost > kept) == (2, {1: kept}, True)
        assert [[told["reason"] for told in each.told("reset")] for each in (ahead, beyond, behind)] == [
            ["rewound"],
            ["rewound"],
            [],
        ]
        assert behind.positions == [each for each in await shown_positions(operator) if each <= behind.positions[-1]]
        # Only at rest can the outbox be compared with the journal: that a reader went away is an event too.
        await reading.aclose()
        assert await broken_rules(operator) == []
        faults.measure("positions lost", lost - kept, unit="in all")


async def _tell(scene: Scene, *followers: Follower) -> None:
    """Something happens, and all of them are told so."""
    case = await _open(scene)
    await _until(lambda: _count(case in follower.cases for follower in followers), at_least=len(followers))


async def _open(scene: Scene) -> str:
    """Open a case, as soon as there is a database."""
    async with asyncio.timeout(30):
        while True:
            try:
                return str((await scene.open()).id)
            except Unavailable:
                await asyncio.sleep(0.05)


async def _head(operator: Connection) -> int:
    return int(await operator.fetchval("SELECT position FROM board.journal_head"))


async def _count(facts: Iterable[bool]) -> int:
    return sum(facts)


def _position(follower: Follower) -> int:
    return int((follower.cursor or "0").partition(".")[2])


async def _until(number: Callable[[], Awaitable[int]], *, at_least: int) -> None:
    async with asyncio.timeout(60):
        while await number() < at_least:
            await asyncio.sleep(0.02)
