"""The old request service: kept first, processed once, read back; and what it refuses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.http import desks
from tests.http.conftest import Api
from tests.http.operations import write

TRADE = {"client_id": "C-1001", "request_type": "trade_review", "payload": {"symbol": "ACME", "notional": 12000.5}}
RESULT = {"decision": "approved", "confidence": 0.9, "summary": "Within the limits."}
SCRIPT = {"validation": ("approve", None), "limits": ("approve", None), "approved": ("recorded", RESULT)}


@pytest.fixture(scope="module")
async def old(shared: Api) -> AsyncIterator[httpx.AsyncClient]:
    """An old client of a board whose desks are at work."""
    capabilities = await desks.load(shared.scene, "trade_review", "general_request", "onboarding", "research")
    async with desks.at_work(shared, capabilities, SCRIPT), shared.http() as http:
        yield http


async def received(http: httpx.AsyncClient, body: Any = None) -> int:
    """The id of a request that was just sent."""
    answer = await write(http, "/requests", body or TRADE)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["request_id"])


async def test_a_request_is_persisted_first_and_processed_second(old: httpx.AsyncClient) -> None:
    """`POST /requests` answers received; nothing is done about it before `POST /requests/{request_id}/process`."""
    request = await received(old)
    kept = (await old.get(f"/requests/{request}")).json()
    processed = await old.post(f"/requests/{request}/process")
    after = (await old.get(f"/requests/{request}")).json()

    assert kept["request"] | {"created_at": ""} == {
        "id": request,
        "client_id": "C-1001",
        "request_type": "trade_review",
        "payload": {"symbol": "ACME", "notional": "12000.5"},
        "status": "received",
        "created_at": "",
    }
    assert kept["latest_audit"] is None
    assert processed.json() == {"client_id": "C-1001", "request_type": "trade_review", **RESULT}
    assert (after["request"]["status"], after["latest_audit"]["action"]) == ("processed", "processed")
    assert after["latest_audit"]["result"] == processed.json()


async def test_a_request_processed_twice_in_parallel_is_processed_once(shared: Api, old: httpx.AsyncClient) -> None:
    """All of them get the one result, and so does who asks later."""
    request = await received(old)
    told = await asyncio.gather(*(old.post(f"/requests/{request}/process") for _ in range(5)))
    told.append(await old.post(f"/requests/{request}/process"))
    case = await shared.scene.board.find_number(shared.scene.people["requester"], request)

    assert [answer.json() for answer in told] == [told[0].json()] * 6
    assert [task.stage for task in case.tasks] == ["received", "validation", "limits", "approved"]


async def test_a_request_that_waits_for_people_says_where_to_look(old: httpx.AsyncClient) -> None:
    """Any other type is for people: 202, `Location`, and the status says so."""
    request = await received(old, {"client_id": "C-1", "request_type": "fee_waiver", "payload": {"share": 0.25, "amount": 12}})
    answer = await old.post(f"/requests/{request}/process")
    shown = (await old.get(answer.headers["Location"])).json()["request"]

    assert (answer.status_code, answer.headers["Location"], answer.json()["status"]) == (
        202,
        f"/requests/{request}",
        "manual_review",
    )
    assert (shown["request_type"], shown["payload"]) == ("fee_waiver", {"share": 0.25, "amount": "12"})
    assert shown["status"] == "manual_review"
