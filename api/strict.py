"""Lets a route read its JSON body strictly."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from blackboard import strict
from blackboard.errors import Malformed


class StrictRequest(Request):
    """A request whose JSON is read by `blackboard.strict`, once."""

    async def json(self) -> Any:
        """The body as Python values; 400 when it is not clean JSON."""
        if not hasattr(self, "_json"):
            try:
                self._json = strict.parse(await self.body())
            except Malformed as error:
                # The one kind of error that FastAPI lets through from here.
                raise HTTPException(400, error.detail) from error
        return self._json


class StrictRoute(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the request before FastAPI reads it."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly
