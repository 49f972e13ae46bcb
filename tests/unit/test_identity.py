"""Who pays whom, and whether that may be."""

from typing import Any

import pytest

from agents.bank.models import Account
from agents.identity import decide, examine
from agents.names import SanctionsList, similarity
from blackboard.requests import Decision

SANCTIONS = SanctionsList.load()


def account(**more: Any) -> Account:
    """A good account."""
    fields = {
        "id": "CHK-001",
        "iban": "DE89370400440532013000",
        "currency": "USD",
        "state": "open",
        "customer_id": "C-1",
        "holder": "Ada Brightwell",
    }
    return Account.model_validate({**fields, **more})


def judge(payload: dict[str, Any] | None = None, *, source: Account | None = None, target: Account | None = None) -> Decision:
    """The agent's decision, without bank and board."""
    source, target = source or account(), target or account(id="SAV-002", holder="Tomas Lindqvist", customer_id="C-2")
    return decide(list(examine(payload or {}, source, target, SANCTIONS)), [])


def test_a_known_customer_with_open_accounts_is_approved() -> None:
    """With the reason."""
    assert judge() == Decision(outcome="approve", reasons=["customer_known"])


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("Viktor Malkov", "reject"),
        ("MALKOV, Viktor", "reject"),
        ("Víktor Málkov", "reject"),
        ("Victor Malkoff", "reject"),
        ("Viktor Melkov", "refer"),
        ("Viktor Brightwell", "approve"),
        ("Malkov", "approve"),
    ],
)
def test_names_are_screened_whatever_their_spelling(name: str, outcome: str) -> None:
    """Marks, case, order and small misspellings do not hide a listed name; a part of a name is not the name."""
    assert judge(source=account(holder=name)).outcome == outcome


@pytest.mark.parametrize(
    ("given", "outcome", "reason"),
    [
        ("Tomas Lindqvist", "approve", "beneficiary_name_matches"),
        ("Lindqvist Tomas", "approve", "beneficiary_name_matches"),
        ("Thomas Lindquist", "approve", "beneficiary_name_matches"),
        ("T. Lindqvist", "refer", "beneficiary_name_similar"),
        ("Somebody Else", "reject", "beneficiary_name_differs"),
    ],
)
def test_the_payees_name_is_confirmed(given: str, outcome: str, reason: str) -> None:
    """Three answers, as a confirmation of payee has them."""
    decision = judge({"beneficiary_name": given})

    assert (decision.outcome, reason in decision.reasons) == (outcome, True)


def test_an_account_of_another_customer_is_refused() -> None:
    """Knowing the number is not owning the account."""
    assert judge({"customer_id": "C-9"}).reasons == ["account_of_another_customer"]


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        ({"state": "closed"}, "reject", "account_closed"),
        ({"iban": "DE00370400440532013000"}, "refer", "account_number_invalid"),
    ],
)
def test_a_bad_account_is_noticed(change: dict[str, Any], outcome: str, reason: str) -> None:
    """Closed is final; a wrong check digit is for a person."""
    decision = judge(target=account(id="SAV-002", **change))

    assert (decision.outcome, decision.reasons) == (outcome, [reason])


def test_the_harshest_finding_decides() -> None:
    """And only its kind are the reasons."""
    decision = judge({"beneficiary_name": "T. Lindqvist"}, source=account(state="closed"))

    assert (decision.outcome, decision.reasons) == ("reject", ["account_closed"])


def test_similarity_is_symmetric() -> None:
    """Who is compared with whom does not matter."""
    assert similarity("Ada Brightwell", "Brightwell Ada") == similarity("Brightwell Ada", "Ada Brightwell") == 100
