"""What of a case a model is shown: one JSON document of bounded size, without characters that a reader does not see."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from blackboard.values import Json

MAX_TEXT = 500
MAX_DEPTH = 6
MAX_MEMBERS = 100
MAX_DOCUMENT = 8_000
# Control, format (bidirectional marks, zero widths, tags), surrogates, private use, unassigned, and ends of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Dossier(NamedTuple):
    """The document, and the paths in it that an opinion may cite. `reads` are the facts' versions that it shows."""

    text: str
    paths: frozenset[str]
    reads: list[str]


def compile_dossier(question: str, payload: Json, facts: Json, versions: dict[str, int]) -> Dossier:
    """Payload and facts of a case. What does not fit is left out from the end, and said to be missing."""
    shown: Json = {"question": tidy(question), "payload": tidy(payload), "facts": tidy(facts)}
    left_out = []
    while len(_dump(shown)) > MAX_DOCUMENT and (shown["facts"] or shown["payload"]):
        part = "facts" if shown["facts"] else "payload"
        name, _ = shown[part].popitem()
        left_out.append(f"{part}.{name}")
    paths = sorted(_paths(shown["payload"], "payload")) + sorted(f"facts.{key}" for key in shown["facts"])
    text = _dump({**shown, "left_out": left_out[:MAX_MEMBERS], "paths": paths[:MAX_MEMBERS]})
    reads = [f"{key}@{version}" for key, version in sorted(versions.items()) if key in shown["facts"]]
    return Dossier(text, frozenset(paths[:MAX_MEMBERS]), reads)


def tidy(value: Any, depth: int = 0) -> Any:
    """A value with every text cleaned and cut, and no more levels and members than anybody needs."""
    match value:
        case str():
            return _seen(value)[:MAX_TEXT]
        case dict() if depth < MAX_DEPTH:
            return {_seen(str(key))[:MAX_TEXT]: tidy(each, depth + 1) for key, each in list(value.items())[:MAX_MEMBERS]}
        case list() if depth < MAX_DEPTH:
            return [tidy(each, depth + 1) for each in value[:MAX_MEMBERS]]
        case dict() | list():
            return "(too deep)"
    return value


def _seen(text: str) -> str:
    """In composed form, a space for each character that does not show."""
    return "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in unicodedata.normalize("NFC", text[: 4 * MAX_TEXT]))


def _paths(value: Any, at: str) -> Iterator[str]:
    """Where the leaves are."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _paths(each, f"{at}.{key}")
    else:
        yield at


def _dump(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
