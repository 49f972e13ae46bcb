"""Reads JSON strictly: UTF-8, no NaN, no NUL, no bottomless nesting; refused before any model sees it."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from blackboard.errors import Malformed

MAX_DEPTH = 32
MAX_MEMBERS = 50_000
# Digits that surely fit 64 bits.
_WHOLE = 18


def parse(body: bytes) -> Any:
    """Python values of a JSON text; `Malformed` says what is wrong with it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}. NaN, Infinity and raw control characters are not JSON.") from None
    _walk(value)
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
        raise Malformed(f"The body holds a number whose exponent nobody can carry: {text[:40]}.") from None


def _walk(value: Any) -> None:
    """Hold the bounds, without recursion: depth is what is being measured."""
    todo = [(value, 1)]
    members = 0
    while todo:
        node, depth = todo.pop()
        if isinstance(node, str) and "\0" in node:
            raise Malformed("The body holds a NUL character (\\u0000); no text may.")
        children = [*node, *node.values()] if isinstance(node, dict) else node if isinstance(node, list) else []
        members += len(children)
        if depth > MAX_DEPTH or members > MAX_MEMBERS:
            raise Malformed(f"The body is nested deeper than {MAX_DEPTH} or has more than {MAX_MEMBERS} members.")
        todo.extend((child, depth + 1) for child in children)
