"""Whether each tenant's journal is what was sealed, asked of the tables: every seal from the first, and every event below it.

Whoever may write every table can also make the whole chain anew. That is found by who keeps the signer's public key or a
witness elsewhere: `blackboard audit verify`.
"""

from blackboard.audit import Finding, check_seal, check_slice
from blackboard.seals import Seal
from blackboard.store import Verbs
from blackboard.values import Json
from blackboard.verbs.seals import sealable

# Of up to 1,000 events each.
_PAGE = 100


async def check_chains(verbs: Verbs) -> dict[str, tuple[int, list[Json]]]:
    """Of events (I39) and of seals (I40): how many were looked at, and what is broken."""
    slices, links = Finding(), Finding()
    floor = (await verbs.read_head()).floor
    for tenant_id, _ in await verbs.list_tenants():
        before: Seal | None = None
        while seals := await verbs.list_seals(tenant_id, before.last if before else 0, _PAGE):
            for seal in seals:
                if before is None and seal.number != 1:
                    links.breaks(f"the chain begins with seal {seal.number}")
                check_seal(seal, before, links, None)
                # What lies before the journal's floor was forgotten, by whole days as it was sealed.
                if seal.first > floor:
                    await _check_events(verbs, seal, max(before.last, floor) if before else seal.first - 1, slices)
                before = seal
            links.events += len(seals)
    return {"I39": (slices.events, _rows(slices)), "I40": (links.events, _rows(links))}


async def _check_events(verbs: Verbs, seal: Seal, after: int, found: Finding) -> None:
    """From the end of the slice before, so that what was put between the two is found too."""
    told = await verbs.read_journal(after, seal.size + 1, tenant_id=seal.tenant_id)
    events = [event for event in told if event.position <= seal.last]
    salts = await verbs.read_salts(seal.tenant_id, {event.case_id for event in events if event.case_id})
    found.events += len(events)
    check_slice(seal, [(each, salts.get(each.case_id or "")) for each in map(sealable, events)], found)


def _rows(found: Finding) -> list[Json]:
    return [{"found": sentence} for sentence in found.broken]
