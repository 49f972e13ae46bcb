"""What those who run the board can do: hold work back, take it away, look after what got stuck, and ask why."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from blackboard import workflow
from blackboard.answers import CaseSummary, Event
from blackboard.errors import ClaimLost, Conflict, Invalid, NotFound, NotPermitted
from blackboard.reports import Why
from blackboard.requests import Failure, FencedDecision, Heartbeat, Rejection
from blackboard.store import Store
from blackboard.values import Principal
from blackboard.verbs.work import Wish
from tests.conftest import Database
from tests.factories import NOON, Clock, Scene, make_scene, small

TRANSFERS = """
name: transfers
title: Money from one account to another
payload:
  type: object
  properties:
    debit: {type: string, x-entity: account}
    credit: {type: string, x-entity: account}
stages:
  move: {capability: first, outcomes: {done: {end: executed}}}
"""
LETTERS = """
name: letters
title: A letter to a customer
payload: {type: object}
stages:
  send: {capability: second, outcomes: {done: {end: sent}}}
"""
KINDS = [("workflow", "transfers"), ("capability", "first"), ("entity", "account:a"), ("tenant", "demo")]


@pytest.fixture
async def boss(scene: Scene) -> Principal:
    """An operator, and workflows of which one touches accounts."""
    for text in (TRANSFERS, LETTERS):
        await scene.load(workflow.parse(text))
    return await scene.hire("boss", role="admin")


async def _transfer(scene: Scene, debit: str = "a", credit: str = "b") -> CaseSummary:
    return await scene.open("transfers", {"debit": debit, "credit": credit})


async def _task_of(scene: Scene, case: CaseSummary) -> UUID:
    return (await scene.board.show_case(scene.people["auditor"], case.id)).tasks[-1].id


async def _reasons(scene: Scene, task_id: UUID) -> list[tuple[str, str]]:
    shown = await scene.board.show_task(scene.people["auditor"], task_id)
    return [(reason.reason, reason.key) for reason in shown.waits_for]


async def _journal(scene: Scene, kind: str) -> list[Event]:
    await scene.store.sequence_events()
    return [event for event in await scene.store.read_journal(0, 1000) if event.type == kind]


async def _why(scene: Scene, task_id: UUID) -> Why:
    return await scene.board.explain_task(scene.people["auditor"], task_id)


async def _get_stuck(scene: Scene, clock: Clock, kind: str) -> UUID:
    """A task that rests as this."""
    await scene.load(small(max_rescues=1))
    await scene.open()
    [task] = await scene.claim()
    if kind == "incident":
        await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", retryable=False))
    else:
        await clock.pass_(31)
        await scene.store.expire_leases(10)
    assert await _reasons(scene, task.id) == [(kind, "")]
    return task.id


# ------------------------------------------------------------------------------------------------------------------ holds
@pytest.mark.parametrize(("kind", "name"), KINDS[:3])
async def test_a_hold_stops_what_it_names_and_nothing_else(scene: Scene, boss: Principal, kind: str, name: str) -> None:
    """Other work goes on."""
    await _transfer(scene)
    letter = await scene.open("letters")

    await scene.board.place_hold(boss, kind, name, "audit")

    assert [task.case_id for task in await scene.claim(limit=10)] == [letter.id]


async def test_a_hold_on_the_tenant_stops_everything(scene: Scene, boss: Principal) -> None:
    """Whatever the workflow and the capability."""
    await _transfer(scene)
    await scene.open("letters")

    await scene.board.place_hold(boss, "tenant", "demo", "fire")

    assert await scene.claim(limit=10) == []


@pytest.mark.parametrize(("kind", "name"), KINDS)
async def test_lifting_a_hold_offers_work_at_its_old_place(scene: Scene, boss: Principal, kind: str, name: str) -> None:
    """Before what was opened later, although it was in nobody's reach meanwhile."""
    cases = [await _transfer(scene, "a", "b"), await _transfer(scene, "a", "c")]
    await scene.board.place_hold(boss, kind, name, "audit")
    held = await scene.claim(limit=10)
    cases.append(await _transfer(scene, "a", "d"))

    await scene.board.lift_hold(boss, kind, name, "all is well")

    assert (held, [task.case_id for task in await scene.claim(limit=10)]) == ([], [case.id for case in cases])


