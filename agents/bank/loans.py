"""Loans as the bank tells of them. What is done about one is an operation; an instalment is paid by a transfer.

Whoever pays sends the money to the account that lent it, with the loan's number in the memo.
"""

from agents.bank.door import TheLedger, counter, found, text
from agents.bank.loan import LoanStatus, PlannedInstalment

router = counter()


@router.get("/v1/loans/{loan_id}")
async def show_loan(loan_id: str, ledger: TheLedger) -> LoanStatus:
    """How it stands today."""
    return found(await ledger.loans.loan(text(loan_id, "unknown-loan")), "unknown-loan")


@router.get("/v1/loans/{loan_id}/schedule")
async def show_schedule(loan_id: str, ledger: TheLedger) -> list[PlannedInstalment]:
    """The plan that counts, month by month, with what was paid."""
    return found(await ledger.loans.schedule(text(loan_id, "unknown-loan")) or None, "unknown-loan")


@router.get("/v1/customers/{customer_id}/loans")
async def list_loans(customer_id: str, ledger: TheLedger) -> list[LoanStatus]:
    """All that were lent to a customer, oldest first."""
    found(await ledger.customer(text(customer_id, "unknown-customer")), "unknown-customer")
    return await ledger.loans.of_customer(customer_id)
