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

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from pydantic import Field, model_validator
from pydantic import ValidationError as ModelError

from blackboard import canonical, conditions
from blackboard.errors import Invalid
from blackboard.fact_rules import FactRule
from blackboard.panel import MAX_SEATS, OUTCOMES, Panel, seated
from blackboard.review import TIMED_OUT, Review, written_out
from blackboard.values import ActionKind, Frozen, Json, Name, Text

MAX_WORKFLOW_BYTES = 256 * 1024
# The capability of tasks that the board waits with itself; no agent can have it, since names begin with a letter.
BOARD = "_board"
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
# Of what an agent is asked to do, what the database keeps under other names.
_TOLD_APART = {"when", "unless", "result"}
# The stage that a cancelled case goes to, so that what was done is undone.
COMPENSATE = "compensate"


class Route(Frozen):
    """Where an outcome leads: to another stage, or to the end of the case.

    Where the tasks of a stage give several outcomes the one named first counts (`rank`, written down when the YAML is read).
    A `decisive` one ends the stage without waiting for the other tasks. One that `authorizes` a kind of action permits what was
    proposed last of it, byte by byte, in the transaction of the decision; such actions are sent in no other way.
    """

    to: Name | None = None
    end: Name | None = None
    authorizes: ActionKind | None = None
    decisive: bool = False
    rank: Annotated[int, Field(ge=0, le=100)] = 0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.to is None) == (self.end is None):
            raise ValueError("give exactly one of `to` (a stage) and `end` (the case's outcome)")
        if self.authorizes is not None and self.to is None:
            raise ValueError("a route that `authorizes` an action leads `to` the stage that sends it")
        return self


class DeclaredAction(Frozen):
    """What every case proposes to do when it is opened: an action whose bytes are these `fields` of its payload.

    An authorization of it is good for `expires_in_s`.
    """

    fields: Annotated[list[Text], Field(min_length=1, max_length=50)]
    expires_in_s: Annotated[int, Field(ge=1, le=31536000)] = 900


class Work(Frozen):
    """What an agent is asked to do: who may, for how long at a time, how often it is tried, and what the answer looks like.

    `attempt_max_s` bounds one attempt whatever its heartbeats say, `total_max_s` all of them together. `due_in_s` puts it
    before work that is due later; after each `ageing_s` in the queue it is one priority more urgent. `when` is a condition over
    the case's facts that must hold first, `unless` one that withdraws the task (outcome `withdrawn`); `result` is a JSON Schema
    for what a decision brings.
    """

    capability: Name
    lease_s: Annotated[int, Field(ge=1, le=86400)] = 30
    attempt_max_s: Annotated[int, Field(ge=1, le=604800)] | None = None
    total_max_s: Annotated[int, Field(ge=1, le=31536000)] | None = None
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    max_rescues: Annotated[int, Field(ge=1, le=100)] = 5
    backoff_s: Annotated[float, Field(ge=0, le=86400)] = 1
    backoff_max_s: Annotated[float, Field(ge=0, le=604800)] = 300
    due_in_s: Annotated[int, Field(ge=1, le=31536000)] | None = None
    ageing_s: Annotated[int, Field(ge=1, le=86400)] | None = None
    when: Text | None = None
    unless: Text | None = None
    result: Json | None = None

    @model_validator(mode="after")
    def _checked(self) -> Self:
        problems = list(_bad_schema(self.result, "result")) if self.result is not None else []
        for field, condition in self.conditions():
            problems += conditions.problems(condition, field)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def conditions(self) -> Iterator[tuple[str, str]]:
        """The conditions over facts that there are, by field."""
        yield from ((name, text) for name, text in (("when", self.when), ("unless", self.unless)) if text is not None)

    def awaited(self) -> Json:
        """What the board waits for before the task may begin, as columns of `board.stage_task`; empty when for nothing."""
        keys = conditions.keys(self.when, self.unless)
        told = {"condition": self.when, "unless": self.unless, "facts": None if keys is None else sorted(keys)}
        kept = {name: value for name, value in told.items() if value is not None}
        return {"awaits": "when", "awaited": kept} if self.when or self.unless else {}


class Escalation(Frozen):
    """After so long in the stage its waiting tasks become this urgent."""

    after_s: Annotated[float, Field(gt=0, le=31536000)]
    priority: Annotated[int, Field(ge=0, le=9)]


