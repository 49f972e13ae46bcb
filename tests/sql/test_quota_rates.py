"""How fast work may begin."""

import pytest

from tests.factories import Clock, Scene
from tests.sql.quotas import EXCLUSIVE, RATE, put_quota
from tests.sql.transfers import transfer


@pytest.mark.usefixtures("boss")
async def test_work_begins_in_a_burst_and_then_at_its_rate(scene: Scene, clock: Clock) -> None:
    """Two at once, then one every ten seconds by the database's clock."""
    await put_quota(scene, RATE)
    for _ in range(5):
        await transfer(scene)
    begun = []
    for seconds in (0, 9, 1, 9, 1):
        await clock.pass_(seconds)
        await scene.store.wake_waiting(10)
        begun.append(len(await scene.claim(limit=10)))

    assert begun == [2, 0, 1, 0, 1]


@pytest.mark.usefixtures("boss")
async def test_a_rate_saves_up_no_more_than_its_burst(scene: Scene, clock: Clock) -> None:
    """However long nothing began."""
    await put_quota(scene, RATE)
    await transfer(scene)
    await scene.claim()
    await clock.pass_(86400)
    for _ in range(5):
        await transfer(scene)

    assert len(await scene.claim(limit=10)) == 2


@pytest.mark.usefixtures("boss")
async def test_ending_work_early_earns_no_second_start(scene: Scene) -> None:
    """A rate counts beginnings."""
    await put_quota(scene, RATE)
    for _ in range(3):
        await transfer(scene)
    for task in await scene.claim(limit=10):
        await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    assert await scene.claim(limit=10) == []


@pytest.mark.usefixtures("boss")
async def test_a_task_that_another_quota_stops_has_not_begun(scene: Scene) -> None:
    """It uses up nothing of a rate that it passed before."""
    await put_quota(scene, RATE)
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene, "a", "b")
    await transfer(scene, "a", "c")
    free = await transfer(scene, "d", "e")

    claimed = await scene.claim(limit=10)

    assert [task.case_id for task in claimed[1:]] == [free.id]
