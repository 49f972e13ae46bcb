"""The small types that everything else is made of, and who is asking.

Times are aware datetimes in UTC; ids are UUIDv7; amounts inside payloads are decimal strings and never numbers.
"""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from unicodedata import normalize

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from blackboard.errors import Invalid

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

# Two ways to write one letter are one text.
Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(partial(normalize, "NFC"))]

# It stands in effect keys, whose parts dots divide.
ActionKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]

ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,62}$")]

# A kind of event, or all of a family: task.claimed, task.*
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,30}\.([a-z][a-z_]{0,30}|\*)$")]

# A version of a fact about a case: income.monthly@3
FactRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,62}@[1-9][0-9]{0,8}$")]

ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,255}$")]

Json = dict[str, Any]

_NAME: TypeAdapter[str] = TypeAdapter(Name)


def demand_name(text: str) -> None:
    """`Invalid` when that is no name: for what comes from no model that says so."""
    try:
        _NAME.validate_python(text)
    except ValidationError:
        raise Invalid("A name begins with a-z and has 1 to 63 characters of a-z 0-9 . _ -, unlike this one.") from None


class Frozen(BaseModel):
    """A value: compared by content, never changed; unknown fields are refused. What does not fit is not quoted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Scope(Frozen):
    """What a key is bound to beside the rights of its agent; None is no bound of its own."""

    verbs: frozenset[str] | None = None
    workflows: frozenset[str] | None = None
    capabilities: frozenset[str] | None = None
    amount_max: str | None = None
    currency: str | None = None


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
    scope: Scope | None = None
    # When the key ends; None where it does not.
    expires_at: datetime | None = None

    @property
    def company(self) -> str:
        """Who may share a transaction: those without a scope with each other, a key with a scope with itself alone."""
        return self.key_id if self.scope else ""
