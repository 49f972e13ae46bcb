"""What an answer of the bank to an order means: one table, since money hangs on every row of it.

| the bank answers | so it is | and the action |
| --- | --- | --- |
| 2xx that repeats the order | `DONE` | executed, when the books show the same |
| 2xx that repeats another order; "key reused" | `DIFFERS` | unknown, and the case rests until a person has looked |
| a 4xx that it documents as final | `REFUSED` | failed: nothing moved, and nothing will under this key |
| 401, 409, 425, 429, "confirm first", "no good permit" | `LATER` | sent again under the same key |
| 5xx, 3xx, any other 4xx, no answer, half an answer, nonsense | `UNKNOWN` | unknown: only asking the bank tells |

Never under another key.
"""

from collections.abc import Mapping
from enum import StrEnum


class Answer(StrEnum):
    """What an answer means."""

    DONE = "done"
    DIFFERS = "differs"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"


_BY_STATUS: Mapping[int, Answer] = {
    **dict.fromkeys((200, 201, 202), Answer.DONE),
    **dict.fromkeys((400, 403, 404, 413, 415, 422), Answer.REFUSED),
    # 401: our key is not the bank's any more. Nothing moved, and no customer should suffer for it.
    **dict.fromkeys((401, 409, 425, 429), Answer.LATER),
}
# Where the word says more than the status.
_BY_CODE: Mapping[str, Answer] = {
    # Something else was booked under our key.
    "key-reused": Answer.DIFFERS,
    # Something was booked under it so long ago that the bank does not say what. Later it will not either.
    "duplicate-reference": Answer.UNKNOWN,
    "step-up-required": Answer.LATER,
    # This one was not looked at; one before it, under the same key, may have been.
    "permit-missing": Answer.LATER,
    "permit-invalid": Answer.LATER,
    "permit-differs": Answer.LATER,
}


def read(status: int, code: str) -> Answer:
    """What an answer with this status, and this word for a refusal where it has one, means for what was ordered."""
    return _BY_CODE.get(code) or _BY_STATUS.get(status, Answer.UNKNOWN)
