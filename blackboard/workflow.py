"""Workflows as data: read from YAML, checked whole, handed to the database as rows.

A workflow names its stages in order of reading; a case begins at `start`, the first when left out. A stage needs a
capability and says where each of its outcomes leads: `{to: stage}` or `{end: outcome}`. The outcome `exhausted` is the
board's own: it is taken when attempts ran out, and ends the case as `failed` where no route is given for it.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import Field, model_validator
from pydantic import ValidationError as ModelError

from blackboard import canonical, conditions, documents
from blackboard.errors import Invalid, TooLarge
from blackboard.fact_rules import FactRule
from blackboard.json_schema import bad_schema, check_fit
from blackboard.stage import DeclaredAction, Stage
from blackboard.values import ActionKind, Frozen, Json, Name, Text

MAX_WORKFLOW_BYTES = 256 * 1024
# A page of cases holds two hundred of them.
MAX_PAYLOAD_BYTES = 128 * 1024
# What somebody may be on a case: who opened or edited it, for whom that was done, who gave an opinion, approved, carried out.
Duty = Literal["maker", "delegator", "opinion", "checker", "executor"]
# Which of them one person may not be together, where a workflow has duties and does not say otherwise.
APART: list[tuple[Duty, Duty]] = [
    ("maker", "checker"),
    ("delegator", "checker"),
    ("opinion", "checker"),
    ("executor", "checker"),
    ("opinion", "executor"),
]
# The stage that a cancelled case goes to, so that what was done is undone.
COMPENSATE = "compensate"


class Definition(Frozen):
    """A whole workflow. `payload` is a JSON Schema; its `x-hint` says in words what a field should look like.

    Where `facts` are declared there are no others, and values must fit. `numbered` gives each case a short number.
    `apart` are the pairs of duties that one person may not have on one case, written down when a stage has a `duty`.
    """

    name: Name
    title: Text
    subject: Text | None = None
    payload: Json
    facts: Annotated[dict[Name, FactRule], Field(max_length=200)] | None = None
    start: Name
    numbered: bool = False
    apart: Annotated[list[tuple[Duty, Duty]], Field(max_length=10)] | None = None
    actions: Annotated[dict[ActionKind, DeclaredAction], Field(max_length=20)] = Field(default_factory=dict)
    stages: Annotated[dict[Name, Stage], Field(min_length=1, max_length=50)]

    @model_validator(mode="before")
    @classmethod
    def _begin_at_the_first(cls, document: Any) -> Any:
        """Write `start` down: the database keeps a definition as jsonb, which forgets the order of stages."""
        match document:
            case {"stages": {**stages}} if stages and "start" not in document:
                return {**document, "start": next(iter(stages))}
        return document

    @model_validator(mode="before")
    @classmethod
    def _keep_apart_as_usual(cls, document: Any) -> Any:
        """Write `apart` down where a stage has a duty, so that the database has the pairs."""
        match document:
            case {"stages": {**stages}} if document.get("apart") is None:
                if any(isinstance(stage, dict) and stage.get("duty") is not None for stage in stages.values()):
                    return {**document, "apart": APART}
        return document

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.start not in self.stages:
            raise ValueError(f"start is {self.start}, which is not a stage")
        problems = [
            *bad_schema(self.payload, "payload"),
            *_bad_pairs(self),
            *_dead_ends(self.stages),
            *_unreachable(self.start, self.stages),
            *_misfits(self),
            *_unfit_actions(self),
            *_ungiven(self),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def digest(self) -> bytes:
        """SHA-256 over the canonical text: the same digest is the same version."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json")).encode()).digest()

    def stage_rows(self) -> list[Json]:
        """The rows of `board.stage` and `board.stage_task`."""
        return [stage.row(name) for name, stage in self.stages.items()]

    def route_rows(self) -> list[Json]:
        """The rows of `board.route`."""
        return [
            {
                "stage": name,
                "outcome": outcome,
                "rank": route.rank,
                "decisive": route.decisive,
                "next_stage": route.to,
                "case_outcome": route.end,
                "authorizes": route.authorizes,
            }
            for name, stage in self.stages.items()
            for outcome, route in stage.outcomes.items()
        ]

    def subject_of(self, payload: Json) -> str | None:
        """Whom the case is about: the payload field that `subject` names."""
        value = payload.get(self.subject) if self.subject else None
        return value if isinstance(value, str) and 0 < len(value) <= 200 else None

    def entities_of(self, payload: Json) -> list[str]:
        """Whom the case touches: `kind:value` of each payload field that the schema marks with `x-entity`."""
        marked = [(spec.get("x-entity"), payload.get(field)) for field, spec in self.payload.get("properties", {}).items()]
        return sorted({f"{kind}:{value}" for kind, value in marked if kind and isinstance(value, str)})

    def references(self, payload: Json) -> Iterator[tuple[str, str, str]]:
        """(field, kind, value) of each payload field that the schema marks with `x-reference`."""
        for field, schema in self.payload.get("properties", {}).items():
            kind, value = schema.get("x-reference"), payload.get(field)
            if kind and isinstance(value, str):
                yield field, kind, value

    def check_payload(self, payload: Json) -> None:
        """Raise `Invalid` naming every field that is not what the workflow asks for."""
        if len(orjson.dumps(payload)) > MAX_PAYLOAD_BYTES:
            raise TooLarge(f"A payload may have {MAX_PAYLOAD_BYTES} bytes. Keep documents elsewhere; say here where they are.")
        check_fit(self.payload, payload, "payload", f"workflow {self.name}")
        for kind, action in self.actions.items():
            canonical.encode(
                {name: payload[name] for name in action.fields or () if name in payload}, f"The {kind} in the payload"
            )


