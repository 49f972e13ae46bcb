"""Does what time alone demands: takes back claims that ran out, wakes what came due, fires timers, makes partitions."""

import time

from blackboard.loop import Loop
from blackboard.store import Seat, Verbs

BATCH = 500
PARTITIONS_EVERY_S = 3600.0
AGE_EVERY_S = 60.0
# An idempotency key is remembered longer than any caller repeats itself.
KEEP_ANSWERS_DAYS = 90
FORGET_BATCH = 10_000


class Sweeper(Loop):
    """One among all processes. Passes are bounded: `BATCH` rows of each kind."""

    def __init__(self, seat: Seat, *, interval_s: float = 1.0) -> None:
        super().__init__("sweeper", interval_s=interval_s)
        self._seat = seat
        self._partitions_at = 0.0
        self._age_at = 0.0
        self.leading = False

    async def run_once(self) -> bool:
        """Sweep once; True when a batch was full and there may be more."""
        verbs = await self._seat.take()
        self.leading = verbs is not None
        if verbs is None:
            return False
        await verbs.enforce_holds()
        counts = [
            await verbs.expire_leases(BATCH),
            await verbs.promote_scheduled(BATCH),
            await verbs.fire_timers(BATCH),
            await verbs.wake_waiting(BATCH),
        ]
        await self._keep_house(verbs)
        return BATCH in counts

    async def close(self) -> None:
        """Let a standby sweep."""
        self.leading = False
        await self._seat.leave()

    async def _keep_house(self, verbs: Verbs) -> None:
        """What need not be done every second."""
        now = time.monotonic()
        if now >= self._age_at:
            await verbs.age_ready(BATCH)
            self._age_at = now + AGE_EVERY_S
        if now >= self._partitions_at:
            await verbs.keep_partitions()
            await verbs.forget_old_answers(KEEP_ANSWERS_DAYS, FORGET_BATCH)
            self._partitions_at = now + PARTITIONS_EVERY_S
