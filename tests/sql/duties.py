"""A case that somebody makes, somebody else checks and a third carries out."""

from blackboard import workflow
from blackboard.answers import CaseSummary
from blackboard.requests import NewCase
from blackboard.values import Principal
from blackboard.workflow import Definition
from tests.factories import Scene

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
    outcomes: {approve: {to: act}, again: {to: check}, reject: {end: rejected}}
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


async def open_by(scene: Scene, who: str) -> CaseSummary:
    """A case that this one asks for."""
    new = NewCase(workflow="duties", payload={"customer": "C-1"})
    return (await scene.board.open_case(scene.people[who], new)).value
