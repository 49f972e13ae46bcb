"""What an action of the board is at the bank: how its exact bytes are sent, found again by their key, and compared.

One table for all who carry actions out or find out what became of them: a transfer, and every kind of operation that the bank
does. An effect is made of the action's payload and is nothing but those bytes.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers
from agents.bank.kinds import KINDS
from agents.bank.models import Slip, TransferOrder
from blackboard.answers import Action
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json

TRANSFER = "transfer"
_SETTLED = frozenset({ActionState.EXECUTED, ActionState.FAILED})
_NEVER = datetime.min.replace(tzinfo=UTC)


class Unfit(Exception):
    """No effect at the bank is made of these bytes."""


class Effect(ABC):
    """A side effect at the bank."""

    @abstractmethod
    async def send(self, bank: Bank, key: str, *, limit_s: float, permit: str | None = None) -> Json:
        """Let it be done, once, with the board's permit; the receipt, or an error of `agents.bank.errors`."""

    @abstractmethod
    async def find(self, bank: Bank, key: str) -> Json | None:
        """What was done under a key; None where the bank knows of none. `BankDiffers` where it is something else."""

    async def look_up(self, _bank: Bank, _key: str) -> Json | None:
        """Where the bank no longer knows the key: what its books show. Most effects leave no line there."""
        return None

    @abstractmethod
    def done(self, receipt: Json) -> Decision:
        """That it was carried out."""


class Transfer(Effect):
    """Money moves."""

    def __init__(self, order: TransferOrder, exact: Json) -> None:
        self._order = order
        self._exact = exact

    async def send(self, bank: Bank, key: str, *, limit_s: float, permit: str | None = None) -> Json:
        """The receipt is read back from the books."""
        slip = Slip(self._exact, permit)
        return (await bank.transfer(self._order, key, limit_s=limit_s, slip=slip)).model_dump(mode="json")

    async def find(self, bank: Bank, key: str) -> Json | None:
        """`BankPending` where it waits for the next business day."""
        found = await bank.find(key)
        if found is None:
            return None
        if wrong := found.difference(self._order):
            raise BankDiffers(wrong)
        return found.model_dump(mode="json")

    async def look_up(self, bank: Bank, key: str) -> Json | None:
        """The line of the payer's statement with this reference."""
        order = self._order
        lines = (await bank.statement(order.from_account, reference=key)).entries
        if not lines:
            return None
        [line] = lines
        if (line.amount, line.currency, line.counterparty) != (-order.amount, order.currency, order.to_account):
            raise BankDiffers(f"statement: {line.amount} {line.currency} to {line.counterparty}")
        return line.model_dump(mode="json")

    def done(self, receipt: Json) -> Decision:
        """The money moved."""
        booked = f"transfer:{receipt.get('transfer_id')}"
        return Decision(outcome="executed", reasons=["booked"], evidence=[booked], result=receipt)


class Operation(Effect):
    """The bank does something else."""

    def __init__(self, kind: str, fields: Json) -> None:
        self._kind = kind
        self._fields = fields

    async def send(self, bank: Bank, key: str, *, limit_s: float, permit: str | None = None) -> Json:
        """What the bank did is read back."""
        done = await bank.operate(self._kind, self._fields, key, limit_s=limit_s, permit=permit)
        return done.model_dump(mode="json")

    async def find(self, bank: Bank, key: str) -> Json | None:
        """By the key alone: no statement has it."""
        found = await bank.find_operation(key)
        if found is None:
            return None
        if wrong := found.difference(self._kind, self._fields):
            raise BankDiffers(wrong)
        return found.model_dump(mode="json")

    def done(self, receipt: Json) -> Decision:
        """It was done, and this is what came of it."""
        did = f"operation:{receipt.get('operation_id')}"
        return Decision(outcome="executed", reasons=[f"{self._kind}_done"], evidence=[did], result=receipt)


def effect(kind: str, exact: Json) -> Effect:
    """The effect of an action; `Unfit` where the bank does no such thing, or these are not its bytes."""
    try:
        if kind == TRANSFER:
            return Transfer(TransferOrder.model_validate(exact), exact)
        if kind in KINDS:
            KINDS[kind].model_validate(exact)
            return Operation(kind, exact)
    except ValidationError as error:
        raise Unfit(f"the bank does no {kind} of these bytes: {error.error_count()} of its fields are wrong") from error
    raise Unfit(f"the bank does no {kind}")


def permitted(actions: Sequence[Action], entered_at: datetime) -> Action | None:
    """What whoever works at a stage is to carry out: what was permitted when the stage was entered.

    Where nothing was, what is not settled yet: the board says no to it. What was permitted for an earlier stage is over.
    """
    for action in reversed(by_permission(actions)):
        if action.authorization is not None and action.authorization.granted_at >= entered_at:
            return action
    return next((action for action in reversed(actions) if action.state not in _SETTLED), None)


def by_permission(actions: Sequence[Action]) -> list[Action]:
    """The actions of a case, the one that was permitted last at the end; those that never were stand before all others."""

    def moment(action: Action) -> tuple[datetime, str]:
        permit = action.authorization
        # Ids rise: where a clock stands still they tell what came later.
        return (permit.granted_at, permit.id.hex) if permit else (_NEVER, action.id.hex)

    return sorted(actions, key=moment)