async def test_work_that_is_opened_under_a_hold_is_held(scene: Scene, boss: Principal) -> None:
    """Whoever receives money is touched as well as who pays."""
    await scene.board.place_hold(boss, "entity", "account:b", "police")
    case = await _transfer(scene)

    assert await scene.claim(limit=10) == []
    assert await _reasons(scene, await _task_of(scene, case)) == [("frozen", "account:b")]


async def test_a_pause_lets_holders_finish(scene: Scene, boss: Principal) -> None:
    """A hold on a workflow takes nothing away; the next stage waits."""
    await scene.open()
    [task] = await scene.claim()

    await scene.board.place_hold(boss, "workflow", "small", "audit")

    assert (await scene.decide(task, "approve"), await scene.claim()) == ("decided", [])


async def test_a_hold_on_an_entity_takes_running_claims_back(scene: Scene, boss: Principal) -> None:
    """The holder is told that it is frozen, and the task waits."""
    await _transfer(scene)
    [task] = await scene.claim()
    await scene.board.place_hold(boss, "entity", "account:a", "police")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "done")

    assert lost.value.reason == "frozen"
    assert (await scene.state(task.id), await _reasons(scene, task.id)) == ("waiting", [("frozen", "account:a")])


async def test_a_hold_on_an_entity_leaves_other_claims_alone(scene: Scene, boss: Principal) -> None:
    """Only what touches it is frozen."""
    await _transfer(scene, "a", "b")
    await _transfer(scene, "c", "d")
    _, other = await scene.claim(limit=2)

    await scene.board.place_hold(boss, "entity", "account:a", "police")

    assert await scene.decide(other, "done") == "decided"


async def test_a_frozen_task_comes_back_with_no_attempt_counted(scene: Scene, boss: Principal) -> None:
    """Under a new fence, for anybody."""
    await _transfer(scene)
    [task] = await scene.claim()
    await scene.board.place_hold(boss, "entity", "account:a", "police")
    await scene.board.lift_hold(boss, "entity", "account:a", "mistaken identity")

    [again] = await scene.claim("rival")

    assert (again.id, again.attempt, again.fence) == (task.id, 1, task.fence + 1)
    assert await scene.decide(again, "done", "rival") == "decided"


async def test_a_claim_granted_while_the_hold_was_placed_is_taken_back(scene: Scene, boss: Principal) -> None:
    """Neither transaction sees the other; the next sweep does."""
    await _transfer(scene)
    async with scene.store.transaction() as verbs:
        [claimed] = await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.place_hold(boss, "entity", "account:a", "police")
    [task] = claimed or []
    before = await scene.state(task.id)

    await scene.store.enforce_holds()

    assert (before, await scene.state(task.id)) == ("claimed", "waiting")
    assert await _reasons(scene, task.id) == [("frozen", "account:a")]


@pytest.mark.parametrize(("kind", "name"), [("workflow", "transfers"), ("entity", "account:a")])
async def test_a_task_met_while_its_hold_was_lifted_is_not_left_waiting(
    scene: Scene, boss: Principal, kind: str, name: str
) -> None:
    """The claim that set it aside was not over when the hold went: at the latest a sweep lets it go."""
    case = await _transfer(scene)
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
    case = await _transfer(scene)
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

    assert await _reasons(scene, await _task_of(scene, case)) == []


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("other", [("entity", "account:b"), ("workflow", "transfers"), ("capability", "first")])
async def test_a_task_under_two_holds_waits_for_both(
    scene: Scene, boss: Principal, other: tuple[str, str], order: tuple[int, int], *, running: bool
) -> None:
    """Whichever is lifted first, and whether or not somebody was at work on it."""
    await _transfer(scene)
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


