"""What a policy says of inputs, and what it never does."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from blackboard import policy
from blackboard.errors import Invalid
from blackboard.policy import Policy
from blackboard.policy_check import check
from tests.factories import POLICIES

INPUTS = {
    "amount": {"type": "decimal", "min": 0},
    "count": {"type": "integer", "min": 0, "max": 100},
    "country": {"type": "string", "enum": ["DE", "US", "XX"]},
    "known": {"type": "boolean"},
    "flags": {"type": "list"},
}
CALM = {"amount": "10.00", "count": 1, "country": "DE", "known": True, "flags": []}
LOW = {"id": "low", "when": {"count": "< 10"}, "outcome": "approve", "score": 1, "reason": "few"}
HIGH = {"id": "high", "when": {"count": "> 5"}, "outcome": "refer", "score": 20, "reason": "many"}


def rules(hit: str = "first", *rows: Mapping[str, Any], **more: Any) -> Policy:
    """A policy of one table."""
    table = {"name": "one", "hit": hit, "rows": list(rows) or [LOW, HIGH]}
    return policy.parse({"name": "p", "title": "P", "inputs": INPUTS, "tables": [table], **more})


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_ships_is_sound(path: Any) -> None:
    """Every gap is closed and every example true."""
    assert check(policy.load(path)) == ([], [])


@pytest.mark.parametrize(
    ("hit", "count", "outcome", "rows"),
    [
        ("unique", 3, "approve", ["one/low"]),
        ("first", 7, "approve", ["one/low"]),
        ("priority", 7, "refer", ["one/high"]),
        ("rule_order", 7, "refer", ["one/low", "one/high"]),
        ("collect(sum)", 7, "refer", ["one/low", "one/high"]),
        ("any", 70, "refer", ["one/high"]),
    ],
)
def test_the_hit_policy_says_which_rows_count(hit: str, count: int, outcome: str, rows: list[str]) -> None:
    """Where both hit, and where one does."""
    said = rules(hit).judge({**CALM, "count": count})

    assert (said.outcome, said.rows) == (outcome, rows)


@pytest.mark.parametrize(("hit", "told"), [("unique", "only one may"), ("any", "different things")])
def test_rows_that_contradict_each_other_judge_nothing(hit: str, told: str) -> None:
    """Neither of them is taken."""
    with pytest.raises(Invalid, match=told):
        rules(hit).judge({**CALM, "count": 7})


@pytest.mark.parametrize(
    ("hit", "value", "score"),
    [
        ("collect(sum)", 21, 21),
        ("collect(min)", 1, 1),
        ("collect(max)", 20, 20),
        ("collect(count)", 2, 21),
        ("collect(list)", ["approve", "refer"], 21),
    ],
)
def test_what_is_collected_is_known_to_later_tables(hit: str, value: Any, score: int) -> None:
    """By the table's name."""
    said = rules(hit).judge({**CALM, "count": 7})

    assert (said.trace[0].value, said.score) == (value, score)


def test_a_deny_row_ends_everything() -> None:
    """No table is asked, and the reasons are those of the denial."""
    deny = [{"reason": "embargo", "when": {"country": "in ['XX']"}}, {"reason": "flagged", "when": "size(flags) > 0"}]
    said = rules("first", deny=deny).judge({**CALM, "country": "XX"})

    assert (said.outcome, said.reasons, said.rows, said.score) == ("reject", ["embargo"], ["deny/embargo"], None)
    assert [step.table for step in said.trace] == ["deny"]


def test_no_table_softens_what_another_said() -> None:
    """The harshest outcome counts, wherever it stands."""
    tables = [
        {"name": "one", "hit": "first", "rows": [{"id": "strict", "outcome": "refer"}]},
        {"name": "two", "hit": "first", "rows": [{"id": "mild", "outcome": "approve"}]},
    ]

    assert policy.parse({"name": "p", "title": "P", "inputs": INPUTS, "tables": tables}).judge(CALM).outcome == "refer"


def test_there_is_a_reason_for_everything() -> None:
    """Where no row gives one, the row that decided is it."""
    assert rules("first", {"id": "all", "outcome": "refer"}).judge(CALM).reasons == ["one.all"]


BAD: list[tuple[str, Any]] = [
    *(("amount", value) for value in (10, 10.0, "10.001", "1e3", "NaN", "٣", "", None, "-1.00", Decimal("NaN"), True)),
    *(("count", value) for value in ("1", 1.0, True, None, -1, 101, 2**70)),
    *(("country", value) for value in ("FR", 1, None, ["DE"])),
    *(("known", value) for value in (1, "true", None)),
    *(("flags", value) for value in ("a", [1], None, ["x"] * 201, {"a": 1})),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda value: repr(value)[:20])
