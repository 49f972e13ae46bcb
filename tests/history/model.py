"""The fenced-lease model of one task, and what can be read off a recorded history without a search.

A history is what clients saw: each operation with the host's monotonic time before it left and after its answer came, and an
outcome: ok, fail (definitely refused) or info (nobody knows). The database's final rows are judged against it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

FOREVER = 2**63 - 1
# What the journal calls each write that was accepted.
TYPES = {"decide": "task.decided", "release": "task.released", "fail": "task.failed"}


class Outcome(StrEnum):
    """What a client knows of its operation."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Op:
    """An operation. `at` is the database's time when it began, `told` when it was answered, in microseconds."""

    id: int
    process: str
    kind: str
    agent: str = ""
    task: str = ""
    fence: int = 0
    t_inv: int = 0
    t_ret: int = FOREVER
    outcome: Outcome = Outcome.INFO
    verdict: str = ""
    at: int = 0
    told: int = 0
    deadline: int = 0

    @property
    def tag(self) -> str:
        """What this operation writes into the rows that it changes."""
        return f"op-{self.id}"


class Entry(NamedTuple):
    """An entry of the journal: what the database says that it did. `tag` names the operation where the journal keeps it."""

    type: str
    task: str
    fence: int
    actor: str
    tag: str | None
    at: int


class Row(NamedTuple):
    """What is left of a task at the end, and which operations decided it and reported its progress last."""

    state: str
    decided: str | None
    progress: str | None


@dataclass(frozen=True)
class History:
    """What clients saw and what the database holds in the end."""

    ops: list[Op]
    entries: list[Entry]
    rows: dict[str, Row]

    def chosen(self, *kinds: str, outcome: Outcome = Outcome.OK) -> list[Op]:
        """The operations of these kinds with this outcome that concern a task."""
        return [op for op in self.ops if op.kind in kinds and op.outcome is outcome and op.task]

    def told(self, kind: str) -> list[Entry]:
        """The journal's entries of this type."""
        return [entry for entry in self.entries if entry.type == kind]


class State(NamedTuple):
    """The model: who holds the task, under the highest fence ever granted, and whether it is over."""

    holder: str | None = None
    fence: int = 0
    done: bool = False


def step(state: State, op: Op) -> State | None:
    """The state after an operation that had this answer, or None where the model would not have answered so."""
    if op.outcome is Outcome.FAIL:
        return state if _may_refuse(state, op) else None
    if op.kind == "claim":
        may = state.holder is None and not state.done and op.fence > state.fence
        return State(op.agent, op.fence) if may else None
    if state.holder is None or state.fence != op.fence or (op.kind != "expire" and state.holder != op.agent):
        return None
    return state if op.kind == "heartbeat" else State(None, state.fence, op.kind == "decide")


def _may_refuse(state: State, op: Op) -> bool:
    """Time is not in the model, so a holder may be told at any moment that its claim ran out."""
    if op.verdict == "done":
        return state.done
    if op.verdict == "reassigned":
        return state.holder is not None and state.fence != op.fence
    if op.verdict == "expired":
        return not state.done and (state.holder is None or state.fence == op.fence)
    return True


def split(history: History) -> dict[str, list[Op]]:
    """The operations of each task, with what only the journal knows: claims nobody heard of, and expiries."""
    found: dict[str, list[Op]] = {task: [] for task in history.rows}
    for op in (*history.ops, *_unheard(history), *_expiries(history)):
        if op.task and op.kind != "sweep":
            found.setdefault(op.task, []).append(op)
    return found


def _unheard(history: History) -> Iterator[Op]:
    """Grants whose claimant never got the answer: they may have happened at any time after the claim left."""
    heard = {(op.task, op.fence) for op in history.chosen("claim")}
    asked = {op.agent: op for op in reversed(history.ops) if op.kind == "claim" and op.outcome is Outcome.INFO}
    for entry in history.told("task.claimed"):
        if (entry.task, entry.fence) not in heard and entry.actor in asked:
            yield replace(asked[entry.actor], task=entry.task, fence=entry.fence)


