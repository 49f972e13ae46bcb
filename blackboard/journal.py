"""Follows the journal: one reader per process, whatever the number of streams.

Recent events stay in a ring, so that a subscriber who comes back after a moment is served without asking the database. The ring
is bounded by events and by bytes; what fell out of it is read from the table.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from itertools import islice

import orjson

from blackboard.answers import Event
from blackboard.errors import Expired
from blackboard.loop import Loop
from blackboard.store import Store

READ_LIMIT = 2000
# What an event weighs besides its body.
FRAME_BYTES = 400


class Entry:
    """An event on its way out, encoded at most once however many streams carry it."""

    __slots__ = ("__dict__", "event")

    def __init__(self, event: Event) -> None:
        self.event = event

    @property
    def position(self) -> int:
        """Its place in the journal."""
        return self.event.position

    @property
    def size(self) -> int:
        """About how many bytes it takes, told without encoding: on a board without readers nothing is encoded."""
        return len(self.event.told) + FRAME_BYTES

    @cached_property
    def tail(self) -> bytes:
        """The event as CloudEvents 1.0 JSON without the opening brace and without `prev`, which differs per stream."""
        event = self.event
        subject = f"cases/{event.case_id}" if event.case_id else None
        if event.task_id:
            subject = f"{subject}/tasks/{event.task_id}"
        return orjson.dumps(
            {
                "specversion": "1.0",
                "source": "/blackboard",
                "type": event.type,
                "subject": subject,
                "time": event.at,
                "datacontenttype": "application/json",
                "position": event.position,
                "actor": event.actor,
                "case_id": event.case_id,
                "task_id": event.task_id,
                "workflow": event.workflow,
                "stage": event.stage,
                "capability": event.capability,
                "data": orjson.Fragment(event.told),
            },
            # The driver's own UUID class is not one that orjson knows.
            default=str,
            option=orjson.OPT_UTC_Z,
        )[1:]

    def encode(self, epoch: int, prev: int) -> bytes:
        """The whole JSON object: `id` is the cursor, `prev` the position of the event before it in this stream."""
        return b'{"id":"%d.%d","prev":%d,' % (epoch, self.position, prev) + self.tail


class Journal(Loop):
    """The journal as this process has read it, up to `head`, with the newest events at hand from `floor` on."""

    def __init__(
        self,
        store: Store,
        *,
        interval_s: float = 0.5,
        ring_max_events: int = 50_000,
        ring_max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        super().__init__("journal", interval_s=interval_s)
        self._store = store
        self._ring: deque[Entry] = deque()
        self._ring_bytes = 0
        self._ring_max_events = ring_max_events
        self._ring_max_bytes = ring_max_bytes
        self._since = date.min
        self._readers: list[Callable[[Sequence[Entry]], None]] = []
        self.epoch = 0
        self.head = 0
        self.floor = 0

    async def open(self) -> None:
        """Begin at the present end: history is read from the table when somebody asks for it."""
        head = await self._store.read_head()
        self.epoch, self.head, self.floor = head.epoch, head.head, head.head

    def tell(self, reader: Callable[[Sequence[Entry]], None]) -> None:
        """Call `reader` with every batch from now on. It must not block."""
        self._readers.append(reader)

    async def run_once(self) -> bool:
        """Read what is new; True when there is more.

        A process that stood still for so long that the journal was trimmed past it begins anew at the end: its streams then
        find themselves below the ring, and below the table, and are reset.
        """
        try:
            events = await self._store.read_journal(self.head, READ_LIMIT, since=self._since)
        except Expired:
            self._ring.clear()
            self._ring_bytes = 0
            await self.open()
            events = []
        if events:
            self._take(list(map(Entry, events)))
        return len(events) == READ_LIMIT

    def after(self, position: int) -> list[Entry]:
        """The entries in the ring after a position, which must not be below `floor`."""
        start = bisect_right(self._ring, position, key=lambda entry: entry.position)
        return list(islice(self._ring, start, None))

    def _take(self, entries: list[Entry]) -> None:
        size = sum(entry.size for entry in entries)
        self._ring.extend(entries)
        self._ring_bytes += size
        self.head = entries[-1].position
        self._since = entries[-1].event.recorded_on
        while len(self._ring) > self._ring_max_events or self._ring_bytes > self._ring_max_bytes:
            dropped = self._ring.popleft()
            self._ring_bytes -= dropped.size
            self.floor = dropped.position
        for reader in self._readers:
            reader(entries)
