"""What is told of policies, and of who may act for whom or break a rule."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import said
from blackboard.field_class import Internal, Personal, Public
from blackboard.values import Frozen


class PolicyDrafted(Frozen):
    """A version of a policy, which judges nothing yet."""

    policy: Public[str]
    version: Public[int] = Field(description="Of the policy, from 1.")
    digest: Public[str] = Field(description="SHA-256 of its RFC 8785 bytes.")
    reason: Internal[str] = said()


class PolicyActivated(Frozen):
    """The version that judges from now on."""

    policy: Public[str]
    version: Public[int] = Field(description="Of the policy, from 1.")
    digest: Public[str] = Field(description="SHA-256 of its RFC 8785 bytes.")
    author: Public[str] = Field(description="Who drafted it: an agent of another owner than the actor's.")
    reason: Internal[str] = said()


class PolicyRetired(Frozen):
    """A version that judges no more."""

    policy: Public[str]
    version: Public[int] = Field(description="Of the policy, from 1.")
    replaced_by: Public[int | None] = Field(description="The version that judges instead; null when none does.")
    reason: Internal[str] = said()


class Delegated(Frozen):
    """Who acts for whom, until when. Until the end the two are one person in every duty."""

    delegation_id: Public[UUID]
    from_: Public[str] = Field(alias="from")
    to: Public[str]
    capability: Public[str | None] = Field(description="What of the delegator's the delegate may claim; null for nothing.")
    until: Public[datetime]
    reason: Internal[str] = said()


class Leave(Frozen):
    """That one agent may take on one duty of the case once, although its person has the duty `despite` there."""

    leave_id: Public[UUID]
    agent: Public[str]
    duty: Public[str]
    despite: Public[str]
    expires_at: Public[datetime]
    severity: Public[Literal["high"]]
    reason: Personal[str] = said()
