"""How a case flows: parallel tasks, what stages wait for, timers, conditions, other cases, and what opens by itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from blackboard import workflow
from blackboard.answers import Case, CaseSummary, ClaimedTask, Task
from blackboard.errors import ClaimLost, Conflict, Invalid, NotFound
from blackboard.once import Once
from blackboard.planner import BATCH, Planner
from blackboard.requests import DecisionItem, Failure, NeedInput, NewCase, NewFact, NewSchedule
from blackboard.scheduler import Scheduler
from blackboard.values import Principal
from tests.factories import Clock, Scene

HEAD = """
name: flow
title: A flow
subject: customer
payload: {type: object, required: [customer]}
stages:
"""

# Two opinions: the outcome named first is the stronger.
PAIR = """
  check:
    tasks:
      left: {capability: first, max_attempts: 1}
      right: {capability: second, max_attempts: 1}
    outcomes:
      reject: {end: rejected}
      approve: {to: pay}
  pay: {capability: first, outcomes: {done: {end: paid}}}
"""

# The same, in a hurry: one yes is weaker than silence and failure, though it is named before them.
HURRIED_PAIR = """
  check:
    timeout_s: 60
    tasks:
      left: {capability: first, max_attempts: 1}
      right: {capability: second, max_attempts: 1}
    outcomes:
      approve: {end: paid}
      timeout: {end: late}
      exhausted: {end: broken}
"""

DECISIVE_PAIR = PAIR.replace("reject: {end: rejected}", "reject: {end: rejected, decisive: true}")

ANY_OF_TWO = PAIR.replace("tasks:", "join: any\n    tasks:")

SIGNAL = """
  ask: {capability: first, outcomes: {asked: {to: hear}}}
  hear: {signal: papers, outcomes: {received: {to: look}}}
  look: {capability: second, outcomes: {done: {end: seen}}}
"""

TIMER = """
  ask: {capability: first, outcomes: {asked: {to: rest}}}
  rest: {timer_s: 60, outcomes: {elapsed: {to: look}}}
  look: {capability: second, outcomes: {done: {end: seen}}}
"""

TIMEOUT = """
  work:
    capability: first
    timeout_s: 60
    outcomes:
      done: {end: done}
      again: {to: work}
      timeout: {to: late}
  late: {capability: second, outcomes: {done: {end: late}}}
"""

ESCALATING = """
  work:
    capability: first
    escalate: [{after_s: 60, priority: 3}, {after_s: 120, priority: 1}]
    outcomes: {done: {end: done}, again: {to: work}}
"""

WHEN = """
  work:
    capability: first
    when: 'facts["level"] == "full" && facts["age"] >= 18 && payload.customer != "C-0"'
    outcomes: {done: {end: done}}
"""

PARENT = """
  work: {case: child, outcomes: {good: {end: well}, withdrawn: {end: given-up}}}
"""

CHILD = """
name: child
title: A sub-case
subject: customer
payload: {type: object}
stages:
  work: {capability: second, outcomes: {right: {end: good}, wrong: {end: bad}}}
"""

COMPENSATING = """
  work: {capability: first, outcomes: {done: {to: send}}}
  send: {capability: first, outcomes: {done: {end: done}, undo: {to: compensate}}}
  compensate: {capability: second, outcomes: {undone: {end: undone}}}
"""

AGEING = """
  work: {capability: first, ageing_s: 60, outcomes: {done: {end: done}}}
