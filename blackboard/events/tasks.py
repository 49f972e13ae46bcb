"""What is told of tasks and of those who hold them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from blackboard.events.members import fence, said
from blackboard.field_class import Internal, Personal, Public
from blackboard.values import Frozen, Json


class TaskReady(Frozen):
    """It can be claimed."""

    attempt: Public[int] = Field(description="The one that the next claim begins: 1 and the failures and lost holders so far.")


class TaskHeld(Frozen):
    """It was ready, and waits until its condition was judged anew."""

    facts: Public[list[str]] = Field(description="The facts of which something was said.")


class Awaiting(Frozen):
    """It waits for what its stage is made to wait for."""

    awaits: Public[Literal["when", "signal", "timer", "case", "tally"]]
    awaited: Personal[Json] = Field(
        description="The condition, the signal's name, the seconds, the workflow or the panel's question."
    )


class SetAside(Frozen):
    """It could not be handed out."""

    reason: Internal[Literal["frozen", "paused", "quota", "incident"]]
    key: Personal[str] = Field(description="The entity, hold or quota that it waits for.")
    about: Personal[Json]


class Unopened(Frozen):
    """The case that it was to wait for could not be opened."""

    reason: Internal[Literal["incident"]]
    about: Personal[str]


class GivenBack(Frozen):
    """A holder gave it back."""

    fence: Public[int] = fence()
    reason: Personal[str | None] = said()
    needs: Public[str | None] = Field(description="The fact without which the holder could not go on.")


class TaskWaiting(RootModel[Awaiting | SetAside | GivenBack | Unopened]):
    """What keeps it: what its stage waits for, what stood against a claim, or the fact that its holder asked for."""


class TaskClaimed(Frozen):
    """The actor has it."""

    fence: Public[int] = fence()
    attempt: Public[int]
    deadline_at: Public[datetime] = Field(
        description="When the claim runs out unless it is kept alive; heartbeats are no events."
    )


class TaskDecided(Frozen):
    """The answer. What the board decides itself (a time, a signal, another case) has no reasons and no evidence."""

    fence: Public[int] = fence()
    outcome: Public[str]
    reasons: Internal[tuple[str, ...]] = ()
    evidence: Personal[tuple[str, ...]] = ()
    confidence: Internal[float | None] = None
    result: Personal[Any] = None
    seen: Internal[str | None] = Field(None, description="What the holder had seen of the case when it decided.")
    shown: Public[str | None] = Field(None, description="Of a review: SHA-256 of what the person was shown, as canonical JSON.")
    reads: Internal[tuple[str, ...]] = Field((), description="The facts that it rests on, each with its version: `income@3`.")
    policy: Internal[str | None] = Field(None, description="The rules that it follows, with their version: `loan_credit@2`.")


class TaskFailed(Frozen):
    """An attempt went wrong."""

    fence: Public[int] = fence()
    reason: Personal[str] = Field(description="What went wrong, as the holder said.")
    failures: Public[int] = Field(description="How many by now.")
    then: Public[Literal["retrying", "exhausted", "incident"]] = Field(
        description="Tried again at `retry_at`; the stage goes on with its outcome `exhausted`; an operator is asked."
    )
    retry_at: Public[datetime | None]


class TaskExpired(Frozen):
    """The claim ran out."""

    fence: Public[int] = fence()
    holder: Public[str] = Field(description="The agent that had it.")
    session_id: Public[UUID | None]
    deadline_at: Public[datetime]
    rescues: Public[int] = Field(description="How many holders it lost by now.")
    then: Public[Literal["ready", "quarantine"]]


class TaskRevoked(Frozen):
    """The claim was taken back."""

    fence: Public[int] = fence()
    holder: Public[str] = Field(description="The agent that had it.")
    reason: Personal[str]


class TaskCancelled(Frozen):
    """Nobody wants it any more."""

    fence: Public[int] = fence()
    reason: Personal[str]


class TaskEscalated(Frozen):
    """It is more urgent."""

    priority: Public[int] = Field(description="0 is most urgent, 9 least.")


class TaskRedriven(Frozen):
    """It is tried again, with its attempts counted anew."""

    reason: Personal[str] = said()
    failures: Public[int] = Field(description="What had been counted.")
    rescues: Public[int] = Field(description="What had been counted.")


class WriteRefused(Frozen):
    """What a holder wanted to write when the task was no longer its own, or in a way that could not be."""

    verb: Public[str]
    reason: Personal[str] = Field(
        description="expired, reassigned, cancelled, done, frozen or not_holder; or what was wrong with it."
    )
    fence: Public[int | None] = fence()
    offered: Personal[Any] = Field(description="What it wanted to write.")
