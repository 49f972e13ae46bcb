"""Transfers, payments and support from end to end in one process: what ships, with a real bank and a real board."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from agents import roster
from agents.bank.client import Bank
from agents.bank.errors import BankNotFound
from agents.identity import is_valid_iban
from blackboard import policy, workflow
from blackboard.agent import Agent
from blackboard.answers import Case
from blackboard.local import LocalBoard
from blackboard.provision import ROLES
from tests.conftest import Databases
from tests.factories import POLICIES, TRANSFER, Clock, Scene, make_scene
from tests.http.vault import KEY, Vault, open_vault
from tests.sql import reviews

WORKFLOWS = ("transfer", "payment", "support")
AGENTS = ("identity", "limits", "risk", "confirmation", "funds", "clearing", "copilot", "execution", "reconciliation")
BOOKED = "SELECT count(*) FROM bank.transfer WHERE memo = $1"


class Desk:
    """A board whose clock is moved, a bank, and every agent that retail needs."""

    def __init__(self, scene: Scene, clock: Clock, vault: Vault, bank: Bank) -> None:
        self.scene, self.clock, self.vault, self.bank = scene, clock, vault, bank

    async def open(self, workflow: str, **payload: Any) -> Case:
        """A case, as far as the agents can take it."""
        case = await self.scene.open(workflow, payload)
        return await self.work(case.id)

    async def work(self, case_id: Any) -> Case:
        """Let all agents do what there is to do."""
        while sum([await self._turn(name) for name in AGENTS]):
            pass
        return await self.scene.board.show_case(self.scene.people["auditor"], case_id)

    async def later(self, case_id: Any, seconds: float = 10) -> Case:
        """The same when some time has passed."""
        await self.clock.pass_(seconds)
        await self.scene.store.promote_scheduled(10)
        await self.scene.store.fire_timers(10)
        return await self.work(case_id)

    async def _turn(self, name: str) -> int:
        # It has all of a client's verbs that an agent here asks for.
        seat: Any = LocalBoard(self.scene.board, self.scene.people[name])
        return await Agent(name, [name], roster.make(name, self.bank, seat)).work_once(seat)

    async def review(self, case: Case, outcome: str) -> Case:
        """A person decides."""
        [task] = [task for task in case.tasks if task.stage == "review" and task.decision is None]
        await reviews.decide(self.scene, task.id, outcome, "officer")
        return await self.work(case.id)


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
        for name in WORKFLOWS:
            await scene.load(workflow.load(TRANSFER.parent / f"{name}.yaml"))
        for rules in ("transfer_limits", "transfer_risk", "payment_clearing"):
            await scene.rule(policy.load(POLICIES / f"{rules}.yaml"))
        kinds = {role.name: role.kind for role in ROLES}
        for name in AGENTS:
            await scene.hire(name, name, kind=kinds[name])
        await scene.hire("officer", "review", role="reviewer", kind="human")
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        monkeypatch.setenv("BANK_URL", vault.url)
        monkeypatch.setenv("BANK_KEY", KEY)
        bank = await stack.enter_async_context(Bank.from_environment())
        yield Desk(scene, clock, vault, bank)


def decided(case: Case, task: str = "work") -> list[str]:
    """The reasons of the last decision of that name."""
    [*_, last] = [each.decision for each in case.tasks if each.name == task and each.decision is not None]
    return list(last.reasons)


async def test_a_transfer_passes_identity_limits_and_risk_before_the_bank_books_it_once(desk: Desk) -> None:
    """Each of them says why, limits and risk in one stage, and the receipt is the case's result."""
    case = await desk.open(
        "transfer", from_account="CHK-001", to_account="SAV-002", amount="250.00", memo="one", session_id="s-1"
    )

    told = {(task.stage, task.name): task.decision.reasons for task in case.tasks if task.decision}
    assert case.outcome == "executed"
    assert list(told) == [("identity", "work"), ("risk", "limits"), ("risk", "risk"), ("execution", "work")]
    assert (told["risk", "limits"], told["risk", "risk"]) == (["funds_suffice"], ["new_payee"])
    assert await desk.vault.books(BOOKED, "one") == 1


