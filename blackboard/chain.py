"""The counter for auditors: how far the journal is sealed, and what they take away to verify where nobody of the board is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from blackboard.answers import Event
from blackboard.audit import ChainState, chain_problems
from blackboard.canonical import encode
from blackboard.errors import Invalid, NotFound
from blackboard.once import Desk
from blackboard.roles import demand
from blackboard.seals import Seal, leaf, path, salted_in
from blackboard.values import Json, Principal
from blackboard.verbs.seals import sealable

# Seals whose links are looked at when somebody asks how the chain stands; `audit verify` looks at all.
SHOWN_LINKS = 1000
MAX_EXPORT = 50_000
_MAX_SEALS = 10_000
_WINDOW = 50_000


class Chain(Desk):
    """Seals, exports, and the evidence of a case."""

    async def show_chain(self, who: Principal, public_key: str | None = None) -> ChainState:
        """How far the tenant's journal is sealed, and whether its newest seals follow one another and sign what they say."""
        demand(who, "audit the board")
        told = await self._store.show_chain(who.tenant_id, SHOWN_LINKS)
        newest = [Seal(**row) for row in told.pop("newest")]
        last = newest[-1] if newest else None
        return ChainState(
            **told,
            seals=last.number if last else 0,
            events=last.total if last else 0,
            root=last.head if last else None,
            signed=last is not None and last.signature is not None,
            public_key=public_key,
            broken=chain_problems(newest, public_key),
        )

    async def export(self, who: Principal, after: int | None, upto: int | None, limit: int) -> list[Json]:
        """Whole sealed slices: a line per event with its case's salt, and one with the seals."""
        demand(who, "audit the board")
        head = await self._store.read_head()
        start = head.floor if after is None else after
        seals = _within(await self._store.list_seals(who.tenant_id, start, _MAX_SEALS), upto, limit)
        lines: list[Json] = []
        if seals:
            events = await self._between(who, seals)
            salts = await self._salts_of(who, events)
            lines = [_line(event, salts) for event in events]
        sealed = await self._store.read_sealed()
        last = {"tenant": who.tenant, "seals": [asdict(seal) for seal in seals], "seal": asdict(seals[-1]) if seals else None}
        return [*lines, {**last, "sealed_position": sealed.position, "head_position": head.head}]

    async def show_evidence(self, who: Principal, case_id: UUID, public_key: str | None = None) -> Json:
        """All that there is about a case, with the way from each of its events to a seal."""
        demand(who, "audit the board")
        case = await self._store.show_case(who, case_id)
        if case is None:
            raise NotFound(f"There is no case {case_id}.")
        facts = await self._store.show_facts(who, case_id, history=True)
        seals, events = await self._proved(who, case_id)
        told = case.model_dump(mode="json")
        actions = [{**action, "body": _body_of(action)} for action in told.pop("actions")]
        return {
            "tenant": who.tenant,
            "public_key": public_key,
            "case": told,
            "facts": (facts or {}).get("facts", []),
            "opinions": [opinion for question in told["questions"] for opinion in question["opinions"]],
            "decisions": told["decisions"],
            "actions": actions,
            "events": events,
            "seals": [asdict(seal) for seal in seals],
        }

    async def _proved(self, who: Principal, case_id: UUID) -> tuple[list[Seal], list[Json]]:
        """The seals that a case lies under, with the newest one; and its events, with their proofs."""
        head = await self._store.read_head()
        positions: list[int] = []
        for after in range(head.floor, head.head, _WINDOW):
            told = await self._store.events_of_cases(who.tenant_id, [case_id], after, min(after + _WINDOW, head.head))
            positions += [each.position for each in told]
        seals = await self._store.list_seals(who.tenant_id, None, 1)
        lines: list[Json] = []
        while positions:
            seal = next(iter(await self._store.list_seals(who.tenant_id, positions[0] - 1, 1)), None)
            last = seal.last if seal else positions[-1]
            mine, positions = [p for p in positions if p <= last], [p for p in positions if p > last]
            lines += await self._proofs(who, seal, mine)
            seals = [seal, *seals] if seal else seals
        unique = {seal.number: seal for seal in seals}
        return [unique[number] for number in sorted(unique)], lines

    async def _proofs(self, who: Principal, seal: Seal | None, positions: Sequence[int]) -> list[Json]:
        if seal is None:
            found = [event for p in positions for event in await self._store.read_journal(p - 1, 1, tenant_id=who.tenant_id)]
            return [_line(event, await self._salts_of(who, found)) for event in found]
        events = await self._between(who, [seal])
        salts = await self._salts_of(who, events)
        leaves = [leaf(each, salted_in(seal.salted, each), salts.get(each.case_id or "")) for each in map(sealable, events)]
        return [
            {
                **_line(event, salts),
                "proof": {"seal": seal.number, "index": n, "path": [step.hex() for step in path(leaves, n)]},
            }
            for n, event in enumerate(events)
            if event.position in set(positions)
        ]

    async def _between(self, who: Principal, seals: Sequence[Seal]) -> list[Event]:
        """The events from the first of these seals to the last."""
        size = sum(seal.size for seal in seals)
        events = await self._store.read_journal(seals[0].first - 1, size, tenant_id=who.tenant_id)
        return [event for event in events if event.position <= seals[-1].last]

    async def _salts_of(self, who: Principal, events: Sequence[Event]) -> dict[str, bytes]:
        cases = {event.case_id for event in events if event.case_id is not None}
        return await self._store.read_salts(who.tenant_id, cases) if cases else {}


def _within(seals: Sequence[Seal], upto: int | None, limit: int) -> list[Seal]:
    """As many of these as have at most so many events together; one at least."""
    taken: list[Seal] = []
    for seal in seals:
        if (upto is not None and seal.first > upto) or (taken and sum(each.size for each in taken) + seal.size > limit):
            break
        taken.append(seal)
    return taken


def _line(event: Event, salts: Mapping[str, bytes]) -> Json:
    told = sealable(event)
    salt = salts.get(told.case_id or "")
    return {"event": asdict(told), "salt": salt.hex() if salt else None}


def _body_of(action: Json) -> str | None:
    """The bytes that were authorized and sent; None where they are no more, or never had a certain text."""
    try:
        body = encode(action["payload"])
    except Invalid:
        return None
    return body.decode() if hashlib.sha256(body).hexdigest() == action["digest"] else None
