"""The kinds of operations that the bank does besides moving money, and what each must be told.

Each is a model here and a function `bank.do_KIND(jsonb)` in the bank's schema, which says what comes of it.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from agents.bank.loan_kinds import Loan, NewPlan, Reminder
from agents.bank.models import AccountId, Frozen, Why

CardId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,33}$")]
# Under what somebody holds an account, or asks a customer: the id of the case that it is for.
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class AccountHold(Frozen):
    """Let nothing move from or to an account until the hold under this reference ends."""

    account: AccountId
    reference: Reference
    reason: Why


class AccountRelease(Frozen):
    """End the hold under this reference. What others hold stays held."""

    account: AccountId
    reference: Reference


class CardStatus(Frozen):
    """Let a card, or all cards of an account, be used or not. `was` is what it was blocked for when its release was decided."""

    card: CardId | None = None
    account: AccountId | None = None
    state: Literal["active", "blocked"]
    reason: Why | None = None
    was: Why | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.card is None) == (self.account is None):
            raise ValueError("name a card or an account, and not both")
        if (self.state == "blocked") != (self.reason is not None):
            raise ValueError("say why a card is blocked, and give no reason where it is not")
        return self


class StepUp(Frozen):
    """Ask the customer whether it is he who moves money from an account; under one reference once."""

    account: AccountId
    reference: Reference


KINDS: Mapping[str, type[Frozen]] = {
    "account_hold": AccountHold,
    "account_release": AccountRelease,
    "card_status": CardStatus,
    "step_up": StepUp,
    "loan": Loan,
    "restructuring": NewPlan,
    "reminder": Reminder,
}
