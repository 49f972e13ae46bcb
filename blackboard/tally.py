"""From sealed opinions to a decision: pure, so that anybody who has the same basis comes to the same end.

    told = tally(Basis(panel=panel, seats={"credit.1": "credit"}, opinions=[...], facts={...}))
    told.outcome, told.reasons, told.dissent

The order is fixed: what the rules deny is denied whatever a majority says; then the quorum counts; and what neither settles,
or the rules leave to a person, is referred to one. When time ran out without a quorum the question lapses, and that is no
approval.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from blackboard import conditions
from blackboard.errors import Invalid
from blackboard.panel import Panel
from blackboard.policy import MAX_REASONS, Judgement, Policy
from blackboard.quorum import APPROVE, REFER, REJECT, AnyQuorum, Outcome, Quorum, Unanimous
from blackboard.requests import Opinion
from blackboard.values import Frozen, Json

_QUORUM: TypeAdapter[AnyQuorum] = TypeAdapter(Quorum)


class Voice(Opinion):
    """An opinion as it is counted: whose it is, and what opens its seal. `outdated` are facts it read that changed since."""

    seat: str
    capability: str
    owner: str
    by: str
    salt: str
    digest: str
    at: str
    outdated: list[str] = Field(default_factory=list)

    @property
    def is_what_was_sealed(self) -> bool:
        """Whether it is what its agent was bound to when it was given."""
        try:
            return hashlib.sha256(bytes.fromhex(self.salt) + self.canonical()).hexdigest() == self.digest
        except ValueError:
            return False


class KnownFact(Frozen):
    """A fact as it was when the opinions were counted. `found`: by who held a task of the case."""

    version: int
    value: Any
    state: str = "asserted"
    trust: int | None = None
    found: bool = False

    @property
    def is_fit(self) -> bool:
        """Whether anybody may stand on it: not while it is disputed or in doubt."""
        return self.state == "asserted"


class UsedPolicy(Frozen):
    """The policy that was active, with its text."""

    name: str
    version: int
    digest: str
    body: Json


class Basis(Frozen):
    """All that a tally is made from. `is_late`: time is over and not every seat has spoken."""

    panel: Panel
    seats: dict[str, str]
    opinions: list[Voice]
    facts: dict[str, KnownFact] = Field(default_factory=dict)
    payload: Json = Field(default_factory=dict)
    policy: UsedPolicy | None = None
    is_late: bool = False

    def needed(self) -> "Basis":
        """The same with those facts and members of the payload alone that the rules speak of: no more needs to be kept."""
        rules = [row.when for row in self.panel.deny]
        inputs = set((self.policy.body.get("inputs") or {}) if self.policy else {})
        facts, payload = conditions.keys(*rules), _members(rules)
        facts, payload = set(self.facts) if facts is None else facts, set(self.payload) if payload is None else payload
        return self.model_copy(
            update={
                "facts": {key: fact for key, fact in self.facts.items() if key in facts or _word(key) in inputs},
                "payload": {key: value for key, value in self.payload.items() if key in payload or key in inputs},
            }
        )


class Differing(Frozen):
    """An opinion that was not followed."""

    seat: str
    by: str
    owner: str
    verdict: str
    reasons: list[str]


class Tally(Frozen):
    """What came of it, why, who differed; `rows` are the rules that hit, `told` the derivation in words.

    `result` is what the policy made of it: its score, the rows that counted, and what each reason rests on.
    """

    kind: Literal["tallied", "lapsed"]
    outcome: Outcome
    reasons: list[str]
    score: float
    confidence: float | None
    evidence: list[str]
    reads: list[str]
    policy: str | None
    dissent: list[Differing]
    rows: list[str]
    told: list[str]
    result: Json | None = None

    def kept(self) -> Json:
        """What is written down; `rows` and `told` follow from the basis."""
        return self.model_dump(mode="json", exclude={"rows", "told"})


class _Ruled(NamedTuple):
    """What the rules say before anybody is counted, and how many reasons they give to who is refused."""

    outcome: Outcome
    reasons: list[str]
    rows: list[str]
    told: list[str]
    most: int = MAX_REASONS
    result: Json | None = None


def tally(basis: Basis) -> Tally:
    """Deny rules, then the quorum, then a person."""
    voices = [voice for voice in basis.opinions if not voice.outdated]
    ruled = _rules(basis)
    counted = _quorum(basis).count(voices, basis.seats)
    told = [
        *ruled.told,
        *(f"{v.by}'s opinion is not counted: {', '.join(v.outdated)} changed." for v in basis.opinions if v.outdated),
    ]
    told.append(f"Quorum: {counted.told}.")
    kind: Literal["tallied", "lapsed"] = "tallied"
    outcome: Outcome
    if ruled.outcome == REJECT:
        outcome, reasons = ruled.outcome, ruled.reasons
        told.append("The rules deny it, and no majority outvotes them.")
    elif counted.outcome is None and basis.is_late:
        kind, outcome, reasons = "lapsed", basis.panel.on_deadline, ["no_quorum_in_time"]
        told.append("Time ran out without a quorum: that is no approval.")
    elif counted.outcome is None:
        outcome, reasons = REFER, ["no_quorum"]
        told.append("No side has a quorum: a person decides.")
    elif counted.outcome == APPROVE and ruled.outcome == REFER:
        outcome, reasons = REFER, ruled.reasons
        told.append("The panel approves, and the rules leave it to a person.")
    else:
        outcome = counted.outcome
        reasons = _reasons(voices, outcome)
    if outcome == REJECT:
        reasons = reasons[: ruled.most]
    return _tally(basis, voices, kind, outcome, reasons, counted.score, ruled._replace(told=told))


def _tally(
    basis: Basis,
    voices: Sequence[Voice],
    kind: Literal["tallied", "lapsed"],
    outcome: Outcome,
    reasons: list[str],
    score: float,
    ruled: _Ruled,
) -> Tally:
    agreeing = [voice for voice in voices if voice.verdict == outcome]
    sure = [voice.confidence for voice in agreeing if voice.confidence is not None]
    ground = basis.needed().facts
    return Tally(
        kind=kind,
        outcome=outcome,
        reasons=reasons,
        score=score,
        confidence=round(sum(sure) / len(sure), 4) if sure else None,
        evidence=list(dict.fromkeys(each for voice in agreeing for each in voice.evidence))[:100],
        reads=sorted({*(f"{key}@{fact.version}" for key, fact in ground.items() if fact.is_fit), *_reads(voices)}),
        policy=f"{basis.policy.name}@{basis.policy.version}" if basis.policy else None,
        dissent=[
            Differing(seat=v.seat, by=v.by, owner=v.owner, verdict=v.verdict, reasons=list(v.reasons))
            for v in basis.opinions
            if v.verdict != outcome
        ],
        rows=ruled.rows,
        told=ruled.told,
        result=ruled.result,
    )


def _rules(basis: Basis) -> _Ruled:
    """What deny rows and the policy say. What nobody can tell is left to a person."""
    facts = {key: fact.value for key, fact in basis.facts.items() if fact.is_fit}
    trust = {key: basis.facts[key].trust or 0 for key in facts}
    found = {row: conditions.judged(row.when, facts, basis.payload, trust) for row in basis.panel.deny}
    told = [f"Deny rule {row.reason}: {row.when}: {_WORDS[said]}." for row, said in found.items()]
    denied = [row.reason for row, said in found.items() if said]
    unsure = ["cannot_tell"] if None in found.values() else []
    rows = [f"deny/{reason}" for reason in denied]
    if denied:
        return _Ruled(REJECT, denied, rows, told)
    if basis.panel.policy is None:
        return _Ruled(REFER if unsure else APPROVE, unsure, rows, told)
    ruled = _judged(basis, facts)
    ruled = ruled._replace(told=[*told, *ruled.told], rows=[*rows, *ruled.rows])
    if ruled.outcome == REJECT or (ruled.outcome == REFER and not unsure):
        return ruled
    return ruled._replace(outcome=REFER if unsure else APPROVE, reasons=unsure)


def _judged(basis: Basis, facts: Json) -> _Ruled:
    """What the policy says of the payload and the facts; a fact counts before a member of the payload of that name."""
    if basis.policy is None:
        return _Ruled(REFER, ["policy_not_active"], [], [f"Policy {basis.panel.policy} has no active version."])
    name = f"Policy {basis.policy.name} version {basis.policy.version}"
    try:
        policy = Policy.model_validate(basis.policy.body)
        said = policy.judge(_inputs(policy, basis, facts))
    except (Invalid, ValidationError) as error:
        return _Ruled(REFER, ["policy_cannot_judge"], [], [f"{name} cannot judge: {error}"])
    outcome: Outcome = REJECT if said.outcome == policy.harshest else APPROVE if said.outcome == policy.outcomes[-1] else REFER
    result = {"score": said.score, "rows": said.rows, "grounds": said.grounds()}
    told = [f"{name} says {said.outcome}: {_hits(said)}."]
    return _Ruled(outcome, list(said.reasons), said.rows, told, policy.principal_reasons or MAX_REASONS, result)


def _inputs(policy: Policy, basis: Basis, facts: Json) -> Json:
    """What the policy may look at. What it wants found is missing where somebody merely says so."""
    wants = {name for name, wanted in policy.inputs.items() if wanted.found}
    said = {name: value for name, value in basis.payload.items() if name not in wants}
    known = {_word(key): value for key, value in facts.items() if basis.facts[key].found or _word(key) not in wants}
    return {**said, **known}


def _hits(said: Judgement) -> str:
    return ", ".join(said.rows) or "no row hit"


def _quorum(basis: Basis) -> AnyQuorum:
    """The panel's own, else the policy's. Where there is none to be found nobody agrees but all together."""
    if basis.panel.quorum is not None:
        return basis.panel.quorum
    try:
        return _QUORUM.validate_python(basis.policy.body.get("quorum") if basis.policy else None)
    except ValidationError:
        return Unanimous(kind="unanimous")


def _reasons(voices: Sequence[Voice], outcome: str) -> list[str]:
    """The reasons of those who were followed: what most of them say first."""
    counted = Counter(reason for voice in voices if voice.verdict == outcome for reason in dict.fromkeys(voice.reasons))
    return [reason for reason, _ in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))][:20]


def _reads(voices: Sequence[Voice]) -> set[str]:
    return {read for voice in voices for read in voice.reads}


_WORDS = {True: "it holds", False: "it does not hold", None: "nobody can tell"}


def _word(key: str) -> str:
    """A fact's key as a policy's input is named."""
    return re.sub(r"[.-]", "_", key)


def _members(rules: Sequence[str]) -> set[str] | None:
    """The members of the payload that conditions name; None where one looks at it in another way."""
    text = " ".join(rules)
    found = re.findall(r"""\bpayload(?:\[\s*["']([^"']+)["']\s*\]|\.(\w+))""", text)
    return None if len(re.findall(r"\bpayload\b", text)) > len(found) else {one or other for one, other in found}
