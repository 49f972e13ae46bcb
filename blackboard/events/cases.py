"""What is told of cases, of what is known about them, and of signals."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from blackboard.events.members import said, version
from blackboard.states import CaseState
from blackboard.values import Frozen, Json


class CaseOpened(Frozen):
    """What was asked for, but for the payload: that is read from the case."""

    state: Literal[CaseState.ACTIVE]
    subject: str | None = Field(description="Whom it is about, as the workflow finds it in the payload.")
    business_key: str | None
    priority: int = Field(description="0 is most urgent, 9 least.")
    version: int = version()
    number: int | None = Field(None, description="The case's short number, where its workflow gives numbers.")


class CaseMoved(Frozen):
    """From stage to stage. The event's `stage` is the new one."""

    state: CaseState
    from_stage: str
    by_outcome: str = Field(description="The outcome of the stage that was left.")
    outcome: None = Field(description="A case that goes on has none.")
    version: int = version()


class CaseClosed(Frozen):
    """Its last stage ended, or it was withdrawn: then with a reason and without a stage that it came from."""

    state: CaseState
    outcome: str
    version: int = version()
    from_stage: str | None = Field(None, description="The last stage, where one ended.")
    by_outcome: str | None = Field(None, description="The outcome of the last stage, where one ended.")
    reason: str | None = Field(None, description="Why it was withdrawn.")


class CaseChanged(Frozen):
    """Stopped, or let go on."""

    state: CaseState
    version: int = version()
    reason: str = said()


class FactPut(Frozen):
    """A fact about a case in a new version."""

    key: str
    version: int = Field(description="Of this fact, from 1.")
    value: Any
    confidence: float | None = Field(description="0 to 1, where the source knows.")
    source: str | None
    fence: int | None = Field(description="The claim under which it was put; null when it was nobody's task.")
    trust: int = Field(2, description="0 to 3: what its source is worth, and no more than any of its inputs.")
    source_class: str = Field("agent", description="Whose word it is.")
    inputs: tuple[str, ...] = Field((), description="The facts that it was made of, as key@version.")
    tool: str | None = None
    model: str | None = None
    prompt_digest: str | None = Field(None, description="SHA-256 of what the model was asked.")
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class FactMarked(Frozen):
    """What somebody said of a version of a fact."""

    key: str
    version: int = Field(description="Of this fact, from 1.")
    was: Literal["asserted", "disputed"] = Field(description="How it stood before.")
    reason: str = said()
    as_version: int | None = Field(description="The version that taking an entry back is of an accumulating fact.")


class SignalSent(Frozen):
    """Something happened outside."""

    name: str
    body: Json
