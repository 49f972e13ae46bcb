"""How the sandbox bank misbehaves when it is told to: each fault is a function around the handling of a request.

A fault is asked for by the header `Bank-Fault: commit_then_reset`, or drawn. What is drawn depends on nothing but the seed, the
key of the order and how often it was asked, so a run can be repeated. The books are right whatever is answered: every fault is
one of transport or of words.
"""

import asyncio
import hashlib
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import orjson
import structlog
from fastapi import Request, Response
from pydantic import Field
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from agents.bank.models import Frozen, write_amount
from agents.bank.refusals import Refusal, problem
from agents.bank.settings import BankServerSettings

log = structlog.get_logger()

TRANSPORT = "bank.transport"
Handle = Callable[[Request], Awaitable[Response]]


class Fault(StrEnum):
    """What can go wrong."""

    LOST_REQUEST = "lost_request"  # the connection closes before anything is read
    ERROR_BEFORE = "error_before"  # 500, and nothing was booked
    TOO_MANY = "too_many"  # 429 with Retry-After
    SLOW = "slow"  # right, and late
    RESET_MID_BODY = "reset_mid_body"  # half of the right answer
    COMMIT_THEN_TIMEOUT = "commit_then_timeout"  # booked, and no answer ever
    COMMIT_THEN_RESET = "commit_then_reset"  # booked, and the connection is reset
    ERROR_AFTER = "error_after"  # booked, and 500
    DUPLICATE_ANSWER = "duplicate_answer"  # booked, and the answer to an earlier order comes again
    WRONG_AMOUNT = "wrong_amount"  # booked as ordered, confirmed as something else
    WRONG_CURRENCY = "wrong_currency"
    WRONG_PAYEE = "wrong_payee"
    NOT_FOUND = "not_found"  # asked for by key, a booked transfer is not found for a time
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_LATE = "callback_late"  # told after the one that came after it
    CALLBACK_FORGED = "callback_forged"  # a signature that does not fit


_ANYWHERE = (Fault.LOST_REQUEST, Fault.ERROR_BEFORE, Fault.TOO_MANY, Fault.SLOW, Fault.RESET_MID_BODY)
ORDER_FAULTS = (
    *_ANYWHERE,
    *(Fault.COMMIT_THEN_TIMEOUT, Fault.COMMIT_THEN_RESET, Fault.ERROR_AFTER, Fault.DUPLICATE_ANSWER),
    *(Fault.WRONG_AMOUNT, Fault.WRONG_CURRENCY, Fault.WRONG_PAYEE),
)
QUESTION_FAULTS = (*_ANYWHERE, Fault.NOT_FOUND)
CALLBACK_FAULTS = (Fault.CALLBACK_TWICE, Fault.CALLBACK_LATE, Fault.CALLBACK_FORGED)


class FaultPlan(Frozen):
    """How often something goes wrong, and which things; all of them unless it says."""

    rate: Annotated[float, Field(ge=0, le=1)]
    seed: int = 0
    kinds: list[Fault] | None = None


class FaultReport(FaultPlan):
    """The plan, and how often each fault was fired since the bank started."""

    fired: dict[str, int]


class Misbehaviour:
    """What is to go wrong, and what did."""

    def __init__(self, settings: BankServerSettings) -> None:
        self.allowed = settings.faults_allowed
        self.plan = FaultPlan(rate=settings.fault_rate, seed=settings.fault_seed)
        self.fired: Counter[Fault] = Counter()
        self.in_flight = timedelta(seconds=settings.in_flight_s)
        self.hang_s = settings.fault_hang_s
        self.slow_s = settings.fault_slow_s
        self._asked: Counter[str] = Counter()
        self._last_order: tuple[str, bytes] | None = None

    def report(self) -> FaultReport:
        """The plan and what came of it."""
        return FaultReport(**self.plan.model_dump(), fired={kind.value: count for kind, count in sorted(self.fired.items())})

    def draw(self, key: str, among: Sequence[Fault]) -> Fault | None:
        """The fault for this key, this time; the same for the same seed, whatever else goes on."""
        kinds = [kind for kind in among if self.plan.kinds is None or kind in self.plan.kinds]
        if not self.allowed or not self.plan.rate or not kinds:
            return None
        self._asked[key] += 1
        drawn = hashlib.sha256(f"{self.plan.seed}:{key}:{self._asked[key]}".encode()).digest()
        chance = int.from_bytes(drawn[:7]) / 2**56
        return kinds[int(chance / self.plan.rate * len(kinds))] if chance < self.plan.rate else None

    def fire(self, kind: Fault, key: str) -> None:
        """Count and tell that it happened."""
        self.fired[kind] += 1
        log.info("fault", kind=kind.value, key=key)

    async def meet(self, request: Request, handle: Handle) -> Response:
        """Handle a request, rightly or as the fault has it that it meets."""
        kind, key = self._chosen(request)
        if kind is None:
            answer = await handle(request)
        else:
            answer = await _DONE[kind](Meeting(self, kind, key, request, handle))
        if request.method == "POST" and answer.status_code == 201 and kind is not Fault.DUPLICATE_ANSWER:
            self._last_order = key, bytes(answer.body)
        return answer

    def earlier_answer(self, key: str) -> bytes | None:
        """What was answered to the order before, under another key."""
        return self._last_order[1] if self._last_order and self._last_order[0] != key else None

    def _chosen(self, request: Request) -> tuple[Fault | None, str]:
        key = request.headers.get("idempotency-key") or request.query_params.get("idempotency_key") or request.url.path
        wanted = request.headers.get("bank-fault")
        if wanted is None:
            among = ORDER_FAULTS if request.method == "POST" else QUESTION_FAULTS if request.query_params else ()
            return self.draw(f"{request.method} {key}", among), key
        if not self.allowed:
            raise Refusal("faults-not-allowed")
        if wanted not in _DONE:
            raise Refusal("unknown-fault")
        return Fault(wanted), key


