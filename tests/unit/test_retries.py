"""What is tried again is told when that goes on for long."""

from stamina.instrumentation import RetryDetails
from structlog.testing import capture_logs

from blackboard.retries import Retries


def attempt(waited_s: float) -> RetryDetails:
    """One that failed, after so long."""
    return RetryDetails("ask", ("CHK-001",), {}, 1, 0.5, waited_s, OSError("The board cannot be reached."))


def test_a_board_that_starts_is_waited_for_in_silence() -> None:
    """A process that begins before it says nothing for some seconds."""
    retries = Retries(lambda: 1000.0)
    with capture_logs() as told:
        for waited_s in (0, 0.5, 1, 2, 4):
            retries(attempt(waited_s))

    assert told == []


def test_a_board_that_stays_away_is_told_of_now_and_again() -> None:
    """Once for all who ask, with why and for how long, and not with what was asked."""
    now = [1000.0]
    retries = Retries(lambda: now[0])
    with capture_logs() as told:
        for second in range(12):
            now[0] += 1
            for _ in range(25):
                retries(attempt(second))

    line = {"event": "still trying", "log_level": "warning", "error": "The board cannot be reached."}
    assert told == [{**line, "for_s": 6}, {**line, "for_s": 10}]
