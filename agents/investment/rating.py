"""The kyc-rating agent: how great is the risk of this client? The policy judges what the agents before it found."""

from agents.bank.client import Bank
from agents.finding import found
from agents.investment.judgement import decide, undecided
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook

# The policy whose active version judges.
POLICY = "client_risk"
WORST_FIRST = ("unknown", "high", "medium", "low")


class Rating:
    """`handle` is the agent."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Of several countries the worst counts; what the rules cannot judge is a high risk."""
        risk = dict(found(assignment, "risk"))
        countries = risk.pop("countries")
        worst = next(word for word in WORST_FIRST if word in countries)
        facts = {
            **risk,
            "kind": assignment.payload["kind"],
            "country_risk": worst,
            "sanctions": found(assignment, "sanctions"),
        }
        await assignment.put("country_risk", worst, inputs=assignment.reads)
        try:
            return decide(await self._rules.judge(facts), assignment.reads)
        except Invalid as error:
            return undecided("high", facts, error, assignment.reads)


def make(_bank: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Rating(Rulebook(board, POLICY)).handle
