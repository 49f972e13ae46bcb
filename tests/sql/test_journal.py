"""From outbox to journal: dense, in order, each event once."""

import asyncio

import asyncpg
import pytest

from blackboard.errors import DatabaseMismatch
from tests.factories import Scene


async def test_positions_are_dense_and_start_at_one(scene: Scene) -> None:
    """Whatever happened before the first tick is in it."""
    await scene.open()
    await scene.store.sequence_events()

    events = await scene.store.read_journal(0, 100)

    assert [event.position for event in events] == list(range(1, len(events) + 1))


async def test_a_case_tells_its_story_in_order(scene: Scene) -> None:
    """Opened, ready, claimed, decided, moved, ready."""
    case = await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    await scene.store.sequence_events()

    told = [event.type for event in await scene.store.read_journal(0, 100) if event.case_id == case.id]

    assert told == ["case.opened", "task.ready", "task.claimed", "task.decided", "case.moved", "task.ready"]


async def test_what_was_rolled_back_is_never_told(scene: Scene) -> None:
    """And leaves no hole."""
    await scene.store.sequence_events()
    before = (await scene.store.read_head()).head
    try:
        async with scene.store.transaction() as verbs:
            await verbs.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}])
            raise LookupError
    except LookupError:
        pass
    await scene.open()
    await scene.store.sequence_events()

    events = await scene.store.read_journal(before, 100)

    assert [event.position for event in events] == [before + 1, before + 2]


async def test_a_transaction_that_commits_late_is_told_late_and_not_lost(scene: Scene) -> None:
    """A reader who had gone past it still gets it: positions are given at the time of seeing."""
    async with scene.store.transaction() as verbs:
        await verbs.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {"which": "slow"}}])
        quick = await scene.open()
        await scene.store.sequence_events()
        reader_is_at = (await scene.store.read_head()).head
    await scene.store.sequence_events()

    late = await scene.store.read_journal(reader_is_at, 100)

    assert [event.type for event in late] == ["case.opened", "task.ready"]
    assert all(event.case_id != quick.id for event in late)


async def test_two_sequencers_at_once_number_nothing_twice(scene: Scene) -> None:
    """The head's row lock decides; the election is for economy only."""
    for _ in range(20):
        await scene.open()

    counts = await asyncio.gather(*(scene.store.sequence_events() for _ in range(4)))
    events = await scene.store.read_journal(0, 1000)

    assert sum(counts) == len(events) == len({event.position for event in events})


async def test_a_tick_rings_once_with_the_new_head(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """One notification per tick, carrying a position and nothing of anybody's."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    await connection.add_listener("board_head", lambda *args: heard.put_nowait(args[3]))
    await scene.open()
    await scene.store.sequence_events()

    head = await scene.store.read_head()

    assert await asyncio.wait_for(heard.get(), 5) == f"{head.epoch}.{head.head}"


async def test_the_application_cannot_touch_the_journal(scene: Scene) -> None:
    """It may execute the verbs and nothing else."""
    statements = ("UPDATE board.journal SET size = 0", "DELETE FROM board.event_in", "SELECT * FROM board.case")

    for statement in statements:
        with pytest.raises(DatabaseMismatch, match="lacks a right"):
            await scene.store._rows(statement)
