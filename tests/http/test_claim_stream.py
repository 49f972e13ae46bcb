"""Claimed tasks as a stream: up to the credit, each in one hand, and back in the queue when the line breaks."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from blackboard.claim_stream import ClaimStream
from blackboard.requests import FencedDecision, Heartbeat, NewAction, NewFact
from tests.conftest import thoroughly
from tests.factories import Scene
from tests.http.conftest import Api, fresh_key, serve

Frame = tuple[str, dict[str, Any]]
PATH = "/v1/claims/stream?capability=first"


class Reader:
    """One connection, read frame by frame."""

    def __init__(self, lines: AsyncGenerator[str, None]) -> None:
        self._lines = lines
        self.beats = 0

    async def next(self) -> Frame:
        """The next frame: its name and what it says."""
        name = ""
        async with asyncio.timeout(15):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    return name, json.loads(line.removeprefix("data: "))
                elif line.startswith(":"):
                    self.beats += 1
        raise EOFError

    async def task(self) -> dict[str, Any]:
        """The next frame, which brings a task."""
        name, told = await self.next()
        assert name == "task", (name, told)
        return told


@asynccontextmanager
async def reading(own: Api, path: str = PATH, who: str = "worker") -> AsyncIterator[Reader]:
    """A stream after its greeting; leaving the block breaks the connection."""
    async with own.http(who) as http, http.stream("GET", path) as response:
        assert response.status_code == 200, await response.aread()
        lines = response.aiter_lines()
        reader = Reader(lines)  # type: ignore[arg-type]  # httpx calls its generator an iterator
        name, _ = await reader.next()
        assert name == "ready"
        yield reader


async def decide(own: Api, task: dict[str, Any], outcome: str = "reject", who: str = "worker") -> None:
    """End a task by a request of its own."""
    async with own.client(who) as board:
        await board.decide(UUID(task["id"]), FencedDecision(fence=task["fence"], outcome=outcome, reasons=["because"]))


async def states(own: Api) -> list[str]:
    """Where the tasks are, oldest first."""
    told = await own.scene.admin._value(
        "SELECT array_agg(task_id ORDER BY seq) FROM board.task WHERE tenant_id = $1", own.scene.tenant_id
    )
    return [await own.scene.state(task_id) for task_id in told or []]


async def becomes(own: Api, expected: list[str]) -> None:
    """Until the tasks are in these places."""
    await until(lambda: states(own), lambda found: found == expected)


async def until(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> None:
    async with asyncio.timeout(15):
        while not holds(await ask()):
            await asyncio.sleep(0.02)


async def test_a_stream_greets_with_its_credit_and_its_heartbeat(own: Api) -> None:
    """And with an id, which stands in the leases as the claim's."""
    async with own.http("worker") as http, http.stream("GET", f"{PATH}&credit=7") as response:
        reader = Reader(response.aiter_lines())  # type: ignore[arg-type]  # httpx calls its generator an iterator
        name, told = await reader.next()
        await own.scene.open()
        await reader.task()
        claim_id = await own.scene.admin._value(
            "SELECT claim_id FROM board.task_lease WHERE tenant_id = $1", own.scene.tenant_id
        )

    assert (name, told["credit"], told["heartbeat_s"], told["max_age_s"]) == ("ready", 7, 15.0, 600.0)
    assert UUID(told["stream"]).hex == claim_id
    assert response.headers["Content-Type"].startswith("text/event-stream")


async def test_tasks_come_as_they_become_ready_and_as_a_claim_would_give_them(own: Api) -> None:
    """The same JSON as in the answer of POST /v1/claims."""
    async with reading(own, f"{PATH}&credit=2&lease_s=77") as reader, own.http("rival") as rival:
        first = await own.scene.open()
        streamed = await reader.task()
        second = await own.scene.open()
        next_one = await reader.task()
        await own.scene.open()
        body = {"capabilities": ["first"], "lease_s": 77, "wait_s": 20}
        answer = await rival.post("/v1/claims", json=body, headers=fresh_key())
        [posted] = answer.json()["tasks"]

    assert [streamed["case_id"], next_one["case_id"]] == [str(first.id), str(second.id)]
    assert (streamed["fence"], streamed["lease_s"]) == (1, 77)
    assert (streamed.keys(), streamed["context"].keys()) == (posted.keys(), posted["context"].keys())
    assert {k: type(v) for k, v in streamed.items()} == {k: type(v) for k, v in posted.items()}


