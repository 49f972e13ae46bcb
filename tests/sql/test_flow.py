"""How a case flows: parallel tasks, what stages wait for, timers, conditions, other cases, and what opens by itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from blackboard import workflow
from blackboard.answers import Case, CaseSummary, ClaimedTask, Task
from blackboard.errors import ClaimLost, Conflict, Invalid
from blackboard.once import Once
from blackboard.planner import BATCH, Planner
from blackboard.reports import Load
from blackboard.requests import DecisionItem, Heartbeat, NeedInput, NewCase, NewFact, NewSchedule
from blackboard.requests import Release as GiveBack
from blackboard.scheduler import Scheduler
from blackboard.store import Seat
from tests.factories import NOON, Clock, Scene

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
  work: {capability: second, outcomes: {yes: {end: good}, no: {end: bad}}}
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
    from blackboard.requests import Failure

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


async def boss(scene: Scene):  # type: ignore[no-untyped-def]
    """An operator, hired when first needed."""
    return scene.people.get("boss") or await scene.hire("boss", role="admin")
