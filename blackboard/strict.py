"""Reads JSON strictly: UTF-8, no NaN, no NUL, no member twice, no endless number, no bottomless nesting.

Refused before any model sees it, and without recursion: what is being measured could not be walked down into.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from blackboard.errors import Malformed

MAX_DEPTH = 32
# Of one object or list. A batch is as long as that.
MAX_MEMBERS = 1_000
# Of all objects and lists in one text.
MAX_VALUES = 50_000
# Characters of a number; also PostgreSQL writes a number out in full, and 1e300 would come back 300 characters long.
MAX_NUMBER = 32
# Digits that surely fit 64 bits.
_WHOLE = 18

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NUMBER = re.compile(rb"[-+.0-9eE]{%d,}" % (MAX_NUMBER + 1))
_EXPONENT = re.compile(rb"[0-9][eE][-+]?0*[1-9][0-9]{2}")


def parse(body: bytes) -> Any:
    """Python values of a JSON text; `Malformed` says what is wrong with it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}. NaN, Infinity and raw control characters are not JSON.") from None
    # A colon that is in no string stands behind the name of a member.
    bare = _STRING.sub(b"", body)
    _check_numbers(bare)
    if _walk(value) != bare.count(b":"):
        raise Malformed("The body holds an object that has a member twice: which of them is meant, nobody can tell.")
    return value


def parse_exact(body: bytes) -> Any:
    """The same, but numbers with a fraction or an exponent, or too long for 64 bits, are `Decimal`s of what was sent."""
    parse(body)
    return json.loads(
        body.decode(), parse_float=_exact, parse_int=lambda text: int(text) if len(text) <= _WHOLE else _exact(text)
    )


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Malformed("The body holds a number whose exponent nobody can carry.") from None


def _check_numbers(bare: bytes) -> None:
    """`bare` is JSON without its strings."""
    if _NUMBER.search(bare):
        raise Malformed(f"The body holds a number of more than {MAX_NUMBER} characters. Send it as text.")
    if _EXPONENT.search(bare):
        raise Malformed("The body holds a number with an exponent of more than two digits. Send it as text.")


def _walk(value: Any) -> int:
    """Hold the bounds; how many members the objects have, each name counted once."""
    todo = [(value, 1)]
    values = named = 0
    while todo:
        node, depth = todo.pop()
        if isinstance(node, str):
            if "\0" in node:
                raise Malformed("The body holds a NUL character (\\u0000); no text may.")
            continue
        if isinstance(node, dict):
            named += len(node)
            children = [*node, *node.values()]
        elif isinstance(node, list):
            children = node
        else:
            continue
        values += len(node)
        if depth > MAX_DEPTH or len(node) > MAX_MEMBERS or values > MAX_VALUES:
            raise Malformed(
                f"The body is nested deeper than {MAX_DEPTH}, or has an object or list of more than {MAX_MEMBERS} members,"
                f" or more than {MAX_VALUES} members in all. Send less at a time."
            )
        todo.extend((child, depth + 1) for child in children)
    return named
