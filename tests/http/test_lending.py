"""Loans from the application to the last reminder, on a real board and at a real bank."""

from collections.abc import AsyncIterator

import pytest

from blackboard.answers import Case
from tests.conftest import Databases
from tests.http.lending import Lender, open_lender


@pytest.fixture(scope="module")
async def lender(databases: Databases) -> AsyncIterator[Lender]:
    """One for the module: every test has customers of its own."""
    async with open_lender(databases) as lender:
        yield lender


def reasons(case: Case, stage: str) -> list[str]:
    """Why a stage ended as it did."""
    return next(task.decision.reasons for task in reversed(case.tasks) if task.stage == stage and task.decision)


async def test_a_loan_is_paid_out_once_with_the_plan_that_was_authorized(lender: Lender) -> None:
    """Score, terms and schedule stay on the board; the bank has the same plan to the cent."""
    case = await lender.apply()
    assert case.outcome == "executed"
