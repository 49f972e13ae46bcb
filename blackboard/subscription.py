"""Following the journal over HTTP: resumes by itself, and knows when it missed something.

The stream tells each event's predecessor (`prev`), so a hole is seen and not guessed; a bookmark (an id without data)
moves the cursor. What cannot be true cuts the connection, and the next one goes on from the last cursor that was good.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from blackboard.line import Address, Connected, Line, parse
from blackboard.sse import Frame, Garbled
from blackboard.values import Json

CursorText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}\.[0-9]{1,19}$")]
# Reads the state that the reader keeps, and answers with the cursor that it is true at: `return page.cursor`.
Snapshot: TypeAlias = Callable[[], Awaitable[str]]


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


class EventsPage(BaseModel):
    """A page of the journal, and the cursor after it."""

    events: list[StreamEvent]
    next: CursorText


class Left(_Entry):
    """What happened made its task or case match the filter no longer: nothing more of it comes on this stream."""


class Reset(BaseModel):
    """The stream cannot be continued from the cursor: read the snapshot again and go on from here."""

    reason: str
    snapshot: str
    cursor: CursorText


Item: TypeAlias = StreamEvent | Left | Reset


class _Ready(BaseModel):
    """Of the greeting: where this connection begins."""

    start: CursorText


class Chain:
    """The cursor, and what may come after it: positions rise, and each entry names the one before it in this stream."""

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        self._epoch = -1
        self._told = 0
        self._owes_reset = False

    def greet(self, start: str) -> None:
        """A connection that begins there. Elsewhere than asked for, it owes a reset before anything else.

        The same position in a later epoch is the same place: the server was replaced, and lost nothing that this reader has.
        """
        if self.cursor in (None, "", "0"):
            self.cursor = start
        asked_epoch, asked = _split(self.cursor or start)
        self._epoch, self._told = _split(start)
        self._owes_reset = asked != self._told or asked_epoch > self._epoch
        if not self._owes_reset:
            self.cursor = start

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
        if self._owes_reset or epoch < self._epoch:
            raise Garbled(f"it tells of {cursor} and was asked to go on after {self.cursor}, without a reset in between")
        if position < self._told:
            raise Garbled(f"it went back from position {self._told} to {position}")
        self._epoch, self._told = epoch, position
        return position


class Subscription(Line[Item]):
    """`async for item in subscription`: events in order, each once, and a `Reset` where continuity is lost.

    `filters` are those of `GET /v1/events`, each a value or several. `cursor` may be kept and given to a later subscription
    as `after`. With a `snapshot`, it is read first, unless there is a cursor, and again after every reset, and the stream
    goes on from where it is true. Ends when the board says that nothing more will come; raises what it refuses.
    """

    def __init__(
        self,
        client: Connected,
        filters: Mapping[str, object] | None = None,
        *,
        after: str | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        super().__init__(client)
        self._filters = {name: _texts(value) for name, value in (filters or {}).items()}
        self._snapshot = snapshot
        self._chain = Chain(after and after.strip())

    @property
    def cursor(self) -> str | None:
        """Where the stream stands: everything up to here was told."""
        return self._chain.cursor

    async def _address(self) -> Address:
        if self._snapshot and not self.cursor:
            self._chain = Chain(await self._snapshot())
        return Address("/v1/events", self._filters, {"Last-Event-ID": self.cursor} if self.cursor else {})

    def _place(self) -> object:
        return self.cursor

    def _ends_with(self, frame: Frame) -> bool:
        return super()._ends_with(frame) or (frame.event == "reset" and self._snapshot is not None)

    def _greet(self, frame: Frame) -> None:
        super()._greet(frame)
        self._chain.greet(parse(_Ready, frame).start)

    def _read(self, frame: Frame) -> Item | None:
        if frame.data and frame.event in ("message", "left"):
            return self._take(frame)
        if frame.event == "reset":
            return self._reset(parse(Reset, frame))
        if frame.id:
            # A bookmark, or a kind of event that only newer readers know: both move the cursor.
            self._chain.mark(frame.id)
        return None

    def _take(self, frame: Frame) -> StreamEvent | Left | None:
        entry: StreamEvent | Left = parse(Left, frame) if frame.event == "left" else parse(StreamEvent, frame)
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
