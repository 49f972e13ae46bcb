"""Whom the sandbox bank knows on its first day: the people of customers.yaml, and as many made up as are asked for.

Two kinds are made up, both the same for the same number, for everybody and for ever. Account `SIM-0001` belongs to `Sim Abalo
1`: an account with money in it and no more. `T-0001` is somebody of the town, with a home currency, an income, a risk
profile, several accounts and a card. A name is a word that is no name and a few syllables; IBANs carry right check digits and
a bank code that nobody has, and cards a right last digit under a prefix that nobody issues. So nobody in here exists.

Whoever keeps more about the town's people draws it from `chance(person.id, "what it is")`: a stream of its own for each person
and each purpose, so that nothing that is added moves what was there. `agents.bank.first_day` says who writes what.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

CUSTOMERS = Path(__file__).parent / "customers.yaml"
OPENING = "10000.00"
RISK_PROFILES = ("conservative", "balanced", "growth")
_SEED = 20300101
_SYLLABLES = ("ba", "do", "fi", "ga", "ku", "lo", "mi", "na", "pe", "ru", "so", "tu", "ve", "wo", "zi")
# A bank code that the Bundesbank gives to nobody.
_BANK_CODE = 99999999
# ISO/IEC 7812 leaves numbers that begin with 9 to national bodies, by the country's code; no country has 999.
_CARD_PREFIX = "999900"
_HOMES = (("US", "USD", 50), ("DE", "EUR", 14), ("FR", "EUR", 12), ("NL", "EUR", 9), ("GB", "GBP", 15))
_FAR = {"USD": "EUR", "EUR": "USD", "GBP": "USD"}
_FIRST_DAY = date(2030, 1, 1)


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
    card_number: str | None = None
    kind: str = "checking"
    opened_days_ago: int = 0
    customer_kind: str = "person"
    income_monthly: str | None = None


class Person(NamedTuple):
    """A customer, a person or a company. An income is per month, after tax.

    Of those of customers.yaml the number is 0, and who of them invests, and how, stands in holdings.yaml.
    """

    number: int
    id: str
    name: str
    kind: Literal["person", "company"]
    country: str
    born_on: str
    currency: str
    risk_profile: str | None
    income_monthly: Decimal | None
    accounts: tuple[SeedRow, ...]

    @property
    def main(self) -> str:
        """The account that salaries come to."""
        return self.accounts[0].account


def chance(person_id: str, topic: str) -> random.Random:
    """Where everything that is made up about somebody comes from, apart for each topic."""
    return random.Random(f"{_SEED}/{topic}/{person_id}")


def known_people() -> list[Person]:
    """Those of customers.yaml, the funding accounts first."""
    document = yaml.safe_load(CUSTOMERS.read_text(encoding="utf-8"))
    return [_known(customer) for customer in document["customers"]]


def known_customers() -> list[SeedRow]:
    """The accounts of those."""
    return [row for person in known_people() for row in person.accounts]


def townspeople(count: int, *, after: int = 0) -> Iterator[Person]:
    """The first so many of the town, without those that came before."""
    return (_neighbour(number) for number in range(after + 1, count + 1))


def made_up_accounts(count: int) -> Iterator[SeedRow]:
    """So many customers with a dollar account and money in it."""
    luck = random.Random(_SEED)
    for number in range(1, count + 1):
        name = "".join(luck.choices(_SYLLABLES, k=3)).capitalize()
        yield SeedRow(
            customer_id=f"S-{number:04}",
            name=f"Sim {name} {number}",
            country="DE",
            born_on=f"{luck.randint(1950, 2005)}-{luck.randint(1, 12):02}-{luck.randint(1, 28):02}",
            account=account_name(number),
            iban=german_iban(_BANK_CODE, number),
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


def card_number(number: int) -> str:
    """Sixteen digits, the last of them by Luhn (ISO/IEC 7812-1, annex B)."""
    from stdnum import luhn

    body = f"{_CARD_PREFIX}{number:09}"
    return body + luhn.calc_check_digit(body)


def _neighbour(number: int) -> Person:
    """Somebody of the town."""
    person_id = f"T-{number:04}"
    luck = chance(person_id, "person")
    country, currency = luck.choices([home[:2] for home in _HOMES], [home[2] for home in _HOMES])[0]
    kind: Literal["person", "company"] = "company" if luck.random() < 0.05 else "person"
    most, usual = (90_000, 30_000) if kind == "company" else (9_000, 2_600)
    person = Person(
        number=number,
        id=person_id,
        name=f"Sim {_word(number)}" + (" Works" if kind == "company" else ""),
        kind=kind,
        country=country,
        born_on=str(_FIRST_DAY - timedelta(days=luck.randint(19 * 365, 85 * 365))),
        currency=currency,
        risk_profile=luck.choice(RISK_PROFILES),
        income_monthly=Decimal(50 * round(luck.triangular(1_200, most, usual) / 50)).quantize(Decimal("0.01")),
        accounts=(),
    )
    return person._replace(accounts=tuple(_accounts(person, luck)))


def _accounts(person: Person, luck: random.Random) -> Iterator[SeedRow]:
    """A checking account, mostly with a card; often savings, sometimes an account in another currency."""
    income = person.income_monthly or Decimal(0)
    suffix = f"T{person.number:04}"
    card = {"card": f"CARD-{suffix}", "card_number": card_number(person.number)} if luck.random() < 0.8 else {}
    yield _row(person, 0, f"CHK-{suffix}", person.currency, income * luck.randint(5, 40) / 10, **card)
    if luck.random() < 0.6:
        yield _row(person, 1, f"SAV-{suffix}", person.currency, income * luck.randint(0, 90) / 10, kind="savings")
    if luck.random() < 0.2:
        yield _row(person, 2, f"FCY-{suffix}", _FAR[person.currency], income * luck.randint(0, 20) / 10)


def _row(person: Person, place: int, account: str, currency: str, balance: Decimal, **more: Any) -> SeedRow:
    return SeedRow(
        **_holder(person),
        account=account,
        iban=german_iban(_BANK_CODE, 1_000_000 + person.number * 10 + place),
        currency=currency,
        balance=f"{balance:.2f}",
        opened_days_ago=120,
        **more,
    )


def _holder(person: Person) -> dict[str, Any]:
    """What each row of somebody's says of them."""
    return {
        "customer_id": person.id,
        "name": person.name,
        "country": person.country,
        "born_on": person.born_on,
        "customer_kind": person.kind,
        "income_monthly": None if person.income_monthly is None else f"{person.income_monthly:.2f}",
    }


