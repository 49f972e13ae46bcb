"""How much may be at work at once, how fast work may begin, and how much money may be in flight."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from decimal import Decimal
from itertools import combinations
from typing import Any

import asyncpg
import pytest
from pydantic import ValidationError

from blackboard import workflow
from blackboard.answers import CaseSummary, ClaimedTask
from blackboard.board import Board
from blackboard.errors import NotFound, NotPermitted
from blackboard.requests import ClaimRequest, DecisionItem, Failure, FencedDecision, NewQuota, Rejection, Release
from blackboard.store import Store
from blackboard.values import Principal
from blackboard.verbs.work import Wish
from tests.conftest import Database
from tests.factories import Clock, Scene, make_scene

TRANSFERS = """
name: transfers
title: Money from one account to another
subject: customer
payload:
  type: object
  properties:
    debit: {type: string, x-entity: account}
    credit: {type: string, x-entity: account}
stages:
  move: {capability: first, lease_s: 30, outcomes: {done: {end: executed}}}
"""
SIBLINGS = """
name: siblings
title: Two tasks of which the first to end ends both
payload: {type: object}
stages:
  both:
    join: any
    tasks:
      one: {capability: first}
      two: {capability: second}
    outcomes: {done: {end: executed}}
"""
EXCLUSIVE = {"name": "one-per-account", "kind": "concurrency", "per": "entity:account", "ceiling": "1"}
EXPOSURE = {"name": "in-flight", "kind": "exposure", "per": "tenant", "ceiling": "1000", "amount_field": "amount"}
RATE = {"name": "pace", "kind": "rate", "per": "tenant", "ceiling": "2", "per_second": "0.1"}


@pytest.fixture
async def boss(scene: Scene) -> Principal:
    """An operator, and a workflow whose cases touch accounts and money."""
    await scene.load(workflow.parse(TRANSFERS))
    return await scene.hire("boss", role="admin")


async def _put(scene: Scene, quota: dict[str, str], **changes: str) -> None:
    await scene.board.put_quota(scene.people["boss"], NewQuota.model_validate({**quota, **changes}))


async def _transfer(
    scene: Scene, debit: str = "a", credit: str = "b", amount: str = "1", customer: str = "C-1", **more: Any
) -> CaseSummary:
    payload = {"debit": debit, "credit": credit, "amount": amount, "customer": customer}
    return await scene.open("transfers", payload, **more)


async def _waits_for(scene: Scene, case: CaseSummary) -> list[tuple[str, str]]:
    [task] = (await scene.board.show_case(scene.people["auditor"], case.id)).tasks
    return [(reason.reason, reason.key) for reason in task.waits_for]


async def _amounts(scene: Scene, limit: int = 10) -> list[str]:
    """What is claimed now, by amount."""
    return [task.context.payload["amount"] for task in await scene.claim(limit=limit)]


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


# ------------------------------------------------------------------------------------------------------------ concurrency
@pytest.mark.usefixtures("boss")
async def test_one_task_per_account_at_a_time(scene: Scene) -> None:
    """On either side of a transfer; what touches no busy account goes on."""
    await _put(scene, EXCLUSIVE)
    first, second, third = await _transfer(scene, "a", "b"), await _transfer(scene, "b", "c"), await _transfer(scene, "d", "e")

    assert [task.case_id for task in await scene.claim(limit=10)] == [first.id, third.id]
    assert await _waits_for(scene, second) == [("quota", "one-per-account:account:b")]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("way", ENDS)
async def test_an_account_is_free_when_its_claim_is_over(scene: Scene, clock: Clock, way: str) -> None:
    """However it ended: the more urgent transfer that waited is taken next."""
    await _put(scene, EXCLUSIVE)
    await _transfer(scene, "a", "b")
    [task] = await scene.claim()
    second = await _transfer(scene, "b", "c", priority=0)
    early = await scene.claim("rival", limit=10)

    await _end(scene, clock, task, way)
    await scene.store.wake_waiting(10)

    assert (early, [t.case_id for t in await scene.claim("rival", limit=10)]) == ([], [second.id])


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("way", ENDS)
async def test_nothing_is_in_use_when_no_claim_is(scene: Scene, clock: Clock, way: str) -> None:
    """Every way in which a claim ends gives back what it took of every quota."""
    for quota in (EXCLUSIVE, EXPOSURE):
        await _put(scene, quota)
    await _transfer(scene)
    [task] = await scene.claim()
    before = [quota.in_use for quota in await scene.board.list_quotas(scene.people["auditor"])]

    await _end(scene, clock, task, way)

    assert before == [{"": Decimal(1)}, {"account:a": Decimal(1), "account:b": Decimal(1)}]
    assert [quota.in_use for quota in await scene.board.list_quotas(scene.people["auditor"])] == [{}, {}]


@pytest.mark.usefixtures("boss")
async def test_a_refused_write_gives_nothing_back(scene: Scene) -> None:
    """A late answer frees no account that somebody else is at work on."""
    await _put(scene, EXCLUSIVE)
    await _transfer(scene)
    [old] = await scene.claim()
    await scene.board.release(scene.people["worker"], old.id, Release(fence=old.fence))
    await scene.claim("rival")

    late = DecisionItem(task_id=old.id, fence=old.fence, outcome="done")
    told = (await scene.board.decide_many(scene.people["worker"], [late, late])).value

    [quota] = await scene.board.list_quotas(scene.people["auditor"])
    assert [item.verdict for item in told.items] == ["reassigned", "reassigned"]
    assert quota.in_use == {"account:a": Decimal(1), "account:b": Decimal(1)}


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_in_the_tenant(scene: Scene) -> None:
    """Whatever the workflow."""
    await _put(scene, EXCLUSIVE, per="tenant", ceiling="2")
    await _transfer(scene)
    for _ in range(3):
        await scene.open()

    assert [task.workflow for task in await scene.claim(limit=10)] == ["transfers", "small"]


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_in_each_workflow(scene: Scene) -> None:
    """One that is full stops no other."""
    await _put(scene, EXCLUSIVE, per="workflow", ceiling="2")
    for _ in range(3):
        await _transfer(scene)
        await scene.open()

    assert Counter(task.workflow for task in await scene.claim(limit=10)) == {"transfers": 2, "small": 2}


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_for_each_customer(scene: Scene) -> None:
    """What is about nobody is not counted."""
    await _put(scene, EXCLUSIVE, per="subject", ceiling="2")
    for customer in ("C-1", "C-1", "C-1", "C-2"):
        await _transfer(scene, customer=customer)
    for _ in range(3):
        await scene.open(payload={"about": "nobody"})

    assert Counter(task.context.subject for task in await scene.claim(limit=10)) == {"C-1": 2, "C-2": 1, None: 3}


@pytest.mark.usefixtures("boss")
async def test_so_many_at_once_for_each_agent(scene: Scene) -> None:
    """Over several claims, until it has ended one."""
    await _put(scene, EXCLUSIVE, per="agent", ceiling="2")
    for _ in range(4):
        await _transfer(scene)
    task, _ = await scene.claim(limit=10)
    full = await scene.claim(limit=10)
    await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    assert (full, len(await scene.claim(limit=10))) == ([], 1)


@pytest.mark.usefixtures("boss")
async def test_what_one_agent_has_no_room_for_is_anothers(scene: Scene) -> None:
    """A full agent that asks for more takes nothing out of the reach of one that has room."""
    await _put(scene, EXCLUSIVE, per="agent", ceiling="2")
    for _ in range(4):
        await _transfer(scene)

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
    await _put(scene, EXCLUSIVE, per="tenant", **only)
    for _ in range(2):
        await _transfer(scene)
        await scene.open()

    assert Counter(task.workflow for task in await scene.claim(limit=10)) == claimed


@pytest.mark.usefixtures("boss")
async def test_a_task_that_waits_keeps_nobody_from_what_it_needs(scene: Scene) -> None:
    """It holds one account only together with the other."""
    await _put(scene, EXCLUSIVE)
    await _transfer(scene, "b", "x")
    await scene.claim()
    await _transfer(scene, "a", "b")
    third = await _transfer(scene, "a", "c")

    assert [task.case_id for task in await scene.claim(limit=10)] == [third.id]


@pytest.mark.usefixtures("boss")
async def test_waiting_for_a_quota_is_no_attempt(scene: Scene) -> None:
    """And costs no place in the queue."""
    await _put(scene, EXCLUSIVE)
    first = await _transfer(scene)
    [task] = await scene.claim()
    second, third = await _transfer(scene), await _transfer(scene)
    await scene.claim(limit=10)
    await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    [again] = await scene.claim(limit=10)

    assert first.id != second.id != third.id
    assert (again.case_id, again.attempt, again.fence) == (second.id, 1, 1)


@pytest.mark.usefixtures("boss")
async def test_a_case_that_is_cancelled_while_it_waits_stays_cancelled(scene: Scene) -> None:
    """Room for it changes nothing."""
    await _put(scene, EXCLUSIVE)
    await _transfer(scene)
    [task] = await scene.claim()
    second = await _transfer(scene)
    await scene.claim()
    await scene.board.cancel_case(scene.people["requester"], second.id, "changed my mind")

    await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    assert await scene.claim(limit=10) == []


@pytest.mark.usefixtures("boss")
async def test_room_that_is_made_while_a_claim_finds_none_is_not_missed(scene: Scene) -> None:
    """Neither waits for the other; the next sweep sees the task that was set aside, and the room for it."""
    await _put(scene, EXCLUSIVE)
    await _transfer(scene)
    [task] = await scene.claim()
    second = await _transfer(scene)
    other = await Store.open(scene.url, max_connections=1)
    decision = FencedDecision(fence=task.fence, outcome="done")
    async with scene.store.transaction() as verbs:
        none = await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["rival"].agent_id)])
        await Board(other).decide(scene.people["worker"], task.id, decision)
    await other.close()
    await scene.store.wake_waiting(10)

    assert (none, [t.case_id for t in await scene.claim("rival")]) == ([[]], [second.id])


async def _until_blocked(connection: "asyncpg.Connection[asyncpg.Record]", pid: int) -> None:
    """Wait until the server itself says that the session waits for a lock."""
    async with asyncio.timeout(5):
        while not await connection.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.01)


# ------------------------------------------------------------------------------------------------------------------- rate
@pytest.mark.usefixtures("boss")
async def test_work_begins_in_a_burst_and_then_at_its_rate(scene: Scene, clock: Clock) -> None:
    """Two at once, then one every ten seconds by the database's clock."""
    await _put(scene, RATE)
    for _ in range(5):
        await _transfer(scene)
    begun = []
    for seconds in (0, 9, 1, 9, 1):
        await clock.pass_(seconds)
        await scene.store.wake_waiting(10)
        begun.append(len(await scene.claim(limit=10)))

    assert begun == [2, 0, 1, 0, 1]


