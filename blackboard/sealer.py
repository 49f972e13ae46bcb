"""Seals the journal: one among all processes, a standby in every other.

It reads what has its position already and writes beside it, so nobody who writes waits for it. A slice is sealed or not, by one
sealer or by two (`board.keep_seals`). Slices end with the day, since the journal is forgotten by days.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from blackboard.answers import Event
from blackboard.events import EVENTS
from blackboard.field_class import FieldClass, of_class
from blackboard.loop import Loop
from blackboard.seals import Seal, Sealable, slice_of
from blackboard.signing import Signer
from blackboard.store import Seat, Verbs
from blackboard.verbs.seals import sealable

SLICE = 1000
POLL_S = 1.0
# Which members stand in the leaves as digests, by type of event: what tells of a person.
SALTED: Mapping[str, Sequence[str]] = {
    kind: sorted(found) for kind, told in EVENTS.items() if (found := of_class(told.data, FieldClass.PERSONAL))
}


class Sealer(Loop):
    """Seals once a second what there is; at once what there is more of."""

    def __init__(self, seat: Seat, signer: Signer | None = None) -> None:
        super().__init__("sealer", interval_s=POLL_S)
        self._seat = seat
        self._signer = signer
        self.leading = False

    async def run_once(self) -> bool:
        """Seal one slice; True while there is more than one."""
        try:
            verbs = await self._seat.take()
        except BaseException:
            self.leading = False
            raise
        self.leading = verbs is not None
        return verbs is not None and await seal_slice(verbs, self._signer) == SLICE

    async def close(self) -> None:
        """Let a standby lead."""
        self.leading = False
        await self._seat.leave()


async def seal_slice(verbs: Verbs, signer: Signer | None = None, limit: int = SLICE) -> int:
    """Seal the next events, at most so many; how many there were, whoever sealed them."""
    sealed = await verbs.read_sealed()
    if sealed.position >= sealed.head:
        return 0
    events = await verbs.read_journal(sealed.position, limit, since=sealed.recorded_on)
    if not events:
        return 0
    slice_ = [event for event in events if event.recorded_on == events[0].recorded_on]
    # A thousand digests are no work for the loop that streams are served from.
    seals = await _seals_of(verbs, slice_, signer)
    await verbs.keep_seals(sealed.position, slice_[-1].position, slice_[-1].recorded_on, seals)
    return limit if len(slice_) < len(events) else len(events)


async def _seals_of(verbs: Verbs, events: Sequence[Event], signer: Signer | None) -> list[Seal]:
    """A seal for each tenant, chained to its last one."""
    wanted = sorted({(event.tenant_id, event.case_id) for event in events if event.case_id and event.type in SALTED})
    salts = await verbs.keep_salts(wanted) if wanted else {}
    ordered = sorted((sealable(event) for event in events), key=lambda event: (event.tenant_id, event.position))
    by_tenant = {tenant: list(found) for tenant, found in groupby(ordered, key=lambda event: event.tenant_id)}
    before = await verbs.last_seals(by_tenant)
    return await asyncio.to_thread(_closed, by_tenant, salts, before, signer)


def _closed(
    by_tenant: Mapping[int, Sequence[Sealable]], salts: Mapping[str, bytes], before: Mapping[int, Seal], signer: Signer | None
) -> list[Seal]:
    made = [slice_of(events, salts, SALTED, before.get(tenant)) for tenant, events in by_tenant.items()]
    return [replace(seal, signature=signer.sign(seal.head)) for seal in made] if signer else made
