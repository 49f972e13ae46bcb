"""The bank over HTTP. Both dialects of a transfer book on one ledger, under one space of idempotency keys."""

import hmac
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, APIRouter
from starlette.exceptions import HTTPException

from agents.bank.ledger import Ledger
from agents.bank.models import (
    Account,
    AccountId,
    Amount,
    Balance,
    Currency,
    Customer,
    Frozen,
    Memo,
    Money,
    Receipt,
    TransferOrder,
)
from agents.bank.settings import BankServerSettings
from blackboard import strict
from blackboard.errors import Malformed

V = TypeVar("V")

MAX_BODY_BYTES = 64 * 1024
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,255}")

# Every way to say no: verdict or reason → status, sentence.
REFUSALS: dict[str, tuple[int, str]] = {
    "unauthenticated": (401, "Send Authorization: Bearer <key> with the bank's key."),
    "key-missing": (400, "Send the header Idempotency-Key: 1 to 255 characters of A-Z a-z 0-9 _ . : -"),
    "unknown-customer": (404, "There is no customer with this id."),
    "unknown-account": (404, "There is no account with this number."),
    "unknown-transfer": (404, "No transfer was booked under this id or key."),
    "same-account": (422, "An account cannot pay itself; name two different accounts."),
    "closed-account": (422, "One of the accounts is closed; use another."),
    "currency-mismatch": (422, "Both accounts must be kept in the currency of the transfer."),
    "insufficient-funds": (422, "The account does not hold that much. Nothing was moved."),
    "key-reused": (422, "This Idempotency-Key moved something else. Use a new key for a new transfer."),
    "key-running": (409, "A transfer with this key is being booked. Repeat it."),
}
_BY_VERDICT = {"mismatch": "key-reused", "running": "key-running"}


