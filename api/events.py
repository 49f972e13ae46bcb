"""The journal over HTTP: a stream for those who follow, pages for those who read. What stands on the wire: STREAM.md."""

from typing import Annotated
from urllib.parse import unquote_to_bytes
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AwareDatetime, Field

from api.deps import Caller, TheGate, TheHub, TheSlowReaders, admit, identify
from api.fanout import StreamResponse
from api.route import BoardRoute
from api.sse import HEADERS, wants_json
from blackboard.errors import Invalid
from blackboard.filters import MAX_FILTERS, MAX_VALUES, Filter, Value, parse_filter
from blackboard.hub import Hub, Wanted
from blackboard.roles import demand
from blackboard.values import Frozen, Principal

router = APIRouter(prefix="/v1", tags=["events"], route_class=BoardRoute)

TICKET_S = 60.0
MAX_PACE_MS = 1000
# Agents act on what they hear; people look at it, and a write per event for each of a thousand dashboards is what costs.
_PACE_MS = {"agent": 0}
_PACE_OF_PEOPLE_MS = 100
_FIELDS = {"case", "workflow", "stage", "capability", "agent", "type", "filter"}
_KNOWN = {*_FIELDS, "after", "limit", "pace_ms", "fold", "ticket", "min_position"}

Values = Annotated[list[Value], Query(max_length=MAX_VALUES)]


class TicketRequest(Frozen):
    """The filters that the ticket is for, each like the parameter `filter`; none for everything."""

    filters: Annotated[tuple[str, ...], Field(max_length=MAX_FILTERS)] = ()


class TicketAnswer(Frozen):
    """A ticket for `GET /v1/events?ticket=`. It opens one stream, until then."""

    ticket: str
    expires_at: AwareDatetime


@router.post("/events/tickets", status_code=201)
async def issue_ticket(gate: TheGate, who: Caller, asked: TicketRequest) -> TicketAnswer:
    """A ticket for a browser's EventSource, which can send no header.

    Needs no Idempotency-Key: a ticket that was asked for twice is two, and each is worth nothing after a minute.
    """
    demand(who, "read the board")
    filters = [parse_filter(text) for text in asked.filters]
    ticket, until = await gate.issue_ticket(who, [each.model_dump(mode="json") for each in filters], TICKET_S)
    return TicketAnswer(ticket=ticket, expires_at=until)


@router.head("/events", response_model=None, include_in_schema=False)
@router.get(
    "/events",
    response_model=None,
    responses={200: {"content": {"text/event-stream": {}, "application/json": {}}}},
)
async def events(
    request: Request,
    hub: TheHub,
    gate: TheGate,
    slow: TheSlowReaders,
    case: Annotated[list[UUID], Query(max_length=MAX_VALUES)] = [],  # noqa: B006  # FastAPI reads the default, never shares it
    workflow: Values = [],  # noqa: B006  # as above
    stage: Values = [],  # noqa: B006  # as above
    capability: Values = [],  # noqa: B006  # as above
    agent: Values = [],  # noqa: B006  # as above
    type: Values = [],  # noqa: A002, B006  # the name of the query parameter
    filter: Annotated[  # noqa: A002  # the name of the query parameter
        list[str], Query(max_length=MAX_FILTERS, description="Several on one stream: `stage:review,workflow:loan`.")
    ] = [],  # noqa: B006  # as above
    after: Annotated[str | None, Query(description="A cursor; `0` is the beginning.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Of journal entries looked at per JSON page.")] = 500,
    pace_ms: Annotated[int | None, Query(ge=0, le=MAX_PACE_MS, description="The least time between two writes.")] = None,
    fold: Annotated[bool, Query(description="Per write the newest event of each case alone.")] = False,
    ticket: Annotated[str | None, Query(description="Instead of a key; from `POST /v1/events/tickets`.")] = None,
    min_position: Annotated[str | None, Query(description="Answer when this process has read up to this cursor.")] = None,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events, or JSON pages with `Accept: application/json`.

    `Last-Event-ID` wins over `after`: it is the newer one when a browser reconnects. Without either, the stream starts now.
    """
    del min_position  # The route has waited for it.
    demand_known(request)
    plain = Filter(case=case, workflow=workflow, stage=stage, capability=capability, agent=agent, type=type)
    filters = asked_filters(plain, filter)
    if ticket is None:
        who = await identify(request, gate, authorization)
    else:
        who, bound = await gate.spend_ticket(ticket)
        filters = _as_bound(filters, [Filter.model_validate(each) for each in bound])
    await admit(request, who)
    demand(who, "read the board")
    wanted = Wanted(filters or (Filter(),), last_event_id or after, pace_s(who, pace_ms), fold)
    if wants_json(request.headers.get("accept", "")):
        return await _page(hub, who, wanted, limit)
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=HEADERS)
    return StreamResponse(hub.stream(who, wanted), slow)


async def _page(hub: Hub, who: Principal, wanted: Wanted, limit: int) -> Response:
    found, cursor = await hub.page(who, wanted, limit)
    body = b'{"events":[%b],"next":"%b"}' % (b",".join(found), str(cursor).encode())
    return Response(body, media_type="application/json", headers=HEADERS)


def demand_known(request: Request) -> None:
    """Refuse what cannot be read, and what would otherwise be passed over: a misspelt filter would show everything."""
    try:
        unquote_to_bytes(request.url.query).decode()
    except UnicodeDecodeError as error:
        raise Invalid("The query is not UTF-8. Percent-encode its values as UTF-8.") from error
    if unknown := set(request.query_params) - _KNOWN:
        raise Invalid(f"No such parameter: {', '.join(sorted(unknown))[:200]}. There are: {', '.join(sorted(_KNOWN))}.")


def asked_filters(plain: Filter, several: list[str]) -> tuple[Filter, ...]:
    """The filters of a request: the one that its fields make, or those of `filter`; none when it names neither."""
    if several and plain != Filter():
        raise Invalid("Give the fields of one filter, or `filter` several times; not both.")
    return tuple(parse_filter(text) for text in several) or (() if plain == Filter() else (plain,))


def _as_bound(asked: tuple[Filter, ...], bound: list[Filter]) -> tuple[Filter, ...]:
    """The ticket's filters; a request may repeat them and ask for nothing else."""
    if asked and set(asked) != set(bound):
        raise Invalid("The ticket was made for other filters. Ask for a ticket with these.")
    return tuple(bound)


def pace_s(who: Principal, asked_ms: int | None) -> float:
    """The least time between two writes: what was asked for, or what is usual for the role."""
    return (_PACE_MS.get(who.role, _PACE_OF_PEOPLE_MS) if asked_ms is None else asked_ms) / 1000