REFUSED = {
    "more than there is": ({"from_account": "CHK-005", "to_account": "SAV-002", "amount": "36.00"}, "insufficient_funds"),
    "more than anybody may": (
        {"from_account": "SAV-003", "to_account": "SAV-002", "amount": "1000000.01"},
        "insufficient_funds",
    ),
}
REFERRED = {
    "more than a person may in a day": (
        {"from_account": "SAV-003", "to_account": "SAV-002", "amount": "10000.01"},
        "over_daily_limit",
    ),
}


async def test_what_limits_refuse_is_refused_with_its_reason_and_what_they_refer_a_person_decides(desk: Desk) -> None:
    """Nothing is booked before that."""
    for payload, reason in REFUSED.values():
        refused = await desk.open("transfer", **payload, memo="refused")
        assert (refused.outcome, reason in decided(refused, "limits")) == ("rejected", True)
    for payload, reason in REFERRED.values():
        resting = await desk.open("transfer", **payload, memo="referred")
        assert (resting.stage, reason in decided(resting, "limits")) == ("review", True)
        assert await desk.vault.books(BOOKED, "referred") == 0
        assert (await desk.review(resting, "approve")).outcome == "executed"

    assert await desk.vault.books(BOOKED, "refused") == 0
    assert await desk.vault.books(BOOKED, "referred") == 1


async def answer(desk: Desk, case: Case, *, rightly: bool) -> None:
    """The customer types what the telephone shows, or something else until the bank has had enough."""
    [asked] = [
        action.receipt["answer"]["challenge_id"] for action in case.actions if action.kind == "step_up" and action.receipt
    ]
    async with desk.vault.back_office() as office:
        shown = (await office.get(f"/v1/challenges/{asked}")).json()["code"]
        wrong = "000000" if shown != "000000" else "111111"
        for code in [shown] if rightly else [wrong] * 3:
            await office.post(f"/v1/challenges/{asked}/answer", json={"code": code})


async def test_a_first_payment_of_a_size_is_confirmed_by_the_customer_at_the_bank(desk: Desk) -> None:
    """Asked once; confirmed, it is booked; refused or left alone, it never is."""
    ended = {}
    for name in ("confirmed", "refused", "silent"):
        payee = "CHK-011" if name == "confirmed" else "CHK-007"
        case = await desk.open("transfer", from_account="CHK-014", to_account=payee, amount="3000.00", memo=f"ask {name}")
        assert (case.stage, await desk.vault.books(BOOKED, f"ask {name}")) == ("confirmation", 0)
        if name != "silent":
            await answer(desk, case, rightly=name == "confirmed")
        ended[name] = await desk.later(case.id, 901 if name == "silent" else 10)

    assert {name: case.outcome for name, case in ended.items()} == {
        "confirmed": "executed",
        "refused": "rejected",
        "silent": "timed_out",
    }
    assert decided(ended["refused"]) == ["customer_did_not_confirm"]
    assert [await desk.vault.books(BOOKED, f"ask {name}") for name in ended] == [1, 0, 0]


async def test_every_request_to_the_bank_and_its_answer_are_kept_the_request_before_it_is_sent(desk: Desk) -> None:
    """The exact bytes with their digest and key first, then the receipt: what is read back is what the bank has."""
    case = await desk.open("transfer", from_account="SAV-001", to_account="SAV-002", amount="7.00", memo="kept")
    [action] = case.actions
    receipt = action.receipt or {}
    await desk.scene.admin.sequence_events()
    story = [event for event in await desk.scene.admin.read_journal(0, 10_000) if event.case_id == case.id]
    told = [event.type for event in story if event.type in ("action.recorded", "action.executed")]

    assert told == ["action.recorded", "action.executed"]
    assert action.payload == {"from_account": "SAV-001", "to_account": "SAV-002", "amount": "7.00", "memo": "kept"}
    assert (receipt["idempotency_key"], receipt["amount"]) == (action.effect_key, "7.00")
    assert await desk.vault.books("SELECT transfer_id::text FROM bank.transfer WHERE memo = 'kept'") == receipt["transfer_id"]


