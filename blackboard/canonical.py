"""The bytes of an action: one text for one value, in every language (RFC 8785), so that what was approved is what is sent.

Amounts are text. A number that is not whole, or larger than a double holds exactly, has more than one text, and is refused; so
are names of members that are not ASCII, which not everybody sorts alike. `board.canonical_json` makes the same in the database.
"""

import hashlib
from collections.abc import Iterator

import rfc8785

from blackboard.errors import Invalid


def encode(value: object, what: str = "The action") -> bytes:
    """The canonical bytes; `Invalid` names what in the value has none."""
    if problems := list(_problems(value, "")):
        raise Invalid(f"{what} has no certain bytes: {'; '.join(problems[:5])}.")
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # looked through above


def digest(value: object) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(encode(value)).hexdigest()


def _problems(value: object, place: str) -> Iterator[str]:
    match value:
        case None | bool() | str():
            pass
        case int() if abs(value) < 2**53:
            pass
        case int() | float():
            yield f'{place or "it"} is a number that may change on the way; write it as text, such as "250.00"'
        case dict():
            for name, member in value.items():
                if not (isinstance(name, str) and name.isascii() and name.isprintable()):
                    yield f"the name {name!r} is not printable ASCII"
                yield from _problems(member, f"{place}.{name}".lstrip("."))
        case list() | tuple():
            for n, member in enumerate(value):
                yield from _problems(member, f"{place}[{n}]")
        case _:
            yield f"{place or 'it'} is no JSON value"
