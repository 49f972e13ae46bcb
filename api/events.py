"""The journal over HTTP: a stream for those who follow, pages for those who read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from api.deps import Caller, TheHub
from api.sse import HEADERS, reply_stream, wants_json
from blackboard.errors import Invalid
from blackboard.hub import Filter
from blackboard.roles import demand

router = APIRouter(prefix="/v1", tags=["events"])

MAX_VALUES = 100
_KNOWN = {"case", "workflow", "capability", "agent", "type", "after", "limit"}

Values = Annotated[list[str], Query(max_length=MAX_VALUES)]


@router.api_route(
    "/events",
    methods=["GET", "HEAD"],
    response_model=None,
    responses={200: {"content": {"text/event-stream": {}, "application/json": {}}}},
)
async def events(
    request: Request,
    hub: TheHub,
    who: Caller,
    case: Annotated[list[UUID], Query(max_length=MAX_VALUES)] = [],  # noqa: B006  # FastAPI reads the default, never shares it
    workflow: Values = [],  # noqa: B006  # as above
    capability: Values = [],  # noqa: B006  # as above
    agent: Values = [],  # noqa: B006  # as above
    type: Values = [],  # noqa: A002, B006  # the name of the query parameter
    after: Annotated[str | None, Query(description="A cursor; `0` is the beginning.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Of journal entries looked at per JSON page.")] = 500,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events, or JSON pages with `Accept: application/json`.

    `Last-Event-ID` wins over `after`: it is the newer one when a browser reconnects. Without either, the stream starts now.
    """
    demand(who, "read the board")
    if unknown := set(request.query_params) - _KNOWN:
        raise Invalid(f"No such filter: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(_KNOWN))}.")
    wanted = Filter(case=case, workflow=workflow, capability=capability, agent=agent, type=type)
    start = last_event_id or after
    if wants_json(request.headers.get("accept", "")):
        found, cursor = await hub.page(who, wanted, start, limit)
        body = b'{"events":[%b],"next":"%b"}' % (b",".join(found), str(cursor).encode())
        return Response(body, media_type="application/json", headers=HEADERS)
    return reply_stream(request, hub.stream(who, wanted, start))
