"""Conditions over the facts of a case, in CEL (Common Expression Language): text in a workflow, checked when it is loaded.

    when: facts["identity.level"] == "full" && facts["income.monthly"] > 2000

`facts` maps a key to its newest value, `payload` is the case as it was asked for. A condition that speaks of a fact which is
not there yet does not hold.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import cel

NAMES = frozenset({"facts", "payload"})
# The variable of a macro, `facts["sources"].exists(s, s == "register")`, is the macro's own.
_BOUND = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,")


def problems(condition: str) -> list[str]:
    """What is wrong with a condition's text; empty when nothing is."""
    try:
        unknown = free_names(condition) - NAMES
    except ValueError as error:
        return [f"when: {condition!r} is not a CEL condition: {error}"]
    return [f"when: {name} is not known; there are facts and payload" for name in sorted(unknown)]


def free_names(condition: str) -> set[str]:
    """The names that it speaks of, without the variables of its own macros. ValueError when it is no CEL."""
    return set(program(condition).variables()) - set(_BOUND.findall(condition))


def holds(condition: str, facts: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    """Whether it is true of these facts. What cannot be evaluated is not true."""
    try:
        return program(condition).execute({"facts": dict(facts), "payload": dict(payload)}) is True
    except (ValueError, RuntimeError, TypeError, LookupError, ArithmeticError):
        return False


@lru_cache(maxsize=4096)
def program(condition: str) -> "cel.Program":
    """The condition, compiled. ValueError when it is no CEL."""
    import cel  # a native module, loaded by those who have conditions

    return cel.compile(condition)
