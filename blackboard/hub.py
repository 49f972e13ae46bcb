"""Fans the journal out to streams: server-sent events as joined bytes, for any number of readers.

There is no queue per reader. Readers with the same tenant and the same filter form a cohort; the cohort keeps what matches,
each event is encoded once, and a reader is nothing but a position. A slow reader stays behind and costs nobody anything: it
catches up from the cohort, or, when it fell out of the ring, from the journal's table.
"""

import asyncio
import random
import time
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import orjson

from blackboard.answers import Event
from blackboard.errors import Busy, Expired, Invalid
from blackboard.journal import Entry, Journal
from blackboard.store import Store
from blackboard.values import Frozen, Principal

CHUNK_MAX_BYTES = 64 * 1024
PAGE_LIMIT = 500
PAGES_AT_ONCE = 8


class Cursor(NamedTuple):
    """A place in the journal: `epoch.position`."""

    epoch: int
    position: int

    def __str__(self) -> str:
        """The text of an event's id."""
        return f"{self.epoch}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read an id; `Invalid` when it cannot be one. `0` means the beginning."""
        epoch, dot, position = text.partition(".")
        if text == "0":
            return cls(0, 0)
        digits = (epoch + position).isascii() and epoch.isdigit() and position.isdigit()
        if not (dot and digits and len(text) <= 40 and int(position) < 2**63):
            raise Invalid("A cursor reads epoch.position, like 1.42; take it from an event's id, or 0 for the beginning.")
        return cls(int(epoch), int(position))


BEGINNING = Cursor(0, 0)


class Filter(Frozen):
    """Which events a stream carries. Empty means all; values of one field are alternatives, fields must all match."""

    case: frozenset[UUID] = frozenset()
    workflow: frozenset[str] = frozenset()
    capability: frozenset[str] = frozenset()
    agent: frozenset[str] = frozenset()
    type: frozenset[str] = frozenset()

    def matches(self, event: Event) -> bool:
        """Whether the event belongs on the stream. A type may end in `*`: `task.*` is every event of tasks."""
        return (
            (not self.case or event.case_id in self.case)
            and (not self.workflow or event.workflow in self.workflow)
            and (not self.capability or event.capability in self.capability)
            and (not self.agent or event.actor in self.agent)
            and (not self.type or event.type in self.type or event.type.partition(".")[0] + ".*" in self.type)
        )


class Matched(NamedTuple):
    """An entry in a cohort, with the position of the one before it."""

    prev: int
    entry: Entry


class Cohort:
    """Readers who want the same: one list of matching entries for all of them."""

    def __init__(self, tenant_id: int, wanted: Filter, journal: Journal) -> None:
        self.key = (tenant_id, wanted)
        self.readers = 0
        self.news = asyncio.Event()
        self._tenant_id = tenant_id
        self._wanted = wanted
        self._journal = journal
        self._matched: list[Matched] = []
        self._last = journal.floor
        self._joined: dict[tuple[int, int, int], bytes] = {}
        self.take(journal.after(journal.floor))

    def take(self, entries: Iterable[Entry]) -> None:
        """Keep what matches and tell the readers that time moved on."""
        for entry in entries:
            if entry.event.tenant_id == self._tenant_id and self._wanted.matches(entry.event):
                self._matched.append(Matched(self._last, entry))
                self._last = entry.position
        del self._matched[: self._index(self._journal.floor)]
        news, self.news = self.news, asyncio.Event()
        news.set()

    def after(self, position: int, known: int, epoch: int) -> tuple[bytes, int]:
        """The next frames after a position, joined, and the position that they reach; `known` is what it was told last."""
        chunk: list[Matched] = []
        size = 0
        for matched in islice(self._matched, self._index(position), None):
            size += len(matched.entry.tail)
            if chunk and size > CHUNK_MAX_BYTES:
                break
            chunk.append(matched)
        if not chunk:
            return b"", max(position, self._journal.head)
        end = chunk[-1].entry.position
        # Not where the reader stands: what its filter left out moved it on, and it was not told. The event before is one that
        # it has, or its start is later; so all who are at the same event share one object.
        first = Matched(min(chunk[0].prev, known), chunk[0].entry)
        key = (first.prev, first.entry.position, end)
        if key not in self._joined:
            if len(self._joined) >= 8:
                self._joined.clear()
            self._joined[key] = join_frames([first, *chunk[1:]], epoch)
        return self._joined[key], end

    def _index(self, position: int) -> int:
        return bisect_right(self._matched, position, key=lambda matched: matched.entry.position)


