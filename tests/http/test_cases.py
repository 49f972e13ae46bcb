"""Cases over HTTP: opened once, refused clearly, read back true."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from blackboard import workflow
from tests.factories import PAYLOAD, TRANSFER
from tests.http.conftest import Api, fresh_key

OPEN = {"workflow": "small", "payload": {"customer": "C-1"}}


async def test_a_case_is_opened_and_found_again(own: Api) -> None:
    """201, where to find it, and a version tag."""
    async with own.http() as http:
        opened = await http.post("/v1/cases", json=OPEN, headers=fresh_key())
        found = await http.get(opened.headers["Location"])

    assert (opened.status_code, found.json()["id"], found.headers["ETag"]) == (201, opened.json()["id"], '"1"')


async def test_the_same_key_moves_nothing_twice(own: Api) -> None:
    """The second answer is the first, byte for byte, and says that it is one."""
    key = fresh_key()
    async with own.http() as http:
        first, second = [await http.post("/v1/cases", json=OPEN, headers=key) for _ in range(2)]
        page = (await http.get("/v1/cases")).json()

    assert (first.content, first.status_code) == (second.content, second.status_code)
    assert (second.headers["Idempotency-Replayed"], len(page["cases"])) == ("true", 1)


async def test_layout_does_not_matter_to_a_key_but_content_does(own: Api) -> None:
    """Members in another order are the same request; another value is 422."""
    key = {**fresh_key(), "Content-Type": "application/json"}
    async with own.http() as http:
        first = await http.post("/v1/cases", content=b'{"workflow":"small","payload":{"a":1,"b":2}}', headers=key)
        same = await http.post("/v1/cases", content=b'{ "payload" : {"b":2,"a":1}, "workflow":"small" }', headers=key)
        other = await http.post("/v1/cases", content=b'{"workflow":"small","payload":{"a":1,"b":3}}', headers=key)

    assert (same.json()["id"], other.status_code) == (first.json()["id"], 422)
    assert other.json()["type"] == "urn:blackboard:problem:idempotency-key-reused"


async def test_a_write_without_a_key_is_told_to_send_one(own: Api) -> None:
    """400, and nothing is opened."""
    async with own.http() as http:
        answer = await http.post("/v1/cases", json=OPEN)

    assert (answer.status_code, "Idempotency-Key" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("key", [None, "nonsense", "bb_aaaaaaaaaaaa_" + "A" * 43 + "_00000000", "é"])
async def test_whoever_has_no_good_key_is_told_how_to_get_one(shared: Api, key: str | None) -> None:
    """401 for every wrong key, with one and the same body."""
    headers = [(b"idempotency-key", b"k"), *([(b"authorization", f"Bearer {key}".encode())] if key else [])]
    async with shared.http(None) as http:
        answer = await http.post("/v1/cases", json=OPEN, headers=headers)

    assert (answer.status_code, "Bearer" in answer.json()["detail"]) == (401, True)


async def test_a_role_may_do_what_its_table_says(own: Api) -> None:
    """An auditor reads and opens nothing; a requester claims nothing."""
    async with own.http("auditor") as auditor, own.http("requester") as requester:
        opening = await auditor.post("/v1/cases", json=OPEN, headers=fresh_key())
        claiming = await requester.post("/v1/claims", json={"capabilities": ["first"]}, headers=fresh_key())
        reading = await auditor.get("/v1/cases")

    assert [opening.status_code, claiming.status_code, reading.status_code] == [403, 403, 200]


BAD_TRANSFERS: dict[str, Any] = {
    "negative": {**PAYLOAD, "amount": "-1.00"},
    "zero": {**PAYLOAD, "amount": "0.00"},
    "exponent": {**PAYLOAD, "amount": "1e3"},
    "nan text": {**PAYLOAD, "amount": "NaN"},
    "float": {**PAYLOAD, "amount": 250.0},
    "integer": {**PAYLOAD, "amount": 250},
    "three places": {**PAYLOAD, "amount": "1.005"},
    "newline": {**PAYLOAD, "amount": "1.00\n"},
    "arabic digits": {**PAYLOAD, "amount": "١٠"},
    "underscore": {**PAYLOAD, "amount": "1_000"},
    "missing amount": {k: v for k, v in PAYLOAD.items() if k != "amount"},
    "unknown field": {**PAYLOAD, "bonus": "1"},
    "bad account": {**PAYLOAD, "to_account": "../etc/passwd"},
    "long memo": {**PAYLOAD, "memo": "x" * 141},
    "null": {**PAYLOAD, "amount": None},
    "list": [],
}


@pytest.mark.parametrize("name", BAD_TRANSFERS)
async def test_a_bad_transfer_is_refused_field_by_field(shared: Api, name: str) -> None:
    """422 with the field and what it should look like; nothing is stored."""
    await shared.scene.load(workflow.load(TRANSFER))
    body = {"workflow": "transfer", "payload": BAD_TRANSFERS[name]}
    async with shared.http() as http:
        answer = await http.post("/v1/cases", json=body, headers=fresh_key())
        stored = (await http.get("/v1/cases")).json()["cases"]

    assert (answer.status_code, answer.headers["Content-Type"], stored) == (422, "application/problem+json", [])
    assert answer.json()["detail"].endswith(".")


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "broken": (b'{"workflow":', 400),
    "nan": (b'{"workflow":"small","payload":{"a":NaN}}', 400),
    "infinity": (b'{"workflow":"small","payload":{"a":Infinity}}', 400),
    "huge exponent": (b'{"workflow":"small","payload":{"a":1e400}}', 400),
    "nul": (b'{"workflow":"small","payload":{"a":"\\u0000"}}', 400),
    "nul in a name": (b'{"workflow":"small","payload":{"\\u0000":"a"}}', 400),
    "lone surrogate": (b'{"workflow":"small","payload":{"a":"\\ud800"}}', 400),
    "invalid utf-8": (b'{"workflow":"small","payload":{"a":"\xff"}}', 400),
    "deep": (b'{"workflow":"small","payload":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}", 400),
    "bottomless": (b"[" * 200_000, 400),
    "many members": (b'{"workflow":"small","payload":{"a":[' + b",".join([b"1"] * 60_000) + b"]}}", 400),
    "not an object": (b"[]", 422),
    "empty": (b"", 422),
    "unknown workflow": (b'{"workflow":"nope","payload":{}}', 404),
    "unknown field": (b'{"workflow":"small","payload":{},"tenant_id":2}', 422),
    "priority as float": (b'{"workflow":"small","payload":{},"priority":1.5}', 422),
    "priority too low": (b'{"workflow":"small","payload":{},"priority":10}', 422),
    "bad time": (b'{"workflow":"small","payload":{},"due_at":"tomorrow"}', 422),
    "far time": (b'{"workflow":"small","payload":{},"due_at":"9999-12-31T23:59:59Z"}', 201),
    "two megabytes": (b'{"workflow":"small","payload":{"a":"' + b"x" * 2_000_000 + b'"}}', 413),
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_body_gets_a_defined_answer(shared: Api, name: str) -> None:
    """A problem that says what to do; never a 5xx."""
    content, status = BAD_BODIES[name]
    async with shared.http() as http:
        answer = await http.post("/v1/cases", content=content, headers={**fresh_key(), "Content-Type": "application/json"})

    assert answer.status_code == status, answer.text
    assert status == 201 or (answer.headers["Content-Type"], bool(answer.json()["detail"])) == (
        "application/problem+json",
        True,
    )


@pytest.mark.parametrize(
    "path", ["/v1/cases/nonsense", "/v1/tasks/1", "/v1/cases?before=x", "/v1/cases?limit=0", "/v1/cases?subject=%00"]
)
async def test_a_bad_address_gets_a_defined_answer(shared: Api, path: str) -> None:
    """422 with the place."""
    async with shared.http() as http:
        answer = await http.get(path)

    assert answer.status_code == 422, answer.text


async def test_an_unknown_route_is_a_problem_too(own: Api) -> None:
    """404 and 405 in the same shape as everything else."""
    async with own.http() as http:
        missing, wrong = await http.get("/v2/nothing"), await http.patch("/v1/cases")

    assert [missing.status_code, wrong.status_code] == [404, 405]
    assert missing.json()["request_id"] == missing.headers["X-Request-Id"]


async def test_a_body_that_is_no_json_is_told_so(own: Api) -> None:
    """The usual slip with curl: a form."""
    async with own.http() as http:
        answer = await http.post("/v1/cases", data={"workflow": "small"}, headers=fresh_key())

    assert (answer.status_code, "Content-Type: application/json" in answer.json()["detail"]) == (415, True)


async def test_a_body_without_announced_length_is_counted(own: Api) -> None:
    """Chunked transfer does not get around the limit."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"workflow":"small","payload":{"a":"'
        for _ in range(40):
            yield b"x" * 50_000

    headers = {**fresh_key(), "Content-Type": "application/json"}
    async with own.http() as http:
        answer = await http.post("/v1/cases", content=chunks(), headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:blackboard:problem:too-large")


async def test_pages_follow_one_another_without_gap_or_repeat(own: Api) -> None:
    """`next` of one page is `before` of the following."""
    opened = [str((await own.scene.open()).id) for _ in range(5)]
    seen: list[str] = []
    async with own.http() as http:
        before: str | None = None
        while True:
            page = (await http.get("/v1/cases", params={"limit": 2, **({"before": before} if before else {})})).json()
            seen += [case["id"] for case in page["cases"]]
            before = page["next"]
            if before is None:
                break

    assert seen == sorted(opened, reverse=True)


async def test_waiting_answers_when_the_case_has_ended(own: Api) -> None:
    """No polling: the answer comes with the decision."""
    case = await own.scene.open()
    async with own.client("requester") as requester, own.client("worker") as worker:
        import asyncio

        from blackboard.requests import ClaimRequest, FencedDecision

        waiting = asyncio.create_task(requester.show_case(case.id, wait_s=20))
        [task] = (await worker.claim(ClaimRequest(capabilities=["first"]))).tasks
        await worker.decide(task.id, FencedDecision(fence=task.fence, outcome="reject", reasons=["because"]))

        ended = await waiting

    assert json.loads(ended.model_dump_json())["outcome"] == "rejected"
