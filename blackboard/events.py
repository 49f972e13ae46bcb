"""Every type of event that the journal holds: what it means, and what its data holds.

The SQL functions write them; a test holds that this table and they name the same types, and that what is written fits. Members
may be added to an event; none is taken away and none changes its meaning.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field, RootModel

from blackboard.states import CaseState
from blackboard.values import Frozen, Json


def _fence() -> Any:
    return Field(description="Counts the claims on the task; a write under an older one is refused.")


def _said() -> Any:
    return Field(description="Why, as the caller said.")


def _version() -> Any:
    return Field(description="Of the case; rises with every change of it.")


# ------------------------------------------------------------------------------------------------------------------- cases
class CaseOpened(Frozen):
    """What was asked for, but for the payload: that is read from the case."""

    state: Literal[CaseState.ACTIVE]
    subject: str | None = Field(description="Whom it is about, as the workflow finds it in the payload.")
    business_key: str | None
    priority: int = Field(description="0 is most urgent, 9 least.")
    version: int = _version()


class CaseMoved(Frozen):
    """From stage to stage. The event's `stage` is the new one."""

    state: CaseState
    from_stage: str
    by_outcome: str = Field(description="The outcome of the stage that was left.")
    outcome: None = Field(description="A case that goes on has none.")
    version: int = _version()


class CaseClosed(Frozen):
    """Its last stage ended, or it was withdrawn: then with a reason and without a stage that it came from."""

    state: CaseState
    outcome: str
    version: int = _version()
    from_stage: str | None = Field(None, description="The last stage, where one ended.")
    by_outcome: str | None = Field(None, description="The outcome of the last stage, where one ended.")
    reason: str | None = Field(None, description="Why it was withdrawn.")


class CaseChanged(Frozen):
    """Stopped, or let go on."""

    state: CaseState
    version: int = _version()
    reason: str = _said()


class FactPut(Frozen):
    """A fact about a case in a new version."""

    key: str
    version: int = Field(description="Of this fact, from 1.")
    value: Any
    confidence: float | None = Field(description="0 to 1, where the source knows.")
    source: str | None
    fence: int | None = Field(description="The claim under which it was put; null when it was nobody's task.")
    trust: int = Field(2, description="0 to 3: what its source is worth, and no more than any of its inputs.")
    source_class: str = Field("agent", description="Whose word it is.")
    inputs: tuple[str, ...] = Field((), description="The facts that it was made of, as key@version.")
    tool: str | None = None
    model: str | None = None
    prompt_digest: str | None = Field(None, description="SHA-256 of what the model was asked.")
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class FactMarked(Frozen):
    """What somebody said of a version of a fact."""

    key: str
    version: int = Field(description="Of this fact, from 1.")
    was: Literal["asserted", "disputed"] = Field(description="How it stood before.")
    reason: str = _said()
    as_version: int | None = Field(description="The version that taking an entry back is of an accumulating fact.")


class SignalSent(Frozen):
    """Something happened outside."""

    name: str
    body: Json


# ------------------------------------------------------------------------------------------------------------------- tasks
class TaskReady(Frozen):
    """It can be claimed."""

    attempt: int = Field(description="The one that the next claim begins: 1 and the failures and lost holders so far.")


class TaskHeld(Frozen):
    """It was ready, and waits until its condition was judged anew."""

    facts: list[str] = Field(description="The facts of which something was said.")


class Awaiting(Frozen):
    """It waits for what its stage is made to wait for."""

    awaits: Literal["when", "signal", "timer", "case", "tally"]
    awaited: Json = Field(description="The condition, the signal's name, the seconds, the workflow or the panel's question.")


class SetAside(Frozen):
    """It could not be handed out."""

    reason: Literal["frozen", "paused", "quota", "incident"]
    key: str = Field(description="The entity, hold or quota that it waits for.")
    about: Json


class Unopened(Frozen):
    """The case that it was to wait for could not be opened."""

    reason: Literal["incident"]
    about: str


class GivenBack(Frozen):
    """A holder gave it back."""

    fence: int = _fence()
    reason: str | None = _said()
    needs: str | None = Field(description="The fact without which the holder could not go on.")


class TaskWaiting(RootModel[Awaiting | SetAside | GivenBack | Unopened]):
    """What keeps it: what its stage waits for, what stood against a claim, or the fact that its holder asked for."""


