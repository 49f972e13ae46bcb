"""A client of the event stream that trusts nothing: it reads the bytes as the WHATWG says, and goes on by its last id."""

import asyncio
import codecs
import json
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

_LINE = re.compile("\r\n|\r|\n")


class Message(NamedTuple):
    """What a browser would hand to its listeners."""

    name: str
    data: str
    id: str


class Parser:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream, to the letter."""

    def __init__(self) -> None:
        self.id = ""
        self.retry_ms = 1000
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._at_start = True
        self._next_id = ""
        self._name, self._data = "", list[str]()

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages that these bytes complete."""
        self._rest += self._decode(chunk)
        if self._at_start and self._rest:
            self._rest, self._at_start = self._rest.removeprefix("\ufeff"), False
        held = self._rest.endswith("\r")  # half of a CRLF, perhaps
        *lines, rest = _LINE.split(self._rest[:-1] if held else self._rest)
        self._rest = rest + "\r" * held
        return [message for line in lines if (message := self._line(line))]

    def _line(self, line: str) -> Message | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._next_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value)
        return None

    def _dispatch(self) -> Message | None:
        name, data, self._name, self._data = self._name, self._data, "", []
        self.id = self._next_id
        return Message(name or "message", "\n".join(data), self.id) if data else None


class Seen(NamedTuple):
    """An event as it came: how long after it happened, and at which moment of the monotonic clock."""

    position: int
    type: str
    lag_s: float
    at: float


class Follower:
    """Reads from any of several processes; whenever it is cut it goes on from its last id at one of those that are there then.

    `hurry` shortens the pauses that the server asks for.
    """

    def __init__(self, urls: list[str], key: str, *, start: str | None = "0", query: str = "", hurry: float = 0.05) -> None:
        self.urls = urls
        self.cursor = start
        self.seen: list[Seen] = []
        self.cases: set[str] = set()
        self.messages: list[Message] = []
        self.controls: list[Message] = []
        self.refusals: list[int] = []
        self.opened: list[float] = []
        self.keeps_messages = False
        self._key, self._query, self._hurry = key, query, hurry
        self._retry_ms = 1000
        self._was_reset = False
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def positions(self) -> list[int]:
        """Of the events that came, in the order in which they did."""
        return [each.position for each in self.seen]

    def told(self, name: str) -> list[dict[str, object]]:
        """What the control frames of a name said."""
        return [json.loads(message.data) for message in self.controls if message.name == name]

    def start(self) -> "Follower":
        """Begin."""
        self._task = asyncio.create_task(self._follow())
        return self

    async def stop(self) -> None:
        """End; what was wrong with the stream is raised here."""
        task, self._task = self._task, None
        if task is not None:
            if not task.done():
                task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def cut(self) -> bool:
        """Break the connection as a dying host would; False while there is none."""
        if self._writer is None:
            return False
        self._writer.transport.abort()
        return True

    async def _follow(self) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._read(random.choice(self.urls))
            await asyncio.sleep(self._hurry * self._retry_ms / 1000 * random.uniform(0.9, 1.1))

    async def _read(self, url: str) -> None:
        place = urlsplit(url)
        reader, self._writer = await asyncio.open_connection(place.hostname, place.port)
        parser = Parser()
        try:
            self._writer.write(self._request(place.netloc).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            if status != 200:
                self.refusals.append(status)
                return
            async for chunk in _chunks(reader):
                for message in parser.feed(chunk):
                    self._take(message)
                self.cursor, self._retry_ms = parser.id or self.cursor, parser.retry_ms
        finally:
            self._writer.transport.abort()
            self._writer = None

    def _request(self, host: str) -> str:
        cursor = f"Last-Event-ID: {self.cursor}\r\n" if self.cursor else ""
        return (
            f"GET /v1/events?{self._query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Accept: text/event-stream\r\n{cursor}\r\n"
        )

    def _take(self, message: Message) -> None:
        if self.keeps_messages:
            self.messages.append(message)
        if message.name not in ("message", "left"):
            self.controls.append(message)
            self._was_reset |= message.name == "reset"
            if message.name == "ready":
                self.opened.append(time.monotonic())
            return
        event = orjson.loads(message.data)
        assert event["id"] == message.id, "the frame's id is not the event's"
        if self.seen and not self._was_reset:
            assert event["prev"] >= self.seen[-1].position, "twice, or a hole"
        self.cases.add(event["case_id"])
        lag_s = time.time() - datetime.fromisoformat(event["time"]).timestamp()
        self.seen.append(Seen(event["position"], event["type"], lag_s, time.monotonic()))


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The body of a chunked answer."""
    while size := int(await reader.readline() or b"0", 16):
        yield (await reader.readexactly(size + 2))[:-2]
