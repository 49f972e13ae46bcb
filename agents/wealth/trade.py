"""What is suggested: to buy, to sell or to hold so much of something, and what the portfolio would be afterwards."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from agents.bank.models import read_amount
from agents.bank.securities import Holding, read_quantity
from agents.wealth.picture import Picture
from blackboard.values import Json

UNIT = Decimal("0.000001")


class Trade(NamedTuple):
    """One suggestion. Of what is to be held the quantity is all of it."""

    action: str
    symbol: str
    quantity: Decimal

    def after(self, picture: Picture) -> list[Holding]:
        """What would be held. What is bought is paid with money from outside the portfolio, and what is sold leaves it."""
        change = {"buy": self.quantity, "sell": -self.quantity}.get(self.action, Decimal(0))
        held = {holding.symbol: holding.quantity for holding in picture.portfolio}
        held[self.symbol] = held.get(self.symbol, Decimal(0)) + change
        return [Holding(symbol=symbol, quantity=quantity) for symbol, quantity in sorted(held.items()) if quantity > 0]

    def faults(self, picture: Picture) -> Iterator[str]:
        """Why it cannot be done at all."""
        held = picture.held(self.symbol)
        if self.action == "buy" and not self.quantity:
            yield "amount_below_one_unit"
        if self.action == "hold" and not held:
            yield "not_held"
        if self.action == "sell" and self.quantity > held:
            yield "more_than_held" if held else "not_held"


def read_trade(said: Json, picture: Picture) -> Trade:
    """A suggestion as the payload has it.

    An amount is in the currency of what is traded, and rounded down to millionths: nobody spends more than was said.
    """
    action, symbol = said["action"], said["symbol"]
    if action == "hold":
        return Trade(action, symbol, picture.held(symbol))
    if "quantity" in said:
        return Trade(action, symbol, read_quantity(said["quantity"]))
    amount = read_amount(said["amount"])
    return Trade(action, symbol, (amount / picture.prices[symbol].price).quantize(UNIT, ROUND_DOWN))
