"""What keeps a board fast for years: forgetting in time, and numbers that cost nothing to take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from blackboard import sweeper
from blackboard.errors import Conflict, Expired
from blackboard.measures import Measures
from blackboard.requests import Failure, NewQuota
from blackboard.sweeper import Sweeper
from blackboard.values import Json
from tests.conftest import Database
from tests.factories import Clock, Scene, add_day, age_journal, make_scene
from tests.sql.test_plans import EXPLAIN, FILL

if TYPE_CHECKING:
    from blackboard.database import Connection

ANSWER = """
INSERT INTO board.idempotency (tenant_id, agent_id, route, key, print, status, answer, created_at)
SELECT 1, 1, '/v1/cases', gen_random_uuid()::text, sha256('body'), 201, '{}', board.clock() - make_interval(days => $1)
FROM generate_series(1, $2)
"""


@asynccontextmanager
async def held(database: Database, statement: str) -> AsyncIterator[int]:
    """Somebody else's transaction that has run a statement and does not end; its process."""
    connection = await asyncpg.connect(database.url)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield connection.get_server_pid()
    finally:
        await connection.close()


async def scans(database: Database, statement: str) -> list[tuple[str, str, float]]:
    """(table, how, rows) for each scan that a statement makes, functions looked into."""
    plans: list[Json] = []
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute(EXPLAIN)
        connection.add_log_listener(lambda _, told: plans.append(_plan(told)))
        await connection.execute(statement)
        await connection.execute("SELECT 'last'")
        async with asyncio.timeout(5):
            while not any("'last'" in plan["Query Text"] for plan in plans):
                await asyncio.sleep(0)
    finally:
        await connection.close()
    return [scan for plan in plans for scan in _scans(plan["Plan"])]


def _plan(told: Any) -> Json:
    _, _, plan = told.message.partition("plan:\n")
    found: Json = json.loads(plan)
    return found


def _scans(node: Json) -> list[tuple[str, str, float]]:
    rows = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * node.get("Actual Loops", 1)
    own = (
        [(node["Relation Name"], node["Node Type"], rows)]
        if node["Node Type"].endswith("Scan") and "Relation Name" in node
        else []
    )
    return own + [scan for child in node.get("Plans", ()) for scan in _scans(child)]


# ------------------------------------------------------------------------------------------------------------ the journal
async def test_days_of_the_journal_that_are_old_enough_are_dropped(scene: Scene, connection: Connection) -> None:
    """Whole, with their partition; what came later stays, under the same positions."""
    last = await age_journal(connection)
    await scene.open()
    await scene.store.sequence_events()

    dropped = await scene.store.trim_journal(365, 10)

    assert ([name.startswith("dropped board.journal_") for name in dropped], (await scene.store.read_head()).floor) == (
        [True],
        last,
    )
    assert [event.position for event in await scene.store.read_journal(last, 10)] == [last + 1, last + 2]


async def test_no_day_is_dropped_that_is_younger(scene: Scene, connection: Connection) -> None:
    """Not one that is as old as what is kept, nor yesterday's or today's when one day is."""
    await age_journal(connection, days=30)

    assert (await scene.store.trim_journal(30, 10), await scene.store.trim_journal(29, 10) != []) == ([], True)
    assert await scene.store.trim_journal(1, 10) == []


async def test_the_journal_cannot_be_told_to_keep_nothing(scene: Scene) -> None:
    """Zero days would be a slip of a hand."""
    with pytest.raises(Conflict, match="keeps one day at least"):
        await scene.store.trim_journal(0, 10)


async def test_a_reader_below_the_floor_is_told_and_given_nothing(scene: Scene, connection: Connection) -> None:
    """What follows on a gap is not what comes next."""
    last = await age_journal(connection)
    await scene.open()
    await scene.store.sequence_events()
    await scene.store.trim_journal(1, 10)

    with pytest.raises(Expired, match=f"is kept from position {last + 1} on"):
        await scene.store.read_journal(last - 1, 10)
    assert len(await scene.store.read_journal(last, 10)) == 2


async def test_a_reader_who_began_before_a_day_was_dropped_is_told_too(
    scene: Scene, database: Database, connection: Connection
) -> None:
    """It waits for the drop to commit, and then finds what it asked for gone."""
    await age_journal(connection)
    async with held(database, "SELECT board.trim_journal(1, 10)"):
        reading = asyncio.create_task(scene.store.read_journal(0, 10))
        query = (
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = $1)"
        )
        async with asyncio.timeout(5):
            while not await connection.fetchval(query, database.name):
                await asyncio.sleep(0.01)

    with pytest.raises(Expired):
        await reading


async def test_the_oldest_days_go_first_and_so_many_at_a_time(scene: Scene, connection: Connection) -> None:
    """The first trim of a board that kept everything for years is no single large one."""
    for days in (500, 400, 450):
        await add_day(connection, "journal", days)

    dropped = [await scene.store.trim_journal(365, 2) for _ in range(3)]

    assert ([len(names) for names in dropped], dropped[0] + dropped[1]) == ([2, 1, 0], sorted(dropped[0] + dropped[1]))


