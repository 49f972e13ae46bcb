"""The funds agent: the first of three that make a payment. It looks, writes down what it saw, and leaves judging to others.

On the board stand then the payer's account with what is in it and what went, the payee's, what there is to say about who they
are, and the exact order in the bank's words.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Balance, Receipt, Terms, TransferOrder, write_amount
from agents.bank.registry import AccountMetadata
from agents.effects import TRANSFER
from agents.identity import decide, examine
from agents.names import SanctionsList
from agents.risk import HISTORY
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json

_BANK: Json = {"source_class": "system_of_record", "source": "bank"}


class Seen(NamedTuple):
    """What the bank says of a payment's two accounts."""

    source: AccountMetadata
    target: AccountMetadata
    balance: Balance
    history: list[Receipt]
    terms: Terms


class Funds:
    """`handle` is the agent."""

    def __init__(self, bank: Bank, sanctions: SanctionsList) -> None:
        self._bank = bank
        self._sanctions = sanctions

    async def handle(self, assignment: Assignment) -> Decision:
        """Look, write down, and show the order to whoever decides."""
        order = in_the_banks_words(assignment.payload)
        try:
            seen = await self._look(order)
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        await assignment.put("payer", payer(seen), **_BANK)
        await assignment.put("payee", payee(seen), **_BANK)
        found = decide(list(examine(order, seen.source, seen.target, self._sanctions)), [])
        await assignment.put("parties", {"outcome": found.outcome, "reasons": found.reasons}, tool="sanctions list", **_BANK)
        await assignment.propose(TRANSFER, order)
        return Decision(outcome="gathered", reasons=["accounts_looked_up"], evidence=assignment.reads, reads=assignment.reads)

    async def _look(self, order: Json) -> Seen:
        source, target = order["from_account"], order["to_account"]
        return Seen(
            *await asyncio.gather(
                self._bank.metadata(source),
                self._bank.metadata(target),
                self._bank.balance(source),
                self._bank.transfers(source, datetime.now(UTC) - HISTORY),
                self._bank.terms(),
            )
        )


def in_the_banks_words(payload: Json) -> Json:
    """The payment as the bank's order: the amount with two places, and dollars where no currency was named."""
    named = {"from_account": payload["source_account"], "to_account": payload["destination_account"]}
    same = {name: payload[name] for name in ("amount", "currency", "memo") if name in payload}
    return TransferOrder.model_validate({**named, **same}).model_dump(mode="json", exclude_none=True)


def payer(seen: Seen) -> Json:
    """The account that pays: what may be spent of it, and what went in the last day and hour."""
    now = seen.terms.now
    sent = [receipt for receipt in seen.history if receipt.from_account == seen.source.id]
    lately = [receipt for receipt in sent if receipt.booked_at > now - timedelta(days=1)]
    return {
        "account": seen.source.id,
        "currency": seen.balance.currency,
        "available": write_amount(seen.balance.available),
        "sent_24h": f"{sum(receipt.amount for receipt in lately):.2f}",
        "count_1h": sum(receipt.booked_at > now - timedelta(hours=1) for receipt in lately),
        "is_frozen": seen.source.is_frozen,
        "customer_kind": seen.source.holder_kind,
    }


def payee(seen: Seen) -> Json:
    """The account that is paid, and whether the payer has paid it before."""
    return {
        "account": seen.target.id,
        "currency": seen.target.currency,
        "is_frozen": seen.target.is_frozen,
        "is_known": any(receipt.to_account == seen.target.id for receipt in seen.history),
    }


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Funds(bank, SanctionsList.load()).handle
