"""An errand: what one call of an old client has the board do, from the case that is opened to the answer that says its end."""

from decimal import Decimal
from typing import Any, NoReturn

import orjson
from fastapi import Response

from blackboard.answers import Case, DecisionRecord, Task
from blackboard.board import Board
from blackboard.errors import Declined, Duplicate, NotFound, Unfunded
from blackboard.once import Once
from blackboard.requests import NewCase
from blackboard.states import CaseState
from blackboard.values import MAX_NUMBER, Json, Principal

WAITS = "pending"
RESTS = "manual_review"


async def open_case(board: Board, who: Principal, new: NewCase, once: Once | None) -> Case:
    """Open a case, or find the one with its business key and payload. `Duplicate` where that has another payload."""
    try:
        return (await board.open_case(who, new, once)).value
    except Duplicate:
        case = await board.find_case(who, new.workflow, new.business_key or "")
        if case.payload != new.payload:
            raise Duplicate(
                f"This id was used for another {new.workflow}."
                " Repeat a call with what it was sent with, and use a new id for a new one."
            ) from None
        return case


async def find_case(board: Board, who: Principal, number: int, *workflows: str) -> Case:
    """The case with this number. `NotFound` when there is none, or when it is of none of these workflows."""
    if 0 < number <= MAX_NUMBER:
        case = await board.find_number(who, number)
        if case.workflow in workflows:
            return case
    raise NotFound(f"There is no {' or '.join(workflows)} with the number {number}.")


def decided(case: Case) -> list[tuple[Task, DecisionRecord]]:
    """What was decided on a case, in the order of time."""
    done = [(task.finished_at, task.id, task, task.decision) for task in case.tasks if task.finished_at and task.decision]
    return [(task, decision) for *_, task, decision in sorted(done)]


def closing(case: Case) -> DecisionRecord | None:
    """The decision that a case ended with, or the latest so far; none where nobody decided anything.

    Of tasks side by side that end in one moment, the one that said no ended a case that was rejected.
    """
    done = [decision for _, decision in decided(case)]
    refusals = [decision for decision in done if decision.outcome == "reject"] if case.outcome == "rejected" else []
    return next(reversed(refusals or done), None)


def result_of(case: Case) -> Json:
    """What came of a case, in the words of whoever ended it."""
    last = closing(case)
    return last.result if last is not None and isinstance(last.result, dict) else {}


def status_of(case: Case) -> str:
    """The outcome; before that, whether a person is waited for."""
    return case.outcome or (RESTS if case.rests else WAITS)


def has_ended(case: Case) -> bool:
    """Nothing more comes."""
    return case.state in (CaseState.COMPLETED, CaseState.TERMINATED)


def refuse(case: Case) -> NoReturn:
    """Say that a case ended otherwise than was asked for, and why."""
    last = closing(case)
    reasons = last.reasons if last is not None else []
    kind = Unfunded if "insufficient_funds" in reasons else Declined
    raise kind(
        f"The {case.workflow} ended as {case.outcome}: {', '.join(reasons) or 'no reason was given'}."
        f" GET /v1/cases/{case.id}/explain tells the whole story.",
        outcome=case.outcome,
        reasons=reasons,
        case_id=case.id,
    )


def later(case: Case, location: str, **more: Any) -> Response:
    """202: it goes on, or waits for a person; where the outcome will be."""
    body = {**more, "status": status_of(case), "case_id": case.id, "location": location}
    return told(body, status=202, location=location)


def told(body: object, *, status: int = 200, location: str | None = None) -> Response:
    """An answer, in which a `Decimal` is a number of exactly these digits."""
    headers = {"Location": location} if location else None
    return Response(orjson.dumps(body, default=_written), status, headers, media_type="application/json")


def _written(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError
