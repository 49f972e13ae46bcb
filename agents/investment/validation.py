"""The trade-validation agent: is what is asked for a trade at all? It notes what it saw, and decides nothing else."""

from agents.bank.client import Bank
from agents.investment.market import Market
from agents.investment.order import Order
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
        instrument = self._market.find(order.symbol)
        await self._look_up(assignment, order.symbol)
        troubles = list(order.troubles(instrument))
        await assignment.put("exceptions", [trouble._asdict() for trouble in troubles], inputs=assignment.reads)
        outcome = "exception" if troubles else "approve"
        reasons = list(dict.fromkeys(trouble.code for trouble in troubles)) or ["order_adds_up"]
        return Decision(outcome=outcome, reasons=reasons, confidence=1.0, reads=assignment.reads)

    async def _look_up(self, assignment: Assignment, symbol: str) -> None:
        """What the market says, as facts with where they come from, and the client's portfolio as it is now."""
        instrument = self._market.find(symbol)
        told = None if instrument is None else instrument.model_dump(mode="json", exclude={"aliases"})
        await note(assignment, "market", {"symbol": symbol}, told)
        if instrument is not None:
            await assignment.put("instrument", told, source_class="external", source="market")
            await assignment.put("reference_price", str(instrument.price), source_class="external", source="market")
        client = assignment.payload["client_id"]
        held = {each: str(quantity) for each, quantity in self._market.portfolio(client).items()}
        await note(assignment, "portfolios", {"client_id": client}, held)
        await assignment.put("portfolio", held, source_class="external", source="portfolios")


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Validation(Market.load()).handle
