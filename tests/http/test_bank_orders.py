"""What else a bank does: it holds money, keeps statements, asks the customer, blocks, closes for the day, and forgets."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from agents.bank.errors import BankDiffers, BankNotFound, BankOutcomeUnknown, BankPending, BankRefused, BankStepUp
from agents.bank.models import Entry, TransferOrder
from tests.conftest import Database, Databases
from tests.http.vault import Vault, open_vault

ORDER = TransferOrder.model_validate({"from_account": "CHK-003", "to_account": "SAV-002", "amount": "100.00"})


@pytest.fixture(scope="module")
async def vault(databases: Databases) -> AsyncIterator[Vault]:
    """A bank whose clock nobody moves."""
    async with databases() as database, open_vault(database) as vault:
        yield vault


@pytest.fixture(autouse=True)
async def _books_in_order(vault: Vault) -> AsyncIterator[None]:
    """After each test."""
    yield
    async with vault.back_office() as office:
        assert (await office.get("/books/violations")).json() == []


def key() -> str:
    """An idempotency key of its own."""
    return secrets.token_hex(8)


async def move_clock(vault: Vault, to: datetime) -> dict[str, Any]:
    """It is that time at the bank."""
    async with vault.back_office() as office:
        answer = await office.put("/clock", json={"at": to.isoformat()})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_held_money_cannot_be_spent_and_is_posted_once(vault: Vault) -> None:
    """However often it is asked for; less than was held may be posted, and the rest is free again."""
    order = TransferOrder.model_validate({"from_account": "CHK-005", "to_account": "SAV-002", "amount": "30.00"})
    async with vault.client() as bank:
        mine = key()
        hold = await bank.place_hold(order, mine, expires_in_s=600)
        again = await bank.place_hold(order, mine, expires_in_s=600)
        balance = await bank.balance("CHK-005")
        with pytest.raises(BankRefused) as broke:
            await bank.transfer(order, key())
        with pytest.raises(BankRefused) as too_much:
            await bank.post_hold(hold.hold_id, Decimal("30.01"))
        receipts = [await bank.post_hold(hold.hold_id, Decimal("20.00")) for _ in range(2)]
        after = await bank.balance("CHK-005")
        with pytest.raises(BankRefused) as over:
            await bank.void_hold(hold.hold_id)

    assert (again, hold.state) == (hold, "held")
    assert (balance.balance, balance.available) == (Decimal("35.20"), Decimal("5.20"))
    assert [error.value.code for error in (broke, too_much, over)] == ["insufficient-funds", "hold-too-small", "hold-resolved"]
    assert receipts[0] == receipts[1]
    assert (after.balance, after.available) == (Decimal("15.20"), Decimal("15.20"))


async def test_a_hold_ends_in_one_way_whoever_asks_at_once(vault: Vault) -> None:
    """Ten post and ten void: all of one kind agree, all of the other are refused."""
    async with vault.client() as bank:
        hold = await bank.place_hold(ORDER, key(), expires_in_s=600)

        async def end(verb: str) -> str:
            try:
                await (bank.post_hold(hold.hold_id) if verb == "post" else bank.void_hold(hold.hold_id))
            except BankRefused as refused:
                return refused.code
            return verb

        told = await asyncio.gather(*(end(verb) for verb in ["post", "void"] * 10))
        ended = (await bank.hold(hold.hold_id)).state

    winner = {"posted": "post", "voided": "void"}[ended]
    assert sorted(told) == sorted([winner] * 10 + ["hold-resolved"] * 10)
    assert await vault.books("SELECT count(*) FROM bank.transfer WHERE transfer_id = $1", hold.hold_id) == (ended == "posted")


async def test_a_key_belongs_to_one_order_of_one_kind(vault: Vault) -> None:
    """A hold's key books no transfer and a transfer's places no hold."""
    async with vault.client() as bank:
        held, paid = key(), key()
        await bank.place_hold(ORDER, held, expires_in_s=60)
        await bank.transfer(ORDER, paid)
        with pytest.raises(BankDiffers):
            await bank.transfer(ORDER, held)
        with pytest.raises(BankDiffers):
            await bank.place_hold(ORDER, paid, expires_in_s=60)


async def test_a_statement_is_read_page_by_page_without_a_gap(vault: Vault) -> None:
    """While money moves in both directions; it adds up to the balance."""

    async def pay(bank: Any, n: int) -> None:
        ends = ("CHK-014", "SAV-012") if n % 2 else ("SAV-012", "CHK-014")
        await bank.transfer(ORDER.model_copy(update={"from_account": ends[0], "to_account": ends[1]}), f"page-{n}")

    async with vault.client() as bank:
        paying = asyncio.gather(*(pay(bank, n) for n in range(30)))
        entries: list[Entry] = []
        after = 0
        while not paying.done() or len(entries) < 31:
            page = await bank.statement("CHK-014", after=after, limit=4)
            entries += page.entries
            after = entries[-1].entry if entries else 0
        await paying
        balance = (await bank.balance("CHK-014")).balance

    references = [entry.reference for entry in entries]
    assert sorted(references) == sorted(["opening:CHK-014", *(f"page-{n}" for n in range(30))])
    assert sum(entry.amount for entry in entries) == balance


async def test_cards_are_blocked_and_accounts_frozen(vault: Vault) -> None:
    """With a reason, and back; nothing moves from or to a frozen account."""
    async with vault.client() as bank:
        blocked = await bank.block_card("CARD-003", "lost")
        usable = await bank.unblock_card("CARD-003")
        frozen = await bank.freeze("SAV-003", "court order")
        refused = []
        for change in ({"from_account": "SAV-003"}, {"to_account": "SAV-003"}):
            with pytest.raises(BankRefused) as error:
                await bank.transfer(ORDER.model_copy(update=change), key())
            refused.append(error.value.code)
        free = await bank.unfreeze("SAV-003")
        with pytest.raises(BankNotFound):
            await bank.card("CARD-999")

    assert (blocked.state, blocked.why, usable.state, usable.why) == ("blocked", "lost", "active", None)
    assert (frozen.frozen_because, free.frozen_because, refused) == ("court order", None, ["frozen-account"] * 2)


BAD: dict[str, list[dict[str, Any] | None]] = {
    "POST /v1/holds": [{}, {"expires_in_s": 0}, {"expires_in_s": "x"}, {"amount": 1.5}, {"more": 1}, {"amount": "1e3"}],
    "POST /v1/holds/1/post": [{}],
    "POST /v1/challenges/00000000-0000-0000-0000-000000000000/answer": [
        {},
        {"code": "x"},
        {"code": 123456},
        {"code": "1234567"},
    ],
    "POST /v1/cards/CARD-001/block": [{}, {"reason": ""}, {"reason": "x" * 201}],
    "GET /v1/statements?account=CHK-001&after=-1": [None],
    "GET /v1/statements?account=CHK-001&limit=0": [None],
    "GET /v1/statements?account=CHK-001&after=99999999999999999999": [None],
    "GET /v1/statements": [None],
}


async def test_bad_input_is_refused_with_words(vault: Vault) -> None:
    """422 with a sentence, never an error of ours, and nothing changes."""
    order = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "1.00"}
    told = {}
    async with vault.http() as http:
        for route, bodies in BAD.items():
            verb, path = route.split(" ")
            for change in bodies:
                body = {**(order if path == "/v1/holds" and change else {}), **change} if change is not None else None
                answer = await http.request(verb, path, json=body, headers={"Idempotency-Key": key()})
                told[route, str(change)] = (answer.status_code, bool(answer.json()["detail"]))
        nul = await http.post("/v1/cards/CARD-001/block", json={"reason": "a\0b"})
        missing = [
            (await http.request(verb, path, json=body)).status_code
            for verb, path, body in (
                ("GET", "/v1/statements?account=NOPE-1", None),
                ("GET", "/v1/cards/%00", None),
                ("POST", "/v1/accounts/NOPE/freeze", {"reason": "x"}),
                ("GET", "/v1/holds/00000000-0000-0000-0000-000000000000", None),
                ("POST", "/v1/holds/00000000-0000-0000-0000-000000000000/void", {}),
                ("POST", "/v1/challenges/00000000-0000-0000-0000-000000000000/answer", {"code": "123456"}),
            )
        ]

    assert told == dict.fromkeys(told, (422, True))
    assert (nul.status_code, missing) == (400, [404] * 6)


async def test_every_order_that_arrived_is_in_the_log(vault: Vault) -> None:
    """Also refused ones, each with the digest of the same canonical bytes; nobody can change it."""
    async with vault.client() as bank, vault.http() as http:
        await bank.transfer(ORDER, "logged")
        dialect = {"from_account_id": "CHK-003", "to_account_id": "SAV-002", "amount": "100.00", "currency": "USD"}
        await http.post("/v1/transfers", json=dialect, headers={"Idempotency-Key": "logged"})
        with pytest.raises(BankDiffers):
            await bank.transfer(ORDER.model_copy(update={"amount": Decimal("1.00")}), "logged")

    query = (
        "SELECT array_agg(verdict ORDER BY request_id) || count(DISTINCT digest)::text FROM bank.request WHERE effect_key = $1"
    )
    assert await vault.books(query, "logged") == ["booked", "replayed", "mismatch", "2"]
    with pytest.raises(asyncpg.PostgresError, match="never change"):
        await vault.books("DELETE FROM bank.request")


# ---------------------------------------------------------------------------------------------- banks whose clock is moved
async def test_an_order_after_the_cut_off_is_booked_on_the_next_business_day(database: Database) -> None:
    """Over a holiday of the euro's payment system; its money is set aside until then, and it is never taken for unpaid."""
    # Maundy Thursday of 2035. Good Friday and Easter Monday are closed.
    evening, tuesday = datetime(2035, 3, 22, 16, 30, tzinfo=UTC), datetime(2035, 3, 26, 22, 0, tzinfo=UTC)
    async with open_vault(database, cut_off="17:00", zone="Europe/Brussels") as vault, vault.client() as bank:
        await move_clock(vault, evening - timedelta(hours=2))
        booked = await bank.transfer(ORDER, key())
        await move_clock(vault, evening)
        before = await bank.balance("CHK-003")
        told = []
        for ask in (bank.transfer(ORDER, "late"), bank.transfer(ORDER, "late"), bank.find("late")):
            with pytest.raises(BankPending) as pending:
                await ask
            told.append(pending.value.books_at)
        between = await bank.balance("CHK-003")
        await move_clock(vault, tuesday)
        receipt = await bank.find("late")
        again = await bank.transfer(ORDER, "late")
        async with vault.back_office() as office:
            back = await office.put("/clock", json={"at": "2035-01-01T00:00:00Z"})

    assert booked.status == "booked"
    assert told == [tuesday] * 3
    assert (between.balance, between.available) == (before.balance, before.available - 100)
    assert receipt is not None
    assert (receipt, receipt.booked_at >= tuesday) == (again, True)
    assert back.json()["title"] == "clock-backwards"


