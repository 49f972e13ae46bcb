"""Whose turn it is when more is asked at once than there is room for: tenants take turns, whatever each of them asks for.

First come, first served gives whoever asks a thousand times a thousand times as much. Here each tenant has a line of its own,
and what becomes free goes to the lines in turn. A tenant that is alone may have all the room; while others are about it has a
part of it, and the next of them finds a place at once.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

# For whom something is done: set where a caller becomes known. None where the board does something of its own accord.
TENANT: ContextVar[int | None] = ContextVar("TENANT", default=None)
# How long a tenant that asked for something is about.
ABOUT_S = 1.0


class Place:
    """A place inside, until it is left; leaving twice is leaving once."""

    def __init__(self, turns: "Turns", tenant: int | None) -> None:
        self._turns: Turns | None = turns
        self._tenant = tenant

    def leave(self) -> None:
        """Somebody else's turn."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give_up(self._tenant)


_PLACE: ContextVar[Place | None] = ContextVar("_PLACE", default=None)


def step_aside() -> None:
    """Whoever begins to wait for something that others have to do leaves its place to them."""
    if place := _PLACE.get():
        place.leave()


class Turns:
    """Room for so many at once, and for so many of one tenant while others are about."""

    def __init__(self, room: int, of_tenant: int) -> None:
        self.free = room
        self._of_tenant = of_tenant
        self._inside: Counter[int | None] = Counter()
        self._lines: OrderedDict[int | None, deque[asyncio.Future[None]]] = OrderedDict()
        self._about: OrderedDict[int, float] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return sum(not call.cancelled() for line in self._lines.values() for call in line)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Inside, once it is the turn of whom this is done for; left with the block."""
        place = await self._enter(TENANT.get())
        try:
            yield
        finally:
            place.leave()

    async def begin(self, tenant: int) -> Place:
        """What is done from here on is done for this tenant: inside, once it is its turn, until it leaves or steps aside."""
        TENANT.set(tenant)
        place = await self._enter(tenant)
        _PLACE.set(place)
        return place

    async def _enter(self, tenant: int | None) -> Place:
        if tenant is not None:
            self._note(tenant)
        if tenant not in self._lines and self._may_enter(tenant):
            self._let_in(tenant)
        else:
            await self._wait(tenant)
        return Place(self, tenant)

    def give_up(self, tenant: int | None) -> None:
        """One of this tenant has left: call who is next."""
        self.free += 1
        self._inside[tenant] -= 1
        if not self._inside[tenant]:
            del self._inside[tenant]
        self._call()

    def _note(self, tenant: int) -> None:
        """It is about, and those are not any more who have not asked for a while."""
        now = asyncio.get_running_loop().time()
        self._about[tenant] = now
        self._about.move_to_end(tenant)
        while next(iter(self._about.values())) < now - ABOUT_S:
            self._about.popitem(last=False)

    def _may_enter(self, tenant: int | None) -> bool:
        """Whether there is room for one more of it. What the board does of its own accord may have all that is free."""
        is_alone = len(self._about) == 1
        return self.free > 0 and (tenant is None or is_alone or self._inside[tenant] < self._of_tenant)

    def _let_in(self, tenant: int | None) -> None:
        self.free -= 1
        self._inside[tenant] += 1

    async def _wait(self, tenant: int | None) -> None:
        call = asyncio.get_running_loop().create_future()
        self._lines.setdefault(tenant, deque()).append(call)
        try:
            await call
        except asyncio.CancelledError:
            if not call.cancelled():
                self.give_up(tenant)
            raise

    def _call(self) -> None:
        """Let in who is next, for as long as somebody may enter: the first of a line, whose line goes to the end of the row."""
        while tenants := [tenant for tenant in self._lines if self._may_enter(tenant)]:
            for tenant in tenants:
                if self._may_enter(tenant):
                    self._let_in_first(tenant)

    def _let_in_first(self, tenant: int | None) -> None:
        """Who has gone stands in line until then, and is passed over: to search for each would take long in a long line."""
        line = self._lines[tenant]
        self._lines.move_to_end(tenant)
        call = line.popleft()
        if not line:
            del self._lines[tenant]
        if not call.cancelled():
            self._let_in(tenant)
            call.set_result(None)
