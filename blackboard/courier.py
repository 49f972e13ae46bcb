"""Carries one letter to one address and says what became of it: signed, within a time limit, and never where a redirect leads.

The signature is that of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
"""

import asyncio
import base64
import hmac
import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import httpcore

from blackboard.addresses import Guard
from blackboard.errors import Invalid
from blackboard.trust import trust

SEND_LIMIT_S = 10.0
MAX_ANSWER_BYTES = 4096
MAX_WAIT_S = 3600.0
MAX_CONNECTIONS = 100
_PREFIX = "whsec_"
_WAITERS = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# The library's errors have no base of their own.
_FAILED = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,
    Invalid,
)


class Letter(NamedTuple):
    """What is to be sent where. `id` is the same whenever the same is sent again; each secret signs."""

    id: str
    url: str
    body: bytes
    secrets: Sequence[str]


class Receipt(NamedTuple):
    """What became of a letter: the status of the answer, or why there is none; and how long to wait, when that was said."""

    status: int | None
    error: str = ""
    wait_s: float | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether it was taken."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def is_gone(self) -> bool:
        """Whether nobody lives there any more, for good."""
        return self.status == HTTPStatus.GONE


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the very address that was judged, so that a name which changes in between leads nowhere else.

    The name stays what the connection is for: in the Host header, and in the certificate that is asked for.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The first of the host's addresses that answers."""
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self._guard.find(host, port):
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def sleep(self, seconds: float) -> None:
        """Between tries of the library's own, of which there are none."""
        await self._plain.sleep(seconds)


class Courier:
    """One pool of connections for all letters. Knows no proxy and follows no redirect."""

    def __init__(self, guard: Guard, *, limit_s: float = SEND_LIMIT_S) -> None:
        self._guard = guard
        self._limit_s = limit_s
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust(),
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=15.0,
            network_backend=GuardedNetwork(guard),
        )

    async def deliver(self, letter: Letter) -> Receipt:
        """Send a letter once."""
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._post(letter)
        except TimeoutError:
            return Receipt(None, f"no answer within {self._limit_s:g} s")
        except _FAILED as error:
            return Receipt(None, f"{type(error).__name__}: {error}"[:300])

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def _post(self, letter: Letter) -> Receipt:
        target = self._guard.parse(letter.url)
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        headers = [("Host", target.authority), ("User-Agent", "blackboard"), *sign(letter, int(time.time())).items()]
        async with self._pool.stream("POST", url, headers=headers, content=letter.body) as answer:
            await _read_some(answer)
            return _judge(answer.status, {name.lower(): value for name, value in answer.headers})


def mint_secret() -> str:
    """A fresh secret to sign with: 256 random bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(letter: Letter, at: int) -> dict[str, str]:
    """The headers of a letter that is sent at this second, with a signature by each secret."""
    signed = f"{letter.id}.{at}.".encode() + letter.body
    keys = [base64.b64decode(secret.removeprefix(_PREFIX)) for secret in letter.secrets]
    return {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": letter.id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in keys),
    }


async def _read_some(answer: httpcore.Response) -> None:
    """A short answer is read to its end, so that the connection can be used again; of a long one no more than this."""
    read = 0
    async for chunk in answer.aiter_stream():
        read += len(chunk)
        if read > MAX_ANSWER_BYTES:
            break


def _judge(status: int, headers: dict[bytes, bytes]) -> Receipt:
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return Receipt(status)
    wait_s = read_wait(headers.get(b"retry-after", b"").decode("latin-1")) if status in _WAITERS else None
    moved = ", which is not followed: put the webhook's new url" if 300 <= status < 400 else ""
    return Receipt(status, f"answered {status}{moved}", wait_s)


def read_wait(text: str) -> float | None:
    """The seconds that a Retry-After asks for, a number or a date, at most an hour; None when it says nothing."""
    if text.isascii() and text.isdigit():
        return min(MAX_WAIT_S, float(text[:10]))
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(MAX_WAIT_S, max(0.0, (aware - datetime.now(UTC)).total_seconds()))
    return None