def load(path: Path) -> Definition:
    """Read one YAML file; `Invalid` says which file, where in it, and what is wrong."""
    if path.stat().st_size > MAX_WORKFLOW_BYTES:
        raise Invalid(f"{path}: larger than {MAX_WORKFLOW_BYTES} bytes.")
    return parse(path.read_text(encoding="utf-8"), where=str(path))


def parse(text: str, *, where: str = "workflow") -> Definition:
    """Check a workflow's YAML text."""
    try:
        return _with_known_days(Definition.model_validate(documents.read(text, where)))
    except ModelError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'workflow'}: {e['msg']}" for e in error.errors()]
        raise Invalid(f"{where}: " + "; ".join(lines)) from error
    except ValueError as error:
        raise Invalid(f"{where}: {error}") from error


def _with_known_days(definition: Definition) -> Definition:
    """`ValueError` where a review counts its time by unknown holidays. Not asked by every reader: looking takes a second."""
    for name, stage in definition.stages.items():
        if stage.review and (calendar := stage.review.working_calendar) and not calendar.is_known:
            raise ValueError(
                f"stages.{name}.review: {calendar.name} is no calendar; use TARGET, or a country such as DE or DE-BY"
            )
    return definition


def _bad_pairs(definition: Definition) -> Iterator[str]:
    """Pairs that say nothing, or that nobody would ever be kept from."""
    if definition.apart is None:
        return
    if not any(stage.duty for stage in definition.stages.values()):
        yield "apart keeps nobody apart: no stage has a duty (checker, executor, opinion or maker)"
    if not definition.apart:
        yield "apart is empty: leave it out for the usual pairs, or leave out every duty"
    for one, other in definition.apart:
        if one == other:
            yield f"apart has {one} beside itself: name two duties"


def _dead_ends(stages: dict[str, Stage]) -> Iterator[str]:
    """Routes to stages that do not exist, and stages from which no end can be reached."""
    for name, stage in stages.items():
        for outcome, route in stage.outcomes.items():
            if route.to is not None and route.to not in stages:
                yield f"stages.{name}.outcomes.{outcome} leads to {route.to}, which is not a stage"
    ends = {name for name, stage in stages.items() if any(route.end for route in stage.outcomes.values())}
    while grown := {
        name for name, stage in stages.items() if name not in ends and any(r.to in ends for r in stage.outcomes.values())
    }:
        ends |= grown
    for name in stages.keys() - ends:
        yield f"stages.{name} has no way to an end"


def _unreachable(first: str, stages: dict[str, Stage]) -> Iterator[str]:
    """Stages that no case can come to. `compensate` is where a case that is cancelled goes."""
    todo = [first, *({COMPENSATE} & stages.keys())]
    reached = set(todo)
    while todo:
        for route in stages[todo.pop()].outcomes.values():
            if route.to in stages and route.to not in reached:
                reached.add(route.to)
                todo.append(route.to)
    for name in stages.keys() - reached:
        yield f"stages.{name} is never reached from {first}"


def _misfits(definition: Definition) -> Iterator[str]:
    """Conditions that do not fit the facts and the payload that are declared."""
    facts = None if definition.facts is None else {key: rule.read_as for key, rule in definition.facts.items()}
    properties = definition.payload.get("properties", {})
    fields = {name: spec.get("type") for name, spec in properties.items() if isinstance(spec, dict)}
    payload = {name: type_ if isinstance(type_, str) else None for name, type_ in fields.items()}
    for name, stage in definition.stages.items():
        for work in (stage.tasks or {}).values():
            for field, condition in work.conditions():
                yield from (f"stages.{name}.{field}: {wrong}" for wrong in conditions.misfits(condition, facts, payload))


def _ungiven(definition: Definition) -> Iterator[str]:
    """What a stage gives to another case and does not have."""
    known = definition.payload.get("properties", {})
    for name, stage in definition.stages.items():
        if missing := [field for field in (stage.given or {}).values() if field not in known]:
            yield f"stages.{name}.given names {', '.join(missing)}, which payload.properties lacks"


# What the board gives by itself, and no decision stands behind.
_BOARDS_OWN = frozenset({"timeout", "exhausted", "elapsed", "received"})


def _unfit_actions(definition: Definition) -> Iterator[str]:
    """Actions without fields to be made of or a route to be authorized by, and routes that authorize without a decision."""
    authorized = set()
    for name, stage in definition.stages.items():
        for outcome, route in stage.outcomes.items():
            if route.authorizes is not None and (outcome in _BOARDS_OWN or stage.case is not None):
                yield f"stages.{name}.outcomes.{outcome} authorizes without a decision: the board gives this outcome by itself"
            authorized.add(route.authorizes)
    known = definition.payload.get("properties", {})
    for kind, action in definition.actions.items():
        if missing := [field for field in action.fields or () if field not in known]:
            yield f"actions.{kind}.fields names {', '.join(missing)}, which payload.properties lacks"
        if action.fields and kind not in authorized:
            yield f"actions.{kind} is authorized nowhere: give a route `authorizes: {kind}`"