@pytest.mark.usefixtures("boss")
async def test_a_rate_saves_up_no_more_than_its_burst(scene: Scene, clock: Clock) -> None:
    """However long nothing began."""
    await _put(scene, RATE)
    await _transfer(scene)
    await scene.claim()
    await clock.pass_(86400)
    for _ in range(5):
        await _transfer(scene)

    assert len(await scene.claim(limit=10)) == 2


@pytest.mark.usefixtures("boss")
async def test_ending_work_early_earns_no_second_start(scene: Scene) -> None:
    """A rate counts beginnings."""
    await _put(scene, RATE)
    for _ in range(3):
        await _transfer(scene)
    for task in await scene.claim(limit=10):
        await scene.decide(task, "done")
    await scene.store.wake_waiting(10)

    assert await scene.claim(limit=10) == []


@pytest.mark.usefixtures("boss")
async def test_a_task_that_another_quota_stops_has_not_begun(scene: Scene) -> None:
    """It uses up nothing of a rate that it passed before."""
    await _put(scene, RATE)
    await _put(scene, EXCLUSIVE)
    await _transfer(scene, "a", "b")
    await _transfer(scene, "a", "c")
    free = await _transfer(scene, "d", "e")

    claimed = await scene.claim(limit=10)

    assert [task.case_id for task in claimed[1:]] == [free.id]


