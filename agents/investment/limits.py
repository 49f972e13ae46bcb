"""The trade-limits agent: may the trade be done without asking? The policy judges; this gathers what it asks for."""

from decimal import ROUND_CEILING, Decimal

from agents.bank.client import Bank
from agents.investment.judgement import decide, undecided
from agents.investment.market import Market
from agents.investment.order import Order
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook
from blackboard.values import Json

# The policy whose active version judges.
POLICY = "trade_limits"


class Limits:
    """`handle` is the agent."""

    def __init__(self, market: Market, rules: Rulebook) -> None:
        self._market = market
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Gather, on the portfolio as it was kept, and let the policy judge."""
        order = Order.read(assignment.payload, assignment.facts)
        held = {symbol: Decimal(quantity) for symbol, quantity in assignment.facts["portfolio"].value.items()}
        facts = gather(order, held, self._market)
        try:
            return decide(await self._rules.judge(facts), assignment.reads)
        except Invalid as error:
            return undecided("refer", facts, error, assignment.reads)


def gather(order: Order, held: dict[str, Decimal], market: Market) -> Json:
    """What the rules may speak of."""
    instrument = market.find(order.symbol)
    if instrument is None:
        raise Invalid(f"There is no instrument {order.symbol} any more.")
    owned = held.get(order.symbol, Decimal(0))
    quantity = order.quantity if order.quantity is not None else order.notional / instrument.price
    return {
        "symbol": order.symbol,
        "asset_class": instrument.asset_class,
        "side": order.side,
        "notional": f"{order.notional:.2f}",
        "restricted": instrument.restricted,
        "covered": order.side == "buy" or owned >= quantity,
        "share_after": share(owned * instrument.price + order.notional, market.worth(held) + order.notional),
    }


def share(part: Decimal, whole: Decimal) -> int:
    """In percent, rounded up: against the client where it is a limit. Amounts of two currencies are not told apart."""
    return int((part * 100 / whole).to_integral_value(ROUND_CEILING))


def make(_bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Limits(Market.load(), Rulebook(board, POLICY)).handle
