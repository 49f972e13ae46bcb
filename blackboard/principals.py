"""Who may come in, over HTTP: agents, the instances of them that live, and the keys that they are known by."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import TypeAdapter

from blackboard.answers import Told
from blackboard.reports import AgentEntry
from blackboard.transport import Transport

# Keys are for few: what describes them is not loaded by everybody who asks a board something.
if TYPE_CHECKING:
    from uuid import UUID

    from blackboard.credentials import IssuedKey, KeyEntry, NewAgent
    from blackboard.values import Json


class Principals(Transport):
    """What a board's client can ask about who works on it. All but lists and sessions is for admins."""

    async def start_session(self, session_id: UUID, about: Json) -> None:
        """Count an instance of this agent alive."""
        await self._send("POST", "/v1/sessions", {"session_id": str(session_id), "about": about})

    async def heartbeat_session(self, session_id: UUID) -> None:
        """Still alive."""
        await self._send("PUT", f"/v1/sessions/{session_id}/heartbeat", None)

    async def end_session(self, session_id: UUID) -> None:
        """No longer alive."""
        await self._send("DELETE", f"/v1/sessions/{session_id}", None)

    async def list_agents(self) -> list[AgentEntry]:
        """The directory of agents."""
        return TypeAdapter(list[AgentEntry]).validate_json((await self._ask("GET", "/v1/agents")).content)

    async def register_agent(self, new: Json, *, key: str | None = None) -> NewAgent:
        """Let there be an agent; `new` as in `POST /v1/agents`. It can do nothing until it is issued a key."""
        from blackboard.credentials import NewAgent

        return await self._write("POST", "/v1/agents", new, NewAgent, key=key)

    async def change_agent(self, name: str, change: Json, *, key: str | None = None) -> Told:
        """Give an agent another owner, role or set of capabilities, as in `PATCH /v1/agents/{name}`."""
        return await self._write("PATCH", f"/v1/agents/{quote(name, safe='')}", change, Told, key=key)

    async def set_agent_state(self, name: str, verb: str, reason: str) -> Told:
        """`suspend` or `resume` an agent."""
        return await self._write("POST", f"/v1/agents/{quote(name, safe='')}/{verb}", {"reason": reason}, Told)

    async def list_keys(self, agent: str | None = None) -> list[KeyEntry]:
        """The tenant's keys, of one agent or of all, the newest first."""
        from blackboard.credentials import KeyEntry

        params = {"agent": agent} if agent else {}
        return TypeAdapter(list[KeyEntry]).validate_json((await self._ask("GET", "/v1/keys", params=params)).content)

    async def issue_key(self, new: Json, *, key: str | None = None) -> IssuedKey:
        """Give an agent a key; `new` as in `POST /v1/keys`. Where the first answer was lost, the key's text is: it is None."""
        from blackboard.credentials import IssuedKey

        return await self._write("POST", "/v1/keys", new, IssuedKey, key=key)

    async def rotate_key(self, key_id: str, overlap_s: int, *, key: str | None = None) -> IssuedKey:
        """A new key that may the same as the old one, which goes on for so many seconds."""
        from blackboard.credentials import IssuedKey

        path = f"/v1/keys/{quote(key_id, safe='')}/rotate"
        return await self._write("POST", path, {"overlap_s": overlap_s}, IssuedKey, key=key)

    async def revoke_key(self, key_id: str, reason: str, *, key: str | None = None) -> Told:
        """Let a key open nothing from now on."""
        return await self._write("DELETE", f"/v1/keys/{quote(key_id, safe='')}", None, Told, key=key, params={"reason": reason})
