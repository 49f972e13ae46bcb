"""The intake agent of fraud reviews: says whose account it is, and what will be asked of the bank if it comes to that.

It proposes the exact bytes of the hold, of its release and of the block of the cards, so that whoever decides sees what will be
done; it sends nothing. The hold's reference is the case: two reviews of one account hold it each for itself.
"""

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Account
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.answers import Action
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.states import ActionState
from blackboard.values import Json

# An action in one of these states needs no other one of its kind.
_STANDS = frozenset({ActionState.AUTHORIZED, ActionState.DISPATCHING, ActionState.UNKNOWN, ActionState.EXECUTED})


class Intake:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Look the account up, note what the bank says, propose."""
        payload = assignment.payload
        try:
            account = await self._bank.account(payload["account"])
            cards = await self._bank.cards(account.id)
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        if payload.get("customer_id", account.customer_id) != account.customer_id:
            return Decision(outcome="reject", reasons=["account_of_another_customer"], evidence=[f"account:{account.id}"])
        source = f"account:{account.id}"
        await assignment.put("account_holder", account.holder, source_class="external", source=source)
        await assignment.put("cards", [card.card_id for card in cards], source_class="external", source=source)
        await self._propose(assignment, account)
        return Decision(outcome="approve", reasons=["account_known"], evidence=[source])

    async def _propose(self, assignment: Assignment, account: Account) -> None:
        """What stands already is not proposed again."""
        actions = (await assignment.case()).actions
        for kind, exact in orders(account.id, str(assignment.task.case_id)).items():
            if not _stands(actions, kind):
                await assignment.propose(kind, exact)


def orders(account: str, case: str) -> dict[str, Json]:
    """What may be asked of the bank, byte by byte."""
    return {
        "account_hold": {"account": account, "reference": case, "reason": "suspected fraud"},
        "account_release": {"account": account, "reference": case},
        "card_status": {"account": account, "state": "blocked", "reason": "confirmed fraud"},
    }


def _stands(actions: list[Action], kind: str) -> bool:
    newest = next((action for action in reversed(actions) if action.kind == kind), None)
    return newest is not None and newest.state in _STANDS


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Intake(bank).handle
