"""Every write of those who run the board and work on it: no 5xx whatever is sent."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any
from uuid import uuid4

import httpx
import pytest

from blackboard import workflow
from blackboard.rate_limit import RateLimit
from blackboard.requests import ClaimRequest, NewFact, NewQuota, NewSchedule, NewWebhook
from tests.conftest import Database, Databases
from tests.factories import TRANSFER, make_scene
from tests.http.conftest import Api, fresh_key, serve
from tests.http.operations import HOLD, LIMIT, POLICY, QUOTA, SCHEDULE, WEBHOOK, WHY, an_incident, write
from tests.sql import panels
from tests.sql.duties import DUTIES, ask, delegate, open_by
from tests.sql.reviews import begin, look, take


@dataclass
class Ids:
    """What the routes below speak of."""

    case: str
    task: str
    stuck: str
    seat: str
    review: str
    shown: str
    made: str
    leave: str
    delegation: str
    key: str

    def fill(self, text: str) -> str:
        """The text with ids in it."""
        for name, value in vars(self).items():
            text = text.replace(f"${name}", value)
        return text


ITEM = {"task_id": "$task", "fence": 1}

WRITES: dict[str, Any] = {
    "POST /v1/holds": HOLD,
    "POST /v1/holds/lift": {"kind": "entity", "name": "account:x", **WHY},
    "POST /v1/agents/rival/suspend": WHY,
    "POST /v1/agents/rival/resume": WHY,
    "POST /v1/agents": {"name": "temp", "owner": "agency", "kind": "agent", "role": "agent", "capabilities": ["first"]},
    "PATCH /v1/agents/rival": {"owner": "agency", "role": "agent", "capabilities": ["first", "second"], **WHY},
    "POST /v1/keys": {
        "agent": "worker",
        "verbs": ["claim tasks"],
        "workflows": ["small"],
        "capabilities": ["first"],
        "amount_max": "100.00",
        "currency": "EUR",
        "not_before": "2030-01-01T00:00:00Z",
        "expires_at": "2999-01-01T00:00:00Z",
        "note": "for June",
    },
    "POST /v1/keys/$key/rotate": {"overlap_s": 60},
    "DELETE /v1/keys/$key?reason=leak": None,
    "POST /v1/tasks/$stuck/redrive": WHY,
    "POST /v1/tasks/$stuck/resolve": {"outcome": "approve", **WHY},
    "POST /v1/tasks/$task/reject": {"fence": 1, **WHY},
    "POST /v1/tasks/$seat/opinion": {
        "fence": 1,
        "verdict": "refer",
        "reasons": ["unsure"],
        "score": 0.5,
        "confidence": 0.5,
        "evidence": ["a letter"],
        "reads": ["sanctions.hit@1"],
    },
    "POST /v1/tasks/$task/need": {"fence": 1, "fact": "income", **WHY},
    "POST /v1/tasks/$task/actions": {"fence": 1, "kind": "pay", "payload": {"amount": "1.00"}},
    "POST /v1/quotas": QUOTA,
    "DELETE /v1/quotas/wide": None,
    "PUT /v1/limits": LIMIT,
    "DELETE /v1/limits/wide": None,
    "PUT /v1/schedules/daily": SCHEDULE,
    "DELETE /v1/schedules/yearly": None,
    "PUT /v1/webhooks/crm": WEBHOOK,
    "DELETE /v1/webhooks/erp?reason=moved": None,
    "POST /v1/webhooks/erp/replay": {"after": "0", **WHY},
    "POST /v1/webhooks/erp/secret": WHY,
    "POST /v1/policies": {"policy": POLICY, **WHY},
    "POST /v1/policies/drafted/versions/1/activate": WHY,
    "POST /v1/policies/drafted/versions/2/retire": WHY,
    "POST /v1/reviews/$review/claim": None,
    "POST /v1/reviews/$review/decision": {"fence": 1, "outcome": "approve", "reasons": ["known"], "shown": "$shown"},
    "POST /v1/reviews/$review/return": {"fence": 1, **WHY},
    "POST /v1/reviews/$review/forward": {"fence": 1, "to": "author", **WHY},
    "POST /v1/reviews/$review/escalate": {"fence": 1, **WHY},
    "POST /v1/reviews/$review/ask": {"fence": 1, "fact": "income", "question": "How much?", "to": "first"},
    "POST /v1/delegations": {"to": "rival", "until": "2999-01-01T00:00:00Z", **WHY},
    "DELETE /v1/delegations/$delegation?reason=back": None,
    "POST /v1/customers/C-nobody/erase": WHY,
    "POST /v1/cases/$made/break-glass": {"agent": "requester", "duty": "checker", "minutes": 5, **WHY},
    "POST /v1/cases/$made/break-glass/$leave/approve": WHY,
    "POST /v1/cases/$made/break-glass/$leave/revoke": WHY,
    "PUT /v1/memory/C-1": {"values": {"mood": "calm"}},
    "POST /v1/cases/$case/suspend": WHY,
    "POST /v1/cases/$case/resume": WHY,
    "POST /v1/cases/$case/facts": {
        "items": [{"key": "a", "value": 1, "expect": 0, "confidence": 0.5, "source": "me"}],
        "task_id": "$task",
        "fence": 1,
    },
    "PUT /v1/cases/$case/facts/b": {
        "value": {"a": 1},
        "inputs": ["known@1"],
        "source_class": "external",
        "tool": "look-up",
        "model": "m-1",
        "prompt_digest": "0" * 64,
        "valid_from": "2030-01-01T00:00:00Z",
        "valid_until": "2031-01-01T00:00:00Z",
    },
    "POST /v1/cases/$case/facts/known/dispute": {"version": 1, **WHY},
    "POST /v1/cases/$case/facts/doubted/uphold": {"version": 1, **WHY},
    "POST /v1/cases/$case/facts/known/retract": {"version": 1, **WHY},
    "POST /v1/cases/$case/signals/letter": {"body": {"pages": 2}},
    "POST /v1/cases/batch": {
        "items": [{"workflow": "small", "payload": {"a": 1}, "priority": 1, "idempotency_key": "k", "business_key": "b"}]
    },
    "POST /v1/decisions": {"items": [{**ITEM, "outcome": "approve", "reasons": ["ok"], "confidence": 0.5, "result": {"a": 1}}]},
    "POST /v1/heartbeats": {"items": [{**ITEM, "lease_s": 60, "progress": {"a": 1}}]},
    "POST /v1/failures": {"items": [{**ITEM, **WHY, "retryable": True, "delay_s": 1}]},
    "POST /v1/releases": {"items": [{**ITEM, **WHY}]},
    "POST /v1/rejections": {"items": [{**ITEM, **WHY}]},
    "POST /v1/needs": {"items": [{**ITEM, **WHY, "fact": "income"}]},
    "POST /v1/transfers?wait_s=0": {"from_account_id": "CHK-001", "to_account_id": "SAV-002", "amount": "1.00", "memo": "m"},
    "POST /requests": {"client_id": "C-1", "request_type": "fee_waiver", "payload": {"amount": 1.5}},
    "POST /loans/apply": {"applicant_name": "Ada", "amount": "1.00", "term_months": 12},
    "POST /audit/recommendation?wait_s=0": {"client_id": "C-1", "event_type": "call", "payload": {"a": 1}},
}
# What the old services' writes open.
OLD = [workflow.load(TRANSFER.parent / f"{name}.yaml") for name in ("transfer", "general_request", "loan", "advice")]

BAD: list[Any] = [
    None,
    [],
    {},
    True,
    -1,
    0,
    2**31,
    2**63,
    10**30,
    1e308,
    1.5,
    "",
    "\0",
    "x\0",
    "x" * 10_000,
    "' --",
    "ü",
    [None],
    [[]],
]
ADDRESSES = ("%00", "x%00", "%ff", "..%2f..", "x" * 5000, "%20", "1", "%F0%9F%92%A9")
# In one of so many ways each place of a body is spoiled where not everything is asked for.
WAYS = 9

NOWHERE = Ids(**{**{each.name: str(uuid4()) for each in fields(Ids)}, "shown": "0" * 64, "key": "0" * 12})


@pytest.fixture
async def ids(api: Api, boss: httpx.AsyncClient) -> Ids:
    """A board with something of everything."""
    del boss
    return await furnish(api)


@pytest.fixture(scope="module")
async def rooms(shared: Api, shared_boss: httpx.AsyncClient) -> Ids:
    """One for all whose writes are refused: they leave it as it was."""
    del shared_boss
    return await furnish(shared)


@asynccontextmanager
async def furnished(database: Database) -> AsyncIterator[tuple[httpx.AsyncClient, Ids]]:
    """Another such board, and an operator's client to it."""
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serve(await make_scene(stack, database.url, database.app_url)))
        await api.scene.hire("boss", "first", "second", role="admin", kind="human")
        yield await stack.enter_async_context(api.http("boss")), await furnish(api)


