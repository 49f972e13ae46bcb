"""What is told of policies, and of who may act for whom or break a rule."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import said
from blackboard.values import Frozen


class PolicyDrafted(Frozen):
    """A version of a policy, which judges nothing yet."""

    policy: str
    version: int = Field(description="Of the policy, from 1.")
    digest: str = Field(description="SHA-256 of its RFC 8785 bytes.")
    reason: str = said()


class PolicyActivated(Frozen):
    """The version that judges from now on."""

    policy: str
    version: int = Field(description="Of the policy, from 1.")
    digest: str = Field(description="SHA-256 of its RFC 8785 bytes.")
    author: str = Field(description="Who drafted it: an agent of another owner than the actor's.")
    reason: str = said()


class PolicyRetired(Frozen):
    """A version that judges no more."""

    policy: str
    version: int = Field(description="Of the policy, from 1.")
    replaced_by: int | None = Field(description="The version that judges instead; null when none does.")
    reason: str = said()


class Delegated(Frozen):
    """Who acts for whom, until when. Until the end the two are one person in every duty."""

    delegation_id: UUID
    from_: str = Field(alias="from")
    to: str
    capability: str | None = Field(description="What of the delegator's the delegate may claim; null for nothing.")
    until: datetime
    reason: str = said()


class Leave(Frozen):
    """That one agent may take on one duty of the case once, although its person has the duty `despite` there."""

    leave_id: UUID
    agent: str
    duty: str
    despite: str
    expires_at: datetime
    severity: Literal["high"]
    reason: str = said()
