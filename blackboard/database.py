"""The driver at arm's length: one statement at a time, SQLSTATE to errors, JSON through orjson."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg
import orjson

from blackboard.errors import (
    BlackboardError,
    Conflict,
    DatabaseMismatch,
    DutyClash,
    Expired,
    Invalid,
    NotPermitted,
    OutOfScope,
    Rewound,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

# How long the server lets a connection of ours go on, so that no process, hung or paused as it may be, holds locks or a
# snapshot for long. A statement ends before the driver gives up on it (store.COMMAND_TIMEOUT_S): the server's word is heard.
STATEMENT_LIMIT_S = 9
LOCK_LIMIT_S = 3
IDLE_IN_TRANSACTION_LIMIT_S = 10
TRANSACTION_LIMIT_S = 30
# Who looks a whole database over may take this long.
LOOKING_LIMIT_S = 600
# Sent while connecting, beside being kept with the logins that we make: they hold for one that an operator made by hand too. A
# pooler between must let them pass (README).
LIMITS = {
    "statement_timeout": f"{STATEMENT_LIMIT_S}s",
    "lock_timeout": f"{LOCK_LIMIT_S}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_LIMIT_S}s",
}
# Servers before this one do not know `transaction_timeout`, and refuse a connection that names it.
_LIMITS_TRANSACTIONS = 17

_RETRY = "Nothing is known to be lost: repeat the request with the same Idempotency-Key."
# What each SQLSTATE means to a caller. Codes, never classes: asyncpg files codes it does not know under a fatal class.
_BY_STATE: dict[str, tuple[type[BlackboardError], str]] = {
    "BB401": (Unauthenticated, "{message}. Sign in, or send a key that is."),
    "BB403": (NotPermitted, "{message}. Ask an operator for the capability."),
    "BB405": (OutOfScope, "{message}. Ask an admin for a key that may."),
    "BB409": (DutyClash, "{message}. Somebody else must do it."),
    "BB410": (Expired, "The cursor is too old: {message}. Read GET /v1/cases anew and go on from the position that it tells."),
    "BB411": (Rewound, "The cursor is of another history: {message}. Read GET /v1/cases anew and go on from its position."),
    "BB500": (Conflict, "{message}."),
    "22P05": (Invalid, "Text must not contain the NUL character."),
    "22021": (Invalid, "Text must be valid UTF-8."),
    **dict.fromkeys(("22001", "22003", "22007", "22008", "22P02"), (Invalid, "A value is longer or larger than can be kept.")),
    **dict.fromkeys(("54000", "54001"), (TooLarge, "The document is larger or deeper than can be kept.")),
    "40001": (Unavailable, f"The database was too contended. {_RETRY}"),
    "40P01": (Unavailable, f"The database was too contended. {_RETRY}"),
    "55P03": (Unavailable, f"The database was too contended. {_RETRY}"),
    "25P03": (Unavailable, f"The transaction lay idle for too long and was ended. {_RETRY}"),
    "25P04": (Unavailable, f"The transaction took too long and was ended. {_RETRY}"),
    "23505": (Unavailable, f"The same request was committed a moment ago. {_RETRY}"),
    "42501": (DatabaseMismatch, "The database login lacks a right: {message}. Run `blackboard doctor`."),
    "3F000": (DatabaseMismatch, "The database has no schema `board`. Run `blackboard migrate`."),
    "42883": (DatabaseMismatch, "The database is older than this code: {message}. Run `blackboard migrate`."),
}
# Whole classes that mean "not now": connection, resources, operator intervention, system.
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")

if TYPE_CHECKING:
    # The driver's classes are generic in its stubs alone.
    Row = asyncpg.Record
    Connection = asyncpg.Connection[Row]

    class Executor(Protocol):
        """A connection, or a pool of them."""

        async def fetch(self, query: str, *args: object) -> list[Row]:
            """The rows of a query."""

        async def fetchval(self, query: str, *args: object) -> Any:
            """The first value of a query's first row."""


class Statements:
    """What the verbs are made of: a query that gives rows, a query that gives a value."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def _rows(self, query: str, *args: object) -> list[Row]:
        with translated():
            return await self._executor.fetch(query, *args)

    async def _value(self, query: str, *args: object) -> Any:
        with translated():
            return await self._executor.fetchval(query, *args)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver raises into the board's own errors."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _from_state(error) from error
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise Unavailable(f"The database cannot be reached. {_RETRY}") from error


def _from_state(error: asyncpg.PostgresError) -> BlackboardError | asyncpg.PostgresError:
    state = error.sqlstate or ""
    if state in _BY_STATE:
        kind, detail = _BY_STATE[state]
        extra = {"scope": error.detail} if kind is OutOfScope else {}
        return kind(detail.format(message=str(error.args[0]).rstrip(".")), **extra)
    if state.startswith(_UNAVAILABLE_CLASSES):
        return Unavailable(f"The database cannot serve right now. {_RETRY}")
    return error


async def prepare(connection: Connection) -> None:
    """Make a new connection ours: JSON as Python values, and a limit on whole transactions where the server knows one."""
    await use_json(connection)
    if connection.get_server_version().major >= _LIMITS_TRANSACTIONS:
        await connection.execute(f"SET transaction_timeout = '{TRANSACTION_LIMIT_S}s'")


async def leave_as_is(_: Connection) -> None:
    """What is done to a connection that goes back to the pool, after the driver has ended what was open on it: nothing.

    The verbs set nothing that outlives their transaction and take no lock that does. To reset what nobody set costs 0.25 ms a
    call, a fifth of what opening a case takes. A tenant that were left behind would open nothing: the login reads no table, and
    each verb enters a tenant before its first look.
    """


async def leave_tenant(connection: Connection) -> None:
    """The same for those who read tables: whatever was done with the connection, the next one begins without a tenant."""
    await connection.execute("RESET board.tenant")


async def use_json(connection: Connection) -> None:
    """Let json columns arrive as Python values, through orjson."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_dump, decoder=orjson.loads, schema="pg_catalog", format="text")


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[Connection]:
    """A connection that sees one moment and writes nothing, for those who look a database over, however long that takes."""
    with translated():
        patience = dict.fromkeys(("statement_timeout", "idle_in_transaction_session_timeout"), f"{LOOKING_LIMIT_S}s")
        connection = await asyncpg.connect(url, timeout=5, command_timeout=LOOKING_LIMIT_S, server_settings=patience)
        try:
            await use_json(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            await connection.close()
