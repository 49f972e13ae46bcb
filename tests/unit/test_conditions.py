"""Conditions over facts: what is true, what is not known yet, and what is refused when a workflow is loaded."""

import pytest

from blackboard.conditions import holds, keys, misfits, problems

PAYLOAD = {"amount": 500}


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ('facts["income.monthly"] > 2000', True),
        ('facts["income.monthly"] > 2000 && facts["identity.level"] == "none"', False),
        ('facts["income.monthly"] > payload["amount"]', True),
        ('facts["identity.level"] in ["full", "light"]', True),
        ("true", True),
    ],
)
def test_a_condition_compares_facts_and_payload(condition: str, truth: bool) -> None:
    """Keys with dots are members, numbers are numbers."""
    assert holds(condition, {"income.monthly": 2500, "identity.level": "full"}, PAYLOAD) is truth


def test_a_fact_that_is_not_there_is_not_true() -> None:
    """Neither is its opposite."""
    assert not holds('facts["level"] == "full"', {}, PAYLOAD)
    assert not holds('facts["level"] != "full"', {}, PAYLOAD)


def test_one_side_of_an_or_is_enough() -> None:
    """The missing fact does not spoil what is known."""
    assert holds('facts["missing"] == 1 || facts["level"] == "full"', {"level": "full"}, PAYLOAD)


@pytest.mark.parametrize(
    "condition",
    ['facts["n"]', 'facts["n"] > "a"', 'facts["n"]["deeper"] == 1', "nonsense(facts)"],
)
def test_what_has_no_answer_is_not_true(condition: str) -> None:
    """A number is no truth, and kinds that do not compare are none either."""
    assert not holds(condition, {"n": 1}, PAYLOAD)


@pytest.mark.parametrize("condition", ['1 / facts["n"] > 0', 'facts["n"] + 9223372036854775807 + 1 > 0'])
def test_arithmetic_that_fails_is_not_true(condition: str) -> None:
    """Facts come from agents: a zero among them stops nobody else's work."""
    assert not holds(condition, {"n": 0}, PAYLOAD)


def test_a_good_condition_has_no_problems() -> None:
    """Those two names are known."""
    assert problems('facts["a"] == 1 && payload["b"] == "x"') == []


def test_a_list_may_be_looked_through() -> None:
    """The variable of a macro is the macro's own."""
    condition = 'facts["sources"].exists(s, s == "register")'

    assert holds(condition, {"sources": ["customer", "register"]}, PAYLOAD)
    assert problems(condition) == []


def test_a_name_that_is_not_known_is_named() -> None:
    """With what there is instead."""
    assert problems("case.amount > 1") == ["when: case is not known; there are facts, payload and trust"]


@pytest.mark.parametrize(
    ("condition", "spoken_of"),
    [
        ('facts["a.b"] > 1 && trust[\'c\'] >= 2 && payload["d"] == "facts[\\"e\\"]"', {"a.b", "c"}),
        ("facts.a == 1", {"a"}),
        ("payload.a == 1", set()),
        ("facts[payload.key] == 1", None),
        ("size(facts) > 3", None),
    ],
)
def test_the_facts_that_a_condition_speaks_of(condition: str, spoken_of: set[str] | None) -> None:
    """None when they may be any; what stands in a text is none of them."""
    assert keys(condition, None) == spoken_of


@pytest.mark.parametrize(
    "condition",
    [
        'facts["n"] > 3.5 && 3 < facts["n"]',
        'facts["s"] == payload["s"] || (facts["b"] == true)',
        'facts["n"] + 1 > 3 && facts["s"].size() > 3 && size(facts["s"]) == 3',
        'facts["s"] in ["a", "b"] && facts["list"].exists(x, x == 3)',
        'facts["any"] == 3 && facts["any"] == "3"',
        'facts["s"] == facts["t"] ? facts["n"] > 1 : false',
        '"a" + facts["s"] == "ab" && -1 < facts["n"]',
    ],
)
def test_what_fits_is_not_complained_of(condition: str) -> None:
    """Nor is what cannot be told without being worked out."""
    facts = {"n": "integer", "s": "string", "t": "string", "b": "boolean", "list": "array", "any": None}

    assert (list(misfits(condition, facts, {"s": "string"})), problems(condition)) == ([], [])


def test_trust_is_a_number_beside_each_fact() -> None:
    """Where there is none there is no truth."""
    assert holds('trust["n"] >= 2', {"n": 1}, PAYLOAD, {"n": 2})
    assert not holds('trust["n"] >= 2', {"n": 1}, PAYLOAD, {})


@pytest.mark.parametrize("condition", ['facts["a"', "", "a ==", "((("])
def test_what_is_not_cel_is_a_problem(condition: str) -> None:
    """And says which text it is."""
    [problem] = problems(condition)
    assert f"{condition!r} is not a CEL condition" in problem