class TaskClaimed(Frozen):
    """The actor has it."""

    fence: int = _fence()
    attempt: int
    deadline_at: datetime = Field(description="When the claim runs out unless it is kept alive; heartbeats are no events.")


class TaskDecided(Frozen):
    """The answer. What the board decides itself (a time, a signal, another case) has no reasons and no evidence."""

    fence: int = _fence()
    outcome: str
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    confidence: float | None = None
    result: Any = None
    seen: str | None = Field(None, description="What the holder had seen of the case when it decided.")
    shown: str | None = Field(None, description="Of a review: SHA-256 of what the person was shown, as canonical JSON.")
    reads: tuple[str, ...] = Field((), description="The facts that it rests on, each with its version: `income@3`.")
    policy: str | None = Field(None, description="The rules that it follows, with their version: `loan_credit@2`.")


class QuestionOpened(Frozen):
    """What a panel is asked."""

    question: str
    visit: int = Field(description="Counts the stages that the case has entered.")
    seats: list[str]
    deadline_at: datetime


class OpinionGiven(Frozen):
    """Whose seat has spoken. What was said is sealed until the tally."""

    seat: str
    visit: int = Field(description="Of the question.")
    revision: int = Field(description="Above 1 it is in place of what the seat said before.")
    fence: int = _fence()
    digest: str = Field(description="SHA-256 of salt and opinion (RFC 8785); `decision.made` tells both.")


class DecisionMade(Frozen):
    """The tally of a panel, with all that it was made from: whoever repeats it comes to the same."""

    id: UUID
    visit: int = Field(description="Of the question.")
    kind: Literal["tallied", "lapsed"] = Field(description="lapsed: time ran out without a quorum.")
    question: str
    outcome: Literal["approve", "reject", "refer"]
    reasons: list[str]
    score: float | None = Field(description="The share of the panel that approves.")
    confidence: float | None
    evidence: list[str]
    reads: list[str] = Field(description="The facts that it rests on, each with its version.")
    policy: str | None = Field(description="With its version.")
    dissent: list[Json] = Field(description="Who differed, and why.")
    basis: Json = Field(description="The panel's rules, its seats, the opinions, the facts and the policy.")


class TaskFailed(Frozen):
    """An attempt went wrong."""

    fence: int = _fence()
    reason: str = Field(description="What went wrong, as the holder said.")
    failures: int = Field(description="How many by now.")
    then: Literal["retrying", "exhausted", "incident"] = Field(
        description="Tried again at `retry_at`; the stage goes on with its outcome `exhausted`; an operator is asked."
    )
    retry_at: datetime | None


class TaskExpired(Frozen):
    """The claim ran out."""

    fence: int = _fence()
    holder: str = Field(description="The agent that had it.")
    session_id: UUID | None
    deadline_at: datetime
    rescues: int = Field(description="How many holders it lost by now.")
    then: Literal["ready", "quarantine"]


class TaskRevoked(Frozen):
    """The claim was taken back."""

    fence: int = _fence()
    holder: str = Field(description="The agent that had it.")
    reason: str


class TaskCancelled(Frozen):
    """Nobody wants it any more."""

    fence: int = _fence()
    reason: str


class TaskEscalated(Frozen):
    """It is more urgent."""

    priority: int = Field(description="0 is most urgent, 9 least.")


class TaskRedriven(Frozen):
    """It is tried again, with its attempts counted anew."""

    reason: str = _said()
    failures: int = Field(description="What had been counted.")
    rescues: int = Field(description="What had been counted.")


class ReviewForwarded(Frozen):
    """It is for this person or group now."""

    fence: int = _fence()
    to: str = Field(description="A person, or a capability for all who have it.")
    reason: str = _said()


class ReviewEscalated(ReviewForwarded):
    """It is for those whom its stage escalates to, and more urgent."""

    priority: int = Field(description="0 is most urgent, 9 least.")


class ReviewAsked(Frozen):
    """It waits for a fact."""

    fence: int = _fence()
    needs: str = Field(description="The fact that will be the answer.")
    question: str
    to: str | None = Field(description="Whom the question is for: a capability or a name.")


class ReviewTimedOut(Frozen):
    """Nobody decided it, which is never a yes."""

    due_at: datetime
    holder: str | None = Field(description="Who had it.")
    owners: list[str] = Field(description="For whom it was.")