async def test_a_hold_expires_by_the_banks_clock(database: Database) -> None:
    """The money is free again, and posting it is refused."""
    async with open_vault(database) as vault, vault.client() as bank:
        hold = await bank.place_hold(ORDER, key(), expires_in_s=60)
        await move_clock(vault, hold.expires_at)
        state = (await bank.hold(hold.hold_id)).state
        balance = await bank.balance("CHK-003")
        with pytest.raises(BankRefused) as over:
            await bank.post_hold(hold.hold_id)

        assert (state, balance.available, over.value.code) == ("expired", balance.balance, "hold-resolved")


async def test_a_key_that_the_bank_forgot_pays_nothing_twice(database: Database) -> None:
    """It is not found by key any more; sent again it is neither booked nor refused for good; the statement has it."""
    async with open_vault(database, keys_kept_s=60) as vault, vault.client() as bank:
        terms = await bank.terms()
        await bank.transfer(ORDER, "old")
        await move_clock(vault, terms.now + timedelta(seconds=120))
        found = await bank.find("old")
        with pytest.raises(BankOutcomeUnknown):
            await bank.transfer(ORDER, "old")
        [entry] = (await bank.statement("CHK-003", reference="old")).entries

        assert (terms.keys_kept_s, found, entry.amount) == (60, None, Decimal("-100.00"))
        assert await vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key = 'old'") == 1


