"""What the bank promises whoever deals with it, and on which days it books."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

_YEARS_AHEAD = 12


class Promises(NamedTuple):
    """How long keys are known, how late an order may turn up, from which amount the customer is asked, until when it books."""

    keys_kept: timedelta = timedelta(days=90)
    in_flight: timedelta = timedelta(seconds=5)
    step_up_from: Decimal | None = None
    cut_off: time | None = None
    zone: str = "UTC"

    def closed_days(self) -> list[date]:
        """The days besides weekends on which the euro's payment system (TARGET) rests; none for a bank without a cut-off."""
        if self.cut_off is None:
            return []
        import holidays

        first = datetime.now(UTC).year - 1
        return sorted(holidays.financial_holidays("XECB", years=range(first, first + _YEARS_AHEAD)))