async def furnish(api: Api) -> Ids:
    """Put something of everything on it: work in hand, an incident, a hold, a quota, a schedule, a webhook."""
    for definition in OLD:
        await api.scene.load(definition)
    stuck = await an_incident(api.scene)
    await api.scene.open()
    [task] = await api.scene.claim("boss")
    who = api.scene.people["boss"]
    await api.scene.board.place_hold(who, "entity", "account:x", "police")
    await api.scene.board.put_limit(who, RateLimit.model_validate(LIMIT))
    await api.scene.board.put_quota(who, NewQuota(name="wide", kind="concurrency", per="tenant", ceiling=1000))
    await api.scene.board.put_schedule(who, "yearly", NewSchedule.model_validate({**SCHEDULE, "cron": "0 0 1 1 *"}))
    await api.scene.board.put_webhook(who, "erp", NewWebhook.model_validate(WEBHOOK))
    author = await api.scene.hire("author", role="admin", kind="human")
    for n in (1, 2):
        await api.scene.store.save_policy(author, "drafted", {**POLICY, "name": "drafted"}, bytes([n]) * 32, "for a test")
    facts = [NewFact(key="known", value=1), NewFact(key="doubted", value=1)]
    await api.scene.board.put_facts(api.scene.people["worker"], task.case_id, facts)
    await api.scene.board.mark_fact(who, task.case_id, "doubted", 1, "disputed", "is it so?")
    await panels.ask(api.scene, stages=panels.PANEL.replace("affordability", "second"))
    [seat] = await api.scene.claim("boss", "second")
    _, review = await begin(api.scene, "owners: [boss], escalate_to: author")
    await take(api.scene, review, "boss")
    shown = (await look(api.scene, review, "boss")).shown
    await api.scene.load(workflow.parse(DUTIES))
    made = await open_by(api.scene, "requester")
    leave = await ask(api.scene, "author", made, "requester")
    delegation = await delegate(api.scene, "boss", "rival", until="2999-01-01T00:00:00Z")
    of_duties = (str(made.id), str(leave.id), str(delegation.id))
    key = (await api.scene.hire("leaver")).key_id
    return Ids(str(task.case_id), str(task.id), str(stuck.id), str(seat.id), str(review), shown, *of_duties, key)


