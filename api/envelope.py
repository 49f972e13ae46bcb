"""What surrounds every request: an id, a head that says one thing, and a limit on its body.

Pure ASGI, so that nothing stands in a stream's way.
"""

import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024
MAX_ADDRESS_BYTES = 64 * 1024
# What is left of a request that was refused is not waited for.
_CLOSE = {"Connection": "close"}
# Two of these would leave open which one counts.
_ONCE = frozenset(
    {
        *(b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"expect"),
        *(b"authorization", b"idempotency-key", b"last-event-id", b"if-match", b"origin"),
    }
)
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?")


class RequestId:
    """Gives each request an id that its answer and its problems carry."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = uuid.uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("X-Request-Id", request_id)
            await send(message)

        await self._app(scope, receive, send_with_id)


class Fault(NamedTuple):
    """What is wrong with a head."""

    status: HTTPStatus
    code: str
    detail: str


class CleanHead:
    """Refuses what a proxy before the board may have read in another way than the board, and more headers than anybody needs.

    The connection is closed with the refusal: nobody knows where the next request begins. Parsers refuse most of it before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        fault = _find_fault(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        refusal = problem(Request(scope), fault.status, fault.code, fault.detail, headers=_CLOSE)
        await refusal(scope, receive, send)


def _find_fault(scope: Scope) -> Fault | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    once = {name: value for name, value in headers if name in _ONCE}
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
        detail = f"A request may have {MAX_HEADERS} headers, and {MAX_HEADER_BYTES} bytes of them."
        return Fault(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too-large", detail)
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
        return Fault(HTTPStatus.REQUEST_URI_TOO_LONG, "too-large", f"An address may have {MAX_ADDRESS_BYTES} bytes.")
    if len(once) < sum(name in _ONCE for name, _ in headers):
        return _malformed("A header that may stand there once stands there twice.")
    return _find_unclear(scope, once) or _find_unknown(once)


def _find_unclear(scope: Scope, once: Mapping[bytes, bytes]) -> Fault | None:
    """Where the request goes, and where it ends."""
    version = scope["http_version"]
    if version not in ("1.0", "1.1"):
        return Fault(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "http", "Speak HTTP/1.1.")
    if not _HOST.fullmatch(once.get(b"host", b"" if version == "1.1" else b"none")):
        return _malformed("The header Host must name a host, and its port if need be.")
    if not scope["path"].startswith("/") or b"#" in scope["raw_path"]:
        return _malformed("The address must begin with a slash and have no fragment.")
    coded = once.get(b"transfer-encoding")
    if coded is not None and (coded.lower() != b"chunked" or version == "1.0" or b"content-length" in once):
        return _malformed("Send Content-Length, or in HTTP/1.1 Transfer-Encoding: chunked; nothing else, and not both.")
    return None


def _find_unknown(once: Mapping[bytes, bytes]) -> Fault | None:
    """What the body was made into, and what is expected before it is sent."""
    if once.get(b"content-encoding", b"identity").lower() != b"identity":
        return Fault(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "encoded", "Send the body as it is, without Content-Encoding.")
    if once.get(b"expect", b"100-continue").lower() != b"100-continue":
        return Fault(HTTPStatus.EXPECTATION_FAILED, "http", "Nothing but 100-continue can be expected.")
    return None


def _malformed(detail: str) -> Fault:
    return Fault(HTTPStatus.BAD_REQUEST, "malformed", detail)


class BodyLimit:
    """Refuses a body that is too large before it is read: by its announced length, and by what really comes."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        announced = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if announced.isdigit() and int(announced) > self._max_bytes:
            detail = f"The body may have {self._max_bytes} bytes. Send less at a time."
            refusal = problem(Request(scope), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
            await refusal(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_counted, send)
