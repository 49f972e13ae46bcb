"""The runtime of an agent, against a real board."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from blackboard.agent import Agent, Assignment, GiveUp, Handler, TryLater
from blackboard.answers import Case
from blackboard.local import LocalBoard
from blackboard.requests import Decision
from tests.http.conftest import Api


@asynccontextmanager
async def working(
    own: Api, handler: Handler, *, lease_s: int | None = None, concurrency: int = 1, stream: bool = False
) -> AsyncIterator[tuple[Agent, asyncio.Task[None]]]:
    """An agent at work until the block ends."""
    async with own.client("worker") as board:
        agent = Agent("worker", ["first"], handler, lease_s=lease_s, concurrency=concurrency, stream=stream)
        running = asyncio.create_task(agent.run(board))
        try:
            yield agent, running
        finally:
            agent.stop()
            async with asyncio.timeout(10):
                await running


async def until(own: Api, case_id: object, fact: Callable[[Case], bool]) -> Case:
    """The case when the fact holds."""
    async with asyncio.timeout(20), own.client("requester") as board:
        while True:
            case = await board.show_case(case_id)  # type: ignore[arg-type]  # a case's id
            if fact(case):
                return case
            await asyncio.sleep(0.02)


async def approve(_: Assignment) -> Decision:
    """Yes to everything."""
    return Decision(outcome="approve", reasons=["fine"])


@pytest.mark.parametrize("stream", [False, True])
async def test_a_handler_is_one_function_and_its_answer_moves_the_case(own: Api, *, stream: bool) -> None:
    """Claim, heartbeat and decision are the runtime's."""
    async with working(own, approve, stream=stream):
        opened = await own.scene.open()
        case = await until(own, opened.id, lambda case: case.stage == "second")

    assert case.tasks[0].decision is not None
    assert case.tasks[0].decision.by == "worker"


async def test_a_long_handler_keeps_its_claim(own: Api) -> None:
    """Longer than its lease, and nobody takes it away."""
    release = asyncio.Event()

    async def slow(assignment: Assignment) -> Decision:
        await release.wait()
        return await approve(assignment)

    async with working(own, slow, lease_s=3):
        opened = await own.scene.open()
        case = await until(own, opened.id, lambda case: case.tasks[0].holder is not None)
        first = case.tasks[0].holder
        assert first is not None
        deadline = first.deadline_at
        await until(
            own, opened.id, lambda case: (h := case.tasks[0].holder) is not None and (h.deadline_at - deadline).seconds >= 3
        )
        release.set()
        case = await until(own, opened.id, lambda case: case.stage == "second")

    assert case.tasks[0].fence == 1


async def test_what_a_handler_raises_is_an_answer(own: Api) -> None:
    """TryLater comes back, GiveUp does not, a bug is a failed attempt."""

    async def grumpy(assignment: Assignment) -> Decision:
        match assignment.payload["mood"]:
            case "later":
                raise TryLater("bank is down", delay_s=60)
            case "never":
                raise GiveUp("makes no sense")
            case _:
                raise ZeroDivisionError

    async with working(own, grumpy):
        moods = [await own.scene.open(payload={"mood": mood}) for mood in ("later", "never", "bug")]
        cases = [await until(own, case.id, lambda case: case.tasks[0].failures == 1) for case in moods]

    assert [case.tasks[0].state for case in cases] == ["scheduled", "waiting", "scheduled"]


async def test_a_handler_whose_claim_is_lost_is_cancelled(own: Api) -> None:
    """The case was withdrawn under its hands: the next heartbeat finds out."""
    cancelled = asyncio.Event()

    async def stubborn(_: Assignment) -> Decision:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    async with working(own, stubborn, lease_s=1):
        opened = await own.scene.open()
        await until(own, opened.id, lambda case: case.tasks[0].holder is not None)
        async with own.client("requester") as board:
            await board.cancel_case(opened.id, "changed my mind")
        async with asyncio.timeout(10):
            await cancelled.wait()

    assert cancelled.is_set()


