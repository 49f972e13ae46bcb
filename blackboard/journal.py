"""Follows the journal: one reader per process, whatever the number of streams.

Recent events stay in a ring, so that a subscriber who comes back after a moment is served without asking the database. The ring
is bounded by events and by bytes; what fell out of it is read from the table.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property

import orjson

from blackboard.answers import Event
from blackboard.errors import Expired
from blackboard.loop import Loop
from blackboard.store import Store

READ_LIMIT = 2000
# What an event weighs besides its body.
FRAME_BYTES = 400
# Events with which something moves on, and the member of their data that tells from where: a case from a stage, a task from
# a holder.
_MOVES = {"case.moved": "from_stage", "case.closed": "from_stage", "task.expired": "holder", "task.revoked": "holder"}
_NOTHING: frozenset[str] = frozenset()


class Entry:
    """An event on its way out, encoded at most once per projection however many streams carry it."""

    __slots__ = ("__dict__", "_tails", "event")

    def __init__(self, event: Event) -> None:
        self.event = event
        self._tails: dict[frozenset[str], bytes] = {}

    @property
    def position(self) -> int:
        """Its place in the journal."""
        return self.event.position

    @property
    def size(self) -> int:
        """About how many bytes it takes, told without encoding: on a board without readers nothing is encoded."""
        return len(self.event.told) + FRAME_BYTES

    @cached_property
    def came_from(self) -> Event | None:
        """The same event as it would read had nothing moved: in the stage, or with the holder, of before."""
        event = self.event
        if event.type not in _MOVES:
            return None
        before = event.body.get(_MOVES[event.type])
        if before is None:
            return None
        return event._replace(stage=before) if event.type.startswith("case.") else event._replace(actor=before)

    def tail(self, hidden: frozenset[str] = _NOTHING) -> bytes:
        """The event as CloudEvents 1.0 JSON without the opening brace and without what differs per stream (`id`, `prev`).

        `hidden` are members of its data that this reader does not see; `masked` names those that were there.
        """
        if hidden not in self._tails:
            self._tails[hidden] = self._encoded(hidden)
        return self._tails[hidden]

    def _encoded(self, hidden: frozenset[str]) -> bytes:
        event = self.event
        told: object = orjson.Fragment(event.told)
        if hidden and (masked := sorted(hidden & event.body.keys())):
            told = {**{name: value for name, value in event.body.items() if name not in hidden}, "masked": masked}
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
                "data": told,
            },
            # The driver's own UUID class is not one that orjson knows.
            default=str,
            option=orjson.OPT_UTC_Z,
        )[1:]


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
        self._ring: list[Entry] = []
        self._ring_bytes = 0
        self._ring_max_events = ring_max_events
        self._ring_max_bytes = ring_max_bytes
        self._since = date.min
        self._readers: list[Callable[[Sequence[Entry]], None]] = []
        self._beginners: list[Callable[[], None]] = []
        self.epoch = 0
        self.head = 0
        self.floor = 0

    async def open(self) -> None:
        """Begin at the present end: history is read from the table when somebody asks for it."""
        head = await self._store.read_head()
        self._ring.clear()
        self._ring_bytes = 0
        self._since = date.min
        self.epoch, self.head, self.floor = head.epoch, head.head, head.head
        for beginner in self._beginners:
            beginner()

    def tell(self, reader: Callable[[Sequence[Entry]], None], *, anew: Callable[[], None] | None = None) -> None:
        """Call `reader` with every batch from now on, and `anew` when the journal had to begin anew. Neither may block."""
        self._readers.append(reader)
        self._beginners += [anew] if anew else []

    async def run_once(self) -> bool:
        """Read what is new; True when there is more.

        A process that stood still for so long that the journal was trimmed past it begins anew at the end, and so does one
        whose server was replaced by another with another history. Its streams then find themselves below the ring and read
        from the table, or are reset.
        """
        try:
            events = await self._store.read_journal(self.head, READ_LIMIT, since=self._since, epoch=self.epoch)
        except Expired:
            await self.open()
            events = []
        if events:
            self._take(list(map(Entry, events)))
        return len(events) == READ_LIMIT

    def before(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """The last `limit` entries of the ring up to a position, and the position after which they begin."""
        end = bisect_right(self._ring, position, key=lambda entry: entry.position)
        start = max(0, end - limit)
        return self._ring[start:end], self._ring[start - 1].position if start else self.floor

    def _trim(self) -> None:
        """Let go of the oldest where there are too many, all at once: the others move up once."""
        gone = 0
        while len(self._ring) - gone > self._ring_max_events or self._ring_bytes > self._ring_max_bytes:
            self._ring_bytes -= self._ring[gone].size
            gone += 1
        if gone:
            self.floor = self._ring[gone - 1].position
            del self._ring[:gone]

    def _take(self, entries: list[Entry]) -> None:
        size = sum(entry.size for entry in entries)
        self._ring.extend(entries)
        self._ring_bytes += size
        self.head = entries[-1].position
        self._since = entries[-1].event.recorded_on
        self._trim()
        for reader in self._readers:
            reader(entries)