def split(route: str, ids: Ids) -> tuple[str, str, Any]:
    """Method, path and body of a write."""
    method, path = ids.fill(route).split()
    return method, path, json.loads(ids.fill(json.dumps(WRITES[route])))


def spoiled(body: Any, ways: int = 1, place: int = 0) -> Iterator[Any]:
    """The body with one of its places spoiled, each in one of so many ways; `place` counts them, and the writes too."""
    yield from BAD[place % ways :: ways]
    members = list(body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else [])
    if isinstance(body, dict):
        yield {**body, "unknown": 1}
        yield from ({k: v for k, v in body.items() if k != name} for name in body)
        yield {**body, "\0": 1}
    for n, (name, value) in enumerate(members, start=1):
        for worse in spoiled(value, ways, place + n):
            copy = dict(body) if isinstance(body, dict) else list(body)
            copy[name] = worse
            yield copy


async def test_every_write_asks_for_an_idempotency_key(shared_boss: httpx.AsyncClient) -> None:
    """400 without one."""
    told = {}
    for route in WRITES:
        method, path, body = split(route, NOWHERE)
        answer = await shared_boss.request(method, path, json=body)
        told[route] = (answer.status_code, "Idempotency-Key" in answer.text)

    assert told == dict.fromkeys(WRITES, (400, True))


