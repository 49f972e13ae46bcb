"""Cases and their signals: opening, ending, reading."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from blackboard.answers import Case, CasePage, CaseSummary
from blackboard.database import Statements
from blackboard.reports import Workflow
from blackboard.values import Json, Principal


class CaseVerbs(Statements):
    """Cases and their signals: opening, ending, reading."""

    async def open_cases(self, who: Principal, items: Sequence[Json]) -> list[tuple[str, UUID | None]]:
        """`board.open_cases`: (verdict, case id) per item."""
        rows = await self._rows("SELECT * FROM board.open_cases($1, $2, $3)", who.tenant_id, who.agent_id, list(items))
        return [(row["verdict"], row["case_id"]) for row in rows]

    async def cancel_cases(self, who: Principal, cases: Sequence[UUID], reason: str) -> list[str]:
        """`board.cancel_cases`: a verdict per case."""
        query = "SELECT board.cancel_cases($1, $2, $3, $4)"
        return list(await self._value(query, who.tenant_id, who.agent_id, list(cases), reason))

    async def send_signal(self, who: Principal, case_id: UUID, name: str, body: Json) -> str:
        """`board.send_signal`: sent, repeated, closed or unknown."""
        query = "SELECT board.send_signal($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, case_id, name, body))

    async def keep_memory(self, who: Principal, subject: str, values: Json) -> None:
        """`board.keep_memory`: for this agent's later tasks about the same customer."""
        await self._value("SELECT board.keep_memory($1, $2, $3, $4)", who.tenant_id, who.agent_id, subject, values)

    async def show_case(self, who: Principal, case_id: UUID) -> Case | None:
        """`board.show_case`."""
        row = await self._value("SELECT board.show_case($1, $2)", who.tenant_id, case_id)
        return None if row is None else Case.model_validate(row)

    async def find_number(self, who: Principal, number: int) -> UUID | None:
        """`board.find_number`: the id of the case that has this number."""
        found: UUID | None = await self._value("SELECT board.find_number($1, $2)", who.tenant_id, number)
        return found

    async def find_case(self, who: Principal, workflow: str, business_key: str) -> UUID | None:
        """`board.find_case`: the case with this business key."""
        found: UUID | None = await self._value("SELECT board.find_case($1, $2, $3)", who.tenant_id, workflow, business_key)
        return found

    async def list_cases(
        self,
        who: Principal,
        *,
        workflow: str | None = None,
        state: str | None = None,
        stage: str | None = None,
        subject: str | None = None,
        number: int | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> CasePage:
        """`board.list_cases`: a page, newest first."""
        row = await self._value(
            "SELECT board.list_cases($1, $2, $3, $4, $5, $6, $7, $8)",
            *(who.tenant_id, workflow, state, stage, subject, number, before, limit),
        )
        cases = [CaseSummary.model_validate(case) for case in row["cases"]]
        following = str(cases[-1].id) if len(cases) == limit else None
        return CasePage(cases=cases, next=following, epoch=row["epoch"], position=row["position"])

    async def list_workflows(self, tenant_id: int, name: str | None = None) -> list[Workflow]:
        """`board.list_workflows`: the newest version of each, or of one."""
        rows = await self._value("SELECT board.list_workflows($1, $2)", tenant_id, name)
        return [Workflow.model_validate(row) for row in rows]
