"""Any two verbs may meet on the same rows: neither ends in a deadlock, and nothing is left half done."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations_with_replacement

import asyncpg
import pytest

from blackboard.database import use_json
from blackboard.store import Verbs
from tests.conftest import Server
from tests.factories import NOON
from tests.invariants import Connection, broken
from tests.meeting import FIRST, LATE_S, VERBS, Meeting, arrange

TIME_OUT = "time_out"
NAMES = [*VERBS, TIME_OUT]
# Who comes second has the cases the other way round, so a pair is one pair whoever comes first. In the suite each verb meets
# every sixth of the others in either way; `--thorough` lets all meet in both.
PAIRS = list(combinations_with_replacement(NAMES, 2))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Which pairs meet in which way."""
    way = "press" in metafunc.function.__name__
    chosen = [pair for n, pair in enumerate(PAIRS) if metafunc.config.getoption("--thorough") or n % 6 == 3 * way]
    metafunc.parametrize(("first", "second"), chosen)


@dataclass
class Side:
    """One of the two that meet: a connection with the API's rights."""

    name: str
    order: int
    connection: Connection
    meeting: Meeting

    async def act(self) -> object:
        """The verb, in a transaction of its own unless one is open."""
        verb = VERBS["fire_timers" if self.name == TIME_OUT else self.name]
        return await verb(Verbs(self.connection), self.meeting, self.order)


class Table:
    """A board on which two verbs meet, laid again as it was for every meeting."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self._seats: dict[int, Connection] = {}

    async def open(self) -> None:
        """Two cases with a task in every place, and a copy of them."""
        self.meeting = await arrange(self.server.url(self.name), self.server.app_url(self.name))
        self.see = await self._connect(self.server.url(self.name))
        await self.see.execute(_KEEP)
        self.gate = await self._connect(self.server.url(self.name))

    async def close(self) -> None:
        """Hang up."""
        for connection in (self.see, self.gate, *self._seats.values()):
            connection.terminate()

    async def lay(self) -> None:
        """Everything as it was; who is still in the midst of something is thrown out."""
        await self.see.fetch(_THROW_OUT)
        if self.gate.is_closed():
            self.gate = await self._connect(self.server.url(self.name))
        await self.see.execute(_LAY)

    async def seat(self, name: str, order: int = 1) -> Side:
        """Somebody who is about to use a verb; one per order."""
        if order not in self._seats or self._seats[order].is_closed():
            self._seats[order] = await self._connect(self.server.app_url(self.name))
        return Side(name, order, self._seats[order], self.meeting)

    async def _connect(self, url: str) -> Connection:
        connection = await asyncpg.connect(url)
        await use_json(connection)
        return connection

    async def prepare(self, *names: str) -> None:
        """What these verbs need to have something to do."""
        for name in names:
            if name in FIRST:
                await FIRST[name](Verbs(self.see), self.meeting)
            if name == TIME_OUT:
                await self.see.execute("UPDATE board.test_clock SET moment = $1", NOON + timedelta(seconds=60 + LATE_S))

    async def settled(self, *sides: tuple[Side, "asyncio.Task[object]"]) -> None:
        """Until each of them has an answer or waits for a lock."""
        async with asyncio.timeout(10):
            for side, asked in sides:
                while not (asked.done() or await self.see.fetchval(_BLOCKED, side.connection.get_server_pid())):
                    await asyncio.sleep(0.001)


_BLOCKED = "SELECT cardinality(pg_blocking_pids($1)) > 0"
_THROW_OUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""
_TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'board'::regnamespace AND c.relname = ANY (
  '{case,task,task_ready,task_scheduled,task_waiting,task_lease,task_rejection,timer,wake,fact,signal,hold,quota,quota_bucket,
    quota_grant,action,action_evidence,authorization,session,question,opinion,decision,review,review_shown,duty,break_glass,test_clock}')"""
_KEEP = f"""
DO $$
DECLARE v_table name;
BEGIN
  CREATE SCHEMA kept;
  CREATE TABLE kept.agent AS TABLE board.agent;
  FOR v_table IN {_TABLES} LOOP EXECUTE format('CREATE TABLE kept.%1$I AS TABLE board.%1$I', v_table); END LOOP;
END $$"""
_LAY = f"""
DO $$
DECLARE v_table name;
BEGIN
  -- What was done on a case stays noted: not even here does a trigger let it be taken away.
  PERFORM set_config('session_replication_role', 'replica', true);
  UPDATE board.agent a SET state = k.state FROM kept.agent k WHERE k.agent_id = a.agent_id AND k.state <> a.state;
  FOR v_table IN {_TABLES} LOOP
    EXECUTE format('DELETE FROM board.%I', v_table);
    EXECUTE format('INSERT INTO board.%1$I OVERRIDING SYSTEM VALUE TABLE kept.%1$I', v_table);
  END LOOP;
END $$"""


@pytest.fixture(scope="module")
async def laid(server: Server, admin: Connection, template: str) -> AsyncIterator[Table]:
    """A table in a database of its own."""
    name = f"board_meeting_{secrets.token_hex(4)}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    table = Table(server, name)
    try:
        await table.open()
        yield table
        await table.close()
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def table(laid: Table) -> Table:
    """The table as it was at first."""
    await laid.lay()
    return laid


async def in_time(work: Awaitable[object]) -> object:
    """Its answer, or an error when it takes too long; a deadlock is an error by itself."""
    return await asyncio.wait_for(work, 10)


async def test_who_comes_second_waits_or_goes_by(table: Table, first: str, second: str) -> None:
    """The first has done its work and not committed it when the second comes, for the same cases the other way round."""
    await table.prepare(first, second)
    one, two = await table.seat(first), await table.seat(second, -1)
    async with one.connection.transaction():
        await in_time(one.act())
        late = asyncio.create_task(two.act())
        await table.settled((two, late))
    await in_time(late)

    assert await broken(table.see) == []


# The rows of the second case that somebody keeps to himself and then gives away kind by kind, in the order in which work flows.
GATES = [
    f"SELECT FROM board.{kind} x WHERE x.case_id = $1 FOR UPDATE"
    for kind in ("task", "task_lease", "task_waiting", "task_ready", "case")
]


async def test_two_who_press_at_every_table_both_come_through(table: Table, first: str, second: str) -> None:
    """Both are in the midst of their work, held up before one kind of row after the other."""
    await table.prepare(first, second)
    shut = []
    for lock in GATES:
        shut.append(table.gate.transaction())
        await shut[-1].start()
        await table.gate.execute(lock, table.meeting.cases[1])
    asked = []
    for side in (await table.seat(first), await table.seat(second, -1)):
        asked.append((side, asyncio.create_task(side.act())))
        await table.settled(*asked)
    while shut:
        await shut.pop().rollback()
        await table.settled(*asked)
    for _, answer in asked:
        await in_time(answer)

    assert await broken(table.see) == []
