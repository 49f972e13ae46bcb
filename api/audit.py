"""What auditors take away: the state of the chain, exports, the evidence of a case."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.deps import Caller, TheBoard
from api.route import BoardRoute
from blackboard.audit import ChainState
from blackboard.chain import MAX_EXPORT
from blackboard.values import MAX_NUMBER

router = APIRouter(prefix="/v1", tags=["audit"], route_class=BoardRoute)

Position = Annotated[int | None, Query(ge=0, le=MAX_NUMBER)]


@router.get("/audit/chain")
async def show_chain(request: Request, board: TheBoard, who: Caller) -> ChainState:
    """How far the journal is sealed, under which root, and what is wrong with the newest seals."""
    return await board.show_chain(who, _public_key(request))


@router.get("/audit/export", response_model=None, responses={200: {"content": {"application/x-ndjson": {}}}})
async def export(
    request: Request,
    board: TheBoard,
    who: Caller,
    after: Position = None,
    upto: Position = None,
    limit: Annotated[int, Query(ge=1, le=MAX_EXPORT, description="Of events; whole slices are given, one at least.")] = 10_000,
) -> Response:
    """Sealed events, one a line, and a last line with their seals. The next page begins after the last seal's `last`."""
    *events, last = await board.export(who, after, upto, limit)
    lines = [*events, {**last, "public_key": _public_key(request)}]
    return Response(b"".join(orjson.dumps(line) + b"\n" for line in lines), media_type="application/x-ndjson")


@router.get("/cases/{case_id}/evidence", response_model=None)
async def show_evidence(case_id: UUID, request: Request, board: TheBoard, who: Caller) -> dict[str, Any]:
    """All that there is about a case, with the way from each of its events to a seal: to be verified without the board."""
    return await board.show_evidence(who, case_id, _public_key(request))


def _public_key(request: Request) -> str | None:
    return request.app.state.service.public_key  # type: ignore[no-any-return]  # app.state is untyped by design
