"""What callers may ask of the board: frozen, typed, the same in process and over HTTP. Field names are those of the SQL."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import rfc8785
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import to_jsonable_python

from blackboard.states import ActionState
from blackboard.values import (
    MAX_CLAIM,
    MAX_LEASE_S,
    MAX_WAIT_S,
    ActionKind,
    ClaimId,
    EventType,
    FactRef,
    Frozen,
    Json,
    Name,
    ReasonCode,
    Text,
)


class NewCase(Frozen):
    """A case to open. `priority` 0 is most urgent, 9 least.

    Its work begins at `start_at`, and not before the cases named in `after` have ended.
    """

    workflow: Name
    payload: Json
    business_key: Text | None = None
    priority: Annotated[int, Field(ge=0, le=9, strict=True)] = 5
    due_at: AwareDatetime | None = None
    start_at: AwareDatetime | None = None
    after: Annotated[list[UUID], Field(max_length=100)] = Field(default_factory=list)


# What may be said of a fact.
Mark = Literal["disputed", "upheld", "retracted"]

SourceClass = Literal["system_of_record", "person", "agent", "external", "model", "customer"]


class Provenance(Frozen):
    """Where a fact comes from.

    `inputs` are facts of the same case that it was made of, `source_class` says whose word it is (left out: the caller's own),
    `source`, `tool` and `model` who or what told it; `prompt_digest` is the SHA-256 of what a model was asked. It is true from
    `valid_from` until `valid_until`, as far as the source knows.
    """

    inputs: Annotated[list[FactRef], Field(max_length=100)] = Field(default_factory=list)
    source_class: SourceClass | None = None
    source: Text | None = None
    tool: Text | None = None
    model: Text | None = None
    prompt_digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_until must be later than valid_from")
        return self


class NewFact(Provenance):
    """Something learnt about a case. `expect` is the version it replaces, 0 for none: another one there is a conflict."""

    key: Name
    value: Any
    expect: Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)] | None = None


class NewQuota(Frozen):
    """How much may be at work at once per key, how fast work may begin, or how much money may be in flight.

    `per` says what the key is: `tenant` (one for all), `workflow`, `agent`, `subject`, or `entity:<kind>`; e.g. one task per
    account at a time: `{"name": "one-per-account", "kind": "concurrency", "per": "entity:account", "ceiling": "1"}`.
    """

    name: Name
    kind: Literal["concurrency", "rate", "exposure"]
    per: Annotated[str, StringConstraints(pattern=r"^(tenant|workflow|agent|subject|entity:[a-z][a-z0-9_-]{0,30})$")]
    workflow: Name | None = None
    capability: Name | None = None
    amount_field: Name | None = None
    ceiling: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4, allow_inf_nan=False)]
    per_second: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.kind == "exposure") != (self.amount_field is not None):
            raise ValueError("an exposure, and nothing else, names the payload's amount_field")
        if (self.kind == "rate") != (self.per_second is not None):
            raise ValueError("a rate, and nothing else, has per_second; its ceiling is the burst")
        return self


class NewSchedule(Frozen):
    """A case that opens by itself at the moments of a cron expression, in a time zone: `0 7 * * mon-fri`, `Europe/Berlin`."""

    cron: Annotated[str, StringConstraints(min_length=9, max_length=100)]
    zone: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "UTC"
    new_case: NewCase


class EventFilter(Frozen):
    """Which events: as in `GET /v1/events`. Empty means all; values of one field are alternatives, fields must all match."""

    case: Annotated[list[UUID], Field(max_length=100)] = Field(default_factory=list)
    workflow: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list)
    stage: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list)
    capability: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list)
    agent: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list)
    type: Annotated[list[EventType], Field(max_length=100)] = Field(default_factory=list)


class NewPolicy(Frozen):
    """A version of a policy to be drafted: its document, which names it, and why there is to be another one."""

    policy: Json
    reason: Text


class Trial(Frozen):
    """Inputs to be judged by a version of a policy; by the active one when none is named."""

    inputs: Json
    version: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None


class NewWebhook(Frozen):
    """Where events are to be sent to, which, and why. An endpoint that is paused keeps its place."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    filter: EventFilter = Field(default_factory=EventFilter)
    state: Literal["active", "paused"] = "active"
    reason: Text


class Replay(Frozen):
    """What is to be sent again: all that came after a cursor, or the dead letters."""

    after: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    dead: Annotated[bool, Field(strict=True)] = False
    reason: Text

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.dead == (self.after is not None):
            raise ValueError('say either after (a cursor, or "0" for the beginning) or dead: true')
        return self


class NewDelegation(Frozen):
    """Somebody who acts for another one until then: for the caller, or, where an operator says so, for `from`.

    Meanwhile the two are one person in every duty. With a capability of the delegator's, the delegate may claim such tasks.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    from_: Annotated[Name | None, Field(alias="from")] = None
    to: Name
    capability: Name | None = None
    until: AwareDatetime
    reason: Text


class NewLeave(Frozen):
    """That an agent may take on a duty of the case once, although its person has another one there that forbids it."""

    agent: Name
    duty: Literal["maker", "opinion", "checker", "executor"]
    reason: Text
    minutes: Annotated[int, Field(ge=1, le=60, strict=True)] = 15


class ClaimRequest(Frozen):
    """A wish for work. Repeating a `claim_id` gives the same tasks again; `wait_s` waits for work without polling."""

    capabilities: Annotated[list[Name], Field(min_length=1, max_length=50)]
    limit: Annotated[int, Field(ge=1, le=MAX_CLAIM, strict=True)] = 1
    wait_s: Annotated[float, Field(ge=0, le=MAX_WAIT_S)] = 0
    claim_id: ClaimId | None = None
    lease_s: Annotated[int, Field(ge=1, le=MAX_LEASE_S, strict=True)] | None = None
    session_id: UUID | None = None


# A policy and its version: loan_credit@2
PolicyRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,62}@[1-9][0-9]{0,8}$")]
# SHA-256 of a review's screen, as its answer names it.
Shown = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Reasons that say no more than that something was refused.
GENERIC = frozenset({"reject", "rejected", "other", "policy", "declined", "score"})


def _demand_specific(outcome: str, reasons: list[str]) -> None:
    if outcome == "reject" and GENERIC.issuperset(reasons):
        raise ValueError(f"a rejection needs a reason that says more than {', '.join(reasons)}")


class Decision(Frozen):
    """An agent's answer to its task: an outcome that the stage knows, and why.

    `reads` are the facts that it rests on, `policy` the rules: a decision on facts that have changed since is refused.
    `shown` is the digest of what a person was shown of a review. Whoever is rejected is owed a reason that is specific.
    """

    outcome: Name
    reasons: Annotated[list[ReasonCode], Field(min_length=1, max_length=20)]
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    evidence: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    reads: Annotated[list[FactRef], Field(max_length=100)] = Field(default_factory=list)
    policy: PolicyRef | None = None
    result: Json | None = None
    seen: Text | None = None
    shown: Shown | None = None

    @model_validator(mode="after")
    def _specific(self) -> Self:
        _demand_specific(self.outcome, self.reasons)
        return self


class Opinion(Frozen):
    """What one seat of a panel says to its question, sealed until the tally. `abstain` also takes an earlier opinion back."""

    verdict: Literal["approve", "reject", "refer", "abstain"]
    reasons: Annotated[list[ReasonCode], Field(min_length=1, max_length=20)]
    score: Annotated[float, Field(ge=-1e12, le=1e12)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    evidence: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    reads: Annotated[list[FactRef], Field(max_length=100)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _specific(self) -> Self:
        _demand_specific(self.verdict, self.reasons)
        return self

    def canonical(self) -> bytes:
        """Its bytes (RFC 8785): what its digest is of."""
        said = {name: getattr(self, name) for name in Opinion.model_fields}
        return rfc8785.dumps({name: value for name, value in said.items() if value is not None})


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
        """What is kept of it: without the fence, and without what was not said. A dump takes five times as long."""
        kept: Json = {"outcome": self.outcome, "reasons": self.reasons, "evidence": self.evidence}
        if self.confidence is not None:
            kept["confidence"] = self.confidence
        if self.result is not None:
            kept["result"] = to_jsonable_python(self.result)
        if self.seen is not None:
            kept["seen"] = self.seen
        if self.shown is not None:
            kept["shown"] = self.shown
        if self.reads:
            kept["reads"] = self.reads
        if self.policy is not None:
            kept["policy"] = self.policy
        return kept


class FencedOpinion(Fenced, Opinion):
    """An opinion under its fence."""


class DecisionItem(FencedDecision):
    """A decision in a batch."""

    task_id: UUID


class HeartbeatItem(Heartbeat):
    """A heartbeat in a batch."""

    task_id: UUID


class FailureItem(Failure):
    """A failure in a batch."""

    task_id: UUID


class ReleaseItem(Release):
    """A release in a batch."""

    task_id: UUID


class RejectionItem(Rejection):
    """A rejection in a batch."""

    task_id: UUID


class NeedItem(NeedInput):
    """A need in a batch."""

    task_id: UUID


class BulkCase(NewCase):
    """A case in a bulk, under a key of its own: repeated with the same key and body, it is opened once."""

    idempotency_key: ClaimId


class Forwarding(Fenced):
    """Let somebody else decide a review: a person by name, or everybody with a capability."""

    to: Name
    reason: Text


class Raising(Fenced):
    """Let those decide a review whom its stage escalates to."""

    reason: Text


class Question(Fenced):
    """What a person must know before deciding a review: the fact that will be the answer, and to whom the question goes."""

    fact: Name
    question: Text
    to: Name | None = None


class ReviewDecision(Fenced, Decision):
    """A person's decision of a review, on exactly what was shown."""

    shown: Shown

    def fenced(self) -> "FencedDecision":
        """As every other decision."""
        return FencedDecision.model_validate(self.model_dump())


class NewAction(Fenced):
    """A side effect about to be sent: exactly these bytes, under a key that the board mints. `undoes` is what it takes back."""

    kind: ActionKind
    payload: Json
    undoes: UUID | None = None


class Proposal(NewAction):
    """A side effect that a decision is asked to authorize, within `expires_in_s` where that is said."""

    expires_in_s: Annotated[int, Field(ge=1, le=31536000, strict=True)] | None = None


class Settlement(Fenced):
    """What the bank said of an action. A `difference` from what was ordered suspends the case; the action is then `unknown`."""

    state: Literal[ActionState.EXECUTED, ActionState.FAILED, ActionState.UNKNOWN]
    receipt: Json | None = None
    difference: Text | None = None

    @model_validator(mode="after")
    def _not_settled_otherwise(self) -> Self:
        if self.difference is not None and self.state is not ActionState.UNKNOWN:
            raise ValueError("what differs from the order is unknown: send state unknown with a difference")
        return self
