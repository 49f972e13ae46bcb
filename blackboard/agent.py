"""The runtime of an agent: claims work, keeps the claim alive, runs the handler, ends the task, drains on demand.

An author writes one async function:

    async def check(assignment: Assignment) -> Decision:
        known = assignment.payload["customer_id"] in customers
        return Decision(outcome="approve" if known else "reject", reasons=["customer_known" if known else "customer_unknown"])

    await Agent("identity", ["identity"], check).run(client)

What the handler raises is an answer too: `TryLater` comes back after a pause, `GiveUp` does not, anything else counts as a
failed attempt. When the claim is lost the handler is cancelled: another agent may be at the task already.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

import structlog

from blackboard.answers import ActionVerdict, Claimed, ClaimedTask, Verdict
from blackboard.errors import BlackboardError, Busy, ClaimLost, NotFound
from blackboard.requests import ClaimRequest, Decision, Failure, FencedDecision, Heartbeat, NewAction, Release, Settlement
from blackboard.states import ActionState
from blackboard.values import Json

log = structlog.get_logger()

CLAIM_WAIT_S = 20.0
SESSION_HEARTBEAT_S = 10.0
DRAIN_LIMIT_S = 4.0


class TryLater(Exception):
    """The work cannot be done now. `delay_s` overrides the stage's backoff."""

    def __init__(self, reason: str, *, delay_s: float | None = None) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


class GiveUp(Exception):
    """The work cannot be done at all; the case takes its `exhausted` route."""


class Workplace(Protocol):
    """What an agent needs of a board. `BoardClient` is one."""

    async def claim(self, wish: ClaimRequest) -> Claimed:
        """Take tasks."""

    async def heartbeat(self, task_id: UUID, beat: Heartbeat) -> Verdict:
        """Keep a claim."""

    async def decide(self, task_id: UUID, decision: FencedDecision) -> Verdict:
        """End a task."""

    async def fail(self, task_id: UUID, failure: Failure) -> Verdict:
        """Say that it went wrong."""

    async def release(self, task_id: UUID, release: Release) -> Verdict:
        """Give it back."""

    async def record_action(self, task_id: UUID, action: NewAction) -> ActionVerdict:
        """Write a side effect down."""

    async def settle_action(self, task_id: UUID, action_id: UUID, settlement: Settlement) -> ActionVerdict:
        """Keep what came of it."""

    async def start_session(self, session_id: UUID, about: Json) -> None:
        """Be counted alive."""

    async def heartbeat_session(self, session_id: UUID) -> None:
        """Still alive."""

    async def end_session(self, session_id: UUID) -> None:
        """Gone."""


class Assignment:
    """A claimed task in an agent's hands."""

    def __init__(self, board: Workplace, task: ClaimedTask) -> None:
        self.task = task
        self._board = board

    @property
    def payload(self) -> Json:
        """The case as it was asked for."""
        return self.task.context.payload

    async def record(self, kind: str, payload: Json) -> ActionVerdict:
        """Write a side effect down before sending it; the answer holds the key to send it under."""
        return await self._board.record_action(self.task.id, NewAction(fence=self.task.fence, kind=kind, payload=payload))

    async def settle(self, action_id: UUID, state: ActionState, receipt: Json | None = None) -> None:
        """Keep what came of a side effect."""
        settlement = Settlement.model_validate({"fence": self.task.fence, "state": state, "receipt": receipt})
        await self._board.settle_action(self.task.id, action_id, settlement)


Handler = Callable[[Assignment], Awaitable[Decision]]


