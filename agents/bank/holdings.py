"""Clients who are advised, what they hold, and what that is worth today."""

from agents.bank import door
from agents.bank.door import TheLedger, counter, found, text
from agents.bank.refusals import Refusal
from agents.bank.securities import Client, Holding, Instrument, Position, Price

router = counter()
back_office = door.back_office()


@router.get("/v1/clients/{client_id}")
async def show_client(client_id: str, ledger: TheLedger) -> Client:
    """Who that is, and how much risk they want."""
    return found(await ledger.custody.client(text(client_id, "unknown-client")), "unknown-client")


@router.get("/v1/clients/{client_id}/holdings")
async def list_holdings(client_id: str, ledger: TheLedger) -> list[Holding]:
    """What they hold, by symbol; nothing is an empty list."""
    found(await ledger.custody.client(text(client_id, "unknown-client")), "unknown-client")
    return await ledger.custody.holdings(client_id)


@router.get("/v1/instruments")
async def list_instruments(ledger: TheLedger) -> list[Instrument]:
    """All that there is to invest in."""
    return await ledger.custody.instruments()


@router.get("/v1/prices/{symbol}")
async def show_price(symbol: str, ledger: TheLedger) -> Price:
    """What it costs on the bank's day."""
    return found(await ledger.custody.price(text(symbol, "unknown-instrument")), "unknown-instrument")


@back_office.put("/v1/clients/{client_id}/holdings/{symbol}")
async def set_holding(client_id: str, symbol: str, position: Position, ledger: TheLedger) -> list[Holding]:
    """Let a client hold so much of something, as if a trade had settled; all that they hold then."""
    found(await ledger.custody.client(text(client_id, "unknown-client")), "unknown-client")
    if not await ledger.custody.set_holding(client_id, text(symbol, "unknown-instrument"), position.quantity):
        raise Refusal("unknown-instrument")
    return await ledger.custody.holdings(client_id)
