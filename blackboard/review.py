"""A review as a workflow writes it: who decides, by when, what they are shown, and what becomes of it otherwise."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from blackboard.business_calendar import DEFAULT, Calendar, read_span
from blackboard.values import Frozen, Json, Name, Text

Section = Literal["payload", "facts", "decisions", "actions", "policies"]
# What the board says of a review that nobody decided in time.
TIMED_OUT = "timed_out"
# A person's claim lasts a working day: nobody sends heartbeats for people.
LEASE_S = 8 * 3600


class Review(Frozen):
    """That a person decides, and how: who may and who may not, by when, and what becomes of it otherwise.

    `owners` and `excluded` name people, or capabilities for everybody who has them; without owners it is everybody with the
    task's own. `due_in` counts working time (`4 business hours`) by a calendar, `due_in_s` any time; a review not decided by
    then is `timed_out`, which leads where `on_timeout` says. `shows` is what the person is shown. A person is warned, and
    never stopped, above `warn_per_hour` decisions, after `warn_streak` equal ones, and within `warn_under_s` of looking.
    """

    owners: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    excluded: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    due_in: Text | None = None
    due_in_s: Annotated[int, Field(ge=1, le=31536000)] | None = None
    calendar: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}(-[A-Z0-9]{1,3})?$")] = DEFAULT
    zone: Text | None = None
    escalate_to: Name | None = None
    on_timeout: Json | None = None
    shows: tuple[Section, ...] = get_args(Section)
    warn_per_hour: Annotated[int, Field(ge=1, le=10000)] = 40
    warn_streak: Annotated[int, Field(ge=2, le=1000)] = 20
    warn_under_s: Annotated[float, Field(ge=0, le=3600)] = 5

    @model_validator(mode="after")
    def _timed_once(self) -> Self:
        if self.due_in is not None and self.due_in_s is not None:
            raise ValueError("give `due_in` or `due_in_s`, not both")
        if self.on_timeout is not None and not self.is_timed:
            raise ValueError("`on_timeout` needs a time: give `due_in` or `due_in_s`")
        if self.due_in is not None:
            read_span(self.due_in)
            Calendar.find(self.calendar, self.zone)
        return self

    @property
    def is_timed(self) -> bool:
        """Whether there is a time by which it must be decided."""
        return self.due_in is not None or self.due_in_s is not None

    @property
    def working_calendar(self) -> Calendar | None:
        """The calendar by which its time is counted; None where the clock is enough."""
        return Calendar.find(self.calendar, self.zone) if self.due_in is not None else None

    def row(self) -> Json:
        """As `board.stage_task` keeps it."""
        kept = self.model_dump(mode="json", exclude={"due_in", "due_in_s", "calendar", "zone", "on_timeout"})
        if self.due_in is None:
            return {**kept, "due_s": self.due_in_s, "calendar": None}
        calendar = Calendar.find(self.calendar, self.zone)
        return {**kept, "due_s": read_span(self.due_in), "calendar": calendar.key}


def written_out(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage with what its review brings along: long claims, and where a case goes that nobody decided in time."""
    review, tasks, outcomes = stage.get("review"), stage.get("tasks"), stage.get("outcomes")
    if not isinstance(review, dict):
        return stage
    if isinstance(tasks, dict):
        tasks = {name: {"lease_s": LEASE_S, **work} if isinstance(work, dict) else work for name, work in tasks.items()}
    if isinstance(outcomes, dict) and (review.get("due_in") or review.get("due_in_s")):
        over = outcomes.get(TIMED_OUT) or review.get("on_timeout") or {"end": TIMED_OUT}
        if isinstance(over, dict):
            # It ends the stage at once, however many tasks that has.
            outcomes = {**outcomes, TIMED_OUT: {"rank": len(outcomes), **over, "decisive": True}}
    return {**stage, "tasks": tasks, "outcomes": outcomes}
