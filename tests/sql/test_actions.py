"""An action is sent as it was approved, once, while what the approval rests on still holds; what came of it is never lost."""

from typing import Any
from uuid import UUID

import pytest
import rfc8785

from blackboard import canonical, workflow
from blackboard.answers import Action, CaseSummary, ClaimedTask
from blackboard.errors import ClaimLost, Conflict, Denied, Invalid, NotFound
from blackboard.requests import Failure, FencedDecision, NewAction, NewFact, Proposal, Release, Settlement
from blackboard.states import ActionState
from blackboard.values import Principal
from tests.factories import Clock, Scene

PAYMENT = """
name: payment
title: Decided by one, paid by another
subject: customer
payload:
  type: object
  properties: {customer: {type: string}, to: {type: string, x-entity: account}, amount: {}, memo: {type: string}}
actions:
  pay: {fields: [to, amount, memo], expires_in_s: 900}
stages:
  check:
    capability: first
    lease_s: 3600
    outcomes: {approve: {to: payment, authorizes: pay}, again: {to: check}, deny: {end: refused}}
  payment: {capability: second, lease_s: 3600, outcomes: {done: {end: paid}, void: {to: check}, undo: {to: back}}}
  back: {capability: first, lease_s: 3600, outcomes: {approve: {to: payback, authorizes: refund}}}
  payback: {capability: second, lease_s: 3600, outcomes: {done: {end: undone}}}
"""
ORDER = {"to": "B-2", "amount": "250.00"}
PAYLOAD = {"customer": "C-1", **ORDER}
Connection = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def case(scene: Scene, clock: Clock) -> CaseSummary:
    """A payment that waits for a decision; nothing was learnt about it but one fact."""
    del clock
    await scene.load(workflow.parse(PAYMENT))
    case = await scene.open("payment", PAYLOAD)
    await learn(scene, case, 1)
    return case


async def learn(scene: Scene, case: CaseSummary, value: int) -> None:
    """A new version of the fact that the decision reads."""
    await scene.board.put_facts(scene.people["requester"], case.id, [NewFact(key="risk", value=value)])


async def approve(scene: Scene, **said: Any) -> ClaimedTask:
    """The first task approved, and the next one in the rival's hands."""
    [task] = await scene.claim("worker", "first")
    decision = FencedDecision(fence=task.fence, outcome="approve", reasons=["fine"], **said)
    await scene.board.decide(scene.people["worker"], task.id, decision)
    [task] = await scene.claim("rival", "second")
    return task


async def send(scene: Scene, task: ClaimedTask, order: dict[str, Any] = ORDER, *, kind: str = "pay", **more: Any) -> str:
    """What the board says to the rival who wants to send it: a verdict, or why not."""
    new = NewAction(fence=task.fence, kind=kind, payload=order, **more)
    try:
        return (await scene.board.record_action(scene.people["rival"], task.id, new)).value.verdict
    except Denied as denied:
        return denied.reason


async def settle(scene: Scene, task: ClaimedTask, action: UUID, state: ActionState, **more: Any) -> None:
    """What the bank said, as the rival tells it."""
    said = Settlement.model_validate({"fence": task.fence, "state": state, "receipt": {"n": 1}, **more})
    await scene.board.settle_action(scene.people["rival"], task.id, action, said)


async def actions(scene: Scene, case: CaseSummary) -> list[Action]:
    """Every action of the case, oldest first."""
    return (await scene.board.show_case(scene.people["auditor"], case.id)).actions


async def test_the_bytes_are_those_fields_of_the_payload_from_the_beginning(scene: Scene, case: CaseSummary) -> None:
    """Proposed with the case, under a key of the board, with the digest that anybody can compute."""
    [action] = await actions(scene, case)

    assert (action.payload, action.state, action.effect_key) == (ORDER, "proposed", f"{case.id.hex}.pay.1")
    assert (action.digest, action.proposed_by) == (canonical.digest(ORDER), "requester")