class ReviewWarned(Frozen):
    """How the decision came about. It stands."""

    fence: int = _fence()
    warnings: list[Literal["velocity", "streak", "haste"]]
    in_hour: int = Field(description="How many this person decided in an hour.")
    streak: int = Field(description="How many of the last ones alike, as far back as was looked.")
    seen_s: float = Field(description="For how long the person could have looked.")


class WriteRefused(Frozen):
    """What a holder wanted to write when the task was no longer its own, or in a way that could not be."""

    verb: str
    reason: str = Field(description="expired, reassigned, cancelled, done, frozen or not_holder; or what was wrong with it.")
    fence: int | None = _fence()
    offered: Any = Field(description="What it wanted to write.")


class Effect(Frozen):
    """A side effect at the bank. The key is the bank's to recognise a repetition by."""

    action_id: UUID
    kind: str
    effect_key: str
    digest: str = Field(description="SHA-256 of exactly what is sent.")
    attempt: int
    receipt: Json | None = Field(description="What the bank answered, as it came.")
    fence: int = _fence()


class ActionProposed(Frozen):
    """The exact bytes that a decision is asked to authorize. Nothing was sent."""

    action_id: UUID
    kind: str
    effect_key: str = Field(description="The key under which it will be sent.")
    digest: str = Field(description="SHA-256 of exactly what would be sent.")
    undoes: UUID | None = Field(description="The action that it takes back.")


class ActionAuthorized(Frozen):
    """Who permitted it is the event's actor."""

    action_id: UUID
    kind: str
    effect_key: str
    digest: str = Field(description="SHA-256 of exactly what may be sent.")
    authorization_id: UUID
    expires_at: datetime
    policy: str | None = Field(description="Under which it was decided, as name@version.")
    reads: list[str] = Field(description="The facts that it rests on, as key@version.")


class ActionEnded(Frozen):
    """It will never be sent."""

    action_id: UUID
    kind: str
    effect_key: str
    digest: str
    reason: str


# ----------------------------------------------------------------------------------------------------- those who run it all
class AgentRegistered(Frozen):
    """Who it is and what it can."""

    agent: str
    owner: str
    kind: Literal["agent", "service", "human"]
    role: str
    capabilities: list[str]


class AgentChanged(Frozen):
    """Which agent, and why."""

    agent: str
    reason: str = _said()


class SessionStarted(Frozen):
    """An instance of an agent came up."""

    session_id: UUID
    about: Json = Field(description="What it said of itself.")


class SessionEnded(Frozen):
    """An instance of an agent went."""

    session_id: UUID


class SessionLost(Frozen):
    """An instance of an agent was not heard of any more."""

    session_id: UUID
    heard_at: datetime


class HoldChanged(Frozen):
    """What may not be handed out."""

    kind: Literal["tenant", "workflow", "capability", "entity"]
    name: str
    reason: str = _said()


class QuotaPut(Frozen):
    """The quota as it now is."""

    name: str
    kind: Literal["concurrency", "rate", "exposure"]
    per: str
    workflow: str | None
    capability: str | None
    amount_field: str | None
    ceiling: str = Field(description="A decimal number.")
    per_second: str | None = Field(description="A decimal number.")


class SchedulePut(Frozen):
    """When it opens a case."""

    name: str
    cron: str
    zone: str
    next_at: datetime


class Dropped(Frozen):
    """The name of what is no more."""

    name: str


class WebhookPut(Frozen):
    """Where events are sent to. Its path is not told: it may hold a secret of the receiver."""

    name: str
    host: str
    filter: Json = Field(description="As in `GET /v1/events`; empty for everything.")
    state: Literal["active", "paused"]
    reason: str = _said()


class WebhookDropped(Frozen):
    """An endpoint that is no more, or that said it is gone."""

    name: str
    reason: str


class WebhookRotated(Frozen):
    """A new secret signs; the one before it does as well until then."""

    name: str
    old_until: datetime
    reason: str = _said()


class WebhookReplayed(Frozen):
    """What is sent again: all after a position, or the dead letters."""

    name: str
    after: int | None
    dead: bool
    count: int = Field(description="How many dead letters there were.")
    reason: str = _said()


class WebhookFailed(Frozen):
    """An event that could not be delivered, and is a dead letter now."""

    name: str
    position: int
    status: int | None = Field(description="What the endpoint answered with, where it did.")
    reason: str
    attempts: int


