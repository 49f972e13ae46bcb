"""Who does not answer is left alone for a while, and then asked before it is ordered anything."""

import pytest

from agents.bank.answers import Answer, read
from agents.breaker import Breaker, Resting


class Time:
    """A clock that is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_so_many_failures_in_a_row_and_one_question_tries() -> None:
    """An order waits until the question was answered; who is turned away is told for how long."""
    clock = Time()
    breaker = Breaker("the bank", limit=2, pause_s=10, clock=clock)
    for outcome in (breaker.fail, breaker.succeed, breaker.fail, breaker.fail):
        breaker.admit(is_question=False)
        outcome()
    clock.now = 4
    with pytest.raises(Resting) as resting:
        breaker.admit(is_question=True)
    clock.now = 10
    with pytest.raises(Resting):
        breaker.admit(is_question=False)
    breaker.admit(is_question=True)
    with pytest.raises(Resting):
        breaker.admit(is_question=True)
    breaker.succeed()
    breaker.admit(is_question=False)

    assert (resting.value.wait_s, breaker.is_closed) == (6, True)


def test_a_question_that_is_not_answered_either_opens_it_again() -> None:
    """For as long as before."""
    clock = Time()
    breaker = Breaker("the bank", limit=1, pause_s=10, clock=clock)
    breaker.fail()
    clock.now = 10
    breaker.admit(is_question=True)
    breaker.fail()
    clock.now = 19

    with pytest.raises(Resting):
        breaker.admit(is_question=True)


MEANT = {
    Answer.DONE: [(200, ""), (201, ""), (202, "")],
    Answer.REFUSED: [(422, "insufficient-funds"), (400, ""), (404, "unknown-account"), (403, "step-up-refused")],
    Answer.LATER: [(409, "key-running"), (425, ""), (429, ""), (401, ""), (403, "step-up-required")],
    Answer.DIFFERS: [(422, "key-reused")],
    Answer.UNKNOWN: [(500, ""), (503, "unavailable"), (302, ""), (408, ""), (418, ""), (409, "duplicate-reference"), (204, "")],
}


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_means_one_thing(answer: Answer) -> None:
    """What is not in the table is unknown, and never a failure."""
    assert {read(status, code) for status, code in MEANT[answer]} == {answer}
