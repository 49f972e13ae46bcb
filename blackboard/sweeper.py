"""Does what time alone demands: takes back claims that ran out, wakes what came due, makes partitions, forgets what is old."""

import time

import structlog

from blackboard.loop import Loop
from blackboard.store import Seat, Verbs
from blackboard.values import SESSION_ALIVE_S
from blackboard.verbs.system import CALENDAR_DAYS

BATCH = 500
AGE_EVERY_S = 60.0
HOUSE_EVERY_S = 3600.0
FORGET_BATCH = 10_000
TRIM_BATCH = 10
# A session is what an agent was doing; who did what stands in the journal.
KEEP_SESSIONS_DAYS = 30

log = structlog.get_logger()


class Sweeper(Loop):
    """One among all processes. Passes are bounded: `BATCH` rows of each kind, and what is forgotten goes in batches of its own.

    `journal_days` is how long the journal is kept, for ever when 0; `keep_answers_days` the same for idempotency keys.
    """

    def __init__(self, seat: Seat, *, interval_s: float = 1.0, journal_days: int = 0, keep_answers_days: int = 90) -> None:
        super().__init__("sweeper", interval_s=interval_s)
        self._seat = seat
        self._journal_days = journal_days
        self._keep_answers_days = keep_answers_days
        self._house_at = 0.0
        self._age_at = 0.0
        self._leading_since = 0.0
        self.leading = False

    async def run_once(self) -> bool:
        """Sweep once; True when a batch was full and there may be more."""
        verbs = await self._seat.take()
        if verbs is None:
            self.leading = False
            return False
        if not self.leading:
            self._leading_since = time.monotonic()
        self.leading = True
        await verbs.enforce_holds()
        counts = [
            await self._end_silent_sessions(verbs),
            await verbs.expire_leases(BATCH),
            await verbs.promote_scheduled(BATCH),
            await verbs.fire_timers(BATCH),
            await verbs.time_out_reviews(BATCH),
            await verbs.wake_waiting(BATCH),
        ]
        has_more = await self._keep_house(verbs)
        return has_more or BATCH in counts

    async def _end_silent_sessions(self, verbs: Verbs) -> int:
        """Whoever was silent while nobody was there to listen gets the time to say that it lives."""
        if time.monotonic() < self._leading_since + SESSION_ALIVE_S:
            return 0
        return await verbs.end_silent_sessions(SESSION_ALIVE_S, BATCH)

    async def close(self) -> None:
        """Let a standby sweep."""
        self.leading = False
        await self._seat.leave()

    async def _keep_house(self, verbs: Verbs) -> bool:
        """What need not be done every second; True while there is more to forget, so that claims run out on time in between."""
        now = time.monotonic()
        if now >= self._age_at:
            await verbs.age_ready(BATCH)
            self._age_at = now + AGE_EVERY_S
        if now < self._house_at:
            return False
        if done := await verbs.keep_partitions():
            log.info("days of the journal", done=done)
        await verbs.write_calendars(CALENDAR_DAYS)
        has_more = await self._forget(verbs)
        if not has_more:
            self._house_at = now + HOUSE_EVERY_S
        return has_more

    async def _forget(self, verbs: Verbs) -> bool:
        """One batch of each kind of what is too old; True when one was full."""
        forgotten = (
            await verbs.forget_old_answers(self._keep_answers_days, FORGET_BATCH),
            await verbs.forget_old_sessions(KEEP_SESSIONS_DAYS, FORGET_BATCH),
            await verbs.forget_idle_buckets(FORGET_BATCH),
            await verbs.forget_idle_callers(FORGET_BATCH),
            await verbs.forget_old_outflow(FORGET_BATCH),
        )
        days = await verbs.trim_journal(self._journal_days, TRIM_BATCH) if self._journal_days else []
        if days:
            log.info("journal trimmed", done=days)
        return FORGET_BATCH in forgotten or len(days) == TRIM_BATCH
