"""A bank that misbehaves: whatever it answers, its books are right, and its client never takes a maybe for a no."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from agents.bank.callbacks import sign, verify
from agents.bank.errors import BankDiffers, BankForged, BankOutcomeUnknown, BankUnavailable
from agents.bank.faults import CALLBACK_FAULTS, ORDER_FAULTS, Fault, Misbehaviour
from agents.bank.models import TransferOrder
from agents.bank.settings import BankServerSettings
from tests.conftest import Database, Databases
from tests.http.vault import Vault, open_vault

ORDER = TransferOrder.model_validate({"from_account": "CHK-003", "to_account": "SAV-002", "amount": "1.00"})
BOOKED = "SELECT count(*) FROM bank.transfer WHERE effect_key = $1"

# What the client says of an order that meets a fault (None: a receipt), and whether the money has moved.
MET: dict[Fault, tuple[type[Exception] | None, int]] = {
    Fault.LOST_REQUEST: (BankOutcomeUnknown, 0),
    Fault.ERROR_BEFORE: (BankOutcomeUnknown, 0),
    Fault.TOO_MANY: (BankUnavailable, 0),
    Fault.SLOW: (None, 1),
    Fault.RESET_MID_BODY: (BankOutcomeUnknown, 1),
    Fault.COMMIT_THEN_TIMEOUT: (BankOutcomeUnknown, 1),
    Fault.COMMIT_THEN_RESET: (BankOutcomeUnknown, 1),
    Fault.ERROR_AFTER: (BankOutcomeUnknown, 1),
    Fault.DUPLICATE_ANSWER: (BankDiffers, 1),
    Fault.WRONG_AMOUNT: (BankDiffers, 1),
    Fault.WRONG_CURRENCY: (BankDiffers, 1),
    Fault.WRONG_PAYEE: (BankDiffers, 1),
}


@pytest.fixture(scope="module")
async def vault(databases: Databases) -> AsyncIterator[Vault]:
    """A bank that may be told to misbehave."""
    async with (
        databases() as database,
        open_vault(database, faults_allowed=True, fault_hang_s=5, fault_slow_s=0.05, in_flight_s=0.4) as vault,
    ):
        yield vault


def test_every_fault_of_an_order_is_looked_at() -> None:
    """In the table above."""
    assert set(MET) == set(ORDER_FAULTS)


async def test_whatever_an_order_meets_the_money_moves_once(vault: Vault) -> None:
    """The client tells what it may not know; sent again under the same key, the order is booked once."""
    seen, told = {}, {}
    async with vault.client() as bank, vault.back_office() as office:
        before = (await office.get("/faults")).json()["fired"]
        for fault in MET:
            key = f"met-{fault}"
            await bank.transfer(ORDER.model_copy(update={"amount": Decimal("9.00")}), secrets.token_hex(8))
            async with vault.client(fault) as unlucky:
                try:
                    error = None
                    await unlucky.transfer(ORDER, key)
                except Exception as raised:  # noqa: BLE001  # its class is what is looked at
                    error = type(raised)
            seen[fault] = (error, await vault.books(BOOKED, key))
            receipt = await bank.transfer(ORDER, key)
            told[fault] = (receipt.idempotency_key, receipt.amount, await vault.books(BOOKED, key))
        fired = (await office.get("/faults")).json()["fired"]
        violations = (await office.get("/books/violations")).json()

    assert seen == MET
    assert told == {fault: (f"met-{fault}", Decimal("1.00"), 1) for fault in MET}
    assert {fault for fault in MET if fired.get(fault, 0) <= before.get(fault, 0)} == set()
    assert violations == []


async def test_a_booked_transfer_may_be_hidden_only_as_long_as_the_bank_says(vault: Vault) -> None:
    """Then it is found by its key, and it was in the statement all the time."""
    key = secrets.token_hex(8)
    async with vault.client() as bank, vault.client("not_found") as blind:
        booked = await bank.transfer(ORDER, key)
        hidden = await blind.find(key)
        shown = (await bank.statement(ORDER.from_account, reference=key)).entries
        async with asyncio.timeout(10):
            while (found := await blind.find(key)) is None:
                await asyncio.sleep(0.05)

    assert (hidden, found) == (None, booked)
    assert [(entry.reference, entry.amount, entry.counterparty) for entry in shown] == [(key, Decimal("-1.00"), "SAV-002")]


def test_faults_at_random_are_the_same_for_the_same_seed() -> None:
    """By key and attempt, in whatever order the requests come; another seed gives others, the rate is what was asked for."""
    keys = [f"k{n}" for n in range(200)] * 3

    def drawn(seed: int, keys: list[str]) -> dict[tuple[str, int], Fault | None]:
        secret = SecretStr("k" * 16)
        chosen: dict[str, Any] = {"faults_allowed": True, "fault_rate": 0.3, "fault_seed": seed}
        misbehaviour = Misbehaviour(BankServerSettings(database_url=secret, BANK_KEY=secret, **chosen))
        attempts: Counter[str] = Counter()
        told = {}
        for key in keys:
            attempts[key] += 1
            told[key, attempts[key]] = misbehaviour.draw(key, ORDER_FAULTS)
        return told

    first = drawn(7, keys)

    assert drawn(7, sorted(keys)) == first != drawn(8, keys)
    assert set(first.values()) == {None, *ORDER_FAULTS}
    assert 0.2 < sum(fault is not None for fault in first.values()) / len(first) < 0.4


async def test_nobody_but_the_administrator_makes_a_bank_misbehave(vault: Vault, database: Database) -> None:
    """And a bank that was not started for it does not; each says what to do."""
    async with vault.http() as clerk, open_vault(database) as honest, honest.back_office() as office, honest.http() as http:
        told = [
            await clerk.put("/faults", json={"rate": 1}),
            await clerk.get("/faults"),
            await clerk.put("/clock", json={"at": "2040-01-01T00:00:00Z"}),
            await office.put("/faults", json={"rate": 1}),
            await http.get("/accounts/CHK-001", headers={"Bank-Fault": "slow"}),
            await clerk.get("/accounts/CHK-001", headers={"Bank-Fault": "earthquake"}),
        ]
        bad = [
            (await office.put("/faults", json=body)).status_code
            for body in ({"rate": 2}, {"rate": -1}, {"rate": "x"}, {}, {"rate": 0, "kinds": ["x"]}, {"rate": 0, "more": 1})
        ]

    codes = ["not-administrator"] * 3 + ["faults-not-allowed"] * 2 + ["unknown-fault"]
    assert [answer.json()["title"] for answer in told] == codes
    assert bad == [422] * 6


async def test_callbacks_come_twice_late_and_forged_and_can_be_told_apart(database: Database) -> None:
    """By their ids, by what they say, and by their signatures."""
    taken: list[tuple[dict[str, str], bytes]] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = dict(line.split(": ", 1) for line in head)
        length = int({name.lower(): value for name, value in headers.items()}["content-length"])
        taken.append((headers, await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bank"
    secret = "s" * 32
    settings: dict[str, Any] = {"callback_url": url, "callback_secret": secret, "faults_allowed": True}
    async with server, open_vault(database, **settings) as vault, vault.back_office() as office, vault.client() as bank:
        told = {}
        for kinds in ([], ["callback_twice"], ["callback_forged"], ["callback_late"]):
            await office.put("/faults", json={"rate": 1 if kinds else 0, "kinds": kinds or None})
            booked = [(await bank.transfer(ORDER, secrets.token_hex(8))).transfer_id for _ in range(2)]
            async with asyncio.timeout(10):
                while len(taken) < (4 if kinds == ["callback_twice"] else 2):
                    await asyncio.sleep(0.02)
            told[" ".join(kinds)] = ([_read(secret, *one) for one in taken], booked)
            taken.clear()

    right, order = told[""]
    assert [callback and callback[1] for callback in right] == order
    twice, order = told["callback_twice"]
    assert [callback and callback[1] for callback in dict.fromkeys(twice)] == order
    assert told["callback_forged"][0] == [None, None]
    late, order = told["callback_late"]
    assert [callback and callback[1] for callback in late] == order[::-1]
    assert set(CALLBACK_FAULTS) == {Fault(name) for name in told if name}


def test_an_old_or_altered_callback_is_refused() -> None:
    """Also one whose signed id is not the one inside."""
    signature = sign("s" * 32, "id", 1000, b"{}")
    headers = {"webhook-id": "id", "webhook-timestamp": "1000", "webhook-signature": signature}
    for changed, body, now in (
        ({}, b"{}", 2000),
        ({}, b"{ }", 1000),
        ({"webhook-id": "other"}, b"{}", 1000),
        ({"webhook-timestamp": "x"}, b"{}", 1000),
        ({"webhook-signature": "v1,é"}, b"{}", 1000),
        ({}, b"{}", 1000),
    ):
        with pytest.raises(BankForged):
            verify("s" * 32, {**headers, **changed}, body, now=now)


def _read(secret: str, headers: dict[str, str], body: bytes) -> tuple[object, object] | None:
    """The id and what was booked; None for a forged one."""
    try:
        callback = verify(secret, headers, body)
    except BankForged:
        return None
    return callback.callback_id, callback.transfer.transfer_id


async def test_a_broken_connection_breaks_no_other(vault: Vault) -> None:
    """Twenty orders at once, each meeting something else; all others are answered."""

    async def order(http: httpx.AsyncClient, n: int) -> int:
        headers = {"Idempotency-Key": f"many-{n}"} | ({"Bank-Fault": "commit_then_reset"} if n % 2 else {})
        body = {"source_account": "CHK-003", "destination_account": "SAV-002", "amount": "1.00"}
        try:
            return (await http.post("/transfers", json=body, headers=headers)).status_code
        except httpx.TransportError:
            return 0

    async with vault.http() as http:
        told = await asyncio.gather(*(order(http, n) for n in range(20)))

    assert told == [201, 0] * 10
    assert await vault.books("SELECT count(*) FROM bank.transfer WHERE effect_key LIKE 'many-%'") == 20
