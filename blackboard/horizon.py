"""Reading one's own write: who wrote can learn how far the journal must be read to have it; who reads can wait for that."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from blackboard.cursor import Cursor, last_position
from blackboard.errors import Rewound, Unavailable
from blackboard.journal import Entry, Journal
from blackboard.store import Store

# A notification may be lost; the journal is read this often in any case.
RECHECK_S = 0.5


class Horizon:
    """How far this process has read the journal, for those who wait for more."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store = store
        self._journal = journal
        self._news = asyncio.Event()
        journal.tell(self._take)

    async def bound(self, wait_s: float) -> Cursor | None:
        """A cursor that has all that is committed by now at or before it; None when it had no position in time."""
        ends_at = time.monotonic() + wait_s
        until = None
        while True:
            news = self._news
            found = await self._store.find_bound(until)
            if found.until is None:
                return Cursor(found.epoch, found.position)
            until = until or found.until
            if time.monotonic() >= ends_at:
                return None
            await _wait(news, ends_at)

    async def reach(self, cursor: Cursor, wait_s: float) -> None:
        """Until this process has read up to a cursor. `Unavailable` when that takes longer, `Rewound` when it never will."""
        ends_at = time.monotonic() + wait_s
        while True:
            news = self._news
            if cursor.epoch == self._journal.epoch and cursor.position <= self._journal.head:
                return
            head = await self._store.read_head()
            if cursor.epoch > head.epoch or (cursor.epoch < head.epoch and cursor.position > last_position(cursor.epoch, head)):
                raise Rewound(f"The position {cursor} is not of this journal, which ends at {head.epoch}.{head.head}.")
            if cursor.epoch < self._journal.epoch and cursor.position <= self._journal.head:
                return
            if time.monotonic() >= ends_at:
                raise Unavailable(
                    f"This process has read up to {self._journal.epoch}.{self._journal.head} and not yet to {cursor}."
                    " Ask again, or wait for longer with `Prefer: wait=10`."
                )
            await _wait(news, ends_at)

    def _take(self, _: Sequence[Entry]) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


async def _wait(news: asyncio.Event, ends_at: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(min(RECHECK_S, max(0.001, ends_at - time.monotonic()))):
            await news.wait()
