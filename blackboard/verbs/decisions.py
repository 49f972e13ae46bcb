"""Opinions, and the decisions that come of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from blackboard.database import Statements
from blackboard.reports import DueQuestion
from blackboard.requests import FencedOpinion
from blackboard.values import Json, Principal


class DecisionVerbs(Statements):
    """Opinions, and the decisions that come of them."""

    async def give_opinion(self, who: Principal, task_id: UUID, opinion: FencedOpinion) -> str:
        """`board.give_opinion`: given, or why not."""
        query = "SELECT board.give_opinion($1, $2, $3, $4, $5)"
        said = opinion.canonical().decode()
        return str(await self._value(query, who.tenant_id, who.agent_id, task_id, opinion.fence, said))

    async def due_questions(self, limit: int) -> list[DueQuestion]:
        """`board.due_questions`: what is to be tallied now, of all tenants."""
        rows = await self._rows("SELECT * FROM board.due_questions($1)", limit)
        return [DueQuestion.model_validate(dict(row)) for row in rows]

    async def record_decision(self, due: DueQuestion, opinions: Sequence[UUID], decision: Json) -> str:
        """`board.record_decision`: recorded, or why not."""
        query = "SELECT board.record_decision($1, $2, $3, $4, $5, $6)"
        told = (due.tenant_id, due.case_id, due.visit, due.version, list(opinions), decision)
        return str(await self._value(query, *told))
