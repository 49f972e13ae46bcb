"""Connections that die at the worst moment: before the commit nothing has happened, after it everything has, and once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from blackboard.board import Board
from blackboard.database import use_json
from blackboard.errors import ClaimLost, Unavailable
from blackboard.once import Answered, Once
from blackboard.requests import (
    ClaimRequest,
    Failure,
    FencedDecision,
    Heartbeat,
    NeedInput,
    NewAction,
    NewCase,
    NewFact,
    Proposal,
    Rejection,
    Release,
    Settlement,
)
from blackboard.states import ActionState
from blackboard.store import Store
from blackboard.verbs.work import Wish
from tests.conftest import Database, Databases, Server, copied
from tests.factories import Clock
from tests.invariants import Connection, broken
from tests.meeting import Meeting, arrange


class Wire:
    """The way between a board and its database, which can be cut when a write has been committed and not yet answered."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self.cuts = 0
        self.is_bad = False

    async def open(self) -> str:
        """The address under which the database is found through here."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        login, _, _ = self._target.netloc.rpartition("@")
        return self._target._replace(netloc=f"{login}@127.0.0.1:{port}", query="sslmode=disable").geturl()

    def close(self) -> None:
        """No more calls."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        seen = asyncio.Event()
        pumps = [self._send(reader, far_writer, seen), self._answer(far_reader, writer, seen)]
        with suppress(OSError):
            await asyncio.wait([asyncio.create_task(pump) for pump in pumps], return_when=asyncio.FIRST_COMPLETED)
        writer.close()
        far_writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: asyncio.Event) -> None:
        """What is asked; whoever keeps an answer is about to commit."""
        while said := await reader.read(65536):
            if b"board.keep_answers" in said:
                seen.set()
            writer.write(said)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: asyncio.Event) -> None:
        """What is answered, until the line is cut."""
        while said := await reader.read(65536):
            if self.is_bad and seen.is_set() and b"COMMIT\x00" in said:
                self.is_bad = False
                self.cuts += 1
                return
            writer.write(said)


class Town:
    """A board in process behind a wire, on a database where there is something of everything."""

    def __init__(self, meeting: Meeting, see: Connection, board: Board, wire: Wire) -> None:
        self.meeting, self.see, self.board, self.wire = meeting, see, board, wire
        self.action = UUID(int=0)

    @property
    def held(self) -> UUID:
        """A task that the worker holds."""
        return self.meeting.tasks["held"][0]

    async def dump(self) -> dict[str, list[str]]:
        """Every row of every table."""
        tables = [row[0] for row in await self.see.fetch(_TABLES)]
        return {
            name: [row[0] for row in await self.see.fetch(f"SELECT x::text FROM board.{name} x ORDER BY 1")] for name in tables
        }

    async def kill(self, asked: "asyncio.Future[Any]") -> None:
        """End the connection that waits for the gate."""
        async with asyncio.timeout(5):
            while not await self.see.fetchval(_KILL):
                assert not asked.done(), "it has not waited"
                await asyncio.sleep(0.005)


_TABLES = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'board'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"""
_KILL = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND usename = 'board_app'"""


@pytest.fixture(scope="module")
async def arranged(databases: Databases) -> AsyncIterator[tuple[Database, Meeting]]:
    """What each test has a copy of: making it takes longer than most of them."""
    async with databases() as database:
        yield database, await arrange(database.url, database.app_url)


@pytest.fixture
async def town(server: Server, admin: Connection, arranged: tuple[Database, Meeting]) -> AsyncIterator[Town]:
    """A town where the worker has one payment under way."""
    original, meeting = arranged
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(copied(server, admin, original.name))
        wire = Wire(database.app_url)
        see = await asyncpg.connect(database.url)
        stack.callback(see.terminate)
        await use_json(see)
        stack.callback(wire.close)
        store = await Store.open(await wire.open(), max_connections=4)
        stack.push_async_callback(store.close)
        town = Town(meeting, see, Board(store), wire)
        paid = await town.board.record_action(meeting.who("worker"), town.held, NewAction(fence=1, kind="paid", payload={}))
        town.action = paid.value.action_id or town.action
        yield town


Ask = Callable[[Town, Once], Awaitable[Answered[Any]]]


def holder(verb: str, *before: Any, worker: str = "worker") -> Ask:
    """A verb of a holder on its task."""
    return lambda town, once: getattr(town.board, verb)(town.meeting.who(worker), town.held, *before, once)


def about(verb: str, who: str, *after: Any) -> Ask:
    """A verb about the case."""
    return lambda town, once: getattr(town.board, verb)(town.meeting.who(who), town.meeting.cases[0], *after, once)


