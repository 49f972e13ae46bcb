"""Signing in: what a browser is given for a key, and what it is worth."""

import asyncpg
import httpx
import pytest

from api.deps import LOGIN_COOKIE
from tests.http.conftest import Api, fresh_key


async def sign_in(api: Api, who: str = "requester") -> str:
    """The cookie for somebody's key, as a browser sends it."""
    async with api.http(who) as http:
        answer = await http.post("/v1/login")
    assert (answer.status_code, answer.json()["agent"]) == (200, who)
    return f"{LOGIN_COOKIE}={answer.headers['Set-Cookie'].partition('=')[2].partition(';')[0]}"


def browser(api: Api, cookie: str, **headers: str) -> httpx.AsyncClient:
    """A browser that sends the cookie, and whatever else."""
    return httpx.AsyncClient(base_url=api.url, headers={"Cookie": cookie, **headers})


@pytest.mark.item("S47")
async def test_the_cookie_is_for_this_board_and_for_no_script(shared: Api) -> None:
    """Every attribute that a browser holds to, and half an hour of life after it was used last."""
    async with shared.http("requester") as http:
        given = (await http.post("/v1/login")).headers["Set-Cookie"]
        taken = (await http.delete("/v1/login")).headers["Set-Cookie"]

    attributes = {part.strip().lower() for part in given.split(";")[1:]}
    assert attributes == {"httponly", "max-age=1800", "path=/", "samesite=strict", "secure"}
    assert (given.startswith("__Host-"), "max-age=0" in taken.lower(), shared.scene.keys["requester"] in given) == (
        True,
        True,
        False,
    )


async def test_it_stands_for_the_key(shared: Api) -> None:
    """For reading, for the stream, and for writing from a page of the board's own."""
    cookie = await sign_in(shared)
    async with browser(shared, cookie, Origin=shared.url) as page:
        me = (await page.get("/v1/me")).json()
        opened = await page.post("/v1/cases", json={"workflow": "small", "payload": {"customer": "C-1"}}, headers=fresh_key())
        events = await page.get(
            "/v1/events", params={"after": 0, "case": opened.json()["id"]}, headers={"Accept": "application/json"}
        )

    assert (me["agent"], me["role"], "open a case" in me["may"], "run the board" in me["may"]) == (
        "requester",
        "requester",
        True,
        False,
    )
    assert (opened.status_code, opened.json()["opened_by"], events.status_code) == (201, "requester", 200)


@pytest.mark.item("S46")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_no_page_of_another_site_acts_with_it(shared: Api, origin: str) -> None:
    """403, and nothing is opened; a key in a header needs no origin, since no other site's page can send one."""
    cookie = await sign_in(shared)
    async with browser(shared, cookie, Origin=origin) as page:
        answer = await page.post("/v1/cases", json={"workflow": "small", "payload": {"customer": origin}}, headers=fresh_key())

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:blackboard:problem:not-permitted")


async def test_a_cookie_that_was_changed_opens_nothing(shared: Api) -> None:
    """Another key's id, more time, another seal, no seal, and words that are no cookie of ours."""
    name, _, text = (await sign_in(shared)).partition("=")
    key_id, since, until, salt, seal = text.split(".")
    other = (await sign_in(shared, "auditor")).partition("=")[2].split(".")[0]
    spoilt = (
        f"{other}.{since}.{until}.{salt}.{seal}",
        f"{key_id}.{int(since) + 1}.{until}.{salt}.{seal}",
        f"{key_id}.{since}.{int(until) + 1}.{salt}.{seal}",
        f"{key_id}.{since}.{until}.{salt}.{seal[:-1]}{'A' if seal[-1] != 'A' else 'B'}",
        f"{key_id}.{since}.{until}.{salt}.",
        "...",
        "x" * 2000,
    )
    told = []
    for each in spoilt:
        async with browser(shared, f"{name}={each}") as page:
            told.append((await page.get("/v1/me")).status_code)

    assert told == [401] * len(spoilt)


async def test_it_is_worth_nothing_when_the_key_is_revoked(api: Api, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A process that has not seen it before looks the key up."""
    cookie = await sign_in(api)
    await connection.execute("UPDATE board.api_key SET revoked_at = now()")
    async with browser(api, cookie) as page:
        answer = await page.get("/v1/me")

    assert (answer.status_code, "not valid any more" in answer.json()["detail"]) == (401, True)


async def test_every_view_is_one_page_that_may_run_and_reach_nothing_else(shared: Api) -> None:
    """Whatever its address; scripts and styles come from the board alone, and texts cannot become markup."""
    async with shared.http(None) as http:
        pages = [await http.get(path) for path in ("/", "/ui", "/ui/board", "/ui/cases/7?x=<script>")]

    assert {page.status_code for page in pages} == {200}
    assert len({page.content for page in pages}) == 1
    policy = pages[0].headers["Content-Security-Policy"]
    assert [word for word in ("unsafe", "http:", "https:", "*") if word in policy] == []
    assert (
        "default-src 'none'" in policy,
        "require-trusted-types-for 'script'" in policy,
        b"<script>" in pages[0].content,
    ) == (
        True,
        True,
        False,
    )
