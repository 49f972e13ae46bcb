"""A board to test with, in one line each: a tenant, agents, a workflow, cases, and a clock that stands still."""

import hashlib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from blackboard import keys, policy, sql, workflow
from blackboard.answers import CaseSummary, ClaimedTask
from blackboard.board import Board
from blackboard.permits import Mint
from blackboard.references import References
from blackboard.requests import ClaimRequest, FencedDecision, NewCase
from blackboard.store import Store
from blackboard.values import Json, Principal
from blackboard.workflow import Definition

STORE_CONNECTIONS = 8
PEPPER = hashlib.sha256(b"a pepper for tests").digest()
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
POLICIES = Path(__file__).parent.parent / "agents" / "policies"
TRANSFER = Path(__file__).parent.parent / "agents" / "workflows" / "transfer.yaml"
PAYLOAD = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "250.00"}

# Two stages and a fork: enough to see every kind of route.
SMALL = """
name: small
title: Two stages
subject: customer
payload: {type: object}
stages:
  first:
    capability: first
    lease_s: 30
    max_attempts: 3
    max_rescues: 3
    backoff_s: 10
    outcomes:
      approve: {to: second}
      reject: {end: rejected}
  second:
    capability: second
    lease_s: 30
    max_attempts: 2
    outcomes:
      done: {end: executed}
      exhausted: {to: first}
"""


def small(**changes: object) -> Definition:
    """The small workflow, with changes to the work of its first stage."""
    definition = workflow.parse(SMALL).model_dump(mode="json")
    definition["stages"]["first"]["tasks"]["work"].update(changes)
    return Definition.model_validate(definition)


# Nothing is looked up; one for all, since the client in each takes 28 ms to make.
_ANYTHING = References({})


@dataclass
class Scene:
    """A tenant with a requester, two workers and a workflow, on a store with the API's rights."""

    store: Store
    admin: Store
    url: str
    tenant_id: int
    people: dict[str, Principal] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    mint: Mint | None = None

    @property
    def board(self) -> Board:
        """A board in process, without loops."""
        return Board(self.store, references=_ANYTHING, mint=self.mint)

    async def hire(
        self, name: str, *capabilities: str, role: str = "agent", owner: str | None = None, kind: str = "agent"
    ) -> Principal:
        """An agent of this tenant, with a key, for an owner of its own unless one is named."""
        agent_id = await self.admin.add_agent(
            self.tenant_id, name, owner=owner or f"{name}-owner", kind=kind, role=role, capabilities=capabilities
        )
        key = keys.mint()
        await self.admin.add_key(self.tenant_id, agent_id, key.key_id, keys.keyed_hash(key.secret, PEPPER))
        found = await self.store.find_key(key.key_id)
        assert found is not None
        self.people[name], self.keys[name] = found.principal, str(key)
        return found.principal

    async def load(self, definition: Definition) -> int:
        """Load a workflow; its version."""
        return await self.admin.load_workflow(
            self.tenant_id,
            definition.name,
            definition.start,
            definition.model_dump(mode="json"),
            definition.digest,
            definition.stage_rows(),
            definition.route_rows(),
        )

    async def rule(self, document: Json) -> int:
        """Draft a policy and let another owner activate it; its version."""
        author, activator = [await self.hire(name, role="admin") for name in ("author", "activator")]
        version = await self.store.save_policy(author, document["name"], document, policy.digest(document), "for a test")
        await self.store.activate_policy(activator, document["name"], version, "for a test")
        return version

    async def open(self, name: str = "small", payload: Mapping[str, Any] | None = None, **more: Any) -> CaseSummary:
        """Open a case as the requester."""
        new = NewCase(workflow=name, payload=dict(payload or {"customer": "C-1"}), **more)
        return (await self.board.open_case(self.people["requester"], new)).value

    async def claim(self, who: str = "worker", *capabilities: str, limit: int = 1, **more: Any) -> list[ClaimedTask]:
        """Claim without waiting."""
        wish = ClaimRequest(capabilities=list(capabilities or ("first", "second")), limit=limit, **more)
        return (await self.board.claim(self.people[who], wish)).value.tasks

    async def decide(self, task: ClaimedTask, outcome: str, who: str = "worker") -> str:
        """Decide a task; the verdict."""
        decision = FencedDecision(fence=task.fence, outcome=outcome, reasons=["because"])
        return (await self.board.decide(self.people[who], task.id, decision)).value.verdict

    async def state(self, task_id: UUID) -> str:
        """A task's state."""
        task = await self.board.show_task(self.people["requester"], task_id)
        return task.state


