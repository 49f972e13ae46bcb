"""Draws inputs for one parser and looks which branches they take, in a process of its own: libFuzzer ends the one it is in.

    python -m tests.security.fuzz cursor -runs=200000

Exit code 0 when every input was read or refused in words.
"""

import sys
from collections.abc import Callable

from blackboard import strict, workflow
from blackboard.cursor import Cursor
from blackboard.errors import Refused
from blackboard.money import read_money
from blackboard.once import canonical


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _money(data: bytes) -> None:
    text = _text(data)
    assert str(read_money(text[3:], text[:3])) == text[3:]


def _cursor(data: bytes) -> None:
    cursor = Cursor.parse(_text(data))
    assert Cursor.parse(str(cursor)) == cursor


def _json(data: bytes) -> None:
    assert canonical(strict.parse(data)) == canonical(strict.parse(canonical(strict.parse(data))))
    strict.parse_exact(data)


def _key(data: bytes) -> None:
    from api.deps import _checked

    assert _checked(_text(data)).isascii()


def _workflow(data: bytes) -> None:
    workflow.parse(_text(data))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "money": _money,
    "cursor": _cursor,
    "json": _json,
    "key": _key,
    "workflow": _workflow,
}


def read(target: str, data: bytes) -> None:
    """Read, or refuse in words; whatever else comes of it is a mistake."""
    try:
        TARGETS[target](data)
    except Refused:
        return


def main() -> None:
    """Draw until there have been as many runs as were asked for."""
    import atheris  # type: ignore[import-untyped,unused-ignore]  # it has no types, and is not on every machine

    target = sys.argv.pop(1)
    for function in (strict.parse, strict.parse_exact, workflow.parse, Cursor.parse, read_money):
        atheris.instrument_func(function)
    atheris.Setup(sys.argv, lambda data: read(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
