"""Claiming tasks and ending them."""

import asyncio
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.deps import Approver, Caller, OnceKey, TheBoard, reply, reply_encoded
from api.route import BoardRoute
from blackboard.answers import ActionVerdict, Claimed, TaskView, Verdict, Verdicts
from blackboard.bells import Call
from blackboard.masks import shown_to
from blackboard.reports import Why
from blackboard.requests import (
    ClaimRequest,
    DecisionItem,
    Failure,
    FailureItem,
    Fenced,
    FencedDecision,
    FencedOpinion,
    Heartbeat,
    HeartbeatItem,
    NeedInput,
    NeedItem,
    NewAction,
    Proposal,
    Rejection,
    RejectionItem,
    Release,
    ReleaseItem,
    Settlement,
)
from blackboard.values import MAX_BATCH, Frozen

router = APIRouter(prefix="/v1", tags=["tasks"], route_class=BoardRoute)


F = TypeVar("F", bound=Fenced)


class Batch(Frozen, Generic[F]):
    """One verb on many tasks."""

    items: Annotated[list[F], Field(min_length=1, max_length=MAX_BATCH)]


@router.post("/claims", response_model=Claimed)
async def claim(wish: ClaimRequest, board: TheBoard, who: Caller, once: OnceKey, request: Request) -> Response:
    """Take tasks, waiting up to `wait_s` for the first. The same `Idempotency-Key` gives the same tasks again."""
    if wish.claim_id is None:
        wish = wish.model_copy(update={"claim_id": once.key})
    call = Call()
    watch = asyncio.create_task(_hang_up_with(request, call))
    try:
        return reply_encoded(await board.claim(who, wish, once, call=call))
    finally:
        watch.cancel()


async def _hang_up_with(request: Request, call: Call) -> None:
    """The body has been read, so the next message can only say that the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    call.hang_up()


@router.get("/tasks/{task_id}")
async def show_task(task_id: UUID, board: TheBoard, who: Caller) -> TaskView:
    """State, holder and decision of a task."""
    return shown_to(who, await board.show_task(who, task_id))


@router.get("/tasks/{task_id}/why")
async def explain_task(task_id: UUID, board: TheBoard, who: Caller) -> Why:
    """Why nobody has the task, who may claim it, who may not and by which rule."""
    return await board.explain_task(who, task_id)


@router.post("/tasks/{task_id}/heartbeat")
async def heartbeat(task_id: UUID, beat: Heartbeat, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdict:
    """Keep the claim for another lease."""
    return reply(response, await board.heartbeat(who, task_id, beat, once))


@router.post("/tasks/{task_id}/decision")
async def decide(
    task_id: UUID, decision: FencedDecision, board: TheBoard, who: Approver, once: OnceKey, response: Response
) -> Verdict:
    """End the task with an outcome that its stage knows."""
    return reply(response, await board.decide(who, task_id, decision, once))


@router.post("/tasks/{task_id}/opinion")
async def give_opinion(
    task_id: UUID, opinion: FencedOpinion, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdict:
    """Say what a panel's seat has to say, sealed until all are counted. Said again it takes the last one's place."""
    return reply(response, await board.give_opinion(who, task_id, opinion, once))


@router.post("/tasks/{task_id}/fail")
async def fail(task_id: UUID, failure: Failure, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdict:
    """The work went wrong: it is tried again after a pause, or given up."""
    return reply(response, await board.fail(who, task_id, failure, once))


@router.post("/tasks/{task_id}/release")
async def release(
    task_id: UUID, given_back: Release, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdict:
    """Give the task back unharmed."""
    return reply(response, await board.release(who, task_id, given_back, once))


@router.post("/tasks/{task_id}/reject")
async def reject(
    task_id: UUID, rejection: Rejection, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdict:
    """Not mine: give the task back and be offered it no more."""
    return reply(response, await board.reject(who, task_id, rejection, once))


@router.post("/tasks/{task_id}/need")
async def need_input(
    task_id: UUID, need: NeedInput, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdict:
    """Let the task wait for a fact; whoever claims it next finds it on the board."""
    return reply(response, await board.need_input(who, task_id, need, once))


@router.post("/decisions")
async def decide_many(
    batch: Batch[DecisionItem], board: TheBoard, who: Approver, once: OnceKey, response: Response
) -> Verdicts:
    """End up to 1,000 tasks: one verdict each, in order."""
    return reply(response, await board.write_many(who, [(item.task_id, item) for item in batch.items], once))


@router.post("/heartbeats")
async def heartbeat_many(
    batch: Batch[HeartbeatItem], board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdicts:
    """Keep up to 1,000 claims: one verdict each, in order."""
    return reply(response, await board.write_many(who, [(item.task_id, item) for item in batch.items], once))


@router.post("/failures")
async def fail_many(batch: Batch[FailureItem], board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdicts:
    """Say of up to 1,000 tasks that the work went wrong: one verdict each, in order."""
    return reply(response, await board.write_many(who, [(item.task_id, item) for item in batch.items], once))


@router.post("/releases")
async def release_many(batch: Batch[ReleaseItem], board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdicts:
    """Give up to 1,000 tasks back unharmed: one verdict each, in order."""
    return reply(response, await board.write_many(who, [(item.task_id, item) for item in batch.items], once))


@router.post("/rejections")
async def reject_many(batch: Batch[RejectionItem], board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdicts:
    """Give up to 1,000 tasks back as not this agent's: one verdict each, in order."""
    return reply(response, await board.write_many(who, [(item.task_id, item) for item in batch.items], once))


@router.post("/needs")
async def need_many(batch: Batch[NeedItem], board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdicts:
    """Let up to 1,000 tasks wait for facts: one verdict each, in order."""
    return reply(response, await board.write_many(who, [(item.task_id, item) for item in batch.items], once))


@router.post("/tasks/{task_id}/actions/propose")
async def propose_action(
    task_id: UUID, proposal: Proposal, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> ActionVerdict:
    """Show a decision the exact bytes of a side effect that it is to authorize."""
    return reply(response, await board.propose_action(who, task_id, proposal, once))


@router.post("/tasks/{task_id}/actions")
async def record_action(
    task_id: UUID, action: NewAction, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> ActionVerdict:
    """Write a side effect down before its first byte leaves, and get the key to send it under."""
    return reply(response, await board.record_action(who, task_id, action, once))


@router.post("/tasks/{task_id}/actions/{action_id}/settlement")
async def settle_action(
    task_id: UUID,
    action_id: UUID,
    settlement: Settlement,
    board: TheBoard,
    who: Caller,
    once: OnceKey,
    response: Response,
) -> ActionVerdict:
    """Keep what the bank said: executed, failed, or unknown."""
    return reply(response, await board.settle_action(who, task_id, action_id, settlement, once))
