"""Stages that wait for a signal, whenever it comes."""

import pytest

from blackboard.answers import CaseSummary
from blackboard.errors import Conflict
from tests.factories import Scene
from tests.sql.flows import begin, cancel, last_task, shown

SIGNAL = """
  ask: {capability: first, outcomes: {asked: {to: hear}}}
  hear: {signal: papers, outcomes: {received: {to: look}}}
  look: {capability: second, outcomes: {done: {end: seen}}}
"""


async def signal(scene: Scene, case: CaseSummary, name: str = "papers") -> str:
    """Send a signal as the requester; the verdict."""
    return (await scene.board.send_signal(scene.people["requester"], case.id, name, {"pages": 3})).value.verdict


async def test_a_signal_moves_the_stage_that_waits_for_it(scene: Scene) -> None:
    """And what it brought is kept with the decision."""
    case = await begin(scene, SIGNAL)
    [task] = await scene.claim()
    await scene.decide(task, "asked")
    waits = (await last_task(scene, case)).waits_for
    # Whoever waits for the case is answered at once.
    resting = await scene.board.wait_for_case(scene.people["requester"], case.id, 50)
    assert resting.rests

    assert ([(w.reason, w.key) for w in waits], await signal(scene, case)) == ([("signal", "papers")], "sent")
    [_, heard, look] = (await shown(scene, case)).tasks
    assert heard.decision is not None
    assert (heard.decision.outcome, heard.decision.by, heard.decision.result) == ("received", "requester", {"pages": 3})
    assert look.state == "ready"


async def test_a_signal_that_came_early_is_found(scene: Scene) -> None:
    """The stage that waits for it is passed at once."""
    case = await begin(scene, SIGNAL)
    await signal(scene, case)
    [task] = await scene.claim()
    await scene.decide(task, "asked")

    assert [task.stage for task in await scene.claim()] == ["look"]


async def test_a_signal_of_another_name_moves_nothing(scene: Scene) -> None:
    """It is kept for a stage that asks for it."""
    case = await begin(scene, SIGNAL)
    [task] = await scene.claim()
    await scene.decide(task, "asked")

    assert (await signal(scene, case, "weather"), (await shown(scene, case)).stage) == ("sent", "hear")


async def test_a_signal_is_kept_once(scene: Scene) -> None:
    """Until it is used up; then it may come again."""
    case = await begin(scene, SIGNAL)
    early = [await signal(scene, case), await signal(scene, case)]
    [task] = await scene.claim()
    await scene.decide(task, "asked")

    assert (early, await signal(scene, case)) == (["sent", "repeated"], "sent")


async def test_a_case_that_has_ended_takes_no_signal(scene: Scene) -> None:
    """The sender is told."""
    case = await begin(scene, SIGNAL)
    await cancel(scene, case)

    with pytest.raises(Conflict):
        await signal(scene, case)
