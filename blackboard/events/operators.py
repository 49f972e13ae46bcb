"""What is told of agents, their sessions, and of what operators hold back, bound and load."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import said
from blackboard.values import Frozen, Json


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
    reason: str = said()


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
    reason: str = said()


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


class WorkflowLoaded(Frozen):
    """A version of a workflow, which new cases follow."""

    version: int
    digest: str
