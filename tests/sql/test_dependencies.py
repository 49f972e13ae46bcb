"""Cases that come after others."""

from datetime import timedelta

from tests.factories import Clock, Scene
from tests.sql.flows import cancel, last_task


async def test_a_case_comes_after_another(scene: Scene) -> None:
    """Its task waits until that one has ended."""
    first = await scene.open()
    second = await scene.open(after=[first.id])
    [task] = await scene.claim(limit=10)
    waits = (await last_task(scene, second)).waits_for
    await scene.decide(task, "reject")
    await scene.store.wake_waiting(100)

    assert ([(w.reason, w.key) for w in waits], task.case_id) == ([("after", str(first.id))], first.id)
    assert [task.case_id for task in await scene.claim(limit=10)] == [second.id]


async def test_a_cancelled_case_has_ended_too(scene: Scene) -> None:
    """Whoever came after it goes on."""
    first = await scene.open()
    second = await scene.open(after=[first.id])
    await cancel(scene, first)
    await scene.store.wake_waiting(100)

    assert [task.case_id for task in await scene.claim(limit=10)] == [second.id]


async def test_a_case_comes_after_all_that_it_names(scene: Scene) -> None:
    """One that has ended is not enough."""
    early, late = await scene.open(), await scene.open()
    last = await scene.open(after=[early.id, late.id])
    await cancel(scene, early)
    await scene.store.wake_waiting(100)
    between = (await last_task(scene, last)).state
    await cancel(scene, late)
    await scene.store.wake_waiting(100)

    assert (between, (await last_task(scene, last)).state) == ("waiting", "ready")


async def test_nobody_waits_for_what_has_ended(scene: Scene) -> None:
    """The task is ready at once."""
    first = await scene.open()
    await cancel(scene, first)
    second = await scene.open(after=[first.id])

    assert [task.case_id for task in await scene.claim()] == [second.id]


async def test_a_case_that_comes_after_another_still_begins_at_its_start(scene: Scene, clock: Clock) -> None:
    """Both must be: the other case has ended, and the time has come."""
    first = await scene.open()
    await scene.open(after=[first.id], start_at=clock.now + timedelta(seconds=60))
    await cancel(scene, first)
    await scene.store.wake_waiting(100)
    early = await scene.claim()
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert (early, len(await scene.claim())) == ([], 1)
