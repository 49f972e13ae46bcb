"""What is told of keys: which, whose, for what. Never what proves one."""

from datetime import datetime

from blackboard.events.members import said
from blackboard.field_class import Internal, Public
from blackboard.values import Frozen


class ScopeTold(Frozen):
    """What a key is bound to; null is no bound of its own."""

    verbs: Public[list[str] | None]
    workflows: Public[list[str] | None]
    capabilities: Public[list[str] | None]
    amount_max: Public[str | None]
    currency: Public[str | None]


class KeyIssued(Frozen):
    """Which key, whose, and what it is good for."""

    key_id: Public[str]
    agent: Public[str]
    scope: Public[ScopeTold | None]
    note: Public[str | None]
    not_before: Public[datetime | None]
    expires_at: Public[datetime | None]
    follows: Public[str | None]


class KeyRotated(Frozen):
    """Which key ends, when its overlap is over, and which takes its place."""

    key_id: Public[str]
    agent: Public[str]
    successor: Public[str]
    overlap_s: Public[int]


class KeyRevoked(Frozen):
    """Which key opens nothing any more, and why."""

    key_id: Public[str]
    agent: Public[str]
    reason: Internal[str] = said()
