"""The bank tells whoever wants to know what was booked: signed as Standard Webhooks are, at least once, not always in order.

    callback = verify(secret, request.headers, body)      # BankForged when the signature does not fit
    if callback.callback_id in seen: ...                  # they may come twice

A callback is a hint: what was booked is in the books, and `Bank.find(key)` asks them.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import httpx
import structlog
from pydantic import ValidationError

from agents.bank.errors import BankForged
from agents.bank.faults import CALLBACK_FAULTS, Fault, Misbehaviour
from agents.bank.models import Frozen, Receipt

log = structlog.get_logger()

TOLERANCE_S = 300
SEND_LIMIT_S = 5.0
MAX_WAITING = 10_000


class Callback(Frozen):
    """Something was booked."""

    callback_id: UUID
    type: Literal["transfer.booked"]
    sent_at: datetime
    transfer: Receipt


def sign(secret: str, callback_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`."""
    signed = f"{callback_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> Callback:
    """What the bank said; `BankForged` when it was not the bank, or long ago, or makes no sense."""
    told = {name.lower(): value for name, value in headers.items()}
    callback_id, stamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_S:
        raise BankForged("the time of the callback is missing or too far from ours")
    ours = sign(secret, callback_id, int(stamp), body)
    if not any(hmac.compare_digest(ours.encode(), theirs.encode()) for theirs in told.get("webhook-signature", "").split()):
        raise BankForged("the signature of the callback does not fit")
    try:
        callback = Callback.model_validate_json(body)
    except ValidationError as error:
        raise BankForged("the callback makes no sense") from error
    if str(callback.callback_id) != callback_id:
        raise BankForged("the callback is not the one that was signed")
    return callback


class Caller:
    """Sends callbacks, one after another; without an address it keeps quiet. What is not taken is not sent again."""

    def __init__(self, url: str | None, secret: str, misbehaviour: Misbehaviour) -> None:
        self._url = url
        self._secret = secret
        self._misbehaviour = misbehaviour
        self._waiting: asyncio.Queue[Receipt] = asyncio.Queue(MAX_WAITING)
        self._late: list[Receipt] = []

    def tell(self, receipt: Receipt) -> None:
        """Say so when there is time."""
        if self._url is not None:
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(receipt)

    async def run(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(timeout=SEND_LIMIT_S, trust_env=False) as http:
            while True:
                receipt = await self._waiting.get()
                fault = self._misbehaviour.draw(f"callback {receipt.idempotency_key}", CALLBACK_FAULTS)
                if fault is not None:
                    self._misbehaviour.fire(fault, receipt.idempotency_key)
                if fault is Fault.CALLBACK_LATE and not self._late:
                    self._late.append(receipt)
                    continue
                await self._send(http, receipt, fault)
                while self._late:
                    await self._send(http, self._late.pop(), None)

    async def _send(self, http: httpx.AsyncClient, receipt: Receipt, fault: Fault | None) -> None:
        now = int(time.time())
        callback = Callback(callback_id=uuid4(), type="transfer.booked", sent_at=receipt.booked_at, transfer=receipt)
        body = callback.model_dump_json().encode()
        secret = f"not {self._secret}" if fault is Fault.CALLBACK_FORGED else self._secret
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(callback.callback_id),
            "webhook-timestamp": str(now),
            "webhook-signature": sign(secret, str(callback.callback_id), now, body),
        }
        for _ in range(2 if fault is Fault.CALLBACK_TWICE else 1):
            try:
                await http.post(str(self._url), content=body, headers=headers)
            except httpx.HTTPError as error:
                log.warning("callback not taken", error=repr(error))
