"""Who asks for more than its share, farms, or will not stop."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from api import toll
from blackboard.requests import ClaimRequest
from tests.http.conftest import Api, fresh_key
from tests.http.operations import WHY, write

Tried = Callable[[int], None]
ROUTE = "GET /v1/holds"


@pytest.fixture
async def slow_route(shared: Api, shared_boss: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A route that may be asked twice a second with one key, five times at once."""
    del shared
    limit = {"name": "looking", "per": "key", "route": ROUTE, "per_second": 2, "burst": 5}
    assert (await shared_boss.put("/v1/limits", json=limit, headers=fresh_key())).status_code == 200
    yield shared_boss
    await write(shared_boss, "/v1/limits/looking", method="DELETE")


async def in_force(api: Api) -> None:
    """Until this process knows the limits that were set."""
    await api.service.rates.run_once()


@pytest.mark.item("S43")
@pytest.mark.usefixtures("slow_route")
async def test_a_burst_beyond_a_limit_is_answered_with_when_to_come_back(shared: Api, thorough: bool, tried: Tried) -> None:
    """429, Retry-After, and what the limit is; other routes, other keys and the operator's own verbs go on."""
    await in_force(shared)
    asked = 200 if thorough else 40
    async with shared.http("auditor") as greedy, shared.http("worker") as other:
        answers = [await greedy.get("/v1/holds") for _ in range(8)]
        answers += await asyncio.gather(*(greedy.get("/v1/holds") for _ in range(asked - 8)))
        elsewhere, another = await greedy.get("/v1/quotas"), await other.get("/v1/holds")
    statuses = Counter(answer.status_code for answer in answers)
    refused = next(answer for answer in answers if answer.status_code == 429)

    assert (set(statuses), elsewhere.status_code, another.status_code) == ({200, 429}, 200, 200)
    assert 5 <= statuses[200] <= 5 + 2 * (1 + answers[-1].elapsed.seconds) + 6
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["RateLimit-Policy"] == '"looking";q=5;w=3'
    assert refused.headers["RateLimit"].startswith('"looking";r=0;t=')
    assert refused.json()["type"] == "urn:blackboard:problem:rate-limited"
    assert '"key";q=10000;w=2' in elsewhere.headers["RateLimit-Policy"]
    tried(asked)


@pytest.mark.item("S43")
@pytest.mark.usefixtures("slow_route")
async def test_who_does_not_wait_as_told_waits_for_the_answer(shared: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeating at once is slow; who heeds the answer is let in."""
    await in_force(shared)
    monkeypatch.setattr(toll, "PAUSE_S", 0.4)
    refused: list[httpx.Response] = []
    async with shared.http("requester") as http:
        while len(refused) < 3:
            answer = await http.get("/v1/holds")
            refused += [answer] if answer.status_code == 429 else []
        await asyncio.sleep(int(refused[-1].headers["Retry-After"]) + 0.3)
        heeded = await http.get("/v1/holds")

    assert (max(answer.elapsed.total_seconds() for answer in refused) >= 0.2, heeded.status_code) == (True, 200)


@pytest.mark.item("S43")
async def test_a_limit_is_set_by_operators_alone_and_must_make_sense(shared: Api, shared_boss: httpx.AsyncClient) -> None:
    """Everybody may know the limits that hold."""
    async with shared.http("worker") as worker:
        limit = {"name": "tenant", "per": "tenant", "per_second": 50000}
        forbidden = await worker.put("/v1/limits", json=limit, headers=fresh_key())
        listed = (await worker.get("/v1/limits")).json()
    wrong = [
        await shared_boss.put("/v1/limits", json={**limit, **change}, headers=fresh_key())
        for change in (
            {"per_second": 0},
            {"per": "all"},
            {"route": "/v1/cases"},
            {"key_id": "k"},
            {"name": "A"},
            {"burst": "NaN"},
        )
    ]
    assert (forbidden.status_code, {answer.status_code for answer in wrong}) == (403, {422})
    assert [each["name"] for each in listed if each["is_usual"]] == ["tenant", "key"]


@pytest.mark.item("S27")
async def test_an_agent_switched_off_under_load_holds_nothing_within_five_seconds(api: Api, boss: httpx.AsyncClient) -> None:
    """While it claims from several places; what it had goes to others under the next fence, and their work is not touched."""
    for _ in range(30):
        await api.scene.open()
    others = {task.id for task in await api.scene.claim("rival", limit=5)}
    stop = asyncio.Event()

    async def claim_on() -> None:
        async with api.client("worker") as client:
            while not stop.is_set():
                try:
                    await client.claim(ClaimRequest(capabilities=["first"], limit=2, wait_s=0))
                except Exception:  # noqa: BLE001  # whatever it is told, it goes on
                    await asyncio.sleep(0.01)

    claiming = [asyncio.create_task(claim_on()) for _ in range(4)]
    while not await held(api, "worker"):
        await asyncio.sleep(0.01)
    began = time.monotonic()
    suspended = await write(boss, "/v1/agents/worker/suspend", WHY)
    stop.set()
    await asyncio.gather(*claiming)
    # A claim that was being granted in that moment is taken back by the sweeper.
    while await held(api, "worker"):
        await asyncio.sleep(0.02)
    took_s = time.monotonic() - began

    assert (suspended.json()["verdict"], took_s < 5, await held(api, "worker")) == ("changed", True, 0)
    assert await held(api, "rival") == len(others)


async def held(api: Api, who: str) -> int:
    """How many tasks an agent holds."""
    query = "SELECT count(*) FROM board.task_lease WHERE agent_id = $1"
    return int(await api.scene.admin._value(query, api.scene.people[who].agent_id))
