"""Reviews: what people are shown, who takes which, how one is handed on."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from blackboard.database import Statements
from blackboard.reports import Review, ReviewQueue
from blackboard.requests import Forwarding, Question, Raising
from blackboard.values import Json, Principal


class Screen(NamedTuple):
    """A review, what is shown of it, and the board's own digest of that."""

    review: Review
    screen: Json
    print: bytes


class Taken(NamedTuple):
    """What became of a person's wish for a review: `detail` says why not."""

    verdict: str
    detail: str | None
    fence: int | None
    deadline_at: datetime | None


class ReviewVerbs(Statements):
    """Reviews: what people are shown, who takes which, how one is handed on."""

    async def list_reviews(
        self,
        who: Principal,
        *,
        whose: str,
        workflow: str | None = None,
        stage: str | None = None,
        case_id: UUID | None = None,
        limit: int = 50,
    ) -> ReviewQueue:
        """`board.list_reviews`: those due first before the others."""
        query = "SELECT board.list_reviews($1, $2, $3, $4, $5, $6, $7)"
        told = await self._value(query, who.tenant_id, who.agent_id, whose, workflow, stage, case_id, limit)
        return ReviewQueue.model_validate(told)

    async def show_review(self, who: Principal, task_id: UUID) -> Screen | None:
        """`board.show_review`."""
        rows = await self._rows("SELECT * FROM board.show_review($1, $2, $3)", who.tenant_id, who.agent_id, task_id)
        return Screen(Review.model_validate(rows[0]["review"]), rows[0]["screen"], rows[0]["print"]) if rows else None

    async def keep_shown(self, who: Principal, task_id: UUID, print_: bytes, shown: bytes) -> bool:
        """`board.keep_shown`: False when something else would be shown by now."""
        query = "SELECT board.keep_shown($1, $2, $3, $4, $5)"
        return bool(await self._value(query, who.tenant_id, who.agent_id, task_id, print_, shown))

    async def claim_review(self, who: Principal, task_id: UUID) -> Taken:
        """`board.claim_review`: claimed, or why not."""
        rows = await self._rows("SELECT * FROM board.claim_review($1, $2, $3)", who.tenant_id, who.agent_id, task_id)
        return Taken(**dict(rows[0]))

    async def forward_review(self, who: Principal, task_id: UUID, to: Forwarding) -> str:
        """`board.forward_review`: forwarded, or why not."""
        query = "SELECT board.forward_review($1, $2, $3, $4, $5, $6)"
        return str(await self._value(query, who.tenant_id, who.agent_id, task_id, to.fence, to.to, to.reason))

    async def escalate_review(self, who: Principal, task_id: UUID, why: Raising) -> str:
        """`board.escalate_review`: escalated, or why not."""
        query = "SELECT board.escalate_review($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, task_id, why.fence, why.reason))

    async def ask_review(self, who: Principal, task_id: UUID, ask: Question) -> str:
        """`board.ask_review`: asked, or why not."""
        query = "SELECT board.ask_review($1, $2, $3, $4, $5, $6, $7)"
        what = (task_id, ask.fence, ask.fact, ask.question, ask.to)
        return str(await self._value(query, who.tenant_id, who.agent_id, *what))

    async def read_warnings(self, who: Principal, task_id: UUID) -> list[str]:
        """`board.read_warnings`: how this person's decision of a review was warned about."""
        return list(await self._value("SELECT board.read_warnings($1, $2, $3)", who.tenant_id, who.agent_id, task_id))