class Stage(Frozen):
    """A step of a workflow: work for agents, or something the board waits for, and where each outcome leads.

    Exactly one of `tasks` (each task by name; `capability: x` with its limits beside it is short for a single one), `signal`
    (from outside; outcome `received`), `timer_s` (outcome `elapsed`) and `case` (another case is opened with the same payload,
    and its outcome is the stage's). With `review` the tasks are people's. `duty` is what deciding it makes of somebody: see
    `apart` of the workflow.
    """

    description: Text | None = None
    duty: Literal["maker", "opinion", "checker", "executor"] | None = None
    tasks: Annotated[dict[Name, Work], Field(min_length=1, max_length=20)] | None = None
    signal: Name | None = None
    timer_s: Annotated[float, Field(gt=0, le=31536000)] | None = None
    case: Name | None = None
    review: Review | None = None
    panel: Panel | None = None
    join: Literal["all", "any"] = "all"
    timeout_s: Annotated[int, Field(ge=1, le=31536000)] | None = None
    escalate: Annotated[list[Escalation], Field(max_length=10)] = Field(default_factory=list)
    outcomes: Annotated[dict[Name, Route], Field(min_length=1, max_length=50)]

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, document: Any) -> Any:
        """The short form as the long one, and the order of outcomes as ranks: jsonb forgets the order of members."""
        if not isinstance(document, dict):
            return document
        written = dict(document)
        if "capability" in written:
            if "tasks" in written:
                raise ValueError("give `capability` or `tasks`, not both")
            written["tasks"] = {"work": {key: written.pop(key) for key in list(written) if key in Work.model_fields}}
        if isinstance(outcomes := written.get("outcomes"), dict):
            if wrong := [name for name in outcomes if not isinstance(name, str)]:
                raise ValueError(
                    f"outcome {wrong[0]!r} is no text: YAML reads yes, no, on and off as true and false, so quote it"
                )
            written["outcomes"] = {
                name: {"rank": rank, **route} if isinstance(route, dict) else route
                for rank, (name, route) in enumerate(outcomes.items())
            }
        return written_out(seated(written))

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in ("tasks", "signal", "timer_s", "case") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError("give exactly one of `capability`, `tasks`, `signal`, `timer_s` and `case`")
        if self.duty is not None and self.tasks is None:
            raise ValueError(f"duty: {self.duty} is for somebody who decides, and nobody decides a stage without tasks")
        needed = {"signal": ["received"], "timer_s": ["elapsed"]}.get(kinds[0], [])
        needed += ["timeout"] if self.timeout_s is not None else []
        if missing := [outcome for outcome in needed if outcome not in self.outcomes]:
            raise ValueError(f"outcomes lacks {', '.join(missing)}, which the board gives")
        return self

    @model_validator(mode="after")
    def _can_be_tallied(self) -> Self:
        """What comes of a panel has a way to go; nothing else ends it before its time."""
        if self.panel is not None:
            if self.tasks is None or self.review is not None:
                raise ValueError("a panel has `seats`, and no `review`")
            if set(self.outcomes) != set(OUTCOMES):
                raise ValueError(f"a panel ends as {', '.join(OUTCOMES)}: give a way for each of them and for nothing else")
            if self.timeout_s is not None:
                raise ValueError("a panel has its own time: panel.deadline_s in place of timeout_s")
            if len(self.tasks) > MAX_SEATS:
                raise ValueError(f"a panel has at most {MAX_SEATS} seats")
            if wrong := list(self.panel.problems([work.capability for work in self.tasks.values()])):
                raise ValueError("; ".join(wrong))
        return self

    @model_validator(mode="after")
    def _fails_closed(self) -> Self:
        """Nobody's silence is a yes."""
        if self.review is not None:
            if self.tasks is None:
                raise ValueError("a review needs `capability` or `tasks`")
            over, yes = self.outcomes.get(TIMED_OUT), self.outcomes.get("approve")
            if over is not None and not self.review.is_timed:
                raise ValueError(f"`{TIMED_OUT}` is the board's own: give the review `due_in` or `due_in_s`")
            if over is not None and yes is not None and (over.to, over.end) == (yes.to, yes.end):
                raise ValueError("a review that is not decided in time must not go where an approved one goes")
        return self

    def row(self, name: str) -> Json:
        """As `board.load_workflow` takes it."""
        kept: Json = {"timeout_s": self.timeout_s, "escalations": [e.model_dump() for e in self.escalate]}
        # A tally ends its stage, whoever has not spoken.
        kept |= {"join_on": "any" if self.panel else self.join, "is_weighed": self.duty is not None}
        panel = self.panel.model_dump(mode="json") if self.panel else None
        return {"name": name, "tasks": list(self._task_rows()), "panel": panel, **kept}

    def _task_rows(self) -> Iterator[Json]:
        for name, work in (self.tasks or {}).items():
            review = self.review.row() if self.review else None
            kept = {"review": review, "duty": self.duty, "is_seat": False}
            if self.panel is not None:
                kept |= {"duty": self.duty or "opinion", "is_seat": True}
            limits = work.model_dump(exclude=_TOLD_APART)
            yield {"name": name, **limits, "result_schema": work.result, **work.awaited(), **kept}
        limits = {**Work(capability="board").model_dump(exclude=_TOLD_APART), "capability": BOARD, "is_seat": False}
        if self.signal is not None:
            yield {"name": "signal", **limits, "awaits": "signal", "awaited": {"name": self.signal}}
        if self.timer_s is not None:
            yield {"name": "timer", **limits, "awaits": "timer", "awaited": {"seconds": self.timer_s}}
        if self.case is not None:
            yield {"name": "case", **limits, "awaits": "case", "awaited": {"name": self.case}}
        if self.panel is not None:
            yield {"name": "tally", **limits, "awaits": "tally", "awaited": {"question": self.panel.question}}


