"""Whether a policy is sound: its conditions compile and speak of what there is, its tables are whole, its examples true."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from blackboard.decision_table import Row, Table, cell_problems
from blackboard.errors import Invalid
from blackboard.policy import DENY, Example, Policy, canonical, parse
from blackboard.quorum import Quorum
from blackboard.table_check import Findings, try_table
from blackboard.values import Json

MAX_TOLD = 50
_QUORUM: TypeAdapter[Any] = TypeAdapter(Quorum)


def check(document: Json) -> Findings:
    """All that can be said of a document without a board. `Invalid` when it is no policy at all."""
    policy = parse(document)
    canonical(document)
    if wrong := [*_wrong_cells(policy), *_wrong_quorum(policy)]:
        return Findings(wrong, [])
    problems, notes = [], []
    denying = [Table(name=DENY, hit="rule_order", rows=policy.deny)] if policy.deny else []
    for table in [*denying, *policy.tables]:
        found = try_table(policy, table)
        problems += found.problems
        notes += found.notes
    for n, example in enumerate(policy.examples, start=1):
        problems += [f"example {n}: {what}" for what in _wrong_example(policy, example)]
    if not policy.examples:
        notes.append("there are no examples: say what the policy is meant to do, and every draft is held to it")
    return Findings(problems, notes)


def demand_sound(document: Json) -> Policy:
    """The policy; `Invalid` names what must be mended."""
    if problems := check(document).problems:
        told = problems[:MAX_TOLD]
        raise Invalid(
            f"The policy cannot be used: {'; '.join(told)}.", errors=[{"field": "policy", "problem": p} for p in told]
        )
    return parse(document)


def _wrong_cells(policy: Policy) -> Iterator[str]:
    """Conditions that are none, or that speak of what is not known where they stand."""
    known = {*policy.inputs, *policy.limits}
    for row in policy.deny:
        yield from _wrong_row(DENY, row, policy, known)
    for table in policy.tables:
        for row in table.rows:
            yield from _wrong_row(table.name, row, policy, known)
        known.add(table.name)


def _wrong_quorum(policy: Policy) -> Iterator[str]:
    """A quorum that no panel could count by."""
    try:
        if policy.quorum is not None:
            _QUORUM.validate_python(policy.quorum)
    except ValidationError as error:
        yield from (f"quorum.{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())


def _wrong_row(table: str, row: Row, policy: Policy, known: set[str]) -> Iterator[str]:
    if table == DENY and not row.cells:
        yield f"{DENY}/{row.id}: say when; without a condition it refuses everything"
    if isinstance(row.when, dict):
        for column in sorted(row.when.keys() - known):
            yield f"{table}/{row.id}: there is no input {column}; there are {', '.join(sorted(known - policy.limits.keys()))}"
    for cell in row.cells:
        for problem in cell_problems(cell, known):
            yield f"{table}/{row.id}: {problem}"


def _wrong_example(policy: Policy, example: Example) -> Iterator[str]:
    """What an example says and the policy does not."""
    if unknown := sorted(example.inputs.keys() - policy.inputs.keys()):
        yield f"there is no input {', '.join(unknown)}"
    try:
        said = policy.judge(example.inputs)
    except Invalid as error:
        yield error.detail
        return
    if said.outcome != example.outcome:
        yield f"gives {said.outcome} (by {', '.join(said.rows)}) and not {example.outcome}"
    if example.reasons is not None and set(said.reasons) != set(example.reasons):
        yield f"gives the reasons {', '.join(said.reasons)} and not {', '.join(example.reasons) or 'none'}"
    if example.score is not None and said.score != example.score:
        yield f"gives the score {said.score} and not {example.score}"
