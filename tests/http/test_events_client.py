"""The client of the stream: against servers that break off, leave out, repeat and lie, and against a board that is killed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from blackboard.client import BoardClient
from blackboard.errors import NotPermitted, Refused, Unavailable
from blackboard.subscription import Item, Left, Reset, StreamEvent, Subscription
from tests.conftest import thoroughly
from tests.factories import Scene
from tests.http.conftest import Api
from tests.process import ApiProcess, program
from tests.wire import STREAM, Answer, StreamServer, answering, bookmark, control, event, ready, refusal, reset

GREETED = ready("1.0")
README = Path(__file__).parents[2] / "README.md"


async def take(following: Subscription, count: int) -> list[Item]:
    """The next items."""
    found: list[Item] = []
    async with asyncio.timeout(30), aclosing(following.__aiter__()) as items:
        while len(found) < count:
            found.append(await anext(items))
    return found


async def cursors(server: StreamServer, count: int, after: str | None = "1.0") -> list[str]:
    """The cursors of the next events."""
    async with BoardClient(server.url, "key") as board:
        items = await take(board.events(after=after), count)
    return [item.id for item in items if isinstance(item, StreamEvent)]


def asked_after(server: StreamServer) -> list[str | None]:
    """Where each connection was to go on."""
    return [asked.headers.get("last-event-id") for asked in server.asked]


async def test_a_stream_that_comes_byte_by_byte_is_read_whole() -> None:
    """With a byte-order mark, carriage returns and comments between."""
    wire = b"\xef\xbb\xbf" + (b": hello\n\n" + GREETED + event(1, 0) + b": still here\n\n" + event(2, 1)).replace(
        b"\n", b"\r\n"
    )
    async with answering([wire[i : i + 1] for i in range(len(wire))]) as server:
        assert await cursors(server, 2) == ["1.1", "1.2"]


async def test_a_cut_connection_goes_on_where_it_was() -> None:
    """Half a frame never came, and nothing comes twice."""
    broken = Answer([GREETED, event(1, 0), event(2, 1)[:-1]])
    async with answering(broken, [ready("1.1"), event(2, 1), event(3, 2)]) as server:
        assert await cursors(server, 3) == ["1.1", "1.2", "1.3"]
        assert asked_after(server) == ["1.0", "1.1"]


async def test_what_was_told_is_not_told_again() -> None:
    """Whether the same connection repeats it or the next one."""
    async with answering([GREETED, event(1, 0), event(1, 0), bookmark("1.1"), event(2, 1)]) as server:
        assert await cursors(server, 2) == ["1.1", "1.2"]


async def test_nothing_is_told_from_behind_a_hole() -> None:
    """The connection is given up, and the next one fills the hole."""
    async with answering([GREETED, event(1, 0), event(3, 2)], [ready("1.1"), event(2, 1), event(3, 2)]) as server:
        assert await cursors(server, 3) == ["1.1", "1.2", "1.3"]
        assert asked_after(server) == ["1.0", "1.1"]


async def test_what_left_the_filter_is_told_and_is_a_link_of_the_chain() -> None:
    """As a `Left`, in its place."""
    async with answering([GREETED, event(1, 0), event(4, 1, name="left"), event(5, 4)]) as server:
        async with BoardClient(server.url, "key") as board:
            items = await take(board.events(after="1.0"), 3)

    assert [type(item) for item in items] == [StreamEvent, Left, StreamEvent]


async def test_what_only_newer_readers_know_moves_the_cursor() -> None:
    """And is no hole."""
    async with answering([GREETED, event(1, 0, name="novelty"), event(2, 1)]) as server:
        assert await cursors(server, 1) == ["1.2"]


async def test_a_reset_is_told_and_the_stream_goes_on_from_there() -> None:
    """On the same connection, in another epoch."""
    anew = [control("ready", start="2.7"), reset("2.7"), event(8, 7, epoch=2)]
    async with answering(anew) as server, BoardClient(server.url, "key") as board:
        first, second = await take(board.events(after="1.99"), 2)

    assert isinstance(first, Reset)
    assert isinstance(second, StreamEvent)
    assert (first.reason, first.cursor, second.id) == ("expired", "2.7", "2.8")


async def test_a_snapshot_is_read_first_and_after_a_reset_and_the_stream_goes_on_from_it() -> None:
    """Also when it is older than the place that the reset names: what lies between is told."""
    places = iter(["1.3", "2.5"])

    async def snapshot() -> str:
        return next(places)

    first = [ready("1.3"), event(4, 3), reset("2.7"), event(8, 7, epoch=2)]
    async with answering(first, [ready("2.5"), event(6, 5, epoch=2)]) as server, BoardClient(server.url, "key") as board:
        items = await take(board.events(snapshot=snapshot), 3)
        assert asked_after(server) == ["1.3", "2.5"]

    assert [item.reason if isinstance(item, Reset) else item.id for item in items] == ["1.4", "expired", "2.6"]


async def test_silence_is_a_dead_connection() -> None:
    """After two and a half of the heartbeats that the greeting speaks of."""
    async with answering([ready("1.0", heartbeat_s=0.04), event(1, 0)], [ready("1.1"), event(2, 1)]) as server:
        assert await cursors(server, 2) == ["1.1", "1.2"]


async def test_bye_ends_the_connection_and_not_the_stream() -> None:
    """Also when it is all that is said."""
    hello = [control("bye", reason="overloaded")]
    farewell = [GREETED, event(1, 0), control("bye", cursor="1.1")]
    async with answering(hello, farewell, [ready("1.1"), event(2, 1)]) as server:
        assert await cursors(server, 2) == ["1.1", "1.2"]


@pytest.mark.parametrize(
    "hiccup",
    [
        refusal("502 Bad Gateway", b"<h1>Bad gateway</h1>", "text/html"),
        refusal("503 Service Unavailable", b'{"type":"urn:blackboard:problem:overloaded","detail":"Later."}'),
        refusal("429 Too Many Requests"),
        refusal("200 OK", b"<h1>Maintenance</h1>", "text/html"),
        Answer(head=b""),
        Answer(head=b"HTTP/1.1 2"),
        Answer([GREETED, b"id: 1.1\ndata: {\n\n"]),
        Answer([GREETED, b"event: reset\ndata: []\n\n"]),
        Answer([GREETED, b"data: " + b"x" * (1024 * 1024 + 1)], stays=True),
        Answer([control("ready", start="1.0", heartbeat_s=-1)], stays=True),
        Answer(head=STREAM.replace(b"text/", b"Content-Encoding: gzip\r\nX: text/")),
    ],
    ids=["502", "503", "429", "html", "nothing", "half a head", "JSON", "reset", "endless", "heartbeat", "gzip"],
)
async def test_a_hiccup_on_the_way_is_waited_out(hiccup: Answer) -> None:
    """And nothing is lost by it."""
    async with answering(hiccup, [GREETED, event(1, 0)]) as server:
        assert await cursors(server, 1) == ["1.1"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([GREETED, b"data: {\n\n"], "cannot be read"),
        ([GREETED, event(2, 1)], "skipped from 1.0 to 1.2"),
        ([GREETED, bookmark("1.0"), bookmark("0.9")], "without a reset"),
        ([ready("1.9")], "asked to go on after 1.0"),
        ([GREETED, event(1, 0).replace(b"id: 1.1", b"id: 1.2")], "the frame 1.2 holds the event 1.1"),
    ],
)
async def test_a_server_that_keeps_lying_is_given_up_with_the_reason(told: list[bytes], said: str) -> None:
    """After five times at the same place; what was good came through."""
    async with answering(told) as server:
        with pytest.raises(Unavailable, match="5 times in a row") as caught:
            await cursors(server, 1)

    assert (said in caught.value.detail, len(server.asked)) == (True, 5)


async def test_ids_that_go_back_are_a_lie() -> None:
    """What was told before them stays told, once."""
    back = [event(3, 0), event(2, 0)]
    async with answering([GREETED, *back], [ready("1.3"), *back]) as server, BoardClient(server.url, "key") as board:
        items = board.events(after="1.0").__aiter__()
        first = await anext(items)
        with pytest.raises(Unavailable, match="went back from position 3 to 2"):
            await anext(items)

    assert (isinstance(first, StreamEvent), asked_after(server)) == (True, ["1.0", *["1.3"] * 4])


async def test_no_content_ends_the_stream() -> None:
    """The board's word that nothing more will come."""
    async with answering(Answer([GREETED, event(1, 0)]), refusal("204 No Content")) as server:
        async with BoardClient(server.url, "key") as board:
            told = [item async for item in board.events(after="1.0")]

    assert len(told) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal("403 Forbidden", b'{"type":"urn:blackboard:problem:not-permitted","detail":"No."}'), NotPermitted),
        (refusal("404 Not Found", b"nothing here", "text/plain"), Refused),
        (refusal("301 Moved Permanently"), Refused),
    ],
)
async def test_a_refusal_is_raised_at_once(answer: Answer, error: type[Exception]) -> None:
    """Asking again would not help."""
    async with answering(answer) as server:
        with pytest.raises(error):
            await cursors(server, 1)
        assert len(server.asked) == 1


