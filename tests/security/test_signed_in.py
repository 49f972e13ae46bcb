"""What a browser is told with every answer, and what its login is worth while time goes by."""

import re
import time

import httpx
import pytest

from api.cookie import FRESH_S, IDLE_S, LOGIN_S
from api.deps import LOGIN_COOKIE
from api.headers import USUAL
from blackboard.requests import ReviewDecision
from tests.http.conftest import Api, fresh_key
from tests.security.table import Tried
from tests.sql.reviews import begin, look, take


def page_of(api: Api, who: str, signed_in_ago_s: int) -> httpx.AsyncClient:
    """A browser of somebody who showed the key so long ago, and has used the page since."""
    login = api.service.gate.issue_login(api.scene.people[who], int(time.time()) - signed_in_ago_s)
    return httpx.AsyncClient(base_url=api.url, headers={"Cookie": f"{LOGIN_COOKIE}={login}", "Origin": api.url})


def put_in_place(path: str) -> str:
    """An address that has all its parts."""
    return re.sub(r"\{(\w+)(:path)?\}", "00000000-0000-7000-8000-000000000000", path)


@pytest.mark.item("S46")
async def test_every_answer_has_its_security_headers(shared: Api, tried: Tried) -> None:
    """Of every route, however it is answered: unsigned, unknown, of the wrong method, too large, or a page."""
    paths = {put_in_place(path) for path in (await _schema(shared))["paths"]}
    lacking = {}
    async with shared.http(None) as http, shared.http("auditor") as auditor:
        answers = [await http.get(path) for path in sorted(paths)]
        answers += [await http.get(path) for path in ("/", "/ui/board", "/docs", "/nowhere", "/static/events.js", "/healthz")]
        answers += [await auditor.get("/v1/cases"), await auditor.request("PATCH", "/v1/cases")]
        answers.append(await auditor.post("/v1/cases", content=b"x" * 1_100_000))
    for answer in answers:
        lacking[answer.request.method, answer.request.url.path] = [name for name in USUAL if name not in answer.headers]
    tried(len(answers))

    assert {where: missing for where, missing in lacking.items() if missing} == {}
    assert [a.headers for a in answers if "access-control-allow-origin" in a.headers] == []
    assert [a.url.path for a in answers if "unsafe" in a.headers["Content-Security-Policy"]] == ["/docs"]


async def _schema(api: Api) -> dict[str, dict[str, object]]:
    async with api.http(None) as http:
        return dict((await http.get("/openapi.json")).json())


@pytest.mark.item("S47")
async def test_a_login_ends_when_it_is_idle_or_the_day_is_over(shared: Api) -> None:
    """Used, it goes on for half an hour, though never beyond the day; the time at which the key was shown stays."""
    async with page_of(shared, "requester", LOGIN_S - 60) as page:
        renewed = await page.post("/v1/login")
    cookie = renewed.headers["Set-Cookie"]
    said = shared.service.gate.read_login(cookie.partition("=")[2].partition(";")[0])
    async with page_of(shared, "requester", LOGIN_S + 1) as page:
        late = await page.get("/v1/me")
    fresh = shared.service.gate.read_login(shared.service.gate.issue_login(shared.scene.people["requester"]))

    assert f"Max-Age={IDLE_S}" in cookie
    assert (said.until - said.signed_in, fresh.until - fresh.signed_in) == (LOGIN_S, IDLE_S)
    assert (late.status_code, "sign in again" in late.json()["detail"]) == (401, True)


@pytest.mark.item("S47")
async def test_an_approval_asks_for_a_fresh_login(shared: Api) -> None:
    """A quarter of an hour after the key was shown it is asked for again; then the same decision is taken."""
    case, task = await begin(shared.scene)
    fence = (await take(shared.scene, task)).fence
    shown = (await look(shared.scene, task)).shown
    decision = ReviewDecision(fence=fence, outcome="approve", reasons=["customer_called"], shown=shown)
    body, path = decision.model_dump(mode="json", exclude_none=True), f"/v1/reviews/{task}/decision"
    async with page_of(shared, "vera", FRESH_S + 5) as page:
        refused = [
            await page.post(path, json=body, headers=fresh_key()),
            await page.post(f"/v1/tasks/{task}/decision", json=body | {"shown": shown}, headers=fresh_key()),
        ]
        still = await page.get(f"/v1/cases/{case.id}")
        page.headers["Authorization"] = f"Bearer {shared.scene.keys['vera']}"
        given = (await page.post("/v1/login")).headers["Set-Cookie"].partition(";")[0]
        del page.headers["Authorization"]
        page.headers["Cookie"] = given
        taken = await page.post(path, json=body, headers=fresh_key())

    assert [(answer.status_code, answer.json()["type"].rpartition(":")[2]) for answer in refused] == [
        (403, "sign-in-again")
    ] * 2
    assert (still.json()["stage"], taken.status_code, taken.json().get("verdict")) == ("check", 200, "decided")
