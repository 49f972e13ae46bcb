"""Decision tables: rows of conditions over named values, and which of the rows that hit count (DMN's hit policies).

A cell is a test of its column (`">= 5000"`, `"in ['EUR', 'USD']"`, a value) or a whole CEL condition. Amounts are integers of
their smallest unit; there are no floats. What cannot be evaluated hits nothing and misses nothing: it is `Invalid`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from blackboard import conditions
from blackboard.errors import Invalid
from blackboard.values import Frozen, Name, ReasonCode, Text

# A name that cells can speak of.
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Collecting = Literal["collect(sum)", "collect(min)", "collect(max)", "collect(count)", "collect(list)"]
HitPolicy = Literal["unique", "any", "first", "priority", "rule_order"] | Collecting
Value = int | str | list[str] | None
Score = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000, strict=True)]

ANYTHING = "-"
# Of macros in a cell: two within each other look at every pair in a list.
MAX_LOOPS = 2
# What conditions may call. There is no clock among them, and nothing that makes floats.
FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "string", "bool"})
# At most one row counts; for the others all that hit do.
SINGLE = frozenset({"unique", "any", "first", "priority"})
_TEST = re.compile(r"==|!=|<=|>=|<|>|in\b")
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_FLOAT = re.compile(r"(?<![\w.])(?:\d+\.\d*|\.\d+|\d+[eE][+-]?\d+)")
_WHOLE = re.compile(r"(?<![\w.])-?\d+\b")


class Row(Frozen):
    """Where all its cells hold it gives its outcome, its points and its reason. Without cells it always holds."""

    id: Name
    when: Condition | dict[Word, Condition | StrictBool | StrictInt] = Field(default_factory=dict)
    outcome: Name | None = None
    score: Score | None = None
    reason: ReasonCode | None = None
    note: Text | None = None

    @property
    def cells(self) -> list[str]:
        """Its conditions, each whole."""
        if isinstance(self.when, str):
            return [] if self.when in {ANYTHING, "true"} else [self.when]
        return [_whole(name, cell) for name, cell in self.when.items() if cell != ANYTHING]

    def hits(self, values: Mapping[str, Any]) -> bool:
        """Whether all its cells hold; `Invalid` when one cannot be evaluated."""
        return all(holds(cell, values) for cell in self.cells)


def _whole(name: str, cell: str | bool | int) -> str:
    """A cell as a condition by itself."""
    if isinstance(cell, bool):
        return f"{name} == {'true' if cell else 'false'}"
    if isinstance(cell, int):
        return f"{name} == {cell}"
    return f"{name} {cell}" if _TEST.match(cell) else cell


def holds(cell: str, values: Mapping[str, Any]) -> bool:
    """Whether a condition is true of these values. `Invalid` when it is neither true nor false of them."""
    try:
        told = conditions.program(cell).execute(dict(values))
    except (ValueError, RuntimeError, TypeError, LookupError, ArithmeticError) as error:
        raise Invalid(f"{cell!r} cannot be evaluated: {str(error).partition('. ')[0][:200]}") from error
    if not isinstance(told, bool):
        raise Invalid(f"{cell!r} is neither true nor false")
    return told


def cell_problems(cell: str, known: set[str]) -> Iterator[str]:
    """What is wrong with a condition's text where these names are known."""
    try:
        names = conditions.free_names(cell)
    except ValueError as error:
        yield f"{cell!r} is not a CEL condition: {str(error)[:200]}"
        return
    for name in sorted(names - known):
        yield f"{cell!r} speaks of {name}, which is not known; there are {', '.join(sorted(known))}"
    for name in sorted(conditions.program(cell).functions()):
        if name.isidentifier() and not name.startswith("_") and name not in FUNCTIONS:
            yield f"{cell!r} calls {name}; there are {', '.join(sorted(FUNCTIONS))}"
    if conditions.loops(cell) > MAX_LOOPS:
        yield f"{cell!r} goes through lists more than {MAX_LOOPS} times"
    if _FLOAT.search(_TEXT.sub("''", cell)):
        yield f"{cell!r} has a number with a fraction: write amounts in their smallest unit"