class Hub:
    """Opens streams, within limits: over them it refuses the new and never evicts the old."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        *,
        heartbeat_s: float = 15,
        max_age_s: float = 600,
        max_streams: int = 5000,
    ) -> None:
        self.closing = False
        self.streams = 0
        self._store = store
        self._journal = journal
        self._heartbeat_s = heartbeat_s
        self._max_age_s = max_age_s
        self._max_streams = max_streams
        self._cohorts: dict[tuple[int, Filter], Cohort] = {}
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)
        journal.tell(self._take)

    async def stream(self, who: Principal, wanted: Filter, start: str | None) -> AsyncGenerator[bytes, None]:
        """Frames as joined bytes: `ready` (or `reset`), then events and bookmarks, at last `bye`.

        Over the limit, or without a database, there is nothing but `bye`: a native EventSource cannot read a status.
        """
        if self.streams >= self._max_streams:
            yield control("bye", {"reason": "overloaded"}, retry=True)
            return
        cohort = self._join(who.tenant_id, wanted)
        try:
            async for frames in self._follow(who, wanted, cohort, start):
                yield frames
        except Busy as error:
            yield control("bye", {"reason": error.code}, retry=True)
        finally:
            self._leave(cohort)

    async def page(self, who: Principal, wanted: Filter, start: str | None, limit: int) -> tuple[list[bytes], Cursor]:
        """Matching events after a cursor as JSON objects, and the cursor to go on from. Looks at one page of the journal.

        `Expired` when what came after the cursor is not kept any more.
        """
        head = await self._store.read_head()
        cursor = Cursor.parse(start or "0")
        if cursor == BEGINNING:
            cursor = Cursor(head.epoch, head.floor)
        elif cursor.position and (cursor.epoch != head.epoch or cursor.position > head.head):
            raise Invalid(f"The cursor {cursor} is not of this journal, which ends at {head.epoch}.{head.head}.")
        events = await self._store.read_journal(cursor.position, limit, tenant_id=who.tenant_id)
        found = chain_matches((Entry(event) for event in events if wanted.matches(event)), cursor.position)
        end = max([cursor.position, *(event.position for event in events[-1:])])
        if len(events) < limit:
            end = max(end, head.head)
        return [m.entry.encode(head.epoch, m.prev) for m in found], Cursor(head.epoch, end)

    def close(self) -> None:
        """Send every stream its `bye` and let it end."""
        self.closing = True
        self._take(())

    def _join(self, tenant_id: int, wanted: Filter) -> Cohort:
        self.streams += 1
        key = (tenant_id, wanted)
        cohort = self._cohorts.setdefault(key, self._cohorts.get(key) or Cohort(*key, self._journal))
        cohort.readers += 1
        return cohort

    def _leave(self, cohort: Cohort) -> None:
        self.streams -= 1
        cohort.readers -= 1
        if cohort.readers == 0:
            del self._cohorts[cohort.key]

    async def _follow(self, who: Principal, wanted: Filter, cohort: Cohort, start: str | None) -> AsyncIterator[bytes]:
        epoch = self._journal.epoch
        position, greeting = await self._greet(wanted, start)
        known = position
        yield greeting
        ends_at = time.monotonic() + self._max_age_s * random.uniform(0.8, 1.2)
        beat_at = self._next_beat()
        while not self.closing and time.monotonic() < ends_at:
            if position < self._journal.floor:
                frames, position = await self._catch_up(who, wanted, position)
            else:
                news = cohort.news
                frames, position = cohort.after(position, known, epoch)
                if not frames:
                    await _wait(news, min(beat_at, ends_at))
                    # By the clock and not by the wait: news that the filter leaves out must not silence the heartbeat.
                    frames = bookmark(Cursor(epoch, position)) if time.monotonic() >= beat_at else b""
            if frames:
                known = position
                yield frames
                beat_at = self._next_beat()
        yield control("bye", {"cursor": f"{epoch}.{position}"}, retry=True)

    def _next_beat(self) -> float:
        return time.monotonic() + self._heartbeat_s * random.uniform(0.87, 1.13)

    async def _greet(self, wanted: Filter, start: str | None) -> tuple[int, bytes]:
        """Where the stream begins, and the first frames: what a native EventSource cannot read from a status."""
        head = await self._store.read_head()
        reason, position = judge_cursor(start, head.epoch, head.floor, max(head.head, self._journal.head), self._journal.head)
        told = {
            "epoch": head.epoch,
            "start": f"{head.epoch}.{position}",
            "head": f"{head.epoch}.{head.head}",
            "floor": f"{head.epoch}.{head.floor}",
            "server_time": datetime.now(UTC),
            "heartbeat_s": self._heartbeat_s,
            "max_age_s": self._max_age_s,
            "filter": {field: sorted(map(str, values)) for field, values in wanted if values},
        }
        start_at = Cursor(head.epoch, position)
        return position, control("ready", told, retry=True) + (reset(reason, start_at) if reason else bookmark(start_at))

    async def _catch_up(self, who: Principal, wanted: Filter, position: int) -> tuple[bytes, int]:
        """A page from the table, for a reader below the ring. No connection is held while its socket is written.

        Where the table no longer goes back that far the stream is reset, to go on from here.
        """
        try:
            async with self._pages:
                events = await self._store.read_journal(position, PAGE_LIMIT, tenant_id=who.tenant_id)
        except Expired:
            live = self._journal.head
            return reset("expired", Cursor(self._journal.epoch, live)), live
        end = events[-1].position if len(events) == PAGE_LIMIT else max(position, self._journal.floor)
        found = chain_matches((Entry(event) for event in events if wanted.matches(event)), position)
        told = found[-1].entry.position if found else position
        frames = join_frames(found, self._journal.epoch)
        return frames + (bookmark(Cursor(self._journal.epoch, end)) if end > told else b""), max(end, told)

    def _take(self, entries: Sequence[Entry]) -> None:
        for cohort in self._cohorts.values():
            cohort.take(entries)


async def _wait(news: asyncio.Event, until: float) -> None:
    """Until there may be news, or until that moment of the monotonic clock."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.001, until - time.monotonic())):
            await news.wait()


