"""What the runtime does for a handler, and what it says to the board in its name."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from blackboard.agent import Agent, Assignment, GiveUp, NeedFact, NotMine, TryLater
from blackboard.answers import Case
from blackboard.handler import Next, Policy, Said
from blackboard.requests import ClaimRequest, Decision, NewFact
from blackboard.states import TaskState
from tests.http.conftest import Api

YES = Decision(outcome="approve", reasons=["fine"])


@asynccontextmanager
async def at_work(api: Api, agent: Agent) -> AsyncIterator[asyncio.Task[None]]:
    """An agent at work until the block ends."""
    async with api.client(agent.name) as board:
        running = asyncio.create_task(agent.run(board))
        try:
            yield running
        finally:
            agent.stop()
            async with asyncio.timeout(10):
                await running


async def until(api: Api, case_id: UUID, fact: Callable[[Case], bool]) -> Case:
    """The case when the fact holds."""
    async with asyncio.timeout(20), api.client("auditor") as board:
        while not fact(case := await board.show_case(case_id)):
            await asyncio.sleep(0.02)
        return case


def left_first(case: Case) -> bool:
    """It has gone on to its second stage."""
    return case.stage == "second"


def held(case: Case) -> bool:
    """Somebody is at its first task."""
    return case.tasks[0].holder is not None


# ------------------------------------------------------------------------------------------------------------ batches
async def test_a_batching_agent_is_given_many_tasks_and_answers_each(api: Api) -> None:
    """One call, and five different answers."""
    answers: dict[str, Decision | Exception] = {
        "decide": YES,
        "later": TryLater("bank is down", delay_s=60),
        "never": GiveUp("makes no sense"),
        "other": NotMine("a relative"),
        "fact": NeedFact("income", "how much?"),
    }
    calls: list[int] = []

    async def screen(assignments: list[Assignment]) -> Sequence[Decision | Exception]:
        calls.append(len(assignments))
        return [answers[assignment.payload["mood"]] for assignment in assignments]

    opened = [await api.scene.open(payload={"customer": "C-1", "mood": mood}) for mood in answers]
    async with at_work(api, Agent("worker", ["first"], screen, batch=10)):
        cases = [await until(api, case.id, lambda case: case.tasks[0].fence == 1 and not held(case)) for case in opened]

    assert calls == [5]
    assert [case.tasks[0].state for case in cases] == ["done", "scheduled", "waiting", "ready", "waiting"]
    assert [[reason.reason for reason in case.tasks[0].waits_for] for case in cases] == [[], [], ["incident"], [], ["input"]]


async def test_a_batch_is_as_large_as_the_agent_asked_for(api: Api) -> None:
    """The rest is the next one."""
    calls: list[int] = []

    def screen(assignments: list[Assignment]) -> Sequence[Decision | Exception]:
        calls.append(len(assignments))
        return [YES] * len(assignments)

    opened = [await api.scene.open() for _ in range(5)]
    async with at_work(api, Agent("worker", ["first"], screen, batch=3)):
        for case in opened:
            await until(api, case.id, left_first)

    assert calls == [3, 2]


async def test_the_wrong_number_of_answers_is_an_answer_to_none(api: Api) -> None:
    """Nobody guesses which belongs to which: every task of the batch has a failed attempt."""

    async def sloppy(_: list[Assignment]) -> Sequence[Decision | Exception]:
        return [YES]

    opened = [await api.scene.open() for _ in range(3)]
    async with at_work(api, Agent("worker", ["first"], sloppy, batch=10)):
        cases = [await until(api, case.id, lambda case: case.tasks[0].failures == 1) for case in opened]

    assert {(case.stage, case.tasks[0].state) for case in cases} == {("first", TaskState.SCHEDULED)}


async def test_what_a_batching_handler_raises_it_says_of_all(api: Api) -> None:
    """One bug, as many failed attempts as there were tasks."""

    async def broken(_: list[Assignment]) -> Sequence[Decision | Exception]:
        raise ZeroDivisionError

    opened = [await api.scene.open() for _ in range(2)]
    async with at_work(api, Agent("worker", ["first"], broken, batch=10)):
        for case in opened:
            await until(api, case.id, lambda case: case.tasks[0].failures == 1)


async def test_a_batch_goes_on_when_one_of_its_claims_is_lost(api: Api) -> None:
    """The others are decided; the lost one is left alone."""
    release = asyncio.Event()

    async def screen(assignments: list[Assignment]) -> Sequence[Decision | Exception]:
        await release.wait()
        return [YES] * len(assignments)

    lost, kept = await api.scene.open(), await api.scene.open()
    async with at_work(api, Agent("worker", ["first"], screen, batch=10)):
        await until(api, kept.id, held)
        async with api.client("requester") as board:
            await board.cancel_case(lost.id, "changed my mind")
        release.set()
        await until(api, kept.id, left_first)

    assert (await until(api, lost.id, lambda _: True)).outcome == "withdrawn"


# --------------------------------------------------------------------------------------------------------- concurrency
async def test_an_agent_never_has_more_in_hand_than_it_said(api: Api) -> None:
    """Three at a time, and never a fourth while those three are there."""
    now, most = 0, 0
    all_three = asyncio.Barrier(3)

    async def handler(_: Assignment) -> Decision:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await all_three.wait()
        now -= 1
        return YES

    opened = [await api.scene.open() for _ in range(9)]
    async with at_work(api, Agent("worker", ["first"], handler, concurrency=3)):
        for case in opened:
            await until(api, case.id, left_first)

    assert most == 3


async def test_a_plain_handler_keeps_its_claim_however_long_it_takes(api: Api) -> None:
    """It runs in a thread: heartbeats go on beside it, past the end of its lease of a second."""
    release = threading.Event()

    def slow(_: Assignment) -> Decision:
        assert release.wait(20)
        return YES

    async with at_work(api, Agent("worker", ["first"], slow, lease_s=1)):
        opened = await api.scene.open()
        holder = (await until(api, opened.id, held)).tasks[0].holder
        assert holder is not None
        first = holder.deadline_at
        try:
            await until(
                api, opened.id, lambda case: (h := case.tasks[0].holder) is None or (h.deadline_at - first).seconds >= 1
            )
        finally:
            release.set()
        case = await until(api, opened.id, left_first)

    assert (case.tasks[0].fence, case.tasks[0].rescues) == (1, 0)


# ------------------------------------------------------------------------------------------------- what is handed over
async def test_the_next_holder_finds_how_far_a_lost_one_had_come(api: Api) -> None:
    """Reported once, then silence: the claim runs out, and the progress does not."""
    found: list[Any] = []

    async def handler(assignment: Assignment) -> Decision:
        found.append(assignment.progress)
        return YES

    opened = await api.scene.open()
    async with api.client("rival") as board:
        [task] = (await board.claim(ClaimRequest(capabilities=["first"], lease_s=1))).tasks
        lost = Assignment(board, task)
        assert lost.progress is None
        await lost.report({"page": 3})
    async with at_work(api, Agent("worker", ["first"], handler)):
        case = await until(api, opened.id, left_first)

    assert (found, case.tasks[0].rescues) == ([{"page": 3}], 1)


async def test_a_handler_that_tries_again_finds_its_own_progress(api: Api) -> None:
    """A failed attempt keeps what was reported."""
    found: list[Any] = []

    async def handler(assignment: Assignment) -> Decision:
        found.append(assignment.progress)
        if assignment.progress is None:
            await assignment.report({"page": 3})
            raise TryLater("bank is down", delay_s=0)
        return YES

    async with at_work(api, Agent("worker", ["first"], handler)):
        opened = await api.scene.open()
        await until(api, opened.id, left_first)

    assert found == [None, {"page": 3}]


async def test_an_agent_remembers_a_customer(api: Api) -> None:
    """In the next case about the same one, and not about another; None forgets."""
    seen: list[dict[str, Any]] = []

    async def handler(assignment: Assignment) -> Decision:
        seen.append(assignment.memory)
        await assignment.remember(visits=assignment.memory.get("visits", 0) + 1, first=None if assignment.memory else True)
        return YES

    async with at_work(api, Agent("worker", ["first"], handler)):
        for customer in ("C-1", "C-1", "C-1", "C-2"):
            opened = await api.scene.open(payload={"customer": customer})
            await until(api, opened.id, left_first)

    assert seen == [{}, {"visits": 1, "first": True}, {"visits": 2}, {}]


async def test_what_an_agent_learnt_the_next_stage_knows(api: Api) -> None:
    """Fact by fact, with who said so."""
    known: list[tuple[str, Any, str]] = []

    async def learn(assignment: Assignment) -> Decision:
        await assignment.learn(level="full", income=2500)
        return YES

    async def know(assignment: Assignment) -> Decision:
        known.extend((key, fact.value, fact.by) for key, fact in sorted(assignment.facts.items()))
        return Decision(outcome="done", reasons=["because"])

    async with at_work(api, Agent("worker", ["first"], learn)), at_work(api, Agent("rival", ["second"], know)):
        opened = await api.scene.open()
        await until(api, opened.id, lambda case: case.outcome == "executed")

    assert known == [("income", 2500, "worker"), ("level", "full", "worker")]


# ------------------------------------------------------------------------------------------------------------- answers
async def test_what_is_not_mine_is_not_offered_to_me_again(api: Api) -> None:
    """To others it is."""
    asked: list[str] = []

    async def refuse(_: Assignment) -> Decision:
        asked.append("worker")
        raise NotMine("a relative")

    async def accept(_: Assignment) -> Decision:
        asked.append("rival")
        return YES

    opened = await api.scene.open()
    async with at_work(api, Agent("worker", ["first"], refuse)):
        await until(api, opened.id, lambda case: case.tasks[0].fence == 1 and not held(case))
        assert await api.scene.claim("worker", "first") == []
        async with at_work(api, Agent("rival", ["first"], accept)):
            await until(api, opened.id, left_first)

    assert asked == ["worker", "rival"]


async def test_work_that_needs_a_fact_goes_on_when_it_is_there(api: Api) -> None:
    """Asked once, answered once, and no attempt counted."""

    async def curious(assignment: Assignment) -> Decision:
        if "income" not in assignment.facts:
            raise NeedFact("income", "how much?")
        return Decision(outcome="approve", result={"income": assignment.facts["income"].value}, reasons=["because"])

    async with at_work(api, Agent("worker", ["first"], curious)):
        opened = await api.scene.open()
        await until(api, opened.id, lambda case: case.tasks[0].state is TaskState.WAITING)
        async with api.client("requester") as board:
            await board.put_facts(opened.id, [NewFact(key="income", value=2500)])
        case = await until(api, opened.id, left_first)

    decision = case.tasks[0].decision
    assert decision is not None and decision.result == {"income": 2500}
    assert (case.tasks[0].fence, case.tasks[0].failures) == (2, 0)


async def test_policy_and_middleware_stand_around_the_handler(api: Api) -> None:
    """The one counts what the other gives a meaning."""
    seen: list[str] = []

    async def counted(assignment: Assignment, inner: Next) -> Said:
        seen.append(assignment.task.stage)
        return await inner(assignment)

    def away(_: Assignment) -> Decision:
        raise ConnectionResetError

    policy: Policy = {OSError: GiveUp, ConnectionError: TryLater}
    async with at_work(api, Agent("worker", ["first"], away, policy=policy, middleware=[counted])):
        opened = await api.scene.open()
        case = await until(api, opened.id, lambda case: case.tasks[0].failures == 1)

    assert (seen, case.tasks[0].state) == (["first"], TaskState.SCHEDULED)


async def test_an_answer_that_the_board_refuses_does_not_stop_the_agent(api: Api) -> None:
    """An outcome that the stage does not know is its author's mistake; the next task is worked on."""

    async def wrong(assignment: Assignment) -> Decision:
        return Decision(outcome=assignment.payload["outcome"], reasons=["because"])

    async with at_work(api, Agent("worker", ["first"], wrong)):
        await api.scene.open(payload={"customer": "C-1", "outcome": "maybe"})
        opened = await api.scene.open(payload={"customer": "C-1", "outcome": "approve"})
        await until(api, opened.id, left_first)


