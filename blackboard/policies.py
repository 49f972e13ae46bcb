"""The counter for policies: drafted by one, activated by another owner, retired; read and tried by everybody who works."""

import asyncio

from blackboard import policy
from blackboard.errors import Conflict, Invalid, NotFound, NotPermitted
from blackboard.once import Answered, Desk, Once
from blackboard.policy import Judged
from blackboard.policy_check import demand_sound
from blackboard.reports import PolicyText, PolicyVersion
from blackboard.requests import NewPolicy, Trial
from blackboard.roles import demand
from blackboard.store import Verbs
from blackboard.values import Principal

MAX_LISTED = 1000


class Policies(Desk):
    """Rules as data. What is sound is judged here, before anything is kept; who may activate what, by the database."""

    async def draft_policy(self, who: Principal, new: NewPolicy, once: Once | None = None) -> Answered[PolicyText]:
        """Keep a policy as a draft: the version that has these bytes already, or the next one."""
        demand(who, "run the board")
        # Trying tables at thousands of inputs takes a moment that others need not wait for.
        sound = await asyncio.to_thread(demand_sound, new.policy)

        async def draft_it(verbs: Verbs) -> PolicyText:
            version = await verbs.save_policy(who, sound.name, new.policy, policy.digest(new.policy), new.reason)
            return await _found(verbs, who, sound.name, version)

        return await self._answer_once(who, once, PolicyText, draft_it, status=201)

    async def activate_policy(
        self, who: Principal, name: str, version: int, reason: str, once: Once | None = None
    ) -> Answered[PolicyText]:
        """Let a version judge from now on, and the one before it no more. Not for whoever shares its author's owner."""
        demand(who, "run the board")

        async def activate_it(verbs: Verbs) -> PolicyText:
            verdict = await verbs.activate_policy(who, name, version, reason)
            if verdict == "unknown":
                raise _unknown(name, version)
            if verdict == "retired":
                raise Conflict(f"Version {version} of policy {name} is retired and does not come back. Draft its text again.")
            found = await _found(verbs, who, name, version)
            if verdict == "same_owner":
                raise NotPermitted(
                    f"Version {version} of policy {name} was drafted by {found.author}, whose owner is yours too."
                    " Somebody of another owner must activate it."
                )
            return found

        return await self._answer_once(who, once, PolicyText, activate_it)

    async def retire_policy(
        self, who: Principal, name: str, version: int, reason: str, once: Once | None = None
    ) -> Answered[PolicyText]:
        """Let a version judge no more. When it was the active one, none judges until another is activated."""
        demand(who, "run the board")

        async def retire_it(verbs: Verbs) -> PolicyText:
            if await verbs.retire_policy(who, name, version, reason) == "unknown":
                raise _unknown(name, version)
            return await _found(verbs, who, name, version)

        return await self._answer_once(who, once, PolicyText, retire_it)

    async def judge_policy(self, who: Principal, name: str, trial: Trial, once: Once | None = None) -> Answered[Judged]:
        """What a version says of some inputs, row by row; nothing is decided by it."""
        demand(who, "read the rules")

        async def judge_it(verbs: Verbs) -> Judged:
            found = await _found(verbs, who, name, trial.version)
            rules = policy.parse(found.body)
            if unknown := sorted(trial.inputs.keys() - rules.inputs.keys()):
                told = ", ".join(unknown)[:200]
                raise Invalid(f"Policy {name} has no input {told}. There are: {', '.join(rules.inputs)}.")
            return Judged(**dict(rules.judge(trial.inputs)), policy=f"{name}@{found.version}")

        return await self._answer_once(who, once, Judged, judge_it)

    async def show_policy(self, who: Principal, name: str, version: int | None = None) -> PolicyText:
        """A version with what it says; the active one when none is named."""
        demand(who, "read the rules")
        return await _found(self._store, who, name, version)

    async def list_policies(self, who: Principal, name: str | None = None) -> list[PolicyVersion]:
        """The versions of all policies, or of one, newest first."""
        demand(who, "read the rules")
        return await self._store.list_policies(who, name, MAX_LISTED)


async def _found(verbs: Verbs, who: Principal, name: str, version: int | None = None) -> PolicyText:
    found = await verbs.read_policy(who, name, version)
    if found is None:
        raise _unknown(name, version)
    return found


def _unknown(name: str, version: int | None) -> NotFound:
    if version is None:
        return NotFound(f"There is no active version of policy {name}. GET /v1/policies lists what there is.")
    return NotFound(f"There is no version {version} of policy {name}. GET /v1/policies lists what there is.")
