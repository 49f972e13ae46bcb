"""Requests as the review service took them: kept first, processed when somebody says so, read back with their latest audit."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from api.deps import Caller, OnceKey, OnceKeyIfSent, TheBoard
from api.facade import errand
from api.facade.amount import Label, plain
from api.facade.route import USUAL_WAIT_S, WaitS, old_router
from blackboard.answers import Case
from blackboard.errors import Conflict, Invalid
from blackboard.requests import NewCase
from blackboard.states import CaseState
from blackboard.values import Frozen, Json

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
async def show_request(request_id: int, board: TheBoard, who: Caller) -> Response:
    """A request with its status (`received`, `pending`, `manual_review`, `processed`) and the latest thing done about it."""
    case = await errand.find_case(board, who, request_id, *TYPED, OTHER)
    return errand.told(
        {
            "request": {
                "id": case.number,
                "client_id": case.payload["client_id"],
                "request_type": _type_of(case),
                "payload": _document(case),
                "status": _status(case),
                "created_at": case.opened_at,
            },
            "latest_audit": _audit(case),
        }
    )


def _type_of(case: Case) -> str:
    return str(case.payload["request_type"]) if case.workflow == OTHER else case.workflow


def _document(case: Case) -> Json:
    if case.workflow == OTHER:
        return dict(case.payload["details"])
    return {name: value for name, value in case.payload.items() if name != "client_id"}


def _status(case: Case) -> str:
    if errand.has_ended(case):
        return "processed" if errand.result_of(case) else str(case.outcome)
    return "received" if case.stage == _BEGIN else errand.status_of(case)


def _result(case: Case) -> Json:
    said = errand.result_of(case)
    return {
        "client_id": case.payload["client_id"],
        "request_type": _type_of(case),
        **{name: said.get(name) for name in ("decision", "confidence", "summary")},
    }


def _audit(case: Case) -> Json | None:
    """The last thing that was decided about it; the result itself once there is one."""
    done = [(task, decision) for task, decision in errand.decided(case) if decision.reasons]
    if not done:
        return None
    task, last = done[-1]
    ended = errand.has_ended(case) and bool(errand.result_of(case))
    return {
        "request_id": case.number,
        "action": "processed" if ended else task.stage,
        "result": _result(case) if ended else {"outcome": last.outcome, "reasons": last.reasons},
        "created_at": task.finished_at,
    }
