"""Work that is held back by what it is, or by whom it touches, until the hold is lifted."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import pytest

from blackboard import workflow
from blackboard.errors import ClaimLost, NotFound
from blackboard.store import Store
from blackboard.values import Principal
from blackboard.verbs.work import Wish
from tests.conftest import Database
from tests.factories import Scene, make_scene
from tests.sql.tasks import read_journal, reasons_of, task_of
from tests.sql.transfers import TRANSFERS, transfer

KINDS = [("workflow", "transfers"), ("capability", "first"), ("entity", "account:a"), ("tenant", "demo")]


@pytest.mark.parametrize(("kind", "name"), KINDS[:3])
async def test_a_hold_stops_what_it_names_and_nothing_else(scene: Scene, boss: Principal, kind: str, name: str) -> None:
    """Other work goes on."""
    await transfer(scene)
    letter = await scene.open("letters")

    await scene.board.place_hold(boss, kind, name, "audit")

    assert [task.case_id for task in await scene.claim(limit=10)] == [letter.id]


async def test_a_hold_on_the_tenant_stops_everything(scene: Scene, boss: Principal) -> None:
    """Whatever the workflow and the capability."""
    await transfer(scene)
    await scene.open("letters")

    await scene.board.place_hold(boss, "tenant", "demo", "fire")

    assert await scene.claim(limit=10) == []


@pytest.mark.parametrize(("kind", "name"), KINDS)
async def test_lifting_a_hold_offers_work_at_its_old_place(scene: Scene, boss: Principal, kind: str, name: str) -> None:
    """Before what was opened later, although it was in nobody's reach meanwhile."""
    cases = [await transfer(scene, "a", "b"), await transfer(scene, "a", "c")]
    await scene.board.place_hold(boss, kind, name, "audit")
    held = await scene.claim(limit=10)
    cases.append(await transfer(scene, "a", "d"))

    await scene.board.lift_hold(boss, kind, name, "all is well")

    assert (held, [task.case_id for task in await scene.claim(limit=10)]) == ([], [case.id for case in cases])


async def test_work_that_is_opened_under_a_hold_is_held(scene: Scene, boss: Principal) -> None:
    """Whoever receives money is touched as well as who pays."""
    await scene.board.place_hold(boss, "entity", "account:b", "police")
    case = await transfer(scene)

    assert await scene.claim(limit=10) == []
    assert await reasons_of(scene, await task_of(scene, case)) == [("frozen", "account:b")]


async def test_a_pause_lets_holders_finish(scene: Scene, boss: Principal) -> None:
    """A hold on a workflow takes nothing away; the next stage waits."""
    await scene.open()
    [task] = await scene.claim()

    await scene.board.place_hold(boss, "workflow", "small", "audit")

    assert (await scene.decide(task, "approve"), await scene.claim()) == ("decided", [])


async def test_a_hold_on_an_entity_takes_running_claims_back(scene: Scene, boss: Principal) -> None:
    """The holder is told that it is frozen, and the task waits."""
    await transfer(scene)
    [task] = await scene.claim()
    await scene.board.place_hold(boss, "entity", "account:a", "police")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "done")

    assert lost.value.reason == "frozen"
    assert (await scene.state(task.id), await reasons_of(scene, task.id)) == ("waiting", [("frozen", "account:a")])


async def test_a_hold_on_an_entity_leaves_other_claims_alone(scene: Scene, boss: Principal) -> None:
    """Only what touches it is frozen."""
    await transfer(scene, "a", "b")
    await transfer(scene, "c", "d")
    _, other = await scene.claim(limit=2)

    await scene.board.place_hold(boss, "entity", "account:a", "police")

    assert await scene.decide(other, "done") == "decided"


async def test_a_frozen_task_comes_back_with_no_attempt_counted(scene: Scene, boss: Principal) -> None:
    """Under a new fence, for anybody."""
    await transfer(scene)
    [task] = await scene.claim()
    await scene.board.place_hold(boss, "entity", "account:a", "police")
    await scene.board.lift_hold(boss, "entity", "account:a", "mistaken identity")

    [again] = await scene.claim("rival")

    assert (again.id, again.attempt, again.fence) == (task.id, 1, task.fence + 1)
    assert await scene.decide(again, "done", "rival") == "decided"


async def test_a_claim_granted_while_the_hold_was_placed_is_taken_back(scene: Scene, boss: Principal) -> None:
    """Neither transaction sees the other; the next sweep does."""
    await transfer(scene)
    async with scene.store.transaction() as verbs:
        [claimed] = await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.place_hold(boss, "entity", "account:a", "police")
    [task] = claimed or []
    before = await scene.state(task.id)

    await scene.store.enforce_holds()

    assert (before, await scene.state(task.id)) == ("claimed", "waiting")
    assert await reasons_of(scene, task.id) == [("frozen", "account:a")]


@pytest.mark.parametrize(("kind", "name"), [("workflow", "transfers"), ("entity", "account:a")])
async def test_a_task_met_while_its_hold_was_lifted_is_not_left_waiting(
    scene: Scene, boss: Principal, kind: str, name: str
) -> None:
    """The claim that set it aside was not over when the hold went: at the latest a sweep lets it go."""
    case = await transfer(scene)
    await scene.board.place_hold(boss, kind, name, "audit")
    async with scene.store.transaction() as verbs:
        await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.lift_hold(boss, kind, name, "all is well")

    await scene.store.enforce_holds()
    await scene.store.wake_waiting(10)

    assert [task.case_id for task in await scene.claim()] == [case.id]


async def test_a_sweep_that_meets_a_lifted_hold_freezes_nothing(
    scene: Scene, boss: Principal, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """It had seen the hold, and had to wait for the case before it could take the claim."""
    case = await transfer(scene)
    async with scene.store.transaction() as verbs:
        await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.place_hold(boss, "entity", "account:a", "police")
    sweeper = await Store.open(scene.url, max_connections=1)
    pid = await sweeper._value("SELECT pg_backend_pid()")
    async with connection.transaction():
        await connection.execute("SELECT FROM board.case c WHERE c.case_id = $1 FOR UPDATE", case.id)
        sweeping = asyncio.create_task(sweeper.enforce_holds())
        async with asyncio.timeout(5):
            while not await connection.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
                await asyncio.sleep(0.01)
        await scene.board.lift_hold(boss, "entity", "account:a", "cleared")
    await sweeping
    await sweeper.close()
    await scene.store.enforce_holds()

    assert await reasons_of(scene, await task_of(scene, case)) == []


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("other", [("entity", "account:b"), ("workflow", "transfers"), ("capability", "first")])
async def test_a_task_under_two_holds_waits_for_both(
    scene: Scene, boss: Principal, other: tuple[str, str], order: tuple[int, int], *, running: bool
) -> None:
    """Whichever is lifted first, and whether or not somebody was at work on it."""
    await transfer(scene)
    if running:
        await scene.claim()
    holds = [("entity", "account:a"), other]
    for kind, name in holds:
        await scene.board.place_hold(boss, kind, name, "audit")

    offered = [len(await scene.claim())]
    for n in order:
        await scene.board.lift_hold(boss, *holds[n], "done")
        offered.append(len(await scene.claim()))

    assert offered == [0, 0, 1]


async def test_placing_a_hold_twice_is_placing_it_once(scene: Scene, boss: Principal) -> None:
    """The first reason stays."""
    told = [(await scene.board.place_hold(boss, "entity", "account:a", why)).value.verdict for why in ("first", "second")]

    [hold] = await scene.board.list_holds(scene.people["auditor"])
    assert (told, hold.reason, hold.by) == (["placed", "unchanged"], "first", "boss")


async def test_a_hold_that_is_not_there_cannot_be_lifted(scene: Scene, boss: Principal) -> None:
    """It says which."""
    with pytest.raises(NotFound, match="entity account:a"):
        await scene.board.lift_hold(boss, "entity", "account:a", "why not")


@pytest.mark.usefixtures("database")
async def test_holds_are_in_the_journal_with_who_and_why(scene: Scene, boss: Principal) -> None:
    """So is the claim that was taken back, and from whom."""
    await transfer(scene)
    await scene.claim()
    await scene.board.place_hold(boss, "entity", "account:a", "police")
    await scene.board.lift_hold(boss, "entity", "account:a", "cleared")

    [placed], [lifted] = await read_journal(scene, "hold.placed"), await read_journal(scene, "hold.lifted")
    [revoked] = await read_journal(scene, "task.revoked")
    assert [(e.actor, e.body["name"], e.body["reason"]) for e in (placed, lifted)] == [
        ("boss", "account:a", "police"),
        ("boss", "account:a", "cleared"),
    ]
    assert (revoked.body["holder"], revoked.body["reason"]) == ("worker", "frozen")


async def test_a_case_that_is_cancelled_under_a_hold_stays_cancelled(scene: Scene, boss: Principal) -> None:
    """Lifting brings nothing back that has ended."""
    case = await transfer(scene)
    await scene.board.place_hold(boss, "entity", "account:a", "police")
    await scene.claim()
    await scene.board.cancel_case(scene.people["requester"], case.id, "changed my mind")

    await scene.board.lift_hold(boss, "entity", "account:a", "cleared")

    assert await scene.claim() == []


async def test_a_hold_of_one_tenant_does_not_touch_another(scene: Scene, boss: Principal, database: Database) -> None:
    """Even where both have such an account, and somebody works on it."""
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        await other.load(workflow.parse(TRANSFERS))
        for _ in range(2):
            await transfer(other)
        [running] = await other.claim()

        for kind, name in KINDS:
            await scene.board.place_hold(boss, kind, name, "audit")
        await scene.store.enforce_holds()

        assert (await other.decide(running, "done"), len(await other.claim())) == ("decided", 1)
        assert await other.board.list_holds(other.people["auditor"]) == []
