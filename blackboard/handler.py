"""What a handler is, and what it says by returning or raising.

An author writes one function. It may be async or plain (then it runs in a thread), take one task or, with `batch`, many:

    async def check(assignment: Assignment) -> Decision: ...
    def weigh(assignment: Assignment) -> Opinion: ...
    async def screen(assignments: list[Assignment]) -> list[Decision | Exception]: ...

Whoever sits on a panel returns an `Opinion` in place of a decision.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from pydantic import ValidationError

from blackboard.errors import BlackboardError, Conflict, DutyClash
from blackboard.requests import Decision, Failure, FencedDecision, FencedOpinion, NeedInput, Opinion, Rejection
from blackboard.workplace import Assignment, Workplace

log = structlog.get_logger()

# Why a decision that was right is not any more: a fact, or the rules, changed meanwhile.
STALE = frozenset({"outdated", "policy_retired"})


class Answer(Exception):
    """What a handler raises instead of deciding."""


class TryLater(Answer):
    """The work cannot be done now. `delay_s` overrides the stage's backoff."""

    def __init__(self, reason: str, *, delay_s: float | None = None) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


class GiveUp(Answer):
    """The work cannot be done at all: the case takes its `exhausted` route, or an operator is asked."""


class NotMine(Answer):
    """Somebody else's: it is offered to others and not to this agent again."""


class NeedFact(Answer):
    """The work cannot go on without a fact; whoever is given the task after it was put finds it in the context."""

    def __init__(self, fact: str, reason: str) -> None:
        super().__init__(reason)
        self.fact = fact


Said = Decision | Opinion
Handler = Callable[[Assignment], Awaitable[Said] | Said]
BatchHandler = Callable[[list[Assignment]], Awaitable[Sequence[Said | Exception]] | Sequence[Said | Exception]]
Next = Callable[[Assignment], Awaitable[Said]]
Middleware = Callable[[Assignment, Next], Awaitable[Said]]
# What an exception of a type means: the class of answer to give in its place.
Policy = Mapping[type[Exception], type[TryLater] | type[GiveUp] | type[NotMine]]


async def call(handler: Callable[..., Any], argument: object) -> Any:
    """Run a handler: in the loop when it is async, else in a thread."""
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(getattr(handler, "__call__", None)):  # noqa: B004  # objects too
        return await handler(argument)
    result = await asyncio.to_thread(_called, handler, argument)
    return await result if inspect.isawaitable(result) else result


def _called(handler: Callable[..., Any], argument: object) -> Any:
    """A plain handler in its thread. No future can carry a StopIteration: who waits for it would wait for ever."""
    try:
        return handler(argument)
    except StopIteration as error:
        raise RuntimeError("the handler ran out of an iterator") from error


def wrapped(handler: Handler, middleware: Sequence[Middleware]) -> Next:
    """The handler inside its middleware, the first outermost."""

    async def innermost(assignment: Assignment) -> Said:
        said: Said = await call(handler, assignment)
        return said

    chain: Next = innermost
    for layer in reversed(middleware):
        chain = _around(layer, chain)
    return chain


def _around(layer: Middleware, inner: Next) -> Next:
    async def step(assignment: Assignment) -> Said:
        return await layer(assignment, inner)

    return step


async def tell(board: Workplace, assignment: Assignment, said: Said | Exception, policy: Policy) -> str:
    """Hand what a handler said to the board; the verdict, or the outcome decided."""
    task = assignment.task
    if isinstance(said, Decision | Opinion):
        try:
            return await _say(board, assignment, said)
        except DutyClash as clash:
            said = clash
        except Conflict as error:
            # What it rests on has changed: looked at again. The seat is for somebody of another owner: given back.
            reason = error.extra.get("reason")
            if reason not in {*STALE, "owner_spoke"}:
                raise
            said = NotMine("somebody of its owner has spoken") if reason == "owner_spoke" else TryLater(str(reason), delay_s=0)
    match _answer(task.fence, meant(said, policy)):
        case Rejection() as rejection:
            return (await board.reject(task.id, rejection)).verdict
        case NeedInput() as need:
            return (await board.need_input(task.id, need)).verdict
        case failure:
            return (await board.fail(task.id, failure)).verdict


async def _say(board: Workplace, assignment: Assignment, said: Said) -> str:
    """A decision or an opinion, as it is."""
    task = assignment.task
    if isinstance(said, Opinion):
        return (await board.give_opinion(task.id, FencedOpinion(fence=task.fence, **said.model_dump()))).verdict
    await board.decide(task.id, FencedDecision(fence=task.fence, **said.model_dump()))
    return said.outcome


def _answer(fence: int, said: Exception) -> Rejection | NeedInput | Failure:
    """An exception as the board takes it. What it cannot take is a failed attempt too: else the claim would just run out."""
    try:
        match said:
            case NotMine() | DutyClash():
                return Rejection(fence=fence, reason=_short(said))
            case NeedFact():
                return NeedInput(fence=fence, fact=said.fact, reason=_short(said))
            case TryLater():
                return Failure(fence=fence, reason=_short(said), delay_s=said.delay_s)
            case GiveUp():
                return Failure(fence=fence, reason=_short(said), retryable=False)
            case BlackboardError():
                raise said
    except ValidationError as error:
        said = error
    # The class alone: an exception's text may hold what a journal should not.
    log.error("handler failed", exc_info=said)
    return Failure(fence=fence, reason=f"handler raised {type(said).__name__}")


def meant(said: Exception, policy: Policy) -> Exception:
    """An exception as the policy reads it; the most special class that it names counts. What was said on purpose stays."""
    if isinstance(said, Answer):
        return said
    for kind in type(said).__mro__:
        if kind in policy:
            return policy[kind](f"{type(said).__name__}")
    return said


def _short(said: Exception) -> str:
    return (str(said) or type(said).__name__)[:200]
