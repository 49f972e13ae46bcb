"""Who may do what, asked of every route by every role: what is not allowed is 403 and changes nothing."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from blackboard.config import ServiceSettings
from blackboard.states import TaskState
from tests.factories import PEPPER
from tests.http.conftest import Api, fresh_key
from tests.http.test_writes import NOWHERE, WRITES, Ids, furnish
from tests.security.access import ASKED, EXAMPLES, NEVER, SAID_BY_ADMINS, UNLISTED, example, fields, permitted
from tests.security.table import Tried

PEOPLE = {"admin": "boss", "agent": "worker", "auditor": "auditor", "requester": "requester", "reviewer": "eve"}
ALLOWED = permitted()
REQUESTS = {**WRITES, **EXAMPLES}


def application(**settings: Any) -> Any:
    """The application, not started."""
    return create_app(ServiceSettings(database_url=SecretStr("postgresql://x"), key_pepper=SecretStr(PEPPER.hex()), **settings))


DOCUMENT: dict[str, Any] = application().openapi()


@pytest.fixture(scope="module")
async def ids(shared: Api) -> Ids:
    """Something of everything, and somebody of every role."""
    await shared.scene.hire("boss", "first", "second", role="admin", kind="human")
    await shared.scene.hire("eve", "first", "second", role="reviewer", kind="human")
    return await furnish(shared)


@pytest.fixture(scope="module")
async def doors(shared: Api, ids: Ids) -> AsyncIterator[dict[str | None, httpx.AsyncClient]]:
    """A client for each role, and one without a key."""
    del ids
    async with AsyncExitStack() as stack:
        people: list[tuple[str | None, str | None]] = [*PEOPLE.items(), (None, None)]
        yield {role: await stack.enter_async_context(shared.http(who)) for role, who in people}


async def ask(http: httpx.AsyncClient, route: str, ids: Ids) -> int:
    """The status of a request of that route; of a stream no more than that is read."""
    told = example(route, REQUESTS)
    method, path = ids.fill(told).split()
    body = json.loads(ids.fill(json.dumps(REQUESTS.get(told))))
    accept = {"Accept": "application/json"} if path.startswith("/v1/events") else {}
    content = {} if body is None else {"json": body}
    async with http.stream(method, path, headers={**fresh_key(), **accept}, **content) as answer:
        return answer.status_code


async def deeds(shared: Api, who: set[str]) -> list[tuple[str, str]]:
    """What these people have done so far, by the journal."""
    await shared.scene.store.sequence_events()
    told = await shared.scene.store.read_journal(0, 100_000)
    return [(event.type, event.actor) for event in told if event.actor in who]


def routes(document: dict[str, Any]) -> Iterator[str]:
    """Every route of a document."""
    for path, methods in document["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods)


@pytest.mark.item("S14", "S10")
def test_every_route_is_in_the_reviewed_list(tried: Tried) -> None:
    """And nothing is in the list that is not there."""
    tried(len(ALLOWED))

    assert set(routes(DOCUMENT)) == set(ALLOWED)


@pytest.mark.item("S14")
def test_what_the_document_does_not_tell_of_is_reviewed_too(tried: Tried) -> None:
    """Pages, files and what describes the API; no route for debugging."""
    listed = set(ALLOWED)
    unlisted = {" ".join(line.split()) for line in UNLISTED.strip().splitlines()}
    tried(len(unlisted))

    assert {each for each in answered(application().routes) if each not in listed} - unlisted == set()


def answered(found: list[Any]) -> Iterator[str]:
    """Method and path of every route, those of included routers too."""
    for route in found:
        if hasattr(route, "original_router"):
            yield from answered(route.original_router.routes)
        else:
            path = route.path if hasattr(route, "path") else ""
            # Some ids have slashes in them; HEAD comes along with GET where the framework adds it.
            yield from (f"{method} {path.replace(':path}', '}')}" for method in route.methods if added(route, method))


def added(route: Any, method: str) -> bool:
    """Whether a method of a route is there because somebody wrote it."""
    return method != "HEAD" or "GET" not in route.methods


@pytest.mark.item("S14")
def test_what_describes_the_api_can_be_switched_off() -> None:
    """In production: no page, no document."""
    told = set(answered(application(docs=False).routes))

    assert {each for each in told if "docs" in each or "openapi" in each or "asyncapi" in each} == set()


@pytest.mark.item("S4", "S10", "I45")
async def test_who_may_not_is_refused_and_changes_nothing(
    shared: Api, ids: Ids, doors: dict[str | None, httpx.AsyncClient], tried: Tried, *, thorough: bool
) -> None:
    """Every role at every route that is not for it: 403, and 401 without a key, on real ids, in whatever state the case is."""
    kinds = [ids, *(await elsewhere(shared, ids) if thorough else [])]
    before = await deeds(shared, set(PEOPLE.values()))
    told = {}
    for route, role, kind in product(ALLOWED, doors, kinds):
        roles = ALLOWED[route]
        if roles is not None and role not in roles:
            told[route, role, kind.case] = await ask(doors[role], route, kind)
    tried(len(told))

    assert {cell: status for cell, status in told.items() if status != (403 if cell[1] else 401)} == {}
    assert await deeds(shared, set(PEOPLE.values())) == before


async def elsewhere(shared: Api, ids: Ids) -> list[Ids]:
    """The same ids with cases that rest, that were withdrawn, and that have ended."""
    scene, boss = shared.scene, shared.scene.people["boss"]
    resting, gone, over = [await scene.open() for _ in range(3)]
    await scene.board.suspend_case(boss, resting.id, "a test")
    await scene.board.cancel_case(boss, gone.id, "a test")
    while (await scene.board.show_case(boss, over.id)).closed_at is None:
        for task in await scene.claim(limit=10):
            await scene.decide(task, "reject" if task.stage == "first" else "done")
    found = []
    for case in (resting, gone, over):
        newest = (await scene.board.show_case(boss, case.id)).tasks[0]
        found.append(replace(ids, case=str(case.id), task=str(newest.id)))
    return found


@pytest.mark.item("S4", "S10", "I45")
async def test_who_may_is_let_in(doors: dict[str | None, httpx.AsyncClient], tried: Tried, *, thorough: bool) -> None:
    """Every role at every route that is for it: neither 401 nor 403, nor 5xx; what it asks about is not there."""
    told = {}
    for n, route in enumerate(ALLOWED):
        roles: list[str | None] = [*sorted(ALLOWED[route] or ())] or [None]
        # Without much time a role at each route, another one each time.
        for role in roles if thorough else roles[n % len(roles) :][:1]:
            told[route, role] = await ask(doors[role], route, NOWHERE)
    tried(len(told))

    assert {cell: status for cell, status in told.items() if status in (401, 403) or status >= 500} == {}


HELD = (
    *("heartbeat", "decision", "fail", "release", "reject", "need", "actions", "actions/propose"),
    *("actions/{action_id}/settlement", "opinion"),
)


@pytest.mark.item("S4", "S23", "I45")
async def test_what_one_holds_another_cannot_touch(
    shared: Api, ids: Ids, doors: dict[str | None, httpx.AsyncClient], tried: Tried
) -> None:
    """Of the right role and with the right fence: a claim is its holder's alone, be it a task, a seat or a review."""
    before = await holders(shared, ids)
    told: dict[tuple[str, str], int] = {}
    for who, verb in product(("agent", "reviewer"), HELD):
        told[who, verb] = await ask(doors[who], f"POST /v1/tasks/{{task_id}}/{verb}", ids)
    for who, verb in product(("agent", "reviewer"), ("decision", "return", "forward", "escalate", "ask")):
        told[who, f"review {verb}"] = await ask(doors[who], f"POST /v1/reviews/{{task_id}}/{verb}", ids)
    tried(len(told))

    assert {cell: status for cell, status in told.items() if status not in (403, 404, 409)} == {}
    assert await holders(shared, ids) == before


