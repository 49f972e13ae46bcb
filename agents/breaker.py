"""A circuit breaker: who has not answered several times in a row is left alone for a while, then asked a harmless question."""

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()


class Resting(Exception):
    """Nobody is called now; perhaps in `wait_s`."""

    def __init__(self, name: str, wait_s: float) -> None:
        super().__init__(f"{name} has not answered several times and is left alone for {wait_s:.0f} s")
        self.wait_s = wait_s


class Breaker:
    """Closed while answers come, open for `pause_s` after `limit` failures in a row, then half open: one question may try.

    An order is let through only when it is closed: what moves nothing goes first.
    """

    def __init__(
        self, name: str, *, limit: int = 5, pause_s: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._limit = limit
        self._pause_s = pause_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def is_closed(self) -> bool:
        """Whether answers come."""
        return self._opened_at is None

    def admit(self, *, is_question: bool) -> None:
        """Raise `Resting` unless a call may be made now. Whoever is admitted says how it went."""
        if self._opened_at is None:
            return
        left_s = self._opened_at + self._pause_s - self._clock()
        if left_s > 0 or self._probing or not is_question:
            raise Resting(self._name, max(left_s, 1.0))
        self._probing = True

    def succeed(self) -> None:
        """An answer came, whatever it says."""
        if self._opened_at is not None:
            log.info("circuit closed", to=self._name)
        self._failures, self._opened_at, self._probing = 0, None, False

    def fail(self) -> None:
        """None came, or one that says that it cannot answer."""
        self._failures += 1
        if self._probing or (self._failures >= self._limit and self._opened_at is None):
            log.warning("circuit open", to=self._name, failures=self._failures, pause_s=self._pause_s)
            self._opened_at, self._probing = self._clock(), False
