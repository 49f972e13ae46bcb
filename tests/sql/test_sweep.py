"""What time does by itself."""

from uuid import uuid4

import pytest

from blackboard.errors import ClaimLost
from blackboard.requests import ClaimRequest, Failure, FencedDecision, Heartbeat
from blackboard.verbs.work import Write
from tests.factories import Clock, Scene


async def test_a_claim_that_ran_out_goes_back_to_the_queue(scene: Scene, clock: Clock) -> None:
    """Not before its deadline, and then as a rescue, not as a failure of the work."""
    await scene.open()
    [task] = await scene.claim()
    await clock.pass_(29)
    early = await scene.store.expire_leases(10)
    await clock.pass_(1)

    assert (early, await scene.store.expire_leases(10)) == (0, 1)
    shown = await scene.board.show_task(scene.people["requester"], task.id)
    assert (shown.state, shown.rescues, shown.failures, shown.holder) == ("ready", 1, 0, None)


async def test_an_agent_that_falls_silent_is_found_out_before_its_claims_run_out(scene: Scene, clock: Clock) -> None:
    """However long its lease: its task is another's, and what it writes late is refused."""
    worker, session_id = scene.people["worker"], uuid4()
    await scene.open()
    await scene.board.start_session(worker, session_id, {})
    wish = ClaimRequest(capabilities=["first"], lease_s=3600, session_id=session_id)
    [task] = (await scene.board.claim(worker, wish)).value.tasks
    await clock.pass_(44)
    early = await scene.store.end_silent_sessions(45, 10)
    await clock.pass_(1)

    assert (early, await scene.store.end_silent_sessions(45, 10), await scene.store.expire_leases(10)) == (0, 1, 1)
    assert [again.fence for again in await scene.claim()] == [task.fence + 1]
    with pytest.raises(ClaimLost):
        await scene.board.heartbeat(worker, task.id, Heartbeat(fence=task.fence))


async def test_an_agent_that_is_heard_of_keeps_its_claims(scene: Scene, clock: Clock) -> None:
    """Its heartbeats are for the session, not for each task."""
    worker, session_id = scene.people["worker"], uuid4()
    await scene.open()
    await scene.board.start_session(worker, session_id, {})
    wish = ClaimRequest(capabilities=["first"], lease_s=3600, session_id=session_id)
    await scene.board.claim(worker, wish)
    for _ in range(3):
        await clock.pass_(30)
        await scene.board.heartbeat_session(worker, session_id)

    assert (await scene.store.end_silent_sessions(45, 10), await scene.store.expire_leases(10)) == (0, 0)


async def test_a_session_that_ends_leaves_no_claim_behind(scene: Scene) -> None:
    """What it did not give back is taken back at once."""
    worker, session_id = scene.people["worker"], uuid4()
    await scene.open()
    await scene.board.start_session(worker, session_id, {})
    await scene.board.claim(worker, ClaimRequest(capabilities=["first"], lease_s=3600, session_id=session_id))
    await scene.board.end_session(worker, session_id)

    assert await scene.store.expire_leases(10) == 1


async def test_a_task_that_kills_its_holders_is_quarantined(scene: Scene, clock: Clock) -> None:
    """After three holders were lost on it nobody is given it any more, until an operator has looked."""
    case = await scene.open()
    for _ in range(3):
        await scene.claim()
        await clock.pass_(31)
        await scene.store.expire_leases(10)

    [task] = (await scene.board.show_case(scene.people["requester"], case.id)).tasks
    assert (task.state, [reason.reason for reason in task.waits_for], task.rescues) == ("waiting", ["quarantine"], 3)
    assert await scene.claim() == []


async def test_a_sweep_takes_no_more_than_its_batch(scene: Scene, clock: Clock) -> None:
    """Bounded passes, until nothing is left."""
    for _ in range(5):
        await scene.open()
    await scene.claim(limit=5)
    await clock.pass_(31)

    assert [await scene.store.expire_leases(2) for _ in range(4)] == [2, 2, 1, 0]


async def test_a_sweep_skips_what_somebody_is_deciding_on(scene: Scene, clock: Clock) -> None:
    """It neither waits for that case nor takes its task."""
    await scene.open()
    [task] = await scene.claim()
    async with scene.store.transaction() as verbs:
        decision = FencedDecision(fence=task.fence, outcome="approve", reasons=["because"])
        await verbs.decide_tasks(scene.tenant_id, [Write(scene.people["worker"].agent_id, task.id, decision)])
        await clock.pass_(31)

        assert await scene.store.expire_leases(10) == 0


async def test_scheduled_work_is_kept_out_of_the_queue_until_it_is_due(scene: Scene, clock: Clock) -> None:
    """A delay that the agent asked for is kept to the second."""
    await scene.open()
    [task] = await scene.claim()
    await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="bank is down", delay_s=60))
    await clock.pass_(59)
    early = await scene.store.promote_scheduled(10)
    await clock.pass_(1)

    assert (early, await scene.store.promote_scheduled(10), len(await scene.claim())) == (0, 1, 1)


async def test_partitions_are_made_a_week_ahead(scene: Scene) -> None:
    """A second run finds nothing to do."""
    assert await scene.store.keep_partitions() == []
