"""What Prometheus is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api import meter
from blackboard.measures import Measures
from tests.conftest import Database
from tests.factories import STORE_CONNECTIONS
from tests.http.conftest import Api

# A process tells of itself.
pytestmark = pytest.mark.usefixtures("alone")
Samples = dict[tuple[str, str], float]


async def scrape(api: Api) -> Samples:
    """Every sample, by name and label."""
    async with api.http(None) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, ",".join(s.labels.values())): s.value for family in families for s in family.samples}


@asynccontextmanager
async def away(database: Database) -> AsyncIterator[None]:
    """Nobody gets into the database."""
    admin = await asyncpg.connect(database.admin_url)
    try:
        await admin.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.name)
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")
        await admin.close()


@pytest.fixture
def asked_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is kept."""
    monkeypatch.setattr(meter, "MEASURES_KEPT_S", 0.0)


async def test_metrics_tell_how_much_work_lies_where(api: Api) -> None:
    """Ready and claimed, per capability, with the age of the oldest."""
    for _ in range(3):
        await api.scene.open()
    await api.scene.claim()

    told = await scrape(api)

    assert (told["blackboard_ready_tasks", "first"], told["blackboard_running_claims", "first"]) == (2, 1)
    assert told["blackboard_oldest_ready_age_seconds", "first"] > 0
    assert (told["blackboard_ready_tasks", "second"], told["blackboard_oldest_ready_age_seconds", "second"]) == (0, 0)


async def test_metrics_tell_how_often_the_board_said_no(api: Api) -> None:
    """By the type of the problem."""
    before = await scrape(api)
    async with api.http(None) as stranger, api.http("auditor") as auditor:
        await stranger.get("/v1/cases")
        for path in ("/v1/cases/nobody", "/v1/cases/nothing", "/nowhere"):
            await auditor.get(path)

    told = await scrape(api)

    name = "blackboard_refusals_total"
    counts = {problem: value for (each, problem), value in told.items() if each == name}
    assert [key for key in before if key[0] == name] == []
    assert counts == {"unauthenticated": 1, "invalid": 2, "no-such-route": 1}


async def test_who_hangs_up_in_the_middle_of_a_request_is_no_failure_of_the_board(api: Api) -> None:
    """An agent that is killed while it speaks: nothing is logged as an error, and the next one is heard."""
    host, _, port = api.url.removeprefix("http://").partition(":")
    head = (
        f"POST /v1/cases HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api.scene.keys['requester']}\r\n"
        "Content-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: 100\r\n\r\n{"
    )
    for _ in range(3):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode())
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
    await api.scene.open()

    told = await scrape(api)

    assert ("blackboard_refusals_total", "internal") not in told


async def test_metrics_tell_what_makes_a_board_slow(api: Api) -> None:
    """Old transactions, dead rows, events that wait, work that nobody does."""
    told = await scrape(api)

    wanted = {
        "blackboard_oldest_transaction_age_seconds",
        "blackboard_oldest_snapshot_age_transactions",
        "blackboard_database_xid_age_transactions",
        "blackboard_dead_rows",
        "blackboard_live_rows",
        "blackboard_unsequenced_age_seconds",
        "blackboard_journal_head_age_seconds",
        "blackboard_scheduled_tasks",
        "blackboard_overdue_age_seconds",
        "blackboard_incidents",
        "blackboard_oldest_incident_age_seconds",
        "blackboard_oldest_claim_age_seconds",
        "blackboard_open_reviews",
        "blackboard_warned_reviews",
    }
    assert wanted - {name for name, _ in told} == set()
    assert {name for name, _ in told if not name.startswith("blackboard_")} == set()


@pytest.mark.usefixtures("asked_always")
async def test_metrics_outlive_the_database(api: Api, database: Database) -> None:
    """The process tells of itself and that the database is away; when it is back, so are its numbers."""
    before = await scrape(api)
    async with away(database):
        during = await scrape(api)
    async with asyncio.timeout(10):
        while (await scrape(api))["blackboard_database_up", ""] == 0:
            await asyncio.sleep(0.01)

    assert [told["blackboard_database_up", ""] for told in (before, during)] == [1, 0]
    assert {("blackboard_streams", ""), ("blackboard_journal_position", "")} <= during.keys()
    assert ("blackboard_ready_tasks", "first") not in during


async def test_many_scrapes_are_one_question(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, and however often, within some seconds."""
    asked = 0
    measure = api.service.store.measure_board

    async def counted() -> Measures:
        nonlocal asked
        asked += 1
        return await measure()

    monkeypatch.setattr(api.service.store, "measure_board", counted)
    await asyncio.gather(*(scrape(api) for _ in range(20)))
    await scrape(api)

    assert asked == 1


async def test_a_scrape_does_not_wait_in_line_for_a_connection(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every connection taken it says what it can."""
    monkeypatch.setattr(meter, "MEASURE_LIMIT_S", 0.05)
    async with AsyncExitStack() as taken:
        for _ in range(STORE_CONNECTIONS):
            await taken.enter_async_context(api.service.store._pool.acquire())
        told = await scrape(api)

    assert told["blackboard_database_up", ""] == 0


async def test_a_number_that_cannot_be_known_has_no_sample(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others' transactions may not be seen, no zero pretends that there are none."""
    known = await api.service.store.measure_board()

    async def blind() -> Measures:
        return known.model_copy(update={"oldest_transaction_s": None, "oldest_snapshot_xids": None})

    monkeypatch.setattr(api.service.store, "measure_board", blind)

    told = {name for name, _ in await scrape(api)}

    assert {"blackboard_oldest_transaction_age_seconds", "blackboard_oldest_snapshot_age_transactions"} & told == set()
    assert "blackboard_database_up" in told
