"""The active version of a policy, as an agent judges by it.

    rules = Rulebook(board, "transfer_risk")
    judged = await rules.judge({"amount": 25_000, ...})

Asked for again after some seconds, and sent only when it changed. Without an active version nothing is judged: the task is
tried again later.
"""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from blackboard import policy
from blackboard.errors import Busy, Invalid, NotFound
from blackboard.handler import TryLater
from blackboard.policy import Judged, Policy
from blackboard.reports import PolicyText

FRESH_S = 5.0


class Shelf(Protocol):
    """Where policies are: `BoardClient` over HTTP, `LocalBoard` in process."""

    async def show_policy(self, name: str, version: int | None = None, *, known: PolicyText | None = None) -> PolicyText:
        """The active version; `known` itself while it is that one."""


class Rulebook:
    """One policy, by name."""

    def __init__(self, board: Shelf, name: str, *, fresh_s: float = FRESH_S) -> None:
        self._board = board
        self._name = name
        self._fresh_s = fresh_s
        self._known: tuple[PolicyText, Policy] | None = None
        self._read_at = 0.0

    async def judge(self, facts: Mapping[str, Any]) -> Judged:
        """What the active version says. `TryLater` when none can be read, `Invalid` when it cannot judge these."""
        text, rules = await self._current()
        return Judged(**dict(rules.judge(facts)), policy=f"{text.name}@{text.version}")

    async def _current(self) -> tuple[PolicyText, Policy]:
        if self._known and time.monotonic() - self._read_at < self._fresh_s:
            return self._known
        text = await self._read()
        if self._known is None or self._known[0] is not text:
            self._known = text, self._parsed(text)
        self._read_at = time.monotonic()
        return self._known

    async def _read(self) -> PolicyText:
        try:
            return await self._board.show_policy(self._name, known=self._known[0] if self._known else None)
        except (NotFound, Busy) as error:
            # What was active a moment ago may have been retired for a reason: it is not judged by from memory.
            self._known = None
            raise TryLater(f"no policy to judge by: {error.detail}"[:200]) from error

    def _parsed(self, text: PolicyText) -> Policy:
        try:
            if policy.digest(text.body).hex() == text.digest:
                return policy.parse(text.body)
        except Invalid as error:
            raise TryLater(f"policy {text.name}@{text.version} cannot be read: {error.detail}"[:200]) from error
        raise TryLater(f"policy {text.name}@{text.version} is not what its digest says")
