"""The step-up: from some amount on the customer confirms what was ordered in his name."""

from uuid import UUID

from agents.bank.door import TheLedger, counter, found
from agents.bank.models import Answer, Challenge
from agents.bank.refusals import by_verdict

router = counter()


@router.post("/v1/challenges/{challenge_id}/answer")
async def answer_challenge(challenge_id: UUID, given: Answer, ledger: TheLedger) -> Challenge:
    """Give the code. When it is right the order goes through, sent again under its key."""
    verdict = await ledger.answer_challenge(challenge_id, given.code)
    if verdict != "passed":
        raise by_verdict(verdict)
    passed = found(await ledger.challenge(challenge_id), "unknown-challenge")
    return passed.model_copy(update={"code": None})
