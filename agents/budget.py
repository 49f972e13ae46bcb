"""What thinking may cost a day. One file, which processes share and a restart does not forget.

The most that a question can cost is taken before it is asked; what it did not cost is given back when that is known. A process
that dies in between has spent it all, so a crash loop ends at the limit and not at the bank.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

_TABLE = "CREATE TABLE IF NOT EXISTS spent (day TEXT PRIMARY KEY, micros INTEGER NOT NULL)"
_TAKE = """
INSERT INTO spent (day, micros) SELECT :day, :micros WHERE :micros <= :ceiling
ON CONFLICT (day) DO UPDATE SET micros = micros + :micros WHERE micros + :micros <= :ceiling
"""
WAIT_S = 5.0


class Budget:
    """Money per day (UTC), in dollars, exact to a millionth."""

    def __init__(self, path: Path, ceiling: Decimal) -> None:
        self._path = path
        self._ceiling = _micros(ceiling)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as ledger:
            ledger.execute(_TABLE)

    def take(self, day: date, most: Decimal) -> bool:
        """Whether the day still has that much; if so it is spent."""
        with self._open() as ledger:
            values = {"day": day.isoformat(), "micros": _micros(most), "ceiling": self._ceiling}
            return ledger.execute(_TAKE, values).rowcount == 1

    def give_back(self, day: date, rest: Decimal) -> None:
        """What was taken and not needed."""
        with self._open() as ledger:
            ledger.execute("UPDATE spent SET micros = micros - ? WHERE day = ?", (int(rest.scaleb(6)), day.isoformat()))

    def spent(self, day: date) -> Decimal:
        """How much of a day's money is gone."""
        with self._open() as ledger:
            row = ledger.execute("SELECT micros FROM spent WHERE day = ?", (day.isoformat(),)).fetchone()
        return Decimal(row[0] if row else 0).scaleb(-6)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction."""
        ledger = sqlite3.connect(self._path, timeout=WAIT_S)
        try:
            with ledger:
                yield ledger
        finally:
            ledger.close()


def _micros(dollars: Decimal) -> int:
    """Rounded up: a cost is never taken for less than it is."""
    return int(dollars.scaleb(6).to_integral_value(ROUND_CEILING))