# --------------------------------------------------------------------------------------------------------------- exposure
@pytest.mark.usefixtures("boss")
async def test_money_in_flight_stays_under_its_ceiling(scene: Scene) -> None:
    """What would exceed it waits until enough has come down."""
    await _put(scene, EXPOSURE)
    for amount in ("600", "500", "400"):
        await _transfer(scene, amount=amount)
    tasks = await scene.claim(limit=10)
    await scene.decide(tasks[0], "done")
    await scene.store.wake_waiting(10)

    assert ([task.context.payload["amount"] for task in tasks], await _amounts(scene)) == (["600", "400"], ["500"])


@pytest.mark.usefixtures("boss")
async def test_less_urgent_work_that_fits_is_taken_instead(scene: Scene) -> None:
    """A claim for one task does not come back empty because the first one is too large."""
    await _put(scene, EXPOSURE)
    for priority, amount in enumerate(["600", "500", "450", "400"]):
        await _transfer(scene, amount=amount, priority=priority)

    assert [await _amounts(scene, limit=1) for _ in range(3)] == [["600"], ["400"], []]


@pytest.mark.usefixtures("boss")
async def test_money_is_counted_to_the_cent(scene: Scene) -> None:
    """Three times 0.1 is 0.3, and no more than it."""
    await _put(scene, EXPOSURE, ceiling="0.3")
    for amount in ("0.1", "0.1", "0.1", "0.0001"):
        await _transfer(scene, amount=amount)

    assert await _amounts(scene) == ["0.1", "0.1", "0.1"]


