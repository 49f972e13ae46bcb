"""The bank client: one class, through which every agent speaks to the bank.

A transfer is sent once. Whether it may be sent again is not for this class to decide: what it cannot know is raised as
`BankOutcomeUnknown`, and whoever holds the key asks `find(key)` first. Questions (GET) are repeated here, since asking twice
moves nothing.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx
import stamina
from pydantic import BaseModel, TypeAdapter, ValidationError

from agents.bank import answers
from agents.bank.answers import Answer
from agents.bank.custody_client import CustodyClient
from agents.bank.errors import (
    BankDiffers,
    BankError,
    BankNotFound,
    BankOutcomeUnknown,
    BankPending,
    BankRefused,
    BankStepUp,
    BankUnavailable,
)
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
    Statement,
    Terms,
    TransferOrder,
    difference,
    read_amount,
    write_amount,
)
from agents.bank.settings import BankClientSettings
from agents.breaker import Breaker, Resting
from blackboard import strict
from blackboard.errors import Malformed

MAX_ANSWER_BYTES = 1024 * 1024
# What a question may be answered with for good.
_FINAL = frozenset({400, 401, 403, 404, 413, 415, 422})
# After so many calls in a row without an answer the bank is left alone for so long. A question is tried four times.
_LIMIT = 8
_PAUSE_S = 5.0
_STEP_UP = "step-up-required"
_RECEIPTS = TypeAdapter(list[Receipt])
_FOUND: TypeAdapter[Receipt | Pending] = TypeAdapter(Receipt | Pending)

M = TypeVar("M", bound=BaseModel)
A = TypeVar("A")


def _is_worth_another_try(error: Exception) -> bool:
    """Not while the bank is left alone."""
    return isinstance(error, BankUnavailable) and error.wait_s is None


class Bank(CustodyClient):
    """One connection pool to one bank. Use as an async context manager."""

    def __init__(self, url: str, key: str, *, limit_s: float = 10.0) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=limit_s, follow_redirects=False
        )
        self._breaker = Breaker(url, limit=_LIMIT, pause_s=_PAUSE_S)
        self.limit_s = limit_s

    @classmethod
    def from_environment(cls) -> Self:
        """BANK_URL and BANK_KEY say where and who."""
        settings = BankClientSettings()
        return cls(settings.url, settings.key.get_secret_value(), limit_s=settings.limit_s)

    async def __aenter__(self) -> Self:
        """Nothing to do: connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def customer(self, customer_id: str) -> Customer:
        """Who that is; `BankNotFound` when the bank does not know."""
        return await self._ask(f"/customers/{customer_id}", Customer)

    async def account(self, account_id: str) -> Account:
        """Whose account that is."""
        return await self._ask(f"/accounts/{account_id}", Account)

    async def balance(self, account_id: str) -> Balance:
        """What is in it."""
        return await self._ask(f"/accounts/{account_id}/balance", Balance)

    async def transfers(self, account_id: str, since: datetime, limit: int = 500) -> list[Receipt]:
        """What was booked on it since then, newest first, both directions."""
        params = {"since": since.isoformat(), "limit": limit}
        return _believed(_RECEIPTS, await self._get(f"/accounts/{account_id}/transfers", params))

    async def find(self, key: str) -> Receipt | None:
        """What was booked under a key; None when the bank does not know of it, which may change for `terms().in_flight_s`.

        `BankPending`: accepted after the cut-off, and not booked yet.
        """
        try:
            found = _believed(_FOUND, await self._get("/transfers", {"idempotency_key": key}))
        except BankNotFound:
            return None
        if isinstance(found, Pending):
            raise BankPending(found.books_at)
        return found

    async def terms(self) -> Terms:
        """What the bank promises, and its time."""
        return await self._ask("/v1/terms", Terms)

    async def statement(self, account_id: str, *, after: int = 0, limit: int = 100, reference: str | None = None) -> Statement:
        """A page of what came and went on an account, oldest first, each line with the key it was ordered under.

        With `reference` the lines of that key alone. What the bank forgot by key is still here.
        """
        params = {"account": account_id, "after": after, "limit": limit, **({"reference": reference} if reference else {})}
        return await self._ask("/v1/statements", Statement, params)

    async def transfer(self, order: TransferOrder, key: str, *, limit_s: float | None = None) -> Receipt:
        """Move the money, within `limit_s`; what an answer means stands in `answers`.

        `BankRefused`: it did not move. `BankUnavailable`: it did not, try later. `BankOutcomeUnknown`: ask `find(key)`
        before anything else.
        """
        try:
            async with asyncio.timeout(limit_s):
                return await self._transfer(order, key)
        except TimeoutError as error:
            raise BankOutcomeUnknown(f"no answer within {limit_s} s") from error

    async def _transfer(self, order: TransferOrder, key: str) -> Receipt:
        body = {
            "source_account": order.from_account,
            "destination_account": order.to_account,
            **order.model_dump(mode="json", include={"amount", "currency", "memo"}, exclude_none=True),
        }
        return await self._confirmed(await self._send("/transfers", body, key), order, key)

    async def place_hold(self, order: TransferOrder, key: str, *, expires_in_s: int) -> Hold:
        """Set the money aside; raises as `transfer` does. Sent again under the same key the answer is the same hold."""
        body = {**order.model_dump(mode="json", exclude_none=True), "expires_in_s": expires_in_s}
        hold = _answered(Hold, await self._send("/v1/holds", body, key))
        if (hold.from_account, hold.to_account, hold.amount, hold.currency) != _terms_of(order):
            raise BankOutcomeUnknown("the hold is not what was ordered")
        return hold

    async def hold(self, hold_id: UUID) -> Hold:
        """What became of a hold."""
        return await self._ask(f"/v1/holds/{hold_id}", Hold)

    async def post_hold(self, hold_id: UUID, amount: Decimal | None = None) -> Receipt:
        """Move the money that was set aside, or less of it. May be sent again: a hold is resolved once."""
        body = {} if amount is None else {"amount": write_amount(amount)}
        return _answered(Receipt, await self._send(f"/v1/holds/{hold_id}/post", body))

    async def void_hold(self, hold_id: UUID) -> Hold:
        """Let the money go. May be sent again."""
        return _answered(Hold, await self._send(f"/v1/holds/{hold_id}/void", {}))

    async def card(self, card_id: str) -> Card:
        """A card and whether it may be used."""
        return await self._ask(f"/v1/cards/{card_id}", Card)

    async def block_card(self, card_id: str, reason: str) -> Card:
        """Nobody may use it any more. May be sent again, as may all of these."""
        return _answered(Card, await self._send(f"/v1/cards/{card_id}/block", {"reason": reason}))

    async def unblock_card(self, card_id: str) -> Card:
        """It may be used again."""
        return _answered(Card, await self._send(f"/v1/cards/{card_id}/unblock", {}))

    async def freeze(self, account_id: str, reason: str) -> Freeze:
        """Let nothing move from or to an account."""
        return _answered(Freeze, await self._send(f"/v1/accounts/{account_id}/freeze", {"reason": reason}))

    async def unfreeze(self, account_id: str) -> Freeze:
        """Let money move again."""
        return _answered(Freeze, await self._send(f"/v1/accounts/{account_id}/unfreeze", {}))

    async def answer_challenge(self, challenge_id: UUID, code: str) -> Challenge:
        """What the customer typed; when it is passed, send the order again under its key."""
        return _answered(Challenge, await self._send(f"/v1/challenges/{challenge_id}/answer", {"code": code}))

    async def _send(self, path: str, body: Mapping[str, Any], key: str | None = None) -> httpx.Response:
        """Once. The answer, unless it says that nothing was done, or something else."""
        if not self._breaker.is_closed:
            await self.terms()
        try:
            response = await self._call("POST", path, json=body, headers={"Idempotency-Key": key} if key else None)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise BankUnavailable(f"the bank could not be reached: {error!r}") from error
        except httpx.HTTPError as error:
            raise BankOutcomeUnknown(f"no answer: {error!r}") from error
        code = "" if response.is_success else _code(response)
        match answers.read(response.status_code, code):
            case Answer.REFUSED:
                raise _refusal(response)
            case Answer.DIFFERS:
                raise BankDiffers("the bank booked something else under this key")
            case Answer.LATER if code == _STEP_UP:
                raise _refusal(response)
            case Answer.LATER:
                raise BankUnavailable(f"the bank answered {response.status_code}: later, under the same key")
        return response

    async def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request, unless the bank has not answered several before it."""
        try:
            self._breaker.admit(is_question=method == "GET")
        except Resting as rest:
            raise BankUnavailable(str(rest), wait_s=rest.wait_s) from rest
        try:
            response = await self._http.request(method, path, **request)
        except (httpx.HTTPError, asyncio.CancelledError):
            self._breaker.fail()
            raise
        if response.is_server_error:
            self._breaker.fail()
        else:
            self._breaker.succeed()
        return response

    async def _confirmed(self, response: httpx.Response, order: TransferOrder, key: str) -> Receipt:
        """The receipt behind a yes, read back from the bank's books and compared with the order."""
        if response.status_code == HTTPStatus.ACCEPTED:
            raise BankPending(_answered(Pending, response).books_at)
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

    async def _ask(self, path: str, model: type[A], params: Mapping[str, Any] | None = None) -> A:
        return _believed(TypeAdapter(model), await self._get(path, params))

    @stamina.retry(on=_is_worth_another_try, attempts=4, wait_initial=0.1, wait_max=1.0)
    async def _get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        try:
            response = await self._call("GET", path, params=params)
        except httpx.HTTPError as error:
            raise BankUnavailable(f"no answer: {error!r}") from error
        if response.status_code == HTTPStatus.OK:
            return response
        if response.status_code in _FINAL:
            raise _refusal(response)
        raise BankUnavailable(f"the bank answered {response.status_code}")