class PolicyDrafted(Frozen):
    """A version of a policy, which judges nothing yet."""

    policy: str
    version: int = Field(description="Of the policy, from 1.")
    digest: str = Field(description="SHA-256 of its RFC 8785 bytes.")
    reason: str = _said()


class PolicyActivated(Frozen):
    """The version that judges from now on."""

    policy: str
    version: int = Field(description="Of the policy, from 1.")
    digest: str = Field(description="SHA-256 of its RFC 8785 bytes.")
    author: str = Field(description="Who drafted it: an agent of another owner than the actor's.")
    reason: str = _said()


class PolicyRetired(Frozen):
    """A version that judges no more."""

    policy: str
    version: int = Field(description="Of the policy, from 1.")
    replaced_by: int | None = Field(description="The version that judges instead; null when none does.")
    reason: str = _said()


class Delegated(Frozen):
    """Who acts for whom, until when. Until the end the two are one person in every duty."""

    delegation_id: UUID
    from_: str = Field(alias="from")
    to: str
    capability: str | None = Field(description="What of the delegator's the delegate may claim; null for nothing.")
    until: datetime
    reason: str = _said()


class Leave(Frozen):
    """That one agent may take on one duty of the case once, although its person has the duty `despite` there."""

    leave_id: UUID
    agent: str
    duty: str
    despite: str
    expires_at: datetime
    severity: Literal["high"]
    reason: str = _said()


class WorkflowLoaded(Frozen):
    """A version of a workflow, which new cases follow."""

    version: int
    digest: str


# ----------------------------------------------------------------------------------------------------------------- streams
class StreamOpened(Frozen):
    """Who reads is the event's actor."""

    stream: UUID
    filter: Json | list[Json] = Field(description="What it asked for; a list where it asked for several.")
    start: str = Field(description="The cursor that it began at.")
    asked: str | None = Field(description="The cursor that it asked for, as it came, cut to a length that a cursor can have.")


class StreamReset(Frozen):
    """It could not go on from where it was."""

    stream: UUID
    reason: Literal["expired", "rewound", "malformed"]
    cursor: str = Field(description="Where it went on.")


class StreamClosed(Frozen):
    """How far it was told."""

    stream: UUID
    cursor: str


class Kind(NamedTuple):
    """A type of event: what has happened when it is written, and its data."""

    meaning: str
    data: type[BaseModel]


