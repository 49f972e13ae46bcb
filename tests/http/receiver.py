"""A system that takes webhooks: a real server on a port of its own, which answers as it is told to."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import orjson
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.__main__ import listen

WAIT_LIMIT_S = 30.0


class Arrival(NamedTuple):
    """A delivery as it came in, and the status that it was answered with."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        """By which a receiver drops what it has."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        return dict(orjson.loads(self.body))

    def is_signed_by(self, secret: str) -> bool:
        """Whether one of the signatures is that of the secret."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        return wanted in self.headers["webhook-signature"].split()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the test run's signals alone."""
        yield


class Receiver:
    """Remembers what arrived. `answers` are given in turn, the last of them for ever."""

    def __init__(self, port: int = 0) -> None:
        self.arrived: list[Arrival] = []
        self.answers: list[Response] = [Response(status_code=204)]
        self.gate = asyncio.Event()
        self.gate.set()
        self._news = asyncio.Condition()
        self._port = port

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}/hooks"

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The events that were taken, each once, in the order in which each first arrived."""
        first: dict[str, dict[str, Any]] = {}
        for arrival in self.arrived:
            if arrival.status < 300:
                first.setdefault(arrival.id, arrival.event)
        return list(first.values())

    async def until(self, fact: Callable[[list[Arrival]], bool]) -> list[Arrival]:
        """Wait until the arrivals are such."""
        async with asyncio.timeout(WAIT_LIMIT_S), self._news:
            await self._news.wait_for(lambda: fact(self.arrived))
        return self.arrived

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        """Listen until the block ends; another time at the same port."""
        sock = listen("127.0.0.1", self._port)
        self._port = sock.getsockname()[1]
        server = _Server(uvicorn.Config(self, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        try:
            yield self
        finally:
            self.gate.set()
            server.should_exit = True
            await serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one delivery."""
        request = Request(scope, receive)
        body = await request.body()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        async with self._news:
            self.arrived.append(Arrival(dict(request.headers), body, answer.status_code))
            self._news.notify_all()
        await self.gate.wait()
        await answer(scope, receive, send)
