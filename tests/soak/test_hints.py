"""NOTIFY is a hint. Its connection dies, or falls silent, or nothing is sent at all: the stream goes on by the clock."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from blackboard.listener import Listener
from tests.conftest import Database
from tests.factories import Scene
from tests.http.conftest import Api, serve
from tests.soak.audit import Connection, broken_rules
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.relay import Relay

POLL_S = 0.5
LAG_LIMIT_S = POLL_S + 0.1

Break = Callable[[Connection, Relay], Awaitable[bool]]


async def its_backend_is_terminated(operator: Connection, _: Relay) -> bool:
    """As an administrator would, before every event for which it is there."""
    query = "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name = 'blackboard listener'"
    return bool(await operator.fetchval(query))


async def it_is_a_black_hole(_: Connection, relay: Relay) -> bool:
    """What is sent to it vanishes, and nobody closes anything."""
    was_silent, relay.silent = relay.silent, True
    return not was_silent


async def nothing_is_sent(operator: Connection, _: Relay) -> bool:
    """The sequencer's function sends no NOTIFY."""
    text = await operator.fetchval("SELECT pg_get_functiondef('board.sequence_events'::regproc)")
    if "PERFORM pg_notify(" not in text:
        return False
    await operator.execute(text.replace("PERFORM pg_notify(", "PERFORM concat("))
    return True


@pytest.mark.parametrize("breaks", [its_backend_is_terminated, it_is_a_black_hole, nothing_is_sent])
async def test_a_stream_goes_on_without_its_hints(
    scene: Scene, database: Database, operator: Connection, scale: Scale, faults: Faults, breaks: Break
) -> None:
    """Late by the poll at most, and whole."""
    relay = Relay(database.app_url)
    async with serve(scene) as api:
        heard = await _listen_through(api, relay)
        follower = Follower([api.url], scene.keys["auditor"], query="type=case.opened&pace_ms=0", start=None).start()
        await _until(lambda: bool(follower.opened))
        for _ in range(int(2 + scale.seconds)):
            if await breaks(operator, relay):
                faults.fire(breaks.__name__.replace("_", " "))
            await asyncio.sleep(random.random() * POLL_S)
            case = str((await scene.open()).id)
            await _until(partial(follower.cases.__contains__, case))
        await follower.stop()
    await relay.close()

    assert heard
    assert await broken_rules(operator) == []
    faults.measure("longest lag", max(each.lag_s for each in follower.seen), limit=LAG_LIMIT_S)


async def _listen_through(api: Api, relay: Relay) -> bool:
    """Let the listener of a running process hear through the relay."""
    [listener] = [loop for loop in api.service._loops if isinstance(loop, Listener)]
    await listener.stop()
    listener._url = await relay.open()
    listener.start()
    await _until(lambda: listener._connection is not None)
    return listener.running


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.sleep(0.005)
