"""What another version of a policy would have said: past judgements, made again from what was recorded with them.

An agent's decision is judged again on its inputs; a panel's is tallied again, with the same opinions and facts.
"""

from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from blackboard.errors import Invalid
from blackboard.policy import Policy
from blackboard.reports import PolicyText
from blackboard.tally import Basis, UsedPolicy, tally
from blackboard.values import Frozen, Json

# Events that tell of a judgement.
TYPES = ("task.decided", "decision.made")
# What a version says of inputs that it cannot judge.
INVALID = "invalid"


class Verdict(Frozen):
    """An outcome, its reasons, and the rows that counted."""

    outcome: str
    reasons: list[str]
    rows: list[str]


class Past(Frozen):
    """A decision that followed a policy: which version, and the inputs or the whole basis that it was made from."""

    case_id: UUID
    at: datetime
    version: int
    inputs: Json | None = None
    basis: Basis | None = None
    said: Verdict


class Difference(Frozen):
    """A case that would be decided otherwise, and the rows that count no more or count now."""

    case_id: UUID
    at: datetime
    version: int
    was: Verdict
    becomes: Verdict
    rows_gone: list[str]
    rows_new: list[str]


def past_of(name: str, case_id: UUID | None, at: datetime, told: Json) -> Past | None:
    """The judgement in an event's data, where it followed this policy and what it was made from was kept; else None."""
    policy, _, version = str(told.get("policy") or "").partition("@")
    if case_id is None or policy != name or not version.isdigit():
        return None
    kept = _tallied(told) if "basis" in told else _decided(told)
    return None if kept is None else Past(case_id=case_id, at=at, version=int(version), **kept)


def _decided(told: Json) -> Json | None:
    result = told.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("facts"), dict):
        return None
    rows = result.get("rows")
    said = Verdict(outcome=told["outcome"], reasons=told["reasons"], rows=rows if isinstance(rows, list) else [])
    return {"inputs": result["facts"], "said": said}


def _tallied(told: Json) -> Json | None:
    try:
        basis = Basis.model_validate(told["basis"])
    except ValidationError:
        return None
    return {"basis": basis, "said": Verdict(outcome=told["outcome"], reasons=told["reasons"], rows=tally(basis).rows)}


def judged(past: Past, text: PolicyText) -> Verdict:
    """What a version would have said."""
    if past.basis is not None:
        used = UsedPolicy(name=text.name, version=text.version, digest=text.digest, body=text.body)
        made = tally(past.basis.model_copy(update={"policy": used}))
        return Verdict(outcome=made.outcome, reasons=made.reasons, rows=made.rows)
    try:
        said = Policy.model_validate(text.body).judge(past.inputs or {})
    except Invalid as error:
        return Verdict(outcome=INVALID, reasons=[error.detail], rows=[])
    return Verdict(outcome=said.outcome, reasons=said.reasons, rows=said.rows)


def compare(past: Past, text: PolicyText, against: PolicyText | None = None) -> Difference | None:
    """How the decision would differ from what another version says, or from what was decided; None where it would not."""
    was = judged(past, against) if against else past.said
    becomes = judged(past, text)
    if (was.outcome, set(was.reasons)) == (becomes.outcome, set(becomes.reasons)):
        return None
    return Difference(
        case_id=past.case_id,
        at=past.at,
        version=past.version,
        was=was,
        becomes=becomes,
        rows_gone=[row for row in was.rows if row not in becomes.rows],
        rows_new=[row for row in becomes.rows if row not in was.rows],
    )
