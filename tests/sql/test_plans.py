"""What the hot verbs read: the rows that they are asked about, however large the board is."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from blackboard.answers import ClaimedTask
from blackboard.database import use_json
from blackboard.requests import Failure, Fenced, FencedDecision, Heartbeat, NeedInput, Rejection, Release
from blackboard.store import Verbs
from blackboard.values import Json
from blackboard.verbs.work import Wish, Write
from tests.conftest import Database
from tests.factories import Scene

T = TypeVar("T")
F = TypeVar("F", bound=Fenced)

BATCH = 20
TABLES = frozenset({"case", "task", "task_ready", "task_lease", "task_waiting", "idempotency"})
# Each row that is asked about may be read ten times by one scan.
MAX_ROWS = 10 * BATCH
# Pages may grow with the depth of an index and with the priorities that a look-up in the queue tries, never with the table.
MAX_PAGES = 20 * BATCH

# Twenty thousand each: ready and claimed tasks, waiting ones, closed cases with their ended tasks, answers that are kept.
FILL = """
WITH kind AS (SELECT * FROM unnest('{ready,claimed,waiting,closed}'::text[]) AS k (kind)),
made AS MATERIALIZED (
  SELECT k.kind, board.new_id() AS case_id, board.new_id() AS task_id, nextval('board.task_seq') AS seq
  FROM kind k, generate_series(1, 20000)),
model AS (
  SELECT w.tenant_id, w.workflow_id, s.stage_task_id, s.queue_id, a.agent_id FROM board.workflow w
  JOIN board.stage_task s ON s.workflow_id = w.workflow_id AND s.stage = 'first' JOIN board.agent a ON a.name = 'worker'),
opened AS (
  INSERT INTO board.case (tenant_id, case_id, workflow_id, workflow, subject, payload, state, stage, open_tasks, outcome,
                          opened_by, opened_at, closed_at)
  SELECT o.tenant_id, m.case_id, o.workflow_id, 'small', 'C-1', '{}',
         CASE kind WHEN 'closed' THEN 'completed' ELSE 'active' END, 'first', 1, CASE kind WHEN 'closed' THEN 'done' END,
         o.agent_id, now(), CASE kind WHEN 'closed' THEN now() END
  FROM made m, model o),
task AS (
  INSERT INTO board.task (tenant_id, task_id, case_id, stage_task_id, state, priority, due_at, seq, has_begun, created_at)
  SELECT o.tenant_id, m.task_id, m.case_id, o.stage_task_id, CASE kind WHEN 'closed' THEN 'done' ELSE 'open' END, 5, 'infinity',
         m.seq, true, now()
  FROM made m, model o),
ready AS (
  INSERT INTO board.task_ready (tenant_id, queue_id, priority, due_at, seq, task_id, case_id, stage_task_id, fence, attempt,
                                ready_at)
  SELECT o.tenant_id, o.queue_id, 5, 'infinity', m.seq, m.task_id, m.case_id, o.stage_task_id, 0, 1, now()
  FROM made m, model o WHERE m.kind = 'ready'),
claimed AS (
  INSERT INTO board.task_lease (tenant_id, task_id, case_id, stage_task_id, fence, attempt, agent_id, lease_s, granted_at,
                                deadline_at, case_version)
  SELECT o.tenant_id, m.task_id, m.case_id, o.stage_task_id, 1, 1, o.agent_id, 3600, now(), now() + interval '1 hour', 1
  FROM made m, model o WHERE m.kind = 'claimed'),
asked AS (
  INSERT INTO board.idempotency (tenant_id, agent_id, route, key, print, status, answer)
  SELECT o.tenant_id, o.agent_id, 'POST /v1/cases', m.case_id::text, sha256(''), 201, '{}'
  FROM made m, model o WHERE m.kind = 'closed')
