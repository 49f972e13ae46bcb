"""The projector: what it does when it is killed, doubled, late or asked to begin anew, and who may read what it wrote."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from blackboard.errors import Conflict, DatabaseMismatch, NotFound
from blackboard.invariants import examine
from blackboard.projector import Projector
from blackboard.read_store import ReadStore
from blackboard.rebuild import rebuild
from tests.conftest import Database
from tests.factories import Scene, age_journal, make_scene
from tests.sql.books import Desk

# Everything that is read, but for how far it is and which edition it belongs to.
CONTENT = """
SELECT kind, row::text FROM (
  SELECT 'case' AS kind, to_jsonb(t) - 'edition' AS row, t.edition, t.tenant_id FROM reading.case t
  UNION ALL SELECT 'decision', to_jsonb(t) - 'edition', t.edition, t.tenant_id FROM reading.decision t
  UNION ALL SELECT 'effect', to_jsonb(t) - 'edition', t.edition, t.tenant_id FROM reading.effect t
  UNION ALL SELECT 'session', to_jsonb(t) - 'edition', t.edition, t.tenant_id FROM reading.session t
  UNION ALL SELECT 'client', to_jsonb(t) - 'edition', t.edition, t.tenant_id FROM reading.client t
  UNION ALL SELECT 'holding', to_jsonb(t) - 'edition', t.edition, t.tenant_id FROM reading.holding t) x
JOIN reading.shown USING (tenant_id, edition) ORDER BY 1, 2
"""


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    """The workflows are there."""
    desk = Desk(scene)
    await desk.load()
    return desk


@pytest.fixture
async def reads(database: Database) -> AsyncIterator[ReadStore]:
    """The read models, with the API's own login acting as the reader."""
    reads = await ReadStore.open(database.app_url, max_connections=2)
    yield reads
    await reads.close()


async def fill(desk: Desk, rounds: int = 2) -> None:
    """A bit of everything that is read."""
    for n in range(rounds):
        transfer = await desk.open("transfer", {"from_account": "CHK-001", "customer_id": f"C-{n}", "session_id": "s"})
        await desk.move(transfer, "transfer", {"amount": "1.00"}, {"status": "booked"})
        loan = await desk.open("loan", {"applicant_name": "Ada", "amount": f"{n}.00"})
        await desk.decide(loan, "refer")
        await desk.decide(loan, "approve")
        context = await desk.open("client_context", {"client_id": "C-5"})
        held = [{"symbol": f"S{n}", "quantity": "1"}, {"symbol": "BOTH", "quantity": str(n)}]
        client = {"name": "Ada", "risk_profile": "balanced"}
        await desk.decide(context, "found", result={"client": client, "portfolio": held})
        await desk.open("trade_review", {"client_id": "C-5", "symbol": "ACME"})


async def content(connection: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[str, str]]:
    """What readers see, of all tenants."""
    return [tuple(row) for row in await connection.fetch(CONTENT)]


async def test_slices_of_any_size_come_to_the_same(desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Event by event, all at once, and once more from the beginning over what is there."""
    await fill(desk)
    await desk.project(1)
    singly = await content(connection)
    await connection.execute("UPDATE reading.progress SET position = 0, recorded_on = '-infinity'")
    await desk.project()
    repeated = await content(connection)
    await rebuild(desk.scene.store)

    assert {kind for kind, _ in singly} == {"case", "decision", "effect", "session", "client", "holding"}
    assert repeated == singly
    assert await content(connection) == singly


async def test_a_projector_killed_in_a_slice_has_not_done_it(
    desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Neither its rows nor its position; and one that is paused there keeps the next from doing half of it again."""
    await fill(desk, 1)
    await desk.scene.store.sequence_events()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT board.project_events(7)")
    reached = await connection.fetchval("SELECT position FROM reading.progress")
    second = asyncio.create_task(desk.scene.store.project_events(7))
    await _someone_waits(connection)
    await transaction.rollback()

    assert (reached, await second) == (7, 7)
    assert (await desk.scene.store.measure_reading()).position == 7


async def test_another_projector_takes_over(desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """When the server has given the first up; the first then stands by, and nothing is missing or there twice."""
    await fill(desk, 1)
    await desk.scene.store.sequence_events()
    first, second = [Projector(desk.scene.store.seat("projector")) for _ in range(2)]
    await first.run_once()
    await second.run_once()
    led = first.leading, second.leading
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'blackboard projector'"
        " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
    )
    await fill(desk, 1)
    await desk.scene.store.sequence_events()
    while await second.run_once() or not second.leading:
        pass
    await first.run_once()
    now = first.leading, second.leading
    for projector in (first, second):
        await projector.close()
    taken_over = await content(connection)
    await rebuild(desk.scene.store)

    assert (led, now) == ((True, False), (False, True))
    assert await content(connection) == taken_over


async def test_a_new_history_goes_on_where_the_old_one_ended(
    desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]", database: Database
) -> None:
    """A promoted replica has position and rows of one moment: what was read and what was not is known there too."""
    await fill(desk, 1)
    await desk.project(5)
    await connection.execute("UPDATE board.journal_epoch SET timeline_id = timeline_id + 1")
    await desk.scene.store.keep_epoch()
    await fill(desk, 1)
    await desk.project(5)
    [found] = [each for each in await examine(database.url) if each.invariant == "I38"]

    assert (found.looked_at, found.broken) == (8, [])


