"""Repayment plans: exact to the cent, whatever is lent for however long."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.lending import schedule
from agents.lending.schedule import CENT, Instalment

AMOUNTS = st.decimals("0.01", "9999999999.99", places=2)
RATES = st.decimals("0", "100", places=2)


@given(amount=AMOUNTS, rate=RATES, months=st.integers(1, 600))
def test_the_principal_parts_add_up_to_what_was_lent(amount: Decimal, rate: Decimal, months: int) -> None:
    """Exactly; nothing is negative, every part is whole cents, and all but the last ask for no more than the first."""
    rows = schedule.plan(amount, rate, months)

    assert sum(row.principal for row in rows) == amount
    assert [row.number for row in rows] == list(range(1, months + 1))
    assert all(part >= 0 and part == part.quantize(CENT) for row in rows for part in (row.principal, row.interest))
    assert all(row.amount <= rows[0].amount for row in rows[:-1])


@given(amount=st.decimals("100", "100000", places=2), rate=RATES, months=st.integers(1, 360))
def test_interest_is_a_twelfth_of_the_rate_on_what_is_still_owed(amount: Decimal, rate: Decimal, months: int) -> None:
    """In each month, to half a cent."""
    owed = amount
    for row in schedule.plan(amount, rate, months):
        assert abs(row.interest - owed * rate / 1200) <= CENT / 2
        owed -= row.principal


def test_a_plan_as_it_is_printed_in_a_textbook() -> None:
    """6,000 at 6.90 % over two years; 12 months without interest; one month."""
    rows = schedule.plan(Decimal("6000.00"), Decimal("6.90"), 24)
    free = schedule.plan(Decimal("100.00"), Decimal(0), 12)

    assert rows[0] == Instalment(1, Decimal("233.86"), Decimal("34.50"))
    assert (rows[-1].amount, schedule.interest_of(rows)) == (Decimal("268.43"), Decimal("440.71"))
    assert [row.amount for row in free] == [Decimal("8.33")] * 11 + [Decimal("8.37")]
    assert schedule.plan(Decimal("500.00"), Decimal("12.00"), 1) == [Instalment(1, Decimal("500.00"), Decimal("5.00"))]


def test_halves_of_a_cent_go_to_the_even_one() -> None:
    """50.00 and 150.00 at 0.12 % bear half a cent and one and a half in a month."""
    interest = [schedule.plan(Decimal(amount), Decimal("0.12"), 1)[0].interest for amount in ("50.00", "150.00")]

    assert interest == [Decimal("0.00"), Decimal("0.02")]


@pytest.mark.parametrize(("amount", "rate", "months"), [("0", "1", 1), ("-1", "1", 1), ("1", "-1", 1), ("1", "1", 0)])
def test_what_cannot_be_lent_has_no_plan(amount: str, rate: str, months: int) -> None:
    """It is refused and not rounded to something."""
    with pytest.raises(ValueError, match="a plan needs"):
        schedule.plan(Decimal(amount), Decimal(rate), months)


def test_another_plan_has_another_digest() -> None:
    """One cent moved from one month to the next is seen."""
    rows = schedule.plan(Decimal("6000.00"), Decimal("6.90"), 24)
    moved = [
        rows[0]._replace(principal=rows[0].principal + CENT),
        rows[1]._replace(principal=rows[1].principal - CENT),
        *rows[2:],
    ]

    assert schedule.digest(rows) == schedule.digest(list(rows)) != schedule.digest(moved)
