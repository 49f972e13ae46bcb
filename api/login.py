"""Signing in: a person's key is exchanged for a cookie that scripts cannot read, so that no page keeps a key."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.deps import LOGIN_COOKIE, Caller, TheGate
from api.gate import LOGIN_S
from api.route import BoardRoute
from blackboard.roles import PERMITTED
from blackboard.values import Frozen, Principal

router = APIRouter(prefix="/v1", tags=["login"], route_class=BoardRoute)


class Me(Frozen):
    """Who is asking, as the credential says."""

    agent: str
    owner: str
    tenant: str
    role: str
    capabilities: Annotated[list[str], Field(description="What this agent may claim.")]
    may: Annotated[list[str], Field(description="What the role allows.")]


@router.get("/me")
async def show_me(who: Caller) -> Me:
    """Whose credential this is."""
    return _me(who)


@router.post("/login")
async def sign_in(gate: TheGate, who: Caller, response: Response) -> Me:
    """A cookie for the key in the header, for a working day. It is worth nothing once the key is revoked.

    Needs no Idempotency-Key: signing in twice changes nothing on the board.
    """
    # __Host- and Secure: of this host alone, over TLS or to one's own machine. Strict: sent by no other site's page.
    response.set_cookie(
        LOGIN_COOKIE, gate.issue_login(who), max_age=LOGIN_S, path="/", secure=True, httponly=True, samesite="strict"
    )
    return _me(who)


@router.delete("/login", status_code=204)
async def sign_out() -> Response:
    """Let the browser forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(LOGIN_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


def _me(who: Principal) -> Me:
    return Me(
        agent=who.agent,
        owner=who.owner,
        tenant=who.tenant,
        role=who.role,
        capabilities=sorted(who.capabilities),
        may=sorted(verb for verb, roles in PERMITTED.items() if who.role in roles),
    )
