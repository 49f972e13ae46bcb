"""Which cases arrive, and when: drawn from a seed, the same for the same seed.

Arrivals are a Poisson process: the times between them are exponential and know nothing of each other, like customers.
"""

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from blackboard.errors import Invalid
from blackboard.placeholders import fill
from blackboard.scenario import Mix
from blackboard.values import Json


class Arrival(NamedTuple):
    """A case to open, so many seconds after the beginning."""

    n: int
    at_s: float
    mix: Mix
    payload: Json


def draw_arrivals(mixes: Sequence[Mix], cases: int, rate: float, seed: int, *, run: str, today: date) -> list[Arrival]:
    """So many cases, `rate` of them a second in the mean, in the proportions of the weights."""
    if not mixes:
        raise Invalid("no scenario says what cases look like when many of them arrive (`load`)")
    chance = random.Random(seed)
    at_s, arrivals = 0.0, []
    for n in range(1, cases + 1):
        at_s += chance.expovariate(rate)
        [mix] = chance.choices(mixes, [mix.weight for mix in mixes])
        payload = fill(_drawn(mix.payload, chance), {"run": run, "n": n}, today)
        arrivals.append(Arrival(n, at_s, mix, payload))
    return arrivals


def _drawn(document: Any, chance: random.Random) -> Any:
    """The document with everything drawn that is left to chance."""
    match document:
        case {"$one_of": [*several], **others} if several and not others:
            return _drawn(chance.choice(several), chance)
        case {"$money": [least, most], **others} if not others:
            return _money(Decimal(least), Decimal(most), chance)
        case {"$whole": [int(least), int(most)], **others} if not others:
            return chance.randint(least, most)
        case dict():
            if odd := [name for name in document if name.startswith("$")]:
                raise Invalid(f"{odd[0]} with {document[odd[0]]!r} cannot be drawn; $one_of, $money and $whole can")
            return {name: _drawn(value, chance) for name, value in document.items()}
        case list():
            return [_drawn(value, chance) for value in document]
    return document


def _money(least: Decimal, most: Decimal, chance: random.Random) -> str:
    """An amount with two places, each cent as likely as the others."""
    cents = chance.randint(int(least.scaleb(2)), int(most.scaleb(2)))
    return f"{cents // 100}.{cents % 100:02}"
