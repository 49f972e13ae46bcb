"""Short numbers of cases, where a workflow gives them."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from blackboard import workflow
from blackboard.errors import NotFound
from blackboard.once import Once
from blackboard.requests import NewCase, NewSchedule
from tests.conftest import Database
from tests.factories import Scene, make_scene
from tests.sql.flows import HEAD, hire_boss

NUMBERED = "numbered: true" + HEAD.replace("name: flow", "name: counted")
PLAIN = "  work: {capability: first, outcomes: {done: {end: done}}}"
PARENT = "  work: {case: counted, outcomes: {done: {end: done}}}"


@pytest.fixture
async def counted(scene: Scene) -> Scene:
    """A board with a numbered workflow, one that is not, and one that opens numbered sub-cases."""
    await scene.load(workflow.parse(NUMBERED + PLAIN))
    await scene.load(workflow.parse(HEAD + PARENT))
    return scene


def _new(name: str = "counted", **more: object) -> NewCase:
    return NewCase.model_validate({"workflow": name, "payload": {"customer": "C-1"}, **more})


async def test_a_number_is_one_case_for_ever(counted: Scene) -> None:
    """In the answer, the list and the event; the same for a repeat, another for the next case, none for other workflows."""
    board, who = counted.board, counted.people["requester"]
    once = Once("POST /v1/cases", "a key", bytes(32))
    first, again = [(await board.open_case(who, _new(), once)).value for _ in range(2)]
    second = (await board.open_case(who, _new())).value
    plain = (await board.open_case(who, _new("flow"))).value
    await counted.store.sequence_events()
    events = [event for event in await counted.store.read_journal(0, 100) if event.type == "case.opened"]

    assert first.number is not None
    assert second.number is not None
    assert (again.number, plain.number) == (first.number, None)
    assert second.number > first.number
    assert (await board.find_number(who, second.number)).id == second.id
    assert [case.id for case in (await board.list_cases(who, number=first.number)).cases] == [first.id]
    assert [event.body["number"] for event in events] == [first.number, second.number, None]


@pytest.mark.usefixtures("clock")
async def test_sub_cases_and_schedules_draw_numbers_too(counted: Scene) -> None:
    """Whoever opens the case, it is one of its workflow."""
    boss = await hire_boss(counted)
    await counted.board.open_case(counted.people["requester"], _new("flow"))
    await counted.store.wake_waiting(100)
    await counted.board.put_schedule(boss, "yearly", NewSchedule(cron="0 7 1 1 *", new_case=_new()))
    [due] = await counted.store.due_schedules(1)
    await counted.store.run_schedule(due, due.at + timedelta(days=365))

    cases = (await counted.board.list_cases(boss, workflow="counted")).cases
    assert len({case.number for case in cases if case.number}) == 2


async def test_nobody_finds_a_number_of_another_tenant(counted: Scene, database: Database) -> None:
    """Nor one that nobody has."""
    case = (await counted.board.open_case(counted.people["requester"], _new())).value
    assert case.number
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        for number in (case.number, 2**63 - 1):
            with pytest.raises(NotFound, match=f"no case with the number {number}"):
                await other.board.find_number(other.people["requester"], number)
            assert (await other.board.list_cases(other.people["requester"], number=number)).cases == []
