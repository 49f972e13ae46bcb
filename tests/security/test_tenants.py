"""Two tenants on one board, doing the same side by side: nothing of one is anywhere in what the other can see."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import httpx
import pytest

from blackboard.requests import NewFact
from blackboard.store import Store
from tests.factories import make_scene
from tests.http.conftest import Api, fresh_key
from tests.http.test_writes import NOWHERE, Ids, furnish
from tests.security.access import example
from tests.security.table import Tried
from tests.security.test_matrix import ALLOWED, PEOPLE, REQUESTS

CANARY = "kanarienvogel"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What an answer has of its own request, and of the moment.
OWN = re.compile(r'"request_id":"[^"]*"')


@dataclass
class Tenant:
    """A tenant's board as its people see it."""

    api: Api
    ids: Ids
    doors: dict[str, httpx.AsyncClient]


async def settle(stack: AsyncExitStack, api: Api) -> Tenant:
    """Something of everything in a tenant, and a client for each role."""
    await api.scene.hire("boss", "first", "second", role="admin", kind="human")
    await api.scene.hire("eve", "first", "second", role="reviewer", kind="human")
    ids = await furnish(api)
    doors = {role: await stack.enter_async_context(api.http(who)) for role, who in PEOPLE.items()}
    return Tenant(api, ids, doors)


@pytest.fixture(scope="module")
async def two(shared: Api) -> AsyncIterator[tuple[Tenant, Tenant]]:
    """One that has a secret word in every place where a caller may put words, and another one beside it."""
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, shared.scene.admin._url, shared.scene.url, tenant="other")
        one = await settle(stack, shared)
        await whisper(one)
        yield one, await settle(stack, replace(shared, scene=other))


async def whisper(tenant: Tenant) -> None:
    """Put the word into payloads, facts, signals, memories, reasons, and the names of what is set up."""
    scene, boss, why = tenant.api.scene, tenant.doors["admin"], {"reason": CANARY}
    case = await scene.open(payload={"customer": CANARY, "memo": CANARY}, business_key=CANARY)
    await scene.board.put_facts(scene.people["worker"], case.id, [NewFact(key=CANARY, value=CANARY, source=CANARY)])
    await scene.hire(CANARY, CANARY)
    for method, path, body in (
        ("POST", "/v1/holds", {"kind": "entity", "name": f"account:{CANARY}", **why}),
        ("POST", "/v1/quotas", {"name": CANARY, "kind": "concurrency", "per": "tenant", "ceiling": "1000"}),
        ("PUT", f"/v1/schedules/{CANARY}", {"cron": "0 1 1 1 *", "new_case": {"workflow": "small", "payload": {"a": CANARY}}}),
        ("PUT", f"/v1/webhooks/{CANARY}", {"url": f"https://1.1.1.1/{CANARY}", "state": "paused", **why}),
        ("PUT", f"/v1/memory/{CANARY}", {"values": {"mood": CANARY}}),
        ("POST", f"/v1/cases/{case.id}/suspend", why),
        (
            "POST",
            "/v1/cases/batch",
            {"items": [{"workflow": "small", "payload": {"customer": CANARY}, "idempotency_key": CANARY}]},
        ),
    ):
        answer = await boss.request(method, path, json=body, headers=fresh_key())
        assert answer.is_success, (path, answer.text)


async def read(tenant: Tenant, role: str, ids: Ids | None = None) -> dict[str, str]:
    """Everything that a role can read, by route; the whole stream with it."""
    told = {}
    http = tenant.doors[role]
    for route in ALLOWED:
        if route.startswith("GET ") and not route.endswith("/stream"):
            path = (ids or tenant.ids).fill(example(route, REQUESTS)).split()[1]
            told[route] = (await http.get(path, headers={"Accept": "application/json"})).text
    told["GET /v1/events"] = ""
    after = "0"
    while True:
        page = (
            await http.get("/v1/events", params={"after": after, "limit": 1000}, headers={"Accept": "application/json"})
        ).json()
        if page["next"] == after:
            return told
        after, told["GET /v1/events"] = page["next"], told["GET /v1/events"] + json.dumps(page["events"])


