"""What the administrator of the sandbox does: faults, the clock, a look into the books and at the customer's telephone."""

from uuid import UUID

from agents.bank import door
from agents.bank.door import TheCaller, TheLedger, TheMisbehaviour, found
from agents.bank.faults import FaultPlan, FaultReport
from agents.bank.models import Challenge, Clock, Terms, Town, Violation
from agents.bank.refusals import Refusal

router = door.back_office()


@router.get("/faults")
async def show_faults(misbehaviour: TheMisbehaviour) -> FaultReport:
    """What is to go wrong, and how often each fault was fired since the bank started."""
    return misbehaviour.report()


@router.put("/faults")
async def plan_faults(plan: FaultPlan, misbehaviour: TheMisbehaviour) -> FaultReport:
    """Let things go wrong from now on, or no more: {"rate": 0}."""
    if not misbehaviour.allowed:
        raise Refusal("faults-not-allowed")
    misbehaviour.plan = plan
    return misbehaviour.report()


@router.put("/clock")
async def move_clock(clock: Clock, ledger: TheLedger, caller: TheCaller) -> Terms:
    """Let it be that time. What is due by then is done before the answer."""
    if clock.at.tzinfo is None or await ledger.move_clock(clock.at) is None:
        raise Refusal("clock-backwards")
    for receipt in await ledger.settle_due():
        caller.tell(receipt)
    return await ledger.terms()


@router.put("/town")
async def settle_town(town: Town, ledger: TheLedger) -> Town:
    """Let so many made-up customers live here, or more where there are more. The same number means the same people."""
    return Town(people=await ledger.settle_town(town.people))


@router.get("/books/violations")
async def check_books(ledger: TheLedger) -> list[Violation]:
    """Where the books break their own rules: nowhere, in a sound bank."""
    return await ledger.check()


@router.get("/v1/challenges/{challenge_id}")
async def show_challenge(challenge_id: UUID, ledger: TheLedger) -> Challenge:
    """What the customer's telephone shows."""
    return found(await ledger.challenge(challenge_id), "unknown-challenge")