"""

EVERY_MORNING = "0 7 * * *"


async def begin(scene: Scene, stages: str, *, customer: str = "C-1") -> CaseSummary:
    """A case of a workflow with these stages."""
    await scene.load(workflow.parse(HEAD + stages))
    return await scene.open("flow", {"customer": customer})


async def shown(scene: Scene, case: CaseSummary) -> Case:
    """The case as it is now."""
    return await scene.board.show_case(scene.people["requester"], case.id)


async def last_task(scene: Scene, case: CaseSummary) -> Task:
    """The newest task of a case."""
    return (await shown(scene, case)).tasks[-1]


async def end(scene: Scene, case: CaseSummary) -> tuple[str, str | None]:
    """The state and outcome of a case."""
    now = await shown(scene, case)
    return now.state, now.outcome


async def both(scene: Scene) -> tuple[ClaimedTask, ClaimedTask]:
    """The left task with the worker, the right one with the rival."""
    [left], [right] = await scene.claim("worker", "first"), await scene.claim("rival", "second")
    return left, right


async def put(scene: Scene, case: CaseSummary, **facts: object) -> list[str]:
    """Put facts as the requester; the verdicts."""
    new = [NewFact(key=key, value=value) for key, value in facts.items()]
    return [fact.verdict for fact in (await scene.board.put_facts(scene.people["requester"], case.id, new)).value.items]


async def signal(scene: Scene, case: CaseSummary, name: str = "papers") -> str:
    """Send a signal as the requester; the verdict."""
    return (await scene.board.send_signal(scene.people["requester"], case.id, name, {"pages": 3})).value.verdict


async def need(scene: Scene, task: ClaimedTask, fact: str) -> str:
    """Let the worker wait for a fact; the verdict."""
    wish = NeedInput(fact=fact, reason="cannot tell", fence=task.fence)
    return (await scene.board.need_input(scene.people["worker"], task.id, wish)).value.verdict


async def give_up(scene: Scene, task: ClaimedTask, who: str = "worker") -> str:
    """Fail a task for good; the verdict."""
    failure = Failure(fence=task.fence, reason="no use", retryable=False)
    return (await scene.board.fail(scene.people[who], task.id, failure)).value.verdict


async def cancel(scene: Scene, case: CaseSummary) -> Case:
    """Withdraw a case as the requester."""
    return (await scene.board.cancel_case(scene.people["requester"], case.id, "changed my mind")).value


async def suspend(scene: Scene, case: CaseSummary) -> None:
    """Suspend a case as an operator."""
    await scene.board.suspend_case(await boss(scene), case.id, "under review")


async def resume(scene: Scene, case: CaseSummary) -> None:
    """Resume a case as an operator."""
    await scene.board.resume_case(await boss(scene), case.id, "all is well")


async def boss(scene: Scene) -> Principal:
    """An operator, hired when first needed."""
    return scene.people.get("boss") or await scene.hire("boss", role="admin")


@pytest.fixture
async def scheduler(scene: Scene) -> AsyncIterator[Scheduler]:
    """A scheduler that may lead."""
    scheduler = Scheduler(scene.store.seat("scheduler"))
    yield scheduler
    await scheduler.close()


# ------------------------------------------------------------------------------------------------------------ parallel tasks
async def test_a_stage_of_two_goes_on_when_both_have_answered(scene: Scene) -> None:
    """One answer alone moves nothing."""
    case = await begin(scene, PAIR)
    left, right = await both(scene)
    await scene.decide(left, "approve")
    between = (await shown(scene, case)).stage
    await scene.decide(right, "approve", "rival")

    assert (between, (await shown(scene, case)).stage) == ("check", "pay")


@pytest.mark.parametrize(("first", "second"), [("approve", "reject"), ("reject", "approve")])
async def test_of_two_outcomes_the_one_named_first_counts(scene: Scene, first: str, second: str) -> None:
    """Whoever gives it, and whenever."""
    case = await begin(scene, PAIR)
    left, right = await both(scene)
    await scene.decide(left, first)
    await scene.decide(right, second, "rival")

    assert await end(scene, case) == ("completed", "rejected")


async def test_a_decisive_outcome_ends_the_stage_at_once(scene: Scene) -> None:
    """The other task is cancelled and its holder is told so."""
    case = await begin(scene, DECISIVE_PAIR)
    left, right = await both(scene)
    await scene.decide(left, "reject")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(right, "approve", "rival")

    assert (lost.value.reason, await end(scene, case)) == ("cancelled", ("completed", "rejected"))


async def test_the_sibling_of_a_decisive_outcome_leaves_the_queue(scene: Scene) -> None:
    """Nobody is offered what is not needed any more."""
    await begin(scene, DECISIVE_PAIR)
    [left] = await scene.claim("worker", "first")
    await scene.decide(left, "reject")

    assert await scene.claim("rival", "second") == []


async def test_the_first_answer_of_any_is_enough(scene: Scene) -> None:
    """The case goes on with it, and the other holder is told."""
    case = await begin(scene, ANY_OF_TWO)
    left, right = await both(scene)
    await scene.decide(right, "approve", "rival")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(left, "reject")

    assert (lost.value.reason, (await shown(scene, case)).stage) == ("cancelled", "pay")


@pytest.mark.parametrize("stages", [PAIR, DECISIVE_PAIR, ANY_OF_TWO], ids=["all", "decisive", "any"])
async def test_both_answers_may_come_in_one_batch(scene: Scene, stages: str) -> None:
    """Both are kept, the one named first counts, and the stage is left once."""
    case = await begin(scene, stages)
    tasks = [*await scene.claim("worker", "first"), *await scene.claim("worker", "second")]
    items = [DecisionItem(task_id=t.id, fence=t.fence, outcome=o) for t, o in zip(tasks, ("approve", "reject"), strict=True)]

    told = (await scene.board.decide_many(scene.people["worker"], items)).value

    assert [item.verdict for item in told.items] == ["decided", "decided"]
    assert (await end(scene, case), len((await shown(scene, case)).tasks)) == (("completed", "rejected"), 2)


async def test_a_single_yes_does_not_win_when_the_other_never_came(scene: Scene, clock: Clock) -> None:
    """A stage that took too long takes its route for that, whatever half of it has said."""
    case = await begin(scene, HURRIED_PAIR)
    left, _ = await both(scene)
    await scene.decide(left, "approve")
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert await end(scene, case) == ("completed", "late")


async def test_a_single_yes_does_not_win_when_the_other_was_given_up(scene: Scene) -> None:
    """The case takes the route for exhausted attempts, as the holder was told."""
    case = await begin(scene, HURRIED_PAIR)
    left, right = await both(scene)
    await scene.decide(left, "approve")

    assert (await give_up(scene, right, "rival"), await end(scene, case)) == ("exhausted", ("completed", "broken"))


async def test_a_task_given_up_ends_the_stage_for_its_sibling(scene: Scene) -> None:
    """Nobody goes on with half a stage."""
    case = await begin(scene, HURRIED_PAIR)
    left, right = await both(scene)
    await give_up(scene, right, "rival")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(left, "approve")

    assert (lost.value.reason, await end(scene, case)) == ("cancelled", ("completed", "broken"))


# ------------------------------------------------------------------------------------------------------------------- signals
async def test_a_signal_moves_the_stage_that_waits_for_it(scene: Scene) -> None:
    """And what it brought is kept with the decision."""
    case = await begin(scene, SIGNAL)
    [task] = await scene.claim()
    await scene.decide(task, "asked")
    waits = (await last_task(scene, case)).waits_for

    assert ([(w.reason, w.key) for w in waits], await signal(scene, case)) == ([("signal", "papers")], "sent")
    [_, heard, look] = (await shown(scene, case)).tasks
    assert heard.decision is not None
    assert (heard.decision.outcome, heard.decision.by, heard.decision.result) == ("received", "requester", {"pages": 3})
    assert look.state == "ready"


async def test_a_signal_that_came_early_is_found(scene: Scene) -> None:
    """The stage that waits for it is passed at once."""
    case = await begin(scene, SIGNAL)
    await signal(scene, case)
    [task] = await scene.claim()
    await scene.decide(task, "asked")

    assert [task.stage for task in await scene.claim()] == ["look"]


async def test_a_signal_of_another_name_moves_nothing(scene: Scene) -> None:
    """It is kept for a stage that asks for it."""
    case = await begin(scene, SIGNAL)
    [task] = await scene.claim()
    await scene.decide(task, "asked")

    assert (await signal(scene, case, "weather"), (await shown(scene, case)).stage) == ("sent", "hear")


async def test_a_signal_is_kept_once(scene: Scene) -> None:
    """Until it is used up; then it may come again."""
    case = await begin(scene, SIGNAL)
    early = [await signal(scene, case), await signal(scene, case)]
    [task] = await scene.claim()
    await scene.decide(task, "asked")

    assert (early, await signal(scene, case)) == (["sent", "repeated"], "sent")


async def test_a_case_that_has_ended_takes_no_signal(scene: Scene) -> None:
    """The sender is told."""
    case = await begin(scene, SIGNAL)
    await cancel(scene, case)

    with pytest.raises(Conflict):
        await signal(scene, case)


# ---------------------------------------------------------------------------------------------------------------------- time
async def test_a_timer_stage_is_passed_when_its_time_is_over(scene: Scene, clock: Clock) -> None:
    """To the second, and by nobody's hand."""
    case = await begin(scene, TIMER)
    [task] = await scene.claim()
    await scene.decide(task, "asked")
    await clock.pass_(59)
    early = await scene.store.promote_scheduled(100)
    await clock.pass_(1)

    assert (early, await scene.store.promote_scheduled(100)) == (0, 1)
    [_, rest, look] = (await shown(scene, case)).tasks
    assert rest.decision is not None
    assert (rest.decision.outcome, rest.decision.by, look.state) == ("elapsed", "board", "ready")


