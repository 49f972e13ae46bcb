"""What the bank must be told to lend, to enter another plan, and to remind."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints

from agents.bank.models import AccountId, Amount, Currency, Frozen, Memo, read_amount, write_amount


def read_part(value: object) -> Decimal:
    """An amount, or nothing."""
    return Decimal("0.00") if value in ("0", "0.00") else read_amount(value)


def _demand_believable(rate: Decimal) -> Decimal:
    if rate > 100:
        raise ValueError("a rate is at most 100 percent a year")
    return rate


Part = Annotated[Decimal, BeforeValidator(read_part), PlainSerializer(write_amount)]
# In percent a year, with two places.
Rate = Annotated[Decimal, BeforeValidator(read_part), AfterValidator(_demand_believable), PlainSerializer(write_amount)]
LoanId = Annotated[str, StringConstraints(pattern=r"^LN-[0-9]{6,12}$")]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PlannedMonth(Frozen):
    """What is due in a month."""

    principal: Part
    interest: Part


class Plan(Frozen):
    """How a loan is paid back. The digest is of its months: the bank makes it too, and enters no plan of which it differs."""

    rate: Rate
    term_months: Annotated[int, Field(ge=1, le=600, strict=True)]
    instalments: Annotated[list[PlannedMonth], Field(min_length=1, max_length=600)]
    schedule_digest: Digest


class Loan(Plan):
    """Pay a loan out, from an account of the bank to one of the customer's, and enter its plan."""

    customer_id: CustomerId
    from_account: AccountId
    to_account: AccountId
    amount: Amount
    currency: Currency
    memo: Memo | None = None


class NewPlan(Plan):
    """Let this be the plan of that number from now on, for what is owed: `principal`, to the cent."""

    loan_id: LoanId
    customer_id: CustomerId
    plan: Annotated[int, Field(ge=2, le=1000, strict=True)]
    principal: Amount


class Reminder(Frozen):
    """Tell the customer how much of a loan is overdue."""

    loan_id: LoanId
    customer_id: CustomerId
    overdue: Amount
    currency: Currency
