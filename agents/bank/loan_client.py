"""What the bank client asks about loans, and about whose they are."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from agents.bank.loan import LoanStatus, PlannedInstalment
from agents.bank.models import Account, Customer

A = TypeVar("A")


class LoanClient:
    """The part of the bank client for whoever lends. All of these are questions: asking twice moves nothing."""

    @abstractmethod
    async def _ask(self, path: str, model: type[A], params: Mapping[str, Any] | None = None) -> A:
        """The answer to a question."""

    async def customers(self, name: str) -> list[Customer]:
        """Those of exactly this name."""
        return await self._ask("/v1/customers", list[Customer], {"name": name})

    async def accounts(self, customer_id: str) -> list[Account]:
        """All accounts of a customer."""
        return await self._ask(f"/v1/customers/{quote(customer_id, safe='')}/accounts", list[Account])

    async def loan(self, loan_id: str) -> LoanStatus:
        """How a loan stands today."""
        return await self._ask(f"/v1/loans/{quote(loan_id, safe='')}", LoanStatus)

    async def loan_schedule(self, loan_id: str) -> list[PlannedInstalment]:
        """The plan of a loan that counts, month by month."""
        return await self._ask(f"/v1/loans/{quote(loan_id, safe='')}/schedule", list[PlannedInstalment])

    async def loans(self, customer_id: str) -> list[LoanStatus]:
        """All that were lent to a customer."""
        return await self._ask(f"/v1/customers/{quote(customer_id, safe='')}/loans", list[LoanStatus])
