"""The counter for tasks in hand: claiming them, and whatever a holder says of them.

What may happen to a task is decided by the SQL functions. This module asks them, many callers at a time, and turns a refused
verdict into the error that the caller gets.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from blackboard import canonical
from blackboard.answers import ActionVerdict, Claimed, TaskView, Verdict, Verdicts
from blackboard.bells import Bells, Call
from blackboard.claims import Claims
from blackboard.combine import Combiner, Memory, Request
from blackboard.errors import ClaimLost, Conflict, Denied, DutyClash, Invalid, NotFound, NotPermitted, Refused
from blackboard.json_schema import check_fit
from blackboard.once import Answered, Desk, Once
from blackboard.permits import Mint
from blackboard.requests import (
    ClaimRequest,
    DecisionItem,
    Failure,
    FailureItem,
    Fenced,
    FencedDecision,
    FencedOpinion,
    Heartbeat,
    HeartbeatItem,
    NeedInput,
    NeedItem,
    NewAction,
    Proposal,
    Rejection,
    RejectionItem,
    Release,
    ReleaseItem,
    Settlement,
)
from blackboard.roles import demand
from blackboard.store import Store, Verbs
from blackboard.values import Json, Principal
from blackboard.verbs.work import Write

# After these a claim is over.
_ENDS = frozenset({"decided", "given", "retrying", "exhausted", "incident", "released", "rejected", "waiting"})
_YES = _ENDS | {"extended", "proposed", "recorded", "repeated", "settled"}
# After these an action is sent, or asked about and then sent.
_GOES = frozenset({"recorded", "repeated"})

F = TypeVar("F", bound=Fenced)
Items = Sequence[tuple[UUID, Fenced]]
Verb = Callable[[Verbs, int, Sequence[Write[Any]]], Awaitable[list[Verdict]]]

VERBS: dict[type[Fenced], Verb] = {
    Heartbeat: Verbs.heartbeat_tasks,
    FencedDecision: Verbs.decide_tasks,
    DecisionItem: Verbs.decide_tasks,
    HeartbeatItem: Verbs.heartbeat_tasks,
    FailureItem: Verbs.fail_tasks,
    ReleaseItem: Verbs.release_tasks,
    RejectionItem: Verbs.reject_tasks,
    NeedItem: Verbs.need_input,
    Failure: Verbs.fail_tasks,
    Release: Verbs.release_tasks,
    Rejection: Verbs.reject_tasks,
    NeedInput: Verbs.need_input,
}


# Verbs after which somebody else may have work.
_MAKES_READY = frozenset({Verbs.decide_tasks, Verbs.release_tasks, Verbs.reject_tasks})


class Work(Desk):
    """Tasks and their holders."""

    def __init__(
        self,
        store: Store,
        on_commit: Callable[[], None],
        bells: Bells,
        *,
        max_waiting_claims: int,
        mint: Mint | None = None,
    ) -> None:
        Desk.__init__(self, store, on_commit)
        self._mint = mint
        self._claims = Claims(store, bells, on_commit, max_waiting=max_waiting_claims)
        self._combiners: dict[tuple[int, str, Verb], Combiner[Items, Verdicts]] = {}
        self._listeners: list[Callable[[UUID, int], None]] = []
        # Whether any stage of a tenant asks something of results; forgotten when a workflow is loaded.
        self._asks_results: dict[int, bool] = {}

    @property
    def waiting_claims(self) -> int:
        """How many claims are parked in this process."""
        return self._claims.waiting

    async def claim(
        self, who: Principal, wish: ClaimRequest, once: Once | None = None, *, call: Call | None = None
    ) -> Answered[Claimed]:
        """Tasks that are this agent's alone, waiting up to `wait_s` for the first. Empty answers are not remembered.

        When the caller hangs up meanwhile, what was claimed for it goes back to the queue.
        """
        demand(who, "claim tasks")
        return await self._claims.claim(who, wish, once, call or Call())

    async def admit(self, who: Principal, capabilities: Sequence[str]) -> None:
        """`NotPermitted` when this agent may not claim these at all."""
        demand(who, "claim tasks")
        await self._claims.admit(who, capabilities)

    async def list_held(self, who: Principal, claims: Mapping[UUID, int]) -> set[UUID]:
        """Of these claims (task: fence), the tasks that this agent still holds."""
        return await self._store.list_held(who, claims)

    async def list_session_claims(self, who: Principal, session_id: UUID) -> dict[UUID, int]:
        """What a session of this agent holds, task: fence."""
        return await self._store.list_session_claims(who, session_id)

    async def release_unheard(self, who: Principal, claims: Mapping[UUID, int], reason: str) -> None:
        """Let go of those of these claims (task: fence) about which their holder has not written."""
        released = await self._store.release_unheard(who, claims, reason)
        self._written(who.tenant_id, Verbs.release_tasks, len(released))

    def tell_ends(self, listener: Callable[[UUID, int], None]) -> None:
        """Call `listener` with task and fence of every claim that its holder ends here. It must not block."""
        self._listeners.append(listener)

    async def heartbeat(self, who: Principal, task_id: UUID, beat: Heartbeat, once: Once | None = None) -> Answered[Verdict]:
        """Keep a claim for another lease."""
        return await self._one(who, task_id, beat, once)

    async def decide(
        self, who: Principal, task_id: UUID, decision: FencedDecision, once: Once | None = None
    ) -> Answered[Verdict]:
        """End a task with an outcome; its case takes the outcome's route."""
        return await self._one(who, task_id, decision, once)

    async def fail(self, who: Principal, task_id: UUID, failure: Failure, once: Once | None = None) -> Answered[Verdict]:
        """Say that the work went wrong: it comes back after a pause, or is given up."""
        return await self._one(who, task_id, failure, once)

    async def release(self, who: Principal, task_id: UUID, release: Release, once: Once | None = None) -> Answered[Verdict]:
        """Give a task back unharmed."""
        return await self._one(who, task_id, release, once)

    async def reject(self, who: Principal, task_id: UUID, rejection: Rejection, once: Once | None = None) -> Answered[Verdict]:
        """Give a task back and be offered it no more."""
        return await self._one(who, task_id, rejection, once)

    async def need_input(self, who: Principal, task_id: UUID, need: NeedInput, once: Once | None = None) -> Answered[Verdict]:
        """Let the task wait for a fact; whoever claims it next finds it on the board."""
        return await self._one(who, task_id, need, once)

    async def give_opinion(
        self, who: Principal, task_id: UUID, opinion: FencedOpinion, once: Once | None = None
    ) -> Answered[Verdict]:
        """Say what a panel's seat has to say; nobody sees it until all are counted. Said anew it takes the last one's place."""

        async def give_it(verbs: Verbs) -> Verdict:
            return Verdict(task_id=task_id, verdict=await verbs.give_opinion(who, task_id, opinion))

        demand(who, "work on a task")
        answered = await self._answer_once(who, once, Verdict, give_it, keep=lambda told: told.verdict in _YES)
        self._tell_ends([(task_id, opinion)], [answered.value])
        if answered.value.verdict not in _YES:
            raise refusal_of(answered.value.verdict, task_id)
        return answered

    async def write_many(
        self, who: Principal, writes: Sequence[tuple[UUID, F]], once: Once | None = None
    ) -> Answered[Verdicts]:
        """One verb on many tasks: one verdict each, in order; a refused one changes nothing for the others."""
        demand(who, "work on a task")
        answered = await self._combined(type(writes[0][1]), who).do(Request(who, writes, once, weight=len(writes)))
        self._tell_ends(writes, answered.value.items)
        return answered

    async def decide_many(
        self, who: Principal, decisions: Sequence[DecisionItem], once: Once | None = None
    ) -> Answered[Verdicts]:
        """Decisions on many tasks."""
        return await self.write_many(who, [(decision.task_id, decision) for decision in decisions], once)

    async def show_task(self, who: Principal, task_id: UUID) -> TaskView:
        """A task, who holds it, and what it waits for."""
        demand(who, "read the board")
        task = await self._store.show_task(who, task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id}.")
        return task

    # ----------------------------------------------------------------------------------------------------------- actions
    async def propose_action(
        self, who: Principal, task_id: UUID, new: Proposal, once: Once | None = None
    ) -> Answered[ActionVerdict]:
        """Show a decision the exact bytes that it is to authorize. The same bytes again are the same action."""
        canonical.encode(new.payload)
        return await self._act(who, task_id, once, lambda verbs: verbs.propose_action(who, task_id, new))

    async def record_action(
        self, who: Principal, task_id: UUID, new: NewAction, once: Once | None = None
    ) -> Answered[ActionVerdict]:
        """Write a side effect down before it is sent: the effect key, and whether to send, to ask first, or neither."""
        canonical.encode(new.payload)

        async def record_it(verbs: Verbs) -> ActionVerdict:
            return await self._permitted(verbs, who, new.kind, await verbs.record_action(who, task_id, new))

        return await self._act(who, task_id, once, record_it)

    async def _permitted(self, verbs: Verbs, who: Principal, kind: str, told: ActionVerdict) -> ActionVerdict:
        """With a permit for the bank, where the action is to be sent and was authorized.

        It is kept with the answer: who asks again under the same key gets the same permit, and later none that is good.
        """
        if self._mint is None or told.verdict not in _GOES or told.action_id is None or not (told.effect_key and told.digest):
            return told
        if not await verbs.was_authorized(who, told.action_id):
            return told
        return told.model_copy(update={"permit": self._mint.mint(kind, told.effect_key, told.digest)})

    async def settle_action(
        self, who: Principal, task_id: UUID, action_id: UUID, settlement: Settlement, once: Once | None = None
    ) -> Answered[ActionVerdict]:
        """Keep what the bank said. Saying the same twice is saying it once."""
        return await self._act(who, task_id, once, lambda verbs: verbs.settle_action(who, task_id, action_id, settlement))

    async def _act(
        self, who: Principal, task_id: UUID, once: Once | None, work: Callable[[Verbs], Awaitable[ActionVerdict]]
    ) -> Answered[ActionVerdict]:
        """A refusal is committed (the journal has it) before it is raised."""
        demand(who, "work on a task")
        answered = await self._answer_once(who, once, ActionVerdict, work, keep=lambda told: told.verdict in _YES)
        if answered.value.verdict not in _YES:
            raise refusal_of(answered.value.verdict, task_id, denied=answered.value.reason)
        return answered

    # ------------------------------------------------------------------------------------------------------------ inside
    async def _one(self, who: Principal, task_id: UUID, body: Fenced, once: Once | None) -> Answered[Verdict]:
        """One task through a verb that takes many. A refusal is committed before it is raised."""
        demand(who, "work on a task")
        answered = await self._combined(type(body), who).do(Request(who, [(task_id, body)], once))
        self._tell_ends([(task_id, body)], answered.value.items)
        [verdict] = answered.value.items
        if verdict.verdict not in _YES:
            raise refusal_of(verdict.verdict, task_id, verdict.detail)
        return Answered(verdict, answered.replayed)

    def _tell_ends(self, writes: Items, told: Sequence[Verdict]) -> None:
        """Who follows claims hears of their ends here at once, and of ends elsewhere through the journal."""
        if self._listeners:
            for (task_id, body), verdict in zip(writes, told, strict=True):
                if verdict.verdict in _ENDS:
                    for listener in self._listeners:
                        listener(task_id, body.fence)

    def _combined(self, kind: type[Fenced], who: Principal) -> Combiner[Items, Verdicts]:
        """The combiner of a verb, for those who may share a transaction."""
        verb, tenant_id = VERBS[kind], who.tenant_id
        place = (tenant_id, who.company, verb)
        if place not in self._combiners:
            self._combiners[place] = Combiner(
                self._store,
                self._writer(tenant_id, verb),
                Memory(_kept, _as_told),
                on_commit=lambda count: self._written(tenant_id, verb, count),
            )
        return self._combiners[place]

    def _written(self, tenant_id: int, verb: Verb, count: int) -> None:
        """After a commit: tell the sequencer, and the agents of this process, whom the journal reaches milliseconds later."""
        self._on_commit()
        if verb in _MAKES_READY:
            self._claims.ring_every(tenant_id, count)

    def _writer(
        self, tenant_id: int, verb: Verb
    ) -> Callable[[Verbs, Sequence[Request[Items, Verdicts]]], Awaitable[list[Verdicts]]]:
        """What several callers say in one statement, and each one's verdicts."""

        async def write_them(verbs: Verbs, requests: Sequence[Request[Items, Verdicts]]) -> list[Verdicts]:
            writes = [Write(request.who.agent_id, task_id, body) for request in requests for task_id, body in request.body]
            doing = self._decide(verbs, tenant_id, writes) if verb is Verbs.decide_tasks else verb(verbs, tenant_id, writes)
            told = iter(await doing)
            return [Verdicts.model_construct(items=[next(told) for _ in request.body]) for request in requests]

        return write_them

    async def _decide(self, verbs: Verbs, tenant_id: int, writes: Sequence[Write[Any]]) -> list[Verdict]:
        """Decisions, their results checked. The board is told of unfit ones too: who lost its claim must hear that first."""
        unfit = await self._unfit(verbs, tenant_id, writes)
        verdicts = await verbs.decide_tasks(tenant_id, writes, unfit)
        for n, verdict in enumerate(verdicts):
            if verdict.verdict == "unfit_result":
                verdicts[n] = verdict.model_copy(update={"detail": unfit[n]})
            elif verdict.verdict == "duties":
                told = await verbs.explain_clash(tenant_id, writes[n].agent_id, verdict.task_id)
                verdicts[n] = verdict.model_copy(update={"detail": told})
        return verdicts

    async def _unfit(self, verbs: Verbs, tenant_id: int, writes: Sequence[Write[Any]]) -> dict[int, str]:
        """The decisions, by place, whose result is not what their stage asks for, and what is wrong with it."""
        if tenant_id not in self._asks_results:
            self._asks_results[tenant_id] = bool(await verbs.result_schemas(tenant_id, None))
        if not self._asks_results[tenant_id]:
            return {}
        schemas = await verbs.result_schemas(tenant_id, [write.task_id for write in writes])
        unfit = {}
        for n, write in enumerate(writes):
            if write.task_id in schemas:
                try:
                    stage, schema = schemas[write.task_id]
                    check_fit(schema, write.body.result or {}, "result", f"stage {stage}")
                except Invalid as error:
                    unfit[n] = error.detail
        return unfit


