"""Many callers, one transaction.

A statement that ends one task costs about a millisecond of the database's time, one that ends a hundred costs six: whoever
comes while a batch is on its way goes with the next one. Nobody is made to wait for others to come. Each request in a batch
has its own answer, its own idempotency key and its own refusal, and is answered after the commit.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from blackboard.errors import Busy
from blackboard.once import Answered, Once, refusal
from blackboard.store import Store, Verbs
from blackboard.values import Json, Principal

T = TypeVar("T", bound=BaseModel)
B = TypeVar("B")


# Whose key, on which route.
Mark = tuple[int, str, str]

# A batch of more tasks is no cheaper per task, and its callers would wait for the last of them.
MAX_WEIGHT = 500
# So much waiting is worth a second transaction beside the one on its way. Fewer go with the next one.
FULL_WEIGHT = 100
MAX_PUMPS = 3


class Request(Generic[B, T]):
    """One caller's part of a batch: `weight` rows of the statement, and where the answer goes."""

    def __init__(self, who: Principal, body: B, once: Once | None, weight: int = 1) -> None:
        self.who = who
        self.body = body
        self.once = once
        self.weight = weight
        self.mark: Mark | None = None if once is None else (who.agent_id, once.route, once.key)
        self.answer: asyncio.Future[Answered[T]] = asyncio.get_running_loop().create_future()

    def give(self, answer: Answered[T]) -> None:
        """Answer, unless the caller has gone."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def refuse(self, error: BaseException) -> None:
        """Answer with an error, unless the caller has gone."""
        if not self.answer.done():
            self.answer.set_exception(error)


Work = Callable[[Verbs, Sequence[Request[B, T]]], Awaitable[Sequence[T]]]


class Memory(NamedTuple, Generic[B, T]):
    """How answers are remembered under their keys: what is kept of one (None: nothing), and how it is given again."""

    keep: Callable[[T], Json | None]
    recall: Callable[[Verbs, Request[B, T], Json], Awaitable[T]]


class Combiner(Generic[B, T]):
    """Groups requests of one tenant into transactions: one at a time, more when enough is waiting.

    All are of keys without a scope, or of one key. A transaction has up to `max_weight` rows.
    `work` does a batch and returns a value per request; `on_commit` is told how many rows were committed.
    """

    def __init__(self, store: Store, work: Work[B, T], memory: Memory[B, T], *, on_commit: Callable[[int], None]) -> None:
        self._store = store
        self._work = work
        self._memory = memory
        self._on_commit = on_commit
        self._waiting: deque[Request[B, T]] = deque()
        self._waiting_weight = 0
        self._pumps = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._keys_at_work: set[Mark] = set()
        self.max_weight = MAX_WEIGHT
        self.full_weight = FULL_WEIGHT

    async def do(self, request: Request[B, T]) -> Answered[T]:
        """The answer to a request, after the commit of the batch that it went with."""
        self._waiting.append(request)
        self._waiting_weight += request.weight
        if not self._pumps or (self._pumps < MAX_PUMPS and self._waiting_weight >= self.full_weight):
            self._pumps += 1
            pump = asyncio.create_task(self._run())
            self._tasks.add(pump)
            pump.add_done_callback(self._tasks.discard)
        return await request.answer

    async def _run(self) -> None:
        try:
            await self._work_off()
        finally:
            # In the same breath as the look that found nothing: a task counts as done a moment later, and whoever asked in
            # between would wait for a pump that has ended.
            self._pumps -= 1

    async def _work_off(self) -> None:
        while batch := self._next_batch():
            marks = {request.mark for request in batch if request.mark}
            self._keys_at_work |= marks
            try:
                await self.answer(batch)
            except Busy as error:
                for request in batch:
                    request.refuse(error)
            except BaseException as error:  # noqa: BLE001  # whatever it is belongs to the callers, and the pump goes on
                await self._one_by_one(batch, error)
            finally:
                self._keys_at_work -= marks

    def _next_batch(self) -> list[Request[B, T]]:
        """As many as fit. Of two requests under one key the second waits for the first one's answer, which it will be given."""
        batch: list[Request[B, T]] = []
        later: list[Request[B, T]] = []
        keys: set[Mark | None] = {*self._keys_at_work}
        weight = 0
        while self._waiting and (not batch or weight + self._waiting[0].weight <= self.max_weight):
            request = self._waiting.popleft()
            if request.mark and request.mark in keys:
                later.append(request)
                continue
            keys.add(request.mark)
            batch.append(request)
            weight += request.weight
        self._waiting.extendleft(reversed(later))
        self._waiting_weight -= weight
        return batch

    async def _one_by_one(self, batch: Sequence[Request[B, T]], error: BaseException) -> None:
        """One bad request never fails its neighbours: find out whose it is."""
        if len(batch) == 1:
            batch[0].refuse(error)
            return
        for request in batch:
            try:
                await self.answer([request])
            except Exception as own:  # noqa: BLE001  # goes to its caller
                request.refuse(own)

    async def answer(self, batch: Sequence[Request[B, T]]) -> None:
        """One transaction: recall the keys, do what is fresh, remember the answers."""
        tenant_id = batch[0].who.tenant_id
        async with self._store.transaction(batch[0].who) as verbs:
            fresh = await self._fresh(verbs, tenant_id, batch)
            values = await self._work(verbs, fresh) if fresh else []
            kept = [
                {**request.once.row(request.who.agent_id), "status": 200, "answer": answer}
                for request, value in zip(fresh, values, strict=True)
                if request.once is not None and (answer := self._memory.keep(value)) is not None
            ]
            if kept:
                await verbs.keep_answers(tenant_id, kept)
        self._on_commit(sum(request.weight for request in batch))
        for request, value in zip(fresh, values, strict=True):
            request.give(Answered(value))

    async def _fresh(self, verbs: Verbs, tenant_id: int, batch: Sequence[Request[B, T]]) -> list[Request[B, T]]:
        """Those that nobody has answered yet; the others get their old answer, or are told why not."""
        keyed = [request for request in batch if request.once is not None]
        if not keyed:
            return list(batch)
        rows = [request.once.row(request.who.agent_id) for request in keyed if request.once is not None]
        verdicts = {}
        for request, stored in zip(keyed, await verbs.recall_answers(tenant_id, rows), strict=True):
            verdicts[request] = stored.verdict
            if stored.verdict == "replayed":
                request.give(Answered(await self._memory.recall(verbs, request, stored.answer), replayed=True))
            elif request.once is not None and (error := refusal(stored.verdict)):
                request.refuse(error)
        return [request for request in batch if verdicts.get(request, "fresh") == "fresh"]