@pytest.mark.usefixtures("boss")
async def test_exposure_is_counted_for_each_customer(scene: Scene) -> None:
    """One customer's money leaves another's alone."""
    await _put(scene, EXPOSURE, per="subject")
    for customer in ("C-1", "C-2", "C-1"):
        await _transfer(scene, amount="800", customer=customer)

    assert [task.context.subject for task in await scene.claim(limit=10)] == ["C-1", "C-2"]


@pytest.mark.usefixtures("boss")
async def test_a_case_without_an_amount_takes_up_nothing(scene: Scene) -> None:
    """It passes a ceiling that is reached."""
    await _put(scene, EXPOSURE)
    await _transfer(scene, amount="1000")
    await scene.claim()
    case = await scene.open()

    assert [task.case_id for task in await scene.claim(limit=10)] == [case.id]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("amount", ["a lot", ""])
async def test_an_amount_that_is_no_number_stops_nobody_else(scene: Scene, amount: str) -> None:
    """What comes after it in the queue is claimed all the same."""
    await _put(scene, EXPOSURE)
    await _transfer(scene, amount=amount)
    await _transfer(scene, amount="600")

    assert "600" in await _amounts(scene)


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e9"])
async def test_no_amount_slips_past_a_ceiling_that_is_reached(scene: Scene, amount: str) -> None:
    """However it is written."""
    await _put(scene, EXPOSURE)
    for each in ("1000", amount):
        await _transfer(scene, amount=each)

    assert await _amounts(scene) == ["1000"]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("amount", ["-5000", "-Infinity"])
async def test_a_negative_amount_makes_no_room(scene: Scene, amount: str) -> None:
    """What is in flight is never less than nothing."""
    await _put(scene, EXPOSURE)
    for each in (amount, "900", "900"):
        await _transfer(scene, amount=each)

    assert (await _amounts(scene)).count("900") == 1


# ------------------------------------------------------------------------------------------------------------------ crowds
@pytest.mark.usefixtures("boss")
async def test_a_crowd_of_claimers_never_exceeds_a_ceiling(scene: Scene, clock: Clock) -> None:
    """Ten connections that claim and decide at once: nothing is exceeded, nobody deadlocks, and all of it gets done."""
    await _put(scene, EXCLUSIVE)
    await _put(scene, EXPOSURE, ceiling="10")
    cases = {
        (await _transfer(scene, debit, credit, amount=str(1 + n % 5))).id
        for n, (debit, credit) in enumerate([*combinations("abcdefg", 2), *(pair[::-1] for pair in combinations("abcdefg", 2))])
    }
    running: dict[Any, ClaimedTask] = {}
    most = 0

    async def work(board: Board, who: Principal) -> None:
        nonlocal most
        wish = ClaimRequest(capabilities=["first"], limit=3)
        tasks = (await board.claim(who, wish)).value.tasks
        running.update({task.id: task for task in tasks})
        accounts = Counter(t.context.payload[side] for t in running.values() for side in ("debit", "credit"))
        money = sum(int(t.context.payload["amount"]) for t in running.values())
        assert max(accounts.values(), default=0) <= 1
        assert money <= 10
        most = max(most, money)
        for task in tasks:
            del running[task.id]
            await board.decide(who, task.id, FencedDecision(fence=task.fence, outcome="done"))
            cases.discard(task.case_id)

    async with AsyncExitStack() as stack:
        boards = []
        for n in range(10):
            store = await Store.open(scene.url, max_connections=1)
            stack.push_async_callback(store.close)
            boards.append((Board(store), await scene.hire(f"crowd-{n}", "first")))
        for _ in range(100):
            await asyncio.gather(*(work(board, who) for board, who in boards))
            await clock.pass_(1)
            await scene.store.wake_waiting(1000)
            await scene.store.wake_waiting(1000)
            if not cases:
                break

    assert (cases, most > 0) == (set(), True)
    assert [quota.in_use for quota in await scene.board.list_quotas(scene.people["auditor"])] == [{}, {}]


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("per", ["tenant", "workflow", "subject"])
async def test_claims_that_come_together_share_what_is_free(scene: Scene, clock: Clock, per: str) -> None:
    """Of thirty wishes for one task each, three come true, and not a fourth later."""
    await _put(scene, EXCLUSIVE, per=per, ceiling="3")
    for _ in range(30):
        await _transfer(scene)
    claimed = 0
    async with AsyncExitStack() as stack:
        boards = []
        for _ in range(10):
            store = await Store.open(scene.url, max_connections=1)
            stack.push_async_callback(store.close)
            boards.append(Board(store))
        wish = ClaimRequest(capabilities=["first"])
        for _ in range(3):
            answers = await asyncio.gather(*(board.claim(scene.people["worker"], wish) for board in boards))
            claimed += sum(len(answer.value.tasks) for answer in answers)
            await clock.pass_(1)
            await scene.store.wake_waiting(100)
            await scene.store.wake_waiting(100)

    assert claimed == 3


