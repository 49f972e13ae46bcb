"""The journal as a stream and as pages."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import urlsplit

import asyncpg
import pytest

from blackboard.hub import Hub, Wanted
from blackboard.journal import Journal
from blackboard.subscription import Reset, StreamEvent, Subscription
from tests.factories import Clock, Scene, age_journal
from tests.http.conftest import Api, serve


async def lines(api: Api, path: str, headers: dict[str, str] | None = None) -> AsyncGenerator[str, None]:
    """The raw lines of a stream."""
    async with api.http("auditor") as http, http.stream("GET", path, headers=headers) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            yield line


async def take(api: Api, path: str, count: int, headers: dict[str, str] | None = None) -> list[str]:
    """The first lines of a stream that hold something."""
    found: list[str] = []
    async with asyncio.timeout(10), aclosing(lines(api, path, headers)) as stream:
        async for line in stream:
            if line:
                found.append(line)
            if len(found) == count:
                break
    return found


async def test_a_stream_greets_with_where_it_starts(api: Api) -> None:
    """A random retry, then `ready`, then a bookmark."""
    retry, event, data, bookmark = await take(api, "/v1/events", 4)

    assert (retry.startswith("retry: "), event) == (True, "event: ready")
    assert bookmark == f"id: {json.loads(data.removeprefix('data: '))['start']}"


async def test_an_event_is_a_cloudevent_with_its_cursor_and_its_predecessor(api: Api) -> None:
    """The id on the wire is the id in the JSON, and `prev` is the one before it in this stream."""
    case = await api.scene.open()
    found = await take(api, f"/v1/events?after=0&case={case.id}", 8)
    first, second = (json.loads(line.removeprefix("data: ")) for line in (found[5], found[7]))

    assert (first["specversion"], first["type"], found[4]) == ("1.0", "case.opened", f"id: {first['id']}")
    assert (first["prev"], second["prev"]) == (0, first["position"])


async def test_a_case_is_found_in_a_long_journal_at_once(api: Api, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """In one page, and from its first event as a stream: what others did before it was opened is not looked through."""
    scene, clock = api.scene, Clock(connection)
    await clock.install()
    early = await scene.open()
    await clock.pass_(900)
    await scene.store.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}] * 1500)
    await clock.pass_(900)
    late = await scene.open()
    await _sequenced(api)
    opening = await scene.store.find_opening(scene.tenant_id, [late.id])
    told = {}
    async with api.http("auditor") as http:
        for case in (early, late):
            path = f"/v1/events?after=0&case={case.id}&limit=10"
            told[case.id] = (await http.get(path, headers={"Accept": "application/json"})).json()
    streamed = await take(api, f"/v1/events?after=0&case={late.id}", 6)

    assert [[event["type"] for event in page["events"]] for page in told.values()] == [["case.opened", "task.ready"]] * 2
    assert 3000 > opening > 1900
    assert json.loads(streamed[5].removeprefix("data: "))["id"] == told[late.id]["events"][0]["id"]


async def test_a_cut_stream_resumes_without_gap_or_repeat(api: Api) -> None:
    """Last-Event-ID is where it goes on."""
    for _ in range(3):
        await api.scene.open()
    await _sequenced(api)
    everything = [line for line in await take(api, "/v1/events?after=0", 22) if line.startswith("id: ")][1:]
    resumed = await take(api, "/v1/events", 12, {"Last-Event-ID": everything[3].removeprefix("id: ")})

    assert [line for line in resumed if line.startswith("id: ")][1:] == everything[4:8]


async def test_the_header_wins_over_the_parameter(api: Api) -> None:
    """A browser that reconnects sends both; the header is newer."""
    await _sequenced(api)
    found = await take(api, "/v1/events?after=0", 3, {"Last-Event-ID": "1.2"})

    assert json.loads(found[2].removeprefix("data: "))["start"] == "1.2"


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [("nonsense", "malformed"), ("9.1", "rewound"), ("1.999999", "rewound"), ("1.-1", "malformed"), ("1" * 900, "malformed")],
)
async def test_a_cursor_that_cannot_be_resumed_is_answered_in_band(shared: Api, cursor: str, reason: str) -> None:
    """A native EventSource gives up for good on any other status than 200."""
    found = await take(shared, f"/v1/events?after={cursor}", 5)

    assert (found[3], json.loads(found[4].removeprefix("data: "))["reason"]) == ("event: reset", reason)


async def test_filters_leave_out_what_was_not_asked_for(api: Api) -> None:
    """By type, with a wildcard; by case."""
    await api.scene.open()
    case = await api.scene.open()
    await _sequenced(api)
    async with api.http("auditor") as http:
        headers = {"Accept": "application/json"}
        of_case = (await http.get(f"/v1/events?after=0&case={case.id}", headers=headers)).json()["events"]
        of_type = (await http.get("/v1/events?after=0&type=task.*", headers=headers)).json()["events"]

    assert [event["type"] for event in of_case] == ["case.opened", "task.ready"]
    assert {event["type"] for event in of_type} == {"task.ready"}


async def test_pages_and_stream_tell_the_same(api: Api) -> None:
    """Byte for byte, but for the link to the one before."""
    case = await api.scene.open()
    await _sequenced(api)
    async with api.http("auditor") as http:
        page = await http.get(f"/v1/events?after=0&case={case.id}", headers={"Accept": "application/json"})
    streamed = await take(api, f"/v1/events?after=0&case={case.id}", 8)

    assert page.json()["events"][0] == json.loads(streamed[5].removeprefix("data: "))


async def test_an_unknown_filter_is_refused(api: Api) -> None:
    """A misspelt filter would otherwise show everything."""
    async with api.http("auditor") as http:
        answer = await http.get("/v1/events?cases=1")

    assert (answer.status_code, "cases" in answer.json()["detail"]) == (422, True)


@pytest.mark.usefixtures("alone")
async def test_head_is_answered(api: Api) -> None:
    """And leaves no stream behind."""
    async with api.http("auditor") as http:
        answer = await http.head("/v1/events")

    assert (answer.status_code, api.service.hub.streams) == (200, 0)


async def test_too_many_streams_are_told_in_band(scene: Scene) -> None:
    """The new one gets `bye` and a time; the old one lives."""
    async with serve(scene, max_streams=1) as api:
        async with aclosing(lines(api, "/v1/events")) as old:
            await anext(old)
            refused = await take(api, "/v1/events", 2)

    assert (refused[0].startswith("retry: "), refused[1]) == (True, "event: bye")


async def test_a_quiet_stream_is_kept_alive_by_bookmarks(scene: Scene) -> None:
    """Events that the filter leaves out still move the cursor."""
    async with serve(scene, heartbeat_s=0.05) as api:
        stream = lines(api, "/v1/events?type=nothing.*")
        async with asyncio.timeout(10), aclosing(stream) as quiet:
            ids: list[str] = []
            async for line in quiet:
                if not ids:
                    await api.scene.open()
                if line.startswith("id: "):
                    ids.append(line)
                if len(set(ids)) > 1:
                    break

    assert ids[0] != ids[-1]


async def test_a_busy_board_does_not_silence_a_quiet_stream(scene: Scene) -> None:
    """Events that the filter leaves out come all the time; the heartbeat comes all the same."""
    async with serve(scene, heartbeat_s=0.2) as api, asyncio.timeout(20):
        busy = asyncio.create_task(_open_for_ever(scene))
        async with aclosing(lines(api, "/v1/events?type=nothing.*")) as quiet:
            ids: list[str] = []
            async for line in quiet:
                ids += [line] if line.startswith("id: ") else []
                if len(ids) == 3:
                    break
        busy.cancel()
        await asyncio.wait({busy})

    assert len(ids) == 3


async def _open_for_ever(scene: Scene) -> None:
    while True:
        await scene.open()


async def test_streams_say_bye_when_the_server_stops(scene: Scene) -> None:
    """And the client comes back to where it was."""
    async with serve(scene) as api:
        stream = lines(api, "/v1/events")
        found = [await anext(stream) for _ in range(5)]
        api.service.drain()
        found += [line async for line in stream]

    assert "event: bye" in found


async def test_a_reader_who_never_reads_costs_nobody_anything(api: Api) -> None:
    """Its socket fills up; the others go on getting everything."""
    parts = urlsplit(api.url)
    frozen = socket.create_connection((str(parts.hostname), int(parts.port or 0)))
    frozen.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    key = api.scene.keys["auditor"]
    frozen.sendall(f"GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    async with api.client("auditor") as client, aclosing(Subscription(client, after="0").__aiter__()) as items:
        opened = {str((await api.scene.open(payload={"pad": "x" * 1000})).id) for _ in range(200)}
        async with asyncio.timeout(30):
            async for item in items:
                assert isinstance(item, StreamEvent)
                opened.discard(str(item.case_id))
                if not opened:
                    break
    frozen.close()

    assert opened == set()


async def test_a_subscription_goes_on_after_the_server_was_replaced(scene: Scene) -> None:
    """Same port, another process: nothing missed, nothing twice."""
    async with serve(scene) as api:
        port = urlsplit(api.url).port
        first = await scene.open()
        async with api.client("auditor", retry_for_s=5) as client:
            items = Subscription(client, {"type": ["case.opened"]}, after="0").__aiter__()
            async with asyncio.timeout(20):
                seen = [await anext(items)]
            await items.aclose()
    assert port
    async with serve(scene) as api, api.client("auditor") as client:
        second = await scene.open()
        cursor = seen[0].id if isinstance(seen[0], StreamEvent) else None
        items = Subscription(client, {"type": ["case.opened"]}, after=cursor).__aiter__()
        async with asyncio.timeout(20):
            seen.append(await anext(items))
        await items.aclose()

    assert [item.case_id for item in seen if not isinstance(item, Reset)] == [first.id, second.id]


async def test_what_a_filter_leaves_out_is_no_hole(api: Api) -> None:
    """A subscriber who hears of few events stays on one connection: `prev` names the one before in its stream."""
    opened = [(await api.scene.open()).id]
    await _sequenced(api)
    async with api.client("auditor") as client:
        subscription = Subscription(client, {"type": ["case.opened"]}, after="0")
        items = subscription.__aiter__()
        async with asyncio.timeout(20):
            told = [await anext(items)]
            for _ in range(3):
                opened.append((await api.scene.open()).id)
                told.append(await anext(items))
                await _sequenced(api)
        await items.aclose()

    assert [item.case_id for item in told if isinstance(item, StreamEvent)] == opened
    assert subscription.connects == 1


async def test_a_cursor_before_what_is_kept_is_told_so(api: Api, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The stream in band, the pages with 410 and a way on; `0` is the beginning of what is kept."""
    last = await _trimmed(api, connection)
    case = await api.scene.open()
    await _sequenced(api)
    stream = await take(api, "/v1/events?after=1.1", 6)
    from_the_start = await take(api, "/v1/events?after=0", 5)
    async with api.http("auditor") as http:
        headers = {"Accept": "application/json"}
        too_old = await http.get("/v1/events?after=1.1", headers=headers)
        kept = (await http.get("/v1/events?after=0", headers=headers)).json()["events"]

    reset = json.loads(stream[4].removeprefix("data: "))
    assert (stream[3], reset["reason"], stream[5]) == ("event: reset", "expired", f"id: {reset['cursor']}")
    assert (too_old.status_code, too_old.json()["type"]) == (410, "urn:blackboard:problem:expired-cursor")
    assert "GET /v1/cases" in too_old.json()["detail"]
    assert (from_the_start[4], kept[0]["position"], kept[0]["case_id"]) == (f"id: 1.{last + 1}", last + 1, str(case.id))