async def test_filters_are_values_or_lists_of_them() -> None:
    """As they stand in the address; None is no filter."""
    async with answering([GREETED, event(1, 0)]) as server, BoardClient(server.url, "key") as board:
        await take(board.events(after="1.0", type=["task.*", "case.closed"], workflow="loan", agent=None), 1)

    assert server.asked[0].query == {"type": ["task.*", "case.closed"], "workflow": ["loan"]}


async def test_a_snapshot_of_the_board_joins_its_stream_without_a_gap(api: Api) -> None:
    """What came too late for the page comes on the stream, though the stream was opened later still."""
    opened = {(await api.scene.open()).id for _ in range(3)}
    seen: set[UUID | None] = set()
    async with api.client("auditor") as board:

        async def snapshot() -> str:
            page = await board.list_cases()
            seen.update(case.id for case in page.cases)
            opened.update([(await api.scene.open()).id for _ in range(3)])
            return page.cursor

        async with asyncio.timeout(30), aclosing(board.events(snapshot=snapshot, type="case.opened").__aiter__()) as items:
            while not seen >= opened:
                item = await anext(items)
                assert isinstance(item, StreamEvent)
                seen.add(item.case_id)

    assert (seen, len(seen)) == (opened, 6)


@pytest.fixture
async def process(scene: Scene, tmp_path: Path) -> AsyncIterator[ApiProcess]:
    """An API process of its own."""
    made = ApiProcess(scene, tmp_path / "api.log")
    await made.start()
    yield made
    made.kill()


