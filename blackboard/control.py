"""The counter for those who run the board: who is alive, what is stuck and why, what is held back."""

from uuid import UUID

from blackboard.answers import Told
from blackboard.errors import Conflict, DutyClash, Invalid, NotFound
from blackboard.explain import explain
from blackboard.once import Answered, Desk, Once
from blackboard.rate_limit import LimitInForce, RateLimit, in_force
from blackboard.reports import AgentEntry, Hold, Incident, Load, Quota, Schedule, Story, Why
from blackboard.requests import NewQuota
from blackboard.roles import demand
from blackboard.states import TaskState
from blackboard.store import Verbs
from blackboard.values import SESSION_ALIVE_S, Json, Principal

MAX_INCIDENTS = 200


class Control(Desk):
    """Agents and their sessions, holds, incidents, quotas, schedules."""

    # ---------------------------------------------------------------------------------------------------------- sessions
    async def start_session(self, who: Principal, session_id: UUID, about: Json) -> None:
        """Count an instance of this agent alive."""
        demand(who, "keep a session")
        await self._told(lambda verbs: verbs.start_session(who, session_id, about))

    async def heartbeat_session(self, who: Principal, session_id: UUID) -> None:
        """Still alive. `NotFound` when the session is over: start another."""
        demand(who, "keep a session")
        if session_id not in await self._store.heartbeat_sessions(who, [session_id]):
            raise NotFound(f"There is no open session {session_id} of {who.agent}. Start another.")

    async def end_session(self, who: Principal, session_id: UUID) -> None:
        """No longer alive; ending twice is ending once."""
        demand(who, "keep a session")
        await self._told(lambda verbs: verbs.end_session(who, session_id))

    async def keep_memory(self, who: Principal, subject: str, values: Json, once: Once | None = None) -> Answered[Told]:
        """Keep values for this agent's later tasks about the same customer; None forgets."""
        demand(who, "keep a session")

        async def keep_them(verbs: Verbs) -> Told:
            await verbs.keep_memory(who, subject, values)
            return Told(verdict="kept")

        return await self._answer_once(who, once, Told, keep_them)

    async def list_agents(self, who: Principal) -> list[AgentEntry]:
        """The directory of agents, with their live sessions."""
        demand(who, "read the board")
        return await self._store.list_agents(who, SESSION_ALIVE_S)

    async def set_agent_state(
        self, who: Principal, name: str, state: str, reason: str, once: Once | None = None
    ) -> Answered[Told]:
        """Suspend an agent, which takes its claims back at once, or let it work again."""
        demand(who, "run the board")

        async def set_it(verbs: Verbs) -> Told:
            verdict = await verbs.set_agent_state(who, name, state, reason)
            if verdict == "unknown":
                raise NotFound(f"There is no agent {name}.")
            return Told(verdict=verdict)

        return await self._answer_once(who, once, Told, set_it)

    # --------------------------------------------------------------------------------------------------- holds and quotas
    async def place_hold(self, who: Principal, kind: str, name: str, reason: str, once: Once | None = None) -> Answered[Told]:
        """Give out no more claims of a workflow, a capability, the tenant, or on whatever touches an entity."""
        demand(who, "run the board")

        async def place_it(verbs: Verbs) -> Told:
            return Told(verdict="placed" if await verbs.place_hold(who, kind, name, reason) else "unchanged")

        return await self._answer_once(who, once, Told, place_it)

    async def lift_hold(self, who: Principal, kind: str, name: str, reason: str, once: Once | None = None) -> Answered[Told]:
        """Offer what was held back again."""
        demand(who, "run the board")

        async def lift_it(verbs: Verbs) -> Told:
            if not await verbs.lift_hold(who, kind, name, reason):
                raise NotFound(f"There is no hold on {kind} {name}.")
            return Told(verdict="lifted")

        return await self._answer_once(who, once, Told, lift_it)

    async def list_holds(self, who: Principal) -> list[Hold]:
        """What is held back at present, by whom and why."""
        demand(who, "read the board")
        return await self._store.list_holds(who)

    async def put_quota(self, who: Principal, quota: NewQuota, once: Once | None = None) -> Answered[NewQuota]:
        """Set how much may be at work at once, or how fast work may begin."""
        demand(who, "run the board")

        async def put_it(verbs: Verbs) -> NewQuota:
            await verbs.put_quota(who, quota)
            return quota

        return await self._answer_once(who, once, NewQuota, put_it, status=201)

    async def drop_quota(self, who: Principal, name: str, once: Once | None = None) -> Answered[Told]:
        """Lift a quota; what waited for it goes on."""
        demand(who, "run the board")

        async def drop_it(verbs: Verbs) -> Told:
            if not await verbs.drop_quota(who, name):
                raise NotFound(f"There is no quota {name}.")
            return Told(verdict="dropped")

        return await self._answer_once(who, once, Told, drop_it)

    async def list_quotas(self, who: Principal) -> list[Quota]:
        """The quotas, and what is in use of each."""
        demand(who, "read the board")
        return await self._store.list_quotas(who)

    # ------------------------------------------------------------------------------------------------------------- limits
    async def put_limit(self, who: Principal, limit: RateLimit, once: Once | None = None) -> Answered[RateLimit]:
        """Set how fast the callers of this tenant may ask."""
        demand(who, "run the board")

        async def put_it(verbs: Verbs) -> RateLimit:
            await verbs.put_limit(who, limit)
            return limit

        return await self._answer_once(who, once, RateLimit, put_it)

    async def drop_limit(self, who: Principal, name: str, once: Once | None = None) -> Answered[Told]:
        """Lift a limit; a usual one holds again as it usually does."""
        demand(who, "run the board")

        async def drop_it(verbs: Verbs) -> Told:
            if not await verbs.drop_limit(who, name):
                raise NotFound(f"There is no limit {name}.")
            return Told(verdict="dropped")

        return await self._answer_once(who, once, Told, drop_it)

    async def list_limits(self, who: Principal) -> list[LimitInForce]:
        """How fast the callers of this tenant may ask."""
        demand(who, "read the board")
        return in_force(await self._store.list_limits(who.tenant_id))

    # ---------------------------------------------------------------------------------------------------------- incidents
    async def list_incidents(self, who: Principal) -> list[Incident]:
        """Tasks that rest until somebody looks at them, oldest first."""
        demand(who, "read the board")
        return await self._store.list_incidents(who, MAX_INCIDENTS)

    async def redrive_task(self, who: Principal, task_id: UUID, reason: str, once: Once | None = None) -> Answered[Told]:
        """Try a task again that rests as an incident or in quarantine, its attempts counted anew."""
        demand(who, "run the board")

        async def redrive_it(verbs: Verbs) -> Told:
            [verdict] = await verbs.redrive_tasks(who, [task_id], reason)
            return _stuck(verdict, task_id)

        return await self._answer_once(who, once, Told, redrive_it)

    async def resolve_task(
        self, who: Principal, task_id: UUID, outcome: str, reason: str, once: Once | None = None
    ) -> Answered[Told]:
        """End a task that rests as an incident or in quarantine with an outcome of its stage."""
        demand(who, "run the board")

        async def resolve_it(verbs: Verbs) -> Told:
            return _stuck(await verbs.resolve_task(who, task_id, outcome, reason), task_id)

        return await self._answer_once(who, once, Told, resolve_it)

    async def explain_task(self, who: Principal, task_id: UUID) -> Why:
        """Why nobody has a task, who may claim it, who may not and by which rule."""
        demand(who, "read the reasons")
        found = await self._store.explain_task(who, task_id, SESSION_ALIVE_S)
        if found is None:
            raise NotFound(f"There is no task {task_id}.")
        why = Why.model_validate({"answer": "", **found})
        return why.model_copy(update={"answer": _sentence(why)})

    async def explain_case(self, who: Principal, case_id: UUID) -> Story:
        """What became of a case and why, in words."""
        demand(who, "read the reasons")
        case = await self._store.show_case(who, case_id)
        if case is None:
            raise NotFound(f"There is no case {case_id}.")
        still = [task.id for task in case.tasks if task.state not in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)]
        return explain(case, [await self.explain_task(who, task_id) for task_id in still])

    async def show_load(self, who: Principal) -> list[Load]:
        """How much work lies where."""
        demand(who, "read the board")
        return await self._store.show_load(who)

    # ---------------------------------------------------------------------------------------------------------- schedules
    async def drop_schedule(self, who: Principal, name: str, once: Once | None = None) -> Answered[Told]:
        """Let it open no more."""
        demand(who, "run the board")

        async def drop_it(verbs: Verbs) -> Told:
            if not await verbs.drop_schedule(who, name):
                raise NotFound(f"There is no schedule {name}.")
            return Told(verdict="dropped")

        return await self._answer_once(who, once, Told, drop_it)

    async def list_schedules(self, who: Principal) -> list[Schedule]:
        """What opens by itself, and when next."""
        demand(who, "read the board")
        return await self._store.list_schedules(who)