async def test_holds_are_in_the_journal_with_who_and_why(scene: Scene, boss: Principal) -> None:
    """So is the claim that was taken back, and from whom."""
    await _transfer(scene)
    await scene.claim()
    await scene.board.place_hold(boss, "entity", "account:a", "police")
    await scene.board.lift_hold(boss, "entity", "account:a", "cleared")

    [placed], [lifted] = await _journal(scene, "hold.placed"), await _journal(scene, "hold.lifted")
    [revoked] = await _journal(scene, "task.revoked")
    assert [(e.actor, e.body["name"], e.body["reason"]) for e in (placed, lifted)] == [
        ("boss", "account:a", "police"),
        ("boss", "account:a", "cleared"),
    ]
    assert (revoked.body["holder"], revoked.body["reason"]) == ("worker", "frozen")


async def test_a_case_that_is_cancelled_under_a_hold_stays_cancelled(scene: Scene, boss: Principal) -> None:
    """Lifting brings nothing back that has ended."""
    case = await _transfer(scene)
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
            await _transfer(other)
        [running] = await other.claim()

        for kind, name in KINDS:
            await scene.board.place_hold(boss, kind, name, "audit")
        await scene.store.enforce_holds()

        assert (await other.decide(running, "done"), len(await other.claim())) == ("decided", 1)
        assert await other.board.list_holds(other.people["auditor"]) == []


# ------------------------------------------------------------------------------------------------------------- suspension
async def test_suspending_an_agent_takes_its_claims_back_uncounted(scene: Scene, boss: Principal) -> None:
    """They are ready for others at once, at no cost to the task."""
    await scene.open()
    [task] = await scene.claim("worker")

    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    shown = await scene.board.show_task(scene.people["auditor"], task.id)
    assert (shown.state, shown.failures, shown.rescues, shown.holder) == ("ready", 0, 0, None)
    assert [again.attempt for again in await scene.claim("rival")] == [1]


async def test_suspending_an_agent_leaves_the_others_at_work(scene: Scene, boss: Principal) -> None:
    """Only its own claims are taken."""
    await scene.open()
    [task] = await scene.claim("rival")

    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    assert await scene.decide(task, "approve", "rival") == "decided"


async def test_a_suspended_agent_can_claim_nothing(scene: Scene, boss: Principal) -> None:
    """It is told so, and not that there is no work."""
    await scene.open()
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")

    with pytest.raises(NotPermitted):
        await scene.claim("worker")


