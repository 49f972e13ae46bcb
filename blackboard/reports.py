"""What the board tells those who run it: agents, workflows, holds, incidents, quotas, and why a task goes to nobody."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from blackboard.answers import Task
from blackboard.field_class import Personal
from blackboard.states import PolicyState, TaskState
from blackboard.values import Frozen, Json

# Said with every erasure.
NOT_REACHED = (
    "Backups and replicas taken before, files that were exported, and what webhooks and streams have delivered keep what they"
    " have; so do the systems of record. Name the customer there."
)


class Hold(Frozen):
    """What an operator holds back: claims of a workflow, a capability, the tenant, or of whatever touches an entity."""

    kind: Literal["tenant", "workflow", "capability", "entity"]
    name: str
    reason: Personal[str]
    by: str
    since: datetime


class Delegation(Frozen):
    """Who acts for whom, until when, and what of the delegator's it may claim."""

    model_config = ConfigDict(serialize_by_alias=True)

    id: UUID
    from_: str = Field(alias="from")
    to: str
    capability: str | None
    reason: Personal[str]
    since: datetime
    until: datetime


class Leave(Frozen):
    """That an agent may take on `duty` once although its person has the duty `despite` on the case.

    Asked for by one person; good for nothing until a second one approved, then until it expires.
    """

    id: UUID
    case_id: UUID
    agent: str
    duty: str
    despite: str
    state: Literal["asked", "approved", "spent", "revoked", "expired"]
    reason: Personal[str]
    minutes: int
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    expires_at: datetime
    spent_at: datetime | None


class Incident(Frozen):
    """A task that rests until an operator redrives or resolves it: out of attempts (`incident`), or deadly (`quarantine`)."""

    task_id: UUID
    case_id: UUID
    workflow: str
    stage: str
    kind: Literal["incident", "quarantine"]
    reason: Personal[str]
    failures: int
    rescues: int
    since: datetime


class QuotaUse(Frozen):
    """A quota that applies to a task, and what is in use of it."""

    name: str
    key: str
    kind: str
    needs: Decimal
    ceiling: Decimal
    used: Decimal


class Candidate(Frozen):
    """An agent of the task's capability, and what excludes it."""

    agent: str
    is_person: bool
    may_claim: bool
    # Heard of within a minute; nobody asks that of people.
    is_alive: bool
    excluded_by: str | None


class Why(Frozen):
    """Who gets a task and when: the sentence, and what it rests on."""

    answer: str
    task: Task
    ahead: int
    holds: list[Hold]
    quotas: list[QuotaUse]
    agents: list[Candidate]


class Chapter(Frozen):
    """A part of a case's story."""

    title: str
    lines: list[str]


class Story(Frozen):
    """What became of a case and why, in words: the sentence, and what it rests on."""

    case_id: UUID
    answer: str
    chapters: list[Chapter]


class Load(Frozen):
    """How much work of a capability lies ready and is held, and how old the oldest is."""

    capability: str
    ready: int
    oldest_ready_s: float | None
    claimed: int
    oldest_claim_s: float | None


class Quota(Frozen):
    """A quota and what is in use of it, per key."""

    name: str
    kind: str
    per: str
    workflow: str | None
    capability: str | None
    amount_field: str | None
    ceiling: Decimal
    per_second: Decimal | None
    in_use: dict[str, Decimal]


class Schedule(Frozen):
    """A case that opens by itself, and when next."""

    name: str
    cron: str
    zone: str
    new_case: Json
    next_at: datetime


class Condition(Frozen):
    """A task that waits for a condition over the facts of its case, and what it needs to be judged.

    It may begin when `condition` holds, at once where there is none; it is withdrawn when `unless` holds.
    """

    tenant_id: int
    task_id: UUID
    case_id: UUID
    version: int
    condition: str | None
    unless: str | None
    payload: Json
    facts: Json
    trust: dict[str, int]


class DueQuestion(Frozen):
    """A panel's question that is to be tallied, with all that its tally is made from."""

    tenant_id: int
    case_id: UUID
    visit: int
    version: int
    stage: str
    panel: Json
    is_late: bool
    payload: Json
    seats: dict[str, str]
    opinions: list[Json]
    facts: Json
    policy: Json | None
    opinion_ids: list[UUID]


