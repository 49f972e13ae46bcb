"""Plays a scenario on a running board: real cases, real agents, the bank's own books, told while it happens.

Each case is followed on the journal's stream from before it is opened, so that nothing of it is missed; whatever the story
waits for is looked up when the stream says that something happened.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from blackboard.answers import Case, Task
from blackboard.cast import BANK_ADMIN, Cast
from blackboard.errors import BlackboardError, Conflict, Refused
from blackboard.placeholders import fill, names
from blackboard.requests import ClaimRequest, FencedDecision, NewCase, NewFact, Release, ReviewDecision
from blackboard.scenario import (
    Calling,
    Expecting,
    Finding,
    Judging,
    Opening,
    Putting,
    Scenario,
    Signalling,
    Step,
    Waiting,
    Working,
)
from blackboard.states import TaskState
from blackboard.subscription import StreamEvent
from blackboard.values import Json

# A look without news, should the stream be late; and how long a case may rest before it is taken to stay there.
LOOK_EVERY_S = 1.0
RESTS_AFTER_S = 3.0
CLAIM_WAIT_S = 5.0
ONCE_MORE = 3
# Who reads along.
READER = "auditor"


class Moment(NamedTuple):
    """Something worth telling: the story's own words, what happened on the board, or what was found as expected."""

    kind: Literal["told", "event", "found"]
    text: str
    case: str | None = None
    event: StreamEvent | None = None


class Ending(NamedTuple):
    """How a story ended. `problem` is why it did not end as told, `left_out` why it was not played."""

    scenario: str
    cases: dict[str, UUID]
    problem: str | None = None
    left_out: str | None = None

    @property
    def as_told(self) -> bool:
        """As the scenario has it."""
        return self.problem is None


class _Otherwise(Exception):
    """The story took another turn."""


