"""The delinquency agent: what the bank's rules make of how a loan is repaid, and what should be done about it."""

from agents.bank.client import Bank
from agents.finding import found
from agents.lending.repayment import LOAN
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook

POLICY = "loan_delinquency"
REMINDER = "reminder"
_INPUTS = ("overdue", "instalment", "days_late", "late", "reminded")


class Delinquency:
    """`handle` is the agent."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Let the policy judge what was read, put its score on the board; propose the reminder where it says so."""
        try:
            judged = await self._rules.judge({name: found(assignment, name) for name in _INPUTS})
        except (Invalid, KeyError) as error:
            return Decision(outcome="refer", reasons=["rules_do_not_apply"], result={"error": str(error)[:500]})
        inputs = assignment.reads
        await assignment.put("delinquency_score", judged.score, inputs=inputs, source=judged.policy)
        if judged.outcome == "remind":
            loan = found(assignment, LOAN)
            order = {name: loan[name] for name in ("loan_id", "customer_id", "overdue", "currency")}
            await assignment.propose(REMINDER, order)
        return Decision(
            outcome=judged.outcome,
            reasons=judged.reasons,
            policy=judged.policy,
            reads=assignment.reads,
            result={"score": judged.score, "rows": judged.rows},
        )


def make(_: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Delinquency(Rulebook(board, POLICY)).handle
