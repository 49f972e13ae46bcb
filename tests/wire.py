"""A server of streams that sends the bytes which a test wrote down, and frames as a board would write them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n"
MODULE = Path(__file__).parents[1] / "api" / "static" / "events.js"


@dataclass(frozen=True)
class Answer:
    """What one connection gets. `stays`: the server says nothing more and does not hang up."""

    parts: Sequence[bytes] = ()
    head: bytes = STREAM
    stays: bool = False


@dataclass(frozen=True)
class Asked:
    """One request for the stream."""

    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class StreamServer:
    """Gives each request for the stream the next answer, the last one again and again; for anything else, the module."""

    answers: list[Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            target = urlsplit(head.split(" ")[1])
            if target.path == "/v1/events":
                lines = [line.partition(": ") for line in head.splitlines()[1:] if line]
                self.asked.append(Asked(parse_qs(target.query), {name.lower(): value for name, _, value in lines}))
                await self._answer(self.answers[min(len(self.asked), len(self.answers)) - 1], reader, writer)
            else:
                writer.write(_module())
                await writer.drain()
        writer.close()

    async def _answer(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer.head)
        for part in answer.parts:
            writer.write(part)
            await writer.drain()
        if answer.stays:
            await reader.read()


def _module() -> bytes:
    body = MODULE.read_bytes()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


@asynccontextmanager
async def answering(*answers: Answer | Sequence[bytes]) -> AsyncIterator[StreamServer]:
    """A server on a port of its own. Bare parts are sent and the connection stays open."""
    made = [answer if isinstance(answer, Answer) else Answer(answer, stays=True) for answer in answers]
    server = StreamServer(made)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()


def refusal(status: str, body: bytes = b"", kind: str = "application/problem+json") -> Answer:
    """Anything but a stream."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return Answer([body], head.encode())


def ready(start: str = "1.0", heartbeat_s: float = 15) -> bytes:
    """The greeting, with the bookmark that follows it."""
    return control("ready", start=start, heartbeat_s=heartbeat_s) + bookmark(start)


def control(name: str, **told: object) -> bytes:
    """A frame about the stream itself; clients are to come back at once."""
    return f"retry: 0\nevent: {name}\ndata: {json.dumps(told)}\n\n".encode()


def bookmark(cursor: str) -> bytes:
    """An id and nothing else."""
    return f"id: {cursor}\n\n".encode()


def reset(cursor: str) -> bytes:
    """Continuity is lost."""
    return control("reset", reason="expired", snapshot="/v1/cases", cursor=cursor) + bookmark(cursor)


def event(position: int, prev: int, *, name: str = "", epoch: int = 1) -> bytes:
    """Something that happened."""
    told = dict.fromkeys(("case_id", "task_id", "workflow", "stage", "capability"))
    cursor = f"{epoch}.{position}"
    place = {"id": cursor, "prev": prev, "position": position, "time": "2030-01-01T12:00:00Z"}
    document = json.dumps({**told, **place, "type": "task.ready", "actor": "somebody", "data": {}})
    return f"{f'event: {name}' + chr(10) if name else ''}id: {cursor}\ndata: {document}\n\n".encode()