@pytest.mark.item("S21", "S23")
async def test_an_approval_lets_exactly_these_bytes_be_sent_once(scene: Scene, case: CaseSummary) -> None:
    """The second time it is known that it may have been sent; the authorization is spent and says on what it rested."""
    task = await approve(scene, reads=["risk@1"])
    told = [await send(scene, task) for _ in range(2)]
    [action] = await actions(scene, case)

    assert (told, action.state, action.attempts) == (["recorded", "repeated"], "dispatching", 2)
    permit = action.authorization
    assert permit is not None
    assert (permit.state, permit.granted_by, permit.spent_by, permit.reads) == ("spent", "worker", "rival", ["risk@1"])


CHANGED = [
    {**ORDER, "to": "B-3"},
    {**ORDER, "amount": "250.01"},
    {**ORDER, "memo": "x"},
    {"to": "B-2"},
    {**ORDER, "amount": "250"},
]


@pytest.mark.item("S21")
async def test_whatever_field_is_changed_after_the_approval_it_is_refused(scene: Scene, case: CaseSummary) -> None:
    """And what was approved can still be sent."""
    task = await approve(scene)
    for other in CHANGED:
        with pytest.raises(Conflict, match="other bytes"):
            await send(scene, task, other)

    assert ((await actions(scene, case))[0].state, await send(scene, task)) == ("authorized", "recorded")


@pytest.mark.item("S23")
async def test_without_a_decision_nothing_is_sent(scene: Scene, case: CaseSummary, boss: Principal) -> None:
    """Neither before one, nor where an operator pushed the case on."""
    [task] = await scene.claim("rival", "first")
    early = await send(scene, task)
    await scene.board.fail(scene.people["rival"], task.id, Failure(fence=task.fence, reason="oops", retryable=False))
    await scene.board.resolve_task(boss, task.id, "approve", "by hand")
    [task] = await scene.claim("rival", "second")

    assert (early, await send(scene, task), (await actions(scene, case))[0].state) == (*["unauthorized"] * 2, "proposed")


@pytest.mark.item("S21")
@pytest.mark.parametrize("mark", ["superseded", "disputed"])
async def test_a_fact_that_changed_voids_the_authorization(scene: Scene, case: CaseSummary, mark: str) -> None:
    """The case is decided anew, on the same bytes under the next key; that one can be sent."""
    task = await approve(scene, reads=["risk@1"])
    if mark == "superseded":
        await learn(scene, case, 2)
    else:
        await scene.store.mark_fact(await scene.hire("boss", role="admin"), case.id, "risk", 1, "disputed", "looks wrong")
    told = [await send(scene, task), await send(scene, task)]
    await scene.decide(task, "void", "rival")
    again = await approve(scene)

    assert told == ["voided", "unauthorized"]
    assert await send(scene, again) == "recorded"
    assert [(a.state, a.effect_key[-2:]) for a in await actions(scene, case)] == [("voided", ".1"), ("dispatching", ".2")]


async def test_an_authorization_expires_by_the_boards_clock(scene: Scene, case: CaseSummary, clock: Clock) -> None:
    """At the very moment that it says."""
    task = await approve(scene)
    await clock.pass_(900)

    assert (await send(scene, task), [a.state for a in await actions(scene, case)]) == ("expired", ["expired", "proposed"])


async def test_a_retired_policy_authorizes_nothing(scene: Scene, case: CaseSummary, boss: Principal) -> None:
    """The next version is in force: the decision is made anew under it."""
    author = await scene.hire("author", role="admin")
    for n in (1, 2):
        await scene.store.save_policy(author, "risk", {"title": "What is risky", "n": n}, bytes([n]) * 32, "for a test")
    await scene.store.activate_policy(boss, "risk", 1, "checked")
    task = await approve(scene, policy="risk@1")
    await scene.store.activate_policy(boss, "risk", 2, "checked")

    assert (await send(scene, task), (await actions(scene, case))[0].state) == ("policy_retired", "voided")


async def test_while_somebody_is_held_nothing_is_sent(scene: Scene, case: CaseSummary, boss: Principal) -> None:
    """The case, or whoever approved; afterwards the authorization is as good as before."""
    task, board = await approve(scene), scene.board
    await board.suspend_case(boss, case.id, "wait")
    told = [await send(scene, task)]
    await board.resume_case(boss, case.id, "go on")
    await scene.store.set_agent_state(boss, "worker", "suspended", "leak")
    told += [await send(scene, task)]
    await scene.store.set_agent_state(boss, "worker", "active", "mended")

    assert [*told, await send(scene, task)] == ["suspended", "suspended", "recorded"]


