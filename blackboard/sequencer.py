"""Gives events their positions: one among all processes, a standby in every other.

The rule that nothing is lost or doubled is `board.sequence_events` in `schema/functions_journal.sql`; who calls it, and how
often, is only a matter of speed.
"""

from collections.abc import Callable

from blackboard.loop import Loop
from blackboard.store import Seat

BUSY_POLL_S = 0.003
IDLE_POLL_S = 0.02
STANDBY_POLL_S = 0.5
# Passes without news before the poll slows down: about a tenth of a second.
_CALM_AFTER = 30


class Sequencer(Loop):
    """Polls the outbox; wake it after a commit in this process and the event goes out without waiting for the poll.

    `on_events` is called when there are new positions: a reader in this process need not wait for the notification.
    """

    def __init__(self, seat: Seat, on_events: Callable[[], None] = lambda: None) -> None:
        super().__init__("sequencer", interval_s=IDLE_POLL_S)
        self._seat = seat
        self._on_events = on_events
        self._term = 0
        self._quiet_passes = 0
        self.leading = False
        self.sequenced = 0

    async def run_once(self) -> bool:
        """Number what became visible since the last pass."""
        try:
            verbs = await self._seat.take()
        except BaseException:
            self.leading = False
            raise
        self.leading = verbs is not None
        if verbs is None:
            self.interval_s = STANDBY_POLL_S
            return False
        if self._term != self._seat.term:
            # Whoever begins to lead, or had to connect again, may do so on a server that was a replica until now.
            await verbs.keep_epoch()
            self._term = self._seat.term
        count = await verbs.sequence_events()
        self.sequenced += count
        if count:
            self._on_events()
        self._quiet_passes = 0 if count else self._quiet_passes + 1
        self.interval_s = BUSY_POLL_S if self._quiet_passes < _CALM_AFTER else IDLE_POLL_S
        return False

    async def close(self) -> None:
        """Let a standby lead."""
        self.leading = False
        await self._seat.leave()