def _believed(adapter: TypeAdapter[A], response: httpx.Response) -> A:
    """An answer that is small, clean and of the right shape."""
    try:
        if len(response.content) > MAX_ANSWER_BYTES:
            raise BankUnavailable(f"the bank's answer is larger than {MAX_ANSWER_BYTES} bytes")
        return adapter.validate_python(strict.parse(response.content), strict=False)
    except (Malformed, ValidationError) as error:
        raise BankUnavailable(f"the bank's answer makes no sense: {type(error).__name__}") from error


def _answered(model: type[M], response: httpx.Response) -> M:
    """The answer to a write; whatever is no believable one leaves open what was done."""
    if not response.is_success:
        raise BankOutcomeUnknown(f"the bank answered {response.status_code}")
    try:
        return _believed(TypeAdapter(model), response)
    except BankUnavailable as error:
        raise BankOutcomeUnknown(str(error)) from error


def _terms_of(order: TransferOrder) -> tuple[str, str, Decimal, str]:
    return order.from_account, order.to_account, order.amount, order.currency


def _code(response: httpx.Response) -> str:
    """The word for a refusal; empty where there is none."""
    try:
        return str(strict.parse(response.content)["type"]).rpartition(":")[2]
    except (Malformed, KeyError, TypeError):
        return ""


def _echo_difference(response: httpx.Response, order: TransferOrder) -> str:
    """How what the bank confirms is not what was ordered; empty where it is."""
    try:
        told: Any = strict.parse(response.content) if response.is_success else None
        source, target, currency = (str(told[name]) for name in ("source_account", "destination_account", "currency"))
        amount = read_amount(told["amount"])
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise BankOutcomeUnknown(f"the answer ({response.status_code}) confirms nothing") from error
    return difference(order, source, target, amount, currency)


def _refusal(response: httpx.Response) -> BankRefused:
    try:
        told = strict.parse(response.content)
        code, detail = str(told["type"]).rpartition(":")[2], str(told["detail"])
        if "challenge_id" in told:
            return BankStepUp(code, detail, UUID(told["challenge_id"]))
    except (Malformed, KeyError, TypeError, ValueError, AttributeError):
        code, detail = f"http-{response.status_code}", "the bank did not say why"
    kind = BankNotFound if response.status_code == HTTPStatus.NOT_FOUND else BankRefused
    return kind(code, detail)