async def test_nobody_has_more_than_its_credit(own: Api) -> None:
    """Of five ready tasks three are claimed; each decision brings one more."""
    for _ in range(5):
        await own.scene.open()
    async with reading(own, f"{PATH}&credit=3") as reader:
        tasks = [await reader.task() for _ in range(3)]
        assert await states(own) == ["claimed"] * 3 + ["ready"] * 2
        await decide(own, tasks[0])
        await reader.task()
        assert await states(own) == ["done", "claimed", "claimed", "claimed", "ready"]


@pytest.mark.parametrize("verb", ["fail", "release", "reject", "need"])
async def test_whatever_ends_a_claim_returns_its_credit(own: Api, verb: str) -> None:
    """Not the decision alone."""
    bodies = {"fail": {"reason": "x"}, "release": {}, "reject": {"reason": "x"}, "need": {"fact": "income", "reason": "x"}}
    async with reading(own) as reader, own.http("worker") as http:
        await own.scene.open()
        task = await reader.task()
        waiting = await own.scene.open()
        body = {"fence": task["fence"], **bodies[verb]}
        answer = await http.post(f"/v1/tasks/{task['id']}/{verb}", json=body, headers=fresh_key())
        assert answer.is_success, answer.text
        seen = await reader.task()

    # What was released is the older one, and comes again.
    assert seen["case_id"] == (task["case_id"] if verb == "release" else str(waiting.id))


async def test_a_decision_through_another_process_returns_credit(own: Api) -> None:
    """The journal tells."""
    async with serve(own.scene) as other, reading(own) as reader:
        for _ in range(3):
            await own.scene.open()
        for _ in range(2):
            await decide(other, await reader.task())
        await reader.task()

        assert await states(own) == ["done", "done", "claimed"]


async def test_an_end_that_nobody_told_of_is_found(own: Api) -> None:
    """The lease is gone without a word in the journal: a full hand looks for itself."""
    async with reading(own) as reader:
        await own.scene.open()
        await reader.task()
        await own.scene.admin._value(
            "WITH x AS (DELETE FROM board.task_lease WHERE tenant_id = $1 RETURNING 1) SELECT count(*) FROM x",
            own.scene.tenant_id,
        )
        second = await own.scene.open()

        assert (await reader.task())["case_id"] == str(second.id)


async def test_a_withdrawn_case_returns_credit(own: Api) -> None:
    """Its task is nobody's any more."""
    async with reading(own) as reader, own.client("requester") as requester:
        first = await own.scene.open()
        await reader.task()
        second = await own.scene.open()
        await requester.cancel_case(first.id, "changed my mind")

        assert (await reader.task())["case_id"] == str(second.id)


async def test_two_streams_share_the_work_without_doubling(own: Api) -> None:
    """Forty tasks on two streams, on two processes: each task comes once."""
    seen: list[str] = []

    async def work(at: Api, who: str) -> None:
        async with reading(at, f"{PATH}&credit=4", who) as reader:
            while len(seen) < 40:
                task = await reader.task()
                seen.append(task["id"])
                await decide(at, task, who=who)
                if len(seen) == 40:
                    done.set()

    done = asyncio.Event()
    async with serve(own.scene) as other:
        workers = [asyncio.create_task(work(own, "worker")), asyncio.create_task(work(other, "rival"))]
        for _ in range(40):
            await own.scene.open()
        async with asyncio.timeout(30):
            await done.wait()
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)

    assert (len(seen), len(set(seen))) == (40, 40)


async def test_a_broken_line_gives_back_what_nobody_wrote_about(own: Api) -> None:
    """At once and unharmed, under the next fence."""
    await own.scene.open()
    async with reading(own) as reader:
        await reader.task()
    await becomes(own, ["ready"])
    [again] = await own.scene.claim("rival")

    assert (again.fence, again.attempt) == (2, 1)


