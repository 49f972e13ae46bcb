"""What left an account in the last day, and what used to leave it before: all that a scorer is given to look at."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from agents.bank.client import Bank
from agents.bank.models import Receipt, read_amount
from blackboard.values import Json

LATELY = timedelta(days=1)
# How far back an account's habits are looked for.
HABITS = timedelta(days=90)


class Activity(NamedTuple):
    """An account at one moment. `pending` is about to leave it: a transfer that waits for the review."""

    account: str
    now: datetime
    available: Decimal
    recent: Sequence[Receipt]
    earlier: Sequence[Receipt]
    pending: Decimal = Decimal(0)
    # Where the accounts are kept that money went to, and this one: the first two letters of an IBAN. For who looks at that.
    countries: Mapping[str, str] = {}

    @property
    def outflow(self) -> Decimal:
        """What left, or is about to leave, within the day."""
        return sum((receipt.amount for receipt in self.recent), self.pending)

    @property
    def usual_outflow(self) -> Decimal:
        """What used to leave it in a day, over the days since the first transfer that is seen; 0 where none is."""
        if not self.earlier:
            return Decimal(0)
        days = max(1, (self.now - LATELY - min(receipt.booked_at for receipt in self.earlier)).days)
        return sum((receipt.amount for receipt in self.earlier), Decimal(0)) / days

    @property
    def usual_amount(self) -> Decimal:
        """The middle one of the earlier amounts; 0 where there is none."""
        return Decimal(median(receipt.amount for receipt in self.earlier)) if self.earlier else Decimal(0)

    @property
    def amounts(self) -> list[Decimal]:
        """Each of the day's, that which is about to leave among them."""
        return [receipt.amount for receipt in self.recent] + ([self.pending] if self.pending else [])

    def since(self, span: timedelta) -> int:
        """How many left within a span of the day."""
        return sum(receipt.booked_at > self.now - span for receipt in self.recent) + bool(self.pending)


async def observe(bank: Bank, payload: Json) -> Activity:
    """An account as the bank's books show it, by the bank's own clock."""
    account, now = str(payload["account"]), (await bank.terms()).now
    balance = await bank.balance(account)
    sent = [r for r in await bank.transfers(account, now - HABITS) if r.from_account == account]
    return Activity(
        account,
        now,
        balance.available,
        recent=[receipt for receipt in sent if receipt.booked_at > now - LATELY],
        earlier=[receipt for receipt in sent if receipt.booked_at <= now - LATELY],
        pending=read_amount(payload["amount"]) if "amount" in payload else Decimal(0),
    )


def percent(part: Decimal, whole: Decimal) -> int:
    """How many percent, rounded down; 0 of nothing."""
    return int(part * 100 / whole) if whole > 0 else 0
