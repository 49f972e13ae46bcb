"""No connection of ours holds locks or a snapshot for long: the server sees to it."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from blackboard import database as driver
from blackboard.errors import Unavailable
from blackboard.store import Store
from tests.conftest import Database
from tests.factories import Scene
from tests.http.conftest import Api, fresh_key, serve

Shorten = Callable[[str, str], None]


@pytest.fixture
def shorten(monkeypatch: pytest.MonkeyPatch) -> Shorten:
    """A limit as short as a test wants it, for connections that are made from now on."""
    return lambda name, limit: monkeypatch.setitem(driver.LIMITS, name, limit)


async def test_every_connection_has_its_limits_also_the_second_time(scene: Scene) -> None:
    """Whoever made the login; a connection that was in the pool has them still."""
    query = "SELECT name, setting::integer / 1000 AS s FROM pg_settings WHERE name = ANY ($1)"
    limits = {
        "statement_timeout": driver.STATEMENT_LIMIT_S,
        "lock_timeout": driver.LOCK_LIMIT_S,
        "idle_in_transaction_session_timeout": driver.IDLE_IN_TRANSACTION_LIMIT_S,
        "transaction_timeout": driver.TRANSACTION_LIMIT_S,
    }
    seat = scene.store.seat("limits")
    verbs = await seat.take()
    assert verbs is not None

    pooled = [{row["name"]: row["s"] for row in await scene.store._rows(query, list(limits))} for _ in range(2)]
    seated = {row["name"]: row["s"] for row in await verbs._rows(query, list(limits))}
    await seat.leave()
    if "transaction_timeout" not in seated:  # PostgreSQL 16 and older have no such limit
        del limits["transaction_timeout"]

    assert [*pooled, seated] == [limits] * 3


async def test_a_write_that_a_lock_holds_up_is_refused_with_words_and_can_be_repeated(
    scene: Scene, database: Database, shorten: Shorten
) -> None:
    """503 with what to do; nothing is half-done, so that the same request under the same key does it."""
    shorten("lock_timeout", "100ms")
    case = await scene.open()
    [task] = await scene.claim()
    key, decision = fresh_key(), {"fence": task.fence, "outcome": "approve", "reasons": ["because"]}
    holder = await asyncpg.connect(database.url)
    async with serve(scene) as api, api.http("worker") as http:
        async with holder.transaction():
            await holder.execute("SELECT FROM board.case WHERE case_id = $1 FOR UPDATE", case.id)
            refused = await http.post(f"/v1/tasks/{task.id}/decision", json=decision, headers=key)
        between = await http.get(f"/v1/tasks/{task.id}")
        repeated = await http.post(f"/v1/tasks/{task.id}/decision", json=decision, headers=key)
    await holder.close()

    problem = refused.json()
    assert (refused.status_code, problem["type"], refused.headers["Retry-After"]) == (
        503,
        "urn:blackboard:problem:unavailable",
        "1",
    )
    assert "repeat the request with the same Idempotency-Key" in problem["detail"]
    assert (between.json()["state"], between.json()["decision"]) == ("claimed", None)
    assert (repeated.status_code, "Idempotency-Replayed" in repeated.headers) == (200, False)


async def test_a_transaction_that_lies_idle_is_ended_by_the_server(scene: Scene, database: Database, shorten: Shorten) -> None:
    """A process that was paused in the middle holds nobody up; what it had begun is undone, and it connects anew."""
    shorten("idle_in_transaction_session_timeout", "50ms")
    looking = await asyncpg.connect(database.url)
    store = await Store.open(scene.url, max_connections=1)

    async def begin_and_pause() -> None:
        async with store.transaction() as verbs:
            await verbs.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}])
            pid = await verbs._value("SELECT pg_backend_pid()")
            async with asyncio.timeout(5):
                while await looking.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid):
                    await asyncio.sleep(0.01)
            await verbs.read_head()

    with pytest.raises(Unavailable, match="Idempotency-Key"):
        await begin_and_pause()
    assert await looking.fetchval("SELECT count(*) FROM board.case") == 0
    assert (await store.read_head()).head == 0
    await store.close()
    await looking.close()


async def test_whoever_waits_holds_no_transaction(api: Api, database: Database) -> None:
    """A claim that waits for work, and a stream that waits for news, keep no snapshot: nobody's rows stay dead for them."""
    looking = await asyncpg.connect(database.url)
    query = (
        "SELECT pid, xact_start FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
    async with api.http("worker") as http, api.http("auditor") as listening:
        wish = {"capabilities": ["first"], "wait_s": 30}
        waiting = asyncio.create_task(http.post("/v1/claims", json=wish, headers=fresh_key()))
        async with listening.stream("GET", "/v1/events") as stream, asyncio.timeout(10):
            await anext(stream.aiter_lines())
            while not api.service.board.waiting_claims:
                await asyncio.sleep(0.01)
            begun = {tuple(row) for row in await looking.fetch(query, database.name)}
            while begun & {tuple(row) for row in await looking.fetch(query, database.name)}:
                await asyncio.sleep(0.01)
        still_waiting = not waiting.done()
        await api.scene.open()
        answer = await waiting
    await looking.close()

    assert (still_waiting, len(answer.json()["tasks"])) == (True, 1)