async def test_above_a_limit_the_customer_is_asked(database: Database) -> None:
    """Nothing moves until the code was given; then the same key goes through, once. Three wrong codes end it."""
    async with open_vault(database, step_up_from="50.00") as vault, vault.client() as bank, vault.back_office() as office:
        codes = []
        for mine in ("asked", "asked", "guessed"):
            with pytest.raises(BankStepUp) as step_up:
                await bank.transfer(ORDER, mine)
            codes.append(step_up.value.challenge_id)
        asked, guessed = codes[1:]
        code = (await office.get(f"/v1/challenges/{asked}")).json()["code"]
        moved = await vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key = 'asked'")
        passed = await bank.answer_challenge(asked, code)
        receipts = [await bank.transfer(ORDER, "asked") for _ in range(2)]
        wrong = str(1 + int((await office.get(f"/v1/challenges/{guessed}")).json()["code"]) % 900000).zfill(6)
        said = []
        for _ in range(4):
            with pytest.raises(BankRefused) as refused:
                await bank.answer_challenge(guessed, wrong)
            said.append(refused.value.code)
        with pytest.raises(BankRefused) as final:
            await bank.transfer(ORDER, "guessed")

    assert (codes[0], moved, passed.state, passed.code) == (asked, 0, "passed", None)
    assert receipts[0] == receipts[1]
    assert said == ["wrong-answer", "wrong-answer", "step-up-refused", "step-up-refused"]
    assert final.value.code == "step-up-refused"


