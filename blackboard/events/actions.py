"""What is told of side effects at the bank."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from blackboard.events.members import fence
from blackboard.values import Frozen, Json


class Effect(Frozen):
    """A side effect at the bank. The key is the bank's to recognise a repetition by."""

    action_id: UUID
    kind: str
    effect_key: str
    digest: str = Field(description="SHA-256 of exactly what is sent.")
    attempt: int
    receipt: Json | None = Field(description="What the bank answered, as it came.")
    fence: int = fence()


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
