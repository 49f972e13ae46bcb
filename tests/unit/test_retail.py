"""What limits, clearing and the copilot make of what they see, as the policies that ship say it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from agents.bank.models import Balance, Card, Receipt
from agents.bank.registry import AccountMetadata
from agents.retail import clearing, copilot, funds, limits
from blackboard import policy
from tests.factories import POLICIES

NOW = datetime(2030, 1, 2, tzinfo=UTC)
LIMITS = policy.parse(policy.load(POLICIES / f"{limits.POLICY}.yaml"))
CLEARING = policy.parse(policy.load(POLICIES / f"{clearing.POLICY}.yaml"))


def account(number: str = "CHK-001", **more: Any) -> AccountMetadata:
    """An account of somebody's."""
    told = {"iban": "DE", "currency": "USD", "state": "open", "customer_id": "C-1", "holder": "Ada", "bic": "B", "cards": []}
    kinds = {"kind": "checking", "holder_kind": "person", "is_frozen": False, "opened_on": date(2029, 1, 1)}
    return AccountMetadata.model_validate({"id": number, **told, **kinds, **more})


def sent(amount: str, hours_ago: float, source: str = "CHK-001", target: str = "SAV-002") -> Receipt:
    """A transfer of some time ago."""
    return Receipt(
        transfer_id=uuid4(),
        status="booked",
        from_account=source,
        to_account=target,
        amount=Decimal(amount),
        currency="USD",
        memo=None,
        idempotency_key="k",
        booked_at=NOW - timedelta(hours=hours_ago),
    )


def holding(amount: str) -> Balance:
    """So much may be spent."""
    return Balance(account_id="CHK-001", balance=Decimal(amount), available=Decimal(amount), currency="USD")


@pytest.mark.parametrize(
    ("amount", "more", "outcome", "reason"),
    [
        ("250.00", {}, "approve", "funds_suffice"),
        ("20000.01", {}, "reject", "insufficient_funds"),
        ("1.00", {"is_frozen": True}, "reject", "account_frozen"),
        ("9900.01", {}, "refer", "over_daily_limit"),
        ("9900.00", {}, "approve", "funds_suffice"),
        ("9900.01", {"holder_kind": "company"}, "approve", "funds_suffice"),
    ],
)
def test_limits_are_of_the_day_and_of_the_kind_of_customer(
    amount: str, more: dict[str, Any], outcome: str, reason: str
) -> None:
    """What came in, and what went before yesterday, does not count."""
    history = [sent("100.00", 23), sent("5000.00", 25), sent("7000.00", 1, source="SAV-002", target="CHK-001")]
    judged = LIMITS.judge(limits.gather(amount, account(**more), holding("20000.00"), history, NOW))

    assert (judged.outcome, reason in judged.reasons) == (outcome, True)


def test_the_facts_of_the_limits_are_those_that_the_agent_gathers() -> None:
    """A fact that is gathered may be used, and no other."""
    assert set(limits.gather("1.00", account(), holding("1.00"), [], NOW)) == set(LIMITS.inputs)


def test_a_payment_is_put_in_the_banks_words_to_the_byte() -> None:
    """Two places, dollars where no currency is named, nothing of who asked."""
    asked = {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "20.5", "task_id": "t", "agent_name": "a"}
    order = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "20.50", "currency": "USD"}

    assert funds.in_the_banks_words(asked) == order
    assert funds.in_the_banks_words({**asked, "currency": "EUR", "memo": "m"}) == {**order, "currency": "EUR", "memo": "m"}


def test_clearing_knows_what_is_on_the_board_and_no_more() -> None:
    """The inputs of its policy are made of the three facts that are there."""
    told = {"currency": "USD", "is_frozen": False}
    payer = {**told, "available": "10.00", "sent_24h": "0.00", "count_1h": 0, "customer_kind": "person"}
    facts = clearing.gather(
        {"amount": "7"}, payer, {**told, "is_known": True}, {"outcome": "approve", "reasons": ["customer_known"]}
    )

    assert set(facts) == set(CLEARING.inputs)
    assert CLEARING.judge(facts).outcome == "approve"
    assert CLEARING.judge({**facts, "is_one_currency": False}).reasons == ["currency_mismatch"]


@pytest.mark.parametrize(
    ("wanted", "why", "outcome"),
    [
        ("card_block", None, "approve"),
        ("card_unblock", "lost", "approve"),
        ("card_unblock", "Suspected FRAUD, case 17", "refer"),
        ("card_block", "confirmed fraud", "approve"),
    ],
)
def test_only_people_let_go_what_was_blocked_for_fraud(wanted: str, why: str | None, outcome: str) -> None:
    """Its holder may always block a card, and unblock what was blocked for anything else."""
    card = Card(card_id="CARD-001", account_id="CHK-001", state="blocked" if why else "active", why=why)

    assert copilot.judge(wanted, card)[0] == outcome
