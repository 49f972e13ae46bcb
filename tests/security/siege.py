"""A board under attack: real PostgreSQL, a bank that asks for permits, transfers as they ship, people with keys, and a judge.

The judge reads the bank's books and the board's tables, never an answer: what counts is what moved.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr

from agents import roster
from agents.bank.client import Bank
from blackboard import invariants, permits, policy, workflow
from blackboard.agent import Agent
from blackboard.answers import Case
from blackboard.local import LocalBoard
from blackboard.requests import NewCase
from tests.conftest import Database
from tests.factories import POLICIES, TRANSFER, Clock, Scene, make_scene
from tests.http.conftest import Api, serve
from tests.http.vault import KEY, Vault, open_vault

WORKERS = ("identity", "limits", "risk", "confirmation", "execution", "reconciliation")
_PEOPLE = {
    "reviewer": ("reviewer", ("review", "senior-review")),
    "officer": ("reviewer", ("review",)),
    "admin": ("admin", ()),
    "author": ("admin", ()),
}
# Every order in the books without a permission behind it: no action of that key, other bytes, no decision, or no authorization
# that was spent on it.
_UNPERMITTED = """
SELECT t.effect_key, t.from_account, t.to_account, t.amount, t.memo FROM bank.transfer t
WHERE t.effect_key NOT LIKE 'opening:%' AND NOT EXISTS (
  SELECT FROM board.action a
  JOIN board.authorization z ON z.action_id = a.action_id AND z.state = 'spent' AND z.digest = a.digest
  JOIN board.decision d ON d.case_id = a.case_id AND d.task_id = z.task_id AND d.outcome = 'approve'
  WHERE a.effect_key = t.effect_key AND a.kind = 'transfer' AND a.digest = sha256(a.body)
    AND a.payload ->> 'from_account' = t.from_account AND a.payload ->> 'to_account' = t.to_account
    AND (a.payload ->> 'amount')::numeric = t.amount AND a.payload ->> 'memo' IS NOT DISTINCT FROM t.memo)
"""
# The same of whatever else the bank was made to do.
_UNPERMITTED_OPERATIONS = """
SELECT o.effect_key FROM bank.operation o WHERE NOT EXISTS (
  SELECT FROM board.action a
  JOIN board.authorization z ON z.action_id = a.action_id AND z.state = 'spent' AND z.digest = a.digest
  WHERE a.effect_key = o.effect_key)
"""
# Cases that one person approved, and had another part in. Who added a fact to one may execute it: somebody else has checked it.
_SELF_APPROVED = """
SELECT c.case_id FROM board.case c JOIN board.duty k ON k.case_id = c.case_id AND k.duty = 'checker'
JOIN board.duty m ON m.case_id = c.case_id AND m.duty <> 'checker' AND m.owner = k.owner
WHERE NOT EXISTS (SELECT FROM board.break_glass g WHERE g.case_id = c.case_id)
"""
_LEFT_BEHIND = """
SELECT 'order' AS what, a.action_id AS id FROM board.action a
WHERE a.state IN ('dispatching', 'unknown') AND NOT EXISTS (
  SELECT FROM board.task t WHERE t.case_id = a.case_id AND t.state = 'open')
