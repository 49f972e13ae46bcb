"""The limits agent: is the amount there, and within what this kind of customer may move? It runs beside the risk agent."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Balance, Receipt, read_amount
from agents.bank.registry import AccountMetadata
from agents.risk import decide, minor
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook

# The policy whose active version judges.
POLICY = "transfer_limits"
DAY = timedelta(days=1)
Facts = Mapping[str, int | bool | str]


class Limits:
    """`handle` is the agent."""

    def __init__(self, bank: Bank, rules: Rulebook) -> None:
        self._bank = bank
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Gather the facts, let the policy judge."""
        payload = assignment.payload
        source = payload["from_account"]
        try:
            # The bank's clock says what a day is; it is never behind ours.
            account, balance, history, terms = await asyncio.gather(
                self._bank.metadata(source),
                self._bank.balance(source),
                self._bank.transfers(source, datetime.now(UTC) - DAY),
                self._bank.terms(),
            )
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        facts = gather(payload["amount"], account, balance, history, terms.now)
        try:
            return decide(await self._rules.judge(facts))
        except Invalid as error:
            # What the rules cannot judge, a person does.
            return Decision(
                outcome="refer", reasons=["limits_do_not_apply"], result={"facts": dict(facts), "error": error.detail}
            )


def gather(amount: str, account: AccountMetadata, balance: Balance, history: Sequence[Receipt], now: datetime) -> Facts:
    """The facts that limits may speak of; amounts in minor units."""
    sent = [receipt for receipt in history if receipt.from_account == account.id and receipt.booked_at > now - DAY]
    return {
        "amount": minor(read_amount(amount)),
        "available": minor(balance.available),
        "sent_24h": sum(minor(receipt.amount) for receipt in sent),
        "customer_kind": account.holder_kind,
        "is_frozen": account.is_frozen,
    }


def make(bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Limits(bank, Rulebook(board, POLICY)).handle
