"""Tenants take turns, whatever each of them asks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from blackboard.turns import TENANT, Turns, step_aside


class Hall:
    """Somewhere with turns, and who came in, in order."""

    def __init__(self, room: int, of_tenant: int) -> None:
        self.turns = Turns(room, of_tenant)
        self.came: list[int | None] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._out: list[asyncio.Event] = []

    async def asks(self, tenant: int | None) -> asyncio.Task[None]:
        """One more asks, and stays until it is let out."""
        TENANT.set(tenant)
        out = asyncio.Event()
        task = asyncio.create_task(self._stay(tenant, out))
        self._tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def let_out(self, count: int = 1) -> None:
        """So many of those inside leave, in the order in which they came."""
        for _ in range(count):
            self._out.pop(0).set()
            for _ in range(3):
                await asyncio.sleep(0)

    async def close(self) -> None:
        """Everybody leaves."""
        while self._out:
            await self.let_out()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stay(self, tenant: int | None, out: asyncio.Event) -> None:
        async with self.turns.turn():
            self.came.append(tenant)
            self._out.append(out)
            await out.wait()


@asynccontextmanager
async def hall(room: int, of_tenant: int = 1) -> AsyncIterator[Hall]:
    """One that is empty again at the end."""
    made = Hall(room, of_tenant)
    yield made
    await made.close()
    assert (made.turns.free, made.turns.waiting) == (room, 0)


async def test_the_quiet_one_waits_behind_one_of_the_noisy_one() -> None:
    """However many of those came before it."""
    async with hall(1) as place:
        for _ in range(20):
            await place.asks(1)
        await place.asks(2)
        await place.let_out(3)

        assert place.came == [1, 1, 2, 1]


async def test_three_tenants_are_served_in_turn() -> None:
    """As often as each other, for as long as each has somebody in line."""
    async with hall(1) as place:
        for tenant in (1, 1, 1, 1, 2, 2, 2, 3, 3):
            await place.asks(tenant)
        await place.let_out(8)

        assert place.came == [1, 1, 2, 3, 1, 2, 3, 1, 2]


async def test_a_tenant_has_its_part_while_others_are_about() -> None:
    """And what the board does of its own accord may have the rest."""
    async with hall(5, 2) as place:
        for tenant in (2, 1, 1, 1, 1, None):
            await place.asks(tenant)

        assert (place.came, place.turns.waiting) == ([2, 1, 1, None], 2)


async def test_a_tenant_that_is_alone_has_all_the_room() -> None:
    """Until another one comes, who is let in at the next turn."""
    async with hall(4, 2) as place:
        for tenant in (1, 1, 1, 1, 1, 2):
            await place.asks(tenant)
        await place.let_out()

        assert (place.came, place.turns.waiting) == ([1, 1, 1, 1, 2], 1)


async def test_who_begins_to_wait_for_others_steps_aside() -> None:
    """Its place is somebody else's at once, and given up once."""
    turns = Turns(1, 1)
    place = await turns.begin(1)
    step_aside()
    other = await turns.begin(2)
    place.leave()

    assert turns.free == 0
    other.leave()
    assert turns.free == 1


@pytest.mark.parametrize("when", ["while it stands in line", "in the moment before it is called", "when it was called"])
async def test_who_goes_away_takes_no_place_along(when: str) -> None:
    """The next one is called instead."""
    turns = Turns(1, 1)
    place = await turns.begin(1)
    gone = asyncio.create_task(turns.begin(2))
    await asyncio.sleep(0)
    then = asyncio.create_task(turns.begin(3))
    await asyncio.sleep(0)
    if when == "when it was called":
        place.leave()
    gone.cancel()
    if when == "while it stands in line":
        await asyncio.gather(gone, return_exceptions=True)
    place.leave()
    (await then).leave()

    assert (gone.cancelled(), turns.free, turns.waiting) == (True, 1, 0)
