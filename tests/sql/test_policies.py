"""Versions of policies in the database: who may activate what, and that nothing is rewritten."""

import asyncio

import asyncpg
import pytest

from blackboard.errors import Conflict
from blackboard.requests import FencedDecision
from blackboard.values import Principal
from tests.factories import NOON, Clock, Scene

BODY = {"title": "What is risky", "n": 1}


async def draft(scene: Scene, who: Principal, n: int = 1) -> int:
    """A version whose body and digest are made of a number."""
    return await scene.store.save_policy(who, "risk", {**BODY, "n": n}, bytes([n]) * 32, "for a test")


@pytest.fixture
async def author(scene: Scene) -> Principal:
    """Somebody of another owner than the boss."""
    return await scene.hire("author", role="admin")


async def test_a_draft_judges_nothing_until_another_owner_activates_it(
    scene: Scene, boss: Principal, author: Principal, clock: Clock
) -> None:
    """The one before it is retired in the same moment."""
    assert [await draft(scene, author), await draft(scene, author, 2)] == [1, 2]
    assert await scene.store.read_policy(boss, "risk") is None

    told = [await scene.store.activate_policy(boss, "risk", n, "checked") for n in (1, 2, 2, 1, 9)]
    found = await scene.store.read_policy(author, "risk")
    states = [(each.version, each.state) for each in await scene.store.list_policies(author, "risk", 10)]

    assert told == ["activated", "activated", "unchanged", "retired", "unknown"]
    assert found is not None
    assert (found.version, found.body, found.author, found.activator) == (2, {**BODY, "n": 2}, "author", "boss")
    assert (found.activated_at, clock.now) == (NOON, NOON)
    assert states == [(2, "active"), (1, "retired")]


async def test_nobody_activates_what_his_owner_wrote(scene: Scene, boss: Principal, author: Principal) -> None:
    """Not under another name either, and not after the author was given to somebody else."""
    await draft(scene, author)
    twin = await scene.admin.add_agent(
        scene.tenant_id, "twin", owner="author-owner", kind="human", role="admin", capabilities=()
    )
    await scene.admin.add_agent(scene.tenant_id, "author", owner="boss-owner", kind="agent", role="admin", capabilities=())
    told = [
        await scene.store.activate_policy(who, "risk", 1, "fine")
        for who in (author.model_copy(update={"agent_id": twin}), author, boss)
    ]

    assert told == ["same_owner", "activated", "unchanged"]


async def test_the_table_itself_refuses_an_activator_of_the_same_owner(
    scene: Scene, author: Principal, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Whoever writes it, and however."""
    await draft(scene, author)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(
            "UPDATE board.policy SET state = 'active', activator = author, activator_owner = author_owner, activated_at = now()"
        )


@pytest.mark.parametrize("change", ["body = '{}'", "author_owner = 'me'", "version = 7", "digest = sha256('x')"])
async def test_what_was_drafted_is_never_rewritten(
    scene: Scene, author: Principal, connection: "asyncpg.Connection[asyncpg.Record]", change: str
) -> None:
    """Not even by a superuser; nor is it deleted."""
    await draft(scene, author)
    for statement in (f"UPDATE board.policy SET {change}", "DELETE FROM board.policy"):
        with pytest.raises(asyncpg.PostgresError, match="stays as it was drafted"):
            await connection.execute(statement)


async def test_the_same_bytes_are_one_version_until_it_is_retired(scene: Scene, boss: Principal, author: Principal) -> None:
    """Whoever drafts them; a retired version does not come back, its bytes do as another one."""
    versions = [await draft(scene, author), await draft(scene, boss), await draft(scene, author, 2)]
    versions.append(await draft(scene, author))
    told = [await scene.store.retire_policy(boss, "risk", n, "wrong") for n in (1, 1, 5)]
    versions.append(await draft(scene, author))

    assert (versions, told) == ([1, 1, 2, 1, 3], ["retired", "unchanged", "unknown"])


async def test_two_who_activate_at_once_leave_one_active(scene: Scene, boss: Principal, author: Principal) -> None:
    """Each in turn; and two who draft the same bytes at once get one version."""
    drafted = await asyncio.gather(*(draft(scene, author, n) for n in (1, 2, 1, 2)))
    await asyncio.gather(*(scene.store.activate_policy(boss, "risk", n, "race") for n in (1, 2, 1, 2)))
    states = sorted(each.state for each in await scene.store.list_policies(boss, None, 10))

    assert sorted(drafted) == [1, 1, 2, 2]
    assert states == ["active", "retired"]


async def test_a_policy_that_is_held_is_not_retired_meanwhile(
    scene: Scene, boss: Principal, author: Principal, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """An action is dispatched under the policy that allows it, or not at all."""
    await scene.store.activate_policy(boss, "risk", await draft(scene, author), "checked")
    async with connection.transaction():
        held = await connection.fetchval("SELECT board.hold_policy($1, 'risk', 1)", scene.tenant_id)
        retiring = asyncio.create_task(scene.store.retire_policy(boss, "risk", 1, "wrong"))
        blocked = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        while not await connection.fetchval(blocked):
            await asyncio.sleep(0.001)
    assert (held, await retiring) == (True, "retired")
    assert await connection.fetchval("SELECT board.hold_policy($1, 'risk', 1)", scene.tenant_id) is False


async def test_another_tenant_sees_none_of_it(scene: Scene, author: Principal) -> None:
    """And has a version 1 of its own under that name."""
    await draft(scene, author)
    elsewhere = await scene.admin.add_tenant("elsewhere")
    stranger = await scene.admin.add_agent(elsewhere, "author", owner="o", kind="human", role="admin", capabilities=())
    who = author.model_copy(update={"tenant_id": elsewhere, "agent_id": stranger})

    assert await scene.store.list_policies(who, None, 10) == []
    assert await draft(scene, who, 5) == 1


async def test_a_decision_is_made_by_rules_that_are_in_force(scene: Scene, boss: Principal, author: Principal) -> None:
    """Neither by a draft, nor by a version that was replaced meanwhile, nor by one that never was."""
    await scene.open()
    [task] = await scene.claim()
    for n in (1, 2):
        await scene.store.activate_policy(boss, "risk", await draft(scene, author, n), "checked")
    await draft(scene, author, 3)

    async def decide(version: int) -> str:
        decision = FencedDecision(fence=task.fence, outcome="approve", reasons=["fine"], policy=f"risk@{version}")
        return (await scene.board.decide(scene.people["worker"], task.id, decision)).value.verdict

    for version in (1, 3, 9):
        with pytest.raises(Conflict, match="not in force"):
            await decide(version)
    assert await scene.state(task.id) == "claimed"
    assert await decide(2) == "decided"
