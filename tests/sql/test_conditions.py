"""Tasks that wait until the facts of their case fulfil a condition."""

from uuid import UUID

import pytest

from blackboard.planner import BATCH, Planner
from tests.factories import Clock, Scene
from tests.sql.flows import WHEN, begin, last_task, put


async def test_a_task_waits_until_its_condition_holds(scene: Scene) -> None:
    """The facts that it speaks of make it ready, at the planner's next look."""
    case = await begin(scene, WHEN)
    before = await last_task(scene, case)
    await put(scene, case, level="full", age=18)
    await Planner(scene.store).run_once()

    assert (before.state, [w.reason for w in before.waits_for]) == ("waiting", ["when"])
    assert [task.case_id for task in await scene.claim()] == [case.id]


@pytest.mark.parametrize(
    ("customer", "facts"),
    [
        ("C-1", {}),
        ("C-1", {"level": "full"}),
        ("C-1", {"level": "half", "age": 18}),
        ("C-1", {"level": "full", "age": "many"}),
        ("C-0", {"level": "full", "age": 18}),
    ],
    ids=["none", "some", "wrong", "no number", "wrong customer"],
)
async def test_other_facts_do_not_queue_it(scene: Scene, customer: str, facts: dict[str, object]) -> None:
    """What is missing or makes no sense does not hold."""
    case = await begin(scene, WHEN, customer=customer)
    await put(scene, case, weather="fine", **facts)
    await Planner(scene.store).run_once()

    assert (await last_task(scene, case)).state == "waiting"


async def test_a_condition_is_judged_by_the_newest_facts(scene: Scene) -> None:
    """What was true once is not enough."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=18)
    await put(scene, case, level="none")
    await Planner(scene.store).run_once()

    assert (await last_task(scene, case)).state == "waiting"


async def test_a_judgement_of_a_case_that_moved_on_is_dropped(scene: Scene) -> None:
    """The facts may have changed since; who looks again may queue it."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=18)
    stale = await scene.store.read_conditions([case.id], UUID(int=0), 100)
    await put(scene, case, age=19)

    assert await scene.store.meet_conditions(scene.tenant_id, stale) == 0
    await Planner(scene.store).run_once()
    assert len(await scene.claim()) == 1


async def test_a_condition_is_met_once(scene: Scene) -> None:
    """Two planners with the same judgement queue one task."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=18)
    met = await scene.store.read_conditions(None, UUID(int=0), 100)

    assert [await scene.store.meet_conditions(scene.tenant_id, met) for _ in range(2)] == [1, 0]
    assert len(await scene.claim(limit=10)) == 1


async def test_a_condition_is_found_behind_many_that_do_not_hold(scene: Scene, clock: Clock) -> None:
    """Looking at everything that waits means everything, however much waits in vain."""
    await begin(scene, WHEN)
    item = {"workflow": "flow", "payload": {"customer": "C-1"}}
    await scene.store.open_cases(scene.people["requester"], [item] * BATCH)
    await clock.pass_(1)
    case = await scene.open("flow")
    await put(scene, case, level="full", age=18)
    planner = Planner(scene.store)
    for _ in range(3):
        await planner.run_once()

    assert [task.case_id for task in await scene.claim()] == [case.id]