class Play:
    """One scenario, played once."""

    def __init__(
        self,
        scenario: Scenario,
        cast: Cast,
        say: Callable[[Moment], None],
        *,
        pause_s: float = 0,
        tell: Callable[[str, int, int], None] = lambda _name, _done, _of: None,
    ) -> None:
        self._scenario = scenario
        self._tell = tell
        self._cast = cast
        self._say = say
        self._pause_s = pause_s
        self._known: dict[str, Any] = {"run": secrets.token_hex(4)}
        self._known |= {name: secrets.choice(several) for name, several in scenario.cast.items()}
        self._cases: dict[str, UUID] = {}
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._begin = ""
        self._newest = UUID(int=0)

    async def run(self) -> Ending:
        """Step by step, to the end or to where it goes another way."""
        if "faults" in self._scenario.needs and not await faults_allowed(self._cast):
            return Ending(self._scenario.name, {}, left_out="the bank must be allowed to misbehave: BANK_FAULTS_ALLOWED=true")
        problem = None
        async with self._following():
            for number, step in enumerate(self._scenario.steps, start=1):
                self._tell(self._scenario.name, number - 1, len(self._scenario.steps))
                try:
                    await self._do(step)
                except (_Otherwise, BlackboardError, TimeoutError) as error:
                    problem = f"step {number} ({step.verb}): {_words(error, step)}"
                    break
            await self._heal()
        return Ending(self._scenario.name, dict(self._cases), problem)

    async def _do(self, step: Step) -> None:
        document = step.model_dump(mode="json", exclude_none=True)
        known = await self._look_up(set(names(document)))
        step = Step.model_validate(fill(document, known, datetime.now(UTC).date()))
        if step.tell:
            self._say(Moment("told", step.tell))
            await asyncio.sleep(self._pause_s)
        async with asyncio.timeout(step.within_s):
            await self._act(step)

    async def _act(self, step: Step) -> None:
        match step.open or step.find or step.signal or step.review or step.work or step.fact or step.clock or step.expect:
            case Opening() as opening:
                await self._open(opening)
            case Finding() as finding:
                await self._find(finding)
            case Signalling() as signal:
                await (await self._cast.board(signal.by)).send_signal(self._cases[signal.case], signal.name, signal.body)
            case Judging() as judging:
                await self._review(judging)
            case Working() as working:
                await self._work(working)
            case Putting() as fact:
                await (await self._cast.board(fact.by)).put_fact(self._cases[fact.case], fact.key, fact.value)
            case Waiting() as waiting:
                await self._wait(waiting)
            case Expecting() as expecting:
                await self._expect(expecting)
            case None:
                await self._call(step)

    # ---------------------------------------------------------------------------------------------------- what is done
    async def _open(self, opening: Opening) -> None:
        board = await self._cast.board(opening.by)
        new = NewCase(workflow=opening.workflow, payload=opening.payload, business_key=opening.business_key)
        self._take(opening.case, (await board.open_case(new)).id)

    async def _find(self, finding: Finding) -> None:
        """Newest first; ids rise with time."""
        board = await self._cast.board(READER)
        while True:
            page = await board.list_cases(workflow=finding.workflow, subject=finding.subject, limit=20)
            fresh = [case.id for case in page.cases if case.id > self._newest and case.id not in self._cases.values()]
            if fresh:
                return self._take(finding.case, fresh[0])
            await self._next(LOOK_EVERY_S / 4)

    async def _review(self, judging: Judging) -> None:
        case = await self._until(judging.case, lambda case: _waiting(case, judging.stage) is not None)
        board, task = await self._cast.board(judging.by), _waiting(case, judging.stage)
        assert task is not None
        for left in reversed(range(ONCE_MORE)):
            fence = (await board.claim_review(task.id)).fence
            shown = (await board.show_review(task.id)).shown
            said = judging.model_dump(include={"outcome", "reasons", "result"})
            try:
                await board.decide_review(task.id, ReviewDecision(fence=fence, shown=shown, **said))
            except Conflict:
                # Something changed between the look and the decision: look again.
                if not left:
                    raise
            else:
                return

    async def _work(self, working: Working) -> None:
        board, case_id = await self._cast.board(working.by), self._cases[working.case]
        while True:
            claimed = await board.claim(ClaimRequest(capabilities=[working.capability], wait_s=CLAIM_WAIT_S))
            for task in claimed.tasks:
                if task.case_id != case_id:
                    await board.release(task.id, Release(fence=task.fence, reason="of another case"))
                    continue
                facts = [NewFact(key=key, value=value) for key, value in working.facts.items()]
                if facts:
                    await board.put_facts(case_id, facts, task_id=task.id, fence=task.fence)
                said = working.model_dump(include={"outcome", "reasons", "result"})
                await board.decide(task.id, FencedDecision(fence=task.fence, **said))
                return

    async def _wait(self, waiting: Waiting) -> None:
        now = datetime.fromisoformat((await self._cast.tell_bank("GET", "/v1/terms"))["now"])
        at = now + timedelta(days=waiting.days, hours=waiting.hours)
        await self._cast.tell_bank("PUT", "/clock", {"at": at.isoformat()}, name=BANK_ADMIN)

    async def _call(self, step: Step) -> None:
        if step.bank:
            call = step.bank
            answer = await self._cast.ask_bank(call.method, call.path, call.body, name=call.by or "bank")
        elif step.board:
            call = step.board
            client = await self._cast.board(call.by or "requester")
            headers = {} if call.method == "GET" else {"Idempotency-Key": secrets.token_hex(16)}
            answer = await client.http.request(call.method, call.path, json=call.body, headers=headers)
        else:
            return
        if not _as_asked(call, answer.status_code):
            raise _Otherwise(f"{call.method} {call.path} was answered with {answer.status_code}: {answer.text[:300]}")
        if call.save:
            self._known[call.save] = answer.json()

    async def _expect(self, expecting: Expecting) -> None:
        wanted = expecting.outcome or expecting.stage or ""
        several = [wanted] if isinstance(wanted, str) else wanted

        def there(case: Case) -> bool:
            return (case.outcome if expecting.outcome else case.outcome is None and case.stage) in several

        case = await self._until(expecting.case, there)
        if case.outcome is not None:
            await asyncio.wait([self._followers[expecting.case]], timeout=RESTS_AFTER_S)  # what led to it is told before it
        for name, value in expecting.facts.items():
            _compare(f"the fact {name}", value, case.facts[name].value if name in case.facts else None)
        if expecting.result is not None:
            _compare("the result", expecting.result, result_of(case))
        self._say(Moment("found", f"{case.outcome or f'rests at {case.stage}'}, as expected", expecting.case))

    # ------------------------------------------------------------------------------------------------ what is looked at
    async def _until(self, name: str, fact: Callable[[Case], bool]) -> Case:
        """The case when the fact holds. `_Otherwise` when it will not: it has ended, or rests elsewhere."""
        board, rests_since = await self._cast.board(READER), None
        while True:
            self._news.clear()
            case = await board.show_case(self._cases[name])
            if fact(case):
                return case
            if case.outcome is not None:
                raise _Otherwise(f"{name} ended as {case.outcome} at {case.stage}{_why(case)}")
            rests_since = (rests_since or time.monotonic()) if case.rests else None
            if rests_since and time.monotonic() - rests_since > RESTS_AFTER_S:
                raise _Otherwise(f"{name} rests at {case.stage}{_why(case)}")
            await self._next(LOOK_EVERY_S)

    async def _next(self, limit_s: float) -> None:
        """Until something happens, or for so long."""
        try:
            async with asyncio.timeout(limit_s):
                await self._news.wait()
        except TimeoutError:
            return

    async def _look_up(self, wanted: set[str]) -> dict[str, Any]:
        """What placeholders stand for: what was kept, and cases as they are now."""
        board = await self._cast.board(READER)
        return self._known | {
            name: document_of(await board.show_case(case_id)) for name, case_id in self._cases.items() if name in wanted
        }

    def _take(self, name: str, case_id: UUID) -> None:
        self._cases[name] = case_id
        self._followers[name] = asyncio.create_task(self._follow(name, case_id), name=f"follow:{name}")

    async def _follow(self, name: str, case_id: UUID) -> None:
        board = await self._cast.board(READER)
        async with aclosing(aiter(board.events(after=self._begin, case=[str(case_id)]))) as items:
            async for item in items:
                if isinstance(item, StreamEvent):
                    self._say(Moment("event", item.type, name, item))
                    self._news.set()
                    if item.type == "case.closed":
                        return

    @asynccontextmanager
    async def _following(self) -> AsyncIterator[None]:
        page = await (await self._cast.board(READER)).list_cases(limit=1)
        self._begin = page.cursor
        self._newest = page.cases[0].id if page.cases else self._newest
        try:
            yield
        finally:
            for follower in self._followers.values():
                follower.cancel()
            await asyncio.gather(*self._followers.values(), return_exceptions=True)

    async def _heal(self) -> None:
        if "faults" in self._scenario.needs:
            await self._cast.tell_bank("PUT", "/faults", {"rate": 0}, name=BANK_ADMIN)


