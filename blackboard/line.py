"""Staying connected to a server-sent stream: reconnects by itself, notices silence, and believes no server blindly.

2.5 heartbeats without a byte mean a dead connection, whatever TCP believes. What cannot be true cuts the connection; after five
such in a row from the same place it is the caller's to look what is at that address.
"""

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Generic, NamedTuple, Protocol, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from blackboard.errors import Busy, Unavailable
from blackboard.problem import error_of
from blackboard.sse import Frame, FrameParser, Garbled

CONNECT_LIMIT_S = 5.0
FIRST_HEARTBEAT_S = 15.0
SILENT_HEARTBEATS = 2.5
BACKOFF_MAX_S = 30.0
BACKOFF_FIRST_S = 0.1
HEALTHY_AFTER_S = 60.0
MAX_GARBLED = 5

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Address(NamedTuple):
    """What to ask for at the next connection."""

    path: str
    params: Mapping[str, str | int | Sequence[str]]
    headers: Mapping[str, str]


class Connected(Protocol):
    """What a line needs of a client."""

    http: httpx.AsyncClient


class Pulse(BaseModel):
    """Of the greeting: how often something comes."""

    heartbeat_s: float = Field(FIRST_HEARTBEAT_S, gt=0, le=3600)


class Backoff:
    """The pause between connections: what the server asks for, and full jitter over a span that doubles. Health forgives."""

    def __init__(self) -> None:
        self.asked_s = 0.0
        self._failures = 0

    def pause_s(self, lived_s: float) -> float:
        """How long to wait after a connection that lived so long."""
        self._failures = 0 if lived_s >= HEALTHY_AFTER_S else min(self._failures + 1, 10)
        return min(BACKOFF_MAX_S, self.asked_s + random.uniform(0, BACKOFF_FIRST_S * 2**self._failures))


class Line(ABC, Generic[T]):
    """`async for item in line`: what comes over one connection after another.

    Ends when the server says that nothing more will come; raises what it refuses.
    """

    def __init__(self, client: Connected) -> None:
        self.connects = 0
        self._http = client.http
        self._backoff = Backoff()
        self._heartbeat_s = FIRST_HEARTBEAT_S
        self._live_since: float | None = None
        self._ended = False
        self._garbled: list[object] = []

    @abstractmethod
    async def _address(self) -> Address:
        """Where the next connection goes."""

    @abstractmethod
    def _read(self, frame: Frame) -> T | None:
        """The item that a frame brings, if any."""

    def _place(self) -> object:
        """Where the line stands: what is garbled again and again at one place is not believed for ever."""
        return None

    def _ends_with(self, frame: Frame) -> bool:
        """Whether the connection is to be given up after this frame."""
        return frame.event == "bye"

    def _greet(self, frame: Frame) -> None:
        """The stream says what it is like."""
        self._live_since = time.monotonic()
        self._heartbeat_s = parse(Pulse, frame).heartbeat_s

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        """Follow until the caller leaves, or the server says that nothing more will come."""
        while not self._ended:
            self._live_since = None
            try:
                async with aclosing(self._connect()) as items:
                    async for item in items:
                        yield item
            except Garbled as error:
                self._doubt(error)
            except (httpx.RequestError, Busy, TimeoutError):
                pass  # away, or busy: both are told by the pause
            if not self._ended:
                lived_s = time.monotonic() - self._live_since if self._live_since else 0.0
                await asyncio.sleep(self._backoff.pause_s(lived_s))

    async def _connect(self) -> AsyncGenerator[T, None]:
        """One connection's worth of items. Errors other than 'not now' are the caller's."""
        path, params, more = await self._address()
        # Encoded, frames would wait in a compressor for company.
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **more}
        # No limit of the library's on reading: silence is judged by heartbeats, and those are told only on the stream.
        timeout = httpx.Timeout(CONNECT_LIMIT_S, read=None)
        request = self._http.build_request("GET", path, params=dict(params), headers=headers, timeout=timeout)
        async with asyncio.timeout(self._silence_s):
            response = await self._http.send(request, stream=True)
        async with aclosing(response), aclosing(self._frames(response)) as frames:
            await self._check(response)
            async for frame in frames:
                if frame.retry_ms is not None:
                    self._backoff.asked_s = min(BACKOFF_MAX_S, frame.retry_ms / 1000)
                if frame.event == "ready":
                    self._greet(frame)
                elif (item := self._read(frame)) is not None:
                    yield item
                if self._ends_with(frame):
                    return

    async def _check(self, response: httpx.Response) -> None:
        """Whether this is a stream; a refusal is raised."""
        if response.status_code == HTTPStatus.NO_CONTENT:
            self._ended = True
        elif not response.is_success:
            if (wait := response.headers.get("Retry-After", "")).isdecimal():
                self._backoff.asked_s = min(BACKOFF_MAX_S, float(wait))
            async with asyncio.timeout(self._silence_s):
                await response.aread()
            raise error_of(response)
        elif (kind := response.headers.get("Content-Type", "nothing")).partition(";")[0].strip() != "text/event-stream":
            raise Garbled(f"it is {kind}, and a stream is text/event-stream")
        else:
            self.connects += 1

    async def _frames(self, response: httpx.Response) -> AsyncGenerator[Frame, None]:
        """Frames as they come. The time that the reader takes is not silence."""
        parser = FrameParser()
        chunks = response.aiter_bytes()
        while True:
            async with asyncio.timeout(self._silence_s):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            for frame in parser.feed(chunk):
                yield frame

    @property
    def _silence_s(self) -> float:
        return self._heartbeat_s * SILENT_HEARTBEATS

    def _doubt(self, error: Garbled) -> None:
        """Try again, but not for ever from the same place."""
        place = self._place()
        self._garbled = [*(seen for seen in self._garbled if seen == place), place]
        if len(self._garbled) >= MAX_GARBLED:
            raise Unavailable(
                f"What {self._http.base_url} sends is not a board's stream, {MAX_GARBLED} times in a row: {error}."
                " Look whether the address is a board's, and what stands between it and here."
            ) from error


def parse(model: type[M], frame: Frame) -> M:
    """What a frame tells; `Garbled` when it cannot be read."""
    try:
        return model.model_validate_json(frame.data or "")
    except ValidationError as error:
        raise Garbled(f"a frame `{frame.event}` cannot be read ({error.errors()[0]['msg']})") from error
