"""The copilot: answers what a customer asks about an account, and prepares what is to become of a card.

It reads at the bank and changes nothing there: a card's status is an action, which is authorized by its decision or a person's,
and carried out by whoever executes.
"""

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Card
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json

KIND = "card_status"
# What a card is blocked for begins so where no machine may let it be used again.
FRAUD = "fraud"
_LOST = "blocked by the customer"


class Copilot:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Answer, or say what is to be done."""
        try:
            match assignment.payload["request"]:
                case "balance" | "account_metadata" as asked:
                    return await self._answer(asked, assignment.payload)
                case wanted:
                    return await self._prepare(wanted, assignment)
        except BankNotFound as error:
            return Decision(outcome="reject", reasons=[error.code.replace("-", "_")])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error

    async def _answer(self, asked: str, payload: Json) -> Decision:
        """What the account's own customer may know of it."""
        account = await self._bank.metadata(payload["account"])
        if account.customer_id != payload["customer_id"]:
            return Decision(outcome="reject", reasons=["account_of_another_customer"])
        told = account if asked == "account_metadata" else await self._bank.balance(account.id)
        return Decision(
            outcome="answered",
            reasons=[f"{asked}_told"],
            evidence=[f"account:{account.id}"],
            result=told.model_dump(mode="json"),
        )

    async def _prepare(self, wanted: str, assignment: Assignment) -> Decision:
        """Show the exact change to whoever authorizes it: this decision, or a person."""
        payload = assignment.payload
        card = await self._bank.card(payload["card"])
        holder = (await self._bank.account(card.account_id)).customer_id
        if holder != payload["customer_id"]:
            return Decision(outcome="reject", reasons=["card_of_another_customer"])
        await assignment.put("card", card.model_dump(mode="json"), source_class="system_of_record", source="bank")
        await assignment.propose(KIND, change(wanted, card, payload))
        outcome, reason = judge(wanted, card)
        return Decision(outcome=outcome, reasons=[reason], evidence=[f"card:{card.card_id}"], reads=assignment.reads)


def change(wanted: str, card: Card, payload: Json) -> Json:
    """The card's new status, in the bank's words."""
    if wanted == "card_unblock":
        return {"card": card.card_id, "state": "active", **({"was": card.why} if card.why else {})}
    return {"card": card.card_id, "state": "blocked", "reason": payload.get("reason", _LOST)}


def judge(wanted: str, card: Card) -> tuple[str, str]:
    """Who may decide it: a customer may always block, and unblock what was not blocked for fraud."""
    if wanted == "card_unblock" and FRAUD in (card.why or "").casefold():
        return "refer", "blocked_for_fraud"
    return "approve", "holder_of_the_card"


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Copilot(bank).handle
