"""Readers who want the same of the journal: one list for all of them, and each piece of it encoded once.

There is no queue per reader. A reader is nothing but a position; a slow one stays behind and costs nobody anything: it catches
up from the cohort, or, when it fell out of the ring, from the journal's table.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from blackboard.filters import Filter, Fit
from blackboard.frames import Matched, fold, join_frames, link
from blackboard.journal import Entry, Journal
from blackboard.rights import Rights

CHUNK_MAX_BYTES = 64 * 1024
# So many entries of the ring are looked at in one breath, in which nobody else in the process is served.
SLICE_ENTRIES = 200
# How much of the journal one folded write may stand for.
FOLD_MAX_BYTES = 1024 * 1024
_MAX_JOINED = 8


class View(NamedTuple):
    """Whose journal, what of it (any of the filters), and what of that may be seen."""

    tenant_id: int
    filters: tuple[Filter, ...]
    rights: Rights

    @property
    def cases(self) -> frozenset[UUID]:
        """The cases that it is about; none where it is about others, too."""
        named = [each.case for each in self.filters]
        return frozenset[UUID]().union(*named) if all(named) else frozenset()

    def match(self, entry: Entry) -> Matched | None:
        """The entry as this view has it, not yet linked; None when it does not."""
        if entry.event.tenant_id != self.tenant_id or not self.rights.allow(entry.event):
            return None
        if len(self.filters) == 1:
            fit = self.filters[0].fit(entry)
            return None if fit is Fit.OUT else Matched(0, entry, left=fit is Fit.LEFT)
        fits = [each.fit(entry) for each in self.filters]
        if Fit.IN in fits:
            return Matched(0, entry, filters=tuple(n for n, fit in enumerate(fits) if fit is Fit.IN))
        left = tuple(n for n, fit in enumerate(fits) if fit is Fit.LEFT)
        return Matched(0, entry, left=True, filters=left) if left else None


class Chunk(NamedTuple):
    """The next write to a reader, and the position that it reaches."""

    frames: bytes
    end: int


class Cohort:
    """One view of the journal's ring."""

    def __init__(self, view: View, journal: Journal) -> None:
        self.view = view
        self.bells: set[asyncio.Event] = set()
        self._journal = journal
        self._joined: dict[tuple[int, int, int, int, bool], bytes] = {}
        # What was given to a reader who stood where others stand, too, until something changes: a fifth of an event's cost.
        self._given: dict[tuple[int, int, bool], Chunk] = {}
        self.begin()

    def begin(self) -> None:
        """Take what comes from now on. What the ring holds is looked through when a reader comes who has missed it."""
        self._matched: list[Matched] = []
        # Whoever stands at this position or later finds here all that it has missed. Not the ring's floor: a filter that little
        # fits keeps its readers for hours, while the ring goes by in seconds.
        self.floor = self._last = self._journal.head
        self._joined.clear()
        self._given.clear()
        self.ring()

    def reach_back(self, position: int) -> bool:
        """Take a slice of what the ring holds before the floor, for a reader at `position`; whether another one is needed.

        In slices: whoever looks through the whole ring at once keeps everybody else waiting for as long.
        """
        if not self._journal.floor <= position < self.floor:
            return False
        entries, floor = self._journal.before(self.floor, SLICE_ENTRIES)
        found = link((matched for entry in entries if (matched := self.view.match(entry))), floor)
        if found:
            last = found[-1].entry.position
            if self._matched:
                self._matched[0] = self._matched[0]._replace(prev=last)
            else:
                self._last = last
            self._matched[:0] = found
        self.floor = floor
        return position < floor

    def take(self, entries: Iterable[Entry]) -> None:
        """Keep what matches and tell the readers. What matches nothing wakes nobody."""
        last = self._last
        for entry in entries:
            if matched := self.view.match(entry):
                self._matched.append(matched._replace(prev=self._last))
                self._last = entry.position
        self._trim()
        if self._last != last:
            self._given.clear()
            self.ring()

    def _trim(self) -> None:
        """Let go of what the ring let go of."""
        if self._matched and self._matched[0].entry.position > self._journal.floor:
            return
        if gone := self._index(self._journal.floor):
            self.floor = self._matched[gone - 1].entry.position
            del self._matched[:gone]
            self._given.clear()

    def ring(self) -> None:
        """Let every reader look."""
        for bell in self.bells:
            bell.set()

    def after(self, position: int, known: int, *, folds: bool = False) -> Chunk | None:
        """The next frames after a position, joined; `known` is the last position that the reader was told.

        None for a reader who is further behind than the cohort goes back.
        """
        self._trim()
        if position < self.floor:
            return None
        place = (position, known, folds)
        if place not in self._given:
            chunk = self._next(position, FOLD_MAX_BYTES if folds else CHUNK_MAX_BYTES)
            if not chunk:
                return Chunk(b"", max(position, self._journal.head))
            if len(self._given) >= _MAX_JOINED:
                self._given.clear()
            self._given[place] = self._join(chunk, known, folds=folds)
        return self._given[place]

    def _join(self, chunk: "Sequence[Matched]", known: int, *, folds: bool) -> Chunk:
        end = chunk[-1].entry.position
        # Not where the reader stands: what its filter left out moved it on, and it was not told. The event before is one that
        # it has, or its start is later; so all who are at the same event share one object.
        first = chunk[0]._replace(prev=min(chunk[0].prev, known))
        key = (self._journal.epoch, first.prev, first.entry.position, end, folds)
        if key not in self._joined:
            if len(self._joined) >= _MAX_JOINED:
                self._joined.clear()
            told = [first, *chunk[1:]]
            self._joined[key] = join_frames(fold(told) if folds else told, self._journal.epoch, self.view.rights.hidden)
        return Chunk(self._joined[key], end)

    def _next(self, position: int, max_bytes: int) -> Sequence[Matched]:
        chunk: list[Matched] = []
        size = 0
        for matched in islice(self._matched, self._index(position), None):
            size += matched.entry.size
            if chunk and size > max_bytes:
                break
            chunk.append(matched)
        return chunk

    def _index(self, position: int) -> int:
        return bisect_right(self._matched, position, key=lambda matched: matched.entry.position)
