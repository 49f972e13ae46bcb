"""The affordability agent: can this customer carry the instalments beside what they owe already? It has an opinion to give."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from agents.bank.client import Bank
from agents.bank.models import write_amount
from agents.finding import found
from agents.lending.intake import Application, read_application
from agents.lending.register import CreditRecord, CreditRegister
from blackboard.agent import Assignment, GiveUp, Handler
from blackboard.answers import Fact
from blackboard.client import BoardClient
from blackboard.requests import Opinion

# Of what somebody earns, so much may go into debts, in percent: up to the first unasked, up to the second if a person agrees.
RATIO_WELL = 35
RATIO_MOST = 55
# An income may be stated this much higher than the register has it, in percent: raises come before registers hear of them.
STATED_MORE = 15


# What another one than the agents before has put on the board nobody has an opinion of: a person looks at it.
REPLACED = Opinion(verdict="refer", reasons=["findings_replaced"])


class Budget(NamedTuple):
    """A customer's month. The ratio is in percent, rounded up."""

    income: Decimal
    debts: Decimal
    instalment: Decimal

    @property
    def ratio(self) -> int:
        """How much of the income goes into debts, this loan included."""
        return int(((self.debts + self.instalment) * 100 / self.income).to_integral_value(ROUND_CEILING))


class Finding(NamedTuple):
    """One thing seen, and where it points."""

    reason: str
    verdict: str


def budget(application: Application, instalment: Decimal, record: CreditRecord | None) -> Budget:
    """The month as it would be: of two incomes the lower one counts."""
    stated = application.income_monthly
    income = min(stated, record.income_monthly) if record else stated
    return Budget(income, application.debts_monthly, instalment)


def weigh(stated: Decimal, month: Budget, record: CreditRecord | None) -> Iterator[Finding]:
    """Everything there is to say about it."""
    if month.ratio > RATIO_MOST:
        yield Finding("excessive_obligations", "reject")
    elif month.ratio > RATIO_WELL:
        yield Finding("high_obligations", "refer")
    if record is None:
        yield Finding("income_not_verified", "refer")
    elif stated * 100 > record.income_monthly * (100 + STATED_MORE):
        yield Finding("income_overstated", "refer")
    yield Finding("affordable", "approve")


class Affordability:
    """`handle` is the agent."""

    def __init__(self, register: CreditRegister) -> None:
        self._register = register

    async def handle(self, assignment: Assignment) -> Opinion:
        """Put what the month looks like on the board, with where that comes from, and say what to make of it."""
        try:
            application, terms = read_application(assignment), found(assignment, "terms")
        except GiveUp:
            return REPLACED
        record = self._register.find(application.customer_id)
        month = budget(application, Decimal(terms["instalment"]), record)
        asked = assignment.reads
        origin = {"inputs": asked} if record is None else {"source_class": "external", "source": "credit register"}
        income = await assignment.put("monthly_income", write_amount(month.income), **origin)
        debt = await assignment.put("monthly_debt", write_amount(month.debts + month.instalment), inputs=asked)
        await assignment.put("debt_ratio", month.ratio, inputs=[_reference(income), _reference(debt)])
        seen = list(weigh(application.income_monthly, month, record))
        return opinion(seen, assignment.reads, score=month.ratio)


def opinion(findings: list[Finding], reads: list[str], *, score: float | None = None) -> Opinion:
    """The harshest finding is the verdict; its kind are the reasons."""
    verdict = next(word for word in ("reject", "refer", "approve") if any(f.verdict == word for f in findings))
    reasons = list(dict.fromkeys(f.reason for f in findings if f.verdict == verdict))
    return Opinion(verdict=verdict, reasons=reasons, score=score, confidence=0.9, evidence=reads, reads=reads)


def _reference(fact: Fact) -> str:
    return f"{fact.key}@{fact.version}"


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Affordability(CreditRegister.load()).handle
