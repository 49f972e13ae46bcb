"""Agents and their keys, as they are asked for and shown. Nothing of it proves anything but `IssuedKey.key`, shown once."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from blackboard.values import Frozen, Name, Text

Role = Literal["admin", "requester", "agent", "reviewer", "auditor"]
Kind = Literal["agent", "service", "human"]
KeyId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{12}$")]
Verb = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z ]{0,40}$")]
# ISO 4217
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?$")]
MAX_OVERLAP_S = 30 * 86_400


class KeyScope(Frozen):
    """What a key may do of what its agent may, and how it must come. A part that is left out has no bounds of its own."""

    verbs: Annotated[list[Verb], Field(min_length=1, max_length=50)] | None = None
    workflows: Annotated[list[Name], Field(min_length=1, max_length=100)] | None = None
    capabilities: Annotated[list[Name], Field(min_length=1, max_length=100)] | None = None
    amount_max: Amount | None = None
    currency: Currency | None = None
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    issuer: Annotated[Text | None, Field(description="Whose tokens open the key in place of its secret.")] = None
    subject: Annotated[Text | None, Field(description="For whom the issuer's token must speak (`sub`).")] = None
    certificate: Annotated[
        str | None,
        StringConstraints(pattern=r"^[0-9a-f]{64}$"),
        Field(description="SHA-256 of the client certificate without which the key opens nothing."),
    ] = None
    note: Text | None = None


class NewKey(KeyScope):
    """A key to be issued to an agent."""

    agent: Name

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.amount_max is None) != (self.currency is None):
            raise ValueError("amount_max and currency go together: say both or neither")
        if self.amount_max is not None and Decimal(self.amount_max) == 0:
            raise ValueError("amount_max must be above 0; for a key that moves nothing leave verbs out of its scope")
        if self.expires_at is not None and self.not_before is not None and self.expires_at <= self.not_before:
            raise ValueError("expires_at must be after not_before")
        if (self.issuer is None) != (self.subject is None):
            raise ValueError("issuer and subject go together: say both or neither")
        return self


class KeyEntry(KeyScope):
    """A key as it is shown: everything but what proves it."""

    id: KeyId
    agent: str
    role: Role
    state: Literal["active", "pending", "expired", "revoked"]
    created_at: AwareDatetime
    created_by: str | None = None
    revoked_at: AwareDatetime | None = None
    last_used_at: Annotated[AwareDatetime | None, Field(description="Give or take five minutes.")] = None
    follows: Annotated[KeyId | None, Field(description="The key in whose place this one was issued.")] = None


class IssuedKey(KeyEntry):
    """A key that was issued just now."""

    key: Annotated[
        str | None,
        Field(description="What the agent sends, told once: null in a repeat (rotate a lost one), and where a token opens it."),
    ] = None


class Rotation(Frozen):
    """For how long the old key goes on beside the new one."""

    overlap_s: Annotated[int, Field(ge=0, le=MAX_OVERLAP_S)] = 3600


class NewAgent(Frozen):
    """An agent, a service or a person that is to work on the board. It can do nothing until it is issued a key."""

    name: Name
    owner: Annotated[Text, Field(description="Whose it is: agents of one owner are one person where duties are apart.")]
    kind: Kind
    role: Role
    capabilities: Annotated[frozenset[Name], Field(max_length=100)] = frozenset()


class AgentChange(Frozen):
    """What is to be otherwise; what is left out stays."""

    owner: Text | None = None
    role: Role | None = None
    capabilities: Annotated[frozenset[Name], Field(max_length=100)] | None = None
    reason: Text

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.owner is None and self.role is None and self.capabilities is None:
            raise ValueError("must say what is to be otherwise: owner, role or capabilities")
        return self
