"""What is told of panels and of reviews."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import fence, said
from blackboard.values import Frozen, Json


class QuestionOpened(Frozen):
    """What a panel is asked."""

    question: str
    visit: int = Field(description="Counts the stages that the case has entered.")
    seats: list[str]
    deadline_at: datetime


class OpinionGiven(Frozen):
    """Whose seat has spoken. What was said is sealed until the tally."""

    seat: str
    visit: int = Field(description="Of the question.")
    revision: int = Field(description="Above 1 it is in place of what the seat said before.")
    fence: int = fence()
    digest: str = Field(description="SHA-256 of salt and opinion (RFC 8785); `decision.made` tells both.")


class DecisionMade(Frozen):
    """The tally of a panel, with all that it was made from: whoever repeats it comes to the same."""

    id: UUID
    visit: int = Field(description="Of the question.")
    kind: Literal["tallied", "lapsed"] = Field(description="lapsed: time ran out without a quorum.")
    question: str
    outcome: Literal["approve", "reject", "refer"]
    reasons: list[str]
    score: float | None = Field(description="The share of the panel that approves.")
    confidence: float | None
    evidence: list[str]
    reads: list[str] = Field(description="The facts that it rests on, each with its version.")
    policy: str | None = Field(description="With its version.")
    dissent: list[Json] = Field(description="Who differed, and why.")
    basis: Json = Field(description="The panel's rules, its seats, the opinions, the facts and the policy.")


class ReviewForwarded(Frozen):
    """It is for this person or group now."""

    fence: int = fence()
    to: str = Field(description="A person, or a capability for all who have it.")
    reason: str = said()


class ReviewEscalated(ReviewForwarded):
    """It is for those whom its stage escalates to, and more urgent."""

    priority: int = Field(description="0 is most urgent, 9 least.")


class ReviewAsked(Frozen):
    """It waits for a fact."""

    fence: int = fence()
    needs: str = Field(description="The fact that will be the answer.")
    question: str
    to: str | None = Field(description="Whom the question is for: a capability or a name.")


class ReviewTimedOut(Frozen):
    """Nobody decided it, which is never a yes."""

    due_at: datetime
    holder: str | None = Field(description="Who had it.")
    owners: list[str] = Field(description="For whom it was.")


class ReviewWarned(Frozen):
    """How the decision came about. It stands."""

    fence: int = fence()
    warnings: list[Literal["velocity", "streak", "haste"]]
    in_hour: int = Field(description="How many this person decided in an hour.")
    streak: int = Field(description="How many of the last ones alike, as far back as was looked.")
    seen_s: float = Field(description="For how long the person could have looked.")
