"""What a test did to the board and what it saw: a test of faults in which none fired has shown nothing."""

from collections import Counter
from collections.abc import Iterable


class Faults:
    """Counts the faults that really fired, and keeps what was measured beside them.

    A limit is kept where the machine is the test's own; in the suite, beside other tests, what was measured is only told.
    """

    def __init__(self, *, keeps_limits: bool) -> None:
        self._keeps_limits = keeps_limits
        self._fired: Counter[str] = Counter()
        self._measured: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many fired."""
        return self._fired.total()

    def fire(self, kind: str, times: int = 1) -> None:
        """It happened."""
        self._fired[kind] += times

    def measure(self, name: str, value: float, *, limit: float = float("inf"), unit: str = "s") -> None:
        """Tell a number, and hold it to its limit."""
        self._measured[name] = f"{value:.3f} {unit}" if unit == "s" else f"{value:.0f} {unit}"
        assert value <= limit or not self._keeps_limits, f"{name}: {value:.3f} {unit}, and {limit:.3f} is the limit"

    def measure_lags(self, name: str, lags: Iterable[float], *, limit: float = float("inf")) -> None:
        """Tell the median and hold the 99th percentile to a limit."""
        ordered = sorted(lags)
        self.measure(f"{name} p50", ordered[len(ordered) // 2])
        self.measure(f"{name} p99", ordered[len(ordered) * 99 // 100], limit=limit)

    def __str__(self) -> str:
        """One line: what fired, then what was measured."""
        fired = ", ".join(f"{times} {kind}" for kind, times in self._fired.items())
        return "; ".join([fired or "no fault fired", *(f"{name} {value}" for name, value in self._measured.items())])
