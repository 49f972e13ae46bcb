"""Opening, reading and withdrawing cases."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Caller, OnceKey, TheBoard, reply
from api.strict import StrictRoute
from blackboard.answers import Case, CasePage
from blackboard.reports import Workflow
from blackboard.requests import NewCase
from blackboard.states import CaseState
from blackboard.values import Frozen, Name, Text

router = APIRouter(prefix="/v1", tags=["cases"], route_class=StrictRoute)

WaitS = Annotated[float, Query(ge=0, le=55, description="Answer when the case has ended or rests, at most this long.")]


class Withdrawal(Frozen):
    """Why a case is withdrawn."""

    reason: Text


@router.post("/cases", status_code=201)
async def open_case(new: NewCase, board: TheBoard, who: Caller, once: OnceKey, response: Response, wait_s: WaitS = 0) -> Case:
    """Open a case of a workflow. The answer says from where to stream so that nothing after it is missed."""
    case = reply(response, await board.open_case(who, new, once))
    if wait_s:
        case = await board.wait_for_case(who, case.id, wait_s)
    response.headers["Location"] = f"/v1/cases/{case.id}"
    return _tagged(response, case)


@router.get("/cases")
async def list_cases(
    board: TheBoard,
    who: Caller,
    workflow: Name | None = None,
    state: CaseState | None = None,
    stage: Name | None = None,
    subject: Text | None = None,
    before: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CasePage:
    """Cases, newest first."""
    return await board.list_cases(who, workflow=workflow, state=state, stage=stage, subject=subject, before=before, limit=limit)


@router.get("/cases/{case_id}")
async def show_case(case_id: UUID, board: TheBoard, who: Caller, response: Response, wait_s: WaitS = 0) -> Case:
    """One case with its tasks, decisions and actions."""
    case = await (board.wait_for_case(who, case_id, wait_s) if wait_s else board.show_case(who, case_id))
    return _tagged(response, case)


@router.post("/cases/{case_id}/cancel")
async def cancel_case(
    case_id: UUID, withdrawal: Withdrawal, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Case:
    """Withdraw a case: waiting tasks leave the queue, running claims are revoked."""
    return _tagged(response, reply(response, await board.cancel_case(who, case_id, withdrawal.reason, once)))


@router.get("/workflows")
async def list_workflows(board: TheBoard, who: Caller, name: Name | None = None) -> list[Workflow]:
    """The newest version of each workflow: stages, outcomes, and the JSON Schema of its payload."""
    return await board.list_workflows(who, name)


def _tagged(response: Response, case: Case) -> Case:
    response.headers["ETag"] = f'"{case.version}"'
    return case
