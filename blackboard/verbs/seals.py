"""Seals over the journal, and what auditors read."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from blackboard.database import Statements
from blackboard.seals import Seal, Sealable

if TYPE_CHECKING:
    from blackboard.answers import Event
    from blackboard.values import Json


class Sealed(NamedTuple):
    """How far the journal is sealed, and how far it goes."""

    position: int
    recorded_on: date
    sealed_at: datetime
    head: int


class Told(NamedTuple):
    """What the journal tells of a case, in short."""

    position: int
    type: str
    case_id: UUID
    body: str


def sealable(event: Event) -> Sealable:
    """An event as it is sealed."""
    return Sealable(
        event.position,
        event.tenant_id,
        event.type,
        str(event.case_id) if event.case_id else None,
        str(event.task_id) if event.task_id else None,
        event.workflow,
        event.stage,
        event.capability,
        event.actor,
        event.at.astimezone(UTC).isoformat(),
        event.told,
    )


class SealVerbs(Statements):
    """The functions of `schema/functions_seal.sql` and `schema/functions_audit.sql`."""

    async def read_sealed(self) -> Sealed:
        """`board.read_sealed`."""
        [row] = await self._rows("SELECT * FROM board.read_sealed()")
        return Sealed(*row)

    async def last_seals(self, tenants: Collection[int]) -> dict[int, Seal]:
        """`board.last_seals`, by tenant."""
        rows = await self._rows("SELECT * FROM board.last_seals($1)", list(tenants))
        return {row["tenant_id"]: _seal(dict(row)) for row in rows}

    async def keep_salts(self, cases: Sequence[tuple[int, UUID]]) -> dict[str, bytes]:
        """`board.keep_salts`: of each case the salt that it has, or a new one."""
        tenants, ids = [tenant for tenant, _ in cases], [case for _, case in cases]
        fresh = [secrets.token_bytes(32) for _ in cases]
        rows = await self._rows("SELECT * FROM board.keep_salts($1, $2, $3)", tenants, ids, fresh)
        return {str(row["case_id"]): row["salt"] for row in rows}

    async def keep_seals(self, after: int, upto: int, day: date, seals: Sequence[Seal]) -> bool:
        """`board.keep_seals`: False when somebody else was first."""
        rows = [asdict(seal) for seal in seals]
        return bool(await self._value("SELECT board.keep_seals($1, $2, $3, $4)", after, upto, day, rows))

    async def show_chain(self, tenant_id: int, limit: int) -> Json:
        """`board.show_chain`."""
        return dict(await self._value("SELECT board.show_chain($1, $2)", tenant_id, limit))

    async def list_seals(self, tenant_id: int, after: int | None, limit: int) -> list[Seal]:
        """`board.list_seals`: from the one that holds what comes after a position, else the newest."""
        found = await self._value("SELECT board.list_seals($1, $2, $3)", tenant_id, after, limit)
        return [Seal(**row) for row in found]

    async def read_salts(self, tenant_id: int, cases: Collection[UUID]) -> dict[str, bytes]:
        """`board.read_salts`, by case."""
        rows = await self._rows("SELECT * FROM board.read_salts($1, $2)", tenant_id, list(cases))
        return {str(row["case_id"]): row["salt"] for row in rows}

    async def events_of_cases(self, tenant_id: int, cases: Sequence[UUID], after: int, upto: int) -> list[Told]:
        """`board.events_of_cases`."""
        rows = await self._rows("SELECT * FROM board.events_of_cases($1, $2, $3, $4)", tenant_id, list(cases), after, upto)
        return [Told(*row) for row in rows]


def _seal(row: Json) -> Seal:
    row.pop("sealed_at")
    for name in ("root", "previous", "head", "signature"):
        row[name] = row[name].hex() if row[name] is not None else None
    return Seal(**row)
