"""What is tried again is told when that goes on for long, and then now and again.

Processes that start together find each other within seconds. A line for each attempt of each of thirty agents tells nobody
anything, and hides what does.
"""

import time
from collections.abc import Callable

import structlog
from stamina.instrumentation import RetryDetails

UNTOLD_S = 5.0

log = structlog.get_logger()


class Retries:
    """A hook of stamina's, for a whole process: silent for `UNTOLD_S` seconds at first, and between any two lines."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tell_at = 0.0

    def __call__(self, details: RetryDetails) -> None:
        """An attempt has failed, and another one will follow. What it was called with may be personal and is not told."""
        waited_s = details.waited_so_far + details.wait_for
        if waited_s >= UNTOLD_S and (now := self._clock()) >= self._tell_at:
            self._tell_at = now + UNTOLD_S
            log.warning("still trying", error=str(details.caused_by), for_s=round(waited_s))
