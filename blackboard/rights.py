"""What a role sees of the journal: worked into a stream once, when it opens, and never asked per reader and event.

A requester follows its cases to their end and does not learn why they were decided: who is told that a check for money
laundering raised a doubt is warned by it.
"""

from typing import NamedTuple

from blackboard.answers import Event
from blackboard.values import Principal

INNER = frozenset(
    {"reasons", "confidence", "evidence", "result", "value", "offered", "receipt", "reason", "about", "dissent", "basis"}
)
_HIDDEN: dict[str, frozenset[str]] = {"requester": INNER}
_WATCHES_STREAMS = frozenset({"admin", "auditor"})


class Rights(NamedTuple):
    """A profile: the members of an event's data that are masked, and whether the events about streams are shown."""

    hidden: frozenset[str]
    sees_streams: bool

    @classmethod
    def of(cls, who: Principal) -> "Rights":
        """The profile of a principal's role."""
        return cls(_HIDDEN.get(who.role, frozenset()), who.role in _WATCHES_STREAMS)

    def allow(self, event: Event) -> bool:
        """Whether the event may be shown at all."""
        return self.sees_streams or not event.type.startswith("stream.")
