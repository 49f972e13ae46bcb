"""How fast callers may ask."""

from __future__ import annotations

from collections.abc import Sequence

from blackboard.database import Statements
from blackboard.rate_limit import Ask, Grant, RateLimit
from blackboard.values import Principal


class RateVerbs(Statements):
    """How fast callers may ask."""

    async def put_limit(self, who: Principal, limit: RateLimit) -> None:
        """`board.put_limit`."""
        told = {**limit.model_dump(mode="json"), "burst": limit.size}
        await self._value("SELECT board.put_limit($1, $2, $3)", who.tenant_id, who.agent_id, told)

    async def drop_limit(self, who: Principal, name: str) -> bool:
        """`board.drop_limit`: False when there was none."""
        return bool(await self._value("SELECT board.drop_limit($1, $2, $3)", who.tenant_id, who.agent_id, name))

    async def list_limits(self, tenant_id: int) -> list[RateLimit]:
        """`board.list_limits`: what operators set."""
        return [RateLimit.model_validate(row) for row in await self._value("SELECT board.list_limits($1)", tenant_id)]

    async def take_tokens(self, tenant_id: int, asks: Sequence[Ask]) -> list[Grant]:
        """`board.take_tokens`: what was given of each bucket."""
        rows = [
            {
                "name": ask.limit.name,
                "key": ask.key,
                "tokens": ask.tokens,
                "per_second": ask.limit.per_second,
                "burst": ask.limit.size,
            }
            for ask in asks
        ]
        given = await self._rows("SELECT * FROM board.take_tokens($1, $2)", tenant_id, rows)
        return [Grant.model_validate(dict(row)) for row in given]
