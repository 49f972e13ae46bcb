"""The runtime of an agent: claims work, keeps the claim alive, runs the handler, ends the task, drains on demand.

An author writes one function:

    async def check(assignment: Assignment) -> Decision:
        known = assignment.payload["customer_id"] in customers
        return Decision(outcome="approve" if known else "reject", reasons=["customer_known" if known else "customer_unknown"])

    await Agent("identity", ["identity"], check).run(client)

What the handler raises is an answer too: `TryLater` comes back after a pause, `GiveUp` does not, `NotMine` goes to others,
`NeedFact` waits for a fact, anything else counts as a failed attempt. When the claim is lost the handler is cancelled: another
agent may be at the task already.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import Any

import structlog

from blackboard.answers import ClaimedTask
from blackboard.claim_stream import ClaimStream
from blackboard.client import BoardClient
from blackboard.errors import BlackboardError, Busy, ClaimLost, NotFound
from blackboard.handler import (
    BatchHandler,
    GiveUp,
    Handler,
    Middleware,
    NeedFact,
    NotMine,
    Policy,
    Said,
    TryLater,
    call,
    tell,
    wrapped,
)
from blackboard.requests import ClaimRequest, Release
from blackboard.workplace import Assignment, Workplace

__all__ = ["Agent", "Assignment", "GiveUp", "Handler", "NeedFact", "NotMine", "TryLater", "Workplace"]

log = structlog.get_logger()

CLAIM_WAIT_S = 20.0
SESSION_HEARTBEAT_S = 10.0
DRAIN_LIMIT_S = 4.0
# On a stream: what takes longer is written about, so that a broken connection does not take it away.
FIRST_BEAT_S = 1.0


class Agent:
    """One running instance. `concurrency` tasks at a time; `run` until `stop` is called.

    `lease_s` asks for claims of another length than the stage's: shorter means found out earlier when this instance dies.
    With `batch`, the handler is given up to so many tasks at once and returns what it says of each, in order. `policy` says
    which exceptions mean which answer, `middleware` is called around every handling of a single task. With `stream`, tasks come
    over one connection to a board over HTTP, in place of a request for each.
    """

    def __init__(
        self,
        name: str,
        capabilities: Sequence[str],
        handler: Handler | BatchHandler,
        *,
        concurrency: int = 1,
        batch: int | None = None,
        lease_s: int | None = None,
        policy: Policy | None = None,
        middleware: Sequence[Middleware] = (),
        stream: bool = False,
    ) -> None:
        if concurrency < 1 or (batch is not None and not 1 <= batch <= 100):
            raise ValueError("concurrency must be at least 1, batch between 1 and 100")
        if batch is not None and (middleware or concurrency > 1):
            raise ValueError("a batching agent handles one batch at a time, without middleware")
        if stream and batch is not None:
            raise ValueError("a batching agent asks for its batches; it takes no stream")
        self.name = name
        self.session_id = uuid.uuid4()
        self.capabilities = list(capabilities)
        # Which of the two kinds it is, `batch` says.
        anything: Any = handler
        self._handler = anything
        self._chain = wrapped(anything, middleware)
        self._concurrency = batch or concurrency
        self._batch = batch is not None
        self._lease_s = lease_s
        self._policy: Policy = policy or {}
        self._stream = stream
        self._stopping = asyncio.Event()
        self._in_hand: set[Assignment] = set()
        self._line: ClaimStream | None = None
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take no more work; `run` returns when what is in hand is done or given back."""
        self._stopping.set()

    async def run(self, board: Workplace) -> None:
        """Work until stopped. A board that cannot be reached is waited for."""
        session = asyncio.create_task(self._keep_session(board))
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            if self._stream:
                await self._follow(board, stopped)
            while not self._stopping.is_set():
                await self._take_work(board, stopped)
        finally:
            stopped.cancel()
            await self._drain()
            await _cancelled(session)
            with suppress(BlackboardError):
                await board.end_session(self.session_id)

    async def work_once(self, board: Workplace) -> int:
        """Do what there is to do now, without waiting for more; how many tasks that was. For tests and cron jobs."""
        tasks = (await board.claim(self._wish(self._concurrency, wait_s=0))).tasks
        self._begin(board, tasks)
        if self._running:
            await asyncio.wait(self._running)
        return len(tasks)

    async def _follow(self, board: Workplace, stopped: asyncio.Task[bool]) -> None:
        """Take what the stream brings until stopped. What is in hand then is written about first, or it would be taken back."""
        if not isinstance(board, BoardClient):
            raise TypeError("a stream needs a board over HTTP: a BoardClient")
        self._line = ClaimStream(
            board, self.capabilities, credit=self._concurrency, lease_s=self._lease_s, session_id=self.session_id
        )
        reading = asyncio.create_task(self._read(board, self._line))
        try:
            await asyncio.wait({stopped, reading}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_LIMIT_S):
                    await asyncio.gather(*(one.beat() for one in self._in_hand))
        finally:
            await _cancelled(reading)

    async def _read(self, board: BoardClient, line: ClaimStream) -> None:
        """Begin each task as it comes; one that comes while an earlier one is being laid down waits for a hand.

        One that comes after `stop` is not begun: the board takes it back when the stream closes.
        """
        async with aclosing(aiter(line)) as tasks:
            async for task in tasks:
                while len(self._running) >= self._concurrency:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                if self._stopping.is_set():
                    return
                self._begin(board, [task])

    async def _take_work(self, board: Workplace, stopped: asyncio.Task[bool]) -> None:
        """Claim for the free hands; wait for one when there is none. A batch is one hand."""
        free = self._concurrency - len(self._running)
        if free == 0 or (self._batch and self._running):
            await asyncio.wait({stopped, *self._running}, return_when=asyncio.FIRST_COMPLETED)
            return
        claim = asyncio.create_task(self._claim(board, free))
        await asyncio.wait({stopped, claim}, return_when=asyncio.FIRST_COMPLETED)
        if not claim.done():
            # The board sees the connection close and keeps, or takes back, what it would have answered.
            await _cancelled(claim)
            return
        self._begin(board, claim.result())

    def _begin(self, board: Workplace, tasks: Sequence[ClaimedTask]) -> None:
        hands = [list(tasks)] if self._batch and tasks else [[task] for task in tasks]
        for hand in hands:
            running = asyncio.create_task(self._work(board, hand), name=f"task:{hand[0].id}")
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    def _wish(self, limit: int, *, wait_s: float = CLAIM_WAIT_S) -> ClaimRequest:
        return ClaimRequest(
            capabilities=self.capabilities, limit=limit, wait_s=wait_s, session_id=self.session_id, lease_s=self._lease_s
        )

    async def _claim(self, board: Workplace, limit: int) -> list[ClaimedTask]:
        try:
            return (await board.claim(self._wish(limit))).tasks
        except Busy as error:
            log.warning("board not available", agent=self.name, error=str(error))
            await asyncio.sleep(1)
            return []

    async def _work(self, board: Workplace, tasks: Sequence[ClaimedTask]) -> None:
        """What is in one hand from beginning to end, each with its heartbeat beside it."""
        assignments = [Assignment(board, task) for task in tasks]
        self._in_hand.update(assignments)
        handling = asyncio.create_task(self._handle(board, assignments))
        beating = asyncio.create_task(_kept(assignments, FIRST_BEAT_S if self._stream else None))
        try:
            await asyncio.wait({handling, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not handling.done():
                log.warning("claim lost", agent=self.name, tasks=[str(task.id) for task in tasks])
        except asyncio.CancelledError:
            for task in tasks:
                with suppress(BlackboardError):
                    await asyncio.shield(board.release(task.id, Release(fence=task.fence, reason="agent is stopping")))
            raise
        finally:
            self._in_hand.difference_update(assignments)
            await _cancelled(handling)
            await _cancelled(beating)

    async def _handle(self, board: Workplace, assignments: list[Assignment]) -> None:
        """Run the handler and say what came of it, task by task."""
        told = await self._said(assignments)
        await asyncio.gather(*(self._tell(board, one, said) for one, said in zip(assignments, told, strict=True)))

    async def _said(self, assignments: list[Assignment]) -> Sequence[Said | Exception]:
        """What the handler says of each; what it raises, it says of all."""
        try:
            if not self._batch:
                return [await self._chain(assignments[0])]
            said: Sequence[Said | Exception] = await call(self._handler, assignments)
            if len(said) != len(assignments):
                return [ValueError(f"{len(said)} answers for {len(assignments)} tasks")] * len(assignments)
        except Exception as raised:  # noqa: BLE001  # whatever it is, it is an answer
            return [raised] * len(assignments)
        return said

    async def _tell(self, board: Workplace, assignment: Assignment, said: Said | Exception) -> None:
        """Tell the board. A lost claim ends it quietly: the task is somebody else's."""
        task = assignment.task
        try:
            verdict = await tell(board, assignment, said, self._policy)
            log.info("task ended", agent=self.name, stage=task.stage, case=str(task.case_id), verdict=verdict)
        except ClaimLost as error:
            log.warning("write refused", agent=self.name, task=str(task.id), reason=error.reason)
        except BlackboardError as error:
            log.error("answer not accepted", agent=self.name, task=str(task.id), error=str(error))  # noqa: TRY400  # the sentence says all

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
                    # Taken for dead while it could not be heard; what it held is in other hands.
                    self.session_id = uuid.uuid4()
                    known = False
                    if self._line is not None:
                        self._line.session_id = self.session_id
            await asyncio.sleep(SESSION_HEARTBEAT_S if known else 1)

    async def _drain(self) -> None:
        """Let what is in hand end; give back what does not in time."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=DRAIN_LIMIT_S)
            for running in late:
                await _cancelled(running)


async def _kept(assignments: Sequence[Assignment], first_s: float | None) -> None:
    """Heartbeats of all that is in one hand; over when the last of the claims is lost."""
    await asyncio.gather(*(assignment.keep(first_s) for assignment in assignments))


async def _cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel and wait until it is over; what it raised no longer matters."""
    task.cancel()
    await asyncio.wait({task})
