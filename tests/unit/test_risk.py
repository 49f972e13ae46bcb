"""What makes a transfer risky, as the policy that ships says it."""

from pathlib import Path
from typing import Any

import pytest

from agents.__main__ import POLICIES
from agents.risk import FACTS, RiskPolicy
from blackboard.errors import Invalid

POLICY = RiskPolicy.load(POLICIES / "transfer_risk.yaml")
CALM: dict[str, int | bool] = {"amount": 25_000, "available": 500_000, "sent_24h": 0, "count_1h": 0, "known_payee": True}


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        ({}, "approve", "within_limits"),
        ({"known_payee": False}, "approve", "new_payee"),
        ({"amount": 500_001}, "reject", "insufficient_funds"),
        ({"amount": 600_000, "available": 10_000_000, "known_payee": False}, "refer", "large_amount"),
        ({"sent_24h": 990_000}, "refer", "over_daily_limit"),
        ({"count_1h": 10}, "refer", "many_transfers_in_an_hour"),
        ({"count_1h": 5}, "approve", "several_transfers_in_an_hour"),
        ({"amount": 5_000_000, "available": 10_000_000}, "refer", "over_single_limit"),
    ],
)
def test_the_policy_judges(change: dict[str, Any], outcome: str, reason: str) -> None:
    """One fact at a time away from a calm transfer."""
    decision = POLICY.judge({**CALM, **change})

    assert (decision.outcome, reason in decision.reasons) == (outcome, True)


def test_a_rejection_names_its_own_reasons_only() -> None:
    """What merely added to the score is no reason to refuse."""
    decision = POLICY.judge({**CALM, "amount": 900_000, "known_payee": False})

    assert decision.reasons == ["insufficient_funds"]


def test_the_same_facts_give_the_same_decision() -> None:
    """Score, policy version and facts are kept with it."""
    decision = POLICY.judge(CALM)

    assert decision == POLICY.judge(CALM)
    assert decision.result == {"score": 0, "policy_version": 1, "facts": CALM}


@pytest.mark.parametrize("condition", ["amuont > 5", "amount >", "1 +"])
def test_a_rule_that_is_no_condition_is_found_when_loading(condition: str, tmp_path: Path) -> None:
    """And not on a payment."""
    path = tmp_path / "policy.yaml"
    path.write_text(f"version: 1\nrefer_from: 50\nrules:\n  - {{reason: broken, when: '{condition}'}}\n")

    with pytest.raises(Invalid):
        RiskPolicy.load(path)


def test_the_facts_of_the_tests_are_those_of_the_agent() -> None:
    """A fact that is gathered may be used, and no other."""
    assert set(CALM) == FACTS