def whole_numbers(cell: str) -> set[int]:
    """The integers that a condition names."""
    return {int(found) for found in _WHOLE.findall(_TEXT.sub("''", cell))}


def texts(cell: str) -> set[str]:
    """The texts that a condition names."""
    return {found[1:-1] for found in _TEXT.findall(cell)}


def named(rows: Any) -> Any:
    """Rows as they were written, each with an id: its own, its reason, or its place."""
    if not isinstance(rows, list):
        return rows
    return [
        {"id": row.get("reason") or f"row_{n}", **row} if isinstance(row, dict) else row for n, row in enumerate(rows, start=1)
    ]


class Table(Frozen):
    """Rows, and which of those that hit count. Tables after it know its value by its name."""

    name: Word
    title: Text | None = None
    hit: HitPolicy
    rows: Annotated[list[Row], Field(min_length=1, max_length=200)]

    @model_validator(mode="before")
    @classmethod
    def _name_rows(cls, table: Any) -> Any:
        return {**table, "rows": named(table["rows"])} if isinstance(table, dict) and "rows" in table else table

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        demand_distinct(self.rows)
        if self.hit in {"collect(sum)", "collect(min)", "collect(max)"} and all(row.score is None for row in self.rows):
            raise ValueError(f"no row has a score, of which {self.hit} could be made")
        return self

    @property
    def is_single(self) -> bool:
        """Whether at most one row counts."""
        return self.hit in SINGLE

    def choose(self, hits: Sequence[Row], outcomes: Sequence[str]) -> list[Row]:
        """The rows that count, of those that hit; `outcomes` stand in order of priority. `Invalid` where rows contradict."""
        match self.hit:
            case "unique" if len(hits) > 1:
                raise Invalid(f"table {self.name}: rows {_listed(hits)} hit together, and only one may")
            case "any" if len({(row.outcome, row.score) for row in hits}) > 1:
                raise Invalid(f"table {self.name}: rows {_listed(hits)} hit together and say different things")
            case "priority":
                return sorted(hits, key=lambda row: rank(row.outcome, outcomes))[:1]
        return list(hits[:1] if self.is_single else hits)

    def value(self, chosen: Sequence[Row]) -> Value:
        """What the rows that count come to: points, a number of rows, outcomes. None when there is nothing."""
        scores = [row.score for row in chosen if row.score is not None]
        match self.hit:
            case "collect(sum)":
                return sum(scores)
            case "collect(min)":
                return min(scores, default=None)
            case "collect(max)":
                return max(scores, default=None)
            case "collect(count)":
                return len(chosen)
            case "collect(list)" | "rule_order":
                return [row.outcome for row in chosen if row.outcome is not None]
        return next((row.outcome if row.score is None else row.score for row in chosen), None)

    def points(self, chosen: Sequence[Row]) -> int | None:
        """What the table adds to the score; None when it has none to give."""
        if all(row.score is None for row in self.rows):
            return None
        if self.hit in {"collect(min)", "collect(max)"}:
            value = self.value(chosen)
            return value if isinstance(value, int) else 0
        return sum(row.score or 0 for row in chosen)


def rank(outcome: str | None, outcomes: Sequence[str]) -> int:
    """Its place in the order of priority; no outcome comes last."""
    return len(outcomes) if outcome is None else outcomes.index(outcome)


def demand_distinct(rows: Sequence[Row]) -> None:
    """Raise ValueError when two rows have one id."""
    ids = [row.id for row in rows]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise ValueError(f"two rows have the id {', '.join(twice)}: give each an id of its own")


def _listed(rows: Sequence[Row]) -> str:
    return " and ".join(row.id for row in rows[:5])
