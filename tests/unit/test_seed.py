"""The made-up customers of the sandbox bank."""

from decimal import Decimal

from stdnum import luhn

from agents.bank.past import payments
from agents.bank.portfolios import instruments, portfolios
from agents.bank.seed import RISK_PROFILES, made_up_accounts, townspeople
from agents.identity import is_valid_iban
from agents.names import SANCTIONS, SanctionsList


def test_they_are_the_same_for_everybody_and_nobody_that_exists() -> None:
    """Valid account numbers, each once; no name is on the sanctions list; fewer are the first of more."""
    some, more = list(made_up_accounts(100)), list(made_up_accounts(1000))
    sanctions = SanctionsList.load(SANCTIONS)

    assert (some, len(more)) == (more[:100], 1000)
    assert [row.iban for row in more if not is_valid_iban(row.iban)] == []
    assert [row.name for row in more if sanctions.find(row.name) is not None] == []
    assert {len({getattr(row, name) for row in more}) for name in ("customer_id", "name", "account", "iban")} == {1000}


def test_the_town_is_the_same_for_everybody_and_nobody_that_exists() -> None:
    """A thousand people with several accounts, currencies, cards and every risk profile, whose numbers all are right."""
    people = list(townspeople(1000))
    rows = [row for person in people for row in person.accounts]
    sanctions = SanctionsList.load(SANCTIONS)
    cards = [row.card_number for row in rows if row.card_number]

    assert (people[600:], people[7]) == (list(townspeople(1000, after=600)), list(townspeople(8))[7])
    assert [len({person.name for person in people}), len({row.iban for row in rows})] == [1000, len(rows)]
    assert [row.iban for row in rows if not is_valid_iban(row.iban)] == []
    assert [number for number in cards if not luhn.is_valid(number)] == []
    assert [person.name for person in people if sanctions.find(person.name) is not None] == []
    assert {person.risk_profile for person in people} == set(RISK_PROFILES)
    assert {row.currency for row in rows} == {"USD", "EUR", "GBP"}
    assert all(person.income_monthly for person in people)


def test_the_past_never_overdraws_an_account() -> None:
    """What somebody begins with and earns covers what they spend, at any time."""
    poor = []
    for person in townspeople(300):
        balance = Decimal(person.accounts[0].balance)
        for payment in sorted(payments(person), key=lambda payment: -payment.hours_ago):
            balance += Decimal(payment.amount) * (1 if payment.to_account == person.main else -1)
            poor += [person.id] if balance < 0 else []

    assert poor == []


def test_two_in_three_of_the_town_are_advised_and_some_of_them_hold_nothing() -> None:
    """The same for everybody; nobody holds what is not offered."""
    held = {row.customer_id: row.holdings for person in townspeople(600) for row in portfolios(person)}
    offered = {each["symbol"] for each in instruments()}

    assert held == {row.customer_id: row.holdings for person in townspeople(600) for row in portfolios(person)}
    assert 360 < len(held) < 440
    assert 30 < sum(not holdings for holdings in held.values()) < 100
    assert {symbol for holdings in held.values() for symbol in holdings} <= offered
