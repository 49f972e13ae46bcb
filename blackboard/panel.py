"""Panels in a workflow: what they are asked, who sits on them, what is denied whatever they say, how they are counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from blackboard import conditions
from blackboard.quorum import APPROVE, MAX_SEATS, REFER, REJECT, NOfM, Quorum, Veto, Weighted
from blackboard.values import Frozen, Json, Name, ReasonCode, Text

__all__ = ["MAX_SEATS", "OUTCOMES", "Deny", "Panel", "seated"]

OUTCOMES = (APPROVE, REJECT, REFER)


class Deny(Frozen):
    """What ends everything: where the condition holds, or nobody can tell whether it does, there is no approval."""

    when: Text
    reason: ReasonCode

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if wrong := conditions.problems(self.when):
            raise ValueError("; ".join(wrong))
        return self


class Panel(Frozen):
    """A question, and how those who are asked decide: by a `quorum`, or by that of a `policy`, whose rules come first.

    `deny` rows are conditions as in `when`. The panel has `deadline_s`; without a quorum by then it ends as `on_deadline` says.
    """

    question: Text
    quorum: Quorum | None = None
    policy: Name | None = None
    deny: Annotated[list[Deny], Field(max_length=50)] = Field(default_factory=list)
    deadline_s: Annotated[int, Field(ge=1, le=31536000)] = 86400
    on_deadline: Literal["refer", "reject"] = REFER

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if self.quorum is None and self.policy is None:
            raise ValueError("give `quorum`, or a `policy` that has one")
        return self

    def problems(self, capabilities: Sequence[str]) -> Iterator[str]:
        """What does not fit the seats of these capabilities."""
        match self.quorum:
            case NOfM() | Veto() if self.quorum.approve > len(capabilities):
                yield f"quorum.approve is {self.quorum.approve}, and there are {len(capabilities)} seats"
        match self.quorum:
            case Veto(by=list(named)) | Weighted(weights=dict(named)):
                for name in sorted(set(named) - set(capabilities)):
                    yield f"quorum names {name}, which no seat has"


def seated(document: Json) -> Json:
    """A panel's seats as the tasks that they are: `credit`, or `credit.1` and `credit.2` where there are several."""
    panel = document.get("panel")
    if not isinstance(panel, dict) or "seats" not in panel:
        return document
    if "tasks" in document:
        raise ValueError("give `panel.seats` or `tasks`, not both")
    rules, seats = {key: value for key, value in panel.items() if key != "seats"}, panel["seats"]
    if not isinstance(seats, list) or not all(
        isinstance(seat, dict) and isinstance(seat.get("capability"), str) for seat in seats
    ):
        raise ValueError("panel.seats is a list of {capability, count?} with limits beside them")
    wanted = [seat for seat in seats for _ in range(_count(seat))]
    named = Counter(seat["capability"] for seat in wanted)
    tasks: Json = {}
    for seat in wanted:
        name = seat["capability"]
        number = sum(work["capability"] == name for work in tasks.values()) + 1
        tasks[name if named[name] == 1 else f"{name}.{number}"] = {key: value for key, value in seat.items() if key != "count"}
    return {**document, "panel": rules, "tasks": tasks}


def _count(seat: Json) -> int:
    count = seat.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MAX_SEATS:
        raise ValueError(f"panel.seats: count is a number from 1 to {MAX_SEATS}")
    return count
