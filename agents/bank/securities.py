"""What the bank and its clients say to each other about securities. Quantities have six places, prices two, rates four."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints

from agents.bank.models import Currency, Frozen, Money

RiskProfile = Literal["conservative", "balanced", "growth"]
AssetClass = Literal["cash", "bond", "equity", "real_estate", "commodity", "structured"]
Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,15}$")]

_MAX_DIGITS = 12
_PLACES = 6


def read_quantity(value: object) -> Decimal:
    """A quantity from a decimal string of plain digits; never from a float, whose text is a guess."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not value.isascii():
        raise ValueError('a quantity is a decimal string such as "12.5"; a float is refused')
    whole, dot, part = value.partition(".")
    if not whole.isdigit() or len(whole) > _MAX_DIGITS or (dot and not (part.isdigit() and len(part) <= _PLACES)):
        raise ValueError(f'a quantity is a decimal string with at most {_PLACES} places, such as "12.5"')
    return Decimal(value)


def write_quantity(value: Decimal) -> str:
    """Six places, no exponent."""
    return f"{value:.6f}"


Quantity = Annotated[Decimal, BeforeValidator(read_quantity), PlainSerializer(write_quantity)]
Rate = Annotated[Decimal, PlainSerializer(lambda rate: f"{rate:.4f}", return_type=str)]


class Client(Frozen):
    """A customer who is advised: how much risk they want, for how long they can wait, and what they understand."""

    client_id: str
    name: str
    risk_profile: RiskProfile
    horizon_months: int
    knows_complex: bool


class Holding(Frozen):
    """How much a client holds of something."""

    symbol: str
    quantity: Quantity


class Instrument(Frozen):
    """Something to invest in. `risk_class` is from 1 (calm) to 7 (wild); it should be kept `horizon_months` at least."""

    symbol: str
    name: str
    asset_class: AssetClass
    risk_class: Annotated[int, Field(ge=1, le=7)]
    currency: Currency
    is_complex: bool
    horizon_months: int


class Price(Frozen):
    """What it costs on the bank's day, which begins at `as_of`. A unit of its currency is worth `usd_rate` dollars."""

    symbol: str
    price: Money
    currency: Currency
    usd_rate: Rate
    as_of: datetime


class Position(Frozen):
    """How much is to be held from now on; "0" for nothing."""

    quantity: Quantity
