"""When next, by a cron expression in a time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from blackboard.errors import Invalid

# Six would have seconds first, and be read differently by whoever expects five.
FIELDS = 5


def next_moment(cron: str, zone: str, after: datetime) -> datetime:
    """The first moment of a cron expression after a given one. `Invalid` says what is wrong with expression or zone."""
    if len(cron.split()) != FIELDS:
        raise Invalid(f"{cron!r} is not a cron expression of five fields: minute, hour, day, month, weekday.")
    try:
        return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise Invalid(f"{cron!r} is not a cron expression of five fields with a next moment: {error}") from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"{zone!r} is not a time zone. Use a name such as Europe/Berlin or UTC.") from error
