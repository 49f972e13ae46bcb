"""Requests as the review service took them: kept first, processed when somebody says so, read back with their latest audit."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from api.deps import Caller, OnceKey, OnceKeyIfSent, TheBoard, TheReads
from api.facade import errand
from api.facade.amount import Label, plain
from api.facade.route import USUAL_WAIT_S, SoFar, WaitS, old_router
from blackboard.answers import Case
from blackboard.errors import Conflict, Invalid, NotFound
from blackboard.requests import NewCase
from blackboard.roles import demand
from blackboard.states import CaseState
from blackboard.values import MAX_NUMBER, Frozen, Json

OTHER = "general_request"
TYPED = ("trade_review", "onboarding", "research")
_BEGIN = "received"

router: APIRouter = old_router()


class NewRequest(Frozen):
    """Something a client asks for. What `payload` holds depends on the type; numbers in it that are money become text."""

    client_id: Annotated[Label, StringConstraints(max_length=64)]
    request_type: Annotated[Label, StringConstraints(max_length=64)]
    payload: Json


class Received(Frozen):
    """A request that is kept."""

    request_id: int
    status: str


class Processed(Frozen):
    """What was decided on a request."""

    client_id: str
    request_type: str
    decision: str
    confidence: float
    summary: str


class AuditedRequest(Frozen):
    """A request, and what was last done about it."""

    request: Json
    latest_audit: Json | None


@router.post("/requests", response_model=Received)
async def receive(new: NewRequest, board: TheBoard, who: Caller, once: OnceKey) -> Response:
    """Keep a request. Nothing is done about it before `POST /requests/{request_id}/process`."""
    document = plain(new.payload)
    if new.request_type in TYPED:
        if document.get("client_id", new.client_id) != new.client_id:
            raise Invalid("payload.client_id is another client than client_id. Leave it out.")
        asked = NewCase(workflow=new.request_type, payload={**document, "client_id": new.client_id})
    else:
        payload = {"client_id": new.client_id, "request_type": new.request_type, "details": document}
        asked = NewCase(workflow=OTHER, payload=payload)
    case = await errand.open_case(board, who, asked, once)
    return errand.told({"request_id": case.number, "status": "received"}, location=f"/requests/{case.number}")


@router.post("/requests/{request_id}/process", response_model=Processed)
async def process(request_id: int, board: TheBoard, who: Caller, once: OnceKeyIfSent, wait_s: WaitS = USUAL_WAIT_S) -> Response:
    """Have a request decided, once: who asks again, or at the same time, gets the same result. 202 while people are needed."""
    demand(who, "tell about a case")
    case = await errand.find_case(board, who, request_id, *TYPED, OTHER)
    if case.state is CaseState.ACTIVE and case.stage == _BEGIN:
        # Where it has ended meanwhile, what came of it is told below.
        with suppress(Conflict):
            await board.send_signal(who, case.id, "process", {}, once)
    case = await board.wait_for_case(who, case.id, wait_s)
    if not errand.has_ended(case):
        return errand.later(case, f"/requests/{request_id}", request_id=request_id)
    if not errand.result_of(case):
        errand.refuse(case)
    return errand.told(_result(case))


@router.get("/requests/{request_id}", response_model=AuditedRequest)
async def show_request(request_id: int, reads: TheReads, who: Caller, so_far: SoFar) -> Response:
    """A request with its status (`received`, `started`, `manual_review`, `processed`, …) and the latest thing done about it."""
    found = await reads.request(who.tenant_id, request_id, after=so_far) if 0 < request_id <= MAX_NUMBER else None
    if found is None:
        raise NotFound(f"There is no request with the number {request_id}.")
    return errand.told(
        {"request": found.model_dump(exclude={"latest_audit"}), "latest_audit": found.model_dump()["latest_audit"]}
    )


def _result(case: Case) -> Json:
    said = errand.result_of(case)
    return {
        "client_id": case.payload["client_id"],
        "request_type": case.payload["request_type"] if case.workflow == OTHER else case.workflow,
        **{name: said.get(name) for name in ("decision", "confidence", "summary")},
    }
