"""Nothing missed, nothing twice, whatever order transactions commit in and however often readers are cut."""

import asyncio
import json
import random
from contextlib import aclosing

import pytest

from blackboard.hub import Hub, Limits, Wanted
from blackboard.journal import Journal
from blackboard.listener import Listener
from blackboard.sequencer import Sequencer
from blackboard.store import Store
from blackboard.values import Principal
from tests.factories import Scene

WRITERS = 12
ROUNDS = 40
READERS = 8
SEED = 20260101


@pytest.mark.timeout(120)
async def test_every_reader_gets_the_journal_itself(scene: Scene) -> None:
    """Crossed commits, rollbacks, two sequencers, and readers cut at random: what each got equals the journal."""
    journal = Journal(scene.store, interval_s=0.1, ring_max_events=300)
    await journal.open()
    hub = Hub(scene.store, journal, limits=Limits(heartbeat_s=0.05))
    loops = [
        journal,
        Listener(scene.url, journal.wake),
        *(Sequencer(scene.store.seat("sequencer")) for _ in range(2)),
    ]
    for loop in loops:
        loop.start()
    done = asyncio.Event()
    writing = await Store.open(scene.url, max_connections=WRITERS)
    async with asyncio.TaskGroup() as group:
        chances = [random.Random(SEED + n) for n in range(READERS)]
        readers = [group.create_task(_read(hub, scene.people["auditor"], chance, done)) for chance in chances]
        writers = (_write(writing, scene, random.Random(SEED * n)) for n in range(1, WRITERS + 1))
        rolled_back = sum(await asyncio.gather(*writers))
        await _sequenced(scene)
        done.set()
    results = [reader.result() for reader in readers]
    for loop in loops:
        await loop.stop()
    await writing.close()

    truth = [event.position for event in await scene.store.read_journal(0, 100_000)]
    assert truth == list(range(1, len(truth) + 1))
    assert rolled_back > 0
    assert sum(cuts for _, cuts in results) > READERS
    for got, _ in results:
        assert got == truth


async def test_without_notifications_a_reader_is_late_and_misses_nothing(scene: Scene) -> None:
    """NOTIFY is a hint: with no listener at all, the timed read finds the same."""
    journal = Journal(scene.store, interval_s=0.05)
    await journal.open()
    before = journal.head
    journal.start()
    await scene.open()
    await scene.store.sequence_events()
    async with asyncio.timeout(5):
        while journal.head < before + 2:
            await asyncio.sleep(0.01)
    await journal.stop()

    head = await scene.store.read_head()
    assert journal.head == head.head


async def test_a_listener_that_lost_its_connection_comes_back(scene: Scene) -> None:
    """Its backend is terminated; it reconnects by itself and rings, because something may have been missed."""
    rings = 0

    def ring() -> None:
        nonlocal rings
        rings += 1

    listener = Listener(scene.url, ring, probe_interval_s=0.05)
    listener.start()
    await _until(lambda: rings == 1)
    await scene.admin._value(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'blackboard listener'"
    )
    await _until(lambda: rings == 2)
    await scene.open()
    await scene.store.sequence_events()
    await _until(lambda: rings >= 3)
    await listener.stop()

    assert not listener.running


async def test_a_standby_takes_over_when_the_leader_is_gone(scene: Scene) -> None:
    """The leader's session ends and with it its lock."""
    leader, standby = (Sequencer(scene.store.seat("sequencer")) for _ in range(2))
    await leader.run_once()
    await standby.run_once()
    assert (leader.leading, standby.leading) == (True, False)

    await leader.stop()
    await standby.run_once()

    assert standby.leading
    await standby.stop()


async def _write(store: Store, scene: Scene, chance: random.Random) -> int:
    """Open cases in transactions of random length; one in ten is rolled back. How many were."""
    rolled_back = 0
    for _ in range(ROUNDS):
        try:
            async with store.transaction() as verbs:
                await verbs.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}])
                await asyncio.sleep(chance.random() * 0.01)
                if chance.random() < 0.1:
                    raise LookupError
        except LookupError:
            rolled_back += 1
    return rolled_back


async def _read(hub: Hub, who: Principal, chance: random.Random, done: asyncio.Event) -> tuple[list[int], int]:
    """Follow from the beginning, cut and resumed at random by the last id; the positions that came, and the cuts."""
    cursor, positions, cuts = "0", list[int](), 0
    while True:
        budget = chance.randint(1, 12)
        async with aclosing(hub.stream(who, Wanted(start=cursor))) as stream:
            async for frames in stream:
                for frame in frames.split(b"\n\n"):
                    cursor = _take(frame, cursor, positions)
                budget -= 1
                if done.is_set() and int(cursor.partition(".")[2]) == (await hub._store.read_head()).head:
                    return positions, cuts
                if budget <= 0:
                    cuts += 1
                    break


def _take(frame: bytes, cursor: str, positions: list[int]) -> str:
    """Note a data frame's position, check its link, and give the cursor after the frame."""
    fields = dict(line.split(b": ", 1) for line in frame.split(b"\n") if b": " in line)
    if b"id" not in fields:
        return cursor
    if b"data" in fields:
        event = json.loads(fields[b"data"])
        assert event["prev"] == (positions[-1] if positions else 0), "a hole in the stream"
        positions.append(event["position"])
    return fields[b"id"].decode()


async def _sequenced(scene: Scene) -> None:
    query = "SELECT (SELECT coalesce(sum(size), 0) FROM board.event_in) = (SELECT position FROM board.journal_head)"
    async with asyncio.timeout(30):
        while not await scene.admin._value(query):
            await asyncio.sleep(0.02)


async def _until(fact: object) -> None:
    assert callable(fact)
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.sleep(0.01)