def test_an_input_that_is_not_what_it_must_be_hits_no_row(name: str, value: Any) -> None:
    """The catch-all included."""
    with pytest.raises(Invalid, match=name):
        rules("first", {"id": "all", "outcome": "approve"}).judge({**CALM, name: value})


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_is_missing_hits_no_row(name: str) -> None:
    """It is named."""
    with pytest.raises(Invalid, match=f"{name} is missing"):
        rules("first", {"id": "all", "outcome": "approve"}).judge({k: v for k, v in CALM.items() if k != name})


def test_amounts_are_exact() -> None:
    """As integers of their smallest unit, however large."""
    edge = rules(
        "first", {"id": "over", "when": "amount > 900000000000001", "outcome": "refer"}, {"id": "n", "outcome": "reject"}
    )

    amounts = ("9000000000000.01", "9000000000000.02", Decimal("9000000000000.02"))
    assert [edge.judge({**CALM, "amount": amount}).outcome for amount in amounts] == ["reject", "refer", "refer"]


def test_inputs_that_no_row_decides_are_not_approved() -> None:
    """Nor anything else."""
    with pytest.raises(Invalid, match="no row that decides"):
        rules("collect(sum)", {**HIGH, "when": {"count": "> 50"}}).judge(CALM)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outcomes": ["reject", "approve"]}, "outcome refer is none of"),
        ({"deny": [{"id": "x", "when": "known"}]}, "give a reason"),
        ({"deny": [{"reason": "policy", "when": "known"}]}, "give a reason of its own"),
        ({"limits": {"count": 1}}, "must not share a name"),
        ({"tables": []}, "tables"),
        ({"inputs": {}}, "inputs"),
        ({"inputs": {"count": {"type": "integer", "min": 1.5}}}, "inputs.count.min"),
        ({"inputs": {"known": {"type": "boolean", "min": 1}}}, "min and max"),
        ({"tables": [{"name": "one", "hit": "collect(sum)", "rows": [{"outcome": "refer"}]}]}, "has a score"),
        ({"tables": [{"name": "one", "hit": "first", "rows": [LOW, LOW]}]}, "two rows"),
        ({"tables": [{"name": "one", "hit": "first", "rows": [{"score": 1}]}]}, "nothing could ever be decided"),
        ({"tables": [{"name": "one", "hit": "best", "rows": [LOW]}]}, "tables.0.hit"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(change: dict[str, Any], told: str) -> None:
    """In one sentence."""
    table = {"name": "one", "hit": "first", "rows": [LOW, HIGH]}
    with pytest.raises(Invalid, match=told):
        policy.parse({"name": "p", "title": "P", "inputs": INPUTS, "tables": [table], **change})


def test_the_digest_is_of_the_content_and_not_of_the_layout() -> None:
    """RFC 8785: sorted members, one form of every number."""
    assert policy.canonical({"b": 1.0, "a": "é"}) == '{"a":"é","b":1}'.encode()
    assert policy.digest({"a": 1, "b": 2}) == policy.digest({"b": 2, "a": 1})
    documents: list[Any] = [{"a": 2**60}, {1: 2}, {"a": object()}, {"a": float("inf")}]
    for document in documents:
        with pytest.raises(Invalid, match="canonical"):
            policy.canonical(document)


def test_who_is_refused_is_told_the_reasons_that_cost_most() -> None:
    """Four of five, the costliest first, each with the inputs that its row looked at; an approval is not shortened."""
    credit = policy.parse(policy.load(POLICIES / "loan_credit.yaml"))
    poor = {
        "amount": "30000.00",
        "monthly_income": "1500.00",
        "monthly_debt": "900.00",
        "months_at_employer": 3,
        "delinquencies": 2,
    }
    told = credit.judge({**poor, "on_sanctions_list": False})
    rest = credit.model_copy(update={"principal_reasons": None}).judge({**poor, "on_sanctions_list": False})

    assert told.reasons == ["debt_ratio_too_high", "income_low_for_amount", "several_delinquencies", "employment_too_short"]
    assert told.grounds()["debt_ratio_too_high"] == {"monthly_income": "1500.00", "monthly_debt": "900.00"}
    assert (set(told.grounds()), len(rest.reasons)) == (set(told.reasons), 5)
