"""The counter for who may come in: agents, their keys, and what a key may do of what its agent may."""

from datetime import UTC, datetime
from typing import Any

from blackboard.answers import Told
from blackboard.credentials import AgentChange, KeyEntry, NewAgent, NewKey, Rotation
from blackboard.errors import Conflict, Invalid, NotFound, NotPermitted
from blackboard.once import Answered, Desk, Once
from blackboard.roles import PERMITTED, demand
from blackboard.store import Verbs
from blackboard.values import Principal
from blackboard.verbs.keys import Minted


class Keyring(Desk):
    """Agents and keys. What proves a key never comes here: only its keyed hash does."""

    async def list_keys(self, who: Principal, agent: str | None = None) -> list[KeyEntry]:
        """The tenant's keys, of one agent or of all, the newest first."""
        demand(who, "grant access")
        return await self._store.list_keys(who, agent)

    async def issue_key(self, who: Principal, new: NewKey, minted: Minted, once: Once | None = None) -> Answered[KeyEntry]:
        """Give an agent a key. The answer is remembered without what proves the key."""
        demand(who, "grant access")
        _demand_sound(new)

        async def issue_it(verbs: Verbs) -> KeyEntry:
            verdict, told = await verbs.issue_key(who, new, minted)
            if verdict == "unknown":
                raise NotFound(f"There is no agent {told}.")
            if verdict == "no_capability":
                raise Invalid(f"{new.agent} has not the capability {told} itself. Give it to the agent first (PATCH).")
            if verdict == "no_workflow":
                raise Invalid(f"There is no workflow {told}. GET /v1/workflows lists them.")
            if verdict == "bound":
                raise Conflict(f"A key is bound to {told} already. Revoke it first.")
            return KeyEntry.model_validate(told)

        return await self._answer_once(who, once, KeyEntry, issue_it, status=201)

    async def rotate_key(
        self, who: Principal, key_id: str, how: Rotation, minted: Minted, once: Once | None = None
    ) -> Answered[KeyEntry]:
        """A new key that may the same; the old one goes on for the overlap."""
        demand(who, "grant access")

        async def rotate_it(verbs: Verbs) -> KeyEntry:
            verdict, told = await verbs.rotate_key(who, key_id, minted, how.overlap_s)
            if verdict == "bound":
                raise Conflict(
                    f"A token opens key {key_id}: there is no secret to rotate. Issue another key, or revoke this one."
                )
            if verdict == "closed":
                raise Conflict(f"Key {key_id} opens nothing any more. Issue another one.")
            return KeyEntry.model_validate(_known(verdict, told, key_id))

        return await self._answer_once(who, once, KeyEntry, rotate_it, status=201)

    async def revoke_key(self, who: Principal, key_id: str, reason: str, once: Once | None = None) -> Answered[Told]:
        """Let a key open nothing from now on; its streams and waiting claims end within seconds."""
        demand(who, "grant access")

        async def revoke_it(verbs: Verbs) -> Told:
            verdict = await verbs.revoke_key(who, key_id, reason)
            return Told(verdict=_known(verdict, verdict, key_id))

        return await self._answer_once(who, once, Told, revoke_it)

    async def register_agent(self, who: Principal, new: NewAgent, once: Once | None = None) -> Answered[NewAgent]:
        """Let there be an agent. `Conflict` when there is one of that name."""
        demand(who, "grant access")

        async def register_it(verbs: Verbs) -> NewAgent:
            if not await verbs.register_agent(who, new):
                raise Conflict(f"There is an agent {new.name} already. Change it with PATCH /v1/agents/{new.name}.")
            return new

        return await self._answer_once(who, once, NewAgent, register_it, status=201)

    async def change_agent(self, who: Principal, name: str, change: AgentChange, once: Once | None = None) -> Answered[Told]:
        """Give an agent another owner, role or set of capabilities. Nobody changes himself."""
        demand(who, "grant access")

        async def change_it(verbs: Verbs) -> Told:
            verdict = await verbs.change_agent(who, name, change)
            if verdict == "unknown":
                raise NotFound(f"There is no agent {name}.")
            if verdict == "self":
                raise NotPermitted("Nobody changes himself: duties are kept apart by owner. Let another admin do it.")
            return Told(verdict=verdict)

        return await self._answer_once(who, once, Told, change_it)


def _known(verdict: str, told: Any, key_id: str) -> Any:
    if verdict == "unknown":
        raise NotFound(f"There is no key {key_id}.")
    return told


def _demand_sound(new: NewKey) -> None:
    """Refuse a scope that names what there is not, and one that is over before it begins."""
    if strange := set(new.verbs or ()) - set(PERMITTED):
        raise Invalid(f"No such verb: {', '.join(sorted(strange))}. There are: {', '.join(sorted(PERMITTED))}.")
    if new.expires_at is not None and new.expires_at <= datetime.now(UTC):
        raise Invalid("expires_at has passed: the key would open nothing.")
