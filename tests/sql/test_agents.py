"""Agents that are suspended, and what becomes of their claims."""

import pytest

from blackboard.errors import ClaimLost, NotFound, NotPermitted
from blackboard.requests import Failure, FencedDecision, Heartbeat
from blackboard.values import Principal
from blackboard.verbs.work import Wish
from tests.factories import Scene
from tests.sql.tasks import read_journal


@pytest.mark.item("S27")
async def test_suspending_an_agent_takes_its_claims_back_uncounted(scene: Scene, boss: Principal) -> None:
    """They are ready for others at once, at no cost to the task."""
    await scene.open()
    [task] = await scene.claim("worker")

    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    shown = await scene.board.show_task(scene.people["auditor"], task.id)
    assert (shown.state, shown.failures, shown.rescues, shown.holder) == ("ready", 0, 0, None)
    assert [again.attempt for again in await scene.claim("rival")] == [1]


@pytest.mark.item("S27")
async def test_suspending_an_agent_leaves_the_others_at_work(scene: Scene, boss: Principal) -> None:
    """Only its own claims are taken."""
    await scene.open()
    [task] = await scene.claim("rival")

    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    assert await scene.decide(task, "approve", "rival") == "decided"


@pytest.mark.item("S27")
async def test_a_suspended_agent_can_claim_nothing(scene: Scene, boss: Principal) -> None:
    """It is told so, and not that there is no work."""
    await scene.open()
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    with pytest.raises(NotPermitted):
        await scene.claim("worker")


@pytest.mark.parametrize("verb", ["decide", "heartbeat", "fail"])
async def test_a_suspended_agent_can_write_nothing(scene: Scene, boss: Principal, verb: str) -> None:
    """Its claims are over."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")
    body = {
        "decide": FencedDecision(fence=task.fence, outcome="approve", reasons=["because"]),
        "heartbeat": Heartbeat(fence=task.fence),
        "fail": Failure(fence=task.fence, reason="oops"),
    }[verb]

    with pytest.raises(ClaimLost):
        await getattr(scene.board, verb)(scene.people["worker"], task.id, body)


async def test_a_suspended_agent_spoils_nobody_elses_claim(scene: Scene, boss: Principal) -> None:
    """Wishes that are granted together are judged one by one."""
    await scene.open()
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")
    wishes = [Wish(scene.people[name].agent_id) for name in ("worker", "rival")]

    refused, granted = await scene.store.claim_tasks(scene.tenant_id, ["first"], wishes)

    assert (refused, len(granted or [])) == (None, 1)


async def test_an_agent_that_is_let_work_again_works(scene: Scene, boss: Principal) -> None:
    """Its old fence does not."""
    await scene.open()
    [old] = await scene.claim("worker")
    for state in ("suspended", "active"):
        await scene.board.set_agent_state(boss, "worker", state, "a look was taken")
    [new] = await scene.claim("worker")

    with pytest.raises(ClaimLost):
        await scene.decide(old, "approve")

    assert await scene.decide(new, "approve") == "decided"


@pytest.mark.item("S27")
async def test_a_claim_granted_while_its_agent_was_suspended_is_taken_back(scene: Scene, boss: Principal) -> None:
    """The next sweep finds it."""
    await scene.open()
    async with scene.store.transaction() as verbs:
        [claimed] = await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")
    [task] = claimed or []
    before = await scene.state(task.id)

    await scene.store.enforce_holds()

    assert (before, await scene.state(task.id)) == ("claimed", "ready")
    assert [again.attempt for again in await scene.claim("rival")] == [1]


@pytest.mark.usefixtures("database")
async def test_suspension_is_in_the_journal_with_who_and_why(scene: Scene, boss: Principal) -> None:
    """Doing it twice is doing it once."""
    told = [(await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")).value.verdict for _ in range(2)]

    [event] = await read_journal(scene, "agent.suspended")
    assert told == ["changed", "unchanged"]
    assert (event.actor, event.body) == ("boss", {"agent": "worker", "reason": "odd decisions"})


async def test_nobody_unknown_can_be_suspended(scene: Scene, boss: Principal) -> None:
    """A misspelt name is said to be one."""
    with pytest.raises(NotFound, match="wroker"):
        await scene.board.set_agent_state(boss, "wroker", "suspended", "odd decisions")
