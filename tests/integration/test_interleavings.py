"""Meetings of three: one comes while another waits for a third, and what was looked up before the wait is old after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import chain
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from blackboard import workflow
from blackboard.answers import ClaimedTask
from blackboard.database import use_json
from blackboard.requests import FencedDecision, Heartbeat, NewFact, NewQuota, Release
from blackboard.store import Verbs
from blackboard.values import Principal
from blackboard.verbs.work import Wish, Write
from tests.conftest import Database
from tests.factories import Scene
from tests.invariants import Connection, broken

PLAIN = """
name: plain
title: Two pieces of work on an account
subject: customer
payload:
  type: object
  properties: {account: {type: string, x-entity: account}}
stages:
  work:
    escalate: [{after_s: 50, priority: 1}]
    tasks: {left: {capability: first, ageing_s: 30}, right: {capability: second, ageing_s: 30}}
    outcomes: {done: {end: done}, over: {end: over, decisive: true}}
"""


@pytest.fixture
async def see(database: Database) -> AsyncIterator[Connection]:
    """A superuser's connection."""
    connection = await asyncpg.connect(database.url)
    yield connection
    connection.terminate()


@pytest.fixture
async def boss(scene: Scene) -> Principal:
    """An operator, and the workflow."""
    await scene.load(workflow.parse(PLAIN))
    return await scene.hire("boss", role="admin")


class Actor:
    """Somebody with a connection of his own, who may leave his work uncommitted for a while."""

    def __init__(self, connection: Connection) -> None:
        self.verbs = Verbs(connection)
        self._transaction = connection.transaction()

    async def begin(self) -> Verbs:
        """What he does from now on is not done yet."""
        await self._transaction.start()
        return self.verbs

    async def commit(self) -> None:
        """Now it is."""
        await self._transaction.commit()


Act = Callable[[], Awaitable[Actor]]


@pytest.fixture
async def actor(database: Database) -> AsyncIterator[Act]:
    """As many actors as are wanted, with the API's rights."""
    async with AsyncExitStack() as stack:

        async def come() -> Actor:
            connection = await asyncpg.connect(database.app_url)
            stack.callback(connection.terminate)
            await use_json(connection)
            return Actor(connection)

        yield come


async def opened(scene: Scene, *accounts: str) -> list[UUID]:
    """Cases, one per account, in the order of their ids."""
    return [(await scene.open("plain", {"customer": account, "account": account})).id for account in accounts]


async def settled(see: Connection, *asked: "asyncio.Task[Any]") -> None:
    """Until each of them has an answer or waits for a lock."""
    async with asyncio.timeout(5):
        while await see.fetchval(_WAITING) < sum(not task.done() for task in asked):
            await asyncio.sleep(0.005)


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def touch(verbs: Verbs, scene: Scene, case: UUID) -> None:
    """Lock a case as any write about it does."""
    await verbs.put_facts(scene.people["requester"], case, [NewFact(key="seen", value=1)])


def wish(scene: Scene, who: str = "worker", limit: int = 1) -> list[Wish]:
    """Some tasks."""
    return [Wish(scene.people[who].agent_id, limit=limit)]


async def claim(verbs: Verbs, scene: Scene, *capabilities: str, limit: int = 1) -> list[ClaimedTask]:
    """Tasks for the worker."""
    [tasks] = await verbs.claim_tasks(scene.tenant_id, capabilities, wish(scene, limit=limit))
    return tasks or []


@pytest.mark.parametrize("verb", ["suspend", "fire_timers"])
async def test_what_happens_to_one_case_does_not_wait_for_another(
    scene: Scene, boss: Principal, see: Connection, actor: Act, verb: str
) -> None:
    """Somebody is just taking a task of the first; the second is none of his business."""
    _, second = await opened(scene, "a", "b")
    claiming = await actor()
    await claim(await claiming.begin(), scene, "first")
    await see.execute("UPDATE board.timer SET fires_at = now() WHERE case_id = $1", second)

    match verb:
        case "suspend":
            asked: asyncio.Task[Any] = asyncio.create_task(scene.store.suspend_cases(boss, [second], "wait"))
        case _:
            asked = asyncio.create_task(scene.store.fire_timers(10))
    await settled(see, asked)
    waited = not asked.done()
    await claiming.commit()
    await asked

    assert not waited


