"""What a stream shows, to whom, and for how long."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from blackboard.answers import ClaimedTask
from blackboard.hub import Hub, Limits, Wanted
from tests.factories import Scene
from tests.http.conftest import Api, serve

Frame = Mapping[str, Any]


@asynccontextmanager
async def following(http: httpx.AsyncClient, query: str = "") -> AsyncIterator[AsyncIterator[Frame]]:
    """The frames of a stream that say something: event, id, data."""
    async with http.stream("GET", f"/v1/events?{query}") as response:
        assert response.status_code == 200, await response.aread()
        async with aclosing(_frames(response)) as frames:
            yield frames


async def _frames(response: httpx.Response) -> AsyncGenerator[Frame, None]:
    frame: dict[str, Any] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            frame[name] = value
        else:
            if "data" in frame:
                yield {"event": "message", **frame, "data": json.loads(frame["data"])}
            frame = {}


async def until(frames: AsyncIterator[Frame], name: str, kind: str = "") -> Frame:
    """The next frame of a name, and with a type of event."""
    async with asyncio.timeout(10):
        async for frame in frames:
            if frame["event"] == name and (not kind or frame["data"]["type"] == kind):
                return frame
    raise AssertionError(f"the stream ended without {name} {kind}")


async def decided(scene: Scene) -> ClaimedTask:
    """A case on its way from the first stage to the second."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    return task


async def test_a_case_that_moves_on_leaves_the_streams_of_its_stage(api: Api) -> None:
    """The frame has a cursor and a predecessor like any other, and names the stage that it came from."""
    async with api.http("auditor") as http, following(http, "stage=first&type=case.*") as frames:
        await until(frames, "ready")
        await decided(api.scene)
        opened = await until(frames, "message", "case.opened")
        left = await until(frames, "left")

    assert (left["data"]["type"], left["data"]["left"], left["data"]["data"]["from_stage"]) == ("case.moved", True, "first")
    assert (left["data"]["prev"], left["id"]) == (opened["data"]["position"], left["data"]["id"])


async def test_a_task_that_is_taken_from_an_agent_leaves_the_streams_about_it(api: Api) -> None:
    """The event is the board's; who watches the agent is told that it holds the task no more."""
    await api.scene.hire("boss", role="admin")
    async with api.http("auditor") as http, following(http, "agent=worker") as frames:
        await until(frames, "ready")
        await api.scene.open()
        await api.scene.claim()
        await api.scene.board.set_agent_state(api.scene.people["boss"], "worker", "suspended", "leak")
        left = await until(frames, "left")

    assert (left["data"]["type"], left["data"]["data"]["holder"]) == ("task.revoked", "worker")


async def test_several_filters_on_one_stream_say_which_of_them_each_event_fits(api: Api) -> None:
    """Of what fits both there is one frame."""
    query = "filter=type:task.*,stage:first&filter=type:task.decided,type:case.moved"
    async with api.http("auditor") as http, following(http, query) as frames:
        await until(frames, "ready")
        await decided(api.scene)
        found = {}
        while "case.moved" not in found:
            frame = await until(frames, "message")
            found[frame["data"]["type"]] = frame["data"]["filters"]

    assert found == {"task.ready": [0], "task.claimed": [0], "task.decided": [0, 1], "case.moved": [1]}


async def test_a_folded_stream_names_what_it_left_out(api: Api) -> None:
    """Of each case the newest event, with the positions of those that it stands for; together there is no hole."""
    task = await decided(api.scene)
    async with api.http("auditor") as http, following(http, f"case={task.case_id}&after=0&fold=true") as frames:
        newest = (await until(frames, "message"))["data"]

    seen = [event.position for event in await api.scene.store.read_journal(0, 1000) if event.case_id == task.case_id]
    assert [*newest["folded"], newest["position"]] == seen
    assert newest["prev"] == 0


