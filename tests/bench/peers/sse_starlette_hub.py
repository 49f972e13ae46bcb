"""sse-starlette as it is usually written: a queue per client, one yield per event.

`python sse_starlette_hub.py PORT`. `POST /publish` takes events, one a line, and hands all of them to every queue at once.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

queues: set[asyncio.Queue[str]] = set()


async def events(_request: Request) -> EventSourceResponse:
    """All events from now on."""
    return EventSourceResponse(follow())


async def follow() -> AsyncIterator[ServerSentEvent]:
    """A comment, so that the client knows that it is in; then what comes."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        yield ServerSentEvent(comment="in")
        while True:
            yield ServerSentEvent(data=await queue.get())
    finally:
        queues.discard(queue)


async def publish(request: Request) -> Response:
    """To everyone who is there."""
    for event in (await request.body()).decode().splitlines():
        for queue in queues:
            queue.put_nowait(event)
    return Response(status_code=202)


if __name__ == "__main__":
    gc.freeze()  # as on our side
    gc.set_threshold(50_000, 20, 100)
    app = Starlette(routes=[Route("/events", events), Route("/publish", publish, methods=["POST"])])
    # The publisher keeps its connection, however long it is silent.
    kept = {"backlog": 1024, "timeout_keep_alive": 600}
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="error", **kept)
