"""Tasks that got stuck: tried again, or ended by an operator."""

import pytest

from blackboard.errors import Conflict, Invalid
from blackboard.requests import Failure
from blackboard.values import Principal
from tests.factories import Clock, Scene
from tests.sql.tasks import get_stuck, read_journal, reasons_of, task_of


@pytest.mark.parametrize("kind", ["incident", "quarantine"])
async def test_redriving_tries_a_stuck_task_again_with_counts_anew(
    scene: Scene, boss: Principal, clock: Clock, kind: str
) -> None:
    """As if nobody had tried it yet."""
    task_id = await get_stuck(scene, clock, kind)

    told = await scene.board.redrive_task(boss, task_id, "bank is back")

    shown = await scene.board.show_task(boss, task_id)
    assert (told.value.verdict, shown.state, shown.failures, shown.rescues) == ("redriven", "ready", 0, 0)
    assert [(task.id, task.attempt) for task in await scene.claim()] == [(task_id, 1)]
    assert await scene.board.list_incidents(boss) == []


@pytest.mark.parametrize(("kind", "counts"), [("incident", (1, 0)), ("quarantine", (0, 1))])
async def test_what_was_counted_before_a_redrive_stays_in_the_journal(
    scene: Scene, boss: Principal, clock: Clock, kind: str, counts: tuple[int, int]
) -> None:
    """With who tried it again, and why."""
    task_id = await get_stuck(scene, clock, kind)
    await scene.board.redrive_task(boss, task_id, "bank is back")

    [event] = await read_journal(scene, "task.redriven")
    assert (event.task_id, event.actor, event.body["reason"]) == (task_id, "boss", "bank is back")
    assert (event.body["failures"], event.body["rescues"]) == counts


async def test_a_redriven_task_can_become_an_incident_again(scene: Scene, boss: Principal, clock: Clock) -> None:
    """And be redriven again."""
    task_id = await get_stuck(scene, clock, "incident")
    for _ in range(2):
        await scene.board.redrive_task(boss, task_id, "once more")
        [task] = await scene.claim()
        await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="still", retryable=False))

    [incident] = await scene.board.list_incidents(boss)
    assert (incident.task_id, incident.reason, incident.failures) == (task_id, "still", 1)


@pytest.mark.parametrize("kind", ["incident", "quarantine"])
async def test_resolving_ends_a_stuck_task_with_an_outcome(scene: Scene, boss: Principal, clock: Clock, kind: str) -> None:
    """The case takes that route, and the decision is the operator's."""
    task_id = await get_stuck(scene, clock, kind)

    told = await scene.board.resolve_task(boss, task_id, "approve", "looked at it")

    shown = await scene.board.show_task(boss, task_id)
    case = await scene.board.show_case(boss, shown.case_id)
    [event] = await read_journal(scene, "task.decided")
    assert shown.decision is not None
    assert (told.value.verdict, shown.state, shown.decision.outcome, case.stage) == ("resolved", "done", "approve", "second")
    assert (event.actor, event.body["outcome"], event.body["result"]) == ("boss", "approve", {"resolved": "looked at it"})


@pytest.mark.parametrize("state", ["ready", "claimed", "done"])
async def test_what_is_not_stuck_is_neither_redriven_nor_resolved(scene: Scene, boss: Principal, state: str) -> None:
    """A conflict, and nothing changes."""
    task_id = await task_of(scene, await scene.open())
    if state != "ready":
        [task] = await scene.claim()
        if state == "done":
            await scene.decide(task, "reject")

    with pytest.raises(Conflict):
        await scene.board.redrive_task(boss, task_id, "impatient")
    with pytest.raises(Conflict):
        await scene.board.resolve_task(boss, task_id, "approve", "impatient")

    assert await scene.state(task_id) == state


async def test_resolving_takes_an_outcome_that_the_stage_knows(scene: Scene, boss: Principal, clock: Clock) -> None:
    """Otherwise the task stays stuck."""
    task_id = await get_stuck(scene, clock, "incident")

    with pytest.raises(Invalid):
        await scene.board.resolve_task(boss, task_id, "maybe", "guessing")

    assert await reasons_of(scene, task_id) == [("incident", "")]


async def test_a_task_that_was_resolved_is_resolved_once(scene: Scene, boss: Principal, clock: Clock) -> None:
    """The second operator is told."""
    task_id = await get_stuck(scene, clock, "incident")
    await scene.board.resolve_task(boss, task_id, "approve", "looked at it")

    with pytest.raises(Conflict):
        await scene.board.resolve_task(boss, task_id, "reject", "looked at it too")
