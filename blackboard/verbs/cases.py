"""Cases, their facts and signals: opening, ending, reading."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from blackboard.answers import (
    Case,
    CasePage,
    CaseSummary,
    FactVerdict,
)
from blackboard.database import Statements
from blackboard.reports import Condition, Workflow
from blackboard.requests import (
    NewFact,
)
from blackboard.values import Json, Principal


class CaseVerbs(Statements):
    """Cases, their facts and signals: opening, ending, reading."""

    async def open_cases(self, who: Principal, items: Sequence[Json]) -> list[tuple[str, UUID | None]]:
        """`board.open_cases`: (verdict, case id) per item."""
        rows = await self._rows("SELECT * FROM board.open_cases($1, $2, $3)", who.tenant_id, who.agent_id, list(items))
        return [(row["verdict"], row["case_id"]) for row in rows]

    async def cancel_cases(self, who: Principal, cases: Sequence[UUID], reason: str) -> list[str]:
        """`board.cancel_cases`: a verdict per case."""
        query = "SELECT board.cancel_cases($1, $2, $3, $4)"
        return list(await self._value(query, who.tenant_id, who.agent_id, list(cases), reason))

    async def put_facts(
        self, who: Principal, case_id: UUID, facts: Sequence[NewFact], *, task_id: UUID | None = None, fence: int | None = None
    ) -> list[FactVerdict]:
        """`board.put_facts`: kept or stale per fact, or the reason against the holder for all."""
        rows = await self._rows(
            "SELECT * FROM board.put_facts($1, $2, $3, $4, $5, $6)",
            *(who.tenant_id, who.agent_id, case_id, task_id, fence, [fact.model_dump(mode="json") for fact in facts]),
        )
        return [FactVerdict(key=fact.key, **row) for fact, row in zip(facts, rows, strict=True)]

    async def send_signal(self, who: Principal, case_id: UUID, name: str, body: Json) -> str:
        """`board.send_signal`: sent, repeated, closed or unknown."""
        query = "SELECT board.send_signal($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, case_id, name, body))

    async def keep_memory(self, who: Principal, subject: str, values: Json) -> None:
        """`board.keep_memory`: for this agent's later tasks about the same customer."""
        await self._value("SELECT board.keep_memory($1, $2, $3, $4)", who.tenant_id, who.agent_id, subject, values)

    async def read_conditions(self, cases: Sequence[UUID] | None, after: UUID, limit: int) -> list[Condition]:
        """`board.read_conditions`: tasks that wait for facts, of these cases or of all, in the order of their ids."""
        rows = await self._rows(
            "SELECT * FROM board.read_conditions($1, $2, $3)", None if cases is None else list(cases), after, limit
        )
        return [Condition.model_validate(dict(row)) for row in rows]

    async def meet_conditions(self, tenant_id: int, met: Sequence[Condition]) -> int:
        """`board.meet_conditions`: how many tasks were queued."""
        query = "SELECT board.meet_conditions($1, $2, $3, $4)"
        columns = ([m.task_id for m in met], [m.case_id for m in met], [m.version for m in met])
        return int(await self._value(query, tenant_id, *columns))

    async def show_case(self, who: Principal, case_id: UUID) -> Case | None:
        """`board.show_case`."""
        row = await self._value("SELECT board.show_case($1, $2)", who.tenant_id, case_id)
        return None if row is None else Case.model_validate(row)

    async def list_cases(
        self,
        who: Principal,
        *,
        workflow: str | None = None,
        state: str | None = None,
        stage: str | None = None,
        subject: str | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> CasePage:
        """`board.list_cases`: a page, newest first."""
        row = await self._value(
            "SELECT board.list_cases($1, $2, $3, $4, $5, $6, $7)",
            *(who.tenant_id, workflow, state, stage, subject, before, limit),
        )
        cases = [CaseSummary.model_validate(case) for case in row["cases"]]
        following = str(cases[-1].id) if len(cases) == limit else None
        return CasePage(cases=cases, next=following, epoch=row["epoch"], position=row["position"])

    async def list_workflows(self, tenant_id: int, name: str | None = None) -> list[Workflow]:
        """`board.list_workflows`: the newest version of each, or of one."""
        rows = await self._value("SELECT board.list_workflows($1, $2)", tenant_id, name)
        return [Workflow.model_validate(row) for row in rows]
