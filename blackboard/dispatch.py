"""Which cohorts an event concerns: found by its tenant and its case.

Ten thousand readers of one case each cost an event of another case nothing. Only the cohorts whose filters name no case are
asked one by one; there are as many as there are kinds of dashboard.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from blackboard.cohort import Cohort, View
from blackboard.journal import Entry, Journal

# A tenant, and a case of it or all of them.
Address = tuple[int, UUID | None]


class Dispatch:
    """The cohorts of a process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._cohorts: dict[View, Cohort] = {}
        self._at: defaultdict[Address, dict[View, Cohort]] = defaultdict(dict)

    def join(self, view: View, bell: asyncio.Event) -> Cohort:
        """The cohort of a view, with one reader more, who listens to this bell."""
        if view not in self._cohorts:
            cohort = self._cohorts[view] = Cohort(view, self._journal)
            for address in _addresses(view):
                self._at[address][view] = cohort
        cohort = self._cohorts[view]
        cohort.bells.add(bell)
        return cohort

    def leave(self, cohort: Cohort, bell: asyncio.Event) -> None:
        """One reader less; a cohort without any is forgotten."""
        cohort.bells.remove(bell)
        if cohort.bells:
            return
        del self._cohorts[cohort.view]
        for address in _addresses(cohort.view):
            del self._at[address][cohort.view]
            if not self._at[address]:
                del self._at[address]

    def take(self, entries: Sequence[Entry]) -> None:
        """Hand a batch out: to each cohort at most once."""
        parcels: defaultdict[View, list[Entry]] = defaultdict(list)
        for entry in entries:
            for cohort in self._concerned(entry):
                parcels[cohort.view].append(entry)
        for view, parcel in parcels.items():
            self._cohorts[view].take(parcel)

    def begin(self) -> None:
        """The journal had to begin anew, and so has everybody who reads it."""
        for cohort in self._cohorts.values():
            cohort.begin()

    def _concerned(self, entry: Entry) -> Iterator[Cohort]:
        event = entry.event
        yield from self._at.get((event.tenant_id, None), {}).values()
        if event.case_id is not None:
            yield from self._at.get((event.tenant_id, event.case_id), {}).values()


def _addresses(view: View) -> Iterable[Address]:
    return {(view.tenant_id, case_id) for case_id in view.cases} or {(view.tenant_id, None)}