# ---------------------------------------------------------------------------------------------------------------- upkeep
@pytest.mark.parametrize("quota", [EXCLUSIVE, EXPOSURE])
async def test_dropping_a_quota_lets_what_waited_go(scene: Scene, boss: Principal, quota: dict[str, str]) -> None:
    """All of it, at its old place."""
    await _put(scene, quota)
    cases = [await _transfer(scene, amount="800") for _ in range(3)]
    first = await scene.claim(limit=10)

    await scene.board.drop_quota(boss, quota["name"])
    await scene.store.wake_waiting(10)

    claimed = [task.case_id for task in [*first, *await scene.claim(limit=10)]]
    assert (len(first), claimed) == (1, [case.id for case in cases])


async def test_dropping_a_rate_lets_what_waited_go(scene: Scene, boss: Principal) -> None:
    """Without waiting for the moment at which it would have begun."""
    await _put(scene, RATE, per_second="0.0001")
    for _ in range(3):
        await _transfer(scene)
    first = await scene.claim(limit=10)

    await scene.board.drop_quota(boss, "pace")
    await scene.store.wake_waiting(10)
    await scene.store.wake_waiting(10)

    assert (len(first), len(await scene.claim(limit=10))) == (2, 1)


async def test_a_claim_outlives_the_quota_that_it_was_counted_in(scene: Scene, boss: Principal) -> None:
    """It ends as any other, and a new quota of that name begins at nothing."""
    await _put(scene, EXCLUSIVE)
    await _transfer(scene)
    [task] = await scene.claim()
    await scene.board.drop_quota(boss, "one-per-account")
    await _put(scene, EXCLUSIVE)

    told = await scene.decide(task, "done")

    [quota] = await scene.board.list_quotas(boss)
    assert (told, quota.in_use) == ("decided", {})


async def test_a_task_met_while_its_quota_was_dropped_is_not_left_waiting(scene: Scene, boss: Principal) -> None:
    """The claim that set it aside was not over when the quota went."""
    await _put(scene, EXPOSURE)
    case = await _transfer(scene, amount="5000")
    async with scene.store.transaction() as verbs:
        await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.drop_quota(boss, "in-flight")
    await scene.store.enforce_holds()
    await scene.store.wake_waiting(10)

    assert [task.case_id for task in await scene.claim()] == [case.id]


@pytest.mark.usefixtures("boss")
async def test_raising_a_ceiling_lets_what_fits_now_go(scene: Scene) -> None:
    """It does not wait for a claim to end, since there may be none."""
    await _put(scene, EXPOSURE)
    await _transfer(scene, amount="5000")
    too_much = await _amounts(scene)

    await _put(scene, EXPOSURE, ceiling="10000")
    await scene.store.wake_waiting(10)

    assert (too_much, await _amounts(scene)) == ([], ["5000"])


async def test_a_quota_that_is_not_there_cannot_be_dropped(scene: Scene, boss: Principal) -> None:
    """It says which."""
    with pytest.raises(NotFound, match="one-per-account"):
        await scene.board.drop_quota(boss, "one-per-account")


