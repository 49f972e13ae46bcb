"""Who follows the journal: tickets, keys that were closed, the record of streams."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from blackboard.database import Statements
from blackboard.values import Json


class Ticket(NamedTuple):
    """What a ticket opens: the rights of a key, and the filters as they were asked for."""

    key_id: str
    filters: list[Json]


class Bound(NamedTuple):
    """Where the journal ends, and a committed block that is not in it yet."""

    epoch: int
    position: int
    until: int | None


class StreamVerbs(Statements):
    """The functions of `schema/functions_stream.sql`."""

    async def find_bound(self, until: int | None) -> Bound:
        """`board.find_bound`: the journal's end, and the block that a reader would miss there."""
        rows = await self._rows("SELECT * FROM board.find_bound($1)", until)
        return Bound(**dict(rows[0]))

    async def issue_ticket(
        self, tenant_id: int, key_id: str, ticket_hash: bytes, filters: Sequence[Json], seconds: float
    ) -> datetime:
        """`board.issue_ticket`: until when it opens a stream."""
        query = "SELECT board.issue_ticket($1, $2, $3, $4, $5)"
        return await self._value(query, tenant_id, key_id, ticket_hash, list(filters), seconds)  # type: ignore[no-any-return]  # a row's value

    async def spend_ticket(self, ticket_hash: bytes) -> Ticket | None:
        """`board.spend_ticket`: None when it is unknown, spent or too old."""
        rows = await self._rows("SELECT * FROM board.spend_ticket($1)", ticket_hash)
        return Ticket(**dict(rows[0])) if rows else None

    async def find_closed_keys(self, keys: Collection[str]) -> set[str]:
        """`board.find_closed_keys`: those that open nothing any more."""
        rows = await self._rows("SELECT * FROM board.find_closed_keys($1) AS key_id", list(keys))
        return {row["key_id"] for row in rows}

    async def record_streams(self, tenant_id: int, notes: Sequence[Json]) -> None:
        """`board.record_streams`."""
        await self._value("SELECT board.record_streams($1, $2)", tenant_id, list(notes))
