"""Stories as data: who asks for what, who decides what and why, what happens at the bank, and how it ends.

A scenario is a YAML file in `agents/scenarios/`. Its `steps` are done one after another; each tells something, does one thing,
or both. What is opened is `case`, unless the step gives it another name; `by` names a key of the data folder. Money moves in
cases and not by requests to the bank: what the board did not write down first, its invariants find.

Texts may have placeholders (`blackboard/placeholders.py`): `${run}` differs with every play, so that a story can be told
again and again on one board, `${today+30}` is a day, and a name that an earlier step gave stands for what was found then.
`cast` gives names to several of whom one is drawn with each play, so that none of them is worn out.
`load` says what cases of the same kind look like when many of them arrive (`blackboard/traffic.py`).
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator
from pydantic import ValidationError as ModelError

from blackboard import documents, placeholders
from blackboard.errors import Invalid
from blackboard.values import Frozen, Json, Name, ReasonCode, Text

MAX_SCENARIO_BYTES = 64 * 1024
STEP_LIMIT_S = 60.0

# A name under which a step keeps what it found: a placeholder begins with it.
Kept = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Told = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Outcomes = Name | Annotated[list[Name], Field(min_length=1, max_length=10)]


class _OfCase(Frozen):
    case: Kept = "case"


class Opening(_OfCase):
    """Open a case."""

    workflow: Name
    payload: Json
    business_key: str | None = None
    by: Name = "requester"


class Finding(_OfCase):
    """Take the newest case of a workflow about somebody, opened since the story began, by an agent or another case."""

    workflow: Name
    subject: str | None = None


class Signalling(_OfCase):
    """Tell a case that something happened outside."""

    name: Name
    body: Json = Field(default_factory=dict)
    by: Name = "requester"


class Judging(_OfCase):
    """A person decides the review that the case waits for, once it does; with `stage`, the one at that stage."""

    outcome: Name
    reasons: Annotated[list[ReasonCode], Field(min_length=1, max_length=20)]
    result: Json | None = None
    stage: Name | None = None
    by: Name = "reviewer"


class Working(_OfCase):
    """Somebody takes the case's task of a capability by hand, puts facts, and decides it."""

    capability: Name
    outcome: Name
    reasons: Annotated[list[ReasonCode], Field(min_length=1, max_length=20)]
    result: Json | None = None
    facts: dict[Name, JsonValue] = Field(default_factory=dict)
    by: Name


class Putting(_OfCase):
    """Put a fact on the board."""

    key: Name
    value: JsonValue
    by: Name = "requester"


class Calling(Frozen):
    """A request to the bank or to the board. What is answered is kept under `save`; and the status is looked at."""

    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    path: Annotated[str, StringConstraints(pattern=r"^/[^\s]*$", max_length=500)]
    body: JsonValue = None
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    save: Kept | None = None
    by: Name | None = None


class Waiting(Frozen):
    """Let time pass at the bank: its clock goes on, and what falls due is done."""

    days: Annotated[int, Field(ge=0, le=3660)] = 0
    hours: Annotated[int, Field(ge=0, le=1000)] = 0


class Expecting(_OfCase):
    """What becomes of a case. The story waits for it, and has failed when the case comes to something else.

    `outcome` (one, or one of several) is how it ended, `stage` where it is. `result` is what the decision that ended it
    brought, `facts` what is known, both at least: what is not named may be there as well.
    """

    outcome: Outcomes | None = None
    stage: Outcomes | None = None
    result: Json | None = None
    facts: dict[Name, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.outcome is None) == (self.stage is None):
            raise ValueError("expect either an outcome or a stage")
        return self


VERBS = ("open", "find", "signal", "review", "work", "fact", "bank", "board", "clock", "expect")


