"""API keys: made, read, hashed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackboard import keys


def test_a_key_is_read_back_as_it_was_made() -> None:
    """Text and parts are the same thing."""
    key = keys.mint()

    assert keys.parse(str(key)) == key


def test_one_wrong_character_is_noticed() -> None:
    """Without asking the database."""
    text = str(keys.mint())
    wrong = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]

    assert keys.parse(wrong) is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    """It is a key or it is None."""
    found = keys.parse(text)

    assert found is None or str(found) == text


@pytest.mark.parametrize("text", ["", "bb_", "bb_x_y_z", "Bearer bb", "bb_" + "a" * 12 + "_" + "b" * 43 + "_00000000"])
def test_what_looks_like_a_key_is_none(text: str) -> None:
    """The check must fit."""
    assert keys.parse(text) is None


def test_the_hash_depends_on_the_pepper() -> None:
    """A dump of the database opens nothing."""
    assert keys.keyed_hash("secret", b"one") != keys.keyed_hash("secret", b"two")
