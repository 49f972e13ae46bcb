"""The way into the bank: who is let in, how a request is read, and what every handler needs."""

import hmac
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute, APIRouter
from starlette.exceptions import HTTPException

from agents.bank.callbacks import Caller
from agents.bank.faults import Misbehaviour
from agents.bank.ledger import Ledger
from agents.bank.refusals import Refusal
from blackboard import strict
from blackboard.errors import Malformed

V = TypeVar("V")

_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,255}")


class _Request(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict.parse(await self.body())
            except Malformed as error:
                raise HTTPException(400, error.detail) from error
        return self._json


class _Route(APIRoute):
    """Reads strictly, and misbehaves where it is told to."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            misbehaviour: Misbehaviour = request.app.state.misbehaviour
            return await misbehaviour.meet(_Request(request.scope, request.receive), handle)

        return strictly


def _let_in(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> None:
    keys: list[bytes] = request.app.state.keys
    if not any(_matches(authorization, key) for key in keys):
        raise Refusal("unauthenticated")


def _administrator(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> None:
    _let_in(request, authorization)
    if not is_administrator(request):
        raise Refusal("not-administrator")


def is_administrator(request: Request) -> bool:
    """Whether it comes with the administrator's key."""
    keys: list[bytes] = request.app.state.keys
    return any(_matches(request.headers.get("Authorization"), key) for key in keys[1:])


def _matches(authorization: str | None, expected: bytes) -> bool:
    scheme, _, key = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(key.strip().encode("utf-8", "replace"), expected)


def _effect_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise Refusal("key-missing")
    return idempotency_key


def _ledger(request: Request) -> Ledger:
    return request.app.state.ledger  # type: ignore[no-any-return]  # app.state is untyped by design


def _misbehaviour(request: Request) -> Misbehaviour:
    return request.app.state.misbehaviour  # type: ignore[no-any-return]  # app.state is untyped by design


def _caller(request: Request) -> Caller:
    return request.app.state.caller  # type: ignore[no-any-return]  # app.state is untyped by design


TheLedger = Annotated[Ledger, Depends(_ledger)]
TheMisbehaviour = Annotated[Misbehaviour, Depends(_misbehaviour)]
TheCaller = Annotated[Caller, Depends(_caller)]
EffectKey = Annotated[str, Depends(_effect_key)]


def counter() -> APIRouter:
    """Routes for whoever has the bank's key; here it may misbehave."""
    return APIRouter(route_class=_Route, dependencies=[Depends(_let_in)])


def back_office() -> APIRouter:
    """Routes for whoever has the administrator's key; here it behaves."""
    return APIRouter(dependencies=[Depends(_administrator)])


def found(value: V | None, code: str) -> V:
    """A value, or the refusal."""
    if value is None:
        raise Refusal(code)
    return value


def text(value: str, code: str) -> str:
    """A text that the database can hold; what it cannot hold, it does not have."""
    if "\0" in value or len(value) > 255:
        raise Refusal(code)
    return value
