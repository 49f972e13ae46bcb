"""The confirmation agent: asks the bank what the customer said. It asks the customer nothing: the bank did."""

from uuid import UUID

from agents.bank.client import Bank
from agents.bank.errors import BankRefused, BankUnavailable
from agents.effects import by_permission
from blackboard.agent import Assignment, GiveUp, Handler, TryLater
from blackboard.answers import Action
from blackboard.client import BoardClient
from blackboard.requests import Decision

KIND = "step_up"
# How long a customer is given between two looks.
LOOK_EVERY_S = 5.0


class Confirmation:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Look until it is answered or over."""
        asked = _newest((await assignment.case()).actions)
        try:
            challenge = await self._bank.challenge(asked)
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        except BankRefused as error:
            raise GiveUp(f"the bank does not know what it asked: {error.detail}") from error
        evidence = [f"challenge:{asked}"]
        match challenge.state:
            case "passed":
                return Decision(outcome="approve", reasons=["customer_confirmed"], evidence=evidence)
            case "open":
                raise TryLater(f"the customer has not answered challenge {asked}", delay_s=LOOK_EVERY_S)
        reason = "customer_did_not_confirm" if challenge.state == "refused" else "confirmation_expired"
        return Decision(outcome="reject", reasons=[reason], evidence=evidence)


def _newest(actions: list[Action]) -> UUID:
    """The challenge that the bank put to the customer last, as its receipt says."""
    receipts = [action.receipt for action in by_permission(actions) if action.kind == KIND and action.receipt]
    if not receipts:
        raise GiveUp("the customer was never asked")
    return UUID(receipts[-1]["answer"]["challenge_id"])


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Confirmation(bank).handle
