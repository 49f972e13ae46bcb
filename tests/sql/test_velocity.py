"""Many small payments under a limit are stopped, whoever decided on each of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from blackboard import workflow
from blackboard.answers import ActionVerdict, ClaimedTask
from blackboard.errors import Denied, Invalid
from blackboard.requests import NewAction, Settlement
from blackboard.states import ActionState
from tests.factories import Clock, Scene
from tests.sql.transfers import FARMED

ONE = "{of: payee, window_s: 3600, count: 1}"
DAY = '{of: payee, window_s: 86400, count: 3, amount: "100.00", currency: USD}'


async def bounded(scene: Scene, *rules: str) -> None:
    """Payments bounded by these rules."""
    await scene.load(workflow.parse(FARMED.replace(ONE, ", ".join(rules))))


async def take(scene: Scene, who: str = "worker") -> ClaimedTask:
    await scene.open("farmed", {})
    [task] = await scene.claim(who)
    return task


async def pay(scene: Scene, task: ClaimedTask, who: str = "worker", **changes: str) -> ActionVerdict:
    order = {"from_account": "A-1", "to_account": "B-1", "amount": "10.00", "currency": "USD", **changes}
    new = NewAction(fence=task.fence, kind="pay", payload={name: said for name, said in order.items() if said})
    return (await scene.board.record_action(scene.people[who], task.id, new)).value


async def said(scene: Scene, payments: Sequence[dict[str, Any]]) -> list[str]:
    """What was said to each, one after the other, each of a case of its own."""
    told = []
    for payment in payments:
        who = payment.get("who", "worker")
        try:
            told.append((await pay(scene, await take(scene, who), **payment)).verdict)
        except Denied as denied:
            told.append(denied.reason)
    return told


@pytest.mark.item("S11")
async def test_small_payments_to_one_payee_are_stopped_at_a_count_and_at_an_amount(
    scene: Scene, clock: Clock, tried: Any
) -> None:
    """Whoever sends them; to another payee they go, and to this one again when the window has passed."""
    await bounded(scene, DAY)
    payments = [
        *({"amount": "40.00"}, {"amount": "60.01"}, {"amount": "60.00", "who": "rival"}, {"amount": "0.01"}),
        *({"amount": "0.01", "currency": "EUR"}, {"amount": "0.01", "currency": "EUR"}, {"to_account": "B-2"}),
        *({"to_account": "B-3", "amount": "99.00", "currency": ""}, {"to_account": "B-3", "amount": "1.01"}),
        {"to_account": "B-4", "amount": "1e2"},
    ]
    told = await said(scene, payments)
    await clock.pass_(86400)

    expected = ["recorded", "velocity", "recorded", "velocity", "recorded", "velocity", "recorded", "recorded", "velocity"]
    assert told == [*expected, "velocity"]
    assert await said(scene, [{"amount": "100.00"}]) == ["recorded"]
    tried(len(payments))


@pytest.mark.item("S11")
async def test_an_executor_a_payer_and_an_opener_of_cases_have_bounds_of_their_own(scene: Scene, clock: Clock) -> None:
    """The first bound that is broken is told, with what was sent."""
    await clock.pass_(0)
    for of, other in (("agent", {"who": "rival"}), ("payer", {"from_account": "A-2"}), ("maker", None)):
        await bounded(scene, f"{{of: {of}, window_s: 60, count: 1}}")
        told = await said(scene, [{}, {"to_account": "B-9"}, *([other] if other else [])])
        assert told == ["recorded", "velocity", *(["recorded"] if other else [])], of
        await clock.pass_(61)
    exceeded = [event.body for event in await events(scene) if event.type == "velocity.exceeded"]
    assert [(each["of"], each["sent"], each["count"], each["sent_amount"]) for each in exceeded] == [
        (of, 1, 1, "0") for of in ("agent", "payer", "maker")
    ]


async def test_what_no_bound_looks_back_to_is_forgotten(scene: Scene, clock: Clock) -> None:
    """A day's payments are kept for a day, and not longer."""
    await bounded(scene, ONE, DAY)
    await pay(scene, await take(scene))
    await clock.pass_(86_000)
    early = await scene.store.forget_old_outflow(10)
    await clock.pass_(500)

    assert (early, await scene.store.forget_old_outflow(10)) == (0, 1)


async def events(scene: Scene) -> list[Any]:
    await scene.store.sequence_events()
    return await scene.store.read_journal(0, 500, tenant_id=scene.people["worker"].tenant_id, epoch=1)


async def test_what_is_sent_again_counts_once_and_what_the_bank_refused_not_at_all(scene: Scene) -> None:
    """A retry under the same key is no second payment."""
    await bounded(scene, ONE)
    task = await take(scene)
    first, again = await pay(scene, task), await pay(scene, task)
    assert first.action_id is not None
    other = await said(scene, [{}])
    refused = Settlement(fence=task.fence, state=ActionState.FAILED, receipt={})
    await scene.board.settle_action(scene.people["worker"], task.id, first.action_id, refused)

    assert ([first.verdict, again.verdict], other, await said(scene, [{}])) == (
        ["recorded", "repeated"],
        ["velocity"],
        ["recorded"],
    )


@pytest.mark.item("S11")
async def test_of_payments_that_are_sent_at_once_one_sees_the_other(scene: Scene) -> None:
    """However many come together, as many go as may."""
    await bounded(scene, ONE.replace("count: 1", "count: 2"))
    tasks = [await take(scene) for _ in range(6)]
    told = await asyncio.gather(*(pay(scene, task) for task in tasks), return_exceptions=True)

    assert sorted(type(each).__name__ for each in told) == ["ActionVerdict"] * 2 + ["Denied"] * 4


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("{of: payee, window_s: 60}", "bounds a count, an amount, or both"),
        ("{of: payee, window_s: 60, amount: 10.00, currency: USD}", "as text"),
        ('{of: payee, window_s: 60, amount: "10.00"}', "has a currency"),
        ("{of: payee, window_s: 60, count: 1, currency: USD}", "has a currency"),
        ("{of: everybody, window_s: 60, count: 1}", "payee"),
        ("{of: payee, window_s: 0, count: 1}", "greater than"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused(rule: str, wrong: str) -> None:
    """When the workflow is read, with what is wrong."""
    with pytest.raises(Invalid, match=wrong):
        workflow.parse(FARMED.replace(ONE, rule))


def test_an_action_that_says_nothing_is_refused() -> None:
    """It has fields or velocity."""
    with pytest.raises(Invalid, match="fields, of which it is made"):
        workflow.parse(FARMED.replace(f"velocity: [{ONE}]", "expires_in_s: 5"))
