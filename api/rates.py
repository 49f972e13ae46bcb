"""How fast callers may ask: what limits there are, and setting them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Told
from blackboard.rate_limit import LimitInForce, RateLimit
from blackboard.rates import Rates
from blackboard.values import Name

router = APIRouter(prefix="/v1", tags=["control"], route_class=BoardRoute)


async def _rates(request: Request) -> Rates:
    return request.app.state.service.rates  # type: ignore[no-any-return]  # app.state is untyped by design


TheRates = Annotated[Rates, Depends(_rates)]


@router.get("/limits")
async def list_limits(board: TheBoard, who: Caller) -> list[LimitInForce]:
    """How fast your tenant may ask: what operators set, and what is usual where they set nothing of that name."""
    return await board.list_limits(who)


@router.put("/limits")
async def put_limit(
    limit: RateLimit, board: TheBoard, rates: TheRates, who: Caller, once: OnceKey, response: Response
) -> RateLimit:
    """Set a limit, or replace the one of that name; `tenant` and `key` are the usual ones. All processes know within 5 s."""
    told = reply(response, await board.put_limit(who, limit, once))
    rates.forget(who.tenant_id)
    return told


@router.delete("/limits/{name}")
async def drop_limit(name: Name, board: TheBoard, rates: TheRates, who: Caller, once: OnceKey, response: Response) -> Told:
    """Lift a limit. A usual one holds again as it usually does."""
    told = reply(response, await board.drop_limit(who, name, once))
    rates.forget(who.tenant_id)
    return told
