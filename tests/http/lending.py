"""Whoever lends, in one process: a board, a bank that listens, and the agents between them, who work when they are asked to."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from agents.bank.client import Bank
from agents.bank.settings import BankClientSettings
from agents.reconciliation import Reconciliation
from agents.roster import ROSTER, make
from blackboard import policy, workflow
from blackboard.agent import Agent, Handler
from blackboard.answers import Case
from blackboard.local import LocalBoard
from blackboard.requests import FencedDecision, NewCase, NewFact, ReviewDecision
from blackboard.tallier import Tallier
from tests.conftest import Databases
from tests.factories import POLICIES, Scene, make_scene
from tests.http.vault import KEY, Vault, open_vault

WORKFLOWS = POLICIES.parent / "workflows"
LENDERS = ("loan-intake", "applicant", "loan-terms", "affordability", "credit")
SERVANTS = ("repayment", "delinquency", "restructuring")
HANDS = ("execution", "reconciliation")
APPLICATION: dict[str, Any] = {
    "applicant_name": "Ada Brightwell",
    "customer_id": "C-1001",
    "to_account": "CHK-001",
    "amount": "6000.00",
    "currency": "USD",
    "term_months": 24,
    "income_monthly": "4200.00",
}


@dataclass
class Lender:
    """A board and a bank, and people who look at both."""

    scene: Scene
    vault: Vault
    bank: Bank

    def seat(self, who: str) -> LocalBoard:
        """The board as somebody sees it."""
        return LocalBoard(self.scene.board, self.scene.people[who])

    async def open(self, name: str = "loan", **payload: Any) -> Case:
        """Open a case as the requester."""
        return await self.seat("requester").open_case(NewCase(workflow=name, payload=payload))

    async def apply(self, **changes: Any) -> Case:
        """Somebody asks for a loan; what is None is not said. Everybody has worked at it."""
        told = {key: value for key, value in {**APPLICATION, **changes}.items() if value is not None}
        return await self.worked(await self.open(**told))

    async def service(self, loan_id: str, customer_id: str = "C-1001") -> Case:
        """Somebody looks at a loan; everybody has worked at it."""
        return await self.worked(await self.open("servicing", loan_id=loan_id, customer_id=customer_id))

    async def worked(self, case: Case, *names: str) -> Case:
        """The case when these agents, or all, have nothing more to do."""
        others = SERVANTS if case.workflow == "servicing" else LENDERS
        while await self._round(names or (*others, *HANDS)):
            pass
        return await self.seat("requester").show_case(case.id)

    async def put(self, case: Case, who: str = "requester", **facts: Any) -> None:
        """Put facts on the board."""
        await self.seat(who).put_facts(case.id, [NewFact(key=key, value=value) for key, value in facts.items()])

    async def review(self, case: Case, outcome: str, *reasons: str) -> Case:
        """The officer decides what waits for a person, and everybody goes on."""
        board, who = self.scene.board, self.scene.people["officer"]
        [task] = [task for task in case.tasks if task.is_review and not task.finished_at]
        claim = (await board.claim_review(who, task.id)).value
        screen = await board.show_review(who, task.id)
        said = ReviewDecision(fence=claim.fence, outcome=outcome, reasons=list(reasons), shown=screen.shown)
        await board.decide(who, task.id, FencedDecision.model_validate(said.model_dump()))
        return await self.worked(case)

    async def answer(self, case: Case, **said: Any) -> Case:
        """The customer says something about an offer, and everybody goes on."""
        await self.scene.board.send_signal(self.scene.people["requester"], case.id, "answer", said)
        return await self.worked(case)

    async def pass_days(self, days: int) -> None:
        """Time passes at the bank."""
        now: datetime = (await self.bank.terms()).now
        async with self.vault.back_office() as http:
            (await http.put("/clock", json={"at": (now + timedelta(days=days)).isoformat()})).raise_for_status()

    async def _round(self, names: tuple[str, ...]) -> int:
        done = 0
        for name in names:
            seat = self.seat(name)
            done += await Agent(name, [name], self._handler(name, seat)).work_once(seat)
        await Tallier(self.scene.admin).run_once()
        return done

    def _handler(self, name: str, seat: LocalBoard) -> Handler:
        if name == "reconciliation":
            settings = BankClientSettings(BANK_URL=self.vault.url, BANK_KEY=SecretStr(KEY), in_flight_max_s=0)
            return Reconciliation(self.bank, settings).handle
        return make(name, self.bank, seat)  # type: ignore[arg-type]  # as good as a board over HTTP


@asynccontextmanager
async def open_lender(databases: Databases) -> AsyncIterator[Lender]:
    """A board whose agents lend, until the block ends; afterwards the bank's books are sound."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        for name in LENDERS + SERVANTS + HANDS:
            assert name in ROSTER
            await scene.hire(name, name, kind="service" if name == "repayment" else "agent")
        await scene.hire("officer", "review", role="reviewer", kind="human")
        for name in ("loan", "servicing"):
            await scene.load(workflow.load(WORKFLOWS / f"{name}.yaml"))
        for name in ("loan_credit", "loan_pricing", "loan_delinquency"):
            await scene.rule(policy.load(POLICIES / f"{name}.yaml"))
        vault = await stack.enter_async_context(open_vault(database))
        bank = await stack.enter_async_context(vault.client())
        yield Lender(scene, vault, bank)
        async with vault.back_office() as http:
            assert (await http.get("/books/violations")).json() == []
