"""Which role may use which verb: one table, asked by the board before every verb.

What an agent may *claim* is not here: its capabilities stand in the database and `board.claim_tasks` holds them.
"""

from blackboard.errors import NotPermitted, OutOfScope
from blackboard.values import Principal

_WORKERS = frozenset({"admin", "agent", "reviewer"})
_EVERYONE = frozenset({"admin", "requester", "agent", "reviewer", "auditor"})

PERMITTED: dict[str, frozenset[str]] = {
    "open a case": frozenset({"admin", "requester"}),
    "cancel a case": frozenset({"admin", "requester"}),
    "claim tasks": _WORKERS,
    "work on a task": _WORKERS,
    "keep a session": _WORKERS,
    "tell about a case": frozenset({"admin", "requester", "agent", "reviewer"}),
    "delegate": frozenset({"admin", "requester", "agent", "reviewer"}),
    "ask for leave": frozenset({"admin", "agent", "reviewer"}),
    "approve of leave": frozenset({"admin", "reviewer"}),
    "uphold a fact": frozenset({"admin", "reviewer"}),
    "run the board": frozenset({"admin"}),
    "grant access": frozenset({"admin"}),
    "audit the board": frozenset({"admin", "auditor"}),
    "read the board": _EVERYONE,
    # Nor why it was decided, in words or on a screen: a suspicion that is told warns whom it is about.
    "read the reasons": _EVERYONE - {"requester"},
    # Who asks for something is not shown by what rules it is judged: they say what passes unseen.
    "read the rules": _EVERYONE - {"requester"},
}


def demand(who: Principal, verb: str) -> None:
    """Raise `NotPermitted` unless the role may use the verb, and `OutOfScope` unless the key may."""
    if who.role not in PERMITTED[verb]:
        raise NotPermitted(
            f"The role {who.role} may not {verb}; {', '.join(sorted(PERMITTED[verb]))} may. Use a key of such a role."
        )
    if who.scope and who.scope.verbs is not None and verb not in who.scope.verbs:
        raise OutOfScope(
            f"This key's scope does not let it {verb}; it may {', '.join(sorted(who.scope.verbs))}. Ask an admin for another.",
            scope="verbs",
        )


def allowed(who: Principal) -> list[str]:
    """The verbs that a principal may use."""
    bounds = who.scope.verbs if who.scope else None
    return sorted(verb for verb, roles in PERMITTED.items() if who.role in roles and (bounds is None or verb in bounds))