LIES = {
    "conservation": "INSERT INTO bank.posting SELECT transfer_id, 'CHK-005', 1 FROM bank.transfer WHERE to_account = 'CHK-001'",
    "balance": "UPDATE bank.account SET balance = balance + 1 WHERE account_id = 'CHK-001'",
    "double_entry": "INSERT INTO bank.transfer (amount, currency, from_account, to_account, effect_key, print)"
    " VALUES (1, 'USD', 'CHK-001', 'SAV-002', 'x', sha256('x'))",
    "reserved": "UPDATE bank.account SET held = 1 WHERE account_id = 'CHK-001'",
    "resolved_once": "INSERT INTO bank.hold (amount, currency, from_account, to_account, effect_key, print, state, due_at,"
    " at_due, resolved_at) VALUES (1, 'USD', 'CHK-001', 'SAV-002', 'y', sha256('y'), 'posted', now(), 'expired', now())",
    "overdrawn": "UPDATE bank.account SET held = 999999 WHERE account_id = 'CHK-005'",
    "reference": "ALTER TABLE bank.transfer DROP CONSTRAINT transfer_effect_key_key; INSERT INTO bank.transfer (amount,"
    " currency, from_account, to_account, effect_key, print)"
    " SELECT amount, currency, from_account, to_account, effect_key, print FROM bank.transfer LIMIT 1",
}


async def test_the_check_of_the_books_finds_every_planted_lie(database: Database) -> None:
    """Each under the name of the rule that it breaks."""
    async with open_vault(database) as vault, vault.back_office() as office:
        told = {}
        connection = await asyncpg.connect(database.url)
        for rule, lie in LIES.items():
            await connection.execute(lie)
            told[rule] = {found["rule"] for found in (await office.get("/books/violations")).json()}
        await connection.close()

    assert [rule for rule, found in told.items() if rule not in found] == []
