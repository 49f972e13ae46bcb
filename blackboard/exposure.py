"""Writes down who follows the journal, from where and how far: an auditor can say who was shown what.

Streams come and go by the thousand when a process is replaced, so the notes of half a second are one write per tenant.
"""

from collections import defaultdict
from contextlib import suppress
from typing import Any

import structlog

from blackboard.errors import BlackboardError, Refused
from blackboard.loop import Loop
from blackboard.store import Store
from blackboard.values import Json, Principal

log = structlog.get_logger()

INTERVAL_S = 0.5
# With the database away for long the oldest notes are lost before the memory is.
MAX_NOTES = 50_000
_PER_WRITE = 500


class Exposure(Loop):
    """Notes that wait to be written."""

    def __init__(self, store: Store) -> None:
        super().__init__("exposure", interval_s=INTERVAL_S)
        self._store = store
        self._notes: defaultdict[int, list[Json]] = defaultdict(list)

    def note(self, kind: str, who: Principal, **told: Any) -> None:
        """Remember that something became of a stream; `told` is the event's data."""
        notes = self._notes[who.tenant_id]
        notes.append({"type": kind, "actor": who.agent, "told": told})
        if len(notes) > MAX_NOTES:
            del notes[0]

    async def run_once(self) -> bool:
        """Write what there is. What could not be written stays for the next pass."""
        for tenant_id in list(self._notes):
            notes = self._notes[tenant_id]
            while some := notes[:_PER_WRITE]:
                await self._write(tenant_id, some)
                del notes[: len(some)]
            del self._notes[tenant_id]
        return False

    async def _write(self, tenant_id: int, notes: list[Json]) -> None:
        """A note that the database refuses is given up, said so, and its neighbours are written."""
        try:
            await self._store.record_streams(tenant_id, notes)
        except Refused as error:
            if len(notes) == 1:
                log.warning("a note about a stream was refused", error=str(error), type=notes[0]["type"])
                return
            for note in notes:
                await self._write(tenant_id, [note])

    async def close(self) -> None:
        """Write what is left, if that can be."""
        with suppress(BlackboardError):
            await self.run_once()
