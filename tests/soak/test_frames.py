"""What people put into cases does not get out of its frame: read by the rules of the WHATWG, each event is one message."""

import asyncio
import json

import httpx
import pytest

from tests.factories import Scene
from tests.http.conftest import Api, fresh_key, serve
from tests.soak.audit import Connection, broken_rules, shown_positions
from tests.soak.faults import Faults
from tests.soak.follower import Follower

HOSTILE = {
    "line ends": "a\r\rb\n\nc\r\n\r\nd\re",
    "a frame of its own": "x\n\nid: 9.999\nevent: bye\ndata: {}\nretry: 1\n\n",
    "a byte order mark": "\ufeffdata: {}\n\n\ufeff",
    "what other readers take for a line end": "a\u2028b\u2029c\x85d\x0be\x0cf\x1c\x1d\x1e",
    "no text at all": "\x01\x02\x1b[2J\x7f\u202e\ud7ff\U0010ffff",
    "a comment": ": nothing\n:\n",
}


async def test_hostile_text_stays_in_its_frame(scene: Scene, operator: Connection, faults: Faults) -> None:
    """In keys, payloads, reasons, evidence and facts; nothing is dispatched that did not happen, and the text is as it was."""
    async with serve(scene, heartbeat_s=0.2) as api, api.http("requester") as requester, api.http("worker") as worker:
        follower = Follower([api.url], scene.keys["auditor"], query="pace_ms=0")
        follower.keeps_messages = True
        follower.start()
        for text in HOSTILE.values():
            faults.fire("hostile text", await _write(requester, worker, text))
        truth = await _all_shown(operator, follower)
        beats = follower.cursor
        await follower.stop()

    events = [json.loads(message.data) for message in follower.messages if message.name == "message"]
    told = [json.dumps(event["data"], ensure_ascii=False) for event in events]
    assert ([event["position"] for event in events], {message.name for message in follower.messages}) == (
        truth,
        {"message", "ready"},
    )
    assert [message.id for message in follower.messages if message.name == "message"] == [f"1.{n}" for n in truth]
    for text in HOSTILE.values():
        assert sum(json.dumps(text, ensure_ascii=False) in data for data in told) >= 2, f"{text!r} is not told as it was"
    assert beats == f"1.{truth[-1]}"
    assert await broken_rules(operator) == []


async def test_on_the_wire_there_is_no_line_end_but_ours(api: Api, faults: Faults) -> None:
    """Every line is one that we wrote: a field that we know, or the end of a frame. No CR, no NUL, no mark at the beginning."""
    known = (b"id: ", b"data: {", b"event: ", b"retry: ")
    async with api.http("requester") as requester, api.http("worker") as worker, api.http("auditor") as auditor:
        for text in HOSTILE.values():
            faults.fire("hostile text", await _write(requester, worker, text))
        raw = b""
        async with auditor.stream("GET", "/v1/events?after=0&pace_ms=0") as answer:
            async with asyncio.timeout(10):
                async for chunk in answer.aiter_raw():
                    raw += chunk
                    if raw.count(b'"type":"task.decided"') == len(HOSTILE) and raw.endswith(b"\n\n"):
                        break

    assert (raw.startswith(b"\xef\xbb\xbf"), b"\r" in raw, b"\0" in raw) == (False, False, False)
    assert [line for line in raw.split(b"\n") if line and not line.startswith(known)] == []


@pytest.mark.parametrize("field", ["payload", "business_key"])
async def test_nul_is_refused_at_the_door(api: Api, faults: Faults, field: str) -> None:
    """No such text can come into the journal."""
    body = {"workflow": "small", "payload": {}, "business_key": "k"}
    body[field] = {"customer": "a\0b"} if field == "payload" else "a\0b"
    async with api.http("requester") as requester:
        answer = await requester.post("/v1/cases", json=body, headers=fresh_key())
    faults.fire("NUL")

    assert (answer.status_code, "NUL" in answer.json()["detail"]) == (400, True)


async def _write(requester: httpx.AsyncClient, worker: httpx.AsyncClient, text: str) -> int:
    """Say it wherever something can be said; how often it was taken."""
    new = {"workflow": "small", "payload": {"customer": text, text: text}}
    case = (await requester.post("/v1/cases", json=new, headers=fresh_key())).raise_for_status().json()["id"]
    key = await requester.post("/v1/cases", json={**new, "business_key": text}, headers=fresh_key())
    fact = {"items": [{"key": "said", "value": {text: text}}]}
    learnt = await requester.post(f"/v1/cases/{case}/facts", json=fact, headers=fresh_key())
    claims = (await worker.post("/v1/claims", json={"capabilities": ["first"]}, headers=fresh_key())).raise_for_status().json()
    task = claims["tasks"][0]
    decision = {"fence": task["fence"], "outcome": "approve", "reasons": ["because"], "result": {"said": text}}
    decided = await worker.post(f"/v1/tasks/{task['id']}/decision", json=decision, headers=fresh_key())
    assert (key.status_code in (201, 422), learnt.status_code, decided.status_code) == (True, 200, 200), (
        learnt.text,
        decided.text,
    )
    return 3 + key.is_success


async def _all_shown(operator: Connection, follower: Follower) -> list[int]:
    async with asyncio.timeout(20):
        while (truth := await shown_positions(operator)) != follower.positions or follower.cursor != f"1.{truth[-1]}":
            await asyncio.sleep(0.05)
    return truth
