"""Payments as the multi-agent service took them: under a task id, which moves money once however often it is sent."""

import hashlib
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from api.deps import Caller, OnceKeyIfSent, TheBoard, TheReads
from api.facade import errand
from api.facade.amount import Label, Sum
from api.facade.route import USUAL_WAIT_S, SoFar, WaitS, old_router
from blackboard.errors import KeyMissing, NotFound
from blackboard.once import Once
from blackboard.requests import NewCase
from blackboard.values import Frozen, Json, Principal

WORKFLOW = "payment"

router: APIRouter = old_router()

TaskId = Annotated[Label, StringConstraints(max_length=64)]


class NewPayment(Sum):
    """Money to be moved. `agent_name` is kept as said; who acts is the key's owner."""

    task_id: TaskId | None = None
    agent_name: Annotated[Label, StringConstraints(max_length=100)] | None = None
    source_account: Label
    destination_account: Label
    memo: Annotated[str, StringConstraints(max_length=140)] | None = None


class Submitted(Frozen):
    """A payment at the bank."""

    transfer_id: str
    status: Literal["submitted"] = "submitted"
    source_account: str
    destination_account: str
    amount: Decimal
    currency: str


class Paid(Frozen):
    """What came of a payment."""

    task_id: str
    result: Submitted


class PaymentTask(Frozen):
    """A payment and how far it is."""

    task_id: str
    agent_name: str
    status: str
    payload: Json


@router.post("/agent/transfers", response_model=Paid)
async def pay(new: NewPayment, board: TheBoard, who: Caller, once: OnceKeyIfSent, wait_s: WaitS = USUAL_WAIT_S) -> Response:
    """Move money, once for a `task_id`: repeated with the same body it is answered as before, with another one it is refused.

    Without a `task_id` an `Idempotency-Key` is needed. 402 for lack of money, 422 where it was declined otherwise.
    """
    task_id = new.task_id or _task_id_of(who, once)
    asked = {"task_id": task_id, **new.model_dump(exclude_none=True)}
    case = await errand.open_case(board, who, NewCase(workflow=WORKFLOW, payload=asked, business_key=task_id), once)
    case = await board.wait_for_case(who, case.id, wait_s) if wait_s else case
    if not errand.has_ended(case):
        return errand.later(case, f"/agent/tasks/{task_id}", task_id=task_id)
    if case.outcome != "executed":
        errand.refuse(case)
    return errand.told({"task_id": task_id, "result": _receipt(case.payload, errand.result_of(case))})


@router.get("/agent/tasks/{task_id:path}", response_model=PaymentTask)
async def show_task(task_id: str, reads: TheReads, who: Caller, so_far: SoFar) -> Response:
    """A payment: `started`, `completed`, `manual_review`, `rejected`, `failed` or `cancelled`."""
    found = await reads.agent_task(who.tenant_id, task_id, after=so_far)
    if found is None:
        raise NotFound(f"There is no task {task_id!r}.")
    request, booked = found.payload["request"], found.payload["banking_result"]
    payload = {
        "request": {**request, "amount": Decimal(request["amount"])},
        "banking_result": booked and _receipt(request, booked),
    }
    return errand.told({**found.model_dump(include={"task_id", "agent_name", "status"}), "payload": payload})


def _task_id_of(who: Principal, once: Once | None) -> str:
    """A task id for a caller that named none: the same for the same key."""
    if once is None:
        raise KeyMissing(
            "Send a task_id, or the header Idempotency-Key with a fresh random value; and the same when you repeat:"
            " without one a repeat would move the money again."
        )
    return hashlib.sha256(f"{who.agent_id} {once.key}".encode()).hexdigest()[:32]


def _receipt(asked: Json, booked: Json) -> Json:
    """The bank's answer in the words of the old service; an amount is the number that it was."""
    return {
        "transfer_id": str(booked.get("transfer_id", "")),
        "status": "submitted",
        "source_account": asked["source_account"],
        "destination_account": asked["destination_account"],
        "amount": Decimal(asked["amount"]),
        "currency": booked.get("currency") or asked.get("currency", "USD"),
    }