class Refusal(Exception):
    """A no from the table above."""

    def __init__(self, code: str, *, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or REFUSALS[code][0]


class RetailTransfer(Frozen):
    """An order in the dialect of `POST /v1/transfers`."""

    from_account_id: AccountId
    to_account_id: AccountId
    amount: Amount
    currency: Currency = "USD"
    memo: Memo | None = None

    def order(self) -> TransferOrder:
        """The same in the ledger's words."""
        return _order(self.from_account_id, self.to_account_id, self)


class AgentTransfer(Frozen):
    """An order in the dialect of `POST /transfers`."""

    source_account: AccountId
    destination_account: AccountId
    amount: Amount
    currency: Currency = "USD"
    memo: Memo | None = None

    def order(self) -> TransferOrder:
        """The same in the ledger's words."""
        return _order(self.source_account, self.destination_account, self)


class RetailReceipt(Frozen):
    """The answer of `POST /v1/transfers`."""

    transaction_id: UUID
    status: Literal["pending"]
    from_account_id: str
    to_account_id: str
    amount: Money
    currency: str


class AgentReceipt(Frozen):
    """The answer of `POST /transfers`."""

    transfer_id: UUID
    status: Literal["submitted"]
    source_account: str
    destination_account: str
    amount: Money
    currency: str


class _Request(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict.parse(await self.body())
            except Malformed as error:
                raise HTTPException(400, error.detail) from error
        return self._json


class _Route(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_Request(request.scope, request.receive))

        return strictly


def _ledger(request: Request) -> Ledger:
    return request.app.state.ledger  # type: ignore[no-any-return]  # app.state is untyped by design


def _let_in(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> None:
    scheme, _, key = (authorization or "").partition(" ")
    expected: bytes = request.app.state.key
    if scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode("utf-8", "replace"), expected):
        raise Refusal("unauthenticated")


def _effect_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise Refusal("key-missing")
    return idempotency_key


TheLedger = Annotated[Ledger, Depends(_ledger)]
EffectKey = Annotated[str, Depends(_effect_key)]
router = APIRouter(route_class=_Route, dependencies=[Depends(_let_in)])


@router.get("/customers/{customer_id}")
async def show_customer(customer_id: str, ledger: TheLedger) -> Customer:
    """Who that is."""
    return _found(await ledger.customer(_text(customer_id, "unknown-customer")), "unknown-customer")


@router.get("/accounts/{account_id}")
async def show_account(account_id: str, ledger: TheLedger) -> Account:
    """Whose account that is."""
    return _found(await ledger.account(_text(account_id, "unknown-account")), "unknown-account")


@router.get("/accounts/{account_id}/balance")
async def show_balance(account_id: str, ledger: TheLedger) -> Balance:
    """What is in an account."""
    return _found(await ledger.balance(_text(account_id, "unknown-account")), "unknown-account")


@router.get("/accounts/{account_id}/transfers")
async def list_transfers(
    account_id: str,
    ledger: TheLedger,
    since: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Receipt]:
    """What was booked on an account, newest first; the last 30 days unless `since` says otherwise."""
    _found(await ledger.account(_text(account_id, "unknown-account")), "unknown-account")
    start = since or datetime.now(UTC) - timedelta(days=30)
    return await ledger.transfers(account_id, start if start.tzinfo else start.replace(tzinfo=UTC), limit)


@router.get("/transfers/{transfer_id}")
async def show_transfer(transfer_id: UUID, ledger: TheLedger) -> Receipt:
    """A transfer by its id."""
    return _found(await ledger.transfer(transfer_id), "unknown-transfer")


@router.get("/transfers")
async def find_transfer(ledger: TheLedger, idempotency_key: Annotated[str, Query(max_length=255)]) -> Receipt:
    """A transfer by the key it was ordered under: how a lost answer is found again."""
    return _found(await ledger.transfer_of(_text(idempotency_key, "unknown-transfer")), "unknown-transfer")


@router.post("/v1/transfers", status_code=201)
async def transfer_retail(new: RetailTransfer, ledger: TheLedger, key: EffectKey, response: Response) -> RetailReceipt:
    """Move money, in the retail dialect."""
    done = await _book(ledger, new.order(), key, response)
    return RetailReceipt(
        transaction_id=done.transfer_id,
        status="pending",
        from_account_id=done.from_account,
        to_account_id=done.to_account,
        amount=done.amount,
        currency=done.currency,
    )


@router.post("/transfers", status_code=201)
async def transfer_agent(new: AgentTransfer, ledger: TheLedger, key: EffectKey, response: Response) -> AgentReceipt:
    """Move money, in the agents' dialect."""
    done = await _book(ledger, new.order(), key, response)
    return AgentReceipt(
        transfer_id=done.transfer_id,
        status="submitted",
        source_account=done.from_account,
        destination_account=done.to_account,
        amount=done.amount,
        currency=done.currency,
    )


def create_app(settings: BankServerSettings | None = None) -> FastAPI:
    """The application; settings come from the environment when none are given."""
    chosen = settings or BankServerSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.ledger = await Ledger.open(chosen.database_url.get_secret_value())
        try:
            yield
        finally:
            await app.state.ledger.close()

    app = FastAPI(title="Sandbox bank", lifespan=lifespan, max_body_size=MAX_BODY_BYTES, redoc_url=None)
    app.state.key = chosen.key.get_secret_value().encode()
    app.include_router(router)
    app.add_api_route("/healthz", _healthz)
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for down in (OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
        app.add_exception_handler(down, _on_down)
    return app


async def _healthz() -> dict[str, str]:
    return {"status": "alive"}


async def _book(ledger: Ledger, order: TransferOrder, key: str, response: Response) -> Receipt:
    if order.from_account == order.to_account:
        raise Refusal("same-account")
    verdict, receipt = await ledger.book(order, key)
    if receipt is None:
        code = _BY_VERDICT.get(verdict, verdict.replace("_", "-"))
        raise Refusal(code, status=422 if code == "unknown-account" else None)
    if verdict == "replayed":
        response.headers["Idempotency-Replayed"] = "true"
    return receipt


def _order(source: str, target: str, new: RetailTransfer | AgentTransfer) -> TransferOrder:
    return TransferOrder.model_construct(
        from_account=source, to_account=target, amount=new.amount, currency=new.currency, memo=new.memo
    )


def _found(value: V | None, code: str) -> V:
    if value is None:
        raise Refusal(code)
    return value


def _text(value: str, code: str) -> str:
    """A text that the database can hold; what it cannot hold, it does not have."""
    if "\0" in value or len(value) > 255:
        raise Refusal(code)
    return value


def _problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": f"urn:sandbox-bank:problem:{code}", "title": code, "status": status, "detail": detail}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


async def _on_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    headers = {"Retry-After": "1"} if error.status == 409 else {}
    return _problem(error.status, error.code, REFUSALS[error.code][1], headers)


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
    return _problem(422, "invalid", f"The request is not what it must be: {told}.")


async def _on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, "http", str(error.detail), dict(error.headers or {}))


async def _on_down(_: Request, _error: Exception) -> Response:
    return _problem(
        503, "unavailable", "The ledger cannot be reached. Ask by your Idempotency-Key later.", {"Retry-After": "1"}
    )