def _kept(told: Verdicts) -> Json | None:
    """The answer to a batch is remembered always, to a single write when it is a yes: a refusal may be asked again.

    One that is the same for all is kept as one word: written out, a hundred are 12 KB.
    """
    word = told.items[0].verdict
    if len(told.items) == 1 and word not in _YES:
        return None
    if all(v.verdict == word and (v.detail, v.deadline_at, v.retry_at) == (None, None, None) for v in told.items):
        return {"all": word}
    return told.model_dump(mode="json")


async def _as_told(_verbs: Verbs, asked: Request[Items, Verdicts], kept: Json) -> Verdicts:
    if "all" in kept:
        return Verdicts(items=[Verdict(task_id=task_id, verdict=kept["all"]) for task_id, _ in asked.body])
    return Verdicts.model_validate(kept)


_LOST = {
    "expired": "The claim ran out, or was given back, and the task is in the queue again.",
    "reassigned": "The task has a new holder.",
    "cancelled": "The case was withdrawn, or went on without this task.",
    "done": "The task has been ended.",
    "frozen": "What the case touches is on hold.",
    "tallied": "The panel's opinions have been counted.",
    "late": "The panel's time is over.",
}
_REFUSALS: dict[str, tuple[type[Refused], str]] = {
    "not_holder": (NotPermitted, "Another agent holds this task."),
    "unknown_outcome": (Invalid, "The task's stage has no such outcome; its workflow at GET /v1/workflows lists them."),
    "unreasoned": (Invalid, "A decision says why, and a rejection with a reason that is specific: reasons."),
    "outdated": (
        Conflict,
        "A fact or the policy that it rests on has changed. Read the case again and decide on the newest facts.",
    ),
    "policy_retired": (
        Conflict,
        "The policy that it names is not in force. Judge by the active version: GET /v1/policies/{name}.",
    ),
    "not_human": (NotPermitted, "Only people decide a review."),
    "not_shown": (
        Conflict,
        "Look at the review first (GET /v1/reviews/{task}), and name what you were shown: shown.",
    ),
    "changed": (
        Conflict,
        "What you were shown is not what would be shown now. Look at the review again (GET /v1/reviews/{task}), then decide.",
    ),
    "no_review": (Invalid, "This task is no review: use the verbs of tasks."),
    "no_person": (Invalid, "There is nobody of that name or capability who is a person, active, and may decide it."),
    "no_escalation": (Conflict, "There is nobody to escalate it to, or they have it already."),
    "duties": (DutyClash, "What you did on this case keeps you from deciding here."),
    "no_question": (Conflict, "This task is no seat of a panel: end it with a decision."),
    "owner_spoke": (Conflict, "An agent of the same owner has spoken on this question. Give the task back with reject."),
    "seated": (NotPermitted, "A seat on a panel gives an opinion: it proposes and sends nothing at the bank."),
    "altered": (Conflict, "This case's action was recorded with other bytes. They never change; send those or nothing."),
    "contradicted": (Conflict, "The action is settled already, and otherwise. A settled action does not change."),
    "unknown_action": (NotFound, "There is no such action on this task's case, or it was not executed."),
    "unknown_kind": (Invalid, "No stage of this workflow authorizes such an action; record it directly, or name one that is."),
    "unfit_action": (Invalid, "The action has no certain bytes: write amounts as text, and name its members in ASCII."),
    "undone": (Conflict, "Another action undoes that one already. What was done once is undone once."),
    "unsent": (Conflict, "The action was never sent, so nothing can be said of it. Record it first."),
    "settled": (Conflict, "An action of this kind was executed on this case already."),
}
_DENIED = {
    "unauthorized": "No decision authorized these bytes, or what was authorized is used up. Let the case be decided again.",
    "expired": "The authorization ran out before it was used. Let the case be decided again.",
    "voided": "A fact that the authorization rests on is not what it was. Let the case be decided again.",
    "policy_retired": "The policy behind the authorization is not in force any more. Let the case be decided again.",
    "duties": "This agent had another part in the case and may not carry it out. Give the task to others.",
    "frozen": "What the case touches is on hold. Wait until it is lifted.",
    "velocity": "It would be more, or more often, than may leave within a while. Let a person look at it, or wait.",
    "suspended": "The case, or an agent behind it, is suspended. Wait until it goes on.",
}


def refusal_of(verdict: str, task_id: UUID, detail: str | None = None, *, denied: str | None = None) -> Refused:
    """The error for a holder's write that was refused."""
    if denied is not None:
        return Denied(f"{_DENIED[denied]} Nothing may be sent.", reason=denied)
    if verdict in _LOST:
        return ClaimLost(f"{_LOST[verdict]} Stop working on it; nothing of this write was kept.", reason=verdict)
    kind, sentence = _REFUSALS.get(verdict, (Invalid if detail else NotFound, f"There is no task {task_id}."))
    return kind(detail or sentence, reason=verdict) if kind is Conflict else kind(detail or sentence)
