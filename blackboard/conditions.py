"""Conditions over the facts of a case, in CEL (Common Expression Language): text in a workflow, checked when it is loaded.

    when: facts["identity.level"] == "full" && facts["income.monthly"] > 2000 && trust["income.monthly"] >= 2

`facts` maps a key to its newest value, `trust` a key to 0 (none) to 3 (a system of record), `payload` is the case as it was
asked for. Only what is asserted is there: a condition that speaks of a fact which is not there yet, or is disputed, does not
hold.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import cel

NAMES = frozenset({"facts", "payload", "trust"})
# The variable of a macro, `facts["sources"].exists(s, s == "register")`, is the macro's own.
_BOUND = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,")

_STRING = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
# A place that a condition speaks of by name: facts["a"], trust["a"], payload["a"], payload.a. Or something that is not one.
_TOKEN = re.compile(
    rf"(?P<of>facts|trust|payload)\s*(?:\[\s*(?P<key>{_STRING})\s*\]|\.(?P<name>[A-Za-z_]\w*))(?=(?P<deeper>\s*[.\[(])?)"
    rf"|(?P<string>{_STRING})|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<boolean>\b(?:true|false)\b)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<compare>==|!=|<=|>=|<|>)|(?P<other>\S)"
)
# What joins operands more tightly than a comparison: beside these an operand is not the whole side.
_TIGHTER = frozenset("+-*/%.?:")
# The types of JSON as CEL compares them.
_COMPARED = {"integer": "number"}


class Side(NamedTuple):
    """One side of a comparison: where it stands in the text, and its type where that can be told."""

    text: str
    type: str | None


def problems(condition: str, field: str = "when") -> list[str]:
    """What is wrong with a condition's text; empty when nothing is."""
    try:
        unknown = free_names(condition) - NAMES
    except ValueError as error:
        return [f"{field}: {condition!r} is not a CEL condition: {error}"]
    return [f"{field}: {name} is not known; there are facts, payload and trust" for name in sorted(unknown)]


def free_names(condition: str) -> set[str]:
    """The names that it speaks of, without the variables of its own macros. ValueError when it is no CEL."""
    return set(program(condition).variables()) - set(_BOUND.findall(condition))


def misfits(condition: str, facts: Mapping[str, str | None] | None, payload: Mapping[str, str | None]) -> Iterator[str]:
    """Where a condition does not fit what its workflow declares: keys with their types, None for any.

    Facts that are not declared, and comparisons that can never hold because the two sides are of different types.
    """
    if facts is not None:
        declared = ", ".join(sorted(facts)) or "none"
        for key in sorted((keys(condition) or set()) - facts.keys()):
            yield f"{condition!r} speaks of the fact {key}, which is not declared; declared are {declared}"
    types = {"facts": facts or {}, "payload": payload, "trust": {}}
    tokens = list(_TOKEN.finditer(condition))
    for n, token in enumerate(tokens):
        if token["compare"] and 0 < n < len(tokens) - 1:
            left, right = (_side(tokens, n, step, types) for step in (-1, 1))
            if left.type and right.type and left.type != right.type:
                yield f"{condition!r} compares {left.text} ({left.type}) with {right.text} ({right.type})"


def keys(*conditions: str | None) -> set[str] | None:
    """The facts that conditions speak of by name; None when they may speak of any."""
    found = set()
    for condition in conditions:
        tokens = list(_TOKEN.finditer(condition or ""))
        if any(token["word"] in ("facts", "trust") for token in tokens):
            return None
        found |= {_name(token) for token in tokens if token["of"] in ("facts", "trust")}
    return found


def loops(condition: str) -> int:
    """How many macros go through lists; one within another multiplies what it takes."""
    return len(_BOUND.findall(condition))


def holds(condition: str, facts: Mapping[str, Any], payload: Mapping[str, Any], trust: Mapping[str, int] | None = None) -> bool:
    """Whether it is true of these facts. What cannot be evaluated is not true."""
    return judged(condition, facts, payload, trust) is True


def judged(
    condition: str, facts: Mapping[str, Any], payload: Mapping[str, Any], trust: Mapping[str, int] | None = None
) -> bool | None:
    """Whether it is true of these facts; None where that cannot be said."""
    try:
        known = {"facts": dict(facts), "payload": dict(payload), "trust": dict(trust or {})}
        said = program(condition).execute(known)
    except (ValueError, RuntimeError, TypeError, LookupError, ArithmeticError):
        return None
    return said if isinstance(said, bool) else None


def _side(tokens: list[re.Match[str]], at: int, step: int, types: Mapping[str, Mapping[str, str | None]]) -> Side:
    """What stands beside a comparison, where it is one name or literal and nothing is joined to it."""
    token = tokens[at + step]
    beyond = tokens[at + 2 * step] if 0 <= at + 2 * step < len(tokens) else None
    if token["deeper"] or (beyond is not None and (beyond[0] in _TIGHTER or beyond["word"])):
        return Side(token[0], None)
    if token["of"] == "trust":
        return Side(token[0], "number")
    if token["of"]:
        type_ = types[token["of"]].get(_name(token))
        return Side(token[0], _COMPARED.get(type_ or "", type_))
    return Side(token[0], next((kind for kind in ("string", "number", "boolean") if token[kind]), None))


def _name(token: re.Match[str]) -> str:
    return str(token["name"] or token["key"][1:-1])


@lru_cache(maxsize=4096)
def program(condition: str) -> "cel.Program":
    """The condition, compiled. ValueError when it is no CEL."""
    import cel  # a native module, loaded by those who have conditions

    return cel.compile(condition)
