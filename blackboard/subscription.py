"""Following the journal over HTTP: resumes by itself, and knows when it missed something.

The stream tells each event's predecessor (`prev`), so a hole is seen and not guessed; a bookmark (an event without data)
moves the cursor.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from httpx_sse import ServerSentEvent
from pydantic import BaseModel

from blackboard.client import BoardClient
from blackboard.errors import Unavailable
from blackboard.line import Address, Line
from blackboard.values import Json


class StreamEvent(BaseModel):
    """An entry of the journal, as CloudEvents JSON. `id` is the cursor to resume after it."""

    id: str
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


class Reset(BaseModel):
    """The stream cannot be continued from the cursor: read the snapshot again and go on from here."""

    reason: str
    snapshot: str
    cursor: str


class Subscription(Line[StreamEvent | Reset]):
    """`async for item in subscription`: events in order, each once, and a `Reset` where continuity is lost.

    `filters` are those of `GET /v1/events`. `cursor` may be kept and given to a later subscription.
    """

    def __init__(
        self, client: BoardClient, filters: Mapping[str, Sequence[str]] | None = None, *, after: str | None = None
    ) -> None:
        super().__init__(client)
        self.cursor = after
        self._filters = {name: list(values) for name, values in (filters or {}).items()}

    def _address(self) -> Address:
        return Address("/v1/events", self._filters, {"Last-Event-ID": self.cursor} if self.cursor else {})

    def _read(self, frame: ServerSentEvent) -> StreamEvent | Reset | None:
        if frame.event == "reset":
            reset = Reset.model_validate_json(frame.data)
            self.cursor = reset.cursor
            return reset
        if frame.event != "message":
            return None
        if not frame.data:
            # A bookmark; httpx-sse also turns comments after an id into such empty events.
            self.cursor = frame.id or self.cursor
            return None
        return self._take(StreamEvent.model_validate_json(frame.data))

    def _greet(self, ready: Mapping[str, Any]) -> None:
        super()._greet(ready)
        self.cursor = self.cursor or str(ready["start"])

    def _take(self, event: StreamEvent) -> StreamEvent | None:
        """The event, unless it was seen; a hole before it cuts the connection, and the resume fills it."""
        seen = int(self.cursor.partition(".")[2] or 0) if self.cursor else 0
        if event.position <= seen:
            return None
        if event.prev > seen:
            raise Unavailable(f"The stream skipped from {seen} to {event.position}; resuming.")
        self.cursor = event.id
        return event
