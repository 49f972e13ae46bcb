"""Makes those wait who guess keys: by where they come from, and by the key that they claim to have.

A key is 256 random bits, so no guess is ever right: what is limited is the noise and the look-ups. Nobody else may suffer for
it. Whoever showed the right key to this process before is let through however many guess beside him, behind the same address or
at the same id; and where too many guess at one id, those are still heard who have not guessed wrong themselves.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from blackboard.errors import TooManyTries

# As many wrong keys are heard at once, then one every so many seconds.
TRIES_PER_SOURCE = 100
TRIES_PER_KEY = 20
S_PER_TRY = 2.0
# Of each; the one that was quiet longest is forgotten first.
MAX_KEPT = 10_000
_WORDS = "Too many wrong keys came from here. Wait as long as Retry-After says, then send the right one."


class Tries(NamedTuple):
    """How many are left, and when that was so."""

    left: float
    at: float


class Tally:
    """Wrong tries by name, within a bound of memory."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._tries: OrderedDict[str, Tries] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tries)

    def left(self, name: str) -> float:
        """How many more wrong tries are heard now."""
        tries = self._tries.get(name)
        return self._most if tries is None else min(self._most, tries.left + (self._clock() - tries.at) / S_PER_TRY)

    def count(self, name: str) -> None:
        """One more was wrong."""
        self._tries[name] = Tries(max(0.0, self.left(name) - 1), self._clock())
        self._tries.move_to_end(name)
        if len(self._tries) > MAX_KEPT:
            self._tries.popitem(last=False)


class Guesses:
    """What was guessed wrong in this process lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.sources = Tally(TRIES_PER_SOURCE, clock)
        self.keys = Tally(TRIES_PER_KEY, clock)

    def demand(self, source: str, key_id: str = "") -> None:
        """Raise `TooManyTries` for somebody of whom nothing is known but where he is and which key he claims to have."""
        place = network(source)
        left = self.sources.left(place)
        if left >= 1 and (left >= TRIES_PER_SOURCE or self.keys.left(key_id) >= 1):
            return
        missing = max(1 - left, 1 - self.keys.left(key_id))
        raise TooManyTries(_WORDS, retry_after_s=max(1, math.ceil(missing * S_PER_TRY)))

    def count(self, source: str, key_id: str = "") -> None:
        """Somebody was wrong."""
        self.sources.count(network(source))
        if key_id:
            self.keys.count(key_id)


def network(source: str) -> str:
    """What one guesser can have of addresses: an IPv4 address, or a whole /64 of IPv6."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return source