@pytest.mark.parametrize("verb", ["decide", "heartbeat", "fail"])
async def test_a_suspended_agent_can_write_nothing(scene: Scene, boss: Principal, verb: str) -> None:
    """Its claims are over."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")
    body = {
        "decide": FencedDecision(fence=task.fence, outcome="approve"),
        "heartbeat": Heartbeat(fence=task.fence),
        "fail": Failure(fence=task.fence, reason="oops"),
    }[verb]

    with pytest.raises(ClaimLost):
        await getattr(scene.board, verb)(scene.people["worker"], task.id, body)


async def test_a_suspended_agent_spoils_nobody_elses_claim(scene: Scene, boss: Principal) -> None:
    """Wishes that are granted together are judged one by one."""
    await scene.open()
    await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")
    wishes = [Wish(scene.people[name].agent_id) for name in ("worker", "rival")]

    refused, granted = await scene.store.claim_tasks(scene.tenant_id, ["first"], wishes)

    assert (refused, len(granted or [])) == (None, 1)


async def test_an_agent_that_is_let_work_again_works(scene: Scene, boss: Principal) -> None:
    """Its old fence does not."""
    await scene.open()
    [old] = await scene.claim("worker")
    for state in ("suspended", "active"):
        await scene.board.set_agent_state(boss, "worker", state, "a look was taken")
    [new] = await scene.claim("worker")

    with pytest.raises(ClaimLost):
        await scene.decide(old, "approve")

    assert await scene.decide(new, "approve") == "decided"


async def test_a_claim_granted_while_its_agent_was_suspended_is_taken_back(scene: Scene, boss: Principal) -> None:
    """The next sweep finds it."""
    await scene.open()
    async with scene.store.transaction() as verbs:
        [claimed] = await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")
    [task] = claimed or []
    before = await scene.state(task.id)

    await scene.store.enforce_holds()

    assert (before, await scene.state(task.id)) == ("claimed", "ready")
    assert [again.attempt for again in await scene.claim("rival")] == [1]


async def test_suspension_is_in_the_journal_with_who_and_why(scene: Scene, boss: Principal) -> None:
    """Doing it twice is doing it once."""
    told = [(await scene.board.set_agent_state(boss, "worker", "suspended", "odd decisions")).value.verdict for _ in range(2)]

    [event] = await _journal(scene, "agent.suspended")
    assert told == ["changed", "unchanged"]
    assert (event.actor, event.body) == ("boss", {"agent": "worker", "reason": "odd decisions"})


async def test_nobody_unknown_can_be_suspended(scene: Scene, boss: Principal) -> None:
    """A misspelt name is said to be one."""
    with pytest.raises(NotFound, match="wroker"):
        await scene.board.set_agent_state(boss, "wroker", "suspended", "odd decisions")


# -------------------------------------------------------------------------------------------------------------- incidents
@pytest.mark.parametrize("kind", ["incident", "quarantine"])
async def test_redriving_tries_a_stuck_task_again_with_counts_anew(
    scene: Scene, boss: Principal, clock: Clock, kind: str
) -> None:
    """As if nobody had tried it yet."""
    task_id = await _get_stuck(scene, clock, kind)

    told = await scene.board.redrive_task(boss, task_id, "bank is back")

    shown = await scene.board.show_task(boss, task_id)
    assert (told.value.verdict, shown.state, shown.failures, shown.rescues) == ("redriven", "ready", 0, 0)
    assert [(task.id, task.attempt) for task in await scene.claim()] == [(task_id, 1)]
    assert await scene.board.list_incidents(boss) == []


@pytest.mark.parametrize(("kind", "counts"), [("incident", (1, 0)), ("quarantine", (0, 1))])
async def test_what_was_counted_before_a_redrive_stays_in_the_journal(
    scene: Scene, boss: Principal, clock: Clock, kind: str, counts: tuple[int, int]
) -> None:
    """With who tried it again, and why."""
    task_id = await _get_stuck(scene, clock, kind)
    await scene.board.redrive_task(boss, task_id, "bank is back")

    [event] = await _journal(scene, "task.redriven")
    assert (event.task_id, event.actor, event.body["reason"]) == (task_id, "boss", "bank is back")
    assert (event.body["failures"], event.body["rescues"]) == counts


async def test_a_redriven_task_can_become_an_incident_again(scene: Scene, boss: Principal, clock: Clock) -> None:
    """And be redriven again."""
    task_id = await _get_stuck(scene, clock, "incident")
    for _ in range(2):
        await scene.board.redrive_task(boss, task_id, "once more")
        [task] = await scene.claim()
        await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="still", retryable=False))

    [incident] = await scene.board.list_incidents(boss)
    assert (incident.task_id, incident.reason, incident.failures) == (task_id, "still", 1)


@pytest.mark.parametrize("kind", ["incident", "quarantine"])
async def test_resolving_ends_a_stuck_task_with_an_outcome(scene: Scene, boss: Principal, clock: Clock, kind: str) -> None:
    """The case takes that route, and the decision is the operator's."""
    task_id = await _get_stuck(scene, clock, kind)

    told = await scene.board.resolve_task(boss, task_id, "approve", "looked at it")

    shown = await scene.board.show_task(boss, task_id)
    case = await scene.board.show_case(boss, shown.case_id)
    [event] = await _journal(scene, "task.decided")
    assert shown.decision is not None
    assert (told.value.verdict, shown.state, shown.decision.outcome, case.stage) == ("resolved", "done", "approve", "second")
    assert (event.actor, event.body["outcome"], event.body["result"]) == ("boss", "approve", {"resolved": "looked at it"})


