"""What a bank answers is bounded, strictly read and compared with what was asked, whoever sits there."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers, BankOutcomeUnknown, BankUnavailable
from agents.bank.models import TransferOrder
from tests.security.table import Tried

ORDER = TransferOrder.model_validate({"from_account": "CHK-001", "to_account": "SAV-002", "amount": "1.00"})
# What a right bank says to the order, and then of it.
ECHO = {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "1.00", "currency": "USD"}
RECEIPT = {
    "transfer_id": "01890000-0000-7000-8000-000000000000",
    "status": "booked",
    "from_account": "CHK-001",
    "to_account": "SAV-002",
    "amount": "1.00",
    "currency": "USD",
    "memo": None,
    "idempotency_key": "key",
    "booked_at": "2030-01-01T12:00:00Z",
}
GIBIBYTE = 1024**3
PART = b"x" * 65536
SENT: list[int] = []


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]).encode() + body


def echo(**changes: object) -> bytes:
    """The answer to the order, as it should be but for this."""
    return answer(json.dumps({**ECHO, **changes}).encode())


def of(**changes: object) -> bytes:
    """What is in the books of it, as it should be but for this."""
    return answer(json.dumps({**RECEIPT, **changes}).encode())


# What the bank says, and whether it goes on saying it for as long as somebody listens.
ENDLESS = {
    "a gibibyte": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE,
    "no end": b"HTTP/1.1 200 OK\r\n\r\n",
    "a gibibyte of refusal": b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE,
}
SENSELESS = {
    "packed": answer(gzip.compress(b"x" * 50_000_000), "Content-Encoding: gzip"),
    "bottomless": answer(b"[" * 100_000),
    "deep": answer(b'{"a":' * 33 + b"1" + b"}" * 33),
    "nothing": answer(b""),
    "no JSON": answer(b"<html>"),
    "a list": answer(b"[]"),
    "null": answer(b"null"),
    "NaN": answer(b'{"amount": NaN}'),
    "no UTF-8": answer(b'{"status": "\xff"}'),
    "a member twice": answer(json.dumps({**ECHO, **RECEIPT}).encode()[:-1] + b', "amount": "1.00"}'),
    "a long number": answer(b'{"amount": ' + b"1" * 33 + b"}"),
    "a redirect": answer(b"", "Location: http://169.254.169.254/", status="302 Found"),
    "half": answer(json.dumps({**ECHO, **RECEIPT}).encode())[:-20],
    "two statuses": b"HTTP/1.1 200 OK\r\nHTTP/1.1 500 X\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
}
# What is no HTTP, or no answer yet; a question is then asked again, which takes its time.
BROKEN = frozenset({"a redirect", "half", "two statuses", "no HTTP", "a header without end"})
# What cannot stand in the books, each but for one thing as it should be.
WRONG: list[Mapping[str, object]] = [
    *({"transfer_id": 1}, {"transfer_id": ""}, {"amount": "much"}, {"amount": "Infinity"}, {"amount": 1.0}, {"amount": None}),
    *({"status": "perhaps"}, {"status": None}, {"booked_at": "soon"}, {"memo": {}}, {"idempotency_key": 1}),
]
# Right in itself, and about something else.
OTHERS: list[Mapping[str, object]] = [
    *({"amount": "1.01"}, {"amount": "-1.00"}, {"currency": "EUR"}, {"idempotency_key": "another"}),
    *({"from_account": "CHK-009"}, {"to_account": "SAV-009"}, {"from_account": "SAV-002", "to_account": "CHK-001"}),
]
_ECHOED = {"from_account": "source_account", "to_account": "destination_account"}


@asynccontextmanager
async def bank(said: bytes, found: bytes, *, goes_on: bool = False) -> AsyncIterator[Bank]:
    """A client of a bank that says the one to an order, and the other when asked for it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            asked = await reader.readuntil(b"\r\n\r\n")
            writer.write(said if asked.startswith(b"POST") else found)
            await writer.drain()
            sent = 0
            while goes_on and sent < GIBIBYTE:
                writer.write(PART)
                await writer.drain()
                sent += len(PART)
                SENT.append(len(PART))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        async with Bank(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "key", limit_s=5) as client:
            yield client
    finally:
        server.close()


async def outcome(said: bytes, found: bytes, *, goes_on: bool = False) -> str:
    """What the client makes of an order that is answered so."""
    async with bank(said, found, goes_on=goes_on) as client:
        try:
            await client.transfer(ORDER, "key")
        except (BankOutcomeUnknown, BankDiffers, BankUnavailable) as error:
            return type(error).__name__
        return "believed"


@pytest.mark.item("S13")
async def test_a_right_answer_is_believed() -> None:
    """Whatever is refused below is refused for what is wrong with it. What the bank says beside it is let be."""
    assert await outcome(echo(), of()) == "believed"
    assert await outcome(echo(surprise=1, status="done"), of(memo="paid")) == "believed"


@pytest.mark.item("S13")
async def test_nothing_senseless_is_believed_and_no_more_of_it_kept_than_can_be(tried: Tried, *, thorough: bool) -> None:
    """After an order the outcome is unknown; a busy bank is one to come back to. No flood is drunk."""
    SENT.clear()
    flooded = {what: await outcome(said, of(), goes_on=True) for what, said in ENDLESS.items()}
    told = {what: await outcome(said, of()) for what, said in SENSELESS.items()}
    asked = [what for what in SENSELESS if thorough or what not in BROKEN]
    read = {what: await outcome(echo(), SENSELESS[what]) for what in asked}
    tried(len(flooded) + len(told) + len(read))

    assert flooded == {**dict.fromkeys(ENDLESS, "BankOutcomeUnknown"), "a gibibyte of refusal": "BankUnavailable"}
    assert told == dict.fromkeys(SENSELESS, "BankOutcomeUnknown")
    assert read == dict.fromkeys(asked, "BankOutcomeUnknown")
    assert sum(SENT) < 64 * 1024**2


@pytest.mark.item("S13")
async def test_a_receipt_for_something_else_is_no_receipt(tried: Tried) -> None:
    """Another amount, currency, payer, payee or key, in the answer or in the books: never taken for the order's."""
    read = [await outcome(echo(), of(**change)) for change in (*WRONG, *OTHERS)]
    told = [await outcome(echo(**_in_words(other)), of()) for other in OTHERS if "idempotency_key" not in other]
    tried(len(read) + len(told))

    assert set(read[: len(WRONG)]) == {"BankOutcomeUnknown"}
    assert set(read[len(WRONG) :]) == {"BankDiffers", "BankOutcomeUnknown"}
    assert set(told) == {"BankDiffers", "BankOutcomeUnknown"}


def _in_words(change: Mapping[str, object]) -> dict[str, object]:
    """The same in the words of the answer to an order."""
    return {_ECHOED.get(name, name): value for name, value in change.items()}
