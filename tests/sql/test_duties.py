"""Who made something does not check it, and who checked it does not carry it out, whatever the keys and the order."""

import pytest

from blackboard import workflow
from blackboard.answers import ClaimedTask
from tests.factories import Scene
from tests.sql.duties import DUTIES, hire, open_by
from tests.sql.flows import shown


@pytest.fixture(autouse=True)
async def people(scene: Scene) -> None:
    """Alice with two keys, Bob and Carol, and work for them."""
    await scene.load(workflow.parse(DUTIES))
    for name, owner in (("alice", "alice"), ("alices-agent", "alice"), ("bob", "bob"), ("carol", "carol"), ("dora", "dora")):
        await hire(scene, name, owner)


async def decide(scene: Scene, who: str, capability: str, outcome: str = "approve") -> ClaimedTask:
    """Take a task and decide it."""
    [task] = await scene.claim(who, capability)
    await scene.decide(task, outcome, who)
    return task


async def test_each_does_one_thing(scene: Scene) -> None:
    """Maker, opinion, checker, executor: all are noted, by owner."""
    case = await open_by(scene, "alices-agent")
    await decide(scene, "bob", "look")
    await decide(scene, "carol", "check")
    await decide(scene, "dora", "act", "executed")

    told = (await shown(scene, case)).duties
    assert [(d.duty, d.agent, d.owner) for d in told] == [
        ("maker", "alices-agent", "alice"),
        ("opinion", "bob", "bob"),
        ("checker", "carol", "carol"),
        ("executor", "dora", "dora"),
    ]


async def test_who_opened_a_case_is_not_offered_its_check(scene: Scene) -> None:
    """By whichever key of the same person; others are."""
    await open_by(scene, "alices-agent")
    await decide(scene, "bob", "look")

    assert [await scene.claim(who, "check") for who in ("alice", "alices-agent", "bob")] == [[], [], []]
    assert len(await scene.claim("carol", "check")) == 1
