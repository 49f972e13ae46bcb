"""A workload on a real database, with faults, and the history of what its clients saw."""

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.factories import Scene
from tests.history.model import FOREVER, Entry, History, Op, Outcome, Row

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

LEASE_S = 1
NAME = "history"
YES = {"extended", "decided", "released", "retrying"}


def _us(moment: str) -> str:
    return f"(extract(epoch FROM {moment}) * 1000000)::bigint"


_NOW = f"{_us('now()')} AS at, {_us('clock_timestamp()')} AS told"
_HOLDER = "ARRAY[$2::integer], ARRAY[$3::uuid], ARRAY[$4::bigint]"
_CLAIM = (
    f"SELECT task_id::text AS task, fence, {_us('deadline_at')} AS deadline, {_NOW} FROM board.claim_tasks("
    f"$1, '{{first}}', ARRAY[$2::integer], ARRAY[NULL::uuid], ARRAY[$3], ARRAY[1], ARRAY[{LEASE_S}])"
)
_WRITES = {
    "heartbeat": f"SELECT verdict, {_us('deadline_at')} AS deadline, {_NOW} FROM board.heartbeat_tasks("
    f"$1, {_HOLDER}, ARRAY[{LEASE_S}], ARRAY[jsonb_build_object('op', $5::text)])",
    "decide": f"SELECT v[1] AS verdict, {_NOW} FROM board.decide_tasks("
    f"$1, {_HOLDER}, ARRAY['approve'], ARRAY[jsonb_build_object('reasons', ARRAY[$5::text])]) AS v",
    "release": f"SELECT v[1] AS verdict, {_NOW} FROM board.release_tasks($1, {_HOLDER}, ARRAY[$5]) AS v",
    "fail": f"SELECT verdict, {_NOW} FROM board.fail_tasks($1, {_HOLDER}, ARRAY[$5], ARRAY[true], ARRAY[0.05])",
}
_SWEEP = f"SELECT board.expire_leases(100), board.promote_scheduled(100), {_NOW}"
_ENTRIES = f"""
SELECT e.type, e.task_id::text, (e.body ->> 'fence')::bigint, e.actor,
       coalesce(e.body -> 'reasons' ->> 0, e.body ->> 'reason'), {_us("e.at")}
FROM board.event_in i CROSS JOIN unnest(i.entries) AS e
WHERE e.type IN ('task.claimed', 'task.expired', 'task.decided', 'task.released', 'task.failed') ORDER BY i.event_id"""
_ROWS = """
SELECT t.task_id::text, t.state, t.decision -> 'reasons' ->> 0, coalesce(l.progress, t.progress) ->> 'op'
FROM board.task t LEFT JOIN board.task_lease l USING (task_id)"""
_KILL = """
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name = $1 AND a.state = 'active'
ORDER BY a.wait_event_type = 'Lock' DESC NULLS LAST, random() LIMIT 1"""
_STALL = "SELECT FROM board.case WHERE case_id = (SELECT case_id FROM board.task_lease ORDER BY random() LIMIT 1) FOR UPDATE"


class Recorder:
    """One line of JSON when an operation leaves, and another when its answer is there."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self.invoked = 0

    def invoke(self, process: str, kind: str, agent: str = "", task: str = "", fence: int = 0) -> Op:
        """An operation that is about to leave."""
        self.invoked += 1
        op = Op(self.invoked, process, kind, agent, task, fence, time.monotonic_ns())
        self._write(op, "pending")
        return op

    def complete(self, op: Op, outcome: Outcome, **value: Any) -> Op:
        """Its answer, or that there will be none: then it may happen at any time from now on."""
        op = replace(op, **value, outcome=outcome, t_ret=FOREVER if outcome is Outcome.INFO else time.monotonic_ns())
        self._write(op, op.outcome)
        return op

    def close(self) -> None:
        """No more lines."""
        self._file.close()

    def _write(self, op: Op, outcome: str) -> None:
        self._file.write(json.dumps(asdict(op) | {"outcome": outcome}) + "\n")


def read(lines: Iterable[str]) -> list[Op]:
    """The operations that lines tell of, in the order of asking. Those still pending at the end have the outcome info."""
    found: dict[int, Op] = {}
    for line in lines:
        told = json.loads(line)
        told["outcome"] = Outcome.INFO if told["outcome"] == "pending" else Outcome(told["outcome"])
        found[told["id"]] = Op(**told)
    return list(found.values())


@dataclass
class Run:
    """One run of the workload: it ends when so many operations were asked for."""

    scene: Scene
    url: str
    recorder: Recorder
    operations: int
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def rest(self, seconds: float) -> bool:
        """Let time pass, unless the run is over; whether it goes on."""
        if self.recorder.invoked >= self.operations:
            self.over.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)
        return not self.over.is_set()


class Process:
    """Something that speaks to the board on a connection of its own, with the application's rights."""

    def __init__(self, run: Run, name: str, rng: Random) -> None:
        self.run, self.name, self.rng = run, name, rng
        self._connection: Connection | None = None

    async def ask(self, op: Op, query: str, *args: object) -> Op:
        """Ask and record: a definite refusal is fail, whatever leaves a doubt is info."""
        recorder = self.run.recorder
        try:
            row = await (await self._connected()).fetchrow(query, *args)
        except asyncpg.PostgresError as error:
            if not (error.sqlstate or "08").startswith(("08", "57")):
                return recorder.complete(op, Outcome.FAIL, verdict=error.sqlstate or "")
            self.leave()
            return recorder.complete(op, Outcome.INFO, verdict=error.sqlstate or "")
        except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            self.leave()
            return recorder.complete(op, Outcome.INFO)
        if self.rng.random() < 0.03:  # the answer gets lost
            self.leave()
            return recorder.complete(op, Outcome.INFO)
        value = {key: x for key, x in (row or {}).items() if key in Op.__slots__ and x is not None}
        return recorder.complete(op, Outcome.OK if value.get("verdict") in {None, *YES} else Outcome.FAIL, **value)

    def leave(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.terminate()

    async def _connected(self) -> "Connection":
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self.run.scene.url, server_settings={"application_name": NAME})
        return self._connection