HOLDERS: dict[str, Ask] = {
    "heartbeat": holder("heartbeat", Heartbeat(fence=1, progress={"page": 7})),
    "decide": holder("decide", FencedDecision(fence=1, outcome="over", reasons=["because"])),
    "fail": holder("fail", Failure(fence=1, reason="oops", delay_s=7)),
    "release": holder("release", Release(fence=1)),
    "reject": holder("reject", Rejection(fence=1, reason="not mine")),
    "need_input": holder("need_input", NeedInput(fence=1, fact="age", reason="how old?")),
    "put_facts": lambda town, once: town.board.put_facts(
        *(town.meeting.who("worker"), town.meeting.cases[0], [NewFact(key="income", value=1)], once), task_id=town.held, fence=1
    ),
    "propose_action": holder("propose_action", Proposal(fence=1, kind="transfer", payload={"amount": "1.00"})),
    "record_action": holder("record_action", NewAction(fence=1, kind="pay", payload={"amount": "1.00"})),
    "settle_action": lambda town, once: town.board.settle_action(
        town.meeting.who("worker"), town.held, town.action, Settlement(fence=1, state=ActionState.EXECUTED, receipt={}), once
    ),
}
OTHERS: dict[str, Ask] = {
    "open_case": lambda town, once: town.board.open_case(
        town.meeting.who("requester"), NewCase(workflow="many", payload={"customer": "C-2", "account": "b"}), once
    ),
    "claim": lambda town, once: town.board.claim(
        town.meeting.who("rival"), ClaimRequest(capabilities=["ready"], limit=2), once
    ),
    "send_signal": about("send_signal", "requester", "letter", {"page": 1}),
    "cancel_case": about("cancel_case", "requester", "withdrawn"),
    "suspend_case": about("suspend_case", "boss", "wait"),
    "place_hold": lambda town, once: town.board.place_hold(town.meeting.who("boss"), "entity", "account:a", "police", once),
}
ASKS = {**HOLDERS, **OTHERS}
# Where a request is held up to be killed: in the midst of its work, which ends with telling the journal, or when it is done and
# its answer is to be remembered. A heartbeat tells the journal nothing.
MOMENTS = [
    (name, table) for name in ASKS for table in ("event_in", "idempotency") if (name, table) != ("heartbeat", "event_in")
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A part of the moments is tried, now the one and now the other, and of the verbs in turns; `--thorough` tries all."""
    thorough = metafunc.config.getoption("--thorough")
    if "table" in metafunc.fixturenames:
        metafunc.parametrize(("name", "table"), MOMENTS if thorough else MOMENTS[::4])
    elif "asked" in metafunc.fixturenames:
        metafunc.parametrize("asked", ASKS if thorough else [*ASKS][::3])
    elif "late" in metafunc.fixturenames:
        metafunc.parametrize("late", HOLDERS if thorough else [*HOLDERS][1::2])


async def test_what_was_killed_before_its_commit_has_not_happened(town: Town, name: str, table: str) -> None:
    """Nothing of it is on the board, its key is free, and the same request then works."""
    once, before = Once(name, "key", bytes(32)), await town.dump()
    async with town.see.transaction():
        await town.see.execute(f"LOCK TABLE board.{table} IN SHARE MODE")
        asked = asyncio.ensure_future(ASKS[name](town, once))
        await town.kill(asked)
        with pytest.raises(Unavailable):
            await asked
    after = await town.dump()

    again = await ASKS[name](town, once)

    assert (after, again.replayed) == (before, False)
    assert await town.dump() != before
    assert await broken(town.see) == []


async def test_what_was_committed_and_not_heard_of_has_happened_once(town: Town, asked: str) -> None:
    """The line is cut between the commit and its answer; however often the request is repeated, nothing more happens."""
    once, before = Once(asked, "key", bytes(32)), await town.dump()
    town.wire.is_bad = True
    with pytest.raises(Unavailable):
        await ASKS[asked](town, once)
    after = await town.dump()

    first, second = [await ASKS[asked](town, once) for _ in range(2)]

    assert (town.wire.cuts, first.replayed, second) == (1, True, first)
    assert before != after == await town.dump()
    assert await broken(town.see) == []


async def test_a_holder_that_slept_past_its_lease_is_told_of_its_successor(town: Town, late: str) -> None:
    """Its write changes nothing but the journal, which has it with the verb and the reason; the successor works on."""
    rival = town.meeting.who("rival")
    clock = Clock(town.see)
    await clock.pass_(3601)
    await town.board._store.expire_leases(100)
    # Others that ran out were in the queue before it.
    [taken] = await town.board._store.claim_tasks(rival.tenant_id, ["held"], [Wish(rival.agent_id, limit=2)])
    before = await town.dump()

    with pytest.raises(ClaimLost) as lost:
        await HOLDERS[late](town, Once(late, "key", bytes(32)))
    after = await town.dump()
    changed = {table for table in before if before[table] != after[table]}
    await town.board._store.sequence_events()
    last = (await town.board._store.read_journal(0, 1000))[-1]

    # What the bank said of an action is kept, whoever brings it.
    kept = {"event_in", "action_evidence"} if late == "settle_action" else {"event_in"}
    assert (lost.value.reason, changed, {task.fence for task in taken or []}) == ("reassigned", kept, {2})
    assert (last.type, last.task_id, last.actor, last.body["reason"]) == ("write.refused", town.held, "worker", "reassigned")
    assert (last.body["verb"], last.body["fence"]) == (VERB_NAMES.get(late, late), 1)
    beat = await town.board.heartbeat(rival, town.held, Heartbeat(fence=2))
    assert beat.value.verdict == "extended"


# What the journal calls it.
VERB_NAMES = {"propose_action": "propose", "record_action": "action", "settle_action": "settle"}
