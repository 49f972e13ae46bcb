"""Makes tallies again from the journal alone: what was told of a decision must come of what was told that it was made from.

    for each in replay(events):
        print(each.stage, each.is_same, each.differences)

Two things are looked at. The tally of the basis that `decision.made` holds must be what the event says was decided; and each
opinion in it must be what its agent was bound to: salt and opinion hash to the digest that `opinion.given` told before anybody
had counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from blackboard.tally import Basis, tally
from blackboard.values import Frozen, Json

TYPES = ("opinion.given", "decision.made")
_TOLD = ("kind", "outcome", "reasons", "score", "confidence", "evidence", "reads", "policy", "dissent")


class Replayed(Frozen):
    """A decision that was made again, and in what it differs."""

    decision_id: UUID
    stage: str
    outcome: str
    differences: list[str]

    @property
    def is_same(self) -> bool:
        """Whether anybody would have come to it."""
        return not self.differences


def replay(events: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Iterator[Replayed]:
    """Each tallied decision among a case's events, which are (type, stage, data) in order."""
    sealed: dict[tuple[int, str], str] = {}
    for kind, stage, told in events:
        if kind == "opinion.given":
            sealed[told["visit"], told["seat"]] = told["digest"]
        elif kind == "decision.made":
            digests = {seat: digest for (visit, seat), digest in sealed.items() if visit == told["visit"]}
            differences = list(_differences(dict(told), digests))
            yield Replayed(decision_id=told["id"], stage=stage, outcome=told["outcome"], differences=differences)


def _differences(told: Json, sealed: Mapping[str, str]) -> Iterator[str]:
    try:
        basis = Basis.model_validate(told["basis"])
    except ValidationError as error:
        yield f"the basis cannot be read: {error.error_count()} things in it are not what they must be"
        return
    yield from _broken_seals(basis, sealed)
    made = tally(basis).kept()
    for name in _TOLD:
        if told.get(name) != made[name]:
            yield f"{name} was told as {told.get(name)}, and comes out as {made[name]}"


def _broken_seals(basis: Basis, sealed: Mapping[str, str]) -> Iterator[str]:
    """Opinions that are not what was sealed, and seals that were never opened."""
    for voice in basis.opinions:
        if not voice.is_what_was_sealed or sealed.get(voice.seat) != voice.digest:
            yield f"the opinion of seat {voice.seat} ({voice.by}) is not the one that was sealed"
    for seat in sorted(sealed.keys() - {voice.seat for voice in basis.opinions}):
        yield f"the opinion of seat {seat} was not counted"