async def holders(shared: Api, ids: Ids) -> list[tuple[TaskState, int, str | None]]:
    """How it stands with a task, a seat and a review."""
    board, boss = shared.scene.board, shared.scene.people["boss"]
    tasks = [await board.show_task(boss, UUID(each)) for each in (ids.task, ids.seat, ids.review)]
    return [(task.state, task.fence, task.holder.agent if task.holder else None) for task in tasks]


@pytest.mark.item("S9")
def test_every_field_of_every_body_is_in_the_reviewed_list(tried: Tried) -> None:
    """None is the board's own to decide, and what is not in the list is refused by every model."""
    models = dict(bodies(DOCUMENT))
    found = {plain(name): set(model["properties"]) for name, model in models.items()}
    tried(sum(map(len, found.values())))

    assert found == fields()
    assert [name for name, model in models.items() if model.get("additionalProperties") is not False] == []
    assert [
        (name, field)
        for name, names in found.items()
        for field in NEVER
        if field in names and (name, field) not in SAID_BY_ADMINS
    ] == []


def plain(name: str) -> str:
    """A model's name without what tells it from another of that name."""
    return name.rpartition("__")[2].removesuffix("-Input")


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every model that a body can consist of."""
    models = document["components"]["schemas"]
    todo = [each["requestBody"] for methods in document["paths"].values() for each in methods.values() if "requestBody" in each]
    seen: set[str] = set()
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                todo.append(models[name])
                yield name, models[name]
            todo.extend(part.values())
        elif isinstance(part, list):
            todo.extend(part)


@pytest.mark.item("S9")
async def test_nobody_writes_what_is_not_his_to_write(
    ids: Ids, doors: dict[str | None, httpx.AsyncClient], tried: Tried, *, thorough: bool
) -> None:
    """A field that the board decides, in any body: refused, by whoever may use the route."""
    boss, told = doors["admin"], {}
    for route in ALLOWED:
        name = example(route, REQUESTS)
        if REQUESTS.get(name):
            method, path = ids.fill(name).split()
            body = json.loads(ids.fill(json.dumps(REQUESTS[name])))
            for field in (*NEVER, "fence", "state", "version") if thorough else ("tenant_id",):
                if field not in body and (route, field) not in ASKED:
                    more = {**body, field: 2}
                    answer = await boss.request(method, path, json=more, headers=fresh_key())
                    told[route, field] = answer.status_code
    tried(len(told))

    assert {cell: status for cell, status in told.items() if status not in (400, 422)} == {}
