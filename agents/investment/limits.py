"""The trade-limits agent: may the trade be done without asking? The policy judges; this gathers what it asks for."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from agents.bank.client import Bank
from agents.finding import found
from agents.investment.judgement import decide, undecided
from agents.investment.market import CENT
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

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Gather, on order, price and portfolio as they were found to add up, and let the policy judge."""
        order = Order.model_validate(found(assignment, "order"))
        facts = gather(order, found(assignment, "instrument"), found(assignment, "portfolio"))
        try:
            return decide(await self._rules.judge(facts), assignment.reads)
        except Invalid as error:
            return undecided("refer", facts, error, assignment.reads)


def gather(order: Order, instrument: Json, portfolio: Json) -> Json:
    """What the rules may speak of. Money is in dollars: a limit that knows no currency would be another one in each."""
    price, rate = Decimal(instrument["price"]), Decimal(instrument["usd_rate"])
    position = next((one for one in portfolio["positions"] if one["symbol"] == order.symbol), None)
    owned = Decimal(position["quantity"]) if position else Decimal(0)
    quantity = order.quantity if order.quantity is not None else order.notional / price
    notional = (order.notional * rate).quantize(CENT, ROUND_HALF_EVEN)
    return {
        "symbol": order.symbol,
        "asset_class": instrument["asset_class"],
        "side": order.side,
        "notional": f"{notional:.2f}",
        "restricted": instrument["restricted"],
        "covered": order.side == "buy" or owned >= quantity,
        "share_after": share(owned * price * rate + notional, Decimal(portfolio["worth_usd"]) + notional),
    }


def share(part: Decimal, whole: Decimal) -> int:
    """In percent, rounded up: against the client, since it is held against a limit."""
    return int((part * 100 / whole).to_integral_value(ROUND_CEILING))


def make(_bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Limits(Rulebook(board, POLICY)).handle
