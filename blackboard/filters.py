"""What a reader of the journal wants of it."""

from enum import Enum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationError

from blackboard.answers import Event
from blackboard.errors import Invalid
from blackboard.journal import Entry
from blackboard.values import Frozen

MAX_VALUES = 100
MAX_FILTERS = 20
MAX_VALUE_LENGTH = 200


def _plain(value: str) -> str:
    if not (0 < len(value) <= MAX_VALUE_LENGTH and value.isprintable()):
        raise ValueError(f"a value has 1 to {MAX_VALUE_LENGTH} characters, none of them a control character")
    return value


# What is asked for is kept in the journal, which takes no NUL, and for long.
Value = Annotated[str, AfterValidator(_plain)]
Cases = Annotated[frozenset[UUID], Field(max_length=MAX_VALUES)]
Values = Annotated[frozenset[Value], Field(max_length=MAX_VALUES)]


class Fit(Enum):
    """How an event stands to a filter."""

    IN = "in"
    LEFT = "left"
    OUT = "out"


class Filter(Frozen):
    """Which events a stream carries. Empty means all; values of one field are alternatives, fields must all match."""

    case: Cases = frozenset()
    workflow: Values = frozenset()
    stage: Values = frozenset()
    capability: Values = frozenset()
    agent: Values = frozenset()
    type: Values = frozenset()

    def matches(self, event: Event) -> bool:
        """Whether the event belongs on the stream. A type may end in `*`: `task.*` is every event of tasks.

        Events about streams (`stream.opened` and so on) belong only where they are asked for: or each stream that opens would
        tell all others so.
        """
        return (
            (not self.case or event.case_id in self.case)
            and (not self.workflow or event.workflow in self.workflow)
            and (not self.stage or event.stage in self.stage)
            and (not self.capability or event.capability in self.capability)
            and (not self.agent or event.actor in self.agent)
            and self._has_type(event.type)
        )

    def _has_type(self, kind: str) -> bool:
        family = kind.partition(".")[0]
        return kind in self.type or f"{family}.*" in self.type or (not self.type and family != "stream")

    def fit(self, entry: Entry) -> Fit:
        """`LEFT`: what it tells of belonged here before, and with this event no longer does. A reader lets go of it."""
        if self.matches(entry.event):
            return Fit.IN
        return Fit.LEFT if entry.came_from is not None and self.matches(entry.came_from) else Fit.OUT


def parse_filter(text: str) -> Filter:
    """A filter from one value: `stage:review,workflow:transfer,workflow:loan`. `Invalid` says what is wrong with it."""
    fields: dict[str, list[str]] = {}
    for part in text.split(","):
        name, colon, value = part.partition(":")
        if not (colon and value and name in Filter.model_fields):
            raise Invalid(
                f"A filter reads field:value,field:value with the fields {', '.join(Filter.model_fields)}; not {part!r:.80}."
            )
        fields.setdefault(name, []).append(value)
    try:
        return Filter.model_validate(fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        reason = str(wrong["msg"]).removeprefix("Value error, ")
        raise Invalid(f"The filter {text!r:.80} is wrong in its field {wrong['loc'][0]}: {reason}.") from error
