"""When a schedule's next moment is."""

from datetime import UTC, datetime, timedelta

import pytest

from blackboard.cron import next_moment
from blackboard.errors import Invalid

FRIDAY = datetime(2030, 1, 4, 12, tzinfo=UTC)


def test_the_next_moment_is_after_the_given_one_never_at_it() -> None:
    """A schedule that has just run does not run again."""
    assert next_moment("0 12 * * *", "UTC", FRIDAY) == FRIDAY + timedelta(days=1)


def test_a_zone_is_the_customers_clock() -> None:
    """Seven o'clock in Berlin is six in winter and five in summer; a weekend is skipped."""
    assert next_moment("0 7 * * mon-fri", "Europe/Berlin", FRIDAY) == datetime(2030, 1, 7, 6, tzinfo=UTC)
    assert next_moment("0 7 * * *", "Europe/Berlin", datetime(2030, 7, 1, tzinfo=UTC)).hour == 5


def test_zones_of_a_quarter_hour_are_understood() -> None:
    """Kathmandu is 5:45 ahead."""
    assert next_moment("0 18 * * *", "Asia/Kathmandu", FRIDAY) == datetime(2030, 1, 4, 12, 15, tzinfo=UTC)


def test_the_answer_is_in_utc() -> None:
    """Whatever the zone."""
    assert next_moment("0 7 * * *", "America/New_York", FRIDAY).utcoffset() == timedelta(0)


def test_a_moment_that_spring_skips_comes_when_the_clock_has_jumped() -> None:
    """There is no half past two that night, and the work is not lost."""
    skipped = next_moment("30 2 * * *", "Europe/Berlin", datetime(2030, 3, 30, 12, tzinfo=UTC))

    assert skipped == datetime(2030, 3, 31, 1, tzinfo=UTC)
    assert next_moment("30 2 * * *", "Europe/Berlin", skipped) == datetime(2030, 4, 1, 0, 30, tzinfo=UTC)


def test_a_moment_that_autumn_repeats_comes_once() -> None:
    """The first half past two counts."""
    first = next_moment("30 2 * * *", "Europe/Berlin", datetime(2030, 10, 26, 12, tzinfo=UTC))

    assert first == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert next_moment("30 2 * * *", "Europe/Berlin", first) == datetime(2030, 10, 28, 1, 30, tzinfo=UTC)


def test_every_hour_is_every_hour_when_the_clock_changes() -> None:
    """The hour that comes twice is two hours of work."""
    moment, moments = datetime(2030, 10, 26, 23, tzinfo=UTC), []
    for _ in range(3):
        moment = next_moment("0 * * * *", "Europe/Berlin", moment)
        moments.append(moment.hour)

    assert moments == [0, 1, 2]


def test_a_leap_day_is_waited_for() -> None:
    """Two years here."""
    assert next_moment("0 0 29 2 *", "UTC", FRIDAY) == datetime(2032, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize("cron", ["soon", "99 * * * *", "* * * *", "0 0 30 2 *", "*/0 * * * *", "* * * * * *"])
def test_what_is_no_cron_expression_of_five_fields_is_refused(cron: str) -> None:
    """Seconds are none of the five; the thirtieth of February never comes."""
    with pytest.raises(Invalid, match="is not a cron expression"):
        next_moment(cron, "UTC", FRIDAY)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "../etc/passwd", "/etc/passwd", "", "UTC\n", "a\0b"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    """Neither a folder nor a path is one."""
    with pytest.raises(Invalid, match="is not a time zone"):
        next_moment("* * * * *", zone, FRIDAY)
