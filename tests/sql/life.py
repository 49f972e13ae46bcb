"""Everything that can happen on a board, each at least once: a chapter per subject."""

from contextlib import aclosing, suppress
from uuid import uuid4

from blackboard import workflow
from blackboard.answers import ClaimedTask
from blackboard.credentials import AgentChange, NewAgent, NewKey
from blackboard.errors import BlackboardError, Denied, Refused
from blackboard.exposure import Exposure
from blackboard.hub import Hub, Wanted
from blackboard.journal import Journal
from blackboard.planner import Planner
from blackboard.rate_limit import RateLimit
from blackboard.reports import Failed
from blackboard.requests import (
    Decision,
    Failure,
    FencedDecision,
    Mark,
    NeedInput,
    NewAction,
    NewCase,
    NewQuota,
    NewSchedule,
    NewWebhook,
    Proposal,
    Rejection,
    Release,
    Settlement,
)
from blackboard.sealer import seal_slice
from blackboard.states import ActionState, CaseState
from blackboard.values import Principal
from blackboard.verbs.keys import Minted
from tests.factories import Clock, Scene
from tests.sql import panels
from tests.sql.duties import break_a_rule
from tests.sql.flows import TIMEOUT, WHEN, begin, cancel, put
from tests.sql.reviews import hand_around
from tests.sql.tasks import task_of
from tests.sql.transfers import FARMED, transfer

WAITING = """
  hear: {signal: papers, outcomes: {received: {to: rest}}}
  rest: {timer_s: 60, outcomes: {elapsed: {to: other}}}
  other: {case: nowhere, outcomes: {good: {end: well}}}
"""
MARKS: tuple[Mark, ...] = ("disputed", "upheld", "retracted")
ESCALATING = """
  work: {capability: first, timeout_s: 600, escalate: [{after_s: 60, priority: 1}], outcomes: {timeout: {end: late}}}
"""


async def live(scene: Scene, clock: Clock, boss: Principal) -> None:
    """All of it, one after the other, each chapter on a board without work."""
    chapters = (
        *(_decide, _deliberate, _go_wrong, _give_back, _lose_holders, _wait, _learn, _authorize, _farm, _spend),
        *(_hold, _limit, _rest, _look, _staff),
    )
    for chapter in chapters:
        await chapter(scene, clock, boss)
        for case in (await scene.board.list_cases(boss, state=CaseState.ACTIVE)).cases:
            await cancel(scene, case)
    await break_a_rule(scene)
    await _rule(scene, boss)
    await _send(scene, boss)
    await _follow(scene, boss)
    await _forget(scene, boss)


async def _claimed(scene: Scene, who: str = "worker") -> ClaimedTask:
    [task] = await scene.claim(who)
    return task


async def _decide(scene: Scene, _clock: Clock, _boss: Principal) -> None:
    """A case from its beginning to its end, and an answer that comes too late."""
    await scene.open()
    first = await _claimed(scene)
    told = Decision(outcome="approve", reasons=["known"], evidence=["papers"], confidence=0.9, result={"a": 1}, seen="1.2")
    decision = FencedDecision(fence=first.fence, **told.model_dump())
    await scene.board.decide(scene.people["worker"], first.id, decision)
    await scene.decide(await _claimed(scene), "done")
    with suppress(BlackboardError):
        await scene.decide(first, "reject")
    await cancel(scene, await scene.open())


async def _deliberate(scene: Scene, _clock: Clock, _boss: Principal) -> None:
    """A panel is asked, speaks and is counted."""
    await panels.granted(scene)


async def _go_wrong(scene: Scene, clock: Clock, boss: Principal) -> None:
    """A failure that is tried again, one that nobody knows what to do with, one that has a route."""
    await scene.open()
    for retryable in (True, False):
        await clock.pass_(600)
        await scene.store.promote_scheduled(10)
        task = await _claimed(scene)
        await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", retryable=retryable))
    await scene.board.redrive_task(boss, task.id, "mended")
    await scene.decide(await _claimed(scene), "approve")
    second = await _claimed(scene)
    await scene.board.fail(scene.people["worker"], second.id, Failure(fence=second.fence, reason="oops", retryable=False))
    stuck = await _claimed(scene)
    await scene.board.fail(scene.people["worker"], stuck.id, Failure(fence=stuck.fence, reason="oops", retryable=False))
    await scene.board.resolve_task(boss, stuck.id, "reject", "by hand")


