"""Who of the bank's customers is advised, and what they hold on the first day.

Of those of customers.yaml it stands in holdings.yaml. Of the town two in three are advised, a sixth of whom hold nothing yet;
what the others hold fits their risk profile mostly, and not always.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from agents.bank.seed import Person, chance

SEED = Path(__file__).parent / "holdings.yaml"
_MOST_RISK = {"conservative": 2, "balanced": 4, "growth": 6}


class Portfolio(NamedTuple):
    """A client with what they hold, as `bank.write_portfolios` takes it."""

    customer_id: str
    risk_profile: str
    horizon_months: int
    knows_complex: bool
    holdings: dict[str, str]


def instruments() -> list[dict[str, Any]]:
    """All that there is to invest in, as `bank.write_instruments` takes it."""
    return list(_seed()["instruments"])


def portfolios(person: Person) -> Iterator[Portfolio]:
    """What a person holds; nothing where they are not advised."""
    if person.number == 0:
        yield from (Portfolio(**{"holdings": {}, **row}) for row in _seed()["clients"] if row["customer_id"] == person.id)
        return
    luck = chance(person.id, "portfolio")
    if person.risk_profile is None or luck.random() < 1 / 3:
        return
    most = _MOST_RISK[person.risk_profile] + (luck.random() < 0.1)
    suited = [each for each in instruments() if each["risk_class"] <= most]
    chosen = luck.sample(suited, luck.randint(1, min(5, len(suited)))) if luck.random() > 1 / 6 else []
    bought = {each["symbol"]: luck.randint(200, 20_000) / Decimal(each["base_price"]) for each in chosen}
    yield Portfolio(
        customer_id=person.id,
        risk_profile=person.risk_profile,
        horizon_months=luck.choice((12, 24, 36, 60, 84, 120, 180)),
        knows_complex=luck.random() < 0.2,
        holdings={symbol: f"{quantity:.3f}" for symbol, quantity in bought.items()},
    )


@cache
def _seed() -> dict[str, list[dict[str, Any]]]:
    seed: dict[str, list[dict[str, Any]]] = yaml.safe_load(SEED.read_text(encoding="utf-8"))
    return seed
