"""What old clients get wrong: an answer that says what, at the status that they know, and nothing kept of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from blackboard import workflow
from tests.conftest import Databases
from tests.factories import TRANSFER, make_scene
from tests.http.conftest import Api, fresh_key, serve
from tests.http.operations import write

WORKFLOWS = ("transfer", "payment", "loan", "trade_review", "general_request", "client_context", "advice")
# Each write with what is right, and what its fields may not be.
AMOUNTS: list[Any] = [
    0,
    -1,
    "0",
    "-1.00",
    "0.001",
    1.999,
    "1e3",
    "NaN",
    "1,50",
    "٣",
    "",
    None,
    True,
    [],
    {},
    10**13,
    10**30,
    1e30,
]
TEXTS: list[Any] = ["", 1, None, True, [], {}, "x" * 300, "a\nb"]
WRITES: dict[str, tuple[dict[str, Any], dict[str, list[Any]]]] = {
    "/v1/transfers": (
        {"from_account_id": "CHK-001", "to_account_id": "SAV-002", "amount": "1.00"},
        {
            "amount": AMOUNTS,
            "from_account_id": [*TEXTS, "chk-001", "CHK-001'--"],
            "to_account_id": TEXTS,
            "currency": ["usd", "", "US", "DOLLAR", 1],
            "memo": ["x" * 141, 1],
            "session_id": ["", "x" * 65, 1],
        },
    ),
    "/agent/transfers": (
        {"task_id": "T-bad", "source_account": "CHK-001", "destination_account": "SAV-002", "amount": "1.00"},
        {
            "amount": AMOUNTS,
            "source_account": TEXTS,
            "destination_account": TEXTS,
            "task_id": ["", "x" * 65, 1, "a\nb"],
            "agent_name": ["", "x" * 101, 1],
            "currency": ["usd", 1],
        },
    ),
    "/requests": (
        {"client_id": "C-1001", "request_type": "trade_review", "payload": {"symbol": "ACME", "notional": "1.00"}},
        {
            "client_id": [*TEXTS, "x" * 65],
            "request_type": [*TEXTS, "x" * 65],
            "payload": [
                *(
                    "",
                    None,
                    [],
                    1,
                    {},
                    {"symbol": "ACME"},
                    {"symbol": "ACME", "notional": 0},
                    {"symbol": "ACME", "notional": "1", "a": 1},
                ),
                {"symbol": "ACME", "notional": "1.00", "client_id": "C-1002"},
            ],
        },
    ),
    "/loans/apply": (
        {"applicant_name": "Ada Brightwell", "amount": "6000.00"},
        {
            "amount": AMOUNTS,
            "applicant_name": ["", None, 1, [], "x" * 256, "a\nb"],
            "term_months": [0, -1, 1.5, "12", True, 10**30],
            "currency": ["usd", 1],
            "income_monthly": ["-1", "much", 0.001],
        },
    ),
    "/audit/recommendation": (
        {"client_id": "C-1001", "event_type": "portfolio_recommendation", "payload": {}},
        {"client_id": ["", None, [], 1.5, "x" * 65, "a b", -1], "event_type": [*TEXTS, "x" * 65], "payload": ["", None, [], 1]},
    ),
}


@pytest.fixture(scope="module")
async def board(databases: Databases) -> AsyncIterator[Api]:
    """A board with the workflows of the old services and nobody at work; of two tenants."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        await scene.hire("reviewer", "review", role="reviewer", kind="human")
        for name in WORKFLOWS:
            await scene.load(workflow.load(TRANSFER.parent / f"{name}.yaml"))
        scene.keys["stranger"] = (await make_scene(stack, database.url, database.app_url, tenant="other")).keys["requester"]
        yield await stack.enter_async_context(serve(scene))


@pytest.fixture
async def old(board: Api) -> AsyncIterator[httpx.AsyncClient]:
    """An old client."""
    async with board.http() as http:
        yield http


async def kept(board: Api) -> list[int]:
    """How much the board holds: cases, tasks, signals, answers."""
    counted = await board.scene.admin._value(
        "SELECT ARRAY[(SELECT count(*) FROM board.case), (SELECT count(*) FROM board.task),"
        " (SELECT count(*) FROM board.signal), (SELECT count(*) FROM board.idempotency)]"
    )
    return list(counted)


