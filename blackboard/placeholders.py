"""Words that a scenario leaves open until it is played: `${run}`, `${today+30}`, `${loan.result.loan_id}`.

A text that is one placeholder and nothing else becomes what is found, whatever its type; within other words it becomes text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from blackboard.errors import Invalid

_OPEN = re.compile(r"\$\{([^{}]*)\}")
_TODAY = re.compile(r"today(?:([+-])([0-9]{1,5}))?")
_WORD = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)*")

Known = Mapping[str, Any]


def fill(document: Any, known: Known, today: date) -> Any:
    """The document with every placeholder replaced. `Invalid` names one that stands for nothing."""
    return _walked(document, lambda word: _look_up(word, known, today))


def names(document: Any) -> Iterator[str]:
    """The first word of each placeholder in it, `run` and `today` left out. `Invalid` for one that cannot be read."""
    found: list[str] = []
    _walked(document, lambda word: found.append(_first(word)))
    yield from (name for name in found if name not in ("run", "today"))


def _walked(document: Any, ask: Callable[[str], Any]) -> Any:
    match document:
        case str():
            if whole := _OPEN.fullmatch(document):
                return ask(whole[1])
            return _OPEN.sub(lambda found: str(ask(found[1])), document)
        case dict():
            return {name: _walked(value, ask) for name, value in document.items()}
        case list():
            return [_walked(value, ask) for value in document]
    return document


def _first(word: str) -> str:
    if _TODAY.fullmatch(word):
        return "today"
    if not _WORD.fullmatch(word):
        raise Invalid(f"${{{word}}} cannot be read; ${{run}}, ${{today+30}} and ${{case.result.field}} can.")
    return word.partition(".")[0]


def _look_up(word: str, known: Known, today: date) -> Any:
    if found := _TODAY.fullmatch(word):
        days = int(found[2] or 0) * (-1 if found[1] == "-" else 1)
        return (today + timedelta(days=days)).isoformat()
    value: Any = dict(known)
    for part in word.split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise Invalid(f"${{{word}}} stands for nothing: there is no {part!r} by then.") from None
    return value
