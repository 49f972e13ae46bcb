"""Many cases of all kinds at once, as customers bring them, until each has ended or waits for something that has a name.

Cases are opened at the moments that `arrivals` drew, whatever the board is doing (an open loop). One stream tells what becomes
of them; people are played (`people`), and an operator lets go on what got stuck at the bank.
"""

import asyncio
import random
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from blackboard import invariants
from blackboard.answers import Case
from blackboard.arrivals import Arrival, draw_arrivals
from blackboard.cast import BANK_ADMIN, Cast
from blackboard.errors import BlackboardError, Refused, SetupError
from blackboard.people import People
from blackboard.play import faults_allowed, is_for_people
from blackboard.requests import NewCase
from blackboard.scenario import Mix
from blackboard.states import TaskState
from blackboard.subscription import StreamEvent
from blackboard.values import Json
from blackboard.victims import Victims

# The bank is healed when so many of a hundred have come to their end, or when nothing has for so long.
HEAL_AT_PERCENT = 90
CALM_S = 15.0
STUCK_S = 60.0
LOOK_EVERY_S = 0.25
OPERATE_EVERY_S = 1.0
# One agent is killed for so many cases.
CASES_A_KILL = 40
MIN_KILLS = 2
PEOPLE_AT_ONCE = 8
# Whose key cases are opened with.
CUSTOMER = "requester"
EVENTS = ["case.opened", "case.moved", "case.closed", "task.ready"]


class Plan(NamedTuple):
    """What is asked for. The same seed draws the same cases at the same moments.

    With `customers` it is a closed loop: so many of them, of whom each brings the next case when its last has come to its end.
    """

    cases: int
    seed: int
    rate: float
    faults: float = 0.0
    kill_agents: bool = False
    customers: int = 0


@dataclass
class Run:
    """One case on its way."""

    arrival: Arrival
    submitted: float
    stage: str = ""
    outcome: str | None = None
    took_s: float | None = None
    refused: str | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def state(self) -> str:
        """How it ended, or where it is."""
        return self.refused or self.outcome or f"waits at {self.stage}"

    @property
    def may_rest(self) -> bool:
        """It is where it may be left."""
        return self.outcome is None and self.stage in self.arrival.mix.rests

    @property
    def has_ended(self) -> bool:
        """Nothing more will come of it."""
        return self.outcome is not None or self.refused is not None


@dataclass
class Account:
    """What came of it all."""

    runs: list[Run]
    faults: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    stuck: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """All came to an end, and the books are right."""
        return not (self.violations or self.stuck or any(run.refused for run in self.runs))

    def rows(self) -> Iterator[tuple[str, str, int, float | None, float | None]]:
        """By workflow and state: how many, and how long they took at the median and for the slowest hundredth."""
        groups: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)
        for run in self.runs:
            groups[run.arrival.mix.workflow, run.state].append(run)
        for (workflow, state), runs in sorted(groups.items()):
            took = sorted(run.took_s for run in runs if run.took_s is not None)
            yield workflow, state, len(runs), percentile(took, 0.5), percentile(took, 0.99)

    def told(self) -> Json:
        """For a script."""
        took = sorted(run.took_s for run in self.runs if run.took_s is not None)
        return {
            "cases": len(self.runs),
            "states": {f"{workflow}: {state}": count for workflow, state, count, _, _ in self.rows()},
            "p50_s": percentile(took, 0.5),
            "p99_s": percentile(took, 0.99),
            "faults": self.faults,
            "kills": dict(self.kills),
            "stuck": self.stuck,
            "complaints": self.complaints[:20],
            "violations": self.violations[:20],
            "seconds": round(self.seconds, 1),
            "ok": self.ok,
        }