class Client(Process):
    """An agent's process: it claims, writes, sometimes sleeps past its leases, and then writes all the same."""

    def __init__(self, run: Run, name: str, agent: str, rng: Random) -> None:
        super().__init__(run, name, rng)
        self._agent = agent
        self._held: list[Op] = []

    async def work(self) -> None:
        """Until the run is over."""
        while await self.run.rest(self.rng.uniform(0, 0.02)):
            if not self._held or (len(self._held) < 3 and self.rng.random() < 0.2):
                await self._claim()
            elif self.rng.random() < 0.15:
                await self._sleep()
            else:
                kinds = ("heartbeat", "decide", "release", "fail")
                await self._write(self.rng.choice(self._held), self.rng.choices(kinds, (6, 1, 2, 2))[0])
        self.leave()

    async def _claim(self) -> None:
        op = self.run.recorder.invoke(self.name, "claim", self._agent)
        who = self.run.scene.people[self._agent]
        op = await self.ask(op, _CLAIM, who.tenant_id, who.agent_id, op.tag)
        if op.task:
            self._held.append(op)

    async def _sleep(self) -> None:
        """A pause that outlasts the lease, after which this client does not know that it is late."""
        left = max(held.deadline for held in self._held) / 1e6 - time.time()
        if await self.run.rest(max(left, 0) + self.rng.uniform(0, 0.5)):
            for held in list(self._held):
                await self._write(held, self.rng.choice(("heartbeat", "decide", "release", "fail")))

    async def _write(self, held: Op, kind: str) -> None:
        op = self.run.recorder.invoke(self.name, kind, self._agent, held.task, held.fence)
        who = self.run.scene.people[self._agent]
        op = await self.ask(op, _WRITES[kind], who.tenant_id, who.agent_id, held.task, held.fence, op.tag)
        if kind == "heartbeat" and op.outcome is Outcome.OK:
            self._held[self._held.index(held)] = op
        elif self.rng.random() < 0.8:
            self._held.remove(held)


class Sweeper(Process):
    """What time alone does, sometimes late."""

    async def work(self) -> None:
        """Until the run is over."""
        while await self.run.rest(self.rng.choice((0.02,) * 6 + (0.5,))):
            await self.ask(self.run.recorder.invoke(self.name, "sweep"), _SWEEP)
        self.leave()


async def _nemesis(run: Run, rng: Random) -> None:
    """Ends connections at work, and keeps others waiting for a case that nobody can lock."""
    connection = await asyncpg.connect(run.url)
    while await run.rest(rng.uniform(0.05, 0.2)):
        if rng.random() < 0.5:
            await connection.execute(_KILL, NAME)
            continue
        async with connection.transaction():
            await connection.execute(_STALL)
            await run.rest(rng.uniform(0.02, 0.15))
            await connection.execute(_KILL, NAME)
    connection.terminate()


async def play(
    scene: Scene, url: str, path: Path, *, seed: int, cases: int = 60, clients: int = 20, operations: int = 800
) -> History:
    """Run the workload on a scene whose database is at `url` for a superuser; the history is kept at `path`."""
    await scene.store.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}} for _ in range(cases)])
    recorder = Recorder(path)
    run = Run(scene, url, recorder, operations)
    async with asyncio.TaskGroup() as group:
        for n in range(clients):
            name = f"client-{n}"
            client = Client(run, name, ("worker", "rival")[n % 10 == 0], Random(f"{seed} {name}"))
            group.create_task(client.work())
        group.create_task(Sweeper(run, "sweeper", Random(f"{seed} sweeper")).work())
        group.create_task(_nemesis(run, Random(f"{seed} nemesis")))
    recorder.close()
    with path.open() as lines:
        return await _judged(url, read(lines))


async def _judged(url: str, ops: list[Op]) -> History:
    """A history with the rows that its database holds in the end."""
    connection = await asyncpg.connect(url)
    entries = [Entry(*row) for row in await connection.fetch(_ENTRIES)]
    rows = {row[0]: Row(*row[1:]) for row in await connection.fetch(_ROWS)}
    connection.terminate()
    return History(ops, entries, rows)