async def test_a_requester_follows_its_case_and_not_the_reasons(api: Api) -> None:
    """What was left out is named; the auditor sees it."""
    await decided(api.scene)
    told = {}
    for who in ("requester", "auditor"):
        async with api.http(who) as http, following(http, "after=0&type=task.decided") as frames:
            told[who] = (await until(frames, "message"))["data"]["data"]

    assert (told["requester"]["outcome"], told["requester"]["masked"]) == ("approve", ["evidence", "reasons"])
    assert told["auditor"]["reasons"] == ["because"]
    assert "reasons" not in told["requester"]


@pytest.mark.item("S29")
async def test_a_ticket_opens_one_stream_with_its_filters(api: Api) -> None:
    """In the address, where a browser can put it; a second time it is worth nothing."""
    async with api.http("auditor") as http:
        asked = await http.post("/v1/events/tickets", json={"filters": ["stage:second"]})
    query = f"ticket={asked.json()['ticket']}"
    async with api.http(None) as http:
        async with following(http, query) as frames:
            ready = await until(frames, "ready")
        again = await http.get(f"/v1/events?{query}")

    assert ready["data"]["filter"] == {"stage": ["second"]}
    assert (again.status_code, "Ask for a new one" in again.json()["detail"]) == (401, True)


@pytest.mark.item("S29")
async def test_of_two_who_bring_a_ticket_at_once_one_comes_in(api: Api) -> None:
    """Whoever stole it from a log is late."""
    async with api.http("auditor") as http:
        ticket = (await http.post("/v1/events/tickets", json={})).json()["ticket"]
    async with api.http(None) as http:
        answers = await asyncio.gather(
            *(http.get(f"/v1/events?ticket={ticket}", headers={"Accept": "application/json"}) for _ in range(5))
        )

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


@pytest.mark.item("S29")
@pytest.mark.parametrize(
    ("query", "status"),
    [("ticket=nothing", 401), ("ticket=%00", 401), ("ticket=", 401), ("ticket={ticket}&stage=first", 422)],
)
async def test_a_ticket_for_something_else_is_refused(api: Api, query: str, status: int) -> None:
    """Whatever it looks like."""
    async with api.http("auditor") as http:
        ticket = (await http.post("/v1/events/tickets", json={"filters": ["stage:second"]})).json()["ticket"]
    async with api.http(None) as http:
        answer = await http.get(f"/v1/events?{query.format(ticket=ticket)}")

    assert answer.status_code == status


ENDS = {
    "revoked": "UPDATE board.api_key SET revoked_at = now() WHERE agent_id = $1",
    "run out": "UPDATE board.api_key SET expires_at = now() WHERE agent_id = $1",
    "suspended": "UPDATE board.agent SET state = 'suspended' WHERE agent_id = $1",
}


@pytest.mark.parametrize("how", ENDS)
async def test_a_stream_ends_with_the_rights_that_opened_it(
    api: Api, connection: "asyncpg.Connection[asyncpg.Record]", how: str
) -> None:
    """Revoked, run out or suspended: it is told so, and other streams live on."""
    async with api.http("auditor") as http, api.http("worker") as other:
        async with following(http) as frames, following(other) as others:
            await until(frames, "ready")
            await until(others, "ready")
            await connection.execute(ENDS[how], api.scene.people["auditor"].agent_id)
            farewell = await until(frames, "bye")
            await api.scene.open()
            await until(others, "message", "case.opened")

    assert farewell["data"]["reason"] == "rights_changed"


async def test_who_followed_what_is_in_the_journal(api: Api) -> None:
    """Opened, reset and closed, with filter and cursor; seen by auditors who ask for it, and by nobody else."""
    async with api.http("requester") as http, following(http, "stage=first&after=9.9") as frames:
        ready = await until(frames, "ready")
        await until(frames, "reset")
    async with api.http("auditor") as http, following(http, "after=0&type=stream.*") as frames:
        found = {}
        while "stream.closed" not in found:
            event = (await until(frames, "message"))["data"]
            if event["data"]["stream"] == ready["data"]["stream"]:
                found[event["type"]] = (event["actor"], event["data"])

    assert {kind: actor for kind, (actor, _) in found.items()} == dict.fromkeys(
        ("stream.opened", "stream.reset", "stream.closed"), "requester"
    )
    assert found["stream.opened"][1]["filter"] == {"stage": ["first"]}
    assert (found["stream.reset"][1]["reason"], "cursor" in found["stream.closed"][1]) == ("rewound", True)
    assert [event for event in await shown(api, "requester", "stream.*") if event["type"].startswith("stream.")] == []


