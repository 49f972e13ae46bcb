"""What a reader of the journal wants of it."""

from enum import Enum
from uuid import UUID

from blackboard.answers import Event
from blackboard.errors import Invalid
from blackboard.journal import Entry
from blackboard.values import Frozen

MAX_VALUES = 100
MAX_FILTERS = 20


class Fit(Enum):
    """How an event stands to a filter."""

    IN = "in"
    LEFT = "left"
    OUT = "out"


class Filter(Frozen):
    """Which events a stream carries. Empty means all; values of one field are alternatives, fields must all match."""

    case: frozenset[UUID] = frozenset()
    workflow: frozenset[str] = frozenset()
    stage: frozenset[str] = frozenset()
    capability: frozenset[str] = frozenset()
    agent: frozenset[str] = frozenset()
    type: frozenset[str] = frozenset()

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
    except ValueError as error:
        raise Invalid(f"A case in a filter is a UUID; not in {text!r:.80}.") from error