class Agent:
    """One running instance. `concurrency` tasks at a time; `run` until `stop` is called.

    `lease_s` asks for claims of another length than the stage's: shorter means found out earlier when this instance dies.
    """

    def __init__(
        self,
        name: str,
        capabilities: Sequence[str],
        handler: Handler,
        *,
        concurrency: int = 1,
        lease_s: int | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError("concurrency must be at least 1")
        self.name = name
        self.session_id = uuid.uuid4()
        self._capabilities = list(capabilities)
        self._handler = handler
        self._concurrency = concurrency
        self._lease_s = lease_s
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take no more work; `run` returns when what is in hand is done or given back."""
        self._stopping.set()

    async def run(self, board: Workplace) -> None:
        """Work until stopped. A board that cannot be reached is waited for."""
        session = asyncio.create_task(self._keep_session(board))
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            while not self._stopping.is_set():
                await self._take_work(board, stopped)
        finally:
            stopped.cancel()
            await self._drain()
            await _cancelled(session)
            with suppress(BlackboardError):
                await board.end_session(self.session_id)

    async def _take_work(self, board: Workplace, stopped: asyncio.Task[bool]) -> None:
        """Claim for the free hands; wait for one when there is none."""
        free = self._concurrency - len(self._running)
        if free == 0:
            await asyncio.wait({stopped, *self._running}, return_when=asyncio.FIRST_COMPLETED)
            return
        claim = asyncio.create_task(self._claim(board, free))
        await asyncio.wait({stopped, claim}, return_when=asyncio.FIRST_COMPLETED)
        if not claim.done():
            # The board sees the connection close and keeps, or takes back, what it would have answered.
            await _cancelled(claim)
            return
        for task in claim.result():
            running = asyncio.create_task(self._work(board, task), name=f"task:{task.id}")
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    async def _claim(self, board: Workplace, limit: int) -> list[ClaimedTask]:
        wish = ClaimRequest(
            capabilities=self._capabilities,
            limit=limit,
            wait_s=CLAIM_WAIT_S,
            session_id=self.session_id,
            lease_s=self._lease_s,
        )
        try:
            return (await board.claim(wish)).tasks
        except Busy as error:
            log.warning("board not available", agent=self.name, error=str(error))
            await asyncio.sleep(1)
            return []

    async def _work(self, board: Workplace, task: ClaimedTask) -> None:
        """One task from hand to end, with its heartbeat beside it."""
        handling = asyncio.create_task(self._handle(board, task))
        beating = asyncio.create_task(self._keep_claim(board, task))
        try:
            await asyncio.wait({handling, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not handling.done():
                log.warning("claim lost", agent=self.name, task=str(task.id), fence=task.fence)
        except asyncio.CancelledError:
            with suppress(BlackboardError):
                await asyncio.shield(board.release(task.id, Release(fence=task.fence, reason="agent is stopping")))
            raise
        finally:
            await _cancelled(handling)
            await _cancelled(beating)

    async def _handle(self, board: Workplace, task: ClaimedTask) -> None:
        """Run the handler and say what came of it. A lost claim ends it quietly: the task is somebody else's."""
        try:
            verdict = await self._answer(task, Assignment(board, task), board)
            log.info("task ended", agent=self.name, stage=task.stage, case=str(task.case_id), verdict=verdict)
        except ClaimLost as error:
            log.warning("write refused", agent=self.name, task=str(task.id), reason=error.reason)
        except BlackboardError as error:
            log.error("answer not accepted", agent=self.name, task=str(task.id), error=str(error))  # noqa: TRY400  # the sentence says all

    async def _answer(self, task: ClaimedTask, assignment: Assignment, board: Workplace) -> str:
        try:
            decision = await self._handler(assignment)
        except (BlackboardError, asyncio.CancelledError):
            raise
        except TryLater as later:
            failure = Failure(fence=task.fence, reason=str(later)[:200], delay_s=later.delay_s)
        except GiveUp as reason:
            failure = Failure(fence=task.fence, reason=str(reason)[:200], retryable=False)
        except Exception as bug:
            # The class alone: an exception's text may hold what a journal should not.
            log.exception("handler failed", agent=self.name, task=str(task.id))
            failure = Failure(fence=task.fence, reason=f"handler raised {type(bug).__name__}")
        else:
            await board.decide(task.id, FencedDecision(fence=task.fence, **decision.model_dump()))
            return decision.outcome
        return (await board.fail(task.id, failure)).verdict

    async def _keep_claim(self, board: Workplace, task: ClaimedTask) -> None:
        """Heartbeat at a third of the lease; returns when the claim is lost."""
        while True:
            await asyncio.sleep(task.lease_s / 3)
            try:
                await board.heartbeat(task.id, Heartbeat(fence=task.fence))
            except Busy:
                continue
            except BlackboardError:
                return

    async def _keep_session(self, board: Workplace) -> None:
        about = {"pid": os.getpid(), "host": socket.gethostname(), "concurrency": self._concurrency}
        known = False
        while True:
            with suppress(Busy):
                try:
                    if known:
                        await board.heartbeat_session(self.session_id)
                    else:
                        await board.start_session(self.session_id, about)
                        known = True
                except NotFound:
                    known = False
            await asyncio.sleep(SESSION_HEARTBEAT_S if known else 1)

    async def _drain(self) -> None:
        """Let what is in hand end; give back what does not in time."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=DRAIN_LIMIT_S)
            for running in late:
                await _cancelled(running)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel and wait until it is over; what it raised no longer matters."""
    task.cancel()
    await asyncio.wait({task})
