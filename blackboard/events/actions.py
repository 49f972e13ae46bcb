"""What is told of side effects at the bank."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import fence
from blackboard.field_class import Internal, Personal, Public
from blackboard.values import Frozen, Json


class Effect(Frozen):
    """A side effect at the bank. The key is the bank's to recognise a repetition by."""

    action_id: Public[UUID]
    kind: Public[str]
    effect_key: Public[str]
    digest: Public[str] = Field(description="SHA-256 of exactly what is sent.")
    attempt: Public[int]
    receipt: Personal[Json | None] = Field(description="What the bank answered, as it came.")
    fence: Public[int] = fence()


class ActionProposed(Frozen):
    """The exact bytes that a decision is asked to authorize. Nothing was sent."""

    action_id: Public[UUID]
    kind: Public[str]
    effect_key: Public[str] = Field(description="The key under which it will be sent.")
    digest: Public[str] = Field(description="SHA-256 of exactly what would be sent.")
    undoes: Public[UUID | None] = Field(description="The action that it takes back.")


class ActionAuthorized(Frozen):
    """Who permitted it is the event's actor."""

    action_id: Public[UUID]
    kind: Public[str]
    effect_key: Public[str]
    digest: Public[str] = Field(description="SHA-256 of exactly what may be sent.")
    authorization_id: Public[UUID]
    expires_at: Public[datetime]
    policy: Internal[str | None] = Field(description="Under which it was decided, as name@version.")
    reads: Internal[list[str]] = Field(description="The facts that it rests on, as key@version.")


class VelocityExceeded(Frozen):
    """A bound on what may be sent within a while, and what was sent of it already. The action was not sent."""

    kind: Public[str]
    of: Internal[Literal["payee", "payer", "agent", "maker"]]
    whose: Personal[str] = Field(description="The account or agent that the bound is of.")
    window_s: Internal[int]
    sent: Internal[int] = Field(description="How many were sent within the window.")
    sent_amount: Internal[str] = Field(description="How much they came to, as a decimal number.")
    count: Public[int | None] = Field(description="How many may be.")
    amount: Public[str | None] = Field(description="How much may be, as a decimal number.")
    currency: Public[str | None]


class ActionEnded(Frozen):
    """It will never be sent."""

    action_id: Public[UUID]
    kind: Public[str]
    effect_key: Public[str]
    digest: Public[str]
    reason: Internal[str]
