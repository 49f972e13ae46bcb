"""The routes of the old services: those of the board, whose bodies are read without binary floats."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.route import BoardRoute
from api.strict import ExactRequest

# Below the ten seconds after which old clients hang up.
USUAL_WAIT_S = 8.0

WaitS = Annotated[
    float, Query(ge=0, le=55, description="How long to wait for the outcome; then 202, and `Location` says where it will be.")
]


class OldRoute(BoardRoute):
    """A route of an old service."""

    request_class = ExactRequest


def old_router() -> APIRouter:
    """A router of the old services, at the addresses that they had."""
    return APIRouter(tags=["old services"], route_class=OldRoute)
