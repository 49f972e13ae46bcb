"""Fraud reviews from end to end: agents score blind, the bank holds an account once, and only a person lets it go."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from agents.bank.client import Bank
from agents.bank.errors import BankRefused
from agents.bank.models import TransferOrder
from agents.bank.settings import BankClientSettings
from agents.execution import Execution
from agents.fraud.intake import Intake
from agents.fraud.pattern import Pattern
from agents.fraud.payee import Payee
from agents.fraud.velocity import Velocity
from agents.fraud.verification import Verification
from agents.reconciliation import Reconciliation
from blackboard import explain, policy, workflow
from blackboard.agent import Agent, Handler
from blackboard.answers import Case, CaseSummary
from blackboard.local import LocalBoard
from blackboard.requests import ReviewDecision
from blackboard.tallier import Tallier
from tests.conftest import Databases
from tests.factories import POLICIES, TRANSFER, Clock, Scene, make_scene
from tests.http.vault import KEY, Vault, open_vault

WORKFLOW = Path(__file__).parents[2] / "agents" / "workflows" / "fraud_review.yaml"
SCORERS = ("fraud-velocity", "fraud-payee", "fraud-pattern")
DONE = "SELECT count(*) FROM bank.operation WHERE effect_key = $1"


class Desk:
    """A board under a clock that is moved, a bank, and everybody who works on suspicions of fraud."""

    def __init__(self, scene: Scene, clock: Clock, vault: Vault, bank: Bank) -> None:
        self.scene, self.clock, self.vault, self.bank = scene, clock, vault, bank

    def handler(self, name: str, bank: Bank) -> Handler:
        """An agent at work."""
        settings = BankClientSettings(BANK_URL=self.vault.url, BANK_KEY=KEY, in_flight_max_s=60)
        handlers: dict[str, Handler] = {
            "fraud-intake": Intake(bank).handle,
            "fraud-velocity": Velocity(bank).handle,
            "fraud-payee": Payee(bank).handle,
            "fraud-pattern": Pattern(bank).handle,
            "fraud-verification": Verification(bank).handle,
            "execution": Execution(bank).handle,
            "reconciliation": Reconciliation(bank, settings).handle,
        }
        return handlers[name]

    async def work(self, *names: str, bank: Bank | None = None) -> None:
        """These agents, or all, do what there is to do, until nothing is left."""
        told = names or tuple(ROLES)
        while any([await self._once(name, bank or self.bank) for name in told]):
            await Tallier(self.scene.store).run_once()

    async def _once(self, name: str, bank: Bank) -> int:
        return await Agent(name, [name], self.handler(name, bank)).work_once(
            LocalBoard(self.scene.board, self.scene.people[name])
        )

    async def suspect(self, account: str, customer: str, **more: str) -> CaseSummary:
        """Somebody is suspicious."""
        return await self.scene.open("fraud_review", {"account": account, "customer_id": customer, **more})

    async def shown(self, case: CaseSummary) -> Case:
        """The case as it is."""
        return await self.scene.board.show_case(self.scene.people["auditor"], case.id)

    async def where(self, case: CaseSummary) -> str:
        """Its stage, or how it ended."""
        found = await self.shown(case)
        return found.outcome or found.stage

    async def judge(self, case: CaseSummary, outcome: str) -> str:
        """The analyst decides on what is shown, and the others carry it out."""
        analyst = self.scene.people["analyst"]
        [task] = [task.id for task in (await self.shown(case)).tasks if task.state not in ("done", "cancelled", "failed")]
        claim = (await self.scene.board.claim_review(analyst, task)).value
        screen = await self.scene.board.show_review(analyst, task)
        decision = ReviewDecision(fence=claim.fence, outcome=outcome, reasons=["called_the_customer"], shown=screen.shown)
        await self.scene.board.decide_review(analyst, task, decision)
        await self.work()
        return await self.where(case)

    async def later(self, seconds: float) -> None:
        """Time passes on the board, and what it brings about happens."""
        await self.clock.pass_(seconds)
        for pass_ in (self.scene.store.promote_scheduled, self.scene.store.expire_leases, self.scene.store.time_out_reviews):
            await pass_(100)
        await Tallier(self.scene.store).run_once()

    async def drain(self, account: str, *amounts: str, to: tuple[str, ...] = ("SAV-002", "CHK-011", "CHK-007")) -> None:
        """Money leaves an account, to one payee after another."""
        for n, amount in enumerate(amounts):
            order = {"from_account": account, "to_account": to[n % len(to)], "amount": amount}
            await self.bank.transfer(
                TransferOrder.model_validate(order), f"drain-{account}-{n}-{datetime.now(UTC).timestamp()}"
            )

    async def held(self, account: str) -> bool:
        """Whether nothing may leave it."""
        return bool(
            await self.vault.books("SELECT frozen_because IS NOT NULL FROM bank.account WHERE account_id = $1", account)
        )

    async def ask(self, case: CaseSummary, *codes: str | None) -> str:
        """The customer is asked and answers so; None is what his telephone shows. Where the case is then."""
        [asked] = [action.receipt for action in (await self.shown(case)).actions if action.kind == "step_up"]
        assert asked is not None
        challenge = UUID(asked["answer"]["challenge_id"])
        async with self.vault.back_office() as office:
            shown = (await office.get(f"/v1/challenges/{challenge}")).json()["code"]
        for code in codes:
            with suppress(BankRefused):
                await self.bank.answer_challenge(challenge, code or shown)
        await self.later(16)
        await self.work()
        return await self.where(case)


ROLES = ("fraud-intake", *SCORERS, "fraud-verification", "execution", "reconciliation")


@pytest.fixture(scope="module")
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    """One for all tests: each has accounts of its own."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(databases())
        vault = await stack.enter_async_context(open_vault(database, faults_allowed=True, in_flight_s=0))
        scene = await make_scene(stack, database.url, database.app_url)
        connection = await asyncpg.connect(database.url)
        stack.push_async_callback(connection.close)
        clock = Clock(connection)
        await clock.install()
        await scene.load(workflow.load(WORKFLOW))
        await scene.rule(policy.load(POLICIES / "fraud_score.yaml"))
        for name in ROLES:
            await scene.hire(name, name)
        await scene.hire("analyst", "fraud-review", role="reviewer", kind="human")
        yield Desk(scene, clock, vault, await stack.enter_async_context(vault.client()))


