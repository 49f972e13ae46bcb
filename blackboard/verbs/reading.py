"""The read models: from the journal into the tables that are read, and making those anew."""

from __future__ import annotations

from typing import NamedTuple

from blackboard.database import Statements
from blackboard.measures import ReadingLag


class Rebuilt(NamedTuple):
    """How far a rebuild has come: to this position, of those up to `until`."""

    done: bool
    position: int
    until: int


class ReadingVerbs(Statements):
    """The read models: from the journal into the tables that are read, and making those anew."""

    async def project_events(self, limit: int) -> int:
        """`board.project_events`: how many events were read."""
        return int(await self._value("SELECT board.project_events($1)", limit))

    async def measure_reading(self) -> ReadingLag:
        """`board.measure_reading`."""
        return ReadingLag.model_validate(await self._value("SELECT board.measure_reading()"))

    async def list_tenants(self, name: str | None = None) -> list[tuple[int, str]]:
        """`board.list_tenants`: id and name of each, or of one."""
        rows = await self._rows("SELECT * FROM board.list_tenants($1)", name)
        return [(row["tenant_id"], row["name"]) for row in rows]

    async def begin_rebuild(self, tenant_id: int) -> str:
        """`board.begin_rebuild`: begun, resumed, trimmed or unknown."""
        return str(await self._value("SELECT board.begin_rebuild($1)", tenant_id))

    async def rebuild_slice(self, tenant_id: int, limit: int) -> Rebuilt:
        """`board.rebuild_slice`: how far it has come."""
        [row] = await self._rows('SELECT done, "position", until FROM board.rebuild_slice($1, $2)', tenant_id, limit)
        return Rebuilt(*row)

    async def forget_editions(self, tenant_id: int, limit: int) -> int:
        """`board.forget_editions`: how many rows were taken away."""
        return int(await self._value("SELECT board.forget_editions($1, $2)", tenant_id, limit))

    async def drop_rebuild(self, tenant_id: int) -> None:
        """`board.drop_rebuild`."""
        await self._value("SELECT board.drop_rebuild($1)", tenant_id)
