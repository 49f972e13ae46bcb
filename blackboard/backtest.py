"""What another version of a policy would have said: past judgements, replayed on the inputs that were recorded with them."""

from datetime import datetime
from uuid import UUID

from blackboard.errors import Invalid
from blackboard.policy import Policy
from blackboard.values import Frozen, Json

# What a version says of inputs that it cannot judge.
INVALID = "invalid"


class Verdict(Frozen):
    """An outcome, its reasons, and the rows that counted."""

    outcome: str
    reasons: list[str]
    rows: list[str]


class Past(Frozen):
    """A decision that a policy made: by which version, on which inputs."""

    case_id: UUID
    at: datetime
    version: int
    inputs: Json
    said: Verdict


class Difference(Frozen):
    """A case that would be judged otherwise, and the rows that count no more or count now."""

    case_id: UUID
    at: datetime
    version: int
    was: Verdict
    becomes: Verdict
    rows_gone: list[str]
    rows_new: list[str]


def past_of(name: str, case_id: UUID | None, at: datetime, decided: Json) -> Past | None:
    """The judgement in a decision's event, where this policy made it and its inputs were recorded; else None."""
    result = decided.get("result")
    policy, _, version = str(decided.get("policy") or "").partition("@")
    if case_id is None or policy != name or not version.isdigit() or not isinstance(result, dict):
        return None
    inputs, rows = result.get("facts"), result.get("rows")
    if not isinstance(inputs, dict):
        return None
    said = Verdict(outcome=decided["outcome"], reasons=decided["reasons"], rows=rows if isinstance(rows, list) else [])
    return Past(case_id=case_id, at=at, version=int(version), inputs=inputs, said=said)


def judged(policy: Policy, inputs: Json) -> Verdict:
    """What a version says of these inputs."""
    try:
        said = policy.judge(inputs)
    except Invalid as error:
        return Verdict(outcome=INVALID, reasons=[error.detail], rows=[])
    return Verdict(outcome=said.outcome, reasons=said.reasons, rows=said.rows)


def compare(past: Past, policy: Policy, against: Policy | None = None) -> Difference | None:
    """How the judgement would differ from what another version says, or from what was decided; None where it would not."""
    was = judged(against, past.inputs) if against else past.said
    becomes = judged(policy, past.inputs)
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
