"""The risk agent: is the amount covered, within limits, and like this customer? Rules are data; this gathers the facts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import cel
import yaml
from pydantic import Field

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Balance, Receipt, read_amount
from blackboard.agent import Assignment, TryLater
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.values import Frozen, ReasonCode

# How far back a payee counts as known.
HISTORY = timedelta(days=180)
Facts = Mapping[str, int | bool]


class Rule(Frozen):
    """A condition over the facts. Where it holds it adds its score; with an outcome it decides by itself."""

    reason: ReasonCode
    when: str
    score: Annotated[int, Field(ge=0, le=100)] = 0
    outcome: Literal["refer", "reject"] | None = None


class RiskPolicy(Frozen):
    """Rules and the score from which a person looks."""

    version: int
    refer_from: int
    rules: Annotated[list[Rule], Field(min_length=1)]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the policy. `Invalid` names a rule that is no condition or speaks of facts that nobody gathers."""
        policy = cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for rule in policy.rules:
            if unknown := set(_program(rule.when).variables()) - FACTS:
                raise Invalid(f"risk rule {rule.reason}: no such fact: {', '.join(sorted(unknown))}")
        return policy

    def judge(self, facts: Facts) -> Decision:
        """Outcome, reasons and score for these facts; the same facts give the same decision."""
        held = [rule for rule in self.rules if _program(rule.when).execute(dict(facts))]
        score = sum(rule.score for rule in held)
        outcomes = {rule.outcome for rule in held}
        outcome = "reject" if "reject" in outcomes else "approve"
        if outcome == "approve" and ("refer" in outcomes or score >= self.refer_from):
            outcome = "refer"
        reasons = [rule.reason for rule in held if outcome != "reject" or rule.outcome == "reject"]
        return Decision(
            outcome=outcome,
            reasons=reasons or ["within_limits"],
            result={"score": score, "policy_version": self.version, "facts": dict(facts)},
        )


FACTS = frozenset({"amount", "available", "sent_24h", "count_1h", "known_payee"})


@cache
def _program(condition: str) -> cel.Program:
    try:
        return cel.compile(condition)
    except ValueError as error:
        raise Invalid(f"{condition!r} is not a CEL condition: {error}") from error


class Risk:
    """`handle` is the agent."""

    def __init__(self, bank: Bank, policy: RiskPolicy) -> None:
        self._bank = bank
        self._policy = policy

    async def handle(self, assignment: Assignment) -> Decision:
        """Gather the facts, let the policy judge."""
        payload = assignment.payload
        now = datetime.now(UTC)
        try:
            balance = await self._bank.balance(payload["from_account"])
            history = await self._bank.transfers(payload["from_account"], now - HISTORY)
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}") from error
        if payload.get("currency", balance.currency) != balance.currency:
            return Decision(outcome="reject", reasons=["currency_mismatch"])
        return self._policy.judge(
            gather(payload["from_account"], payload["to_account"], payload["amount"], balance, history, now)
        )


def gather(source: str, target: str, amount: str, balance: Balance, history: Sequence[Receipt], now: datetime) -> Facts:
    """The facts that rules may speak of; amounts in minor units."""
    sent = [receipt for receipt in history if receipt.from_account == source]
    return {
        "amount": minor(read_amount(amount)),
        "available": minor(balance.available),
        "sent_24h": sum(minor(receipt.amount) for receipt in sent if receipt.booked_at > now - timedelta(days=1)),
        "count_1h": sum(receipt.booked_at > now - timedelta(hours=1) for receipt in sent),
        "known_payee": any(receipt.to_account == target for receipt in sent),
    }


def minor(amount: Decimal) -> int:
    """Cents, exactly: the ledger holds two places."""
    return int(amount.scaleb(2))
