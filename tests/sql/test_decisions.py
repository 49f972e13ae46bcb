"""A decision says why and what it rests on, and is kept with that."""

from typing import Any

import pytest

from blackboard.errors import Conflict, Invalid
from blackboard.requests import Decision, DecisionItem, FencedDecision
from blackboard.verbs.work import Write
from tests.factories import Scene
from tests.sql.flows import put, shown
from tests.sql.tasks import read_journal


async def decide(scene: Scene, task: Any, **said: Any) -> str:
    """Approve, unless said otherwise."""
    decision = FencedDecision.model_validate({"fence": task.fence, "outcome": "approve", "reasons": ["known"], **said})
    return (await scene.board.decide(scene.people["worker"], task.id, decision)).value.verdict


async def test_a_decision_on_facts_is_kept_with_them(scene: Scene) -> None:
    """Beside the task's own, which whoever comes later is shown; one that rests on nothing is kept there alone."""
    case = await scene.open()
    await put(scene, case, income=2500)
    [task] = await scene.claim()
    await decide(scene, task, reads=["income@1"], confidence=0.9, evidence=["payslip"])
    [second] = await scene.claim()
    await scene.decide(second, "done")
    now = await shown(scene, case)
    [kept] = now.decisions

    assert (kept.kind, kept.stage, kept.outcome, kept.reads, kept.by) == ("single", "first", "approve", ["income@1"], "worker")
    assert (kept.reasons, kept.confidence, kept.evidence, kept.task_id) == (["known"], 0.9, ["payslip"], task.id)
    assert [task.decision.reads if task.decision else None for task in now.tasks] == [["income@1"], []]
    assert second.context.decisions[0].reads == ["income@1"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("reads", [["income@1"], ["income@2", "rent@1"]], ids=["changed", "never was"])
async def test_a_decision_on_old_facts_changes_nothing(scene: Scene, reads: list[str]) -> None:
    """The holder still has the task, the journal has what it wanted, and the newest facts will do."""
    case = await scene.open()
    await put(scene, case, income=2500)
    [task] = await scene.claim()
    await put(scene, case, income=100)
    with pytest.raises(Conflict) as refused:
        await decide(scene, task, reads=reads)

    assert refused.value.extra["reason"] == "outdated"
    assert [e.body["reason"] for e in await read_journal(scene, "write.refused")] == ["outdated"]
    assert await decide(scene, task, reads=["income@2"]) == "decided"


async def test_an_outdated_decision_is_no_matter_of_its_neighbours(scene: Scene) -> None:
    """Each of a batch stands for itself."""
    cases = [await scene.open() for _ in range(3)]
    for case in cases:
        await put(scene, case, income=1)
    tasks = await scene.claim(limit=3)
    said = [
        DecisionItem(task_id=task.id, fence=task.fence, outcome="approve", reasons=["ok"], reads=[read])
        for task, read in zip(tasks, ["income@1", "income@7", "income@1"], strict=True)
    ]
    told = (await scene.board.decide_many(scene.people["worker"], said)).value.items

    assert [item.verdict for item in told] == ["decided", "outdated", "decided"]


SAYS_NOTHING: list[tuple[str, list[str]]] = [
    ("approve", []),
    ("reject", []),
    ("reject", ["rejected"]),
    ("reject", ["policy", "score"]),
]


@pytest.mark.parametrize(("outcome", "reasons"), SAYS_NOTHING)
async def test_who_decides_without_a_reason_is_refused_in_the_database_too(
    scene: Scene, outcome: str, reasons: list[str]
) -> None:
    """Whatever door it comes by; and at the door it is told what is wanting."""
    await scene.open()
    [task] = await scene.claim()
    said = FencedDecision.model_construct(
        fence=task.fence,
        outcome=outcome,
        reasons=reasons,
        evidence=[],
        reads=[],
        confidence=None,
        result=None,
        seen=None,
        policy=None,
    )
    worker = scene.people["worker"]
    [told] = await scene.store.decide_tasks(scene.tenant_id, [Write(worker.agent_id, task.id, said)])

    assert (told.verdict, await scene.state(task.id)) == ("unreasoned", "claimed")
    with pytest.raises(ValueError, match="reason"):
        Decision(outcome=outcome, reasons=reasons)


async def test_a_rejection_may_name_a_general_reason_beside_a_specific_one(scene: Scene) -> None:
    """One that is specific is enough."""
    await scene.open()
    [task] = await scene.claim()

    assert await decide(scene, task, outcome="reject", reasons=["policy", "income_too_low"]) == "decided"


async def test_a_policy_that_is_not_there_decides_nothing(scene: Scene) -> None:
    """It was never activated."""
    await scene.open()
    [task] = await scene.claim()
    with pytest.raises((Conflict, Invalid)):
        await decide(scene, task, policy="loans@1")

    assert await scene.state(task.id) == "claimed"
