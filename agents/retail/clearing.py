"""The clearing agent: the second of three that make a payment. It decides by the rules, on what stands on the board alone."""

from agents.bank.client import Bank
from agents.bank.models import read_amount, write_amount
from agents.risk import decide
from blackboard.agent import Assignment, Handler, NeedFact
from blackboard.answers import FactValue
from blackboard.client import BoardClient
from blackboard.errors import Invalid
from blackboard.requests import Decision
from blackboard.rulebook import Rulebook
from blackboard.values import Json

# The policy whose active version judges.
POLICY = "payment_clearing"


class Clearing:
    """`handle` is the agent."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    async def handle(self, assignment: Assignment) -> Decision:
        """Judge; what was read is named, so that what is decided ends when it is no longer so."""
        payer, payee, parties = (_known(assignment, key) for key in ("payer", "payee", "parties"))
        facts = gather(assignment.payload, payer, payee, parties)
        try:
            decision = decide(await self._rules.judge(facts))
        except Invalid as error:
            # What the rules cannot judge, a person does.
            decision = Decision(outcome="refer", reasons=["rules_do_not_apply"], result={"error": error.detail})
        evidence = assignment.reads
        return decision.model_copy(update={"reads": evidence, "evidence": evidence})


def gather(payload: Json, payer: Json, payee: Json, parties: Json) -> Json:
    """The inputs of the policy, from the facts on the board."""
    currency = payload.get("currency", "USD")
    return {
        "amount": write_amount(read_amount(payload["amount"])),
        "available": payer["available"],
        "sent_24h": payer["sent_24h"],
        "count_1h": payer["count_1h"],
        "customer_kind": payer["customer_kind"],
        "is_known_payee": payee["is_known"],
        "is_frozen": payer["is_frozen"] or payee["is_frozen"],
        "is_one_currency": payer["currency"] == payee["currency"] == currency,
        "parties": parties["outcome"],
        "objections": [reason for reason in parties["reasons"] if parties["outcome"] != "approve"],
    }


def _known(assignment: Assignment, key: str) -> Json:
    """A fact that the agent before this one has put."""
    fact: FactValue | None = assignment.facts.get(key)
    if fact is None:
        raise NeedFact(key, "what the bank says of it")
    return dict(fact.value)


def make(_: Bank, board: BoardClient) -> Handler:
    """The agent at work."""
    return Clearing(Rulebook(board, POLICY)).handle
