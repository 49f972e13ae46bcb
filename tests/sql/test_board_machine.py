"""A machine that plays agents, sweeper and operator against the SQL functions, under a clock that it moves itself.

After every step it compares the database with a model of what a fenced lease is: who holds which task under which fence
until when. Whatever the order of steps, no task has two holders, no fence comes twice, no stale write is accepted, and
every event is in the journal once.
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
from blackboard.requests import Failure, FencedDecision, Heartbeat, Release
from tests.conftest import Server
from tests.factories import Clock, Scene, make_scene

WORKERS = ("worker", "rival")
T = TypeVar("T")


@dataclass
class Lease:
    """What the model knows of a claim."""

    who: str
    task: ClaimedTask
    deadline: float


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
        self.opened = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the machine's own loop."""
        return self.loop.run_until_complete(work)

    @initialize()
    def make_board(self) -> None:
        """A database of its own."""
        self.run(self._make_board())

    async def _make_board(self) -> None:
        self.admin = await asyncpg.connect(self.server.admin_url)
        await self.admin.execute("DROP DATABASE IF EXISTS board_machine WITH (FORCE)")
        await self.admin.execute(f"CREATE DATABASE board_machine TEMPLATE {self.template} STRATEGY FILE_COPY")
        url, app_url = self.server.url("board_machine"), self.server.app_url("board_machine")
        self.connection = await asyncpg.connect(url)
        self.clock = Clock(self.connection)
        await self.clock.install()
        self.scene: Scene = await make_scene(self.stack, url, app_url)

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

    @rule(priority=st.integers(0, 9))
    def open_case(self, priority: int) -> None:
        """A case comes in."""
        self.run(self.scene.open(priority=priority))
        self.opened += 1

    @rule(who=st.sampled_from(WORKERS), limit=st.integers(1, 3))
    def claim(self, who: str, limit: int) -> None:
        """Whatever is claimed was held by nobody, and its fence is higher than any before."""
        for task in self.run(self.scene.claim(who, limit=limit)):
            assert task.id not in self.held, "two holders"
            assert task.fence > self.fences.get(task.id, 0), "a fence came twice"
            self.fences[task.id] = task.fence
            self.held[task.id] = Lease(who, task, self.now + task.lease_s)

    @rule(seconds=st.sampled_from([1, 10, 29, 31, 700]))
    def pass_time(self, seconds: int) -> None:
        """Time passes; nothing else happens by itself."""
        self.now += seconds
        self.run(self.clock.pass_(seconds))

    @rule()
    def sweep(self) -> None:
        """Exactly the claims past their deadline are taken back."""
        late = [task_id for task_id, lease in self.held.items() if lease.deadline <= self.now]
        assert self.run(self.scene.store.expire_leases(100)) == len(late)
        for task_id in late:
            self.past.append(self.held.pop(task_id))
        self.run(self.scene.store.promote_scheduled(100))

    @precondition(lambda self: self.held or self.past)
    @rule(
        data=st.data(),
        verb=st.sampled_from(["decide", "reject", "fail", "release", "heartbeat"]),
        thief=st.booleans(),
    )
    def write(self, data: st.DataObject, verb: str, thief: bool) -> None:
        """A holder's write is accepted; a late one, an old one and a stranger's are refused."""
        lease = data.draw(st.sampled_from([*self.held.values(), *self.past]))
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
            self.past.append(self.held.pop(lease.task.id))

    async def _write(self, lease: Lease, who: str, verb: str) -> None:
        board, person, task = self.scene.board, self.scene.people[who], lease.task
        outcomes = {"decide": "approve" if task.stage == "first" else "done", "reject": "reject"}
        if verb in outcomes:
            outcome = outcomes[verb] if task.stage == "first" else "done"
            await board.decide(person, task.id, FencedDecision(fence=task.fence, outcome=outcome))
        elif verb == "fail":
            await board.fail(person, task.id, Failure(fence=task.fence, reason="no luck"))
        elif verb == "release":
            await board.release(person, task.id, Release(fence=task.fence))
        else:
            await board.heartbeat(person, task.id, Heartbeat(fence=task.fence))

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A withdrawn case takes its claims along."""
        page = self.run(self.scene.board.list_cases(self.scene.people["requester"], limit=200))
        case = data.draw(st.sampled_from(page.cases))
        try:
            self.run(self.scene.board.cancel_case(self.scene.people["requester"], case.id, "withdrawn"))
        except BlackboardError:
            return
        for task_id in [task_id for task_id, lease in self.held.items() if lease.task.case_id == case.id]:
            self.past.append(self.held.pop(task_id))

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
    def every_task_is_in_one_place(self) -> None:
        """Ready, scheduled, leased: exactly where its state says, and nowhere when it is over."""
        if not hasattr(self, "scene"):
            return
        lost = self.run(self.connection.fetch(_MISPLACED))
        assert lost == []

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


_MISPLACED = """
SELECT t.task_id, t.state, p.places FROM board.task t CROSS JOIN LATERAL (
  SELECT (SELECT count(*) FROM board.task_ready r WHERE r.task_id = t.task_id)
    + (SELECT count(*) FROM board.task_scheduled s WHERE s.task_id = t.task_id)
    + (SELECT count(*) FROM board.task_lease l WHERE l.task_id = t.task_id)
    + (SELECT least(count(*), 1) FROM board.task_waiting w WHERE w.task_id = t.task_id) AS places) p
WHERE p.places <> (t.state = 'open')::integer
UNION ALL
SELECT c.case_id, 'case without work', c.open_tasks FROM board.case c
WHERE (SELECT count(*) FROM board.task t WHERE t.case_id = c.case_id AND t.state = 'open') <> c.open_tasks
   OR (c.closed_at IS NULL) <> (c.open_tasks > 0)
"""


@pytest.mark.timeout(240)
def test_the_board_keeps_its_promises_in_any_order(server: Server, template: str) -> None:
    """Twenty runs of up to forty random steps each; a failing one is shrunk and printed."""
    BoardMachine.server, BoardMachine.template = server, template
    run_state_machine_as_test(
        BoardMachine,
        settings=settings(
            max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
        ),
    )
