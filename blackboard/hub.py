"""Opens streams of the journal, within limits: over them it refuses the new and never evicts the old.

A stream is a generator of joined bytes for one socket. Between writes it holds a position in its cohort and nothing else; it
asks the database only when its reader is further behind than the ring goes back.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from blackboard.admission import Bucket
from blackboard.alarms import Alarms, Sleeper
from blackboard.answers import Event, Head
from blackboard.cohort import Chunk, View
from blackboard.cursor import BEGINNING, Cursor, Start, find_start, last_position, quote
from blackboard.dispatch import Dispatch
from blackboard.errors import Busy, Expired, Rewound, Unavailable
from blackboard.exposure import Exposure
from blackboard.filters import Filter
from blackboard.frames import RETRY_MS, Matched, bookmark, bye, control, fold, join_frames, link, reset
from blackboard.journal import Entry, Journal
from blackboard.rights import Rights
from blackboard.store import Store
from blackboard.values import Principal

PAGE_LIMIT = 500
# How much of the journal one request looks through for events of a case, in a statement that must not take long.
SPAN = 50_000
PAGES_AT_ONCE = 8
ALL = (Filter(),)


class Limits(NamedTuple):
    """How long streams live and how many there may be."""

    heartbeat_s: float = 15
    max_age_s: float = 600
    max_streams: int = 5000
    max_streams_per_tenant: int = 5000
    max_streams_per_agent: int = 1000
    max_new_per_s: float = 500
    drain_s: float = 0


class Wanted(NamedTuple):
    """What a reader asks for: any of the filters, from where, a write per `pace_s` at most, `folds` to the newest per case."""

    filters: tuple[Filter, ...] = ALL
    start: str | None = None
    pace_s: float = 0
    folds: bool = False


class Reader(Sleeper):
    """One stream: who reads, what, and how far it was told. Times are those of the loop's clock."""

    def __init__(self, who: Principal, wanted: Wanted, dispatch: Dispatch) -> None:
        super().__init__()
        self.id = uuid4()
        self.who = who
        self.wanted = wanted
        self.cohort = dispatch.join(View(who.tenant_id, wanted.filters, Rights.of(who)), self.bell)
        self.epoch = 0
        self.position = 0
        # The last position that the reader was told: `prev` of the next event is this or later.
        self.known = 0
        self.beat_s = 0.0
        self.ends_at = 0.0
        self.farewell = "rotation"

    @property
    def cursor(self) -> Cursor:
        """Where it stands."""
        return Cursor(self.epoch, self.position)

    def end(self, alarms: Alarms, reason: str, within_s: float = 0) -> None:
        """Let it end at a moment of the time that is left, so that not all come back at once."""
        ends_at = _now() + random.uniform(0, within_s)
        if ends_at < self.ends_at:
            self.ends_at = self.due_at = ends_at
            self.farewell = reason
            alarms.add(self)


