"""Work over HTTP: waited for, held, lost."""

import asyncio
from uuid import uuid4

import pytest

from blackboard.errors import ClaimLost
from blackboard.requests import ClaimRequest, FencedDecision, NewAction, Settlement
from blackboard.states import ActionState
from tests.factories import Scene
from tests.http.conftest import Api, fresh_key, serve


async def test_a_waiting_claim_gets_work_when_it_comes(own: Api) -> None:
    """The claim was parked before the case was opened."""
    async with own.client("worker") as worker:
        waiting = asyncio.create_task(worker.claim(ClaimRequest(capabilities=["first"], wait_s=20)))
        await _until(lambda: own.service.board.waiting_claims == 1)
        case = await own.scene.open()

        assert [task.case_id for task in (await waiting).tasks] == [case.id]


async def test_of_many_who_wait_one_gets_the_one_task(own: Api) -> None:
    """The others go on waiting and are answered with nothing in the end."""
    async with own.client("worker") as worker:
        waiting = [asyncio.create_task(worker.claim(ClaimRequest(capabilities=["first"], wait_s=2))) for _ in range(20)]
        await _until(lambda: own.service.board.waiting_claims == 20)
        await own.scene.open()

        claimed = await asyncio.gather(*waiting)

    assert sorted(len(answer.tasks) for answer in claimed) == [0] * 19 + [1]


async def test_a_claimer_who_hangs_up_takes_no_work_along(own: Api) -> None:
    """Its connection was cut while it waited; the task goes to whoever is there."""
    async with own.http("worker") as http:
        body = {"capabilities": ["first"], "wait_s": 20}
        waiting = asyncio.create_task(http.post("/v1/claims", json=body, headers=fresh_key()))
        await _until(lambda: own.service.board.waiting_claims == 1)
        waiting.cancel()
        await asyncio.wait({waiting})
    await _until(lambda: own.service.board.waiting_claims == 0)
    await own.scene.open()

    assert len(await own.scene.claim("rival")) == 1


async def test_too_many_waiters_are_asked_to_come_back(scene: Scene) -> None:
    """503 with a time; those who wait already are not disturbed."""
    async with serve(scene, max_waiting_claims=1) as api, api.client("worker") as worker, api.http("worker") as http:
        first = asyncio.create_task(worker.claim(ClaimRequest(capabilities=["first"], wait_s=20)))
        await _until(lambda: api.service.board.waiting_claims == 1)
        refused = await http.post("/v1/claims", json={"capabilities": ["first"], "wait_s": 20}, headers=fresh_key())
        await api.scene.open()

        assert (refused.status_code, refused.headers["Retry-After"].isdigit()) == (503, True)
        assert len((await first).tasks) == 1


async def test_a_stale_fence_is_409_with_its_reason(own: Api) -> None:
    """The body says why, in one word that programs can compare."""
    await own.scene.open()
    [task] = await own.scene.claim()
    await own.scene.decide(task, "approve")
    async with own.http("worker") as http:
        path = f"/v1/tasks/{task.id}/decision"
        answer = await http.post(
            path, json={"fence": task.fence, "outcome": "approve", "reasons": ["because"]}, headers=fresh_key()
        )

    assert (answer.status_code, answer.json()["reason"]) == (409, "done")


async def test_an_action_keeps_its_key_whoever_carries_it_on(own: Api) -> None:
    """Recorded once; the next holder is given the same key and told to ask the bank first."""
    await own.scene.open()
    [task] = await own.scene.claim()
    async with own.client("worker") as worker:
        action = NewAction(fence=task.fence, kind="transfer", payload={"amount": "1.00"})
        first = await worker.record_action(task.id, action)
        again = await worker.record_action(task.id, action)
        settled = await worker.settle_action(
            task.id, first.action_id or uuid4(), Settlement(fence=task.fence, state=ActionState.EXECUTED, receipt={"n": 1})
        )
        after = await worker.record_action(task.id, action)

    assert (first.verdict, again.verdict, settled.state, after.verdict) == ("recorded", "repeated", "executed", "settled")
    assert first.effect_key == again.effect_key == after.effect_key


async def test_an_actions_bytes_never_change(own: Api) -> None:
    """Another amount under the same action is a conflict, and journalled."""
    await own.scene.open()
    [task] = await own.scene.claim()
    async with own.http("worker") as http:
        path = f"/v1/tasks/{task.id}/actions"
        body = {"fence": task.fence, "kind": "transfer", "payload": {"amount": "1.00"}}
        await http.post(path, json=body, headers=fresh_key())
        altered = await http.post(path, json={**body, "payload": {"amount": "9.00"}}, headers=fresh_key())

    assert altered.status_code == 409


async def test_the_client_raises_what_the_board_raises(own: Api) -> None:
    """The same error classes in process and over HTTP."""
    await own.scene.open()
    [task] = await own.scene.claim()
    await own.scene.decide(task, "approve")
    async with own.client("worker") as worker:
        with pytest.raises(ClaimLost) as lost:
            await worker.decide(task.id, FencedDecision(fence=task.fence, outcome="approve", reasons=["because"]))

    assert lost.value.reason == "done"


async def _until(fact: object) -> None:
    assert callable(fact)
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.sleep(0.01)