UNION ALL
SELECT 'claim', l.task_id FROM board.task_lease l WHERE l.deadline_at < board.clock()
"""


@dataclass
class Siege:
    """Board, bank, and who attacks them."""

    api: Api
    scene: Scene
    vault: Vault
    clock: Clock
    connection: "asyncpg.Connection[asyncpg.Record]"
    bank: Bank

    def seat(self, name: str) -> LocalBoard:
        """The board in this process, with somebody's rights."""
        return LocalBoard(self.scene.board, self.scene.people[name])

    async def work(self, *names: str) -> int:
        """Let the honest agents do what there is to do; how much that was."""
        done = 0
        while more := sum([await self._turn(name) for name in names or WORKERS]):
            done += more
        return done

    async def show(self, case_id: UUID) -> Case:
        """A case, as it is."""
        return await self.scene.board.show_case(self.scene.people["auditor"], case_id)

    async def _turn(self, name: str) -> int:
        # It has all of a client's verbs that an agent here asks for.
        seat: Any = self.seat(name)
        return await Agent(name, [name], roster.make(name, self.bank, seat)).work_once(seat)

    async def pass_time(self, seconds: float) -> None:
        """Time passes, and what it brings about happens."""
        await self.clock.pass_(seconds)
        for each in ("promote_scheduled", "expire_leases", "fire_timers", "time_out_reviews", "wake_waiting"):
            await getattr(self.scene.store, each)(1000)

    async def ask_for(self, amount: str, **more: str) -> UUID:
        """An honest transfer; its case."""
        payload = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": amount, **more}
        return (await self.seat("requester").open_case(NewCase(workflow="transfer", payload=payload))).id

    async def lift_everything(self) -> None:
        """What operators hold back, they let go."""
        board, admin = self.scene.board, self.scene.people["admin"]
        for hold in await board.list_holds(admin):
            await board.lift_hold(admin, hold.kind, hold.name, "the attack is over")
        for case in await self.connection.fetch("SELECT case_id FROM board.case WHERE state = 'suspended'"):
            await board.resume_case(admin, case["case_id"], "the attack is over")

    async def left_behind(self) -> list[str]:
        """Orders of which nobody knows what became and nobody is asked, and claims that are over and were not taken back."""
        rows = await self.connection.fetch(_LEFT_BEHIND)
        return [f"{row['what']} {row['id']}" for row in rows]

    async def judge(self) -> list[str]:
        """What is wrong with the books and the board. Nothing, whatever was tried."""
        found = [f"booked without permission: {dict(row)}" for row in await self.connection.fetch(_UNPERMITTED)]
        found += [f"done without permission: {dict(row)}" for row in await self.connection.fetch(_UNPERMITTED_OPERATIONS)]
        found += [f"one person approved what was its own: {dict(row)}" for row in await self.connection.fetch(_SELF_APPROVED)]
        url = self.vault.database_url
        found += [f"{f.invariant} {f.promise}: {f.broken}" for f in await invariants.examine(url, url) if not f.ok]
        async with self.vault.back_office() as http:
            found += [str(row) for row in (await http.get("/books/violations")).json()]
        return found

    async def booked(self) -> int:
        """How many transfers were booked since the bank's first day."""
        return int(await self.vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key NOT LIKE 'opening:%'"))


@asynccontextmanager
async def besiege(database: Database, **bank_settings: Any) -> AsyncIterator[Siege]:
    """All of it, until the block ends."""
    key = permits.new_key()
    async with AsyncExitStack() as stack:
        settings = {"permits": "required", "permit_keys": permits.public_part(key), "in_flight_s": 0, **bank_settings}
        vault = await stack.enter_async_context(open_vault(database, **settings))
        scene = await make_scene(stack, database.url, database.app_url)
        scene.mint = permits.Mint(key)
        connection = await asyncpg.connect(database.url)
        stack.push_async_callback(connection.close)
        clock = Clock(connection)
        await clock.install()
        await _furnish(scene)
        api = await stack.enter_async_context(serve(scene, permit_key=SecretStr(key)))
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        environment.setenv("BANK_URL", vault.url)
        environment.setenv("BANK_KEY", KEY)
        bank = await stack.enter_async_context(vault.client())
        yield Siege(api, scene, vault, clock, connection, bank)


async def _furnish(scene: Scene) -> None:
    """Workflow, policies, and everybody whose key may be lost."""
    await scene.load(workflow.load(TRANSFER))
    for rules in ("transfer_limits", "transfer_risk"):
        await scene.rule(policy.load(POLICIES / f"{rules}.yaml"))
    for name in WORKERS:
        await scene.hire(name, name)
    for name, (role, capabilities) in _PEOPLE.items():
        await scene.hire(name, *capabilities, role=role, kind="human")
