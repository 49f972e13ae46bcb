"""A workflow is checked whole when it is loaded, and says where it is wrong."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from blackboard import workflow
from blackboard.errors import Invalid
from tests.factories import PAYLOAD, SMALL, TRANSFER


def changed(**stages: Any) -> str:
    """The small workflow with other stages."""
    document = yaml.safe_load(SMALL)
    document["stages"] = {**document["stages"], **stages}
    return yaml.safe_dump(document, sort_keys=False)


def stage(**outcomes: Any) -> dict[str, Any]:
    """A stage with these outcomes."""
    return {"capability": "x", "outcomes": outcomes}


def declared(condition: str) -> str:
    """The small workflow with facts declared, and a condition over them."""
    document = yaml.safe_load(changed(first={**stage(done={"end": "ok"}, on={"to": "second"}), "unless": condition}))
    document["facts"] = {"income": {"type": "number"}, "sources": {"kind": "accumulating"}}
    document["payload"] = {"type": "object", "properties": {"name": {"type": "string"}}}
    return yaml.safe_dump(document, sort_keys=False)


BAD = {
    "a route to nowhere": (changed(first=stage(go={"to": "nowhere"}, done={"end": "ok"})), "nowhere, which is not a stage"),
    "a cycle without exit": (changed(second=stage(again={"to": "second"})), "stages.second has no way to an end"),
    "an unreachable stage": (changed(third=stage(done={"end": "ok"})), "stages.third is never reached"),
    "two ways at once": (changed(first=stage(go={"to": "second", "end": "ok"})), "exactly one of"),
    "no outcomes": (changed(first={"capability": "x", "outcomes": {}}), "stages.first.outcomes"),
    "something given to nobody": (
        changed(first={**stage(done={"end": "ok"}), "given": {"a": "b"}}),
        "name its workflow as `case`",
    ),
    "an unknown field": (changed(first={**stage(done={"end": "ok"}), "speed": 9}), "stages.first.speed"),
    "a bad start": (SMALL + "start: nowhere\n", "start is nowhere"),
    "no JSON Schema": (SMALL.replace("payload: {type: object}", "payload: {type: 7}"), "not a JSON Schema"),
    "no YAML": ("stages: [", "not YAML"),
    "a list": ("[]", "workflow"),
    "a condition over a fact that is not declared": (
        declared('facts["age"] > 3'),
        "age, which is not declared; declared are income",
    ),
    "trust in one that is not": (declared('trust["age"] > 1'), "stages.first.unless: "),
    "a text and a number": (declared("payload.name == 3"), "compares payload.name (string) with 3 (number)"),
    "a number and a text": (declared('"3" < facts["income"]'), 'compares "3" (string) with facts["income"] (number)'),
    "a list and a number": (declared('facts["sources"] == 3'), "(array) with 3 (number)"),
    "a fact of no kind": (SMALL + "facts: {income: {kind: growing}}\n", "facts.income.kind"),
    "a fact with a bad schema": (SMALL + "facts: {income: {schema: {type: 7}}}\n", "schema is not a JSON Schema"),
    "an unless that is no CEL": (changed(first={**stage(done={"end": "ok"}), "unless": "((("}), "unless: '((('"),
    "code": ("!!python/object/apply:os.system ['true']", "not YAML"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_workflow_is_refused_with_the_place(name: str) -> None:
    """The message names the file, the stage and what is wrong there."""
    text, told = BAD[name]

    with pytest.raises(Invalid) as refused:
        workflow.parse(text, where="small.yaml")

    assert refused.value.detail.startswith("small.yaml: ")
    assert told in refused.value.detail


@pytest.mark.parametrize("path", sorted(TRANSFER.parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_workflow_that_ships_is_sound(path: Path) -> None:
    """And is named as its file."""
    assert workflow.load(path).name == path.stem


def test_the_digest_changes_with_the_content_and_not_with_the_layout() -> None:
    """Blank lines and comments make no new version."""
    same, other = workflow.parse("# hello\n" + SMALL), workflow.parse(SMALL.replace("lease_s: 30", "lease_s: 31"))

    assert (same.digest, other.digest == same.digest) == (workflow.parse(SMALL).digest, False)


@pytest.mark.parametrize("amount", ["0.01", "1", "250", "250.00", "9999999999999.99", "10.5"])
def test_a_transfer_takes_every_positive_decimal(amount: str) -> None:
    """With up to two places."""
    workflow.load(TRANSFER).check_payload({**PAYLOAD, "amount": amount})


@pytest.mark.parametrize(
    "amount", ["", "0", "0.0", "0.00", "-1", "+1", "01", "1.", ".5", "1.234", "1e3", "NaN", "1,000", " 1", "1\n", "١"]
)
def test_a_transfer_takes_no_other_text_as_amount(amount: str) -> None:
    """The schema's pattern is the grammar of money."""
    with pytest.raises(Invalid, match=r"payload\.amount: must be a positive decimal"):
        workflow.load(TRANSFER).check_payload({**PAYLOAD, "amount": amount})
