"""Who acts for whom, and leave to break a rule on duties."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Approver, Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Told
from blackboard.masks import shown_to
from blackboard.reports import Delegation, Leave
from blackboard.requests import NewDelegation, NewLeave
from blackboard.values import Frozen, Text

router = APIRouter(prefix="/v1", tags=["duties"], route_class=BoardRoute)

Reason = Annotated[Text, Query(description="Why; it is kept in the journal.")]


class Because(Frozen):
    """Why."""

    reason: Text


@router.get("/delegations")
async def list_delegations(board: TheBoard, who: Caller) -> list[Delegation]:
    """Who acts for whom at present, oldest first."""
    return [shown_to(who, each) for each in await board.list_delegations(who)]


@router.post("/delegations", status_code=201)
async def delegate(new: NewDelegation, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Delegation:
    """Let another agent act for you. Until the end the two of you are one person in every duty."""
    return reply(response, await board.delegate(who, new, once))


@router.delete("/delegations/{delegation_id}")
async def end_delegation(
    delegation_id: UUID, board: TheBoard, who: Caller, once: OnceKey, response: Response, reason: Reason
) -> Told:
    """Act for yourself again. On cases that were worked on meanwhile the two stay one person."""
    return reply(response, await board.end_delegation(who, delegation_id, reason, once))


@router.get("/break-glass")
async def list_leaves(board: TheBoard, who: Caller) -> list[Leave]:
    """What leave to break a rule was asked for, newest first, at most 200."""
    return [shown_to(who, each) for each in await board.list_leaves(who)]


@router.get("/cases/{case_id}/break-glass")
async def list_leaves_of_case(case_id: UUID, board: TheBoard, who: Caller) -> list[Leave]:
    """What leave to break a rule was asked for on a case, newest first."""
    return [shown_to(who, each) for each in await board.list_leaves(who, case_id)]


@router.post("/cases/{case_id}/break-glass", status_code=201)
async def ask_leave(case_id: UUID, new: NewLeave, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Leave:
    """Ask that an agent may take on a duty once although its person has another one here. Somebody else must approve."""
    return reply(response, await board.ask_leave(who, case_id, new, once))


@router.post("/cases/{case_id}/break-glass/{leave_id}/approve")
async def approve_leave(
    case_id: UUID, leave_id: UUID, why: Because, board: TheBoard, who: Approver, once: OnceKey, response: Response
) -> Leave:
    """Approve as a second person: neither who asked nor who acts. It is good for the minutes asked for, from now."""
    return reply(response, await board.approve_leave(who, case_id, leave_id, why.reason, once))


@router.post("/cases/{case_id}/break-glass/{leave_id}/revoke")
async def revoke_leave(
    case_id: UUID, leave_id: UUID, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Leave:
    """Take leave back that was not spent yet."""
    return reply(response, await board.revoke_leave(who, case_id, leave_id, why.reason, once))
