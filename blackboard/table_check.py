"""Gaps and overlaps of a decision table, found by trying it.

A condition changes what it says only near the numbers and texts that it names, so a table is tried at those, one below and one
above, for all inputs together. What is found is shown by inputs that anybody can try. Where there are more combinations than
`MAX_TRIALS` allows, as many are drawn with a fixed seed, and it is said that they were.
"""

import random
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, NamedTuple

from blackboard import conditions
from blackboard.decision_table import Row, Table, holds, texts, whole_numbers
from blackboard.errors import Invalid
from blackboard.policy import DENY, Input, Policy

# Rows times combinations: a table of ten rows is tried at 2,000 of them, in a fiftieth of a second.
MAX_TRIALS = 20_000
MAX_VALUES = 60
SEED = 7
# What an integer without bounds is tried at beside what cells name: products of these fit into 64 bits.
_FAR = 10**9

Values = Mapping[str, Any]


class Findings(NamedTuple):
    """What must be mended, and what is worth knowing."""

    problems: list[str]
    notes: list[str]


def try_table(policy: Policy, table: Table) -> Findings:
    """Gaps, rows that contradict each other, cells that cannot be evaluated, rows that nothing reaches."""
    trials = _Trials(policy, table)
    problems: dict[str, str] = {}
    reached: set[str] = set()
    for values in trials:
        if what := _wrong(trials, values, reached):
            problems.setdefault(what, f"table {table.name}: {what}, e.g. for {trials.shown(values)}")
    if catch_all := _passing_catch_all(policy, table):
        problems["catch_all"] = (
            f"table {table.name}: row {catch_all.id} lets pass ({catch_all.outcome}) whatever no other row caught;"
            " say when, and let the last row be another outcome"
        )
    idle = [row.id for row in table.rows if row.id not in reached]
    notes = [f"table {table.name}: row {row} counts for none of the inputs that were tried" for row in idle]
    if trials.is_sample and table.is_single:
        notes.append(f"table {table.name}: tried at {trials.limit} of {trials.all} combinations, drawn with the seed {SEED}")
    return Findings(list(problems.values()), notes)


def _wrong(trials: "_Trials", values: Values, reached: set[str]) -> str | None:
    """What is wrong with a table at these values; notes which rows count there."""
    table = trials.table
    try:
        hits = [row for row in table.rows if trials.hits(row, values)]
        reached.update(row.id for row in table.choose(hits, trials.policy.outcomes))
    except Invalid as error:
        return None if trials.are_denied(values) else error.detail.removeprefix(f"table {table.name}: ")
    return "no row hits" if table.is_single and not hits and not trials.are_denied(values) else None


def _passing_catch_all(policy: Policy, table: Table) -> Row | None:
    """The row of a `first` table that catches all and lets it pass."""
    rows = [row for row in table.rows if not row.cells and row.outcome == policy.outcomes[-1]]
    return rows[0] if rows and table.hit == "first" else None


