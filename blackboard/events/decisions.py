"""What is told of panels and of reviews."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from blackboard.events.members import fence, said
from blackboard.field_class import Internal, Personal, Public
from blackboard.values import Frozen, Json


class QuestionOpened(Frozen):
    """What a panel is asked."""

    question: Public[str]
    visit: Public[int] = Field(description="Counts the stages that the case has entered.")
    seats: Public[list[str]]
    deadline_at: Public[datetime]


class OpinionGiven(Frozen):
    """Whose seat has spoken. What was said is sealed until the tally."""

    seat: Public[str]
    visit: Public[int] = Field(description="Of the question.")
    revision: Public[int] = Field(description="Above 1 it is in place of what the seat said before.")
    fence: Public[int] = fence()
    digest: Public[str] = Field(description="SHA-256 of salt and opinion (RFC 8785); `decision.made` tells both.")


class DecisionMade(Frozen):
    """The tally of a panel, with all that it was made from: whoever repeats it comes to the same."""

    id: Public[UUID]
    visit: Public[int] = Field(description="Of the question.")
    kind: Public[Literal["tallied", "lapsed"]] = Field(description="lapsed: time ran out without a quorum.")
    question: Public[str]
    outcome: Public[Literal["approve", "reject", "refer"]]
    reasons: Internal[list[str]]
    score: Internal[float | None] = Field(description="The share of the panel that approves.")
    confidence: Internal[float | None]
    evidence: Personal[list[str]]
    reads: Internal[list[str]] = Field(description="The facts that it rests on, each with its version.")
    policy: Internal[str | None] = Field(description="With its version.")
    dissent: Personal[list[Json]] = Field(description="Who differed, and why.")
    basis: Personal[Json] = Field(description="The panel's rules, its seats, the opinions, the facts and the policy.")


class ReviewForwarded(Frozen):
    """It is for this person or group now."""

    fence: Public[int] = fence()
    to: Public[str] = Field(description="A person, or a capability for all who have it.")
    reason: Personal[str] = said()


class ReviewEscalated(ReviewForwarded):
    """It is for those whom its stage escalates to, and more urgent."""

    priority: Public[int] = Field(description="0 is most urgent, 9 least.")


class ReviewAsked(Frozen):
    """It waits for a fact."""

    fence: Public[int] = fence()
    needs: Public[str] = Field(description="The fact that will be the answer.")
    question: Personal[str]
    to: Public[str | None] = Field(description="Whom the question is for: a capability or a name.")


class ReviewTimedOut(Frozen):
    """Nobody decided it, which is never a yes."""

    due_at: Public[datetime]
    holder: Public[str | None] = Field(description="Who had it.")
    owners: Public[list[str]] = Field(description="For whom it was.")


class ReviewWarned(Frozen):
    """How the decision came about. It stands."""

    fence: Public[int] = fence()
    warnings: Public[list[Literal["velocity", "streak", "haste"]]]
    in_hour: Public[int] = Field(description="How many this person decided in an hour.")
    streak: Public[int] = Field(description="How many of the last ones alike, as far back as was looked.")
    seen_s: Public[float] = Field(description="For how long the person could have looked.")
