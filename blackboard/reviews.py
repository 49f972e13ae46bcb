"""The counter for people: reviews by due time, what each is decided upon, and its decision.

A review is a task like any other; what is added is who may have it, and that it is decided on what the person was shown: the
board keeps the digest of every screen it gave, and refuses a decision when it would show another one now.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import rfc8785

from blackboard.answers import Told
from blackboard.errors import Conflict, NotFound, NotPermitted, Refused, Unavailable
from blackboard.once import Answered, Once
from blackboard.reports import ReviewClaim, ReviewQueue, ReviewScreen, ReviewVerdict
from blackboard.requests import Forwarding, Question, Raising, ReviewDecision
from blackboard.roles import demand
from blackboard.store import Verbs
from blackboard.values import Principal
from blackboard.work import Work, refusal_of

# Beyond it JSON's readers round: such numbers are shown as text.
_EXACT = 2**53 - 1
_TRIES = 5
_ENDS = frozenset({"forwarded", "escalated", "asked"})

Handing = Callable[[Verbs], Awaitable[str]]


class Reviews(Work):
    """Tasks that people decide."""

    async def list_reviews(self, who: Principal, **filters: Any) -> ReviewQueue:
        """Open reviews, those due first before the others; filters as in `Verbs.list_reviews`."""
        demand(who, "read the board")
        return await self._store.list_reviews(who, **filters)

    async def show_review(self, who: Principal, task_id: UUID) -> ReviewScreen:
        """What a review is decided upon. That this person was shown it is kept."""
        demand(who, "read the reasons")
        for _ in range(_TRIES):
            found = await self._store.show_review(who, task_id)
            if found is None:
                raise NotFound(f"There is no review {task_id}.")
            screen = exact(found.screen)
            shown = hashlib.sha256(rfc8785.dumps(screen)).digest()
            kept = found.review.ended_at is not None or await self._store.keep_shown(who, task_id, found.print, shown)
            if kept:
                return ReviewScreen(review=found.review, screen=screen, shown=shown.hex())
        raise Unavailable("The case changes faster than it can be shown. Repeat the request.")

    async def claim_review(self, who: Principal, task_id: UUID, once: Once | None = None) -> Answered[ReviewClaim]:
        """Take a review; claiming what one holds is the same claim again."""
        demand(who, "work on a task")

        async def claim_it(verbs: Verbs) -> ReviewClaim:
            taken = await verbs.claim_review(who, task_id)
            if taken.fence is None or taken.deadline_at is None:
                raise _not_taken(taken.verdict, taken.detail, task_id)
            return ReviewClaim(task_id=task_id, verdict=taken.verdict, fence=taken.fence, deadline_at=taken.deadline_at)

        return await self._answer_once(who, once, ReviewClaim, claim_it)

    async def decide_review(
        self, who: Principal, task_id: UUID, decision: ReviewDecision, once: Once | None = None
    ) -> Answered[ReviewVerdict]:
        """Decide a review on what was shown. Warnings (too fast, too often, always the same) stop nobody."""
        answered = await self.decide(who, task_id, decision.fenced(), once)
        warnings = await self._store.read_warnings(who, task_id)
        verdict = ReviewVerdict(task_id=task_id, verdict=answered.value.verdict, warnings=warnings)
        return Answered(verdict, answered.replayed)

    async def forward_review(self, who: Principal, task_id: UUID, to: Forwarding, once: Once | None = None) -> Answered[Told]:
        """Let a person or group decide it instead."""
        return await self._hand_on(who, task_id, once, lambda verbs: verbs.forward_review(who, task_id, to))

    async def escalate_review(self, who: Principal, task_id: UUID, why: Raising, once: Once | None = None) -> Answered[Told]:
        """Let those decide it whom the stage escalates to, and sooner."""
        return await self._hand_on(who, task_id, once, lambda verbs: verbs.escalate_review(who, task_id, why))

    async def ask_review(self, who: Principal, task_id: UUID, ask: Question, once: Once | None = None) -> Answered[Told]:
        """Let it wait for the answer to a question; with that it comes back to who asked."""
        return await self._hand_on(who, task_id, once, lambda verbs: verbs.ask_review(who, task_id, ask))

    async def _hand_on(self, who: Principal, task_id: UUID, once: Once | None, verb: Handing) -> Answered[Told]:
        """A refusal is committed (the journal has it) before it is raised."""
        demand(who, "work on a task")

        async def hand_it(verbs: Verbs) -> Told:
            return Told(verdict=await verb(verbs))

        answered = await self._answer_once(who, once, Told, hand_it, keep=lambda told: told.verdict in _ENDS)
        if answered.value.verdict not in _ENDS:
            raise refusal_of(answered.value.verdict, task_id)
        return answered


def exact(value: Any) -> Any:
    """JSON that every reader reads alike: whole numbers beyond 2^53 as text."""
    match value:
        case bool():
            return value
        case int() if abs(value) > _EXACT:
            return str(value)
        case dict():
            return {key: exact(member) for key, member in value.items()}
        case list():
            return [exact(member) for member in value]
    return value


def _not_taken(verdict: str, detail: str | None, task_id: UUID) -> Refused:
    """The error for a review that cannot be had."""
    match verdict:
        case "unknown":
            return NotFound(f"There is no review {task_id}.")
        case "barred":
            return NotPermitted(f"You may not have this review: {detail}.")
        case "held":
            return Conflict(f"{detail} has this review.", reason=verdict)
        case "ended":
            return Conflict(f"This review is over: {detail}.", reason=verdict)
        case "waiting":
            return Conflict(f"This review waits for: {detail or 'somebody who is taking it'}.", reason=verdict)
    return Conflict(f"This review is held back by: {detail}.", reason=verdict)
