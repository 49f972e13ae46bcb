"""The sandbox bank over a real socket, and its client against banks that misbehave."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers, BankNotFound, BankOutcomeUnknown, BankRefused, BankUnavailable
from agents.bank.models import TransferOrder
from tests.conftest import Database
from tests.http.vault import KEY, Vault, open_vault

ORDER = TransferOrder.model_validate({"from_account": "CHK-001", "to_account": "SAV-002", "amount": "250.00"})


@pytest.fixture
async def vault(database: Database) -> AsyncIterator[Vault]:
    """A bank on its first day."""
    async with open_vault(database) as vault:
        yield vault


def key() -> str:
    """An idempotency key of its own."""
    return secrets.token_hex(8)


async def test_a_transfer_moves_money_and_can_be_found_again(vault: Vault) -> None:
    """By its id and by the key it was ordered under."""
    async with vault.client() as bank:
        receipt = await bank.transfer(ORDER, "the-key")
        found = await bank.find("the-key")
        balances = [(await bank.balance(account)).balance for account in ("CHK-001", "SAV-002")]

    assert (found, balances) == (receipt, [Decimal("4750.00"), Decimal("1050.00")])


async def test_both_dialects_book_on_one_ledger_under_one_key(vault: Vault) -> None:
    """The same order in the other dialect is the same transfer."""
    headers = {"Idempotency-Key": key()}
    agents = {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "10.00"}
    retail = {"from_account_id": "CHK-001", "to_account_id": "SAV-002", "amount": "10.00", "currency": "USD"}
    async with vault.http() as http:
        first = await http.post("/transfers", json=agents, headers=headers)
        second = await http.post("/v1/transfers", json=retail, headers=headers)

    assert (first.json()["status"], second.json()["status"]) == ("submitted", "pending")
    assert first.json()["transfer_id"] == second.json()["transaction_id"]
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_a_key_that_moved_something_else_is_refused(vault: Vault) -> None:
    """Nothing more moves; but something did under this key, so the order has not simply failed."""
    async with vault.client() as bank:
        await bank.transfer(ORDER, "the-key")
        with pytest.raises(BankDiffers, match="something else under this key"):
            await bank.transfer(ORDER.model_copy(update={"amount": Decimal("9.00")}), "the-key")


async def test_fifty_at_once_under_one_key_book_once(vault: Vault) -> None:
    """The others are told the same receipt, or to come back."""

    async def pay(bank: Bank) -> object:
        try:
            return (await bank.transfer(ORDER, "the-key")).transfer_id
        except BankUnavailable:
            return None

    async with vault.client() as bank:
        receipts = {receipt for receipt in await asyncio.gather(*(pay(bank) for _ in range(50))) if receipt}

    assert (len(receipts), await vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key = 'the-key'")) == (1, 1)


async def test_money_is_conserved_whatever_happens_at_once(vault: Vault) -> None:
    """Eighty transfers that cross: no deadlock, all books add up, no account below its limit."""
    chance = random.Random(7)
    accounts = ["CHK-001", "SAV-002", "CHK-005", "CHK-010", "CHK-011"]

    async def pay(bank: Bank) -> None:
        source, target = chance.sample(accounts, 2)
        amount = f"{chance.randint(1, 90000) / 100:.2f}"
        order = TransferOrder.model_validate({"from_account": source, "to_account": target, "amount": amount})
        mine = key()
        while True:
            with contextlib.suppress(BankOutcomeUnknown, BankUnavailable):  # on a slow machine: asked again under the same key
                with contextlib.suppress(BankRefused):  # some accounts run dry
                    await bank.transfer(order, mine)
                return
            await asyncio.sleep(0.05)  # while the bank is left alone nothing else gives way

    async with vault.client() as bank:
        await asyncio.gather(*(pay(bank) for _ in range(80)))

    assert await vault.books("SELECT count(*) FROM bank.unbalanced") == 0
    assert await vault.books("SELECT sum(amount) FROM bank.posting") == 0
    assert await vault.books("SELECT count(*) FROM bank.account WHERE balance < -overdraft") == 0


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "insufficient funds": ({"source_account": "CHK-005", "amount": "1000.00"}, 422, "insufficient-funds"),
    "unknown account": ({"destination_account": "NOPE-1"}, 422, "unknown-account"),
    "closed account": ({"destination_account": "CHK-006"}, 422, "closed-account"),
    "other currency": ({"destination_account": "CHK-004"}, 422, "currency-mismatch"),
    "to itself": ({"destination_account": "CHK-001"}, 422, "same-account"),
    "float": ({"amount": 1.5}, 422, "invalid"),
    "exponent": ({"amount": "1e3"}, 422, "invalid"),
    "nan": ({"amount": "NaN"}, 422, "invalid"),
    "negative": ({"amount": "-1.00"}, 422, "invalid"),
    "too precise": ({"amount": "1.001"}, 422, "invalid"),
    "arabic digits": ({"amount": "٣"}, 422, "invalid"),
    "unknown field": ({"bonus": "1"}, 422, "invalid"),
    "long memo": ({"memo": "x" * 141}, 422, "invalid"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_bad_order_is_refused_and_nothing_moves(vault: Vault, name: str) -> None:
    """With a stable word for it."""
    change, status, code = REFUSED[name]
    order = {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "1.00", **change}
    async with vault.http() as http:
        answer = await http.post("/transfers", json=order, headers={"Idempotency-Key": key()})

    assert (answer.status_code, answer.json()["title"]) == (status, code)
    assert await vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key NOT LIKE 'opening:%'") == 0


async def test_without_the_key_the_door_stays_shut(vault: Vault) -> None:
    """401 for no key and for a wrong one; 400 for a transfer without an idempotency key."""
    async with httpx.AsyncClient(base_url=vault.url) as http, vault.http() as friend:
        nobody = await http.get("/accounts/CHK-001")
        stranger = await http.get("/accounts/CHK-001", headers={"Authorization": "Bearer wrong"})
        keyless = await friend.post("/transfers", json={})

    assert [nobody.status_code, stranger.status_code, keyless.status_code] == [401, 401, 400]


async def test_an_existing_ledger_keeps_its_balances(vault: Vault) -> None:
    """A second start of the bank changes nothing."""
    from agents.bank.ledger import Ledger

    async with vault.client() as bank:
        await bank.transfer(ORDER, "the-key")
        ledger = await Ledger.open(vault.database_url)
        await ledger.close()

        assert (await bank.balance("CHK-001")).balance == Decimal("4750.00")


async def test_booked_entries_never_change(vault: Vault) -> None:
    """Not even for whoever owns the ledger."""
    async with vault.client() as bank:
        await bank.transfer(ORDER, "the-key")

    with pytest.raises(asyncpg.PostgresError, match="never change"):
        await vault.books("UPDATE bank.posting SET amount = 1")


# ------------------------------------------------------------------------------------- a bank that answers as it likes
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def strange_bank(answer: Answer) -> AsyncIterator[Bank]:
    """A client of a server that does one thing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, Bank(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", KEY, limit_s=0.5) as bank:
        yield bank


def says(status: int, body: bytes = b"{}", more: str = "") -> Answer:
    """An HTTP answer."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)
        await writer.drain()

    return answer


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Takes the order and says nothing."""
    await reader.read()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up in the middle."""
    writer.transport.abort()


ECHO = b'{"source_account":"CHK-001","destination_account":"SAV-002","amount":"999.00","currency":"USD"}'


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(silent, BankOutcomeUnknown, id="silence"),
        pytest.param(reset, BankOutcomeUnknown, id="reset"),
        pytest.param(says(500), BankOutcomeUnknown, id="500"),
        pytest.param(says(201, b"<html>"), BankOutcomeUnknown, id="garbage"),
        pytest.param(says(201, ECHO), BankOutcomeUnknown, id="another amount"),
        pytest.param(says(302, more="Location: http://127.0.0.1:1/\r\n"), BankOutcomeUnknown, id="redirect"),
        pytest.param(says(429), BankUnavailable, id="429"),
        pytest.param(says(409), BankUnavailable, id="409"),
        pytest.param(says(422, b'{"type":"urn:x:insufficient-funds","detail":"no"}'), BankRefused, id="422"),
        pytest.param(says(404, b"nothing"), BankNotFound, id="404"),
    ],
)
async def test_each_answer_is_sorted_by_whether_money_may_have_moved(answer: Answer, error: type[Exception]) -> None:
    """Only a definite no is a no; everything that is not a believable yes is unknown."""
    async with strange_bank(answer) as bank:
        with pytest.raises(error):
            await bank.transfer(ORDER, "k")


async def test_a_bank_that_cannot_be_reached_has_certainly_not_paid() -> None:
    """The connection was refused: not a byte left."""
    async with Bank("http://127.0.0.1:1", KEY) as bank:
        with pytest.raises(BankUnavailable):
            await bank.transfer(ORDER, "k")


async def test_questions_are_asked_again_orders_are_not() -> None:
    """A GET that failed is repeated; a POST leaves once."""
    seen: list[bytes] = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(b"")
        await says(503)(reader, writer)

    async with strange_bank(count) as bank:
        with pytest.raises(BankUnavailable):
            await bank.balance("CHK-001")
        asked = len(seen)
        with pytest.raises(BankOutcomeUnknown):
            await bank.transfer(ORDER, "k")

    assert (asked > 1, len(seen) - asked) == (True, 1)