# ------------------------------------------------------------------------------------------------------------ stopping
async def test_stopping_ends_all_that_is_in_hand_and_takes_no_more(api: Api) -> None:
    """Three at work are finished; the fourth stays where it is."""
    release = asyncio.Event()

    async def handler(_: Assignment) -> Decision:
        await release.wait()
        return YES

    agent = Agent("worker", ["first"], handler, concurrency=3)
    async with at_work(api, agent) as running:
        opened = [await api.scene.open() for _ in range(3)]
        for case in opened:
            await until(api, case.id, held)
        agent.stop()
        left = await api.scene.open()
        release.set()
        async with asyncio.timeout(10):
            await running

    assert [(await until(api, case.id, lambda _: True)).stage for case in opened] == ["second"] * 3
    assert (await until(api, left.id, lambda _: True)).tasks[0].fence == 0


async def test_stopping_ends_a_batch_in_hand(api: Api) -> None:
    """All of it."""
    begun, release = asyncio.Event(), asyncio.Event()

    async def screen(assignments: list[Assignment]) -> Sequence[Decision | Exception]:
        begun.set()
        await release.wait()
        return [YES] * len(assignments)

    opened = [await api.scene.open() for _ in range(2)]
    agent = Agent("worker", ["first"], screen, batch=10)
    async with at_work(api, agent) as running:
        await begun.wait()
        agent.stop()
        release.set()
        async with asyncio.timeout(10):
            await running

    assert [(await until(api, case.id, lambda _: True)).stage for case in opened] == ["second"] * 2


async def test_an_agent_without_work_stops_at_once(api: Api) -> None:
    """It does not wait for its claim's twenty seconds, and what comes afterwards is nobody's."""
    agent = Agent("worker", ["first"], lambda _: YES)
    async with at_work(api, agent) as running:
        async with asyncio.timeout(10):
            while api.service.board.waiting_claims == 0:
                await asyncio.sleep(0.02)
        agent.stop()
        async with asyncio.timeout(3):
            await running
    opened = await api.scene.open()

    assert len(await api.scene.claim("rival", "first")) == 1
    assert (await until(api, opened.id, lambda _: True)).tasks[0].fence == 1
