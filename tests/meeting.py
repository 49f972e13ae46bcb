"""Two cases with a task in every place there is, and every verb that can meet another one there."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from blackboard import workflow
from blackboard.requests import (
    Failure,
    FencedDecision,
    FencedOpinion,
    Forwarding,
    Heartbeat,
    NeedInput,
    NewAction,
    NewFact,
    NewLeave,
    NewQuota,
    Proposal,
    Rejection,
    Release,
    Settlement,
)
from blackboard.states import ActionState
from blackboard.store import Verbs
from blackboard.values import Principal
from blackboard.verbs.work import Wish, Write
from tests.factories import Clock, Scene, make_scene

# What becomes of each task of `work` before the meeting begins.
PLACES = ("ready", "paused", "raced", "held", "late", "stuck", "later", "asked", "when", "limited", "read", "judged")
MANY = f"""
name: many
title: A task in every place
subject: customer
payload:
  type: object
  properties: {{account: {{type: string, x-entity: account}}}}
stages:
  work:
    timeout_s: 3000
    escalate: [{{after_s: 50, priority: 1}}]
    tasks:
      {"".join(f"{name}: {{capability: {name}, lease_s: 3600, ageing_s: 30}}{chr(10)}      " for name in PLACES)}
    outcomes:
      done: {{end: done}}
      over: {{to: rest, decisive: true, authorizes: transfer}}
      timeout: {{end: timeout}}
  rest: {{capability: ready, outcomes: {{done: {{to: check}}}}}}
  check: {{capability: checked, duty: checker, outcomes: {{done: {{end: done}}}}}}
