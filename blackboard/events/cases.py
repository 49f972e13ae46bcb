"""What is told of cases, of what is known about them, and of signals."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import said, version
from blackboard.field_class import Internal, Personal, Public
from blackboard.states import CaseState
from blackboard.values import Frozen, Json


class CaseOpened(Frozen):
    """What was asked for, but for the payload: that is read from the case."""

    state: Public[Literal[CaseState.ACTIVE]]
    subject: Personal[str | None] = Field(description="Whom it is about, as the workflow finds it in the payload.")
    business_key: Personal[str | None]
    priority: Public[int] = Field(description="0 is most urgent, 9 least.")
    version: Public[int] = version()
    number: Public[int | None] = Field(None, description="The case's short number, where its workflow gives numbers.")


class CaseMoved(Frozen):
    """From stage to stage. The event's `stage` is the new one."""

    state: Public[CaseState]
    from_stage: Public[str]
    by_outcome: Public[str] = Field(description="The outcome of the stage that was left.")
    outcome: Public[None] = Field(description="A case that goes on has none.")
    version: Public[int] = version()


class CaseClosed(Frozen):
    """Its last stage ended, or it was withdrawn: then with a reason and without a stage that it came from."""

    state: Public[CaseState]
    outcome: Public[str]
    version: Public[int] = version()
    from_stage: Public[str | None] = Field(None, description="The last stage, where one ended.")
    by_outcome: Public[str | None] = Field(None, description="The outcome of the last stage, where one ended.")
    reason: Personal[str | None] = Field(None, description="Why it was withdrawn.")


class CaseChanged(Frozen):
    """Stopped, or let go on."""

    state: Public[CaseState]
    version: Public[int] = version()
    reason: Personal[str] = said()


class FactPut(Frozen):
    """A fact about a case in a new version."""

    key: Public[str]
    version: Public[int] = Field(description="Of this fact, from 1.")
    value: Personal[Any]
    confidence: Internal[float | None] = Field(description="0 to 1, where the source knows.")
    source: Personal[str | None]
    fence: Public[int | None] = Field(description="The claim under which it was put; null when it was nobody's task.")
    trust: Public[int] = Field(2, description="0 to 3: what its source is worth, and no more than any of its inputs.")
    source_class: Public[str] = Field("agent", description="Whose word it is.")
    inputs: Public[tuple[str, ...]] = Field((), description="The facts that it was made of, as key@version.")
    tool: Public[str | None] = None
    model: Public[str | None] = None
    prompt_digest: Public[str | None] = Field(None, description="SHA-256 of what the model was asked.")
    valid_from: Public[datetime | None] = None
    valid_until: Public[datetime | None] = None


class FactMarked(Frozen):
    """What somebody said of a version of a fact."""

    key: Public[str]
    version: Public[int] = Field(description="Of this fact, from 1.")
    was: Public[Literal["asserted", "disputed"]] = Field(description="How it stood before.")
    reason: Personal[str] = said()
    as_version: Public[int | None] = Field(description="The version that taking an entry back is of an accumulating fact.")


class SignalSent(Frozen):
    """Something happened outside."""

    name: Public[str]
    body: Personal[Json]


class CustomerErased(Frozen):
    """Of whom is not told, and cannot be told any more."""

    erasure_id: Public[UUID]
    cases: Public[list[UUID]] = Field(description="In which nothing of the person is left from now on.")
    left: Public[int] = Field(description="How many cases come after these.")
    reason: Internal[str] = said()
