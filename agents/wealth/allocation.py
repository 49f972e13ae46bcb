"""How a portfolio is spread: shares that add up, and one number for how much hangs on little.

All of it is exact: values are decimals, shares come from their ratios, and only what is told is rounded.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from blackboard.values import Json

CENT = Decimal("0.01")
WHOLE = Decimal("100.00")
CASH = "cash"


class Line(NamedTuple):
    """A position: what it is, of which kind, how much of it, and what that is worth in dollars."""

    symbol: str
    asset_class: str
    quantity: Decimal
    value: Decimal


class Measures(NamedTuple):
    """What concentration is judged by. Shares are in percent; `herfindahl` is from 0 to 10000."""

    position_share: Decimal
    class_share: Decimal
    herfindahl: int
    total: Decimal

    def told(self) -> Json:
        """As a fact has it, and the rules."""
        return {
            "position_share": f"{self.position_share:.2f}",
            "class_share": f"{self.class_share:.2f}",
            "herfindahl": self.herfindahl,
            "total": f"{self.total:.2f}",
        }


def apportion(values: Mapping[str, Decimal], whole: Decimal) -> dict[str, Decimal]:
    """`whole` in proportion to the values, in hundredths that add up to it exactly.

    By largest remainders (Hamilton's method; M. L. Balinski and H. P. Young, Fair Representation, 1982): each part is rounded
    down, and the hundredths that are left go one each to the parts that lost most by that; of equals to the first by name.
    """
    total = sum(values.values())
    if not total:
        return dict.fromkeys(values, Decimal("0.00"))
    exact = {name: whole * value / total for name, value in values.items()}
    parts = {name: share.quantize(CENT, ROUND_DOWN) for name, share in exact.items()}
    left = int((whole - sum(parts.values())) / CENT)
    for name in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:left]:
        parts[name] += CENT
    return parts


def herfindahl(values: Iterable[Decimal]) -> int:
    """The sum of the squares of all shares in percent: 10000 is a single position, 10000/n are n equal ones.

    The index of Herfindahl and Hirschman, counted as in the Merger Guidelines of the U.S. Department of Justice; half to even.
    """
    known = list(values)
    total = sum(known)
    squares = sum((value * value for value in known), Decimal(0))
    return int((squares * 10000 / (total * total)).to_integral_value(ROUND_HALF_EVEN)) if total else 0


def by_class(lines: Iterable[Line]) -> dict[str, Decimal]:
    """What is in each kind of asset."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.asset_class] = sums.get(line.asset_class, Decimal(0)) + line.value
    return dict(sorted(sums.items()))


def measure(lines: list[Line], symbol: str | None = None) -> Measures:
    """The share of a position and of its kind; where no symbol is named, the largest there are besides cash."""
    positions = apportion({line.symbol: line.value for line in lines}, WHOLE)
    classes = apportion(by_class(lines), WHOLE)
    looked_at = [line for line in lines if (line.asset_class != CASH if symbol is None else line.symbol == symbol)]
    return Measures(
        position_share=max((positions[line.symbol] for line in looked_at), default=Decimal(0)),
        class_share=max((classes[line.asset_class] for line in looked_at), default=Decimal(0)),
        herfindahl=herfindahl(line.value for line in lines),
        total=worth(lines),
    )


def worth(lines: Iterable[Line]) -> Decimal:
    """What all of it is worth in dollars, to the cent, half to even."""
    return sum((line.value for line in lines), Decimal(0)).quantize(CENT, ROUND_HALF_EVEN)


def spread(lines: list[Line]) -> Json:
    """By kind and by position: values that add up to the total, and weights that add up to 100.00."""
    total, kinds, values = worth(lines), by_class(lines), {line.symbol: line.value for line in lines}
    amounts, weights = apportion(values, total), apportion(values, WHOLE)
    class_amounts, class_weights = apportion(kinds, total), apportion(kinds, WHOLE)
    return {
        "currency": "USD",
        "total": f"{total:.2f}",
        "by_class": [
            {"asset_class": kind, "value": f"{class_amounts[kind]:.2f}", "weight": f"{class_weights[kind]:.2f}"}
            for kind in kinds
        ],
        "by_position": [
            {
                "symbol": line.symbol,
                "quantity": f"{line.quantity:.6f}",
                "value": f"{amounts[line.symbol]:.2f}",
                "weight": f"{weights[line.symbol]:.2f}",
            }
            for line in lines
        ],
    }