class Definition(Frozen):
    """A whole workflow. `payload` is a JSON Schema; its `x-hint` says in words what a field should look like.

    Where `facts` are declared there are no others, and values must fit.
    `apart` are the pairs of duties that one person may not have on one case, written down when a stage has a `duty`.
    """

    name: Name
    title: Text
    subject: Text | None = None
    payload: Json
    facts: Annotated[dict[Name, FactRule], Field(max_length=200)] | None = None
    start: Name
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
            *_bad_schema(self.payload, "payload"),
            *_bad_pairs(self),
            *_dead_ends(self.stages),
            *_unreachable(self.start, self.stages),
            *_misfits(self),
            *_unfit_actions(self),
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
        if errors := _errors(self.payload, payload):
            raise Invalid(
                f"The payload does not fit workflow {self.name}: " + "; ".join(_say("payload", e) for e in errors) + ".",
                errors=[{"field": _field("payload", error), "problem": _problem(error)} for error in errors],
            )
        for kind, action in self.actions.items():
            canonical.encode({name: payload[name] for name in action.fields if name in payload}, f"The {kind} in the payload")


def load(path: Path) -> Definition:
    """Read one YAML file; `Invalid` says which file, where in it, and what is wrong."""
    if path.stat().st_size > MAX_WORKFLOW_BYTES:
        raise Invalid(f"{path}: larger than {MAX_WORKFLOW_BYTES} bytes.")
    return parse(path.read_text(encoding="utf-8"), where=str(path))


def parse(text: str, *, where: str = "workflow") -> Definition:
    """Check a workflow's YAML text."""
    try:
        document: Any = yaml.safe_load(text)
        return _with_known_days(Definition.model_validate(document))
    except yaml.YAMLError as error:
        raise Invalid(f"{where}: not YAML: {error}") from error
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


def _bad_schema(schema: Json, field: str) -> Iterator[str]:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield f"{field} is not a JSON Schema: {error.message}"


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
        if missing := [field for field in action.fields if field not in known]:
            yield f"actions.{kind}.fields names {', '.join(missing)}, which payload.properties lacks"
        if kind not in authorized:
            yield f"actions.{kind} is authorized nowhere: give a route `authorizes: {kind}`"


def check_result(stage: str, schema: Json, result: Json | None) -> None:
    """Raise `Invalid` naming every field of a decision's result that is not what its stage asks for."""
    if errors := _errors(schema, result if result is not None else {}):
        raise Invalid(
            f"The result does not fit stage {stage}: " + "; ".join(_say("result", error) for error in errors) + ".",
            errors=[{"field": _field("result", error), "problem": _problem(error)} for error in errors],
        )


def _errors(schema: Json, value: Json) -> list[ValidationError]:
    return sorted(Draft202012Validator(schema).iter_errors(value), key=lambda error: list(map(str, error.path)))


def _field(of: str, error: ValidationError) -> str:
    missing = error.message.split("'")[1] if error.validator == "required" else None
    return ".".join([of, *map(str, error.path), *([missing] if missing else [])])


def _problem(error: ValidationError) -> str:
    """The schema author's hint where there is one, else the validator's own sentence."""
    hint = error.schema.get("x-hint") if isinstance(error.schema, dict) else None
    return "is missing" if error.validator == "required" else str(hint or error.message)


def _say(of: str, error: ValidationError) -> str:
    return f"{_field(of, error)}: {_problem(error)}"
