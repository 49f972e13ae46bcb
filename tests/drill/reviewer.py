"""A person who approves whatever a machine may not: so that nothing rests for want of one."""

import asyncio

from blackboard.client import BoardClient
from blackboard.errors import BlackboardError
from blackboard.requests import ClaimRequest, ReviewDecision

PAUSE_S = 1.0


async def review(board: BoardClient) -> None:
    """Until cancelled."""
    async with board:
        while True:
            try:
                tasks = (await board.claim(ClaimRequest(capabilities=["review"], limit=20, wait_s=20))).tasks
                for task in tasks:
                    shown = (await board.show_review(task.id)).shown
                    decision = ReviewDecision(fence=task.fence, outcome="approve", reasons=["looked_at"], shown=shown)
                    await board.decide_review(task.id, decision)
            except BlackboardError:
                await asyncio.sleep(PAUSE_S)
