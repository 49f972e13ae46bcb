"""What an agent works with: the board as it sees it, and a task in its hands."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from uuid import UUID

from blackboard.answers import ActionVerdict, Case, Claimed, ClaimedTask, Fact, FactValue, FactVerdicts, Verdict
from blackboard.errors import BlackboardError, Busy
from blackboard.requests import (
    ClaimRequest,
    Failure,
    FencedDecision,
    FencedOpinion,
    Heartbeat,
    NeedInput,
    NewAction,
    NewFact,
    Proposal,
    Provenance,
    Rejection,
    Release,
    Settlement,
)
from blackboard.states import ActionState
from blackboard.values import Json


class Workplace(Protocol):
    """What an agent needs of a board: `BoardClient` over HTTP, `LocalBoard` in process."""

    async def claim(self, wish: ClaimRequest) -> Claimed:
        """Take tasks."""

    async def heartbeat(self, task_id: UUID, beat: Heartbeat) -> Verdict:
        """Keep a claim."""

    async def decide(self, task_id: UUID, decision: FencedDecision) -> Verdict:
        """End a task."""

    async def give_opinion(self, task_id: UUID, opinion: FencedOpinion) -> Verdict:
        """Say what a seat of a panel has to say."""

    async def fail(self, task_id: UUID, failure: Failure) -> Verdict:
        """Say that it went wrong."""

    async def release(self, task_id: UUID, release: Release) -> Verdict:
        """Give it back."""

    async def reject(self, task_id: UUID, rejection: Rejection) -> Verdict:
        """Give it back for good."""

    async def need_input(self, task_id: UUID, need: NeedInput) -> Verdict:
        """Let it wait for a fact."""

    async def put_facts(
        self, case_id: UUID, facts: list[NewFact], *, task_id: UUID | None = None, fence: int | None = None
    ) -> FactVerdicts:
        """Put what was learnt on the board."""

    async def show_case(self, case_id: UUID) -> Case:
        """A case with its tasks, facts and actions."""

    async def propose_action(self, task_id: UUID, proposal: Proposal) -> ActionVerdict:
        """Show a decision what it is to authorize."""

    async def put_fact(
        self,
        case_id: UUID,
        key: str,
        value: Any,
        *,
        if_match: int | None = None,
        provenance: Provenance | None = None,
        task_id: UUID | None = None,
        fence: int | None = None,
    ) -> Fact:
        """Put one fact on the board."""

    async def record_action(self, task_id: UUID, action: NewAction) -> ActionVerdict:
        """Write a side effect down."""

    async def settle_action(self, task_id: UUID, action_id: UUID, settlement: Settlement) -> ActionVerdict:
        """Keep what came of it."""

    async def keep_memory(self, subject: str, values: Json) -> None:
        """Keep something about a customer for later."""

    async def start_session(self, session_id: UUID, about: Json) -> None:
        """Be counted alive."""

    async def heartbeat_session(self, session_id: UUID) -> None:
        """Still alive."""

    async def end_session(self, session_id: UUID) -> None:
        """Gone."""


class FactsRead(Mapping[str, FactValue]):
    """What is known of a case, which remembers what of it was looked at."""

    def __init__(self, known: dict[str, FactValue]) -> None:
        self._known = known
        self._versions: dict[str, int] = {}

    def __getitem__(self, key: str) -> FactValue:
        """A fact, which counts as read from now on."""
        fact = self._known[key]
        self._versions.setdefault(key, fact.version)
        return fact

    def __iter__(self) -> Iterator[str]:
        """The keys that there are."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    def note(self, key: str, version: int) -> None:
        """What somebody has put he knows."""
        self._versions[key] = version

    @property
    def reads(self) -> list[str]:
        """What was read, as key@version."""
        return [f"{key}@{version}" for key, version in sorted(self._versions.items())]