async def test_a_day_that_somebody_reads_is_left_for_the_next_time(
    scene: Scene, database: Database, connection: Connection
) -> None:
    """A backup may read for hours; the board does not wait for it, and does not fail."""
    await age_journal(connection)
    async with held(database, "SELECT count(*) FROM board.journal"):
        assert await scene.store.trim_journal(1, 10) == []

    assert len(await scene.store.trim_journal(1, 10)) == 1


async def test_an_outbox_that_cannot_be_closed_keeps_no_new_day_from_being_made(
    scene: Scene, database: Database, connection: Connection
) -> None:
    """What was made stays made, and the old day goes the next time."""
    await add_day(connection, "event_in", 30)
    async with held(database, "SELECT count(*) FROM board.event_in"):
        made = await connection.fetchval("SELECT board.keep_partitions(8)")

    assert [name.partition("_2")[0] for name in made] == ["made event_in", "made journal"]
    assert [name.partition("_2")[0] for name in await scene.store.keep_partitions()] == ["dropped board.event_in"]


# ------------------------------------------------------------------------------------------------------ answers and sessions
async def test_old_answers_are_found_without_looking_at_the_younger(database: Database, connection: Connection) -> None:
    """By their age, in an index."""
    await connection.execute(ANSWER.replace("$1", "1").replace("$2", "20000"))
    await connection.execute(ANSWER, 91, 5)

    found = await scans(database, "SELECT board.forget_old_answers(90, 10000)")

    assert {(how, rows) for table, how, rows in found if table == "idempotency"} == {("Index Scan", 5), ("Tid Scan", 5)}


