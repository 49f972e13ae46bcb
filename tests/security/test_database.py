"""Each role of the database can do its own work and nothing else."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg
import pytest

from blackboard import migrate
from blackboard.database import IDLE_IN_TRANSACTION_LIMIT_S
from tests.conftest import Database, Databases
from tests.factories import Scene, make_scene
from tests.invariants import Connection
from tests.security.attempts import ALL, OWNERS
from tests.security.table import Tried
from tests.sql.duties import break_a_rule

GROUPS = (migrate.APP, migrate.READER, migrate.AUDITOR, migrate.MIGRATOR)
# Refused for want of a right, or because there is nothing behind the words for this login.
REFUSED = {
    "42501",  # insufficient_privilege
    "42883",  # undefined_function: not in its search path, or with other parameters
    "55000",  # currval of a sequence that was never used
}


@dataclass
class Town:
    """A database with two tenants in it, of which the first has a history, and a login of each group."""

    database: Database
    scene: Scene
    other: Scene
    logins: dict[str, str]


@pytest.fixture(scope="module")
async def town(databases: Databases) -> AsyncIterator[Town]:
    """One for all of these tests, which change nothing."""
    async with databases() as database, AsyncExitStack() as stack:
        # What is said of a database as a whole is not copied with it.
        await migrate.migrate(database.url)
        scene = await make_scene(stack, database.url, database.app_url)
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        await break_a_rule(scene)
        await other.open()
        await scene.store.sequence_events()
        names = {group: f"{group}_{secrets.token_hex(4)}" for group in GROUPS}
        address = database.url.rpartition("@")[2]
        for group, name in names.items():
            await migrate.add_login(database.url, name, "secret", member_of=group)
        yield Town(database, scene, other, {group: f"postgresql://{name}:secret@{address}" for group, name in names.items()})
        boss = await asyncpg.connect(database.url)
        for name in names.values():
            await boss.execute(f"DROP ROLE {name}")
        await boss.close()


async def refusal(connection: Connection, statement: str) -> str | None:
    """The SQLSTATE that a statement is refused with."""
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return error.sqlstate
    return None


@pytest.mark.item("S51", "I42")
@pytest.mark.parametrize("group", GROUPS)
async def test_no_login_can_do_what_is_not_its_work(town: Town, tried: Tried, group: str) -> None:
    """Read or write a table, define anything, take rights, reach the server's files: each is refused for want of a right."""
    connection = await asyncpg.connect(town.logins[group])
    try:
        # So that rights refuse and not the setting, which a login can take back by itself.
        await connection.execute("SET default_transaction_read_only = off")
        attempts = ALL if group == migrate.MIGRATOR else (*ALL, *OWNERS)
        told = {statement: await refusal(connection, statement) for statement in attempts}
    finally:
        await connection.close()
    tried(len(attempts))

    assert {statement: state for statement, state in told.items() if state not in REFUSED} == {}


@pytest.mark.item("S51")
async def test_only_the_application_executes_verbs(town: Town, tried: Tried) -> None:
    """Whoever reads may ask which tenant was entered, and call nothing else; the migrator calls nothing."""
    boss = await asyncpg.connect(town.database.url)
    rows = await boss.fetch(
        "SELECT p.proname, r.rolname FROM pg_proc p CROSS JOIN pg_roles r"
        " WHERE p.pronamespace = 'board'::regnamespace AND r.rolname = ANY ($1)"
        " AND has_function_privilege(r.oid, p.oid, 'EXECUTE')",
        list(GROUPS[1:]),
    )
    tried(await boss.fetchval("SELECT count(*) FROM pg_proc WHERE pronamespace = 'board'::regnamespace") * len(GROUPS[1:]))
    await boss.close()

    assert {(row["proname"], row["rolname"]) for row in rows} == {
        ("current_tenant", migrate.READER),
        ("current_tenant", migrate.AUDITOR),
    }


@pytest.mark.item("S51")
async def test_each_login_has_its_limits_and_they_bind(town: Town, tried: Tried) -> None:
    """How long a statement, a wait for a lock and an idle transaction may take; and who may not write at all."""
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "default_transaction_read_only")
    told = {}
    for group, url in town.logins.items():
        connection = await asyncpg.connect(url)
        told[group] = tuple([await connection.fetchval(f"SHOW {name}") for name in names])
        await connection.execute("SET statement_timeout = '20ms'")
        with pytest.raises(asyncpg.QueryCanceledError):
            await connection.execute("SELECT pg_sleep(5)")
        await connection.close()
    tried(len(told) * len(names))

    idle = f"{IDLE_IN_TRANSACTION_LIMIT_S}s"
    assert told == {
        migrate.APP: ("9s", "3s", idle, "off"),
        migrate.READER: ("5s", "3s", idle, "on"),
        migrate.AUDITOR: ("1min", "3s", idle, "on"),
        migrate.MIGRATOR: ("10min", "3s", idle, "off"),
    }


