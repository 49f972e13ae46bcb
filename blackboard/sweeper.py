"""Does what time alone demands: takes back claims that ran out, wakes retries that came due, makes tomorrow's partitions."""

import time

from blackboard.loop import Loop
from blackboard.store import Seat, Verbs

BATCH = 500
PARTITIONS_EVERY_S = 3600.0


class Sweeper(Loop):
    """One among all processes. Passes are bounded: `BATCH` claims and `BATCH` retries each."""

    def __init__(self, seat: Seat, *, interval_s: float = 1.0) -> None:
        super().__init__("sweeper", interval_s=interval_s)
        self._seat = seat
        self._partitions_at = 0.0
        self.leading = False

    async def run_once(self) -> bool:
        """Sweep once; True when a batch was full and there may be more."""
        verbs = await self._seat.take()
        self.leading = verbs is not None
        if verbs is None:
            return False
        expired = await verbs.expire_leases(BATCH)
        promoted = await verbs.promote_scheduled(BATCH)
        await self._keep_partitions(verbs)
        return BATCH in (expired, promoted)

    async def close(self) -> None:
        """Let a standby sweep."""
        self.leading = False
        await self._seat.leave()

    async def _keep_partitions(self, verbs: Verbs) -> None:
        if time.monotonic() >= self._partitions_at:
            await verbs.keep_partitions()
            self._partitions_at = time.monotonic() + PARTITIONS_EVERY_S