@pytest.mark.usefixtures("boss")
async def test_why_shows_the_quota_that_a_task_waits_for(scene: Scene) -> None:
    """What it needs, what is in use, and of how much."""
    await _put(scene, EXPOSURE)
    await _transfer(scene, amount="600")
    case = await _transfer(scene, amount="500")
    await scene.claim(limit=10)
    [task] = (await scene.board.show_case(scene.people["auditor"], case.id)).tasks

    why = await scene.board.explain_task(scene.people["auditor"], task.id)

    [use] = why.quotas
    assert (use.name, use.needs, use.used, use.ceiling) == ("in-flight", Decimal(500), Decimal(600), Decimal(1000))
    assert why.answer.startswith("It waits: for room in the quota in-flight")


@pytest.mark.usefixtures("boss")
async def test_why_counts_a_quota_per_agent_for_those_who_may_claim(scene: Scene) -> None:
    """Who opened the case is none of them."""
    await _put(scene, EXCLUSIVE, per="agent")
    case = await _transfer(scene)
    [task] = (await scene.board.show_case(scene.people["auditor"], case.id)).tasks

    why = await scene.board.explain_task(scene.people["auditor"], task.id)

    assert {use.key for use in why.quotas} <= {"worker", "rival"}


async def test_quotas_are_in_the_journal_with_who(scene: Scene, boss: Principal) -> None:
    """What was put, and what was dropped."""
    await _put(scene, EXCLUSIVE)
    await scene.board.drop_quota(boss, "one-per-account")

    await scene.store.sequence_events()
    told = [event for event in await scene.store.read_journal(0, 1000) if event.type.startswith("quota.")]

    assert [(event.type, event.actor) for event in told] == [("quota.put", "boss"), ("quota.dropped", "boss")]
    assert [event.body["name"] for event in told] == ["one-per-account"] * 2


@pytest.mark.usefixtures("boss")
async def test_a_quota_of_one_tenant_does_not_touch_another(scene: Scene, database: Database) -> None:
    """Nor does another's work count in it."""
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        await other.load(workflow.parse(TRANSFERS))
        await _put(scene, EXCLUSIVE)
        for _ in range(2):
            await _transfer(other)
            await _transfer(scene)

        assert (len(await other.claim(limit=10)), len(await scene.claim(limit=10))) == (2, 1)
        assert await other.board.list_quotas(other.people["auditor"]) == []


@pytest.mark.parametrize("name", ["requester", "worker", "auditor"])
async def test_only_an_operator_sets_quotas(scene: Scene, name: str) -> None:
    """Everybody may read them."""
    with pytest.raises(NotPermitted):
        await scene.board.put_quota(scene.people[name], NewQuota.model_validate(EXCLUSIVE))

    assert await scene.board.list_quotas(scene.people[name]) == []


@pytest.mark.parametrize(
    ("quota", "changes"),
    [
        (EXCLUSIVE, {"name": "One Per Account"}),
        (EXCLUSIVE, {"kind": "sometimes"}),
        (EXCLUSIVE, {"per": "planet"}),
        (EXCLUSIVE, {"per": "entity"}),
        (EXCLUSIVE, {"per": "entity:"}),
        (EXCLUSIVE, {"per": "entity:Account"}),
        (EXCLUSIVE, {"per": "entity:account\n"}),
        (EXCLUSIVE, {"ceiling": "0"}),
        (EXCLUSIVE, {"ceiling": "-1"}),
        (EXCLUSIVE, {"ceiling": "NaN"}),
        (EXCLUSIVE, {"ceiling": "Infinity"}),
        (EXCLUSIVE, {"ceiling": "0.00001"}),
        (EXCLUSIVE, {"ceiling": "9" * 19}),
        (EXCLUSIVE, {"amount_field": "amount"}),
        (EXCLUSIVE, {"per_second": "1"}),
        (EXCLUSIVE, {"colour": "red"}),
        (EXPOSURE, {"amount_field": None}),
        (EXPOSURE, {"per_second": "1"}),
        (RATE, {"per_second": None}),
        (RATE, {"per_second": "0"}),
        (RATE, {"per_second": "Infinity"}),
        (RATE, {"amount_field": "amount"}),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(quota: dict[str, str], changes: dict[str, str | None]) -> None:
    """Before the database is asked."""
    with pytest.raises(ValidationError):
        NewQuota.model_validate({**quota, **changes})