async def test_a_rebuild_beside_a_board_at_work_comes_to_the_same(
    desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]", database: Database
) -> None:
    """Readers see the old edition until the new one has all, and never a part; what was written meanwhile is in it."""
    await fill(desk, 1)
    await desk.project()
    store, tenant, seen = desk.scene.store, desk.scene.tenant_id, []
    before = await content(connection)
    assert await store.begin_rebuild(tenant) == "begun"
    done = False
    for n in range(1000):
        if n in (2, 5):
            await fill(desk, 1)
            await store.sequence_events()
            await store.project_events(500)
            before = await content(connection)
        done, *_ = await store.rebuild_slice(tenant, 9)
        seen.append(await content(connection) == before)
        if done:
            break
    raced = await content(connection)
    await rebuild(store)
    [found] = [each for each in await examine(database.url) if each.invariant == "I38"]

    assert (done, len(seen) > 5, all(seen)) == (True, True, True)
    assert await content(connection) == raced
    assert (found.looked_at, found.broken) == (12, [])
    assert await connection.fetchval("SELECT count(DISTINCT edition) FROM reading.case") == 1


async def test_a_rebuild_that_was_killed_is_gone_on_with(
    desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]", database: Database
) -> None:
    """By whoever starts the next; until then readers see what they saw."""
    await fill(desk, 1)
    await desk.project()
    before = await content(connection)
    await desk.scene.store.begin_rebuild(desk.scene.tenant_id)
    await desk.scene.store.rebuild_slice(desk.scene.tenant_id, 5)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT FROM reading.progress FOR UPDATE")
    killed = await _command(database, "rebuild")
    await _someone_waits(connection)
    killed.kill()
    await killed.wait()
    await transaction.rollback()
    kept = await connection.fetchval("SELECT position FROM reading.rebuild"), await content(connection)
    done = await rebuild(desk.scene.store, "demo")

    assert kept == (5, before)
    assert done == ["demo"]
    assert await content(connection) == before
    assert await connection.fetchval("SELECT count(*) FROM reading.rebuild") == 0


