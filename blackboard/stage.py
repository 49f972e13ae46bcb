"""A stage of a workflow: who works at it or what it waits for, within which limits, and where each outcome leads."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from blackboard import conditions
from blackboard.json_schema import bad_schema
from blackboard.panel import MAX_SEATS, OUTCOMES, Panel, seated
from blackboard.review import TIMED_OUT, Review, written_out
from blackboard.values import ActionKind, Frozen, Json, Name, Text

# The capability of tasks that the board waits with itself; no agent can have it, since names begin with a letter.
BOARD = "_board"
# Of what an agent is asked to do, what the database keeps under other names.
_TOLD_APART = {"when", "unless", "result"}


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


class Velocity(Frozen):
    """How often, and for how much, actions may be sent within `window_s` for one payee, payer, executor or opener of cases.

    Read from the action's `to_account`, `from_account`, `amount` and `currency`; one that names no currency counts in each.
    What the bank refused does not count. The window slides and ends now: sent exactly `window_s` ago is outside.
    """

    of: Literal["payee", "payer", "agent", "maker"]
    window_s: Annotated[int, Field(ge=1, le=31 * 86400)]
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    amount: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4, allow_inf_nan=False)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None

    @field_validator("amount", mode="before")
    @classmethod
    def _as_text(cls, amount: object) -> object:
        """Text, as everywhere: what YAML takes for a number was a binary float on the way."""
        if isinstance(amount, float | int):
            raise ValueError('write the amount as text, such as "10000.00"')  # noqa: TRY004  # pydantic reports ValueErrors
        return amount

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.count is None and self.amount is None:
            raise ValueError("a velocity bounds a count, an amount, or both")
        if (self.amount is None) != (self.currency is None):
            raise ValueError("an amount, and nothing else, has a currency")
        return self


class DeclaredAction(Frozen):
    """What every case proposes to do when it is opened: an action whose bytes are these `fields` of its payload.

    An authorization of it is good for `expires_in_s`. Without `fields` an agent proposes it. `velocity` bounds what may be
    sent of it within a while, whatever was authorized.
    """

    fields: Annotated[list[Text], Field(min_length=1, max_length=50)] | None = None
    expires_in_s: Annotated[int, Field(ge=1, le=31536000)] = 900
    velocity: Annotated[list[Velocity], Field(max_length=10)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.fields is None and not self.velocity:
            raise ValueError("an action has fields, of which it is made, or velocity, which bounds it, or both")
        return self


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
        problems = list(bad_schema(self.result, "result")) if self.result is not None else []
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
    (from outside; outcome `received`), `timer_s` (outcome `elapsed`) and `case` (another case is opened, with the same payload
    or with what is `given` of it, and its outcome is the stage's). With `review` the tasks are people's. `duty` is what
    deciding it makes of somebody: see `apart` of the workflow.
    """

    description: Text | None = None
    duty: Literal["maker", "opinion", "checker", "executor"] | None = None
    tasks: Annotated[dict[Name, Work], Field(min_length=1, max_length=20)] | None = None
    signal: Name | None = None
    timer_s: Annotated[float, Field(gt=0, le=31536000)] | None = None
    case: Name | None = None
    # The other case's payload: each of its fields, and the field of this one's that fills it.
    given: Annotated[dict[Name, Name], Field(min_length=1, max_length=50)] | None = None
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
        if self.given is not None and self.case is None:
            raise ValueError("`given` is for another case: name its workflow as `case`")
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
            yield {
                "name": "case",
                **limits,
                "awaits": "case",
                "awaited": {"name": self.case, **({"given": self.given} if self.given else {})},
            }
        if self.panel is not None:
            yield {"name": "tally", **limits, "awaits": "tally", "awaited": {"question": self.panel.question}}
