"""What is told of webhooks."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from blackboard.events.members import said
from blackboard.values import Frozen, Json


class WebhookPut(Frozen):
    """Where events are sent to. Its path is not told: it may hold a secret of the receiver."""

    name: str
    host: str
    filter: Json = Field(description="As in `GET /v1/events`; empty for everything.")
    state: Literal["active", "paused"]
    reason: str = said()


class WebhookDropped(Frozen):
    """An endpoint that is no more, or that said it is gone."""

    name: str
    reason: str


class WebhookRotated(Frozen):
    """A new secret signs; the one before it does as well until then."""

    name: str
    old_until: datetime
    reason: str = said()


class WebhookReplayed(Frozen):
    """What is sent again: all after a position, or the dead letters."""

    name: str
    after: int | None
    dead: bool
    count: int = Field(description="How many dead letters there were.")
    reason: str = said()


class WebhookFailed(Frozen):
    """An event that could not be delivered, and is a dead letter now."""

    name: str
    position: int
    status: int | None = Field(description="What the endpoint answered with, where it did.")
    reason: str
    attempts: int