@pytest.mark.parametrize("state", ["ready", "claimed", "done"])
async def test_what_is_not_stuck_is_neither_redriven_nor_resolved(scene: Scene, boss: Principal, state: str) -> None:
    """A conflict, and nothing changes."""
    task_id = await _task_of(scene, await scene.open())
    if state != "ready":
        [task] = await scene.claim()
        if state == "done":
            await scene.decide(task, "reject")

    with pytest.raises(Conflict):
        await scene.board.redrive_task(boss, task_id, "impatient")
    with pytest.raises(Conflict):
        await scene.board.resolve_task(boss, task_id, "approve", "impatient")

    assert await scene.state(task_id) == state


async def test_resolving_takes_an_outcome_that_the_stage_knows(scene: Scene, boss: Principal, clock: Clock) -> None:
    """Otherwise the task stays stuck."""
    task_id = await _get_stuck(scene, clock, "incident")

    with pytest.raises(Invalid):
        await scene.board.resolve_task(boss, task_id, "maybe", "guessing")

    assert await _reasons(scene, task_id) == [("incident", "")]


async def test_a_task_that_was_resolved_is_resolved_once(scene: Scene, boss: Principal, clock: Clock) -> None:
    """The second operator is told."""
    task_id = await _get_stuck(scene, clock, "incident")
    await scene.board.resolve_task(boss, task_id, "approve", "looked at it")

    with pytest.raises(Conflict):
        await scene.board.resolve_task(boss, task_id, "reject", "looked at it too")


# -------------------------------------------------------------------------------------------------------------- rejection
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


# -------------------------------------------------------------------------------------------------------------------- why
async def test_why_names_the_hold_that_stands_before_a_ready_task(scene: Scene, boss: Principal, clock: Clock) -> None:
    """Even before a claim has met it: by whom and why."""
    task_id = await _task_of(scene, await _transfer(scene))
    await scene.board.place_hold(boss, "entity", "account:a", "police")

    why = await _why(scene, task_id)

    assert why.answer == "Held back: entity account:a by boss (police)."
    assert [(hold.kind, hold.name, hold.since) for hold in why.holds] == [("entity", "account:a", clock.now)]


@pytest.mark.parametrize(
    ("kind", "name", "answer"),
    [
        ("workflow", "transfers", "It waits: for the hold on workflow:transfers to be lifted."),
        ("entity", "account:a", "It waits: for account:a to be released."),
        ("capability", "first", "Held back: capability first by boss (audit)."),
        ("tenant", "demo", "Held back: tenant demo by boss (audit)."),
    ],
)
async def test_why_says_which_hold_a_claim_met(scene: Scene, boss: Principal, kind: str, name: str, answer: str) -> None:
    """Whatever it is on, with the hold itself."""
    task_id = await _task_of(scene, await _transfer(scene))
    await scene.board.place_hold(boss, kind, name, "audit")
    await scene.claim()

    why = await _why(scene, task_id)

    assert (why.answer, [hold.reason for hold in why.holds]) == (answer, ["audit"])


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("incident", "It waits: for an operator, being out of attempts."),
        ("quarantine", "It waits: for an operator, since holders were lost on it."),
    ],
)
async def test_why_asks_for_an_operator(scene: Scene, clock: Clock, kind: str, answer: str) -> None:
    """When the task is stuck."""
    assert (await _why(scene, await _get_stuck(scene, clock, kind))).answer == answer


async def test_why_says_until_when_a_task_is_scheduled(scene: Scene, clock: Clock) -> None:
    """By the database's clock."""
    await scene.open()
    [task] = await scene.claim()
    await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", delay_s=90))

    assert (await _why(scene, task.id)).answer == f"It is scheduled for {clock.now + timedelta(seconds=90):%F %T} UTC."


