"""Waiting for work: the demand of all agents that ask in this process, summed into one claim.

A hundred agents that each ask for one task are one statement that takes a hundred. Who finds nothing sleeps until the journal
tells of work, or a write in this process may have made some; a look at least every few seconds covers what was missed.
"""

import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from blackboard.answers import Claimed, ClaimedTask
from blackboard.bells import Bell, Bells, Call
from blackboard.combine import Combiner, Memory, Request
from blackboard.errors import NotPermitted, Overloaded, Unauthenticated
from blackboard.once import Answered, Once
from blackboard.requests import ClaimRequest, Release
from blackboard.store import Store, Verbs
from blackboard.values import Json, Principal
from blackboard.verbs.work import Wish, Write

# How long a waiter trusts its bell before it looks for itself.
RECHECK_S = 2.0

Asked = Request[ClaimRequest, Claimed]


class Claims:
    """The claims of this process: one combiner for each set of capabilities, and how many may wait."""

    def __init__(self, store: Store, bells: Bells, on_commit: Callable[[], None], *, max_waiting: int) -> None:
        self._store = store
        self._bells = bells
        self._on_commit = on_commit
        self._max_waiting = max_waiting
        self._combiners: dict[tuple[int, str, tuple[str, ...]], Combiner[ClaimRequest, Claimed]] = {}
        self._closing = False
        self._parked: dict[Call, Principal] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._parked)

    @property
    def keys(self) -> set[str]:
        """The keys with which they wait."""
        return {who.key_id for who in self._parked.values() if who.key_id}

    def keys_of(self, agents: Collection[tuple[int, str]]) -> set[str]:
        """Those of these agents."""
        return {who.key_id for who in self._parked.values() if (who.tenant_id, who.agent) in agents}

    def cut(self, keys: Collection[str]) -> None:
        """Let those wait no more who wait with one of these."""
        for call in [call for call, who in self._parked.items() if who.key_id in keys] if keys else ():
            call.cut()

    def close(self) -> None:
        """Let everybody who waits go with what there is."""
        self._closing = True
        self._bells.ring_all()

    def ring(self, tenant_id: int, capability: str, count: int = 1) -> None:
        """There is work for as many."""
        self._bells.ring(("ready", tenant_id, capability), count=count)

    def ring_every(self, tenant_id: int, count: int) -> None:
        """There may be work for as many, of whatever capability."""
        for key in self._bells.awaited():
            match key:
                case ("ready", tenant, str(capability)) if tenant == tenant_id:
                    self.ring(tenant_id, capability, count)

    async def admit(self, who: Principal, capabilities: Sequence[str]) -> None:
        """`NotPermitted` when this agent may not claim these: it asks for no task, to hear what would be said."""
        async with self._store.transaction(who) as verbs:
            [dealt] = await verbs.claim_tasks(who.tenant_id, capabilities, [Wish(who.agent_id, limit=0)])
        if dealt is None:
            raise _barred(who, capabilities)

    async def claim(self, who: Principal, wish: ClaimRequest, once: Once | None, call: Call) -> Answered[Claimed]:
        """Tasks that are this agent's alone, waiting up to `wait_s` for the first.

        When the caller hangs up meanwhile, what was claimed for it goes back to the queue.
        """
        capabilities = tuple(sorted(set(wish.capabilities)))
        ends_at = time.monotonic() + wish.wait_s
        with self._bells.listening([("ready", who.tenant_id, capability) for capability in capabilities]) as bell:
            call.waits_by(bell)
            answered = await self._ask(who, capabilities, wish, once)
            if not answered.value.tasks and wish.wait_s:
                with self._wait(who, call):
                    answered = await self._ask_later(who, capabilities, wish, once, bell, call, ends_at)
        if call.gone and answered.value.tasks:
            await self._give_back(who, answered.value.tasks, once)
        if call.is_cut:
            raise Unauthenticated("The key that you waited with is not valid any more, or may something else now. Ask again.")
        return answered

    async def _ask(
        self, who: Principal, capabilities: tuple[str, ...], wish: ClaimRequest, once: Once | None
    ) -> Answered[Claimed]:
        """Claim now, together with whoever else asks now for the same capabilities."""
        key = (who.tenant_id, who.company, capabilities)
        if key not in self._combiners:
            self._combiners[key] = Combiner(
                self._store,
                _claimer(capabilities),
                Memory(_kept, _held_still),
                on_commit=lambda _: self._on_commit(),
            )
        return await self._combiners[key].do(Request(who, wish, once, weight=wish.limit))

    async def _ask_later(
        self,
        who: Principal,
        capabilities: tuple[str, ...],
        wish: ClaimRequest,
        once: Once | None,
        bell: Bell,
        call: Call,
        ends_at: float,
    ) -> Answered[Claimed]:
        """Ask again whenever the bell rings, until there is work or a reason to stop waiting."""
        answered = Answered(Claimed(tasks=[]))
        while not (answered.value.tasks or self._closing or call.gone) and (left_s := ends_at - time.monotonic()) > 0:
            await bell.wait(min(left_s, RECHECK_S * random.uniform(0.5, 1.5)))
            if call.gone or self._closing:
                # The ring may have been for work: somebody else should look.
                for capability in capabilities:
                    self.ring(who.tenant_id, capability)
                break
            answered = await self._ask(who, capabilities, wish, once)
        return answered

    @contextmanager
    def _wait(self, who: Principal, call: Call) -> Iterator[None]:
        """Count a claim that waits; refuse it when too many do."""
        if self.waiting >= self._max_waiting:
            raise Overloaded(f"{self.waiting} claims are waiting here already. Try again.", retry_after_s=random.randint(1, 5))
        self._parked[call] = who
        try:
            yield
        finally:
            del self._parked[call]

    async def _give_back(self, who: Principal, tasks: Sequence[ClaimedTask], once: Once | None) -> None:
        writes = [Write(who.agent_id, task.id, Release(fence=task.fence, reason="the caller left")) for task in tasks]
        async with self._store.transaction() as verbs:
            await verbs.release_tasks(who.tenant_id, writes)
            if once is not None:
                await verbs.forget_answer(who, once.route, once.key)
        self._on_commit()
        self.ring_every(who.tenant_id, len(tasks))


