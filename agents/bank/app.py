"""The bank over HTTP. Both dialects of a transfer book on one ledger, under one space of idempotency keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Query, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from agents.bank import back_office, cards, challenges, directory, holdings, holds, loans, operations, refusals, sanctions
from agents.bank.callbacks import Caller
from agents.bank.door import EffectKey, TheCaller, TheLedger, counter, found, text
from agents.bank.faults import Misbehaviour
from agents.bank.ledger import Booking, Ledger
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
    Pending,
    Receipt,
    Statement,
    Terms,
    TransferOrder,
)
from agents.bank.permitting import FOR_AGENTS, FOR_RETAIL
from agents.bank.refusals import Refusal, by_verdict
from agents.bank.registry import AccountMetadata, describe
from agents.bank.seed import made_up_accounts
from agents.bank.settings import BankServerSettings

MAX_BODY_BYTES = 64 * 1024
# How often the bank looks whether an order is due to be booked, or a hold is over.
DUE_EVERY_S = 1.0

router = counter()


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


@router.get("/customers/{customer_id}")
async def show_customer(customer_id: str, ledger: TheLedger) -> Customer:
    """Who that is."""
    return found(await ledger.customer(text(customer_id, "unknown-customer")), "unknown-customer")


@router.get("/accounts/{account_id}")
async def show_account(account_id: str, ledger: TheLedger) -> Account:
    """Whose account that is."""
    return found(await ledger.account(text(account_id, "unknown-account")), "unknown-account")


@router.get("/v1/accounts/{account_id}")
async def show_metadata(account_id: str, ledger: TheLedger) -> AccountMetadata:
    """What kind of account that is, since when, whose, and with which cards."""
    return found(await describe(ledger, text(account_id, "unknown-account")), "unknown-account")


@router.get("/accounts/{account_id}/balance")
async def show_balance(account_id: str, ledger: TheLedger) -> Balance:
    """What is in an account."""
    return found(await ledger.balance(text(account_id, "unknown-account")), "unknown-account")


@router.get("/accounts/{account_id}/transfers")
async def list_transfers(
    account_id: str,
    ledger: TheLedger,
    since: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Receipt]:
    """What was booked on an account, newest first; the last 30 days unless `since` says otherwise."""
    found(await ledger.account(text(account_id, "unknown-account")), "unknown-account")
    start = since or datetime.now(UTC) - timedelta(days=30)
    return await ledger.transfers(account_id, start if start.tzinfo else start.replace(tzinfo=UTC), limit)


@router.get("/transfers/{transfer_id}")
async def show_transfer(transfer_id: UUID, ledger: TheLedger) -> Receipt:
    """A transfer by its id."""
    return found(await ledger.transfer(transfer_id), "unknown-transfer")


@router.get("/transfers")
async def find_transfer(ledger: TheLedger, idempotency_key: Annotated[str, Query(max_length=255)]) -> Receipt | Pending:
    """A transfer by the key it was ordered under, as long as the bank knows the key: how a lost answer is found again."""
    key = text(idempotency_key, "unknown-transfer")
    booked = await ledger.transfer_of(key)
    return booked if booked is not None else found(await ledger.pending(key), "unknown-transfer")


@router.get("/v1/statements")
async def show_statement(
    account: str,
    ledger: TheLedger,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    reference: Annotated[str | None, Query(max_length=255)] = None,
) -> Statement:
    """What came and went on an account, oldest first, each with the key it was ordered under. It forgets nothing."""
    found(await ledger.account(text(account, "unknown-account")), "unknown-account")
    return await ledger.statement(account, after, limit, reference and text(reference, "unknown-transfer"))


@router.get("/v1/terms")
async def show_terms(ledger: TheLedger) -> Terms:
    """What the bank promises, and its time."""
    return await ledger.terms()


@router.post("/v1/transfers", dependencies=[FOR_RETAIL], status_code=201, responses={202: {"model": Pending}})
async def transfer_retail(
    new: RetailTransfer, ledger: TheLedger, caller: TheCaller, key: EffectKey, response: Response
) -> RetailReceipt | Pending:
    """Move money, in the retail dialect."""
    done = await _book(ledger, caller, new.order(), key, response)
    if isinstance(done, Pending):
        return done
    return RetailReceipt(
        transaction_id=done.transfer_id,
        status="pending",
        from_account_id=done.from_account,
        to_account_id=done.to_account,
        amount=done.amount,
        currency=done.currency,
    )


@router.post("/transfers", dependencies=[FOR_AGENTS], status_code=201, responses={202: {"model": Pending}})
async def transfer_agent(
    new: AgentTransfer, ledger: TheLedger, caller: TheCaller, key: EffectKey, response: Response
) -> AgentReceipt | Pending:
    """Move money, in the agents' dialect."""
    done = await _book(ledger, caller, new.order(), key, response)
    if isinstance(done, Pending):
        return done
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
    misbehaviour = Misbehaviour(chosen)
    secret = chosen.callback_secret.get_secret_value() if chosen.callback_secret else ""
    caller = Caller(chosen.callback_url if secret else None, secret, misbehaviour)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = chosen.database_url.get_secret_value()
        ledger = await Ledger.open(url, chosen.promised(), list(made_up_accounts(chosen.seed_accounts)), chosen.seed_customers)
        app.state.ledger = ledger
        async with AsyncExitStack() as stack:
            stack.push_async_callback(ledger.close)
            for work in (caller.run(), _settle_due(ledger, caller)):
                stack.callback(asyncio.create_task(work).cancel)
            yield

    app = FastAPI(title="Sandbox bank", lifespan=lifespan, max_body_size=MAX_BODY_BYTES, redoc_url=None)
    admin_key = [chosen.admin_key] if chosen.admin_key else []
    app.state.keys = [key.get_secret_value().encode() for key in (chosen.key, *admin_key)]
    app.state.misbehaviour, app.state.caller, app.state.inspector = misbehaviour, caller, chosen.inspector()
    for part in (
        router,
        holds.router,
        operations.router,
        cards.router,
        challenges.router,
        directory.router,
        loans.router,
        holdings.router,
        holdings.back_office,
        sanctions.router,
        back_office.router,
    ):
        app.include_router(part)
    app.add_api_route("/healthz", _healthz)
    app.add_exception_handler(Refusal, refusals.on_refusal)
    app.add_exception_handler(RequestValidationError, refusals.on_invalid)
    app.add_exception_handler(HTTPException, refusals.on_http)
    for down in (OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
        app.add_exception_handler(down, refusals.on_down)
    return app


async def _healthz() -> dict[str, str]:
    return {"status": "alive"}


async def _settle_due(ledger: Ledger, caller: Caller) -> None:
    """Do what the bank's clock demands, again and again."""
    while True:
        await asyncio.sleep(DUE_EVERY_S)
        with suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            for receipt in await ledger.settle_due():
                caller.tell(receipt)


async def _book(ledger: Ledger, caller: Caller, order: TransferOrder, key: str, response: Response) -> Receipt | Pending:
    if order.from_account == order.to_account:
        raise Refusal("same-account")
    done = await ledger.order(order, key)
    if done.pending is not None:
        response.status_code = 202
        return done.pending
    if done.receipt is None:
        raise _refused(done)
    if done.verdict == "replayed":
        response.headers["Idempotency-Replayed"] = "true"
    else:
        caller.tell(done.receipt)
    return done.receipt


def _refused(done: Booking) -> Refusal:
    return by_verdict(done.verdict, challenge_id=done.challenge_id)


def _order(source: str, target: str, new: RetailTransfer | AgentTransfer) -> TransferOrder:
    return TransferOrder.model_construct(
        from_account=source, to_account=target, amount=new.amount, currency=new.currency, memo=new.memo
    )
