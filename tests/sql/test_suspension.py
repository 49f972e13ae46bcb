"""Cases that are suspended and resumed."""

from blackboard.planner import Planner
from tests.factories import Clock, Scene
from tests.sql.flows import WHEN, begin, end, last_task, put, resume, shown, suspend


async def test_nothing_of_a_suspended_case_is_handed_out(scene: Scene) -> None:
    """Resumed, it is."""
    case = await scene.open()
    await suspend(scene, case)
    before = await scene.claim(), await end(scene, case)
    await resume(scene, case)

    assert before == ([], ("suspended", None))
    assert [task.case_id for task in await scene.claim()] == [case.id]


async def test_who_holds_a_task_of_a_suspended_case_may_end_it(scene: Scene) -> None:
    """What follows waits until the case is resumed."""
    case = await scene.open()
    [task] = await scene.claim()
    await suspend(scene, case)
    told = await scene.decide(task, "approve")
    between = (await shown(scene, case)).stage, await scene.claim()
    await resume(scene, case)

    assert (told, between) == ("decided", ("second", []))
    assert [task.stage for task in await scene.claim()] == ["second"]


async def test_a_claim_that_runs_out_under_suspension_waits_too(scene: Scene, clock: Clock) -> None:
    """It comes back to the queue with the case."""
    case = await scene.open()
    await scene.claim()
    await suspend(scene, case)
    await clock.pass_(30)
    await scene.store.expire_leases(100)
    before = await scene.claim("rival")
    await resume(scene, case)

    assert (before, [task.fence for task in await scene.claim("rival")]) == ([], [2])


async def test_a_condition_met_under_suspension_waits_for_the_case(scene: Scene) -> None:
    """One reason less, and still one."""
    case = await begin(scene, WHEN)
    await suspend(scene, case)
    await put(scene, case, level="full", age=18)
    await Planner(scene.store).run_once()
    before = (await last_task(scene, case)).waits_for
    await resume(scene, case)

    assert ([w.reason for w in before], len(await scene.claim())) == (["suspended"], 1)


async def test_suspending_twice_is_suspending_once(scene: Scene) -> None:
    """One resume lets it go on."""
    case = await scene.open()
    await suspend(scene, case)
    await suspend(scene, case)
    await resume(scene, case)

    assert len(await scene.claim(limit=10)) == 1
