"""Counts what was tried of each item and what failed: a plug-in of pytest, and the table that it makes.

A test says which items it proves (`@pytest.mark.item("S34")`) and how many cases it tried (`tried(len(corpus))`, else one).
What it tried travels with its report, so that tests may run in several processes.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console
from rich.table import Table

from tests.security.items import ITEMS

Tried = Callable[[int], None]


class Row(NamedTuple):
    """An item, how many cases of it were tried, and what is wrong: nothing, if it holds."""

    item: str
    what: str
    tried: int
    failures: list[str]


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Tried:
    """Says how many cases the test tries; may be said several times."""
    return lambda cases: request.node.user_properties.append(("tried", cases))


class Counter:
    """Adds up the reports of a run and keeps the sums in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tried = dict.fromkeys(ITEMS, 0)
        self._failures: dict[str, list[str]] = {item: [] for item in ITEMS}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counted once per test, and once for each of its phases that fails."""
        said = report.user_properties
        for item in [str(value) for name, value in said if name == "item"]:
            if report.failed:
                self._failures[item].append(report.nodeid)
            elif report.when == "call" and report.passed:
                self._tried[item] += sum(int(str(value)) for name, value in said if name == "tried") or 1

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        """Whoever started the run reads it."""
        rows = [Row(item, what, self._tried[item], self._failures[item]) for item, what in ITEMS.items()]
        self._file.write_text(json.dumps([row._asdict() for row in rows]))


def mark_items(tests: Iterable[pytest.Item]) -> None:
    """Note at each test which items it proves; an item that is not in the list is a mistake."""
    for test in tests:
        for mark in test.iter_markers("item"):
            for item in mark.args:
                if item not in ITEMS:
                    raise pytest.UsageError(f"{test.nodeid}: there is no item {item!r} in tests/security/items.py")
                test.user_properties.append(("item", item))


def show(rows: Iterable[Row], console: Console) -> None:
    """The table as people read it."""
    table = Table("item", "what holds", "tried", "failures")
    table.columns[2].justify = table.columns[3].justify = "right"
    for row in rows:
        failures = "[red]" + str(len(row.failures)) if row.failures else "0" if row.tried else "not run"
        table.add_row(row.item, row.what, f"{row.tried:,}", failures)
    console.print(table)
