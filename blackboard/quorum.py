"""How a panel's opinions are counted: by number, by weight, with vetoes, or all together.

Seats are counted and not only those who spoke: silence is no approval. Where neither side has enough, nobody has won.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final, Literal, NamedTuple, Protocol

from pydantic import Field

from blackboard.values import Frozen, Name

APPROVE: Final = "approve"
REJECT: Final = "reject"
REFER: Final = "refer"
MAX_SEATS = 19

Outcome = Literal["approve", "reject", "refer"]
Count = Annotated[int, Field(ge=1, le=MAX_SEATS, strict=True)]


class Spoken(Protocol):
    """What is counted of an opinion."""

    @property
    def seat(self) -> str:
        """Whose it is."""

    @property
    def capability(self) -> str:
        """What the seat was for."""

    @property
    def verdict(self) -> str:
        """approve, reject, refer or abstain."""


class Counted(NamedTuple):
    """How a quorum came out: for one side, or for none; and how much of the panel approved."""

    outcome: Outcome | None
    score: float
    told: str


Voices = Sequence[Spoken]
Seats = Mapping[str, str]


class NOfM(Frozen):
    """So many approvals, or so many rejections. By default a rejection needs as many as make approval impossible."""

    kind: Literal["n_of_m"]
    approve: Count
    reject: Count | None = None

    def count(self, voices: Voices, seats: Seats) -> Counted:
        """Where both sides have enough, neither has won."""
        yes, no = _of(voices, APPROVE), _of(voices, REJECT)
        needed = self.reject or len(seats) - self.approve + 1
        outcome: Outcome | None = APPROVE if yes >= self.approve else REJECT if no >= needed else None
        if yes >= self.approve and no >= needed:
            outcome = None
        told = f"{yes} of {len(seats)} seats approve ({self.approve} needed), {no} reject ({needed} needed)"
        return Counted(outcome, _share(yes, len(seats)), told)


class Unanimous(Frozen):
    """All seats say the same."""

    kind: Literal["unanimous"]

    def count(self, voices: Voices, seats: Seats) -> Counted:
        """Whoever is silent or abstains has not agreed."""
        yes, no = _of(voices, APPROVE), _of(voices, REJECT)
        outcome: Outcome | None = APPROVE if yes == len(seats) else REJECT if no == len(seats) else None
        return Counted(outcome, _share(yes, len(seats)), f"{yes} of {len(seats)} seats approve, {no} reject; all are needed")


class Veto(Frozen):
    """One rejection by a seat with a veto rejects; else so many approvals. `by` names capabilities; left out, all have it."""

    kind: Literal["veto"]
    approve: Count = 1
    by: Annotated[list[Name], Field(min_length=1, max_length=MAX_SEATS)] | None = None

    def count(self, voices: Voices, seats: Seats) -> Counted:
        """A seat with a veto that is silent has not let it pass."""
        vetoing = [voice for voice in voices if self.by is None or voice.capability in self.by]
        present = {voice.seat for voice in voices}
        silent = [seat for seat, capability in seats.items() if self.by and capability in self.by and seat not in present]
        yes, no = _of(voices, APPROVE), _of(vetoing, REJECT)
        outcome: Outcome | None = REJECT if no else APPROVE if yes >= self.approve and not silent else None
        told = f"{no} vetoes, {yes} of {len(seats)} seats approve ({self.approve} needed)"
        return Counted(outcome, _share(yes, len(seats)), told)


class Weighted(Frozen):
    """Shares of the weight of all seats, silent ones too. `weights` are by capability, 1 where none is given."""

    kind: Literal["weighted"]
    weights: dict[Name, Annotated[int, Field(ge=1, le=1000, strict=True)]] = Field(default_factory=dict)
    approve_from: Annotated[Decimal, Field(gt=Decimal("0.5"), le=1)]
    reject_from: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.5")

    def count(self, voices: Voices, seats: Seats) -> Counted:
        """More than half is needed to approve, so that the two sides never both win."""
        total = sum(self.weights.get(capability, 1) for capability in seats.values())
        yes, no = (
            sum(self.weights.get(voice.capability, 1) for voice in voices if voice.verdict == side)
            for side in (APPROVE, REJECT)
        )
        outcome: Outcome | None = None
        if Decimal(yes) >= self.approve_from * total:
            outcome = APPROVE
        elif Decimal(no) >= self.reject_from * total:
            outcome = REJECT
        told = f"weight {yes} of {total} approves (from {self.approve_from}), {no} rejects (from {self.reject_from})"
        return Counted(outcome, _share(yes, total), told)


AnyQuorum = NOfM | Unanimous | Veto | Weighted
Quorum = Annotated[AnyQuorum, Field(discriminator="kind")]


def _of(voices: Voices, verdict: str) -> int:
    return sum(voice.verdict == verdict for voice in voices)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4)