async def shown(api: Api, who: str, kind: str) -> list[dict[str, Any]]:
    """A page of events of a type."""
    async with api.http(who) as http:
        answer = await http.get("/v1/events", params={"type": kind}, headers={"Accept": "application/json"})
    return list(answer.json()["events"])


@pytest.mark.item("S32")
@pytest.mark.parametrize("limit", ["max_streams", "max_streams_per_tenant", "max_streams_per_agent", "max_new_streams_per_s"])
async def test_over_a_limit_the_new_one_is_refused_in_band(scene: Scene, limit: str) -> None:
    """It is told when to come back, at a random moment; the old one lives."""
    async with serve(scene, **{limit: 1}) as api, api.http("auditor") as http, following(http) as old:
        await until(old, "ready")
        async with following(http) as refused:
            farewell = await until(refused, "bye")
        await api.scene.open()
        await until(old, "message", "case.opened")

    assert farewell["data"] == {"reason": "overloaded"}
    assert 3000 <= int(farewell["retry"]) <= 15000


@pytest.mark.item("S32")
async def test_one_principal_cannot_take_all_the_streams(scene: Scene) -> None:
    """Another one comes in when the first may open no more."""
    async with serve(scene, max_streams_per_agent=1) as api, api.http("auditor") as greedy, api.http("worker") as other:
        async with following(greedy) as first, following(greedy) as second, following(other) as third:
            await until(first, "ready")
            await until(second, "bye")
            await until(third, "ready")


async def test_what_comes_in_quick_succession_goes_out_together(api: Api) -> None:
    """To people: the first at once, what follows within the pace in one write. To agents each at once."""
    async with asyncio.timeout(20):
        writes = {who: await _writes(api, who, pace_s) for who, pace_s in (("auditor", 0.3), ("worker", 0.0))}

    assert writes["auditor"] < writes["worker"]


async def _writes(api: Api, who: str, pace_s: float) -> int:
    """How many writes it takes until twenty cases are told, one after the other."""
    stream = api.service.hub.stream(api.scene.people[who], Wanted(pace_s=pace_s))
    writes = seen = 0
    async with aclosing(stream):
        await anext(stream)
        opening = asyncio.create_task(_open_many(api, 20))
        async for frames in stream:
            writes += 1
            seen += frames.count(b'"type":"case.opened"')
            if seen >= 20:
                break
        await opening
    return writes


async def _open_many(api: Api, count: int) -> None:
    for _ in range(count):
        before = api.service.journal.head
        await api.scene.open()
        while api.service.journal.head < before + 2:
            await asyncio.sleep(0.001)


async def test_streams_end_one_by_one_over_the_drain(api: Api) -> None:
    """Each at a moment of its own, so that they do not come back all together; new ones are not taken."""
    hub = Hub(api.service.store, api.service.journal, limits=Limits(drain_s=0.5))
    who = api.scene.people["auditor"]
    streams = [hub.stream(who, Wanted()) for _ in range(20)]
    for stream in streams:
        await anext(stream)
    hub.close()
    ended: list[float] = []

    async def drain(stream: Any) -> bytes:
        last = [frames async for frames in stream][-1]
        ended.append(asyncio.get_running_loop().time())
        return bytes(last)

    farewells = await asyncio.gather(*map(drain, streams))
    refused = [frames async for frames in hub.stream(who, Wanted())]

    assert all(b'"reason":"shutdown"' in farewell for farewell in farewells)
    assert len({round(moment, 2) for moment in ended}) > 5
    assert (len(refused), hub.streams) == (1, 0)
