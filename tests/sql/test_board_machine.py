"""A machine that plays agents, sweeper and operator against the SQL functions, under a clock that it moves itself.

After every step it compares the database with a model of what a fenced lease is: who holds which task under which fence
until when, and what is held back from whom. Whatever the order of steps, no task has two holders, no fence comes twice, no
stale write is accepted, nobody is offered what is held back or what he rejected, and every event is in the journal once.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from blackboard.answers import ClaimedTask
from blackboard.errors import BlackboardError, ClaimLost, NotPermitted
from blackboard.requests import Failure, FencedDecision, Heartbeat, NeedInput, NewFact, Rejection, Release
from blackboard.workflow import Definition
from tests.conftest import Server
from tests.factories import Clock, Scene, make_scene, small
from tests.invariants import broken

WORKERS = ("worker", "rival")
ENTITIES = [("entity", "account:a"), ("entity", "account:b")]
HOLDS = [*ENTITIES, *ENTITIES, ("capability", "first"), ("capability", "second"), ("workflow", "small")]
VERBS = ("decide", "reject", "fail", "give up", "release", "heartbeat", "turn down", "ask")
OPERATIONS = ("cancel", "tell", "tell", "tell", "suspend", "resume", "place", "place", "lift", "bar", "admit")
T = TypeVar("T")


@dataclass
class Lease:
    """What the model knows of a claim."""

    who: str
    task: ClaimedTask
    deadline: float

    def is_kept_back_by(self, hold: tuple[str, str]) -> bool:
        """Whether a hold is on what it touches, on its capability or its workflow."""
        kind, name = hold
        account = f"account:{self.task.context.payload['account']}"
        return name == {"entity": account, "capability": self.task.capability, "workflow": self.task.workflow}[kind]


class BoardMachine(RuleBasedStateMachine):
    """Rules are what can happen; the model says what must come of it."""

    server: Server
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.now = 0.0
        self.held: dict[UUID, Lease] = {}
        self.fences: dict[UUID, int] = {}
        self.past: list[Lease] = []
        self.cases: list[UUID] = []
        self.resting: set[UUID] = set()
        self.holds: set[tuple[str, str]] = set()
        self.suspended: set[str] = set()
        self.rejected: set[tuple[str, UUID]] = set()
        self.asked: list[UUID] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the machine's own loop."""
        return self.loop.run_until_complete(work)

    @initialize(priorities=st.lists(st.integers(0, 9), min_size=2, max_size=2))
    def make_board(self, priorities: list[int]) -> None:
        """A database of its own, with work to begin with."""
        self.run(self._make_board())
        for priority, account in zip(priorities, "ab", strict=True):
            self.open_case(priority, account)

    async def _make_board(self) -> None:
        self.admin = await asyncpg.connect(self.server.admin_url)
        await self.admin.execute("DROP DATABASE IF EXISTS board_machine WITH (FORCE)")
        await self.admin.execute(f"CREATE DATABASE board_machine TEMPLATE {self.template} STRATEGY FILE_COPY")
        url, app_url = self.server.url("board_machine"), self.server.app_url("board_machine")
        self.connection = await asyncpg.connect(url)
        self.clock = Clock(self.connection)
        await self.clock.install()
        self.scene: Scene = await make_scene(self.stack, url, app_url)
        await self.scene.hire("boss", role="admin")
        account = {"type": "object", "properties": {"account": {"type": "string", "x-entity": "account"}}}
        await self.scene.load(Definition.model_validate(small(max_rescues=2).model_dump(mode="json") | {"payload": account}))

    def teardown(self) -> None:
        """Let go of the database."""
        if hasattr(self, "scene"):
            self.run(self._close())
        self.loop.close()

    async def _close(self) -> None:
        await self.stack.aclose()
        await self.connection.close()
        await self.admin.execute("DROP DATABASE IF EXISTS board_machine WITH (FORCE)")
        await self.admin.close()

    @rule(priority=st.integers(0, 9), account=st.sampled_from("ab"))
    def open_case(self, priority: int, account: str) -> None:
        """A case comes in."""
        self.cases.append(self.run(self.scene.open(payload={"account": account}, priority=priority)).id)

    @rule(who=st.sampled_from(WORKERS), limit=st.integers(1, 3))
    def claim(self, who: str, limit: int) -> None:
        """Whatever is claimed was held by nobody, and its fence is higher than any before; who is suspended may not ask."""
        try:
            claimed = self.run(self.scene.claim(who, limit=limit))
        except NotPermitted:
            assert who in self.suspended, "an active agent was refused"
            return
        assert who not in self.suspended, "a suspended agent was heard"
        for task in claimed:
            self._take(Lease(who, task, self.now + task.lease_s))

    @rule(who=st.sampled_from(WORKERS))
    def claim_all(self, who: str) -> None:
        """Agents ask more often than anything else happens."""
        self.claim(who, 10)

    def _take(self, lease: Lease) -> None:
        task = lease.task
        assert task.id not in self.held, "two holders"
        assert task.fence > self.fences.get(task.id, 0), "a fence came twice"
        assert task.case_id not in self.resting, "a task of a suspended case was handed out"
        assert not any(lease.is_kept_back_by(hold) for hold in self.holds), "a task on hold was handed out"
        assert (lease.who, task.id) not in self.rejected, "an agent was given what it had rejected"
        self.fences[task.id] = task.fence
        self.held[task.id] = lease

    def _lose(self, *lost: Lease) -> None:
        self.past += [self.held.pop(lease.task.id) for lease in lost]

    @rule(seconds=st.sampled_from([1, 10, 29, 31, 700]))
    def pass_time(self, seconds: int) -> None:
        """Time passes; nothing else happens by itself."""
        self.now += seconds
        self.run(self.clock.pass_(seconds))

    @rule()
    def sweep(self) -> None:
        """Exactly the claims past their deadline are taken back."""
        late = [lease for lease in self.held.values() if lease.deadline <= self.now]
        store = self.scene.store
        assert self.run(store.expire_leases(100)) == len(late)
        self._lose(*late)
        for what_time_does in (store.promote_scheduled(100), store.wake_waiting(100), store.enforce_holds()):
            self.run(what_time_does)

    @precondition(lambda self: self.held or self.past)
    @rule(data=st.data(), verb=st.sampled_from(VERBS), thief=st.sampled_from([False, False, False, True]))
    def write(self, data: st.DataObject, verb: str, thief: bool) -> None:
        """A holder's write is accepted; a late one, an old one and a stranger's are refused."""
        lease = data.draw(st.sampled_from([*self.held.values(), *self.past[-2:]]))
        who = next(name for name in WORKERS if (name == lease.who) != thief)
        current = self.held.get(lease.task.id)
        alive = current is lease and lease.deadline > self.now
        try:
            self.run(self._write(lease, who, verb))
        except (ClaimLost, NotPermitted):
            assert not alive or thief, "a holder was refused"
            return
        assert alive and not thief, "a stale or foreign write was accepted"
        if verb == "heartbeat":
            lease.deadline = self.now + lease.task.lease_s
        else:
            self._lose(lease)
        if verb == "turn down":
            self.rejected.add((who, lease.task.id))
        elif verb == "ask":
            self.asked.append(lease.task.case_id)

    async def _write(self, lease: Lease, who: str, verb: str) -> None:
        board, person, task = self.scene.board, self.scene.people[who], lease.task
        outcomes = {"decide": "approve" if task.stage == "first" else "done", "reject": "reject"}
        if verb in outcomes:
            outcome = outcomes[verb] if task.stage == "first" else "done"
            await board.decide(person, task.id, FencedDecision(fence=task.fence, outcome=outcome, reasons=["because"]))
        elif verb == "fail":
            await board.fail(person, task.id, Failure(fence=task.fence, reason="no luck"))
        elif verb == "give up":
            await board.fail(person, task.id, Failure(fence=task.fence, reason="no use", retryable=False))
        elif verb == "release":
            await board.release(person, task.id, Release(fence=task.fence))
        elif verb == "turn down":
            await board.reject(person, task.id, Rejection(fence=task.fence, reason="not mine"))
        elif verb == "ask":
            await board.need_input(person, task.id, NeedInput(fence=task.fence, fact="income", reason="how much?"))
        else:
            await board.heartbeat(person, task.id, Heartbeat(fence=task.fence))

    def _try(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Whether it could be done: what has ended is changed no more."""
        try:
            self.run(work)
        except BlackboardError:
            return False
        return True

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), what=st.sampled_from(OPERATIONS))
    def operate(self, data: st.DataObject, what: str) -> None:
        """Requesters and operators do one of the many things that they may."""
        getattr(self, what)(data)

    def cancel(self, data: st.DataObject) -> None:
        """A withdrawn case takes its claims along."""
        case_id = data.draw(st.sampled_from(self.cases))
        if self._try(self.scene.board.cancel_case(self.scene.people["requester"], case_id, "withdrawn")):
            self.cases.remove(case_id)
            self._lose(*[lease for lease in self.held.values() if lease.task.case_id == case_id])

    def tell(self, data: st.DataObject) -> None:
        """Nothing of the case waits for the fact any more."""
        case_id = self.asked.pop() if self.asked else data.draw(st.sampled_from(self.cases))
        board, requester = self.scene.board, self.scene.people["requester"]
        if self._try(board.put_facts(requester, case_id, [NewFact(key="income", value=1)])):
            shown = self.run(board.show_case(requester, case_id))
            assert [reason for task in shown.tasks for reason in task.waits_for if reason.reason == "input"] == []

    def suspend(self, data: st.DataObject) -> None:
        """A case rests; who holds a task of it keeps it."""
        case_id = data.draw(st.sampled_from(self.cases))
        if self._try(self.scene.board.suspend_case(self.scene.people["boss"], case_id, "wait")):
            self.resting.add(case_id)

    def resume(self, data: st.DataObject) -> None:
        """A case goes on."""
        case_id = data.draw(st.sampled_from(sorted(self.resting) or self.cases))
        if self._try(self.scene.board.resume_case(self.scene.people["boss"], case_id, "go on")):
            self.resting.discard(case_id)

    def place(self, data: st.DataObject) -> None:
        """A hold; one on an entity takes its claims along, the first time."""
        hold = data.draw(st.sampled_from(HOLDS))
        self.run(self.scene.board.place_hold(self.scene.people["boss"], *hold, "audit"))
        if hold[0] == "entity" and hold not in self.holds:
            self._lose(*[lease for lease in self.held.values() if lease.is_kept_back_by(hold)])
        self.holds.add(hold)

    def lift(self, data: st.DataObject) -> None:
        """A hold goes, where there is one."""
        hold = data.draw(st.sampled_from(sorted(self.holds) or HOLDS))
        assert self._try(self.scene.board.lift_hold(self.scene.people["boss"], *hold, "all is well")) == (hold in self.holds)
        self.holds.discard(hold)

    def bar(self, data: st.DataObject) -> None:
        """An agent is suspended, and its claims go back."""
        who = data.draw(st.sampled_from(WORKERS))
        self.run(self.scene.board.set_agent_state(self.scene.people["boss"], who, "suspended", "leak"))
        self.suspended.add(who)
        self._lose(*[lease for lease in self.held.values() if lease.who == who])

    def admit(self, data: st.DataObject) -> None:
        """An agent may work again."""
        who = data.draw(st.sampled_from(sorted(self.suspended) or WORKERS))
        self.run(self.scene.board.set_agent_state(self.scene.people["boss"], who, "active", "all is well"))
        self.suspended.discard(who)

    @rule(data=st.data(), redrive=st.booleans())
    def repair(self, data: st.DataObject, *, redrive: bool) -> None:
        """An operator tries again what is stuck, or ends it: it is stuck no more."""
        board, boss = self.scene.board, self.scene.people["boss"]
        stuck = self.run(board.list_incidents(boss))
        if not stuck:
            return
        incident = data.draw(st.sampled_from(stuck))
        if redrive:
            self.run(board.redrive_task(boss, incident.task_id, "again"))
        else:
            outcome = "approve" if incident.stage == "first" else "done"
            self.run(board.resolve_task(boss, incident.task_id, outcome, "enough"))
        assert incident.task_id not in {found.task_id for found in self.run(board.list_incidents(boss))}

    @invariant()
    def leases_are_the_models(self) -> None:
        """The lease table holds what the model holds: task, fence, holder."""
        if not hasattr(self, "scene"):
            return
        rows = self.run(
            self.connection.fetch("SELECT task_id, fence, a.name FROM board.task_lease JOIN board.agent a USING (agent_id)")
        )
        found = {row["task_id"]: (row["fence"], row["name"]) for row in rows}
        assert found == {task_id: (lease.task.fence, lease.who) for task_id, lease in self.held.items()}

    @invariant()
    def every_rule_holds(self) -> None:
        """Each open task in one place, each case with the work of its stage, nothing on offer that rests, fences that rise."""
        if not hasattr(self, "scene"):
            return
        assert self.run(broken(self.connection)) == []

    @invariant()
    def every_event_is_in_the_journal_once(self) -> None:
        """What was written is what is told, in dense positions; each active case has work or a schedule."""
        if not hasattr(self, "scene"):
            return
        self.run(self.scene.store.sequence_events())
        row = self.run(
            self.connection.fetchrow(
                "SELECT (SELECT coalesce(sum(size), 0) FROM board.event_in) AS written, count(*) AS told,"
                " coalesce(max(position), 0) AS head, count(DISTINCT position) AS positions"
                " FROM board.read_journal(NULL, 0, 1000000)"
            )
        )
        assert row is not None
        assert row["written"] == row["told"] == row["head"] == row["positions"]


@pytest.mark.timeout(240)
def test_the_board_keeps_its_promises_in_any_order(server: Server, template: str, *, thorough: bool) -> None:
    """Runs of up to fifty random steps each; a failing one is shrunk and printed."""
    BoardMachine.server, BoardMachine.template = server, template
    run_state_machine_as_test(
        BoardMachine,
        settings=settings(
            max_examples=100 if thorough else 10,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
