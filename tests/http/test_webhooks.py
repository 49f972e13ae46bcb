"""Events are sent to endpoints: signed, in order, at least once, and what cannot be delivered is kept apart."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from starlette.responses import RedirectResponse, Response, StreamingResponse

from blackboard.addresses import Guard
from blackboard.board import Board
from blackboard.courier import Courier
from blackboard.requests import NewWebhook
from blackboard.webhooks import Sender
from tests.conftest import Database
from tests.factories import PEPPER, Scene, age_journal, make_scene
from tests.http.conftest import Api, serve
from tests.http.operations import write
from tests.http.receiver import Receiver

README = Path(__file__).parents[2] / "README.md"
ALLOW = ["127.0.0.1"]
CASES = {"type": ["case.opened"]}
WAIT_LIMIT_S = 30.0


@pytest.fixture
async def api(scene: Scene) -> AsyncIterator[Api]:
    """A board that may send to this machine, and gives up soon."""
    async with serve(scene, webhook_allow=ALLOW, webhook_attempts=3, webhook_backoff_s=0.01) as api:
        yield api


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A system that takes webhooks."""
    async with Receiver().open() as receiver:
        yield receiver


async def put(boss: httpx.AsyncClient, url: str, name: str = "crm", **more: Any) -> dict[str, Any]:
    """An endpoint for cases that were opened."""
    answer = await write(boss, f"/v1/webhooks/{name}", {"url": url, "filter": CASES, "reason": "crm", **more}, "PUT")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def show(boss: httpx.AsyncClient, name: str = "crm") -> dict[str, Any]:
    """The endpoint as it stands."""
    answer = await boss.get(f"/v1/webhooks/{name}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(boss: httpx.AsyncClient, fact: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Look at the endpoint until it is so."""
    async with asyncio.timeout(WAIT_LIMIT_S):
        while not fact(found := await show(boss)):
            await asyncio.sleep(0.02)
    return found


async def open_cases(scene: Scene, count: int) -> list[str]:
    """Cases, one after the other; their ids."""
    return [str((await scene.open()).id) for _ in range(count)]


async def events(http: httpx.AsyncClient, kind: str) -> list[dict[str, Any]]:
    """What the journal tells of a kind."""
    answer = await http.get("/v1/events", params={"type": kind, "after": "0"}, headers={"Accept": "application/json"})
    return list(answer.json()["events"])


def cases(found: list[dict[str, Any]]) -> list[str]:
    """Of which cases events are."""
    return [event["case_id"] for event in found]


async def test_what_arrives_is_the_event_of_the_stream_signed(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Byte for byte but for `prev`, with the headers of Standard Webhooks."""
    secret = (await put(boss, receiver.url))["secret"]
    await open_cases(api.scene, 1)
    [arrival] = await receiver.until(lambda found: len(found) == 1)
    [event] = await events(boss, "case.opened")

    assert arrival.is_signed_by(secret)
    assert not arrival.is_signed_by("whsec_" + "A" * 43 + "=")
    assert arrival.headers["content-type"] == "application/cloudevents+json"
    assert {**arrival.event, "prev": 0} == {**event, "prev": 0}


async def test_the_readers_check_of_the_readme_verifies(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """What was sent, and nothing that was changed or is old."""
    [shown] = [text for text in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL) if "webhook-id" in text]
    told: dict[str, Any] = {}
    exec(shown, told)  # noqa: S102  # the text is ours, and this is what a reader does with it
    secret = (await put(boss, receiver.url))["secret"]
    await open_cases(api.scene, 1)
    [arrival] = await receiver.until(lambda found: len(found) == 1)
    old = {**arrival.headers, "webhook-timestamp": str(int(arrival.headers["webhook-timestamp"]) - 3600)}
    tries = [(arrival.headers, arrival.body), (arrival.headers, arrival.body + b" "), (old, arrival.body)]

    assert [told["verify"](secret, headers, body) for headers, body in tries] == [True, False, False]


async def test_events_arrive_in_order_and_are_chained(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Each names the one before it at this endpoint."""
    begun_at = int((await put(boss, receiver.url))["cursor"].partition(".")[2])
    opened = await open_cases(api.scene, 20)
    await receiver.until(lambda found: len(found) >= 20)
    positions = [event["position"] for event in receiver.taken]

    assert cases(receiver.taken) == opened
    assert [event["prev"] for event in receiver.taken] == [begun_at, *positions[:-1]]
    assert (await until(boss, lambda found: found["lag"] == 0))["failures"] == 0


async def test_an_endpoint_gets_what_its_filter_names(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """And nothing else."""
    await api.scene.open()
    await put(boss, receiver.url, filter={"type": ["task.*"], "agent": ["worker"]})
    await api.scene.open()
    await api.scene.claim()
    await receiver.until(lambda found: len(found) >= 1)
    found = await until(boss, lambda found: found["lag"] == 0)

    assert {(event["type"], event["actor"]) for event in receiver.taken} == {("task.claimed", "worker")}
    assert found["filter"] == {"type": ["task.*"], "agent": ["worker"]}


async def test_a_refused_event_is_sent_again_before_the_next(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Under the same id; then the others follow in order."""
    receiver.answers = [Response(status_code=status) for status in (500, 503, 204)]
    await put(boss, receiver.url)
    opened = await open_cases(api.scene, 3)
    arrived = await receiver.until(lambda found: len(found) == 5)

    assert cases([arrival.event for arrival in arrived]) == [opened[0]] * 3 + opened[1:]
    assert len({arrival.id for arrival in arrived}) == 3


async def test_a_receiver_that_comes_back_gets_what_it_missed(scene: Scene) -> None:
    """In order, from where it left."""
    async with serve(scene, webhook_allow=ALLOW, webhook_attempts=50, webhook_backoff_s=0.001) as api:
        await api.scene.hire("boss", role="admin")
        async with api.http("boss") as boss:
            receiver = Receiver()
            async with receiver.open():
                await put(boss, receiver.url)
                opened = await open_cases(scene, 1)
                await receiver.until(lambda found: len(found) == 1)
            opened += await open_cases(scene, 3)
            told = await until(boss, lambda found: found["failures"] >= 2)
            async with receiver.open():
                await receiver.until(lambda found: len(found) >= 4)

                assert cases(receiver.taken) == opened
                assert "ConnectError" in told["last_error"]


async def test_an_event_nobody_takes_becomes_a_dead_letter(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """After the last attempt; the next event goes out, and names the lost one as the one before it."""
    receiver.answers = [*[Response(status_code=500) for _ in range(3)], Response(status_code=204)]
    await put(boss, receiver.url)
    opened = await open_cases(api.scene, 2)
    arrived = await receiver.until(lambda found: len(found) == 4)
    found = await until(boss, lambda found: found["lag"] == 0)
    [letter] = found["dead_letters"]
    [told] = await events(boss, "webhook.failed")

    assert cases(receiver.taken) == opened[1:]
    assert arrived[3].event["prev"] == arrived[0].event["position"]
    assert (letter["cursor"], letter["status"], letter["attempts"]) == (arrived[0].event["id"], 500, 3)
    assert (told["actor"], told["data"]["name"], told["data"]["attempts"]) == ("board", "crm", 3)


async def test_dead_letters_are_sent_again_as_they_were(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Same bytes, same id; then they are forgotten."""
    receiver.answers = [*[Response(status_code=500) for _ in range(6)], Response(status_code=204)]
    await put(boss, receiver.url)
    await open_cases(api.scene, 3)
    await until(boss, lambda found: found["lag"] == 0)
    first = [receiver.arrived[0], receiver.arrived[3]]
    answer = await write(boss, "/v1/webhooks/crm/replay", {"dead": True, "reason": "mended"})
    arrived = await receiver.until(lambda found: len(found) == 9)
    await until(boss, lambda found: found["dead"] == 0)
    [told] = await events(boss, "webhook.replayed")

    assert (answer.status_code, answer.json()["dead"]) == (200, 2)
    assert [(a.id, a.body) for a in arrived[7:]] == [(a.id, a.body) for a in first]
    assert (told["actor"], told["data"]["reason"], told["data"]["count"]) == ("boss", "mended", 2)


async def test_a_replay_sends_again_what_came_after_a_cursor(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Under the ids of the first time."""
    await put(boss, receiver.url)
    await open_cases(api.scene, 3)
    arrived = list(await receiver.until(lambda found: len(found) == 3))
    await write(boss, "/v1/webhooks/crm/replay", {"after": arrived[0].event["id"], "reason": "lost a day"})
    again = await receiver.until(lambda found: len(found) == 5)

    assert [a.id for a in again[3:]] == [a.id for a in arrived[1:]]


async def test_what_the_journal_dropped_before_it_was_sent_is_told(
    api: Api, boss: httpx.AsyncClient, receiver: Receiver, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """As a dead letter that cannot be sent again; then the endpoint goes on."""
    await put(boss, receiver.url, state="paused")
    await open_cases(api.scene, 2)
    floor = await age_journal(connection)
    # What is not sealed yet is kept.
    async with asyncio.timeout(10):
        while not await api.scene.store.trim_journal(1, 10):
            await asyncio.sleep(0.01)
    await put(boss, receiver.url)
    opened = await open_cases(api.scene, 1)
    await receiver.until(lambda found: len(found) == 1)
    again = (await write(boss, "/v1/webhooks/crm/replay", {"dead": True, "reason": "try"})).json()
    [letter] = (await show(boss))["dead_letters"]

    assert cases(receiver.taken) == opened
    assert (letter["cursor"], letter["is_lost"], letter["is_due"], again["dead"]) == (f"1.{floor}", True, False, 1)


async def test_a_replay_is_of_this_journal(boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """A cursor of another one, or neither or both of what can be replayed, is refused."""
    await put(boss, receiver.url)
    bodies: list[dict[str, Any]] = [{"after": "1.99999"}, {"after": "7.1"}, {"after": "x"}, {}, {"after": "0", "dead": True}]
    answers = [await write(boss, "/v1/webhooks/crm/replay", {**body, "reason": "why"}) for body in bodies]

    assert [answer.status_code for answer in answers] == [422] * 5
    assert "which ends at" in answers[0].text


async def test_two_senders_at_once_lose_nothing(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """What both send has one id, and each event first arrives in its order."""
    scene = api.scene
    rivals = [Sender(scene.store.seat(f"rival {n}"), scene.store, Courier(Guard(ALLOW)), interval_s=0.01) for n in range(2)]
    await put(boss, receiver.url)
    for rival in rivals:
        rival.start()
    opened = await open_cases(scene, 30)
    await receiver.until(lambda found: len({arrival.id for arrival in found}) == 30)
    for rival in rivals:
        await rival.stop()
    found = await until(boss, lambda found: found["lag"] == 0)

    assert cases(receiver.taken) == opened
    assert found["dead"] == 0


async def test_a_redirect_is_not_followed(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """It is a failure that says what to do."""
    async with Receiver().open() as elsewhere:
        receiver.answers = [RedirectResponse(elsewhere.url, 307)]
        await put(boss, receiver.url)
        await open_cases(api.scene, 1)
        found = await until(boss, lambda found: found["dead"] == 1)

        assert elsewhere.arrived == []
        assert "not followed" in found["dead_letters"][0]["error"]


async def test_an_endpoint_that_is_gone_is_disabled(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Until it is put again; then it goes on where it stood."""
    receiver.answers = [Response(status_code=410), Response(status_code=204)]
    await put(boss, receiver.url)
    opened = await open_cases(api.scene, 2)
    await until(boss, lambda found: found["state"] == "disabled")
    [told] = await events(boss, "webhook.disabled")
    again = await put(boss, receiver.url)
    await receiver.until(lambda found: len(found) == 3)

    assert told["data"]["reason"] == "answered 410"
    assert (again["state"], again["secret"]) == ("active", None)
    assert cases(receiver.taken) == opened


async def test_a_long_answer_is_not_read_to_its_end(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Its status is what counts, though the rest never comes; the next event goes out."""
    is_over = asyncio.Event()

    async def drone() -> AsyncIterator[bytes]:
        yield bytes(65_536)
        await is_over.wait()

    receiver.answers = [StreamingResponse(drone()), Response(status_code=204)]
    await put(boss, receiver.url)
    opened = await open_cases(api.scene, 2)
    arrived = list(await receiver.until(lambda found: len(found) == 2))
    is_over.set()

    assert cases([arrival.event for arrival in arrived]) == opened


async def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """By Retry-After, at most an hour."""
    receiver.answers = [Response(status_code=429, headers={"Retry-After": "999999"}), Response(status_code=204)]
    await put(boss, receiver.url)
    await open_cases(api.scene, 1)
    found = await until(boss, lambda found: found["failures"] == 1)
    paused = await api.scene.admin._value("SELECT extract(epoch FROM next_try_at - now())::float8 FROM board.webhook")

    assert 3000 < paused <= 3600
    assert "429" in found["last_error"]


async def test_a_silent_receiver_holds_up_nobody(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """Others get their events while it keeps us waiting."""
    async with Receiver().open() as silent:
        silent.gate.clear()
        await put(boss, silent.url, "silent")
        await put(boss, receiver.url)
        opened = await open_cases(api.scene, 5)
        await silent.until(lambda found: len(found) == 1)
        await receiver.until(lambda found: len(found) == 5)

        assert (cases(receiver.taken), len(silent.arrived)) == (opened, 1)


async def test_a_paused_endpoint_keeps_its_place(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """And gets what happened meanwhile when it goes on."""
    await put(boss, receiver.url, state="paused")
    opened = await open_cases(api.scene, 2)
    await until(boss, lambda found: found["lag"] >= 2)
    await put(boss, receiver.url)
    await receiver.until(lambda found: len(found) == 2)

    assert cases(receiver.taken) == opened


async def test_after_a_rotation_both_secrets_verify(api: Api, boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """For a day; then the new one alone."""
    old = (await put(boss, receiver.url))["secret"]
    rotated = (await write(boss, "/v1/webhooks/crm/secret", {"reason": "leaked"})).json()
    await open_cases(api.scene, 1)
    [first] = await receiver.until(lambda found: len(found) == 1)
    await api.scene.admin._value("UPDATE board.webhook SET old_until = now() RETURNING 1")
    await open_cases(api.scene, 1)
    second = (await receiver.until(lambda found: len(found) == 2))[1]
    secrets = (old, rotated["secret"])

    assert rotated["old_secret_until"] is not None
    assert [[arrival.is_signed_by(secret) for secret in secrets] for arrival in (first, second)] == [
        [True, True],
        [False, True],
    ]


@asynccontextmanager
async def sending_process(database: Database, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """An API process of its own, which may be killed."""
    settings = {
        "DATABASE_URL": database.app_url,
        "BLACKBOARD_KEY_PEPPER": PEPPER.hex(),
        "BLACKBOARD_PORT": "0",
        "BLACKBOARD_WEBHOOK_ALLOW": orjson.dumps(ALLOW).decode(),
    }
    with log.open("wb") as out:
        start = asyncio.create_subprocess_exec(
            sys.executable, "-m", "api", env={**os.environ, **settings}, stdout=out, stderr=out
        )
        process = await start
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_killed_sender_sends_again_what_it_had_not_noted(
    scene: Scene, database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    """At least once: the same event under the same id, and then the next."""
    boss = await scene.hire("boss", role="admin")
    new = NewWebhook.model_validate({"url": receiver.url, "filter": CASES, "reason": "crm"})
    receiver.gate.clear()
    async with sending_process(database, tmp_path / "api.log"):
        await Board(scene.store, guard=Guard(ALLOW)).put_webhook(boss, "crm", new)
        opened = await open_cases(scene, 2)
        [before] = await receiver.until(lambda found: len(found) == 1)
    receiver.gate.set()
    async with serve(scene, webhook_allow=ALLOW):
        arrived = await receiver.until(lambda found: len(found) == 3)

    assert [arrival.id for arrival in arrived[:2]] == [before.id] * 2
    assert cases(receiver.taken) == opened


async def test_an_address_is_judged_again_at_each_delivery(scene: Scene, receiver: Receiver) -> None:
    """What may no longer be sent to is not, though it was when it was put."""
    async with serve(scene, webhook_allow=ALLOW) as api:
        await api.scene.hire("boss", role="admin")
        async with api.http("boss") as boss:
            await put(boss, receiver.url.replace("http:", "https:"), state="paused")
            await api.scene.admin._value("UPDATE board.webhook SET state = 'active' RETURNING 1")
    async with serve(scene, webhook_attempts=1) as api:
        async with api.http("boss") as boss:
            await open_cases(scene, 1)
            found = await until(boss, lambda found: found["dead"] == 1)

    assert receiver.arrived == []
    assert "BLACKBOARD_WEBHOOK_ALLOW" in found["dead_letters"][0]["error"]


async def test_another_tenants_webhooks_do_not_exist(
    api: Api, boss: httpx.AsyncClient, receiver: Receiver, database: Database
) -> None:
    """Neither in the list nor by name; and nobody gets another's events."""
    await put(boss, receiver.url, filter={})
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        await other.hire("chief", role="admin")
        async with Api(api.url, other, api.service).http("chief") as chief:
            listed = (await chief.get("/v1/webhooks")).json()
            tried = [
                await chief.get("/v1/webhooks/crm"),
                await write(chief, "/v1/webhooks/crm/replay", {"after": "0", "reason": "why"}),
                await write(chief, "/v1/webhooks/crm/secret", {"reason": "why"}),
                await write(chief, "/v1/webhooks/crm?reason=why", method="DELETE"),
            ]
            theirs = str((await other.open()).id)
    [ours] = await open_cases(api.scene, 1)
    await receiver.until(lambda found: any(arrival.event["case_id"] == ours for arrival in found))

    assert (listed, [answer.status_code for answer in tried]) == ([], [404] * 4)
    assert theirs not in cases(receiver.taken)


async def test_a_dropped_endpoint_is_no_more(boss: httpx.AsyncClient, receiver: Receiver) -> None:
    """And the journal says who dropped it and why."""
    await put(boss, receiver.url)
    answer = await write(boss, "/v1/webhooks/crm?reason=moved", method="DELETE")
    async with asyncio.timeout(WAIT_LIMIT_S):
        while not (told := await events(boss, "webhook.dropped")):
            await asyncio.sleep(0.02)

    assert (answer.json(), (await boss.get("/v1/webhooks/crm")).status_code) == ({"verdict": "dropped"}, 404)
    assert (told[0]["actor"], told[0]["data"]) == ("boss", {"name": "crm", "reason": "moved"})
