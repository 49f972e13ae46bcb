"""A place in the journal, and whether a reader can go on from it."""

from typing import NamedTuple

from blackboard.answers import Head
from blackboard.errors import Invalid

MAX_LENGTH = 40


class Cursor(NamedTuple):
    """A place in the journal: `epoch.position`."""

    epoch: int
    position: int

    def __str__(self) -> str:
        """The text of an event's id."""
        return f"{self.epoch}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read an id; `Invalid` when it cannot be one. `0` means the beginning."""
        epoch, dot, position = text.partition(".")
        if text == "0":
            return BEGINNING
        digits = (epoch + position).isascii() and epoch.isdigit() and position.isdigit()
        if not (dot and digits and len(text) <= MAX_LENGTH and int(position) < 2**63):
            raise Invalid("A cursor reads epoch.position, like 1.42; take it from an event's id, or 0 for the beginning.")
        return cls(int(epoch), int(position))


BEGINNING = Cursor(0, 0)


def quote(asked: str | None) -> str | None:
    """What came as a cursor, so that it can be kept whatever it is: ASCII, without control characters, not long."""
    return asked and ascii(asked[:MAX_LENGTH])[1:-1]


class Start(NamedTuple):
    """Where a reader begins; `reason` says why that is not where it asked to."""

    position: int
    reason: str | None = None


def find_start(asked: str | None, head: Head, live: int) -> Start:
    """Where a stream begins that asks for a cursor. No cursor means: from now on, which is `live`.

    A cursor of an earlier epoch is good up to that epoch's last position. What was shown after it was lost with a server, and
    other events have those positions now: `rewound`.
    """
    if not asked:
        return Start(live)
    try:
        cursor = Cursor.parse(asked)
    except Invalid:
        return Start(live, "malformed")
    if cursor == BEGINNING:
        return Start(head.floor)
    if cursor.position > last_position(cursor.epoch, head, live):
        return Start(live, "rewound")
    if cursor.position < head.floor:
        return Start(live, "expired")
    return Start(cursor.position)


def last_position(epoch: int, head: Head, live: int = 0) -> int:
    """The last position of an epoch that anybody can have been shown and that still holds; -1 of an epoch that never was."""
    return max(head.head, live) if epoch == head.epoch else head.past.get(epoch, -1)