class _Trials:
    """The combinations of values at which a table is tried."""

    def __init__(self, policy: Policy, table: Table) -> None:
        self.policy = policy
        self.table = table
        # As long as what a cell speaks of stays, it says the same.
        self._told: dict[tuple[str, tuple[Any, ...]], bool] = {}
        self._names = {cell: conditions.free_names(cell) - policy.limits.keys() for row in table.rows for cell in row.cells}
        spoken = set().union(*self._names.values())
        self._columns = {name: _inputs(wanted, *self._near(name)) for name, wanted in policy.inputs.items() if name in spoken}
        self._columns |= {
            each.name: _outputs(policy, each, self._near(each.name)[0]) for each in policy.tables if each.name in spoken
        }
        self.all = prod(map(len, self._columns.values()))
        # Where every row that hits counts there are no gaps and no overlaps: only cells that fail are looked for.
        self.limit = max(1, MAX_TRIALS // len(table.rows) // (1 if table.is_single else 20))
        self.is_sample = self.all > self.limit

    def __iter__(self) -> Iterator[Values]:
        if self.is_sample:
            dice = random.Random(SEED)
            for _ in range(self.limit):
                yield {name: dice.choice(values) for name, values in self._columns.items()}
        else:
            for combination in product(*self._columns.values()):
                yield dict(zip(self._columns, combination, strict=True))

    def hits(self, row: Row, values: Values) -> bool:
        """Whether a row hits there."""
        return all(self._holds(cell, values) for cell in row.cells)

    def are_denied(self, values: Values) -> bool:
        """Whether a deny row, as far as these values tell, lets nothing come to the table."""
        rows = (row for row in self.policy.deny if self.table.name != DENY)
        return any(all(self._speaks_of(cell, values) and holds(cell, self._full(values)) for cell in row.cells) for row in rows)

    def shown(self, values: Values) -> str:
        """The values as somebody would write them."""
        return ", ".join(f"{name} = {_plain(value)}" for name, value in values.items()) or "any inputs"

    def _holds(self, cell: str, values: Values) -> bool:
        seen = (cell, tuple(values[name] for name in self._names[cell]))
        if seen not in self._told:
            self._told[seen] = holds(cell, self._full(values))
        return self._told[seen]

    def _speaks_of(self, cell: str, values: Values) -> bool:
        return conditions.free_names(cell) - self.policy.limits.keys() <= values.keys()

    def _full(self, values: Values) -> Values:
        """The values as cells see them."""
        lists = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return {**self.policy.limits, **lists}

    def _near(self, name: str) -> tuple[set[int], set[str]]:
        """Numbers at which cells about a name, or about what it is compared with, may change what they say; and texts."""
        kin = {other for names in self._names.values() if name in names for other in names}
        cells = [cell for cell, names in self._names.items() if kin & names]
        limits = {
            value for cell in cells for limit, value in self.policy.limits.items() if limit in conditions.free_names(cell)
        }
        numbers = limits.union(*map(whole_numbers, cells))
        words: set[str] = set().union(*(texts(cell) for cell, names in self._names.items() if name in names))
        return {number + step for number in numbers for step in (-1, 0, 1)}, words


def _inputs(wanted: Input, near: set[int], words: set[str]) -> list[Any]:
    """Values that an input may have: near the numbers that are named, its bounds, its words and one that is not named."""
    match wanted.type:
        case "boolean":
            return [False, True]
        case "integer" | "decimal":
            low = -_FAR if wanted.min is None else wanted.min
            high = max(_FAR, low) if wanted.max is None else wanted.max
            return _few(sorted({n for n in {*near, 0, 1, low, high} if low <= n <= high}))
        case "string":
            return _few(wanted.enum or sorted({*words, "", "another"}))
    known = wanted.enum or sorted({*words, "another"})
    return _few([(), *((word,) for word in known), tuple(known)])


def _outputs(policy: Policy, table: Table, near: set[int]) -> list[Any]:
    """Values that an earlier table may have come to."""
    scores = [row.score for row in table.rows if row.score is not None]
    outcomes = sorted({row.outcome for row in table.rows if row.outcome is not None}, key=policy.outcomes.index)
    match table.hit:
        case "collect(list)" | "rule_order":
            return _few([(), *((outcome,) for outcome in outcomes), tuple(outcomes)])
        case "collect(sum)":
            low, high = sum(min(score, 0) for score in scores), sum(max(score, 0) for score in scores)
        case "collect(count)":
            low, high = 0, len(table.rows)
        case "collect(min)" | "collect(max)":
            return _few([*sorted(set(scores)), None])
        case _:
            return _few(list(dict.fromkeys(row.outcome if row.score is None else row.score for row in table.rows)))
    return _few(sorted({n for n in {*near, low, 0, high} if low <= n <= high}))


def _few(values: list[Any]) -> list[Any]:
    """At most about so many, the ends among them."""
    step = -(-len(values) // MAX_VALUES)
    return values if step <= 1 else [*values[::step], values[-1]]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(list(value)) if isinstance(value, tuple) else repr(value)
