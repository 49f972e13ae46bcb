"""The bank client: one class, through which every agent speaks to the bank.

What it can say over the line is here for money, and in `operating` for everything else that a bank does.
"""

import asyncio
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import TypeAdapter

from agents.bank.custody_client import CustodyClient
from agents.bank.errors import BankDiffers, BankError, BankNotFound, BankOutcomeUnknown, BankPending, BankUnavailable
from agents.bank.line import answered, believed
from agents.bank.loan_client import LoanClient
from agents.bank.models import (
    Account,
    Balance,
    Card,
    Challenge,
    Customer,
    Freeze,
    Hold,
    Pending,
    Receipt,
    Slip,
    Statement,
    TransferOrder,
    difference,
    read_amount,
    write_amount,
)
from agents.bank.operating import Operating
from agents.bank.registry import AccountMetadata
from agents.bank.screening import Screening
from blackboard import strict
from blackboard.errors import Malformed

# An order's words in the dialect of `POST /transfers`.
_WORDS = {"from_account": "source_account", "to_account": "destination_account"}
_RECEIPTS = TypeAdapter(list[Receipt])
_CARDS = TypeAdapter(list[Card])
_FOUND: TypeAdapter[Receipt | Pending] = TypeAdapter(Receipt | Pending)


class Bank(Operating, CustodyClient, LoanClient, Screening):
    """One connection pool to one bank. Use as an async context manager."""

    async def customer(self, customer_id: str) -> Customer:
        """Who that is; `BankNotFound` when the bank does not know."""
        return await self._ask(f"/customers/{quote(customer_id, safe='')}", Customer)

    async def account(self, account_id: str) -> Account:
        """Whose account that is."""
        return await self._ask(f"/accounts/{account_id}", Account)

    async def metadata(self, account_id: str) -> AccountMetadata:
        """What kind of account that is, since when, whose, and with which cards."""
        return await self._ask(f"/v1/accounts/{account_id}", AccountMetadata)

    async def balance(self, account_id: str) -> Balance:
        """What is in it."""
        return await self._ask(f"/accounts/{account_id}/balance", Balance)

    async def transfers(self, account_id: str, since: datetime, limit: int = 500) -> list[Receipt]:
        """What was booked on it since then, newest first, both directions."""
        params = {"since": since.isoformat(), "limit": limit}
        return believed(_RECEIPTS, await self._get(f"/accounts/{account_id}/transfers", params))

    async def find(self, key: str) -> Receipt | None:
        """What was booked under a key; None when the bank does not know of it, which may change for `terms().in_flight_s`.

        `BankPending`: accepted after the cut-off, and not booked yet.
        """
        try:
            found = believed(_FOUND, await self._get("/transfers", {"idempotency_key": key}))
        except BankNotFound:
            return None
        if found.idempotency_key != key:
            raise BankUnavailable("the bank's answer is about another key")
        if isinstance(found, Pending):
            raise BankPending(found.books_at)
        return found

    async def statement(self, account_id: str, *, after: int = 0, limit: int = 100, reference: str | None = None) -> Statement:
        """A page of what came and went on an account, oldest first, each line with the key it was ordered under.

        With `reference` the lines of that key alone. What the bank forgot by key is still here.
        """
        params = {"account": account_id, "after": after, "limit": limit, **({"reference": reference} if reference else {})}
        return await self._ask("/v1/statements", Statement, params)

    async def transfer(
        self, order: TransferOrder, key: str, *, limit_s: float | None = None, slip: Slip | None = None
    ) -> Receipt:
        """Move the money, within `limit_s`, in the words of `slip`; what an answer means stands in `answers`.

        `BankRefused`: it did not move. `BankUnavailable`: it did not, try later. `BankOutcomeUnknown`: ask `find(key)`
        before anything else.
        """
        try:
            async with asyncio.timeout(limit_s):
                return await self._transfer(order, key, slip or Slip(order.model_dump(mode="json", exclude_none=True)))
        except TimeoutError as error:
            raise BankOutcomeUnknown(f"no answer within {limit_s} s") from error

    async def _transfer(self, order: TransferOrder, key: str, slip: Slip) -> Receipt:
        body = {_WORDS.get(name, name): value for name, value in slip.exact.items()}
        return await self._confirmed(await self._send("/transfers", body, key, slip.permit), order, key)

    async def place_hold(self, order: TransferOrder, key: str, *, expires_in_s: int) -> Hold:
        """Set the money aside; raises as `transfer` does. Sent again under the same key the answer is the same hold."""
        body = {**order.model_dump(mode="json", exclude_none=True), "expires_in_s": expires_in_s}
        hold = answered(Hold, await self._send("/v1/holds", body, key))
        if (hold.from_account, hold.to_account, hold.amount, hold.currency) != _terms_of(order):
            raise BankOutcomeUnknown("the hold is not what was ordered")
        return hold

    async def hold(self, hold_id: UUID) -> Hold:
        """What became of a hold."""
        return await self._ask(f"/v1/holds/{hold_id}", Hold)

    async def post_hold(self, hold_id: UUID, amount: Decimal | None = None) -> Receipt:
        """Move the money that was set aside, or less of it. May be sent again: a hold is resolved once."""
        body = {} if amount is None else {"amount": write_amount(amount)}
        return answered(Receipt, await self._send(f"/v1/holds/{hold_id}/post", body))

    async def void_hold(self, hold_id: UUID) -> Hold:
        """Let the money go. May be sent again."""
        return answered(Hold, await self._send(f"/v1/holds/{hold_id}/void", {}))

    async def card(self, card_id: str) -> Card:
        """A card and whether it may be used."""
        return await self._ask(f"/v1/cards/{card_id}", Card)

    async def cards(self, account_id: str) -> list[Card]:
        """The cards of an account."""
        return believed(_CARDS, await self._get(f"/v1/accounts/{account_id}/cards"))

    async def block_card(self, card_id: str, reason: str) -> Card:
        """Nobody may use it any more. May be sent again, as may all of these."""
        return answered(Card, await self._send(f"/v1/cards/{card_id}/block", {"reason": reason}))

    async def unblock_card(self, card_id: str) -> Card:
        """It may be used again."""
        return answered(Card, await self._send(f"/v1/cards/{card_id}/unblock", {}))

    async def freeze(self, account_id: str, reason: str) -> Freeze:
        """Let nothing move from or to an account."""
        return answered(Freeze, await self._send(f"/v1/accounts/{account_id}/freeze", {"reason": reason}))

    async def unfreeze(self, account_id: str) -> Freeze:
        """Let money move again."""
        return answered(Freeze, await self._send(f"/v1/accounts/{account_id}/unfreeze", {}))

    async def challenge(self, challenge_id: UUID) -> Challenge:
        """Whether the customer has answered, and how."""
        return await self._ask(f"/v1/challenges/{challenge_id}/state", Challenge)

    async def answer_challenge(self, challenge_id: UUID, code: str) -> Challenge:
        """What the customer typed; when it is passed, send the order again under its key."""
        return answered(Challenge, await self._send(f"/v1/challenges/{challenge_id}/answer", {"code": code}))

    async def _confirmed(self, response: httpx.Response, order: TransferOrder, key: str) -> Receipt:
        """The receipt behind a yes, read back from the bank's books and compared with the order."""
        if response.status_code == HTTPStatus.ACCEPTED:
            raise BankPending(answered(Pending, response).books_at)
        if wrong := _echo_difference(response, order):
            raise BankDiffers(wrong)
        try:
            receipt = await self.find(key)
        except BankError as error:
            raise BankOutcomeUnknown(f"the receipt could not be read: {error}") from error
        if receipt is None:
            raise BankOutcomeUnknown("the bank's books do not show what it confirmed")
        if wrong := receipt.difference(order):
            raise BankDiffers(wrong)
        return receipt


def _terms_of(order: TransferOrder) -> tuple[str, str, Decimal, str]:
    return order.from_account, order.to_account, order.amount, order.currency


def _echo_difference(response: httpx.Response, order: TransferOrder) -> str:
    """How what the bank confirms is not what was ordered; empty where it is."""
    try:
        told: Any = strict.parse(response.content) if response.is_success else None
        source, target, currency = (str(told[name]) for name in ("source_account", "destination_account", "currency"))
        amount = read_amount(told["amount"])
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise BankOutcomeUnknown(f"the answer ({response.status_code}) confirms nothing") from error
    return difference(order, source, target, amount, currency)