@pytest.mark.parametrize("stream", [False, True])
async def test_stopping_finishes_what_is_in_hand(own: Api, *, stream: bool) -> None:
    """And begins no more: what a stream brings too late goes back."""
    release, in_hand = asyncio.Event(), asyncio.Event()
    begun = []

    async def slow(assignment: Assignment) -> Decision:
        begun.append(assignment.task.case_id)
        in_hand.set()
        await release.wait()
        return await approve(assignment)

    async with working(own, slow, stream=stream) as (agent, running):
        opened = await own.scene.open()
        # Held is not enough: a stream may be bringing it still.
        await in_hand.wait()
        agent.stop()
        waiting = await own.scene.open()
        release.set()
        async with asyncio.timeout(10):
            await running

    await until(own, opened.id, lambda case: case.stage == "second")
    await until(own, waiting.id, lambda case: case.tasks[0].state == "ready")
    assert begun == [opened.id]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_stopped_agent_gives_back_what_it_cannot_finish(own: Api, *, stream: bool) -> None:
    """At once, and unharmed: nobody has to wait for the lease to run out."""

    async def endless(_: Assignment) -> Decision:
        await asyncio.Event().wait()
        raise AssertionError

    async with working(own, endless, stream=stream):
        opened = await own.scene.open()
        await until(own, opened.id, lambda case: case.tasks[0].holder is not None)

    case = await until(own, opened.id, lambda case: case.tasks[0].state == "ready")
    assert (case.tasks[0].failures, case.tasks[0].rescues) == (0, 0)


async def test_an_agent_on_a_stream_works_at_no_more_than_it_has_hands_for(own: Api) -> None:
    """Nine tasks, three hands: never four at once, and all are done."""
    at_once, most = 0, 0

    async def counting(assignment: Assignment) -> Decision:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await assignment.learn(seen=at_once)
        at_once -= 1
        return await approve(assignment)

    async with working(own, counting, concurrency=3, stream=True):
        opened = [await own.scene.open() for _ in range(9)]
        for case in opened:
            await until(own, case.id, lambda case: case.stage == "second")

    assert most <= 3


async def test_an_agent_on_a_stream_finishes_what_it_has_when_its_connection_ends(own: Api) -> None:
    """The process that served it stops; what it has in hand is finished under the same claim."""
    release = asyncio.Event()

    async def slow(assignment: Assignment) -> Decision:
        await release.wait()
        return await approve(assignment)

    async with working(own, slow, stream=True):
        first = await own.scene.open()
        await until(own, first.id, lambda case: case.tasks[0].holder is not None)
        own.service.dealer.close()
        release.set()
        await until(own, first.id, lambda case: case.stage == "second")

    assert (await until(own, first.id, lambda _: True)).tasks[0].fence == 1


async def test_an_agent_is_in_the_directory_while_it_runs(own: Api) -> None:
    """Its session comes and goes with it."""
    async with own.client("auditor") as board:

        async def alive() -> bool:
            return any(agent.sessions for agent in await board.list_agents() if agent.name == "worker")

        async with working(own, approve):
            await _becomes(alive, expected=True)
        await _becomes(alive, expected=False)

        assert not await alive()


async def _becomes(fact: Callable[[], Awaitable[bool]], *, expected: bool) -> None:
    async with asyncio.timeout(10):
        while await fact() is not expected:
            await asyncio.sleep(0.02)


async def test_a_stream_needs_a_board_over_http_and_single_tasks(own: Api) -> None:
    """Said at once, and not when the first task does not come."""
    with pytest.raises(ValueError, match="batch"):
        Agent("worker", ["first"], approve, batch=5, stream=True)
    with pytest.raises(TypeError, match="BoardClient"):
        await Agent("worker", ["first"], approve, stream=True).run(LocalBoard(own.service.board, own.scene.people["worker"]))
