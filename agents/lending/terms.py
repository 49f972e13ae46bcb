"""The terms agent: what a loan would cost, month by month, and the exact order that the bank would be given."""

from decimal import Decimal

from agents.bank.client import Bank
from agents.bank.models import write_amount
from agents.lending import schedule
from agents.lending.intake import Application, read_application
from agents.lending.schedule import Instalment
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook
from blackboard.values import Json

# The policy whose points are the price: hundredths of a percent a year.
POLICY = "loan_pricing"
# What is proposed to the board, and sent to the bank when it is authorized.
KIND = "loan"


class Terms:
    """`handle` is the agent."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Let the policy name the price, put the plan on the board, propose the order."""
        application = read_application(assignment)
        asked = {"amount": application.amount, "term_months": application.term_months}
        try:
            judged = await self._rules.judge(asked)
        except Invalid as error:
            return Decision(outcome="incomplete", reasons=["rules_do_not_apply"], result={"error": error.detail[:500]})
        if judged.outcome != "approve" or judged.score is None:
            return Decision(outcome="reject", reasons=judged.reasons, policy=judged.policy, reads=assignment.reads)
        rate = Decimal(judged.score).scaleb(-2)
        rows = schedule.plan(application.amount, rate, application.term_months)
        told = terms(rate, rows)
        inputs = assignment.reads
        await assignment.put("terms", told, inputs=inputs, source=judged.policy)
        await assignment.put("schedule", schedule.written(rows), inputs=inputs, source=judged.policy)
        await assignment.propose(KIND, order(application, rate, rows))
        return Decision(
            outcome="offered", reasons=judged.reasons, policy=judged.policy, reads=assignment.reads, result={"terms": told}
        )


def terms(rate: Decimal, rows: list[Instalment]) -> Json:
    """What a customer is told of a plan. The rate is in percent a year."""
    cost = schedule.interest_of(rows)
    return {
        "rate": f"{rate:.2f}",
        "term_months": len(rows),
        "instalment": write_amount(rows[0].amount),
        "last_instalment": write_amount(rows[-1].amount),
        "interest": write_amount(cost),
        "total": write_amount(cost + sum(row.principal for row in rows)),
        "schedule_digest": schedule.digest(rows),
    }


def order(application: Application, rate: Decimal, rows: list[Instalment]) -> Json:
    """What is authorized, byte for byte: whom, how much, at what rate, and every instalment."""
    fields = {"customer_id", "from_account", "to_account", "amount", "currency", "term_months", "memo"}
    return {**application.model_dump(mode="json", include=fields, exclude_none=True), **planned(rate, rows)}


def planned(rate: Decimal, rows: list[Instalment]) -> Json:
    """A plan as the bank takes it."""
    return {"rate": f"{rate:.2f}", "instalments": schedule.written(rows), "schedule_digest": schedule.digest(rows)}


def make(_: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Terms(Rulebook(board, POLICY)).handle
