"""What the bank takes for an amount."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bank.models import read_amount, write_amount


@given(st.decimals(min_value="0.01", max_value="9999999999999.99", places=2))
def test_every_amount_survives_the_wire(amount: Decimal) -> None:
    """Written and read back it is the same, to the cent."""
    assert read_amount(write_amount(amount)) == amount


@pytest.mark.parametrize("value", [1, 250, "1", "1.5", "0.01"])
def test_strings_and_integers_are_read(value: object) -> None:
    """An old client's integer is exact; it may stay."""
    assert read_amount(value) > 0


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, 0.5, 250.0, True, None, []),
        *("", "0", "0.00", "-1", "1.234", "1_000", " 1.00 ", "1E+5", "1e-400", "NaN", "Infinity"),
        *("٣", "１", "1.", ".1", "01", "1,5", "1\n", "99999999999999"),
    ],
)
def test_nothing_else_is(value: object) -> None:
    """Least of all what Decimal's own constructor would take."""
    with pytest.raises(ValueError, match="an amount is"):
        read_amount(value)
