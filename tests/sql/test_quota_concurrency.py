"""How much may be at work at once: in all, for each workflow, customer, agent or account."""

from collections import Counter
from decimal import Decimal

import pytest

from blackboard.answers import CaseSummary, ClaimedTask
from blackboard.board import Board
from blackboard.requests import DecisionItem, Failure, FencedDecision, Rejection, Release
from blackboard.store import Store
from blackboard.verbs.work import Wish
from tests.factories import Clock, Scene
from tests.sql.quotas import EXCLUSIVE, EXPOSURE, put_quota
from tests.sql.transfers import transfer


async def _waits_for(scene: Scene, case: CaseSummary) -> list[tuple[str, str]]:
    [task] = (await scene.board.show_case(scene.people["auditor"], case.id)).tasks
    return [(reason.reason, reason.key) for reason in task.waits_for]


async def _end(scene: Scene, clock: Clock, task: ClaimedTask, way: str) -> None:
    """End a claim of the worker in one of the ways in which claims end."""
    worker, boss, fence = scene.people["worker"], scene.people["boss"], task.fence
    match way:
        case "decide":
            await scene.decide(task, "done")
        case "fail":
            await scene.board.fail(worker, task.id, Failure(fence=fence, reason="oops", delay_s=60))
        case "give up":
            await scene.board.fail(worker, task.id, Failure(fence=fence, reason="oops", retryable=False))
        case "release":
            await scene.board.release(worker, task.id, Release(fence=fence))
        case "reject":
            await scene.board.reject(worker, task.id, Rejection(fence=fence, reason="my cousin"))
        case "expire":
            await clock.pass_(31)
            await scene.store.expire_leases(10)
        case "cancel":
            await scene.board.cancel_case(scene.people["requester"], task.case_id, "changed my mind")
        case "freeze":
            await scene.board.place_hold(boss, "entity", f"account:{task.context.payload['debit']}", "police")
        case "suspend":
            await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")


ENDS = ["decide", "fail", "give up", "release", "reject", "expire", "cancel", "freeze", "suspend"]


@pytest.mark.usefixtures("boss")
async def test_one_task_per_account_at_a_time(scene: Scene) -> None:
    """On either side of a transfer; what touches no busy account goes on."""
    await put_quota(scene, EXCLUSIVE)
    first, second, third = await transfer(scene, "a", "b"), await transfer(scene, "b", "c"), await transfer(scene, "d", "e")

    assert [task.case_id for task in await scene.claim(limit=10)] == [first.id, third.id]
    assert await _waits_for(scene, second) == [("quota", "one-per-account:account:b")]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("way", ENDS)
async def test_an_account_is_free_when_its_claim_is_over(scene: Scene, clock: Clock, way: str) -> None:
    """However it ended: the more urgent transfer that waited is taken next."""
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene, "a", "b")
    [task] = await scene.claim()
    second = await transfer(scene, "b", "c", priority=0)
    early = await scene.claim("rival", limit=10)

    await _end(scene, clock, task, way)
    await scene.store.wake_waiting(10)

    assert (early, [t.case_id for t in await scene.claim("rival", limit=10)]) == ([], [second.id])


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("way", ENDS)
async def test_nothing_is_in_use_when_no_claim_is(scene: Scene, clock: Clock, way: str) -> None:
    """Every way in which a claim ends gives back what it took of every quota."""
    for quota in (EXCLUSIVE, EXPOSURE):
        await put_quota(scene, quota)
    await transfer(scene)
    [task] = await scene.claim()
    before = [quota.in_use for quota in await scene.board.list_quotas(scene.people["auditor"])]

    await _end(scene, clock, task, way)

    assert before == [{"": Decimal(1)}, {"account:a": Decimal(1), "account:b": Decimal(1)}]
    assert [quota.in_use for quota in await scene.board.list_quotas(scene.people["auditor"])] == [{}, {}]


@pytest.mark.usefixtures("boss")
async def test_a_refused_write_gives_nothing_back(scene: Scene) -> None:
    """A late answer frees no account that somebody else is at work on."""
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene)
    [old] = await scene.claim()
    await scene.board.release(scene.people["worker"], old.id, Release(fence=old.fence))
    await scene.claim("rival")

    late = DecisionItem(task_id=old.id, fence=old.fence, outcome="done", reasons=["because"])
    told = (await scene.board.decide_many(scene.people["worker"], [late, late])).value

    [quota] = await scene.board.list_quotas(scene.people["auditor"])
    assert [item.verdict for item in told.items] == ["reassigned", "reassigned"]
    assert quota.in_use == {"account:a": Decimal(1), "account:b": Decimal(1)}


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_in_the_tenant(scene: Scene) -> None:
    """Whatever the workflow."""
    await put_quota(scene, EXCLUSIVE, per="tenant", ceiling="2")
    await transfer(scene)
    for _ in range(3):
        await scene.open()

    assert [task.workflow for task in await scene.claim(limit=10)] == ["transfers", "small"]


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_in_each_workflow(scene: Scene) -> None:
    """One that is full stops no other."""
    await put_quota(scene, EXCLUSIVE, per="workflow", ceiling="2")
    for _ in range(3):
        await transfer(scene)
        await scene.open()

    assert Counter(task.workflow for task in await scene.claim(limit=10)) == {"transfers": 2, "small": 2}


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_for_each_customer(scene: Scene) -> None:
    """What is about nobody is not counted."""
    await put_quota(scene, EXCLUSIVE, per="subject", ceiling="2")
    for customer in ("C-1", "C-1", "C-1", "C-2"):
        await transfer(scene, customer=customer)
    for _ in range(3):
        await scene.open(payload={"about": "nobody"})

    assert Counter(task.context.subject for task in await scene.claim(limit=10)) == {"C-1": 2, "C-2": 1, None: 3}


