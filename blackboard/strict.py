"""Reads JSON strictly: UTF-8, no NaN, no NUL, no bottomless nesting; refused before any model sees it."""

from typing import Any

import orjson

from blackboard.errors import Malformed

MAX_DEPTH = 32
MAX_MEMBERS = 50_000


def parse(body: bytes) -> Any:
    """Python values of a JSON text; `Malformed` says what is wrong with it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}. NaN, Infinity and raw control characters are not JSON.") from None
    _walk(value)
    return value


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
