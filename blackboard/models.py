"""What the board hands out and takes in: frozen, typed, the same in process and over HTTP.

Field names are those of the URLs and of the SQL. Times are aware datetimes in UTC; ids are UUIDv7; amounts inside payloads are
decimal strings and never numbers.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from blackboard.states import ActionState, CaseState, TaskState

MAX_BATCH = 1000
MAX_CLAIM = 100
MAX_WAIT_S = 55.0
MAX_LEASE_S = 3600

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,62}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,62}$")]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,255}$")]
Json = dict[str, Any]


class Frozen(BaseModel):
    """A value: compared by content, never changed; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------------------------------------------------- who is asking
class Principal(Frozen):
    """Who acts, as the credential says; never taken from a request's fields."""

    tenant_id: int
    tenant: str
    agent_id: int
    agent: str
    owner: str
    role: Literal["admin", "requester", "agent", "reviewer", "auditor"]
    capabilities: frozenset[str]


# --------------------------------------------------------------------------------------------------------------- requests
class NewCase(Frozen):
    """A case to open. `priority` 0 is most urgent, 9 least."""

    workflow: Name
    payload: Json
    business_key: Text | None = None
    priority: Annotated[int, Field(ge=0, le=9, strict=True)] = 5
    due_at: datetime | None = None


class ClaimRequest(Frozen):
    """A wish for work. Repeating a `claim_id` gives the same tasks again; `wait_s` waits for work without polling."""

    capabilities: Annotated[list[Name], Field(min_length=1, max_length=50)]
    limit: Annotated[int, Field(ge=1, le=MAX_CLAIM, strict=True)] = 1
    wait_s: Annotated[float, Field(ge=0, le=MAX_WAIT_S)] = 0
    claim_id: ClaimId | None = None
    lease_s: Annotated[int, Field(ge=1, le=MAX_LEASE_S, strict=True)] | None = None
    session_id: UUID | None = None


class Decision(Frozen):
    """An agent's answer to its task: an outcome that the stage knows, and why."""

    outcome: Name
    reasons: Annotated[list[ReasonCode], Field(max_length=20, default_factory=list)]
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    evidence: Annotated[list[Text], Field(max_length=100, default_factory=list)]
    result: Json | None = None
    seen: Text | None = None


class Fenced(Frozen):
    """What every write of a holder carries."""

    fence: Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]


class Heartbeat(Fenced):
    """Keep the claim; its length may be changed. `progress` is kept for whoever comes next, should this holder be lost."""

    lease_s: Annotated[int, Field(ge=1, le=MAX_LEASE_S, strict=True)] | None = None
    progress: Json | None = None


class Failure(Fenced):
    """The work went wrong. Not `retryable`: give up now. `delay_s` overrides the stage's backoff."""

    reason: Text
    retryable: Annotated[bool, Field(strict=True)] = True
    delay_s: Annotated[float, Field(ge=0, le=86400)] | None = None


class Release(Fenced):
    """Give the task back unharmed."""

    reason: Text | None = None


class Rejection(Fenced):
    """Not mine: give the task back and be offered it no more."""

    reason: Text


class NeedInput(Fenced):
    """The work cannot go on without a fact: the task waits until somebody puts it on the board."""

    fact: Name
    reason: Text


class FencedDecision(Fenced, Decision):
    """A decision under its fence."""

    def told(self) -> Json:
        """What is kept of it: without the fence, and without what was not said."""
        return self.model_dump(mode="json", exclude={"fence", "task_id"}, exclude_none=True)


class DecisionItem(FencedDecision):
    """A decision in a batch."""

    task_id: UUID


class NewAction(Fenced):
    """A side effect about to be sent: exactly these bytes, under a key that the board mints."""

    kind: Name
    payload: Json


class Settlement(Fenced):
    """What the bank said of an action."""

    state: Literal[ActionState.EXECUTED, ActionState.FAILED, ActionState.UNKNOWN]
    receipt: Json | None = None


# ---------------------------------------------------------------------------------------------------------------- answers
class Holder(Frozen):
    """Who holds a task, until when."""

    agent: str
    session_id: UUID | None
    granted_at: datetime
    deadline_at: datetime


