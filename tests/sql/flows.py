"""Workflows to follow a case through, and what people do with it on the way."""

from blackboard import workflow
from blackboard.answers import Case, CaseSummary, Task
from blackboard.requests import NewFact
from blackboard.values import Principal
from tests.factories import Scene

HEAD = """
name: flow
title: A flow
subject: customer
payload: {type: object, required: [customer]}
stages:
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

WHEN = """
  work:
    capability: first
    when: 'facts["level"] == "full" && facts["age"] >= 18 && payload.customer != "C-0"'
    outcomes: {done: {end: done}}
"""

COMPENSATING = """
  work: {capability: first, outcomes: {done: {to: send}}}
  send: {capability: first, outcomes: {done: {end: done}, undo: {to: compensate}}}
  compensate: {capability: second, outcomes: {undone: {end: undone}}}
"""


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


async def put(scene: Scene, case: CaseSummary, **facts: object) -> list[str]:
    """Put facts as the requester; the verdicts."""
    new = [NewFact(key=key, value=value) for key, value in facts.items()]
    return [fact.verdict for fact in (await scene.board.put_facts(scene.people["requester"], case.id, new)).value.items]


async def cancel(scene: Scene, case: CaseSummary) -> Case:
    """Withdraw a case as the requester."""
    return (await scene.board.cancel_case(scene.people["requester"], case.id, "changed my mind")).value


async def suspend(scene: Scene, case: CaseSummary) -> None:
    """Suspend a case as an operator."""
    await scene.board.suspend_case(await hire_boss(scene), case.id, "under review")


async def resume(scene: Scene, case: CaseSummary) -> None:
    """Resume a case as an operator."""
    await scene.board.resume_case(await hire_boss(scene), case.id, "all is well")


async def hire_boss(scene: Scene) -> Principal:
    """An operator, hired when first needed."""
    return scene.people.get("boss") or await scene.hire("boss", role="admin")


async def all_cases(scene: Scene) -> list[CaseSummary]:
    """Every case there is, newest first."""
    return (await scene.board.list_cases(scene.people["requester"])).cases
