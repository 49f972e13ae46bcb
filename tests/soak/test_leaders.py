"""The leading process is killed, and paused, and there are two leaders at once: another one goes on, and nothing is lost."""

import asyncio
import random
import signal
import time
from contextlib import AsyncExitStack

from blackboard.store import Store
from tests.factories import Scene
from tests.soak.audit import Connection, at_rest, broken_rules, shown_positions
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.process import ApiProcess
from tests.soak.writers import Writers

WRITERS = 8
READERS = 3
RIVALS = 4
TAKEOVER_LIMIT_S = 3.0
# About how long a pause and a kill take, with a start between.
ROUND_S = 30


async def test_another_process_leads_when_the_leader_is_killed_or_paused(
    scene: Scene, operator: Connection, scale: Scale, faults: Faults
) -> None:
    """Each reader gets the journal itself, whoever numbered it; a paused leader that wakes up does no harm."""
    async with AsyncExitStack() as stack:
        processes = [ApiProcess(scene.url, max_connections=3) for _ in range(2)]
        await asyncio.gather(*(stack.enter_async_context(process) for process in processes))
        followers = [Follower([p.url for p in processes], scene.keys["auditor"], query="pace_ms=0") for _ in range(READERS)]
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(Writers(scene, faults, count=WRITERS).write(lambda _: not over.is_set(), pause_s=0.2))
            for follower in followers:
                stack.push_async_callback(follower.start().stop)
            await _pause(processes, operator, faults)
            killed = await _kill(processes, operator, faults)
            for _ in range(int(scale.seconds / ROUND_S)):
                await killed.start()
                await _pause(processes, operator, faults)
                killed = await _kill(processes, operator, faults)
            over.set()
        await at_rest(operator)
        truth = await shown_positions(operator)
        async with asyncio.timeout(30):
            while any(follower.positions[-1:] != truth[-1:] for follower in followers):
                await asyncio.sleep(0.05)

        assert await broken_rules(operator) == []
        assert [follower.positions == truth for follower in followers] == [True] * READERS


async def test_several_who_number_at_once_number_nothing_twice(
    scene: Scene, operator: Connection, scale: Scale, faults: Faults
) -> None:
    """The head's row lock decides, and not the election: rivals on connections of their own, all at it."""
    until = time.monotonic() + scale.seconds / 2
    rivals = await Store.open(scene.url, max_connections=RIVALS)
    numbered = [0] * RIVALS

    async def sequence(rival: int) -> None:
        while True:
            numbered[rival] += bool(await rivals.sequence_events())
            await asyncio.sleep(random.random() * 0.002)

    tasks = [asyncio.create_task(sequence(rival)) for rival in range(RIVALS)]
    await Writers(scene, faults, count=WRITERS).write(lambda _: time.monotonic() < until)
    await at_rest(operator)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await rivals.close()
    faults.fire("change of leader", min(sum(numbered), sum(sorted(numbered)[:-1])))

    assert await broken_rules(operator) == []
    assert min(numbered) > 0


async def _kill(processes: list[ApiProcess], operator: Connection, faults: Faults) -> ApiProcess:
    leader = await _leader(processes)
    began = time.monotonic()
    await leader.kill()
    faults.fire("leader killed")
    await _moved(operator)
    faults.measure("takeover after SIGKILL", time.monotonic() - began, limit=TAKEOVER_LIMIT_S)
    return leader


async def _pause(processes: list[ApiProcess], operator: Connection, faults: Faults) -> None:
    leader = await _leader(processes)
    began = time.monotonic()
    leader.send(signal.SIGSTOP)
    faults.fire("leader paused")
    await _moved(operator)
    faults.measure("takeover after SIGSTOP", time.monotonic() - began, limit=TAKEOVER_LIMIT_S)
    leader.send(signal.SIGCONT)


async def _leader(processes: list[ApiProcess]) -> ApiProcess:
    async with asyncio.timeout(20):
        while True:
            for process in processes:
                if await process.leads():
                    return process
            await asyncio.sleep(0.05)


async def _moved(operator: Connection, limit_s: float = 30) -> None:
    """What was written after now has its position."""
    written = await operator.fetchval("SELECT sum(size) FROM board.event_in")
    async with asyncio.timeout(limit_s):
        while await operator.fetchval("SELECT position FROM board.journal_head") <= written:
            await asyncio.sleep(0.02)
