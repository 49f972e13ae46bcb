"""The state machines of the board: case, task, action, fact and policy.

Told three times, and held together by a test: here, as pictures in `schema/README.md`, and as `board.may_move` in
`schema/functions_states.sql`, which is the one that is enforced.
"""

from collections.abc import Mapping
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands. How it ended is its outcome, a word of its workflow."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class TaskState(StrEnum):
    """Where a task is. An open one is in exactly one of the first four places; the last three are for good."""

    READY = "ready"
    CLAIMED = "claimed"
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskHeader(StrEnum):
    """What a task's header says: open, or how it ended. Where an open one is at is said by the table that has a row for it."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ActionState(StrEnum):
    """What is known of a side effect at the bank. `UNKNOWN` is an honest answer: the bank's was lost.

    Nothing was sent of one that is proposed, authorized, refused, expired or voided.
    """

    PROPOSED = "proposed"
    AUTHORIZED = "authorized"
    REFUSED = "refused"
    EXPIRED = "expired"
    VOIDED = "voided"
    DISPATCHING = "dispatching"
    UNKNOWN = "unknown"
    EXECUTED = "executed"
    FAILED = "failed"


class PolicyState(StrEnum):
    """Where a version of a policy stands. The active one judges."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class FactState(StrEnum):
    """What was said last of a version of a fact. That it is superseded, or doubtful, is found by looking at others."""

    ASSERTED = "asserted"
    DISPUTED = "disputed"
    RETRACTED = "retracted"


_CASE_ENDS = {CaseState.COMPLETED, CaseState.TERMINATED}
CASE_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.ACTIVE: frozenset({CaseState.SUSPENDED, *_CASE_ENDS}),
    CaseState.SUSPENDED: frozenset({CaseState.ACTIVE, *_CASE_ENDS}),
    CaseState.COMPLETED: frozenset(),
    CaseState.TERMINATED: frozenset(),
}

TASK_MOVES: Mapping[TaskHeader, frozenset[TaskHeader]] = {
    TaskHeader.OPEN: frozenset({TaskHeader.DONE, TaskHeader.FAILED, TaskHeader.CANCELLED}),
    TaskHeader.DONE: frozenset(),
    TaskHeader.FAILED: frozenset(),
    TaskHeader.CANCELLED: frozenset(),
}

ACTION_MOVES: Mapping[ActionState, frozenset[ActionState]] = {
    ActionState.PROPOSED: frozenset({ActionState.AUTHORIZED, ActionState.REFUSED, ActionState.EXPIRED}),
    ActionState.AUTHORIZED: frozenset({ActionState.DISPATCHING, ActionState.VOIDED, ActionState.EXPIRED}),
    ActionState.REFUSED: frozenset(),
    ActionState.EXPIRED: frozenset(),
    ActionState.VOIDED: frozenset(),
    ActionState.DISPATCHING: frozenset({ActionState.EXECUTED, ActionState.FAILED, ActionState.UNKNOWN}),
    ActionState.UNKNOWN: frozenset({ActionState.DISPATCHING, ActionState.EXECUTED, ActionState.FAILED}),
    ActionState.EXECUTED: frozenset(),
    ActionState.FAILED: frozenset(),
}

FACT_MOVES: Mapping[FactState, frozenset[FactState]] = {
    FactState.ASSERTED: frozenset({FactState.DISPUTED, FactState.RETRACTED}),
    FactState.DISPUTED: frozenset({FactState.ASSERTED, FactState.RETRACTED}),
    FactState.RETRACTED: frozenset(),
}

POLICY_MOVES: Mapping[PolicyState, frozenset[PolicyState]] = {
    PolicyState.DRAFT: frozenset({PolicyState.ACTIVE, PolicyState.RETIRED}),
    PolicyState.ACTIVE: frozenset({PolicyState.RETIRED}),
    PolicyState.RETIRED: frozenset(),
}
