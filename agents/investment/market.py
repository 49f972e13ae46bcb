"""The market as the desk sees it: the bank's instruments, prices and holdings, and what the desk itself knows of symbols."""

import asyncio
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NamedTuple, Self

import yaml

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound
from agents.bank.securities import Instrument, Price
from blackboard.values import Frozen, Json

DESK = Path(__file__).parent / "desk.yaml"
CENT = Decimal("0.01")


def folded(symbol: str) -> str:
    """A symbol as it is compared: "aura/n" and "AURA.N" are one."""
    return "".join("." if c in "-/." else c for c in symbol.upper())


class Desk(Frozen):
    """What the trading desk knows: what may not be traded, and which names mean the same."""

    restricted: frozenset[str]
    aliases: dict[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path = DESK) -> Self:
        """Read what ships, or another in its form."""
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def meant(self, symbol: str, known: list[str]) -> str | None:
        """The only known symbol that can be meant: another spelling of it, or another name for it."""
        found = [one for one in known if folded(symbol) in {folded(each) for each in (one, *self.aliases.get(one, ()))}]
        return found[0] if len(found) == 1 else None


class Quote(NamedTuple):
    """An instrument and what it costs today."""

    instrument: Instrument
    price: Price
    restricted: bool

    def told(self) -> Json:
        """As a fact: decimals are text."""
        about = self.instrument.model_dump(mode="json", include={"symbol", "name", "asset_class"})
        return {**about, "restricted": self.restricted, **self.price.model_dump(mode="json", exclude={"symbol"})}


class Market:
    """Questions to the bank, in the desk's words."""

    def __init__(self, bank: Bank, desk: Desk) -> None:
        self._bank = bank
        self._desk = desk

    async def quote(self, symbol: str) -> Quote | None:
        """What is known of exactly this symbol; None where there is none of that name."""
        found = next((one for one in await self._bank.instruments() if one.symbol == symbol), None)
        if found is None:
            return None
        return Quote(found, await self._bank.price(symbol), symbol in self._desk.restricted)

    async def meant(self, symbol: str) -> str | None:
        """The symbol that somebody who wrote it otherwise must have meant."""
        return self._desk.meant(symbol, [one.symbol for one in await self._bank.instruments()])

    async def portfolio(self, client_id: str) -> Json:
        """What a client holds and what it is worth today, in dollars; of whom the bank does not advise, nothing."""
        try:
            held = await self._bank.holdings(client_id)
        except BankNotFound:
            held = []
        prices = await asyncio.gather(*(self._bank.price(holding.symbol) for holding in held))
        worth = [dollars(one.quantity * price.price, price) for one, price in zip(held, prices, strict=True)]
        told = [
            {"symbol": one.symbol, "quantity": f"{one.quantity:f}", "price": f"{price.price:.2f}", "worth_usd": f"{value:.2f}"}
            for one, price, value in zip(held, prices, worth, strict=True)
        ]
        as_of = prices[0].as_of.isoformat() if prices else None
        return {"positions": told, "worth_usd": f"{sum(worth, Decimal(0)):.2f}", "as_of": as_of}


def dollars(amount: Decimal, price: Price) -> Decimal:
    """An amount of the price's currency in dollars of the bank's day, to the cent, half to even (IEEE 754's rule)."""
    return (amount * price.usd_rate).quantize(CENT, ROUND_HALF_EVEN)
