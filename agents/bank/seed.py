"""Whom the sandbox bank knows on its first day: the people of customers.yaml, and as many made up as are asked for.

The made-up are the same for the same number: account `SIM-0001` belongs to `Sim Abalo` for everybody. A name is a word that is
no name and a few syllables drawn from a seeded generator; IBANs carry right check digits and a bank code that nobody has.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

CUSTOMERS = Path(__file__).parent / "customers.yaml"
OPENING = "10000.00"
_SEED = 20300101
_SYLLABLES = ("ba", "do", "fi", "ga", "ku", "lo", "mi", "na", "pe", "ru", "so", "tu", "ve", "wo", "zi")


class SeedRow(NamedTuple):
    """An account and whose it is, as `bank.open_accounts` takes it. An overdraft of None has no limit."""

    customer_id: str
    name: str
    country: str
    born_on: str
    account: str
    iban: str
    currency: str
    state: str = "open"
    balance: str = "0.00"
    overdraft: str | None = "0.00"
    card: str | None = None


def known_customers() -> list[SeedRow]:
    """Those of customers.yaml, the funding accounts first."""
    return [
        _row(customer, account)
        for customer in yaml.safe_load(CUSTOMERS.read_text(encoding="utf-8"))["customers"]
        for account in customer["accounts"]
    ]


def made_up_accounts(count: int) -> Iterator[SeedRow]:
    """So many customers with a dollar account and money in it."""
    chance = random.Random(_SEED)
    for number in range(1, count + 1):
        name = "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
        yield SeedRow(
            customer_id=f"S-{number:04}",
            name=f"Sim {name} {number}",
            country="DE",
            born_on=f"{chance.randint(1950, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            account=account_name(number),
            iban=german_iban(99999999, number),
            currency="USD",
            balance=OPENING,
        )


def account_name(number: int) -> str:
    """The number of the n-th made-up account, counted from 1."""
    return f"SIM-{number:04}"


def german_iban(bank: int, account: int) -> str:
    """With its check digits: the remainder by 97 with the country's letters as numbers at the end (ISO 13616)."""
    basic = f"{bank:08}{account:010}"
    return f"DE{98 - int(f'{basic}131400') % 97:02}{basic}"


def _row(customer: dict[str, object], account: dict[str, str]) -> SeedRow:
    told = {name: str(value) for name, value in account.items() if name not in ("id", "overdraft")}
    overdraft = account.get("overdraft", "0.00")
    return SeedRow(
        customer_id=str(customer["id"]),
        **{name: str(customer[name]) for name in ("name", "country", "born_on")},
        account=account["id"],
        overdraft=None if overdraft == "unlimited" else overdraft,
        **told,
    )
