"""Claiming tasks and ending them."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.deps import Caller, OnceKey, TheBoard, reply
from api.strict import StrictRoute
from blackboard.answers import ActionVerdict, Claimed, TaskView, Verdict, Verdicts
from blackboard.bells import Call
from blackboard.requests import ClaimRequest, DecisionItem, Failure, FencedDecision, Heartbeat, NewAction, Release, Settlement
from blackboard.values import MAX_BATCH, Frozen

router = APIRouter(prefix="/v1", tags=["tasks"], route_class=StrictRoute)


class DecisionBatch(Frozen):
    """Decisions on many tasks."""

    items: Annotated[list[DecisionItem], Field(min_length=1, max_length=MAX_BATCH)]


@router.post("/claims")
async def claim(
    wish: ClaimRequest, board: TheBoard, who: Caller, once: OnceKey, request: Request, response: Response
) -> Claimed:
    """Take tasks, waiting up to `wait_s` for the first. The same `Idempotency-Key` gives the same tasks again."""
    if wish.claim_id is None:
        wish = wish.model_copy(update={"claim_id": once.key})
    call = Call()
    watch = asyncio.create_task(_hang_up_with(request, call))
    try:
        return reply(response, await board.claim(who, wish, once, call=call))
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
    return await board.show_task(who, task_id)


@router.post("/tasks/{task_id}/heartbeat")
async def heartbeat(task_id: UUID, beat: Heartbeat, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdict:
    """Keep the claim for another lease."""
    return reply(response, await board.heartbeat(who, task_id, beat, once))


@router.post("/tasks/{task_id}/decision")
async def decide(
    task_id: UUID, decision: FencedDecision, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Verdict:
    """End the task with an outcome that its stage knows."""
    return reply(response, await board.decide(who, task_id, decision, once))


@router.post("/decisions")
async def decide_many(batch: DecisionBatch, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Verdicts:
    """End up to 1,000 tasks: one verdict each, in order."""
    return reply(response, await board.decide_many(who, batch.items, once))


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
