"""Following the journal over HTTP: resumes by itself, knows when it missed something, notices silence.

The stream tells each event's predecessor (`prev`), so a hole is seen and not guessed; a bookmark (an id without data)
moves the cursor; 2.5 heartbeats of silence mean a dead connection, whatever TCP believes. What cannot be true cuts the
connection, and the next one goes on from the last cursor that was good.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Protocol, TypeAlias, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from blackboard.errors import Busy, Unavailable
from blackboard.problem import error_of
from blackboard.sse import Frame, FrameParser, Garbled
from blackboard.values import Json

CONNECT_LIMIT_S = 5.0
FIRST_HEARTBEAT_S = 15.0
SILENT_HEARTBEATS = 2.5
BACKOFF_MAX_S = 30.0
BACKOFF_FIRST_S = 0.1
HEALTHY_AFTER_S = 60.0
MAX_GARBLED = 5

CursorText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}\.[0-9]{1,19}$")]
# Reads the state that the reader keeps, and answers with the cursor that it is true at: `return page.cursor`.
Snapshot: TypeAlias = Callable[[], Awaitable[str]]
M = TypeVar("M", bound=BaseModel)


class _Entry(BaseModel):
    """An entry of the journal, as CloudEvents JSON. `id` is the cursor to resume after it."""

    id: CursorText
    prev: int
    type: str
    time: datetime
    position: int
    actor: str
    case_id: UUID | None
    task_id: UUID | None
    workflow: str | None
    stage: str | None
    capability: str | None
    data: Json


class StreamEvent(_Entry):
    """Something that happened. `id` is the cursor to resume after it; keep it when you are done with the event."""


class Left(_Entry):
    """What happened made its task or case match the filter no longer: nothing more of it comes on this stream."""


class Reset(BaseModel):
    """The stream cannot be continued from the cursor: read the snapshot again and go on from here."""

    reason: str
    snapshot: str
    cursor: CursorText


Item: TypeAlias = StreamEvent | Left | Reset


class _Ready(BaseModel):
    """The greeting: where this connection begins, and how often something comes."""

    start: CursorText
    heartbeat_s: float = Field(FIRST_HEARTBEAT_S, gt=0, le=3600)


class _Connected(Protocol):
    """What a subscription needs of a client."""

    http: httpx.AsyncClient


class Chain:
    """The cursor, and what may come after it: positions rise, and each entry names the one before it in this stream."""

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        self._epoch = -1
        self._told = 0
        self._owes_reset = False

    def greet(self, start: str) -> None:
        """A connection that begins there. Elsewhere than asked for, it owes a reset before anything else."""
        if self.cursor in (None, "", "0"):
            self.cursor = start
        self._epoch, self._told = _split(start)
        self._owes_reset = self.cursor != start

    def reset(self, cursor: str) -> None:
        """Continuity is lost; what follows is linked to that cursor."""
        self.cursor, self._owes_reset = cursor, False
        self._epoch, self._told = _split(cursor)

    def mark(self, cursor: str) -> None:
        """A bookmark: nothing that was asked for lies before it."""
        if self._advance(cursor) > self._seen:
            self.cursor = cursor

    def take(self, entry: _Entry) -> bool:
        """Whether the entry is new. A hole before it, or an order that cannot be, is `Garbled`."""
        position = self._advance(entry.id)
        if not entry.prev < entry.position == position:
            raise Garbled(f"event {entry.id} names {entry.position} as its position and {entry.prev} as the one before")
        if position <= self._seen:
            return False
        if entry.prev > self._seen:
            raise Garbled(f"it skipped from {self.cursor} to {entry.id}, leaving out position {entry.prev}")
        self.cursor = entry.id
        return True

    @property
    def _seen(self) -> int:
        return _split(self.cursor)[1] if self.cursor else 0

    def _advance(self, cursor: str) -> int:
        epoch, position = _split(cursor)
        if self._owes_reset or epoch != self._epoch:
            raise Garbled(f"it tells of {cursor} and was asked to go on after {self.cursor}, without a reset in between")
        if position < self._told:
            raise Garbled(f"it went back from position {self._told} to {position}")
        self._told = position
        return position


class Backoff:
    """The pause between connections: what the server asks for, and full jitter over a span that doubles. Health forgives."""

    def __init__(self) -> None:
        self.asked_s = 0.0
        self._failures = 0

    def pause_s(self, lived_s: float) -> float:
        """How long to wait after a connection that lived so long."""
        self._failures = 0 if lived_s >= HEALTHY_AFTER_S else min(self._failures + 1, 10)
        return min(BACKOFF_MAX_S, self.asked_s + random.uniform(0, BACKOFF_FIRST_S * 2**self._failures))


class Subscription:
    """`async for item in subscription`: events in order, each once, and a `Reset` where continuity is lost.

    `filters` are those of `GET /v1/events`, each a value or several. `cursor` may be kept and given to a later subscription
    as `after`. With a `snapshot`, it is read first, unless there is a cursor, and again after every reset, and the stream
    goes on from where it is true. Ends when the board says that nothing more will come; raises what it refuses.
    """

    def __init__(
        self,
        client: _Connected,
        filters: Mapping[str, object] | None = None,
        *,
        after: str | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        self.connects = 0
        self._http = client.http
        self._filters = {name: _texts(value) for name, value in (filters or {}).items()}
        self._snapshot = snapshot
        self._chain = Chain(after and after.strip())
        self._backoff = Backoff()
        self._heartbeat_s = FIRST_HEARTBEAT_S
        self._live_since: float | None = None
        self._ended = False
        self._garbled: list[str | None] = []

    @property
    def cursor(self) -> str | None:
        """Where the stream stands: everything up to here was told."""
        return self._chain.cursor

    async def __aiter__(self) -> AsyncGenerator[Item, None]:
        """Follow until the caller leaves, or the board says that nothing more will come."""
        while not self._ended:
            self._live_since = None
            try:
                async with aclosing(self._connect()) as items:
                    async for item in items:
                        yield item
            except Garbled as error:
                self._doubt(error)
            except (httpx.RequestError, Busy, TimeoutError):
                pass  # away, or busy: both are told by the pause
            if not self._ended:
                lived_s = time.monotonic() - self._live_since if self._live_since else 0.0
                await asyncio.sleep(self._backoff.pause_s(lived_s))

    async def _connect(self) -> AsyncGenerator[Item, None]:
        """One connection's worth of items. Errors other than 'not now' are the caller's."""
        if self._snapshot and not self.cursor:
            self._chain = Chain(await self._snapshot())
        # Encoded, frames would wait in a compressor for company.
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        if self.cursor:
            headers["Last-Event-ID"] = self.cursor
        # No limit of the library's on reading: silence is judged by heartbeats, and those are told only on the stream.
        timeout = httpx.Timeout(CONNECT_LIMIT_S, read=None)
        request = self._http.build_request("GET", "/v1/events", params=self._filters, headers=headers, timeout=timeout)
        async with asyncio.timeout(self._silence_s):
            response = await self._http.send(request, stream=True)
        async with aclosing(response), aclosing(self._frames(response)) as frames:
            await self._check(response)
            async for frame in frames:
                item = self._read(frame)
                if item is not None:
                    yield item
                if frame.event == "bye" or (isinstance(item, Reset) and self._snapshot):
                    return

    async def _check(self, response: httpx.Response) -> None:
        """Whether this is a stream; a refusal is raised."""
        if response.status_code == HTTPStatus.NO_CONTENT:
            self._ended = True
        elif not response.is_success:
            if (wait := response.headers.get("Retry-After", "")).isdecimal():
                self._backoff.asked_s = min(BACKOFF_MAX_S, float(wait))
            async with asyncio.timeout(self._silence_s):
                await response.aread()
            raise error_of(response)
        elif (kind := response.headers.get("Content-Type", "nothing")).partition(";")[0].strip() != "text/event-stream":
            raise Garbled(f"it is {kind}, and a stream is text/event-stream")
        else:
            self.connects += 1

    async def _frames(self, response: httpx.Response) -> AsyncGenerator[Frame, None]:
        """Frames as they come. The time that the reader takes is not silence."""
        parser = FrameParser()
        chunks = response.aiter_bytes()
        while True:
            async with asyncio.timeout(self._silence_s):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            for frame in parser.feed(chunk):
                yield frame

    @property
    def _silence_s(self) -> float:
        return self._heartbeat_s * SILENT_HEARTBEATS

    def _read(self, frame: Frame) -> Item | None:
        if frame.retry_ms is not None:
            self._backoff.asked_s = min(BACKOFF_MAX_S, frame.retry_ms / 1000)
        if frame.data and frame.event in ("message", "left"):
            return self._take(frame)
        if frame.event == "ready":
            self._greet(_parse(_Ready, frame))
        elif frame.event == "reset":
            return self._reset(_parse(Reset, frame))
        elif frame.id:
            # A bookmark, or a kind of event that only newer readers know: both move the cursor.
            self._chain.mark(frame.id)
        return None

    def _greet(self, ready: _Ready) -> None:
        self._live_since = time.monotonic()
        self._heartbeat_s = ready.heartbeat_s
        self._chain.greet(ready.start)

    def _take(self, frame: Frame) -> StreamEvent | Left | None:
        entry: StreamEvent | Left = _parse(Left, frame) if frame.event == "left" else _parse(StreamEvent, frame)
        if frame.id != entry.id:
            raise Garbled(f"the frame {frame.id} holds the event {entry.id}")
        return entry if self._chain.take(entry) else None

    def _reset(self, reset: Reset) -> Reset:
        """With a snapshot to read, the cursor is what that one says."""
        if self._snapshot:
            self._chain = Chain(None)
        else:
            self._chain.reset(reset.cursor)
        return reset

    def _doubt(self, error: Garbled) -> None:
        """Try again, but not for ever from the same place."""
        self._garbled = [*(seen for seen in self._garbled if seen == self.cursor), self.cursor]
        if len(self._garbled) >= MAX_GARBLED:
            raise Unavailable(
                f"What {self._http.base_url} sends is not a board's stream, {MAX_GARBLED} times in a row: {error}."
                " Look whether the address is a board's, and what stands between it and here."
            ) from error


def _texts(value: object) -> list[str]:
    """A filter's value, or its values, as they stand in an address."""
    values = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values if one is not None]


def _split(cursor: str) -> tuple[int, int]:
    """Epoch and position."""
    epoch, _, position = cursor.partition(".")
    if not ((epoch + position).isascii() and epoch.isdigit() and position.isdigit() and len(cursor) <= 40):
        raise Garbled(f"{cursor[:40]!r} is no cursor")
    return int(epoch), int(position)


def _parse(model: type[M], frame: Frame) -> M:
    try:
        return model.model_validate_json(frame.data or "")
    except ValidationError as error:
        raise Garbled(f"a frame `{frame.event}` cannot be read ({error.errors()[0]['msg']})") from error
