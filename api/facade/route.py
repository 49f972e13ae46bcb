"""The routes of the old services: those of the board, whose bodies are read without binary floats."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.route import BoardRoute
from api.strict import ExactRequest
from blackboard.errors import Unavailable
from blackboard.horizon import Horizon

# Below the ten seconds after which old clients hang up.
USUAL_WAIT_S = 8.0
# Numbering what is committed takes milliseconds.
NUMBERED_IN_S = 2.0

WaitS = Annotated[
    float, Query(ge=0, le=55, description="How long to wait for the outcome; then 202, and `Location` says where it will be.")
]


class OldRoute(BoardRoute):
    """A route of an old service."""

    request_class = ExactRequest


def old_router() -> APIRouter:
    """A router of the old services, at the addresses that they had."""
    return APIRouter(tags=["old services"], route_class=OldRoute)


async def _everything_so_far(request: Request) -> int:
    horizon: Horizon = request.app.state.service.horizon
    cursor = await horizon.bound(NUMBERED_IN_S)
    if cursor is None:
        raise Unavailable("What was written last has no place in the journal yet. Ask again in a moment.")
    return cursor.position


# Old clients read what they have just written, and know no positions: they read after whatever is written by now.
SoFar = Annotated[int, Depends(_everything_so_far)]
