"""Claimed tasks as a stream: one connection in place of a request per task."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import Caller, TheDealer
from api.sse import reply_stream, wants_json
from blackboard.errors import Invalid
from blackboard.requests import ClaimRequest
from blackboard.values import MAX_CREDIT, MAX_LEASE_S, Name

router = APIRouter(prefix="/v1", tags=["tasks"])

_KNOWN = {"capability", "credit", "lease_s", "session_id"}


@router.head("/claims/stream", response_model=None, include_in_schema=False)
@router.get(
    "/claims/stream",
    response_model=None,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def stream_claims(
    request: Request,
    dealer: TheDealer,
    who: Caller,
    capability: Annotated[list[Name], Query(min_length=1, max_length=50)],
    credit: Annotated[int, Query(ge=1, le=MAX_CREDIT, description="How many tasks may be undecided at once.")] = 1,
    lease_s: Annotated[int | None, Query(ge=1, le=MAX_LEASE_S)] = None,
    session_id: Annotated[UUID | None, Query(description="What this session holds already takes up credit.")] = None,
) -> Response:
    """Tasks as they become ready, each yours alone; the next one when you have ended one, by whatever request.

    A connection that breaks gives back what you have not yet written about (heartbeat, fact, action); `bye` takes nothing back.
    """
    if unknown := set(request.query_params) - _KNOWN:
        raise Invalid(f"No such parameter: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(_KNOWN))}.")
    if wants_json(request.headers.get("accept", "")):
        raise Invalid("Claims come as text/event-stream here; POST /v1/claims answers with JSON.")
    wish = ClaimRequest(capabilities=capability, lease_s=lease_s, session_id=session_id)
    await dealer.admit(who, wish)
    return reply_stream(request, dealer.stream(who, wish, credit))
