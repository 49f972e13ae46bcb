"""People, played: whoever has a reviewer's key decides what waits for a person, so that nothing rests for want of one.

They decide only what the caller hands them, on exactly what is shown, and draw the outcome from the weights of its stage. Where
the bank does not say what became of an order, they look into its books themselves.
"""

import asyncio
import random
from collections.abc import Mapping
from uuid import UUID

import httpx

from blackboard.answers import Action, ClaimedTask
from blackboard.cast import Cast
from blackboard.errors import BlackboardError, Busy, NotFound
from blackboard.requests import ClaimRequest, FencedDecision, Release, ReviewDecision
from blackboard.states import TaskState

TRIES = 8
PAUSE_S = 0.5
NOT_FOUND = 404
OPEN = frozenset({TaskState.READY, TaskState.CLAIMED, TaskState.SCHEDULED, TaskState.WAITING})
# What is decided where nobody said anything else, the first that the stage knows.
_USUALLY = ("approve", "accept", "mended", "confirm")
Weights = Mapping[str, Mapping[str, float]]


class People:
    """All reviewers of this machine."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self._cast = cast
        self._chance = random.Random(seed)
        self._able: dict[str, list[str]] = {}
        self.complaints: list[str] = []

    async def gather(self) -> None:
        """Who is there, and what each may decide."""
        for agent in await (await self._cast.board("auditor")).list_agents():
            if agent.role == "reviewer" and agent.state == "active" and self._cast.has(agent.name):
                for capability in agent.capabilities:
                    self._able.setdefault(capability, []).append(agent.name)

    def are_for(self, capability: str | None) -> bool:
        """Whether work of that capability is for people."""
        return capability in self._able

    async def decide(self, task_id: UUID, capability: str, weights: Weights) -> None:
        """One of those who may, and another where that one may not. What nobody can decide is a complaint."""
        told = ""
        for attempt in range(TRIES):
            for name in self._able[capability]:
                try:
                    await self._decide(name, task_id, capability, weights)
                except BlackboardError as error:
                    told = f"{name} cannot decide {task_id}: {error.detail}"
                    if isinstance(error, Busy):
                        await asyncio.sleep(PAUSE_S)
                else:
                    return
            await asyncio.sleep(PAUSE_S * attempt)
        if (await (await self._cast.board("auditor")).show_task(task_id)).state in OPEN:
            self.complaints.append(told)

    async def _decide(self, name: str, task_id: UUID, capability: str, weights: Weights) -> None:
        board = await self._cast.board(name)
        try:
            fence = (await board.claim_review(task_id)).fence
        except NotFound:
            return await self._inquire(name, task_id, capability)
        told = await board.show_review(task_id)
        outcome = self._choose(told.review.outcomes, weights.get(told.review.stage, {}))
        decision = ReviewDecision(fence=fence, outcome=outcome, reasons=[f"played_{outcome}"], shown=told.shown)
        await board.decide_review(task_id, decision)
        return None

    def _choose(self, outcomes: list[str], weights: Mapping[str, float]) -> str:
        known = {name: weight for name, weight in weights.items() if name in outcomes and weight > 0}
        if known:
            return self._chance.choices(list(known), list(known.values()))[0]
        return next((name for name in _USUALLY if name in outcomes), outcomes[0])

    async def _inquire(self, name: str, task_id: UUID, capability: str) -> None:
        """Work that is handed out like an agent's: what the bank does not say is looked up in its books."""
        board = await self._cast.board(name)
        for task in (await board.claim(ClaimRequest(capabilities=[capability], limit=20))).tasks:
            if task.id != task_id:
                await board.release(task.id, Release(fence=task.fence, reason="somebody else's"))
                continue
            outcome = "approve" if await self._is_booked(task) else "reject"
            reasons = ["booked" if outcome == "approve" else "not_in_the_books"]
            await board.decide(task.id, FencedDecision(fence=task.fence, outcome=outcome, reasons=reasons))

    async def _is_booked(self, task: ClaimedTask) -> bool:
        actions = (await (await self._cast.board("auditor")).show_case(task.case_id)).actions
        sent: list[Action] = [action for action in actions if action.attempts]
        if not sent:
            return False
        key = max(sent, key=lambda action: action.created_at).effect_key
        return any([(await self._found(path, key)) for path in ("/transfers", "/v1/operations")])

    async def _found(self, path: str, key: str) -> bool:
        """Whether the bank knows the key. It may misbehave: only yes and no count, and a route that it lacks is a no."""
        for _ in range(TRIES):
            try:
                answer = await self._cast.ask_bank("GET", f"{path}?idempotency_key={key}")
            except (BlackboardError, httpx.HTTPError):
                continue
            if answer.is_success or answer.status_code == NOT_FOUND:
                return answer.is_success
        return False
