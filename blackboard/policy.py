"""Policies as data: what is asked for, what ends everything, tables that weigh, and examples that say what is meant.

    policy = parse(document)
    policy.judge({"amount": 25_000, "known_payee": True}).outcome

Deny rows come first, and where one hits nothing else counts. Then every table is asked, and the harshest outcome that any of
them gives is the policy's: no table softens what another said. An input that is missing, of the wrong type or out of bounds is
`Invalid`, never a row. The same inputs give the same judgement, and nothing but the inputs does.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import rfc8785
from pydantic import Field, StrictInt, StrictStr, ValidationError, model_validator

from blackboard import conditions, documents
from blackboard.decision_table import HitPolicy, Row, Table, Value, Word, demand_distinct, named
from blackboard.errors import Invalid
from blackboard.requests import GENERIC
from blackboard.values import Frozen, Json, Name, ReasonCode, Text

MAX_POLICY_BYTES = 256 * 1024
# Beyond this a number is not the same in every JSON parser.
SAFE = 2**53 - 1
MAX_TEXT = 200
MAX_LIST = 200
# As many as a decision takes.
MAX_REASONS = 20
DENY = "deny"
OUTCOMES = ("reject", "refer", "approve")

Whole = Annotated[int, Field(ge=-SAFE, le=SAFE, strict=True)]
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]+)?")


class Input(Frozen):
    """What an input must be. A decimal is given as a string ("12.50"); cells see an integer of its smallest unit (1250).

    One that must be `found` counts, where a panel is tallied, as somebody put it who held a task of the case: whoever may tell
    about a case, as its applicant may, does not decide it.
    """

    type: Literal["integer", "decimal", "string", "boolean", "list"]
    min: Whole | None = Field(None, description="The least that an integer may be; of a decimal, in its smallest unit.")
    max: Whole | None = Field(None, description="The most that an integer may be; of a decimal, in its smallest unit.")
    enum: Annotated[list[StrictStr], Field(min_length=1, max_length=100)] | None = None
    scale: Annotated[int, Field(ge=0, le=6, strict=True)] = 2
    found: bool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.min is not None or self.max is not None) and self.type not in {"integer", "decimal"}:
            raise ValueError("only integers and decimals have min and max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is more than max: nothing is allowed")
        if self.enum is not None and self.type not in {"string", "list"}:
            raise ValueError("only strings, and what is in a list, have an enum")
        return self

    def read(self, value: Any) -> int | str | bool | list[str]:
        """The value as cells see it; ValueError says what it must be."""
        match self.type:
            case "boolean" if not isinstance(value, bool):
                raise ValueError("must be true or false")
            case "boolean":
                return bool(value)
            case "integer":
                return self._bounded(value)
            case "decimal":
                return self._bounded(self._units(value))
            case "string":
                return self._word(value)
        if not isinstance(value, list | tuple) or len(value) > MAX_LIST:
            raise ValueError(f"must be a list of at most {MAX_LIST} strings")
        return [self._word(each) for each in value]

    def _bounded(self, value: Any) -> int:
        low, high = -SAFE if self.min is None else self.min, SAFE if self.max is None else self.max
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError("must be an integer")  # noqa: TRY004  # one kind of error for whoever asks
        if not low <= value <= high:
            raise ValueError(f"must be from {low} to {high}")
        return value

    def _units(self, value: Any) -> int:
        text = f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else value
        if isinstance(text, str) and _DECIMAL.fullmatch(text):
            units = Decimal(text).scaleb(self.scale)
            if units == units.to_integral_value():
                return int(units)
        shown = Decimal(1250).scaleb(-self.scale)
        raise ValueError(f'must be a decimal string with at most {self.scale} places, such as "{shown:f}"')

    def _word(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise ValueError(f"must be a string of at most {MAX_TEXT} characters")
        if self.enum is not None and value not in self.enum:
            raise ValueError(f"must be one of {', '.join(self.enum)}")
        return value


class Example(Frozen):
    """Inputs, and what the policy must say of them."""

    inputs: Json
    outcome: Name
    reasons: list[ReasonCode] | None = None
    score: StrictInt | None = None


class HitRow(Frozen):
    """A row that counted, with its cells as they were evaluated."""

    id: str
    when: list[str]
    outcome: str | None
    score: int | None
    reason: str | None


class Step(Frozen):
    """A table that was asked: the rows that counted and what they came to."""

    table: str
    hit: HitPolicy | Literal["deny"]
    rows: list[HitRow]
    value: Value


class Judgement(Frozen):
    """What a policy says of some inputs, and why. `rows` are those that counted, as table/row."""

    outcome: Name
    reasons: list[ReasonCode]
    score: int | None
    rows: list[str]
    trace: list[Step]
    inputs: Json

    def grounds(self) -> dict[str, Json]:
        """For each reason the inputs that its row looked at, as they were: what a reason rests on."""
        rows = [row for step in self.trace for row in step.rows if row.reason in self.reasons]
        seen = {row.reason: {name for cell in row.when for name in conditions.free_names(cell)} for row in rows if row.reason}
        return {reason: {name: self.inputs[name] for name in self.inputs if name in names} for reason, names in seen.items()}


class Judged(Judgement):
    """A judgement, and the policy@version that it is of."""

    policy: str


class Policy(Frozen):
    """What a policy's document holds. `outcomes` stand in order of harshness; the last is the one that lets business pass.

    Who is refused is told at most `principal_reasons`, those that cost most points first: more than four of them help nobody
    (12 CFR 1002.9(b)(2), official interpretation 1).
    """

    name: Name
    title: Text
    inputs: Annotated[dict[Word, Input], Field(min_length=1, max_length=64)]
    limits: Annotated[dict[Word, Whole], Field(max_length=100)] = Field(default_factory=dict)
    outcomes: Annotated[list[Name], Field(min_length=2, max_length=10)] = Field(default_factory=lambda: list(OUTCOMES))
    principal_reasons: Annotated[int, Field(ge=1, le=MAX_REASONS, strict=True)] | None = None
    deny: Annotated[list[Row], Field(max_length=200)] = Field(default_factory=list)
    tables: Annotated[list[Table], Field(min_length=1, max_length=20)]
    quorum: Json | None = None
    duties: Json | None = None
    timeouts: Json | None = None
    examples: Annotated[list[Example], Field(max_length=200)] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _name_rows(cls, document: Any) -> Any:
        return {**document, DENY: named(document[DENY])} if isinstance(document, dict) and DENY in document else document

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        demand_distinct(self.deny)
        names = [DENY, *self.inputs, *self.limits, *(table.name for table in self.tables)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)}: inputs, limits and tables must not share a name, and none is called {DENY}")
        for place, row in self.all_rows():
            if row.outcome is not None and row.outcome not in self.outcomes:
                raise ValueError(f"{place}/{row.id}: outcome {row.outcome} is none of {', '.join(self.outcomes)}")
            if place == DENY and row.reason is None:
                raise ValueError(f"{place}/{row.id}: give a reason: who is refused must be told why")
            if (place == DENY or row.outcome == self.harshest) and row.reason in GENERIC:
                raise ValueError(f"{place}/{row.id}: {row.reason} says nothing to who is refused: give a reason of its own")
        if all(row.outcome is None for place, row in self.all_rows() if place != DENY):
            raise ValueError("no row of any table has an outcome: nothing could ever be decided")
        return self

    def all_rows(self) -> Iterator[tuple[str, Row]]:
        """Every row, with the table that it is in."""
        yield from ((DENY, row) for row in self.deny)
        yield from ((table.name, row) for table in self.tables for row in table.rows)

    @property
    def harshest(self) -> str:
        """The outcome that refuses."""
        return self.outcomes[0]

    def read(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs as cells see them; other facts do not count. `Invalid` names each that is missing or not as it must be."""
        known: dict[str, Any] = dict(self.limits)
        problems = []
        for name, wanted in self.inputs.items():
            try:
                known[name] = wanted.read(facts[name])
            except KeyError:
                problems.append({"field": name, "problem": "is missing"})
            except ValueError as error:
                problems.append({"field": name, "problem": str(error)})
        if problems:
            told = "; ".join(f"{each['field']} {each['problem']}" for each in problems)
            raise Invalid(f"Policy {self.name} cannot judge these inputs: {told}.", errors=problems)
        return known

    def judge(self, facts: Mapping[str, Any]) -> Judgement:
        """Outcome, reasons and points. `Invalid` when the inputs are not what they must be, or no row decides them."""
        known = self.read(facts)
        denied = [row for row in self.deny if row.hits(known)]
        steps = [_step(DENY, DENY, denied, None)] if self.deny else []
        if denied:
            return self._judgement(
                facts, steps, min((r.outcome or self.harshest for r in denied), key=self.outcomes.index), None
            )
        scores, outcomes = [], []
        for table in self.tables:
            chosen = table.choose([row for row in table.rows if row.hits(known)], self.outcomes)
            known[table.name] = table.value(chosen)
            scores.append(table.points(chosen))
            outcomes += [row.outcome for row in chosen if row.outcome is not None]
            steps.append(_step(table.name, table.hit, chosen, known[table.name]))
        if not outcomes:
            raise Invalid(f"Policy {self.name} has no row that decides these inputs.")
        points = [score for score in scores if score is not None]
        return self._judgement(facts, steps, self._first(outcomes), sum(points) if points else None)

    def _first(self, outcomes: Iterable[str]) -> str:
        """The harshest of them."""
        return min(outcomes, key=self.outcomes.index)

    def _judgement(self, facts: Mapping[str, Any], steps: list[Step], outcome: str, score: int | None) -> Judgement:
        counted = [(step.table, row) for step in steps for row in step.rows]
        return Judgement(
            outcome=outcome,
            reasons=self._reasons(counted, outcome),
            score=score,
            rows=[f"{table}/{row.id}" for table, row in counted],
            trace=steps,
            inputs={name: facts[name] for name in self.inputs},
        )

    def principal(self, reasons: Sequence[str], outcome: str) -> list[str]:
        """Of the reasons for an outcome those that are told: where it refuses, the costliest first."""
        if outcome != self.harshest or self.principal_reasons is None:
            return list(reasons)[:MAX_REASONS]
        costs = dict(cost for table in self.tables for cost in _costs(table))
        return sorted(reasons, key=lambda reason: -costs.get(reason, 0))[: self.principal_reasons]

    def _reasons(self, counted: Sequence[tuple[str, HitRow]], outcome: str) -> list[str]:
        """Those of the rows that counted. Who is refused is told what refused him: what merely added points is no reason."""
        deciding = [row.reason for table, row in counted if table == DENY or row.outcome == outcome]
        reasons = [reason for reason in deciding if reason] if outcome == self.harshest else []
        reasons = reasons or [row.reason for _, row in counted if row.reason]
        # No judgement is without a reason: where no row gives one, the row that decided is it.
        return (
            self.principal(list(dict.fromkeys(reasons)), outcome)
            or [f"{t}.{row.id}"[:63] for t, row in counted if row.outcome == outcome][-1:]
        )


