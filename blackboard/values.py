"""The small types that everything else is made of, and who is asking.

Times are aware datetimes in UTC; ids are UUIDv7; amounts inside payloads are decimal strings and never numbers.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

MAX_BATCH = 1000
# The largest number that a case can have.
MAX_NUMBER = 2**63 - 1

MAX_CLAIM = 100

# Tasks that one stream may have in hand.
MAX_CREDIT = 1000

MAX_WAIT_S = 55.0

MAX_LEASE_S = 3600

# An agent that was not heard of for so long is taken for dead. It says that it lives every 10 s.
SESSION_ALIVE_S = 45

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,62}$")]

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]

# It stands in effect keys, whose parts dots divide.
ActionKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]

ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,62}$")]

# A kind of event, or all of a family: task.claimed, task.*
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,30}\.([a-z][a-z_]{0,30}|\*)$")]

# A version of a fact about a case: income.monthly@3
FactRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,62}@[1-9][0-9]{0,8}$")]

ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,255}$")]

Json = dict[str, Any]


class Frozen(BaseModel):
    """A value: compared by content, never changed; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Principal(Frozen):
    """Who acts, as the credential says; never taken from a request's fields."""

    tenant_id: int
    tenant: str
    agent_id: int
    agent: str
    owner: str
    role: Literal["admin", "requester", "agent", "reviewer", "auditor"]
    capabilities: frozenset[str]
    # The key that was sent; none where somebody acts in process.
    key_id: str = ""
