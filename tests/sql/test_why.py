"""Why a task is not being worked on, in a sentence and with what stands behind it."""

from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from blackboard.errors import NotFound
from blackboard.reports import Why
from blackboard.requests import Failure, Rejection
from blackboard.values import Principal
from tests.conftest import Database
from tests.factories import Clock, Scene, make_scene
from tests.sql.tasks import get_stuck, task_of
from tests.sql.transfers import transfer


async def _why(scene: Scene, task_id: UUID) -> Why:
    return await scene.board.explain_task(scene.people["auditor"], task_id)


async def test_why_names_the_hold_that_stands_before_a_ready_task(scene: Scene, boss: Principal, clock: Clock) -> None:
    """Even before a claim has met it: by whom and why."""
    task_id = await task_of(scene, await transfer(scene))
    await scene.board.place_hold(boss, "entity", "account:a", "police")

    why = await _why(scene, task_id)

    assert why.answer == "Held back: entity account:a by boss (police)."
    assert [(hold.kind, hold.name, hold.since) for hold in why.holds] == [("entity", "account:a", clock.now)]


@pytest.mark.parametrize(
    ("kind", "name", "answer"),
    [
        ("workflow", "transfers", "It waits: for the hold on workflow:transfers to be lifted."),
        ("entity", "account:a", "It waits: for account:a to be released."),
        ("capability", "first", "Held back: capability first by boss (audit)."),
        ("tenant", "demo", "Held back: tenant demo by boss (audit)."),
    ],
)
async def test_why_says_which_hold_a_claim_met(scene: Scene, boss: Principal, kind: str, name: str, answer: str) -> None:
    """Whatever it is on, with the hold itself."""
    task_id = await task_of(scene, await transfer(scene))
    await scene.board.place_hold(boss, kind, name, "audit")
    await scene.claim()

    why = await _why(scene, task_id)

    assert (why.answer, [hold.reason for hold in why.holds]) == (answer, ["audit"])


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("incident", "It waits: for an operator, being out of attempts."),
        ("quarantine", "It waits: for an operator, since holders were lost on it."),
    ],
)
async def test_why_asks_for_an_operator(scene: Scene, clock: Clock, kind: str, answer: str) -> None:
    """When the task is stuck."""
    assert (await _why(scene, await get_stuck(scene, clock, kind))).answer == answer


async def test_why_says_until_when_a_task_is_scheduled(scene: Scene, clock: Clock) -> None:
    """By the database's clock."""
    await scene.open()
    [task] = await scene.claim()
    await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", delay_s=90))

    assert (await _why(scene, task.id)).answer == f"It is scheduled for {clock.now + timedelta(seconds=90):%F %T} UTC."


async def test_why_says_who_holds_a_task(scene: Scene, clock: Clock) -> None:
    """And until when."""
    await scene.open()
    [task] = await scene.claim()

    assert (await _why(scene, task.id)).answer == f"worker holds it until {clock.now + timedelta(seconds=30):%F %T} UTC."


async def test_why_names_who_is_alive_and_what_comes_first(scene: Scene, clock: Clock) -> None:
    """A ready task has so many before it."""
    await scene.open()
    task_id = await task_of(scene, await scene.open())
    await scene.board.start_session(scene.people["worker"], uuid4(), {})
    await clock.pass_(1)

    why = await _why(scene, task_id)

    assert (why.answer, why.ahead) == ("It is ready, with 1 before it. worker may take it.", 1)
    assert [(c.agent, c.may_claim, c.is_alive) for c in why.agents] == [("rival", True, False), ("worker", True, True)]


async def test_why_says_that_nobody_is_alive(scene: Scene, clock: Clock) -> None:
    """A session that was not heard of for long is no sign of life."""
    task_id = await task_of(scene, await scene.open())
    await scene.board.start_session(scene.people["worker"], uuid4(), {})
    await clock.pass_(60)

    assert (await _why(scene, task_id)).answer == "Nobody who may take it is alive: rival, worker."


async def test_why_says_who_gave_it_back(scene: Scene) -> None:
    """With the reason that was given."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.reject(scene.people["worker"], task.id, Rejection(fence=task.fence, reason="my cousin"))

    why = await _why(scene, task.id)

    assert why.answer == "Nobody who may take it is alive: rival."
    assert {c.agent: c.excluded_by for c in why.agents} == {"rival": None, "worker": "gave it back: my cousin"}


async def test_why_says_who_is_suspended(scene: Scene, boss: Principal) -> None:
    """With all of them suspended nobody is left."""
    task_id = await task_of(scene, await scene.open())
    for name in ("worker", "rival"):
        await scene.board.set_agent_state(boss, name, "suspended", "odd decisions")

    why = await _why(scene, task_id)

    assert why.answer.startswith("No agent may take it")
    assert {c.agent: c.excluded_by for c in why.agents} == {"rival": "agent is suspended", "worker": "agent is suspended"}


async def test_why_says_that_its_case_is_suspended(scene: Scene, boss: Principal) -> None:
    """Until somebody resumes it."""
    case = await scene.open()
    task_id = await task_of(scene, case)

    await scene.board.suspend_case(boss, case.id, "under review")

    assert (await _why(scene, task_id)).answer == "It waits: for its case to be resumed."


async def test_why_knows_no_task_of_another_tenant(scene: Scene, database: Database) -> None:
    """It does not exist there."""
    task_id = await task_of(scene, await scene.open())
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")

        with pytest.raises(NotFound):
            await _why(other, task_id)