@pytest.mark.parametrize("path", WRITES)
async def test_what_a_field_may_not_be_is_refused_by_name(board: Api, old: httpx.AsyncClient, path: str) -> None:
    """422 with the field in it, for each wrong value, for each field that is left out and for one too many; nothing is kept."""
    right, wrong = WRITES[path]
    before = await kept(board)
    bad = [
        (field, {**right, field: value})
        for field, values in wrong.items()
        for value in values
        if not _may_lack(path, field, value)
    ]
    bad += [(field, {name: value for name, value in right.items() if name != field}) for field in right if field != "task_id"]
    bad += [("surprise", {**right, "surprise": 1})]
    told = {}
    for field, body in bad:
        answer = await old.post(f"{path}?wait_s=0" if path != "/loans/apply" else path, json=body, headers=fresh_key())
        told[f"{field} {str(body.get(field))[:40]}"] = (answer.status_code, _named(field, answer))

    assert told == dict.fromkeys(told, (422, True))
    assert await kept(board) == before


def _may_lack(path: str, field: str, value: Any) -> bool:
    """A field that need not be there may be null."""
    return value is None and field not in WRITES[path][0]


def _named(field: str, answer: httpx.Response) -> bool:
    """Whether the refusal says of the field, in the words of the old or of the new, that it is wrong."""
    detail = str(answer.json()["detail"])
    return field.removesuffix("_id") in detail or "amount" in detail


async def test_a_body_that_is_no_json_is_refused_everywhere(board: Api, old: httpx.AsyncClient) -> None:
    """400 for what is broken, not UTF-8, not finite or bottomless; 415 for another type; nothing is kept."""
    before = await kept(board)
    broken = [
        *(b'{"amount": NaN}', b'{"amount": -Infinity}', b'{"amount": 1e400}', b'{"amount": 1e-99999999999999999999}', b'{"a'),
        *(b'{"a": "\xff"}', b"[" * 100_000, b'{"a": "\\u0000"}', b'{"a": "\\ud800"}'),
    ]
    paths = [*WRITES, "/requests/1/process", "/loans/1/decision"]
    kinds = [("application/json", content) for content in broken] + [("text/plain", b"a=1")]
    told = {}
    for path in paths:
        answers = [
            await old.post(path, content=content, headers={"Content-Type": kind, **fresh_key()}) for kind, content in kinds
        ]
        told[path] = [answer.status_code for answer in answers]

    assert told == dict.fromkeys(paths, [400] * len(broken) + [415])
    assert await kept(board) == before


@pytest.mark.parametrize("number", ["0", "-1", "999999", "9223372036854775807", "9223372036854775808", "1" * 40])
async def test_a_number_that_nothing_has_is_not_found(old: httpx.AsyncClient, number: str) -> None:
    """404 where the old services said 200 with an error in it, or failed."""
    told = [
        await old.get(f"/requests/{number}"),
        await old.post(f"/requests/{number}/process"),
        await old.get(f"/loans/{number}"),
        await old.get(f"/agent/tasks/{number}"),
    ]

    assert [(answer.status_code, answer.json()["type"]) for answer in told] == [(404, "urn:blackboard:problem:not-found")] * 4


@pytest.mark.parametrize("number", ["x", "1.5", "%00", "%ff", "1e3", "null", "0x1", "%20", "x" * 5000, "%F0%9F%92%A9"])
async def test_whatever_stands_in_an_address_nothing_fails(old: httpx.AsyncClient, number: str) -> None:
    """404 or 422 with a sentence, for every kind of id."""
    told = [
        *[await old.get(path) for path in (f"/requests/{number}", f"/loans/{number}", f"/agent/tasks/{number}")],
        await old.get(f"/clients/{number}/context?wait_s=0"),
        await old.post(f"/requests/{number}/process"),
        await old.post(f"/loans/{number}/decision?approved=true&reason=known"),
    ]

    assert {answer.status_code for answer in told} <= {202, 403, 404, 422}
    assert {"detail" in answer.json() for answer in told if answer.status_code != 202} == {True}


