"""Connections to the database that many callers share, in turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from blackboard.database import translated
from blackboard.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from blackboard.database import Connection, Row

CONNECT_TIMEOUT_S = 5.0
ACQUIRE_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 3.0


class Pool:
    """So many connections and no more. A statement of its own takes one for as long as it lasts."""

    def __init__(self, pool: asyncpg.Pool[Row], room: int) -> None:
        self._pool = pool
        self.turns = Turns(room, max(1, room // 3))

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        min_size: int,
        max_size: int,
        command_timeout_s: float,
        settings: Mapping[str, str],
        init: Callable[[Connection], Coroutine[Any, Any, None]],
        reset: Callable[[Connection], Coroutine[Any, Any, None]],
    ) -> Self:
        """Connect at least `min_size` times; raises `Unavailable` when the server cannot be reached."""
        with translated():
            pool = await asyncpg.create_pool(
                url,
                min_size=min_size,
                max_size=max_size,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=command_timeout_s,
                server_settings=dict(settings),
                init=init,
                reset=reset,
            )
        return cls(pool, max_size)

    async def close(self) -> None:
        """Close every connection; those at work get a moment, then are cut."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy[Row]]:
        """A connection for as long as the block lasts; `TimeoutError` where none became free in time."""
        async with asyncio.timeout(ACQUIRE_TIMEOUT_S) as patience, self.turns.turn(), self._pool.acquire() as connection:
            patience.reschedule(None)
            yield connection

    async def fetch(self, query: str, *args: object) -> list[Row]:
        """The rows of a query."""
        async with self.acquire() as connection:
            return await connection.fetch(query, *args)

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first value of a query's first row."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *args)