@pytest.mark.parametrize("word", ["heartbeat", "fact", "action"])
async def test_a_broken_line_leaves_what_its_holder_wrote_about(own: Api, word: str) -> None:
    """It is at work somewhere; the one that was only sent goes back."""
    for _ in range(2):
        await own.scene.open()
    async with reading(own, f"{PATH}&credit=2") as reader, own.client("worker") as board:
        kept, left = await reader.task(), await reader.task()
        task_id, fence = UUID(kept["id"]), kept["fence"]
        if word == "heartbeat":
            await board.heartbeat(task_id, Heartbeat(fence=fence))
        elif word == "fact":
            await board.put_facts(UUID(kept["case_id"]), [NewFact(key="income", value=1)], task_id=task_id, fence=fence)
        else:
            await board.record_action(task_id, NewAction(fence=fence, kind="pay", payload={}))
    await until(lambda: own.scene.state(UUID(left["id"])), lambda state: state == "ready")

    assert await own.scene.state(task_id) == "claimed"
    await decide(own, kept)


async def test_who_leaves_while_waiting_takes_no_work_along(own: Api) -> None:
    """The stream is gone, and the next task is somebody else's."""
    async with reading(own):
        await until(_waiting(own), lambda count: count == 1)
    await until(_waiting(own), lambda count: count == 0)
    await own.scene.open()

    assert len(await own.scene.claim("rival")) == 1
    assert own.service.dealer.streams == 0


async def test_a_suspended_agent_gets_bye_and_loses_its_claims(own: Api) -> None:
    """And is not let in again."""
    await own.scene.hire("boss", role="admin")
    await own.scene.open()
    async with reading(own, f"{PATH}&credit=2") as reader, own.client("boss") as boss:
        await reader.task()
        await boss.set_agent_state("worker", "suspend", "leak")
        name, told = await reader.next()
        # Whichever is heard first: that its rights are over, or that it may not claim.
        assert (name, told["reason"] in ("rights_changed", "not-permitted")) == ("bye", True)
    await becomes(own, ["ready"])
    async with own.http("worker") as http:
        assert (await http.get(PATH)).status_code in {401, 403}


async def test_a_killed_client_loses_what_it_has_not_taken_up(own: Api) -> None:
    """`kill -9`: its socket closes, and its tasks are ready for others."""
    for _ in range(3):
        await own.scene.open()
    program = (
        "import sys, httpx\n"
        "with httpx.stream('GET', sys.argv[1], headers={'Authorization': 'Bearer ' + sys.argv[2]}, timeout=60) as r:\n"
        "    for line in r.iter_lines(): print(line, flush=True)\n"
    )
    url = f"{own.url}{PATH}&credit=3"
    arguments = [sys.executable, "-c", program, url, own.scene.keys["worker"]]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    seen = 0
    async with asyncio.timeout(20):
        while seen < 3:
            seen += (await process.stdout.readline()).startswith(b"event: task")
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()

    await becomes(own, ["ready"] * 3)


def frozen_reader(own: Api, path: str) -> socket.socket:
    """Asks for a stream and never reads a byte of it."""
    parts = urlsplit(own.url)
    frozen = socket.socket()
    frozen.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    frozen.connect((str(parts.hostname), int(parts.port or 0)))
    frozen.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {own.scene.keys['worker']}\r\n\r\n".encode())
    return frozen


async def test_a_reader_that_takes_nothing_is_dealt_no_more(own: Api) -> None:
    """What fills its socket is all it gets, whatever its credit; when it is gone the queue has everything back."""
    wide = {"customer": "C-1", "pad": "x" * 100_000}
    for _ in range(130):
        await own.scene.open(payload=wide)
    with closing(frozen_reader(own, f"{PATH}&credit=1000")):
        # One claim's worth, of which a part is on its way.
        await until(lambda: _count(own, "claimed"), lambda count: count == 100)
        [mine] = await own.scene.claim("rival")
        assert mine.fence == 1
    await until(lambda: _count(own, "ready"), lambda count: count == 129)


async def test_a_process_that_stops_says_bye_and_takes_nothing_back(scene: Scene) -> None:
    """Its readers decide elsewhere what they have."""
    async with serve(scene) as api, serve(scene) as other:
        await scene.open()
        async with reading(api, f"{PATH}&credit=2") as reader:
            task = await reader.task()
            api.service.drain()
            assert (await reader.next())[0] == "bye"
        assert await scene.state(UUID(task["id"])) == "claimed"
        await decide(other, task)


async def test_a_process_that_stops_gives_back_what_it_could_not_send(scene: Scene) -> None:
    """Also where the socket takes nothing: the process does not leave its claims to their deadlines."""
    for _ in range(60):
        await scene.open(payload={"customer": "C-1", "pad": "x" * 100_000})
    async with serve(scene) as api:
        frozen = frozen_reader(api, f"{PATH}&credit=100")
        await until(lambda: _count(api, "claimed"), lambda count: count == 60)
    frozen.close()

    assert await scene.admin._value("SELECT count(*) FROM board.task_lease") == 0


