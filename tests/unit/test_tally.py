"""From opinions to a decision: deny rules, then the quorum, then a person; and never an approval out of silence."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from blackboard import workflow
from blackboard.errors import Invalid
from blackboard.panel import Panel
from blackboard.tally import Basis, KnownFact, UsedPolicy, Voice, tally
from tests.sql.flows import HEAD

SEATS = {"income": "income", "credit.1": "credit", "credit.2": "credit"}
TWO = {"kind": "n_of_m", "approve": 2}
RULES = {
    "name": "loans",
    "title": "Loans",
    "inputs": {"income_monthly": {"type": "integer"}, "amount": {"type": "integer"}},
    "deny": [{"when": {"income_monthly": "< 100"}, "reason": "income_too_low"}],
    "tables": [
        {
            "name": "size",
            "hit": "first",
            "rows": [
                {"when": "amount > 1000", "outcome": "refer", "reason": "large"},
                {"when": "amount <= 1000", "outcome": "approve", "reason": "small"},
            ],
        }
    ],
}


def voice(seat: str, verdict: str, **more: Any) -> Voice:
    """What a seat said; each is of an owner of its own."""
    said = {"reasons": [f"{verdict}_{seat}"], "at": "2030-01-01T12:00:00Z", "salt": "", "digest": "", **more}
    who = {"seat": seat, "capability": SEATS[seat], "by": seat, "owner": f"{seat}-owner"}
    return Voice.model_validate({**who, "verdict": verdict, **said})


def basis(quorum: Any, *verdicts: str | None, **more: Any) -> Basis:
    """A panel of three, of which some have spoken; late when one has not."""
    voices = [voice(seat, said) for seat, said in zip(SEATS, verdicts, strict=False) if said]
    panel = {"question": "Well?", "quorum": quorum, "on_deadline": "refer", **more.pop("panel", {})}
    given = {"panel": panel, "seats": SEATS, "opinions": voices, "is_late": len(voices) < len(SEATS), **more}
    return Basis.model_validate(given)


HEAVY = {"kind": "weighted", "weights": {"income": 2}, "approve_from": 0.75}
COUNTED: list[tuple[Any, tuple[str | None, ...], str, str]] = [
    (TWO, ("approve", "approve", "reject"), "tallied", "approve"),
    (TWO, ("approve", "reject", "reject"), "tallied", "reject"),
    (TWO, ("approve", "refer", "reject"), "tallied", "refer"),
    (TWO, ("approve", "approve", None), "tallied", "approve"),
    (TWO, ("approve", None, None), "lapsed", "refer"),
    (TWO, (None, None, None), "lapsed", "refer"),
    ({**TWO, "reject": 1}, ("approve", "abstain", "reject"), "tallied", "reject"),
    ({**TWO, "reject": 1}, ("approve", "approve", "reject"), "tallied", "refer"),
    ({"kind": "unanimous"}, ("approve", "approve", "approve"), "tallied", "approve"),
    ({"kind": "unanimous"}, ("reject", "reject", "reject"), "tallied", "reject"),
    ({"kind": "unanimous"}, ("approve", "approve", "abstain"), "tallied", "refer"),
    ({"kind": "unanimous"}, ("approve", "approve", None), "lapsed", "refer"),
    ({"kind": "veto", "approve": 2}, ("approve", "approve", "reject"), "tallied", "reject"),
    ({"kind": "veto", "approve": 1, "by": ["income"]}, ("approve", "reject", "reject"), "tallied", "approve"),
    ({"kind": "veto", "approve": 1, "by": ["income"]}, (None, "approve", "approve"), "lapsed", "refer"),
    (
        {"kind": "weighted", "weights": {"income": 2}, "approve_from": 0.75},
        ("approve", "approve", "reject"),
        "tallied",
        "approve",
    ),
    (
        {"kind": "weighted", "weights": {"income": 2}, "approve_from": 0.75},
        ("reject", "approve", "approve"),
        "tallied",
        "reject",
    ),
    ({"kind": "weighted", "approve_from": 0.6}, ("approve", None, None), "lapsed", "refer"),
]


@pytest.mark.parametrize(("quorum", "verdicts", "kind", "outcome"), COUNTED)
def test_a_quorum_counts_seats_and_not_only_those_who_spoke(
    quorum: Any, verdicts: tuple[str | None, ...], kind: str, outcome: str
) -> None:
    """Whoever is silent has not agreed; where neither side is reached a person decides."""
    told = tally(basis(quorum, *verdicts))

    assert (told.kind, told.outcome) == (kind, outcome)


DENY = {"deny": [{"when": 'facts["sanctions.hit"] == true || payload.country == "XX"', "reason": "sanctions_hit"}]}
ALL = ("approve", "approve", "approve")


def known(state: str = "asserted", **facts: Any) -> dict[str, KnownFact]:
    return {key.replace("_", "."): KnownFact(version=1, value=value, state=state) for key, value in facts.items()}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (known(sanctions_hit=False), ("approve", ["approve_credit.1", "approve_credit.2", "approve_income"])),
        (known(sanctions_hit=True), ("reject", ["sanctions_hit"])),
        ({}, ("refer", ["cannot_tell"])),
        (known(state="disputed", sanctions_hit=False), ("refer", ["cannot_tell"])),
    ],
    ids=["not hit", "hit", "nobody looked", "in dispute"],
)
def test_what_a_deny_rule_cannot_tell_is_no_approval(facts: dict[str, KnownFact], told: tuple[str, list[str]]) -> None:
    """All agree; only a rule that is known not to hold lets it pass."""
    found = tally(basis(TWO, *ALL, panel=DENY, facts=facts, payload={"country": "DE"}))

    assert (found.outcome, found.reasons) == told


def test_no_more_is_kept_than_the_rules_speak_of() -> None:
    """Names, incomes and the like stay out of the journal."""
    facts = known(sanctions_hit=False, name="Ada")
    kept = basis(TWO, *ALL, panel=DENY, facts=facts, payload={"country": "DE", "iban": "DE1"}).needed()

    assert (set(kept.facts), kept.payload, tally(kept).reads) == ({"sanctions.hit"}, {"country": "DE"}, ["sanctions.hit@1"])


@pytest.mark.parametrize(
    ("income", "amount", "told"),
    [
        (500, 900, ("approve", ["approve_credit.1", "approve_credit.2", "approve_income"])),
        (50, 900, ("reject", ["income_too_low"])),
        (500, 2000, ("refer", ["large"])),
        (None, 900, ("refer", ["policy_cannot_judge"])),
    ],
)
def test_a_policys_word_comes_before_the_panels(income: int | None, amount: int, told: tuple[str, list[str]]) -> None:
    """What it denies is denied, what it leaves to a person no majority takes away, what it cannot judge nobody approves."""
    used = UsedPolicy(name="loans", version=3, digest="00", body={**RULES, "quorum": TWO})
    facts = {} if income is None else known(income_monthly=income)
    found = tally(basis(None, *ALL, panel={"policy": "loans"}, policy=used, facts=facts, payload={"amount": amount}))

    assert (found.outcome, found.reasons, found.policy) == (*told, "loans@3")


def test_without_its_policy_a_panel_approves_nothing() -> None:
    """It was retired, or never activated."""
    found = tally(basis(None, *ALL, panel={"policy": "loans"}))

    assert (found.outcome, found.reasons) == ("refer", ["policy_not_active"])


WORDS = st.sampled_from(["approve", "reject", "refer", "abstain", None])
QUORUMS = st.sampled_from([quorum for quorum, *_ in COUNTED])


@settings(max_examples=200, deadline=None)
@given(QUORUMS, st.tuples(WORDS, WORDS, WORDS), st.booleans())
def test_an_approval_is_never_out_of_silence_nor_against_a_rule(
    quorum: Any, verdicts: tuple[str | None, ...], is_hit: bool
) -> None:
    """Whatever is said; a decision has a reason, a rejection a specific one, and the same basis gives the same tally."""
    asked = basis(quorum, *verdicts, panel=DENY, facts=known(sanctions_hit=is_hit), payload={"country": "DE"})
    told = tally(asked)

    assert told == tally(Basis.model_validate_json(asked.needed().model_dump_json()))
    assert told.reasons and (told.outcome != "reject" or told.reasons != ["rejected"])
    if told.outcome == "approve":
        assert not is_hit and "approve" in verdicts and told.kind == "tallied"


BAD = {
    "an approval at the deadline": ("on_deadline: approve", "panel.on_deadline"),
    "nothing to count by": ("on_deadline: refer", "give `quorum`"),
    "more approvals than seats": ("quorum: {kind: n_of_m, approve: 4}", "there are 3 seats"),
    "half is not enough": ("quorum: {kind: weighted, approve_from: 0.5}", "greater than 0.5"),
    "a veto of nobody": ("quorum: {kind: veto, by: [law]}", "law, which no seat has"),
    "a rule that is none": ("quorum: {kind: unanimous}\n      deny: [{when: 'facts[', reason: x}]", "not a CEL condition"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_panel_that_cannot_decide_is_refused_when_it_is_loaded(name: str) -> None:
    """With the place and what it must be."""
    rules, told = BAD[name]
    text = f"""{HEAD}
  ask:
    panel:
      question: Well?
      seats: [{{capability: income}}, {{capability: credit, count: 2}}]
      {rules}
    outcomes: {{approve: {{end: yes_}}, reject: {{end: no_}}, refer: {{end: later}}}}
"""
    with pytest.raises(Invalid) as refused:
        workflow.parse(text)

    assert told in refused.value.detail


SEATLESS = {
    "too many of one": ("seats: [{capability: x, count: 20}]", "count is a number from 1 to 19"),
    "no list": ("seats: {capability: x}", "panel.seats is a list"),
    "an outcome too many": ("seats: [{capability: x}]", "a panel ends as approve, reject, refer"),
}


@pytest.mark.parametrize("name", SEATLESS)
def test_seats_are_counted_and_named(name: str) -> None:
    """What is wrong with them is said in words."""
    seats, told = SEATLESS[name]
    ways = "{approve: {end: a}, reject: {end: b}, refer: {end: c}, exhausted: {end: d}}"
    text = f"{HEAD}\n  ask: {{panel: {{question: Q, quorum: {{kind: unanimous}}, {seats}}}, outcomes: {ways}}}\n"
    with pytest.raises(Invalid) as refused:
        workflow.parse(text)

    assert told in refused.value.detail


def test_a_panel_says_how_it_counts() -> None:
    """By its own quorum or by a policy's, and never by none."""
    with pytest.raises(ValidationError, match="give `quorum`"):
        Panel(question="Well?")
