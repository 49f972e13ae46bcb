"""Tasks to look at: the newest of a case, one that is stuck, why they wait, and what the journal tells."""

from uuid import UUID

from blackboard.answers import CaseSummary, Event
from blackboard.requests import Failure
from tests.factories import Clock, Scene, small


async def task_of(scene: Scene, case: CaseSummary) -> UUID:
    """The newest task of a case."""
    return (await scene.board.show_case(scene.people["auditor"], case.id)).tasks[-1].id


async def reasons_of(scene: Scene, task_id: UUID) -> list[tuple[str, str]]:
    """What a task waits for, each with its key."""
    shown = await scene.board.show_task(scene.people["auditor"], task_id)
    return [(reason.reason, reason.key) for reason in shown.waits_for]


async def read_journal(scene: Scene, kind: str) -> list[Event]:
    """All events of a kind."""
    await scene.store.sequence_events()
    return [event for event in await scene.store.read_journal(0, 1000) if event.type == kind]


async def get_stuck(scene: Scene, clock: Clock, kind: str) -> UUID:
    """A task that rests as this."""
    await scene.load(small(max_rescues=1))
    await scene.open()
    [task] = await scene.claim()
    if kind == "incident":
        await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", retryable=False))
    else:
        await clock.pass_(31)
        await scene.store.expire_leases(10)
    assert await reasons_of(scene, task.id) == [(kind, "")]
    return task.id
