"""The one shape of every background loop."""

import asyncio

from blackboard.errors import Unavailable
from blackboard.loop import Loop


class Counting(Loop):
    """Counts its passes; the first ones may fail."""

    def __init__(self, *, interval_s: float = 60, failures: int = 0) -> None:
        super().__init__("counting", interval_s=interval_s)
        self.passes = 0
        self.closed = 0
        self.failures = failures
        self.passed = asyncio.Event()

    async def run_once(self) -> bool:
        """One pass."""
        self.passes += 1
        if self.passes <= self.failures:
            raise Unavailable("not yet")
        self.passed.set()
        return False

    async def close(self) -> None:
        """Count it."""
        self.closed += 1


async def test_a_wake_ends_the_pause() -> None:
    """The interval is a minute; the second pass comes at once."""
    loop = Counting()
    loop.start()
    async with asyncio.timeout(5):
        await loop.passed.wait()
        loop.passed.clear()
        loop.wake()
        await loop.passed.wait()
    await loop.stop()

    assert loop.passes == 2


async def test_an_error_does_not_end_it() -> None:
    """It tries again after a pause that grows."""
    loop = Counting(interval_s=0.001, failures=2)
    loop.start()
    async with asyncio.timeout(10):
        await loop.passed.wait()

    assert (loop.passes, loop.running) == (3, True)
    await loop.stop()


async def test_stopping_is_safe_twice_and_before_start() -> None:
    """And lets go each time."""
    loop = Counting()
    await loop.stop()
    loop.start()
    await loop.stop()
    await loop.stop()

    assert (loop.running, loop.closed) == (False, 3)
