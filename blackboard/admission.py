"""How many may come in at once: a bucket that fills with time."""

import time


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
