"""Two processes are replaced, one after the other, under many streams: each of them comes back, and misses nothing."""

import asyncio
import signal
import time
from bisect import bisect_right
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.conftest import thoroughly
from tests.factories import Scene
from tests.soak.audit import Connection, at_rest, broken_rules, shown_positions
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.process import ApiProcess
from tests.soak.writers import ticking

BUCKET_PER_S = 200
# Of the pauses that the server asks for, which are between one second and five.
HURRY = 0.2
SERVICE_UNAVAILABLE = 503


# Half a minute; that a stream survives one process is proved over HTTP.
@thoroughly
async def test_a_rolling_restart_loses_nothing_and_makes_no_storm(
    scene: Scene, operator: Connection, scale: Scale, faults: Faults
) -> None:
    """Not ready first, then `bye` to one stream after another, which come back elsewhere at less than the bucket lets in."""
    settings = {
        "drain_s": min(30.0, max(1.0, 2 * scale.streams / BUCKET_PER_S)),
        "max_new_streams_per_s": BUCKET_PER_S,
        "max_streams_per_agent": 2 * scale.streams,
    }
    async with AsyncExitStack() as stack:
        processes = [ApiProcess(scene.url, **settings) for _ in range(2)]
        await asyncio.gather(*(stack.enter_async_context(process) for process in processes))
        balanced = [process.url for process in processes]
        hurry = 1 if scale.is_long else HURRY
        followers = [Follower(balanced, scene.keys["auditor"], hurry=hurry) for _ in range(scale.streams)]
        for follower in followers:
            stack.push_async_callback(follower.start().stop)
            await asyncio.sleep(1 / BUCKET_PER_S)
        await _all(followers, lambda follower: bool(follower.opened))
        began = time.monotonic()
        async with ticking(scene, every_s=1 if scale.is_long else 0.2):
            for process in processes:
                await _replace(process, balanced)
                faults.fire("process replaced")
        await at_rest(operator)
        truth = await shown_positions(operator)
        await _all(followers, lambda follower: follower.positions[-1:] == truth[-1:])

        opened = sorted(moment for follower in followers for moment in follower.opened if moment > began)
        farewells = [told["reason"] for follower in followers for told in follower.told("bye")]
        assert [follower.positions for follower in followers if follower.positions != truth] == []
        assert (farewells.count("shutdown"), await broken_rules(operator)) == (len(opened), [])
        faults.fire("stream told to come back", len(opened))
        faults.measure("came back in the fullest second", _fullest_second(opened), limit=BUCKET_PER_S, unit="streams")
        faults.measure("told by a process that was leaving to try again", len(farewells) - len(opened), unit="streams")


async def _replace(process: ApiProcess, balanced: list[str]) -> None:
    """As a balancer and a supervisor do it: no new calls once it is not ready, none lost until it has ended, then a new one."""
    process.send(signal.SIGTERM)
    async with asyncio.timeout(60):
        while await process.status() != SERVICE_UNAVAILABLE:
            await asyncio.sleep(0.01)
        balanced.remove(process.url)
        await process.ended()
    await process.start()
    balanced.append(process.url)


async def _all(followers: list[Follower], holds: Callable[[Follower], bool]) -> None:
    async with asyncio.timeout(90):
        while not all(map(holds, followers)):
            await asyncio.sleep(0.05)


def _fullest_second(moments: list[float]) -> int:
    return max((bisect_right(moments, moment + 1) - n for n, moment in enumerate(moments)), default=0)