async def _give_back(scene: Scene, _clock: Clock, _boss: Principal) -> None:
    """Unharmed, for good, and for want of a fact."""
    case = await scene.open()
    worker, rival = scene.people["worker"], scene.people["rival"]
    task = await _claimed(scene)
    await scene.board.release(worker, task.id, Release(fence=task.fence))
    task = await _claimed(scene)
    await scene.board.reject(worker, task.id, Rejection(fence=task.fence, reason="my cousin"))
    task = await _claimed(scene, "rival")
    await scene.board.need_input(rival, task.id, NeedInput(fence=task.fence, fact="income", reason="how much?"))
    await put(scene, case, income=2500, empty=None)


async def _lose_holders(scene: Scene, clock: Clock, _boss: Principal) -> None:
    """Until the task is put in quarantine."""
    await scene.open()
    for _ in range(3):
        await _claimed(scene)
        await clock.pass_(31)
        await scene.store.expire_leases(10)


async def _wait(scene: Scene, clock: Clock, boss: Principal) -> None:
    """For facts, a signal, a time, a case that cannot be; and for so long that others are told."""
    await put(scene, await begin(scene, WHEN), level="full", age=30)
    case = await begin(scene, WAITING)
    await scene.board.send_signal(boss, case.id, "papers", {"pages": 3})
    await clock.pass_(60)
    await scene.store.promote_scheduled(10)
    await scene.store.wake_waiting(10)
    await begin(scene, ESCALATING)
    await begin(scene, TIMEOUT)
    await clock.pass_(61)
    await scene.store.fire_timers(10)


async def _learn(scene: Scene, _clock: Clock, boss: Principal) -> None:
    """What opened work is disputed, upheld and taken back."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=30)
    for mark in MARKS:
        await Planner(scene.store).run_once()
        await scene.store.mark_fact(boss, case.id, "age", 1, mark, "it was looked at")


PAYING = """
  check: {capability: first, outcomes: {approve: {to: pay, authorizes: book}, again: {to: check}, leave: {end: left}}}
  pay: {capability: first, outcomes: {void: {to: check}, done: {end: done}}}