EVENTS: Mapping[str, Kind] = {
    "case.opened": Kind("A case was opened.", CaseOpened),
    "case.moved": Kind("A case went on to another stage.", CaseMoved),
    "case.closed": Kind("A case ended.", CaseClosed),
    "case.suspended": Kind("No further task of the case is handed out.", CaseChanged),
    "case.resumed": Kind("The case goes on where it was.", CaseChanged),
    "fact.put": Kind("Something became known about a case.", FactPut),
    "fact.disputed": Kind("Somebody says that a fact is not right.", FactMarked),
    "fact.upheld": Kind("A fact that was disputed is right.", FactMarked),
    "fact.retracted": Kind("A fact was taken back.", FactMarked),
    "signal.sent": Kind("Something that happened outside was told to a case.", SignalSent),
    "question.opened": Kind("A panel is asked.", QuestionOpened),
    "opinion.given": Kind("A seat of a panel has spoken; what it said is sealed.", OpinionGiven),
    "decision.made": Kind("A panel's opinions were counted, and are told.", DecisionMade),
    "task.ready": Kind("A task can be claimed.", TaskReady),
    "task.held": Kind("A task that could be claimed waits until its condition was judged anew.", TaskHeld),
    "task.waiting": Kind("A task is kept from being claimed.", TaskWaiting),
    "task.claimed": Kind("An agent alone has the task.", TaskClaimed),
    "task.decided": Kind("A task is done.", TaskDecided),
    "task.failed": Kind("An attempt at a task went wrong.", TaskFailed),
    "task.released": Kind("A holder gave the task back unharmed.", GivenBack),
    "task.rejected": Kind("A holder gave the task back and will not be offered it again.", GivenBack),
    "task.expired": Kind("A claim ran out: its holder was lost.", TaskExpired),
    "task.revoked": Kind("A claim was taken from its holder.", TaskRevoked),
    "task.cancelled": Kind("A task was withdrawn.", TaskCancelled),
    "task.escalated": Kind("A task became more urgent.", TaskEscalated),
    "task.redriven": Kind("An operator lets a stuck task be tried again.", TaskRedriven),
    "review.forwarded": Kind("A person lets somebody else decide a review.", ReviewForwarded),
    "review.escalated": Kind("A review went to those who decide what others do not.", ReviewEscalated),
    "review.asked": Kind("A person asked something before deciding a review.", ReviewAsked),
    "review.timed_out": Kind("Nobody decided a review in time.", ReviewTimedOut),
    "review.warned": Kind("A person decided a review too fast, the last of too many, or as always.", ReviewWarned),
    "write.refused": Kind("A holder's write was refused.", WriteRefused),
    "action.proposed": Kind("There is an action for somebody to decide on.", ActionProposed),
    "action.authorized": Kind("A decision permits the action, once.", ActionAuthorized),
    "action.refused": Kind("A proposed action will not be done.", ActionEnded),
    "action.expired": Kind("An action was not decided on, or not sent, in time.", ActionEnded),
    "action.voided": Kind("What an authorization rests on has changed; the case needs another decision.", ActionEnded),
    "action.recorded": Kind("A side effect is about to be sent for the first time.", Effect),
    "action.repeated": Kind("A side effect is looked after again; the bank is asked before anything is sent.", Effect),
    "action.executed": Kind("The bank did it.", Effect),
    "action.failed": Kind("The bank did not do it and will not.", Effect),
    "action.unknown": Kind("Nobody knows yet whether the bank did it.", Effect),
    "agent.registered": Kind("There is a new agent.", AgentRegistered),
    "agent.suspended": Kind("The agent can do nothing, and its claims were taken back.", AgentChanged),
    "agent.active": Kind("The agent may work again.", AgentChanged),
    "agent.retired": Kind("The agent can do nothing any more.", AgentChanged),
    "session.started": Kind("An instance of an agent lives.", SessionStarted),
    "session.ended": Kind("An instance of an agent said goodbye.", SessionEnded),
    "session.lost": Kind("An instance of an agent was not heard of for too long.", SessionLost),
    "hold.placed": Kind("Nothing is handed out of what the hold names.", HoldChanged),
    "hold.lifted": Kind("What was held is handed out again.", HoldChanged),
    "quota.put": Kind("There is a quota, or it changed.", QuotaPut),
    "quota.dropped": Kind("There is no such quota any more.", Dropped),
    "schedule.put": Kind("There is a schedule, or it changed.", SchedulePut),
    "schedule.dropped": Kind("There is no such schedule any more.", Dropped),
    "webhook.put": Kind("There is a webhook, or it changed.", WebhookPut),
    "webhook.dropped": Kind("There is no such webhook any more.", WebhookDropped),
    "webhook.rotated": Kind("A webhook has a new secret.", WebhookRotated),
    "webhook.replayed": Kind("A webhook is sent something again.", WebhookReplayed),
    "webhook.failed": Kind("An event was given up for a webhook.", WebhookFailed),
    "webhook.disabled": Kind("A webhook's endpoint said that it is gone.", WebhookDropped),
    "policy.drafted": Kind("A policy has a new version.", PolicyDrafted),
    "policy.activated": Kind("A version of a policy judges from now on.", PolicyActivated),
    "policy.retired": Kind("A version of a policy judges no more.", PolicyRetired),
    "delegation.made": Kind("One agent acts for another.", Delegated),
    "delegation.ended": Kind("An agent acts for another no longer; what was done meanwhile stays one person's.", Delegated),
    "glass.asked": Kind("Somebody asks that an agent may break a rule on duties; nothing may be done yet.", Leave),
    "glass.approved": Kind("A second person approved that an agent breaks a rule on duties once.", Leave),
    "glass.revoked": Kind("Leave to break a rule on duties was taken back.", Leave),
    "duty.broken": Kind("An agent broke a rule on duties, with leave: look at it.", Leave),
    "workflow.loaded": Kind("A workflow has a new version.", WorkflowLoaded),
    "stream.opened": Kind("Somebody follows the journal.", StreamOpened),
    "stream.reset": Kind("A stream could not go on from where it was.", StreamReset),
    "stream.closed": Kind("A stream ended.", StreamClosed),
}
