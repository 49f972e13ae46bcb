"""Writers on connections of their own, whose commits cross: they open cases, contend for some, linger, and take back."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from blackboard.requests import NewFact
from blackboard.store import Store
from tests.factories import Scene
from tests.soak.faults import Faults

SMALL_CASE: dict[str, Any] = {"workflow": "small", "payload": {}}
CONTENDED = 8
LINGER_S = 0.02
SEED = 20260101


class Writers:
    """As many as there are connections, each in a transaction of random length; one in ten is rolled back."""

    def __init__(self, scene: Scene, faults: Faults, *, count: int) -> None:
        self.committed = 0
        self._scene = scene
        self._faults = faults
        self._count = count
        self._cases: list[UUID] = []

    async def write(self, goes_on: Callable[[int], bool], *, pause_s: float = 0) -> None:
        """Write round after round, as long as `goes_on` says so of the round."""
        store = await Store.open(self._scene.url, max_connections=self._count)
        try:
            opened = await store.open_cases(self._scene.people["requester"], [SMALL_CASE] * CONTENDED)
            self._cases = [case_id for _, case_id in opened if case_id]
            chances = [random.Random(SEED + n) for n in range(self._count)]
            await asyncio.gather(*(self._write(store, chance, goes_on, pause_s) for chance in chances))
        finally:
            await store.close()

    async def _write(self, store: Store, chance: random.Random, goes_on: Callable[[int], bool], pause_s: float) -> None:
        number = 0
        while goes_on(number):
            number += 1
            try:
                await self._transact(store, chance)
                self.committed += 1
            except LookupError:
                self._faults.fire("rollback")
            await asyncio.sleep(pause_s * chance.random())

    async def _transact(self, store: Store, chance: random.Random) -> None:
        who = self._scene.people["requester"]
        async with store.transaction() as verbs:
            if chance.random() < 0.5:
                await verbs.put_facts(who, chance.choice(self._cases), [NewFact(key="n", value=chance.random())])
            else:
                await verbs.open_cases(who, [SMALL_CASE])
            await asyncio.sleep(chance.random() * LINGER_S)
            if chance.random() < 0.1:
                raise LookupError


@asynccontextmanager
async def ticking(scene: Scene, *, every_s: float = 0.01, cases: int = 1) -> AsyncIterator[None]:
    """Something happens again and again, until the block ends."""

    async def tick() -> None:
        while True:
            await scene.store.open_cases(scene.people["requester"], [SMALL_CASE] * cases)
            await asyncio.sleep(every_s)

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()):
            raise error
