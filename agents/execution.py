"""The execution agent: lets the bank do what was decided, once, and only as it was authorized: move money, hold an account.

The board mints the key and commits to the exact order before a byte leaves. Whoever carries the action on, this agent after
a lost answer or another one after this one was killed, gets the same key, asks the bank by it first, and only then sends. What
nobody knows goes to whoever finds out (`agents.reconciliation`), and what is not authorized any more to whoever decides.
"""

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers, BankOutcomeUnknown, BankRefused, BankStepUp, BankUnavailable
from agents.effects import Effect, Unfit, effect, permitted
from blackboard import canonical
from blackboard.agent import Assignment, GiveUp, Handler, NotMine, TryLater
from blackboard.answers import Action, ActionVerdict
from blackboard.client import BoardClient
from blackboard.errors import Denied
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json

# How much of what is left of a claim may be spent on waiting for the bank: the rest is for writing down what it said.
_SHARE = 0.8
_CONFIRM_S = 60.0


class Execution:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Find what is permitted; record, send, settle, say so."""
        action = await _permitted(assignment)
        if action is None:
            return Decision(outcome="void", reasons=["nothing_authorized"])
        try:
            wanted = effect(action.kind, action.payload)
        except Unfit as unfit:
            raise GiveUp(f"{unfit}; nothing was sent") from unfit
        try:
            ticket = await assignment.record(action.kind, action.payload, undoes=action.undoes)
        except Denied as denied:
            return _denied(denied)
        if ticket.state is ActionState.EXECUTED:
            return wanted.done(ticket.receipt or {})
        if ticket.state is ActionState.FAILED:
            return Decision(outcome="reject", reasons=["refused_by_bank"], result=ticket.receipt)
        if ticket.digest != canonical.digest(action.payload):
            raise GiveUp("the board holds other bytes than these; nothing was sent")
        return await self._carry_out(assignment, wanted, ticket)

    async def _carry_out(self, assignment: Assignment, wanted: Effect, ticket: ActionVerdict) -> Decision:
        """Whatever the bank says of it, the board is told, and then whoever reads the decision."""
        assert ticket.action_id is not None, "a recorded action has an id"
        try:
            receipt = await self._send(assignment, wanted, ticket)
        except BankStepUp as question:
            raise TryLater(f"the customer must confirm: challenge {question.challenge_id}", delay_s=_CONFIRM_S) from question
        except BankRefused as refusal:
            told = {"code": refusal.code, "detail": refusal.detail}
            await assignment.settle(ticket.action_id, ActionState.FAILED, told)
            return Decision(outcome="reject", reasons=[refusal.code.replace("-", "_")], result=told)
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        except BankDiffers as error:
            await assignment.settle(ticket.action_id, ActionState.UNKNOWN, difference=f"the bank differs: {error}"[:200])
            raise GiveUp(f"the bank differs: {error}"[:200]) from error
        except BankOutcomeUnknown as error:
            await assignment.settle(ticket.action_id, ActionState.UNKNOWN, {"detail": str(error)[:500]})
            return Decision(outcome="unknown", reasons=["answer_lost"])
        await assignment.settle(ticket.action_id, ActionState.EXECUTED, receipt)
        return wanted.done(receipt)

    async def _send(self, assignment: Assignment, wanted: Effect, ticket: ActionVerdict) -> Json:
        """Ask first when it may have been sent before; send under the same key in any case, while the claim is surely held."""
        assert ticket.effect_key is not None, "a recorded action has a key"
        if ticket.verdict == "repeated" and (found := await wanted.find(self._bank, ticket.effect_key)) is not None:
            return found
        held_s = await assignment.confirm()
        limit_s = min(self._bank.limit_s, held_s * _SHARE)
        return await wanted.send(self._bank, ticket.effect_key, limit_s=limit_s, permit=ticket.permit)


async def _permitted(assignment: Assignment) -> Action | None:
    """What was permitted for this stage. Its bytes are the board's, and are compared once more when they are recorded."""
    case = await assignment.case()
    mine = next(task for task in case.tasks if task.id == assignment.task.id)
    return permitted(case.actions, mine.created_at)


def _denied(denied: Denied) -> Decision:
    """Somebody decides anew, somebody else executes, it is tried again when nothing may stand against it, or it is stopped."""
    if denied.reason == "duties":
        raise NotMine(denied.detail) from denied
    if denied.reason in ("frozen", "suspended"):
        raise TryLater(denied.detail) from denied
    if denied.reason == "velocity":
        return Decision(outcome="reject", reasons=["velocity"])
    return Decision(outcome="void", reasons=[f"authorization_{denied.reason}"])


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Execution(bank).handle
