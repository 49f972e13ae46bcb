"""What the bank knows of an account besides its money: what kind it is, since when, whose, and with which cards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from agents.bank.models import Account, Card

if TYPE_CHECKING:
    from agents.bank.ledger import Ledger

# The bank's own (ISO 9362). The 0 in eighth place says that it is for tests, so no payment ever finds its way there.
BIC = "SNDXDET0"


class AccountMetadata(Account):
    """An account without its money."""

    bic: str
    kind: Literal["checking", "savings"]
    opened_on: date
    holder_kind: Literal["person", "company"]
    is_frozen: bool
    cards: list[Card]


async def describe(ledger: Ledger, account_id: str) -> AccountMetadata | None:
    """Everything but the money; None where there is no such account."""
    row = await ledger.registered(account_id)
    if row is None:
        return None
    return AccountMetadata(**row, bic=BIC, cards=await ledger.cards(account_id))
