"""The execution agent: moves the money, once.

The board mints the key and commits to the exact order before a byte leaves. Whoever carries the action on, this agent after
a lost answer or another one after this one was killed, gets the same key, asks the bank by it first, and only then sends.
"""

from agents.bank.client import Bank
from agents.bank.errors import BankOutcomeUnknown, BankRefused, BankUnavailable
from agents.bank.models import Receipt, TransferOrder
from blackboard.agent import Assignment, TryLater
from blackboard.answers import ActionVerdict
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json


class Execution:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Record, send, settle, say so."""
        order = TransferOrder.model_validate(
            {name: assignment.payload[name] for name in TransferOrder.model_fields if name in assignment.payload}
        )
        ticket = await assignment.record("transfer", order.model_dump(mode="json", exclude_none=True))
        assert ticket.action_id is not None, "a recorded action has an id"
        if ticket.state is ActionState.EXECUTED:
            return _executed(ticket.receipt or {})
        if ticket.state is ActionState.FAILED:
            return Decision(outcome="reject", reasons=["refused_by_bank"], result=ticket.receipt)
        try:
            receipt = (await self._move(order, ticket)).model_dump(mode="json")
        except BankRefused as refusal:
            told = {"code": refusal.code, "detail": refusal.detail}
            await assignment.settle(ticket.action_id, ActionState.FAILED, told)
            return Decision(outcome="reject", reasons=[refusal.code.replace("-", "_")], result=told)
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}") from error
        except BankOutcomeUnknown as error:
            await assignment.settle(ticket.action_id, ActionState.UNKNOWN, {"detail": str(error)[:500]})
            raise TryLater("outcome unknown: asking the bank by its key") from error
        await assignment.settle(ticket.action_id, ActionState.EXECUTED, receipt)
        return _executed(receipt)

    async def _move(self, order: TransferOrder, ticket: ActionVerdict) -> Receipt:
        """Ask first when it may have been sent before; send under the same key in any case."""
        assert ticket.effect_key is not None, "a recorded action has a key"
        if ticket.verdict == "repeated" and (found := await self._bank.find(ticket.effect_key)) is not None:
            if not found.matches(order):
                raise BankOutcomeUnknown("the bank's books show another order under this key")
            return found
        return await self._bank.transfer(order, ticket.effect_key)


def _executed(receipt: Json) -> Decision:
    return Decision(outcome="executed", reasons=["booked"], evidence=[f"transfer:{receipt.get('transfer_id')}"], result=receipt)
