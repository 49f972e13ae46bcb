"""What a new board has: policies among it, which nobody activated that wrote them."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from blackboard import policy
from blackboard.migrate import READER, add_login
from blackboard.provision import TENANT, load_policies, provision
from blackboard.store import Store
from blackboard.values import Principal
from tests.conftest import Database
from tests.factories import PEPPER, POLICIES

PATHS = sorted(POLICIES.glob("*.yaml"))


@pytest.fixture
async def store(empty_database: Database) -> AsyncIterator[Store]:
    """The database, as whoever sets a board up."""
    store = await Store.open(empty_database.url, max_connections=2)
    yield store
    await store.close()


async def test_shipped_policies_are_activated_once_and_then_left_alone(store: Store, tmp_path: Path) -> None:
    """What an operator retired does not come back with the next start."""
    await provision(store, tmp_path, PEPPER)
    who = Principal.model_validate(
        {"tenant_id": await store.add_tenant(TENANT), "tenant": TENANT, "agent_id": 1, "agent": "admin", "owner": "o"}
        | {"role": "admin", "capabilities": []}
    )
    loaded = [await load_policies(store, tmp_path, PATHS) for _ in range(2)]
    found = await store.list_policies(who, None, 100)
    await store.retire_policy(who, "loan_credit", 1, "too lenient")
    await load_policies(store, tmp_path, PATHS)
    states = {each.name: each.state for each in await store.list_policies(who, None, 100)}

    shipped = [policy.load(path)["name"] for path in PATHS]
    assert loaded == [dict.fromkeys(shipped, 1)] * 2
    assert [(each.state, each.author_owner, each.activator_owner) for each in found] == [
        ("active", "author-owner", "admin-owner")
    ] * len(shipped)
    assert states == {**dict.fromkeys(shipped, "active"), "loan_credit": "retired"}


async def test_a_reader_can_log_in_and_read_and_nothing_else(database: Database) -> None:
    """With a time limit and without a write, whatever program it is used with."""
    name = f"{database.name}_reader"
    await add_login(database.url, name, "secret", member_of=READER)
    address = database.url.rpartition("@")[2]
    reader = await asyncpg.connect(f"postgresql://{name}:secret@{address}")
    try:
        limits = [await reader.fetchval(f"SHOW {each}") for each in ("statement_timeout", "default_transaction_read_only")]
        rows = await reader.fetch("SELECT * FROM banking.agent_tasks")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.fetch("SELECT * FROM board.case")
    finally:
        await reader.close()
        await _drop_role(database, name)

    assert (limits, rows) == (["5s", "on"], [])


async def _drop_role(database: Database, name: str) -> None:
    connection = await asyncpg.connect(database.url)
    await connection.execute(f"DROP ROLE {name}")
    await connection.close()