class DueSchedule(Frozen):
    """A schedule whose moment has come; `at` is the database's time."""

    tenant_id: int
    name: str
    cron: str
    zone: str
    next_at: datetime
    at: datetime


class Webhook(Frozen):
    """An endpoint that events are sent to. `cursor` is where it stands, `lag` how many positions lie before it."""

    id: UUID
    name: str
    url: str
    filter: Json
    state: Literal["active", "paused", "disabled"]
    cursor: str
    lag: int
    failures: int
    last_error: str | None
    next_try_at: datetime
    dead: int
    old_secret_until: datetime | None
    by: str
    since: datetime


class SecretWebhook(Webhook):
    """The same with the secret that its deliveries are signed with: told when it is minted, and never again."""

    secret: str | None


class DeadLetter(Frozen):
    """An event that was given up for an endpoint. `is_due`: to be sent again. `is_lost`: it is not in the journal any more."""

    cursor: str
    status: int | None
    error: str
    attempts: int
    is_due: bool
    is_lost: bool
    at: datetime


class WebhookDetail(Webhook):
    """An endpoint with a page of its dead letters, and the cursor after which there are more."""

    dead_letters: list[DeadLetter]
    next: str | None


class DueWebhook(Frozen):
    """An endpoint as a sender finds it. What it notes afterwards holds only while `position` and `failures` are these."""

    tenant_id: int
    id: UUID
    name: str
    url: str
    filter: Json
    secrets: list[str]
    position: int
    prev: int
    failures: int
    dead_position: int | None
    dead_prev: int | None
    epoch: int
    head: int
    floor: int


class Failed(Frozen):
    """A delivery that failed, as `board.fail_webhook` takes it."""

    position: int
    prev: int
    error: str
    status: int | None = None
    wait_s: float | None = None
    is_again: bool = False
    is_lost: bool = False


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


class PolicyVersion(Frozen):
    """A version of a policy: who drafted it, who of another owner activated it, and whether it judges."""

    name: str
    version: int
    state: PolicyState
    title: str | None
    digest: str
    author: str
    author_owner: str
    activator: str | None
    activator_owner: str | None
    drafted_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None


class PolicyText(PolicyVersion):
    """The same with what it says."""

    body: Json


class OpenQuestion(Frozen):
    """What a person wants to know before deciding: the fact that will be the answer, and whom was asked."""

    needs: str
    question: Personal[str] = ""
    by: str = ""
    to: str | None = None
    reason: Personal[str] = ""


class Review(Frozen):
    """A task that people decide. `fence` is told to its holder; `barred_by` is what keeps the reader from it."""

    task_id: UUID
    case_id: UUID
    workflow: str
    stage: str
    subject: str | None
    state: TaskState
    priority: int
    owners: list[str]
    excluded: list[str]
    escalated: int
    escalate_to: str | None
    opened_at: datetime
    due_at: datetime | None
    is_overdue: bool
    holder: str | None
    deadline_at: datetime | None
    fence: int | None
    barred_by: str | None
    question: OpenQuestion | None
    outcomes: list[str]
    outcome: str | None
    ended_at: datetime | None
    warnings: list[str]


class ReviewQueue(Frozen):
    """Open reviews, those due first before the others, and how fast the reader has been deciding."""

    reviews: list[Review]
    decided_in_hour: int
    warned_in_hour: int


class ReviewScreen(Frozen):
    """What a review is decided upon. `shown` is the SHA-256 of `screen` as canonical JSON (RFC 8785): a decision names it."""

    review: Review
    screen: Json
    shown: str


class ReviewClaim(Frozen):
    """A review that this person alone holds."""

    task_id: UUID
    verdict: str
    fence: int
    deadline_at: datetime


class ReviewVerdict(Frozen):
    """What became of a decision. `warnings` are about how it came about: velocity, streak, haste."""

    task_id: UUID
    verdict: str
    warnings: list[str]


class Erased(Frozen):
    """What was done to forget a customer: in how many cases, and where the board cannot reach."""

    verdict: Literal["erased", "nothing"]
    cases: int
    erasure_id: UUID | None = None
    not_reached: str = NOT_REACHED
