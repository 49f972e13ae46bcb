"""The bank's database of loans: one method per question, thin over `loans.sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.bank.loan import LoanStatus, PlannedInstalment

if TYPE_CHECKING:
    import asyncpg

    Pool = asyncpg.Pool[asyncpg.Record]


class LoanBook:
    """Who owes what, over the ledger's connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def loan(self, loan_id: str) -> LoanStatus | None:
        """How a loan stands today."""
        row = await self._pool.fetchrow("SELECT * FROM bank.loan_status WHERE loan_id = $1", loan_id)
        return None if row is None else LoanStatus.model_validate(dict(row))

    async def of_customer(self, customer_id: str) -> list[LoanStatus]:
        """All loans of a customer, oldest first."""
        query = "SELECT * FROM bank.loan_status WHERE customer_id = $1 ORDER BY loan_id"
        return [LoanStatus.model_validate(dict(row)) for row in await self._pool.fetch(query, customer_id)]

    async def schedule(self, loan_id: str) -> list[PlannedInstalment]:
        """The plan of a loan that counts."""
        query = (
            "SELECT number, due_on, principal, interest, principal + interest AS amount, paid, state"
            " FROM bank.due_plan WHERE loan_id = $1 ORDER BY number"
        )
        return [PlannedInstalment.model_validate(dict(row)) for row in await self._pool.fetch(query, loan_id)]
