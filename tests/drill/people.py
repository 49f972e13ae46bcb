"""The people of a drill, so that nothing rests for want of one: a reviewer, and an operator."""

import asyncio
from collections.abc import Awaitable, Callable

from agents.bank.client import Bank
from agents.bank.errors import BankError
from agents.reconciliation import INQUIRY, newest
from blackboard.answers import ClaimedTask
from blackboard.client import BoardClient
from blackboard.errors import BlackboardError
from blackboard.requests import ClaimRequest, ReviewDecision

PAUSE_S = 1.0
AT_ONCE = 20


async def review(board: BoardClient, bank: Bank) -> None:
    """Approves whatever a machine may not decide; where the bank does not say, he looks for himself. Until cancelled."""

    async def some() -> None:
        tasks = (await board.claim(ClaimRequest(capabilities=["review"], limit=AT_ONCE, wait_s=20))).tasks
        await asyncio.gather(*(_decide(board, bank, task) for task in tasks))

    async with board, bank:
        await _again(some)


async def operate(board: BoardClient) -> None:
    """Lets what rests for an operator go on: whoever takes it up asks the bank before anything else. Until cancelled."""

    async def all_there_are() -> None:
        for incident in await board.list_incidents():
            if (await board.show_case(incident.case_id)).state == "suspended":
                await board.resume_case(incident.case_id, "the bank was asked")
            await board.redrive_task(incident.task_id, "the bank was asked")
        await asyncio.sleep(PAUSE_S)

    async with board:
        await _again(all_there_are)


async def _decide(board: BoardClient, bank: Bank, task: ClaimedTask) -> None:
    screen = await board.show_review(task.id)
    outcome, reason = "approve", "looked_at"
    if task.stage.endswith(INQUIRY) and not await _is_booked(board, bank, task):
        outcome, reason = "reject", "not_on_statement"
    decision = ReviewDecision(fence=task.fence, outcome=outcome, reasons=[reason], shown=screen.shown)
    await board.decide_review(task.id, decision)


async def _is_booked(board: BoardClient, bank: Bank, task: ClaimedTask) -> bool:
    action = newest((await board.show_case(task.case_id)).actions)
    if action is None:
        return False
    return bool((await bank.statement(str(action.payload["from_account"]), reference=action.effect_key)).entries)


async def _again(work: Callable[[], Awaitable[None]]) -> None:
    """What does not work now is tried again."""
    while True:
        try:
            await work()
        except (BlackboardError, BankError):
            await asyncio.sleep(PAUSE_S)
