"""The verification agent: asks the customer whether it was he, through the bank, and waits for what he says.

Asking moves nothing, so no decision stands behind it; but it is written down before it is sent, under a key of the board, and
the customer is asked once, whoever carries on. Who says nothing in time has not said yes.
"""

from uuid import UUID

from agents.bank.client import Bank
from agents.bank.errors import BankError, BankRefused
from agents.effects import effect
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json

STEP_UP = "step_up"
# How often somebody looks whether he has answered.
LOOK_EVERY_S = 15.0
_SAID = {
    "passed": Decision(outcome="approve", reasons=["customer_confirmed"]),
    "refused": Decision(outcome="reject", reasons=["customer_failed_step_up"]),
    "expired": Decision(outcome="refer", reasons=["customer_did_not_answer"]),
}


class Verification:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Ask, once; then look until there is an answer, or the time for it is over."""
        try:
            asked = await self._ask(assignment)
            state = (await self._bank.challenge(UUID(asked["answer"]["challenge_id"]))).state
        except BankRefused as refusal:
            return Decision(outcome="refer", reasons=["customer_cannot_be_asked"], result={"code": refusal.code})
        except BankError as error:
            raise TryLater(f"the bank does not say: {error}", delay_s=LOOK_EVERY_S) from error
        if state not in _SAID:
            raise TryLater("the customer has not answered yet", delay_s=LOOK_EVERY_S)
        return _SAID[state].model_copy(update={"result": asked["answer"]})

    async def _ask(self, assignment: Assignment) -> Json:
        """The bank's receipt for the question. Lost answers are looked for by the key before anything is sent."""
        exact = {"account": assignment.payload["account"], "reference": str(assignment.task.case_id)}
        ticket = await assignment.record(STEP_UP, exact)
        assert ticket.action_id is not None, "a recorded action has an id"
        assert ticket.effect_key is not None, "a recorded action has a key"
        if ticket.state is ActionState.FAILED:
            raise BankRefused(str((ticket.receipt or {}).get("code")), "the bank refused to ask before")
        if ticket.receipt is not None:
            return ticket.receipt
        question, key = effect(STEP_UP, exact), ticket.effect_key
        asked = await question.find(self._bank, key) if ticket.verdict == "repeated" else None
        try:
            asked = asked or await question.send(self._bank, key, limit_s=self._bank.limit_s)
        except BankRefused as refusal:
            await assignment.settle(ticket.action_id, ActionState.FAILED, {"code": refusal.code, "detail": refusal.detail})
            raise
        await assignment.settle(ticket.action_id, ActionState.EXECUTED, asked)
        return asked


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Verification(bank).handle
