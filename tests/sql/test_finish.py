"""What a holder may do with its claim, and what nobody else may."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from blackboard.errors import ClaimLost, Invalid, NotFound, NotPermitted
from blackboard.requests import DecisionItem, Failure, FencedDecision, Heartbeat, Release
from blackboard.states import CaseState
from blackboard.store import Store
from blackboard.verbs.work import Write
from tests.factories import Clock, Scene
from tests.sql.tasks import read_journal


async def test_a_decision_moves_the_case_along_its_route(scene: Scene) -> None:
    """Approve leads to the second stage, whose task is ready at once."""
    case = await scene.open()
    [task] = await scene.claim()

    await scene.decide(task, "approve")

    shown = await scene.board.show_case(scene.people["requester"], case.id)
    assert (shown.stage, [t.state for t in shown.tasks]) == ("second", ["done", "ready"])


async def test_an_ending_outcome_closes_the_case(scene: Scene) -> None:
    """Reject ends it, with the workflow's word for it."""
    case = await scene.open()
    [task] = await scene.claim()

    await scene.decide(task, "reject")

    shown = await scene.board.show_case(scene.people["requester"], case.id)
    assert (shown.state, shown.outcome, shown.closed_at is not None) == (CaseState.COMPLETED, "rejected", True)


async def test_a_task_is_ended_once(scene: Scene) -> None:
    """The second decision is told that it is done, whatever it says."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "reject")

    assert lost.value.reason == "done"


async def test_an_expired_claim_is_refused_even_before_the_sweeper_came(scene: Scene, clock: Clock) -> None:
    """From the deadline on, the task may be promised to somebody else."""
    await scene.open()
    [task] = await scene.claim()
    await clock.pass_(30)

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "approve")

    assert lost.value.reason == "expired"


async def test_a_late_holder_is_told_that_the_task_was_reassigned(scene: Scene, clock: Clock) -> None:
    """The new holder's claim is untouched by the old one's writes."""
    await scene.open()
    [old] = await scene.claim("worker")
    await clock.pass_(31)
    await scene.store.expire_leases(10)
    [new] = await scene.claim("rival")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(old, "approve")

    assert (lost.value.reason, await scene.decide(new, "approve", "rival")) == ("reassigned", "decided")


@pytest.mark.parametrize("verb", ["heartbeat", "decide", "fail", "release"])
async def test_every_verb_refuses_a_stale_fence(scene: Scene, clock: Clock, verb: str) -> None:
    """Heartbeats too: a zombie must not renew somebody else's claim."""
    await scene.open()
    [task] = await scene.claim()
    await clock.pass_(31)
    await scene.store.expire_leases(10)
    await scene.claim("rival")
    body = {
        "heartbeat": Heartbeat(fence=task.fence),
        "decide": FencedDecision(fence=task.fence, outcome="approve", reasons=["because"]),
        "fail": Failure(fence=task.fence, reason="late"),
        "release": Release(fence=task.fence),
    }[verb]

    with pytest.raises(ClaimLost):
        await getattr(scene.board, verb)(scene.people["worker"], task.id, body)


async def test_a_refused_write_is_in_the_journal(scene: Scene) -> None:
    """With the verb, the reason and what it offered."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    with pytest.raises(ClaimLost):
        await scene.decide(task, "reject")

    await scene.store.sequence_events()
    last = (await scene.store.read_journal(0, 100))[-1]

    assert last.type == "write.refused"
    assert (last.body["verb"], last.body["reason"], last.body["offered"]["outcome"]) == ("decide", "done", "reject")


async def test_a_heartbeat_that_the_decision_overtook_is_refused_and_not_journalled(scene: Scene) -> None:
    """Its holder sent both; whoever else sends one under that fence is journalled."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    for who in ("worker", "rival"):
        with pytest.raises((ClaimLost, NotPermitted)):
            await scene.board.heartbeat(scene.people[who], task.id, Heartbeat(fence=task.fence))

    told = await read_journal(scene, "write.refused")
    assert [e.actor for e in told if e.task_id == task.id] == ["rival"]


async def test_only_the_holder_may_write(scene: Scene) -> None:
    """Knowing task and fence is not holding them."""
    await scene.open()
    [task] = await scene.claim("worker")

    with pytest.raises(NotPermitted):
        await scene.decide(task, "approve", "rival")


async def test_a_heartbeat_moves_the_deadline(scene: Scene, clock: Clock) -> None:
    """A claim that is kept alive does not run out."""
    await scene.open()
    [task] = await scene.claim()
    await clock.pass_(20)
    await scene.board.heartbeat(scene.people["worker"], task.id, Heartbeat(fence=task.fence))
    await clock.pass_(20)

    assert (await scene.store.expire_leases(10), await scene.decide(task, "approve")) == (0, "decided")


async def test_an_outcome_that_the_stage_does_not_know_is_refused(scene: Scene) -> None:
    """Nothing changes, the claim stays."""
    await scene.open()
    [task] = await scene.claim()

    with pytest.raises(Invalid):
        await scene.decide(task, "maybe")

    assert await scene.state(task.id) == "claimed"


