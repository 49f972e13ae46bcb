"""The trade-validation agent: is what is asked for a trade at all? It notes what it saw, and decides nothing else."""

from agents.bank.client import Bank
from agents.investment.market import Desk, Market, Quote
from agents.investment.order import Order
from agents.investment.patience import patience
from agents.investment.tool_log import note
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.requests import Decision


class Validation:
    """`handle` is the agent."""

    def __init__(self, market: Market) -> None:
        self._market = market

    async def handle(self, assignment: Assignment) -> Decision:
        """Look the instrument and the portfolio up, put them on the board, and say what does not add up."""
        order = Order.read(assignment.payload, assignment.facts)
        troubles = list(order.troubles(await self._quote(assignment, order.symbol)))
        await self._keep_portfolio(assignment)
        await assignment.put("order", order.model_dump(mode="json", exclude_none=True))
        await assignment.put("exceptions", [trouble._asdict() for trouble in troubles], inputs=assignment.reads)
        outcome = "exception" if troubles else "approve"
        reasons = list(dict.fromkeys(trouble.code for trouble in troubles)) or ["order_adds_up"]
        return Decision(outcome=outcome, reasons=reasons, confidence=1.0, reads=assignment.reads)

    async def _quote(self, assignment: Assignment, symbol: str) -> Quote | None:
        """What the market says, as a fact with where it comes from."""
        with patience():
            quote = await self._market.quote(symbol)
        await note(assignment, "market", {"symbol": symbol}, quote and quote.told())
        if quote is not None:
            await assignment.put("instrument", quote.told(), source_class="external", source="market")
        return quote

    async def _keep_portfolio(self, assignment: Assignment) -> None:
        """What the client holds at this moment: later nobody could say on what was decided."""
        client = assignment.payload["client_id"]
        with patience():
            held = await self._market.portfolio(client)
        await note(assignment, "holdings", {"client_id": client}, held)
        await assignment.put("portfolio", held, source_class="external", source="holdings")


def make(bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Validation(Market(bank, Desk.load())).handle
