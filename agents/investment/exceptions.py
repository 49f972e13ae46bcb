"""The trade-reconciliation agent: mends of an order what can be mended in one way only, and leaves the rest to people."""

from agents.bank.client import Bank
from agents.finding import found
from agents.investment.market import Desk, Market
from agents.investment.order import Order
from agents.investment.patience import patience
from agents.investment.tool_log import note
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.requests import Decision


class Exceptions:
    """`handle` is the agent."""

    def __init__(self, market: Market) -> None:
        self._market = market

    async def handle(self, assignment: Assignment) -> Decision:
        """A symbol in another spelling is put right, once. Which of two numbers is wrong nobody but people can say."""
        troubles = found(assignment, "exceptions")
        codes = [trouble["code"] for trouble in troubles]
        symbol = Order.read(assignment.payload, assignment.facts).symbol
        with patience():
            meant = await self._market.meant(symbol)
        await note(assignment, "symbols", {"symbol": symbol}, meant)
        if codes == ["unknown_symbol"] and meant is not None and "symbol" not in assignment.facts:
            # The desk's own word: made of the market's answer it would be trusted no more than that, and not count.
            await assignment.put("symbol", meant, tool="symbols")
            return Decision(outcome="mended", reasons=["symbol_spelt_otherwise"], confidence=0.95, reads=assignment.reads)
        return Decision(outcome="refer", reasons=codes, confidence=1.0, reads=assignment.reads)


def make(bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Exceptions(Market(bank, Desk.load())).handle
