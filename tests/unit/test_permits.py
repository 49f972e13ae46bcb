"""Permits: what the board signs and a bank believes."""

import pytest

from blackboard.errors import Invalid, SetupError
from blackboard.permits import Inspector, Mint, new_key, public_part

PRIVATE = new_key()
PUBLIC = public_part(PRIVATE)


def test_a_permit_says_what_it_was_minted_for() -> None:
    """Kind, effect key, digest, and how long."""
    permit = Inspector(PUBLIC).read(Mint(PRIVATE, lives_s=60).mint("transfer", "a.1", "ff", now=1000), now=1030)
    assert (permit.kind, permit.effect_key, permit.digest, permit.exp) == ("transfer", "a.1", "ff", 1060)


@pytest.mark.parametrize("now", [900, 994, 1065, 5000])
def test_a_permit_is_good_for_its_time_alone(now: float) -> None:
    """With five seconds for clocks that differ."""
    with pytest.raises(Invalid, match="time"):
        Inspector(PUBLIC).read(Mint(PRIVATE).mint("transfer", "a.1", "ff", now=1000), now=now)


def test_while_a_key_is_replaced_permits_of_both_count_and_afterwards_only_the_new_ones() -> None:
    """The bank is given both public keys for that time."""
    newer = new_key()
    old, new = (Mint(key).mint("transfer", "a.1", "ff") for key in (PRIVATE, newer))
    both, after = Inspector(PUBLIC + "\n" + public_part(newer)), Inspector(public_part(newer))
    assert both.read(old) == both.read(new) == after.read(new)
    with pytest.raises(Invalid, match="not the board's"):
        after.read(old)


@pytest.mark.parametrize("told", ["", ".", "..", "a.b.c", "é", "{}", "x" * 10_000])
def test_what_is_no_permit_is_refused(told: str) -> None:
    """In a sentence."""
    with pytest.raises(Invalid, match="permit"):
        Inspector(PUBLIC).read(told)


@pytest.mark.parametrize("pem", ["", "nonsense", PUBLIC])
def test_what_is_no_private_key_signs_nothing(pem: str) -> None:
    """It is said when the API starts."""
    with pytest.raises(SetupError, match=r"permit key|PERMIT_KEY"):
        Mint(pem)
