"""The dashboard in a browser, as somebody sees it who looks at it for the first time."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from api.cookie import FRESH_S
from api.deps import LOGIN_COOKIE
from blackboard import workflow
from blackboard.requests import NewFact
from tests.conftest import Databases
from tests.factories import Scene, make_scene
from tests.http.conftest import Api, serve
from tests.process import ApiProcess
from tests.security.table import Tried
from tests.sql.reviews import begin, take
from tests.sql.tasks import task_of

# What is typed to hide or turn text: no page may hold it as it is.
UNSEEN = re.compile("[\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f]")
PAYING = """
name: paying
title: What a person decides before money leaves
subject: customer
payload:
  type: object
  properties: {customer: {type: string}, amount: {type: string}, currency: {type: string}, memo: {type: string}}
actions: {payment: {fields: [customer, amount, currency, memo]}}
stages:
  check:
    capability: desk
    review: {due_in_s: 600}
    outcomes: {approve: {to: act, authorizes: payment}, reject: {end: rejected}}
  act: {capability: first, outcomes: {done: {end: executed}, void: {to: check}}}
"""
NAMES = (
    "<img src=x onerror=alert(1)><h1>9 000 000.00</h1>",
    "\u202e00.1 RUE\u2066 evil\u2069 \u200b\u200f",
    "W" * 2000,
    "long " * 300,
    "Z\u0351\u0352\u0353" * 40,
    "line\nline\r\nline\ttab",
    "\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627 1234.00 EUR",
    "__proto__ constructor ${7*7} {{7*7}}",
)
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


async def enter(context: BrowserContext, board: Api | ApiProcess, who: str, view: str) -> Page:
    """A page on which somebody has signed in."""
    page = await context.new_page()
    await page.goto(f"{board.url}/ui/{view}")
    await page.get_by_label("Key").fill(board.scene.keys[who])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_test_id("lamp")).to_have_text("Live")
    return page


async def test_a_case_comes_moves_and_ends_while_one_looks(
    context: BrowserContext, board: Api, wrongs: list[str], record_property: Callable[[str, object], None]
) -> None:
    """Without a reload; two windows show the same; the key is nowhere in the page. How soon it is seen is noted."""
    page = await enter(context, board, "auditor", "board?workflow=small")
    other = await context.new_page()
    await other.goto(f"{board.url}/ui/board?workflow=small")
    await expect(other.get_by_test_id("lamp")).to_have_text("Live")
    await page.evaluate("window.before = true")
    case = await board.scene.open(payload={"customer": HOSTILE})
    began = time.perf_counter()
    card = page.get_by_test_id("card").filter(has_text="<img src=x onerror")
    await card.wait_for()
    record_property("seen_after_ms", round((time.perf_counter() - began) * 1000))
    [task] = await board.scene.claim()
    await expect(card).to_contain_text("worker")
    for window in (page, other):
        await expect(window.get_by_test_id("count-first")).to_have_text("1")
    await board.scene.decide(task, "reject")
    await expect(page.get_by_test_id("count-ended")).to_have_text("1")
    await expect(other.get_by_test_id("count-first")).to_have_text("0")
    kept: Any = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")

    assert (str(case.id) in await page.content(), board.scene.keys["auditor"] in kept + await page.content()) == (True, False)
    assert (await page.evaluate("window.before"), wrongs) == (True, [])


async def test_who_holds_it_is_shown_to_who_comes_later(context: BrowserContext, board: Api) -> None:
    """A page opened after the claim reads who holds the case; filters stand in its address, its light in the browser."""
    await board.scene.open(payload={"customer": "C-77", "amount": "1234567.5", "currency": "EUR"})
    [task] = await board.scene.claim()
    page = await enter(context, board, "auditor", "board?workflow=small&only=held&search=C-77")
    await expect(page.get_by_test_id("card")).to_contain_text(re.compile("1.234.567\\.50.EUR.*worker.*0:", re.DOTALL))
    await page.get_by_label("Light").select_option("dark")
    await page.reload()
    await expect(page.get_by_label("Light")).to_have_value("dark")
    await page.get_by_label("Which cases").select_option("waiting")
    await expect(page.get_by_text("No case matches")).to_be_visible()
    await board.scene.decide(task, "reject")

    assert "only=waiting" in page.url


async def test_what_was_known_then_is_shown(context: BrowserContext, board: Api, wrongs: list[str]) -> None:
    """When somebody decided: the version that there was, and not the one that came after it."""
    case = await board.scene.open(payload={"customer": "C-78"})
    worker = board.scene.people["worker"]
    for income in (2111, 2999):
        [task] = await board.scene.claim()
        await board.scene.board.put_facts(worker, case.id, [NewFact(key="income", value=income)])
        await board.scene.decide(task, "approve" if income == 2111 else "done")
    page = await enter(context, board, "auditor", f"cases/{case.id}")
    facts = page.get_by_test_id("facts")
    await expect(facts).to_contain_text("2999")
    await page.get_by_label("As of").select_option(label="when worker decided approve at first")
    await expect(facts).to_contain_text("2111")

    assert (await facts.text_content() or "").count("2999") == 0
    assert wrongs == []


async def test_only_the_cards_in_sight_are_in_the_page(context: BrowserContext, board: Api) -> None:
    """Of seven hundred; the column counts all, and its end is reached by scrolling."""
    await board.scene.store.open_cases(board.scene.people["requester"], [{"workflow": "small", "payload": {}}] * 700)
    page = await enter(context, board, "auditor", "board?workflow=small")
    await expect(page.get_by_test_id("count-first")).to_have_text("700")
    seen = await page.get_by_test_id("card").count()
    lane = page.get_by_label("first", exact=True).locator(".lane")
    await lane.evaluate("(lane) => { lane.scrollTop = lane.scrollHeight }")
    await expect(page.locator(".card").last).to_be_in_viewport()
    for task in await board.scene.claim(limit=100):
        await board.scene.decide(task, "reject")
    await expect(page.get_by_test_id("count-first")).to_have_text("600")

    assert 0 < seen < 60
    assert 0 < await page.get_by_test_id("card").count() < 60


async def test_the_page_comes_back_after_the_board_was_killed(context: BrowserContext, scene: Scene, tmp_path: Path) -> None:
    """It says that it is offline and since when, then shows what happened meanwhile, without a reload."""
    process = ApiProcess(scene, tmp_path / "api.log")
    await process.start()
    try:
        page = await enter(context, process, "auditor", "board?workflow=small")
        await page.evaluate("window.before = true")
        process.kill()
        await expect(page.get_by_test_id("lamp")).to_have_text(re.compile(r"Offline since \d\d:\d\d"))
        await scene.open(payload={"customer": "MEANWHILE"})
        await process.start()
        await expect(page.get_by_test_id("card")).to_contain_text("MEANWHILE", timeout=30_000)
        await expect(page.get_by_test_id("lamp")).to_have_text("Live", timeout=30_000)

        assert await page.evaluate("window.before") is True
    finally:
        process.kill()


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


async def test_on_a_narrow_screen_the_case_that_there_is_is_in_sight(context: BrowserContext, board: Api) -> None:
    """However many workflows and stages come before it: its tab and its column are brought in, and can be moved."""
    stages = "".join(f"  s{n}: {{capability: c{n}, outcomes: {{done: {{to: s{n + 1}}}}}}}\n" for n in range(8))
    ends = "  s8: {capability: c8, outcomes: {done: {end: ended}}}\n"
    for name in ("winding", *(f"aside-{n}" for n in range(8))):
        head = f"name: {name}\ntitle: Long\npayload: {{type: object}}\nstages:\n"
        await board.scene.load(workflow.parse(head + stages + ends))
    await board.scene.hire("pusher", *(f"c{n}" for n in range(4)))
    case = await board.scene.open("winding")
    for n in range(4):
        [task] = await board.scene.claim("pusher", f"c{n}")
        await board.scene.decide(task, "done", "pusher")
    page = await enter(context, board, "vera", f"board?workflow=winding&order=age#{case.id}")
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.reload()

    await expect(page.get_by_test_id("card")).to_be_in_viewport()
    await expect(page.locator(".tabs [aria-current=true]")).to_be_in_viewport()


@pytest.mark.item("S28")
async def test_no_name_moves_a_label_or_an_amount(
    context: BrowserContext, board: Api, wrongs: list[str], tried: Tried, *, thorough: bool
) -> None:
    """Markup, text that turns round, marks that stack, words without end: on every view all stands where it stood before."""
    names = NAMES if thorough else NAMES[:2]
    tried(len(names))
    await board.scene.load(workflow.parse(PAYING))
    page = await enter(context, board, "vera", "board")
    places = {}
    for name in ("C-1", *names):
        payload = {"customer": name, "amount": "9000.00", "currency": "EUR", "memo": name}
        case = await board.scene.open("paying", payload)
        task = await task_of(board.scene, case)
        await page.goto(f"{board.url}/ui/board?workflow=paying&search={case.id}")
        await expect(page.get_by_test_id("card")).to_have_count(1)
        on_board = await page.locator(".card .amount").bounding_box()
        await page.goto(f"{board.url}/ui/reviews/{task}")
        await expect(page.locator(".screen dd").first).to_be_visible()
        in_review = await page.locator(".casehead .amount").bounding_box()
        told = await page.locator(".screen .pairs").first.inner_text()
        await expect(page.locator(".screen").get_by_text("digest agrees")).to_be_visible()
        assert ("9000.00" in told, "9\u202f000.00\u00a0EUR" in await page.locator(".casehead").inner_text()) == (True, True)
        assert UNSEEN.search(await page.inner_text("main")) is None
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        places[name] = (on_board, in_review and (in_review["x"], in_review["y"]))
    for view in (f"cases/{case.id}", "audit?type=case.opened", "operations", f"board?search={HOSTILE[:20]}"):
        await page.goto(f"{board.url}/ui/{view}")
        await expect(page.get_by_test_id("lamp")).to_have_text("Live")
        await expect(page.locator("h1")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert UNSEEN.search(await page.inner_text("main")) is None

    assert [name for name, place in places.items() if place != places["C-1"]] == []
    assert wrongs == []


@pytest.mark.item("S47")
async def test_an_old_login_shows_its_key_again_before_it_approves(context: BrowserContext, board: Api) -> None:
    """The page asks for it, sends the same decision once more, and stays where it is."""
    _, task = await begin(board.scene)
    await take(board.scene, task)
    login = board.service.gate.issue_login(board.scene.people["vera"], int(time.time()) - FRESH_S - 60)
    page = await enter(context, board, "vera", f"reviews/{task}")
    await context.add_cookies(
        [
            {"name": LOGIN_COOKIE, "value": login, "domain": "127.0.0.1", "path": "/"}
            | {"secure": True, "httpOnly": True, "sameSite": "Strict"}  # type: ignore[list-item]  # a TypedDict, in two parts
        ]
    )
    await page.get_by_label("Reason").fill("customer_called")
    await page.get_by_role("button", name="approve").click()
    await page.get_by_role("dialog").get_by_label("Key").fill(board.scene.keys["vera"])
    await page.get_by_role("button", name="Go on").click()

    await expect(page.get_by_text("Decided:")).to_be_visible()


@pytest.mark.item("S47")
async def test_a_page_that_nobody_uses_signs_out(context: BrowserContext, board: Api) -> None:
    """After half an hour, and says why."""
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{board.url}/ui/audit")
    await page.get_by_label("Key").fill(board.scene.keys["auditor"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_test_id("journal")).to_be_visible()
    await page.clock.fast_forward("31:00")

    await expect(page.get_by_text("nobody used this page")).to_be_visible()


async def test_a_person_asks_instead_of_deciding(context: BrowserContext, board: Api) -> None:
    """The review waits for the answer and comes back with it; the question mark lists the keys."""
    case, task = await begin(board.scene)
    page = await enter(context, board, "vera", f"reviews/{task}")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("take it")
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await page.get_by_label("Which fact").fill("Invoice number")
    await page.get_by_label("What do you want").fill("Which invoice is it?")
    await page.locator(".ask").get_by_role("button", name="Ask").click()
    await expect(page.get_by_text("Which invoice is it?")).to_be_visible()
    await board.scene.board.put_facts(board.scene.people["requester"], case.id, [NewFact(key="invoice_number", value="R-17")])
    await expect(page.get_by_text("R-17")).to_be_visible()


async def test_all_work_is_stopped_in_two_steps(context: BrowserContext, board: Api, wrongs: list[str]) -> None:
    """And goes on in two; the reason is told to everybody who looks."""
    if "boss" not in board.scene.people:
        await board.scene.hire("boss", "first", role="admin", kind="human")
    page = await enter(context, board, "boss", "operations")
    brake = page.get_by_test_id("brake")
    await brake.get_by_role("button", name="Stop all work …").click()
    assert await board.scene.board.list_holds(board.scene.people["boss"]) == []
    await brake.get_by_label("Why?").fill("payments look wrong")
    await brake.get_by_role("button", name="Stop all work now").click()
    await expect(brake).to_contain_text("payments look wrong")
    await brake.get_by_role("button", name="Let all go on …").click()
    await brake.get_by_label("Why?").fill("they were right")
    await brake.get_by_role("button", name="Let all go on now").click()
    await expect(brake.get_by_role("button", name="Stop all work …")).to_be_visible()
    await expect(page.get_by_test_id("health")).to_contain_text("this process")

    assert wrongs == []


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_WCAG = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
_WRONG = f"{_WCAG}.then((found) => found.violations.map((each) => `${{each.id}}: ${{each.nodes[0].html.slice(0, 200)}}`))"


async def test_everybody_can_use_every_view(context: BrowserContext, board: Api, *, thorough: bool) -> None:
    """WCAG 2.2 AA as axe-core tells it, in the light and in the dark in turn, or in both."""
    case, task = await begin(board.scene)
    page = await enter(context, board, "vera", "board")
    wrong: dict[tuple[str, str], list[str]] = {}
    lights: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for n, view in enumerate(("board", f"cases/{case.id}", f"reviews/{task}", "operations", "audit")):
        await page.goto(f"{board.url}/ui/{view}")
        await expect(page.locator("h1")).to_have_count(1)
        await page.evaluate(AXE)
        for light in lights if thorough else lights[n % 2 :][:1]:
            await page.emulate_media(color_scheme=light)
            wrong[view, light] = await page.evaluate(_WRONG)

    assert {view: found for view, found in wrong.items() if found} == {}
