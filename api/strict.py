"""Lets a route read its JSON body strictly."""

from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from blackboard import strict
from blackboard.errors import Malformed


class StrictRequest(Request):
    """A request whose JSON is read by `blackboard.strict`, once."""

    parse = staticmethod(strict.parse)

    async def json(self) -> Any:
        """The body as Python values; 400 when it is not clean JSON."""
        if not hasattr(self, "_json"):
            try:
                self._json = self.parse(await self.body())
            except Malformed as error:
                # The one kind of error that FastAPI lets through from here.
                raise HTTPException(400, error.detail) from error
        return self._json


class ExactRequest(StrictRequest):
    """The same, whose numbers are never binary floats: an amount that was sent as a number is the decimal that was written."""

    parse = staticmethod(strict.parse_exact)
