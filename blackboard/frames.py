"""Server-sent events as bytes: what stands on the wire (api/STREAM.md), and nothing about who reads it."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from blackboard.cursor import Cursor
from blackboard.journal import Entry

RETRY_MS = (1000, 5000)
RETRY_OVERLOADED_MS = (3000, 15000)


class Matched(NamedTuple):
    """An entry on a stream: the position of the one before it there, and what else is true of it on this stream alone.

    `left`: what it tells of belonged to the stream before and no longer does. `filters`: which of several it fits, by their
    places. `folded`: earlier positions that it stands for.
    """

    prev: int
    entry: Entry
    left: bool = False
    filters: tuple[int, ...] = ()
    folded: tuple[int, ...] = ()

    def encode(self, epoch: int, hidden: frozenset[str] = frozenset()) -> bytes:
        """The whole JSON object: `id` is the cursor, `prev` the position of the event before it in this stream."""
        marks = b'"left":true,' if self.left else b""
        if self.filters:
            marks += b'"filters":%b,' % orjson.dumps(self.filters)
        if self.folded:
            marks += b'"folded":%b,' % orjson.dumps(self.folded)
        return b'{"id":"%d.%d","prev":%d,%b' % (epoch, self.entry.position, self.prev, marks) + self.entry.tail(hidden)

    def frame(self, epoch: int, hidden: frozenset[str]) -> bytes:
        """As a frame. An event carries no name, so that a browser's `onmessage` hears it; `left` carries its own."""
        name = b"event: left\n" if self.left else b""
        return b"id: %d.%d\n%bdata: %b\n\n" % (epoch, self.entry.position, name, self.encode(epoch, hidden))


def link(matched: Iterable[Matched], start: int) -> list[Matched]:
    """The same with `prev` links, the first to where the reader stood."""
    found: list[Matched] = []
    for each in matched:
        found.append(each._replace(prev=found[-1].entry.position if found else start))
    return found


def fold(matched: Sequence[Matched]) -> list[Matched]:
    """The newest of each case, naming the older ones that it stands for. What is of no case stays, and so does each `left`."""
    newest: dict[object, Matched] = {}
    for each in matched:
        case_id = each.entry.event.case_id
        key = each.entry.position if case_id is None or each.left else case_id
        if older := newest.pop(key, None):
            each = each._replace(folded=(*older.folded, older.entry.position))  # noqa: PLW2901  # the same event, with more to say
        newest[key] = each
    return link(newest.values(), matched[0].prev) if matched else []


def join_frames(matched: Sequence[Matched], epoch: int, hidden: frozenset[str] = frozenset()) -> bytes:
    """The frames of one write."""
    return b"".join([each.frame(epoch, hidden) for each in matched])


def bookmark(cursor: Cursor) -> bytes:
    """Heartbeat and progress in one: moves a client's last id and fires nothing."""
    return f"id: {cursor}\n\n".encode()


def reset(reason: str, cursor: Cursor) -> bytes:
    """Says that the stream cannot go on from where its reader was, and moves the reader to where it does."""
    return control("reset", {"reason": reason, "snapshot": "/v1/cases", "cursor": str(cursor)}) + bookmark(cursor)


def bye(reason: str, cursor: Cursor | None = None) -> bytes:
    """The last frame: why, and after which pause to come back, longer where too many come."""
    told = {"reason": reason} if cursor is None else {"reason": reason, "cursor": str(cursor)}
    return control("bye", told, retry_ms=RETRY_OVERLOADED_MS if reason == "overloaded" else RETRY_MS)


def control(name: str, told: Mapping[str, object], *, retry_ms: tuple[int, int] | None = None) -> bytes:
    """A frame about the stream itself. It carries no id: only the journal moves the cursor.

    `retry` is drawn for each connection: an EventSource has no jitter of its own, and a thousand that were cut together would
    come back together.
    """
    hint = f"retry: {random.randint(*retry_ms)}\n" if retry_ms else ""
    return f"{hint}event: {name}\ndata: ".encode() + orjson.dumps(told, option=orjson.OPT_UTC_Z) + b"\n\n"
