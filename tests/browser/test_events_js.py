"""The stream in a browser: the module that the API serves, and the browser's own EventSource."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Watcher
from tests.conftest import thoroughly
from tests.factories import Scene
from tests.process import ApiProcess
from tests.wire import Answer, StreamServer, answering, bookmark, control, event, ready, refusal, reset

GREETED = ready("1.0")


async def until(fact: Callable[[], bool], limit_s: float = 60) -> None:
    """Wait for a fact."""
    async with asyncio.timeout(limit_s):
        while not fact():
            await asyncio.sleep(0.02)


async def told(watcher: Watcher, server: StreamServer, count: int, **options: object) -> list[str]:
    """The cursors of the first events that a page gets from a server."""
    await watcher.open(server.url)
    await watcher.follow(**{"after": "1.0", **options})
    await until(lambda: len(watcher.told("event")) >= count)
    await watcher.close()
    return watcher.told("event")


async def opened(process: ApiProcess) -> list[str]:
    """The cursors of all cases that were opened, as the journal's pages tell them."""
    headers = {"Authorization": f"Bearer {process.scene.keys['auditor']}", "Accept": "application/json"}
    async with httpx.AsyncClient(base_url=process.url, headers=headers, trust_env=False) as http:
        page = (await http.get("/v1/events?after=0&type=case.opened&limit=1000")).json()
    return [event["id"] for event in page["events"]]


@pytest.fixture
async def process(scene: Scene, tmp_path: Path) -> AsyncIterator[ApiProcess]:
    """An API process of its own."""
    made = ApiProcess(scene, tmp_path / "api.log")
    await made.start()
    yield made
    made.kill()


async def test_a_page_has_every_event_once_though_the_board_is_killed(watcher: Watcher, process: ApiProcess) -> None:
    """Cases are opened before, while the board is away, and after; the page may run nothing but the board's own scripts."""
    await watcher.open(process.url)
    headers = {"Authorization": f"Bearer {process.scene.keys['auditor']}"}
    await watcher.follow(headers=headers, filters={"type": ["case.opened"]}, after="0")
    for count in (3, 8):
        for _ in range(3):
            await process.scene.open()
        await until(lambda count=count: len(watcher.told("event")) == count)  # type: ignore[misc]  # bound on purpose
        process.kill()
        for _ in range(2):
            await process.scene.open()
        await process.start()
    await until(lambda: len(watcher.told("event")) == 10)
    journal = await opened(process)

    assert watcher.told("event") == journal


# A quarter of a minute; what a browser does by itself changes with the browser and not with the board.
@thoroughly
async def test_the_browsers_own_eventsource_resumes_though_the_board_is_killed(browser: Browser, process: ApiProcess) -> None:
    """It hears the greeting and the events, and comes back by itself; no status ever ends it."""
    key = {"Authorization": f"Bearer {process.scene.keys['auditor']}"}
    context = await browser.new_context(extra_http_headers=key)
    watcher = Watcher(await context.new_page())
    await watcher.open(process.url)
    await watcher.page.evaluate("""() => {
      const source = new EventSource("/v1/events?type=case.opened&after=0");
      source.addEventListener("ready", (message) => window.heard("ready", JSON.parse(message.data).start));
      source.onmessage = (message) => window.heard("event", message.lastEventId);
    }""")
    await process.scene.open()
    await until(lambda: len(watcher.told("event")) == 1)
    process.kill()
    await process.scene.open()
    await process.start()
    await until(lambda: len(watcher.told("event")) == 2)
    journal = await opened(process)
    await context.close()

    assert (watcher.told("event"), len(watcher.told("ready")) >= 2) == (journal, True)


async def test_a_page_reads_a_stream_however_it_is_cut(watcher: Watcher) -> None:
    """Byte by byte, with a byte-order mark, carriage returns and comments."""
    wire = b"\xef\xbb\xbf" + (b": hello\n\n" + GREETED + event(1, 0) + b": still here\n\n" + event(2, 1)).replace(
        b"\n", b"\r\n"
    )
    async with answering([wire[i : i + 1] for i in range(len(wire))]) as server:
        assert await told(watcher, server, 2) == ["1.1", "1.2"]


