"""Working time: when a bank is open by the holidays of its country, and when so much of it will have passed.

A calendar is named `TARGET` (the euro's settlement days), by a country (`DE`, `US`) or by a part of one (`DE-BY`); its day is
from nine to five in a time zone. Days become moments here, so that whoever counts hours need not know of clocks that change.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from holidays import HolidayBase

OPENS, CLOSES = time(9), time(17)
DAY_S = (CLOSES.hour - OPENS.hour) * 3600
DEFAULT = "TARGET"
# Where a country has one time, or one that its bank holidays are kept by.
_ZONES = {
    DEFAULT: "Europe/Berlin",
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "LU": "Europe/Luxembourg",
    "NL": "Europe/Amsterdam",
    "SG": "Asia/Singapore",
    "US": "America/New_York",
}
_UNIT_S = {"minute": 60, "hour": 3600, "day": DAY_S}
_SPAN = re.compile(r"([1-9]\d{0,3}) business (minute|hour|day)s?")


class Opening(NamedTuple):
    """A working day, as moments in UTC."""

    opens_at: datetime
    closes_at: datetime


class Calendar(NamedTuple):
    """Whose holidays, and by which clock."""

    name: str
    zone: str

    @classmethod
    def find(cls, name: str, zone: str | None = None) -> "Calendar":
        """The calendar of that name. `ValueError` says what is wrong with its zone."""
        zone = zone or _ZONES.get(name)
        if zone is None:
            raise ValueError(f"calendar {name} needs a zone beside it, such as Europe/Berlin")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is not a time zone; use a name such as Europe/Berlin") from error
        return cls(name, zone)

    @property
    def is_known(self) -> bool:
        """Whether anybody knows its holidays."""
        return self._holidays() is not None

    @property
    def key(self) -> str:
        """Under which its days are kept."""
        return f"{self.name} {self.zone}"

    @classmethod
    def of(cls, key: str) -> "Calendar":
        """The calendar of a key."""
        return cls(*key.split(" ", 1))

    def openings(self, first: date, days: int) -> Iterator[Opening]:
        """The working days among so many days from the first one on."""
        holidays, zone = self._holidays(), ZoneInfo(self.zone)
        for day in (first + timedelta(days=n) for n in range(days)):
            if holidays is not None and holidays.is_working_day(day):
                yield Opening(*(datetime.combine(day, clock, zone).astimezone(UTC) for clock in (OPENS, CLOSES)))

    def _holidays(self) -> "HolidayBase | None":
        import holidays  # the world's countries: for those who load workflows

        country, _, part = self.name.partition("-")
        try:
            if self.name == DEFAULT:
                return holidays.financial_holidays("ECB")
            return holidays.country_holidays(country, subdiv=part or None)
        except NotImplementedError:
            return None


def read_span(text: str) -> int:
    """The seconds of working time in `4 business hours`; a day has eight hours. `ValueError` when it is no such span."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f'{text!r} is no span of working time; write "4 business hours" or "2 business days"')
    return int(found[1]) * _UNIT_S[found[2]]


def due(openings: Iterable[Opening], after: datetime, seconds: int) -> datetime | None:
    """When so much working time will have passed; None when the days given are too few. `board.count_hours` does the same."""
    left = timedelta(seconds=seconds)
    for opens_at, closes_at in openings:
        begins_at = max(opens_at, after)
        if begins_at + left <= closes_at:
            return begins_at + left
        left -= max(closes_at - begins_at, timedelta())
    return None