INSERT INTO board.task_waiting (tenant_id, task_id, case_id, reason, key, since)
SELECT o.tenant_id, m.task_id, m.case_id, 'input', 'income', now() FROM made m, model o WHERE m.kind = 'waiting'
"""

EXPLAIN = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_analyze = on;
SET auto_explain.log_buffers = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_format = json;
SET auto_explain.log_level = notice;
SET client_min_messages = notice;
"""


@dataclass(frozen=True)
class Read:
    """A scan of a hot table: by which verb and statement, how, and how much of it."""

    verb: str
    statement: str
    table: str
    how: str
    rows: float
    pages: int

    @property
    def offends(self) -> bool:
        """It read more than what it was asked about."""
        return self.how == "Seq Scan" or self.rows > MAX_ROWS or self.pages > MAX_PAGES

    def __str__(self) -> str:
        return f"{self.verb}: {self.how} on {self.table}, {self.rows:.0f} rows, {self.pages} pages, in\n{self.statement}\n"


class Session:
    """One connection to the board that tells what its statements read."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", scene: Scene) -> None:
        self._connection = connection
        self._verbs = Verbs(connection)
        self._plans: list[Json] = []
        self._tenant = scene.tenant_id
        self._requester = scene.people["requester"]
        self._agents = [scene.people[name] for name in ("worker", "rival")]
        self.reads: list[Read] = []

    def listen(self, _: object, message: Any) -> None:
        """A plan, as auto_explain tells it."""
        _, found, plan = message.message.partition("plan:\n")
        if found:
            self._plans.append(json.loads(plan))

    async def work(self) -> None:
        """Every verb with a batch, late answers as well, and a claim by agents who have turned work down."""
        await self._connection.execute("DELETE FROM board.task_rejection")
        await self._recall()
        await self._open()
        claimed = await self._claim("first")
        await self._note("heartbeat_tasks", lambda: self._verbs.heartbeat_tasks(self._tenant, _each(claimed, Heartbeat)))
        await self._note("release_tasks", lambda: self._verbs.release_tasks(self._tenant, _each(claimed, Release)))
        await self._break_off(await self._claim("first"))
        failing = await self._claim("first")
        assert {task.id for _, task in failing} == {task.id for _, task in claimed}
        failures = _each(failing, Failure, reason="down", delay_s=3600)
        told = await self._note("fail_tasks", lambda: self._verbs.fail_tasks(self._tenant, failures))
        assert {verdict.verdict for verdict in told} == {"retrying"}
        await self._open()
        decided = _each(await self._claim("first"), FencedDecision, outcome="approve", reasons=["because"])
        for verdict in ("decided", "done"):  # the second time they are late
            told = await self._note("decide_tasks", lambda: self._verbs.decide_tasks(self._tenant, decided))
            assert {each.verdict for each in told} == {verdict}
        closing = _each(await self._claim("second"), FencedDecision, outcome="done", reasons=["because"])
        await self._note("decide_tasks", lambda: self._verbs.decide_tasks(self._tenant, closing))
        await self._open()
        asking = _each(await self._claim("first"), NeedInput, fact="income", reason="how much?")
        await self._note("need_input", lambda: self._verbs.need_input(self._tenant, asking))
        opened = await self._open()
        rejected = _each(await self._claim("first"), Rejection, reason="a relative")
        await self._note("reject_tasks", lambda: self._verbs.reject_tasks(self._tenant, rejected))
        await self._open()
        await self._claim("first")
        cancelled = await self._note("cancel_cases", lambda: self._verbs.cancel_cases(self._requester, opened, "no more"))
        assert set(cancelled) == {"cancelled"}

    async def _break_off(self, claimed: Sequence[tuple[int, ClaimedTask]]) -> None:
        """Streams look for what they have in hand, and break."""
        for who in self._agents:
            claims = {task.id: task.fence for agent_id, task in claimed if agent_id == who.agent_id}
            await self._note("list_held", partial(self._verbs.list_held, who, claims))
            await self._note("release_unheard", partial(self._verbs.release_unheard, who, claims, "broken"))

    async def _recall(self) -> None:
        """What became of keys that nobody has used."""
        keys = [f"key-{n}" for n in range(BATCH)]
        requests = [{"agent_id": self._agents[0].agent_id, "route": "POST /v1/cases", "key": key, "print": ""} for key in keys]
        told = await self._note("recall_answers", lambda: self._verbs.recall_answers(self._tenant, requests))
        assert {answer.verdict for answer in told} == {"fresh"}

    async def _open(self) -> list[UUID]:
        item = {"workflow": "small", "payload": {"customer": "C-1"}, "subject": "C-1"}
        opened = await self._note("open_cases", lambda: self._verbs.open_cases(self._requester, [item] * BATCH))
        assert {verdict for verdict, _ in opened} == {"opened"}
        return [case_id for _, case_id in opened if case_id is not None]

    async def _claim(self, capability: str) -> list[tuple[int, ClaimedTask]]:
        wishes = [Wish(who.agent_id) for who in islice(cycle(self._agents), BATCH)]
        dealt = await self._note("claim_tasks", lambda: self._verbs.claim_tasks(self._tenant, [capability], wishes))
        claimed = [(wish.agent_id, task) for wish, tasks in zip(wishes, dealt, strict=True) for task in tasks or ()]
        assert len(claimed) == BATCH
        return claimed

    async def _note(self, verb: str, call: Callable[[], Awaitable[T]]) -> T:
        """What a call answers; what it read is noted under its verb."""
        told = await call()
        # Notices come before the answer that they belong to, and are handed over in the loop's next rounds.
        async with asyncio.timeout(5):
            while not any(f"board.{verb}" in plan["Query Text"] for plan in self._plans):
                await asyncio.sleep(0)
        self.reads += [read for plan in self._plans for read in _scans(verb, plan["Query Text"], plan["Plan"])]
        self._plans.clear()
        return told


def _each(claimed: Sequence[tuple[int, ClaimedTask]], body: type[F], **fields: Any) -> list[Write[F]]:
    """The same said by every holder of its task."""
    return [Write(agent_id, task.id, body(fence=task.fence, **fields)) for agent_id, task in claimed]


def _scans(verb: str, statement: str, node: Json) -> Iterator[Read]:
    """The scans of hot tables in a plan."""
    if node.get("Relation Name") in TABLES and node["Node Type"].endswith("Scan"):
        rows = sum(node.get(key, 0) for key in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
        pages = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
        yield Read(verb, statement, node["Relation Name"], node["Node Type"], rows * node["Actual Loops"], pages)
    for child in node.get("Plans", ()):
        yield from _scans(verb, statement, child)


@asynccontextmanager
async def session(database: Database, scene: Scene) -> AsyncIterator[Session]:
    """A session of its own: what it plans, it plans anew."""
    connection = await asyncpg.connect(database.url)
    try:
        await use_json(connection)
        await connection.execute(EXPLAIN)
        told = Session(connection, scene)
        connection.add_log_listener(told.listen)
        yield told
    finally:
        await connection.close()


def offenders(reads: Sequence[Read]) -> str:
    """Those that read too much, as text."""
    return "\n".join(sorted({str(read) for read in reads if read.offends}))


async def test_plans_made_on_an_empty_board_read_no_more_on_a_full_one(
    database: Database, scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """A process plans on its first day and keeps the plans for years."""
    async with session(database, scene) as told:
        await told.work()
        await connection.execute(FILL)
        told.reads.clear()
        await told.work()

    assert {read.table for read in told.reads} == TABLES
    found = offenders(told.reads)
    assert not found, found


async def test_plans_made_with_statistics_read_no_more(
    database: Database, scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """A process that starts on a full board finds statistics that speak for large scans."""
    await connection.execute(FILL)
    await connection.execute("ANALYZE")
    async with session(database, scene) as told:
        await told.work()

    assert {read.table for read in told.reads} == TABLES
    found = offenders(told.reads)
    assert not found, found
