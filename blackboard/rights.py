"""What a role sees of the journal: worked into a stream once, when it opens, and never asked per reader and event.

A requester follows its cases to their end and does not learn why they were decided: who is told that a check for money
laundering raised a doubt is warned by it.
"""

from typing import NamedTuple

from blackboard.answers import Event
from blackboard.events import EVENTS
from blackboard.field_class import FieldClass, of_class
from blackboard.values import Principal

# Whom a case is about is personal, and told to those who asked for the case.
_TOLD_TO_REQUESTERS = frozenset({"subject", "business_key", "source", "key", "name", "body", "awaited", "question", "filter"})
# Every member of an event's data that says how or why something was decided, or what of a person came up with it.
_CLOSED = [of_class(kind.data, FieldClass.INTERNAL, FieldClass.PERSONAL) for kind in EVENTS.values()]
INNER = frozenset[str]().union(*_CLOSED) - _TOLD_TO_REQUESTERS
_HIDDEN: dict[str, frozenset[str]] = {"requester": INNER}
# Who follows what, and which key may what, is for those who watch over the board.
_WATCHED = ("stream.", "key.")
_WATCHES_STREAMS = frozenset({"admin", "auditor"})


class Rights(NamedTuple):
    """A profile: the members of an event's data that are masked, and whether the events about streams and keys are shown."""

    hidden: frozenset[str]
    sees_streams: bool

    @classmethod
    def of(cls, who: Principal) -> "Rights":
        """The profile of a principal's role."""
        return cls(_HIDDEN.get(who.role, frozenset()), who.role in _WATCHES_STREAMS)

    def allow(self, event: Event) -> bool:
        """Whether the event may be shown at all."""
        return self.sees_streams or not event.type.startswith(_WATCHED)
