"""Cases that open by themselves, one for each moment of a schedule."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from blackboard.errors import NotFound
from blackboard.requests import NewCase, NewSchedule
from blackboard.scheduler import Scheduler
from tests.factories import Clock, Scene
from tests.sql.flows import all_cases, hire_boss

EVERY_MORNING = "0 7 * * *"


@pytest.fixture
async def scheduler(scene: Scene) -> AsyncIterator[Scheduler]:
    """A scheduler that may lead."""
    scheduler = Scheduler(scene.store.seat("scheduler"))
    yield scheduler
    await scheduler.close()


async def schedule(scene: Scene, name: str = "morning", customer: str = "C-1") -> None:
    """A small case every morning at seven."""
    new = NewCase(workflow="small", payload={"customer": customer})
    await scene.board.put_schedule(await hire_boss(scene), name, NewSchedule(cron=EVERY_MORNING, new_case=new))


async def test_a_schedule_opens_one_case_for_what_was_missed(scene: Scene, clock: Clock, scheduler: Scheduler) -> None:
    """However many mornings have passed, and however often somebody looks; next is tomorrow at seven."""
    await schedule(scene)
    for _ in range(3):
        await scheduler.run_once()
    [plan] = await scene.board.list_schedules(scene.people["auditor"])

    assert (len(await all_cases(scene)), plan.next_at) == (1, clock.now + timedelta(hours=19))


async def test_a_schedule_opens_one_case_per_moment(scene: Scene, clock: Clock, scheduler: Scheduler) -> None:
    """Not a second before seven, then once."""
    await schedule(scene)
    await scheduler.run_once()
    counts = []
    for seconds in (19 * 3600 - 1, 1, 0, 24 * 3600):
        await clock.pass_(seconds)
        await scheduler.run_once()
        counts.append(len(await all_cases(scene)))

    assert counts == [1, 2, 2, 3]
    assert [case.business_key for case in await all_cases(scene)][:2] == [
        "morning@2030-01-03T07:00:00Z",
        "morning@2030-01-02T07:00:00Z",
    ]


@pytest.mark.usefixtures("clock")
async def test_two_schedulers_with_one_moment_open_one_case(scene: Scene) -> None:
    """Only who moves the schedule on opens its case."""
    await schedule(scene)
    [due] = await scene.store.due_schedules(10)
    moved = [await scene.store.run_schedule(due, due.at + timedelta(hours=19)) for _ in range(2)]

    assert (moved, len(await all_cases(scene))) == ([True, False], 1)


@pytest.mark.usefixtures("clock")
async def test_a_second_scheduler_stands_by(scene: Scene, scheduler: Scheduler) -> None:
    """It leads when the first has gone."""
    standby = Scheduler(scene.store.seat("scheduler"))
    await scheduler.run_once()
    await standby.run_once()
    before = scheduler.leading, standby.leading
    await scheduler.close()
    await _until_leading(standby)
    await standby.close()

    assert before == (True, False)


async def _until_leading(standby: Scheduler) -> None:
    """The server takes a moment to give up a lock of a connection that was closed."""
    async with asyncio.timeout(5):
        while not standby.leading:
            await standby.run_once()
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("clock")
async def test_a_dropped_schedule_opens_nothing(scene: Scene, scheduler: Scheduler) -> None:
    """Its moment passes by."""
    await schedule(scene)
    await scene.board.drop_schedule(await hire_boss(scene), "morning")
    await scheduler.run_once()

    assert await all_cases(scene) == []


@pytest.mark.usefixtures("clock")
async def test_a_case_that_opened_by_itself_knows_whom_it_is_about(scene: Scene, scheduler: Scheduler) -> None:
    """As if somebody had opened it: holds and quotas on its customer must find it."""
    await schedule(scene, customer="C-9")
    await scheduler.run_once()
    [case] = await all_cases(scene)

    assert (case.payload, case.subject) == ({"customer": "C-9"}, "C-9")


async def test_a_schedule_of_a_workflow_that_is_not_there_is_refused(scene: Scene) -> None:
    """At once, and not every morning in silence."""
    plan = NewSchedule(cron=EVERY_MORNING, new_case=NewCase(workflow="missing", payload={}))

    with pytest.raises(NotFound):
        await scene.board.put_schedule(await hire_boss(scene), "morning", plan)