async def faults_allowed(cast: Cast) -> bool:
    """Whether the bank may misbehave. Its plan stays as it is."""
    plan: Json = await cast.tell_bank("GET", "/faults", name=BANK_ADMIN)
    plan.pop("fired")
    return (await cast.ask_bank("PUT", "/faults", plan, name=BANK_ADMIN)).is_success


def result_of(case: Case) -> Any:
    """What the last decision that brought something brought."""
    decided = [task for task in case.tasks if task.decision and task.decision.result is not None and task.finished_at]
    last = max(decided, key=lambda task: task.finished_at or datetime.min.replace(tzinfo=UTC), default=None)
    return last.decision.result if last and last.decision else None


def document_of(case: Case) -> Json:
    """A case as placeholders see it: as the board answers it, with `result`, and facts as their values."""
    values = {name: fact.value for name, fact in case.facts.items()}
    return case.model_dump(mode="json") | {"result": result_of(case), "facts": values}


def _waiting(case: Case, stage: str | None) -> Task | None:
    """The task that a person can take."""
    return next((task for task in case.tasks if is_for_people(task) and stage in (None, task.stage)), None)


def is_for_people(task: Task) -> bool:
    """Whether it waits for a person to decide it."""
    return (task.is_review or task.capability == "review") and task.state in (TaskState.READY, TaskState.CLAIMED)


def _compare(what: str, wanted: Any, found: Any, at: str = "") -> None:
    """Whether everything that is wanted is there; what else is there does not matter."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name, value in wanted.items():
            _compare(what, value, found.get(name), f"{at}.{name}")
    elif wanted != found:
        raise _Otherwise(f"{what}{f' at {at[1:]}' if at else ''} is {found!r} and not {wanted!r}")


def _as_asked(call: Calling, status: int) -> bool:
    return status == call.status if call.status else 200 <= status < 300


def _why(case: Case) -> str:
    last = next((task.decision for task in reversed(case.tasks) if task.decision and task.decision.reasons), None)
    return f" ({', '.join(last.reasons)})" if last else ""


def _words(error: Exception, step: Step) -> str:
    match error:
        case TimeoutError():
            return f"nothing came of it within {step.within_s:g} s"
        case Refused() | BlackboardError():
            return error.detail
    return str(error)
