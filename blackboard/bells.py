"""Wakes those who wait for something to happen: a claim for work, a requester for the end of a case.

A bell is a hint. Whoever waits looks first, listens second, and looks again after a while even when nothing rang, so a lost
ring costs time and never an answer.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress

from blackboard.turns import step_aside


class Bell:
    """One waiter's bell."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> bool:
        """Wake the waiter; False when it was awake already."""
        fresh = not self._rung.is_set()
        self._rung.set()
        return fresh

    async def wait(self, timeout_s: float) -> None:
        """Until rung, or until the time is up; hushed again afterwards."""
        if not self._rung.is_set():
            step_aside()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        self._rung.clear()


class Call:
    """A caller who may hang up while it waits: a claim whose client has gone must not take work along."""

    def __init__(self) -> None:
        self.gone = False
        self.is_cut = False
        self._bell: Bell | None = None

    def waits_by(self, bell: Bell) -> None:
        """Ring this bell when the caller hangs up."""
        self._bell = bell

    def cut(self) -> None:
        """Whoever is there may not be any more."""
        self.is_cut = True
        self.hang_up()

    def hang_up(self) -> None:
        """Nobody is there any more."""
        self.gone = True
        if self._bell is not None:
            self._bell.ring()


class Bells:
    """Who waits for what, first come first woken."""

    def __init__(self) -> None:
        self._waiting: defaultdict[Hashable, deque[Bell]] = defaultdict(deque)

    @contextmanager
    def listening(self, keys: Sequence[Hashable]) -> Iterator[Bell]:
        """A bell that rings for any of the keys. Hang it up *before* looking, or a ring in between is missed."""
        bell = Bell()
        for key in keys:
            self._waiting[key].append(bell)
        try:
            yield bell
        finally:
            for key in keys:
                self._take_down(key, bell)

    def ring(self, key: Hashable, *, count: int | None = None) -> None:
        """Wake up to `count` waiters (all when None): as many as there is news for, so that no herd runs for one task."""
        waiting = self._waiting.get(key)
        if waiting is None:
            return
        woken = 0
        for bell in list(waiting):
            if count is not None and woken >= count:
                return
            if bell.ring():
                woken += 1
                # To the end of the row: next time somebody else is first.
                waiting.remove(bell)
                waiting.append(bell)

    def awaited(self) -> list[Hashable]:
        """What is waited for at present."""
        return list(self._waiting)

    def ring_all(self) -> None:
        """Wake everybody."""
        for key in list(self._waiting):
            self.ring(key)

    def _take_down(self, key: Hashable, bell: Bell) -> None:
        waiting = self._waiting[key]
        waiting.remove(bell)
        if not waiting:
            del self._waiting[key]
