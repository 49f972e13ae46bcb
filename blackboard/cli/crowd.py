"""The open cases by workflow and stage, and what happened last: what `blackboard watch` draws."""

import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from blackboard.cli.console import grid, words
from blackboard.cli.sentences import UNTOLD, sentence

if TYPE_CHECKING:
    from blackboard.answers import CaseSummary
    from blackboard.client import BoardClient
    from blackboard.subscription import StreamEvent

PAGE, PAGES = 200, 10
FEED = 200
RATE_S = 60.0
# Beside the feed: title, header, blank line, foot.
AROUND = 5


class Place(NamedTuple):
    """Where an open case is."""

    workflow: str
    stage: str


class Crowd:
    """Follows the cases of some workflows, or some cases, and knows where each open one is."""

    def __init__(self, cases: frozenset[UUID], workflows: tuple[str, ...]) -> None:
        self.places: dict[UUID, Place] = {}
        self.feed: deque[StreamEvent] = deque(maxlen=FEED)
        self.ended: Counter[str] = Counter()
        self.is_whole = True
        self.reading = True
        self._cases, self._workflows = cases, workflows
        self._moments: dict[str, deque[float]] = {"case.opened": deque(), "case.closed": deque()}

    async def read(self, client: "BoardClient") -> str:
        """The cases that are open now; the cursor to go on from. Only the newest ones when there are very many."""
        self.reading = True
        self.places.clear()
        cursor, self.is_whole = "", True
        for workflow in self._workflows or (None,):
            before: object = None
            for _ in range(PAGES):
                page = await client.list_cases(workflow=workflow, state="active", limit=PAGE, before=before)
                cursor = cursor or page.cursor
                self.places |= {case.id: Place(case.workflow, case.stage) for case in page.cases if self._is_meant(case)}
                before = page.next
                if before is None:
                    break
            self.is_whole &= before is None
        self.reading = False
        return cursor

    def take(self, event: "StreamEvent", *, told: bool) -> None:
        """Something happened; it is shown where it was asked for."""
        if told and event.type not in UNTOLD:
            self.feed.append(event)
        if event.case_id is None or not event.type.startswith("case."):
            return
        if event.type == "case.closed":
            self.places.pop(event.case_id, None)
            self.ended[str(event.data.get("outcome") or "ended")] += 1
        elif event.type in ("case.opened", "case.moved"):
            self.places[event.case_id] = Place(event.workflow or "?", event.stage or "?")
        if event.type in self._moments:
            self._moments[event.type].append(time.monotonic())

    def rate(self, kind: str) -> int:
        """How many in the last minute."""
        moments, oldest = self._moments[kind], time.monotonic() - RATE_S
        while moments and moments[0] < oldest:
            moments.popleft()
        return len(moments)

    def draw(self, width: int, height: int) -> Any:
        """The picture, as wide and high as the terminal."""
        from rich.console import Group

        rows = self._rows()
        room = max(height - AROUND - 3, 2)
        shown = rows[: max(room // 2, 1)]
        if len(rows) > len(shown):
            shown.append((f"… and {len(rows) - len(shown)} more stages", "", ""))
        table = grid(("workflow", "stage", "open"), shown, expand=False)
        feed = [self._line(event, width) for event in list(self.feed)[-max(room - len(shown), 1) :]]
        return Group(words(self._head(), limit=width), words(""), table, words(""), *feed, words(("q quits", "dim")))

    def _head(self) -> str:
        if self.reading:
            return "reading the open cases…"
        ended = ", ".join(f"{count} {outcome}" for outcome, count in self.ended.most_common(4))
        more = "" if self.is_whole else "+"
        pace = f"in the last minute {self.rate('case.opened')} opened, {self.rate('case.closed')} ended"
        return f"{len(self.places)}{more} open; {pace}" + (f"; seen to end: {ended}" if ended else "")

    def _rows(self) -> list[tuple[Any, ...]]:
        counts = Counter(self.places.values())
        return [(place.workflow, place.stage, count) for place, count in sorted(counts.items())]

    def _line(self, event: "StreamEvent", width: int) -> Any:
        """One line of the feed, no wider than the terminal."""
        said = sentence(event.type, event.stage, event.data)
        case = str(event.case_id)[-8:] if event.case_id else ""
        text = f"{event.time:%H:%M:%S}  {case:8}  {event.actor:14.14}  {said.text}" + (f"  ({said.more})" if said.more else "")
        line = words((text, said.style))
        line.truncate(width, overflow="ellipsis")
        return line

    def _is_meant(self, case: "CaseSummary") -> bool:
        return not self._cases or case.id in self._cases
