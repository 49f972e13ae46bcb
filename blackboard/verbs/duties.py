"""Who may do what on a case: who acts for whom, and leave to break a rule."""

from __future__ import annotations

from uuid import UUID

from blackboard.database import Statements
from blackboard.reports import Delegation, Leave
from blackboard.requests import NewDelegation, NewLeave
from blackboard.values import Principal


class DutyVerbs(Statements):
    """Who may do what on a case: who acts for whom, and leave to break a rule."""

    async def delegate(self, who: Principal, new: NewDelegation) -> tuple[str, Delegation | None]:
        """`board.delegate`: delegated, with the delegation, or why not."""
        query = "SELECT * FROM board.delegate($1, $2, $3, $4, $5, $6, $7)"
        asked = (new.from_, new.to, new.capability, new.until, new.reason)
        [(verdict, made)] = await self._rows(query, who.tenant_id, who.agent_id, *asked)
        return verdict, None if made is None else Delegation.model_validate(made)

    async def end_delegation(self, who: Principal, delegation_id: UUID, reason: str) -> str:
        """`board.end_delegation`: ended, or why not."""
        query = "SELECT board.end_delegation($1, $2, $3, $4)"
        return str(await self._value(query, who.tenant_id, who.agent_id, delegation_id, reason))

    async def list_delegations(self, who: Principal) -> list[Delegation]:
        """`board.list_delegations`."""
        found = await self._value("SELECT board.list_delegations($1)", who.tenant_id)
        return [Delegation.model_validate(each) for each in found]

    async def ask_leave(self, who: Principal, case_id: UUID, new: NewLeave) -> tuple[str, Leave | None]:
        """`board.ask_leave`: asked, with the leave, or why not."""
        asked = (case_id, new.agent, new.duty, new.reason, new.minutes)
        return await self._leave("ask_leave", who, *asked)

    async def approve_leave(self, who: Principal, case_id: UUID, leave_id: UUID, reason: str) -> tuple[str, Leave | None]:
        """`board.approve_leave`: approved, or why not."""
        return await self._leave("approve_leave", who, case_id, leave_id, reason)

    async def revoke_leave(self, who: Principal, case_id: UUID, leave_id: UUID, reason: str) -> tuple[str, Leave | None]:
        """`board.revoke_leave`: revoked, or why not."""
        return await self._leave("revoke_leave", who, case_id, leave_id, reason)

    async def list_leaves(self, who: Principal, case_id: UUID | None, limit: int) -> list[Leave]:
        """`board.list_leaves`: of one case, or of all."""
        found = await self._value("SELECT board.list_leaves($1, $2, $3)", who.tenant_id, case_id, limit)
        return [Leave.model_validate(each) for each in found]

    async def _leave(self, function: str, who: Principal, *args: object) -> tuple[str, Leave | None]:
        slots = ", ".join(f"${n}" for n in range(1, 3 + len(args)))
        [(verdict, told)] = await self._rows(f"SELECT * FROM board.{function}({slots})", who.tenant_id, who.agent_id, *args)
        return verdict, None if told is None else Leave.model_validate(told)
