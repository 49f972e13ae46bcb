"""What is told of agents, their sessions, and of what operators hold back, bound and load."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import said
from blackboard.field_class import Internal, Personal, Public
from blackboard.values import Frozen, Json


class AgentRegistered(Frozen):
    """Who it is and what it can."""

    agent: Public[str]
    owner: Public[str]
    kind: Public[Literal["agent", "service", "human"]]
    role: Public[str]
    capabilities: Public[list[str]]


class AgentChanged(Frozen):
    """Which agent, and why."""

    agent: Public[str]
    reason: Internal[str] = said()


class Standing(Frozen):
    """What an agent was before a change."""

    owner: Public[str]
    role: Public[str]
    capabilities: Public[list[str]]


class AgentAltered(Standing):
    """What an agent is now, what it was, and why."""

    agent: Public[str]
    was: Public[Standing]
    reason: Internal[str] = said()


class SessionStarted(Frozen):
    """An instance of an agent came up."""

    session_id: Public[UUID]
    about: Internal[Json] = Field(description="What it said of itself.")


class SessionEnded(Frozen):
    """An instance of an agent went."""

    session_id: Public[UUID]


class SessionLost(Frozen):
    """An instance of an agent was not heard of any more."""

    session_id: Public[UUID]
    heard_at: Public[datetime]


class HoldChanged(Frozen):
    """What may not be handed out."""

    kind: Public[Literal["tenant", "workflow", "capability", "entity"]]
    name: Personal[str]
    reason: Internal[str] = said()


class QuotaPut(Frozen):
    """The quota as it now is."""

    name: Public[str]
    kind: Public[Literal["concurrency", "rate", "exposure"]]
    per: Public[str]
    workflow: Public[str | None]
    capability: Public[str | None]
    amount_field: Public[str | None]
    ceiling: Public[str] = Field(description="A decimal number.")
    per_second: Public[str | None] = Field(description="A decimal number.")


class LimitPut(Frozen):
    """How fast callers may ask: tokens a second, and at once."""

    name: Public[str]
    per: Public[Literal["tenant", "key"]]
    key_id: Public[str | None]
    route: Public[str | None]
    per_second: Public[float]
    burst: Public[float]


class SchedulePut(Frozen):
    """When it opens a case."""

    name: Public[str]
    cron: Public[str]
    zone: Public[str]
    next_at: Public[datetime]


class Dropped(Frozen):
    """The name of what is no more."""

    name: Public[str]


class WorkflowLoaded(Frozen):
    """A version of a workflow, which new cases follow."""

    version: Public[int]
    digest: Public[str]
