"""Gaps and overlaps are found before a table judges."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackboard.policy_check import check

INPUTS = {
    "a": {"type": "integer", "min": 0, "max": 100},
    "b": {"type": "integer", "min": 0, "max": 100},
    "c": {"type": "string", "enum": ["EUR", "USD", "CHF"]},
    "d": {"type": "boolean"},
    "l": {"type": "list"},
}


def told(hit: str, *rows: dict[str, Any], **more: Any) -> list[str]:
    """What is wrong with a policy of one table."""
    numbered = [{"id": f"r{n}", "outcome": "refer", **row} for n, row in enumerate(rows)]
    table = {"name": "one", "hit": hit, "rows": numbered}
    return check({"name": "p", "title": "P", "inputs": INPUTS, "tables": [table], **more}).problems


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"when": {"a": "< 10"}}, {"when": {"a": "> 10"}}], ["no row hits, e.g. for a = 10"]),
        (
            [{"when": {"a": "<= 10"}}, {"when": {"a": ">= 10"}}],
            ["rows r0 and r1 hit together, and only one may, e.g. for a = 10"],
        ),
        ([{"when": {"a": "<= 10"}}, {"when": {"a": "> 10"}}], []),
        ([{"when": "a < b"}, {"when": "a > b"}], ["no row hits, e.g. for a = 0, b = 0"]),
        ([{"when": "a < b"}, {"when": "a >= b"}], []),
        (
            [{"when": "a * 2 < b"}, {"when": "a * 2 >= b && a < 40"}, {"when": "a * 2 >= b && a > 40"}],
            ["no row hits, e.g. for a = 40, b = 0"],
        ),
        ([{"when": {"c": "in ['EUR', 'USD']"}}], ["no row hits, e.g. for c = 'CHF'"]),
        ([{"when": {"d": True}}], ["no row hits, e.g. for d = false"]),
        ([{"when": {"a": "> limit"}}, {"when": {"a": "< limit"}}], ["no row hits, e.g. for a = 33"]),
        ([{"when": "l.exists(x, x == 'hit')"}, {"when": "size(l) == 0"}], ["no row hits, e.g. for l = ['another']"]),
    ],
)
def test_gaps_and_overlaps_are_shown_by_inputs_that_anybody_can_try(rows: list[dict[str, Any]], found: list[str]) -> None:
    """The nearest ones to the boundary that was missed."""
    assert [each.removeprefix("table one: ") for each in told("unique", *rows, limits={"limit": 33})] == found


@given(st.integers(0, 100), st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_two_ranges_are_whole_exactly_when_they_meet(end: int, begin: int) -> None:
    """Wherever that is: held against every value that there is."""
    found = told("unique", {"when": f"a <= {end}"}, {"when": f"a >= {begin}"})
    hits = {n: (n <= end) + (n >= begin) for n in range(101)}

    assert any("no row hits" in each for each in found) == (0 in hits.values())
    assert any("hit together" in each for each in found) == (2 in hits.values())


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"when": {"a": "> 50"}}, {"outcome": "approve"}], "lets pass"),
        ([{"when": {"a": "> 50"}}, {}], None),
        ([{"when": {"a": "> 50"}}, {"when": {"a": "<= 50"}, "outcome": "approve"}], None),
        ([{"when": {"a": "> 50"}}], "no row hits"),
    ],
)
def test_a_first_table_lets_nothing_pass_by_itself(rows: list[dict[str, Any]], found: str | None) -> None:
    """Its last row, or no gap."""
    assert [found in each for each in told("first", *rows)] if found else told("first", *rows) == []


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("amuont > 5", "speaks of amuont"),
        ("a >", "is not a CEL condition"),
        ("now() > a", "calls now"),
        ("double(a) > 1", "calls double"),
        ("a > 1.5", "fraction"),
        ("c > 5", "cannot be evaluated"),
        ("1 / a > 0", "division by zero"),
        ("(" * 450 + "d" + ")" * 450, "is not a CEL condition"),
        ("l.exists(x, l.exists(y, l.exists(z, x == y && y == z)))", "more than 2 times"),
        ("a + 1", "neither true nor false"),
        ("later > 1", "speaks of later"),
        ({"nobody": 1}, "no input nobody"),
    ],
)
def test_a_cell_that_cannot_be_judged_is_found_when_checking(cell: Any, found: str) -> None:
    """And not on a payment; in deny rows too."""
    first = {"when": cell}
    later = {"name": "later", "hit": "collect(count)", "rows": [{"id": "x"}]}
    whole = {"name": "one", "hit": "first", "rows": [{"id": "all", "outcome": "refer"}]}
    tables = [{**whole, "rows": [{"id": "r", "outcome": "refer", **first}, *whole["rows"]]}, later]
    deny = [{"reason": "refused_here", **first}]
    told = [
        check({"name": "p", "title": "P", "inputs": INPUTS, "tables": tables}).problems,
        check({"name": "p", "title": "P", "inputs": INPUTS, "tables": [whole, later], "deny": deny}).problems,
    ]

    assert [any(found in each for each in problems) for problems in told] == [True, True], told


def test_what_a_deny_row_keeps_away_is_no_gap() -> None:
    """It never comes to the table."""
    deny = [{"reason": "too_many", "when": {"a": "> 50"}}]

    assert told("unique", {"when": {"a": "<= 50"}}, deny=deny) == []


def test_what_was_only_sampled_is_said() -> None:
    """With the seed, so that it can be tried again."""
    inputs = {f"i{n}": {"type": "integer", "min": 0, "max": 100} for n in range(9)}
    row = {"id": "r", "outcome": "refer", "when": {name: f"> {n * 10}" for n, name in enumerate(inputs)}}
    rest = {"id": "rest", "outcome": "refer"}
    tables = [{"name": "one", "hit": "first", "rows": [row, rest]}]
    found = check({"name": "p", "title": "P", "inputs": inputs, "tables": tables})

    assert found.problems == []
    assert "seed 7" in found.notes[0]
