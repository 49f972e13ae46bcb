"""What operators do and see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from blackboard.database import Statements
from blackboard.reports import AgentEntry, DueSchedule, Hold, Incident, Load, Quota, Schedule
from blackboard.requests import (
    NewQuota,
    NewSchedule,
)
from blackboard.values import Json, Principal


class ControlVerbs(Statements):
    """What operators do and see."""

    async def suspend_cases(self, who: Principal, cases: Sequence[UUID], reason: str) -> list[str]:
        """`board.suspend_cases`: a verdict per case."""
        query = "SELECT board.suspend_cases($1, $2, $3, $4)"
        return list(await self._value(query, who.tenant_id, who.agent_id, list(cases), reason))

    async def resume_cases(self, who: Principal, cases: Sequence[UUID], reason: str) -> list[str]:
        """`board.resume_cases`: a verdict per case."""
        query = "SELECT board.resume_cases($1, $2, $3, $4)"
        return list(await self._value(query, who.tenant_id, who.agent_id, list(cases), reason))

    async def redrive_tasks(self, who: Principal, tasks: Sequence[UUID], reason: str) -> list[str]:
        """`board.redrive_tasks`: a verdict per task."""
        query = "SELECT board.redrive_tasks($1, $2, $3, $4)"
        return list(await self._value(query, who.tenant_id, who.agent_id, list(tasks), reason))

    async def resolve_task(self, who: Principal, task_id: UUID, outcome: str, reason: str) -> str:
        """`board.resolve_task`: resolved, no_incident or unknown_outcome."""
        query = "SELECT board.resolve_task($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, task_id, outcome, reason))

    async def place_hold(self, who: Principal, kind: str, name: str, reason: str) -> bool:
        """`board.place_hold`: False when it was there."""
        query = "SELECT board.place_hold($1, $2, $3, $4, $5)"
        return bool(await self._value(query, who.tenant_id, who.agent_id, kind, name, reason))

    async def lift_hold(self, who: Principal, kind: str, name: str, reason: str) -> bool:
        """`board.lift_hold`: False when there was none."""
        query = "SELECT board.lift_hold($1, $2, $3, $4, $5)"
        return bool(await self._value(query, who.tenant_id, who.agent_id, kind, name, reason))

    async def set_agent_state(self, who: Principal, name: str, state: str, reason: str) -> str:
        """`board.set_agent_state`: changed, unchanged or unknown."""
        query = "SELECT board.set_agent_state($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, name, state, reason))

    async def put_quota(self, who: Principal, quota: NewQuota) -> None:
        """`board.put_quota`."""
        await self._value("SELECT board.put_quota($1, $2, $3)", who.tenant_id, who.agent_id, quota.model_dump(mode="json"))

    async def drop_quota(self, who: Principal, name: str) -> bool:
        """`board.drop_quota`: False when there was none."""
        return bool(await self._value("SELECT board.drop_quota($1, $2, $3)", who.tenant_id, who.agent_id, name))

    async def put_schedule(self, who: Principal, name: str, schedule: NewSchedule, item: Json, next_at: datetime) -> None:
        """`board.put_schedule`; `item` is the case as `open_cases` takes it."""
        query = "SELECT board.put_schedule($1, $2, $3, $4, $5, $6, $7)"
        await self._value(query, who.tenant_id, who.agent_id, name, schedule.cron, schedule.zone, item, next_at)

    async def drop_schedule(self, who: Principal, name: str) -> bool:
        """`board.drop_schedule`: False when there was none."""
        return bool(await self._value("SELECT board.drop_schedule($1, $2, $3)", who.tenant_id, who.agent_id, name))

    async def run_schedule(self, due: DueSchedule, next_at: datetime) -> bool:
        """`board.run_schedule`: False when somebody else had."""
        query = "SELECT board.run_schedule($1, $2, $3, $4)"
        return bool(await self._value(query, due.tenant_id, due.name, due.next_at, next_at))

    async def due_schedules(self, limit: int) -> list[DueSchedule]:
        """`board.due_schedules`, of all tenants."""
        rows = await self._rows("SELECT * FROM board.due_schedules($1)", limit)
        return [DueSchedule.model_validate(dict(row)) for row in rows]

    async def list_holds(self, who: Principal) -> list[Hold]:
        """`board.list_holds`."""
        return [Hold.model_validate(row) for row in await self._value("SELECT board.list_holds($1)", who.tenant_id)]

    async def list_incidents(self, who: Principal, limit: int) -> list[Incident]:
        """`board.list_incidents`, oldest first."""
        rows = await self._value("SELECT board.list_incidents($1, $2)", who.tenant_id, limit)
        return [Incident.model_validate(row) for row in rows]

    async def list_quotas(self, who: Principal) -> list[Quota]:
        """`board.list_quotas`."""
        return [Quota.model_validate(row) for row in await self._value("SELECT board.list_quotas($1)", who.tenant_id)]

    async def list_schedules(self, who: Principal) -> list[Schedule]:
        """`board.list_schedules`."""
        return [Schedule.model_validate(row) for row in await self._value("SELECT board.list_schedules($1)", who.tenant_id)]

    async def show_load(self, who: Principal) -> list[Load]:
        """`board.show_load`."""
        return [Load.model_validate(row) for row in await self._value("SELECT board.show_load($1)", who.tenant_id)]

    async def explain_task(self, who: Principal, task_id: UUID, alive_s: int) -> Json | None:
        """`board.explain_task`: what decides who gets it, without the sentence."""
        row: Json | None = await self._value("SELECT board.explain_task($1, $2, $3)", who.tenant_id, task_id, alive_s)
        return row

    async def list_agents(self, who: Principal, alive_s: int) -> list[AgentEntry]:
        """`board.list_agents`: the directory, with sessions heard of within `alive_s` seconds."""
        rows = await self._value("SELECT board.list_agents($1, $2)", who.tenant_id, alive_s)
        return [AgentEntry.model_validate(row) for row in rows]