class Step(Frozen):
    """Something that is told, done, or both. `within_s` is how long it may take."""

    tell: Told | None = None
    open: Opening | None = None
    find: Finding | None = None
    signal: Signalling | None = None
    review: Judging | None = None
    work: Working | None = None
    fact: Putting | None = None
    bank: Calling | None = None
    board: Calling | None = None
    clock: Waiting | None = None
    expect: Expecting | None = None
    within_s: Annotated[float, Field(gt=0, le=600)] = STEP_LIMIT_S

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        done = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(done) > 1:
            raise ValueError(f"a step does one thing, not {' and '.join(done)}")
        if not done and self.tell is None:
            raise ValueError(f"a step tells something, or does one of {', '.join(VERBS)}")
        return self

    @property
    def verb(self) -> str | None:
        """What it does, if anything."""
        return next((verb for verb in VERBS if getattr(self, verb) is not None), None)

    @property
    def gives(self) -> str | None:
        """The name that stands for something after it."""
        if call := self.bank or self.board:
            return call.save
        opened = self.open or self.find
        return opened.case if opened else None

    @property
    def uses(self) -> str | None:
        """The case that it is about, which an earlier step must have opened."""
        about = self.signal or self.review or self.work or self.fact or self.expect
        return about.case if about else None


class Mix(Frozen):
    """What cases look like when many of them arrive, and what people make of them.

    In `payload`, `{$one_of: […]}`, `{$money: ["1.00", "90.00"]}` and `{$whole: [1, 9]}` are drawn anew for each case, and
    `${run}` and `${n}` (its number) are placeholders. `signals` are sent, with what they say, as soon as the case is opened,
    and `facts` put. `decide` gives weights to the outcomes of a stage that people decide; of others they approve. At a stage
    in `rests` a case may be left: it waits for something that nobody is going to do.
    """

    workflow: Name
    weight: Annotated[float, Field(gt=0, le=1000)] = 1
    payload: Json
    signals: list[Name] | dict[Name, Json] = Field(default_factory=dict)
    facts: dict[Name, JsonValue] = Field(default_factory=dict)
    decide: dict[Name, dict[Name, Annotated[float, Field(ge=0)]]] = Field(default_factory=dict)
    rests: list[Name] = Field(default_factory=list)

    @property
    def sent(self) -> dict[str, Json]:
        """Its signals with what they say."""
        return self.signals if isinstance(self.signals, dict) else {name: {} for name in self.signals}


class Scenario(Frozen):
    """A whole story. Without what it `needs` beyond a running board it is left out, and says so."""

    name: Name
    title: Text
    about: Told
    needs: list[Literal["faults"]] = Field(default_factory=list)
    cast: dict[Kept, Annotated[list[str], Field(min_length=1, max_length=100)]] = Field(default_factory=dict)
    steps: Annotated[list[Step], Field(min_length=1, max_length=100)]
    load: Annotated[list[Mix], Field(max_length=10)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        given = set(self.cast)
        problems = []
        for number, step in enumerate(self.steps, start=1):
            used = {*placeholders.names(step.model_dump(mode="json", exclude_none=True)), *([step.uses] if step.uses else [])}
            problems += [f"step {number} speaks of {name!r}, which no step before it gives" for name in sorted(used - given)]
            given |= {step.gives} if step.gives else set()
        if not any(step.expect for step in self.steps):
            problems.append("no step says what is expected")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load(path: Path) -> Scenario:
    """Read a scenario. `Invalid` says what is wrong with it, and where."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    if len(raw) > MAX_SCENARIO_BYTES:
        raise Invalid(f"{path} is larger than {MAX_SCENARIO_BYTES} bytes.")
    found = parse(raw.decode("utf-8", "replace"), str(path))
    if found.name != path.stem:
        raise Invalid(f"{path} holds the scenario {found.name}: name the file {found.name}.yaml.")
    return found


def load_all(folder: Path) -> list[Scenario]:
    """Every scenario of a folder, by name."""
    return [load(path) for path in sorted(folder.glob("*.yaml"))]


def parse(text: str, source: str = "the scenario") -> Scenario:
    """A scenario from YAML text."""
    try:
        return Scenario.model_validate(documents.read(text, source))
    except ModelError as error:
        told = [f"{'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}" for each in error.errors()]
        raise Invalid(f"{source}: {'; '.join(told)}") from error
