"""The reconciliation agent: finds out what became of an action whose answer was lost, and never sends anything.

It asks by the key; when the bank knows of none, it waits until the order can no longer be on its way and asks again. "No such
key" is an answer only from a bank that keeps keys for as long as this one is in the world; else the statement is read, and when
that shows nothing either, a person is asked. What somebody reported too late is a reason to ask and no answer.
"""

from collections.abc import Sequence

from agents.bank.client import Bank
from agents.bank.errors import BankDiffers, BankOutcomeUnknown, BankPending, BankRefused, BankUnavailable
from agents.bank.settings import BankClientSettings
from agents.effects import Effect, Unfit, by_permission, effect
from blackboard.agent import Assignment, GiveUp, Handler, TryLater
from blackboard.answers import Action, PastDecision
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json

# The stage in which a person looks for what no question to the bank could find; or one whose name ends so.
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
        try:
            wanted = effect(action.kind, action.payload)
        except Unfit as unfit:
            raise GiveUp(str(unfit)) from unfit
        if action.state in (ActionState.EXECUTED, ActionState.FAILED):
            return _settled(wanted, action)
        if (said := _said(assignment.task.context.decisions)) is not None:
            return await self._believe(assignment, wanted, action, said)
        try:
            return await self._find_out(assignment, wanted, action)
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

    async def _find_out(self, assignment: Assignment, wanted: Effect, action: Action) -> Decision:
        """By key, then by statement, then by asking a person."""
        terms = await self._bank.terms()
        if (found := await wanted.find(self._bank, action.effect_key)) is not None:
            return await _settle(assignment, wanted, action, found)
        # By the board's clock, and read before the bank was asked.
        age_s = action.sent_ago_s or 0.0
        wait_s = max(terms.in_flight_s, self._in_flight_max_s) - age_s
        if wait_s > 0:
            raise TryLater("not known to the bank, and it may still arrive", delay_s=wait_s)
        if age_s < terms.keys_kept_s:
            told = {"code": "never-arrived", "detail": f"no such key {age_s:.0f} s after it was sent"}
            await assignment.settle(action.id, ActionState.FAILED, told)
            return Decision(outcome="absent", reasons=["never_arrived"], result=told)
        line = await wanted.look_up(self._bank, action.effect_key)
        if line is None:
            return Decision(outcome="ask", reasons=["key_forgotten_and_not_on_statement"])
        return await _settle(assignment, wanted, action, line)

    async def _believe(self, assignment: Assignment, wanted: Effect, action: Action, said: PastDecision) -> Decision:
        """A person has looked: approve says that it was booked, reject that it never was."""
        told = {"said_by": said.by, "reasons": said.reasons, "evidence": said.evidence}
        if said.outcome == "approve":
            return await _settle(assignment, wanted, action, told)
        await assignment.settle(action.id, ActionState.FAILED, {"code": "not-booked", **told})
        return Decision(outcome="absent", reasons=["not_booked"], result=told)


def newest(actions: Sequence[Action]) -> Action | None:
    """What was permitted last on a case."""
    return next(reversed(by_permission(actions)), None)


async def _settle(assignment: Assignment, wanted: Effect, action: Action, receipt: Json) -> Decision:
    await assignment.settle(action.id, ActionState.EXECUTED, receipt)
    return wanted.done(receipt)


def _settled(wanted: Effect, action: Action) -> Decision:
    if action.state is ActionState.EXECUTED:
        return wanted.done(action.receipt or {})
    return Decision(outcome="reject", reasons=["refused_by_bank"], result=action.receipt)


def _said(decisions: Sequence[PastDecision]) -> PastDecision | None:
    """What a person found out, where that is the last that was decided."""
    last = decisions[-1] if decisions else None
    return last if last is not None and last.stage.endswith(INQUIRY) else None


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Reconciliation(bank, BankClientSettings()).handle
