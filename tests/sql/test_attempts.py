"""How long an attempt may take, how long all of them, and what the next holder finds."""

from datetime import timedelta

import pytest

from blackboard.errors import ClaimLost
from blackboard.requests import Failure, Heartbeat
from blackboard.values import Principal
from tests.factories import NOON, Clock, Scene, small


async def test_progress_of_a_lost_holder_reaches_the_next(scene: Scene, clock: Clock) -> None:
    """What the last heartbeat told."""
    await scene.open()
    [task] = await scene.claim("worker")
    for page in (1, 2):
        await scene.board.heartbeat(scene.people["worker"], task.id, Heartbeat(fence=task.fence, progress={"page": page}))
    await clock.pass_(31)
    await scene.store.expire_leases(10)

    assert [next_.context.progress for next_ in await scene.claim("rival")] == [{"page": 2}]


async def test_progress_outlives_a_heartbeat_without_any_and_a_suspension(scene: Scene, boss: Principal) -> None:
    """Saying nothing of it forgets nothing."""
    await scene.open()
    [task] = await scene.claim("worker")
    for progress in ({"page": 3}, None):
        await scene.board.heartbeat(scene.people["worker"], task.id, Heartbeat(fence=task.fence, progress=progress))
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    assert [next_.context.progress for next_ in await scene.claim("rival")] == [{"page": 3}]


async def test_an_attempt_ends_however_often_its_heart_beats(scene: Scene, clock: Clock) -> None:
    """The deadline moves up to the stage's limit, and no further."""
    await scene.load(small(attempt_max_s=50))
    await scene.open()
    [task] = await scene.claim()
    beat = Heartbeat(fence=task.fence, lease_s=3600)
    told = []
    for _ in range(2):
        await clock.pass_(20)
        told.append((await scene.board.heartbeat(scene.people["worker"], task.id, beat)).value.deadline_at)
    await clock.pass_(10)

    with pytest.raises(ClaimLost):
        await scene.board.heartbeat(scene.people["worker"], task.id, beat)

    assert told == [NOON + timedelta(seconds=50)] * 2


async def test_a_claim_asks_for_no_longer_than_an_attempt_may_take(scene: Scene) -> None:
    """From the start."""
    await scene.load(small(attempt_max_s=50))
    await scene.open()
    [task] = await scene.claim(lease_s=3600)
    shown = await scene.board.show_task(scene.people["auditor"], task.id)

    assert shown.holder is not None
    assert task.deadline_at == shown.holder.deadline_at == shown.holder.granted_at + timedelta(seconds=50)


async def test_a_failure_is_final_when_the_time_for_all_attempts_is_over(scene: Scene, clock: Clock) -> None:
    """However many attempts are left."""
    await scene.load(small(total_max_s=60, max_attempts=100))
    await scene.open()
    told = []
    for _ in range(2):
        [task] = await scene.claim()
        failure = Failure(fence=task.fence, reason="oops", delay_s=60)
        told.append((await scene.board.fail(scene.people["worker"], task.id, failure)).value.verdict)
        await clock.pass_(60)
        await scene.store.promote_scheduled(10)

    assert told == ["retrying", "incident"]


async def test_a_redrive_begins_the_time_for_all_attempts_anew(scene: Scene, boss: Principal, clock: Clock) -> None:
    """Or it would be an incident again at its first failure."""
    await scene.load(small(total_max_s=60, max_attempts=100))
    await scene.open()
    await clock.pass_(60)
    told = []
    for _ in range(2):
        [task] = await scene.claim()
        failure = Failure(fence=task.fence, reason="oops")
        told.append((await scene.board.fail(scene.people["worker"], task.id, failure)).value.verdict)
        if told[-1] == "incident":
            await scene.board.redrive_task(boss, task.id, "bank is back")

    assert told == ["incident", "retrying"]