async def test_fraud_review_agents_score_independently_and_an_analyst_confirms(desk: Desk) -> None:
    """Sealed until all have spoken; a drained account is held once, the cards are blocked, and everybody can read why."""
    await desk.drain("CHK-010", "2300.00", "2200.00", "2200.00")
    case = await desk.suspect("CHK-010", "C-1009", reason="three payments in a minute")
    await desk.work("fraud-intake", "fraud-velocity", "fraud-payee")
    [sealed] = (await desk.shown(case)).questions
    await desk.work()
    waiting = await desk.shown(case)
    [opened] = waiting.questions
    with pytest.raises(BankRefused) as refused:
        await desk.drain("CHK-010", "1.00")
    ended = await desk.judge(case, "confirmed_fraud")
    found = await desk.shown(case)
    actions = {action.kind: action for action in found.actions}
    told = "\n".join(line for chapter in explain.explain(found, []).chapters for line in chapter.lines)

    assert (sealed.state, sealed.answered, sealed.opinions) == ("open", 2, [])
    assert {opinion.by: (opinion.verdict, opinion.score) for opinion in opened.opinions} == {
        "fraud-velocity": ("refer", 40),
        "fraud-payee": ("reject", 80),
        "fraud-pattern": ("reject", 80),
    }
    assert {waiting.facts[key].by: key for key in ("sent_in_an_hour", "new_payees", "emptied_percent")} == dict(
        zip(SCORERS, ("sent_in_an_hour", "new_payees", "emptied_percent"), strict=True)
    )
    assert (waiting.stage, refused.value.code, ended) == ("analyst", "frozen-account", "confirmed_fraud")
    assert {kind: action.state for kind, action in actions.items()} == {
        "account_hold": "executed",
        "account_release": "refused",
        "card_status": "executed",
    }
    assert await desk.vault.books(DONE, actions["account_hold"].effect_key) == 1
    assert ((await desk.bank.card("CARD-010")).state, await desk.held("CHK-010")) == ("blocked", True)
    for sentence in (
        "fraud-pattern (fraud-pattern) said reject (60% sure): account emptied, round amounts; score 80",
        "The rules deny it, and no majority outvotes them",
        "account_hold: permitted by",
        "analyst decided confirmed_fraud, because: called the customer",
        "card_status: permitted by analyst",
    ):
        assert sentence in told


async def test_fraud_triage_holds_or_asks_and_what_was_no_fraud_is_released(desk: Desk) -> None:
    """By the score of what happened: little is cleared, much is held until an analyst says that it was the customer, once."""
    await desk.drain("SAV-001", "25.00")
    calm = await desk.suspect("SAV-001", "C-1001")
    await desk.drain("CHK-003", "30000.00", "30000.00", "30000.00")
    held = await desk.suspect("CHK-003", "C-1003")
    other = await desk.suspect("CHK-003", "C-1003")
    await desk.work()
    before = [await desk.where(case) for case in (calm, held, other)]
    first = await desk.judge(held, "false_positive")
    between = await desk.held("CHK-003")
    second = await desk.judge(other, "false_positive")
    releases = [a for case in (held, other) for a in (await desk.shown(case)).actions if a.kind == "account_release"]

    assert before == ["cleared", "analyst", "analyst"]
    assert (first, between, second) == ("false_positive", True, "false_positive")
    assert [await desk.vault.books(DONE, release.effect_key) for release in releases] == [1, 1]
    assert await desk.held("CHK-003") is False


