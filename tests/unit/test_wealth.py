"""What the wealth agents make of numbers: shares that add up, trades, and the policies that judge them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bank.securities import Client, Holding, Instrument, Price
from agents.wealth.allocation import Line, apportion, herfindahl, measure, spread
from agents.wealth.concentration import examine
from agents.wealth.picture import Picture
from agents.wealth.trade import Trade, read_trade
from blackboard import policy
from blackboard.policy_check import check
from blackboard.testing import NOON
from tests.factories import POLICIES

VALUES = st.dictionaries(
    st.text("ABC", min_size=1), st.decimals("0", "1e9", places=6, allow_nan=False), min_size=1, max_size=12
).filter(lambda values: sum(values.values()) > 0)


def picture(**held: str) -> Picture:
    """A balanced client who holds so much of three things: AURA at 100 dollars, BOREAL at 50 euros, HARBOR at 10 dollars."""
    kinds = {"AURA": ("equity", "USD", "100.00"), "BOREAL": ("equity", "EUR", "50.00"), "HARBOR": ("cash", "USD", "10.00")}
    rates = {"USD": "1.0000", "EUR": "1.2000"}
    return Picture(
        client=Client(client_id="C-1", name="A", risk_profile="balanced", horizon_months=60, knows_complex=False),
        portfolio=[Holding.model_validate({"symbol": symbol, "quantity": quantity}) for symbol, quantity in held.items()],
        securities={
            symbol: Instrument.model_validate(
                {"symbol": symbol, "name": symbol, "asset_class": kind, "risk_class": 4, "currency": currency}
                | {"is_complex": False, "horizon_months": 12}
            )
            for symbol, (kind, currency, _) in kinds.items()
        },
        prices={
            symbol: Price.model_validate(
                {"symbol": symbol, "price": price, "currency": currency, "usd_rate": rates[currency], "as_of": NOON}
            )
            for symbol, (_, currency, price) in kinds.items()
        },
    )


@given(VALUES)
def test_parts_add_up_exactly_and_none_is_off_by_a_hundredth(values: dict[str, Decimal]) -> None:
    """Whatever the values are: the whole is 100.00, and each part is its exact share rounded one way or the other."""
    whole = Decimal("100.00")
    parts, total = apportion(values, whole), sum(values.values())

    assert sum(parts.values()) == whole
    assert [name for name in parts if abs(parts[name] - whole * values[name] / total) >= Decimal("0.01")] == []


def test_thirds_are_told_by_name_and_nothing_is_divided_into_nothing() -> None:
    """The hundredth that is left goes to the first by name; of no value at all each share is 0."""
    thirds = apportion(dict.fromkeys("CAB", Decimal(7)), Decimal("100.00"))

    assert thirds == {"A": Decimal("33.34"), "B": Decimal("33.33"), "C": Decimal("33.33")}
    assert apportion({"A": Decimal(0)}, Decimal("100.00")) == {"A": Decimal("0.00")}
    assert spread([]) == {"currency": "USD", "total": "0.00", "by_class": [], "by_position": []}


def test_one_number_says_how_much_hangs_on_little() -> None:
    """10000 for a single position, 2500 for four equal ones, 0 for none."""
    assert [herfindahl([Decimal(5)] * n) for n in (1, 4, 3, 0)] == [10000, 2500, 3333, 0]


def test_values_in_other_currencies_count_in_dollars() -> None:
    """10 at 50 euros are 600 dollars beside 400; the largest position is looked for besides cash."""
    lines = picture(AURA="4", BOREAL="10", HARBOR="900").lines()

    assert measure(lines, "BOREAL").told() == {
        "position_share": "6.00", "class_share": "10.00", "herfindahl": 8152, "total": "10000.00",
    }  # fmt: skip
    assert measure(lines) == measure(lines, "BOREAL")
    assert measure([Line("HARBOR", "cash", Decimal(1), Decimal(10))]).told()["position_share"] == "0.00"


@pytest.mark.parametrize(
    ("said", "trade", "faults"),
    [
        ({"action": "buy", "symbol": "AURA", "amount": "250.00"}, Trade("buy", "AURA", Decimal("2.500000")), []),
        ({"action": "buy", "symbol": "BOREAL", "amount": "33.33"}, Trade("buy", "BOREAL", Decimal("0.666600")), []),
        ({"action": "sell", "symbol": "AURA", "quantity": "4"}, Trade("sell", "AURA", Decimal(4)), []),
        ({"action": "sell", "symbol": "AURA", "quantity": "4.000001"}, None, ["more_than_held"]),
        ({"action": "sell", "symbol": "BOREAL", "quantity": "1"}, None, ["not_held"]),
        ({"action": "hold", "symbol": "BOREAL"}, None, ["not_held"]),
        ({"action": "hold", "symbol": "AURA"}, Trade("hold", "AURA", Decimal(4)), []),
    ],
)
def test_a_suggestion_is_read_to_the_millionth(said: dict[str, str], trade: Trade | None, faults: list[str]) -> None:
    """An amount buys as much as it pays for and no more; nobody sells or holds what they do not have."""
    now = picture(AURA="4", HARBOR="10")
    read = read_trade(said, now)

    assert list(read.faults(now)) == faults
    assert trade is None or read == trade


def test_a_portfolio_is_measured_as_it_would_be_after_the_trade() -> None:
    """Buying doubles the position; selling all of it leaves nothing of it; the rules are given both as text."""
    now = picture(AURA="4", HARBOR="60")

    def after(**said: str) -> Any:
        event = {"event_type": "portfolio_recommendation", "payload": {"symbol": "AURA", **said}}
        return examine(event, now)[1]

    assert after(action="hold")["after"]["position_share"] == "40.00"
    assert (after(action="buy", quantity="4")["before"], after(action="buy", quantity="4")["after"]["position_share"]) == (
        after(action="hold")["after"],
        "57.14",
    )
    assert after(action="sell", quantity="4")["after"]["position_share"] == "0.00"


def test_prices_within_a_percent_are_the_prices_that_were_weighed() -> None:
    """A market that breathes outdates nothing; one price that moved more brings all of them up to date."""
    before = picture(AURA="4")

    def dearer(price: str) -> Picture:
        moved = {**before.prices, "AURA": before.prices["AURA"].model_copy(update={"price": Decimal(price)})}
        return before.model_copy(update={"prices": moved})

    assert [dearer(price).settled(before) == before for price in ("101.00", "99.00", "101.01", "98.99")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("name", ["concentration_limits", "advice_suitability"])
def test_the_policies_that_ship_are_sound(name: str) -> None:
    """No gap, no overlap, every example true, no row that nothing reaches."""
    assert check(policy.load(POLICIES / f"{name}.yaml")) == ([], [])
