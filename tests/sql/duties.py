"""A case that somebody makes, somebody else checks and a third carries out."""

from datetime import timedelta
from typing import Any

from blackboard import workflow
from blackboard.answers import CaseSummary, ClaimedTask
from blackboard.reports import Delegation, Leave
from blackboard.requests import NewCase, NewDelegation, NewFact, NewLeave
from blackboard.values import Principal
from blackboard.workflow import Definition
from tests.factories import NOON, Scene

DUTIES = """
name: duties
title: Made, checked, carried out
subject: customer
payload: {type: object}
stages:
  look:
    capability: look
    duty: opinion
    outcomes: {approve: {to: check}}
  check:
    capability: check
    duty: checker
    outcomes: {approve: {to: act}, again: {to: check}, deny: {end: denied}}
  act:
    capability: act
    duty: executor
    outcomes: {executed: {end: executed}, back: {to: check}}
"""
ALL = ("look", "check", "act")


def kept_apart(*pairs: tuple[str, str]) -> Definition:
    """The workflow with pairs of its own."""
    return workflow.parse(DUTIES + "apart: [" + ", ".join(f"[{one}, {other}]" for one, other in pairs) + "]\n")


async def hire(scene: Scene, name: str, owner: str | None = None, *, role: str = "admin", kind: str = "human") -> Principal:
    """Somebody who can do everything, for an owner."""
    return await scene.hire(name, *ALL, role=role, owner=owner or name, kind=kind)


async def hire_all(scene: Scene) -> None:
    """Alice with two keys, Bob, Carol and Dora, and work for them."""
    await scene.load(workflow.parse(DUTIES))
    for name, owner in (("alice", "alice"), ("alices-agent", "alice"), ("bob", "bob"), ("carol", "carol"), ("dora", "dora")):
        await hire(scene, name, owner)


async def open_by(scene: Scene, who: str) -> CaseSummary:
    """A case that this one asks for."""
    new = NewCase(workflow="duties", payload={"customer": "C-1"})
    return (await scene.board.open_case(scene.people[who], new)).value


async def decide(scene: Scene, who: str, capability: str, outcome: str = "approve") -> ClaimedTask:
    """Take a task and decide it."""
    [task] = await scene.claim(who, capability)
    await scene.decide(task, outcome, who)
    return task


async def put(scene: Scene, who: str, case: CaseSummary, key: str) -> None:
    """Put a fact as somebody."""
    await scene.board.put_facts(scene.people[who], case.id, [NewFact(key=key, value=1)])


async def delegate(scene: Scene, who: str, to: str, *, hours: float = 1, **more: Any) -> Delegation:
    """Let somebody act for this one, from noon on for so long."""
    fields = {"to": to, "until": NOON + timedelta(hours=hours), "reason": "holidays", **more}
    return (await scene.board.delegate(scene.people[who], NewDelegation.model_validate(fields))).value


async def ask(scene: Scene, who: str, case: CaseSummary, agent: str, duty: str = "checker", minutes: int = 15) -> Leave:
    """Ask that an agent may break a rule."""
    new = {"agent": agent, "duty": duty, "reason": "nobody else is here", "minutes": minutes}
    return (await scene.board.ask_leave(scene.people[who], case.id, NewLeave.model_validate(new))).value


async def approve(scene: Scene, who: str, leave: Leave) -> Leave:
    """Approve of it."""
    return (await scene.board.approve_leave(scene.people[who], leave.case_id, leave.id, "seen, and agreed")).value


async def revoke(scene: Scene, who: str, leave: Leave) -> Leave:
    """Take it back."""
    return (await scene.board.revoke_leave(scene.people[who], leave.case_id, leave.id, "somebody came")).value


async def break_a_rule(scene: Scene) -> CaseSummary:
    """Alice checks what she asked for herself, with Bob's leave, which Carol asked for; meanwhile Dora acted for Bob."""
    await hire_all(scene)
    made = await delegate(scene, "bob", "dora", hours=1000)
    await scene.board.end_delegation(scene.people["dora"], made.id, "back at work")
    case = await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    await revoke(scene, "bob", await ask(scene, "carol", case, "alice"))
    await approve(scene, "dora", await ask(scene, "carol", case, "alice"))
    await decide(scene, "alice", "check")
    return case
