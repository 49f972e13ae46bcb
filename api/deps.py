"""How a route gets the board, the caller and the caller's idempotency key."""

import hashlib
import re
from http import HTTPStatus
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.connection import CERTIFICATE
from api.fanout import SlowReaders
from api.gate import Arrival, Gate
from api.toll import enter
from blackboard.answers import encode
from blackboard.board import Board
from blackboard.dealer import Dealer
from blackboard.errors import Invalid, KeyMissing, NotPermitted, SignInAgain
from blackboard.hub import Hub
from blackboard.once import Answered, Once, canonical
from blackboard.read_store import ReadStore
from blackboard.values import Principal

# The prefix makes browsers take it from this very host alone, over TLS or from one's own machine, and for every path.
LOGIN_COOKIE = "__Host-blackboard"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,255}")

T = TypeVar("T", bound=BaseModel)


# Plain functions would each be a trip to a worker thread: 2 ms of a request's 4.
async def _board(request: Request) -> Board:
    return request.app.state.service.board  # type: ignore[no-any-return]  # app.state is untyped by design


async def _hub(request: Request) -> Hub:  # as above
    return request.app.state.service.hub  # type: ignore[no-any-return]  # as above


async def _gate(request: Request) -> Gate:  # as above
    return request.app.state.service.gate  # type: ignore[no-any-return]  # as above


async def _slow_readers(request: Request) -> SlowReaders:  # as above
    return request.app.state.service.slow_readers  # type: ignore[no-any-return]  # as above


async def _dealer(request: Request) -> Dealer:  # as above
    return request.app.state.service.dealer  # type: ignore[no-any-return]  # as above


async def _reads(request: Request) -> ReadStore:  # as above
    return request.app.state.service.reads  # type: ignore[no-any-return]  # as above


async def identify(request: Request, gate: Gate, authorization: str | None) -> Principal:
    """Who asks: by the key in the header; in a browser, which sends none, by the cookie of its login."""
    login = login_of(request)
    if authorization is not None or login is None:
        return await gate.identify(authorization, arrival_of(request))
    if request.method not in _SAFE and not _is_of_this_site(request):
        raise NotPermitted("A page of another site may not act with your login. Open the dashboard of this board.")
    return await gate.identify_login(login, arrival_of(request).certificate)


def arrival_of(request: Request) -> Arrival:
    """How the request came, as its connection and its headers say."""
    return Arrival(source_of(request), request.scope.get(CERTIFICATE), request.headers.get("blackboard-tenant"))


def source_of(request: Request) -> str:
    """The address that a request comes from; behind a proxy that uvicorn was told to trust, the one that the proxy names."""
    return request.client.host if request.client else ""


def login_of(request: Request) -> str | None:
    """The cookie by which the caller is known; None when a key is sent."""
    return None if "authorization" in request.headers else request.cookies.get(LOGIN_COOKIE)


def _is_of_this_site(request: Request) -> bool:
    """Browsers say from which site a page comes whenever it changes something; no script can make them say otherwise."""
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")


async def _caller(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> Principal:
    return await admit(request, await identify(request, request.app.state.service.gate, authorization))


async def admit(request: Request, who: Principal) -> Principal:
    """Let a caller in who is known, if there is room for it and its limits let it through."""
    service = request.app.state.service
    await enter(request, who, service.rates, service.crowd, service.turns)
    return who


async def _approver(request: Request, who: Annotated[Principal, Depends(_caller)]) -> Principal:
    """The caller, who has shown the key just now, or within the last quarter of an hour in a browser."""
    login = login_of(request)
    if login is not None and not request.app.state.service.gate.read_login(login).is_fresh:
        raise SignInAgain("You signed in a while ago, and approving asks for your key again: POST /v1/login with it, repeat.")
    return who


async def _once(
    request: Request,
    who: Annotated[Principal, Depends(_caller)],
    idempotency_key: Annotated[str | None, Header(description="Makes a repeat of this request safe.")] = None,
) -> Once:
    """The key of a write. It belongs to tenant, principal and route; the body counts by content, not by layout."""
    if idempotency_key is None:
        raise KeyMissing("Send the header Idempotency-Key with a fresh random value, and the same value when you repeat.")
    del who  # Asked first: a caller without a key of the board learns nothing about idempotency keys.
    return Once(f"{request.method} {request.url.path}", _checked(idempotency_key), await _print(request))


async def _once_if_sent(
    request: Request,
    who: Annotated[Principal, Depends(_caller)],
    idempotency_key: Annotated[str | None, Header(description="Makes a repeat of this request safe.")] = None,
) -> Once | None:
    """The same, for a write that is done once by its own nature: repeated without a key it finds what it did."""
    del who  # As above.
    key = None if idempotency_key is None else _checked(idempotency_key)
    print_ = await _print(request)
    return None if key is None else Once(f"{request.method} {request.url.path}", key, print_)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise Invalid("An Idempotency-Key is 1 to 255 characters of A-Z a-z 0-9 _ . : -")
    return key


async def _print(request: Request) -> bytes:
    """The fingerprint of the body, which is JSON or is not there."""
    if await request.body() and "json" not in request.headers.get("content-type", ""):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = await request.json() if await request.body() else None
    return hashlib.sha256(canonical(body)).digest()


def reply(response: Response, answered: Answered[T]) -> T:
    """The answer's body; a repeated one says so in a header."""
    if answered.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return answered.value


def reply_encoded(answered: Answered[T]) -> Response:
    """The same for answers of a hundred tasks: a task costs 2 us this way and 50 as a response model."""
    headers = {"Idempotency-Replayed": "true"} if answered.replayed else None
    return Response(encode(dict(answered.value)), media_type="application/json", headers=headers)


TheBoard = Annotated[Board, Depends(_board)]
TheHub = Annotated[Hub, Depends(_hub)]
TheReads = Annotated[ReadStore, Depends(_reads)]
TheGate = Annotated[Gate, Depends(_gate)]
TheDealer = Annotated[Dealer, Depends(_dealer)]
TheSlowReaders = Annotated[SlowReaders, Depends(_slow_readers)]
Caller = Annotated[Principal, Depends(_caller)]
Approver = Annotated[Principal, Depends(_approver)]
OnceKey = Annotated[Once, Depends(_once)]
OnceKeyIfSent = Annotated[Once | None, Depends(_once_if_sent)]
