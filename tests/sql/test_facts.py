"""What is known of a case, in versions, and tasks that wait for a fact."""

import pytest

from blackboard.answers import ClaimedTask
from blackboard.errors import ClaimLost
from blackboard.requests import NeedInput, NewFact
from tests.factories import Clock, Scene
from tests.sql.flows import WHEN, begin, last_task, put, shown


async def need(scene: Scene, task: ClaimedTask, fact: str) -> str:
    """Let the worker wait for a fact; the verdict."""
    wish = NeedInput(fact=fact, reason="cannot tell", fence=task.fence)
    return (await scene.board.need_input(scene.people["worker"], task.id, wish)).value.verdict


async def test_a_fact_replaces_only_the_version_it_expects(scene: Scene) -> None:
    """Who writes over something unseen is told what is there; its neighbours are kept."""
    case = await begin(scene, WHEN)
    facts = [
        NewFact(key="age", value=17, expect=0),
        NewFact(key="age", value=18, expect=0),
        NewFact(key="age", value=19, expect=1),
        NewFact(key="level", value="full", expect=1),
    ]

    told = (await scene.board.put_facts(scene.people["requester"], case.id, facts)).value

    assert [(f.verdict, f.version) for f in told.items] == [("kept", 1), ("stale", 1), ("kept", 2), ("stale", None)]
    assert {key: fact.value for key, fact in (await shown(scene, case)).facts.items()} == {"age": 19}


async def test_a_holder_whose_claim_is_over_puts_no_facts(scene: Scene, clock: Clock) -> None:
    """And that it tried is in the journal, as every refused write of a holder is."""
    case = await scene.open()
    [task] = await scene.claim()
    await clock.pass_(30)

    with pytest.raises(ClaimLost) as lost:
        await scene.board.put_facts(
            scene.people["worker"], case.id, [NewFact(key="age", value=1)], task_id=task.id, fence=task.fence
        )
    await scene.store.sequence_events()

    assert (lost.value.reason, (await shown(scene, case)).facts) == ("expired", {})
    assert (await scene.store.read_journal(0, 100))[-1].type == "write.refused"


async def test_a_task_that_needs_input_waits_for_that_fact(scene: Scene) -> None:
    """Another fact does not do; whoever claims it next finds the answer."""
    case = await scene.open()
    [task] = await scene.claim()
    told = await need(scene, task, "income")
    await put(scene, case, weather="fine")
    waits = await last_task(scene, case)
    await put(scene, case, income=2000)
    [again] = await scene.claim("rival")

    assert (told, waits.state, [(w.reason, w.key) for w in waits.waits_for]) == ("waiting", "waiting", [("input", "income")])
    assert (again.id, again.attempt, again.context.facts["income"].value) == (task.id, 1, 2000)


async def test_an_old_answer_is_no_answer(scene: Scene, clock: Clock) -> None:
    """Who asks for a fact has seen what was there when it claimed."""
    case = await scene.open()
    await put(scene, case, income=1)
    await clock.pass_(1)
    [task] = await scene.claim()
    await need(scene, task, "income")

    assert (await last_task(scene, case)).state == "waiting"


async def test_an_answer_that_came_before_the_question_is_not_lost(scene: Scene, clock: Clock) -> None:
    """The fact was put while the holder was still making up its mind."""
    case = await scene.open()
    [task] = await scene.claim()
    await clock.pass_(1)
    await put(scene, case, income=2000)
    await clock.pass_(1)
    await need(scene, task, "income")

    assert [task.case_id for task in await scene.claim()] == [case.id]


async def test_an_answer_on_its_way_during_the_claim_is_not_lost(scene: Scene, clock: Clock) -> None:
    """It was begun before the claim and there only after it: the holder cannot have seen it."""
    case = await scene.open()
    async with scene.store.transaction() as verbs:
        await verbs.put_facts(scene.people["requester"], case.id, [NewFact(key="income", value=2000)])
        await clock.pass_(1)
        [task] = await scene.claim()
    await need(scene, task, "income")

    assert (task.context.facts, len(await scene.claim())) == ({}, 1)