async def test_a_timer_of_a_cancelled_case_does_nothing(scene: Scene, clock: Clock) -> None:
    """What was withdrawn stays so."""
    case = await begin(scene, TIMER)
    [task] = await scene.claim()
    await scene.decide(task, "asked")
    await cancel(scene, case)
    await clock.pass_(60)

    assert (await scene.store.promote_scheduled(100), await end(scene, case)) == (0, ("terminated", "withdrawn"))


async def test_a_timer_that_began_under_suspension_is_no_work_for_the_queue(
    scene: Scene, clock: Clock, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Resumed, the case rests until the time is over; its task is in one place only."""
    case = await begin(scene, TIMER)
    [task] = await scene.claim()
    await suspend(scene, case)
    await scene.decide(task, "asked")
    await resume(scene, case)

    assert await connection.fetchval("SELECT count(*) FROM board.task_ready") == 0
    await clock.pass_(60)
    await scene.store.promote_scheduled(100)
    assert [task.stage for task in await scene.claim()] == ["look"]


async def test_a_stage_that_takes_too_long_goes_where_timeout_leads(scene: Scene, clock: Clock) -> None:
    """Its holder is told; before its time nothing happens."""
    case = await begin(scene, TIMEOUT)
    [task] = await scene.claim("worker", lease_s=600)
    await clock.pass_(59)
    early = await scene.store.fire_timers(100)
    await clock.pass_(1)
    await scene.store.fire_timers(100)

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(task, "done")

    assert (early, lost.value.reason, (await shown(scene, case)).stage) == (0, "cancelled", "late")


async def test_a_timer_of_a_stage_that_was_left_does_nothing(scene: Scene, clock: Clock) -> None:
    """Nor does it when the case is in that stage again."""
    case = await begin(scene, TIMEOUT)
    await clock.pass_(30)
    [task] = await scene.claim()
    await scene.decide(task, "again")
    await clock.pass_(30)
    await scene.store.fire_timers(100)
    before = (await shown(scene, case)).stage
    await clock.pass_(30)
    await scene.store.fire_timers(100)

    assert (before, (await shown(scene, case)).stage) == ("work", "late")


async def test_a_suspended_case_does_not_time_out(scene: Scene, clock: Clock) -> None:
    """It gets a minute more, and again, until it is resumed."""
    case = await begin(scene, TIMEOUT)
    await suspend(scene, case)
    await clock.pass_(60)
    await scene.store.fire_timers(100)
    before = (await shown(scene, case)).stage
    await resume(scene, case)
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert (before, (await shown(scene, case)).stage) == ("work", "late")


async def test_no_agent_says_timeout(scene: Scene) -> None:
    """That route is the board's own."""
    await begin(scene, TIMEOUT)
    [task] = await scene.claim()

    with pytest.raises(Invalid):
        await scene.decide(task, "timeout")


async def test_an_escalated_task_goes_before_newer_urgent_ones(scene: Scene, clock: Clock) -> None:
    """From the moment on that its workflow names."""
    old = await begin(scene, ESCALATING)
    await clock.pass_(60)
    urgent = await scene.open("flow", priority=4)
    await scene.store.fire_timers(100)

    assert [task.case_id for task in await scene.claim(limit=2)] == [old.id, urgent.id]


async def test_a_task_that_is_held_is_escalated_too(scene: Scene, clock: Clock) -> None:
    """Given back, it is offered as urgent."""
    case = await begin(scene, ESCALATING)
    [task] = await scene.claim("worker", lease_s=600)
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert ((await last_task(scene, case)).priority, await scene.decide(task, "done")) == (3, "decided")


async def test_two_escalations_at_once_give_the_more_urgent(scene: Scene, clock: Clock) -> None:
    """A sweep that comes late does not fall short."""
    case = await begin(scene, ESCALATING)
    await clock.pass_(200)
    await scene.store.fire_timers(100)

    assert (await last_task(scene, case)).priority == 1


async def test_waiting_makes_urgent(scene: Scene, clock: Clock) -> None:
    """After its time in the queue a task is level with work of the next priority, and older."""
    old = await begin(scene, AGEING)
    await clock.pass_(60)
    aged = await scene.store.age_ready(100)
    urgent = await scene.open("flow", priority=4)

    assert (aged, [task.case_id for task in await scene.claim(limit=2)]) == (1, [old.id, urgent.id])


async def test_who_has_not_waited_is_not_aged(scene: Scene, clock: Clock) -> None:
    """Nor is anybody twice for the same wait."""
    await begin(scene, AGEING)
    await clock.pass_(59)
    early = await scene.store.age_ready(100)
    await clock.pass_(1)

    assert (early, await scene.store.age_ready(100), await scene.store.age_ready(100)) == (0, 1, 0)


async def test_an_aged_task_is_withdrawn_like_any_other(scene: Scene, clock: Clock) -> None:
    """It is found under its new priority."""
    case = await begin(scene, AGEING)
    await clock.pass_(60)
    await scene.store.age_ready(100)
    await cancel(scene, case)

    assert await scene.claim() == []


async def test_work_begins_at_its_start(scene: Scene, clock: Clock) -> None:
    """Not a second before."""
    await scene.open(start_at=clock.now + timedelta(seconds=60))
    await clock.pass_(59)
    early = (await scene.store.fire_timers(100), await scene.claim())
    await clock.pass_(1)

    assert (early, await scene.store.fire_timers(100), len(await scene.claim())) == ((0, []), 1, 1)


async def test_work_with_a_condition_begins_at_its_start_too(scene: Scene, clock: Clock) -> None:
    """Facts that are there early do not bring it forward."""
    await scene.load(workflow.parse(HEAD + WHEN))
    case = await scene.open("flow", start_at=clock.now + timedelta(seconds=60))
    await put(scene, case, level="full", age=18)
    await Planner(scene.store).run_once()
    early = await scene.claim()
    await clock.pass_(60)
    await scene.store.fire_timers(100)
    await Planner(scene.store).run_once()

    assert (early, len(await scene.claim())) == ([], 1)


# --------------------------------------------------------------------------------------------------------- facts and conditions
async def test_a_task_waits_until_its_condition_holds(scene: Scene) -> None:
    """The facts that it speaks of make it ready, at the planner's next look."""
    case = await begin(scene, WHEN)
    before = await last_task(scene, case)
    await put(scene, case, level="full", age=18)
    await Planner(scene.store).run_once()

    assert (before.state, [w.reason for w in before.waits_for]) == ("waiting", ["when"])
    assert [task.case_id for task in await scene.claim()] == [case.id]


@pytest.mark.parametrize(
    ("customer", "facts"),
    [
        ("C-1", {}),
        ("C-1", {"level": "full"}),
        ("C-1", {"level": "half", "age": 18}),
        ("C-1", {"level": "full", "age": "many"}),
        ("C-0", {"level": "full", "age": 18}),
    ],
    ids=["none", "some", "wrong", "no number", "wrong customer"],
)
async def test_other_facts_do_not_queue_it(scene: Scene, customer: str, facts: dict[str, object]) -> None:
    """What is missing or makes no sense does not hold."""
    case = await begin(scene, WHEN, customer=customer)
    await put(scene, case, weather="fine", **facts)
    await Planner(scene.store).run_once()

    assert (await last_task(scene, case)).state == "waiting"


async def test_a_condition_is_judged_by_the_newest_facts(scene: Scene) -> None:
    """What was true once is not enough."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=18)
    await put(scene, case, level="none")
    await Planner(scene.store).run_once()

    assert (await last_task(scene, case)).state == "waiting"


async def test_a_judgement_of_a_case_that_moved_on_is_dropped(scene: Scene) -> None:
    """The facts may have changed since; who looks again may queue it."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=18)
    stale = await scene.store.read_conditions([case.id], UUID(int=0), 100)
    await put(scene, case, age=19)

    assert await scene.store.meet_conditions(scene.tenant_id, stale) == 0
    await Planner(scene.store).run_once()
    assert len(await scene.claim()) == 1


async def test_a_condition_is_met_once(scene: Scene) -> None:
    """Two planners with the same judgement queue one task."""
    case = await begin(scene, WHEN)
    await put(scene, case, level="full", age=18)
    met = await scene.store.read_conditions(None, UUID(int=0), 100)

    assert [await scene.store.meet_conditions(scene.tenant_id, met) for _ in range(2)] == [1, 0]
    assert len(await scene.claim(limit=10)) == 1


async def test_a_condition_is_found_behind_many_that_do_not_hold(scene: Scene, clock: Clock) -> None:
    """Looking at everything that waits means everything, however much waits in vain."""
    await begin(scene, WHEN)
    item = {"workflow": "flow", "payload": {"customer": "C-1"}}
    await scene.store.open_cases(scene.people["requester"], [item] * BATCH)
    await clock.pass_(1)
    case = await scene.open("flow")
    await put(scene, case, level="full", age=18)
    planner = Planner(scene.store)
    for _ in range(3):
        await planner.run_once()

    assert [task.case_id for task in await scene.claim()] == [case.id]


async def test_a_fact_replaces_only_the_version_it_expects(scene: Scene) -> None:
    """Who writes over something unseen is told what is there; its neighbours are kept."""
    case = await begin(scene, WHEN)
    facts = [
        NewFact(key="age", value=17, expect=0),
        NewFact(key="age", value=18, expect=0),
        NewFact(key="age", value=19, expect=1),
        NewFact(key="level", value="full", expect=1),
    ]

    told = (await scene.board.put_facts(scene.people["requester"], case.id, facts)).value

    assert [(f.verdict, f.version) for f in told.items] == [("kept", 1), ("stale", 1), ("kept", 2), ("stale", None)]
    assert {key: fact.value for key, fact in (await shown(scene, case)).facts.items()} == {"age": 19}


async def test_a_holder_whose_claim_is_over_puts_no_facts(scene: Scene, clock: Clock) -> None:
    """And that it tried is in the journal, as every refused write of a holder is."""
    case = await scene.open()
    [task] = await scene.claim()
    await clock.pass_(30)

    with pytest.raises(ClaimLost) as lost:
        await scene.board.put_facts(
            scene.people["worker"], case.id, [NewFact(key="age", value=1)], task_id=task.id, fence=task.fence
        )
    await scene.store.sequence_events()

    assert (lost.value.reason, (await shown(scene, case)).facts) == ("expired", {})
    assert (await scene.store.read_journal(0, 100))[-1].type == "write.refused"


async def test_a_task_that_needs_input_waits_for_that_fact(scene: Scene) -> None:
    """Another fact does not do; whoever claims it next finds the answer."""
    case = await scene.open()
    [task] = await scene.claim()
    told = await need(scene, task, "income")
    await put(scene, case, weather="fine")
    waits = await last_task(scene, case)
    await put(scene, case, income=2000)
    [again] = await scene.claim("rival")

    assert (told, waits.state, [(w.reason, w.key) for w in waits.waits_for]) == ("waiting", "waiting", [("input", "income")])
    assert (again.id, again.attempt, again.context.facts["income"].value) == (task.id, 1, 2000)


async def test_an_old_answer_is_no_answer(scene: Scene, clock: Clock) -> None:
    """Who asks for a fact has seen what was there when it claimed."""
    case = await scene.open()
    await put(scene, case, income=1)
    await clock.pass_(1)
    [task] = await scene.claim()
    await need(scene, task, "income")

    assert (await last_task(scene, case)).state == "waiting"


async def test_an_answer_that_came_before_the_question_is_not_lost(scene: Scene, clock: Clock) -> None:
    """The fact was put while the holder was still making up its mind."""
    case = await scene.open()
    [task] = await scene.claim()
    await clock.pass_(1)
    await put(scene, case, income=2000)
    await clock.pass_(1)
    await need(scene, task, "income")

    assert [task.case_id for task in await scene.claim()] == [case.id]


async def test_an_answer_on_its_way_during_the_claim_is_not_lost(scene: Scene, clock: Clock) -> None:
    """It was begun before the claim and there only after it: the holder cannot have seen it."""
    case = await scene.open()
    async with scene.store.transaction() as verbs:
        await verbs.put_facts(scene.people["requester"], case.id, [NewFact(key="income", value=2000)])
        await clock.pass_(1)
        [task] = await scene.claim()
    await need(scene, task, "income")

    assert (task.context.facts, len(await scene.claim())) == ({}, 1)


# --------------------------------------------------------------------------------------------------------------- other cases
@pytest.mark.parametrize(
    ("says", "outcome"), [("right", "well"), ("wrong", "failed")], ids=["an outcome with a route", "an outcome without one"]
)
async def test_the_outcome_of_a_sub_case_is_that_of_its_stage(scene: Scene, says: str, outcome: str) -> None:
    """The child is opened with the same payload, and ends its parent's stage when it ends."""
    await scene.load(workflow.parse(CHILD))
    parent = await begin(scene, PARENT, customer="C-7")
    await scene.store.wake_waiting(100)
    [task] = await scene.claim()
    await scene.decide(task, says)
    before = (await shown(scene, parent)).state
    await scene.store.wake_waiting(100)

    assert (task.workflow, task.context.payload, task.context.subject) == ("child", {"customer": "C-7"}, "C-7")
    assert (before, await end(scene, parent)) == ("active", ("completed", outcome))


async def test_a_sub_case_is_opened_once(scene: Scene) -> None:
    """However often the sweeper comes."""
    await scene.load(workflow.parse(CHILD))
    await begin(scene, PARENT)
    woken = [await scene.store.wake_waiting(100) for _ in range(3)]

    assert (woken, len(await scene.claim(limit=10))) == ([1, 0, 0], 1)


async def test_a_withdrawn_sub_case_is_an_outcome_too(scene: Scene) -> None:
    """Its parent may have a route for that."""
    await scene.load(workflow.parse(CHILD))
    parent = await begin(scene, PARENT)
    await scene.store.wake_waiting(100)
    [child] = (await scene.board.list_cases(scene.people["requester"], workflow="child")).cases
    await cancel(scene, child)
    await scene.store.wake_waiting(100)

    assert await end(scene, parent) == ("completed", "given-up")


async def test_a_case_that_was_withdrawn_opens_no_sub_case(scene: Scene) -> None:
    """The sweeper came too late for it."""
    await scene.load(workflow.parse(CHILD))
    await cancel(scene, await begin(scene, PARENT))
    await scene.store.wake_waiting(100)

    assert (await scene.board.list_cases(scene.people["requester"], workflow="child")).cases == []


async def test_a_sub_case_of_an_unknown_workflow_is_an_incident(scene: Scene) -> None:
    """An operator reads which workflow is missing."""
    parent = await begin(scene, PARENT)
    await scene.store.wake_waiting(100)
    [incident] = await scene.board.list_incidents(scene.people["auditor"])

    assert (incident.case_id, incident.kind, incident.reason) == (parent.id, "incident", "there is no workflow child")


async def test_a_sub_case_is_opened_when_the_missing_workflow_was_loaded(scene: Scene) -> None:
    """Redriven, the stage does what it could not do before."""
    parent = await begin(scene, PARENT)
    await scene.store.wake_waiting(100)
    await scene.load(workflow.parse(CHILD))
    await scene.board.redrive_task(await boss(scene), (await last_task(scene, parent)).id, "loaded now")
    await scene.store.wake_waiting(100)

    assert [task.workflow for task in await scene.claim()] == ["child"]


async def test_a_case_comes_after_another(scene: Scene) -> None:
    """Its task waits until that one has ended."""
    first = await scene.open()
    second = await scene.open(after=[first.id])
    [task] = await scene.claim(limit=10)
    waits = (await last_task(scene, second)).waits_for
    await scene.decide(task, "reject")
    await scene.store.wake_waiting(100)

    assert ([(w.reason, w.key) for w in waits], task.case_id) == ([("after", str(first.id))], first.id)
    assert [task.case_id for task in await scene.claim(limit=10)] == [second.id]


async def test_a_cancelled_case_has_ended_too(scene: Scene) -> None:
    """Whoever came after it goes on."""
    first = await scene.open()
    second = await scene.open(after=[first.id])
    await cancel(scene, first)
    await scene.store.wake_waiting(100)

    assert [task.case_id for task in await scene.claim(limit=10)] == [second.id]


async def test_a_case_comes_after_all_that_it_names(scene: Scene) -> None:
    """One that has ended is not enough."""
    early, late = await scene.open(), await scene.open()
    last = await scene.open(after=[early.id, late.id])
    await cancel(scene, early)
    await scene.store.wake_waiting(100)
    between = (await last_task(scene, last)).state
    await cancel(scene, late)
    await scene.store.wake_waiting(100)

    assert (between, (await last_task(scene, last)).state) == ("waiting", "ready")


async def test_nobody_waits_for_what_has_ended(scene: Scene) -> None:
    """The task is ready at once."""
    first = await scene.open()
    await cancel(scene, first)
    second = await scene.open(after=[first.id])

    assert [task.case_id for task in await scene.claim()] == [second.id]


async def test_a_case_that_comes_after_another_still_begins_at_its_start(scene: Scene, clock: Clock) -> None:
    """Both must be: the other case has ended, and the time has come."""
    first = await scene.open()
    await scene.open(after=[first.id], start_at=clock.now + timedelta(seconds=60))
    await cancel(scene, first)
    await scene.store.wake_waiting(100)
    early = await scene.claim()
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert (early, len(await scene.claim())) == ([], 1)


async def test_a_sub_case_is_not_opened_before_what_its_parent_comes_after(scene: Scene) -> None:
    """The work of a case is not begun by a detour."""
    await scene.load(workflow.parse(CHILD))
    await scene.load(workflow.parse(HEAD + PARENT))
    first = await scene.open()
    await scene.open("flow", after=[first.id])
    await scene.store.wake_waiting(100)
    early = await scene.claim("worker", "second")
    await cancel(scene, first)
    for _ in range(3):
        await scene.store.wake_waiting(100)

    assert (early, len(await scene.claim("worker", "second"))) == ([], 1)


# -------------------------------------------------------------------------------------------------------- suspended, cancelled
async def test_nothing_of_a_suspended_case_is_handed_out(scene: Scene) -> None:
    """Resumed, it is."""
    case = await scene.open()
    await suspend(scene, case)
    before = await scene.claim(), await end(scene, case)
    await resume(scene, case)

    assert before == ([], ("suspended", None))
    assert [task.case_id for task in await scene.claim()] == [case.id]


async def test_who_holds_a_task_of_a_suspended_case_may_end_it(scene: Scene) -> None:
    """What follows waits until the case is resumed."""
    case = await scene.open()
    [task] = await scene.claim()
    await suspend(scene, case)
    told = await scene.decide(task, "approve")
    between = (await shown(scene, case)).stage, await scene.claim()
    await resume(scene, case)

    assert (told, between) == ("decided", ("second", []))
    assert [task.stage for task in await scene.claim()] == ["second"]


async def test_a_claim_that_runs_out_under_suspension_waits_too(scene: Scene, clock: Clock) -> None:
    """It comes back to the queue with the case."""
    case = await scene.open()
    await scene.claim()
    await suspend(scene, case)
    await clock.pass_(30)
    await scene.store.expire_leases(100)
    before = await scene.claim("rival")
    await resume(scene, case)

    assert (before, [task.fence for task in await scene.claim("rival")]) == ([], [2])


async def test_a_condition_met_under_suspension_waits_for_the_case(scene: Scene) -> None:
    """One reason less, and still one."""
    case = await begin(scene, WHEN)
    await suspend(scene, case)
    await put(scene, case, level="full", age=18)
    await Planner(scene.store).run_once()
    before = (await last_task(scene, case)).waits_for
    await resume(scene, case)

    assert ([w.reason for w in before], len(await scene.claim())) == (["suspended"], 1)


async def test_suspending_twice_is_suspending_once(scene: Scene) -> None:
    """One resume lets it go on."""
    case = await scene.open()
    await suspend(scene, case)
    await suspend(scene, case)
    await resume(scene, case)

    assert len(await scene.claim(limit=10)) == 1


async def test_a_cancelled_case_undoes_what_was_done(scene: Scene) -> None:
    """It goes to the stage `compensate` and ends with that stage's outcome."""
    case = await begin(scene, COMPENSATING)
    [task] = await scene.claim()
    await scene.decide(task, "done")
    cancelled = await cancel(scene, case)
    [task] = await scene.claim(limit=10)
    await scene.decide(task, "undone")

    assert (cancelled.state, cancelled.stage, await end(scene, case)) == ("active", "compensate", ("completed", "undone"))


async def test_a_case_of_which_nothing_was_done_has_nothing_to_undo(scene: Scene) -> None:
    """Cancelled in its first stage, it ends."""
    case = await begin(scene, COMPENSATING)
    await cancel(scene, case)

    assert await end(scene, case) == ("terminated", "withdrawn")


async def test_a_case_without_compensation_ends_as_withdrawn(scene: Scene) -> None:
    """However far it had come; cancelling it again is told so."""
    case = await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    await cancel(scene, case)

    assert await end(scene, case) == ("terminated", "withdrawn")
    with pytest.raises(Conflict):
        await cancel(scene, case)


def test_a_stage_that_only_cancelling_leads_to_is_reachable() -> None:
    """No outcome need name `compensate`: the board goes there by itself."""
    definition = workflow.parse(HEAD + COMPENSATING.replace(", undo: {to: compensate}", ""))

    assert "compensate" in definition.stages


# ----------------------------------------------------------------------------------------------------------------- schedules
async def schedule(scene: Scene, name: str = "morning", customer: str = "C-1") -> None:
    """A small case every morning at seven."""
    new = NewCase(workflow="small", payload={"customer": customer})
    await scene.board.put_schedule(await boss(scene), name, NewSchedule(cron=EVERY_MORNING, new_case=new))


async def all_cases(scene: Scene) -> list[CaseSummary]:
    """Every case there is, newest first."""
    return (await scene.board.list_cases(scene.people["requester"])).cases


async def test_a_schedule_opens_one_case_for_what_was_missed(scene: Scene, clock: Clock, scheduler: Scheduler) -> None:
    """However many mornings have passed, and however often somebody looks; next is tomorrow at seven."""
    await schedule(scene)
    for _ in range(3):
        await scheduler.run_once()
    [plan] = await scene.board.list_schedules(scene.people["auditor"])

    assert (len(await all_cases(scene)), plan.next_at) == (1, clock.now + timedelta(hours=19))


async def test_a_schedule_opens_one_case_per_moment(scene: Scene, clock: Clock, scheduler: Scheduler) -> None:
    """Not a second before seven, then once."""
    await schedule(scene)
    await scheduler.run_once()
    counts = []
    for seconds in (19 * 3600 - 1, 1, 0, 24 * 3600):
        await clock.pass_(seconds)
        await scheduler.run_once()
        counts.append(len(await all_cases(scene)))

    assert counts == [1, 2, 2, 3]
    assert [case.business_key for case in await all_cases(scene)][:2] == [
        "morning@2030-01-03T07:00:00Z",
        "morning@2030-01-02T07:00:00Z",
    ]


@pytest.mark.usefixtures("clock")
async def test_two_schedulers_with_one_moment_open_one_case(scene: Scene) -> None:
    """Only who moves the schedule on opens its case."""
    await schedule(scene)
    [due] = await scene.store.due_schedules(10)
    moved = [await scene.store.run_schedule(due, due.at + timedelta(hours=19)) for _ in range(2)]

    assert (moved, len(await all_cases(scene))) == ([True, False], 1)


@pytest.mark.usefixtures("clock")
async def test_a_second_scheduler_stands_by(scene: Scene, scheduler: Scheduler) -> None:
    """It leads when the first has gone."""
    standby = Scheduler(scene.store.seat("scheduler"))
    await scheduler.run_once()
    await standby.run_once()
    before = scheduler.leading, standby.leading
    await scheduler.close()
    await _until_leading(standby)
    await standby.close()

    assert before == (True, False)


async def _until_leading(standby: Scheduler) -> None:
    """The server takes a moment to give up a lock of a connection that was closed."""
    async with asyncio.timeout(5):
        while not standby.leading:
            await standby.run_once()
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("clock")
async def test_a_dropped_schedule_opens_nothing(scene: Scene, scheduler: Scheduler) -> None:
    """Its moment passes by."""
    await schedule(scene)
    await scene.board.drop_schedule(await boss(scene), "morning")
    await scheduler.run_once()

    assert await all_cases(scene) == []


@pytest.mark.usefixtures("clock")
async def test_a_case_that_opened_by_itself_knows_whom_it_is_about(scene: Scene, scheduler: Scheduler) -> None:
    """As if somebody had opened it: holds and quotas on its customer must find it."""
    await schedule(scene, customer="C-9")
    await scheduler.run_once()
    [case] = await all_cases(scene)

    assert (case.payload, case.subject) == ({"customer": "C-9"}, "C-9")


async def test_a_schedule_of_a_workflow_that_is_not_there_is_refused(scene: Scene) -> None:
    """At once, and not every morning in silence."""
    plan = NewSchedule(cron=EVERY_MORNING, new_case=NewCase(workflow="missing", payload={}))

    with pytest.raises(NotFound):
        await scene.board.put_schedule(await boss(scene), "morning", plan)


# ---------------------------------------------------------------------------------------------------------------------- bulk
def keyed(*names: str) -> list[Once]:
    """A key for each case of a bulk."""
    return [Once("POST /v1/cases", name, name.encode().ljust(32)) for name in names]


async def test_a_bulk_has_one_verdict_per_case(scene: Scene) -> None:
    """One bad case changes nothing for the others."""
    await scene.load(workflow.parse(HEAD + TIMEOUT))
    flow = NewCase(workflow="flow", payload={"customer": "C-1"}, business_key="INV-7")
    news = [
        flow,
        flow.model_copy(update={"payload": {}, "business_key": None}),
        flow,
        flow.model_copy(update={"workflow": "missing"}),
        flow.model_copy(update={"business_key": "INV-8"}),
    ]

    told = await scene.board.open_cases(scene.people["requester"], news, keyed("a", "b", "c", "d", "e"))

    assert [item.verdict for item in told.items] == ["opened", "invalid", "duplicate-business-key", "not-found", "opened"]
    assert [case.id for case in (await all_cases(scene))[::-1]] == [item.id for item in told.items if item.id]


async def test_a_bulk_that_is_repeated_opens_nothing_twice(scene: Scene) -> None:
    """What was opened is told again with its id, what is new is opened."""
    new, requester = NewCase(workflow="small", payload={"customer": "C-1"}), scene.people["requester"]
    first = await scene.board.open_cases(requester, [new, new], keyed("a", "b"))
    second = await scene.board.open_cases(requester, [new, new, new], keyed("b", "c", "a"))

    assert [item.verdict for item in second.items] == ["replayed", "opened", "replayed"]
    assert [second.items[2].id, second.items[0].id] == [item.id for item in first.items]
    assert len(await all_cases(scene)) == 3


async def test_a_key_twice_in_one_bulk_opens_one_case(scene: Scene) -> None:
    """The second is refused, for nobody can tell the two apart."""
    new = NewCase(workflow="small", payload={"customer": "C-1"})
    told = await scene.board.open_cases(scene.people["requester"], [new, new], keyed("a", "a"))

    assert [item.verdict for item in told.items] == ["opened", "key-repeated"]
    assert len(await all_cases(scene)) == 1


async def test_a_key_of_another_case_is_refused_in_a_bulk(scene: Scene) -> None:
    """Its neighbour is opened."""
    new, requester = NewCase(workflow="small", payload={"customer": "C-1"}), scene.people["requester"]
    [key] = keyed("a")
    await scene.board.open_case(requester, new, key)
    told = await scene.board.open_cases(requester, [new, new], [key._replace(print=bytes(32)), *keyed("b")])

    assert [item.verdict for item in told.items] == ["key-mismatch", "opened"]


async def test_a_case_that_was_opened_alone_is_told_again_in_a_bulk(scene: Scene) -> None:
    """A key is a key, whichever way it comes."""
    new, requester = NewCase(workflow="small", payload={"customer": "C-1"}), scene.people["requester"]
    case = (await scene.board.open_case(requester, new, *keyed("a"))).value
    told = await scene.board.open_cases(requester, [new], keyed("a"))

    assert [(item.verdict, item.id) for item in told.items] == [("replayed", case.id)]


# ------------------------------------------------------------------------------------------------------------------- refused
REFUSED = {
    "a cycle without exit": (
        """
  a: {capability: x, outcomes: {go: {to: b}, done: {end: ok}}}
  b: {capability: x, outcomes: {go: {to: c}}}
  c: {capability: x, outcomes: {go: {to: b}}}
""",
        ["stages.b has no way to an end", "stages.c has no way to an end"],
    ),
    "an unreachable stage": (
        "  a: {capability: x, outcomes: {done: {end: ok}}}\n  b: {capability: x, outcomes: {done: {end: ok}}}",
        ["stages.b is never reached from a"],
    ),
    "an unknown target": (
        "  a: {capability: x, outcomes: {go: {to: nowhere}, done: {end: ok}}}",
        ["stages.a.outcomes.go leads to nowhere, which is not a stage"],
    ),
    "both capability and tasks": (
        "  a: {capability: x, tasks: {left: {capability: x}}, outcomes: {done: {end: ok}}}",
        ["stages.a", "give `capability` or `tasks`, not both"],
    ),
    "two kinds of stage": (
        "  a: {signal: papers, timer_s: 5, outcomes: {received: {end: ok}, elapsed: {end: ok}}}",
        ["stages.a", "exactly one of"],
    ),
    "no kind of stage": ("  a: {outcomes: {done: {end: ok}}}", ["stages.a", "exactly one of"]),
    "a condition that cannot be read": (
        "  a: {capability: x, when: 'facts[', outcomes: {done: {end: ok}}}",
        ["stages.a.tasks.work", "when: 'facts[' is not a CEL condition"],
    ),
    "a condition on something unknown": (
        "  a: {tasks: {left: {capability: x, when: 'fact.age > 18'}}, outcomes: {done: {end: ok}}}",
        ["stages.a.tasks.left", "when: fact is not known; there are facts and payload"],
    ),
    "a signal without its outcome": (
        "  a: {signal: papers, outcomes: {done: {end: ok}}}",
        ["stages.a", "outcomes lacks received"],
    ),
    "a timer without its outcome": ("  a: {timer_s: 5, outcomes: {done: {end: ok}}}", ["stages.a", "outcomes lacks elapsed"]),
    "a timeout without its outcome": (
        "  a: {capability: x, timeout_s: 5, outcomes: {done: {end: ok}}}",
        ["stages.a", "outcomes lacks timeout"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_flow_that_cannot_work_is_refused_with_the_place(name: str) -> None:
    """The message names the stage and what is wrong there."""
    stages, told = REFUSED[name]

    with pytest.raises(Invalid) as refused:
        workflow.parse(HEAD + stages, where="flow.yaml")

    assert [part for part in ["flow.yaml: ", *told] if part not in refused.value.detail] == []
