"""Opens work when facts allow it, and withdraws what they make needless: judges the conditions of tasks that wait for facts.

It follows the journal, and looks at everything that waits when it starts and now and then, so that nothing missed is lost. It
may run in several processes at once, twice or late: it changes a task only while its case is still as it was judged. Work that
was opened is sent back to wait by whoever changes a fact that its condition speaks of, in the same transaction: so the planner
has nothing to take back, and nobody is handed work between the change and its next look.
"""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from blackboard import conditions
from blackboard.journal import Entry
from blackboard.loop import Loop
from blackboard.reports import Condition
from blackboard.store import Store

BATCH = 500
_FIRST = UUID(int=0)
_TELLING = frozenset({"fact.put", "fact.disputed", "fact.upheld", "fact.retracted", "task.waiting"})


class Planner(Loop):
    """One per process; `take` is fed by the journal."""

    def __init__(self, store: Store, *, interval_s: float = 30.0) -> None:
        super().__init__("planner", interval_s=interval_s)
        self._store = store
        self._touched: set[UUID] = set()
        self._after = _FIRST

    def take(self, entries: Sequence[Entry]) -> None:
        """Remember the cases of which something was told that a condition may depend on."""
        touched = {entry.event.case_id for entry in entries if entry.event.type in _TELLING and entry.event.case_id}
        if touched:
            self._touched |= touched
            self.wake()

    async def run_once(self) -> bool:
        """Judge what was touched, or else the next of all that wait."""
        cases = list(itertools.islice(self._touched, BATCH)) or None
        self._touched.difference_update(cases or ())
        if cases:
            await self._judge(await self._store.read_conditions(cases, _FIRST, BATCH))
            return True
        waiting = await self._store.read_conditions(None, self._after, BATCH)
        await self._judge(waiting)
        self._after = waiting[-1].task_id if len(waiting) == BATCH else _FIRST
        return self._after != _FIRST

    async def _judge(self, waiting: Sequence[Condition]) -> None:
        """Withdraw what is unwanted; queue what may begin."""
        unwanted = [each for each in waiting if each.unless is not None and _holds(each.unless, each)]
        gone = {each.task_id for each in unwanted}
        wanted = [each for each in waiting if each.task_id not in gone]
        met = [each for each in wanted if each.condition is None or _holds(each.condition, each)]
        await self._tell(self._store.withdraw_unwanted, unwanted)
        await self._tell(self._store.meet_conditions, met)

    async def _tell(self, verb: Callable[[int, Sequence[Condition]], Awaitable[int]], judged: Sequence[Condition]) -> None:
        """Act on what was found, tenant by tenant. A case that moved on in the meantime is looked at again."""
        for tenant_id in {condition.tenant_id for condition in judged}:
            of_tenant = [condition for condition in judged if condition.tenant_id == tenant_id]
            if await verb(tenant_id, of_tenant) < len(of_tenant):
                self._touched.update(c.case_id for c in of_tenant)


def _holds(text: str, judged: Condition) -> bool:
    return conditions.holds(text, judged.facts, judged.payload, judged.trust)
