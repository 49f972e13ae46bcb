"""The bank's database: one method per question, thin over `ledger.sql`."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar
from uuid import UUID

import asyncpg
import yaml
from pydantic import BaseModel

from agents.bank.models import Account, Balance, Customer, Receipt, TransferOrder

if TYPE_CHECKING:
    from datetime import datetime

    Pool = asyncpg.Pool[asyncpg.Record]

M = TypeVar("M", bound=BaseModel)

HERE = Path(__file__).parent
COMMAND_LIMIT_S = 5.0
_LOCK = 0x62616E6B  # "bank"

_RECEIPT = (
    "transfer_id, 'booked' AS status, from_account, to_account, amount, currency, memo,"
    " effect_key AS idempotency_key, booked_at"
)


class Booking(NamedTuple):
    """What became of an order: the verdict of `bank.book_transfer`, and the receipt where money moved."""

    verdict: str
    receipt: Receipt | None


class Ledger:
    """A pool of connections to the bank's schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, bring the schema up to date, and make sure that the seed's accounts exist."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=8, command_timeout=COMMAND_LIMIT_S)
        ledger = cls(pool)
        await ledger._set_up()
        return ledger

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def customer(self, customer_id: str) -> Customer | None:
        """Who that is."""
        query = "SELECT customer_id AS id, name, country, born_on FROM bank.customer WHERE customer_id = $1"
        return _one(Customer, await self._pool.fetchrow(query, customer_id))

    async def account(self, account_id: str) -> Account | None:
        """Whose account that is."""
        query = (
            "SELECT account_id AS id, iban, currency, state, customer_id, c.name AS holder"
            " FROM bank.account JOIN bank.customer c USING (customer_id) WHERE account_id = $1"
        )
        return _one(Account, await self._pool.fetchrow(query, account_id))

    async def balance(self, account_id: str) -> Balance | None:
        """What is in it, and how much of that may be spent."""
        query = (
            "SELECT account_id, balance, balance + coalesce(overdraft, 0) AS available, currency"
            " FROM bank.account WHERE account_id = $1"
        )
        return _one(Balance, await self._pool.fetchrow(query, account_id))

    async def transfers(self, account_id: str, since: datetime, limit: int) -> list[Receipt]:
        """What was booked on an account, newest first, in both directions."""
        query = (
            f"SELECT {_RECEIPT} FROM bank.transfer WHERE $1 IN (from_account, to_account) AND booked_at >= $2"
            " ORDER BY booked_at DESC, transfer_id LIMIT $3"
        )
        return [Receipt.model_validate(dict(row)) for row in await self._pool.fetch(query, account_id, since, limit)]

    async def transfer(self, transfer_id: UUID) -> Receipt | None:
        """A transfer by its id."""
        query = f"SELECT {_RECEIPT} FROM bank.transfer WHERE transfer_id = $1"
        return _one(Receipt, await self._pool.fetchrow(query, transfer_id))

    async def transfer_of(self, key: str) -> Receipt | None:
        """A transfer by the key that it was ordered under."""
        query = f"SELECT {_RECEIPT} FROM bank.transfer WHERE effect_key = $1"
        return _one(Receipt, await self._pool.fetchrow(query, key))

    async def book(self, order: TransferOrder, key: str) -> Booking:
        """Move the money, once per key."""
        row = await self._pool.fetchrow(
            "SELECT b.verdict, (b.transfer).* FROM (SELECT verdict, transfer FROM bank.book_transfer("
            "$1, $2, $3, $4, $5, $6, $7)) b",
            *(order.from_account, order.to_account, order.amount, order.currency, order.memo, key, fingerprint(order)),
        )
        assert row is not None, "bank.book_transfer always answers"
        verdict: str = row["verdict"]
        if verdict not in ("booked", "replayed"):
            return Booking(verdict, None)
        told = {field: row[field] for field in ("transfer_id", "from_account", "to_account", "amount", "currency", "memo")}
        receipt = Receipt(**told, status="booked", idempotency_key=row["effect_key"], booked_at=row["booked_at"])
        return Booking(verdict, receipt)

    async def _set_up(self) -> None:
        """One process at a time; the lock is polled and never waited in, like every such lock here."""
        async with self._pool.acquire() as connection:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  # the fact is in the database
                await asyncio.sleep(0.05)
            try:
                await connection.execute((HERE / "ledger.sql").read_text(encoding="utf-8"))
                for row in _seed_rows():
                    await connection.execute("SELECT bank.open_account($1, $2, $3, $4, $5, $6, $7)", *row)
            finally:
                await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


def fingerprint(order: TransferOrder) -> bytes:
    """SHA-256 of what an order says, whatever dialect it came in."""
    return hashlib.sha256(json.dumps(order.model_dump(mode="json"), sort_keys=True).encode()).digest()


def _one(model: type[M], row: asyncpg.Record | None) -> M | None:
    return None if row is None else model.model_validate(dict(row))


def _seed_rows() -> list[Sequence[object]]:
    """The arguments of `bank.open_account`, the funding accounts first."""
    seed = yaml.safe_load((HERE / "customers.yaml").read_text(encoding="utf-8"))
    rows: list[Sequence[object]] = []
    for customer in seed["customers"]:
        person = json.dumps({field: str(customer[field]) for field in ("id", "name", "country", "born_on")})
        for account in customer["accounts"]:
            overdraft = account.get("overdraft", "0.00")
            rows.append(
                (
                    person,
                    account["id"],
                    account["iban"],
                    account["currency"],
                    account.get("state", "open"),
                    Decimal(account.get("balance", "0.00")),
                    None if overdraft == "unlimited" else Decimal(overdraft),
                )
            )
    return rows