async def test_what_ends_unsent_can_never_be_sent(scene: Scene, case: CaseSummary) -> None:
    """A case that is refused, or withdrawn after the approval."""
    [task] = await scene.claim("worker", "first")
    await scene.decide(task, "deny")
    other = await scene.open("payment", PAYLOAD)
    late = await approve(scene)
    await scene.board.cancel_case(scene.people["requester"], other.id, "changed my mind")

    with pytest.raises(ClaimLost, match="withdrawn"):
        await send(scene, late)
    assert [(await actions(scene, one))[0].state for one in (case, other)] == ["refused", "voided"]


async def test_a_case_is_not_withdrawn_while_money_is_on_its_way(scene: Scene, case: CaseSummary) -> None:
    """Only when it is known what came of it."""
    task = await approve(scene)
    await send(scene, task)

    with pytest.raises(Conflict, match="under way"):
        await scene.board.cancel_case(scene.people["requester"], case.id, "changed my mind")


async def test_a_difference_lets_the_case_rest(scene: Scene, case: CaseSummary) -> None:
    """Whoever ordered 250 and is shown 249 does not go on."""
    task = await approve(scene)
    await send(scene, task)
    [action] = await actions(scene, case)
    await settle(scene, task, action.id, ActionState.UNKNOWN, difference="amount: ordered 250.00, bank says 249.00")

    shown = await scene.board.show_case(scene.people["auditor"], case.id)
    assert (shown.state, shown.actions[0].state) == ("suspended", "unknown")


@pytest.mark.parametrize("ended_by", ["its death", "its goodbye", "an operator"])
async def test_who_is_lost_after_a_difference_leaves_an_incident(
    scene: Scene, case: CaseSummary, clock: Clock, boss: Principal, ended_by: str
) -> None:
    """Between stopping the case and saying why: an operator is told of it all the same, and it goes on when he lets it."""
    task = await approve(scene)
    await send(scene, task)
    [action] = await actions(scene, case)
    await settle(scene, task, action.id, ActionState.UNKNOWN, difference="amount: ordered 250.00, bank says 249.00")
    if ended_by == "its death":
        await clock.pass_(3601)
        await scene.store.expire_leases(10)
    elif ended_by == "its goodbye":
        await scene.board.release(scene.people["rival"], task.id, Release(fence=task.fence, reason="going home"))
    else:
        await scene.board.set_agent_state(boss, "rival", "suspended", "what is it doing?")

    [incident] = await scene.board.list_incidents(boss)
    assert (incident.task_id, "stopped over an action" in incident.reason) == (task.id, True)
    await scene.board.resume_case(boss, case.id, "the bank was asked")
    assert await scene.claim("worker", "second") == []
    await scene.board.redrive_task(boss, task.id, "the bank was asked")
    assert [each.id for each in await scene.claim("worker", "second")] == [task.id]


async def test_what_is_said_too_late_is_kept_as_evidence(scene: Scene, case: CaseSummary, clock: Clock) -> None:
    """It changes nothing: whoever holds the task now finds out. Of what nobody was told to send nothing is kept."""
    task = await approve(scene)
    with pytest.raises(Conflict, match="never sent"):
        await settle(scene, task, (await actions(scene, case))[0].id, ActionState.EXECUTED)
    await send(scene, task)
    await clock.pass_(3601)
    await scene.store.expire_leases(10)
    await scene.claim("worker", "second")
    [action] = await actions(scene, case)
    with pytest.raises(ClaimLost):
        await settle(scene, task, action.id, ActionState.EXECUTED)

    [action] = await actions(scene, case)
    assert (action.state, [(e.by, e.fence, e.state, e.receipt, e.reason) for e in action.evidence]) == (
        "dispatching",
        [("rival", 1, "executed", {"n": 1}, "reassigned")],
    )