async def test_no_write_is_for_auditors(shared: Api, rooms: Ids) -> None:
    """They read, whatever they send."""
    async with shared.http("auditor") as http:
        told = {}
        for route in WRITES:
            method, path, body = split(route, rooms)
            told[route] = (await write(http, path, body, method)).status_code

    assert told == dict.fromkeys(WRITES, 403)


@pytest.mark.parametrize("who", ["requester", "worker", "auditor"])
async def test_only_operators_run_the_board(shared: Api, rooms: Ids, who: str) -> None:
    """403 that names who may."""
    ours = [route for route in WRITES if any(word in route for word in OPERATORS)]
    async with shared.http(who) as http:
        told = {}
        for route in ours:
            method, path, body = split(route, rooms)
            answer = await write(http, path, body, method)
            told[route] = (answer.status_code, "admin" in answer.text)

    assert told == dict.fromkeys(ours, (403, True))


OPERATORS = (
    "/holds",
    "/agents",
    "/keys",
    "/redrive",
    "/resolve",
    "/quotas",
    "/limits",
    "/schedules",
    "/webhooks",
    "/policies",
    "$leave/revoke",
    "$case/suspend",
    "$case/resume",
)


@pytest.mark.parametrize("part", range(3))
async def test_a_write_that_is_repeated_is_answered_as_before(databases: Databases, part: int) -> None:
    """Its first answer was lost on the way. Where an earlier write stands in the way, on a board that nobody has used."""
    todo = list(WRITES)[part::3]
    while todo:
        async with databases() as database, furnished(database) as (boss, ids):
            todo = todo[await repeat(boss, ids, todo) :]


async def repeat(boss: httpx.AsyncClient, ids: Ids, routes: list[str]) -> int:
    """How many of these writes in a row are answered as before; one that fails on a board that is new fails the test."""
    for done, route in enumerate(routes):
        first, second = await twice(boss, ids, route)
        if done and not first.is_success:
            return done
        assert first.is_success, (route, first.text)
        assert told_apart(second) == told_apart(first), route
    return len(routes)


async def twice(boss: httpx.AsyncClient, ids: Ids, route: str) -> list[httpx.Response]:
    """The answers to one write that is sent two times under one key."""
    method, path, body = split(route, ids)
    key = fresh_key()
    return [await boss.request(method, path, json=body, headers=key) for _ in range(2)]


def told_apart(answer: httpx.Response) -> object:
    """What must be the same in both; a bulk says of each case whether it was there, and a key is shown once."""
    said = answer.json()
    if answer.url.path.startswith("/v1/keys"):
        said.pop("key", None)
    return [item["id"] for item in said["items"]] if answer.url.path == "/v1/cases/batch" else (answer.status_code, said)


@pytest.mark.parametrize("part", range(4))
async def test_whatever_is_sent_the_board_does_not_fail(
    boss: httpx.AsyncClient, ids: Ids, part: int, *, thorough: bool
) -> None:
    """A defined answer to each, and nothing that says 5xx."""
    failed = []
    for n, route in enumerate(list(WRITES)[part::4]):
        method, path, body = split(route, ids)
        for worse in spoiled(body, 1 if thorough else WAYS, n):
            answer = await write(boss, path, worse, method)
            if answer.status_code >= 500:
                failed.append((route, answer.status_code, json.dumps(worse)[:150]))

    assert failed == []


async def test_a_proposal_is_refused_in_words(shared_boss: httpx.AsyncClient, rooms: Ids, *, thorough: bool) -> None:
    """Of a workflow that authorizes nothing, and of whatever is no proposal."""
    body = {
        "fence": 1,
        "kind": "pay",
        "payload": {"amount": "1.00", "to": {"a": 1}},
        "undoes": str(uuid4()),
        "expires_in_s": 60,
    }
    told = set()
    for worse in [body, {**body, "payload": {"amount": 1.5}}, *spoiled(body, 1 if thorough else WAYS)]:
        answer = await write(shared_boss, f"/v1/tasks/{rooms.task}/actions/propose", worse, "POST")
        told.add((answer.status_code, bool(answer.json()["detail"])))

    assert told <= {(status, True) for status in (400, 409, 422)}


