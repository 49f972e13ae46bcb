"""A client's connection: so many at a time, each request whole within its time, and a head that is not endless.

uvicorn gives a request all the time in the world: a head or a body that trickles, and a connection on which nothing is said,
would stay for ever. Here the clock runs while the board waits for the client, and rests while the client waits for the board:
streams and waiting claims are not touched by it.
"""

import asyncio
import hashlib
import ssl
import uuid
from collections import Counter
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import h11
import orjson
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from blackboard.config import ServiceSettings

# Where a request's scope has the SHA-256 of the certificate that its connection came with.
CERTIFICATE = "client_certificate"
# Of the request line and the headers together.
MAX_HEAD_BYTES = 64 * 1024
# How often late ones are looked for: one look at all of them, and no timer for each.
ROUND_S = 0.5
LINGER_S = 0.3
# A neighbourhood of IPv6 belongs to one customer.
_NEIGHBOURS = 64


class Limits(NamedTuple):
    """How many connections a process has, how many of one source, and in how many seconds a request must be there."""

    request_s: float
    connections: int
    per_source: int


class Guest(Protocol):
    """A connection as the door sees it."""

    source: str
    awaited_since: float | None

    def cut(self) -> None:
        """Hang up."""


class Door:
    """Counts who is in, and sends away whose request does not come to its end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._guests: set[Guest] = set()
        self._sources: Counter[str] = Counter()
        self._round: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._guests)

    def enter(self, guest: Guest) -> bool:
        """Whether there is room for one more, in all and of its source."""
        if len(self._guests) >= self._limits.connections or self._sources[guest.source] >= self._limits.per_source:
            return False
        self._guests.add(guest)
        self._sources[guest.source] += 1
        self._round = self._round or self._next_round()
        return True

    def leave(self, guest: Guest) -> None:
        """It has gone; whoever was never let in may say so too."""
        if guest in self._guests:
            self._guests.discard(guest)
            self._sources[guest.source] -= 1
            if not self._sources[guest.source]:
                del self._sources[guest.source]

    def _next_round(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(min(ROUND_S, self._limits.request_s), self._go_round)

    def _go_round(self) -> None:
        latest = asyncio.get_running_loop().time() - self._limits.request_s
        for guest in [each for each in self._guests if each.awaited_since is not None and each.awaited_since < latest]:
            guest.cut()
        self._round = self._next_round() if self._guests else None


if TYPE_CHECKING:
    # What the mixin stands before: both have what is used here.
    _Parsing = HttpToolsProtocol
else:
    _Parsing = object


class _Guarded(_Parsing):
    """What the two ways of parsing have in common."""

    def __init__(self, *args: Any, door: Door, **more: Any) -> None:
        super().__init__(*args, **more)
        self._door = door
        self._unread = 0
        self._is_over = False
        self.source = ""
        self.awaited_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Let it in, or say that the house is full."""
        super().connection_made(transport)
        self.source = _source_of(self.client)
        if certificate := _certificate_of(transport):
            self.app = partial(_with_certificate, self.app, certificate)
        self.awaited_since = self.loop.time()
        if not self._door.enter(self):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "Too many connections are open. Come again later.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room."""
        self._door.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The clock runs from the first byte of a request to its last; a head that does not end is not kept."""
        if self._is_over:
            return
        if self.awaited_since is None:
            self.awaited_since = self.loop.time()
        before = self.cycle
        was_in_head = self._is_in_head()
        super().data_received(data)
        if self._is_answering():
            self.awaited_since = None
        goes_on = was_in_head and self.cycle is before and self._is_in_head()
        self._unread = self._unread + len(data) if goes_on else 0
        if self._unread > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too-large", _LONG_HEAD)

    def on_response_complete(self) -> None:
        """What came of the next request meanwhile has its own time."""
        super().on_response_complete()
        if self._has_begun():
            self.awaited_since = self.loop.time()

    def cut(self) -> None:
        """The request did not come to its end in time."""
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "too-slow", "The request was not there in time. Send it again, in one go.")

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or can be read in two ways."""
        self._refuse(HTTPStatus.BAD_REQUEST, "malformed", msg)

    def _is_in_head(self) -> bool:
        """What comes next belongs to a request line or to headers."""
        raise NotImplementedError

    def _is_answering(self) -> bool:
        """A whole request is there, and its answer is not."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

    def _has_begun(self) -> bool:
        """Part of a request is there, and not all of it."""
        raise NotImplementedError

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """Say why, where that cannot be taken for the answer to another request, and hang up.

        What the client still sends is taken and thrown away for a moment: hung up on at once, it would not get to read why.
        """
        if self._is_over:
            return
        self._is_over = True
        cycle = self.cycle
        speaks = cycle is None or cycle.response_complete or not (self._is_answering() or cycle.response_started)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if not speaks or self.transport.is_closing():
            self.transport.close()
            return
        self.transport.write(_problem(status, code, detail))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)


class HttpToolsConnection(_Guarded, HttpToolsProtocol):
    """A connection that the C parser reads."""

    _in_head = True
    _begun = False

    def on_message_begin(self) -> None:
        """The first byte that is no blank line."""
        self._begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """An upgrade is not taken: what comes after it cannot be told from a request."""
        self._in_head = False
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """What comes next is another one."""
        self._in_head, self._begun = True, False
        super().on_message_complete()

    def _is_in_head(self) -> bool:
        return self._in_head

    def _has_begun(self) -> bool:
        return self._begun


class H11Connection(_Guarded, H11Protocol):  # type: ignore[misc]  # the two parsers have no common base
    """A connection that the parser in Python reads."""

    def _is_in_head(self) -> bool:
        return bool(self.conn.their_state is h11.IDLE)

    def _has_begun(self) -> bool:
        return bool(self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0])


_LONG_HEAD = f"The request line and the headers may have {MAX_HEAD_BYTES} bytes together."


def protocol(settings: ServiceSettings) -> Any:
    """What uvicorn makes of each connection."""
    door = Door(Limits(settings.request_s, settings.max_sockets, settings.max_sockets_per_source))
    return partial(HttpToolsConnection if settings.parser == "httptools" else H11Connection, door=door)


def server_config(app: Any, settings: ServiceSettings, **more: Any) -> uvicorn.Config:
    """How the board is served: no log of its own, nothing said of what it runs on, and every connection at the door."""
    return uvicorn.Config(
        app,
        http=protocol(settings),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        **_encryption(settings),
        **more,
    )


def _certificate_of(transport: asyncio.Transport) -> bytes | None:
    """The SHA-256 of what the client proved to hold, by the authority that the settings name."""
    encrypted = transport.get_extra_info("ssl_object")
    certificate = encrypted.getpeercert(binary_form=True) if encrypted else None
    return hashlib.sha256(certificate).digest() if certificate else None


async def _with_certificate(app: ASGIApp, certificate: bytes, scope: Scope, receive: Receive, send: Send) -> None:
    scope[CERTIFICATE] = certificate
    await app(scope, receive, send)


def _encryption(settings: ServiceSettings) -> dict[str, Any]:
    """TLS as the settings say: a client's certificate is asked for, and looked at by who binds a key to it."""
    if settings.tls_certificate is None:
        return {}
    asked = {"ssl_ca_certs": str(settings.tls_client_ca), "ssl_cert_reqs": ssl.CERT_OPTIONAL} if settings.tls_client_ca else {}
    return {"ssl_certfile": str(settings.tls_certificate), "ssl_keyfile": settings.tls_key and str(settings.tls_key), **asked}


def _source_of(client: tuple[str, int] | None) -> str:
    host = client[0] if client else ""
    if ":" not in host:
        return host
    address = ip_address(host.partition("%")[0])
    return str(address if address.version == 4 else ip_network((int(address), _NEIGHBOURS), strict=False))


def _problem(status: HTTPStatus, code: str, detail: str) -> bytes:
    """A problem document on the wire, as the application would have written it."""
    body = orjson.dumps(
        {
            "type": f"urn:blackboard:problem:{code}",
            "title": code.replace("-", " ").capitalize(),
            "status": int(status),
            "detail": detail,
            "request_id": uuid.uuid4().hex,
        }
    )
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n"
    )
    retry = "retry-after: 1\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
    return f"{head}{retry}\r\n".encode() + body
