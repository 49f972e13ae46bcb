"""Whose turn it is when more is asked at once than there is room for: tenants take turns, whatever each of them asks for.

First come, first served gives whoever asks a thousand times a thousand times as much. Here each tenant has a line of its own,
and what becomes free goes to the lines in turn: at worst one waits behind one request of each other tenant.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

# For whom something is done: set where a caller becomes known. None where the board does something of its own accord.
TENANT: ContextVar[int | None] = ContextVar("TENANT", default=None)
# How much of the room may be one tenant's, so that there is some for whoever comes next.
OF_TENANT = 0.5


class Turns:
    """Room for so many at once."""

    def __init__(self, room: int) -> None:
        self.free = room
        self._most = max(1, int(room * OF_TENANT))
        self._inside: Counter[int | None] = Counter()
        self._lines: OrderedDict[int | None, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Inside, once it is this tenant's turn; it leaves with the block."""
        tenant = TENANT.get()
        if self.free and self._may_enter(tenant):
            self._enter(tenant)
        else:
            await self._wait(tenant)
        try:
            yield
        finally:
            self._leave(tenant)

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return sum(map(len, self._lines.values()))

    def _may_enter(self, tenant: int | None) -> bool:
        """Whether its part of the room has a place. Whoever waits in its line waits for that: nobody is overtaken."""
        return tenant is None or self._inside[tenant] < self._most

    def _enter(self, tenant: int | None) -> None:
        self.free -= 1
        self._inside[tenant] += 1

    def _leave(self, tenant: int | None) -> None:
        self.free += 1
        self._inside[tenant] -= 1
        if not self._inside[tenant]:
            del self._inside[tenant]
        self._call_next()

    async def _wait(self, tenant: int | None) -> None:
        place = asyncio.get_running_loop().create_future()
        self._lines.setdefault(tenant, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave(tenant)
            else:
                self._forget(tenant, place)
            raise

    def _call_next(self) -> None:
        """Let in the first of the line that has waited longest for its turn; its line goes to the end of the row."""
        for tenant in list(self._lines):
            if not self.free:
                return
            if self._may_enter(tenant):
                place = self._lines[tenant].popleft()
                self._lines.move_to_end(tenant)
                if not self._lines[tenant]:
                    del self._lines[tenant]
                self._enter(tenant)
                place.set_result(None)

    def _forget(self, tenant: int | None, place: asyncio.Future[None]) -> None:
        """Whoever stood there has gone."""
        line = self._lines[tenant]
        line.remove(place)
        if not line:
            del self._lines[tenant]