def _stuck(verdict: str, task_id: UUID) -> Told:
    if verdict == "unknown":
        raise NotFound(f"There is no task {task_id}.")
    if verdict == "no_incident":
        raise Conflict(f"Task {task_id} is neither an incident nor in quarantine.")
    if verdict == "unknown_outcome":
        raise Invalid("The task's stage has no such outcome; its workflow at GET /v1/workflows lists them.")
    if verdict == "duties":
        raise DutyClash("What you did on this case keeps you from deciding here: somebody else must.")
    return Told(verdict=verdict)


def _sentence(why: Why) -> str:
    """What decides it, in words."""
    task = why.task
    match task.state:
        case TaskState.CLAIMED if task.holder:
            return f"{task.holder.agent} holds it until {task.holder.deadline_at:%Y-%m-%d %H:%M:%S} UTC."
        case TaskState.WAITING:
            return "It waits: " + "; ".join(_reason(r.reason, r.key, r.about) for r in task.waits_for) + "."
        case TaskState.SCHEDULED if task.ready_at:
            return f"It is scheduled for {task.ready_at:%Y-%m-%d %H:%M:%S} UTC."
        case TaskState.READY:
            return _why_ready(why)
    return f"It is {task.state}."


def _why_ready(why: Why) -> str:
    """Why a task that could be taken is not, or who may take it."""
    able = [candidate.agent for candidate in why.agents if candidate.may_claim]
    alive = [candidate.agent for candidate in why.agents if candidate.may_claim and candidate.is_alive]
    if why.holds:
        return "Held back: " + "; ".join(f"{h.kind} {h.name} by {h.by} ({h.reason})" for h in why.holds) + "."
    if not able:
        kept = [f"{c.agent} may not, since {c.excluded_by}" for c in why.agents if c.excluded_by]
        told = f"No agent may take it: none has the capability {why.task.capability}, is active and has not given it back"
        return f"{told} or done something on the case that keeps it from this: {'; '.join(kept)}." if kept else f"{told}."
    if all(candidate.is_person for candidate in why.agents if candidate.may_claim):
        return f"It waits for a person: {', '.join(able)} may take it."
    if not alive:
        return f"Nobody who may take it is alive: {', '.join(able)}."
    return f"It is ready, with {why.ahead} before it. {', '.join(alive)} may take it."


_REASONS = {
    "when": "for {about}",
    "signal": "for the signal {key}",
    "case": "for a case of workflow {key}",
    "tally": "for the panel to answer: {question}",
    "after": "for case {key} to end",
    "start": "for its start at {at}",
    "input": "for the fact {key}",
    "incident": "for an operator, being out of attempts",
    "quarantine": "for an operator, since holders were lost on it",
    "suspended": "for its case to be resumed",
    "paused": "for the hold on {key} to be lifted",
    "frozen": "for {key} to be released",
    "quota": "for room in the quota {key}",
}


def _reason(reason: str, key: str, about: Json) -> str:
    condition = f"the condition {about['condition']}" if "condition" in about else "the board to see whether it is wanted"
    told = {"about": condition, "at": about.get("at", ""), "question": about.get("question", "")}
    return _REASONS[reason].format(key=key, **told)
