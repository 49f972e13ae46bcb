"""The dashboard in a browser, as somebody sees it who looks at it for the first time."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.conftest import Databases
from tests.factories import make_scene
from tests.http.conftest import Api, serve
from tests.sql.reviews import begin

HOSTILE = "<img src=x onerror=alert(1)>\u202eevil\u2066 " + "long " * 30


@pytest.fixture(scope="module")
async def board(databases: Databases) -> AsyncIterator[Api]:
    """A board with reviews, for all of these tests."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        api = await stack.enter_async_context(serve(scene))
        await begin(scene)
        yield api


@pytest.fixture
async def wrongs(context: BrowserContext) -> list[str]:
    """What a page does that it may not: scripts that fail, breaches of the policy, requests to elsewhere."""
    found: list[str] = []
    context.on("weberror", lambda error: found.append(f"error: {error.error}"))
    context.on("console", lambda said: found.append(said.text) if "Security Policy" in said.text else None)
    context.on(
        "request", lambda asked: found.append(asked.url) if not asked.url.startswith(("http://127.0.0.1:", "blob:")) else None
    )
    return found


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A profile of its own."""
    made = await browser.new_context()
    yield made
    await made.close()


async def enter(context: BrowserContext, board: Api, who: str, view: str) -> Page:
    """A page on which somebody has signed in."""
    page = await context.new_page()
    await page.goto(f"{board.url}/ui/{view}")
    await page.get_by_label("Key").fill(board.scene.keys[who])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_test_id("lamp")).to_have_text("Live")
    return page


async def test_a_case_comes_moves_and_ends_while_one_looks(context: BrowserContext, board: Api, wrongs: list[str]) -> None:
    """Without a reload; two windows show the same; the key is nowhere in the page."""
    page = await enter(context, board, "auditor", "board?workflow=small")
    other = await context.new_page()
    await other.goto(f"{board.url}/ui/board?workflow=small")
    case = await board.scene.open(payload={"customer": HOSTILE})
    card = page.get_by_test_id("card").filter(has_text="<img src=x onerror")
    await expect(card).to_be_visible()
    [task] = await board.scene.claim()
    await expect(card).to_contain_text("worker")
    for window in (page, other):
        await expect(window.get_by_test_id("count-first")).to_have_text("1")
    await board.scene.decide(task, "reject")
    await expect(page.get_by_test_id("count-ended")).to_have_text("1")
    await expect(other.get_by_test_id("count-first")).to_have_text("0")
    kept: Any = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")

    assert (str(case.id) in await page.content(), board.scene.keys["auditor"] in kept + await page.content()) == (True, False)
    assert wrongs == []


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
async def test_a_person_decides_a_review(context: BrowserContext, board: Api, wrongs: list[str], by: str) -> None:
    """Takes it, sees the exact bytes, gives a reason, decides; the queue is empty then, and the case tells of it."""
    case, task = await begin(board.scene)
    page = await enter(context, board, "vera", f"reviews/{task}")
    if by == "mouse":
        await page.get_by_role("button", name="Take it").click()
        await page.get_by_label("Reason").fill("Customer called")
        await page.get_by_role("button", name="approve").click()
    else:
        await expect(page.get_by_role("button", name="Take it")).to_be_visible()
        await page.keyboard.press("c")
        await page.get_by_label("Reason").fill("Customer called")
        await page.get_by_label("Reason").press("Tab")
        await page.keyboard.press("1")
    await expect(page.get_by_text("Decided:")).to_be_visible()
    await page.goto(f"{board.url}/ui/cases/{case.id}")
    await expect(page.get_by_test_id("timeline")).to_contain_text(
        re.compile("vera decided approve.*customer called", re.DOTALL)
    )

    assert wrongs == []


async def test_who_may_not_decide_is_told_why(context: BrowserContext, board: Api) -> None:
    """Excluded from it, karl is offered no button."""
    _, task = await begin(board.scene)
    page = await enter(context, board, "karl", f"reviews/{task}")
    await expect(page.get_by_test_id("barred")).to_contain_text("may not decide")

    assert await page.get_by_role("button", name="Take it").count() == 0


async def test_a_wrong_key_is_refused_in_words(context: BrowserContext, board: Api) -> None:
    """And the field stays."""
    page = await context.new_page()
    await page.goto(f"{board.url}/ui")
    await page.get_by_label("Key").fill("bb_nonsense")
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_contain_text("key of this board")


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_WCAG = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
_WRONG = f"{_WCAG}.then((found) => found.violations.map((each) => `${{each.id}}: ${{each.nodes[0].html.slice(0, 200)}}`))"


async def test_everybody_can_use_every_view(context: BrowserContext, board: Api) -> None:
    """WCAG 2.2 AA as axe-core tells it, in both lights."""
    case, task = await begin(board.scene)
    page = await enter(context, board, "vera", "board")
    wrong: dict[tuple[str, str], list[str]] = {}
    for view in ("board", f"cases/{case.id}", f"reviews/{task}", "operations", "audit"):
        await page.goto(f"{board.url}/ui/{view}")
        await expect(page.locator("h1")).to_have_count(1)
        await page.evaluate(AXE)
        wrong[view, "light"] = await page.evaluate(_WRONG)
        await page.emulate_media(color_scheme="dark")
        wrong[view, "dark"] = await page.evaluate(_WRONG)
        await page.emulate_media(color_scheme="light")

    assert {view: found for view, found in wrong.items() if found} == {}