@dataclass
class Furniture:
    """Who is in the databases that tests are given: a scene's people, made once. Making them takes a third of a test's time."""

    people: dict[str, Principal] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def keep(self, scene: Scene) -> None:
        """Remember whom a scene has: every copy of its database has them too."""
        self.people, self.keys = dict(scene.people), dict(scene.keys)

    async def is_in(self, store: Store) -> bool:
        """Whether a database is such a copy."""
        key = keys.parse(self.keys["requester"]) if self.keys else None
        return key is not None and await store.find_key(key.key_id) is not None


FURNITURE = Furniture()
DEMO = "demo"


async def make_scene(stack: AsyncExitStack, url: str, app_url: str, *, tenant: str = DEMO) -> Scene:
    """Requester, worker, rival and the small workflow."""
    admin, store = await Store.open(url, max_connections=2), await Store.open(app_url, max_connections=STORE_CONNECTIONS)
    stack.push_async_callback(admin.close)
    stack.push_async_callback(store.close)
    if tenant == DEMO and await FURNITURE.is_in(store):
        tenant_id = FURNITURE.people["requester"].tenant_id
        return Scene(store, admin, app_url, tenant_id, dict(FURNITURE.people), dict(FURNITURE.keys))
    return await fill(Scene(store, admin, app_url, await admin.add_tenant(tenant)))


async def fill(scene: Scene) -> Scene:
    """Its people and its workflow, for a tenant that has none."""
    await scene.hire("requester", role="requester")
    await scene.hire("auditor", role="auditor")
    for name in ("worker", "rival"):
        await scene.hire(name, "first", "second", "review")
    await scene.load(small())
    return scene


class Clock:
    """The board's clock in one database, standing still until moved."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self.now = NOON

    async def install(self) -> None:
        """Replace the real clock in this database."""
        await self._connection.execute("SET ROLE blackboard_owner")
        await self._connection.execute(sql.read("testing_clock.sql"))
        await self._connection.execute("RESET ROLE")
        await self.set(NOON)

    async def set(self, moment: datetime) -> None:
        """It is now this moment."""
        self.now = moment
        await self._connection.execute(
            "INSERT INTO board.test_clock (moment) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET moment = $1", moment
        )

    async def pass_(self, seconds: float) -> None:
        """Time passes."""
        await self.set(self.now + timedelta(seconds=seconds))


async def add_day(connection: "asyncpg.Connection[asyncpg.Record]", table: str, days: int) -> date:
    """A partition for that many days ago."""
    day: date = await connection.fetchval("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date - $1::integer", days)
    await connection.execute(
        f"CREATE TABLE board.{table}_{day:%Y%m%d} PARTITION OF board.{table}"
        f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
    )
    return day


async def age_journal(connection: "asyncpg.Connection[asyncpg.Record]", days: int = 400) -> int:
    """Let all that is in the journal be that old; the position of its last event."""
    await connection.execute("SELECT board.sequence_events()")
    day = await add_day(connection, "journal", days)
    await connection.execute("UPDATE board.journal SET recorded_on = $1 WHERE recorded_on > $1", day)
    return int(await connection.fetchval("SELECT position FROM board.journal_head"))
