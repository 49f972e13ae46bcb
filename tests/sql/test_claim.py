"""What a claim promises."""

from datetime import timedelta

import pytest

from blackboard.errors import NotPermitted
from blackboard.requests import ClaimRequest
from tests.factories import NOON, Clock, Scene, small


async def test_a_claimed_task_is_nobody_elses(scene: Scene) -> None:
    """The second claimer finds nothing."""
    await scene.open()

    first, second = await scene.claim("worker"), await scene.claim("rival")

    assert (len(first), second) == (1, [])


async def test_the_first_fence_is_one_and_each_claim_raises_it(scene: Scene, clock: Clock) -> None:
    """A task that comes back is claimed under the next number, never under an old one."""
    await scene.open()
    fences = []
    for _ in range(2):
        fences += [task.fence for task in await scene.claim()]
        await clock.pass_(31)
        await scene.store.expire_leases(10)

    assert fences == [1, 2]


async def test_urgent_work_comes_first_then_what_is_due_then_what_is_old(scene: Scene) -> None:
    """Order is priority, due time, age."""
    due = NOON + timedelta(days=1)
    wanted = [
        (await scene.open(payload={"n": name}, **more)).id
        for name, more in (("old", {}), ("young", {}), ("due", {"due_at": due}), ("urgent", {"priority": 0}))
    ]

    claimed = [task.case_id for task in await scene.claim(limit=10)]

    old, young, due_first, urgent = wanted
    assert claimed == [urgent, due_first, old, young]


async def test_several_capabilities_are_merged_in_one_order(scene: Scene) -> None:
    """A claim for two capabilities takes the most urgent task of either."""
    late = await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    urgent = await scene.open(priority=0)

    claimed = await scene.claim("worker", "second", "first", limit=2)

    assert [(task.case_id, task.capability) for task in claimed] == [(urgent.id, "first"), (late.id, "second")]


async def test_the_deadline_is_the_stages_lease_by_the_databases_clock(scene: Scene, clock: Clock) -> None:
    """Thirty seconds as the workflow says, unless the claimer asks for another length."""
    await scene.open()
    await scene.open()

    [usual], [longer] = await scene.claim(), await scene.claim(lease_s=600)

    assert (usual.deadline_at, longer.deadline_at) == (clock.now + timedelta(seconds=30), clock.now + timedelta(seconds=600))


async def test_a_claim_brings_the_case_and_what_was_decided(scene: Scene) -> None:
    """The context bundle spares the agent a second question."""
    await scene.open(payload={"customer": "C-7"})
    [task] = await scene.claim()
    await scene.decide(task, "approve")

    [task] = await scene.claim("rival", "second")

    assert task.context.payload == {"customer": "C-7"}
    assert [(d.stage, d.outcome, d.by) for d in task.context.decisions] == [("first", "approve", "worker")]


async def test_a_capability_that_was_not_granted_is_refused(scene: Scene) -> None:
    """The database holds the grant, not the caller's word."""
    with pytest.raises(NotPermitted):
        await scene.board.claim(scene.people["worker"], ClaimRequest(capabilities=["execution"]))


async def test_a_running_case_keeps_its_workflow_version(scene: Scene) -> None:
    """A new version is for new cases."""
    old = await scene.open()
    await scene.load(small(capability="second"))
    new = await scene.open()

    claimed = {task.case_id: task.capability for task in await scene.claim(limit=2)}

    assert (claimed[old.id], claimed[new.id]) == ("first", "second")


async def test_loading_the_same_workflow_twice_makes_one_version(scene: Scene) -> None:
    """Version numbers count changes, not loads."""
    assert [await scene.load(small()), await scene.load(small()), await scene.load(small(lease_s=60))] == [1, 1, 2]
