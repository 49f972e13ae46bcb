"""Following the journal over HTTP: resumes by itself, knows when it missed something, notices silence.

The stream tells each event's predecessor (`prev`), so a hole is seen and not guessed; a bookmark (an event without data)
moves the cursor; 2.5 heartbeats of silence mean a dead connection, whatever TCP believes.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from httpx_sse import EventSource, ServerSentEvent
from pydantic import BaseModel

from blackboard.client import BoardClient, error_of
from blackboard.errors import Busy, Unavailable
from blackboard.values import Json

FIRST_HEARTBEAT_S = 15.0
BACKOFF_MAX_S = 30.0


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


class Subscription:
    """`async for item in subscription`: events in order, each once, and a `Reset` where continuity is lost.

    `filters` are those of `GET /v1/events`. `cursor` may be kept and given to a later subscription.
    """

    def __init__(
        self, client: BoardClient, filters: Mapping[str, Sequence[str]] | None = None, *, after: str | None = None
    ) -> None:
        self.cursor = after
        self.connects = 0
        self._client = client
        self._filters = {name: list(values) for name, values in (filters or {}).items()}
        self._heartbeat_s = FIRST_HEARTBEAT_S
        self._failures = 0

    async def __aiter__(self) -> AsyncGenerator[StreamEvent | Reset, None]:
        """Follow until the caller leaves; reconnects with full jitter."""
        while True:
            try:
                async with aclosing(self._connect()) as items:
                    async for item in items:
                        yield item
            except (httpx.TransportError, Busy, TimeoutError):
                self._failures += 1
            await asyncio.sleep(random.uniform(0, min(BACKOFF_MAX_S, 0.1 * 2 ** min(self._failures, 10))))

    async def _connect(self) -> AsyncGenerator[StreamEvent | Reset, None]:
        """One connection's worth of items. Errors other than 'not now' are the caller's."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": self.cursor} if self.cursor else {})}
        timeout = httpx.Timeout(5.0, read=self._heartbeat_s * 2.5)
        async with self._client.http.stream(
            "GET", "/v1/events", params=self._filters, headers=headers, timeout=timeout
        ) as response:
            if not response.is_success:
                await response.aread()
                raise error_of(response)
            self.connects += 1
            async for frame in EventSource(response).aiter_sse():
                item = self._read(frame)
                if item is not None:
                    yield item
                if frame.event == "bye":
                    return

    def _read(self, frame: ServerSentEvent) -> StreamEvent | Reset | None:
        if frame.event == "reset":
            reset = Reset.model_validate_json(frame.data)
            self.cursor = reset.cursor
            return reset
        if frame.event == "ready":
            self._greet(json.loads(frame.data))
            return None
        if frame.event != "message":
            return None
        if not frame.data:
            # A bookmark; httpx-sse also turns comments after an id into such empty events.
            self.cursor = frame.id or self.cursor
            return None
        return self._take(StreamEvent.model_validate_json(frame.data))

    def _greet(self, ready: Mapping[str, Any]) -> None:
        self._failures = 0
        self._heartbeat_s = float(ready.get("heartbeat_s", FIRST_HEARTBEAT_S))
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
