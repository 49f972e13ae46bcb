"""The judge finds what it is there to find: lies are planted in the books and on the board, one at a time."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from agents.bank.ledger import Ledger
from agents.bank.models import TransferOrder
from agents.bank.seed import made_up_accounts
from blackboard import workflow
from tests.conftest import Database
from tests.drill.judge import Belief, Payment, Verdict, judge, judge_databases
from tests.drill.orders import Order, accounts_for, draw
from tests.factories import TRANSFER, make_scene

ORDERS = draw(4, seed=1)
[FIRST, SECOND, THIRD, LAST] = [order.memo for order in ORDERS]
EXECUTED = Belief("executed", ("executed",))


def paid(order: Order, **changes: Any) -> Payment:
    """The payment that an order asks for, or another."""
    return Payment(order.from_account, order.to_account, Decimal(order.amount), order.currency)._replace(**changes)


def test_orders_are_the_same_for_the_same_seed_and_nobody_pays_himself() -> None:
    """Each has a memo of its own, and no account pays often."""
    orders = draw(20_000, seed=3)
    from_one = max(sum(other.from_account == order.from_account for other in orders) for order in orders[:3])

    assert orders[:100] == draw(20_000, seed=3)[:100] != draw(20_000, seed=4)[:100]
    assert [order for order in orders if order.from_account == order.to_account] == []
    assert (len({order.memo for order in orders}), from_one, accounts_for(500)) == (20_000, 4, 1000)


# What the bank's books show of the first order, what the board believes, and where the judge puts it.
CASES: dict[str, tuple[list[Payment], list[Belief], tuple[int, int, int, int]]] = {
    "paid and done": ([paid(ORDERS[0])], [EXECUTED], (0, 0, 0, 0)),
    "neither": ([], [Belief("rejected")], (0, 0, 0, 0)),
    "never proposed to the end": ([], [Belief("rejected", ("expired",))], (0, 0, 0, 0)),
    "twice": ([paid(ORDERS[0])] * 2, [EXECUTED], (1, 0, 0, 0)),
    "failed and paid": ([paid(ORDERS[0])], [Belief("rejected", ("failed",))], (0, 1, 0, 0)),
    "rejected and paid": ([paid(ORDERS[0])], [Belief("rejected")], (0, 1, 0, 0)),
    "done and unpaid": ([], [EXECUTED], (0, 0, 1, 0)),
    "another amount": ([paid(ORDERS[0], amount=Decimal("0.01"))], [EXECUTED], (0, 0, 1, 0)),
    "another payee": ([paid(ORDERS[0], to_account="SIM-9999")], [EXECUTED], (0, 0, 1, 0)),
    "one side missing": ([paid(ORDERS[0], from_account=None)], [EXECUTED], (0, 0, 1, 0)),
    "unknown action": ([paid(ORDERS[0])], [Belief(None, ("unknown",))], (0, 0, 0, 1)),
    "unknown in a closed case": ([], [Belief("rejected", ("dispatching",))], (0, 0, 0, 1)),
    "unresolved": ([paid(ORDERS[0])], [Belief("unresolved", ("unknown",))], (0, 0, 0, 1)),
    "still open": ([], [Belief(None)], (0, 0, 0, 1)),
    "no case": ([], [], (0, 0, 0, 1)),
    "two cases": ([paid(ORDERS[0])], [EXECUTED, Belief("rejected")], (0, 1, 0, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_each_contradiction_has_its_name(name: str) -> None:
    """And what agrees has none."""
    payments, beliefs, counts = CASES[name]
    verdict = judge(ORDERS[:1], {FIRST: payments}, {FIRST: beliefs})

    assert tuple(verdict.counts.values()) == counts


def test_money_that_nobody_ordered_is_paid_once_too_often() -> None:
    """Under whatever memo."""
    assert judge([], {"": [paid(ORDERS[0])]}, {}).paid_twice == [""]


@dataclass
class Books:
    """A board and a bank that agree on four transfers, and a way to lie to both."""

    connection: "asyncpg.Connection[asyncpg.Record]"

    async def judged(self) -> Verdict:
        """What the judge says now."""
        return (await judge_databases(ORDERS, self.connection, self.connection))[0]


@pytest.fixture
async def books(database: Database) -> AsyncIterator[Books]:
    """Three transfers executed and paid, one rejected."""
    async with AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        await scene.load(workflow.load(TRANSFER))
        connection = await asyncpg.connect(database.url)
        stack.push_async_callback(connection.close)
        await connection.execute("CREATE SCHEMA bank")
        ledger = await Ledger.open(database.url, more=list(made_up_accounts(1000)))
        stack.push_async_callback(ledger.close)
        for order in ORDERS:
            case = await scene.open("transfer", order._asdict())
            if order.memo != LAST:
                asked = {"from_account": order.from_account, "to_account": order.to_account, "amount": order.amount}
                await ledger.order(TransferOrder.model_validate({**asked, "memo": order.memo}), f"key of {order.memo}")
            await connection.execute(
                "UPDATE board.case SET state = 'completed', outcome = $2, closed_at = opened_at WHERE case_id = $1",
                *(case.id, "rejected" if order.memo == LAST else "executed"),
            )
        yield Books(connection)


MEMO = "payload ->> 'memo' ="
BOOK = (
    "WITH t AS (INSERT INTO bank.transfer (amount, currency, from_account, to_account, memo, effect_key, print)"
    " SELECT 1, 'USD', 'SIM-0001', 'SIM-0002', '{memo}', 'a lie', sha256('x') RETURNING *)"
    " INSERT INTO bank.posting (transfer_id, account_id, amount) SELECT transfer_id, 'SIM-0001', -1 FROM t"
    " UNION ALL SELECT transfer_id, 'SIM-0002', 1 FROM t"
)
UNBOOK = "DELETE FROM bank.posting p USING bank.transfer t WHERE t.transfer_id = p.transfer_id AND t.memo = '{memo}'"
# A lie, and what it must be found as.
LIES: dict[str, tuple[str, Verdict]] = {
    "a payment doubled under another key": (
        BOOK.format(memo=SECOND), Verdict([SECOND], [], [SECOND], []),
    ),
    "a payment that nobody asked for": (BOOK.format(memo="other"), Verdict(["other"], [], [], [])),
    "a rejected transfer that was paid": (BOOK.format(memo=LAST), Verdict([], [LAST], [LAST], [])),
    "an executed transfer without a posting": (UNBOOK.format(memo=FIRST), Verdict([], [], [FIRST], [])),
    "a rejected case set to executed": (
        f"UPDATE board.case SET outcome = 'executed' WHERE {MEMO} '{LAST}'", Verdict([], [], [LAST], []),
    ),
    "an executed case set to rejected": (
        f"UPDATE board.case SET outcome = 'rejected' WHERE {MEMO} '{THIRD}'", Verdict([], [THIRD], [], []),
    ),
    "a case that is open again": (
        f"UPDATE board.case SET state = 'active', outcome = NULL, closed_at = NULL WHERE {MEMO} '{SECOND}'",
        Verdict([], [], [], [SECOND]),
    ),
    "an order without a case": (f"DELETE FROM board.case WHERE {MEMO} '{LAST}'", Verdict([], [], [], [LAST])),
}  # fmt: skip


async def test_every_lie_planted_in_the_books_or_on_the_board_is_found(books: Books) -> None:
    """As what it is, and nothing else; without one there is nothing to find."""
    honest, told = await books.judged(), {}
    for name, (lie, _) in LIES.items():
        transaction = books.connection.transaction()
        await transaction.start()
        await books.connection.execute("SET LOCAL session_replication_role = replica")  # who lies heeds no trigger
        await books.connection.execute(lie)
        told[name] = await books.judged()
        await transaction.rollback()

    assert honest == Verdict([], [], [], [])
    assert told == {name: verdict for name, (_, verdict) in LIES.items()}
