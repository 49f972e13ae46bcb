"""Fills the read models from the journal: one among all processes, a standby in every other.

What a slice does, and why it may be repeated or done by two at once, is `board.project_events` in
`schema/functions_projection.sql`; who calls it, and how often, is only a matter of how soon readers see what happened.
"""

from collections.abc import Sequence

from blackboard.journal import Entry
from blackboard.loop import Loop
from blackboard.store import Seat

SLICE = 500
# What happens within this time goes into one slice: a board at work is read in steps and not event by event.
BUSY_POLL_S = 0.02
IDLE_POLL_S = 0.25
STANDBY_POLL_S = 0.5
# Passes without news before it waits to be woken: about a fifth of a second.
_CALM_AFTER = 10


class Projector(Loop):
    """`take` is fed by the journal, so that the first event after a calm need not wait for the next look."""

    def __init__(self, seat: Seat) -> None:
        super().__init__("projector", interval_s=IDLE_POLL_S)
        self._seat = seat
        self._quiet_passes = 0
        self.leading = False
        self.projected = 0

    def take(self, _: Sequence[Entry]) -> None:
        """There are new events."""
        if self._quiet_passes >= _CALM_AFTER:
            self.wake()

    async def run_once(self) -> bool:
        """Read one slice; True while there is a whole one."""
        try:
            verbs = await self._seat.take()
        except BaseException:
            self.leading = False
            raise
        self.leading = verbs is not None
        if verbs is None:
            self.interval_s = STANDBY_POLL_S
            return False
        count = await verbs.project_events(SLICE)
        self.projected += count
        self._quiet_passes = 0 if count else self._quiet_passes + 1
        self.interval_s = BUSY_POLL_S if self._quiet_passes < _CALM_AFTER else IDLE_POLL_S
        return count == SLICE

    async def close(self) -> None:
        """Let a standby lead."""
        self.leading = False
        await self._seat.leave()
