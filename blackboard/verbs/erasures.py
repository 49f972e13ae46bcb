"""Erasing a customer, step by step."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from blackboard.database import Statements
from blackboard.values import Json, Principal


class Begun(NamedTuple):
    """What became of the wish: the verdict, which erasure it is, and how many cases it is about."""

    verdict: str
    erasure_id: UUID | None
    cases: int


class Standing(NamedTuple):
    """How far an erasure has come in the journal, how far that goes, and which cases are left."""

    position: int
    head: int
    cases: list[UUID]


class ErasureVerbs(Statements):
    """The functions of `schema/functions_erase.sql`."""

    async def begin_erasure(self, who: Principal, customer: str, reason: str) -> Begun:
        """`board.begin_erasure`."""
        query = "SELECT board.begin_erasure($1, $2, $3, $4)"
        told = await self._value(query, who.tenant_id, who.agent_id, customer, reason)
        return Begun(told["verdict"], UUID(told["erasure_id"]) if "erasure_id" in told else None, told["cases"])

    async def show_erasure(self, who: Principal, erasure_id: UUID) -> Standing:
        """`board.show_erasure`."""
        [row] = await self._rows('SELECT "position", head, cases FROM board.show_erasure($1, $2)', who.tenant_id, erasure_id)
        return Standing(*row)

    async def erase_events(self, who: Principal, erasure_id: UUID, upto: int, bodies: Mapping[int, Json]) -> None:
        """`board.erase_events`: members of events by position, as they are to be from now on."""
        query = "SELECT board.erase_events($1, $2, $3, $4, $5)"
        await self._value(query, who.tenant_id, erasure_id, upto, list(bodies), list(bodies.values()))

    async def erase_cases(self, who: Principal, erasure_id: UUID, members: Sequence[str], limit: int) -> int | None:
        """`board.erase_cases`: how many are left; None when somebody else has done it."""
        query = "SELECT board.erase_cases($1, $2, $3, $4, $5)"
        left = await self._value(query, who.tenant_id, who.agent_id, erasure_id, list(members), limit)
        return None if left is None else int(left)