@pytest.mark.item("I43", "I46")
async def test_nothing_of_one_tenant_is_in_what_another_can_read(
    two: tuple[Tenant, Tenant], tried: Tried, capfd: pytest.CaptureFixture[str], *, thorough: bool
) -> None:
    """No id and no word in any answer, metric, event or line of the log, for any role; while its own people read both."""
    one, other = two
    await one.api.scene.store.sequence_events()
    own = await read(one, "admin")
    secrets = {found for text in own.values() for found in UUID.findall(text)}
    capfd.readouterr()
    leaked, cells = [], 0
    for role in PEOPLE if thorough else ["admin", "auditor"]:
        for route, text in (await read(other, role)).items():
            cells += 1
            leaked += [(role, route, found) for found in {*UUID.findall(text)} & secrets]
            leaked += [(role, route, CANARY)] if CANARY in text.lower() else []
    tried(cells * len(secrets))

    assert (leaked, CANARY in "".join(capfd.readouterr()).lower()) == ([], False)
    assert len([route for route, text in own.items() if CANARY in text.lower()]) >= 8
    assert len(secrets) > 15


@pytest.mark.item("S8", "I43")
async def test_anothers_id_is_answered_as_one_that_does_not_exist(two: tuple[Tenant, Tenant], tried: Tried) -> None:
    """At every route that takes an id, the same status and the same body, but for the id and the request's own."""
    one, other = two
    http, told, cells = other.doors["admin"], {}, 0
    for route in ALLOWED:
        name = example(route, REQUESTS)
        text = f"{name} {json.dumps(REQUESTS.get(name))}"
        if "$" in text and "/sessions" not in route:
            cells += 1
            answers = [await answer_to(http, name, ids) for ids in (one.ids, NOWHERE)]
            if answers[0] != answers[1]:
                told[route] = answers
    tried(cells)

    assert told == {}


async def answer_to(http: httpx.AsyncClient, name: str, ids: Ids) -> tuple[int, str]:
    """Status and body of a request with these ids, with the ids and what is the request's own taken out."""
    method, path = ids.fill(name).split()
    body = json.loads(ids.fill(json.dumps(REQUESTS.get(name))))
    content = {} if body is None else {"json": body}
    answer = await http.request(method, path, headers=fresh_key(), **content)
    text = OWN.sub("", answer.text)
    for each in (*vars(ids).values(),):
        text = text.replace(each, "ID")
    return answer.status_code, text


@pytest.mark.item("S18")
async def test_anothers_keys_are_as_new(two: tuple[Tenant, Tenant], tried: Tried) -> None:
    """An idempotency key, a business key, a session, names of all kinds: what one tenant used says nothing to the other."""
    one, other = two
    key, session = {"Idempotency-Key": "the-very-same"}, "01a20000-0000-7000-8000-000000000001"
    new = {"workflow": "small", "payload": {"customer": "C-1"}, "business_key": CANARY}
    writes = (
        ("POST", "/v1/cases", {**new, "business_key": "the-very-same"}),
        ("POST", "/v1/sessions", {"session_id": session}),
        ("PUT", "/v1/memory/the-very-same", {"values": {"a": 1}}),
        ("PUT", "/v1/schedules/the-very-same", {"cron": "0 1 1 1 *", "new_case": new}),
        ("POST", "/v1/quotas", {"name": "the-very-same", "kind": "concurrency", "per": "tenant", "ceiling": "1000"}),
        ("POST", "/v1/holds", {"kind": "entity", "name": "account:same", "reason": "a test"}),
    )
    told = []
    for method, path, body in writes:
        pair = [await tenant.doors["admin"].request(method, path, json=body, headers=key) for tenant in (one, other)]
        told.append([(answer.status_code, "Idempotency-Replayed" in answer.headers) for answer in pair])
    tried(len(writes))

    assert [(second, first[0] < 300) for first, second in told] == [(first, True) for first, _ in told]
    assert not any(replayed for pair in told for _, replayed in pair)


@pytest.mark.item("S16", "I44")
async def test_a_tenant_left_on_a_connection_opens_nothing(two: tuple[Tenant, Tenant], tried: Tried) -> None:
    """The board's login reads no table and each verb enters its own tenant; a reader's connection comes back without one."""
    one, other = two
    store = await Store.open(other.api.scene.url, max_connections=1)
    try:
        await store._pool.fetchval("SELECT set_config('board.tenant', $1, false)", str(one.api.scene.tenant_id))
        cases = (await store.list_cases(other.api.scene.people["boss"], limit=1000)).cases
        left = await store._pool.fetchval("SELECT current_setting('board.tenant', true)")
    finally:
        await store.close()
    reads = one.api.service.reads._pool
    for _ in range(10):
        await reads.fetchval("SELECT set_config('board.tenant', $1, false)", str(one.api.scene.tenant_id))
    rows = [await reads.fetchval("SELECT count(*) FROM reading.case") for _ in range(10)]
    tried(len(cases) + len(rows))

    assert {str(case.id) for case in cases}.isdisjoint({one.ids.case, one.ids.made})
    assert (left, rows) == (str(one.api.scene.tenant_id), [0] * 10)
