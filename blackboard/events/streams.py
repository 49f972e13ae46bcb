"""What is told of those who follow the journal."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.field_class import Internal, Personal, Public
from blackboard.values import Frozen, Json


class StreamOpened(Frozen):
    """Who reads is the event's actor."""

    stream: Public[UUID]
    filter: Personal[Json | list[Json]] = Field(description="What it asked for; a list where it asked for several.")
    start: Public[str] = Field(description="The cursor that it began at.")
    asked: Internal[str | None] = Field(
        description="The cursor that it asked for, as it came, cut to a length that a cursor can have."
    )


class StreamReset(Frozen):
    """It could not go on from where it was."""

    stream: Public[UUID]
    reason: Internal[Literal["expired", "rewound", "malformed"]]
    cursor: Public[str] = Field(description="Where it went on.")


class StreamClosed(Frozen):
    """How far it was told."""

    stream: Public[UUID]
    cursor: Public[str]
