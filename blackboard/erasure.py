"""The counter for erasing a customer: what tells of the person in ended cases is taken out, and the journal still verifies.

Each step is a transaction, and a row says how far it has come: an erasure that was cut off is finished by asking again.
"""

import secrets
from uuid import UUID

from blackboard.errors import Conflict, Invalid
from blackboard.once import Answered, Desk, Once
from blackboard.reports import Erased
from blackboard.roles import demand
from blackboard.sealer import SALTED
from blackboard.seals import digest_member, erased_digest, read_exactly
from blackboard.values import Json, Principal
from blackboard.verbs.seals import Told

BATCH = 50
_WINDOW = 20_000
_MEMBERS = [f"{kind} {member}" for kind, members in SALTED.items() for member in members]


class Erasures(Desk):
    """Erasing a customer."""

    async def erase_customer(self, who: Principal, customer: str, reason: str, once: Once | None = None) -> Answered[Erased]:
        """Take out what tells of the customer. Refused while a case of theirs is open, or an operator holds them."""
        demand(who, "run the board")
        if customer in reason:
            raise Invalid("The reason is kept in the journal: say it without naming the customer.")
        # The answer is kept under a route that does not name the customer.
        kept = once and once._replace(route="POST /v1/customers/{id}/erase")
        if kept is not None and (before := await self._recalled(who, kept, Erased)):
            return before
        done = await self._erase(who, customer, reason)
        self._on_commit()

        async def tell(_: object) -> Erased:
            return done

        return await self._answer_once(who, kept, Erased, tell)

    async def _erase(self, who: Principal, customer: str, reason: str) -> Erased:
        begun = await self._store.begin_erasure(who, customer, reason)
        match begun.verdict:
            case "open":
                raise Conflict(f"{begun.cases} cases of the customer have not ended. End or cancel them, then ask again.")
            case "held":
                raise Conflict("An operator holds the customer, so what is known stays. Lift the hold, then ask again.")
            case "unsealed":
                raise Conflict("The newest events are not sealed yet. Ask again in a moment.", state="unsealed")
        if begun.erasure_id is not None:
            await self._erase_journal(who, begun.erasure_id)
            while await self._store.erase_cases(who, begun.erasure_id, _MEMBERS, BATCH):
                pass
        return Erased(verdict="erased" if begun.erasure_id else "nothing", cases=begun.cases, erasure_id=begun.erasure_id)

    async def _erase_journal(self, who: Principal, erasure_id: UUID) -> None:
        """In windows: each is taken out whole or not at all, and the next erasure goes on from there."""
        standing = await self._store.show_erasure(who, erasure_id)
        salts = await self._store.read_salts(who.tenant_id, standing.cases)
        for after in range(standing.position, standing.head, _WINDOW):
            upto = min(after + _WINDOW, standing.head)
            told = await self._store.events_of_cases(who.tenant_id, standing.cases, after, upto)
            bodies = {event.position: gone for event in told if (gone := _without_person(event, salts))}
            await self._store.erase_events(who, erasure_id, upto, bodies)


def _without_person(event: Told, salts: dict[str, bytes]) -> Json:
    """The members that are taken out of an event, with the digests that stand for them."""
    body = read_exactly(event.body)
    salt = salts.get(str(event.case_id)) or secrets.token_bytes(32)
    return {
        name: {"erased": digest_member(event.position, name, body[name], salt)}
        for name in SALTED.get(event.type, ())
        if name in body and erased_digest(body[name]) is None
    }