# A quarter of a minute; a page in a browser is put through the same in every run.
@thoroughly
async def test_a_board_that_is_killed_twice_loses_nothing_and_repeats_nothing(process: ApiProcess) -> None:
    """Cases are opened before, while it is away, and after."""
    opened, told = [], []
    async with BoardClient(process.url, process.scene.keys["auditor"]) as board:
        async with asyncio.timeout(90), aclosing(board.events(after="0", type="case.opened").__aiter__()) as items:
            for _ in range(2):
                opened += [(await process.scene.open()).id for _ in range(3)]
                told += [await anext(items) for _ in range(2)]
                process.kill()
                opened += [(await process.scene.open()).id for _ in range(2)]
                await process.start()
                told += [await anext(items) for _ in range(3)]

    assert [item.case_id for item in told if isinstance(item, StreamEvent)] == opened


async def test_curl_prints_the_frames(process: ApiProcess) -> None:
    """`curl -N`, as the README says: the greeting, a bookmark, then what happens."""
    case = await process.scene.open()
    key = f"Authorization: Bearer {process.scene.keys['auditor']}"
    address = f"{process.url}/v1/events?type=case.opened"
    command = ["-sN", "-H", key, "-H", "Last-Event-ID: 1.1", address]
    curl = await asyncio.create_subprocess_exec(program("curl"), *command, stdout=asyncio.subprocess.PIPE)
    assert curl.stdout
    async with asyncio.timeout(30):
        lines = [(await curl.stdout.readline()).decode().rstrip("\n") for _ in range(9)]
    curl.kill()
    await curl.wait()

    told = json.loads(lines[7].removeprefix("data: "))
    assert (lines[1], lines[4], lines[6]) == ("event: ready", "id: 1.1", f"id: {told['id']}")
    assert (told["prev"] <= 1, told["case_id"]) == (True, str(case.id))


async def test_the_readme_follows_a_board(api: Api) -> None:
    """What it shows of streams runs as it stands: first what is so, then what happens."""
    shown = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(next(text for text in shown if "board.events" in text), names)  # noqa: S102  # the text is ours
    told: list[tuple[Any, str]] = []
    first = (await api.scene.open()).id
    async with api.client("auditor") as board, asyncio.timeout(30):
        following = asyncio.create_task(names["follow"](board, lambda case, said: told.append((case, said))))
        while (first, "active") not in told:
            await asyncio.sleep(0.01)
        second = (await api.scene.open()).id
        while (second, "case.opened") not in told:
            assert not following.done(), following
            await asyncio.sleep(0.01)
        following.cancel()


async def test_the_module_for_browsers_is_served_safely(api: Api) -> None:
    """With its type, which browsers must not guess, and a tag: who has it is told nothing but that."""
    async with api.http(None) as http:
        got = await http.get("/static/events.js")
        head = await http.head("/static/events.js")
        again = await http.get("/static/events.js", headers={"If-None-Match": got.headers["ETag"]})

    headers = [got.headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")]
    assert headers == ["text/javascript; charset=utf-8", "nosniff", "no-cache"]
    assert ("export function follow" in got.text, head.content, again.status_code, again.content) == (True, b"", 304, b"")
    assert head.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize(
    "path", ["nothing.js", "..%2fapp.py", "%2e%2e/app.py", "..%5capp.py", "events.js%00", "", "a/events.js"]
)
async def test_no_path_under_static_leads_anywhere_else(shared: Api, path: str) -> None:
    """A name is looked up in a list and never on the disk."""
    async with shared.http(None) as http:
        answer = await http.get(f"/static/{path}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