class Meeting(NamedTuple):
    """A request and the fault that it meets."""

    misbehaviour: Misbehaviour
    kind: Fault
    key: str
    request: Request
    handle: Handle

    async def handled(self) -> Response:
        """The right answer. A refusal is one too: it is raised past the fault, which then is none."""
        return await self.handle(self.request)

    def fire(self) -> None:
        """It happens."""
        self.misbehaviour.fire(self.kind, self.key)


class Silence(Response):
    """No answer; the connection closes when the other side gives up, or after a time."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(status_code=599)
        self._limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Say nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limit_s):
                await _gone(receive)
        await _abort(scope, receive)


class Reset(Response):
    """The connection is reset, after a part of an answer or before any."""

    def __init__(self, part: Response | None = None) -> None:
        super().__init__(status_code=599)
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say half, or nothing, and break off."""
        if self._part is not None:
            start: Message = {
                "type": "http.response.start",
                "status": self._part.status_code,
                "headers": self._part.raw_headers,
            }
            await send(start)
            await send({"type": "http.response.body", "body": self._part.body[: len(self._part.body) // 2], "more_body": True})
            await asyncio.sleep(0)  # let it out
        await _abort(scope, receive)


class BankProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with a connection that can be broken from inside."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        extensions: dict[str, Any] = {TRANSPORT: {"transport": self.transport}}
        self.scope["extensions"] = extensions


async def _lost_request(meeting: Meeting) -> Response:
    meeting.fire()
    return Reset()


async def _error_before(meeting: Meeting) -> Response:
    meeting.fire()
    return problem(500, "fault", "Something went wrong.")


async def _too_many(meeting: Meeting) -> Response:
    meeting.fire()
    return problem(429, "too-many", "Come back later.", {"Retry-After": "1"})


async def _slow(meeting: Meeting) -> Response:
    meeting.fire()
    await asyncio.sleep(meeting.misbehaviour.slow_s)
    return await meeting.handled()


async def _reset_mid_body(meeting: Meeting) -> Response:
    answer = await meeting.handled()
    meeting.fire()
    return Reset(answer)


async def _commit_then_timeout(meeting: Meeting) -> Response:
    await meeting.handled()
    meeting.fire()
    return Silence(meeting.misbehaviour.hang_s)


async def _commit_then_reset(meeting: Meeting) -> Response:
    await meeting.handled()
    meeting.fire()
    return Reset()


async def _error_after(meeting: Meeting) -> Response:
    await meeting.handled()
    meeting.fire()
    return problem(502, "fault", "Something went wrong.")


async def _duplicate_answer(meeting: Meeting) -> Response:
    answer = await meeting.handled()
    earlier = meeting.misbehaviour.earlier_answer(meeting.key)
    if earlier is None:
        return answer
    meeting.fire()
    return Response(earlier, answer.status_code, media_type="application/json")


async def _wrong_amount(meeting: Meeting) -> Response:
    return await _altered(meeting, ("amount",), lambda amount: write_amount(Decimal(amount) + 1))


async def _wrong_currency(meeting: Meeting) -> Response:
    return await _altered(meeting, ("currency",), lambda currency: "JPY" if currency != "JPY" else "USD")


async def _wrong_payee(meeting: Meeting) -> Response:
    return await _altered(meeting, ("destination_account", "to_account_id", "to_account"), lambda payee: f"{payee}9")


async def _altered(meeting: Meeting, names: tuple[str, ...], other: Callable[[str], str]) -> Response:
    """The right answer with one word changed."""
    answer = await meeting.handled()
    told = orjson.loads(bytes(answer.body))
    name = next((name for name in names if name in told), None)
    if name is None:
        return answer
    meeting.fire()
    return Response(orjson.dumps({**told, name: other(told[name])}), answer.status_code, media_type="application/json")


async def _not_found(meeting: Meeting) -> Response:
    """As long as the bank says that it may take."""
    answer = await meeting.handled()
    told = orjson.loads(bytes(answer.body))
    booked_at = (told.get("booked_at") or told.get("at")) if isinstance(told, dict) else None
    ledger = meeting.request.app.state.ledger
    if booked_at is None or datetime.fromisoformat(booked_at) + meeting.misbehaviour.in_flight < (await ledger.terms()).now:
        return answer
    meeting.fire()
    raise Refusal("unknown-operation" if "operation_id" in told else "unknown-transfer")


_DONE: dict[str, Callable[[Meeting], Awaitable[Response]]] = {
    Fault.LOST_REQUEST: _lost_request,
    Fault.ERROR_BEFORE: _error_before,
    Fault.TOO_MANY: _too_many,
    Fault.SLOW: _slow,
    Fault.RESET_MID_BODY: _reset_mid_body,
    Fault.COMMIT_THEN_TIMEOUT: _commit_then_timeout,
    Fault.COMMIT_THEN_RESET: _commit_then_reset,
    Fault.ERROR_AFTER: _error_after,
    Fault.DUPLICATE_ANSWER: _duplicate_answer,
    Fault.WRONG_AMOUNT: _wrong_amount,
    Fault.WRONG_CURRENCY: _wrong_currency,
    Fault.WRONG_PAYEE: _wrong_payee,
    Fault.NOT_FOUND: _not_found,
}


async def _abort(scope: Scope, receive: Receive) -> None:
    """Reset the connection, and wait until the server has seen it."""
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]["transport"]
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError, ValueError):  # it may be gone already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Until the other side is."""
    while (await receive())["type"] != "http.disconnect":
        pass
