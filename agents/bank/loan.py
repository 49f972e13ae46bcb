"""What the bank tells of a loan. Rates are in percent a year; every day is one by the bank's clock."""

from datetime import date
from typing import Literal

from agents.bank.models import Frozen, Money


class LoanStatus(Frozen):
    """How a loan stands today.

    `owed` is the principal that is not paid back, with the interest of the months that are over; `overdue` the instalments of
    which the day has passed, of which there are `late`, the oldest for `days_late`. `reminded` counts the last 30 days.
    """

    loan_id: str
    customer_id: str
    from_account: str
    to_account: str
    amount: Money
    currency: str
    plan: int
    rate: Money
    months: int
    begins_on: date
    state: Literal["current", "late", "paid"]
    owed: Money
    repaid: Money
    overdue: Money
    late: int
    days_late: int
    next_due_on: date | None
    reminded: int


class PlannedInstalment(Frozen):
    """A month of the plan that counts, and what was paid of it."""

    number: int
    due_on: date
    principal: Money
    interest: Money
    amount: Money
    paid: Money
    state: Literal["paid", "late", "due", "upcoming"]