async def test_a_claim_that_slipped_in_before_its_agent_was_suspended_ends_with_its_case(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """The suspension waits for another of the agent's cases; meanwhile the claim is granted, and then its case is withdrawn."""
    first, second = await opened(scene, "a", "b")
    await claim(scene.store, scene, "first")
    suspending, claiming, busy = [await actor() for _ in range(3)]
    await touch(await busy.begin(), scene, first)
    await claim(await claiming.begin(), scene, "first")
    asked = asyncio.create_task((await suspending.begin()).set_agent_state(boss, "worker", "suspended", "leak"))
    await settled(see, asked)
    await claiming.commit()
    await busy.commit()
    await asked

    cancelling = asyncio.create_task(scene.store.cancel_cases(scene.people["requester"], [second], "withdrawn"))
    await settled(see, cancelling)
    await suspending.commit()
    await cancelling

    assert await broken(see) == []


async def test_a_task_set_aside_before_its_hold_was_lifted_ends_with_its_case(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """Who lifts the hold waits for another case that it kept; meanwhile it keeps one more, which then is withdrawn."""
    await scene.store.place_hold(boss, "workflow", "plain", "audit")
    [first] = await opened(scene, "a")
    await claim(scene.store, scene, "first")
    [second] = await opened(scene, "b")
    lifting, claiming, busy = [await actor() for _ in range(3)]
    await touch(await busy.begin(), scene, first)
    await claim(await claiming.begin(), scene, "first")
    asked = asyncio.create_task((await lifting.begin()).lift_hold(boss, "workflow", "plain", "all is well"))
    await settled(see, asked)
    await claiming.commit()
    await busy.commit()
    await asked

    cancelling = asyncio.create_task(scene.store.cancel_cases(scene.people["requester"], [second], "withdrawn"))
    await settled(see, cancelling)
    await lifting.commit()
    await cancelling

    assert await broken(see) == []


async def test_a_fence_that_was_guessed_ends_no_claim_behind_its_cases_back(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """Decisions name a task before it is claimed, and wait for another case; then it is claimed, and its sibling is decided."""
    first, second = await opened(scene, "a", "b")
    [held] = await claim(scene.store, scene, "first")
    await claim(scene.store, scene, "second", limit=2)
    tasks = {task.capability: task.id for task in (await scene.board.show_case(boss, second)).tasks}
    deciding, busy, sibling = [await actor() for _ in range(3)]
    await touch(await busy.begin(), scene, first)
    asked = asyncio.create_task(deciding.verbs.decide_tasks(scene.tenant_id, done(scene, held.id, tasks["first"])))
    await settled(see, asked)
    await claim(scene.store, scene, "first")
    await (await sibling.begin()).decide_tasks(scene.tenant_id, done(scene, tasks["second"]))
    await busy.commit()
    await settled(see, asked)
    await sibling.commit()
    await asked

    assert await broken(see) == []


def done(scene: Scene, *tasks: UUID) -> list[Write[FencedDecision]]:
    """What the worker says of tasks that it was the first to hold."""
    return [
        Write(scene.people["worker"].agent_id, task, FencedDecision(fence=1, outcome="done", reasons=["because"]))
        for task in tasks
    ]


async def test_bulks_with_the_same_business_keys_do_not_deadlock(boss: Principal, see: Connection, actor: Act) -> None:
    """Whatever the order of their items: who comes second is told of the duplicates."""
    one, two, three = [await actor() for _ in range(3)]

    async def bulk(verbs: Verbs, *keys: str) -> list[str]:
        items = [{"workflow": "plain", "payload": {}, "business_key": key} for key in keys]
        return [verdict for verdict, _ in await verbs.open_cases(boss, items)]

    await bulk(await three.begin(), "b")
    asked = []
    for keys, verbs in (("abc", one.verbs), ("ca", two.verbs)):
        asked.append(asyncio.create_task(bulk(verbs, *keys)))
        await settled(see, *asked)
    await three.commit()

    assert sorted(chain.from_iterable(await asyncio.gather(*asked))) == ["duplicate"] * 3 + ["opened"] * 2


async def test_a_sweep_takes_its_cases_in_order(scene: Scene, boss: Principal, see: Connection, actor: Act) -> None:
    """One claim overtook a hold, the other a suspension: both cases are somebody's batch of decisions at the same time."""
    first, second = await opened(scene, "a", "b")
    claiming, busy, deciding = [await actor() for _ in range(3)]
    verbs = await claiming.begin()
    [left], [right] = [await claim(verbs, scene, "first") for _ in range(2)]
    [[other]] = await verbs.claim_tasks(scene.tenant_id, ["second"], wish(scene, "rival"))  # type: ignore[misc]  # one is there
    await scene.store.set_agent_state(boss, "rival", "suspended", "leak")
    await scene.store.place_hold(boss, "entity", "account:b", "police")
    await claiming.commit()

    await touch(await busy.begin(), scene, first)
    asked: list[asyncio.Task[Any]] = [
        asyncio.create_task(deciding.verbs.decide_tasks(scene.tenant_id, done(scene, left.id, right.id)))
    ]
    await settled(see, *asked)
    asked.append(asyncio.create_task(scene.store.enforce_holds()))
    await settled(see, *asked)
    await busy.commit()

    assert (other.case_id, right.case_id) == (first, second)
    assert len(await asyncio.gather(*asked)) == 2
    assert await broken(see) == []


async def test_a_claim_that_meets_a_hold_waits_for_no_escalation(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """It sets tasks aside that have aged; somebody is at work on one, and the sweeper makes the other more urgent."""
    await scene.open("small", priority=0)
    first, second = await opened(scene, "a", "b")
    await age(see, "plain")
    await scene.store.place_hold(boss, "workflow", "plain", "audit")
    await see.execute("UPDATE board.timer SET fires_at = now() WHERE case_id = $1", second)
    claiming, busy = await actor(), see.transaction()
    await busy.start()
    await see.execute("SELECT FROM board.task WHERE case_id = $1 FOR UPDATE", first)
    asked: list[asyncio.Task[Any]] = [asyncio.create_task(claim(claiming.verbs, scene, "first", limit=3))]
    await settled(see, *asked)
    asked.append(asyncio.create_task(scene.store.fire_timers(10)))
    await settled(see, *asked)
    await busy.rollback()

    assert len(await asyncio.gather(*asked)) == 2
    assert await broken(see) == []


async def age(see: Connection, workflow: str) -> None:
    """What is ready has waited long enough to be one priority more urgent."""
    await see.execute(
        "UPDATE board.task_ready r SET priority = r.priority - 1 FROM board.stage_task k"
        " WHERE k.stage_task_id = r.stage_task_id AND k.workflow = $1",
        workflow,
    )


async def test_heartbeats_and_whoever_ends_claims_take_them_in_one_order(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """A batch of heartbeats is half through when a hold takes the same claims back."""
    cases = [(await scene.open("plain", {"account": "a"}, priority=9 - n)).id for n in range(3)]
    tasks = sorted(await claim(scene.store, scene, "first", limit=3), key=lambda task: task.id)
    low, middle, high = [Write(scene.people["worker"].agent_id, task.id, Heartbeat(fence=1)) for task in tasks]
    one, two = [await actor() for _ in range(2)]
    await (await one.begin()).heartbeat_tasks(scene.tenant_id, [middle])
    asked: list[asyncio.Task[Any]] = [asyncio.create_task(two.verbs.heartbeat_tasks(scene.tenant_id, [low, high, middle]))]
    await settled(see, *asked)
    asked.append(asyncio.create_task(scene.store.place_hold(boss, "entity", "account:a", "police")))
    await settled(see, *asked)
    await one.commit()

    assert [task.case_id for task in tasks] == cases
    assert len(await asyncio.gather(*asked)) == 2
    assert await broken(see) == []


async def test_heartbeats_and_a_sweep_take_claims_in_one_order(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """The first claim overtook a suspension, the second a hold: the sweep takes both back in two steps."""
    await opened(scene, "a", "b")
    claiming, busy, beating = [await actor() for _ in range(3)]
    verbs = await claiming.begin()
    [[low]] = await verbs.claim_tasks(scene.tenant_id, ["second"], wish(scene, "rival"))  # type: ignore[misc]  # one is there
    high = (await claim(verbs, scene, "first", limit=2))[1]
    await scene.store.set_agent_state(boss, "rival", "suspended", "leak")
    await scene.store.place_hold(boss, "entity", "account:b", "police")
    await claiming.commit()
    beats = [
        Write(scene.people[name].agent_id, task.id, Heartbeat(fence=1)) for name, task in (("rival", low), ("worker", high))
    ]

    await (await busy.begin()).heartbeat_tasks(scene.tenant_id, beats[1:])
    asked: list[asyncio.Task[Any]] = [asyncio.create_task(scene.store.enforce_holds())]
    await settled(see, *asked)
    asked.append(asyncio.create_task(beating.verbs.heartbeat_tasks(scene.tenant_id, beats)))
    await settled(see, *asked)
    await busy.commit()

    assert low.id < high.id
    assert len(await asyncio.gather(*asked)) == 2
    assert await broken(see) == []


@pytest.mark.usefixtures("boss")
async def test_a_decision_that_ends_its_siblings_passes_their_heartbeats(scene: Scene, see: Connection, actor: Act) -> None:
    """One piece of work is decided for both; at the same time their holder says that it is at work on both."""
    await opened(scene, "a")
    claimed = [task for name in ("first", "second") for task in await claim(scene.store, scene, name)]
    held = sorted(claimed, key=lambda task: task.id)
    beats = [Write(scene.people["worker"].agent_id, task.id, Heartbeat(fence=1)) for task in held]
    over = Write(scene.people["worker"].agent_id, held[1].id, FencedDecision(fence=1, outcome="over", reasons=["because"]))
    deciding, busy, beating = [await actor() for _ in range(3)]

    await (await busy.begin()).heartbeat_tasks(scene.tenant_id, beats[1:])
    asked: list[asyncio.Task[Any]] = [asyncio.create_task(deciding.verbs.decide_tasks(scene.tenant_id, [over]))]
    await settled(see, *asked)
    asked.append(asyncio.create_task(beating.verbs.heartbeat_tasks(scene.tenant_id, beats)))
    await settled(see, *asked)
    await busy.commit()

    decided, beaten = await asyncio.gather(*asked)
    assert [said.verdict for said in (*decided, *beaten)] == ["decided", "cancelled", "done"]
    assert await broken(see) == []


async def test_a_quota_may_be_dropped_while_a_claim_takes_of_it(
    scene: Scene, boss: Principal, see: Connection, actor: Act
) -> None:
    """The claim has taken of it for one customer, meets a hold, and goes on to another customer; it waits for no operator."""
    rate = {"name": "rate", "kind": "rate", "per": "subject", "ceiling": "9", "per_second": "1"}
    await scene.store.put_quota(boss, NewQuota.model_validate(rate))
    for customer, priority in (("a", 9), ("b", 0)):
        await scene.open("small", {"customer": customer}, priority=priority)
        [task] = await claim(scene.store, scene, "first")
        await scene.store.release_tasks(scene.tenant_id, [Write(scene.people["worker"].agent_id, task.id, Release(fence=1))])
    [held] = await opened(scene, "x")
    await age(see, "plain")
    await scene.store.place_hold(boss, "workflow", "plain", "audit")
    claiming, busy = await actor(), see.transaction()
    await busy.start()
    await see.execute("SELECT FROM board.task WHERE case_id = $1 FOR UPDATE", held)
    asked: list[asyncio.Task[Any]] = [asyncio.create_task(claim(claiming.verbs, scene, "first", limit=3))]
    await settled(see, *asked)
    asked.append(asyncio.create_task(scene.store.drop_quota(boss, "rate")))
    await settled(see, *asked)
    await busy.rollback()

    assert [len(await asked[0]), await asked[1]] == [2, True]
