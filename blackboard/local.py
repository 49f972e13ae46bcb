"""A board in the same process, seen by one principal: what `BoardClient` is over HTTP."""

from typing import Any
from uuid import UUID

from blackboard.answers import ActionVerdict, Case, Claimed, Fact, FactPage, FactVerdicts, Verdict, Verdicts
from blackboard.board import Board
from blackboard.reports import PolicyText
from blackboard.requests import (
    ClaimRequest,
    DecisionItem,
    Failure,
    FencedDecision,
    FencedOpinion,
    Heartbeat,
    NeedInput,
    NewAction,
    NewCase,
    NewFact,
    Proposal,
    Provenance,
    Rejection,
    Release,
    Settlement,
)
from blackboard.values import Json, Principal


class LocalBoard:
    """The verbs of an agent and of a requester, as one principal."""

    def __init__(self, board: Board, who: Principal) -> None:
        self._board = board
        self.who = who

    async def open_case(self, new: NewCase) -> Case:
        """Open a case."""
        return (await self._board.open_case(self.who, new)).value

    async def show_case(self, case_id: UUID) -> Case:
        """A case with its tasks, facts and actions."""
        return await self._board.show_case(self.who, case_id)

    async def claim(self, wish: ClaimRequest) -> Claimed:
        """Take tasks, waiting up to `wait_s`."""
        return (await self._board.claim(self.who, wish)).value

    async def heartbeat(self, task_id: UUID, beat: Heartbeat) -> Verdict:
        """Keep a claim."""
        return (await self._board.heartbeat(self.who, task_id, beat)).value

    async def decide(self, task_id: UUID, decision: FencedDecision) -> Verdict:
        """End a task."""
        return (await self._board.decide(self.who, task_id, decision)).value

    async def give_opinion(self, task_id: UUID, opinion: FencedOpinion) -> Verdict:
        """Say what a seat of a panel has to say."""
        return (await self._board.give_opinion(self.who, task_id, opinion)).value

    async def decide_many(self, decisions: list[DecisionItem]) -> Verdicts:
        """End many tasks: one verdict each."""
        return (await self._board.decide_many(self.who, decisions)).value

    async def fail(self, task_id: UUID, failure: Failure) -> Verdict:
        """Say that it went wrong."""
        return (await self._board.fail(self.who, task_id, failure)).value

    async def release(self, task_id: UUID, release: Release) -> Verdict:
        """Give it back."""
        return (await self._board.release(self.who, task_id, release)).value

    async def reject(self, task_id: UUID, rejection: Rejection) -> Verdict:
        """Give it back for good."""
        return (await self._board.reject(self.who, task_id, rejection)).value

    async def need_input(self, task_id: UUID, need: NeedInput) -> Verdict:
        """Let it wait for a fact."""
        return (await self._board.need_input(self.who, task_id, need)).value

    async def put_facts(
        self, case_id: UUID, facts: list[NewFact], *, task_id: UUID | None = None, fence: int | None = None
    ) -> FactVerdicts:
        """Put what was learnt on the board."""
        return (await self._board.put_facts(self.who, case_id, facts, task_id=task_id, fence=fence)).value

    async def propose_action(self, task_id: UUID, proposal: Proposal) -> ActionVerdict:
        """Show a decision the exact bytes that it is to authorize."""
        return (await self._board.propose_action(self.who, task_id, proposal)).value

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
        """Put one fact, in place of version `if_match` (0: there is none yet) or of any; it, as it is read now."""
        fact = NewFact(key=key, value=value, expect=if_match, **(provenance or Provenance()).model_dump())
        return (await self._board.put_fact(self.who, case_id, fact, task_id=task_id, fence=fence)).value

    async def facts(self, case_id: UUID, *, position: str | int | None = None, history: bool = False) -> FactPage:
        """What is known of a case, or was at a position; with `history` in all its versions."""
        at = None if position is None else str(position)
        return await self._board.show_facts(self.who, case_id, position=at, history=history)

    async def record_action(self, task_id: UUID, action: NewAction) -> ActionVerdict:
        """Write a side effect down."""
        return (await self._board.record_action(self.who, task_id, action)).value

    async def settle_action(self, task_id: UUID, action_id: UUID, settlement: Settlement) -> ActionVerdict:
        """Keep what came of it."""
        return (await self._board.settle_action(self.who, task_id, action_id, settlement)).value

    async def keep_memory(self, subject: str, values: Json) -> None:
        """Keep something about a customer for later."""
        await self._board.keep_memory(self.who, subject, values)

    async def show_policy(self, name: str, version: int | None = None, *, known: PolicyText | None = None) -> PolicyText:
        """A version of a policy, or the active one."""
        del known  # It costs nothing to read it again.
        return await self._board.show_policy(self.who, name, version)

    async def start_session(self, session_id: UUID, about: Json) -> None:
        """Be counted alive."""
        await self._board.start_session(self.who, session_id, about)

    async def heartbeat_session(self, session_id: UUID) -> None:
        """Still alive."""
        await self._board.heartbeat_session(self.who, session_id)

    async def end_session(self, session_id: UUID) -> None:
        """Gone."""
        await self._board.end_session(self.who, session_id)
