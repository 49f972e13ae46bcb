"""Reads JSON bodies strictly: UTF-8, no NaN, no NUL, no bottomless nesting; refused before any model sees them."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

MAX_DEPTH = 32
MAX_MEMBERS = 10_000


class StrictRequest(Request):
    """A request whose JSON is read by `parse`, once."""

    async def json(self) -> Any:
        """The body as Python values; 400 when it is not clean JSON."""
        if not hasattr(self, "_json"):
            self._json = parse(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the request before FastAPI reads it."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


def parse(body: bytes) -> Any:
    """Python values of a JSON text, or a 400 that says what is wrong with it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not JSON: {error}. NaN, Infinity and raw control characters are not JSON.") from None
    _walk(value)
    return value


def _walk(value: Any) -> None:
    """Bounds and text, without recursion: depth is what is being measured."""
    todo = [(value, 1)]
    members = 0
    while todo:
        node, depth = todo.pop()
        if isinstance(node, dict):
            children = [*node.keys(), *node.values()]
        elif isinstance(node, list):
            children = node
        elif isinstance(node, str) and "\0" in node:
            raise HTTPException(400, "The body holds a NUL character (\\u0000); no text may.")
        else:
            continue
        members += len(children)
        if depth > MAX_DEPTH or members > MAX_MEMBERS:
            raise HTTPException(400, f"The body is nested deeper than {MAX_DEPTH} or has more than {MAX_MEMBERS} members.")
        todo.extend((child, depth + 1) for child in children)