def _expiries(history: History) -> Iterator[Op]:
    """Each expiry within the sweep that began at its database time, or within one that was never answered."""
    sweeps = {op.at: op for op in history.ops if op.kind == "sweep" and op.outcome is Outcome.OK}
    lost = next((op for op in history.ops if op.kind == "sweep" and op.outcome is Outcome.INFO), Op(0, "", ""))
    for entry in history.told("task.expired"):
        yield replace(sweeps.get(entry.at, lost), kind="expire", task=entry.task, fence=entry.fence)


def check(history: History) -> list[str]:
    """Everything that is wrong with a history, each beginning with the number of the invariant."""
    found = [*one_grant_per_fence(history), *durable(history), *no_phantoms(history)]
    for task in {op.task for op in history.ops if op.task}:
        own = History([op for op in history.ops if op.task == task], [e for e in history.entries if e.task == task], {})
        for rule in (fences_rise, no_stale_write, final, no_late_write, no_early_takeover):
            found += [f"{wrong} of task {task}" for wrong in rule(own)]
    return found


def one_grant_per_fence(history: History) -> Iterator[str]:
    """I1, by what clients were promised and by the journal."""
    for source in (history.chosen("claim"), history.told("task.claimed")):
        for (task, fence), count in Counter((x.task, x.fence) for x in source).items():
            if count > 1:
                yield f"I1: fence {fence} of task {task} was granted {count} times"


def _before(grants: Iterable[Op], ops: Iterable[Op]) -> Iterator[tuple[Op, int]]:
    """Each operation with the highest fence whose grant was answered before it was asked."""
    waiting, highest = sorted(grants, key=lambda op: -op.t_ret), -1
    for op in sorted(ops, key=lambda op: op.t_inv):
        while waiting and waiting[-1].t_ret < op.t_inv:
            highest = max(highest, waiting.pop().fence)
        yield op, highest


def fences_rise(own: History) -> Iterator[str]:
    """I2: a grant asked for after another was answered has the higher fence."""
    grants = own.chosen("claim")
    for op, highest in _before(grants, grants):
        if op.fence <= highest:
            yield f"I2: {op.tag} was granted fence {op.fence} after {highest}"


def no_stale_write(own: History) -> Iterator[str]:
    """I4: nothing is accepted under a fence lower than one granted before it was asked."""
    for op, highest in _before(own.chosen("claim"), own.chosen("heartbeat", *TYPES)):
        if op.fence < highest:
            yield f"I4: {op.tag}, {op.kind} under fence {op.fence}, was accepted after fence {highest}"


def final(own: History) -> Iterator[str]:
    """I6: a task is decided once, and nothing is accepted afterwards."""
    decided = sorted(own.chosen("decide"), key=lambda op: op.t_ret)
    if len(decided) > 1:
        yield f"I6: decided by {[op.tag for op in decided]}"
    for op in own.chosen("claim", "heartbeat", "release", "fail"):
        if decided and op.t_inv > decided[0].t_ret:
            yield f"I6: {op.tag}, {op.kind}, was accepted after {decided[0].tag}"


def _promises(own: History) -> dict[int, list[Op]]:
    """By fence, the answers that named a deadline; without fences where a heartbeat may have named one unheard."""
    shaky = {op.fence for op in own.chosen("heartbeat", outcome=Outcome.INFO)}
    found: dict[int, list[Op]] = {}
    for op in own.chosen("claim", "heartbeat"):
        if op.fence not in shaky:
            found.setdefault(op.fence, []).append(op)
    return found


def no_late_write(own: History) -> Iterator[str]:
    """I3: from its deadline on a lease is not valid, even before the sweeper came."""
    promises = _promises(own)
    for op in own.chosen("heartbeat", *TYPES):
        known = [p.deadline for p in promises.get(op.fence, ()) if p.t_ret < op.t_inv]
        if known and op.at >= max(known):
            yield f"I3: {op.tag}, {op.kind}, was accepted {op.at - max(known)} us past its deadline"