async def test_a_number_of_another_kind_is_not_found(board: Api, old: httpx.AsyncClient) -> None:
    """A loan is no request, a request no loan."""
    loan = (await write(old, "/loans/apply", WRITES["/loans/apply"][0])).json()["application_id"]
    request = (await write(old, "/requests", WRITES["/requests"][0])).json()["request_id"]
    told = [
        await old.get(f"/requests/{loan}"),
        await old.post(f"/requests/{loan}/process"),
        await old.get(f"/loans/{request}"),
    ]
    async with board.http("reviewer") as person:
        told.append(await person.post(f"/loans/{request}/decision?approved=true&reason=known"))

    assert [answer.status_code for answer in told] == [404] * 4


async def test_what_another_tenant_has_is_not_found(board: Api, old: httpx.AsyncClient) -> None:
    """Numbers come from one sequence for all; they are found by whose they are."""
    loan = (await write(old, "/loans/apply", WRITES["/loans/apply"][0])).json()["application_id"]
    request = (await write(old, "/requests", WRITES["/requests"][0])).json()["request_id"]
    await old.post("/agent/transfers?wait_s=0", json={**WRITES["/agent/transfers"][0], "task_id": "T-ours"})
    async with board.http("stranger") as theirs:
        told = [
            await theirs.get(f"/loans/{loan}"),
            await theirs.get(f"/requests/{request}"),
            await theirs.post(f"/requests/{request}/process"),
            await theirs.get("/agent/tasks/T-ours"),
        ]

    assert [answer.status_code for answer in told] == [404] * 4


async def test_a_decision_that_nobody_can_take_changes_nothing(board: Api, old: httpx.AsyncClient) -> None:
    """409 before an application rests with a person and after it was withdrawn; 422 for what is no decision."""
    loan = (await write(old, "/loans/apply", WRITES["/loans/apply"][0])).json()["application_id"]
    case = await board.scene.board.find_number(board.scene.people["requester"], loan)
    no_decisions: list[Any] = [{}, [], {"approved": "true", "reason": "known"}, {"approved": False, "reason": "Rejected!"}]
    async with board.http("reviewer") as person:
        bad = [
            *[await person.post(f"/loans/{loan}/decision{query}") for query in ("", "?approved=true", "?reason=known")],
            *[await person.post(f"/loans/{loan}/decision?approved={word}&reason=known") for word in ("maybe", "", "2")],
            *[await person.post(f"/loans/{loan}/decision?approved=true&reason={word}") for word in ("", "x" * 501, "%00")],
            *[await person.post(f"/loans/{loan}/decision", json=body) for body in no_decisions],
            await person.post(f"/loans/{loan}/decision?approved=true&reason=known", json={"approved": True, "reason": "known"}),
        ]
        early = await person.post(f"/loans/{loan}/decision?approved=true&reason=known")
        await write(old, f"/v1/cases/{case.id}/cancel", {"reason": "changed my mind"})
        late = await person.post(f"/loans/{loan}/decision?approved=true&reason=known")

    assert [answer.status_code for answer in bad] == [422] * len(bad)
    assert [(answer.status_code, answer.json()["state"]) for answer in (early, late)] == [(409, "intake"), (409, "withdrawn")]


async def test_only_whoever_may_can_use_the_old_endpoints(board: Api) -> None:
    """401 without a key; an auditor reads and writes nothing; 400 where a write that is not once by nature has no key."""
    async with board.http(None) as nobody, board.http("auditor") as auditor, board.http() as old:
        strange = [await nobody.post(path, json=body, headers=fresh_key()) for path, (body, _) in WRITES.items()]
        reading = [await auditor.post(path, json=body, headers=fresh_key()) for path, (body, _) in WRITES.items()]
        keyless = [await old.post(path, json=body) for path, (body, _) in WRITES.items() if "task_id" not in body]

    assert {answer.status_code for answer in strange} == {401}
    assert {answer.status_code for answer in reading} == {403}
    assert {(answer.status_code, "Idempotency-Key" in answer.text) for answer in keyless} == {(400, True)}
