"""What was measured, and on what: medians with their spread, and ratios of what ran side by side."""

import os
import platform
import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version

Measure = Callable[[], Awaitable[float]]


class Results:
    """What was measured, in the order of measuring."""

    def __init__(self) -> None:
        self._found: defaultdict[str, list[float]] = defaultdict(list)

    async def rounds(self, count: int, measures: Mapping[str, Measure]) -> None:
        """Each measure once per round, in turn."""
        for _ in range(count):
            for name, measure in measures.items():
                self.add(name, await measure())

    def add(self, name: str, value: float) -> None:
        """One more round of a measurement."""
        self._found[name].append(value)
        print(f"  {name}: {tell(value)}", flush=True)

    def median(self, name: str) -> float:
        """The middle of the rounds; 0 for what was not measured."""
        return statistics.median(self._found[name]) if name in self._found else 0.0

    def ratio(self, name: str, other: str) -> float:
        """The middle of the ratios of rounds that ran side by side; 0 where one was not measured."""
        pairs = list(zip(self._found.get(name, []), self._found.get(other, []), strict=False))
        return round(statistics.median(a / b for a, b in pairs), 2) if pairs else 0.0

    def table(self) -> str:
        """Markdown: median, and the lowest and highest round."""
        rows = [
            f"| {name} | {tell(statistics.median(values))} | {tell(min(values))} to {tell(max(values))} | {len(values)} |"
            for name, values in self._found.items()
        ]
        return "\n".join(["| measurement | median | spread | rounds |", "| --- | ---: | ---: | ---: |", *rows])


def tell(value: float) -> str:
    """Three digits are all that a shared machine can promise of a small number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> str:
    """What it was measured on."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, asyncpg {version('asyncpg')}, "
        f"PostgreSQL 18 (fsync and synchronous_commit on), Linux {platform.release()}"
    )
