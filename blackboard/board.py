"""The board's verbs, in process: who may, once or again, and waiting for what is not there yet.

What may happen to a task is decided by the SQL functions; this module asks them, answers a repeated idempotency key with
the first answer, and turns a refused verdict into the error that the caller gets.
"""

import hashlib
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel

from blackboard.bells import Bell, Bells, Call
from blackboard.errors import (
    ClaimLost,
    Conflict,
    Duplicate,
    Invalid,
    KeyReused,
    KeyRunning,
    NotFound,
    NotPermitted,
    Overloaded,
    Refused,
)
from blackboard.journal import Entry
from blackboard.models import (
    ActionVerdict,
    AgentEntry,
    Case,
    CasePage,
    Claimed,
    ClaimedTask,
    ClaimRequest,
    DecisionItem,
    Failure,
    FencedDecision,
    Heartbeat,
    Json,
    NewAction,
    NewCase,
    Principal,
    Release,
    Settlement,
    TaskView,
    Verdict,
    Verdicts,
    Workflow,
)
from blackboard.references import References
from blackboard.roles import demand
from blackboard.states import CaseState
from blackboard.store import Store, Verbs
from blackboard.workflow import Definition

# How long a waiter trusts its bell before it looks for itself.
RECHECK_S = 2.0
SESSION_ALIVE_S = 45
_YES = frozenset({"extended", "decided", "retrying", "exhausted", "released", "recorded", "repeated", "settled"})


class Once(NamedTuple):
    """An idempotency key: on which route, and the SHA-256 of the body in canonical form."""

    route: str
    key: str
    print: bytes

    def row(self) -> Json:
        """As the SQL functions take it."""
        return {"route": self.route, "key": self.key, "print": self.print.hex()}


T = TypeVar("T", bound=BaseModel)
V = TypeVar("V", Verdict, ActionVerdict)
R = TypeVar("R")


class Answered(NamedTuple, Generic[T]):
    """An answer, and whether it is one that was given before."""

    value: T
    replayed: bool = False