async def test_three_agents_make_a_payment_and_each_step_stands_on_the_board(desk: Desk) -> None:
    """One looks and writes down, one decides on what it read there, one lets the bank do it, in the bank's words."""
    case = await desk.open(
        "payment", source_account="CHK-001", destination_account="SAV-002", amount="20.5", memo="paid", task_id="t-1"
    )
    [action] = case.actions
    by = [(task.stage, task.decision.by, task.decision.reasons) for task in case.tasks if task.decision]

    assert (case.outcome, {key: fact.by for key, fact in case.facts.items()}) == (
        "executed",
        {"payer": "funds", "payee": "funds", "parties": "funds"},
    )
    assert by == [
        ("context", "funds", ["accounts_looked_up"]),
        ("clearing", "clearing", ["funds_suffice"]),
        ("execution", "execution", ["booked"]),
    ]
    assert case.facts["payer"].value["account"] == "CHK-001"
    assert {"from_account", "to_account", "currency"} <= action.payload.keys()
    assert (action.payload["amount"], action.authorization and action.authorization.reads) == (
        "20.50",
        ["parties@1", "payee@1", "payer@1"],
    )
    assert await desk.vault.books(BOOKED, "paid") == 1


UNPAID = {
    "insufficient_funds": {"source_account": "CHK-005", "destination_account": "SAV-002", "amount": "36.00"},
    "account_closed": {"source_account": "CHK-001", "destination_account": "CHK-006", "amount": "1.00"},
    "currency_mismatch": {"source_account": "CHK-001", "destination_account": "CHK-004", "amount": "1.00"},
    "sanctions_hit": {"source_account": "CHK-008", "destination_account": "SAV-002", "amount": "1.00"},
    "same_account": {"source_account": "CHK-001", "destination_account": "CHK-001", "amount": "1.00"},
}


async def test_a_payment_that_may_not_be_is_refused_by_name(desk: Desk) -> None:
    """And nothing moves; what rules do not settle rests with a person."""
    ended = {reason: await desk.open("payment", **payload, memo="unpaid") for reason, payload in UNPAID.items()}
    resting = await desk.open(
        "payment", source_account="SAV-012", destination_account="SAV-002", amount="6000.00", memo="rests"
    )

    assert {reason: case.outcome for reason, case in ended.items()} == dict.fromkeys(UNPAID, "rejected")
    assert [reason for reason, case in ended.items() if reason not in decided(case)] == []
    assert (resting.stage, "large_amount_to_new_payee" in decided(resting)) == ("review", True)
    assert await desk.vault.books(BOOKED, "unpaid") == 0
    assert (await desk.review(resting, "reject")).outcome == "rejected"


async def test_what_a_payment_rests_on_may_not_change_before_it_is_sent(desk: Desk) -> None:
    """A fact that is superseded ends the permission: the accounts are looked up again, and the payment is made once."""
    case = await desk.scene.open(
        "payment", {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "3.00", "memo": "anew"}
    )
    for name in ("funds", "clearing"):
        assert await desk._turn(name) == 1
    seat = LocalBoard(desk.scene.board, desk.scene.people["requester"])
    stale = (await seat.show_case(case.id)).facts["payer"].value
    await seat.put_fact(case.id, "payer", {**stale, "available": "0.00"})
    ended = await desk.work(case.id)

    assert (ended.outcome, ended.facts["payer"].version) == ("executed", 3)
    assert [task.stage for task in ended.tasks] == ["context", "clearing", "execution", "context", "clearing", "execution"]
    assert await desk.vault.books(BOOKED, "anew") == 1


