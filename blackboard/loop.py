"""The one shape of every background loop: start, stop, wake, and one pass that a test can call."""

import asyncio
import random
from abc import ABC, abstractmethod
from contextlib import suppress

import structlog

from blackboard.errors import BlackboardError

log = structlog.get_logger()

_BACKOFF_MAX_S = 5.0


class Loop(ABC):
    """Runs `run_once` again and again: at once while it returns True, else after `interval_s` or a `wake`.

    An error never ends the loop: it is logged, and the next pass comes after a growing, jittered pause. Stopping is safe
    twice and before start.
    """

    def __init__(self, name: str, *, interval_s: float) -> None:
        if interval_s <= 0:
            raise ValueError("interval_s must be positive")
        self.name = name
        self.interval_s = interval_s
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def run_once(self) -> bool:
        """One pass; True when there is more to do at once."""

    async def close(self) -> None:  # noqa: B027  # most loops hold nothing
        """Let go of what the passes held. Called after the last one."""

    def start(self) -> None:
        """Begin. Starting a started loop changes nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"loop:{self.name}")

    def wake(self) -> None:
        """End the present pause."""
        self._bell.set()

    async def stop(self) -> None:
        """End the loop and let go."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.close()

    @property
    def running(self) -> bool:
        """Whether the loop is at work."""
        return self._task is not None and not self._task.done()

    async def _run(self) -> None:
        failures = 0
        while True:
            self._bell.clear()
            try:
                more = await self.run_once()
                failures = 0
            except (BlackboardError, OSError, TimeoutError) as error:
                failures += 1
                more = False
                log.warning("loop pass failed", loop=self.name, error=str(error), failures=failures)
            except Exception:
                failures += 1
                more = False
                log.exception("loop pass failed", loop=self.name, failures=failures)
            if not more:
                await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        if failures:
            ceiling_s = min(_BACKOFF_MAX_S, self.interval_s * 2 ** min(failures, 10) + 0.1)
            await asyncio.sleep(random.uniform(ceiling_s / 2, ceiling_s))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.interval_s):
                await self._bell.wait()