class Board:
    """One per process. `on_commit` is called after every write, so that the sequencer need not wait for its poll."""

    def __init__(
        self,
        store: Store,
        *,
        references: References | None = None,
        on_commit: Callable[[], None] = lambda: None,
        max_waiting_claims: int = 1000,
    ) -> None:
        self._store = store
        self._references = references or References({})
        self._on_commit = on_commit
        self._max_waiting_claims = max_waiting_claims
        self._definitions: dict[tuple[int, str, int], Definition] = {}
        self._bells = Bells()
        self._closing = False
        self.waiting_claims = 0

    def close(self) -> None:
        """Let everybody who waits go with what there is."""
        self._closing = True
        self._bells.ring_all()

    def take(self, entries: Sequence[Entry]) -> None:
        """Ring for what the journal tells: work that is ready, cases that moved."""
        for entry in entries:
            event = entry.event
            if event.type == "task.ready":
                self._bells.ring(("ready", event.tenant_id, event.capability), count=1)
            if event.case_id is not None:
                self._bells.ring(("case", event.case_id))

    # ------------------------------------------------------------------------------------------------------------- cases
    async def open_case(self, who: Principal, new: NewCase, once: Once | None = None) -> Answered[Case]:
        """Open a case. `Invalid` when the payload does not fit its workflow, `Duplicate` when the business key is taken."""
        demand(who, "open a case")
        if once is not None and (given := await self._recalled(who, once, Case)):
            # Before the checks: what was opened stays opened, whatever has changed since in the workflow or at the bank.
            return given
        definition = await self._definition(who, new.workflow)
        definition.check_payload(new.payload)
        await self._references.check(definition, new.payload)
        item = {**new.model_dump(mode="json"), "subject": definition.subject_of(new.payload)}

        async def open_it(verbs: Verbs) -> Case:
            [(verdict, case_id)] = await verbs.open_cases(who, [item])
            if verdict == "duplicate":
                raise Duplicate(f"Workflow {new.workflow} has a case with business_key {new.business_key!r} already.")
            if case_id is None:
                raise NotFound(f"There is no workflow {new.workflow!r}.")
            return await _shown(verbs, who, case_id)

        return await self._answer_once(who, once, Case, open_it, status=201)

    async def cancel_case(self, who: Principal, case_id: UUID, reason: str, once: Once | None = None) -> Answered[Case]:
        """Withdraw a case: nobody can work on it any more. `Conflict` when it has ended."""
        demand(who, "cancel a case")

        async def cancel_it(verbs: Verbs) -> Case:
            [verdict] = await verbs.cancel_cases(who, [case_id], reason)
            case = await _shown(verbs, who, case_id)
            if verdict == "closed":
                raise Conflict(f"The case has ended already: {case.outcome}.", state=case.state)
            return case

        return await self._answer_once(who, once, Case, cancel_it)

    async def wait_for_case(self, who: Principal, case_id: UUID, wait_s: float) -> Case:
        """The case when it has ended or rests with a person, or as it is after `wait_s` seconds."""
        ends_at = time.monotonic() + wait_s
        with self._bells.listening([("case", case_id)]) as bell:
            while True:
                case = await self.show_case(who, case_id)
                left_s = ends_at - time.monotonic()
                if case.rests or left_s <= 0 or self._closing:
                    return case
                await bell.wait(min(left_s, RECHECK_S))

    async def show_case(self, who: Principal, case_id: UUID) -> Case:
        """A case with its tasks and actions."""
        demand(who, "read the board")
        return await _shown(self._store, who, case_id)

    async def list_cases(
        self,
        who: Principal,
        *,
        workflow: str | None = None,
        state: CaseState | None = None,
        stage: str | None = None,
        subject: str | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> CasePage:
        """A page of cases, newest first."""
        demand(who, "read the board")
        return await self._store.list_cases(
            who, workflow=workflow, state=state, stage=stage, subject=subject, before=before, limit=limit
        )

    # -------------------------------------------------------------------------------------------------------------- work
    async def claim(
        self, who: Principal, wish: ClaimRequest, once: Once | None = None, *, call: Call | None = None
    ) -> Answered[Claimed]:
        """Tasks that are this agent's alone, waiting up to `wait_s` for the first. Empty answers are not remembered.

        When the caller hangs up meanwhile, what was claimed for it goes back to the queue.
        """
        demand(who, "claim tasks")
        call = call or Call()
        ends_at = time.monotonic() + wish.wait_s
        keys = [("ready", who.tenant_id, capability) for capability in sorted(set(wish.capabilities))]
        with self._bells.listening(keys) as bell:
            call.waits_by(bell)
            answered = await self._claim_now(who, wish, once)
            if not answered.value.tasks and wish.wait_s:
                with self._parked():
                    answered = await self._claim_later(who, wish, once, bell, call, ends_at)
        if call.gone and answered.value.tasks:
            await self._give_back(who, answered.value.tasks, once)
        return answered

    async def heartbeat(self, who: Principal, task_id: UUID, beat: Heartbeat, once: Once | None = None) -> Answered[Verdict]:
        """Keep a claim for another lease."""
        return await self._write(who, task_id, beat.model_dump(mode="json"), once, Verbs.heartbeat_tasks)

    async def decide(
        self, who: Principal, task_id: UUID, decision: FencedDecision, once: Once | None = None
    ) -> Answered[Verdict]:
        """End a task with an outcome; its case takes the outcome's route."""
        return await self._write(who, task_id, _decision_row(decision), once, Verbs.decide_tasks)

    async def decide_many(
        self, who: Principal, decisions: Sequence[DecisionItem], once: Once | None = None
    ) -> Answered[Verdicts]:
        """The same for many tasks: one verdict each, in order; a refused one changes nothing for the others."""
        demand(who, "work on a task")
        items = [{"task_id": str(decision.task_id), **_decision_row(decision)} for decision in decisions]

        async def decide_them(verbs: Verbs) -> Verdicts:
            return Verdicts(items=await verbs.decide_tasks(who, items))

        return await self._answer_once(who, once, Verdicts, decide_them)

    async def fail(self, who: Principal, task_id: UUID, failure: Failure, once: Once | None = None) -> Answered[Verdict]:
        """Say that the work went wrong: it comes back after a pause, or is given up."""
        return await self._write(who, task_id, failure.model_dump(mode="json"), once, Verbs.fail_tasks)

    async def release(self, who: Principal, task_id: UUID, release: Release, once: Once | None = None) -> Answered[Verdict]:
        """Give a task back unharmed."""
        return await self._write(who, task_id, release.model_dump(mode="json"), once, Verbs.release_tasks)

    async def show_task(self, who: Principal, task_id: UUID) -> TaskView:
        """A task and who holds it."""
        demand(who, "read the board")
        task = await self._store.show_task(who, task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id}.")
        return task

    # ----------------------------------------------------------------------------------------------------------- actions
    async def record_action(
        self, who: Principal, task_id: UUID, new: NewAction, once: Once | None = None
    ) -> Answered[ActionVerdict]:
        """Write a side effect down before it is sent: the effect key, and whether to send, to ask first, or neither."""
        digest = hashlib.sha256(canonical(new.payload)).digest()

        async def record_it(verbs: Verbs) -> ActionVerdict:
            return await verbs.record_action(who, task_id, new.fence, new.kind, new.payload, digest)

        return await self._hold(who, task_id, once, ActionVerdict, record_it)

    async def settle_action(
        self, who: Principal, task_id: UUID, action_id: UUID, settlement: Settlement, once: Once | None = None
    ) -> Answered[ActionVerdict]:
        """Keep what the bank said. Saying the same twice is saying it once."""

        async def settle_it(verbs: Verbs) -> ActionVerdict:
            return await verbs.settle_action(who, task_id, settlement.fence, action_id, settlement.state, settlement.receipt)

        return await self._hold(who, task_id, once, ActionVerdict, settle_it)

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

    async def list_agents(self, who: Principal) -> list[AgentEntry]:
        """The directory of agents, with their live sessions."""
        demand(who, "read the board")
        return await self._store.list_agents(who, SESSION_ALIVE_S)

    async def list_workflows(self, who: Principal, name: str | None = None) -> list[Workflow]:
        """The newest version of each workflow, or of one."""
        demand(who, "read the board")
        return await self._store.list_workflows(who.tenant_id, name)

    # ------------------------------------------------------------------------------------------------------------ inside
    async def _definition(self, who: Principal, name: str) -> Definition:
        found = await self._store.list_workflows(who.tenant_id, name)
        if not found:
            known = ", ".join(workflow.name for workflow in await self._store.list_workflows(who.tenant_id))
            raise NotFound(f"There is no workflow {name!r}. There are: {known or 'none yet'}.")
        key = (who.tenant_id, name, found[0].version)
        if key not in self._definitions:
            self._definitions[key] = Definition.model_validate(found[0].definition)
        return self._definitions[key]

    @contextmanager
    def _parked(self) -> Iterator[None]:
        """Count a claim that waits; refuse it when too many do."""
        if self.waiting_claims >= self._max_waiting_claims:
            detail = f"{self.waiting_claims} claims are waiting here already. Try again."
            raise Overloaded(detail, retry_after_s=random.randint(1, 5))
        self.waiting_claims += 1
        try:
            yield
        finally:
            self.waiting_claims -= 1

    async def _claim_later(
        self, who: Principal, wish: ClaimRequest, once: Once | None, bell: Bell, call: Call, ends_at: float
    ) -> Answered[Claimed]:
        """Look again whenever the bell rings, until there is work or a reason to stop waiting."""
        answered = Answered(Claimed(tasks=[]))
        while not (answered.value.tasks or self._closing or call.gone) and (left_s := ends_at - time.monotonic()) > 0:
            await bell.wait(min(left_s, RECHECK_S * random.uniform(0.5, 1.5)))
            if call.gone or self._closing:
                # The ring may have been for work: somebody else should look.
                for capability in wish.capabilities:
                    self._bells.ring(("ready", who.tenant_id, capability), count=1)
                break
            answered = await self._claim_now(who, wish, once)
        return answered

    async def _give_back(self, who: Principal, tasks: Sequence[ClaimedTask], once: Once | None) -> None:
        items = [{"task_id": str(task.id), "fence": task.fence, "reason": "the caller left"} for task in tasks]
        async with self._store.transaction() as verbs:
            await verbs.release_tasks(who, items)
            if once is not None:
                await verbs.forget_answer(who, once.route, once.key)
        self._on_commit()

    async def _claim_now(self, who: Principal, wish: ClaimRequest, once: Once | None) -> Answered[Claimed]:
        async def claim_them(verbs: Verbs) -> Claimed:
            tasks = await verbs.claim_tasks(
                who,
                sorted(set(wish.capabilities)),
                wish.limit,
                claim_id=wish.claim_id,
                session_id=wish.session_id,
                lease_s=wish.lease_s,
            )
            return Claimed(tasks=tasks)

        return await self._answer_once(who, once, Claimed, claim_them, keep=lambda claimed: bool(claimed.tasks))

    async def _write(
        self,
        who: Principal,
        task_id: UUID,
        item: Json,
        once: Once | None,
        verb: Callable[[Verbs, Principal, Sequence[Json]], Awaitable[list[Verdict]]],
    ) -> Answered[Verdict]:
        """One item through a verb that takes many."""

        async def write_it(verbs: Verbs) -> Verdict:
            return (await verb(verbs, who, [{"task_id": str(task_id), **item}]))[0]

        return await self._hold(who, task_id, once, Verdict, write_it)

    async def _hold(
        self, who: Principal, task_id: UUID, once: Once | None, model: type[V], work: Callable[[Verbs], Awaitable[V]]
    ) -> Answered[V]:
        """A holder's write. A refusal is committed (the journal has it) before it is raised."""
        demand(who, "work on a task")
        answered = await self._answer_once(who, once, model, work, keep=lambda told: told.verdict in _YES)
        if answered.value.verdict not in _YES:
            raise _refusal(answered.value.verdict, task_id)
        return answered

    async def _told(self, verb: Callable[[Verbs], Awaitable[R]]) -> R:
        """A verb that is idempotent by nature, in a transaction of its own."""
        result = await verb(self._store)
        self._on_commit()
        return result

    async def _recalled(self, who: Principal, once: Once, model: type[T]) -> Answered[T] | None:
        """The answer that was given under this key; None when there is none yet."""
        async with self._store.transaction() as verbs:
            [stored] = await verbs.recall_answers(who, [once.row()])
        if stored.verdict == "replayed":
            return Answered(model.model_validate(stored.answer), replayed=True)
        _demand_fresh(stored.verdict, once)
        return None

    async def _answer_once(
        self,
        who: Principal,
        once: Once | None,
        model: type[T],
        work: Callable[[Verbs], Awaitable[T]],
        *,
        status: int = 200,
        keep: Callable[[T], bool] = lambda _: True,
    ) -> Answered[T]:
        """Do the work and remember the answer in one transaction, or give the answer that was remembered."""
        async with self._store.transaction() as verbs:
            if once is not None:
                [stored] = await verbs.recall_answers(who, [once.row()])
                if stored.verdict == "replayed":
                    return Answered(model.model_validate(stored.answer), replayed=True)
                _demand_fresh(stored.verdict, once)
            value = await work(verbs)
            if once is not None and keep(value):
                answer = value.model_dump(mode="json")
                await verbs.keep_answers(who, [{**once.row(), "status": status, "answer": answer}])
        self._on_commit()
        return Answered(value)


def canonical(value: object) -> bytes:
    """JSON with sorted members and no blanks, so that order and layout do not matter to a fingerprint."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


async def _shown(verbs: Verbs, who: Principal, case_id: UUID) -> Case:
    case = await verbs.show_case(who, case_id)
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def _decision_row(decision: FencedDecision) -> Json:
    told = decision.model_dump(mode="json", exclude={"fence", "task_id"})
    return {"fence": decision.fence, "outcome": decision.outcome, "decision": told}


def _demand_fresh(verdict: str, once: Once) -> None:
    if verdict == "mismatch":
        raise KeyReused("This Idempotency-Key was used here with another body. Use a new key for a new request.")
    if verdict == "running":
        raise KeyRunning(f"A request with Idempotency-Key {once.key} is being worked on. Repeat it.", retry_after_s=1)


_LOST = {
    "expired": "The claim ran out and the task went back to the queue.",
    "reassigned": "The task has a new holder.",
    "cancelled": "The case was withdrawn.",
    "done": "The task has been ended.",
}
_REFUSALS: dict[str, tuple[type[Refused], str]] = {
    "not_holder": (NotPermitted, "Another agent holds this task."),
    "unknown_outcome": (Invalid, "The task's stage has no such outcome; its workflow at GET /v1/workflows lists them."),
    "altered": (Conflict, "This case's action was recorded with other bytes. They never change; send those or nothing."),
    "contradicted": (Conflict, "The action is settled already, and otherwise. A settled action does not change."),
    "unknown_action": (NotFound, "There is no such action on this task's case."),
}


def _refusal(verdict: str, task_id: UUID) -> Refused:
    """The error for a holder's write that the database refused."""
    if verdict in _LOST:
        return ClaimLost(f"{_LOST[verdict]} Stop working on it; nothing of this write was kept.", reason=verdict)
    kind, detail = _REFUSALS.get(verdict, (NotFound, f"There is no task {task_id}."))
    return kind(detail)
