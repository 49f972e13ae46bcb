"""A trade as it is asked for, with what was put right of it since, and what does not add up in it."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field

from agents.investment.market import CENT, Quote
from blackboard.answers import FactValue
from blackboard.values import Frozen, Json

FIELDS = ("symbol", "side", "quantity", "price", "notional", "currency")
# Who may put an order right: an agent or a person, and not whoever asked for it (board trust: customer 1, agent and person 2).
TRUST = 2
# So far from the price of today, in percent, a price is of another day.
STALE_PERCENT = 5

Positive = Annotated[Decimal, Field(gt=0)]


class Trouble(NamedTuple):
    """One thing that does not add up: its code, the field that it is about, and what it is in words."""

    code: str
    field: str
    told: str


class Order(Frozen):
    """A trade. Without a side it is judged as a purchase, without a quantity by its notional alone."""

    symbol: str
    side: Literal["buy", "sell"] = "buy"
    quantity: Positive | None = None
    price: Positive | None = None
    notional: Positive
    currency: str | None = None

    @classmethod
    def read(cls, payload: Json, facts: Mapping[str, FactValue]) -> Self:
        """The order of a case: each field as a trusted fact has it, else as it was asked for."""
        asked = {field: payload[field] for field in FIELDS if field in payload}
        mended = {field: facts[field].value for field in FIELDS if field in facts and _counts(facts[field])}
        return cls.model_validate({**asked, **mended})

    @property
    def implied_price(self) -> Decimal | None:
        """The price that it names, or that its quantity and notional come to; None where it says neither."""
        if self.price is not None or self.quantity is None:
            return self.price
        return self.notional / self.quantity

    def troubles(self, quote: Quote | None) -> Iterator[Trouble]:
        """Everything that does not add up."""
        if quote is None:
            yield Trouble("unknown_symbol", "symbol", f"there is no instrument {self.symbol}")
            return
        if self.currency not in {None, quote.price.currency}:
            yield Trouble("currency_mismatch", "currency", f"{self.symbol} is traded in {quote.price.currency}")
        yield from self._miscounted()
        implied, today = self.implied_price, quote.price.price
        if implied is not None and abs(implied - today) * 100 > today * STALE_PERCENT:
            yield Trouble("stale_price", "price", f"{implied:.6g} is not within {STALE_PERCENT} percent of {today}")

    def _miscounted(self) -> Iterator[Trouble]:
        """Quantity times price, rounded to the cent by any of the usual ways (up, down, to the even one), is the notional."""
        if self.quantity is None or self.price is None:
            return
        exact = self.quantity * self.price
        if self.notional not in {exact.quantize(CENT, way) for way in (ROUND_FLOOR, ROUND_CEILING)}:
            told = f"{self.quantity} at {self.price} come to {exact.quantize(CENT, ROUND_HALF_EVEN)} and not to {self.notional}"
            yield Trouble("notional_mismatch", "notional", told)


def _counts(fact: FactValue) -> bool:
    return fact.state == "asserted" and fact.trust >= TRUST
