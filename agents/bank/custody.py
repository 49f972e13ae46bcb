"""The bank's database of securities: one method per question, thin over `holdings.sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from agents.bank.securities import Client, Holding, Instrument, Price

if TYPE_CHECKING:
    from decimal import Decimal

    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]

M = TypeVar("M", bound=BaseModel)


class Custody:
    """Who holds what, over the ledger's connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def client(self, client_id: str) -> Client | None:
        """Who is advised."""
        query = (
            "SELECT customer_id AS client_id, c.name, risk_profile, horizon_months, knows_complex"
            " FROM bank.client JOIN bank.customer c USING (customer_id) WHERE customer_id = $1"
        )
        row = await self._pool.fetchrow(query, client_id)
        return None if row is None else Client.model_validate(dict(row))

    async def holdings(self, client_id: str) -> list[Holding]:
        """What somebody holds, by symbol."""
        query = 'SELECT symbol, quantity FROM bank.holding WHERE customer_id = $1 ORDER BY symbol COLLATE "C"'
        return _all(Holding, await self._pool.fetch(query, client_id))

    async def instruments(self) -> list[Instrument]:
        """All that there is to invest in."""
        columns = ", ".join(Instrument.model_fields)
        return _all(Instrument, await self._pool.fetch(f'SELECT {columns} FROM bank.instrument ORDER BY symbol COLLATE "C"'))

    async def price(self, symbol: str) -> Price | None:
        """What it costs on the bank's day."""
        row = await self._pool.fetchrow("SELECT * FROM bank.price WHERE symbol = $1", symbol)
        return None if row is None else Price.model_validate(dict(row))

    async def set_holding(self, client_id: str, symbol: str, quantity: Decimal) -> bool:
        """Let a client hold so much of something; False where there is no such client or instrument."""
        return bool(await self._pool.fetchval("SELECT bank.set_holding($1, $2, $3)", client_id, symbol, quantity))


def _all(model: type[M], rows: list[Any]) -> list[M]:
    return [model.model_validate(dict(row)) for row in rows]
