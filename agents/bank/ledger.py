"""The bank's database: one method per question, thin over the SQL files beside it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar
from uuid import UUID

import asyncpg
import rfc8785
from pydantic import BaseModel

from agents.bank import first_day
from agents.bank.custody import Custody
from agents.bank.loan_book import LoanBook
from agents.bank.models import (
    Account,
    Balance,
    Card,
    Challenge,
    Customer,
    Done,
    Entry,
    Freeze,
    Hold,
    Pending,
    Receipt,
    Statement,
    Terms,
    TransferOrder,
    Violation,
    Wire,
)
from agents.bank.portfolios import instruments
from agents.bank.promises import Promises
from agents.bank.seed import Person, SeedRow, known_people

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from agents.bank.first_day import Chapter

    Pool = asyncpg.Pool[asyncpg.Record]
    _Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

M = TypeVar("M", bound=BaseModel)

HERE = Path(__file__).parent
COMMAND_LIMIT_S = 5.0
_LOCK = 0x62616E6B  # "bank"
# Under what an account is held that was frozen by hand.
_AT_THE_COUNTER = "counter"
# Of the town in one transaction: each holds the accounts that everybody deals with.
_PORTION = 100
_SCHEMA = ("ledger.sql", "orders.sql", "town.sql", "operations.sql", "holdings.sql", "loans.sql", "books.sql")
_PROMISE = "UPDATE bank.terms SET keys_kept = $1, in_flight = $2, step_up_from = $3, cut_off = $4, zone = $5"
_CLOSE = "INSERT INTO bank.closed_day SELECT unnest($1::date[]) ON CONFLICT DO NOTHING"

_ACCOUNT = (
    "SELECT account_id AS id, iban, currency, state, customer_id, c.name AS holder"
    " FROM bank.account JOIN bank.customer c USING (customer_id)"
)
_RECEIPT = (
    "transfer_id, 'booked' AS status, from_account, to_account, amount, currency, memo,"
    " effect_key AS idempotency_key, booked_at"
)


_DONE = "(o).operation_id, (o).kind, (o).fields::text, (o).answer::text, (o).effect_key AS idempotency_key, (o).at"
# Of its number no more than the first six digits and the last four leave the bank (PCI DSS 4.0, 3.4.1).
_CARD = "card_id, account_id, state, why, left(number, 6) || repeat('*', length(number) - 10) || right(number, 4) AS number"
_WHAT = ("from_account", "to_account", "amount", "currency", "memo")


class Booking(NamedTuple):
    """What became of an order: the verdict of `bank.order_transfer`, and what there is to show for it."""

    verdict: str
    receipt: Receipt | None = None
    pending: Pending | None = None
    challenge_id: UUID | None = None


class Ledger:
    """A pool of connections to the bank's schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.custody = Custody(pool)
        self.loans = LoanBook(pool)

    @classmethod
    async def open(
        cls,
        url: str,
        promised: Promises = Promises(),  # noqa: B008  # a tuple
        more: Sequence[SeedRow] = (),
        people: int = 0,
    ) -> Self:
        """Connect, bring the schema up to date, and make sure that the seed's accounts exist, more, and so large a town."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=8, command_timeout=COMMAND_LIMIT_S)
        ledger = cls(pool)
        await ledger._set_up(promised, more)
        await ledger.settle_town(people)
        return ledger

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def customer(self, customer_id: str) -> Customer | None:
        """Who that is."""
        query = (
            "SELECT customer_id AS id, name, country, born_on, kind, income_monthly FROM bank.customer WHERE customer_id = $1"
        )
        return _one(Customer, await self._pool.fetchrow(query, customer_id))

    async def account(self, account_id: str) -> Account | None:
        """Whose account that is."""
        return _one(Account, await self._pool.fetchrow(f"{_ACCOUNT} WHERE account_id = $1", account_id))

    async def customers_named(self, name: str) -> list[Customer]:
        """Those of exactly this name, whatever its case and blanks."""
        query = (
            "SELECT customer_id AS id, name, country, born_on FROM bank.customer"
            " WHERE lower(name) = lower(regexp_replace(btrim($1), '\\s+', ' ', 'g')) ORDER BY customer_id LIMIT 10"
        )
        return [Customer.model_validate(dict(row)) for row in await self._pool.fetch(query, name)]

    async def accounts_of(self, customer_id: str) -> list[Account]:
        """All accounts of a customer."""
        query = f"{_ACCOUNT} WHERE customer_id = $1 ORDER BY account_id"
        return [Account.model_validate(dict(row)) for row in await self._pool.fetch(query, customer_id)]

    async def registered(self, account_id: str) -> Wire | None:
        """What is written of an account besides its money."""
        query = (
            "SELECT account_id AS id, iban, a.currency, state, customer_id, c.name AS holder, a.kind, opened_on,"
            " c.kind AS holder_kind, frozen_because IS NOT NULL AS is_frozen"
            " FROM bank.account a JOIN bank.customer c USING (customer_id) WHERE account_id = $1"
        )
        row = await self._pool.fetchrow(query, account_id)
        return None if row is None else dict(row)

    async def balance(self, account_id: str) -> Balance | None:
        """What is in it, and how much of that may be spent."""
        query = (
            "SELECT account_id, balance, balance - held + coalesce(overdraft, 0) AS available, currency"
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
        """A transfer by the key that it was ordered under, as long as keys are kept."""
        query = (
            f"SELECT {_RECEIPT} FROM bank.transfer"
            " WHERE effect_key = $1 AND booked_at >= bank.now() - (SELECT keys_kept FROM bank.terms)"
        )
        return _one(Receipt, await self._pool.fetchrow(query, key))

    async def pending(self, key: str) -> Pending | None:
        """An order that waits for the next business day."""
        query = (
            "SELECT hold_id AS transfer_id, 'pending' AS status, effect_key AS idempotency_key, due_at AS books_at"
            " FROM bank.hold WHERE effect_key = $1 AND state = 'held' AND at_due = 'posted'"
        )
        return _one(Pending, await self._pool.fetchrow(query, key))

    async def statement(self, account_id: str, after: int, limit: int, reference: str | None) -> Statement:
        """A page of an account's statement, oldest first; of one reference alone where it is named."""
        query = (
            "SELECT p.entry, p.transfer_id, p.account_id, p.amount, t.currency, t.effect_key AS reference, t.booked_at,"
            " CASE p.account_id WHEN t.from_account THEN t.to_account ELSE t.from_account END AS counterparty"
            " FROM bank.posting p JOIN bank.transfer t USING (transfer_id)"
            " WHERE p.account_id = $1 AND p.entry > $2 AND ($4::text IS NULL OR t.effect_key = $4) ORDER BY p.entry LIMIT $3"
        )
        rows = await self._pool.fetch(query, account_id, after, limit + 1, reference)
        entries = [Entry.model_validate(dict(row)) for row in rows[:limit]]
        return Statement(entries=entries, next=entries[-1].entry if len(rows) > limit else None)

    async def order(self, order: TransferOrder, key: str) -> Booking:
        """Move the money, once per key."""
        row = await self._only("SELECT * FROM bank.order_transfer($1, $2, $3, $4, $5, $6, $7)", *_bound(order, key))
        if row["verdict"] == "pending":
            return Booking(row["verdict"], pending=_pending(row["hold"]))
        receipt = _receipt(row["transfer"]) if row["verdict"] in ("booked", "replayed") else None
        return Booking(row["verdict"], receipt, challenge_id=row["challenge_id"])

    async def place_hold(self, order: TransferOrder, key: str, expires_in_s: int) -> tuple[str, Hold | None]:
        """Set the money aside, once per key."""
        query = "SELECT * FROM bank.place_hold($1, $2, $3, $4, $5, $6, $7, $8)"
        row = await self._only(query, *_bound(order, key), timedelta(seconds=expires_in_s))
        return row["verdict"], _hold(row["hold"]) if row["verdict"] in ("held", "replayed") else None

    async def hold(self, hold_id: UUID) -> Hold | None:
        """A hold by its id."""
        return _hold(await self._pool.fetchrow("SELECT * FROM bank.hold WHERE hold_id = $1 AND at_due = 'expired'", hold_id))

    async def resolve_hold(
        self, hold_id: UUID, to: str, amount: Decimal | None = None
    ) -> tuple[str, Hold | None, Receipt | None]:
        """Post or void a hold; its state then, and what was booked."""
        row = await self._only("SELECT * FROM bank.resolve_hold($1, $2, $3)", hold_id, to, amount)
        return row["verdict"], _hold(row["hold"]), _receipt(row["transfer"])

    async def settle_due(self) -> list[Receipt]:
        """Book the orders whose day has come, let holds expire; what was booked. A transaction for each."""
        due = "SELECT hold_id FROM bank.hold WHERE state = 'held' AND due_at <= bank.now() ORDER BY due_at, hold_id"
        done = [await self._only("SELECT * FROM bank.resolve_hold($1, NULL)", row[0]) for row in await self._pool.fetch(due)]
        return [receipt for row in done if (receipt := _receipt(row["transfer"])) is not None]

    async def operate(self, kind: str, fields: Wire, key: str) -> tuple[str, Done | None]:
        """Do something, once per key; the verdict, and what came of it."""
        query = f"SELECT d.verdict, {_DONE.replace('(o)', '(d.operation)')} FROM bank.operate($1, $2, $3, $4) AS d"
        print_ = hashlib.sha256(rfc8785.dumps({"kind": kind, **fields})).digest()
        row = await self._only(query, kind, json.dumps(fields), key, print_)
        return row["verdict"], _done(row)

    async def operation_of(self, key: str) -> Done | None:
        """What was done under a key, as long as keys are kept."""
        query = (
            f"SELECT {_DONE} FROM bank.operation AS o"
            " WHERE o.effect_key = $1 AND o.at >= bank.now() - (SELECT keys_kept FROM bank.terms)"
        )
        row = await self._pool.fetchrow(query, key)
        return None if row is None else _done(row)

    async def cards(self, account_id: str) -> list[Card]:
        """The cards of an account."""
        query = f"SELECT {_CARD} FROM bank.card WHERE account_id = $1 ORDER BY card_id"
        return [Card.model_validate(dict(row)) for row in await self._pool.fetch(query, account_id)]

    async def card(self, card_id: str) -> Card | None:
        """A card and its state."""
        return _one(Card, await self._pool.fetchrow(f"SELECT {_CARD} FROM bank.card WHERE card_id = $1", card_id))

    async def set_card(self, card_id: str, state: str, why: str | None) -> Card | None:
        """Block it or let it be used again."""
        query = f"UPDATE bank.card SET state = $2, why = $3 WHERE card_id = $1 RETURNING {_CARD}"
        return _one(Card, await self._pool.fetchrow(query, card_id, state, why))

    async def freeze(self, account_id: str, why: str | None) -> Freeze | None:
        """Let nothing move from or to an account; with None, let it again, as far as nobody else holds it."""
        query = "SELECT account_id, frozen_because FROM bank.hold_account($1, $2, $3) WHERE account_id IS NOT NULL"
        return _one(Freeze, await self._pool.fetchrow(query, account_id, _AT_THE_COUNTER, why))

    async def challenge(self, challenge_id: UUID) -> Challenge | None:
        """A question to the customer, with the answer."""
        query = (
            "SELECT challenge_id, code,"
            " CASE WHEN state = 'open' AND expires_at <= bank.now() THEN 'expired' ELSE state END AS state"
            " FROM bank.challenge WHERE challenge_id = $1"
        )
        return _one(Challenge, await self._pool.fetchrow(query, challenge_id))

    async def answer_challenge(self, challenge_id: UUID, code: str) -> str:
        """What the customer said; the verdict."""
        return str(await self._pool.fetchval("SELECT bank.answer_challenge($1, $2)", challenge_id, code))

    async def terms(self) -> Terms:
        """What is promised, and the time."""
        query = (
            "SELECT bank.now() AS now, extract(epoch FROM keys_kept)::float8 AS keys_kept_s,"
            " extract(epoch FROM in_flight)::float8 AS in_flight_s, step_up_from, to_char(cut_off, 'HH24:MI') AS cut_off, zone"
            " FROM bank.terms"
        )
        return Terms.model_validate(dict(await self._only(query)))

    async def move_clock(self, to: datetime) -> datetime | None:
        """The bank's time from now on; None when that would be back."""
        moved: datetime | None = await self._pool.fetchval("SELECT bank.move_clock($1)", to)
        return moved

    async def check(self) -> list[Violation]:
        """Where the books break their own rules; empty in a sound bank."""
        return [Violation.model_validate(dict(row)) for row in await self._pool.fetch("SELECT * FROM bank.broken_rule")]

    async def _only(self, query: str, *values: object) -> asyncpg.Record:
        """The one row that a function of ours always answers with."""
        row = await self._pool.fetchrow(query, *values)
        assert row is not None, query
        return row

    async def settle_town(self, people: int) -> int:
        """Let so many people live in the town, who stay; how many there are now. It may be asked for again and again."""
        async with self._pool.acquire() as connection, _alone(connection):
            for chapter in first_day.CHAPTERS:
                await _write_town(connection, chapter, people)
            return int(await connection.fetchval("SELECT coalesce(min(people), 0) FROM bank.chapter"))

    async def _set_up(self, promised: Promises, more: Sequence[SeedRow]) -> None:
        async with self._pool.acquire() as connection, _alone(connection):
            for name in _SCHEMA:
                await connection.execute((HERE / name).read_text(encoding="utf-8"))
            await connection.execute("SELECT bank.write_instruments($1)", json.dumps(instruments()))
            known = known_people()
            for chapter in first_day.CHAPTERS:
                await _write(connection, chapter, known)
            await connection.execute("SELECT bank.write_accounts($1)", json.dumps([row._asdict() for row in more]))
            await connection.execute(_PROMISE, *promised)
            await connection.execute(_CLOSE, promised.closed_days())


