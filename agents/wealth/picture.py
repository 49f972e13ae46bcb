"""A client as the bank has them now: who they are, what they hold, what it is and what it costs. Looked at, and never kept."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Self

from agents.bank.client import Bank
from agents.bank.errors import BankUnavailable
from agents.bank.securities import Client, Holding, Instrument, Price
from agents.wealth.allocation import Line
from blackboard.agent import Assignment
from blackboard.answers import FactValue
from blackboard.values import Frozen, Json

# By how much in percent a price may have moved since it was weighed: markets move while an adviser reads.
DRIFT = 1


class Picture(Frozen):
    """Everything that advice is weighed on. As facts each field has its own version."""

    client: Client
    portfolio: list[Holding]
    securities: dict[str, Instrument]
    prices: dict[str, Price]

    @classmethod
    def of(cls, facts: Mapping[str, FactValue]) -> Self:
        """As it stands on the board."""
        return cls.model_validate({name: facts[name].value for name in cls.model_fields})

    def held(self, symbol: str) -> Decimal:
        """How much they hold of something."""
        return next((holding.quantity for holding in self.portfolio if holding.symbol == symbol), Decimal(0))

    def lines(self, portfolio: list[Holding] | None = None) -> list[Line]:
        """Each position with what it is worth; of another portfolio at the same prices, where one is given."""
        held = self.portfolio if portfolio is None else portfolio
        return [Line(h.symbol, self.securities[h.symbol].asset_class, h.quantity, self._value(h)) for h in held]

    def settled(self, before: Self) -> Self:
        """The same at the earlier prices where none of them moved by more than `DRIFT` percent."""
        same = before.prices.keys() == self.prices.keys()
        moved = same and any(_moved(before.prices[symbol], price) for symbol, price in self.prices.items())
        return self.model_copy(update={"prices": before.prices}) if same and not moved else self

    async def put(self, assignment: Assignment) -> list[str]:
        """Let the board know it; the names of what was otherwise or new."""
        return await put_recorded(assignment, self.client.client_id, self.model_dump(mode="json"))

    def _value(self, holding: Holding) -> Decimal:
        price = self.prices[holding.symbol]
        return holding.quantity * price.price * price.usd_rate


def _moved(before: Price, now: Price) -> bool:
    was, is_ = before.price * before.usd_rate, now.price * now.usd_rate
    return abs(is_ - was) * 100 > was * DRIFT


async def put_recorded(assignment: Assignment, client_id: str, values: Json) -> list[str]:
    """Put on the board what the bank has on record, where it is not there already; the names of what was otherwise or new."""
    changed = []
    for name, value in values.items():
        known = assignment.facts.get(name)
        if known is None or known.value != value:
            await assignment.put(name, value, source_class="system_of_record", source=f"bank: client {client_id}")
            changed.append(name)
    return changed


async def look(bank: Bank, client_id: str, symbol: str | None = None) -> Picture:
    """Ask the bank, for one more symbol too where it exists. `BankNotFound`: nobody of that id is advised."""
    client = await bank.client(client_id)
    portfolio, offered = await asyncio.gather(bank.holdings(client_id), bank.instruments())
    wanted = {holding.symbol for holding in portfolio} | {symbol}
    securities = {each.symbol: each for each in offered if each.symbol in wanted}
    prices = await asyncio.gather(*(bank.price(known) for known in securities))
    if any(price.currency != securities[price.symbol].currency for price in prices):
        raise BankUnavailable("the bank contradicts itself about a currency")
    return Picture(client=client, portfolio=portfolio, securities=securities, prices={price.symbol: price for price in prices})
