"""What makes a task more urgent while it waits: escalation and ageing."""

from tests.factories import Clock, Scene
from tests.sql.flows import begin, cancel, last_task

ESCALATING = """
  work:
    capability: first
    escalate: [{after_s: 60, priority: 3}, {after_s: 120, priority: 1}]
    outcomes: {done: {end: done}, again: {to: work}}
"""

AGEING = """
  work: {capability: first, ageing_s: 60, outcomes: {done: {end: done}}}
"""


async def test_an_escalated_task_goes_before_newer_urgent_ones(scene: Scene, clock: Clock) -> None:
    """From the moment on that its workflow names."""
    old = await begin(scene, ESCALATING)
    await clock.pass_(60)
    urgent = await scene.open("flow", priority=4)
    await scene.store.fire_timers(100)

    assert [task.case_id for task in await scene.claim(limit=2)] == [old.id, urgent.id]


async def test_a_task_that_is_held_is_escalated_too(scene: Scene, clock: Clock) -> None:
    """Given back, it is offered as urgent."""
    case = await begin(scene, ESCALATING)
    [task] = await scene.claim("worker", lease_s=600)
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert ((await last_task(scene, case)).priority, await scene.decide(task, "done")) == (3, "decided")


async def test_two_escalations_at_once_give_the_more_urgent(scene: Scene, clock: Clock) -> None:
    """A sweep that comes late does not fall short."""
    case = await begin(scene, ESCALATING)
    await clock.pass_(200)
    await scene.store.fire_timers(100)

    assert (await last_task(scene, case)).priority == 1


async def test_waiting_makes_urgent(scene: Scene, clock: Clock) -> None:
    """After its time in the queue a task is level with work of the next priority, and older."""
    old = await begin(scene, AGEING)
    await clock.pass_(60)
    aged = await scene.store.age_ready(100)
    urgent = await scene.open("flow", priority=4)

    assert (aged, [task.case_id for task in await scene.claim(limit=2)]) == (1, [old.id, urgent.id])


async def test_who_has_not_waited_is_not_aged(scene: Scene, clock: Clock) -> None:
    """Nor is anybody twice for the same wait."""
    await begin(scene, AGEING)
    await clock.pass_(59)
    early = await scene.store.age_ready(100)
    await clock.pass_(1)

    assert (early, await scene.store.age_ready(100), await scene.store.age_ready(100)) == (0, 1, 0)


async def test_an_aged_task_is_withdrawn_like_any_other(scene: Scene, clock: Clock) -> None:
    """It is found under its new priority."""
    case = await begin(scene, AGEING)
    await clock.pass_(60)
    await scene.store.age_ready(100)
    await cancel(scene, case)

    assert await scene.claim() == []


CIRCLES = """
  work: {capability: first, outcomes: {done: {end: done}, again: {to: work}}}
"""


async def test_a_case_keeps_its_place_from_stage_to_stage(scene: Scene) -> None:
    """One that comes back to a stage is taken before those that were opened after it."""
    first = await begin(scene, CIRCLES)
    await scene.open("flow")
    [task] = await scene.claim()
    await scene.decide(task, "again")

    assert [task.case_id for task in await scene.claim()] == [first.id]


async def test_a_case_that_goes_round_in_circles_keeps_nobody_from_the_head(scene: Scene) -> None:
    """From its seventeenth stage on it queues at the end."""
    first = await begin(scene, CIRCLES)
    second = await scene.open("flow")
    for _ in range(16):
        [task] = await scene.claim()
        assert task.case_id == first.id
        await scene.decide(task, "again")

    assert [task.case_id for task in await scene.claim(limit=2)] == [second.id, first.id]