@asynccontextmanager
async def _alone(connection: _Connection) -> AsyncIterator[None]:
    """One process at a time; the lock is polled and never waited in, like every such lock here."""
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  # the fact is in the database
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def _write(connection: _Connection, chapter: Chapter, people: Sequence[Person]) -> None:
    """A chapter of the first day's books, as far as it is about these people."""
    if rows := first_day.rows(chapter, people):
        await connection.execute(f"SELECT bank.write_{chapter.name}($1)", json.dumps(rows))


async def _write_town(connection: _Connection, chapter: Chapter, people: int) -> None:
    """The same for the town, which is written once and may grow: in portions that end in time, with a note of how far."""
    note = "INSERT INTO bank.chapter VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET people = excluded.people"
    done = await connection.fetchval("SELECT people FROM bank.chapter WHERE name = $1", chapter.name) or 0
    for first in range(done, people, _PORTION):
        upto = min(first + _PORTION, people)
        async with connection.transaction():
            await _write(connection, chapter, first_day.town(upto, after=first))
            await connection.execute(note, chapter.name, upto)


def fingerprint(order: TransferOrder) -> bytes:
    """SHA-256 of what an order says in its canonical bytes (RFC 8785), whatever dialect it came in."""
    return hashlib.sha256(rfc8785.dumps(order.model_dump(mode="json", exclude_none=True))).digest()


