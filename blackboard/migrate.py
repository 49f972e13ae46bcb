"""Brings a database up to date: numbered tables once each, functions and policies anew on every run.

Many migrators may start at the same moment (two API processes, a developer, CI). One works; the others poll for its lock and
then find nothing to do. They never *wait* in `pg_advisory_lock()`: a session blocked there holds a snapshot, a concurrent
index build waits for that snapshot, and the server ends the deadlock by killing one of the two.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple, TypeAlias

import asyncpg

from blackboard import sql
from blackboard.database import LIMITS
from blackboard.errors import DatabaseMismatch, MigrationError
from blackboard.measures import Examination

# Hears of what is being done, how much of it is, and of how much.
Tell: TypeAlias = Callable[[str, int, int], object]

OLDEST_SERVER = 15
OWNER = "blackboard_owner"
APP = "blackboard_app"
READER = "blackboard_reader"
AUDITOR = "blackboard_auditor"
MIGRATOR = "blackboard_migrator"
_READ_ONLY = {"default_transaction_read_only": "on"}
# What a login of each group finds set when it connects, whatever program it is used with.
_KEPT_WITH_LOGIN = {
    APP: LIMITS,
    READER: {**LIMITS, **_READ_ONLY, "statement_timeout": "5s"},
    # Looks over months at a time, and keeps nothing open that would hold back the vacuum.
    AUDITOR: {**LIMITS, **_READ_ONLY, "statement_timeout": "60s"},
    # An index of a large table takes minutes; waiting for a lock, behind which everybody else would wait, may not.
    MIGRATOR: {**LIMITS, "statement_timeout": "600s"},
}
_LOCK = 0x626C6B62  # "blkb": any number that is always the same
_LOCK_POLL_S = 0.1
_LOCK_LIMIT_S = 60.0
_NUMBERED = re.compile(r"^\d{4}_\w+\.sql$")
_ROLE = re.compile(r"^-- role: (\w+)$", re.MULTILINE)

_HISTORY = """
CREATE TABLE IF NOT EXISTS board.schema_migration (
  name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""


async def migrate(url: str, tell: Tell = lambda _name, _done, _of: None) -> list[str]:
    """Apply what is missing and re-apply the functions; the names of the numbered files that were new.

    `url` must log in as a member of `blackboard_migrator`; the first time, when the server knows no role of the board, as one
    that may create roles and a schema. Raises `MigrationError` when a file that was applied has been edited since,
    `DatabaseMismatch` when the server is too old. `tell` hears how far it is.
    """
    connection = await asyncpg.connect(url, command_timeout=60)
    try:
        _check_server(connection)
        await _take_lock(connection)
        async with connection.transaction():
            await connection.execute(sql.read("roles.sql"))
        applied = await _apply_numbered(connection, tell)
        await _reapply(connection, tell)
        await _keep_partitions(connection)
    except asyncpg.PostgresError as error:
        raise MigrationError(f"The database refused a migration: {error}. Nothing of that file was kept.") from error
    finally:
        await connection.close()
    return applied


def reapplied() -> list[str]:
    """The files that are applied on every migrate, in order: policies, then functions, then grants."""
    names = sql.names()
    return [
        name for start in ("policies", "functions_", "views_", "plans", "grants") for name in names if name.startswith(start)
    ]


def numbered() -> list[str]:
    """The files that are applied once, in order."""
    return [name for name in sql.names() if _NUMBERED.match(name)]


async def pending(connection: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    """The numbered files that this database does not have yet."""
    if await connection.fetchval("SELECT to_regclass('board.schema_migration')") is None:
        return numbered()
    have = {row["name"] for row in await connection.fetch("SELECT name FROM board.schema_migration")}
    return [name for name in numbered() if name not in have]


def _check_server(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_SERVER:
        raise DatabaseMismatch(f"The server is PostgreSQL {version.major}; the board needs {OLDEST_SERVER} or newer.")


async def _take_lock(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Hold the migration lock for this session, or say that somebody else kept it too long."""
    try:
        async with asyncio.timeout(_LOCK_LIMIT_S):
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  # the fact is in the database
                await asyncio.sleep(_LOCK_POLL_S)
    except TimeoutError:
        raise MigrationError(
            f"Another migration has been running for {_LOCK_LIMIT_S:.0f} s. Let it end, or end its session, and try again."
        ) from None


async def _keep_partitions(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {OWNER}")
        await connection.execute("SELECT board.keep_partitions()")


async def _apply_numbered(connection: asyncpg.Connection[asyncpg.Record], tell: Tell) -> list[str]:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {OWNER}")
        await connection.execute(_HISTORY)
        rows = await connection.fetch("SELECT name, sha256 FROM board.schema_migration")
    known = {row["name"]: row["sha256"] for row in rows}
    applied = []
    for done, name in enumerate(names := numbered(), 1):
        text = sql.read(name)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if name not in known:
            await _apply_once(connection, name, text, digest)
            applied.append(name)
        elif known[name] != digest:
            raise MigrationError(f"{name} was edited after it was applied. Put it back and add a new numbered file.")
        tell("tables", done, len(names))
    return applied


async def _apply_once(connection: asyncpg.Connection[asyncpg.Record], name: str, text: str, digest: str) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {OWNER}")
        await connection.execute(text)
        await connection.execute("INSERT INTO board.schema_migration (name, sha256) VALUES ($1, $2)", name, digest)


async def _reapply(connection: asyncpg.Connection[asyncpg.Record], tell: Tell) -> None:
    """Replace policies, functions and grants in one transaction: callers see all of the old or all of the new."""
    async with connection.transaction():
        for done, name in enumerate(names := reapplied(), 1):
            text = sql.read(name)
            role = _ROLE.search(text)
            await connection.execute(f"SET LOCAL ROLE {role[1] if role else OWNER}")
            await connection.execute(text)
            tell("functions", done, len(names))


class Inspection(NamedTuple):
    """What a database login finds, for `blackboard doctor`."""

    server_version: int
    login: str
    may_bypass: bool
    owns_tables: bool
    is_member: bool
    clock: datetime
    pending: list[str]
    partitions_until: date | None
    server: Examination | None
    """None where the board's functions are missing, or are not for this login."""


async def inspect(url: str) -> Inspection:
    """Look at a database through the eyes of one login."""
    connection = await asyncpg.connect(url, timeout=5, command_timeout=10)
    try:
        row = await connection.fetchrow(_INSPECT)
        assert row is not None, "a query without FROM has a row"
        version = connection.get_server_version().major
        missing = await pending(connection)
        may_ask = not missing and await connection.fetchval(_MAY_EXAMINE)
        told = await connection.fetchval("SELECT board.examine_server()") if may_ask else None
        return Inspection(version, pending=missing, server=Examination.model_validate_json(told) if told else None, **row)
    finally:
        await connection.close()


_INSPECT = """
SELECT current_user AS login,
  (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS may_bypass,
  EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = to_regnamespace('board')
          AND pg_has_role(current_user, c.relowner, 'MEMBER') AND c.relkind IN ('r', 'p')) AS owns_tables,
  coalesce((SELECT pg_has_role(current_user, oid, 'USAGE') FROM pg_roles WHERE rolname = 'blackboard_app'), false) AS is_member,
  clock_timestamp() AS clock,
  (SELECT max(to_date(right(c.relname, 8), 'YYYYMMDD')) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = to_regclass('board.journal')) AS partitions_until
"""

_MAY_EXAMINE = "SELECT coalesce(has_function_privilege(to_regprocedure('board.examine_server()'), 'EXECUTE'), false)"


async def add_login(url: str, name: str, password: str, *, member_of: str | None = None, schema: str | None = None) -> None:
    """A role that may log in with this password: member of a group role, or owner of a schema of its own.

    `url` must log in as a role that may create roles. The password is set anew each time. How long a statement, a wait for a
    lock and an idle transaction may take, and whether it may write at all, is kept with the login.
    """
    connection = await asyncpg.connect(url, command_timeout=30)
    try:
        exists = bool(await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", name))
        verb = "ALTER" if exists else "CREATE"
        await _execute(connection, verb + " ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD %L", name, password)
        if member_of is not None:
            await _execute(connection, "GRANT %I TO %I", member_of, name)
        for setting, value in _KEPT_WITH_LOGIN.get(member_of or "", {}).items():
            await _execute(connection, "ALTER ROLE %I SET %I = %L", name, setting, value)
        if schema is not None:
            await _execute(connection, "GRANT %I TO CURRENT_USER", name)
            await _execute(connection, "CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I", schema, name)
    finally:
        await connection.close()


async def add_database(url: str, name: str) -> None:
    """A database of that name; nothing when there is one."""
    connection = await asyncpg.connect(url, command_timeout=30)
    try:
        if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name):
            await _execute(connection, "CREATE DATABASE %I", name)
    finally:
        await connection.close()


async def replace_clock(url: str) -> None:
    """Let a test database be at the moment that a test says (`board.test_clock`). `url` must log in as a superuser."""
    connection = await asyncpg.connect(url, command_timeout=30)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {OWNER}")
            await connection.execute(sql.read("testing_clock.sql"))
    finally:
        await connection.close()


async def _execute(connection: asyncpg.Connection[asyncpg.Record], statement: str, *names: str) -> None:
    """Run a statement that takes no parameters; the server itself does the quoting."""
    await connection.execute(await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, list(names)))