"""


async def _authorize(scene: Scene, clock: Clock, _boss: Principal) -> None:
    """Proposed in vain, permitted and not sent in time, permitted when nobody wants it any more."""
    worker = scene.people["worker"]
    await begin(scene, PAYING)
    for amount, outcome in (("5.00", "again"), ("6.00", "approve"), ("7.00", "approve")):
        task = await _claimed(scene)
        new = Proposal(fence=task.fence, kind="book", payload={"amount": amount})
        await scene.board.propose_action(worker, task.id, new)
        await scene.decide(task, outcome)
        if outcome == "approve":
            await clock.pass_(901 if amount == "6.00" else 0)
            task = await _claimed(scene)
            with suppress(Refused):
                old = NewAction(fence=task.fence, kind="book", payload={"amount": "6.00"})
                await scene.board.record_action(worker, task.id, old)
            await scene.decide(task, "void" if amount == "6.00" else "done")


async def _farm(scene: Scene, _clock: Clock, _boss: Principal) -> None:
    """One payment more than may be made to a payee."""
    await scene.load(workflow.parse(FARMED))
    for payee in ("B-1", "B-1"):
        await scene.open("farmed", {})
        task = await _claimed(scene)
        payment = {"from_account": "A-1", "to_account": payee, "amount": "5.00", "currency": "USD"}
        with suppress(Denied):
            new = NewAction(fence=task.fence, kind="pay", payload=payment)
            await scene.board.record_action(scene.people["worker"], task.id, new)


async def _spend(scene: Scene, _clock: Clock, _boss: Principal) -> None:
    """Side effects: asked for twice, not known, done; and one that was not done."""
    worker = scene.people["worker"]
    await scene.open()
    task = await _claimed(scene)
    for kind, states in (("book", [ActionState.UNKNOWN, ActionState.EXECUTED]), ("notify", [ActionState.FAILED])):
        new = NewAction(fence=task.fence, kind=kind, payload={"amount": "5.00"})
        for state in states:
            action = (await scene.board.record_action(worker, task.id, new)).value
            assert action.action_id is not None
            said = Settlement(fence=task.fence, state=state, receipt={"number": 7})
            await scene.board.settle_action(worker, task.id, action.action_id, said)


async def _hold(scene: Scene, _clock: Clock, boss: Principal) -> None:
    """On an entity while somebody works on it, and on a workflow before somebody does."""
    await transfer(scene)
    await _claimed(scene)
    await transfer(scene)
    for kind, name in (("entity", "account:a"), ("workflow", "transfers")):
        await scene.board.place_hold(boss, kind, name, "fraud")
        await scene.claim()
        await scene.board.lift_hold(boss, kind, name, "it was none")


async def _limit(scene: Scene, _clock: Clock, boss: Principal) -> None:
    """A quota that is used up, and one that a payload has nothing for; a limit on asking."""
    one = NewQuota.model_validate({"name": "one", "kind": "concurrency", "per": "tenant", "ceiling": "1"})
    sums = NewQuota.model_validate(
        {"name": "sums", "kind": "exposure", "per": "tenant", "ceiling": "10", "amount_field": "customer"}
    )
    for quota in (one, sums):
        await scene.board.put_quota(boss, quota)
        await scene.open()
        await scene.open()
        await scene.claim(limit=2)
        await scene.board.drop_quota(boss, quota.name)
    await scene.board.put_limit(boss, RateLimit(name="slow", per="tenant", per_second=5))
    await scene.board.drop_limit(boss, "slow")


async def _rest(scene: Scene, _clock: Clock, boss: Principal) -> None:
    """A case is suspended and goes on; another one opens by itself some day."""
    case = await scene.open()
    await scene.board.suspend_case(boss, case.id, "under review")
    assert await task_of(scene, case)
    await scene.board.resume_case(boss, case.id, "all is well")
    new = NewCase(workflow="small", payload={"customer": "C-1"})
    await scene.board.put_schedule(boss, "morning", NewSchedule(cron="0 7 * * mon-fri", new_case=new))
    await scene.board.drop_schedule(boss, "morning")


async def _look(scene: Scene, clock: Clock, _boss: Principal) -> None:
    """People decide, hand on, ask, and let time run out."""
    await hand_around(scene, clock)


async def _staff(scene: Scene, clock: Clock, boss: Principal) -> None:
    """Who comes, goes, falls silent, and may not work."""
    rival, goodbye, silence = scene.people["rival"], uuid4(), uuid4()
    for session_id in (goodbye, silence):
        await scene.board.start_session(rival, session_id, {"host": "here"})
    await scene.board.end_session(rival, goodbye)
    await clock.pass_(60)
    await scene.store.end_silent_sessions(45, 10)
    for state in ("suspended", "active", "retired"):
        await scene.store.set_agent_state(boss, "rival", state, "a leak")
    await scene.store.register_agent(boss, NewAgent(name="temp", owner="agency", kind="agent", role="agent"))
    await scene.store.change_agent(boss, "temp", AgentChange(capabilities={"first"}, reason="trained"))
    await scene.store.issue_key(boss, NewKey(agent="temp", capabilities=["first"]), Minted("a" * 12, bytes(32)))
    await scene.store.rotate_key(boss, "a" * 12, Minted("b" * 12, bytes(32)), 60)
    await scene.store.revoke_key(boss, "b" * 12, "a leak")


async def _rule(scene: Scene, boss: Principal) -> None:
    """A policy is drafted, activated by another owner, replaced, and given up."""
    author = await scene.hire("author", role="admin")
    for n in (1, 2):
        version = await scene.store.save_policy(author, "risk", {"n": n}, bytes([n]) * 32, "fraud is up")
        assert await scene.store.activate_policy(boss, "risk", version, "looks right") == "activated"
    await scene.store.retire_policy(boss, "risk", version, "it was wrong")


async def _send(scene: Scene, boss: Principal) -> None:
    """Events go to an endpoint that does not take them, and then is gone."""
    store, new = scene.store, NewWebhook(url="https://example.org/hook?secret", reason="a customer asks for it")
    await store.put_webhook(boss, "crm", new, "whsec_1")
    await store.rotate_secret(boss, "crm", "whsec_2", "it leaked")
    await scene.open()
    await store.sequence_events()
    [due] = await store.due_webhooks([], 10)
    await store.fail_webhook(due, Failed(position=due.head, prev=due.prev, error="500", status=500), 1, 0)
    await store.replay_webhook(boss, "crm", None, "it works again")
    await store.disable_webhook((await store.due_webhooks([], 10))[0], "410")
    await store.drop_webhook(boss, "crm", "no longer needed")


async def _follow(scene: Scene, boss: Principal) -> None:
    """Somebody listens, from a place that never was."""
    exposure, journal = Exposure(scene.store), Journal(scene.store)
    await journal.open()
    stream = Hub(scene.store, journal, exposure).stream(boss, Wanted(start="9.9"))
    async with aclosing(stream):
        await anext(stream)
    await exposure.run_once()


async def _forget(scene: Scene, boss: Principal) -> None:
    """A customer, whose only case was withdrawn."""
    await cancel(scene, await scene.open(payload={"customer": "C-forgotten"}))
    await scene.store.sequence_events()
    while await seal_slice(scene.store):
        pass
    await scene.board.erase_customer(boss, "C-forgotten", "asked for")
