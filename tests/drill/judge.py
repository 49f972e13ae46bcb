"""Compares what was asked for with what the bank's own books say and with what the board believes.

The books are read as postings, not as what the bank answers; orders are found in them by their memo, not by the keys that the
board minted, so that money which moved under a key that nobody knows is seen too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import asyncpg

from tests.drill.orders import Order

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_PAID = """
SELECT coalesce(t.memo, '') AS memo, d.account_id AS from_account, c.account_id AS to_account, c.amount, t.currency
FROM bank.posting c JOIN bank.transfer t USING (transfer_id)
LEFT JOIN bank.posting d ON d.transfer_id = c.transfer_id AND d.amount < 0
WHERE c.amount > 0 AND t.effect_key NOT LIKE 'opening:%'"""
_BELIEVED = """
SELECT c.payload ->> 'memo' AS memo, c.outcome, c.state,
       (SELECT array_agg(a.state) FROM board.action a WHERE a.case_id = c.case_id) AS actions
FROM board.case c WHERE c.payload ->> 'memo' = ANY($1::text[])"""
# An action in one of these may have moved money, and nobody knows.
_OPEN = frozenset({"dispatching", "unknown"})


class Payment(NamedTuple):
    """Money that came to an account, by the bank's postings."""

    from_account: str | None
    to_account: str
    amount: Decimal
    currency: str


class Belief(NamedTuple):
    """What the board says became of an order."""

    outcome: str | None
    actions: Sequence[str] = ()

    @property
    def done(self) -> bool:
        """It says that the money moved."""
        return self.outcome == "executed" or "executed" in self.actions

    @property
    def unknown(self) -> bool:
        """It does not say."""
        return self.outcome in (None, "unresolved") or not _OPEN.isdisjoint(self.actions)


class Verdict(NamedTuple):
    """The memos of the orders with which something is wrong, by what it is. All empty is what a drill is for."""

    paid_twice: list[str]
    failed_but_paid: list[str]
    done_but_unpaid: list[str]
    unknown_left: list[str]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(memos) for name, memos in self._asdict().items()}


def judge(orders: Iterable[Order], paid: Mapping[str, Sequence[Payment]], believed: Mapping[str, Sequence[Belief]]) -> Verdict:
    """Order by order. Money that nobody ordered counts as paid twice, money that went elsewhere as unpaid."""
    asked = {order.memo: order for order in orders}
    verdict = Verdict([memo for memo in paid if memo not in asked], [], [], [])
    for memo, order in asked.items():
        payments, beliefs = paid.get(memo, ()), believed.get(memo, ())
        wanted = Payment(order.from_account, order.to_account, Decimal(order.amount), order.currency)
        done = any(belief.done for belief in beliefs)
        if len(payments) > 1:
            verdict.paid_twice.append(memo)
        if payments and any(not belief.done and not belief.unknown for belief in beliefs):
            verdict.failed_but_paid.append(memo)
        if (done and not payments) or any(payment != wanted for payment in payments):
            verdict.done_but_unpaid.append(memo)
        if not beliefs or any(belief.unknown for belief in beliefs):
            verdict.unknown_left.append(memo)
    return verdict


async def read_books(bank: Connection) -> dict[str, list[Payment]]:
    """All that was ever paid, by memo."""
    found: defaultdict[str, list[Payment]] = defaultdict(list)
    for row in await bank.fetch(_PAID):
        found[row["memo"]].append(Payment(row["from_account"], row["to_account"], row["amount"], row["currency"]))
    return dict(found)


async def read_board(board: Connection, orders: Iterable[Order]) -> dict[str, list[Belief]]:
    """What the board believes of each order, by memo."""
    found: defaultdict[str, list[Belief]] = defaultdict(list)
    for row in await board.fetch(_BELIEVED, [order.memo for order in orders]):
        found[row["memo"]].append(Belief(row["outcome"], tuple(row["actions"] or ())))
    return dict(found)


async def judge_databases(orders: Sequence[Order], board: Connection, bank: Connection) -> tuple[Verdict, dict[str, int]]:
    """The verdict, and how the cases ended."""
    believed = await read_board(board, orders)
    endings: Counter[Any] = Counter(str(belief.outcome) for beliefs in believed.values() for belief in beliefs)
    return judge(orders, await read_books(bank), believed), dict(endings)
