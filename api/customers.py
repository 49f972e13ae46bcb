"""What is done with all that the board knows of a customer."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.reports import Erased
from blackboard.values import Frozen, Text

router = APIRouter(prefix="/v1", tags=["customers"], route_class=BoardRoute)


class Because(Frozen):
    """Why; it is kept in the journal, so it must not name the customer."""

    reason: Text


@router.post("/customers/{customer}/erase")
async def erase_customer(
    customer: Annotated[str, Path(min_length=1, max_length=200)],
    why: Because,
    board: TheBoard,
    who: Caller,
    once: OnceKey,
    response: Response,
) -> Erased:
    """Take out what tells of a customer whose cases have ended. Cut off in the middle, it goes on when asked again."""
    named = once._replace(print=hashlib.sha256(once.print + customer.encode()).digest())
    return reply(response, await board.erase_customer(who, customer, why.reason, named))