@pytest.mark.item("S51")
async def test_whoever_sleeps_in_a_transaction_loses_it(town: Town) -> None:
    """The server ends it, with the locks that it held."""
    connection = await asyncpg.connect(town.logins[migrate.APP])
    await connection.execute("SET idle_in_transaction_session_timeout = '20ms'")
    await connection.execute("BEGIN")
    async with asyncio.timeout(10):
        while not connection.is_closed():  # the server says it by closing
            await asyncio.sleep(0.01)

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await connection.execute("SELECT 1")


@pytest.mark.item("S51")
async def test_the_migrator_migrates_and_no_superuser_is_needed_again(town: Town) -> None:
    """With a right to nothing but that: to run a verb or to read a row it would have to say that it is somebody else."""
    url = town.logins[migrate.MIGRATOR]
    seen = await migrate.inspect(url)

    assert await migrate.migrate(url) == []
    # What `doctor` says of an API that was given this login.
    assert (seen.may_bypass, seen.owns_tables, seen.is_member) == (False, True, False)


@pytest.mark.item("S51")
async def test_a_new_database_needs_no_superuser_where_the_roles_exist(town: Town) -> None:
    """Its owner is the migrator: everything is made, tables belong to the owner of the board."""
    name = f"{town.database.name}_new"
    boss = await asyncpg.connect(town.database.admin_url)
    login = town.logins[migrate.MIGRATOR].split("//")[1].split(":")[0]
    await boss.execute(f"CREATE DATABASE {name} OWNER {login} TEMPLATE template0")
    try:
        applied = await migrate.migrate(town.logins[migrate.MIGRATOR].rpartition("/")[0] + f"/{name}")
    finally:
        await boss.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await boss.close()

    assert applied == migrate.numbered()


@pytest.mark.item("S51", "I44")
async def test_an_auditor_reads_what_happened_in_the_tenant_that_he_entered(town: Town, tried: Tried) -> None:
    """Events, decisions, actions, duties; nothing before he entered one, nor of another one, nor after a setting of ''."""
    views = ("event", "decision", "action", "authorization", "evidence", "duty", "delegation", "break_glass")
    told = {}
    connection = await asyncpg.connect(town.logins[migrate.AUDITOR])
    for tenant in (None, "", town.scene.tenant_id, town.other.tenant_id):
        if tenant is not None:
            await connection.execute("SELECT set_config('board.tenant', $1, false)", str(tenant))
        for view in views:
            told[tenant, view] = len(await connection.fetch(f"SELECT * FROM audit.{view}"))
    workflows = {
        row["workflow"] for row in await connection.fetch("SELECT workflow FROM audit.event WHERE workflow IS NOT NULL")
    }
    await connection.close()
    tried(len(told))

    assert {told[tenant, view] for tenant in (None, "") for view in views} == {0}
    assert all(told[town.scene.tenant_id, view] for view in ("event", "duty", "delegation", "break_glass"))
    assert [told[town.other.tenant_id, view] for view in views[1:]] == [0] * (len(views) - 1)
    assert workflows == {"small"}


@pytest.mark.item("S51")
@pytest.mark.parametrize("role", ["blackboard_owner", "blackboard_system"])
async def test_who_owns_the_functions_can_neither_log_in_nor_leave_the_rules(town: Town, role: str) -> None:
    """No group can log in, none is a superuser or passes row-level security, and no runtime login is a member of an owner."""
    boss = await asyncpg.connect(town.database.url)
    row = await boss.fetchrow(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = $1", role
    )
    members = await boss.fetch(
        "SELECT r.rolname FROM pg_roles r WHERE pg_has_role(r.oid, $1, 'MEMBER') AND NOT r.rolsuper AND r.rolname = ANY ($2)",
        role,
        list(GROUPS),
    )
    await boss.close()

    assert row is not None
    assert not any(row.values())

    assert [each["rolname"] for each in members] == [migrate.MIGRATOR]


def test_there_are_attempts_enough() -> None:
    """Of every kind, and none twice."""
    assert (len(ALL) > 60, len(set(ALL))) == (True, len(ALL))
