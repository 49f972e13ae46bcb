"""Whatever the bank does with an order, it is found out what came of it, and the money moves once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from agents.bank.client import Bank
from agents.bank.settings import BankClientSettings
from agents.execution import Execution
from agents.reconciliation import Reconciliation
from blackboard import workflow
from blackboard.agent import Agent
from blackboard.answers import Case, CaseSummary
from blackboard.local import LocalBoard
from blackboard.requests import FencedDecision
from tests.conftest import Databases
from tests.factories import PAYLOAD, TRANSFER, Clock, Scene, make_scene
from tests.http.conftest import serve
from tests.http.vault import KEY, Vault, open_vault

BOOKED = "SELECT count(*) FROM bank.transfer WHERE effect_key = $1"


class Counter:
    """A board under a clock that is moved, a bank, and the two agents between them."""

    def __init__(self, scene: Scene, clock: Clock, vault: Vault) -> None:
        self.scene, self.clock, self.vault = scene, clock, vault

    async def approved(self) -> CaseSummary:
        """A transfer that may be sent."""
        case = await self.scene.open("transfer", PAYLOAD)
        for capability in ("identity", "limits", "risk"):
            [task] = await self.scene.claim("clerk", capability)
            await self.scene.decide(task, "approve", "clerk")
        return case

    async def work(self, name: str, bank: Bank) -> int:
        """One of the agents does what there is to do."""
        settings = BankClientSettings(BANK_URL=self.vault.url, BANK_KEY=KEY, in_flight_max_s=60)
        handler = Execution(bank).handle if name == "execution" else Reconciliation(bank, settings).handle
        seat = LocalBoard(self.scene.board, self.scene.people[name])
        return await Agent(name, [name], handler).work_once(seat)

    async def send(self, fault: str | None) -> CaseSummary:
        """A transfer that was sent to a bank which behaves like this."""
        case = await self.approved()
        async with self.vault.client(fault) as bank:
            assert await self.work("execution", bank) == 1
        return case

    async def find_out(self, case: CaseSummary) -> Case:
        """The case after as much asking, and as much time, as it takes."""
        async with self.vault.client() as bank:
            for _ in range(3):
                if await self.work("reconciliation", bank) == 0:
                    await self.clock.pass_(61)
                    await self.scene.store.promote_scheduled(10)
        return await self.shown(case)

    async def shown(self, case: CaseSummary) -> Case:
        """The case as it is."""
        return await self.scene.board.show_case(self.scene.people["auditor"], case.id)


async def counter(stack: AsyncExitStack, databases: Databases, **settings: Any) -> Counter:
    """Everything, on a database of its own."""
    database = await stack.enter_async_context(databases())
    vault = await stack.enter_async_context(open_vault(database, faults_allowed=True, in_flight_s=0, **settings))
    scene = await make_scene(stack, database.url, database.app_url)
    connection = await asyncpg.connect(database.url)
    stack.push_async_callback(connection.close)
    clock = Clock(connection)
    await clock.install()
    await scene.load(workflow.load(TRANSFER))
    await scene.hire("clerk", "identity", "limits", "risk")
    for name in ("execution", "reconciliation"):
        await scene.hire(name, name)
    return Counter(scene, clock, vault)


@pytest.fixture(scope="module")
async def desk(databases: Databases) -> AsyncIterator[Counter]:
    """A bank that keeps keys."""
    async with AsyncExitStack() as stack:
        yield await counter(stack, databases)


@pytest.fixture(scope="module")
async def forgetful(databases: Databases) -> AsyncIterator[Counter]:
    """A bank that keeps keys for no time at all."""
    async with AsyncExitStack() as stack:
        yield await counter(stack, databases, keys_kept_s=0.001)


# What the order meets: what is known at first, how the case ends, how often the money moved.
MET: dict[str | None, tuple[str, str | None, int]] = {
    None: ("executed", "executed", 1),
    "commit_then_reset": ("unknown", "executed", 1),
    "error_after": ("unknown", "executed", 1),
    "reset_mid_body": ("unknown", "executed", 1),
    "lost_request": ("unknown", "failed", 0),
    "error_before": ("unknown", "failed", 0),
    "wrong_amount": ("unknown", None, 1),
}


async def test_whatever_an_order_meets_it_is_found_out_what_came_of_it(desk: Counter) -> None:
    """Lost answers are asked for; what never came has failed; what is confirmed otherwise than ordered rests with a person."""
    told = {}
    for fault in MET:
        case = await desk.send(fault)
        [first] = (await desk.shown(case)).actions
        ended = await desk.find_out(case)
        [action] = ended.actions
        told[fault] = (first.state, ended.outcome, await desk.vault.books(BOOKED, action.effect_key))
        assert (action.attempts, action.effect_key) == (1, first.effect_key)
        if fault == "wrong_amount":
            [waits] = ended.tasks[-1].waits_for
            assert (ended.state, waits.reason, "amount" in waits.about["reason"]) == ("suspended", "incident", True)

    assert told == MET


@pytest.mark.parametrize(("fault", "asked"), [("commit_then_reset", False), ("lost_request", True)])
async def test_where_keys_are_forgotten_the_statement_tells_and_then_a_person(
    forgetful: Counter, fault: str, asked: bool
) -> None:
    """That the bank knows no such key says nothing; what a person finds out settles the action."""
    case = await forgetful.send(fault)
    ended = await forgetful.find_out(case)
    if asked:
        assert (ended.stage, ended.actions[0].state) == ("inquiry", "unknown")
        [task] = await forgetful.scene.claim("worker", "review")
        decision = FencedDecision(fence=task.fence, outcome="reject", reasons=["not_on_paper_either"])
        await forgetful.scene.board.decide(forgetful.scene.people["worker"], task.id, decision)
        ended = await forgetful.find_out(case)

    assert (ended.outcome, ended.actions[0].state) == (("failed", "failed") if asked else ("executed", "executed"))


MOMENTS = ("recorded", "about to connect", "half sent", "sent", "answered", "settled")


async def test_an_executor_may_be_killed_at_any_moment(databases: Databases) -> None:
    """Six real ones, each with -9: their successor sends what was not sent, under the same key, and nothing moves twice."""
    async with AsyncExitStack() as stack:
        desk = await counter(stack, databases)
        api = await stack.enter_async_context(serve(desk.scene))
        cases = [await desk.approved() for _ in MOMENTS]
        doomed = await asyncio.create_subprocess_exec(
            *(sys.executable, Path(__file__).parent / "doomed.py", api.url, desk.scene.keys["execution"]),
            *(desk.vault.url, KEY, *MOMENTS),
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert await doomed.wait() == 0
        bank = await stack.enter_async_context(desk.vault.client())
        await desk.clock.pass_(61)
        await desk.scene.store.expire_leases(10)
        while await desk.work("execution", bank):
            pass
        ended = [await desk.shown(case) for case in cases]
        moved = [await desk.vault.books(BOOKED, case.actions[0].effect_key) for case in ended]

    assert ([case.outcome for case in ended], moved) == (["executed"] * 6, [1] * 6)
    assert sorted((len(case.actions), case.actions[0].attempts) for case in ended) == [(1, 1), *[(1, 2)] * 5]
    assert {case.actions[0].authorization.state for case in ended if case.actions[0].authorization} == {"spent"}