def _word(number: int) -> str:
    """Four syllables, which no other number has: 7919 is prime, so its multiples meet every combination once."""
    left, syllables = number * 7919 % len(_SYLLABLES) ** 4, []
    for _ in range(4):
        left, place = divmod(left, len(_SYLLABLES))
        syllables.append(_SYLLABLES[place])
    return "".join(syllables).capitalize()


def _known(customer: dict[str, Any]) -> Person:
    income = customer.get("income_monthly")
    person = Person(
        number=0,
        id=str(customer["id"]),
        name=str(customer["name"]),
        kind=customer.get("kind", "person"),
        country=str(customer["country"]),
        born_on=str(customer["born_on"]),
        currency=customer["accounts"][0]["currency"],
        risk_profile=None,
        income_monthly=None if income is None else Decimal(income),
        accounts=(),
    )
    return person._replace(accounts=tuple(_known_row(person, account) for account in customer["accounts"]))


def _known_row(person: Person, account: dict[str, str]) -> SeedRow:
    told: dict[str, Any] = {name: str(value) for name, value in account.items() if name not in ("id", "overdraft")}
    overdraft = account.get("overdraft", "0.00")
    return SeedRow(**_holder(person), account=account["id"], overdraft=None if overdraft == "unlimited" else overdraft, **told)
