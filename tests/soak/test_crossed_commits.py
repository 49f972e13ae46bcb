"""Sixty-four writers whose commits cross, and readers that are killed and go on: what each got is the journal."""

import asyncio
import random
import time
from contextlib import aclosing

from blackboard.hub import Hub, Wanted
from blackboard.values import Principal
from tests.factories import Scene
from tests.http.conftest import serve
from tests.soak.audit import Connection, at_rest, broken_rules, shown_positions
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.follower import Follower, Parser
from tests.soak.writers import SEED, Writers

WRITERS = 64
READERS = 4


class HubReader:
    """Reads in the process of the hub, killed after every few writes, and goes on by the last id."""

    def __init__(self, hub: Hub, who: Principal, chance: random.Random, faults: Faults) -> None:
        self.positions: list[int] = []
        self._hub, self._who, self._chance, self._faults = hub, who, chance, faults

    async def read(self) -> None:
        """Until cancelled."""
        cursor = "0"
        while True:
            budget, parser = self._chance.randint(1, 40), Parser()
            async with aclosing(self._hub.stream(self._who, Wanted(start=cursor))) as stream:
                async for frames in stream:
                    found = parser.feed(frames)
                    self.positions += [int(each.id.partition(".")[2]) for each in found if each.name == "message"]
                    cursor = parser.id or cursor
                    budget -= 1
                    if budget == 0:
                        self._faults.fire("reader killed in the hub")
                        break


async def test_readers_that_are_killed_get_the_journal_itself(
    scene: Scene, operator: Connection, scale: Scale, faults: Faults
) -> None:
    """In the hub and over SSE: the same set in the same order, nothing twice, each case's events as they were written."""
    until = time.monotonic() + scale.seconds
    who, chance = scene.people["auditor"], random.Random(SEED)
    async with serve(scene, max_new_streams_per_s=5000, heartbeat_s=0.2) as api:
        near = [HubReader(api.service.hub, who, random.Random(SEED + n), faults) for n in range(READERS)]
        far = [Follower([api.url], scene.keys["auditor"], query="pace_ms=0").start() for _ in range(READERS)]
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(reader.read()) for reader in near]
            cutting = group.create_task(_cut(far, chance, faults))
            await Writers(scene, faults, count=WRITERS).write(lambda _: time.monotonic() < until, pause_s=0.1)
            await at_rest(operator)
            truth = await shown_positions(operator)
            async with asyncio.timeout(30):
                while any(each[-1:] != truth[-1:] for each in _read(near, far)):
                    await asyncio.sleep(0.02)
            for task in (*reading, cutting):
                task.cancel()
        for follower in far:
            await follower.stop()

    assert await broken_rules(operator) == []
    assert [each == truth for each in _read(near, far)] == [True] * 2 * READERS
    faults.measure("events", len(truth), unit="told")


def _read(near: list[HubReader], far: list[Follower]) -> list[list[int]]:
    return [*(reader.positions for reader in near), *(follower.positions for follower in far)]


async def _cut(followers: list[Follower], chance: random.Random, faults: Faults) -> None:
    while True:
        await asyncio.sleep(chance.random() * 0.1)
        if chance.choice(followers).cut():
            faults.fire("reader killed on the wire")
