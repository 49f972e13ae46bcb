"""What the board does by itself, and who may come in: journal, upkeep, sessions, keys, tenants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from blackboard.answers import (
    Event,
    Head,
)
from blackboard.business_calendar import Calendar
from blackboard.database import Statements
from blackboard.measures import Measures
from blackboard.values import Json, Principal


class StoredAnswer(NamedTuple):
    """What became of an idempotency key: fresh, replayed (with the answer), mismatch or running."""

    verdict: str
    status: int | None
    answer: Any


# For how long the working days of calendars are known ahead at least: longer than any review may take.
CALENDAR_DAYS = 400


class SystemVerbs(Statements):
    """What the board does by itself, and who may come in: journal, upkeep, sessions, keys, tenants."""

    async def recall_answers(self, tenant_id: int, requests: Sequence[Json]) -> list[StoredAnswer]:
        """`board.recall_answers`: what became of each key; the fresh ones are ours until the transaction ends."""
        rows = await self._rows("SELECT * FROM board.recall_answers($1, $2)", tenant_id, list(requests))
        return [StoredAnswer(row["verdict"], row["status"], row["answer"]) for row in rows]

    async def keep_answers(self, tenant_id: int, answers: Sequence[Json]) -> None:
        """`board.keep_answers`."""
        await self._value("SELECT board.keep_answers($1, $2)", tenant_id, list(answers))

    async def forget_answer(self, who: Principal, route: str, key: str) -> None:
        """`board.forget_answer`."""
        await self._value("SELECT board.forget_answer($1, $2, $3, $4)", who.tenant_id, who.agent_id, route, key)

    async def start_session(self, who: Principal, session_id: UUID, about: Json) -> None:
        """`board.start_session`."""
        await self._value("SELECT board.start_session($1, $2, $3, $4)", who.tenant_id, who.agent_id, session_id, about)

    async def heartbeat_sessions(self, who: Principal, sessions: Sequence[UUID]) -> set[UUID]:
        """`board.heartbeat_sessions`: those that are known and not ended."""
        query = "SELECT * FROM board.heartbeat_sessions($1, $2, $3) AS session_id"
        return {row["session_id"] for row in await self._rows(query, who.tenant_id, who.agent_id, list(sessions))}

    async def end_session(self, who: Principal, session_id: UUID) -> bool:
        """`board.end_session`: False when it was over or never known."""
        return bool(await self._value("SELECT board.end_session($1, $2, $3)", who.tenant_id, who.agent_id, session_id))

    async def sequence_events(self) -> int:
        """`board.sequence_events`: how many events got a position."""
        return int(await self._value("SELECT board.sequence_events()"))

    async def keep_epoch(self) -> int:
        """`board.keep_epoch`: the journal's epoch, a new one on another server or timeline."""
        return int(await self._value("SELECT board.keep_epoch()"))

    async def read_head(self) -> Head:
        """`board.read_head`."""
        return Head.model_validate(dict((await self._rows("SELECT * FROM board.read_head()"))[0]))

    async def read_journal(
        self, after: int, limit: int, *, tenant_id: int | None = None, since: date = date.min, epoch: int | None = None
    ) -> list[Event]:
        """`board.read_journal`: events after a position; of all tenants when none is given. `Rewound` in another epoch."""
        rows = await self._rows(
            "SELECT position, tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body::text, at,"
            " recorded_on FROM board.read_journal($1, $2, $3, $4, $5)",
            *(tenant_id, after, limit, since, epoch),
        )
        return [Event._make(row) for row in rows]

    async def read_cases_journal(
        self, tenant_id: int, cases: Collection[UUID], after: int, upto: int, limit: int, *, epoch: int
    ) -> list[Event]:
        """`board.read_cases_journal`: events of these cases after a position and up to another. `Rewound` in another epoch."""
        rows = await self._rows(
            "SELECT position, tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body::text, at,"
            " recorded_on FROM board.read_cases_journal($1, $2, $3, $4, $5, $6)",
            *(tenant_id, list(cases), after, upto, limit, epoch),
        )
        return [Event._make(row) for row in rows]

    async def find_opening(self, tenant_id: int, cases: Collection[UUID]) -> int:
        """`board.find_opening`: a position up to which nothing is told of these cases."""
        return int(await self._value("SELECT board.find_opening($1, $2)", tenant_id, list(cases)))

    async def end_silent_sessions(self, silent_s: int, limit: int) -> int:
        """`board.end_silent_sessions`: how many were not heard of for so long."""
        return int(await self._value("SELECT board.end_silent_sessions($1, $2)", silent_s, limit))

    async def expire_leases(self, limit: int) -> int:
        """`board.expire_leases`: how many claims were taken back."""
        return int(await self._value("SELECT board.expire_leases($1)", limit))

    async def promote_scheduled(self, limit: int) -> int:
        """`board.promote_scheduled`: how many tasks came due."""
        return int(await self._value("SELECT board.promote_scheduled($1)", limit))

    async def fire_timers(self, limit: int) -> int:
        """`board.fire_timers`: how many were due."""
        return int(await self._value("SELECT board.fire_timers($1)", limit))

    async def time_out_reviews(self, limit: int) -> int:
        """`board.time_out_reviews`: how many nobody decided in time."""
        return int(await self._value("SELECT board.time_out_reviews($1)", limit))

    async def write_calendars(self, days_ahead: int) -> int:
        """`board.short_calendars`, and the days that lack: how many calendars were written on."""
        short = await self._rows("SELECT * FROM board.short_calendars($1)", days_ahead)
        for row in short:
            days = Calendar.of(row["calendar"]).openings(row["since"].date(), 2 * days_ahead)
            opens, closes = zip(*days, strict=True)
            query = "SELECT board.add_working_days($1, $2, $3, $4)"
            await self._value(query, row["tenant_id"], row["calendar"], list(opens), list(closes))
        return len(short)

    async def wake_waiting(self, limit: int) -> int:
        """`board.wake_waiting`: how many things that happened reached those who waited."""
        return int(await self._value("SELECT board.wake_waiting($1)", limit))

    async def enforce_holds(self) -> None:
        """`board.enforce_holds`: no claim outlives a hold by more than this."""
        await self._value("SELECT board.enforce_holds()")

    async def age_ready(self, limit: int) -> int:
        """`board.age_ready`: how many tasks became more urgent."""
        return int(await self._value("SELECT board.age_ready($1)", limit))

    async def forget_old_answers(self, keep_days: int, limit: int) -> int:
        """`board.forget_old_answers`: how many idempotency keys were given up."""
        return int(await self._value("SELECT board.forget_old_answers($1, $2)", keep_days, limit))

    async def forget_idle_buckets(self, limit: int) -> int:
        """`board.forget_idle_buckets`: how many were full again, or of quotas that are gone."""
        return int(await self._value("SELECT board.forget_idle_buckets($1)", limit))

    async def forget_idle_callers(self, limit: int) -> int:
        """`board.forget_idle_callers`: how many had asked nothing for a day."""
        return int(await self._value("SELECT board.forget_idle_callers($1)", limit))

    async def forget_old_outflow(self, limit: int) -> int:
        """`board.forget_old_outflow`: how many actions no bound looks back to any more."""
        return int(await self._value("SELECT board.forget_old_outflow($1)", limit))

    async def forget_old_sessions(self, keep_days: int, limit: int) -> int:
        """`board.forget_old_sessions`: how many were given up."""
        return int(await self._value("SELECT board.forget_old_sessions($1, $2)", keep_days, limit))

    async def set_test_clock(self, moment: datetime) -> None:
        """Where `migrate.replace_clock` was applied: it is now this moment."""
        query = "INSERT INTO board.test_clock (moment) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET moment = $1"
        await self._rows(query, moment)

    async def keep_partitions(self) -> list[str]:
        """`board.keep_partitions`: what was made or dropped."""
        return list(await self._value("SELECT board.keep_partitions()"))

    async def trim_journal(self, keep_days: int, limit: int) -> list[str]:
        """`board.trim_journal`: the days that were dropped."""
        return list(await self._value("SELECT board.trim_journal($1, $2)", keep_days, limit))

    async def measure_board(self) -> Measures:
        """`board.measure_board`."""
        return Measures.model_validate(await self._value("SELECT board.measure_board()"))

    async def add_tenant(self, name: str) -> int:
        """`board.add_tenant`; for operators."""
        return int(await self._value("SELECT board.add_tenant($1)", name))

    async def add_agent(
        self, tenant_id: int, name: str, *, owner: str, kind: str, role: str, capabilities: Sequence[str]
    ) -> int:
        """`board.add_agent`; for operators."""
        query = "SELECT board.add_agent($1, $2, $3, $4, $5, $6)"
        return int(await self._value(query, tenant_id, name, owner, kind, role, list(capabilities)))

    async def add_key(self, tenant_id: int, agent_id: int, key_id: str, secret_hash: bytes) -> None:
        """`board.add_key`; for operators."""
        await self._value("SELECT board.add_key($1, $2, $3, $4)", tenant_id, agent_id, key_id, secret_hash)

    async def load_workflow(
        self,
        tenant_id: int,
        name: str,
        first_stage: str,
        definition: Json,
        digest: bytes,
        stages: Sequence[Json],
        routes: Sequence[Json],
    ) -> int:
        """`board.load_workflow`: its version; for operators."""
        query = "SELECT board.load_workflow($1, $2, $3, $4, $5, $6, $7)"
        version = await self._value(query, tenant_id, name, first_stage, definition, digest, list(stages), list(routes))
        if any((task.get("review") or {}).get("calendar") for stage in stages for task in stage["tasks"]):
            await self.write_calendars(CALENDAR_DAYS)
        return int(version)
