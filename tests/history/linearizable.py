"""Whether there is an order of a task's operations that the model allows and that real time allows.

The search of Wing and Gong with the cache of Lowe: an operation may come next if no other that must come was answered before
it was asked; what was tried once, the same operations in the same state, is not tried again.
"""

from collections.abc import Sequence
from enum import StrEnum

from tests.history.model import FOREVER, Op, Outcome, State, step

STEPS = 200_000


class Verdict(StrEnum):
    """Undecided: the search was given up."""

    LINEARIZABLE = "linearizable"
    NOT = "not linearizable"
    UNDECIDED = "undecided"


def search(history: Sequence[Op], steps: int = STEPS) -> Verdict:
    """The verdict on one task. What nobody knows the outcome of happens at any time from t_inv on, or never."""
    ops = sorted((op for op in history if _tells(op)), key=lambda op: op.t_inv)
    must = sum(1 << n for n, op in enumerate(ops) if op.outcome is not Outcome.INFO)
    todo: list[tuple[int, State]] = [(0, State())]
    seen = set(todo)
    while todo:
        taken, state = todo.pop()
        if taken & must == must:
            return Verdict.LINEARIZABLE
        for n in _next(ops, taken):
            after = step(state, ops[n])
            if after is not None and (found := (taken | 1 << n, after)) not in seen:
                seen.add(found)
                todo.append(found)
        if len(seen) > steps:
            return Verdict.UNDECIDED
    return Verdict.NOT


def _tells(op: Op) -> bool:
    """Whether an operation says something about the task: a heartbeat that may have happened changes nothing."""
    return op.outcome is not Outcome.INFO or op.kind != "heartbeat"


def _next(ops: Sequence[Op], taken: int) -> list[int]:
    """What may come next, the likeliest last: whoever was answered first was probably done first."""
    first = FOREVER
    found = []
    for n, op in enumerate(ops):
        if op.t_inv > first:
            break
        if not taken >> n & 1:
            found.append(n)
            if op.outcome is not Outcome.INFO:
                first = min(first, op.t_ret)
    return sorted((n for n in found if ops[n].t_inv <= first), key=lambda n: -ops[n].t_ret)