async def test_exhausted_is_the_boards_own_outcome(scene: Scene) -> None:
    """An agent cannot take that route by saying so."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    [task] = await scene.claim()

    with pytest.raises(Invalid):
        await scene.decide(task, "exhausted")


async def test_an_unknown_task_is_not_found(scene: Scene) -> None:
    """And nothing is written about it."""
    with pytest.raises(NotFound):
        await scene.board.release(scene.people["worker"], uuid4(), Release(fence=1))


async def test_a_failed_task_comes_back_after_its_backoff(scene: Scene, clock: Clock) -> None:
    """Between half and all of ten seconds the first time; the attempt is counted."""
    await scene.open()
    [task] = await scene.claim()
    told = (await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops"))).value
    assert told.retry_at is not None
    delay_s = (told.retry_at - clock.now).total_seconds()
    too_early = await scene.store.promote_scheduled(10)
    await clock.pass_(10)

    assert (told.verdict, too_early, await scene.store.promote_scheduled(10)) == ("retrying", 0, 1)
    assert 5 <= delay_s <= 10
    assert [task.attempt for task in await scene.claim()] == [2]


async def test_when_attempts_run_out_an_operator_is_asked(scene: Scene, clock: Clock) -> None:
    """Three attempts, and no route for `exhausted`: an incident, and a case that rests until somebody has looked."""
    case = await scene.open()
    for _ in range(3):
        [task] = await scene.claim()
        await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops"))
        await clock.pass_(3600)
        await scene.store.promote_scheduled(10)

    shown = await scene.board.show_case(scene.people["requester"], case.id)
    [incident] = await scene.board.list_incidents(scene.people["auditor"])
    assert (shown.rests, shown.tasks[0].state, incident.task_id) == (True, "waiting", task.id)
    assert (incident.kind, incident.reason, incident.failures) == ("incident", "oops", 3)


async def test_exhaustion_takes_its_route_where_there_is_one(scene: Scene) -> None:
    """The second stage sends the case back to the first."""
    case = await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    [task] = await scene.claim()
    told = await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="no use", retryable=False))

    shown = await scene.board.show_case(scene.people["requester"], case.id)
    assert (told.value.verdict, shown.stage, shown.tasks[-1].state) == ("exhausted", "first", "ready")


async def test_a_released_task_keeps_its_place_and_its_attempts(scene: Scene) -> None:
    """Giving back unharmed is no failure."""
    first = await scene.open()
    await scene.open()
    [task] = await scene.claim()
    await scene.board.release(scene.people["worker"], task.id, Release(fence=task.fence))

    [again] = await scene.claim("rival")

    assert (again.case_id, again.attempt, again.fence) == (first.id, 1, 2)


async def test_one_bad_item_never_harms_its_neighbours(scene: Scene) -> None:
    """A batch has one verdict per item, in order, and does what it can."""
    await scene.open()
    await scene.open()
    good, stale = await scene.claim(limit=2)
    items = [
        DecisionItem(task_id=stale.id, fence=99, outcome="approve", reasons=["because"]),
        DecisionItem(task_id=good.id, fence=good.fence, outcome="approve", reasons=["because"]),
        DecisionItem(task_id=good.id, fence=good.fence, outcome="reject", reasons=["because"]),
        DecisionItem(task_id=uuid4(), fence=1, outcome="approve", reasons=["because"]),
        DecisionItem(task_id=stale.id, fence=stale.fence, outcome="nonsense", reasons=["because"]),
    ]

    told = (await scene.board.decide_many(scene.people["worker"], items)).value

    assert [v.verdict for v in told.items] == ["reassigned", "decided", "done", "unknown", "unknown_outcome"]


async def test_a_cancelled_case_is_out_of_everybodys_reach(scene: Scene) -> None:
    """Waiting tasks leave the queue, a running claim is revoked."""
    held, waiting = await scene.open(), await scene.open()
    [task] = await scene.claim()
    for case in (held, waiting):
        await scene.board.cancel_case(scene.people["requester"], case.id, "changed my mind")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "approve")

    assert (lost.value.reason, await scene.claim(limit=10)) == ("cancelled", [])


async def test_two_batches_that_meet_do_not_deadlock(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Cases are locked in key order, whatever the order of the items: the second batch waits and then is told."""
    await scene.open()
    await scene.open()
    tasks = await scene.claim(limit=2)
    worker = scene.people["worker"]

    writes = [
        Write(worker.agent_id, task.id, FencedDecision(fence=task.fence, outcome="approve", reasons=["because"]))
        for task in tasks
    ]
    other = await Store.open(scene.url, max_connections=1)
    pid = await other._value("SELECT pg_backend_pid()")
    async with scene.store.transaction() as verbs:
        first = await verbs.decide_tasks(scene.tenant_id, writes)
        second = asyncio.create_task(other.decide_tasks(scene.tenant_id, writes[::-1]))
        await _until_blocked(connection, pid)
    told = await second
    await other.close()

    assert [verdict.verdict for verdict in first] == ["decided", "decided"]
    assert [verdict.verdict for verdict in told] == ["done", "done"]


async def _until_blocked(connection: "asyncpg.Connection[asyncpg.Record]", pid: int) -> None:
    """Wait until the server itself says that the session waits for a lock."""
    async with asyncio.timeout(5):
        while not await connection.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.01)


async def test_ids_are_uuid7(scene: Scene) -> None:
    """They sort by time."""
    case = await scene.open()

    assert UUID(str(case.id)).version == 7
