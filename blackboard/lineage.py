"""How facts stand: what was said of each, and of what it was made of.

`board.read_fact` says the same in SQL of facts as they are now; here it is said of facts as they were at any time.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from blackboard.answers import Fact


def stand(told: Sequence[Fact]) -> list[Fact]:
    """All versions of all facts of a case, as each stands. They come by key and version, as somebody said of them."""
    last = {fact.key: fact.version for fact in told}
    doubted = _doubted(told)

    def judged(fact: Fact) -> Fact:
        if fact.state != "asserted":
            return fact.model_copy(update={"trust": 0})
        if _ref(fact) in doubted:
            return fact.model_copy(update={"trust": 0, "state": "doubtful"})
        is_old = fact.kind == "current" and fact.version < last[fact.key]
        return fact.model_copy(update={"state": "superseded"}) if is_old else fact

    return [judged(fact) for fact in told]


def newest(told: Sequence[Fact]) -> Iterator[Fact]:
    """What is read of each fact: its newest version, or the list of its entries, which stands as the weakest of them."""
    for _, versions in groupby(stand(told), key=lambda fact: fact.key):
        *_, last = known = list(versions)
        if last.kind == "current":
            yield last
            continue
        entries = [fact for fact in known if fact.state != "retracted" and fact.withdraws is None]
        # Sorted by their words, the weakest is the last: asserted, disputed, doubtful.
        state = max((fact.state for fact in entries), default="retracted")
        trust = min((fact.trust for fact in entries), default=0)
        yield last.model_copy(update={"value": [fact.value for fact in entries], "state": state, "trust": trust})


def _doubted(told: Sequence[Fact]) -> set[str]:
    """The versions that are disputed or retracted, and all that were made of them."""
    doubted = {_ref(fact) for fact in told if fact.state != "asserted"}
    while grown := {_ref(fact) for fact in told if not doubted.isdisjoint(fact.inputs)} - doubted:
        doubted |= grown
    return doubted


def _ref(fact: Fact) -> str:
    return f"{fact.key}@{fact.version}"
