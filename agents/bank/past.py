"""What the town's people did before the bank's first day: salaries came, rent and shopping went.

Nobody of customers.yaml has a past.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from agents.bank.seed import Person, SeedRow, chance, german_iban

# Whoever pays and is paid by everybody, for each currency. Their account numbers come after those of the town.
_CURRENCIES = ("USD", "EUR", "GBP")
_TRADES = {"PAY": "Employers", "RENT": "Landlords", "SHOP": "Shops", "GRID": "Power"}
_MEANS = Decimal(100_000_000)
_TRADE_IBANS = 2_000_000


class Payment(NamedTuple):
    """A transfer of the past, as `bank.write_past` takes it."""

    key: str
    from_account: str
    to_account: str
    amount: str
    currency: str
    memo: str
    hours_ago: int


def traders() -> list[Person]:
    """The companies of the town that everybody deals with."""
    return [_trader(place, currency) for place, currency in enumerate(_CURRENCIES)]


def payments(person: Person) -> Iterator[Payment]:
    """Three months of somebody's life; of whom nothing is made up, nothing."""
    if person.number == 0 or person.income_monthly is None:
        return
    luck = chance(person.id, "past")
    salary = person.income_monthly
    yield _paid(person, "PAY", salary, "Salary", 24 * 62, comes=True)
    yield _paid(person, "PAY", salary, "Salary", 24 * 31, comes=True)
    yield _paid(person, "RENT", (salary * luck.randint(15, 32) / 100).quantize(Decimal(1)), "Rent", 24 * 30)
    for place in range(luck.randint(1, 3)):
        cents = Decimal(luck.randint(500, 9000)) / 100
        yield _paid(person, luck.choice(("SHOP", "GRID")), cents, "Household", luck.randint(48, 24 * 28), place=place)


def _paid(
    person: Person, trade: str, amount: Decimal, memo: str, hours_ago: int, *, comes: bool = False, place: int = 0
) -> Payment:
    there = f"{trade}-{person.currency}"
    source, target = (there, person.main) if comes else (person.main, there)
    return Payment(
        f"opening:{person.id}:{memo}:{hours_ago}:{place}", source, target, f"{amount:.2f}", person.currency, memo, hours_ago
    )


def _trader(place: int, currency: str) -> Person:
    rows = tuple(
        SeedRow(
            customer_id=f"TOWN-{currency}",
            name=f"Sim Town {currency}",
            country="DE",
            born_on="2000-01-01",
            account=f"{trade}-{currency}",
            iban=german_iban(99999999, _TRADE_IBANS + 10 * place + number),
            currency=currency,
            balance=f"{_MEANS:.2f}",
            opened_days_ago=120,
            customer_kind="company",
        )
        for number, trade in enumerate(_TRADES)
    )
    return Person(0, rows[0].customer_id, rows[0].name, "company", "DE", "2000-01-01", currency, None, None, rows)