async def test_what_was_executed_is_undone_once(scene: Scene, case: CaseSummary) -> None:
    """By an action with a key of its own, which somebody approves like any other."""
    task = await approve(scene)
    await send(scene, task)
    [paid] = await actions(scene, case)
    await settle(scene, task, paid.id, ActionState.EXECUTED)
    await scene.decide(task, "undo", "rival")
    [back] = await scene.claim("worker", "first")
    refund = Proposal(fence=back.fence, kind="refund", payload={"amount": "250.00"}, undoes=paid.id)
    with pytest.raises(NotFound, match="not executed"):
        await scene.board.propose_action(scene.people["worker"], back.id, refund.model_copy(update={"undoes": case.id}))
    told = (await scene.board.propose_action(scene.people["worker"], back.id, refund)).value
    await scene.decide(back, "approve")
    [last] = await scene.claim("rival", "second")
    sent = await send(scene, last, {"amount": "250.00"}, kind="refund", undoes=paid.id)

    assert (told.verdict, sent) == ("proposed", "recorded")
    assert [(a.kind, a.undoes) for a in await actions(scene, case)] == [("pay", None), ("refund", paid.id)]
    with pytest.raises(Invalid, match="No stage"):
        await scene.board.propose_action(
            *(scene.people["rival"], last.id, Proposal(fence=last.fence, kind="gift", payload={}, undoes=paid.id))
        )


async def test_what_is_about_to_be_sent_is_on_disk(scene: Scene, case: CaseSummary, connection: Any) -> None:
    """Even where the server runs relaxed."""
    task = await approve(scene)
    rival = scene.people["rival"]
    async with scene.store.transaction() as verbs:
        await verbs._value("SELECT set_config('synchronous_commit', 'off', true)")
        await verbs.record_action(rival, task.id, NewAction(fence=task.fence, kind="pay", payload=ORDER))
        assert await verbs._value("SELECT current_setting('synchronous_commit')") == "on"
    del case, connection


VALUES: list[Any] = [
    {},
    [],
    None,
    True,
    0,
    -1,
    2**53 - 1,
    '\u20ac$\u000f\nA\'B"\\"/\u007f\u2028',
    {"b": [1, {"z": None, "A": "ü", "a_": "\ud7ff😀"}], "a": "", "B": False, "a b": {"10": 1, "9": 2}},
]


async def test_the_database_and_the_library_make_the_same_bytes(connection: Any) -> None:
    """Of everything that has certain bytes; of nothing else does either make any."""
    for value in VALUES:
        text = await connection.fetchval("SELECT board.canonical_json($1::text::jsonb)", rfc8785.dumps(value).decode())
        assert text.encode() == canonical.encode(value)
    for value in (1.5, {"a": [2**53]}, {"ü": 1}, [-(2**53)]):
        fits = "SELECT board.has_canonical_form($1::text::jsonb)"
        assert await connection.fetchval(fits, canonical_text(value)) is False
        with pytest.raises(Invalid, match="no certain bytes"):
            canonical.encode(value)


def canonical_text(value: Any) -> str:
    """As somebody might send it."""
    import json

    return json.dumps(value)


async def test_an_amount_that_is_a_number_is_refused_at_the_door(scene: Scene, case: CaseSummary) -> None:
    """A float has no certain text. Nothing is opened."""
    del case
    with pytest.raises(Invalid, match="as text"):
        await scene.open("payment", {**PAYLOAD, "amount": 250.5})


BROKEN = {
    "authorized nowhere": ("authorizes: pay", "decisive: false"),
    "which payload.properties lacks": ("fields: [to,", "fields: [payee,"),
    "authorizes without a decision": ("{approve: {to: payment, authorizes: pay}", "{timeout: {to: payment, authorizes: pay}"),
    "leads `to` the stage": ("{to: payment, authorizes: pay}", "{end: paid, authorizes: pay}"),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_workflow_whose_actions_cannot_be_is_not_loaded(wrong: str) -> None:
    """Said with the place."""
    with pytest.raises(Invalid, match=wrong):
        workflow.parse(PAYMENT.replace(*BROKEN[wrong]))
