"""The transfers of a drill: who pays whom how much, drawn from a seed, each told apart by its memo."""

import random
from typing import NamedTuple

from agents.bank.seed import account_name
from blackboard.requests import BulkCase

# So few from one account in an hour that the risk policy lets them pass; so small that its money suffices.
FROM_ONE_ACCOUNT = 4
MIN_ACCOUNTS = 1000
MAX_ACCOUNTS = 9999
MAX_CENTS = 9000
# One of so many is large, so that a person must look at it; at most one of an account.
LARGE_ONE_IN = 50
LARGE_CENTS = 510_000


class Order(NamedTuple):
    """A transfer as it was asked for."""

    memo: str
    from_account: str
    to_account: str
    amount: str
    currency: str = "USD"

    def case(self) -> BulkCase:
        """As the board takes it, opened once however often it is sent."""
        return BulkCase(workflow="transfer", payload=self._asdict(), idempotency_key=self.memo.replace(" ", "-"))


def accounts_for(transfers: int) -> int:
    """How many made-up accounts a drill of so many needs."""
    return min(MAX_ACCOUNTS, max(MIN_ACCOUNTS, transfers // FROM_ONE_ACCOUNT))


def draw(transfers: int, seed: int) -> list[Order]:
    """So many orders; the same for the same seed."""
    chance = random.Random(seed)
    accounts = accounts_for(transfers)
    orders = []
    for number in range(transfers):
        payer = number % accounts + 1
        payee = (payer + chance.randrange(1, accounts) - 1) % accounts + 1
        is_large = chance.randrange(LARGE_ONE_IN) == 0 and number < accounts
        cents = LARGE_CENTS if is_large else chance.randint(100, MAX_CENTS)
        memo = f"drill {seed} {number + 1:06}"
        orders.append(Order(memo, account_name(payer), account_name(payee), f"{cents // 100}.{cents % 100:02}"))
    return orders
