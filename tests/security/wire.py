"""Requests as bytes, and what comes back for them: what no HTTP library would send, and faster than any of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.http.conftest import Api

LIMIT_S = 15


class Answer(NamedTuple):
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> Any:
        """The problem that it is."""
        assert self.headers["content-type"] == "application/problem+json", self
        return json.loads(self.body)


class Wire:
    """A connection to the board."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        """Bytes, without waiting for anything."""
        self.writer.write(data)

    async def answer(self, *, method: str = "POST") -> Answer | None:
        """The next answer; None when the board has hung up."""
        try:
            status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        number = int(status.split()[1])
        length = 0 if method == "HEAD" or number in (204, 304) else int(headers.get("content-length", 0))
        return Answer(number, headers, await self._reader.readexactly(length))

    async def rest(self) -> bytes:
        """All that comes until the board hangs up."""
        parts = []
        with suppress(ConnectionError):
            while part := await self._reader.read(65536):
                parts.append(part)
        return b"".join(parts)


@asynccontextmanager
async def wire(api: Api, limit_s: float = LIMIT_S) -> AsyncIterator[Wire]:
    """A connection for the time of a block."""
    parts = urlsplit(api.url)
    made = Wire(*await asyncio.open_connection(parts.hostname, parts.port))
    try:
        async with asyncio.timeout(limit_s):
            yield made
    finally:
        made.writer.close()


def head(api: Api, line: str, *headers: str, who: str | None = "requester", host: str = "here") -> bytes:
    """A request line and its headers."""
    key = [f"Authorization: Bearer {api.scene.keys[who]}"] if who else []
    return "\r\n".join([f"{line} HTTP/1.1", f"Host: {host}", *key, *headers, "", ""]).encode("latin-1")


async def told(api: Api, parts: Sequence[bytes]) -> list[Answer]:
    """Every answer to bytes that are sent in these parts, until the board hangs up."""
    async with wire(api) as each:
        for part in parts:
            each.send(part)
            await asyncio.sleep(0)
        return _answers(await each.rest())


def _answers(said: bytes) -> list[Answer]:
    found = []
    while said:
        top, _, said = said.partition(b"\r\n\r\n")
        status, *lines = top.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        found.append(Answer(int(status.split()[1]), headers, said[:length]))
        said = said[length:]
    return found