def _costs(table: Table) -> Iterator[tuple[str, int]]:
    """What each row that gives a reason costs, beside the best one of its table."""
    best = max((row.score or 0 for row in table.rows), default=0)
    yield from ((row.reason, best - (row.score or 0)) for row in table.rows if row.reason)


def _step(table: str, hit: Any, chosen: Sequence[Row], value: Value) -> Step:
    rows = [HitRow(id=r.id, when=r.cells, outcome=r.outcome, score=r.score, reason=r.reason) for r in chosen]
    return Step(table=table, hit=hit, rows=rows, value=value)


# ----------------------------------------------------------------------------------------------------------- documents
def parse(document: object) -> Policy:
    """A document, read. `Invalid` names every place that is not what it must be; whether it is sound is not looked at."""
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        places = [
            {"field": ".".join(map(str, each["loc"])) or "policy", "problem": each["msg"].removeprefix("Value error, ")}
            for each in error.errors()[:50]
        ]
        told = "; ".join(f"{each['field']}: {each['problem']}" for each in places)
        raise Invalid(f"This is no policy: {told}.", errors=places) from error


def load(path: Path) -> Json:
    """The document in a YAML or JSON file."""
    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > MAX_POLICY_BYTES:
            raise Invalid(f"{path} is larger than a policy may be ({MAX_POLICY_BYTES} bytes).")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}") from error
    document = documents.read(text, str(path))
    if not isinstance(document, dict):
        raise Invalid(f"{path} is no policy: it must be a mapping with name, title, inputs and tables.")
    return document


def canonical(document: Json) -> bytes:
    """The document's bytes as RFC 8785 has them: what its digest is of. `Invalid` when it is not JSON that all read alike."""
    try:
        return rfc8785.dumps(document)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The policy cannot be written as canonical JSON: {error}.") from error


def digest(document: Json) -> bytes:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(document)).digest()
