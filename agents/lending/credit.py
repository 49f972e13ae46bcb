"""The credit agent: how has this customer kept to what they owed? It has an opinion to give."""

from collections.abc import Iterator

from agents.bank.client import Bank
from agents.lending.affordability import REPLACED, Finding, opinion
from agents.lending.intake import read_application
from agents.lending.register import CreditRecord, CreditRegister
from blackboard.agent import Assignment, GiveUp, Handler
from blackboard.client import BoardClient
from blackboard.requests import Opinion

# Payments missed for more than a month, in two years.
DELINQUENCIES_MOST = 3
EMPLOYED_LEAST = 6


def weigh(record: CreditRecord | None) -> Iterator[Finding]:
    """Everything there is to say about a record."""
    if record is None:
        yield Finding("no_credit_record", "refer")
        return
    if record.delinquencies >= DELINQUENCIES_MOST:
        yield Finding("serious_delinquencies", "reject")
    elif record.delinquencies:
        yield Finding("past_delinquencies", "refer")
    if record.months_at_employer < EMPLOYED_LEAST:
        yield Finding("short_employment", "refer")
    yield Finding("good_credit_record", "approve")


class Credit:
    """`handle` is the agent."""

    def __init__(self, register: CreditRegister) -> None:
        self._register = register

    async def handle(self, assignment: Assignment) -> Opinion:
        """Put the record on the board, and say what to make of it. Of whom nobody knows anything there are no facts."""
        try:
            record = self._register.find(read_application(assignment).customer_id)
        except GiveUp:
            return REPLACED
        told = {} if record is None else record.model_dump(include={"months_at_employer", "delinquencies"})
        for key, value in told.items():
            await assignment.put(key, value, source_class="external", source="credit register")
        return opinion(list(weigh(record)), assignment.reads)


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Credit(CreditRegister.load()).handle