async def test_a_quiet_stream_is_kept_alive_and_an_old_one_is_rotated(scene: Scene) -> None:
    """Comments while there is nothing to tell, `bye` with a time to come back after."""
    async with serve(scene, heartbeat_s=0.05, stream_max_age_s=0.6) as api, reading(api) as reader:
        name, told = await reader.next()

    assert (name, told) == ("bye", {"reason": "rotation"})
    assert reader.beats > 2


@pytest.mark.item("S32")
@pytest.mark.parametrize("limit", ["max_streams", "max_streams_per_tenant", "max_streams_per_agent"])
async def test_too_many_streams_are_told_in_band(scene: Scene, limit: str) -> None:
    """The new one gets `bye` and a time; the old one lives."""
    async with serve(scene, **{limit: 1}) as api, reading(api) as old:
        async with api.http("worker" if limit == "max_streams_per_agent" else "rival") as http:
            refused = (await http.get(PATH)).text
        await scene.open()
        assert (await old.task())["fence"] == 1

    assert refused.startswith("retry: ")
    assert 'event: bye\ndata: {"reason":"overloaded"}' in refused


async def test_a_crowd_of_waiting_claims_is_told_in_band(scene: Scene) -> None:
    """The limit is that of all who wait."""
    async with serve(scene, max_waiting_claims=1) as api, reading(api):
        await until(_waiting(api), lambda count: count == 1)
        async with api.http("rival") as http:
            refused = (await http.get(PATH)).text

    assert 'event: bye\ndata: {"reason":"overloaded"}' in refused


async def test_a_session_that_comes_back_has_no_more_than_its_credit(own: Api) -> None:
    """What it wrote about before the line broke is still in its hands, on whatever process it comes back to."""
    session = uuid4()
    for _ in range(3):
        await own.scene.open()
    path = f"{PATH}&credit=2&session_id={session}"
    async with reading(own, path) as reader, own.client("worker") as board:
        tasks = [await reader.task() for _ in range(2)]
        await board.heartbeat(UUID(tasks[0]["id"]), Heartbeat(fence=1))
    await becomes(own, ["claimed", "ready", "ready"])
    async with serve(own.scene) as other, reading(other, path) as reader:
        again = await reader.task()
        assert again["id"] == tasks[1]["id"]
        assert await states(own) == ["claimed", "claimed", "ready"]
        await decide(own, tasks[0])
        await reader.task()


# A quarter of a minute of lines that break.
@thoroughly
async def test_the_client_library_follows_over_broken_lines(scene: Scene) -> None:
    """Rotated again and again, it gets every task once, as a claim gives it."""
    seen = []
    async with serve(scene, stream_max_age_s=0.2) as api, api.client("worker") as board:
        stream = ClaimStream(board, ["first"], credit=2)
        async with asyncio.timeout(30):
            await scene.open()
            async for task in stream:
                seen.append(task.case_id)
                await board.decide(task.id, FencedDecision(fence=task.fence, outcome="reject", reasons=["because"]))
                if len(seen) == 3:
                    break
                connects = stream.connects
                asyncio.get_running_loop().create_task(_open_after(stream, connects, scene))

    assert (len(set(seen)), stream.connects >= 3) == (3, True)


async def _open_after(stream: ClaimStream, connects: int, scene: Scene) -> None:
    """A case that is opened when the stream has another connection."""
    while stream.connects == connects:
        await asyncio.sleep(0.01)
    await scene.open()


async def test_the_client_library_raises_what_the_board_refuses(own: Api) -> None:
    """There is no use in coming back."""
    async with own.client("requester") as board:
        with pytest.raises(Exception, match="may not claim tasks") as refused:
            await anext(aiter(ClaimStream(board, ["first"])))

    assert not isinstance(refused.value, httpx.HTTPError)


def _waiting(own: Api) -> Callable[[], Any]:
    async def count() -> int:
        return own.service.board.waiting_claims

    return count


async def _count(own: Api, place: str) -> int:
    tables = {"claimed": "task_lease", "ready": "task_ready"}
    query = f"SELECT count(*) FROM board.{tables[place]} WHERE tenant_id = $1"
    return int(await own.scene.admin._value(query, own.scene.tenant_id))
