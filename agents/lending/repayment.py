"""The repayment agent: how a loan is being repaid, read from the bank before anybody judges it."""

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.loan import LoanStatus, PlannedInstalment
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision

# The fact that holds the loan as the bank showed it.
LOAN = "loan"


class Repayment:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Put the loan on the board as it stands today."""
        loan_id = assignment.payload["loan_id"]
        try:
            loan = await self._bank.loan(loan_id)
            rows = await self._bank.loan_schedule(loan_id)
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_loan"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        if loan.customer_id != assignment.payload["customer_id"]:
            return Decision(outcome="reject", reasons=["loan_of_another_customer"])
        for key, value in {LOAN: loan.model_dump(mode="json"), **figures(loan, rows)}.items():
            await assignment.put(key, value, source_class="system_of_record", source=f"loan:{loan_id}")
        outcome, reason = ("settled", "loan_repaid") if loan.state == "paid" else ("read", "activity_read")
        return Decision(outcome=outcome, reasons=[reason], evidence=[f"loan:{loan_id}"], reads=assignment.reads)


def figures(loan: LoanStatus, rows: list[PlannedInstalment]) -> dict[str, object]:
    """What the policy asks for."""
    told = loan.model_dump(mode="json", include={"overdue", "days_late", "late", "reminded"})
    return {**told, "instalment": rows[0].model_dump(mode="json")["amount"]}


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Repayment(bank).handle