def _kept(claimed: Claimed) -> Json | None:
    """Tasks and fences alone: a hundred whole tasks are 60 KB, and what they say may be old when they are asked for again."""
    return {"claims": [[str(task.id), task.fence] for task in claimed.tasks]} if claimed.tasks else None


async def _held_still(verbs: Verbs, asked: Asked, kept: Json) -> Claimed:
    """The same tasks again, without those that have ended since."""
    return Claimed(tasks=await verbs.show_claims(asked.who, [(UUID(task_id), fence) for task_id, fence in kept["claims"]]))


def _barred(who: Principal, capabilities: Sequence[str]) -> NotPermitted:
    return NotPermitted(f"{who.agent} may not claim {', '.join(capabilities)}. Ask an operator for the capability.")


def _claimer(capabilities: tuple[str, ...]) -> Callable[[Verbs, Sequence[Asked]], Awaitable[list[Claimed]]]:
    """One claim for all who ask. An agent that may not have these capabilities is told so, and its neighbours get theirs."""

    async def claim_them(verbs: Verbs, requests: Sequence[Asked]) -> list[Claimed]:
        wishes = [Wish(r.who.agent_id, r.body.session_id, r.body.claim_id, r.body.limit, r.body.lease_s) for r in requests]
        dealt = await verbs.claim_tasks(requests[0].who.tenant_id, capabilities, wishes)
        for request, tasks in zip(requests, dealt, strict=True):
            if tasks is None:
                request.refuse(_barred(request.who, capabilities))
        # Not validated: the tasks come from the database as they are.
        return [Claimed.model_construct(tasks=tasks or []) for tasks in dealt]

    return claim_them
