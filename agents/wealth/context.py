"""The context agent: who a client is and what they hold, from where it is kept, at the moment that it is asked for."""

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.wealth.allocation import spread
from agents.wealth.picture import Picture, look
from agents.wealth.trade import read_trade
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision

INSTRUCTIONS = [
    "Use the risk profile first: what does not fit it is not suggested, whatever it may earn.",
    "Write every decision to audit_events, also the one to suggest nothing, with what it rests on.",
    "This was true when it was read. Ask for the context again before each decision; do not keep it.",
]
RECOMMENDATION = "portfolio_recommendation"
REVIEW = "portfolio_review"
QUESTION = "allocation_question"
STORED = {"status": "stored"}


class Context:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Look, put what is seen on the board, and send the case where it belongs."""
        try:
            picture = await look(self._bank, assignment.payload["client_id"], suggested(assignment))
        except BankNotFound:
            told = STORED if "event_type" in assignment.payload else None
            return Decision(outcome="unknown", reasons=["unknown_client"], result=told)
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        if "event_type" not in assignment.payload:
            await picture.put(assignment, without={"securities", "prices"})
            result = {**picture.told(), "instructions": INSTRUCTIONS}
            return Decision(outcome="found", reasons=["read_live"], reads=assignment.reads, result=result)
        decision = route(assignment, picture)
        if decision.outcome == "stored":
            return decision
        await picture.put(assignment)
        return decision.model_copy(update={"reads": assignment.reads, "evidence": assignment.reads})


def suggested(assignment: Assignment) -> str | None:
    """The symbol that a recommendation is about."""
    is_trade = assignment.payload.get("event_type") == RECOMMENDATION
    return assignment.payload["payload"].get("symbol") if is_trade else None


def route(assignment: Assignment, picture: Picture) -> Decision:
    """What is to be done about an event."""
    symbol, event = suggested(assignment), assignment.payload["event_type"]
    if symbol is not None:
        return _weighed(assignment, picture, symbol)
    if event == REVIEW:
        return Decision(outcome="review", reasons=["portfolio_read"])
    if event == QUESTION:
        return Decision(outcome="answered", reasons=["read_live"], result={**STORED, "allocation": _allocation(picture)})
    return Decision(outcome="stored", reasons=["nothing_to_weigh"], result=STORED)


def _weighed(assignment: Assignment, picture: Picture, symbol: str) -> Decision:
    if symbol not in picture.securities:
        return Decision(outcome="reject", reasons=["unknown_instrument"], result=STORED)
    faults = list(read_trade(assignment.payload["payload"], picture).faults(picture))
    if faults:
        return Decision(outcome="reject", reasons=faults, result=STORED)
    return Decision(outcome="trade", reasons=["portfolio_read"])


def _allocation(picture: Picture) -> dict[str, object]:
    as_of = max((price.as_of.isoformat() for price in picture.prices.values()), default=None)
    return {**spread(picture.lines()), "prices_of": as_of}


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Context(bank).handle
