"""Counts what panels said: when every seat has spoken, or when time is over.

It may run in several processes at once, twice or late: a tally is written only while its case is still as it was counted, and
once. Whoever comes second finds the question closed.
"""

from collections.abc import Sequence

import structlog

from blackboard.journal import Entry
from blackboard.loop import Loop
from blackboard.reports import DueQuestion
from blackboard.store import Store
from blackboard.tally import Basis, tally

BATCH = 100
# What may let a question be due, or a tally that came too early for its case be made again.
_TELLING = frozenset({"opinion.given", "fact.put", "case.resumed"})

log = structlog.get_logger()


class Tallier(Loop):
    """One per process; `take` is fed by the journal. Deadlines are the database's, looked at every `interval_s`."""

    def __init__(self, store: Store, *, interval_s: float = 1.0) -> None:
        super().__init__("tallier", interval_s=interval_s)
        self._store = store

    def take(self, entries: Sequence[Entry]) -> None:
        """Look at once when somebody has spoken."""
        if any(entry.event.type in _TELLING for entry in entries):
            self.wake()

    async def run_once(self) -> bool:
        """Tally what is due; True when there may be more."""
        due = await self._store.due_questions(BATCH)
        recorded = 0
        for question in due:
            try:
                recorded += await self._tally(question) == "recorded"
            except Exception:
                log.exception("a panel could not be tallied", case=str(question.case_id), stage=question.stage)
        return recorded == BATCH

    async def _tally(self, due: DueQuestion) -> str:
        given = due.model_dump(include={"panel", "seats", "opinions", "facts", "payload", "policy", "is_late"})
        basis = Basis.model_validate(given)
        kept = basis.needed().model_dump(mode="json", exclude={"opinions"})
        return await self._store.record_decision(due, due.opinion_ids, {**tally(basis).kept(), "basis": kept})
