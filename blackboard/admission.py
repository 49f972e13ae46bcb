"""How many may come in: at once, and in a second; and who first where not all can."""

import time
from collections import Counter
from enum import IntEnum

from blackboard.errors import Overloaded
from blackboard.values import Principal

# Of all that fit in: how much may be one tenant's, and one key's.
OF_TENANT = 0.75
OF_KEY = 0.5


class Bucket:
    """Lets `per_s` in each second, and as many at once after a quiet one."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = per_s
        self._at = time.monotonic()

    def take(self) -> bool:
        """Whether one more may come in now."""
        now = time.monotonic()
        self._left = min(self._per_s, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Rank(IntEnum):
    """Who goes first where not all can: what runs the board, what ends work that was begun, what looks, what begins."""

    OPERATOR = 0
    ENDS = 1
    READS = 2
    NEW_WORK = 3

    @property
    def share(self) -> float:
        """Up to which part of the room it is let in."""
        return _SHARES[self]


_SHARES = {Rank.OPERATOR: 1.0, Rank.ENDS: 0.95, Rank.READS: 0.85, Rank.NEW_WORK: 0.75}


class Crowd:
    """The requests being answered in this process, within a limit. Near it, those of the last rank are refused first.

    Health is asked without a key and is not among them.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._per_tenant: Counter[int] = Counter()
        self._per_key: Counter[str] = Counter()
        self.inside = 0
        self.refused: Counter[Rank] = Counter()

    def enter(self, who: Principal, rank: Rank) -> None:
        """Count one more; `Overloaded` when there is no room for its kind."""
        if self.inside >= self._room * rank.share:
            self._refuse(rank, "This process answers as much as it can")
        elif self._per_tenant[who.tenant_id] >= self._room * OF_TENANT * rank.share:
            self._refuse(rank, "Your tenant asks for too much at once")
        elif self._per_key[who.key_id] >= self._room * OF_KEY * rank.share:
            self._refuse(rank, "Your key asks for too much at once")
        self.inside += 1
        self._per_tenant[who.tenant_id] += 1
        self._per_key[who.key_id] += 1

    def leave(self, who: Principal) -> None:
        """It has been answered."""
        self.inside -= 1
        self._per_tenant[who.tenant_id] -= 1
        self._per_key[who.key_id] -= 1
        if not self._per_key[who.key_id]:
            del self._per_key[who.key_id]

    def _refuse(self, rank: Rank, why: str) -> None:
        self.refused[rank] += 1
        raise Overloaded(f"{why}. Nothing was done: wait for what you have asked for, then repeat.", retry_after_s=1)