def judge_cursor(start: str | None, epoch: int, floor: int, head: int, live: int) -> tuple[str | None, int]:
    """(why the cursor cannot be resumed, where the stream begins instead or as asked). No cursor means: from now on."""
    if not start:
        return None, live
    try:
        cursor = Cursor.parse(start)
    except Invalid:
        return "malformed", live
    if cursor == BEGINNING:
        return None, floor
    if cursor.epoch != epoch or cursor.position > head:
        return "rewound", live
    if cursor.position < floor:
        return "expired", live
    return None, cursor.position


def chain_matches(entries: Iterable[Entry], start: int) -> list[Matched]:
    """Entries with `prev` links, the first linked to where the reader stood."""
    found: list[Matched] = []
    for entry in entries:
        found.append(Matched(found[-1].entry.position if found else start, entry))
    return found


def join_frames(matched: Sequence[Matched], epoch: int) -> bytes:
    """Data frames of one write. They carry no event name, so that a browser's `onmessage` hears them."""
    return b"".join(b"id: %d.%d\ndata: %b\n\n" % (epoch, m.entry.position, m.entry.encode(epoch, m.prev)) for m in matched)


def bookmark(cursor: Cursor) -> bytes:
    """Heartbeat and progress in one: moves a client's last id and fires nothing."""
    return f"id: {cursor}\n\n".encode()


def reset(reason: str, cursor: Cursor) -> bytes:
    """Says that the stream cannot go on from where its reader was, and moves the reader to where it does."""
    return control("reset", {"reason": reason, "snapshot": "/v1/cases", "cursor": str(cursor)}) + bookmark(cursor)


def control(name: str, told: dict[str, object], *, retry: bool = False) -> bytes:
    """A frame about the stream itself. It carries no id: only the journal moves the cursor.

    `retry` is drawn for each connection, 1-5 s: an EventSource has no jitter of its own, and a thousand that were cut
    together would come back together.
    """
    hint = f"retry: {random.randint(1000, 5000)}\n" if retry else ""
    return f"{hint}event: {name}\ndata: ".encode() + orjson.dumps(told, option=orjson.OPT_UTC_Z) + b"\n\n"