async def test_a_write_that_is_no_json_is_refused(shared_boss: httpx.AsyncClient, rooms: Ids, *, thorough: bool) -> None:
    """Broken, not UTF-8, bottomless or not finite: 400. Another type of content: 415."""
    broken = [
        b'{"items":',
        b'{"a":"\xff"}',
        b"[" * 100_000,
        b'{"a":NaN}',
        b'{"a":1e400}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
    ]
    kinds = [("application/json", content, 400) for content in broken] + [("text/plain", b"a=1", 415)]
    ways, wrong = 1 if thorough else 3, {}
    for n, route in enumerate(WRITES):
        method, path, _ = split(route, rooms)
        for kind, content, status in kinds[n % ways :: ways]:
            headers = {"Content-Type": kind, **fresh_key()}
            answer = await shared_boss.request(method, path, content=content, headers=headers)
            if answer.status_code != status:
                wrong[route, content[:20]] = answer.status_code

    assert wrong == {}


async def test_whatever_the_address_the_board_does_not_fail(shared_boss: httpx.AsyncClient, *, thorough: bool) -> None:
    """A defined answer at each place of each path."""
    told, ways = {}, 1 if thorough else 4
    for n, route in enumerate(WRITES):
        method, path, body = split(route, NOWHERE)
        parts = path.split("/")
        for place in range(3, len(parts)):
            for worse in ADDRESSES[(n + place) % ways :: ways]:
                address = "/".join([*parts[:place], worse, *parts[place + 1 :]])
                told[f"{method} {address[:80]}"] = (await write(shared_boss, address, body, method)).status_code

    assert {route: status for route, status in told.items() if status >= 500} == {}


UNKNOWN = [
    *(f"POST /v1/reviews/$review/{verb}" for verb in ("claim", "decision", "return", "forward", "escalate", "ask")),
    *("POST /v1/tasks/$task/reject", "POST /v1/tasks/$task/need", "DELETE /v1/quotas/wide", "DELETE /v1/schedules/yearly"),
    "DELETE /v1/limits/wide",
    *("DELETE /v1/delegations/$delegation?reason=back", "POST /v1/cases/$made/break-glass"),
    *("POST /v1/cases/$made/break-glass/$leave/approve", "POST /v1/cases/$made/break-glass/$leave/revoke"),
    *("POST /v1/policies/drafted/versions/1/activate", "POST /v1/policies/drafted/versions/2/retire"),
    *("DELETE /v1/webhooks/erp?reason=moved", "POST /v1/webhooks/erp/replay", "POST /v1/webhooks/erp/secret"),
    *(f"POST /v1/cases/$case/{verb}" for verb in ("suspend", "resume", "facts", "signals/letter", "facts/known/retract")),
    *("PUT /v1/cases/$case/facts/b", "POST /v1/cases/$case/facts/known/dispute", "POST /v1/cases/$case/facts/doubted/uphold"),
]


async def test_what_nobody_knows_is_not_found(own_boss: httpx.AsyncClient) -> None:
    """Cases, tasks, quotas, schedules and webhooks that are not there."""
    told = {}
    for route in UNKNOWN:
        method, path, body = split(route, NOWHERE)
        told[route] = (await write(own_boss, path, body, method)).status_code

    assert told == dict.fromkeys(UNKNOWN, 404)


async def test_the_client_library_runs_the_board_too(own: Api, own_boss: httpx.AsyncClient) -> None:
    """Each of its verbs reaches its route."""
    task = await an_incident(own.scene)
    async with own.client("boss") as client:
        placed = await client.place_hold("capability", "first", "audit")
        holds = await client.list_holds()
        lifted = await client.lift_hold("capability", "first", "done")
        stuck = await client.list_incidents()
        redriven = await client.redrive_task(task.id, "again")
        load = await client.show_load()
        told = await client.explain_task(task.id)
        claimed = await client.claim(ClaimRequest(capabilities=["first"]))
    del own_boss

    assert [placed.verdict, lifted.verdict, redriven.verdict] == ["placed", "lifted", "redriven"]
    assert ([hold.name for hold in holds], [entry.task_id for entry in stuck]) == (["first"], [task.id])
    assert (load[0].ready, told.answer.endswith("."), len(claimed.tasks)) == (1, True, 1)
