"""Past judgements, judged again."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from blackboard import policy
from blackboard.backtest import compare, past_of
from blackboard.panel import Panel
from blackboard.reports import PolicyText
from blackboard.tally import Basis, UsedPolicy, tally
from tests.factories import POLICIES

DOCUMENT = policy.load(POLICIES / "transfer_risk.yaml")
RULES = policy.parse(DOCUMENT)
TEXT = PolicyText.model_validate(
    {
        "name": "transfer_risk",
        "version": 3,
        "state": "active",
        "title": "",
        "digest": policy.digest(DOCUMENT).hex(),
        "author": "a",
        "author_owner": "a",
        "activator": "b",
        "activator_owner": "b",
        "drafted_at": "2030-01-01T12:00:00Z",
        "activated_at": "2030-01-01T12:00:00Z",
        "retired_at": None,
        "body": DOCUMENT,
    }
)
CASE, NOON = UUID(int=1), datetime(2030, 1, 1, 12, tzinfo=UTC)
CALM = {"amount": 25_000, "available": 500_000, "count_1h": 0, "known_payee": True}


def changed(**changes: Any) -> PolicyText:
    """Another version of it."""
    return TEXT.model_copy(update={"version": 4, "body": {**DOCUMENT, **changes}})


def decided(facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An event's data, as the risk agent's decision makes it."""
    said = RULES.judge(facts)
    result = {"facts": facts, "rows": said.rows, "score": said.score}
    return {"outcome": said.outcome, "reasons": said.reasons, "policy": "transfer_risk@3", "result": result, **more}


def test_the_same_version_says_the_same() -> None:
    """No difference is found where there is none."""
    past = past_of("transfer_risk", CASE, NOON, decided(CALM))

    assert past is not None
    assert (past.version, compare(past, TEXT), compare(past, TEXT, TEXT)) == (3, None, None)


def test_a_stricter_version_is_shown_by_the_rows_that_differ() -> None:
    """With what was decided, or with what another version says."""
    stricter = changed(limits={**DOCUMENT["limits"], "refer_from": 20, "large": 20_000})
    past = past_of("transfer_risk", CASE, NOON, decided(CALM))
    assert past is not None
    for against in (None, TEXT):
        found = compare(past, stricter, against)
        assert found is not None
        assert (found.was.outcome, found.becomes.outcome) == ("approve", "refer")
        assert (found.rows_gone, found.rows_new) == (["verdict/calm"], ["points/large_amount", "verdict/doubtful"])


def test_a_version_that_asks_for_more_than_was_recorded_says_so() -> None:
    """It is a difference, and no approval."""
    more = changed(inputs={**DOCUMENT["inputs"], "age": {"type": "integer"}})
    past = past_of("transfer_risk", CASE, NOON, decided(CALM))
    assert past is not None
    found = compare(past, more)

    assert found is not None
    assert (found.becomes.outcome, "age is missing" in found.becomes.reasons[0]) == ("invalid", True)


@pytest.mark.parametrize(
    "change",
    [{"policy": None}, {"policy": "other@1"}, {"policy": "transfer_risk"}, {"result": None}, {"result": {"facts": 1}}],
)
def test_what_was_not_judged_by_the_policy_is_left_out(change: dict[str, Any]) -> None:
    """Nor what was judged without keeping its inputs."""
    assert past_of("transfer_risk", CASE, NOON, decided(CALM, **change)) is None


def test_a_panels_decision_is_tallied_again_under_another_version() -> None:
    """With the same opinions: what the rules deny no majority saves."""
    voice = {"verdict": "approve", "reasons": ["fine"], "capability": "credit", "salt": "00", "digest": "00", "at": "then"}
    voices = [{**voice, "seat": f"credit.{n}", "owner": f"o{n}", "by": f"a{n}"} for n in (1, 2)]
    basis = Basis.model_validate(
        {
            "panel": Panel.model_validate({"question": "Pay?", "quorum": {"kind": "unanimous"}, "policy": "transfer_risk"}),
            "seats": {each["seat"]: "credit" for each in voices},
            "opinions": voices,
            "payload": CALM,
            "policy": UsedPolicy(name="transfer_risk", version=3, digest=TEXT.digest, body=DOCUMENT),
        }
    )
    told = {**tally(basis).kept(), "basis": basis.model_dump(mode="json")}
    past = past_of("transfer_risk", CASE, NOON, told)
    assert past is not None
    found = compare(past, changed(deny=[{"reason": "closed_today", "when": "amount > 0"}]))

    assert compare(past, TEXT) is None
    assert found is not None
    assert (found.was.outcome, found.becomes.outcome, found.becomes.reasons) == ("approve", "reject", ["closed_today"])
    assert past_of("transfer_risk", CASE, NOON, {**told, "basis": {}}) is None
