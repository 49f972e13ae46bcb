"""Signing in: a person's key is exchanged for a cookie that scripts cannot read, so that no page keeps a key."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, Field

from api.cookie import IDLE_S
from api.deps import LOGIN_COOKIE, Caller, TheGate, login_of
from api.route import BoardRoute
from blackboard.roles import allowed
from blackboard.values import Frozen, Principal, Scope

router = APIRouter(prefix="/v1", tags=["login"], route_class=BoardRoute)


class Me(Frozen):
    """Who is asking, as the credential says."""

    agent: str
    owner: str
    tenant: str
    role: str
    capabilities: Annotated[list[str], Field(description="What this agent may claim.")]
    may: Annotated[list[str], Field(description="What the role allows, and the key.")]
    key_id: Annotated[str, Field(description="Which key this is; it proves nothing.")]
    scope: Annotated[Scope | None, Field(description="What the key is bound to beside the role; null is nothing.")]
    expires_at: AwareDatetime | None


@router.get("/me")
async def show_me(who: Caller) -> Me:
    """Whose credential this is."""
    return _me(who)


@router.post("/login")
async def sign_in(gate: TheGate, who: Caller, request: Request, response: Response) -> Me:
    """A cookie for the key in the header, worth nothing once the key is revoked. Sent again by its cookie alone, it lives on.

    It lives for half an hour after it was sent last, and for a working day after the key was shown, whichever ends first.
    Needs no Idempotency-Key: signing in twice changes nothing on the board.
    """
    kept = login_of(request)
    signed_in = None if kept is None else gate.read_login(kept).signed_in
    # __Host- and Secure: of this host alone, over TLS or to one's own machine. Strict: sent by no other site's page.
    response.set_cookie(
        LOGIN_COOKIE,
        gate.issue_login(who, signed_in),
        max_age=IDLE_S,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
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
        may=allowed(who),
        key_id=who.key_id,
        scope=who.scope,
        expires_at=who.expires_at,
    )