""".replace("late: {", "late: {max_rescues: 1, ").replace(
    "when: {capability: when,", "when: {capability: when, when: 'facts[\"level\"] == 1',"
)


# The first has room for nobody: who meets it is set aside.
QUOTAS: list[dict[str, str]] = [
    {"name": "none", "kind": "concurrency", "per": "subject", "capability": "limited", "ceiling": "0.5"},
    {"name": "wide", "kind": "concurrency", "per": "subject", "capability": "held", "ceiling": "9"},
    {"name": "rate", "kind": "rate", "per": "subject", "capability": "ready", "ceiling": "9", "per_second": "1"},
]


@dataclass
class Meeting:
    """Who and what meets: the same ids in every copy of the database."""

    scene: Scene
    cases: list[UUID] = field(default_factory=list)
    tasks: dict[str, list[UUID]] = field(default_factory=dict)
    actions: list[UUID] = field(default_factory=list)

    def who(self, name: str) -> Principal:
        """One of the people."""
        return self.scene.people[name]

    @property
    def tenant_id(self) -> int:
        """Whose board it is."""
        return self.scene.tenant_id

    def writes(self, body: Any, order: int, place: str = "held") -> list[Write[Any]]:
        """What the worker says about its task of each case."""
        return [Write(self.who("worker").agent_id, task, body) for task in self.tasks[place][::order]]


Verb = Callable[[Verbs, Meeting, int], Awaitable[object]]


async def arrange(url: str, app_url: str) -> Meeting:
    """Fill an empty database; nobody is connected to it afterwards."""
    async with AsyncExitStack() as stack:
        scene = await make_scene(stack, url, app_url)
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        clock = Clock(connection)
        await clock.install()
        for name in ("worker", "rival", "racer"):
            await scene.hire(name, *PLACES)
        await scene.hire("boss", role="admin", kind="human")
        await scene.load(workflow.parse(MANY))
        for name in ("person", "other"):
            await scene.hire(name, *PLACES, kind="human")
        await connection.execute(_REVIEWS)
        meeting = Meeting(scene)
        for _ in range(2):
            meeting.cases.append((await scene.open("many", {"customer": "C-1", "account": "a"})).id)
        for place in PLACES:
            rows = await connection.fetch(_TASKS, place)
            meeting.tasks[place] = [row["task_id"] for row in rows]
        await _fill(scene, meeting)
        await clock.pass_(60)
    return meeting


# Some tasks of the stage are for people, and overdue when all is in its place.
_REVIEWS = """
UPDATE board.stage_task SET review = '{"owners": [], "excluded": [], "due_s": 50, "calendar": null, "shows": []}'
WHERE name IN ('read', 'judged');
UPDATE board.queue SET is_choosy = true WHERE capability IN ('read', 'judged')"""
_TASKS = "SELECT task_id FROM board.task t JOIN board.stage_task k USING (stage_task_id) WHERE k.name = $1 ORDER BY t.case_id"


async def _fill(scene: Scene, meeting: Meeting) -> None:
    """Bring each task to its place."""
    store, boss = scene.store, meeting.who("boss")
    for quota in QUOTAS:
        await store.put_quota(boss, NewQuota.model_validate(quota))
    for place in ("held", "late", "stuck", "later", "asked", "limited", "ready"):
        wish = Wish(meeting.who("worker").agent_id, limit=2, lease_s=30 if place == "late" else 3600)
        await store.claim_tasks(meeting.tenant_id, [place], [wish])
    await store.claim_tasks(meeting.tenant_id, ["judged"], [Wish(meeting.who("person").agent_id, limit=2, lease_s=3600)])
    for task in meeting.tasks["held"]:
        paid = await store.record_action(meeting.who("worker"), task, NewAction(fence=1, kind="paid", payload={}))
        meeting.actions.append(paid.action_id or task)
    await store.drop_quota(boss, "none")
    await store.release_tasks(meeting.tenant_id, meeting.writes(Release(fence=1), 1, "ready"))
    stuck = meeting.writes(Failure(fence=1, reason="no use", retryable=False), 1, "stuck")
    await store.fail_tasks(meeting.tenant_id, stuck)
    later = meeting.writes(Failure(fence=1, reason="not now", delay_s=30), 1, "later")
    await store.fail_tasks(meeting.tenant_id, later)
    await store.need_input(meeting.tenant_id, meeting.writes(NeedInput(fence=1, fact="income", reason="?"), 1, "asked"))
    async with store.transaction() as verbs:
        await verbs.claim_tasks(meeting.tenant_id, ["raced"], [Wish(meeting.who("racer").agent_id, limit=2)])
        await store.set_agent_state(boss, "racer", "suspended", "leak")


# -------------------------------------------------------------------------------------------------- what has to be there first
async def hold_workflow(verbs: Verbs, meeting: Meeting) -> None:
    """The workflow is on hold, and a claim has met that."""
    if await verbs.place_hold(meeting.who("boss"), "workflow", "many", "audit"):
        await verbs.claim_tasks(meeting.tenant_id, ["paused"], [Wish(meeting.who("rival").agent_id, limit=2)])


async def open_by_fact(verbs: Verbs, meeting: Meeting) -> None:
    """The facts are there that open a task in both cases."""
    for case in meeting.cases:
        await verbs.put_facts(meeting.who("worker"), case, [NewFact(key="level", value=1)])
    await verbs.meet_conditions(meeting.tenant_id, await verbs.read_conditions(meeting.cases, UUID(int=0), 10))


async def rest(verbs: Verbs, meeting: Meeting) -> None:
    """Both cases are suspended."""
    await verbs.suspend_cases(meeting.who("boss"), meeting.cases, "wait")


# --------------------------------------------------------------------------------------------------------------- the verbs
async def claim(verbs: Verbs, meeting: Meeting, _: int) -> object:
    """Two tasks, one of each case."""
    return await verbs.claim_tasks(meeting.tenant_id, ["ready"], [Wish(meeting.who("rival").agent_id, limit=2)])


async def heartbeat(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both are kept, and so is what else the worker holds in their cases."""
    held = [write for place in ("late", "held") for write in meeting.writes(Heartbeat(fence=1), order, place)]
    return await verbs.heartbeat_tasks(meeting.tenant_id, held)


