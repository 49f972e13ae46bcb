"""Reviews: what people decide, by when, and on what."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import Approver, Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Told, Verdict
from blackboard.masks import shown_to
from blackboard.reports import ReviewClaim, ReviewQueue, ReviewScreen, ReviewVerdict
from blackboard.requests import Forwarding, Question, Raising, Release, ReviewDecision
from blackboard.values import Name

router = APIRouter(prefix="/v1/reviews", tags=["reviews"], route_class=BoardRoute)

MAX_PAGE = 200


@router.get("")
async def list_reviews(
    board: TheBoard,
    who: Caller,
    whose: Annotated[
        Literal["queue", "mine", "offered", "all"],
        Query(description="What I hold, what I may have, both (`queue`), or every open review."),
    ] = "queue",
    workflow: Name | None = None,
    stage: Name | None = None,
    case: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> ReviewQueue:
    """Open reviews, those due first before the others, and how fast the caller has been deciding."""
    queue = await board.list_reviews(who, whose=whose, workflow=workflow, stage=stage, case_id=case, limit=limit)
    return shown_to(who, queue)


@router.get("/{task_id}")
async def show_review(task_id: UUID, board: TheBoard, who: Caller) -> ReviewScreen:
    """Everything that it is decided upon, with the digest that the decision must name. That it was shown is kept."""
    return await board.show_review(who, task_id)


@router.post("/{task_id}/claim")
async def claim_review(task_id: UUID, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> ReviewClaim:
    """Take this review, for as long as its stage lends it; nobody sends heartbeats for people."""
    return reply(response, await board.claim_review(who, task_id, once))


@router.post("/{task_id}/decision")
async def decide_review(
    task_id: UUID, decision: ReviewDecision, board: TheBoard, who: Approver, once: OnceKey, response: Response
) -> ReviewVerdict:
    """Decide on exactly what was shown (`shown`). Refused as `changed` when something else would be shown now."""
    return reply(response, await board.decide_review(who, task_id, decision, once))


@router.post("/{task_id}/return")
async def return_review(
    task_id: UUID, given_back: Release, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdict:
    """Give it back to those who may have it."""
    return reply(response, await board.release(who, task_id, given_back, once))


@router.post("/{task_id}/forward")
async def forward_review(
    task_id: UUID, to: Forwarding, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Let a person, or everybody with a capability, decide it instead. Who forwards has delegated."""
    return reply(response, await board.forward_review(who, task_id, to, once))


@router.post("/{task_id}/escalate")
async def escalate_review(task_id: UUID, why: Raising, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Let those decide it whom the stage escalates to, and sooner."""
    return reply(response, await board.escalate_review(who, task_id, why, once))


@router.post("/{task_id}/ask")
async def ask_review(task_id: UUID, ask: Question, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Ask for a fact. The review waits for it, its time running on, and comes back to who asked."""
    return reply(response, await board.ask_review(who, task_id, ask, once))