async def test_what_was_trimmed_cannot_be_made_anew(desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """It is refused with a sentence, also in the midst of it, and what is there stays; a day that was not read yet is kept."""
    await fill(desk, 1)
    await age_journal(connection)
    store, tenant = desk.scene.store, desk.scene.tenant_id
    too_early = await store.trim_journal(30, 10)
    await desk.project()
    before = await content(connection)
    await store.begin_rebuild(tenant)
    await store.rebuild_slice(tenant, 5)
    trimmed = await store.trim_journal(30, 10)

    assert (too_early, len(trimmed)) == ([], 1)
    for _ in range(2):
        with pytest.raises(Conflict, match="trimmed"):
            await rebuild(store)
    with pytest.raises(NotFound, match="no tenant 'nobody'"):
        await rebuild(store, "nobody")
    await desk.open("loan", {"applicant_name": "Ada", "amount": "1.00"})
    await desk.project()
    assert len(set(await content(connection)) - set(before)) == 1
    assert set(before) < set(await content(connection))
    assert await connection.fetchval("SELECT count(*) FROM reading.rebuild") == 0


async def test_a_reader_locks_out_nobody(
    desk: Desk, connection: "asyncpg.Connection[asyncpg.Record]", database: Database
) -> None:
    """With all views read in an open transaction, work goes on, is projected and rebuilt; its locks are those of reading."""
    await fill(desk, 1)
    await desk.project()
    reader = await asyncpg.connect(database.app_url, server_settings={"role": "blackboard_reader"})
    transaction = reader.transaction()
    await transaction.start()
    await reader.execute("SELECT set_config('board.tenant', $1, true)", str(desk.scene.tenant_id))
    views = await connection.fetch(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'banking'::regnamespace"
    )
    for view in views:
        await reader.fetch(f"SELECT * FROM {view['name']}")
    modes = await connection.fetch(
        "SELECT DISTINCT mode FROM pg_locks WHERE locktype = 'relation' AND pid = $1", reader.get_server_pid()
    )
    await fill(desk, 1)
    await desk.project()
    await rebuild(desk.scene.store)
    await transaction.rollback()
    await reader.close()

    assert [row["mode"] for row in modes] == ["AccessShareLock"]


async def test_a_writer_keeps_no_reader_waiting(
    desk: Desk, reads: ReadStore, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """While a slice is being written, readers see what was there before."""
    await fill(desk, 1)
    await desk.scene.store.sequence_events()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT board.project_events(1000)")
    during = await reads.client(desk.scene.tenant_id, "C-5"), await reads.position()
    await transaction.commit()

    assert during == (None, 0)
    assert await reads.client(desk.scene.tenant_id, "C-5") is not None


async def test_a_tenant_reads_nothing_of_another(desk: Desk, reads: ReadStore, database: Database) -> None:
    """Not by number, not by name, not in a list; and who has not said which tenant it is reads nothing."""
    await fill(desk, 1)
    await desk.project()
    [loan] = (await desk.scene.board.list_cases(desk.scene.people["requester"], workflow="loan")).cases
    assert loan.number
    async with AsyncExitStack() as stack:
        other = (await make_scene(stack, database.url, database.app_url, tenant="other")).tenant_id
        found = [
            await reads.loan(other, loan.number),
            await reads.client(other, "C-5"),
            await reads.session(other, "s"),
            *await reads.bank_calls(other),
            *await reads.loan_decisions(other, loan.number),
        ]
    reader = await asyncpg.connect(database.app_url, server_settings={"role": "blackboard_reader"})
    counts = [
        await reader.fetchval(f"SELECT count(*) FROM reading.{name}") for name in ("case", "decision", "effect", "holding")
    ]
    await reader.close()

    assert found == [None, None, None]
    assert counts == [0, 0, 0, 0]
    assert await reads.loan(desk.scene.tenant_id, loan.number) is not None


ATTEMPTS = [
    "INSERT INTO reading.holding VALUES (1, 1, 'C', 'S', 1)",
    "UPDATE reading.case SET outcome = 'executed'",
    "DELETE FROM reading.decision",
    "UPDATE banking.clients SET risk_profile = 'bold'",
    "TRUNCATE reading.effect",
    "SELECT * FROM board.case",
    "SELECT board.project_events(1)",
    "SELECT board.show_case(1, gen_random_uuid())",
    "CREATE TABLE reading.mine ()",
]


async def test_a_reader_can_do_nothing_but_read(database: Database) -> None:
    """Whatever the login that acts as one could do by itself."""
    reader = await asyncpg.connect(database.app_url, server_settings={"role": "blackboard_reader"})
    for attempt in ATTEMPTS:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
            await reader.execute(attempt)
    await reader.close()


async def test_a_login_that_may_not_read_is_told_so(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """When it first asks, and not with an answer that has nothing in it."""
    await connection.execute(f"CREATE ROLE \"{database.name}\" LOGIN PASSWORD 'x'")
    stranger = await ReadStore.open(database.url.replace(database.url.split("@")[0], f"postgresql://{database.name}:x"))
    try:
        with pytest.raises(DatabaseMismatch, match="blackboard_reader"):
            await stranger.position()
    finally:
        await stranger.close()
        await connection.execute(f'DROP ROLE "{database.name}"')


async def _someone_waits(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Until another session waits for a lock."""
    async with asyncio.timeout(30):
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)


async def _command(database: Database, *words: str) -> asyncio.subprocess.Process:
    """A command of the board as a process, on a test's database."""
    environment = {**os.environ, "DATABASE_URL": database.app_url}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "blackboard", *words, env=environment, stdout=PIPE, stderr=PIPE
    )
