"""The reconciliation agent: finds out what became of a transfer whose answer was lost, and never sends anything.

It asks by the key; when the bank knows of none, it waits until the order can no longer be on its way and asks again. "No such
key" is an answer only from a bank that keeps keys for as long as this one is in the world; else the statement is read, and when
that shows nothing either, a person is asked. What somebody reported too late is a reason to ask and no answer.
"""

from collections.abc import Sequence

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers, BankOutcomeUnknown, BankPending, BankRefused, BankUnavailable
from agents.bank.models import TransferOrder
from agents.bank.settings import BankClientSettings
from agents.execution import KIND, executed
from blackboard.agent import Assignment, GiveUp, Handler, TryLater
from blackboard.answers import Action, PastDecision
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json

# The stage in which a person looks for what no question to the bank could find.
INQUIRY = "inquiry"
_UNSENT = (ActionState.PROPOSED, ActionState.AUTHORIZED, ActionState.REFUSED, ActionState.EXPIRED, ActionState.VOIDED)


class Reconciliation:
    """`handle` is the agent."""

    def __init__(self, bank: Bank, settings: BankClientSettings) -> None:
        self._bank = bank
        self._in_flight_max_s = settings.in_flight_max_s

    async def handle(self, assignment: Assignment) -> Decision:
        """Ask until it is known; say so."""
        action = newest((await assignment.case()).actions)
        if action is None or action.state in _UNSENT:
            return Decision(outcome="void", reasons=["never_sent"])
        if action.state in (ActionState.EXECUTED, ActionState.FAILED):
            return _settled(action)
        if (said := _said(assignment.task.context.decisions)) is not None:
            return await self._believe(assignment, action, said)
        try:
            return await self._find_out(assignment, action)
        except BankDiffers as error:
            await assignment.settle(action.id, ActionState.UNKNOWN, difference=f"the bank differs: {error}"[:200])
            raise GiveUp(f"the bank differs: {error}"[:200]) from error
        except BankPending as pending:
            wait_s = (pending.books_at - (await self._bank.terms()).now).total_seconds()
            raise TryLater(str(pending), delay_s=min(max(wait_s, 1), 86400)) from pending
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        except (BankRefused, BankOutcomeUnknown) as error:
            return Decision(outcome="ask", reasons=["bank_does_not_say"], result={"detail": str(error)[:500]})

    async def _find_out(self, assignment: Assignment, action: Action) -> Decision:
        """By key, then by statement, then by asking a person."""
        order, terms = TransferOrder.model_validate(action.payload), await self._bank.terms()
        found = await self._bank.find(action.effect_key)
        if found is not None:
            if wrong := found.difference(order):
                raise BankDiffers(wrong)
            return await self._settle(assignment, action, found.model_dump(mode="json"))
        # By the board's clock, and read before the bank was asked.
        age_s = action.sent_ago_s or 0.0
        wait_s = max(terms.in_flight_s, self._in_flight_max_s) - age_s
        if wait_s > 0:
            raise TryLater("not known to the bank, and it may still arrive", delay_s=wait_s)
        if age_s < terms.keys_kept_s:
            told = {"code": "never-arrived", "detail": f"no such key {age_s:.0f} s after it was sent"}
            await assignment.settle(action.id, ActionState.FAILED, told)
            return Decision(outcome="absent", reasons=["never_arrived"], result=told)
        line = await self._on_statement(order, action.effect_key)
        if line is None:
            return Decision(outcome="ask", reasons=["key_forgotten_and_not_on_statement"])
        return await self._settle(assignment, action, line)

    async def _on_statement(self, order: TransferOrder, key: str) -> Json | None:
        """The line of the payer's statement with this reference; None where there is none."""
        lines = (await self._bank.statement(order.from_account, reference=key)).entries
        if not lines:
            return None
        [line] = lines
        if (line.amount, line.currency, line.counterparty) != (-order.amount, order.currency, order.to_account):
            raise BankDiffers(f"statement: {line.amount} {line.currency} to {line.counterparty}")
        return line.model_dump(mode="json")

    async def _settle(self, assignment: Assignment, action: Action, receipt: Json) -> Decision:
        await assignment.settle(action.id, ActionState.EXECUTED, receipt)
        return executed(receipt)

    async def _believe(self, assignment: Assignment, action: Action, said: PastDecision) -> Decision:
        """A person has looked: approve says that it was booked, reject that it never was."""
        told = {"said_by": said.by, "reasons": said.reasons, "evidence": said.evidence}
        if said.outcome == "approve":
            return await self._settle(assignment, action, told)
        await assignment.settle(action.id, ActionState.FAILED, {"code": "not-booked", **told})
        return Decision(outcome="absent", reasons=["not_booked"], result=told)


def newest(actions: Sequence[Action]) -> Action | None:
    """The last transfer of a case."""
    return next((action for action in reversed(actions) if action.kind == KIND), None)


def _settled(action: Action) -> Decision:
    if action.state is ActionState.EXECUTED:
        return executed(action.receipt or {})
    return Decision(outcome="reject", reasons=["refused_by_bank"], result=action.receipt)


def _said(decisions: Sequence[PastDecision]) -> PastDecision | None:
    """What a person found out, where that is the last that was decided."""
    last = decisions[-1] if decisions else None
    return last if last is not None and last.stage == INQUIRY else None


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Reconciliation(bank, BankClientSettings()).handle
