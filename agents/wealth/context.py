"""The context agent: who a client is and what they hold, from where it is kept, at the moment that it is asked for."""

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.wealth.allocation import spread
from agents.wealth.picture import Picture, look, put_recorded
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
            return await self._look(assignment)
        except BankNotFound:
            told = STORED if "event_type" in assignment.payload else None
            return Decision(outcome="unknown", reasons=["unknown_client"], result=told)
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error

    async def _look(self, assignment: Assignment) -> Decision:
        """At as much as the case is about."""
        client_id, event = assignment.payload["client_id"], assignment.payload.get("event_type")
        symbol = suggested(assignment)
        if event is None:
            return await self._introduce(assignment, client_id)
        if symbol is None and event not in (REVIEW, QUESTION):
            await self._bank.client(client_id)
            return Decision(outcome="stored", reasons=["nothing_to_weigh"], result=STORED)
        picture = await look(self._bank, client_id, symbol)
        await picture.put(assignment)
        said = _weighed(assignment, picture, symbol) if symbol is not None else _told(event, picture)
        return said.model_copy(update={"reads": assignment.reads, "evidence": assignment.reads})

    async def _introduce(self, assignment: Assignment, client_id: str) -> Decision:
        """Client and portfolio, for whoever is to think about them."""
        client = await self._bank.client(client_id)
        held = [holding.model_dump(mode="json") for holding in await self._bank.holdings(client_id)]
        await put_recorded(assignment, client_id, {"client": client.model_dump(mode="json"), "portfolio": held})
        named = client.model_dump(mode="json", include={"client_id", "name", "risk_profile"})
        result = {"client": named, "portfolio": held, "instructions": INSTRUCTIONS}
        return Decision(outcome="found", reasons=["read_live"], reads=assignment.reads, result=result)


def suggested(assignment: Assignment) -> str | None:
    """The symbol that a recommendation is about."""
    is_trade = assignment.payload.get("event_type") == RECOMMENDATION
    return assignment.payload["payload"].get("symbol") if is_trade else None


def _told(event: str, picture: Picture) -> Decision:
    """Where a portfolio is looked at and nothing is suggested."""
    if event == REVIEW:
        return Decision(outcome="review", reasons=["portfolio_read"])
    return Decision(outcome="answered", reasons=["read_live"], result={**STORED, "allocation": _allocation(picture)})


def _weighed(assignment: Assignment, picture: Picture, symbol: str) -> Decision:
    """Where something is suggested: whether it can be done at all."""
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
