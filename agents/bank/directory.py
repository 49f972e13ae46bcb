"""Who is who: customers by their names, and the accounts of each."""

from typing import Annotated

from fastapi import Query

from agents.bank.door import TheLedger, counter, found, text
from agents.bank.models import Account, Customer

router = counter()


@router.get("/v1/customers")
async def find_customers(ledger: TheLedger, name: Annotated[str, Query(min_length=1, max_length=255)]) -> list[Customer]:
    """Those of exactly this name, whatever its case and blanks; at most ten."""
    return await ledger.customers_named(text(name, "unknown-customer"))


@router.get("/v1/customers/{customer_id}/accounts")
async def list_accounts(customer_id: str, ledger: TheLedger) -> list[Account]:
    """All accounts of a customer."""
    found(await ledger.customer(text(customer_id, "unknown-customer")), "unknown-customer")
    return await ledger.accounts_of(customer_id)