def _bound(order: TransferOrder, key: str) -> tuple[object, ...]:
    """An order as the functions of the ledger take it."""
    return order.from_account, order.to_account, order.amount, order.currency, order.memo, key, fingerprint(order)


def _receipt(transfer: asyncpg.Record | None) -> Receipt | None:
    if transfer is None or transfer["transfer_id"] is None:
        return None
    told = {name: transfer[name] for name in ("transfer_id", *_WHAT, "booked_at")}
    return Receipt(**told, status="booked", idempotency_key=transfer["effect_key"])


def _hold(hold: asyncpg.Record | None) -> Hold | None:
    if hold is None or hold["hold_id"] is None:
        return None
    told = {name: hold[name] for name in ("hold_id", "state", *_WHAT)}
    return Hold(**told, idempotency_key=hold["effect_key"], expires_at=hold["due_at"])


def _done(row: asyncpg.Record) -> Done | None:
    if row["operation_id"] is None:
        return None
    told = {name: row[name] for name in ("operation_id", "kind", "idempotency_key", "at")}
    return Done(**told, fields=json.loads(row["fields"]), answer=json.loads(row["answer"]))


def _pending(hold: asyncpg.Record) -> Pending:
    return Pending(transfer_id=hold["hold_id"], status="pending", idempotency_key=hold["effect_key"], books_at=hold["due_at"])


def _one(model: type[M], row: asyncpg.Record | None) -> M | None:
    return None if row is None else model.model_validate(dict(row))
