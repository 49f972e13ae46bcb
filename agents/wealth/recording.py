"""The recording agent: looks once more, and records what an adviser approved if it is still so.

What changed meanwhile is put on the board, and with that the approval is void: the board refuses to record under it, and the
recommendation is weighed anew on what is so now.
"""

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.wealth.context import STORED, suggested
from agents.wealth.picture import Picture, look
from agents.wealth.suitability import KIND
from blackboard.agent import Assignment, Handler, NotMine, TryLater
from blackboard.client import BoardClient
from blackboard.errors import Denied
from blackboard.requests import Decision
from blackboard.states import ActionState


class Recording:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Look, compare, record."""
        before = Picture.of(assignment.facts)
        try:
            now = await look(self._bank, before.client.client_id, suggested(assignment))
        except BankNotFound:
            return Decision(outcome="void", reasons=["client_gone"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        changed = await now.settled(before).put(assignment)
        advice = assignment.facts["recommendation"].value
        try:
            ticket = await assignment.record(KIND, advice)
        except Denied as denied:
            return _denied(denied, changed)
        assert ticket.action_id is not None, "a recorded action has an id"
        if ticket.state is not ActionState.EXECUTED:
            await assignment.settle(ticket.action_id, ActionState.EXECUTED, {"kept_by": "board", "digest": ticket.digest})
        return Decision(
            outcome="recorded",
            reasons=["approved_and_still_so"],
            evidence=advice["evidence"],
            reads=assignment.reads,
            result={**STORED, "recommendation": advice},
        )


def _denied(denied: Denied, changed: list[str]) -> Decision:
    """Somebody decides anew, somebody else records, or it is tried again when what stands against it may be gone."""
    if denied.reason == "duties":
        raise NotMine(denied.detail) from denied
    if denied.reason in ("frozen", "suspended"):
        raise TryLater(denied.detail) from denied
    return Decision(outcome="void", reasons=[f"authorization_{denied.reason}", *(f"{name}_changed" for name in changed)])


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Recording(bank).handle
