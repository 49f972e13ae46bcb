"""The rules by which agents judge, by version."""

from __future__ import annotations

from blackboard.database import Statements
from blackboard.reports import PolicyText, PolicyVersion
from blackboard.values import Json, Principal


class PolicyVerbs(Statements):
    """The rules by which agents judge, by version."""

    async def save_policy(self, who: Principal, name: str, body: Json, digest: bytes, reason: str) -> int:
        """`board.save_policy`: the version that has this body."""
        query = "SELECT board.save_policy($1, $2, $3, $4, $5, $6)"
        return int(await self._value(query, who.tenant_id, who.agent_id, name, body, digest, reason))

    async def activate_policy(self, who: Principal, name: str, version: int, reason: str) -> str:
        """`board.activate_policy`: activated, unchanged, retired, same_owner or unknown."""
        query = "SELECT board.activate_policy($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, name, version, reason))

    async def retire_policy(self, who: Principal, name: str, version: int, reason: str) -> str:
        """`board.retire_policy`: retired, unchanged or unknown."""
        query = "SELECT board.retire_policy($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, name, version, reason))

    async def read_policy(self, who: Principal, name: str, version: int | None = None) -> PolicyText | None:
        """`board.read_policy`: a version, or the active one; None when there is none."""
        row = await self._value("SELECT board.read_policy($1, $2, $3)", who.tenant_id, name, version)
        return None if row is None else PolicyText.model_validate(row)

    async def list_policies(self, who: Principal, name: str | None, limit: int) -> list[PolicyVersion]:
        """`board.list_policies`: newest versions first, without their bodies."""
        rows = await self._value("SELECT board.list_policies($1, $2, $3)", who.tenant_id, name, limit)
        return [PolicyVersion.model_validate(row) for row in rows]
