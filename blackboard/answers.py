"""What the board answers about cases, tasks and events: frozen, typed, the same in process and over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from blackboard.field_class import Internal, Personal
from blackboard.states import ActionState, CaseState, TaskState
from blackboard.values import Frozen, Json


class Holder(Frozen):
    """Who holds a task, until when."""

    agent: str
    session_id: UUID | None
    granted_at: datetime
    deadline_at: datetime


class DecisionRecord(Frozen):
    """A decision that was taken, and by whom. What the board decides itself (a time, a signal, another case) has no reasons."""

    outcome: str
    reasons: Internal[list[str]] = Field(default_factory=list)
    confidence: Internal[float | None] = None
    evidence: Personal[list[str]] = Field(default_factory=list)
    reads: Internal[list[str]] = Field(default_factory=list)
    policy: Internal[str | None] = None
    result: Personal[Any] = None
    seen: Internal[str | None] = None
    shown: str | None = None
    by: str


class Reason(Frozen):
    """Something that keeps a task from being ready: `reason` is a word of the board, `key` says what of."""

    reason: str
    key: str
    about: Personal[Json]
    since: datetime


class Task(Frozen):
    """A unit of work on a case. `waits_for` says what keeps it from being ready; only a review has a `due_at` of its own."""

    id: UUID
    case_id: UUID
    workflow: str
    stage: str
    name: str
    capability: str
    state: TaskState
    is_review: bool = False
    due_at: datetime | None = None
    priority: int
    fence: int
    attempt: int
    failures: int
    rescues: int
    created_at: datetime
    finished_at: datetime | None
    ready_at: datetime | None
    waits_for: list[Reason]
    holder: Holder | None
    progress: Personal[Json | None]
    decision: DecisionRecord | None


class TaskView(Task):
    """A task read by itself, with the point of the journal that it is true at."""

    epoch: int
    position: int
    masked: list[str] = Field(default_factory=list, description="Members that this reader is not shown.")


class Authorization(Frozen):
    """The single-use permission for an action's exact bytes: by whom, on which facts and under which policy, and until when."""

    id: UUID
    state: str
    granted_by: str
    task_id: UUID | None
    policy: Internal[str | None]
    reads: Internal[list[str]]
    granted_at: datetime
    expires_at: datetime
    spent_at: datetime | None
    spent_by: str | None


class Evidence(Frozen):
    """What somebody said of an action when nobody asked it any more."""

    by: str
    fence: int
    state: ActionState
    receipt: Personal[Json | None]
    reason: Personal[str]
    at: datetime


class Action(Frozen):
    """A side effect at the bank and what is known of it. `sent_ago_s` is by the board's clock: nobody else's counts."""

    id: UUID
    kind: str
    effect_key: str
    state: ActionState
    attempts: int
    payload: Json
    digest: str
    receipt: Personal[Json | None]
    created_at: datetime
    settled_at: datetime | None
    undoes: UUID | None = None
    proposed_by: str | None = None
    sent_at: datetime | None = None
    sent_ago_s: float | None = None
    authorization: Authorization | None = None
    evidence: list[Evidence] = Field(default_factory=list)


class FactValue(Frozen):
    """A fact about a case: what is read of it, how it stands, where it comes from.

    `state` is `asserted`, `disputed`, `doubtful` (made of what is disputed or retracted), `retracted` or `superseded`;
    `trust` is 0 to 3. Of an accumulating fact `value` is the list of its entries, and the rest is of the last one.
    """

    version: int
    value: Personal[Any]
    kind: Literal["current", "accumulating"] = "current"
    state: Literal["asserted", "disputed", "doubtful", "retracted", "superseded"] = "asserted"
    trust: int
    source_class: str
    source: str | None
    tool: str | None
    model: str | None
    prompt_digest: str | None
    inputs: list[str]
    confidence: Internal[float | None]
    valid_from: datetime | None
    valid_until: datetime | None
    fence: int | None
    by: str
    at: datetime
    judged_by: str | None
    judged_at: datetime | None
    judgement: Personal[str | None]


