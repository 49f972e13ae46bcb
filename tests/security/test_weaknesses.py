"""What is planted where is still there."""

import pytest

from tests.security.weaknesses import CHECKOUT, PLANTED, Weakness


@pytest.mark.parametrize("weakness", PLANTED, ids=lambda weakness: weakness.what.replace(" ", "-"))
def test_a_weakness_can_be_planted(weakness: Weakness) -> None:
    """What it takes away stands in its file once, and the tests that must notice are there."""
    assert (CHECKOUT / weakness.file).read_text().count(weakness.strong) == 1
    assert all((CHECKOUT / place).exists() for place in weakness.tests.split())
