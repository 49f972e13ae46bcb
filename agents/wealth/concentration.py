"""The concentration agent: how much of a portfolio hangs on one thing, as it is or as it would be after a trade."""

from agents.bank.client import Bank
from agents.wealth.allocation import Measures, measure, spread
from agents.wealth.context import REVIEW, STORED
from agents.wealth.picture import Picture
from agents.wealth.trade import read_trade
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.policy import Judged
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook
from blackboard.values import Json

# The policy whose active version judges.
POLICY = "concentration_limits"


class Concentration:
    """`handle` is the agent."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Measure before and after, let the policy judge, put both on the board."""
        picture = Picture.of(assignment.facts)
        inputs, measured = examine(assignment.payload, picture)
        said = await judge(self._rules, inputs)
        basis = assignment.reads
        await assignment.put("concentration", {**measured, "said": told(said)}, inputs=basis)
        more = {"reads": assignment.reads, "evidence": basis}
        if assignment.payload["event_type"] == REVIEW:
            # No judgement of a trade: `facts` and `rows` at the top of a result are what a backtest judges again.
            report = {**STORED, "concentration": measured, "judged": told(said)}
            return said.model_copy(update={**more, "outcome": "reported", "result": report})
        result = {**(said.result or {}), **STORED, "concentration": measured}
        return said.model_copy(update={**more, "result": result})


def examine(payload: Json, picture: Picture) -> tuple[Json, Json]:
    """What the rules ask for, and all that was measured."""
    before = picture.lines()
    if payload["event_type"] == REVIEW:
        now = measure(before)
        return _inputs("none", "none", now), {"now": now.told(), "spread": spread(before)}
    trade = read_trade(payload["payload"], picture)
    lines = picture.lines(trade.after(picture))
    after = measure(lines, trade.symbol)
    measured = {"before": measure(before, trade.symbol).told(), "after": after.told(), "spread": spread(lines)}
    return _inputs(trade.action, picture.securities[trade.symbol].asset_class, after), measured


def _inputs(action: str, asset_class: str, measured: Measures) -> Json:
    return {"action": action, "asset_class": asset_class, **measured.told()}


async def judge(rules: Rulebook, inputs: Json) -> Decision:
    """What the active version says, with all that it takes to judge again. What the rules cannot judge, a person does."""
    try:
        judged = await rules.judge(inputs)
    except Invalid as error:
        return Decision(outcome="refer", reasons=["rules_do_not_apply"], result={"facts": inputs, "error": error.detail})
    return _decided(judged)


def _decided(judged: Judged) -> Decision:
    result = {"score": judged.score, "rows": judged.rows, "facts": judged.inputs}
    return Decision(outcome=judged.outcome, reasons=judged.reasons, policy=judged.policy, result=result)


def told(said: Decision) -> Json:
    """A judgement as a fact has it."""
    rows = (said.result or {}).get("rows", [])
    return {"outcome": said.outcome, "reasons": said.reasons, "policy": said.policy, "rows": rows}


def make(_bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Concentration(Rulebook(board, POLICY)).handle