async def test_a_page_gets_nothing_twice_and_nothing_from_behind_a_hole(watcher: Watcher) -> None:
    """Half a frame never came; a hole gives the connection up."""
    cut = Answer([GREETED, event(1, 0), event(1, 0), event(2, 1)[:-1]])
    hole = [ready("1.1"), event(2, 1), bookmark("1.4"), event(7, 6)]
    async with answering(cut, hole, [ready("1.4"), event(6, 1), event(7, 6)]) as server:
        assert await told(watcher, server, 4) == ["1.1", "1.2", "1.6", "1.7"]
        assert [asked.headers["last-event-id"] for asked in server.asked] == ["1.0", "1.1", "1.4"]


async def test_a_page_is_told_what_left_its_filter(watcher: Watcher) -> None:
    """As a link of the chain."""
    async with answering([GREETED, event(1, 0), event(4, 1, name="left"), event(5, 4)]) as server:
        assert await told(watcher, server, 2) == ["1.1", "1.5"]
    assert watcher.told("left") == ["1.4"]


async def test_a_page_that_is_reset_goes_on_from_the_snapshot_that_it_read(watcher: Watcher) -> None:
    """Also when that is older than the place which the reset names."""
    first = [control("ready", start="2.7"), reset("2.7"), event(8, 7, epoch=2)]
    async with answering(first, [ready("2.5"), event(6, 5, epoch=2)]) as server:
        assert await told(watcher, server, 1, after="1.9", snapshot="2.5") == ["2.6"]
        assert [asked.headers["last-event-id"] for asked in server.asked] == ["1.9", "2.5"]
    assert watcher.told("reset") == ["expired"]


async def test_a_page_that_keeps_no_state_goes_on_where_the_reset_says(watcher: Watcher) -> None:
    """On the same connection."""
    async with answering([control("ready", start="2.7"), reset("2.7"), event(8, 7, epoch=2)]) as server:
        assert await told(watcher, server, 1, after="1.9") == ["2.8"]
        assert len(server.asked) == 1


async def test_a_page_notices_silence_and_waits_hiccups_out(watcher: Watcher) -> None:
    """A dead connection, a proxy's error page, an overloaded board, a page that is no stream."""
    proxy = refusal("502 Bad Gateway", b"<h1>Bad gateway</h1>", "text/html")
    page = refusal("200 OK", b"<h1>Maintenance</h1>", "text/html")
    full = [control("bye", reason="overloaded")]
    silent = [ready("1.0", heartbeat_s=0.2), event(1, 0)]
    async with answering(silent, proxy, page, full, [ready("1.1"), event(2, 1)]) as server:
        assert await told(watcher, server, 2) == ["1.1", "1.2"]


async def test_a_page_brings_a_ticket_of_its_own_to_each_connection(watcher: Watcher) -> None:
    """A ticket opens one stream."""
    async with answering(Answer([GREETED, event(1, 0)]), [ready("1.1"), event(2, 1)]) as server:
        await told(watcher, server, 2, tickets=True, filters={"type": ["task.*", "case.closed"], "workflow": "loan"})

    assert [asked.query["ticket"] for asked in server.asked] == [["ticket-1"], ["ticket-2"]]
    assert server.asked[1].query["type"] == ["task.*", "case.closed"]


@pytest.mark.parametrize(
    ("answer", "asked", "said"),
    [
        (refusal("204 No Content"), 1, ""),
        (refusal("403 Forbidden", b'{"detail":"You may not."}'), 1, "You may not."),
        (Answer([GREETED, b"id: 1.1\ndata: {\n\n"], stays=True), 5, "cannot be read"),
        (Answer([GREETED, event(3, 0), event(2, 0)], stays=True), 5, "went back from 3 to 2"),
        (Answer([ready("1.9")], stays=True), 5, "not after 1.0"),
        (Answer([GREETED, b"data: " + b"x" * (1024 * 1024 + 1)], stays=True), 5, "larger than"),
    ],
    ids=["204", "403", "JSON", "back", "elsewhere", "endless"],
)
async def test_a_page_is_told_why_its_stream_has_ended(watcher: Watcher, answer: Answer, asked: int, said: str) -> None:
    """The board's last word, a refusal, or five lies at the same place."""
    again = Answer([ready("1.3"), event(3, 0), event(2, 0)], stays=True)
    answers = [answer, again] if said.startswith("went back") else [answer]
    async with answering(*answers) as server:
        await watcher.open(server.url)
        await watcher.follow(after="1.0")
        await until(lambda: any(state == "ended" for state, _ in watcher.told("state")))

    assert (said in watcher.told("state")[-1][1], len(server.asked)) == (True, asked)