async def test_what_is_odd_the_customer_is_asked(desk: Desk) -> None:
    """The right code clears it; three wrong ones hold the account; no answer goes to an analyst, who may hold or clear."""
    await desk.drain("CHK-014", "70000.00", to=("SAV-012",))
    yes = await desk.suspect("CHK-014", "C-1012")
    no = await desk.suspect("CHK-014", "C-1012")
    silent = await desk.suspect("CHK-014", "C-1012")
    await desk.work()
    before = [await desk.where(case) for case in (yes, no, silent)]
    after = [await desk.ask(yes, None), await desk.ask(no, "000000", "000001", "000002", "000003")]
    await desk.vault.books("UPDATE bank.challenge SET expires_at = bank.now() WHERE state = 'open'")
    after.append(await desk.ask(silent))
    asked = await desk.vault.books("SELECT count(*) FROM bank.operation WHERE kind = 'step_up'")

    assert before == ["verification"] * 3
    assert after == ["cleared", "analyst", "referred"]
    assert asked == 3
    assert [await desk.judge(silent, "hold"), await desk.judge(no, "false_positive"), await desk.held("CHK-014")] == [
        "analyst",
        "false_positive",
        True,
    ]


async def test_a_suspected_transfer_waits_for_its_fraud_review(desk: Desk) -> None:
    """What is about to leave is scored with what has left; who is cleared is still a person's to pay, who is held is not."""
    await desk.scene.load(workflow.load(TRANSFER))
    await desk.scene.hire("clerk", "identity", "limits", "risk")
    ended = {}
    for account, amount in (("CHK-001", "20.00"), ("SAV-009", "4200.00")):
        transfer = await desk.scene.open("transfer", {"from_account": account, "to_account": "SAV-002", "amount": amount})
        for capability, outcome in (("identity", "approve"), ("limits", "approve"), ("risk", "suspect")):
            [task] = await desk.scene.claim("clerk", capability)
            await desk.scene.decide(task, outcome, "clerk")
        await desk.scene.store.wake_waiting(100)
        waits = await desk.where(transfer)
        [child, *_] = (await desk.scene.board.list_cases(desk.scene.people["auditor"], workflow="fraud_review")).cases
        await desk.work()
        review = await desk.shown(child)
        if review.stage == "verification":
            await desk.ask(child, "000000", "000001", "000002", "000003")
            await desk.judge(child, "confirmed_fraud")
        await desk.scene.store.wake_waiting(100)
        ended[account] = (waits, review.payload, (await desk.shown(child)).outcome, await desk.where(transfer))

    assert ended == {
        "CHK-001": ("fraud", {"account": "CHK-001", "amount": "20.00"}, "cleared", "review"),
        "SAV-009": ("fraud", {"account": "SAV-009", "amount": "4200.00"}, "confirmed_fraud", "rejected"),
    }


async def test_silence_clears_nobody(desk: Desk) -> None:
    """Scorers that say nothing in time leave it to the customer; an analyst who says nothing leaves the account held."""
    await desk.drain("CHK-012", "5000.00", "5000.00", "4000.00")
    held = await desk.suspect("CHK-012", "C-1011")
    await desk.work()
    unscored = await desk.suspect("CHK-002", "C-1002")
    await desk.work("fraud-intake")
    before = [await desk.where(case) for case in (held, unscored)]
    await desk.later(901)
    lapsed = await desk.where(unscored)
    await desk.later(7 * 86400)

    assert (before, lapsed) == (["analyst", "scoring"], "verification")
    assert (await desk.where(held), await desk.held("CHK-012")) == ("held", True)


@pytest.mark.parametrize(
    ("fault", "account", "customer", "stage"),
    [("commit_then_reset", "SAV-012", "C-1011", "analyst"), ("lost_request", "SAV-003", "C-1003", "referred")],
)
async def test_a_hold_whose_answer_was_lost_is_looked_for_and_never_sent_again(
    desk: Desk, fault: str, account: str, customer: str, stage: str
) -> None:
    """By its key: what the bank did is found, what never came has failed, and a person decides anew."""
    total = await desk.vault.books("SELECT balance FROM bank.account WHERE account_id = $1", account)
    await desk.drain(account, *[f"{total * 29 // 100:.2f}"] * 3)
    case = await desk.suspect(account, customer)
    await desk.work("fraud-intake", *SCORERS)
    async with desk.vault.client(fault) as unlucky:
        await desk.work("execution", bank=unlucky)
    lost = await desk.where(case)
    await desk.work("reconciliation")
    await desk.later(61)
    await desk.work("reconciliation")
    [hold] = [action for action in (await desk.shown(case)).actions if action.kind == "account_hold"]

    assert (lost, await desk.where(case), hold.attempts) == ("hold-check", stage, 1)
    assert await desk.vault.books(DONE, hold.effect_key) == (stage == "analyst")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"account": "CHK-999", "customer_id": "C-1001"}, "unknown_account"),
    ({"account": "CHK-001", "customer_id": "C-1002"}, "account_of_another_customer"),
]


async def test_a_suspicion_about_nobody_is_rejected_with_its_reason(desk: Desk) -> None:
    """And nothing is held."""
    cases = [await desk.scene.open("fraud_review", payload) for payload, _ in BAD]
    await desk.work()
    found = [await desk.shown(case) for case in cases]

    assert [(case.outcome, case.tasks[0].decision and case.tasks[0].decision.reasons) for case in found] == [
        ("rejected", [reason]) for _, reason in BAD
    ]
    assert await desk.held("CHK-001") is False
