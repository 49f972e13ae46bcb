"""Who may come in: agents, and the keys that they are known by."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from blackboard.credentials import AgentChange, KeyEntry, NewAgent, NewKey
from blackboard.database import Statements
from blackboard.values import Principal


class FoundKey(NamedTuple):
    """The row behind an API key's id."""

    secret_hash: bytes
    usable: bool
    principal: Principal
    certificate: bytes | None


class Minted(NamedTuple):
    """What the board keeps of a fresh key."""

    key_id: str
    secret_hash: bytes


class KeyVerbs(Statements):
    """Who may come in: agents, and the keys that they are known by."""

    async def find_key(self, key_id: str) -> FoundKey | None:
        """`board.look_up_key`."""
        rows = await self._rows("SELECT * FROM board.look_up_key($1)", key_id)
        if not rows:
            return None
        row = dict(rows[0])
        certificate = row.pop("certificate")
        return FoundKey(row.pop("secret_hash"), row.pop("usable"), Principal.model_validate(row), certificate)

    async def find_subject(self, issuer: str, subject: str, tenant: str | None) -> list[str]:
        """`board.look_up_subject`: the keys that the subject's token opens, two at most."""
        return list(await self._value("SELECT board.look_up_subject($1, $2, $3)", issuer, subject, tenant))

    async def enter_scope(self, who: Principal) -> None:
        """`board.enter_scope`: what follows in this transaction stays within what the key may."""
        await self._value("SELECT board.enter_scope($1, $2)", who.tenant_id, who.key_id)

    async def note_keys_used(self, key_ids: Collection[str]) -> None:
        """`board.note_keys_used`."""
        await self._value("SELECT board.note_keys_used($1)", list(key_ids))

    async def list_keys(self, who: Principal, agent: str | None) -> list[KeyEntry]:
        """`board.list_keys`."""
        rows = await self._value("SELECT board.list_keys($1, $2)", who.tenant_id, agent)
        return [KeyEntry.model_validate(row) for row in rows]

    async def issue_key(self, who: Principal, new: NewKey, minted: Minted) -> tuple[str, Any]:
        """`board.issue_key`: issued with the key as it is shown, or why not and what is not there."""
        query = "SELECT * FROM board.issue_key($1, $2, $3, $4, $5, $6)"
        scope = new.model_dump(mode="json", exclude={"agent"})
        scope["certificate"] = new.certificate and f"\\x{new.certificate}"
        [row] = await self._rows(query, who.tenant_id, who.agent_id, new.agent, *minted, scope)
        return row["verdict"], row["told"]

    async def rotate_key(self, who: Principal, key_id: str, minted: Minted, overlap_s: int) -> tuple[str, Any]:
        """`board.rotate_key`: rotated with the new key as it is shown, or why not."""
        query = "SELECT * FROM board.rotate_key($1, $2, $3, $4, $5, $6)"
        [row] = await self._rows(query, who.tenant_id, who.agent_id, key_id, *minted, overlap_s)
        return row["verdict"], row["told"]

    async def revoke_key(self, who: Principal, key_id: str, reason: str) -> str:
        """`board.revoke_key`: revoked, unchanged or unknown."""
        return str(await self._value("SELECT board.revoke_key($1, $2, $3, $4)", who.tenant_id, who.agent_id, key_id, reason))

    async def register_agent(self, who: Principal, new: NewAgent) -> bool:
        """`board.register_agent`: False when there is one of that name."""
        query = "SELECT board.register_agent($1, $2, $3, $4, $5, $6, $7)"
        told = (new.name, new.owner, new.kind, new.role, sorted(new.capabilities))
        return bool(await self._value(query, who.tenant_id, who.agent_id, *told))

    async def change_agent(self, who: Principal, name: str, change: AgentChange) -> str:
        """`board.change_agent`: changed, unchanged, unknown or self."""
        changes = change.model_dump(mode="json", exclude={"reason"}, exclude_none=True)
        query = "SELECT board.change_agent($1, $2, $3, $4, $5)"
        return str(await self._value(query, who.tenant_id, who.agent_id, name, changes, change.reason))