async def test_a_slow_reader_whom_the_journal_left_behind_is_reset(
    api: Api, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """A stream that was opened in time, and reads on only when what it wanted has been dropped, is told of the gap."""
    await api.scene.open()
    await _sequenced(api)
    stream = api.service.hub.stream(api.scene.people["auditor"], Wanted(start="1.1"))
    async with aclosing(stream), asyncio.timeout(10):
        await anext(stream)
        await _trimmed(api, connection)
        api.service.journal.floor = api.service.journal.head
        told = await anext(stream)

    assert b"event: reset" in told
    assert b'"reason":"expired"' in told


async def test_a_process_that_stood_still_for_longer_than_the_journal_is_kept_begins_anew(
    api: Api, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """And never tells its streams what comes after a gap as if it came next."""
    await api.scene.open()
    await _sequenced(api)
    journal = Journal(api.service.store)
    hub = Hub(api.service.store, journal)
    await journal.open()
    journal.head = journal.floor = 1
    await _trimmed(api, connection)
    await journal.run_once()

    head = await api.service.store.read_head()
    assert (journal.head, journal.floor, journal.before(head.head, 10)[0], hub.streams) == (head.head, head.head, [], 0)


async def _trimmed(api: Api, connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """All that is in the journal so far was long ago, and is dropped; the last position of it."""
    await _sequenced(api)
    last = await age_journal(connection)
    async with asyncio.timeout(10):
        while not await api.service.store.trim_journal(1, 10):
            await asyncio.sleep(0.01)
    return last


async def _sequenced(api: Api) -> None:
    """Until this process has read all that was written."""
    async with asyncio.timeout(10):
        while api.service.journal.head < (await api.service.store.read_head()).head or await _unsequenced(api):
            await asyncio.sleep(0.01)


async def _unsequenced(api: Api) -> bool:
    query = "SELECT (SELECT coalesce(sum(size), 0) FROM board.event_in) > (SELECT position FROM board.journal_head)"
    return bool(await api.scene.admin._value(query))
