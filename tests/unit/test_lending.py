"""What the agents of a loan make of what they see."""

from decimal import Decimal
from typing import Any

import pytest

from agents.bank.models import Account
from agents.identity import decide
from agents.lending import credit
from agents.lending.affordability import Budget, budget, opinion, weigh
from agents.lending.applicant import examine
from agents.lending.intake import Application
from agents.lending.register import CreditRecord, CreditRegister
from agents.names import SanctionsList

RECORD = CreditRecord.model_validate({"income_monthly": "4000.00", "months_at_employer": 60, "delinquencies": 0})
FORM: dict[str, Any] = {
    "applicant_name": "Ada Brightwell",
    "customer_id": "C-1",
    "from_account": "BANK-USD",
    "to_account": "CHK-001",
    "amount": "6000.00",
    "currency": "USD",
    "term_months": 24,
    "income_monthly": "4000.00",
    "debts_monthly": "500.00",
}
INSTALMENT = Decimal("268.36")
ACCOUNT = Account(
    id="CHK-001", iban="ES6700491500001000023757", currency="USD", state="open", customer_id="C-1", holder="Ada Brightwell"
)
NOBODY = SanctionsList({}, refer=84, reject=95)


def application(**changes: Any) -> Application:
    """A complete application for 6,000 over two years."""
    return Application.model_validate({**FORM, **changes})


def verdict(record: CreditRecord | None = RECORD, **changes: Any) -> tuple[str, list[str]]:
    """The affordability agent's opinion of an application."""
    asked = application(**changes)
    month = budget(asked, INSTALMENT, record)
    said = opinion(list(weigh(asked.income_monthly, month, record)), ["x@1"])
    return said.verdict, said.reasons


def test_a_month_is_counted_against_the_customer() -> None:
    """Of two incomes the lower; the ratio is rounded up."""
    assert budget(application(income_monthly="9000.00"), INSTALMENT, RECORD) == Budget(
        Decimal("4000.00"), Decimal(500), INSTALMENT
    )
    assert budget(application(), INSTALMENT, RECORD).ratio == 20


@pytest.mark.parametrize(
    ("record", "changes", "expected"),
    [
        (RECORD, {}, ("approve", ["affordable"])),
        (RECORD, {"debts_monthly": "1200.00"}, ("refer", ["high_obligations"])),
        (RECORD, {"debts_monthly": "2000.00"}, ("reject", ["excessive_obligations"])),
        (RECORD, {"income_monthly": "4601.00"}, ("refer", ["income_overstated"])),
        (None, {}, ("refer", ["income_not_verified"])),
    ],
)
def test_affordability(record: CreditRecord | None, changes: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    """Each finding by its reason."""
    assert verdict(record, **changes) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, ("approve", ["good_credit_record"])),
        ({"delinquencies": 1}, ("refer", ["past_delinquencies"])),
        ({"delinquencies": 3}, ("reject", ["serious_delinquencies"])),
        ({"months_at_employer": 5, "delinquencies": 2}, ("refer", ["past_delinquencies", "short_employment"])),
        (None, ("refer", ["no_credit_record"])),
    ],
)
def test_credit(record: dict[str, int] | None, expected: tuple[str, list[str]]) -> None:
    """Each finding by its reason."""
    found = list(credit.weigh(None if record is None else RECORD.model_copy(update=record)))

    assert (opinion(found, []).verdict, opinion(found, []).reasons) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("approve", ["customer_known"])),
        ({"customer_id": "C-2"}, ("reject", ["account_of_another_customer"])),
        ({"state": "closed"}, ("reject", ["account_closed"])),
        ({"currency": "EUR"}, ("reject", ["currency_mismatch"])),
        ({"iban": "ES00"}, ("refer", ["account_number_invalid"])),
    ],
)
def test_applicants(changes: dict[str, str], expected: tuple[str, list[str]]) -> None:
    """Each finding by its reason."""
    decision = decide(list(examine(application(), ACCOUNT.model_copy(update=changes), NOBODY)), [])

    assert (decision.outcome, decision.reasons) == expected


def test_the_register_that_ships_can_be_read() -> None:
    """And knows nobody whom it does not know."""
    register = CreditRegister.load()

    assert (register.find("C-1001") is None, register.find("C-9")) == (False, None)
