"""What the read models answer, in the shapes that single-purpose services had: the columns of the views of `banking`."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from blackboard.values import Frozen, Json

# One vocabulary for all: how a request, an application, a payment or a recommendation stands.
Status = Literal[
    "received",
    "pending",
    "started",
    "manual_review",
    "completed",
    "processed",
    "approved",
    "rejected",
    "failed",
    "cancelled",
]


class AgentSession(Frozen):
    """A customer's session with an agent."""

    session_id: str
    customer_id: str
    last_intent: str
    updated_at: datetime


class BankCall(Frozen):
    """What the bank was asked and what it answered. `id` is a position of the journal."""

    id: int
    session_id: str
    customer_id: str
    action: str
    request_payload: Any
    response_payload: Any
    created_at: datetime


class AgentTask(Frozen):
    """A payment that agents work on. `payload` has what was asked for, and the bank's receipt when there is one."""

    id: int
    task_id: str
    agent_name: str
    status: Status
    payload: Json
    created_at: datetime


class RequestAudit(Frozen):
    """A decision on a request. `id` is a position of the journal."""

    id: int
    request_id: int
    action: str
    result: Json
    created_at: datetime


class BankingRequest(Frozen):
    """A request, and the last decision on it."""

    id: int
    client_id: str
    request_type: str
    payload: Any
    status: Status
    created_at: datetime
    latest_audit: RequestAudit | None = None


class LoanDecision(Frozen):
    """A decision on a loan. One is current; those before it are superseded and stay. `id` is a position of the journal."""

    id: int
    application_id: int
    approved: bool
    reason: str
    is_current: bool
    decided_by: str
    created_at: datetime


class LoanApplication(Frozen):
    """An application, and the decision on it that counts. An amount beyond the old column is None."""

    id: int
    applicant_name: str | None
    amount: Decimal | None
    status: Status
    created_at: datetime
    decision: LoanDecision | None = None


class Holding(Frozen):
    """What a client holds of one thing."""

    symbol: str
    quantity: Decimal


class Client(Frozen):
    """A client as last fetched from the system of record."""

    id: str
    name: str
    risk_profile: str
    portfolio: list[Holding] = Field(default_factory=list)
    instructions: Any = Field(default_factory=list)


class AdviceEvent(Frozen):
    """What an agent said about a client's money."""

    id: int
    client_id: str
    event_type: str
    payload: Any
    created_at: datetime


class Recommendation(Frozen):
    """What was advised, and how far it has come."""

    id: int
    client_id: str
    recommendation: Any
    status: Status
    created_at: datetime
