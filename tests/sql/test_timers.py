"""What the clock does to a case: timer stages, timeouts, and work that begins at its start."""

from datetime import timedelta

import asyncpg
import pytest

from blackboard import workflow
from blackboard.errors import ClaimLost, Invalid
from blackboard.planner import Planner
from tests.factories import Clock, Scene
from tests.sql.flows import HEAD, TIMEOUT, WHEN, begin, cancel, end, put, resume, shown, suspend

TIMER = """
  ask: {capability: first, outcomes: {asked: {to: rest}}}
  rest: {timer_s: 60, outcomes: {elapsed: {to: look}}}
  look: {capability: second, outcomes: {done: {end: seen}}}
"""


async def test_a_timer_stage_is_passed_when_its_time_is_over(scene: Scene, clock: Clock) -> None:
    """To the second, and by nobody's hand."""
    case = await begin(scene, TIMER)
    [task] = await scene.claim()
    await scene.decide(task, "asked")
    await clock.pass_(59)
    early = await scene.store.promote_scheduled(100)
    await clock.pass_(1)

    assert (early, await scene.store.promote_scheduled(100)) == (0, 1)
    [_, rest, look] = (await shown(scene, case)).tasks
    assert rest.decision is not None
    assert (rest.decision.outcome, rest.decision.by, look.state) == ("elapsed", "board", "ready")


async def test_a_timer_of_a_cancelled_case_does_nothing(scene: Scene, clock: Clock) -> None:
    """What was withdrawn stays so."""
    case = await begin(scene, TIMER)
    [task] = await scene.claim()
    await scene.decide(task, "asked")
    await cancel(scene, case)
    await clock.pass_(60)

    assert (await scene.store.promote_scheduled(100), await end(scene, case)) == (0, ("terminated", "withdrawn"))


async def test_a_timer_that_began_under_suspension_is_no_work_for_the_queue(
    scene: Scene, clock: Clock, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Resumed, the case rests until the time is over; its task is in one place only."""
    case = await begin(scene, TIMER)
    [task] = await scene.claim()
    await suspend(scene, case)
    await scene.decide(task, "asked")
    await resume(scene, case)

    assert await connection.fetchval("SELECT count(*) FROM board.task_ready") == 0
    await clock.pass_(60)
    await scene.store.promote_scheduled(100)
    assert [task.stage for task in await scene.claim()] == ["look"]


async def test_a_stage_that_takes_too_long_goes_where_timeout_leads(scene: Scene, clock: Clock) -> None:
    """Its holder is told; before its time nothing happens."""
    case = await begin(scene, TIMEOUT)
    [task] = await scene.claim("worker", lease_s=600)
    await clock.pass_(59)
    early = await scene.store.fire_timers(100)
    await clock.pass_(1)
    await scene.store.fire_timers(100)

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "done")

    assert (early, lost.value.reason, (await shown(scene, case)).stage) == (0, "cancelled", "late")


async def test_a_timer_of_a_stage_that_was_left_does_nothing(scene: Scene, clock: Clock) -> None:
    """Nor does it when the case is in that stage again."""
    case = await begin(scene, TIMEOUT)
    await clock.pass_(30)
    [task] = await scene.claim()
    await scene.decide(task, "again")
    await clock.pass_(30)
    await scene.store.fire_timers(100)
    before = (await shown(scene, case)).stage
    await clock.pass_(30)
    await scene.store.fire_timers(100)

    assert (before, (await shown(scene, case)).stage) == ("work", "late")


async def test_a_suspended_case_does_not_time_out(scene: Scene, clock: Clock) -> None:
    """It gets a minute more, and again, until it is resumed."""
    case = await begin(scene, TIMEOUT)
    await suspend(scene, case)
    await clock.pass_(60)
    await scene.store.fire_timers(100)
    before = (await shown(scene, case)).stage
    await resume(scene, case)
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert (before, (await shown(scene, case)).stage) == ("work", "late")


async def test_no_agent_says_timeout(scene: Scene) -> None:
    """That route is the board's own."""
    await begin(scene, TIMEOUT)
    [task] = await scene.claim()

    with pytest.raises(Invalid):
        await scene.decide(task, "timeout")


async def test_work_begins_at_its_start(scene: Scene, clock: Clock) -> None:
    """Not a second before."""
    await scene.open(start_at=clock.now + timedelta(seconds=60))
    await clock.pass_(59)
    early = (await scene.store.fire_timers(100), await scene.claim())
    await clock.pass_(1)

    assert (early, await scene.store.fire_timers(100), len(await scene.claim())) == ((0, []), 1, 1)


async def test_work_with_a_condition_begins_at_its_start_too(scene: Scene, clock: Clock) -> None:
    """Facts that are there early do not bring it forward."""
    await scene.load(workflow.parse(HEAD + WHEN))
    case = await scene.open("flow", start_at=clock.now + timedelta(seconds=60))
    await put(scene, case, level="full", age=18)
    await Planner(scene.store).run_once()
    early = await scene.claim()
    await clock.pass_(60)
    await scene.store.fire_timers(100)
    await Planner(scene.store).run_once()

    assert (early, len(await scene.claim())) == ([], 1)
