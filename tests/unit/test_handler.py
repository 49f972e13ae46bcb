"""What a handler is, what stands around it, and what its answers become."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from blackboard.answers import ClaimedTask, Context, Verdict
from blackboard.errors import ClaimLost, Unavailable
from blackboard.handler import GiveUp, Middleware, NeedFact, Next, NotMine, Said, TryLater, call, meant, tell, wrapped
from blackboard.requests import Decision, Failure, FencedDecision, NeedInput, Rejection
from blackboard.workplace import Assignment, Workplace

YES = Decision(outcome="approve", reasons=["fine"])
ID = UUID(int=1)
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Desk:
    """A workplace that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def __getattr__(self, verb: str) -> Callable[[UUID, object], Any]:
        async def note(task_id: UUID, body: object) -> Verdict:
            self.told.append((verb, body))
            return Verdict(task_id=task_id, verdict=f"{verb} noted")

        return note


def held(desk: Desk) -> Assignment:
    """A task in hand, under fence 7."""
    context = Context({"customer": "C-1"}, "C-1", None, 5, NOW, [], {}, {}, None)
    task = ClaimedTask(ID, ID, "small", "first", "work", "first", 7, 1, 30, NOW, context)
    return Assignment(cast(Workplace, desk), task)


async def said(answer: Decision | Exception, policy: dict[type[Exception], Any] | None = None) -> tuple[str, object]:
    """What the board is told of an answer: one thing."""
    desk = Desk()
    await tell(cast(Workplace, desk), held(desk), answer, policy or {})
    [told] = desk.told
    return told


# ------------------------------------------------------------------------------------------------------------ kinds
async def test_an_async_handler_runs_in_the_loop() -> None:
    """In the thread that called it."""

    async def handler(_: object) -> int:
        return threading.get_ident()

    assert await call(handler, None) == threading.get_ident()


async def test_a_plain_handler_runs_in_a_thread_and_leaves_the_loop_free() -> None:
    """It waits for something that only the loop can do."""
    told = threading.Event()

    def handler(_: object) -> bool:
        return told.wait(5)

    running = asyncio.create_task(call(handler, None))
    await asyncio.sleep(0)
    told.set()

    assert await running


async def test_an_object_is_a_handler_of_the_kind_that_its_call_is() -> None:
    """Both kinds."""

    class Async:
        async def __call__(self, _: object) -> int:
            return threading.get_ident()

    class Plain:
        def __call__(self, _: object) -> int:
            return threading.get_ident()

    assert await call(Async(), None) == threading.get_ident()
    assert await call(Plain(), None) != threading.get_ident()


async def test_a_plain_function_may_hand_back_something_to_await() -> None:
    """A lambda around an async function is awaited like the function."""

    async def handler(_: object) -> Decision:
        return YES

    assert await call(lambda one: handler(one), None) == YES  # noqa: PLW0108  # the lambda is the point


@pytest.mark.parametrize("error", [TryLater("down"), ZeroDivisionError()])
async def test_what_a_plain_handler_raises_comes_out_of_its_thread(error: Exception) -> None:
    """As it was raised."""

    def handler(_: object) -> Decision:
        raise error

    with pytest.raises(type(error)):
        await call(handler, None)


async def test_a_plain_handler_that_runs_out_of_an_iterator_ends() -> None:
    """StopIteration cannot pass through a future; a handler that raised it has still ended."""

    def handler(_: object) -> object:
        return next(iter([]))

    running = asyncio.create_task(call(handler, None))
    done, _ = await asyncio.wait({running}, timeout=1)

    running.cancel()
    assert done, "the handler raised, and its caller still waits"


# ------------------------------------------------------------------------------------------------------- middleware
def layer(name: str, notes: list[str]) -> Middleware:
    """Middleware that notes when it is entered and left."""

    async def around(assignment: Assignment, inner: Next) -> Said:
        notes.append(f"into {name}")
        decision = await inner(assignment)
        notes.append(f"out of {name}")
        return decision

    return around


async def test_the_first_middleware_is_the_outermost() -> None:
    """In at the front, out in the reverse order; the handler is in the middle, a plain one too."""
    notes: list[str] = []

    def handler(_: Assignment) -> Decision:
        notes.append("handler")
        return YES

    assert await wrapped(handler, [layer("one", notes), layer("two", notes)])(held(Desk())) == YES
    assert notes == ["into one", "into two", "handler", "out of two", "out of one"]


async def test_a_middleware_may_answer_in_the_handlers_place() -> None:
    """Nobody further in is asked."""
    notes: list[str] = []

    async def decided(_: Assignment, __: Next) -> Decision:
        return YES

    async def handler(_: Assignment) -> Decision:
        raise AssertionError

    assert await wrapped(handler, [decided, layer("inner", notes)])(held(Desk())) == YES
    assert notes == []


async def test_a_middleware_may_swallow_what_the_handler_raises() -> None:
    """And answer instead."""

    async def calm(assignment: Assignment, inner: Next) -> Said:
        try:
            return await inner(assignment)
        except ZeroDivisionError:
            return YES

    async def handler(_: Assignment) -> Decision:
        raise ZeroDivisionError

    assert await wrapped(handler, [calm])(held(Desk())) == YES


