"""Values that nobody else has, sent in everywhere: who may not see them finds them nowhere."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest
import structlog

from blackboard import logs
from blackboard.requests import FencedDecision, NewFact
from tests.http.conftest import Api, fresh_key
from tests.security.table import Tried

NAME = "Ottilie Canary {n:03}"
TOLD_TO_REQUESTERS = (
    *("/v1/cases", "/v1/cases/{case}", "/v1/cases/{case}/facts", "/v1/cases/{case}/facts/holder", "/v1/tasks/{task}"),
    *(
        "/v1/holds",
        "/v1/reviews?whose=all",
        "/v1/incidents",
        "/v1/delegations",
        "/v1/break-glass",
        "/v1/cases/{case}/break-glass",
    ),
)
REFUSED = ("/v1/cases/{case}/explain", "/v1/tasks/{task}/why", "/v1/reviews/{task}", "/v1/cases/{case}/evidence")
# Where a value of the wrong kind can stand: route, and the body around it.
WRONG: tuple[tuple[str, Any], ...] = (
    ("POST /v1/cases", {"workflow": "small", "payload": "$"}),
    ("POST /v1/cases", {"workflow": "$", "payload": {}}),
    ("POST /v1/cases", {"workflow": "small", "payload": {}, "priority": "$"}),
    ("POST /v1/cases", {"workflow": "small", "payload": {}, "due_at": "$"}),
    ("POST /v1/cases/batch", {"items": "$"}),
    ("PUT /v1/cases/{case}/facts/holder", {"value": {"name": "$"}, "confidence": "$"}),
    ("PUT /v1/cases/{case}/facts/holder", {"value": "$", "valid_from": "$"}),
    ("POST /v1/cases/{case}/facts", {"items": [{"key": "$", "value": "$"}]}),
    ("POST /v1/cases/{case}/facts/holder/dispute", {"version": "$", "reason": "$"}),
    ("POST /v1/cases/{case}/signals/papers", {"body": "$"}),
    ("POST /v1/cases/{case}/cancel", {"reason": ["$"]}),
    ("POST /v1/tasks/{task}/decision", {"fence": "$", "outcome": "approve"}),
    ("POST /v1/tasks/{task}/decision", {"fence": 99, "outcome": "approve", "reasons": ["x"], "evidence": ["$"], "result": "$"}),
    ("POST /v1/tasks/{task}/fail", {"fence": 99, "reason": "$"}),
    ("POST /v1/tasks/{task}/need", {"fence": 99, "fact": "$"}),
    ("POST /v1/tasks/{task}/actions", {"fence": 99, "kind": "$", "payload": {"memo": "$"}}),
    ("POST /v1/holds", {"kind": "$", "name": "x", "reason": "$"}),
    ("PUT /v1/schedules/daily", {"cron": "* * * * *", "zone": "UTC", "workflow": "small", "payload": "$"}),
    ("POST /v1/reviews/{task}/decision", {"fence": 1, "outcome": "$", "shown": "$"}),
    ("POST /v1/customers/$/erase", {"reason": ["$"]}),
)


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What is logged, as it is by default."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers, root.level
    logs.configure()
    root.handlers[0].stream = written  # type: ignore[attr-defined]  # a StreamHandler, as configure makes it
    yield written
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


async def opened(shared: Api, canary: str) -> dict[str, str]:
    """A case in which somebody has said the canary wherever one can."""
    scene = shared.scene
    case = await scene.open(payload={"customer": "C-1"})
    worker = scene.people["worker"]
    await scene.board.put_facts(worker, case.id, [NewFact(key="holder", value={"name": canary})])
    [task] = await scene.claim()
    decision = FencedDecision(
        fence=task.fence, outcome="reject", reasons=["canary_reason"], evidence=[canary], result={"name": canary}
    )
    await scene.board.decide(worker, task.id, decision)
    return {"case": str(case.id), "task": str(task.id)}


@pytest.mark.item("S44", "I46")
async def test_a_requester_reads_nothing_that_its_stream_masks(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried
) -> None:
    """Neither why something was decided nor what was found about the person; those who work on it read both."""
    canary = NAME.format(n=0)
    ids = await opened(shared, canary)
    hold = {"kind": "entity", "name": "account:CHK-777", "reason": canary}
    assert (await shared_boss.post("/v1/holds", json=hold, headers=fresh_key())).status_code == 200
    async with shared.http("requester") as requester:
        shown = {path: await requester.get(path.format(**ids)) for path in TOLD_TO_REQUESTERS}
        refused = [(await requester.get(path.format(**ids))).status_code for path in REFUSED]
    tried(len(shown) + len(refused))

    assert {path: answer.status_code for path, answer in shown.items() if answer.status_code != 200} == {}
    assert [path for path, answer in shown.items() if canary in answer.text or "canary_reason" in answer.text] == []
    assert refused == [403] * len(REFUSED)
    case = shown["/v1/cases/{case}"].json()
    assert {"evidence", "reasons", "result", "value"} <= set(case["masked"])
    seen = await shared_boss.get(f"/v1/cases/{ids['case']}")
    assert (canary in seen.text, seen.json()["masked"]) == (True, [])
    await shared_boss.post("/v1/holds/lift", json=hold, headers=fresh_key())


@pytest.mark.item("S44", "S45", "I46")
async def test_no_error_no_log_and_no_measure_repeats_a_value(
    shared: Api, shared_boss: httpx.AsyncClient, told: io.StringIO, thorough: bool, tried: Tried
) -> None:
    """However wrong the request is in which it came."""
    ids = await opened(shared, NAME.format(n=1))
    bodies, sent = [], 0
    for n in range(3 if not thorough else 10):
        for m, (route, body) in enumerate(WRONG):
            canary = NAME.format(n=10 + n * len(WRONG) + m)
            method, path = route.format(**ids).replace("$", canary).split(" ", 1)
            answer = await shared_boss.request(method, path, json=_filled(body, canary), headers=fresh_key())
            bodies += [(route, body, answer.text)] if "Canary" in answer.text else []
            assert 400 <= answer.status_code < 500, (route, body, answer.text)
            sent += 1
    tried(sent)
    measures = (await shared_boss.get("/metrics")).text
    async with asyncpg.create_pool(shared.scene.url, min_size=1, max_size=1) as pool:
        names = await pool.fetchval("SELECT string_agg(application_name, ' ') FROM pg_stat_activity")

    assert bodies == []
    assert ["Canary" in text for text in (told.getvalue(), measures, str(names))] == [False] * 3


def _filled(body: Any, canary: str) -> Any:
    """The body with the canary in its places."""
    if isinstance(body, dict):
        return {name: _filled(value, canary) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, canary) for value in body]
    return canary if body == "$" else body


@pytest.mark.item("S44")
def test_a_log_line_has_no_personal_member_and_no_whole_account(told: io.StringIO) -> None:
    """At any depth, by name; and by form wherever it stands, also in what was raised."""
    log = structlog.get_logger()
    log.warning(
        "refused", memo="for Ottilie", order={"to_account": "CHK-001", "stage": "risk"}, error="no DE75512108001245126199"
    )
    try:
        raise ValueError("card 4111 1111 1111 1111\nDETAIL:  Key (name)=(Ottilie) exists.")
    except ValueError:
        log.exception("failed", task="01a20086-5d4a-76b9-92ae-9a91cc7debf0")
    written = told.getvalue()

    assert [part for part in ("Ottilie", "CHK-001", "DE75512108", "4111 1111") if part in written] == []
    assert [part for part in ("risk", "…6199", "…1111", "01a20086-5d4a-76b9-92ae-9a91cc7debf0") if part not in written] == []
