"""Amounts as old clients send them: as text or as JSON numbers; exact decimals from the first byte to the last.

A number counts by the text that was sent (`1000.1` is 1000.10, `1e3` is 1000.00): JSON gives it no other value; no float is on
its way. Text must be a plain decimal: who writes text can write it right.
"""

import re
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema, model_validator

from blackboard.errors import Invalid
from blackboard.money import fits, places_of
from blackboard.values import Frozen

MAX_DIGITS = 13
_CENT = Decimal("0.01")
_TEXT = re.compile(r"(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?", re.ASCII)
_SAYS = 'must be a positive amount with at most two places, such as "250.00"'
# Fields of an open document that are money or a quantity by their name, which the board keeps as text.
_MEASURED = frozenset({"amount", "notional", "price", "quantity", "percent"})


def read_amount(value: object, least: Decimal = _CENT) -> str:
    """An amount with two places, as text; positive unless nothing is enough."""
    amount = _decimal(value)
    # The size first: only then is rounding exact, and tells by comparison whether there was anything to round.
    if not least <= amount < 10**MAX_DIGITS or amount != amount.quantize(_CENT):
        raise ValueError(_SAYS)
    return f"{abs(amount):.2f}"


def read_measure(value: object) -> object:
    """A number as the decimal text that was sent; everything else as it is, for its workflow to judge."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < MAX_DIGITS:
        return f"{value:f}"
    return str(value) if _whole(value) else value


def plain(value: Any, place: str = "payload") -> Any:
    """An open document as the board keeps it: money and quantities are text, other numbers what every reader reads alike."""
    match value:
        case dict():
            return {
                name: plain(read_measure(each) if name in _MEASURED else each, f"{place}.{name}")
                for name, each in value.items()
            }
        case list():
            return [plain(each, place) for each in value]
        case Decimal():
            if Decimal(repr(float(value))) != value:
                raise Invalid(f"The number at {place} has more digits than readers of JSON keep. Send it as text.")
            return float(value)
    return value


def _decimal(value: object) -> Decimal:
    if (isinstance(value, str) and _TEXT.fullmatch(value)) or _whole(value):
        return Decimal(str(value))
    if isinstance(value, Decimal):
        return value
    raise ValueError(_SAYS)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": r"^[0-9]{1,13}(\.[0-9]{1,2})?$"}, {"type": "number"}], "examples": ["250.00"]}
)
Amount = Annotated[str, BeforeValidator(read_amount), _SCHEMA]
AmountOrNone = Annotated[str, BeforeValidator(partial(read_amount, least=Decimal(0))), _SCHEMA]
# Text that can stand in a log line and in an address.
Label = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Sum(Frozen):
    """Money in a currency, which says how many places there are: a yen has no cents."""

    amount: Amount
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] | None = None

    @model_validator(mode="after")
    def _has_places(self) -> Self:
        if self.currency is not None and not fits(Decimal(self.amount), self.currency):
            raise ValueError(f"amount has more places than {self.currency} has: {places_of(self.currency)}")
        return self