class Duty(Frozen):
    """What somebody has done on a case, by the owner that the agent had then."""

    duty: str
    agent: str
    owner: str
    at: datetime


class RevealedOpinion(Frozen):
    """What one seat of a panel said, shown since it was counted."""

    seat: str
    capability: str
    by: str
    owner: str
    verdict: Internal[str]
    reasons: Internal[list[str]]
    score: Internal[float | None] = None
    confidence: Internal[float | None] = None
    evidence: Personal[list[str]] = Field(default_factory=list)
    reads: Internal[list[str]] = Field(default_factory=list)
    at: datetime


class Question(Frozen):
    """What a panel is asked. While it is open nobody sees what was said, only how many have spoken."""

    stage: str
    visit: int
    question: str
    state: Literal["open", "tallied", "lapsed", "withdrawn"]
    seats: int
    answered: int
    opened_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    opinions: list[RevealedOpinion]


class KeptDecision(Frozen):
    """A decision with what it rests on. `basis` is all that a tally was made from: rules, opinions, facts, policy."""

    id: UUID
    stage: str
    visit: int
    task_id: UUID
    kind: Literal["single", "tallied", "lapsed"]
    question: str | None
    outcome: str
    reasons: Internal[list[str]]
    score: Internal[float | None]
    confidence: Internal[float | None]
    evidence: Personal[list[str]]
    reads: Internal[list[str]]
    policy: Internal[str | None]
    dissent: Personal[list[Json]]
    basis: Personal[Json | None]
    by: str
    at: datetime


class Fact(FactValue):
    """A fact, or a version of it. `withdraws` is the entry of a list that this version takes back."""

    key: str
    withdraws: int | None


class FactPage(Frozen):
    """Facts of a case, by key and version, as they are, or were, at this point of the journal."""

    facts: list[Fact]
    epoch: int
    position: int
    masked: list[str] = Field(default_factory=list, description="Members that this reader is not shown.")


_NEED_A_PERSON = frozenset({"incident", "quarantine", "input"})


class CaseSummary(Frozen):
    """One piece of business. `entities` are whom it touches: `account:CHK-001`. `number`: where its workflow gives numbers."""

    id: UUID
    workflow: str
    workflow_version: int
    version: int
    state: CaseState
    stage: str
    outcome: str | None
    business_key: str | None
    subject: str | None
    entities: list[str]
    payload: Json
    priority: int
    due_at: datetime | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    number: int | None = None


class Case(CaseSummary):
    """A case with its work. `epoch` and `position` say which point of the journal it is true at."""

    epoch: int
    position: int
    tasks: list[Task]
    facts: dict[str, FactValue]
    actions: list[Action]
    duties: list[Duty] = Field(default_factory=list)
    questions: list[Question] = Field(default_factory=list)
    decisions: list[KeptDecision] = Field(default_factory=list)
    masked: list[str] = Field(default_factory=list, description="Members that this reader is not shown.")

    @property
    def cursor(self) -> str:
        """Where to open the stream so that nothing after this answer is missed."""
        return f"{self.epoch}.{self.position}"

    @property
    def rests(self) -> bool:
        """Nothing more happens of itself: the case has ended, is suspended, waits for a review, a signal or an operator."""
        at_work = [task for task in self.tasks if task.state in (TaskState.READY, TaskState.CLAIMED)]
        return (
            self.state is not CaseState.ACTIVE
            or any(task.is_review or task.capability == "review" for task in at_work)
            or any(reason.reason in _NEED_A_PERSON for task in self.tasks for reason in task.waits_for)
            or (not at_work and any(reason.reason == "signal" for task in self.tasks for reason in task.waits_for))
        )


