"""Staying connected to a server-sent stream: reconnects by itself, with full jitter, and notices silence.

2.5 heartbeats without a byte mean a dead connection, whatever TCP believes.
"""

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Generic, NamedTuple, TypeVar

import httpx
from httpx_sse import EventSource, ServerSentEvent

from blackboard.client import BoardClient, error_of
from blackboard.errors import Busy, Unavailable

T = TypeVar("T")

FIRST_HEARTBEAT_S = 15.0
BACKOFF_MAX_S = 30.0


class Address(NamedTuple):
    """What to ask for at the next connection."""

    path: str
    params: Mapping[str, str | int | Sequence[str]]
    headers: Mapping[str, str]


class Line(ABC, Generic[T]):
    """`async for item in line`: what comes over one connection after another."""

    def __init__(self, client: BoardClient) -> None:
        self.connects = 0
        self._client = client
        self._heartbeat_s = FIRST_HEARTBEAT_S
        self._failures = 0

    @abstractmethod
    def _address(self) -> Address:
        """Where the next connection goes."""

    @abstractmethod
    def _read(self, frame: ServerSentEvent) -> T | None:
        """The item that a frame brings, if any."""

    def _greet(self, ready: Mapping[str, Any]) -> None:
        """The stream says what it is like."""
        self._failures = 0
        self._heartbeat_s = float(ready.get("heartbeat_s", FIRST_HEARTBEAT_S))

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        """Follow until the caller leaves. Errors other than 'not now' are the caller's."""
        while True:
            try:
                async with aclosing(self._connect()) as items:
                    async for item in items:
                        yield item
            except (httpx.TransportError, Busy, TimeoutError):
                self._failures += 1
            await asyncio.sleep(random.uniform(0, min(BACKOFF_MAX_S, 0.1 * 2 ** min(self._failures, 10))))

    async def _connect(self) -> AsyncGenerator[T, None]:
        """One connection's worth of items."""
        path, params, headers = self._address()
        timeout = httpx.Timeout(5.0, read=self._heartbeat_s * 2.5)
        asked = {"Accept": "text/event-stream", **headers}
        async with self._client.http.stream("GET", path, params=dict(params), headers=asked, timeout=timeout) as response:
            if not response.is_success:
                await response.aread()
                raise error_of(response)
            self.connects += 1
            async for frame in EventSource(response).aiter_sse():
                if frame.event == "bye":
                    self._part(json.loads(frame.data))
                    return
                if frame.event == "ready":
                    self._greet(json.loads(frame.data))
                elif (item := self._read(frame)) is not None:
                    yield item

    def _part(self, bye: Mapping[str, Any]) -> None:
        """A `bye` with a reason is a refusal: come back later, and later still the next time."""
        if "reason" in bye:
            raise Unavailable(f"The stream was refused: {bye['reason']}.")
