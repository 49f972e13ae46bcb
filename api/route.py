"""What every route of the board does beside its own work: it reads its body strictly, and lets a caller read its own writes.

A write with `Prefer: wait=2` is answered when its events have their positions: `Board-Position` is a cursor that has them all
at or before it. A read with `?min_position=` waits until this process has read that far, on whatever process it is.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.deps import identify
from api.strict import StrictRequest
from api.toll import leave, tell_standing
from blackboard.cursor import Cursor
from blackboard.horizon import Horizon

MAX_WAIT_S = 30.0
USUAL_WAIT_S = 5.0
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,3})\b")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class BoardRoute(APIRoute):
    """A route of the board."""

    request_class: type[StrictRequest] = StrictRequest

    def get_route_handler(self) -> Handler:
        """Wrap the request before FastAPI reads it, and the answer before it leaves."""
        handle = super().get_route_handler()

        async def handle_causally(request: Request) -> Response:
            horizon: Horizon = request.app.state.service.horizon
            wait_s = preferred_wait_s(request.headers.get("prefer", ""))
            if asked := request.query_params.get("min_position"):
                # Whoever makes a connection wait says first who it is, and by a key: a ticket is not looked at twice.
                await identify(request, request.app.state.service.gate, request.headers.get("authorization"))
                await horizon.reach(Cursor.parse(asked), USUAL_WAIT_S if wait_s is None else wait_s)
            try:
                response = await handle(self.request_class(request.scope, request.receive))
            finally:
                leave(request.scope, request.app.state.service.crowd)
            tell_standing(request.scope, response.headers)
            if wait_s is not None and request.method not in ("GET", "HEAD") and response.status_code < 400:
                await _tell_position(response, horizon, wait_s)
            return response

        return handle_causally


def preferred_wait_s(prefer: str) -> float | None:
    """The seconds of `Prefer: wait=` (RFC 7240), at most `MAX_WAIT_S`; None when the caller does not wait."""
    found = _WAIT.search(prefer.lower())
    return min(float(found[1]), MAX_WAIT_S) if found else None


async def _tell_position(response: Response, horizon: Horizon, wait_s: float) -> None:
    cursor = await horizon.bound(wait_s)
    if cursor is not None:
        response.headers["Board-Position"] = str(cursor)
        response.headers["Preference-Applied"] = f"wait={wait_s:.0f}"
