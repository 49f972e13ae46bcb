"""The database as this process uses it: a pool of connections with the board's verbs.

`Store` runs each verb in a transaction of its own; `Store.transaction()` gives the same verbs inside one transaction, and
`Seat` the same verbs on a connection that holds an election lock.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import asyncpg

from blackboard.database import LIMITS, leave_as_is, prepare, translated
from blackboard.pool import CONNECT_TIMEOUT_S, Pool
from blackboard.values import Principal
from blackboard.verbs.cases import CaseVerbs
from blackboard.verbs.control import ControlVerbs
from blackboard.verbs.decisions import DecisionVerbs
from blackboard.verbs.duties import DutyVerbs
from blackboard.verbs.erasures import ErasureVerbs
from blackboard.verbs.facts import FactVerbs
from blackboard.verbs.keys import KeyVerbs
from blackboard.verbs.policies import PolicyVerbs
from blackboard.verbs.rates import RateVerbs
from blackboard.verbs.reading import ReadingVerbs
from blackboard.verbs.reviews import ReviewVerbs
from blackboard.verbs.seals import SealVerbs
from blackboard.verbs.streams import StreamVerbs
from blackboard.verbs.system import SystemVerbs
from blackboard.verbs.webhooks import WebhookVerbs
from blackboard.verbs.work import WorkVerbs

if TYPE_CHECKING:
    from blackboard.database import Connection

COMMAND_TIMEOUT_S = 10.0
# Whoever leads has something to ask at least every second.
SILENT_LEADER_LIMIT_S = 2


class Verbs(
    CaseVerbs,
    FactVerbs,
    WorkVerbs,
    DecisionVerbs,
    ReviewVerbs,
    ControlVerbs,
    DutyVerbs,
    KeyVerbs,
    PolicyVerbs,
    RateVerbs,
    ReadingVerbs,
    SealVerbs,
    ErasureVerbs,
    StreamVerbs,
    SystemVerbs,
    WebhookVerbs,
):
    """One method per SQL function. Tenant and agent come from a principal that was authenticated."""


class Store(Verbs):
    """A pool of connections; each verb is a transaction of its own."""

    def __init__(self, pool: Pool, url: str) -> None:
        super().__init__(pool)
        self._pool = pool
        self._url = url

    @classmethod
    async def open(cls, url: str, *, max_connections: int = 10) -> Self:
        """Connect; raises `Unavailable` when the server cannot be reached."""
        pool = await Pool.open(
            url,
            min_size=1,
            max_size=max_connections,
            command_timeout_s=COMMAND_TIMEOUT_S,
            settings=LIMITS,
            init=prepare,
            reset=leave_as_is,
        )
        return cls(pool, url)

    async def close(self) -> None:
        """Close every connection; those at work get a moment, then are cut."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, who: Principal | None = None) -> AsyncIterator[Verbs]:
        """The verbs inside one transaction: all of it is kept or nothing. For a key with a scope it stays within that."""
        with translated():
            async with self._pool.acquire() as connection, connection.transaction():
                verbs = Verbs(connection)
                if who is not None and who.scope is not None:
                    await verbs.enter_scope(who)
                yield verbs

    def seat(self, name: str) -> Seat:
        """A chair for one among all processes: whoever holds it leads what `name` says."""
        return Seat(self._url, name)


class Seat:
    """An election lock on a connection of its own: never a pooled one, whose reset would give the lock away.

    The lock is for economy only. What the leader does must be right under two leaders, because a paused process may wake up
    after its connection was given up for dead.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Connection | None = None
        self._held = False
        # How often the lock was won: a new term may be one on another server.
        self.term = 0

    async def take(self) -> Verbs | None:
        """The verbs on the leader's connection, or None while somebody else leads."""
        with translated():
            if self._connection is None or self._connection.is_closed():
                self._held = False
                self._connection = await asyncpg.connect(
                    self._url,
                    timeout=CONNECT_TIMEOUT_S,
                    command_timeout=COMMAND_TIMEOUT_S,
                    server_settings={
                        **LIMITS,
                        "application_name": f"blackboard {self._name}",
                        # A leader that is paused says nothing, while its kernel still answers for it.
                        "idle_session_timeout": f"{SILENT_LEADER_LIMIT_S}s",
                        # A leader whose host hangs must not keep the lock: the server drops a silent peer after 9 s.
                        "tcp_keepalives_idle": "3",
                        "tcp_keepalives_interval": "2",
                        "tcp_keepalives_count": "3",
                    },
                )
                await prepare(self._connection)
            if not self._held:
                query = "SELECT pg_try_advisory_lock(hashtextextended('board.' || $1, 0))"
                self._held = bool(await self._connection.fetchval(query, self._name))
                self.term += self._held
            return Verbs(self._connection) if self._held else None

    async def leave(self) -> None:
        """Give the lock back; safe twice."""
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            try:
                await connection.close(timeout=2)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()
