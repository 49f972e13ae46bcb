"""Hears that the journal grew. A hint and never more: whoever is told reads the journal, and would also read it unasked.

One connection of its own per process; never a pooled one (its reset drops the registration) and never through a transaction
pooler. A silent connection is not a living one: a black hole goes unnoticed for minutes, so the listener asks the server a
question every few seconds and reconnects when no answer comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from blackboard.database import LIMITS
from blackboard.loop import Loop

CHANNEL = "board_head"
_PROBE_LIMIT_S = 3.0

log = structlog.get_logger()


class Listener(Loop):
    """Calls `ring` on every notification and after every (re)connect, when some may have been missed."""

    def __init__(self, url: str, ring: Callable[[], None], *, probe_interval_s: float = 5.0) -> None:
        super().__init__("listener", interval_s=probe_interval_s)
        self._url = url
        self._ring = ring
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def run_once(self) -> bool:
        """Connect if need be, else ask whether the connection still lives; True when it does not, to connect anew at once."""
        was_connected = self._connection is not None
        try:
            async with asyncio.timeout(_PROBE_LIMIT_S):
                if self._connection is None:
                    await self._connect()
                else:
                    await self._connection.execute("SELECT 1")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("listener lost its connection", error=repr(error))
            self._drop()
            return was_connected
        return False

    async def close(self) -> None:
        """Give the connection up."""
        self._drop()

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._url, timeout=_PROBE_LIMIT_S, server_settings={**LIMITS, "application_name": "blackboard listener"}
        )
        # A plain function: for a coroutine asyncpg would start one unordered, unbounded task per notification.
        await self._connection.add_listener(CHANNEL, lambda *_: self._ring())
        self._connection.add_termination_listener(lambda *_: self.wake())
        self._ring()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
