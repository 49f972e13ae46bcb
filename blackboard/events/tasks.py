"""What is told of tasks and of those who hold them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, RootModel

from blackboard.events.members import fence, said
from blackboard.values import Frozen, Json


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

    fence: int = fence()
    reason: str | None = said()
    needs: str | None = Field(description="The fact without which the holder could not go on.")


class TaskWaiting(RootModel[Awaiting | SetAside | GivenBack | Unopened]):
    """What keeps it: what its stage waits for, what stood against a claim, or the fact that its holder asked for."""


class TaskClaimed(Frozen):
    """The actor has it."""

    fence: int = fence()
    attempt: int
    deadline_at: datetime = Field(description="When the claim runs out unless it is kept alive; heartbeats are no events.")


class TaskDecided(Frozen):
    """The answer. What the board decides itself (a time, a signal, another case) has no reasons and no evidence."""

    fence: int = fence()
    outcome: str
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    confidence: float | None = None
    result: Any = None
    seen: str | None = Field(None, description="What the holder had seen of the case when it decided.")
    shown: str | None = Field(None, description="Of a review: SHA-256 of what the person was shown, as canonical JSON.")
    reads: tuple[str, ...] = Field((), description="The facts that it rests on, each with its version: `income@3`.")
    policy: str | None = Field(None, description="The rules that it follows, with their version: `loan_credit@2`.")


class TaskFailed(Frozen):
    """An attempt went wrong."""

    fence: int = fence()
    reason: str = Field(description="What went wrong, as the holder said.")
    failures: int = Field(description="How many by now.")
    then: Literal["retrying", "exhausted", "incident"] = Field(
        description="Tried again at `retry_at`; the stage goes on with its outcome `exhausted`; an operator is asked."
    )
    retry_at: datetime | None


class TaskExpired(Frozen):
    """The claim ran out."""

    fence: int = fence()
    holder: str = Field(description="The agent that had it.")
    session_id: UUID | None
    deadline_at: datetime
    rescues: int = Field(description="How many holders it lost by now.")
    then: Literal["ready", "quarantine"]


class TaskRevoked(Frozen):
    """The claim was taken back."""

    fence: int = fence()
    holder: str = Field(description="The agent that had it.")
    reason: str


class TaskCancelled(Frozen):
    """Nobody wants it any more."""

    fence: int = fence()
    reason: str


class TaskEscalated(Frozen):
    """It is more urgent."""

    priority: int = Field(description="0 is most urgent, 9 least.")


class TaskRedriven(Frozen):
    """It is tried again, with its attempts counted anew."""

    reason: str = said()
    failures: int = Field(description="What had been counted.")
    rescues: int = Field(description="What had been counted.")


class WriteRefused(Frozen):
    """What a holder wanted to write when the task was no longer its own, or in a way that could not be."""

    verb: str
    reason: str = Field(description="expired, reassigned, cancelled, done, frozen or not_holder; or what was wrong with it.")
    fence: int | None = fence()
    offered: Any = Field(description="What it wanted to write.")