class CasePage(Frozen):
    """A page of cases, newest first. `next` is the cursor of the following page, None on the last."""

    cases: list[CaseSummary]
    next: str | None
    epoch: int
    position: int

    @property
    def cursor(self) -> str:
        """Where to open the stream so that nothing after this page is missed."""
        return f"{self.epoch}.{self.position}"


class PastDecision(DecisionRecord):
    """What an earlier stage decided."""

    stage: str
    at: datetime


# Plain dataclasses, because a claim of 100 makes 100 of each: 3 us together, where building models took 12.
@dataclass(frozen=True, slots=True)
class Context:
    """What a holder is handed with its task: the case as it was asked for, and what came of it so far.

    `decisions` are oldest first, `facts` the newest versions, `memory` what this agent kept about the customer, and
    `progress` how far a lost holder had come.
    """

    payload: Json
    subject: str | None
    business_key: str | None
    priority: int
    opened_at: datetime
    decisions: list[PastDecision]
    facts: dict[str, FactValue]
    memory: dict[str, Any]
    progress: Json | None


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task that this agent alone holds, under its fence, until the deadline by the database's clock."""

    id: UUID
    case_id: UUID
    workflow: str
    stage: str
    name: str
    capability: str
    fence: int
    attempt: int
    lease_s: int
    deadline_at: datetime
    context: Context


class Claimed(Frozen):
    """The answer to a claim; empty when nothing was ready in time."""

    tasks: list[ClaimedTask]


class Verdict(Frozen):
    """What became of one item: `verdict` is the verb's yes, or the reason for no."""

    task_id: UUID
    verdict: str
    detail: str | None = None
    deadline_at: datetime | None = None
    retry_at: datetime | None = None


class Verdicts(Frozen):
    """One verdict per item, in the order of the items."""

    items: list[Verdict]


class ActionVerdict(Frozen):
    """What an executor may do: `recorded` send, `repeated` ask the bank first, `settled` send nothing.

    `digest` is the SHA-256 of the canonical bytes that may be sent, `permit` the board's signed word to the bank that they
    may be, good for a minute; where the board has no key for that, or nobody authorized them, there is none.
    """

    verdict: str
    reason: str | None = None
    action_id: UUID | None = None
    effect_key: str | None = None
    digest: str | None = None
    state: ActionState | None = None
    attempts: int | None = None
    receipt: Json | None = None
    permit: str | None = None


class FactVerdict(Frozen):
    """What became of a fact: kept under a version, or stale beside the version that is there."""

    key: str
    verdict: str
    version: int | None = None


class FactVerdicts(Frozen):
    """One verdict per fact, in order."""

    items: list[FactVerdict]


class Told(Frozen):
    """What became of a request that has no more to say than one word."""

    verdict: str


class Opened(Frozen):
    """What became of a case in a bulk: opened or replayed with its id, or refused with the problem it would have had alone."""

    verdict: str
    id: UUID | None = None
    detail: str | None = None


class OpenedMany(Frozen):
    """One verdict per case, in order."""

    items: list[Opened]


class Head(Frozen):
    """Where the journal can be read: after `floor`, up to `head`. `past` are the last positions of the epochs before."""

    epoch: int
    head: int
    floor: int
    sequenced_at: datetime
    past: Mapping[int, int] = Field(default_factory=dict)


class Event(NamedTuple):
    """An entry of the journal. `position` is dense over all tenants; per case it only rises.

    A tuple, because every process reads every event: made in 0.3 us and not in 3, its body left as the JSON text that it is
    sent as.
    """

    position: int
    tenant_id: int
    type: str
    case_id: UUID | None
    task_id: UUID | None
    workflow: str | None
    stage: str | None
    capability: str | None
    actor: str
    told: str
    at: datetime
    recorded_on: date

    @property
    def body(self) -> Json:
        """What is told, as values."""
        return dict(orjson.loads(self.told))


def encode(value: object) -> bytes:
    """An answer as JSON: a claimed task costs 2 us this way, and 50 as a model."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: object) -> object:
    """What orjson does not know: models, and the driver's own UUID class."""
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
