"""A shared board in PostgreSQL on which agents work bank cases together.

The front door. What stands here is loaded when it is first asked for, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blackboard.agent import Agent, Assignment, GiveUp, NeedFact, NotMine, TryLater
    from blackboard.answers import Case
    from blackboard.client import BoardClient
    from blackboard.requests import Decision, NewCase, Opinion
    from blackboard.rulebook import Rulebook
    from blackboard.subscription import Left, Reset, StreamEvent, Subscription

__all__ = [
    "Agent",
    "Assignment",
    "BoardClient",
    "Case",
    "Decision",
    "GiveUp",
    "Left",
    "NeedFact",
    "NewCase",
    "NotMine",
    "Opinion",
    "Reset",
    "Rulebook",
    "StreamEvent",
    "Subscription",
    "TryLater",
]

_HOME = {
    **dict.fromkeys(("Agent", "Assignment", "GiveUp", "NeedFact", "NotMine", "TryLater"), "agent"),
    **dict.fromkeys(("BoardClient",), "client"),
    **dict.fromkeys(("Case",), "answers"),
    **dict.fromkeys(("Decision", "NewCase", "Opinion"), "requests"),
    **dict.fromkeys(("Rulebook",), "rulebook"),
    **dict.fromkeys(("Left", "Reset", "StreamEvent", "Subscription"), "subscription"),
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"blackboard.{_HOME[name]}"), name)
    raise AttributeError(f"module 'blackboard' has no attribute {name!r}")