class Hub:
    """The streams of this process."""

    def __init__(self, store: Store, journal: Journal, exposure: Exposure | None = None, limits: Limits | None = None) -> None:
        self.closing = False
        self._store = store
        self._journal = journal
        self._exposure = exposure or Exposure(store)
        self._limits = limits or Limits()
        self._dispatch = Dispatch(journal)
        self._alarms = Alarms()
        self._readers: dict[UUID, Reader] = {}
        self._per_tenant: Counter[int] = Counter()
        self._per_agent: Counter[int] = Counter()
        self._admission = Bucket(self._limits.max_new_per_s)
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)
        journal.tell(self._dispatch.take, anew=self._dispatch.begin)

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._readers)

    @property
    def keys(self) -> set[str]:
        """The keys under which they were opened."""
        return {reader.who.key_id for reader in self._readers.values()}

    def keys_of(self, agents: Collection[tuple[int, str]]) -> set[str]:
        """The keys of these agents under which streams are open."""
        return {reader.who.key_id for reader in self._readers.values() if (reader.who.tenant_id, reader.who.agent) in agents}

    # ------------------------------------------------------------------------------------------------------------- streams
    async def stream(self, who: Principal, wanted: Wanted) -> AsyncGenerator[bytes, None]:
        """Frames as joined bytes: `ready` (and `reset`), then events and bookmarks, at last `bye`.

        Over a limit, or without a database, there is nothing but `bye`: a native EventSource cannot read a status.
        """
        if self._is_full(who):
            yield bye("overloaded")
            return
        reader = self._join(who, wanted)
        try:
            # Whoever checked the key may have remembered it from before it was closed, and a stream lasts.
            if who.key_id and await self._store.find_closed_keys({who.key_id}):
                yield bye("rights_changed")
                return
            yield await self._greet(reader)
            async for frames in self._follow(reader):
                yield frames
            yield bye(reader.farewell, reader.cursor)
        except Busy as error:
            yield bye(error.code)
        finally:
            self._leave(reader)

    def close(self) -> None:
        """Take no new streams, and send each its `bye` at a moment of the drain."""
        self.closing = True
        for reader in list(self._readers.values()):
            reader.end(self._alarms, "shutdown", self._limits.drain_s)

    def cut(self, keys: Collection[str]) -> None:
        """End the streams that were opened under these keys: they open nothing any more."""
        for reader in list(self._readers.values()) if keys else ():
            if reader.who.key_id in keys:
                reader.end(self._alarms, "rights_changed")

    def _is_full(self, who: Principal) -> bool:
        limits = self._limits
        return (
            self.closing
            or self.streams >= limits.max_streams
            or self._per_tenant[who.tenant_id] >= limits.max_streams_per_tenant
            or self._per_agent[who.agent_id] >= limits.max_streams_per_agent
            or not self._admission.take()
        )

    def _join(self, who: Principal, wanted: Wanted) -> Reader:
        reader = Reader(who, wanted, self._dispatch)
        self._readers[reader.id] = reader
        self._per_tenant[who.tenant_id] += 1
        self._per_agent[who.agent_id] += 1
        # Drawn once: drawing for each write was a twentieth of its cost.
        reader.beat_s = self._limits.heartbeat_s * random.uniform(0.87, 1.13)
        reader.ends_at = _now() + self._limits.max_age_s * random.uniform(0.8, 1.2)
        return reader

    def _leave(self, reader: Reader) -> None:
        del self._readers[reader.id]
        for count, key in ((self._per_tenant, reader.who.tenant_id), (self._per_agent, reader.who.agent_id)):
            count[key] -= 1
            if not count[key]:
                del count[key]
        reader.is_gone = True
        self._dispatch.leave(reader.cohort, reader.bell)
        self._exposure.note("stream.closed", reader.who, stream=str(reader.id), cursor=str(reader.cursor))

    async def _greet(self, reader: Reader) -> bytes:
        """Where the stream begins, and the first frames: what a native EventSource cannot read from a status.

        A database that ends before what this process has read of the same epoch took another's place and has lost it. Until
        the new epoch has begun nobody may be shown what the ring still holds.
        """
        shown = Cursor(self._journal.epoch, self._journal.head)
        head = await self._store.read_head()
        if head.epoch == shown.epoch and head.head < shown.position:
            raise Unavailable("The database was replaced by one that lags. Come back when its new epoch has begun.")
        start = find_start(reader.wanted.start, head, self._live(head))
        if reader.wanted.start == "0":
            start = start._replace(position=await self._begun(reader.cohort.view, start.position, head))
        reader.epoch, reader.position, reader.known = head.epoch, start.position, start.position
        filters = [{name: sorted(map(str, values)) for name, values in each if values} for each in reader.wanted.filters]
        told = {
            "stream": str(reader.id),
            "epoch": head.epoch,
            "start": str(reader.cursor),
            "head": f"{head.epoch}.{head.head}",
            "floor": f"{head.epoch}.{head.floor}",
            "server_time": datetime.now(UTC),
            "heartbeat_s": self._limits.heartbeat_s,
            "max_age_s": self._limits.max_age_s,
            "filter": filters[0] if len(filters) == 1 else filters,
        }
        self._exposure.note(
            "stream.opened",
            reader.who,
            stream=str(reader.id),
            filter=told["filter"],
            start=told["start"],
            asked=quote(reader.wanted.start),
        )
        greeting = control("ready", told, retry_ms=RETRY_MS)
        return greeting + (self._reset(reader, start) if start.reason else bookmark(reader.cursor))

    async def _follow(self, reader: Reader) -> AsyncIterator[bytes]:
        """One write after another, until it is time to go.

        Heartbeats go by the clock and not by the wait for news: what the filter leaves out must not silence them.
        """
        beat_at = _now() + reader.beat_s
        while (now := _now()) < reader.ends_at:
            reader.bell.clear()
            frames = await self._next(reader)
            if not frames and now >= beat_at:
                frames = bookmark(reader.cursor)
            if frames:
                yield frames
                beat_at = _now() + reader.beat_s
                if reader.wanted.pace_s:
                    await asyncio.sleep(min(reader.wanted.pace_s, max(0, reader.ends_at - _now())))
            else:
                await reader.sleep(self._alarms, min(beat_at, reader.ends_at))

    async def _next(self, reader: Reader) -> bytes:
        """What is next for it: from the cohort, or, when it is further behind than the ring goes back, from the table."""
        while reader.cohort.reach_back(reader.position):  # noqa: ASYNC110  # waits for nothing: lets others go on
            await asyncio.sleep(0)
        if reader.epoch != self._journal.epoch:
            return await self._turn(reader)
        chunk = reader.cohort.after(reader.position, reader.known, folds=reader.wanted.folds)
        return await self._catch_up(reader) if chunk is None else self._told(reader, chunk)

    async def _turn(self, reader: Reader) -> bytes:
        """The journal goes on in another epoch: reset, if the reader was shown what the old one has lost."""
        head = await self._store.read_head()
        is_lost = reader.position > last_position(reader.epoch, head)
        reader.epoch = head.epoch
        if is_lost:
            return self._reset(reader, Start(self._live(head), "rewound"))
        return b""

    def _live(self, head: Head) -> int:
        """Where those go on who begin now: where this process is, unless it has yet to find out that a new epoch began."""
        return self._journal.head if self._journal.epoch == head.epoch else head.head

    async def _catch_up(self, reader: Reader) -> bytes:
        """A page from the table. No connection is held while its socket is written.

        Where the table no longer goes back that far the stream is reset, to go on from here.
        """
        try:
            async with self._pages:
                events = await self._store.read_journal(
                    reader.position, PAGE_LIMIT, tenant_id=reader.who.tenant_id, epoch=reader.epoch
                )
        except Rewound:
            # The journal of this process will find out with its next pass.
            return b""
        except Expired:
            return self._reset(reader, Start(self._journal.head, "expired"))
        view = reader.cohort.view
        found = link((matched for event in events if (matched := view.match(Entry(event)))), reader.known)
        end = events[-1].position if len(events) == PAGE_LIMIT else max(reader.position, reader.cohort.floor)
        told = found[-1].entry.position if found else reader.known
        shown = fold(found) if reader.wanted.folds else found
        frames = self._told(reader, Chunk(join_frames(shown, reader.epoch, view.rights.hidden), max(end, told)))
        if end <= told:
            return frames
        reader.known = end
        return frames + bookmark(reader.cursor)

    def _told(self, reader: Reader, chunk: Chunk) -> bytes:
        reader.position = chunk.end
        if chunk.frames:
            reader.known = chunk.end
        return chunk.frames

    def _reset(self, reader: Reader, start: Start) -> bytes:
        """Says that the reader cannot go on from where it was, and moves it to where it does."""
        reader.position = reader.known = start.position
        reason = start.reason or "expired"
        self._exposure.note("stream.reset", reader.who, stream=str(reader.id), reason=reason, cursor=str(reader.cursor))
        return reset(reason, reader.cursor)

    # --------------------------------------------------------------------------------------------------------------- pages
    async def page(self, who: Principal, wanted: Wanted, limit: int) -> tuple[list[bytes], Cursor]:
        """Matching events after a cursor as JSON objects, and the cursor to go on from.

        Looks at one page of the journal; where cases are named, at a wider part of it, beginning where they do.
        `Expired` when what came after the cursor is not kept any more, `Rewound` when the cursor is of a lost history.
        """
        head = await self._store.read_head()
        cursor = Cursor.parse(wanted.start or "0")
        if cursor == BEGINNING:
            cursor = Cursor(head.epoch, head.floor)
        elif cursor.position > last_position(cursor.epoch, head):
            raise Rewound(f"The cursor {cursor} is not of this journal, which ends at {head.epoch}.{head.head}.")
        view = View(who.tenant_id, wanted.filters, Rights.of(who))
        events, end = await self._looked_through(view, cursor.position, limit, head)
        found = link((matched for event in events if (matched := view.match(Entry(event)))), cursor.position)
        return [_object(each, head.epoch, view) for each in found], Cursor(head.epoch, end)

    async def _looked_through(self, view: View, after: int, limit: int, head: Head) -> tuple[list[Event], int]:
        """Events that may be in view after a position, and up to where there are no others."""
        if cases := view.cases:
            after = await self._begun(view, after, head)
            upto = max(after, min(after + SPAN, head.head))
            events = await self._store.read_cases_journal(view.tenant_id, cases, after, upto, limit, epoch=head.epoch)
        else:
            upto = max(after, head.head)
            events = await self._store.read_journal(after, limit, tenant_id=view.tenant_id, epoch=head.epoch)
        return events, events[-1].position if len(events) == limit else max([upto, *(event.position for event in events[-1:])])

    async def _begun(self, view: View, after: int, head: Head) -> int:
        """The same position, or a later one up to which there is nothing in view. Where part of it may be dropped, the same."""
        opening = await self._store.find_opening(view.tenant_id, view.cases) if view.cases else 0
        return max(after, opening) if opening > head.floor else after


def _object(matched: Matched, epoch: int, view: View) -> bytes:
    return matched.encode(epoch, view.rights.hidden)


def _now() -> float:
    return asyncio.get_running_loop().time()
