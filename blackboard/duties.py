"""The counter for duties: who acts for whom, and leave to break a rule, which two persons give and everybody hears of.

Which duties one person may not have on a case stands in its workflow, and the SQL functions hold it at every write.
"""

from uuid import UUID

import structlog

from blackboard.answers import Event, Told
from blackboard.errors import Conflict, DutyClash, Invalid, NotFound, NotPermitted, Refused
from blackboard.events import EVENTS
from blackboard.field_class import FieldClass, of_class
from blackboard.once import Answered, Desk, Once
from blackboard.reports import Delegation, Leave
from blackboard.requests import NewDelegation, NewLeave
from blackboard.roles import demand
from blackboard.store import Verbs
from blackboard.values import Frozen, Principal

MAX_LEAVES = 200

log = structlog.get_logger()


class _Heard(Frozen):
    """What the database said of a leave: also a no is committed, since the journal tells of it."""

    verdict: str
    leave: Leave | None


class Duties(Desk):
    """Delegations, and leave to break a rule on duties."""

    async def delegate(self, who: Principal, new: NewDelegation, once: Once | None = None) -> Answered[Delegation]:
        """Let another agent act for this one, or for another one where an operator says so."""
        demand(who, "delegate")

        async def delegate_it(verbs: Verbs) -> Delegation:
            verdict, made = await verbs.delegate(who, new)
            if made is None:
                raise _not_delegated(verdict, new)
            return made

        return await self._answer_once(who, once, Delegation, delegate_it, status=201)

    async def end_delegation(
        self, who: Principal, delegation_id: UUID, reason: str, once: Once | None = None
    ) -> Answered[Told]:
        """Act for oneself again. What was done meanwhile stays one person's."""
        demand(who, "delegate")

        async def end_it(verbs: Verbs) -> Told:
            verdict = await verbs.end_delegation(who, delegation_id, reason)
            if verdict == "unknown":
                raise NotFound(f"There is no delegation {delegation_id}.")
            if verdict == "not_yours":
                raise NotPermitted("Only who delegated, the delegate and operators may end a delegation.")
            if verdict == "over":
                raise Conflict("The delegation is over already.")
            return Told(verdict=verdict)

        return await self._answer_once(who, once, Told, end_it)

    async def list_delegations(self, who: Principal) -> list[Delegation]:
        """Who acts for whom at present."""
        demand(who, "read the board")
        return await self._store.list_delegations(who)

    # --------------------------------------------------------------------------------------------------- breaking the glass
    async def ask_leave(self, who: Principal, case_id: UUID, new: NewLeave, once: Once | None = None) -> Answered[Leave]:
        """Ask that an agent may break a rule on duties. A second person must approve before it may."""
        demand(who, "ask for leave")

        async def ask_it(verbs: Verbs) -> Leave:
            verdict, leave = await verbs.ask_leave(who, case_id, new)
            if leave is None:
                raise _not_asked(verdict, case_id, new)
            return leave

        return await self._answer_once(who, once, Leave, ask_it, status=201)

    async def approve_leave(
        self, who: Principal, case_id: UUID, leave_id: UUID, reason: str, once: Once | None = None
    ) -> Answered[Leave]:
        """Approve, as a second person, that an agent breaks a rule on duties once."""
        demand(who, "approve of leave")

        async def approve_it(verbs: Verbs) -> _Heard:
            verdict, leave = await verbs.approve_leave(who, case_id, leave_id, reason)
            return _Heard(verdict=verdict, leave=leave)

        heard = await self._answer_once(who, once, _Heard, approve_it, keep=lambda told: told.verdict == "approved")
        return Answered(_given(heard.value, "approved", leave_id), heard.replayed)

    async def revoke_leave(
        self, who: Principal, case_id: UUID, leave_id: UUID, reason: str, once: Once | None = None
    ) -> Answered[Leave]:
        """Take leave back before it is spent."""
        demand(who, "run the board")

        async def revoke_it(verbs: Verbs) -> _Heard:
            verdict, leave = await verbs.revoke_leave(who, case_id, leave_id, reason)
            return _Heard(verdict=verdict, leave=leave)

        heard = await self._answer_once(who, once, _Heard, revoke_it, keep=lambda told: told.verdict == "revoked")
        return Answered(_given(heard.value, "revoked", leave_id), heard.replayed)

    async def list_leaves(self, who: Principal, case_id: UUID | None = None) -> list[Leave]:
        """What leave was asked for, on a case or on all, newest first."""
        demand(who, "read the board")
        return await self._store.list_leaves(who, case_id, MAX_LEAVES)


def sound_alarm(event: Event) -> None:
    """Say aloud, in every process that hears of it, that a rule on duties is about to be broken or was."""
    if event.type in ("glass.approved", "duty.broken"):
        told = of_class(EVENTS[event.type].data, FieldClass.PUBLIC)
        log.warning(event.type, case=str(event.case_id), by=event.actor, **{k: v for k, v in event.body.items() if k in told})


def _given(heard: _Heard, wanted: str, leave_id: UUID) -> Leave:
    if heard.leave is None:
        raise NotFound(f"There is no leave {leave_id} on this case.")
    if heard.verdict == "same_person":
        raise DutyClash("Who approves must be another person than who asked and than who acts. Ask somebody else.")
    if heard.verdict == "not_human":
        raise NotPermitted("Only a person approves that a rule is broken.")
    if heard.verdict != wanted:
        raise Conflict(f"The leave is {heard.leave.state}; nothing was changed.", state=heard.leave.state)
    return heard.leave


def _not_delegated(verdict: str, new: NewDelegation) -> Refused:
    match verdict:
        case "unknown_agent":
            return NotFound(f"There is no agent {new.to if new.from_ is None else f'{new.from_} or {new.to}'}.")
        case "itself":
            return Invalid("Nobody delegates to itself: name another agent in `to`.")
        case "not_yours":
            return NotPermitted("Only an operator delegates for others: leave `from` out.")
        case "past":
            return Invalid("`until` is over already: name a time to come.")
        case "not_human":
            return Invalid("What a person may do is delegated to a person: name one in `to`, or leave `capability` out.")
    return Invalid(f"The delegator has no capability {new.capability} of its own: delegate one that it has, or none.")


def _not_asked(verdict: str, case_id: UUID, new: NewLeave) -> Refused:
    match verdict:
        case "unknown":
            return NotFound(f"There is no case {case_id}.")
        case "unknown_agent":
            return NotFound(f"There is no agent {new.agent}.")
        case "closed":
            return Conflict("The case has ended; there is nothing to break a rule for.", state="closed")
        case "never":
            return DutyClash("Nobody checks and executes one case, whoever approves. Find another person.")
    return Conflict(f"Nothing keeps {new.agent} from being {new.duty} here; no leave is needed.")