class Traffic:
    """A plan carried out on the board that runs here."""

    def __init__(self, cast: Cast, mixes: list[Mix], plan: Plan, victims: Victims | None = None) -> None:
        self._cast, self._mixes, self._plan, self._victims = cast, mixes, plan, victims
        self._chance = random.Random(plan.seed)
        self._people = People(cast, plan.seed)
        self._run = secrets.token_hex(4)
        self._by_case: dict[UUID, Run] = {}
        # What the stream told of cases whose opening was not answered yet.
        self._early: defaultdict[UUID, list[StreamEvent]] = defaultdict(list)
        # Opened by the board or an agent: they came of other cases, and are not counted, but decided.
        self._children: set[UUID] = set()
        self._weights = {mix.workflow: mix.decide for mix in mixes}
        self._hands = asyncio.Semaphore(PEOPLE_AT_ONCE)
        self._group = asyncio.TaskGroup()
        self._heard = time.monotonic()
        self.account = Account([])

    async def carry_out(self, show: Callable[[int], None] = lambda _: None) -> Account:
        """Open all, wait for all; `show` is told how many have come to their end."""
        began = time.monotonic()
        today = datetime.now(UTC).date()
        plan = self._plan
        arrivals = draw_arrivals(self._mixes, plan.cases, plan.rate, plan.seed, run=self._run, today=today)
        if plan.faults:
            await self._misbehave()
        await self._people.gather()
        board = await self._cast.board("auditor")
        begin = (await board.list_cases(limit=1)).cursor
        before = await self._fired()
        try:
            async with self._group:
                aside = [self._group.create_task(work) for work in (self._listen(begin), self._operate())]
                opening = self._group.create_task(self._open(arrivals))
                await self._until_calm(opening, show)
                for task in aside:
                    task.cancel()
        except BaseExceptionGroup as several:
            raise _innermost(several) from several
        finally:
            if plan.faults:
                await self._heal()
        self.account.faults = {kind: n - before.get(kind, 0) for kind, n in (await self._fired()).items()}
        self.account.faults = {kind: n for kind, n in self.account.faults.items() if n}
        self.account.complaints = self._people.complaints
        self.account.stuck = len(await self._unsettled())
        self.account.seconds = time.monotonic() - began
        return self.account

    # ------------------------------------------------------------------------------------------------ cases and events
    async def _open(self, arrivals: list[Arrival]) -> None:
        """Each at its moment, whatever became of those before it; or one after another for each customer."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            if self._plan.customers:
                waiting = iter(arrivals)
                for _ in range(self._plan.customers):
                    group.create_task(self._come_again(waiting))
                return
            for arrival in arrivals:
                await asyncio.sleep(max(0.0, began + arrival.at_s - time.monotonic()))
                group.create_task(self._submit(arrival))

    async def _come_again(self, waiting: Iterator[Arrival]) -> None:
        for arrival in waiting:
            await (await self._submit(arrival)).settled.wait()

    async def _submit(self, arrival: Arrival) -> Run:
        run = Run(arrival, time.monotonic())
        self.account.runs.append(run)
        board, mix = await self._cast.board(CUSTOMER), arrival.mix
        try:
            new = NewCase(workflow=mix.workflow, payload=arrival.payload)
            case = await board.open_case(new, key=f"load-{self._run}-{arrival.n}")
        except Refused as error:
            run.refused = f"refused: {error.code}"
            self.account.violations.append(f"{mix.workflow} {arrival.n} was refused: {error.detail}")
            run.settled.set()
            return run
        run.stage = run.stage or case.stage
        self._by_case[case.id] = run
        for event in self._early.pop(case.id, []):
            self._take(event)
        for name, body in mix.sent.items():
            await board.send_signal(case.id, name, body)
        for key, value in mix.facts.items():
            await board.put_fact(case.id, key, value)
        return run

    async def _listen(self, begin: str) -> None:
        board = await self._cast.board("auditor")
        async with aclosing(aiter(board.events(after=begin, type=EVENTS))) as items:
            async for item in items:
                if not isinstance(item, StreamEvent) or item.case_id is None:
                    continue
                if item.type == "case.opened" and item.actor != CUSTOMER:
                    self._children.add(item.case_id)
                if item.case_id in self._by_case or item.case_id in self._children:
                    self._take(item)
                else:
                    self._early[item.case_id].append(item)

    def _take(self, event: StreamEvent) -> None:
        """What happened to a case of ours, or to one that came of it."""
        assert event.case_id is not None
        self._heard = time.monotonic()
        run = self._by_case.get(event.case_id)
        if event.type == "task.ready" and event.task_id and self._people.are_for(event.capability):
            weights = run.arrival.mix.decide if run else self._weights.get(event.workflow or "", {})
            self._group.create_task(self._decide(event.task_id, event.capability or "", weights))
        if run is None:
            return
        run.stage = event.stage or run.stage
        if event.type == "case.closed":
            run.outcome, run.took_s = event.data["outcome"], time.monotonic() - run.submitted
        if run.has_ended or run.may_rest:
            run.settled.set()

    async def _decide(self, task_id: UUID, capability: str, weights: Any) -> None:
        async with self._hands:
            await self._people.decide(task_id, capability, weights)

    # ---------------------------------------------------------------------------------------------- until all is quiet
    async def _until_calm(self, opening: "asyncio.Task[None]", show: Callable[[int], None]) -> None:
        """Until all are where they may stay, or nothing has happened for long."""
        kills = self._due_kills()
        is_ill = self._plan.faults > 0
        while True:
            settled = sum(run.has_ended or run.may_rest for run in self.account.runs)
            show(settled)
            quiet_s = time.monotonic() - self._heard if opening.done() else 0.0
            while kills and self._victims and kills[0] <= settled:
                kills.pop(0)
                self.account.kills.update(filter(None, [self._victims.kill(self._chance)]))
            if is_ill and opening.done() and (settled * 100 >= self._plan.cases * HEAL_AT_PERCENT or quiet_s > CALM_S):
                await self._heal()
                is_ill = False
            if opening.done() and settled == self._plan.cases and not await self._unsettled():
                return
            if quiet_s > STUCK_S:
                return
            await asyncio.sleep(LOOK_EVERY_S)

    def _due_kills(self) -> list[int]:
        """At how many settled cases an agent is killed."""
        if self._victims is None:
            return []
        count = max(MIN_KILLS, self._plan.cases // CASES_A_KILL)
        return sorted(self._chance.randrange(self._plan.cases * HEAL_AT_PERCENT // 100 + 1) for _ in range(count))

    async def _unsettled(self) -> list[UUID]:
        """Those that are neither at their end nor resting where they may. One where an agent is at work does not rest yet."""
        board = await self._cast.board("auditor")
        found = []
        for case_id, run in self._by_case.items():
            if not run.has_ended and (not run.may_rest or _is_at_work(await board.show_case(case_id))):
                found.append(case_id)
        return found

    async def _operate(self) -> None:
        """Whatever rests for an operator goes on: who takes it up asks the bank before anything else."""
        board = await self._cast.board("admin")
        while True:
            with suppress(BlackboardError):
                for incident in await board.list_incidents():
                    if incident.case_id in self._by_case:
                        if (await board.show_case(incident.case_id)).state == "suspended":
                            await board.resume_case(incident.case_id, "the bank was asked")
                        await board.redrive_task(incident.task_id, "the bank was asked")
            await asyncio.sleep(OPERATE_EVERY_S)

    # ---------------------------------------------------------------------------------------------------------- the bank
    async def _misbehave(self) -> None:
        if not await faults_allowed(self._cast):
            raise SetupError("The bank may not misbehave: start the board with `BANK_FAULTS_ALLOWED=true make run`.")
        await self._cast.tell_bank("PUT", "/faults", {"rate": self._plan.faults, "seed": self._plan.seed}, name=BANK_ADMIN)

    async def _heal(self) -> None:
        await self._cast.tell_bank("PUT", "/faults", {"rate": 0}, name=BANK_ADMIN)

    async def _fired(self) -> dict[str, int]:
        return dict((await self._cast.tell_bank("GET", "/faults", name=BANK_ADMIN))["fired"])


def percentile(values: list[float], share: float) -> float | None:
    """Of sorted values, the one that so many are not above; None of none."""
    return round(values[min(len(values) - 1, int(len(values) * share))], 3) if values else None


def _innermost(error: BaseException) -> BaseException:
    """What went wrong first, out of the groups that it came in."""
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _is_at_work(case: Case) -> bool:
    """Whether an agent has work to do on it."""
    return any(task.state in (TaskState.READY, TaskState.CLAIMED) and not is_for_people(task) for task in case.tasks)


async def violations(cast: Cast) -> list[str]:
    """Rules of the bank's books, and promises of the board, that do not hold."""
    books = await cast.tell_bank("GET", "/books/violations", name=BANK_ADMIN)
    found = await invariants.examine(cast.urls["database"], cast.urls["bank_database"])
    return [f"books: {each}" for each in books] + [
        f"{each.invariant}: {each.promise} Not so: {each.broken[0]}, {len(each.broken)} in all" for each in found if not each.ok
    ]
