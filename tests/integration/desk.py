"""An investment desk on one test database: the board in process, the bank behind a socket, agents that work when told."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import asyncpg

from agents.bank.client import Bank
from agents.roster import make
from blackboard import policy, workflow
from blackboard.agent import Agent, Assignment
from blackboard.answers import Case, Task
from blackboard.client import BoardClient
from blackboard.handler import Said, call
from blackboard.local import LocalBoard
from blackboard.requests import NewCase, NewFact, ReviewDecision
from blackboard.values import Json
from tests.conftest import Databases
from tests.factories import POLICIES, TRANSFER, Clock, Scene, make_scene
from tests.http.vault import open_vault

TEAM = (
    "trade-validation",
    "trade-reconciliation",
    "trade-limits",
    "kyc-documents",
    "kyc-screening",
    "kyc-rating",
    "research",
    "conclusion",
)
# More is a case that goes round in circles.
ROUNDS = 20
PEOPLE = {
    "vera": ("trade-approval", "research-approval", "review", "compliance"),
    "paul": ("compliance",),
    "rita": ("trade-repair",),
}


def days(ahead: int) -> str:
    """A date so many days from now."""
    return str((datetime.now(UTC) + timedelta(days=ahead)).date())


@dataclass
class Desk:
    """The agents, who share a seat, and their board."""

    scene: Scene
    database_url: str
    bank: Bank
    team: Agent
    seat: LocalBoard

    async def ask(self, name: str, payload: Json) -> Case:
        """A request that is kept, asked to be worked on, and worked on as far as agents can."""
        case = await self.keep(name, payload)
        await self.process(case)
        return await self.work(case)

    async def keep(self, name: str, payload: Json) -> Case:
        """A request that is kept, and nothing else."""
        new = NewCase(workflow=name, payload=payload)
        return (await self.scene.board.open_case(self.scene.people["requester"], new)).value

    async def process(self, case: Case) -> str:
        """Ask for it to be worked on; what the board says."""
        return (await self.scene.board.send_signal(self.scene.people["requester"], case.id, "process", {})).value.verdict

    async def work(self, case: Case) -> Case:
        """Agents do what there is to do; the case as it is then."""
        for _ in range(ROUNDS):
            if not await self.team.work_once(self.seat):
                break
        return await self.scene.board.show_case(self.scene.people["requester"], case.id)

    async def work_until(self, case: Case, stage: str) -> None:
        """Agents do one task each until the case is at that stage."""
        for _ in range(ROUNDS):
            now = await self.scene.board.show_case(self.scene.people["requester"], case.id)
            if now.stage == stage:
                return
            await self.team.work_once(self.seat)

    async def put(self, case: Case, who: str = "requester", **facts: Any) -> Case:
        """Somebody puts facts; what waited for them goes on."""
        items = [NewFact(key=key, value=value) for key, value in facts.items()]
        await self.scene.board.put_facts(self.scene.people[who], case.id, items)
        return await self.work(case)

    async def review(self, case: Case, who: str, outcome: str, reason: str = "looked_at") -> Case:
        """A person decides what waits for one on this case, on exactly what is shown."""
        person, task = self.scene.people[who], open_task(case)
        claim = (await self.scene.board.claim_review(person, task.id)).value
        shown = (await self.scene.board.show_review(person, task.id)).shown
        decision = ReviewDecision(fence=claim.fence, outcome=outcome, reasons=[reason], shown=shown)
        await self.scene.board.decide_review(person, task.id, decision)
        return await self.work(case)


def open_task(case: Case) -> Task:
    """What is to be done next."""
    return next(task for task in case.tasks if task.finished_at is None)


def result(case: Case) -> Json:
    """What the decision that ended a case brought."""
    told = next(task.decision for task in reversed(case.tasks) if task.capability == "conclusion")
    assert told is not None
    return cast("Json", told.result)


@asynccontextmanager
async def moved_clock(database_url: str, by: timedelta) -> AsyncIterator[None]:
    """The board's clock stands still so much later. For a file's last test: it does not go back."""
    connection = await asyncpg.connect(database_url)
    try:
        clock = Clock(connection)
        await clock.install()
        await clock.set(datetime.now(UTC) + by)
        yield
    finally:
        await connection.close()


@asynccontextmanager
async def open_desk(databases: Databases) -> AsyncIterator[Desk]:
    """The desk with everybody at their place, until the block ends."""
    async with databases() as database, AsyncExitStack() as stack:
        vault = await stack.enter_async_context(open_vault(database))
        bank = await stack.enter_async_context(vault.client())
        scene = await make_scene(stack, database.url, database.app_url)
        for name in ("trade_review", "onboarding", "research", "general_request"):
            await scene.load(workflow.load(TRANSFER.with_name(f"{name}.yaml")))
        for name in ("trade_limits", "client_risk"):
            await scene.rule(policy.load(POLICIES / f"{name}.yaml"))
        for name, capabilities in PEOPLE.items():
            await scene.hire(name, *capabilities, role="reviewer", kind="human")
        seat = LocalBoard(scene.board, await scene.hire("team", *TEAM))
        handlers = {name: make(name, bank, cast("BoardClient", seat)) for name in TEAM}

        async def handle(assignment: Assignment) -> Said:
            said: Said = await call(handlers[assignment.task.capability], assignment)
            return said

        yield Desk(scene, database.url, bank, Agent("team", TEAM, handle), seat)
