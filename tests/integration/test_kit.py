"""The kit with which authors test their agents: a board in one line, and a clock that they move."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from blackboard import workflow
from blackboard.agent import Agent, Assignment, GiveUp, NeedFact, TryLater
from blackboard.embedded import EmbeddedPostgres
from blackboard.errors import ClaimLost, Invalid
from blackboard.requests import ClaimRequest, Decision, FencedDecision, Opinion
from blackboard.rulebook import Rulebook
from blackboard.states import CaseState
from blackboard.testing import NOON, BoardTest, server
from tests.factories import PAYLOAD, POLICIES, TRANSFER, small
from tests.sql.flows import HEAD
from tests.sql.panels import PANEL, SEATS

WHEN = """
name: loan
title: A loan that waits for an income
payload: {type: object}
stages:
  offer:
    capability: lending
    when: facts["income"] > 2000
    outcomes: {offer: {end: offered}}
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the module."""
    with server() as running:
        yield running


@pytest.fixture
async def board(postgres: EmbeddedPostgres) -> AsyncIterator[BoardTest]:
    """A board of its own for each test."""
    async with BoardTest.start(postgres) as board:
        yield board


async def look(assignment: Assignment) -> Decision:
    """A large amount is for a person."""
    large = assignment.payload["amount"] == "9000.00"
    return Decision(outcome="refer" if large else "approve", reasons=["amount"])


async def approve(_: Assignment) -> Decision:
    """Yes to everything."""
    return Decision(outcome="approve", reasons=["fine"])


async def test_the_example_of_the_documentation_works(board: BoardTest) -> None:
    """Load, open, work, look."""
    await board.load(TRANSFER)
    case = await board.open("transfer", {"from_account": "A-1", "to_account": "B-2", "amount": "9000.00"})
    await board.work(Agent("my-risk", ["identity"], look))

    assert (await board.case(case.id)).stage == "review"


async def test_a_workflow_may_be_loaded_as_it_was_parsed(board: BoardTest) -> None:
    """Or from a file."""
    await board.load(small())

    assert (await board.open("small", {"customer": "C-1"}, priority=2)).priority == 2


async def test_a_board_tells_what_is_wrong_with_a_case(board: BoardTest) -> None:
    """As the real one does."""
    await board.load(TRANSFER)

    with pytest.raises(Invalid, match="amount"):
        await board.open("transfer", {**PAYLOAD, "amount": "lots"})


async def test_boards_on_one_server_know_nothing_of_each_other(board: BoardTest, postgres: EmbeddedPostgres) -> None:
    """Each has a database."""
    await board.load(small())
    await board.open("small", {"customer": "C-1"})
    async with BoardTest.start(postgres) as other:
        await other.load(small())

        assert await other.work(Agent("worker", ["first"], approve)) == 0


async def test_work_says_how_many_tasks_there_were(board: BoardTest) -> None:
    """None when there are none; a capability that an agent lacks is not its work."""
    await board.load(small())
    await board.open("small", {"customer": "C-1"})

    assert await board.work(Agent("other", ["second"], approve)) == 0
    assert await board.work(Agent("worker", ["first"], approve)) == 1
    assert await board.work(Agent("worker", ["first"], approve)) == 0


async def test_a_panel_is_counted_when_its_members_have_worked(board: BoardTest) -> None:
    """Opinions are returned like decisions; when time passes instead, the question lapses."""
    await board.load(workflow.parse(HEAD + PANEL))
    asked, left = [await board.open("flow", {"customer": "C-1"}) for _ in range(2)]
    await board.learn(asked.id, **{"sanctions.hit": False})
    for name, capability in SEATS.items():
        said = Opinion(verdict="approve", reasons=[f"fine_by_{name}"])
        seat = await board.seat(name, capability)
        await Agent(name, [capability], lambda _, said=said: said).work_once(seat)
    await board.pass_time(3600)

    assert [(await board.case(case.id)).outcome for case in (asked, left)] == ["granted", "refused"]


async def test_work_does_all_that_there_is_to_do(board: BoardTest) -> None:
    """One after the other where the agent has one hand."""
    await board.load(small())
    cases = [await board.open("small", {"customer": "C-1"}) for _ in range(3)]

    assert await board.work(Agent("worker", ["first"], approve)) == 3
    assert [(await board.case(case.id)).stage for case in cases] == ["second"] * 3


async def test_a_batching_agent_works_here_too(board: BoardTest) -> None:
    """Many at a time, in one call."""
    calls: list[int] = []

    async def screen(assignments: list[Assignment]) -> list[Decision | Exception]:
        calls.append(len(assignments))
        return [Decision(outcome="approve", reasons=["because"]) for _ in assignments]

    await board.load(small())
    for _ in range(3):
        await board.open("small", {"customer": "C-1"})

    assert await board.work(Agent("screener", ["first"], screen, batch=10)) == 3
    assert calls == [3]


async def test_facts_that_meet_a_condition_open_the_work(board: BoardTest) -> None:
    """Too small an income does not."""
    await board.load(workflow.parse(WHEN))
    case = await board.open("loan", {})
    agent = Agent("lender", ["lending"], lambda _: Decision(outcome="offer", reasons=["because"]))

    worked = [await board.work(agent)]
    for income in (1500, 2500):
        await board.learn(case.id, income=income)
        worked.append(await board.work(agent))

    assert worked == [0, 0, 1]
    assert (await board.case(case.id)).outcome == "offered"


async def test_a_fact_that_was_asked_for_brings_the_task_back(board: BoardTest) -> None:
    """With the fact in its hands."""

    async def curious(assignment: Assignment) -> Decision:
        if "income" not in assignment.facts:
            raise NeedFact("income", "how much?")
        return Decision(outcome="approve", evidence=[str(assignment.facts["income"].value)], reasons=["because"])

    await board.load(small())
    case = await board.open("small", {"customer": "C-1"})
    agent = Agent("curious", ["first"], curious)

    assert [await board.work(agent), await board.work(agent)] == [1, 0]
    await board.learn(case.id, income=2500)
    assert await board.work(agent) == 1
    assert (await board.case(case.id)).stage == "second"


async def test_time_brings_a_lost_claim_back(board: BoardTest) -> None:
    """The next holder has the next fence, and the first is told."""
    await board.load(small())
    await board.open("small", {"customer": "C-1"})
    lost = await board.seat("lost", "first")
    [task] = (await lost.claim(ClaimRequest(capabilities=["first"]))).tasks

    await board.pass_time(29)
    assert await board.work(Agent("worker", ["first"], approve)) == 0
    await board.pass_time(2)
    assert await board.work(Agent("worker", ["first"], approve)) == 1
    with pytest.raises(ClaimLost):
        await lost.decide(task.id, FencedDecision(fence=task.fence, outcome="reject", reasons=["because"]))


async def test_time_brings_a_retry_back(board: BoardTest) -> None:
    """Not before its pause is over."""

    async def later(_: Assignment) -> Decision:
        raise TryLater("bank is down", delay_s=60)

    await board.load(small())
    case = await board.open("small", {"customer": "C-1"})
    assert await board.work(Agent("worker", ["first"], later)) == 1

    await board.pass_time(59)
    assert await board.work(Agent("worker", ["first"], approve)) == 0
    await board.pass_time(1)
    assert await board.work(Agent("worker", ["first"], approve)) == 1
    assert (await board.case(case.id)).tasks[0].failures == 1


async def test_the_clock_stands_still_until_it_is_moved(board: BoardTest) -> None:
    """What happens, happens at noon."""
    await board.load(small())
    first = await board.open("small", {"customer": "C-1"})
    await board.pass_time(90)
    second = await board.open("small", {"customer": "C-1"})

    assert first.opened_at == NOON
    assert (second.opened_at - first.opened_at).total_seconds() == 90
    assert board.now == second.opened_at


async def test_a_case_can_be_followed_to_its_end(board: BoardTest) -> None:
    """Stage by stage, by different agents."""
    await board.load(small())
    case = await board.open("small", {"customer": "C-1"})
    await board.work(Agent("one", ["first"], approve))
    await board.work(Agent("two", ["second"], lambda _: Decision(outcome="done", reasons=["because"])))

    ended = await board.case(case.id)
    assert (ended.state, ended.outcome) == (CaseState.COMPLETED, "executed")
    assert [task.decision.by for task in ended.tasks if task.decision] == ["one", "two"]


async def test_the_journal_tells_what_happened_in_order(board: BoardTest) -> None:
    """All of it, or what is asked for."""

    async def never(_: Assignment) -> Decision:
        raise GiveUp("makes no sense")

    await board.load(small())
    case = await board.open("small", {"customer": "C-1"})
    await board.work(Agent("worker", ["first"], never))

    types = [event.type for event in await board.events() if event.case_id == case.id]
    assert types == ["case.opened", "task.ready", "task.claimed", "task.failed"]
    [failed] = await board.events("task.failed")
    assert (failed.actor, failed.body["then"], failed.body["reason"]) == ("worker", "incident", "makes no sense")
    assert await board.events("case.closed") == []


async def test_an_agent_judges_by_the_policy_that_is_in_force(board: BoardTest) -> None:
    """And names it; without one, the task is tried again later."""
    rules = Rulebook(await board.seat("risk"), "transfer_risk", fresh_s=0)

    async def weigh(assignment: Assignment) -> Decision:
        facts = {"available": 500_000, "count_1h": 0, "known_payee": True}
        said = await rules.judge({**facts, "amount": assignment.payload["cents"]})
        return Decision(outcome=said.outcome, reasons=said.reasons, policy=said.policy)

    await board.load(small())
    case = await board.open("small", {"cents": 25_000})
    await board.work(Agent("risk", ["first"], weigh))
    assert (await board.case(case.id)).tasks[0].failures == 1

    await board.rule(POLICIES / "transfer_risk.yaml")
    await board.pass_time(60)
    await board.work(Agent("risk", ["first"], weigh))
    ended = await board.case(case.id)
    assert (ended.stage, [task.decision.reasons for task in ended.tasks if task.decision]) == (
        "second",
        [["like_the_customer"]],
    )


async def test_a_file_that_is_no_workflow_is_refused(board: BoardTest, tmp_path: Path) -> None:
    """With what is wrong."""
    (tmp_path / "bad.yaml").write_text("name: bad\ntitle: Bad\n")

    with pytest.raises(Invalid, match="stages"):
        await board.load(tmp_path / "bad.yaml")
