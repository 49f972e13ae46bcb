"""The restructuring agent: offers a customer who cannot catch up a new plan for what is owed, and reads the answer.

The offer is the exact order that the bank would be given. It is sent only when the customer has said yes to it; anything else,
silence included, is no yes. The bank enters it only for what is owed then: who paid in between is looked at anew.
"""

from decimal import Decimal
from typing import Any

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.loan import LoanStatus
from agents.finding import found
from agents.lending import schedule
from agents.lending.repayment import LOAN
from agents.lending.terms import planned, terms
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json

KIND = "restructuring"
OFFER = "offer"
# How much longer a customer gets than the old plan ran, in months, and how long a plan may be.
MORE_MONTHS = 12
MOST_MONTHS = 120
_ANSWERS = {True: ("accept", "customer_accepts"), False: ("decline", "customer_declines")}


class Restructuring:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Make the offer, or read what was said to it."""
        if assignment.task.stage == "consent":
            return await self._read_answer(assignment)
        loan = LoanStatus.model_validate(found(assignment, LOAN))
        rows = schedule.plan(loan.owed, loan.rate, min(loan.months + MORE_MONTHS, MOST_MONTHS))
        inputs = assignment.reads
        told = terms(loan.rate, rows)
        await assignment.put(OFFER, {**told, "owed": f"{loan.owed:.2f}"}, inputs=inputs)
        await assignment.propose(KIND, order(loan, rows))
        return Decision(outcome="offered", reasons=["plan_for_what_is_owed"], reads=assignment.reads, result=told)

    async def _read_answer(self, assignment: Assignment) -> Decision:
        """Yes is a plain true, from the signal that was received last, while the bank still says what the offer says."""
        outcome, reason = _ANSWERS.get(answered(assignment), ("unclear", "answer_is_neither_yes_nor_no"))
        if outcome == "accept":
            try:
                owed = (await self._bank.loan(assignment.payload["loan_id"])).owed
            except BankNotFound:
                return Decision(outcome="changed", reasons=["unknown_loan"])
            except BankUnavailable as error:
                raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
            if owed != Decimal(found(assignment, OFFER)["owed"]):
                return Decision(outcome="changed", reasons=["loan_changed_since_the_offer"])
        return Decision(outcome=outcome, reasons=[reason], reads=assignment.reads)


def answered(assignment: Assignment) -> Any:
    """What the customer said last; None where that was neither true nor false."""
    said = [decision.result for decision in assignment.task.context.decisions if decision.stage == "answer"]
    body = said[-1] if said else None
    accept = body.get("accept") if isinstance(body, dict) else None
    return accept if isinstance(accept, bool) else None


def order(loan: LoanStatus, rows: list[schedule.Instalment]) -> Json:
    """What the customer says yes to, byte for byte."""
    what = {"loan_id": loan.loan_id, "customer_id": loan.customer_id, "plan": loan.plan + 1, "principal": f"{loan.owed:.2f}"}
    return {**what, "term_months": len(rows), **planned(loan.rate, rows)}


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Restructuring(bank).handle