async def test_a_copilot_answers_an_accounts_own_customer_and_nobody_else(desk: Desk) -> None:
    """The balance as it is; the account with valid numbers, of a card no more than its ends."""
    asked = [
        await desk.open("support", customer_id=customer, request=request, account="CHK-002")
        for customer, request in (("C-1002", "balance"), ("C-1002", "account_metadata"), ("C-1001", "balance"))
    ]
    balance, metadata, other = [next(task.decision for task in case.tasks if task.decision) for case in asked]

    assert [case.outcome for case in asked] == ["answered", "answered", "rejected"]
    assert (balance.result or {})["balance"] == f"{(await desk.bank.balance('CHK-002')).balance:.2f}"
    told = metadata.result or {}
    assert (told["holder_kind"], told["kind"], told["bic"]) == ("person", "checking", "SNDXDET0")
    assert [card["number"] for card in told["cards"]] == ["999901******0029"]
    assert (other.reasons, other.result) == (["account_of_another_customer"], None)


async def test_a_card_is_blocked_once_by_its_holder_and_after_fraud_let_go_by_people_alone(desk: Desk) -> None:
    """Each change under a key and authorized; another's card is left alone."""
    mine: dict[str, Any] = {"customer_id": "C-1001", "card": "CARD-001"}
    blocked = await desk.open("support", **mine, request="card_block", reason="lost")
    state = (await desk.bank.card("CARD-001")).state
    released = await desk.open("support", **mine, request="card_unblock")
    other = await desk.open("support", **{**mine, "card": "CARD-003"}, request="card_block")
    await desk.bank.block_card("CARD-001", "confirmed fraud")
    again = await desk.open("support", **mine, request="card_block", reason="found it")
    asked = await desk.open("support", **mine, request="card_unblock")
    still = (await desk.bank.card("CARD-001")).state
    decision = await desk.review(asked, "approve")

    assert (blocked.outcome, state, released.outcome) == ("executed", "blocked", "executed")
    assert (other.outcome, decided(other)) == ("rejected", ["card_of_another_customer"])
    assert (again.outcome, asked.stage, still, decision.outcome) == ("executed", "review", "blocked", "executed")
    assert (await desk.bank.card("CARD-001")).state == "active"
    [action] = blocked.actions
    assert (action.kind, action.state, action.attempts) == ("card_status", "executed", 1)
    assert await desk.vault.books("SELECT count(*) FROM bank.operation WHERE effect_key = $1", action.effect_key) == 1


async def test_a_town_moves_in_once_and_may_grow_while_the_books_stay_right(desk: Desk) -> None:
    """Asked for again nobody comes twice; all have incomes and valid numbers, and a past; without the key nobody comes."""
    async with desk.vault.back_office() as office, desk.vault.http() as teller:
        refused = (await teller.put("/town", json={"people": 5})).status_code
        silly = [(await office.put("/town", json={"people": people})).status_code for people in (-1, 10_000, "many", None)]
        grown = [(await office.put("/town", json={"people": people})).json()["people"] for people in (5, 12, 12, 3)]
        violations = (await office.get("/books/violations")).json()
        somebody = (await teller.get("/customers/T-0012")).json()
    account = await desk.bank.metadata("CHK-T0012")

    assert (refused, silly, grown, violations) == (403, [422] * 4, [5, 12, 12, 12], [])
    assert (somebody["kind"], Decimal(somebody["income_monthly"]) > 0) == ("person", True)
    assert await desk.vault.books("SELECT count(*) FROM bank.customer WHERE customer_id LIKE 'T-%'") == 12
    assert await desk.vault.books("SELECT count(*) FROM bank.transfer WHERE memo = 'Salary'") == 24
    assert (
        await desk.vault.books("SELECT count(*) FROM bank.card WHERE number IS NOT NULL AND NOT bank.is_card_number(number)")
        == 0
    )
    assert (account.bic, is_valid_iban(account.iban), account.holder) == ("SNDXDET0", True, somebody["name"])
    with pytest.raises(BankNotFound):
        await desk.bank.metadata("CHK-T0013")
