"""Which agents there are, and where each is made.

Named by address and not imported: each agent loads its own libraries and no other's, which is half of what starting one takes.
"""

from pkgutil import resolve_name
from typing import cast

from agents.bank.client import Bank
from blackboard.agent import Handler
from blackboard.client import BoardClient

ROSTER = {
    "identity": "agents.identity:make",
    "risk": "agents.risk:make",
    "execution": "agents.execution:make",
    "reconciliation": "agents.reconciliation:make",
    "limits": "agents.retail.limits:make",
    "confirmation": "agents.retail.confirmation:make",
    "funds": "agents.retail.funds:make",
    "clearing": "agents.retail.clearing:make",
    "copilot": "agents.retail.copilot:make",
    "applicant": "agents.lending.applicant:make",
    "affordability": "agents.lending.affordability:make",
    "credit": "agents.lending.credit:make",
    "loan-intake": "agents.lending.intake:make",
    "loan-terms": "agents.lending.terms:make",
    "repayment": "agents.lending.repayment:make",
    "delinquency": "agents.lending.delinquency:make",
    "restructuring": "agents.lending.restructuring:make",
    "context": "agents.wealth.context:make",
    "concentration": "agents.wealth.concentration:make",
    "suitability": "agents.wealth.suitability:make",
    "recording": "agents.wealth.recording:make",
    "fraud-intake": "agents.fraud.intake:make",
    "fraud-velocity": "agents.fraud.velocity:make",
    "fraud-payee": "agents.fraud.payee:make",
    "fraud-pattern": "agents.fraud.pattern:make",
    "fraud-verification": "agents.fraud.verification:make",
    "trade-validation": "agents.investment.validation:make",
    "trade-reconciliation": "agents.investment.exceptions:make",
    "trade-limits": "agents.investment.limits:make",
    "kyc-documents": "agents.investment.documents:make",
    "kyc-screening": "agents.investment.screening:make",
    "kyc-rating": "agents.investment.rating:make",
    "research": "agents.investment.research:make",
    "conclusion": "agents.investment.conclusion:make",
    "thinking": "agents.thinking:make",
}

# These ask the bank nothing, and run without its address.
BANKLESS = frozenset(
    {
        "affordability",
        "clearing",
        "concentration",
        "conclusion",
        "credit",
        "delinquency",
        "kyc-documents",
        "kyc-rating",
        "loan-terms",
        "research",
        "suitability",
        "thinking",
        "trade-limits",
    }
)


def make(name: str, bank: Bank, board: BoardClient) -> Handler:
    """The agent of that name."""
    return cast("Handler", resolve_name(ROSTER[name])(bank, board))
