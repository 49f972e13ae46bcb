"""Wakes many who wait, each at a time of its own, by one timer.

A reader of a stream waits for news and, for as long as there is none, for its next heartbeat. News put that off again and
again: a timer for each wait was a twelfth of what an event to a reader costs. Here each sleeper stands in one row, at the
earliest moment it may be due; when that comes and it is due later by now, it goes back in the row. Who is due at nearly the
same time wakes together, a grain late at most: the loop turns fifty times a second at most for thousands and not once for each.
"""

import asyncio
import heapq
import math
from itertools import count


class Sleeper:
    """Somebody who waits for a bell, and no longer than until `due_at` of the loop's clock."""

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        self.due_at = 0.0
        self.is_gone = False
        self.is_in_row = False

    async def sleep(self, alarms: "Alarms", due_at: float) -> None:
        """Until rung or due."""
        self.due_at = due_at
        if not self.is_in_row:
            alarms.add(self)
        await self.bell.wait()


class Alarms:
    """The row."""

    def __init__(self, grain_s: float = 0.02) -> None:
        self._grain_s = grain_s
        self._row: list[tuple[float, int, Sleeper]] = []
        self._numbers = count()
        self._timer: asyncio.Handle | None = None
        self._rings_at = math.inf

    def add(self, sleeper: Sleeper) -> None:
        """Wake it when it is due; called again for one who is due sooner than it was."""
        sleeper.is_in_row = True
        heapq.heappush(self._row, (sleeper.due_at, next(self._numbers), sleeper))
        self._set_timer()

    def _set_timer(self) -> None:
        if not self._row or self._row[0][0] >= self._rings_at - self._grain_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        # Remembered here: what uvloop gives for a moment that is past already cannot be asked when it comes.
        self._rings_at = math.ceil(self._row[0][0] / self._grain_s) * self._grain_s
        self._timer = asyncio.get_running_loop().call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, math.inf
        now = asyncio.get_running_loop().time()
        while self._row and self._row[0][0] <= now:
            sleeper = heapq.heappop(self._row)[2]
            sleeper.is_in_row = False
            if sleeper.is_gone:
                continue
            if sleeper.due_at > now:
                sleeper.is_in_row = True
                heapq.heappush(self._row, (sleeper.due_at, next(self._numbers), sleeper))
            else:
                sleeper.bell.set()
        self._set_timer()