class Assignment:
    """A claimed task in an agent's hands."""

    def __init__(self, board: Workplace, task: ClaimedTask) -> None:
        self.task = task
        self._board = board
        self._facts = FactsRead(task.context.facts)

    @property
    def payload(self) -> Json:
        """The case as it was asked for."""
        return self.task.context.payload

    @property
    def facts(self) -> FactsRead:
        """What is known of the case: the newest version of each fact, as of the claim."""
        return self._facts

    @property
    def reads(self) -> list[str]:
        """What was looked at of these, and what was put since, as key@version: what a decision may name as its `reads`."""
        return self._facts.reads

    @property
    def memory(self) -> dict[str, Any]:
        """What this agent kept about the case's subject."""
        return self.task.context.memory

    @property
    def progress(self) -> Json | None:
        """How far a holder before this one had come."""
        return self.task.context.progress

    async def report(self, progress: Json) -> None:
        """Keep the claim, and how far the work has come: should this holder be lost, the next one finds it."""
        await self._board.heartbeat(self.task.id, Heartbeat(fence=self.task.fence, progress=progress))

    async def learn(self, **facts: Any) -> None:
        """Put facts about the case on the board."""
        items = [NewFact(key=key, value=value) for key, value in facts.items()]
        told = await self._board.put_facts(self.task.case_id, items, task_id=self.task.id, fence=self.task.fence)
        for fact in told.items:
            if fact.verdict == "kept" and fact.version is not None:
                self._facts.note(fact.key, fact.version)

    async def put(self, key: str, value: Any, *, if_match: int | None = None, **provenance: Any) -> Fact:
        """Put one fact about the case on the board, with where it comes from: `inputs=assignment.reads, model="…"`."""
        origin = Provenance.model_validate(provenance)
        task = self.task
        fact = await self._board.put_fact(
            task.case_id, key, value, if_match=if_match, provenance=origin, task_id=task.id, fence=task.fence
        )
        self._facts.note(key, fact.version)
        return fact

    async def remember(self, **values: Any) -> None:
        """Keep values for this agent's later tasks about the same subject; None forgets one."""
        if self.task.context.subject is not None:
            await self._board.keep_memory(self.task.context.subject, values)

    async def case(self) -> Case:
        """The case as it is now, with its actions and what was said of them."""
        return await self._board.show_case(self.task.case_id)

    async def propose(self, kind: str, payload: Json, *, undoes: UUID | None = None) -> ActionVerdict:
        """Show the exact bytes of a side effect to whoever decides on it. Amounts are text."""
        proposal = Proposal(fence=self.task.fence, kind=kind, payload=payload, undoes=undoes)
        return await self._board.propose_action(self.task.id, proposal)

    async def record(self, kind: str, payload: Json, *, undoes: UUID | None = None) -> ActionVerdict:
        """Write a side effect down before sending it; the answer holds the key to send it under. `Denied` says why not to."""
        action = NewAction(fence=self.task.fence, kind=kind, payload=payload, undoes=undoes)
        return await self._board.record_action(self.task.id, action)

    async def settle(
        self, action_id: UUID, state: ActionState, receipt: Json | None = None, *, difference: str | None = None
    ) -> None:
        """Keep what came of a side effect. A difference between that and what was ordered suspends the case."""
        said = {"fence": self.task.fence, "state": state, "receipt": receipt, "difference": difference}
        await self._board.settle_action(self.task.id, action_id, Settlement.model_validate(said))

    async def confirm(self) -> float:
        """Ask the board whether the claim is still held: for so many seconds from now it certainly is. `ClaimLost` if not."""
        asked = time.monotonic()
        await self._board.heartbeat(self.task.id, Heartbeat(fence=self.task.fence))
        return self.task.lease_s - (time.monotonic() - asked)

    async def keep(self, first_s: float | None = None) -> None:
        """Heartbeat at a third of the lease, the first perhaps sooner; returns when the claim is lost."""
        pause_s = self.task.lease_s / 3
        await asyncio.sleep(pause_s if first_s is None else min(first_s, pause_s))
        while True:
            if not await self.beat():
                return
            await asyncio.sleep(pause_s)

    async def beat(self) -> bool:
        """One heartbeat; False when the claim is lost. A board that cannot be reached has not said so."""
        try:
            await self._board.heartbeat(self.task.id, Heartbeat(fence=self.task.fence))
        except BlackboardError as error:
            return isinstance(error, Busy)
        return True
