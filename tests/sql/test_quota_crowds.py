"""Quotas under many who claim at once."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from itertools import combinations
from typing import Any

import pytest

from blackboard.answers import ClaimedTask
from blackboard.board import Board
from blackboard.requests import ClaimRequest, FencedDecision
from blackboard.store import Store
from blackboard.values import Principal
from tests.factories import Clock, Scene
from tests.sql.quotas import EXCLUSIVE, EXPOSURE, put_quota
from tests.sql.transfers import transfer


@pytest.mark.usefixtures("boss")
async def test_a_crowd_of_claimers_never_exceeds_a_ceiling(scene: Scene, clock: Clock) -> None:
    """Ten connections that claim and decide at once: nothing is exceeded, nobody deadlocks, and all of it gets done."""
    await put_quota(scene, EXCLUSIVE)
    await put_quota(scene, EXPOSURE, ceiling="10")
    cases = {
        (await transfer(scene, debit, credit, amount=str(1 + n % 5))).id
        for n, (debit, credit) in enumerate([*combinations("abcdefg", 2), *(pair[::-1] for pair in combinations("abcdefg", 2))])
    }
    running: dict[Any, ClaimedTask] = {}
    most = 0

    async def work(board: Board, who: Principal) -> None:
        nonlocal most
        wish = ClaimRequest(capabilities=["first"], limit=3)
        tasks = (await board.claim(who, wish)).value.tasks
        running.update({task.id: task for task in tasks})
        accounts = Counter(t.context.payload[side] for t in running.values() for side in ("debit", "credit"))
        money = sum(int(t.context.payload["amount"]) for t in running.values())
        assert max(accounts.values(), default=0) <= 1
        assert money <= 10
        most = max(most, money)
        for task in tasks:
            del running[task.id]
            await board.decide(who, task.id, FencedDecision(fence=task.fence, outcome="done", reasons=["because"]))
            cases.discard(task.case_id)

    async with AsyncExitStack() as stack:
        boards = []
        for n in range(10):
            store = await Store.open(scene.url, max_connections=1)
            stack.push_async_callback(store.close)
            boards.append((Board(store), await scene.hire(f"crowd-{n}", "first")))
        for _ in range(100):
            await asyncio.gather(*(work(board, who) for board, who in boards))
            await clock.pass_(1)
            await scene.store.wake_waiting(1000)
            await scene.store.wake_waiting(1000)
            if not cases:
                break

    assert (cases, most > 0) == (set(), True)
    assert [quota.in_use for quota in await scene.board.list_quotas(scene.people["auditor"])] == [{}, {}]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("per", ["tenant", "workflow", "subject"])
async def test_claims_that_come_together_share_what_is_free(scene: Scene, clock: Clock, per: str) -> None:
    """Of thirty wishes for one task each, three come true, and not a fourth later."""
    await put_quota(scene, EXCLUSIVE, per=per, ceiling="3")
    for _ in range(30):
        await transfer(scene)
    claimed = 0
    async with AsyncExitStack() as stack:
        boards = []
        for _ in range(10):
            store = await Store.open(scene.url, max_connections=1)
            stack.push_async_callback(store.close)
            boards.append(Board(store))
        wish = ClaimRequest(capabilities=["first"])
        for _ in range(3):
            answers = await asyncio.gather(*(board.claim(scene.people["worker"], wish) for board in boards))
            claimed += sum(len(answer.value.tasks) for answer in answers)
            await clock.pass_(1)
            await scene.store.wake_waiting(100)
            await scene.store.wake_waiting(100)

    assert claimed == 3
