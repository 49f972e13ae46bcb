"""The suitability agent: does what is suggested suit the client? What does is written out for an adviser to approve."""

from agents.bank.client import Bank
from agents.bank.securities import write_quantity
from agents.wealth.concentration import judge, told
from agents.wealth.context import STORED
from agents.wealth.picture import Picture
from agents.wealth.trade import Trade, read_trade
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook
from blackboard.values import Json

# The policy whose active version judges.
POLICY = "advice_suitability"
# What an adviser authorizes: exactly these words, to be recorded once.
KIND = "recommendation"


class Suitability:
    """`handle` is the agent."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Let the policy judge; write out what may be suggested, with the facts that it rests on, and propose it."""
        picture = Picture.of(assignment.facts)
        trade = read_trade(assignment.payload["payload"], picture)
        concentration = assignment.facts["concentration"].value["said"]
        said = await judge(self._rules, gather(picture, trade, concentration))
        basis = assignment.reads
        await assignment.put("suitability", told(said), inputs=basis)
        if said.outcome != "reject":
            evidence = assignment.reads
            advice = write_out(assignment.payload, picture, trade, {"concentration": concentration, "suitability": told(said)})
            advice["evidence"] = evidence
            await assignment.put("recommendation", advice, inputs=evidence)
            await assignment.propose(KIND, advice)
        result = {**(said.result or {}), **STORED}
        return said.model_copy(update={"reads": assignment.reads, "evidence": basis, "result": result})


def gather(picture: Picture, trade: Trade, concentration: Json) -> Json:
    """What the rules ask for."""
    product, client = picture.securities[trade.symbol], picture.client
    return {
        "action": trade.action,
        "risk_profile": client.risk_profile,
        "product_risk": product.risk_class,
        "is_complex": product.is_complex,
        "knows_complex": client.knows_complex,
        "product_horizon": product.horizon_months,
        "client_horizon": client.horizon_months,
        "is_concentrated": concentration["outcome"] == "refer",
    }


def write_out(payload: Json, picture: Picture, trade: Trade, judged: Json) -> Json:
    """The recommendation, word for word: what is approved is what is recorded."""
    price = picture.prices[trade.symbol]
    return {
        "client_id": payload["client_id"],
        "action": trade.action,
        "symbol": trade.symbol,
        "quantity": write_quantity(trade.quantity),
        "price": f"{price.price:.2f}",
        "currency": price.currency,
        "price_of": price.as_of.isoformat(),
        "rationale": str(payload["payload"].get("rationale", "")),
        "judged": {name: {key: said[key] for key in ("outcome", "reasons", "policy")} for name, said in judged.items()},
    }


def make(_bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Suitability(Rulebook(board, POLICY)).handle
