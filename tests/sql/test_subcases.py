"""Stages that open a case of another workflow and take its outcome for their own."""

import pytest

from blackboard import workflow
from tests.factories import Scene
from tests.sql.flows import HEAD, begin, cancel, end, hire_boss, last_task, shown

PARENT = """
  work: {case: child, outcomes: {good: {end: well}, withdrawn: {end: given-up}}}
"""

CHILD = """
name: child
title: A sub-case
subject: customer
payload: {type: object}
stages:
  work: {capability: second, outcomes: {right: {end: good}, wrong: {end: bad}}}
"""


@pytest.mark.parametrize(
    ("says", "outcome"), [("right", "well"), ("wrong", "failed")], ids=["an outcome with a route", "an outcome without one"]
)
async def test_the_outcome_of_a_sub_case_is_that_of_its_stage(scene: Scene, says: str, outcome: str) -> None:
    """The child is opened with the same payload, and ends its parent's stage when it ends."""
    await scene.load(workflow.parse(CHILD))
    parent = await begin(scene, PARENT, customer="C-7")
    await scene.store.wake_waiting(100)
    [task] = await scene.claim()
    await scene.decide(task, says)
    before = (await shown(scene, parent)).state
    await scene.store.wake_waiting(100)

    assert (task.workflow, task.context.payload, task.context.subject) == ("child", {"customer": "C-7"}, "C-7")
    assert (before, await end(scene, parent)) == ("active", ("completed", outcome))


async def test_a_sub_case_is_given_what_its_stage_gives(scene: Scene) -> None:
    """Under the names that the other workflow has for it; what the parent does not have is left out."""
    await scene.load(workflow.parse(CHILD))
    giving = HEAD.replace("{type: object,", "{type: object, properties: {customer: {}, memo: {}}, ") + PARENT
    given = giving.replace("case: child,", "case: child, given: {who: customer, note: memo},")
    await scene.load(workflow.parse(given))
    await scene.open("flow", {"customer": "C-7", "amount": "5.00"})
    await scene.store.wake_waiting(100)
    [task] = await scene.claim()

    assert (task.workflow, task.context.payload, task.context.subject) == ("child", {"who": "C-7"}, "C-7")


async def test_a_sub_case_is_opened_once(scene: Scene) -> None:
    """However often the sweeper comes."""
    await scene.load(workflow.parse(CHILD))
    await begin(scene, PARENT)
    woken = [await scene.store.wake_waiting(100) for _ in range(3)]

    assert (woken, len(await scene.claim(limit=10))) == ([1, 0, 0], 1)


async def test_a_withdrawn_sub_case_is_an_outcome_too(scene: Scene) -> None:
    """Its parent may have a route for that."""
    await scene.load(workflow.parse(CHILD))
    parent = await begin(scene, PARENT)
    await scene.store.wake_waiting(100)
    [child] = (await scene.board.list_cases(scene.people["requester"], workflow="child")).cases
    await cancel(scene, child)
    await scene.store.wake_waiting(100)

    assert await end(scene, parent) == ("completed", "given-up")


async def test_a_case_that_was_withdrawn_opens_no_sub_case(scene: Scene) -> None:
    """The sweeper came too late for it."""
    await scene.load(workflow.parse(CHILD))
    await cancel(scene, await begin(scene, PARENT))
    await scene.store.wake_waiting(100)

    assert (await scene.board.list_cases(scene.people["requester"], workflow="child")).cases == []


async def test_a_sub_case_of_an_unknown_workflow_is_an_incident(scene: Scene) -> None:
    """An operator reads which workflow is missing."""
    parent = await begin(scene, PARENT)
    await scene.store.wake_waiting(100)
    [incident] = await scene.board.list_incidents(scene.people["auditor"])

    assert (incident.case_id, incident.kind, incident.reason) == (parent.id, "incident", "there is no workflow child")


async def test_a_sub_case_is_opened_when_the_missing_workflow_was_loaded(scene: Scene) -> None:
    """Redriven, the stage does what it could not do before."""
    parent = await begin(scene, PARENT)
    await scene.store.wake_waiting(100)
    await scene.load(workflow.parse(CHILD))
    await scene.board.redrive_task(await hire_boss(scene), (await last_task(scene, parent)).id, "loaded now")
    await scene.store.wake_waiting(100)

    assert [task.workflow for task in await scene.claim()] == ["child"]


async def test_a_sub_case_is_not_opened_before_what_its_parent_comes_after(scene: Scene) -> None:
    """The work of a case is not begun by a detour."""
    await scene.load(workflow.parse(CHILD))
    await scene.load(workflow.parse(HEAD + PARENT))
    first = await scene.open()
    await scene.open("flow", after=[first.id])
    await scene.store.wake_waiting(100)
    early = await scene.claim("worker", "second")
    await cancel(scene, first)
    for _ in range(3):
        await scene.store.wake_waiting(100)

    assert (early, len(await scene.claim("worker", "second"))) == ([], 1)
