"""Retail transfers as the bank's own endpoint took them from one agent at a time."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from api.deps import Caller, OnceKey, TheBoard
from api.facade import errand
from api.facade.amount import Label, Sum
from api.facade.route import USUAL_WAIT_S, WaitS, old_router
from blackboard.requests import NewCase
from blackboard.values import Frozen

WORKFLOW = "transfer"
_NAMES = {"from_account_id": "from_account", "to_account_id": "to_account"}

router: APIRouter = old_router()

Id = Annotated[Label, StringConstraints(max_length=64)]


class NewTransfer(Sum):
    """Money to be moved, in whose session, for whom."""

    from_account_id: Label
    to_account_id: Label
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "USD"
    memo: Annotated[str, StringConstraints(max_length=140)] | None = None
    session_id: Id | None = None
    customer_id: Id | None = None


class Transferred(Frozen):
    """A transfer that the bank has taken; when it books is the bank's affair."""

    transaction_id: str
    status: Literal["pending"] = "pending"
    from_account_id: str
    to_account_id: str
    amount: Decimal
    currency: str


@router.post("/v1/transfers", response_model=Transferred)
async def transfer(new: NewTransfer, board: TheBoard, who: Caller, once: OnceKey, wait_s: WaitS = USUAL_WAIT_S) -> Response:
    """Move money and answer as the bank did. 402 for lack of money, 422 where it was declined otherwise."""
    asked = {_NAMES.get(name, name): value for name, value in new.model_dump(exclude_none=True).items()}
    case = await errand.open_case(board, who, NewCase(workflow=WORKFLOW, payload=asked), once)
    case = await board.wait_for_case(who, case.id, wait_s) if wait_s else case
    if not errand.has_ended(case):
        return errand.later(case, f"/v1/cases/{case.id}")
    if case.outcome != "executed":
        errand.refuse(case)
    return errand.told(
        {
            "transaction_id": str(errand.result_of(case).get("transfer_id", case.id)),
            "status": "pending",
            "from_account_id": new.from_account_id,
            "to_account_id": new.to_account_id,
            "amount": Decimal(new.amount),
            "currency": new.currency,
        }
    )
