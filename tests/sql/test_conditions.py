"""Tasks that wait until the facts of their case fulfil a condition."""

from uuid import UUID

import pytest

from blackboard.planner import BATCH, Planner
from blackboard.requests import Failure, Mark, NewFact, Release
from tests.factories import Clock, Scene
from tests.sql.flows import WHEN, begin, end, hire_boss, last_task, put


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


# ------------------------------------------------------------------------------------------------------- held and withdrawn
AGE = """
  work:
    capability: first
    when: 'facts["age"] >= 18 && trust["age"] >= 1'
    outcomes: {done: {end: done}, withdrawn: {end: needless}}
"""
UNLESS = AGE.replace("when: 'facts", "unless: 'facts[\"settled\"] == true'\n    when: 'facts")


async def planned(scene: Scene) -> None:
    """The planner has looked at all there is."""
    planner = Planner(scene.store)
    await planner.run_once()


async def told(scene: Scene) -> list[str]:
    """What was told of tasks since the last time, in order."""
    await scene.store.sequence_events()
    return [event.type for event in await scene.store.read_journal(0, 1000) if event.type.startswith("task.")]


async def test_a_ready_task_is_held_when_its_reason_may_be_gone(scene: Scene) -> None:
    """In the same transaction: nobody claims it before it was judged anew, and then it is ready or waits."""
    case = await begin(scene, AGE)
    await put(scene, case, age=18)
    await planned(scene)
    await put(scene, case, age=17)
    held = await last_task(scene, case)
    claimed = await scene.claim()
    await planned(scene)
    still = await last_task(scene, case)
    await put(scene, case, age=19)
    await planned(scene)

    assert (held.state, claimed, still.state) == ("waiting", [], "waiting")
    assert [task.id for task in await scene.claim()] == [held.id]
    assert (await told(scene)).count("task.held") == 1


async def test_a_fact_that_a_condition_does_not_speak_of_holds_nothing(scene: Scene) -> None:
    """The task stays where it is."""
    case = await begin(scene, AGE)
    await put(scene, case, age=18)
    await planned(scene)
    await put(scene, case, weather="fine")

    assert (await last_task(scene, case)).state == "ready"


@pytest.mark.parametrize("mark", ["disputed", "retracted"])
async def test_doubt_closes_what_a_fact_opened(scene: Scene, mark: Mark) -> None:
    """A disputed fact opens nothing; upheld, it opens the same task again."""
    boss = await hire_boss(scene)
    case = await begin(scene, AGE)
    await put(scene, case, source="a clerk")
    made = NewFact(key="age", value=30, inputs=["source@1"])
    await scene.board.put_facts(scene.people["worker"], case.id, [made])
    await planned(scene)
    await scene.store.mark_fact(boss, case.id, "source", 1, mark, "it was not him")
    await planned(scene)
    closed = await last_task(scene, case)
    await scene.store.mark_fact(boss, case.id, "source", 1, "upheld", "it was")
    await planned(scene)

    assert (closed.state, (await last_task(scene, case)).state) == ("waiting", "ready" if mark == "disputed" else "waiting")


async def test_a_claimed_task_stays_with_its_holder_and_is_judged_when_it_comes_back(scene: Scene) -> None:
    """What somebody is in the midst of is not torn away."""
    case = await begin(scene, AGE)
    await put(scene, case, age=18)
    await planned(scene)
    [task] = await scene.claim()
    await put(scene, case, age=17)
    await planned(scene)
    during = await last_task(scene, case)
    await scene.board.release(scene.people["worker"], task.id, Release(fence=task.fence))

    assert (during.state, (await last_task(scene, case)).state) == ("claimed", "waiting")
    assert await scene.claim() == []


async def test_a_task_that_comes_back_later_is_judged_too(scene: Scene, clock: Clock) -> None:
    """A retry is no way around a condition."""
    case = await begin(scene, AGE)
    await put(scene, case, age=18)
    await planned(scene)
    [task] = await scene.claim()
    await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", delay_s=10))
    await put(scene, case, age=17)
    await clock.pass_(11)
    await scene.store.promote_scheduled(10)
    await planned(scene)

    assert (await last_task(scene, case)).state == "waiting"


@pytest.mark.parametrize(
    ("stages", "ends"),
    [
        (UNLESS, ("completed", "needless")),
        (UNLESS.replace(", withdrawn: {end: needless}", ""), ("active", None)),
        (UNLESS.replace("when: ", "result: {type: object, title: ").replace("1'\n", "1'}\n"), ("completed", "needless")),
    ],
    ids=["with a route", "without one", "without a when"],
)
async def test_unwanted_work_is_withdrawn(scene: Scene, stages: str, ends: tuple[str, str | None]) -> None:
    """The case takes the route `withdrawn`; where there is none an operator is asked."""
    case = await begin(scene, stages)
    await put(scene, case, age=18, settled=False)
    await planned(scene)
    before = (await last_task(scene, case)).state
    await put(scene, case, settled=True)
    judged = await scene.store.read_conditions([case.id], UUID(int=0), 10)
    twice = [await scene.store.withdraw_unwanted(scene.tenant_id, judged) for _ in range(2)]
    task = await last_task(scene, case)

    assert (before, twice, await end(scene, case)) == ("ready", [1, 0], ends)
    assert task.state == ("cancelled" if ends[1] else "waiting")
    assert [reason.reason for reason in task.waits_for] == ([] if ends[1] else ["incident"])


async def test_trust_is_a_condition(scene: Scene) -> None:
    """What a customer says of itself opens nothing that asks for more."""
    case = await begin(scene, AGE.replace(">= 1'", ">= 2'"))
    await put(scene, case, age=18)
    await planned(scene)
    before = (await last_task(scene, case)).state
    await scene.board.put_facts(scene.people["worker"], case.id, [NewFact(key="age", value=18)])
    await planned(scene)

    assert (before, (await last_task(scene, case)).state) == ("waiting", "ready")
