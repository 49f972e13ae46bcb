"""Answering with a stream that thousands read at once.

Over sse-starlette, which serves the claim streams: its cancel scope for every write is a sixth of what an event to a reader
costs, and its tasks are half of a connection's memory. Here a stream is two tasks, one that writes and one that hears whether
the reader has gone.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.sse import HEADERS, SEND_LIMIT_S

log = structlog.get_logger()


class StreamResponse(StreamingResponse):
    """Writes frames as they come, until they end, the reader goes, or it takes nothing for `SEND_LIMIT_S`."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes, None]) -> None:
        super().__init__(frames, headers=HEADERS)
        self._frames = frames
        self._blocked_since: float | None = None
        self._is_over = False
        self._guarding: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one reader."""
        del scope
        writer = asyncio.current_task()
        assert writer is not None
        watch = asyncio.create_task(self._watch(receive, writer))
        self._guard(writer)
        try:
            await self._write(send)
        except asyncio.CancelledError:
            if not self._is_over:
                raise
            writer.uncancel()
        finally:
            self._is_over = True
            if self._guarding is not None:
                self._guarding.cancel()
            watch.cancel()
            await self._frames.aclose()

    async def _write(self, send: Send) -> None:
        clock = asyncio.get_running_loop().time
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for frames in self._frames:
            self._blocked_since = clock()
            await send({"type": "http.response.body", "body": frames, "more_body": True})
            self._blocked_since = None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _watch(self, receive: Receive, writer: "asyncio.Task[Any]") -> None:
        """A reader who has gone is not written to."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end(writer)

    def _guard(self, writer: "asyncio.Task[Any]") -> None:
        """One look now and then, over a limit around each write."""
        loop = asyncio.get_running_loop()
        if self._blocked_since is not None and loop.time() - self._blocked_since > SEND_LIMIT_S:
            log.warning("a reader took nothing and was cut", seconds=SEND_LIMIT_S)
            self._end(writer)
        elif not self._is_over:
            self._guarding = loop.call_later(SEND_LIMIT_S / 2, self._guard, writer)

    def _end(self, writer: "asyncio.Task[Any]") -> None:
        if not self._is_over:
            self._is_over = True
            writer.cancel()