def no_early_takeover(own: History) -> Iterator[str]:
    """I7: a lease that its holder did not end is taken over at its deadline, not before."""
    promises = {fence: max(op.deadline for op in ops) for fence, ops in _promises(own).items()}
    for entry in own.told("task.expired"):
        if entry.at < promises.get(entry.fence, 0):
            yield f"I7: fence {entry.fence} was expired {promises[entry.fence] - entry.at} us before its deadline"
    ended = {op.fence for outcome in (Outcome.OK, Outcome.INFO) for op in own.chosen(*TYPES, outcome=outcome)}
    for old, new in pairwise(sorted(own.chosen("claim"), key=lambda op: op.fence)):
        if old.fence not in ended and new.told < promises.get(old.fence, 0):
            yield f"I7: {new.tag} took over {promises[old.fence] - new.told} us before the deadline of {old.tag}"


def durable(history: History) -> Iterator[str]:
    """I9: what was answered ok is in the rows."""
    kept = {(e.type, e.task, e.fence, e.tag) for e in history.entries}
    for op in history.chosen(*TYPES):
        if (TYPES[op.kind], op.task, op.fence, op.tag) not in kept:
            yield f"I9: {op.tag}, {op.kind}, is not in the journal"
        if op.kind == "decide" and (history.rows[op.task].state, history.rows[op.task].decided) != ("done", op.tag):
            yield f"I9: {op.tag} is not the decision of task {op.task}"
    granted = {(e.task, e.fence) for e in history.told("task.claimed")}
    for op in history.chosen("claim"):
        if (op.task, op.fence) not in granted:
            yield f"I9: {op.tag}, a grant, is not in the journal"
    by_tag = {op.tag: op for op in history.ops}
    for op in history.chosen("heartbeat"):
        row = history.rows[op.task]
        if row.state == "open" and (row.progress is None or by_tag[row.progress].t_ret < op.t_inv):
            yield f"I9: the progress of {op.tag} was lost"


def no_phantoms(history: History) -> Iterator[str]:
    """I10: what was refused left nothing, what nobody knows left all or nothing, and each grant has a claim behind it."""
    tags = {e.tag for e in history.entries if e.type in TYPES.values()}
    decided = {row.decided for row in history.rows.values()}
    progress = {row.progress for row in history.rows.values()}
    for op in history.chosen("heartbeat", *TYPES, outcome=Outcome.FAIL):
        if op.tag in tags | decided | progress:
            yield f"I10: {op.tag}, {op.kind}, was refused and left something"
    for op in history.chosen("decide", outcome=Outcome.INFO):
        if (op.tag in tags) != (op.tag in decided):
            yield f"I10: {op.tag} was done by half"
    heard = {(op.task, op.fence) for op in history.chosen("claim")}
    unheard = Counter(e.actor for e in history.told("task.claimed") if (e.task, e.fence) not in heard)
    asked = Counter(op.agent for op in history.ops if op.kind == "claim" and op.outcome is Outcome.INFO)
    for actor, count in (unheard - asked).items():
        yield f"I10: {count} grants to {actor} that no claim asked for"


def situations(history: History) -> Counter[str]:
    """What was really seen, so that a history in which nothing happened is not taken for a good one."""
    granted = Counter({e.task: e.fence for e in history.told("task.claimed")})
    return Counter(
        operations=len(history.ops),
        grants=len(history.chosen("claim")),
        infos=sum(op.outcome is Outcome.INFO for op in history.ops),
        unheard=sum(1 for _ in _unheard(history)),
        takeovers=sum(granted[e.task] > e.fence for e in history.told("task.expired")),
        stale=sum(op.verdict == "reassigned" for op in history.chosen("heartbeat", *TYPES, outcome=Outcome.FAIL)),
        late=sum(op.verdict == "expired" for op in history.chosen("heartbeat", *TYPES, outcome=Outcome.FAIL)),
        errors=sum(op.outcome is Outcome.FAIL and op.verdict[:2].isdecimal() for op in history.ops),
        decided=len(history.chosen("decide")),
    )
