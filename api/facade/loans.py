"""Loans as the lending service took them: applied for, decided by a person, read back with the decision."""

import re
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints, ValidationError, model_validator

from api.deps import Approver, Caller, OnceKey, OnceKeyIfSent, TheBoard, TheReads
from api.facade import errand
from api.facade.amount import Amount, AmountOrNone, Label, Sum
from api.facade.route import SoFar, old_router
from blackboard.answers import Case
from blackboard.board import Board
from blackboard.errors import ClaimLost, Conflict, Invalid, NotFound
from blackboard.requests import GENERIC, NewCase, ReviewDecision
from blackboard.roles import demand
from blackboard.values import MAX_NUMBER, Frozen, Principal

WORKFLOW = "loan"
_NO_CODE = re.compile(r"[^a-z0-9]+")
_MAX_CODE = 63
# Here a person says who the applicant is, and not yet whether they are lent anything.
_BEFOREHAND = "clearance"
_OUTCOME = {True: "approve", False: "reject"}

router: APIRouter = old_router()

Id = Annotated[Label, StringConstraints(max_length=64)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]


class Application(Sum):
    """A loan that somebody asks for. A name and an amount are enough; the less is said, the more a person decides."""

    applicant_name: Annotated[Label, StringConstraints(max_length=255)]
    customer_id: Id | None = None
    to_account: Id | None = None
    from_account: Id | None = None
    term_months: Annotated[int, Field(ge=1, le=600, strict=True)] | None = None
    income_monthly: Amount | None = None
    debts_monthly: AmountOrNone | None = None
    memo: Annotated[Label, StringConstraints(max_length=140)] | None = None
    purpose: Annotated[Label, StringConstraints(max_length=140)] | None = None


class Applied(Frozen):
    """An application that is kept."""

    application_id: int
    status: str
    amount: str


class Decided(Frozen):
    """What a person decided."""

    application_id: int
    approved: bool


class LoanDecision(Frozen):
    """A decision and its reason, in the words of whoever decided."""

    approved: Annotated[bool, Field(strict=True)]
    reason: Reason

    @model_validator(mode="after")
    def _specific(self) -> Self:
        if not self.approved and _code_of(self.reason) in GENERIC:
            raise ValueError("a rejection needs a reason that says more than that it is one, such as income_too_low")
        return self


class Loan(Frozen):
    """An application and the decision on it, null while there is none."""

    application_id: int
    applicant_name: str | None
    amount: str | None
    status: str
    created_at: datetime
    decision: LoanDecision | None


@router.post("/loans/apply", response_model=Applied)
async def apply(new: Application, board: TheBoard, who: Caller, once: OnceKey) -> Response:
    """Ask for a loan. It is decided afterwards, by rules or by a person; `GET /loans/{application_id}` says how."""
    case = await errand.open_case(board, who, NewCase(workflow=WORKFLOW, payload=new.model_dump(exclude_none=True)), once)
    body = {"application_id": case.number, "status": "pending", "amount": new.amount}
    return errand.told(body, location=f"/loans/{case.number}")


@router.post("/loans/{application_id}/decision", response_model=Decided)
async def decide(
    application_id: int,
    board: TheBoard,
    who: Approver,
    once: OnceKeyIfSent,
    body: LoanDecision | None = None,
    approved: Annotated[bool | None, Query()] = None,
    reason: Annotated[Reason | None, Query()] = None,
) -> Response:
    """A person's decision on a loan that waits for one; as query parameters, as always, or as JSON. Needs a reviewer's key.

    Never by whoever applied. Repeated with the same words it is answered as before; another decision afterwards is 409.
    """
    del once  # A loan's review is decided once by its nature; a key that is sent is checked and not needed.
    decision = _asked(body, approved, reason)
    demand(who, "work on a task")
    case = await errand.find_case(board, who, application_id, WORKFLOW)
    review = next((task for task in case.tasks if task.is_review and not task.finished_at), None)
    if review is not None and review.stage == _BEFOREHAND and decision.approved:
        raise Conflict(
            f"First somebody must say whether the applicant is who they say: POST /v1/reviews/{review.id}/decision."
            " The loan itself is decided afterwards.",
            state=review.stage,
        )
    try:
        if review is not None:
            await _decide(board, who, review.id, decision)
    except ClaimLost:
        # Decided by a twin of this very request, or by nobody and for another reason: the case says which.
        review, case = None, await board.show_case(who, case.id)
    if review is None and not _was_decided_so(case, who, decision):
        raise _undecidable(case)
    return errand.told({"application_id": application_id, "approved": decision.approved})


@router.get("/loans/{application_id}", response_model=Loan)
async def show_loan(application_id: int, reads: TheReads, who: Caller, so_far: SoFar) -> Response:
    """An application: `pending`, `manual_review`, `approved`, `rejected`, `failed` or `cancelled`; and the decision on it."""
    found = await reads.loan(who.tenant_id, application_id, after=so_far) if 0 < application_id <= MAX_NUMBER else None
    if found is None:
        raise NotFound(f"There is no loan application with the number {application_id}.")
    return errand.told(
        {
            "application_id": found.id,
            "applicant_name": found.applicant_name,
            "amount": None if found.amount is None else f"{found.amount:.2f}",
            "status": found.status,
            "created_at": found.created_at,
            "decision": found.decision and found.decision.model_dump(include={"approved", "reason"}),
        }
    )


async def _decide(board: Board, who: Principal, review: UUID, decision: LoanDecision) -> None:
    """Take the review, look at what it is decided upon, decide on exactly that. Each step may be repeated after a crash."""
    claim = (await board.claim_review(who, review)).value
    screen = await board.show_review(who, review)
    said = ReviewDecision(
        fence=claim.fence,
        outcome=_OUTCOME[decision.approved],
        reasons=[_code_of(decision.reason)],
        result=decision.model_dump(),
        shown=screen.shown,
    )
    await board.decide_review(who, review, said)


def _asked(body: LoanDecision | None, approved: bool | None, reason: str | None) -> LoanDecision:
    """The decision, from whichever place it came in."""
    if (body is None) == (approved is None and reason is None):
        raise Invalid("Send approved and reason: either as query parameters or as a JSON body.")
    try:
        return body or LoanDecision.model_validate({"approved": approved, "reason": reason})
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}" for each in error.errors()
        )
        raise Invalid(f"The decision is not what it must be: {found}.") from None


def _code_of(reason: str) -> str:
    """A person's words as a reason code: `Income too low!` is income_too_low. What has no letters at all is kept beside it."""
    code = _NO_CODE.sub("_", reason.lower()).strip("_")[:_MAX_CODE]
    return code if code[:1].isalpha() else "stated_in_words"


def _was_decided_so(case: Case, who: Principal, decision: LoanDecision) -> bool:
    """Whether this is a repeat of the caller's own, latest decision, whose answer was lost."""
    reviews = [decision for task, decision in errand.decided(case) if task.is_review]
    last = reviews[-1] if reviews else None
    return last is not None and last.by == who.agent and last.result == decision.model_dump()


def _undecidable(case: Case) -> Conflict:
    """Why nobody can decide on it, and what to do."""
    granted = any(action.authorization is not None for action in case.actions)
    if granted or errand.has_ended(case):
        word = "approved" if granted else str(case.outcome)
        return Conflict(f"This application is decided: {word}. GET /loans/{case.number} says why.", state=word)
    return Conflict(
        f"Nobody may decide on this application yet: it is at {case.stage}, and comes to a person only where the rules"
        f" leave it open. GET /loans/{case.number} says manual_review then.",
        state=case.stage,
    )