async def test_why_says_who_holds_a_task(scene: Scene, clock: Clock) -> None:
    """And until when."""
    await scene.open()
    [task] = await scene.claim()

    assert (await _why(scene, task.id)).answer == f"worker holds it until {clock.now + timedelta(seconds=30):%F %T} UTC."


async def test_why_names_who_is_alive_and_what_comes_first(scene: Scene, clock: Clock) -> None:
    """A ready task has so many before it."""
    await scene.open()
    task_id = await _task_of(scene, await scene.open())
    await scene.board.start_session(scene.people["worker"], uuid4(), {})
    await clock.pass_(1)

    why = await _why(scene, task_id)

    assert (why.answer, why.ahead) == ("It is ready, with 1 before it. worker may take it.", 1)
    assert [(c.agent, c.may_claim, c.is_alive) for c in why.agents] == [("rival", True, False), ("worker", True, True)]


async def test_why_says_that_nobody_is_alive(scene: Scene, clock: Clock) -> None:
    """A session that was not heard of for long is no sign of life."""
    task_id = await _task_of(scene, await scene.open())
    await scene.board.start_session(scene.people["worker"], uuid4(), {})
    await clock.pass_(60)

    assert (await _why(scene, task_id)).answer == "Nobody who may take it is alive: rival, worker."


async def test_why_says_who_gave_it_back(scene: Scene) -> None:
    """With the reason that was given."""
    await scene.open()
    [task] = await scene.claim("worker")
    await scene.board.reject(scene.people["worker"], task.id, Rejection(fence=task.fence, reason="my cousin"))

    why = await _why(scene, task.id)

    assert why.answer == "Nobody who may take it is alive: rival."
    assert {c.agent: c.excluded_by for c in why.agents} == {"rival": None, "worker": "gave it back: my cousin"}


async def test_why_says_who_is_suspended(scene: Scene, boss: Principal) -> None:
    """With all of them suspended nobody is left."""
    task_id = await _task_of(scene, await scene.open())
    for name in ("worker", "rival"):
        await scene.board.set_agent_state(boss, name, "suspended", "odd decisions")

    why = await _why(scene, task_id)

    assert why.answer.startswith("No agent may take it")
    assert {c.agent: c.excluded_by for c in why.agents} == {"rival": "agent is suspended", "worker": "agent is suspended"}


async def test_why_says_that_its_case_is_suspended(scene: Scene, boss: Principal) -> None:
    """Until somebody resumes it."""
    case = await scene.open()
    task_id = await _task_of(scene, case)

    await scene.board.suspend_case(boss, case.id, "under review")

    assert (await _why(scene, task_id)).answer == "It waits: for its case to be resumed."


async def test_why_knows_no_task_of_another_tenant(scene: Scene, database: Database) -> None:
    """It does not exist there."""
    task_id = await _task_of(scene, await scene.open())
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")

        with pytest.raises(NotFound):
            await _why(other, task_id)


# ------------------------------------------------------------------------------------------------------------------ roles
@pytest.mark.parametrize("name", ["requester", "worker", "auditor"])
async def test_only_an_operator_runs_the_board(scene: Scene, name: str) -> None:
    """Nobody else holds, suspends, redrives or resolves, whatever they may otherwise do."""
    who, case = scene.people[name], await scene.open()
    task_id = await _task_of(scene, case)

    for attempt in (
        scene.board.place_hold(who, "workflow", "small", "because"),
        scene.board.lift_hold(who, "workflow", "small", "because"),
        scene.board.set_agent_state(who, "rival", "suspended", "because"),
        scene.board.redrive_task(who, task_id, "because"),
        scene.board.resolve_task(who, task_id, "approve", "because"),
        scene.board.suspend_case(who, case.id, "because"),
        scene.board.drop_quota(who, "any"),
    ):
        with pytest.raises(NotPermitted):
            await attempt

    assert len(await scene.claim("rival")) == 1


# ------------------------------------------------------------------------------------------------------- limits of a claim
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
