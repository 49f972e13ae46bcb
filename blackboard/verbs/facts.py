"""What is known of a case, and the conditions over it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from blackboard.answers import FactVerdict
from blackboard.database import Statements
from blackboard.reports import Condition
from blackboard.requests import Mark, NewFact
from blackboard.values import Json, Principal


class FactVerbs(Statements):
    """The functions of `schema/functions_fact.sql`, `functions_fact_history.sql` and `functions_condition.sql`."""

    async def put_facts(
        self, who: Principal, case_id: UUID, facts: Sequence[NewFact], *, task_id: UUID | None = None, fence: int | None = None
    ) -> list[FactVerdict]:
        """`board.put_facts`: kept or stale per fact, or the reason against the holder for all."""
        rows = await self._rows(
            "SELECT * FROM board.put_facts($1, $2, $3, $4, $5, $6)",
            *(who.tenant_id, who.agent_id, case_id, task_id, fence, [fact.model_dump(mode="json") for fact in facts]),
        )
        return [FactVerdict(key=fact.key, **row) for fact, row in zip(facts, rows, strict=True)]

    async def mark_fact(self, who: Principal, case_id: UUID, key: str, version: int, mark: Mark, reason: str) -> str:
        """`board.mark_fact`: the mark, or why not."""
        query = "SELECT board.mark_fact($1, $2, $3, $4, $5, $6, $7)"
        return str(await self._value(query, who.tenant_id, who.agent_id, case_id, key, version, mark, reason))

    async def read_fact_rules(self, who: Principal, case_id: UUID) -> Json | None:
        """`board.read_fact_rules`: what the case's workflow declares; None where it declares nothing."""
        told: Json | None = await self._value("SELECT board.read_fact_rules($1, $2)", who.tenant_id, case_id)
        return told

    async def show_facts(
        self, who: Principal, case_id: UUID, *, position: int | None = None, history: bool = False
    ) -> Json | None:
        """`board.show_facts`: all versions as they are, or were at a position; None when there is no such case."""
        query = "SELECT board.show_facts($1, $2, $3, $4)"
        told: Json | None = await self._value(query, who.tenant_id, case_id, position, history)
        return told

    async def read_conditions(self, cases: Sequence[UUID] | None, after: UUID, limit: int) -> list[Condition]:
        """`board.read_conditions`: tasks that wait for facts, of these cases or of all, in the order of their ids."""
        rows = await self._rows(
            "SELECT * FROM board.read_conditions($1, $2, $3)", None if cases is None else list(cases), after, limit
        )
        return [Condition.model_validate(dict(row)) for row in rows]

    async def meet_conditions(self, tenant_id: int, met: Sequence[Condition]) -> int:
        """`board.meet_conditions`: how many tasks were queued."""
        return int(await self._value("SELECT board.meet_conditions($1, $2, $3, $4)", tenant_id, *_judged(met)))

    async def withdraw_unwanted(self, tenant_id: int, unwanted: Sequence[Condition]) -> int:
        """`board.withdraw_unwanted`: how many tasks were withdrawn, or made incidents."""
        return int(await self._value("SELECT board.withdraw_unwanted($1, $2, $3, $4)", tenant_id, *_judged(unwanted)))


def _judged(conditions: Sequence[Condition]) -> tuple[list[UUID], list[UUID], list[int]]:
    """Tasks, cases and the versions that were looked at, as arrays."""
    return [c.task_id for c in conditions], [c.case_id for c in conditions], [c.version for c in conditions]
