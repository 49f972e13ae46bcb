"""Amounts of money as text, exact in the places that their currency has.

ISO 4217 gives each currency the number of places of its minor unit: most have two, the yen none, the dinars of the Gulf three.
An amount is ASCII digits, with a point and at most so many places where there are any; no sign, no exponent, no blank, no zero
before other digits. What is not written so is refused and never rounded: nobody knows what was meant.
"""

import re
from decimal import Decimal

from blackboard.errors import Invalid

MAX_DIGITS = 15
USUAL_PLACES = 2
# ISO 4217, table A.1 of 2024: what differs from two.
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
PLACES = {code: places for places, codes in ((0, _NONE), (3, _THREE), (4, _FOUR)) for code in codes.split()}
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.([0-9]{1,4}))?")


def places_of(currency: str) -> int:
    """How many places the minor unit of a currency has."""
    if not _CURRENCY.fullmatch(currency):
        raise Invalid("A currency is three letters of ISO 4217, such as USD.")
    return PLACES.get(currency, USUAL_PLACES)


def read_money(text: str, currency: str) -> Decimal:
    """The positive amount that a text says."""
    places = places_of(currency)
    found = _AMOUNT.fullmatch(text) if len(text) <= MAX_DIGITS + 5 else None
    if found is None or len(found[1] or "") > places or not Decimal(text):
        raise Invalid(f'An amount of {currency} is a positive decimal such as "{_example(places)}".')
    return Decimal(text)


def fits(amount: Decimal, currency: str) -> bool:
    """Whether an amount can be paid in this currency: it has no more places than that."""
    exponent = amount.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= places_of(currency)


def _example(places: int) -> str:
    return f"{Decimal(250):.{places}f}"
