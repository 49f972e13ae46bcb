"""The step-up: from some amount on the customer confirms what was ordered in his name."""

from uuid import UUID

from agents.bank.door import TheLedger, counter, found
from agents.bank.models import Answer, Challenge
from agents.bank.refusals import by_verdict

router = counter()


@router.get("/v1/challenges/{challenge_id}/state")
async def show_state(challenge_id: UUID, ledger: TheLedger) -> Challenge:
    """Whether the customer has answered, and how."""
    return _without_code(found(await ledger.challenge(challenge_id), "unknown-challenge"))


@router.post("/v1/challenges/{challenge_id}/answer")
async def answer_challenge(challenge_id: UUID, given: Answer, ledger: TheLedger) -> Challenge:
    """Give the code. When it is right the order goes through, sent again under its key."""
    verdict = await ledger.answer_challenge(challenge_id, given.code)
    if verdict != "passed":
        raise by_verdict(verdict)
    return _without_code(found(await ledger.challenge(challenge_id), "unknown-challenge"))


def _without_code(challenge: Challenge) -> Challenge:
    return challenge.model_copy(update={"code": None})
