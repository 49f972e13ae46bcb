"""Tasks that somebody gave back as not theirs."""

from blackboard.requests import Rejection
from tests.factories import Clock, Scene


async def test_a_rejected_task_is_offered_to_others_only(scene: Scene) -> None:
    """With no attempt counted."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.reject(scene.people["worker"], task.id, Rejection(fence=task.fence, reason="my cousin"))

    again = await scene.claim("worker", limit=10)

    assert (again, [(t.id, t.attempt) for t in await scene.claim("rival", limit=10)]) == ([], [(task.id, 1)])


async def test_who_rejected_a_task_is_still_offered_others(scene: Scene) -> None:
    """Those behind it in the queue."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.reject(scene.people["worker"], task.id, Rejection(fence=task.fence, reason="my cousin"))
    later = await scene.open()

    assert [t.case_id for t in await scene.claim("worker", limit=10)] == [later.id]


async def test_a_rejection_holds_after_another_holder_was_lost(scene: Scene, clock: Clock) -> None:
    """It is for good."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.reject(scene.people["worker"], task.id, Rejection(fence=task.fence, reason="my cousin"))
    await scene.claim("rival")
    await clock.pass_(31)
    await scene.store.expire_leases(10)

    assert (await scene.claim("worker"), len(await scene.claim("rival"))) == ([], 1)
