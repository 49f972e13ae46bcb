"""Repayment plans: level instalments, exact to the cent, of which the principal parts add up to what was lent.

Day count is 30E/360 (ISDA 2006, 4.16(g)): from one day of a month to the same day of the next are 30 of 360 days, so that a
month bears a twelfth of the yearly rate. A due day that a short month lacks is moved to its last, and the month still has 30.
Cents are rounded half to even (ISO 80000-1, B.3, rule A). The last instalment takes what rounding has left over.
"""

import hashlib
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import NamedTuple

CENT = Decimal("0.01")
# Periods of a year, times a hundred: a rate is in percent a year.
_PERCENT_MONTHS = 1200
# Enough for thirteen digits of money over thirty years; what is rounded is rounded once, at the end.
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Instalment(NamedTuple):
    """What is due after so many months."""

    number: int
    principal: Decimal
    interest: Decimal

    @property
    def amount(self) -> Decimal:
        """All of it."""
        return self.principal + self.interest


def plan(amount: Decimal, rate: Decimal, months: int) -> list[Instalment]:
    """So much lent at so many percent a year, paid back in so many months."""
    if amount <= 0 or rate < 0 or months < 1:
        raise ValueError("a plan needs an amount above zero, a rate of at least zero and a month or more")
    with localcontext(_EXACT):
        level, owed, rows = _level(amount, rate, months), amount, []
        for number in range(1, months + 1):
            interest = (owed * rate / _PERCENT_MONTHS).quantize(CENT)
            principal = owed if number == months else min(level - interest, owed)
            rows.append(Instalment(number, principal, interest))
            owed -= principal
        return rows


def _level(amount: Decimal, rate: Decimal, months: int) -> Decimal:
    """The instalment that is the same every month."""
    if not rate:
        return (amount / months).quantize(CENT)
    monthly = rate / _PERCENT_MONTHS
    return (amount * monthly / (1 - (1 + monthly) ** -months)).quantize(CENT)


def interest_of(rows: Sequence[Instalment]) -> Decimal:
    """What the loan costs."""
    return sum((row.interest for row in rows), Decimal(0))


def written(rows: Sequence[Instalment]) -> list[dict[str, str]]:
    """As it is authorized and sent: a pair of amounts for each month."""
    return [{"principal": f"{row.principal:.2f}", "interest": f"{row.interest:.2f}"} for row in rows]


def digest(rows: Sequence[Instalment]) -> str:
    """SHA-256 of the lines "number principal interest": the bank makes the same of what it was sent."""
    text = "\n".join(f"{row.number} {row.principal:.2f} {row.interest:.2f}" for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()
