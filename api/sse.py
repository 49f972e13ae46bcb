"""Answering with server-sent events."""

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request, Response
from sse_starlette import EventSourceResponse

# A reader that takes nothing for this long is cut.
SEND_LIMIT_S = 20
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def reply_stream(request: Request, frames: AsyncGenerator[bytes, None]) -> Response:
    """The stream; HEAD gets its headers and leaves none behind. Frames hold their own heartbeat, so the library's is off."""
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=HEADERS)
    content: Any = frames
    return EventSourceResponse(content, ping=0, send_timeout=SEND_LIMIT_S, headers=HEADERS)


def wants_json(accept: str) -> bool:
    """Whether the caller asked for JSON and not for a stream."""
    return "application/json" in accept and "text/event-stream" not in accept
