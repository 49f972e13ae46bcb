"""What makes a transfer risky, as the policy that ships says it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from agents.bank.models import Balance
from agents.risk import POLICY, decide, gather
from blackboard import policy
from blackboard.policy import Judged
from blackboard.requests import Decision
from tests.factories import POLICIES

RULES = policy.parse(policy.load(POLICIES / f"{POLICY}.yaml"))
CALM: dict[str, int | bool] = {"amount": 25_000, "available": 500_000, "count_1h": 0, "known_payee": True}


def weigh(facts: dict[str, int | bool]) -> Decision:
    """What the agent answers when version 3 is active."""
    return decide(Judged(**dict(RULES.judge(facts)), policy=f"{POLICY}@3"))


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        ({}, "approve", "like_the_customer"),
        ({"known_payee": False}, "approve", "new_payee"),
        ({"amount": 350_000, "available": 10_000_000, "known_payee": False}, "confirm", "customer_must_confirm"),
        ({"amount": 600_000, "available": 10_000_000, "known_payee": False}, "refer", "large_amount"),
        ({"count_1h": 10}, "refer", "many_transfers_in_an_hour"),
        ({"count_1h": 3, "known_payee": False, "amount": 480_000}, "suspect", "fraud_suspected"),
        ({"count_1h": 5}, "approve", "several_transfers_in_an_hour"),
    ],
)
def test_the_policy_judges(change: dict[str, Any], outcome: str, reason: str) -> None:
    """One fact at a time away from a calm transfer."""
    decision = weigh({**CALM, **change})

    assert (decision.outcome, reason in decision.reasons) == (outcome, True)


def test_the_same_facts_give_the_same_decision() -> None:
    """Score, rows, policy version and facts are kept with it: it can be judged again."""
    decision = weigh(CALM)

    assert decision == weigh(CALM)
    assert decision.policy == "transfer_risk@3"
    assert decision.result == {"score": 0, "rows": ["verdict/calm"], "facts": CALM}


def test_the_facts_of_the_policy_are_those_that_the_agent_gathers() -> None:
    """A fact that is gathered may be used, and no other."""
    balance = Balance(account_id="A", currency="USD", balance=Decimal(10), available=Decimal(10))

    assert set(gather("A", "B", "1.00", balance, [], datetime.now(UTC))) == set(RULES.inputs)
