"""The workflows that read models are made of, small enough to follow, and cases of them worked to their ends."""

from typing import Any
from uuid import UUID

from blackboard import workflow
from blackboard.answers import Case, ClaimedTask
from blackboard.requests import FencedDecision, NewAction, NewCase, Settlement
from blackboard.states import ActionState
from blackboard.values import Json
from tests.factories import Scene

_WORKFLOWS = """
name: NAME
title: For reading
numbered: true
payload: {type: object}
stages:
"""
_MOVING = """
  work: {capability: first, outcomes: {executed: {end: executed}, reject: {end: rejected}, refer: {to: review}}}
  review: {capability: review, outcomes: {approve: {to: work}, reject: {end: rejected}}}
"""
_ASKED = """
  received: {signal: process, outcomes: {received: {to: weighing}}}
  weighing: {capability: first, outcomes: {approve: {to: approved}, refer: {to: review}}}
  review: {capability: review, outcomes: {approve: {to: approved}, reject: {end: rejected}}}
  approved: {capability: first, outcomes: {recorded: {end: approved}}}
"""
_LENT = """
  panel: {capability: first, outcomes: {approve: {to: paying, authorizes: loan}, reject: {end: rejected}, refer: {to: review}}}
  review: {capability: review, outcomes: {approve: {to: paying, authorizes: loan}, reject: {end: rejected}}}
  paying: {capability: second, outcomes: {executed: {end: executed}, void: {to: panel}}}
"""
_FETCHED = """
  context: {capability: first, outcomes: {found: {end: found}, unknown: {end: unknown}}}
"""
_ADVISED = """
  weighing: {capability: first, outcomes: {stored: {end: stored}, approve: {end: recommended}, unknown: {end: unknown}}}
"""
STAGES = {
    "transfer": _MOVING,
    "payment": _MOVING,
    "support": _MOVING,
    "trade_review": _ASKED,
    "general_request": _ASKED,
    "loan": _LENT,
    "client_context": _FETCHED,
    "advice": _ADVISED,
}


class Desk:
    """Opens and works cases of these workflows as the requester and the worker of a scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._held: dict[UUID, ClaimedTask] = {}

    async def load(self) -> None:
        """All workflows."""
        for name, stages in STAGES.items():
            await self.scene.load(workflow.parse(_WORKFLOWS.replace("NAME", name) + stages))

    async def open(self, name: str, payload: Json) -> Case:
        """A case of one of them."""
        new = NewCase(workflow=name, payload=payload)
        return (await self.scene.board.open_case(self.scene.people["requester"], new)).value

    async def _take(self, case: Case) -> ClaimedTask:
        """The next task of a case. What else is to be had is taken with it, and kept."""
        self._held |= {task.case_id: task for task in await self.scene.claim("worker", "first", "second", "review", limit=50)}
        return self._held.pop(case.id)

    async def decide(self, case: Case, outcome: str, **said: Any) -> None:
        """Take and decide the next task of a case."""
        task = await self._take(case)
        decision = FencedDecision(fence=task.fence, outcome=outcome, **{"reasons": ["because"], **said})
        await self.scene.board.decide(self.scene.people["worker"], task.id, decision)

    async def move(self, case: Case, kind: str, payload: Json, receipt: Json) -> None:
        """Send something to the bank for a case, which books it, and decide so."""
        who = self.scene.people["worker"]
        task = await self._take(case)
        sent = (
            await self.scene.board.record_action(who, task.id, NewAction(fence=task.fence, kind=kind, payload=payload))
        ).value
        assert sent.action_id
        for state in (ActionState.UNKNOWN, ActionState.EXECUTED):
            told = Settlement(fence=task.fence, state=state, receipt=receipt if state is ActionState.EXECUTED else None)
            await self.scene.board.settle_action(who, task.id, sent.action_id, told)
        decision = FencedDecision(fence=task.fence, outcome="executed", reasons=["booked"], result=receipt)
        await self.scene.board.decide(who, task.id, decision)

    async def process(self, case: Case) -> None:
        """Let work on a request begin."""
        await self.scene.board.send_signal(self.scene.people["requester"], case.id, "process", {})

    async def project(self, limit: int = 500) -> int:
        """Number all events and read them into the tables; the position that this comes to."""
        while await self.scene.store.sequence_events():
            pass
        while await self.scene.store.project_events(limit):
            pass
        return (await self.scene.store.measure_reading()).position