class DecisionRecord(Decision):
    """A decision that was taken, and by whom."""

    by: str


class Reason(Frozen):
    """Something that keeps a task from being ready: `reason` is a word of the board, `key` says what of."""

    reason: str
    key: str
    about: Json
    since: datetime


class Task(Frozen):
    """A unit of work on a case. `waits_for` says what keeps it from being ready."""

    id: UUID
    case_id: UUID
    workflow: str
    stage: str
    name: str
    capability: str
    state: TaskState
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
    progress: Json | None
    decision: DecisionRecord | None


class TaskView(Task):
    """A task read by itself, with the point of the journal that it is true at."""

    epoch: int
    position: int


class Action(Frozen):
    """A side effect at the bank and what is known of it."""

    id: UUID
    kind: str
    effect_key: str
    state: ActionState
    attempts: int
    payload: Json
    digest: str
    receipt: Json | None
    created_at: datetime
    settled_at: datetime | None


class CaseSummary(Frozen):
    """One piece of business."""

    id: UUID
    workflow: str
    workflow_version: int
    version: int
    state: CaseState
    stage: str
    outcome: str | None
    business_key: str | None
    subject: str | None
    payload: Json
    priority: int
    due_at: datetime | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None


class Case(CaseSummary):
    """A case with its work. `epoch` and `position` say which point of the journal it is true at."""

    epoch: int
    position: int
    tasks: list[Task]
    actions: list[Action]

    @property
    def cursor(self) -> str:
        """Where to open the stream so that nothing after this answer is missed."""
        return f"{self.epoch}.{self.position}"

    @property
    def rests(self) -> bool:
        """Nothing more happens without a person: the case has ended, or waits for a review."""
        return self.state is not CaseState.ACTIVE or any(
            task.capability == "review" and task.state in (TaskState.READY, TaskState.CLAIMED) for task in self.tasks
        )


class CasePage(Frozen):
    """A page of cases, newest first. `next` is the cursor of the following page, None on the last."""

    cases: list[CaseSummary]
    next: str | None
    epoch: int
    position: int


class PastDecision(DecisionRecord):
    """What an earlier stage decided."""

    stage: str
    at: datetime


class FactValue(Frozen):
    """The newest version of a fact about a case."""

    version: int
    value: Any
    confidence: float | None
    source: str | None
    by: str
    at: datetime


# Plain dataclasses, because a claim of 100 makes 100 of each: 3 us together, where building models took 12.
@dataclass(frozen=True, slots=True)
class Context:
    """What a holder is handed with its task: the case as it was asked for, what was decided so far (oldest first), what is known,
    what this agent kept about the customer, and how far a lost holder had come."""

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
    deadline_at: datetime | None = None
    retry_at: datetime | None = None


class Verdicts(Frozen):
    """One verdict per item, in the order of the items."""

    items: list[Verdict]


class ActionVerdict(Frozen):
    """What an executor may do: `recorded` send, `repeated` ask the bank first, `settled` send nothing."""

    verdict: str
    action_id: UUID | None = None
    effect_key: str | None = None
    state: ActionState | None = None
    attempts: int | None = None
    receipt: Json | None = None


class Session(Frozen):
    """A running instance of an agent."""

    id: UUID
    about: Json
    started_at: datetime
    heartbeat_at: datetime


class AgentEntry(Frozen):
    """An agent in the directory, with its live sessions."""

    name: str
    owner: str
    kind: str
    role: str
    capabilities: list[str]
    state: str
    holds: int
    sessions: list[Session]


class Workflow(Frozen):
    """The newest version of a workflow, as it was loaded."""

    name: str
    version: int
    definition: Json
    loaded_at: datetime


class Head(Frozen):
    """Where the journal can be read: after `floor`, up to `head`."""

    epoch: int
    head: int
    floor: int
    sequenced_at: datetime


class Event(Frozen):
    """An entry of the journal. `position` is dense over all tenants; per case it only rises."""

    position: int
    tenant_id: int
    type: str
    case_id: UUID | None
    task_id: UUID | None
    workflow: str | None
    stage: str | None
    capability: str | None
    actor: str
    body: Json
    at: datetime
    recorded_on: date
