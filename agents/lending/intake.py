"""The intake agent: who asks for a loan, where it would be paid to, and what the application still lacks.

What the customer did not write is looked up at the bank where that leaves no doubt: one customer of that name, one open account
in that currency. What remains in doubt goes to a person, who asks for what is missing: it is put on the board as a fact of the
field's name, and the application is sent back.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.loan_kinds import Part
from agents.bank.models import Account, AccountId, Amount, Customer, Frozen, Memo
from agents.finding import found
from agents.names import similarity
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision

# The fact that holds the application as everybody works on it from here.
APPLICATION = "application"
# Below this a name is another one's.
SAME_NAME = 85.0
# What the customer has to say himself, and what is said of an application that lacks it.
ASKED = {"term_months": "term_missing", "income_monthly": "income_missing"}


class Doubt(Exception):
    """What a person has to find out; the reason."""


class Application(Frozen):
    """A complete application: what was written, and what the bank knows."""

    applicant_name: str
    customer_id: str
    from_account: AccountId
    to_account: AccountId
    amount: Amount
    currency: str
    term_months: int = Field(ge=1, le=600, strict=True)
    income_monthly: Amount
    debts_monthly: Part
    memo: Memo | None = None
    purpose: Memo | None = None


class Intake:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Complete the application, or say what keeps it open."""
        form = filled_in(assignment)
        inputs = assignment.reads
        try:
            application = await self._complete(form)
        except Doubt as doubt:
            return Decision(outcome="incomplete", reasons=str(doubt).split(), reads=inputs)
        except ValidationError as error:
            wrong = sorted({f"unreadable.{each['loc'][0]}" for each in error.errors()})
            return Decision(outcome="incomplete", reasons=wrong[:20], reads=inputs)
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        told = application.model_dump(mode="json", exclude_none=True)
        await assignment.put(APPLICATION, told, source_class="customer", inputs=inputs)
        return Decision(
            outcome="complete",
            reasons=["application_complete"],
            evidence=[f"customer:{application.customer_id}", f"account:{application.to_account}"],
            reads=assignment.reads,
        )

    async def _complete(self, form: Mapping[str, Any]) -> Application:
        if lacking := [reason for field, reason in ASKED.items() if field not in form]:
            raise Doubt(" ".join(lacking))
        customer = await self._customer(form)
        account = await self._account(form, customer.id)
        known = {"customer_id": customer.id, "to_account": account.id, "currency": account.currency, "debts_monthly": "0.00"}
        source = f"BANK-{form.get('currency', account.currency)}"
        return Application.model_validate({**known, "from_account": source, **form})

    async def _customer(self, form: Mapping[str, Any]) -> Customer:
        """By his number, and then the name must be his; else by the name, where one customer has it."""
        if "customer_id" not in form:
            named = await self._bank.customers(form["applicant_name"])
            if len(named) != 1:
                raise Doubt("applicant_ambiguous" if named else "applicant_unknown")
            return named[0]
        try:
            customer = await self._bank.customer(form["customer_id"])
        except BankNotFound as error:
            raise Doubt("customer_unknown") from error
        if similarity(form["applicant_name"], customer.name) < SAME_NAME:
            raise Doubt("name_differs")
        return customer

    async def _account(self, form: Mapping[str, Any], customer_id: str) -> Account:
        """The one that is named; else the only open one of the customer in the currency."""
        if "to_account" not in form:
            own = await self._bank.accounts(customer_id)
            fit = [each for each in own if each.state == "open" and form.get("currency", each.currency) == each.currency]
            if len(fit) != 1:
                raise Doubt("account_ambiguous" if fit else "account_missing")
            return fit[0]
        try:
            return await self._bank.account(form["to_account"])
        except BankNotFound as error:
            raise Doubt("account_unknown") from error


def filled_in(assignment: Assignment) -> dict[str, Any]:
    """What the customer wrote, and before it what a person has put on the board since."""
    known = {field: assignment.facts[field] for field in Application.model_fields if field in assignment.facts}
    return {**assignment.payload, **{field: fact.value for field, fact in known.items() if fact.state == "asserted"}}


def read_application(assignment: Assignment) -> Application:
    """The application as the intake left it, which counts as read; `GiveUp` where another one is in its place."""
    return Application.model_validate(found(assignment, APPLICATION))


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Intake(bank).handle
