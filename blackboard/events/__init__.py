"""Every type of event that the journal holds: what it means, and what its data holds.

The SQL functions write them; a test holds that this table and they name the same types, and that what is written fits. Members
may be added to an event; none is taken away and none changes its meaning.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel

from blackboard.events.actions import ActionAuthorized, ActionEnded, ActionProposed, Effect, VelocityExceeded
from blackboard.events.cases import (
    CaseChanged,
    CaseClosed,
    CaseMoved,
    CaseOpened,
    CustomerErased,
    FactMarked,
    FactPut,
    SignalSent,
)
from blackboard.events.decisions import (
    DecisionMade,
    OpinionGiven,
    QuestionOpened,
    ReviewAsked,
    ReviewEscalated,
    ReviewForwarded,
    ReviewTimedOut,
    ReviewWarned,
)
from blackboard.events.duties import Delegated, Leave, PolicyActivated, PolicyDrafted, PolicyRetired
from blackboard.events.keys import KeyIssued, KeyRevoked, KeyRotated
from blackboard.events.operators import (
    AgentAltered,
    AgentChanged,
    AgentRegistered,
    Dropped,
    HoldChanged,
    LimitPut,
    QuotaPut,
    SchedulePut,
    SessionEnded,
    SessionLost,
    SessionStarted,
    WorkflowLoaded,
)
from blackboard.events.streams import StreamClosed, StreamOpened, StreamReset
from blackboard.events.tasks import (
    GivenBack,
    TaskCancelled,
    TaskClaimed,
    TaskDecided,
    TaskEscalated,
    TaskExpired,
    TaskFailed,
    TaskHeld,
    TaskReady,
    TaskRedriven,
    TaskRevoked,
    TaskWaiting,
    WriteRefused,
)
from blackboard.events.webhooks import WebhookDropped, WebhookFailed, WebhookPut, WebhookReplayed, WebhookRotated


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
    "velocity.exceeded": Kind("An action was stopped: it would be more than may be sent within a while.", VelocityExceeded),
    "agent.registered": Kind("There is a new agent.", AgentRegistered),
    "agent.suspended": Kind("The agent can do nothing, and its claims were taken back.", AgentChanged),
    "agent.active": Kind("The agent may work again.", AgentChanged),
    "agent.retired": Kind("The agent can do nothing any more.", AgentChanged),
    "agent.changed": Kind("An agent has another owner, role or set of capabilities.", AgentAltered),
    "key.issued": Kind("An agent has a key more.", KeyIssued),
    "key.rotated": Kind("A key has a successor, and ends soon.", KeyRotated),
    "key.revoked": Kind("A key opens nothing any more.", KeyRevoked),
    "session.started": Kind("An instance of an agent lives.", SessionStarted),
    "session.ended": Kind("An instance of an agent said goodbye.", SessionEnded),
    "session.lost": Kind("An instance of an agent was not heard of for too long.", SessionLost),
    "hold.placed": Kind("Nothing is handed out of what the hold names.", HoldChanged),
    "hold.lifted": Kind("What was held is handed out again.", HoldChanged),
    "quota.put": Kind("There is a quota, or it changed.", QuotaPut),
    "quota.dropped": Kind("There is no such quota any more.", Dropped),
    "limit.put": Kind("There is a limit on how fast callers may ask, or it changed.", LimitPut),
    "limit.dropped": Kind("There is no such limit any more.", Dropped),
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
    "customer.erased": Kind("What told of a customer in these cases was taken out.", CustomerErased),
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