async def test_a_sweeper_forgets_in_batches_until_nothing_old_is_left(
    scene: Scene, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch is a pass, so that claims run out on time in between."""
    monkeypatch.setattr(sweeper, "FORGET_BATCH", 2)
    await connection.execute(ANSWER, 8, 5)
    await connection.execute(ANSWER, 6, 1)
    sweeping = Sweeper(scene.store.seat("sweeper"), keep_answers_days=7)

    passes = [await sweeping.run_once() for _ in range(4)]
    await sweeping.close()

    assert (passes, await connection.fetchval("SELECT count(*) FROM board.idempotency")) == ([True, True, False, False], 1)


async def test_a_sweeper_trims_the_journal_only_when_it_was_told_how_long_to_keep_it(
    scene: Scene, connection: Connection
) -> None:
    """By default it is kept for ever."""
    last = await age_journal(connection)
    floors = []
    for days in (0, 365):
        sweeping = Sweeper(scene.store.seat("sweeper"), journal_days=days)
        await sweeping.run_once()
        await sweeping.close()
        floors.append((await scene.store.read_head()).floor)

    assert floors == [0, last]


async def test_sessions_long_over_are_forgotten_and_the_living_are_not(scene: Scene, clock: Clock) -> None:
    """Over is one that ended, and one whose agent was killed and says nothing any more."""
    worker = scene.people["worker"]
    ended, silent, living, fresh = (uuid4() for _ in range(4))
    for session_id in (ended, silent, living):
        await scene.store.start_session(worker, session_id, {})
    await scene.store.end_session(worker, ended)
    await clock.pass_(timedelta(days=31).total_seconds())
    await scene.store.start_session(worker, fresh, {})
    await scene.store.end_session(worker, fresh)
    await scene.store.heartbeat_sessions(worker, [living])

    assert [await scene.store.forget_old_sessions(30, 1) for _ in range(3)] == [1, 1, 0]
    left = await scene.admin._rows("SELECT session_id FROM board.session")
    assert {row["session_id"] for row in left} == {living, fresh}


async def test_buckets_that_are_full_again_are_forgotten(scene: Scene, clock: Clock) -> None:
    """And those of a quota that is gone; one that is still short is kept."""
    boss = await scene.hire("boss", role="admin")
    rate = NewQuota.model_validate({"name": "pace", "kind": "rate", "per": "tenant", "ceiling": "2", "per_second": "0.1"})
    await scene.board.put_quota(boss, rate)
    await scene.open()
    assert await scene.claim()
    await clock.pass_(9)
    early = await scene.store.forget_idle_buckets(10)
    await clock.pass_(2)

    assert (early, await scene.store.forget_idle_buckets(10)) == (0, 1)
    await scene.open()
    assert await scene.claim()
    await scene.board.drop_quota(boss, "pace")
    assert await scene.store.forget_idle_buckets(10) == 1


# ---------------------------------------------------------------------------------------------------------------- numbers
async def test_load_is_measured_as_it_is_shown_over_all_tenants(scene: Scene, clock: Clock, database: Database) -> None:
    """Two tenants' tasks of one capability are one number, and the oldest of either is the oldest."""
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        for _ in range(3):
            await scene.open()
        await scene.claim()
        await clock.pass_(20)
        await other.open()
        await clock.pass_(5)

        told = {load.capability: load for load in (await scene.store.measure_board()).load}

    [shown] = [load for load in await scene.store.show_load(scene.people["worker"]) if load.capability == "first"]
    assert (told["first"].ready, told["first"].oldest_ready_s, told["first"].claimed, told["first"].oldest_claim_s) == (
        3,
        25,
        1,
        25,
    )
    assert (told["second"].ready, told["second"].oldest_ready_s) == (0, None)
    assert (shown.ready, shown.oldest_ready_s, shown.claimed, shown.oldest_claim_s) == (2, 25, 1, 25)


async def test_events_without_a_position_are_measured_by_age(scene: Scene, clock: Clock) -> None:
    """What is in the journal no longer counts."""
    await scene.store.sequence_events()
    await scene.open()
    await clock.pass_(30)
    waited = (await scene.store.measure_board()).unsequenced_s
    await scene.store.sequence_events()

    assert (waited, (await scene.store.measure_board()).unsequenced_s) == (30, 0)


async def test_work_for_later_and_work_for_an_operator_are_measured(scene: Scene, clock: Clock) -> None:
    """How much of each, how late the first of it is, and how long the first incident has waited."""
    for _ in range(2):
        await scene.open()
    later, hopeless = await scene.claim(limit=2)
    await scene.board.fail(scene.people["worker"], later.id, Failure(fence=later.fence, reason="down", delay_s=60))
    await scene.board.fail(scene.people["worker"], hopeless.id, Failure(fence=hopeless.fence, reason="never", retryable=False))
    await clock.pass_(70)

    told = await scene.store.measure_board()

    assert (told.scheduled, told.overdue_s, told.incidents, told.oldest_incident_s) == (1, 10, 1, 70)


async def test_an_old_transaction_of_anybody_is_seen(scene: Scene, database: Database, connection: Connection) -> None:
    """Whoever's login it is: it keeps dead rows in everybody's way."""
    async with held(database, "SELECT pg_current_xact_id()") as pid:
        query = "SELECT extract(epoch FROM clock_timestamp() - xact_start) FROM pg_stat_activity WHERE pid = $1"
        age = float(await connection.fetchval(query, pid))
        told = await scene.store.measure_board()

    assert told.oldest_transaction_s is not None
    assert told.oldest_transaction_s >= age > 0
    assert told.oldest_snapshot_xids is not None
    assert told.oldest_snapshot_xids > 0


async def test_where_others_transactions_may_not_be_seen_their_age_is_not_known(connection: Connection) -> None:
    """And not zero, which would look well."""
    trying = connection.transaction()
    await trying.start()
    await connection.execute("REVOKE pg_read_all_stats FROM blackboard_system")
    told = Measures.model_validate_json(await connection.fetchval("SELECT board.measure_board()"))
    await trying.rollback()

    assert (told.oldest_transaction_s, told.oldest_snapshot_xids) == (None, None)
    assert told.xid_age > 0


async def test_rows_that_wait_for_vacuum_are_counted_by_table(scene: Scene, connection: Connection) -> None:
    """As the server counts them."""
    await connection.execute(
        "INSERT INTO board.wake (tenant_id, reason, key) SELECT 1, 'after', n::text FROM generate_series(1, 100) n"
    )
    await connection.execute("DELETE FROM board.wake")
    await connection.execute("SELECT pg_stat_force_next_flush()")

    told = {table.name: table.dead for table in (await scene.store.measure_board()).tables}

    assert (told["wake"], {"task_ready", "task_lease", "case"} <= set(told)) == (100, True)


async def test_a_long_queue_is_counted_up_to_a_limit(scene: Scene, connection: Connection) -> None:
    """A backlog of any length costs no more than that; the head of the line is its oldest."""
    for priority in (5, 5, 5, 7):
        await scene.open(priority=priority)

    told = Measures.model_validate_json(await connection.fetchval("SELECT board.measure_board(2)"))

    assert [load.ready for load in told.load if load.capability == "first"] == [3]


async def test_measuring_reads_nothing_that_is_over(scene: Scene, database: Database, connection: Connection) -> None:
    """With as many closed cases as one likes: open work, single index entries, and no history."""
    await connection.execute(FILL)
    await scene.store.sequence_events()
    await connection.execute("UPDATE reading.progress SET position = (SELECT h.position FROM board.journal_head h)")

    found = await scans(database, "SELECT board.measure_board(100)")

    read = {table.partition("_20")[0] for table, _, _ in found}
    assert read & {"case", "task", "journal", "idempotency", "fact", "action", "session"} == set()
    assert {"task_ready", "task_lease", "task_scheduled", "task_waiting", "event_in"} <= read
    assert sum(rows for table, _, rows in found if table == "task_ready") <= 1000
    assert max(rows for table, _, rows in found if table.startswith("event_in")) <= 1
