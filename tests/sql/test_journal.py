"""From outbox to journal: dense, in order, each event once."""

import asyncio

import pytest

from blackboard.errors import DatabaseMismatch, Rewound
from tests.factories import Scene
from tests.invariants import Connection


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


@pytest.mark.usefixtures("database")
async def test_two_sequencers_at_once_number_nothing_twice(scene: Scene) -> None:
    """The head's row lock decides; the election is for economy only."""
    for _ in range(20):
        await scene.open()

    counts = await asyncio.gather(*(scene.store.sequence_events() for _ in range(4)))
    events = await scene.store.read_journal(0, 1000)

    assert sum(counts) == len(events) == len({event.position for event in events})


@pytest.mark.usefixtures("database")
async def test_a_backlog_is_worked_off_in_slices_and_in_order(scene: Scene) -> None:
    """As a single tick would have numbered it; what commits meanwhile comes after."""
    await scene.store.sequence_events()
    cases = [(await scene.open()).id for _ in range(5)]
    async with scene.store.transaction() as verbs:
        await verbs.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}])
        counts = [await scene.store._value(SLICE)]
        late = (await scene.open()).id
        while counts[-1]:
            counts.append(await scene.store._value(SLICE))
        cases.append(late)
    await scene.store.sequence_events()

    events = await scene.store.read_journal(0, 1000)
    opened = [event.case_id for event in events if event.type == "case.opened"]
    assert (max(counts), len(counts)) == (4, 5)
    assert (opened[:6], len(opened)) == (cases, 7)
    assert [event.position for event in events] == list(range(1, len(events) + 1))


# Two blocks, each of a case that is opened.
SLICE = "SELECT board.sequence_events(5, 2)"


@pytest.mark.usefixtures("database")
async def test_two_sequencers_share_a_backlog(scene: Scene) -> None:
    """Whoever comes second goes on where the first one's slice ended."""
    for _ in range(20):
        await scene.open()

    while any(await asyncio.gather(*(scene.store._value("SELECT board.sequence_events(5, 3)") for _ in range(3)))):
        pass
    events = await scene.store.read_journal(0, 1000)

    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert sum(event.type == "case.opened" for event in events) == 20


async def test_on_a_server_that_was_promoted_a_new_epoch_begins(scene: Scene, connection: Connection) -> None:
    """Where the old one ended is kept: its cursors are good up to there."""
    await scene.open()
    await scene.store.sequence_events()
    before = await scene.store.read_head()
    same = await scene.store.keep_epoch()
    await connection.execute("UPDATE board.journal_epoch SET timeline_id = timeline_id - 1")

    epochs = [same, await scene.store.keep_epoch(), await scene.store.keep_epoch()]

    after = await scene.store.read_head()
    assert (epochs, after.past) == ([1, 2, 2], {1: before.head})
    with pytest.raises(Rewound):
        await scene.store.read_journal(0, 10, epoch=1)


async def test_a_dump_that_was_restored_elsewhere_loses_nothing_and_tells_nothing_twice(
    scene: Scene, connection: Connection
) -> None:
    """Its outbox has another server's transaction numbers, which are far ahead of this one's."""
    told = (await scene.open()).id
    await scene.store.sequence_events()
    untold = (await scene.open()).id
    await connection.execute("UPDATE board.journal_epoch SET system_id = system_id - 1")
    await connection.execute("UPDATE board.event_in SET xid = (xid::text::bigint + 1000000)::text::xid8")
    await connection.execute(
        "UPDATE board.journal_head SET snap = (SELECT format('%1$s:%1$s:', min(xid::text::bigint))::pg_snapshot"
        " FROM board.event_in WHERE entries[1].case_id = $1)",
        untold,
    )

    epoch = await scene.store.keep_epoch()
    later = (await scene.open()).id
    await scene.store.sequence_events()

    opened = [event.case_id for event in await scene.store.read_journal(0, 1000) if event.type == "case.opened"]
    assert (epoch, opened) == (2, [told, untold, later])


@pytest.mark.item("S19")
async def test_a_tick_rings_once_with_the_new_head(scene: Scene, connection: Connection) -> None:
    """One notification per tick, carrying a position and nothing of anybody's."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    await connection.add_listener("board_head", lambda *args: heard.put_nowait(args[3]))
    await scene.open()
    await scene.store.sequence_events()

    head = await scene.store.read_head()

    assert await asyncio.wait_for(heard.get(), 5) == f"{head.epoch}.{head.head}"


@pytest.mark.item("I42")
async def test_the_application_cannot_touch_the_journal(scene: Scene) -> None:
    """It may execute the verbs and nothing else."""
    statements = ("UPDATE board.journal SET size = 0", "DELETE FROM board.event_in", "SELECT * FROM board.case")

    for statement in statements:
        with pytest.raises(DatabaseMismatch, match="lacks a right"):
            await scene.store._rows(statement)
