"""Loans at the sandbox bank: paid out whole or not at all, paid back to the cent, changed only as the bank's own books say."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers, BankError, BankRefused, BankUnavailable
from agents.bank.models import TransferOrder
from agents.lending import schedule
from agents.lending.terms import planned
from tests.conftest import Databases
from tests.http.vault import Vault, open_vault

RATE = Decimal("6.90")


@pytest.fixture(scope="module")
async def vault(databases: Databases) -> AsyncIterator[Vault]:
    """A bank; after all of this its books are sound."""
    async with databases() as database, open_vault(database) as vault:
        yield vault
        async with vault.back_office() as http:
            assert (await http.get("/books/violations")).json() == []


def loan(amount: str = "1200.00", months: int = 12, **changes: Any) -> dict[str, Any]:
    """What the bank is told to lend to the owner of CHK-001."""
    whom = {"customer_id": "C-1001", "from_account": "BANK-USD", "to_account": "CHK-001", "amount": amount, "currency": "USD"}
    return {**whom, "term_months": months, **planned(RATE, schedule.plan(Decimal(amount), RATE, months)), **changes}


def new_plan(loan_id: str, owed: str, number: int = 2, **changes: Any) -> dict[str, Any]:
    """Another plan for what is owed."""
    what = {"loan_id": loan_id, "customer_id": "C-1001", "plan": number, "principal": owed, "term_months": 24}
    return {**what, **planned(RATE, schedule.plan(Decimal(owed), RATE, 24)), **changes}


async def lend(bank: Bank, **changes: Any) -> str:
    """The number of a loan that was paid out."""
    return str((await bank.operate("loan", loan(**changes), secrets.token_hex(8))).answer["loan_id"])


async def pay(bank: Bank, amount: str, memo: str, **changes: str) -> None:
    """Money for the bank."""
    told = {"from_account": "CHK-003", "to_account": "BANK-USD", "amount": amount, "memo": memo, **changes}
    await bank.transfer(TransferOrder.model_validate(told), secrets.token_hex(8))


NO_LOANS: dict[str, tuple[dict[str, Any], str]] = {
    "digest of another plan": ({"schedule_digest": "0" * 64}, "unfit-plan"),
    "parts that add up to less": ({"amount": "1200.01"}, "unfit-plan"),
    "another number of months": ({"term_months": 11}, "unfit-plan"),
    "to another's account": ({"to_account": "CHK-002"}, "not-lending"),
    "to an unknown customer": ({"customer_id": "C-0000"}, "not-lending"),
    "out of a customer's account": ({"from_account": "CHK-003"}, "not-lending"),
    "out of and into the bank's": ({"customer_id": "BANK", "to_account": "BANK-EUR"}, "currency-mismatch"),
    "to a closed account": ({"customer_id": "C-1006", "to_account": "CHK-006"}, "closed-account"),
    "to no account": ({"to_account": "NOPE-1"}, "unknown-account"),
    "in another currency": ({"currency": "EUR"}, "currency-mismatch"),
    "a float": ({"amount": 1200.0}, "invalid"),
    "not a number": ({"amount": "NaN"}, "invalid"),
    "a rate of usurers": ({"rate": "100.01"}, "invalid"),
    "no months": ({"term_months": 0, "instalments": []}, "invalid"),
    "negative interest": ({"instalments": [{"principal": "1200.00", "interest": "-1.00"}]}, "invalid"),
    "something else": ({"discount": "1.00"}, "invalid"),
}


async def test_what_cannot_be_lent_leaves_no_trace(vault: Vault) -> None:
    """No loan, no plan, no money: each is refused with the word for it."""
    trace = "SELECT (SELECT count(*) FROM bank.loan) + (SELECT count(*) FROM bank.plan) + (SELECT count(*) FROM bank.transfer)"
    before = await vault.books(trace)
    async with vault.http() as http:
        for name, (changes, code) in NO_LOANS.items():
            answer = await http.post(
                "/v1/operations", json={"kind": "loan", **loan(), **changes}, headers={"Idempotency-Key": secrets.token_hex(8)}
            )
            assert (name, answer.status_code, answer.json()["type"].rpartition(":")[2]) == (name, 422, code)

    assert await vault.books(trace) == before


async def test_a_loan_is_paid_out_once_however_often_it_is_ordered(vault: Vault) -> None:
    """Twelve at once under one key, and once more later; another order under it is refused."""
    key = secrets.token_hex(8)

    async def order(bank: Bank) -> str | None:
        try:
            return str((await bank.operate("loan", loan(amount="600.00"), key)).answer["loan_id"])
        except BankUnavailable:
            return None

    async with vault.client() as bank:
        told = set(await asyncio.gather(*(order(bank) for _ in range(12)))) - {None}
        [loan_id] = told | {await order(bank)}
        with pytest.raises(BankDiffers):
            await bank.operate("loan", loan(amount="700.00"), key)
        booked = await bank.find(key)

    assert await vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key = $1", key) == 1
    assert booked is not None
    assert (booked.amount, loan_id) == (Decimal("600.00"), await vault.books("SELECT max(loan_id) FROM bank.loan"))


async def test_instalments_come_due_and_late_as_the_bank_s_clock_moves(vault: Vault) -> None:
    """Interest is paid first, the oldest instalment first; what is too much is not taken, whoever pays at once."""
    async with vault.client() as bank, vault.back_office() as http:
        loan_id = await lend(bank)
        first, *_ = await bank.loan_schedule(loan_id)
        new = await bank.loan(loan_id)
        for day in (first.due_on, first.due_on + timedelta(days=33)):
            (await http.put("/clock", json={"at": f"{day.isoformat()}T23:00:00Z"})).raise_for_status()
            states = [row.state for row in await bank.loan_schedule(loan_id)][:3]
        late = await bank.loan(loan_id)
        await pay(bank, "10.00", f"{loan_id} part")
        part = (await bank.loan_schedule(loan_id))[0].paid
        await asyncio.gather(*(pay(bank, "40.00", f"instalment {loan_id}") for _ in range(8)))
        after = await bank.loan(loan_id)
        await pay(bank, "5.00", "LN-999999")
        await pay(bank, "5.00", loan_id, to_account="CHK-002")
        await pay(bank, "9000.00", loan_id)
        done = await bank.loan(loan_id)

    assert (new.state, new.owed, new.late, states) == ("current", Decimal("1200.00"), 0, ["late", "late", "upcoming"])
    assert (late.late, late.days_late, late.overdue) == (2, 33, first.amount * 2)
    assert (part, after.late, after.repaid) == (Decimal("10.00"), 0, Decimal("330.00"))
    assert (done.state, done.owed, done.repaid) == ("paid", Decimal(0), Decimal("1200.00") + Decimal("45.30"))


async def test_a_new_plan_is_entered_for_what_is_owed_and_nothing_else(vault: Vault) -> None:
    """Another sum, another number, another customer, another digest: refused. The old plan stays in the books."""
    async with vault.client() as bank:
        loan_id = await lend(bank)
        wrong: tuple[tuple[dict[str, Any], str], ...] = (
            ({"owed": "1199.99"}, "loan-changed"),
            ({"number": 3}, "loan-changed"),
            ({"customer_id": "C-1002"}, "unknown-loan"),
            ({"schedule_digest": "f" * 64}, "unfit-plan"),
            ({"loan_id": "LN-000000"}, "unknown-loan"),
        )
        for changes, code in wrong:
            with pytest.raises(BankRefused) as refused:
                await bank.operate("restructuring", new_plan(**{"loan_id": loan_id, "owed": "1200.00", **changes}), "r-1")
            assert (changes, refused.value.code) == (changes, code)
        answers = [(await bank.operate("restructuring", new_plan(loan_id, "1200.00"), "r-1")).answer for _ in range(2)]
        with pytest.raises(BankRefused, match="nobody was reminded"):
            await bank.operate(
                "reminder", {"loan_id": loan_id, "customer_id": "C-1001", "overdue": "1.00", "currency": "USD"}, "m-1"
            )
        now = await bank.loan(loan_id)

    assert answers[0] == answers[1]
    assert (now.plan, now.months, now.owed) == (2, 24, Decimal("1200.00"))
    assert await vault.books("SELECT count(*) FROM bank.instalment WHERE loan_id = $1 AND plan = 1", loan_id) == 12


async def test_whoever_asks_for_what_is_not_there_is_told_so(vault: Vault) -> None:
    """Ids as people and programs send them: 404, and a list where a list was asked for."""
    async with vault.http() as http:
        for path in (
            "/v1/loans/LN-0",
            "/v1/loans/%00",
            "/v1/loans/x/schedule",
            "/v1/customers/C-0/loans",
            "/v1/customers/%F0/accounts",
        ):
            assert (path, (await http.get(path)).status_code) == (path, 404)
        named = await http.get("/v1/customers", params={"name": "  ada   BRIGHTWELL "})
        nobody = await http.get("/v1/customers", params={"name": "Robert'); DROP TABLE"})
        missing = await http.get("/v1/customers")

    assert ([each["id"] for each in named.json()], nobody.json(), missing.status_code) == (["C-1001"], [], 422)
    async with vault.client() as bank:
        with pytest.raises(BankError):
            await bank.loan("../terms")


async def test_a_planted_lie_about_a_loan_is_found_in_the_books(vault: Vault) -> None:
    """A cent moved into a plan, an instalment that nobody paid: each breaks a rule by its name."""
    async with vault.client() as bank:
        loan_id = await lend(bank)
    told = []
    for change in ("principal = principal + 0.01", "paid = 1", "principal = principal - 0.01, paid = 0"):
        await vault.books(
            f"WITH lie AS (UPDATE bank.instalment SET {change} WHERE loan_id = $1 AND number = 1 RETURNING 1) SELECT 1", loan_id
        )
        told.append(await vault.books("SELECT array_agg(rule ORDER BY rule) FROM bank.broken_rule"))

    assert told == [["plan"], ["plan", "repaid"], None]
