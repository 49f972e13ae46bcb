"""A bank that does not answer now is asked later."""

from collections.abc import Iterator
from contextlib import contextmanager

from agents.bank.errors import BankUnavailable
from blackboard.agent import TryLater


@contextmanager
def patience() -> Iterator[None]:
    """Whatever is asked of the bank in the block."""
    try:
        yield
    except BankUnavailable as error:
        raise TryLater(f"bank not available: {error}"[:200], delay_s=error.wait_s) from error