@pytest.mark.item("S11")
@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_for_each_agent(scene: Scene) -> None:
    """Over several claims, until it has ended one."""
    await put_quota(scene, EXCLUSIVE, per="agent", ceiling="2")
    for _ in range(4):
        await transfer(scene)
    task, _ = await scene.claim(limit=10)
    full = await scene.claim(limit=10)
    await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    assert (full, len(await scene.claim(limit=10))) == ([], 1)


@pytest.mark.item("S11")
@pytest.mark.usefixtures("boss")
async def test_what_one_agent_has_no_room_for_is_anothers(scene: Scene) -> None:
    """A full agent that asks for more takes nothing out of the reach of one that has room."""
    await put_quota(scene, EXCLUSIVE, per="agent", ceiling="2")
    for _ in range(4):
        await transfer(scene)

    mine, theirs = await scene.claim("worker", limit=10), await scene.claim("rival", limit=10)

    assert (len(mine), len(theirs)) == (2, 2)


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("only", "claimed"),
    [
        ({"workflow": "small"}, {"small": 1, "transfers": 2}),
        ({"capability": "first"}, {"transfers": 1}),
        ({"capability": "second"}, {"small": 2, "transfers": 2}),
        ({"workflow": "small", "capability": "second"}, {"small": 2, "transfers": 2}),
    ],
)
async def test_a_quota_counts_what_it_is_about(scene: Scene, only: dict[str, str], claimed: dict[str, int]) -> None:
    """One workflow, or one capability; other work is free."""
    await put_quota(scene, EXCLUSIVE, per="tenant", **only)
    for _ in range(2):
        await transfer(scene)
        await scene.open()

    assert Counter(task.workflow for task in await scene.claim(limit=10)) == claimed


@pytest.mark.usefixtures("boss")
async def test_a_task_that_waits_keeps_nobody_from_what_it_needs(scene: Scene) -> None:
    """It holds one account only together with the other."""
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene, "b", "x")
    await scene.claim()
    await transfer(scene, "a", "b")
    third = await transfer(scene, "a", "c")

    assert [task.case_id for task in await scene.claim(limit=10)] == [third.id]


@pytest.mark.usefixtures("boss")
async def test_waiting_for_a_quota_is_no_attempt(scene: Scene) -> None:
    """And costs no place in the queue."""
    await put_quota(scene, EXCLUSIVE)
    first = await transfer(scene)
    [task] = await scene.claim()
    second, third = await transfer(scene), await transfer(scene)
    await scene.claim(limit=10)
    await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    [again] = await scene.claim(limit=10)

    assert first.id != second.id != third.id
    assert (again.case_id, again.attempt, again.fence) == (second.id, 1, 1)


@pytest.mark.usefixtures("boss")
async def test_a_case_that_is_cancelled_while_it_waits_stays_cancelled(scene: Scene) -> None:
    """Room for it changes nothing."""
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene)
    [task] = await scene.claim()
    second = await transfer(scene)
    await scene.claim()
    await scene.board.cancel_case(scene.people["requester"], second.id, "changed my mind")

    await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    assert await scene.claim(limit=10) == []


@pytest.mark.usefixtures("boss")
async def test_room_that_is_made_while_a_claim_finds_none_is_not_missed(scene: Scene) -> None:
    """Neither waits for the other; the next sweep sees the task that was set aside, and the room for it."""
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene)
    [task] = await scene.claim()
    second = await transfer(scene)
    other = await Store.open(scene.url, max_connections=1)
    decision = FencedDecision(fence=task.fence, outcome="done", reasons=["because"])
    async with scene.store.transaction() as verbs:
        none = await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["rival"].agent_id)])
        await Board(other).decide(scene.people["worker"], task.id, decision)
    await other.close()
    await scene.store.wake_waiting(10)

    assert (none, [t.case_id for t in await scene.claim("rival")]) == ([[]], [second.id])