async def decide(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both end, and their stages go on without them."""
    return await verbs.decide_tasks(
        meeting.tenant_id, meeting.writes(FencedDecision(fence=1, outcome="done", reasons=["because"]), order)
    )


async def decide_for_all(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both end, and with them everything else in their stages."""
    return await verbs.decide_tasks(
        meeting.tenant_id, meeting.writes(FencedDecision(fence=1, outcome="over", reasons=["because"]), order)
    )


async def give_opinion(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """One of them is taken for a seat of a panel."""
    opinion = FencedOpinion(fence=1, verdict="approve", reasons=["because"])
    return await verbs.give_opinion(meeting.who("worker"), meeting.tasks["held"][::order][0], opinion)


async def fail(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both come back later."""
    return await verbs.fail_tasks(meeting.tenant_id, meeting.writes(Failure(fence=1, reason="oops"), order))


async def release(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both go back."""
    return await verbs.release_tasks(meeting.tenant_id, meeting.writes(Release(fence=1), order))


async def release_unheard(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """The stream that brought both broke."""
    return await verbs.release_unheard(meeting.who("worker"), dict.fromkeys(meeting.tasks["held"][::order], 1), "broken")


async def reject(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both go back, for others."""
    return await verbs.reject_tasks(meeting.tenant_id, meeting.writes(Rejection(fence=1, reason="not mine"), order))


async def need_input(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both wait for a fact."""
    need = NeedInput(fence=1, fact="income", reason="how much?")
    return await verbs.need_input(meeting.tenant_id, meeting.writes(need, order))


async def record_action(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """One of them is about to pay."""
    task = meeting.tasks["held"][::order][0]
    return await verbs.record_action(meeting.who("worker"), task, NewAction(fence=1, kind="pay", payload={}))


async def propose_action(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """One of them asks whether it may pay."""
    task = meeting.tasks["held"][::order][0]
    return await verbs.propose_action(meeting.who("worker"), task, Proposal(fence=1, kind="transfer", payload={}))


async def settle(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """The bank shows something else than was ordered: the case rests."""
    task = meeting.tasks["held"][::order][0]
    said = Settlement(fence=1, state=ActionState.UNKNOWN, difference="the amount")
    return await verbs.settle_action(meeting.who("worker"), task, meeting.actions[::order][0], said)


async def put_facts(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """What one of them waits for is there."""
    fact = NewFact(key="income", value=1)
    return await verbs.put_facts(meeting.who("requester"), meeting.cases[::order][0], [fact])


async def dispute(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """What opened work in one of them is not right."""
    case = meeting.cases[::order][0]
    return await verbs.mark_fact(meeting.who("boss"), case, "level", 1, "disputed", "is it so?")


async def meet_conditions(verbs: Verbs, meeting: Meeting, _: int) -> None:
    """What one of them waits for is found to hold, what the other waits for to be needless; the cases come in their order."""
    judged = await verbs.read_conditions(meeting.cases, UUID(int=0), 10)
    await verbs.meet_conditions(meeting.tenant_id, judged[:1])
    await verbs.withdraw_unwanted(meeting.tenant_id, judged[1:])


async def send_signal(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """A letter came."""
    return await verbs.send_signal(meeting.who("requester"), meeting.cases[::order][0], "letter", {})


async def cancel(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both cases are withdrawn."""
    return await verbs.cancel_cases(meeting.who("requester"), meeting.cases[::order], "withdrawn")


async def suspend(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both cases rest."""
    return await verbs.suspend_cases(meeting.who("boss"), meeting.cases[::order], "wait")


async def resume(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both cases go on."""
    return await verbs.resume_cases(meeting.who("boss"), meeting.cases[::order], "go on")


async def place_hold(verbs: Verbs, meeting: Meeting, _: int) -> object:
    """What both cases touch is frozen."""
    return await verbs.place_hold(meeting.who("boss"), "entity", "account:a", "police")


async def lift_hold(verbs: Verbs, meeting: Meeting, _: int) -> object:
    """What a hold on the workflow kept is let go."""
    return await verbs.lift_hold(meeting.who("boss"), "workflow", "many", "all is well")


async def enforce_holds(verbs: Verbs, _: Meeting, __: int) -> None:
    """Claims that a hold or a suspension overtook are taken back."""
    await verbs.enforce_holds()


async def suspend_agent(verbs: Verbs, meeting: Meeting, _: int) -> object:
    """The worker does nothing more."""
    return await verbs.set_agent_state(meeting.who("boss"), "worker", "suspended", "leak")


async def redrive(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Both incidents are tried again."""
    return await verbs.redrive_tasks(meeting.who("boss"), meeting.tasks["stuck"][::order], "again")


async def resolve(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """One incident is ended, and with it everything else in its stage."""
    return await verbs.resolve_task(meeting.who("boss"), meeting.tasks["stuck"][::order][0], "over", "enough")


async def expire_leases(verbs: Verbs, _: Meeting, __: int) -> object:
    """Claims that ran out are taken back."""
    return await verbs.expire_leases(100)


async def promote_scheduled(verbs: Verbs, _: Meeting, __: int) -> object:
    """Retries are due."""
    return await verbs.promote_scheduled(100)


async def fire_timers(verbs: Verbs, _: Meeting, __: int) -> object:
    """Escalations are due, and timeouts where so much time has passed."""
    return await verbs.fire_timers(100)


async def age_ready(verbs: Verbs, _: Meeting, __: int) -> object:
    """What was ready for long is more urgent."""
    return await verbs.age_ready(100)


async def wake_waiting(verbs: Verbs, _: Meeting, __: int) -> object:
    """What waited for a quota that is gone is let go."""
    return await verbs.wake_waiting(100)


async def put_quota(verbs: Verbs, meeting: Meeting, _: int) -> None:
    """Less may be at work than is."""
    wide = {"name": "wide", "kind": "concurrency", "per": "subject", "capability": "held", "ceiling": "1"}
    await verbs.put_quota(meeting.who("boss"), NewQuota.model_validate(wide))


async def drop_quota(verbs: Verbs, meeting: Meeting, _: int) -> object:
    """Whatever is at work may be."""
    return await verbs.drop_quota(meeting.who("boss"), "wide")


async def drop_rate(verbs: Verbs, meeting: Meeting, _: int) -> object:
    """However often."""
    return await verbs.drop_quota(meeting.who("boss"), "rate")


async def open_cases(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Two more, which come after the two that are there."""
    after = [str(case) for case in meeting.cases[::order]]
    items = [{"workflow": "many", "payload": {}, "business_key": key, "after": after} for key in ("x", "y")[::order]]
    return await verbs.open_cases(meeting.who("requester"), items)


async def claim_review(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """A person takes one of them."""
    return await verbs.claim_review(meeting.who("person"), meeting.tasks["read"][::order][0])


async def forward_review(verbs: Verbs, meeting: Meeting, order: int) -> object:
    """Somebody else is to decide one of them."""
    to = Forwarding(fence=1, to="other", reason="no time")
    return await verbs.forward_review(meeting.who("person"), meeting.tasks["judged"][::order][0], to)


async def time_out_reviews(verbs: Verbs, _: Meeting, __: int) -> object:
    """Nobody decided them."""
    return await verbs.time_out_reviews(10)


async def break_glass(verbs: Verbs, meeting: Meeting, order: int) -> None:
    """Leave is asked for, approved and taken back, unless the case has ended."""
    case = meeting.cases[::order][0]
    new = NewLeave(agent="requester", duty="checker", reason="nobody else is here")
    _, leave = await verbs.ask_leave(meeting.who("rival"), case, new)
    if leave is not None:
        await verbs.approve_leave(meeting.who("boss"), case, leave.id, "seen")
        await verbs.revoke_leave(meeting.who("boss"), case, leave.id, "somebody came")


async def use_session(verbs: Verbs, meeting: Meeting, _: int) -> None:
    """The worker is alive."""
    await verbs.start_session(meeting.who("worker"), uuid4(), {})


VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        *(
            claim,
            heartbeat,
            decide,
            decide_for_all,
            give_opinion,
            fail,
            release,
            release_unheard,
            reject,
            need_input,
            record_action,
        ),
        *(propose_action, settle),
        *(put_facts, dispute),
        *(meet_conditions, send_signal, cancel, suspend, resume, place_hold, lift_hold, enforce_holds, suspend_agent),
        *(redrive, resolve, expire_leases, promote_scheduled, fire_timers, age_ready, wake_waiting, put_quota, drop_quota),
        *(drop_rate, open_cases, use_session, claim_review, forward_review, time_out_reviews, break_glass),
    )
}
FIRST: dict[str, Callable[[Verbs, Meeting], Awaitable[None]]] = {
    "lift_hold": hold_workflow,
    "resume": rest,
    "dispute": open_by_fact,
}
# By the clock of the database: every task has its place at 60; at 3060 the stage of both cases has taken too long.
LATE_S = 3000
