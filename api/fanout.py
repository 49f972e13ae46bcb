"""Answering with a stream that thousands read at once.

Over sse-starlette, which serves the claim streams: its cancel scope for every write is a sixth of what an event to a reader
costs, and its tasks are half of a connection's memory. Here a stream is two tasks, one that writes and one that hears whether
the reader has gone.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.sse import HEADERS, SEND_LIMIT_S
from blackboard.loop import Loop

log = structlog.get_logger()

Writer = asyncio.Task[None]


class SlowReaders(Loop):
    """Cuts readers who take nothing for `SEND_LIMIT_S`: one look at all of them now and then, and no timer for each."""

    def __init__(self) -> None:
        super().__init__("slow readers", interval_s=SEND_LIMIT_S / 4)
        self.writing: dict[Writer, float] = {}
        """Who is being written to, and since when by the loop's clock."""

    async def run_once(self) -> bool:
        """Look once."""
        since = asyncio.get_running_loop().time() - SEND_LIMIT_S
        for writer in [writer for writer, began_at in self.writing.items() if began_at < since]:
            log.warning("a reader took nothing and was cut", seconds=SEND_LIMIT_S)
            writer.cancel()
        return False


class StreamResponse(StreamingResponse):
    """Writes frames as they come, until they end, the reader goes, or it takes nothing for too long.

    The writer has a task of its own. In the request's, each frame would come down through all that surrounds a request: a
    twentieth of what an event to a reader costs.
    """

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes, None], slow: SlowReaders) -> None:
        super().__init__(frames, headers=HEADERS)
        self._frames = frames
        self._slow = slow
        self._hears = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one reader."""
        del scope
        request = asyncio.current_task()
        assert request is not None
        writer = asyncio.create_task(self._write(send))
        writer.add_done_callback(lambda _: self._hears and request.cancel())
        try:
            await self._hear(receive, writer, request)
        finally:
            await self._end(writer)
        if not writer.cancelled():
            writer.result()

    async def _hear(self, receive: Receive, writer: Writer, request: "asyncio.Task[Any]") -> None:
        """Until the reader has gone or nothing more is written."""
        self._hears = not writer.done()
        try:
            while self._hears and (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not writer.done():
                raise
            request.uncancel()
        finally:
            self._hears = False

    async def _end(self, writer: Writer) -> None:
        if not writer.done():
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({writer})
        await self._frames.aclose()

    async def _write(self, send: Send) -> None:
        writer = asyncio.current_task()
        assert writer is not None
        clock, writing = asyncio.get_running_loop().time, self._slow.writing
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for frames in self._frames:
                writing[writer] = clock()
                await send({"type": "http.response.body", "body": frames, "more_body": True})
                del writing[writer]
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            writing.pop(writer, None)
