"""Opens the cases that open by themselves. One among all processes; two at once open each case once."""

import structlog

from blackboard.cron import next_moment
from blackboard.errors import Invalid
from blackboard.loop import Loop
from blackboard.store import Seat

BATCH = 100

log = structlog.get_logger()


class Scheduler(Loop):
    """Looks every second for schedules whose moment has come. Moments missed while nobody looked give one case, not many."""

    def __init__(self, seat: Seat, *, interval_s: float = 1.0) -> None:
        super().__init__("scheduler", interval_s=interval_s)
        self._seat = seat
        self.leading = False

    async def run_once(self) -> bool:
        """Open what is due; True when there may be more."""
        verbs = await self._seat.take()
        self.leading = verbs is not None
        if verbs is None:
            return False
        due = await verbs.due_schedules(BATCH)
        for schedule in due:
            try:
                next_at = next_moment(schedule.cron, schedule.zone, schedule.at)
            except Invalid as error:
                log.error("schedule cannot go on", schedule=schedule.name, error=str(error))  # noqa: TRY400  # the sentence says all
                continue
            await verbs.run_schedule(schedule, next_at)
        return len(due) == BATCH

    async def close(self) -> None:
        """Let a standby look."""
        self.leading = False
        await self._seat.leave()
