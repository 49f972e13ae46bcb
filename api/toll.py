"""What every request with a key passes before its work is done: its limits, whether there is room, and its tenant's turn."""

import asyncio
import random
from collections.abc import MutableMapping
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders

from blackboard.admission import Crowd, Rank
from blackboard.errors import Overloaded, TooManyRequests
from blackboard.rates import Rates, Standing
from blackboard.turns import Turns
from blackboard.values import Principal

# Whoever comes again before the moment that it was told waits for the next no: repeating at once costs it time, and us little.
PAUSE_S = 1.0
# Or all that were sent away together would come again together, and keep everybody waiting while they are told no.
SPREAD = (0.5, 1.5)
# Requests in work at once: more do not get done sooner, each waits for the processor between any two of its steps. While other
# tenants are about, so many may be one tenant's, and the others wait behind no more of it (`make bench-fairness`). With fewer a
# batch of claims or decisions has too few to be worth much.
AT_WORK = 32
AT_WORK_OF_TENANT = 8
# Whoever waits for longer has lost its client, or will.
TURN_LIMIT_S = 5.0
# Of a batch so many cost as much as one request.
BATCH_A_TOKEN = 10
# What is more than a look at a row or two.
COSTS = {
    "GET /v1/events": 5,
    "GET /v1/claims/stream": 5,
    "GET /v1/cases": 2,
    "GET /v1/cases/{case_id}/explain": 5,
    "GET /v1/cases/{case_id}/evidence": 10,
    "GET /v1/audit/chain": 10,
    "GET /v1/audit/export": 50,
    "POST /v1/cases": 2,
}
_NEW_WORK = frozenset(
    {
        *("POST /v1/cases", "POST /v1/cases/batch", "POST /v1/claims", "GET /v1/claims/stream", "POST /v1/transfers"),
        *("POST /agent/transfers", "POST /requests", "POST /loans/apply", "POST /audit/recommendation"),
    }
)
_ENDS = frozenset(
    {
        *("POST /v1/decisions", "POST /v1/heartbeats", "POST /v1/failures", "POST /v1/releases", "POST /v1/rejections"),
        *("POST /v1/needs", "POST /v1/sessions/{session_id}/heartbeat", "DELETE /v1/sessions/{session_id}"),
    }
)


def make_turns() -> Turns:
    """Those of a process's requests."""
    return Turns(AT_WORK, AT_WORK_OF_TENANT)


async def enter(request: Request, who: Principal, rates: Rates, crowd: Crowd, turns: Turns) -> None:
    """`TooManyRequests` or `Overloaded`, or it is inside until `leave`; its turn is over earlier where it begins to wait."""
    route = f"{request.method} {request.scope['route'].path}"
    try:
        request.scope["standing"] = rates.charge(who, route, cost_of(route, getattr(request, "_json", None)))
    except TooManyRequests as error:
        request.scope["standing"] = error.standing
        if error.is_deaf:
            await asyncio.sleep(PAUSE_S * random.uniform(*SPREAD))
        raise
    if "inside" not in request.scope:
        crowd.enter(who, rank_of(route, who))
        request.scope["inside"] = who
        try:
            async with asyncio.timeout(TURN_LIMIT_S):
                request.scope["place"] = await turns.begin(who.tenant_id)
        except TimeoutError as error:
            raise Overloaded("Too much is asked at once. Nothing was done: repeat it in a moment.", retry_after_s=1) from error


def leave(scope: MutableMapping[str, Any], crowd: Crowd) -> None:
    """The request is done with, whatever became of it."""
    if place := scope.pop("place", None):
        place.leave()
    if who := scope.pop("inside", None):
        crowd.leave(who)


def cost_of(route: str, body: object) -> int:
    """What a request costs: a token for a look, more for what is more work, and a token for every ten things in a batch."""
    several = 0
    if isinstance(body, dict):
        items, limit = body.get("items"), body.get("limit")
        several = len(items) if isinstance(items, list) else limit if type(limit) is int else 0
    return COSTS.get(route, 1) + max(0, min(several, 1000)) // BATCH_A_TOKEN


def rank_of(route: str, who: Principal) -> Rank:
    """Where it stands when not all can be let in."""
    if route in _NEW_WORK:
        return Rank.NEW_WORK
    if route in _ENDS or route.startswith("POST /v1/tasks/{task_id}/"):
        return Rank.ENDS if who.role != "admin" else Rank.OPERATOR
    if who.role == "admin" and not route.startswith("GET "):
        return Rank.OPERATOR
    return Rank.READS


def tell_standing(scope: MutableMapping[str, Any], headers: MutableMapping[str, str] | MutableHeaders) -> None:
    """Write `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) where a limit was asked."""
    standing = scope.get("standing")
    if isinstance(standing, Standing):
        headers["RateLimit-Policy"], headers["RateLimit"] = standing.policy, standing.state
