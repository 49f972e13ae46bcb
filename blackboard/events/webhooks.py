"""What is told of webhooks."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from blackboard.events.members import said
from blackboard.field_class import Internal, Public
from blackboard.values import Frozen, Json


class WebhookPut(Frozen):
    """Where events are sent to. Its path is not told: it may hold a secret of the receiver."""

    name: Public[str]
    host: Public[str]
    filter: Public[Json] = Field(description="As in `GET /v1/events`; empty for everything.")
    state: Public[Literal["active", "paused"]]
    reason: Internal[str] = said()


class WebhookDropped(Frozen):
    """An endpoint that is no more, or that said it is gone."""

    name: Public[str]
    reason: Internal[str]


class WebhookRotated(Frozen):
    """A new secret signs; the one before it does as well until then."""

    name: Public[str]
    old_until: Public[datetime]
    reason: Internal[str] = said()


class WebhookReplayed(Frozen):
    """What is sent again: all after a position, or the dead letters."""

    name: Public[str]
    after: Public[int | None]
    dead: Public[bool]
    count: Public[int] = Field(description="How many dead letters there were.")
    reason: Internal[str] = said()


class WebhookFailed(Frozen):
    """An event that could not be delivered, and is a dead letter now."""

    name: Public[str]
    position: Public[int]
    status: Public[int | None] = Field(description="What the endpoint answered with, where it did.")
    reason: Internal[str]
    attempts: Public[int]