async def test_what_a_middleware_raises_is_the_answer() -> None:
    """The layers around it see it as if the handler had raised it."""
    seen: list[BaseException] = []

    async def outer(assignment: Assignment, inner: Next) -> Said:
        try:
            return await inner(assignment)
        except Exception as error:
            seen.append(error)
            raise

    async def limit(_: Assignment, __: Next) -> Decision:
        raise TryLater("enough for today")

    async def handler(_: Assignment) -> Decision:
        return YES

    with pytest.raises(TryLater) as raised:
        await wrapped(handler, [outer, limit])(held(Desk()))
    assert seen == [raised.value]


# ---------------------------------------------------------------------------------------------------------- answers
async def test_a_decision_is_told_under_the_fence() -> None:
    """All of it, and the verdict is its outcome."""
    desk = Desk()

    assert await tell(cast(Workplace, desk), held(desk), YES, {}) == "approve"
    assert desk.told == [("decide", FencedDecision(fence=7, outcome="approve", reasons=["fine"]))]


@pytest.mark.parametrize(
    ("answer", "verb", "body"),
    [
        (TryLater("bank is down"), "fail", Failure(fence=7, reason="bank is down")),
        (TryLater("bank is down", delay_s=60), "fail", Failure(fence=7, reason="bank is down", delay_s=60)),
        (TryLater("now", delay_s=0), "fail", Failure(fence=7, reason="now", delay_s=0)),
        (GiveUp("makes no sense"), "fail", Failure(fence=7, reason="makes no sense", retryable=False)),
        (NotMine("a relative"), "reject", Rejection(fence=7, reason="a relative")),
        (NeedFact("income", "how much?"), "need_input", NeedInput(fence=7, fact="income", reason="how much?")),
        (KeyError("C-1 Jane Doe"), "fail", Failure(fence=7, reason="handler raised KeyError")),
        (GiveUp(""), "fail", Failure(fence=7, reason="GiveUp", retryable=False)),
        (NotMine("x" * 500), "reject", Rejection(fence=7, reason="x" * 200)),
    ],
)
async def test_each_answer_is_one_word_to_the_board(answer: Exception, verb: str, body: object) -> None:
    """A bug tells its class and never its text; a reason is as long as a reason may be, and never empty."""
    assert await said(answer) == (verb, body)


async def test_an_answer_that_is_no_decision_is_a_failed_attempt() -> None:
    """A handler that forgot to return."""
    forgotten: Any = None

    assert await said(forgotten) == ("fail", Failure(fence=7, reason="handler raised NoneType"))


@pytest.mark.parametrize("answer", [TryLater("next week", delay_s=604800.0), NeedFact("Monthly income", "how much?")])
async def test_an_answer_that_the_board_cannot_take_is_a_failed_attempt(answer: Exception) -> None:
    """Too long a pause, a fact of no proper name: the board is told something, so that the claim does not just run out."""
    verb, _ = await said(answer)

    assert verb == "fail"


@pytest.mark.parametrize("error", [ClaimLost("gone", reason="expired"), Unavailable("down")])
async def test_what_the_board_itself_refused_is_not_told_back_to_it(error: Exception) -> None:
    """It is the runtime's to deal with."""
    with pytest.raises(type(error)):
        await said(error)


# ----------------------------------------------------------------------------------------------------------- policy
async def test_a_policy_gives_an_exception_its_meaning() -> None:
    """By its class, and with its class as the reason."""
    policy = {ConnectionError: TryLater, ValueError: GiveUp, PermissionError: NotMine}

    assert await said(ConnectionError("10.0.0.7"), policy) == ("fail", Failure(fence=7, reason="ConnectionError"))
    assert await said(ValueError("x"), policy) == ("fail", Failure(fence=7, reason="ValueError", retryable=False))
    assert await said(PermissionError("x"), policy) == ("reject", Rejection(fence=7, reason="PermissionError"))


def test_the_most_special_class_that_a_policy_names_counts() -> None:
    """In whatever order it names them."""
    policy = {Exception: GiveUp, OSError: NotMine, ConnectionError: TryLater}

    assert type(meant(ConnectionResetError(), policy)) is TryLater
    assert type(meant(FileNotFoundError(), policy)) is NotMine
    assert type(meant(KeyError(), policy)) is GiveUp


def test_what_a_policy_does_not_name_stays_what_it_is() -> None:
    """A bug is a bug."""
    bug = KeyError()

    assert meant(bug, {ValueError: GiveUp}) is bug


@pytest.mark.parametrize("answer", [GiveUp("no"), TryLater("later", delay_s=5), NotMine("no"), NeedFact("income", "how much?")])
def test_an_answer_is_no_exception_to_a_policy(answer: Exception) -> None:
    """A policy about every exception does not turn what the handler said on purpose into something else."""
    assert meant(answer, {Exception: TryLater}) is answer


async def test_a_policy_may_speak_of_what_the_board_raises() -> None:
    """A board that was away while a fact was put is a reason to try later."""
    assert await said(Unavailable("down"), {Unavailable: TryLater}) == ("fail", Failure(fence=7, reason="Unavailable"))
