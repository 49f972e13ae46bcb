"""The risk agent: is this like the customer? Rules are data; this gathers the facts. What limits say is for another agent."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Balance, Receipt, read_amount
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.policy import Judged
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook

# The policy whose active version judges.
POLICY = "transfer_risk"
# How far back a payee counts as known.
HISTORY = timedelta(days=180)
# Its word for what the customer must say himself.
CONFIRM = "confirm"
Facts = Mapping[str, int | bool]


class Risk:
    """`handle` is the agent."""

    def __init__(self, bank: Bank, rules: Rulebook) -> None:
        self._bank = bank
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Gather the facts, let the policy judge."""
        payload = assignment.payload
        try:
            # The bank's clock says what an hour is; it is never behind ours.
            balance, history, terms = await asyncio.gather(
                self._bank.balance(payload["from_account"]),
                self._bank.transfers(payload["from_account"], datetime.now(UTC) - HISTORY),
                self._bank.terms(),
            )
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        if payload.get("currency", balance.currency) != balance.currency:
            return Decision(outcome="reject", reasons=["currency_mismatch"])
        facts = gather(payload["from_account"], payload["to_account"], payload["amount"], balance, history, terms.now)
        try:
            decision = decide(await self._rules.judge(facts))
        except Invalid as error:
            # What the rules cannot judge, a person does.
            return Decision(
                outcome="refer", reasons=["rules_do_not_apply"], result={"facts": dict(facts), "error": error.detail}
            )
        if decision.outcome == CONFIRM:
            question = {"account": payload["from_account"], "reference": str(assignment.task.case_id)}
            await assignment.propose("step_up", question)
        return decision


def decide(judged: Judged) -> Decision:
    """The judgement as this agent's answer, with all that it takes to judge again."""
    return Decision(
        outcome=judged.outcome,
        reasons=judged.reasons,
        policy=judged.policy,
        result={"score": judged.score, "rows": judged.rows, "facts": judged.inputs},
    )


def gather(source: str, target: str, amount: str, balance: Balance, history: Sequence[Receipt], now: datetime) -> Facts:
    """The facts that rules may speak of; amounts in minor units."""
    sent = [receipt for receipt in history if receipt.from_account == source]
    return {
        "amount": minor(read_amount(amount)),
        "available": minor(balance.available),
        "count_1h": sum(receipt.booked_at > now - timedelta(hours=1) for receipt in sent),
        "known_payee": any(receipt.to_account == target for receipt in sent),
    }


def minor(amount: Decimal) -> int:
    """Cents, exactly: the ledger holds two places."""
    return int(amount.scaleb(2))


def make(bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Risk(bank, Rulebook(board, POLICY)).handle
