"""Finds out who is asking: by the key in `Authorization`, by an issuer's token in its place, or by a browser's cookie."""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from api.cookie import Cookie, make_cookie, read_cookie
from api.guesses import Guesses
from api.tokens import Issuer, looks_like_token
from blackboard import keys
from blackboard.errors import Invalid, Unauthenticated
from blackboard.loop import Loop
from blackboard.revocation import AgentName
from blackboard.store import Store
from blackboard.values import Json, Principal
from blackboard.verbs.keys import FoundKey, Minted

# A revoked key opens nothing after this long, on every process.
TRUST_S = 5.0
MAX_REMEMBERED = 10_000
USE_INTERVAL_S = 30.0
_NO = "Send Authorization: Bearer <key> with a key of this board. `blackboard up` writes keys to DIR/keys/<role>."


class Arrival(NamedTuple):
    """How a request came: from which address, with which certificate (its SHA-256), for which tenant if it named one."""

    source: str = ""
    certificate: bytes | None = None
    tenant: str | None = None


NOWHERE = Arrival()


class Gate:
    """Checks keys; trusts good ones for a few seconds, and remembers them, by their keyed hash and never by their text."""

    def __init__(self, store: Store, pepper: bytes, issuer: Issuer | None = None) -> None:
        self._store = store
        self._pepper = pepper
        self._issuer = issuer
        self._known: OrderedDict[tuple[str, bytes], tuple[float, Principal]] = OrderedDict()
        self._used: set[str] = set()
        self.guesses = Guesses()

    async def identify(self, authorization: str | None, arrival: Arrival = NOWHERE) -> Principal:
        """The principal behind the header. One answer for every wrong key: unknown, wrong, revoked, expired, uncertified.

        `TooManyTries` where too many wrong ones came from there, or at this key; never for who was right here before.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(_NO)
        text = text.strip()
        if self._issuer is not None and looks_like_token(text):
            return await self._identify_subject(self._issuer, text, arrival)
        key = keys.parse(text)
        if key is None:
            self.guesses.demand(arrival.source)
            self.guesses.count(arrival.source)
            raise Unauthenticated(_NO)
        return await self._identify_key(key, arrival)

    async def _identify_key(self, key: keys.Key, arrival: Arrival) -> Principal:
        """Whose key that is. Remembered with the certificate that it came with."""
        secret_hash = keys.keyed_hash(key.secret, self._pepper)
        proof = (key.key_id, secret_hash + (arrival.certificate or b""))
        source = arrival.source
        remembered = self._known.get(proof)
        if remembered is None:
            self.guesses.demand(source, key.key_id)
        elif remembered[0] > time.monotonic():
            return remembered[1]
        try:
            principal = await self._look_up(key.key_id, secret_hash, arrival.certificate)
        except Unauthenticated:
            self._known.pop(proof, None)
            self.guesses.count(source, key.key_id)
            raise
        self._remember(proof, principal)
        return principal

    async def _identify_subject(self, issuer: Issuer, token: str, arrival: Arrival) -> Principal:
        """Whose key the token opens. Verified each time: people are few, and a signature takes 0.1 ms."""
        self.guesses.demand(arrival.source)
        try:
            said = await issuer.verify(token)
            return await self._find_bound(said.issuer, said.subject, arrival)
        except Unauthenticated:
            self.guesses.count(arrival.source)
            raise

    async def _find_bound(self, issuer: str, subject: str, arrival: Arrival) -> Principal:
        """The key that is bound to the subject; `Invalid` where several tenants know it and none was named."""
        ids = await self._store.find_subject(issuer, subject, arrival.tenant)
        if len(ids) > 1:
            raise Invalid("Several tenants of this board know you: name one of them with the header Blackboard-Tenant.")
        found = await self._store.find_key(ids[0]) if ids else None
        if found is None or not found.usable or not _has_certificate(found, arrival.certificate):
            raise Unauthenticated("The token is good, but no key of this board is bound to its subject. Ask an admin for one.")
        self._used.add(found.principal.key_id)
        return found.principal

    def issue_login(self, who: Principal, signed_in: int | None = None) -> str:
        """A text that stands for the caller's key, which was shown then, or now."""
        return make_cookie(who.key_id, self._pepper, signed_in)

    def read_login(self, login: str) -> Cookie:
        """What a login says, if it is one of this board's."""
        return read_cookie(login, self._pepper)

    def mint(self) -> tuple[keys.Key, Minted]:
        """A fresh key: what its holder sends, and what the board keeps of it."""
        key = keys.mint()
        return key, Minted(key.key_id, keys.keyed_hash(key.secret, self._pepper))

    async def identify_login(self, login: str, certificate: bytes | None = None) -> Principal:
        """The principal whose key the cookie was given for, with the rights of today."""
        said = self.read_login(login)
        proof = (said.key_id, said.seal.encode() + (certificate or b""))
        remembered = self._known.get(proof)
        if remembered is not None and remembered[0] > time.monotonic():
            return remembered[1]
        found = await self._store.find_key(said.key_id)
        if found is None or not found.usable or not _has_certificate(found, certificate):
            raise Unauthenticated("The key that you signed in with is not valid any more. Sign in with another one.")
        self._remember(proof, found.principal)
        return found.principal

    async def issue_ticket(self, who: Principal, filters: list[Json], seconds: float) -> tuple[str, datetime]:
        """A ticket that opens one stream with these filters in place of the caller's key, and until when."""
        ticket = secrets.token_urlsafe(32)
        return ticket, await self._store.issue_ticket(who.tenant_id, who.key_id, self._ticket_hash(ticket), filters, seconds)

    async def spend_ticket(self, ticket: str) -> tuple[Principal, list[Json]]:
        """Who asked for the ticket, with the rights of today, and its filters. It opens nothing a second time."""
        spent = await self._store.spend_ticket(self._ticket_hash(ticket))
        found = await self._store.find_key(spent.key_id) if spent else None
        if spent is None or found is None or not found.usable:
            raise Unauthenticated("The ticket is unknown, spent or older than a minute. Ask for a new one.")
        return found.principal, spent.filters

    @property
    def keys(self) -> set[str]:
        """None that must be asked after: who is trusted is trusted for seconds."""
        return set()

    def keys_of(self, agents: Collection[AgentName]) -> set[str]:
        """The keys of these agents that are remembered."""
        return {who.key_id for _, who in self._known.values() if (who.tenant_id, who.agent) in agents}

    def cut(self, keys: Collection[str]) -> None:
        """Trust these no more."""
        for proof in [proof for proof in self._known if proof[0] in keys] if keys else ():
            del self._known[proof]

    def take_used(self) -> set[str]:
        """The keys that were asked for since this was asked last."""
        used, self._used = self._used, set()
        return used

    def _ticket_hash(self, ticket: str) -> bytes:
        return keys.keyed_hash(f"ticket {ticket}", self._pepper)

    async def _look_up(self, key_id: str, secret_hash: bytes, certificate: bytes | None) -> Principal:
        found = await self._store.find_key(key_id)
        # Compared in any case, so that an unknown id takes as long as a wrong secret.
        same = hmac.compare_digest(secret_hash, found.secret_hash if found else bytes(32))
        if found is None or not same or not found.usable or not _has_certificate(found, certificate):
            raise Unauthenticated(_NO)
        return found.principal

    def _remember(self, proof: tuple[str, bytes], principal: Principal) -> None:
        self._used.add(principal.key_id)
        self._known[proof] = (time.monotonic() + TRUST_S, principal)
        self._known.move_to_end(proof)
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)


def _has_certificate(found: FoundKey, certificate: bytes | None) -> bool:
    """A key that is bound to none may come with any."""
    return found.certificate is None or found.certificate == certificate


class KeyUse(Loop):
    """Writes down which keys are in use, a few times an hour for each and never in a request."""

    def __init__(self, store: Store, gate: Gate) -> None:
        super().__init__("key use", interval_s=USE_INTERVAL_S)
        self._store = store
        self._gate = gate

    async def run_once(self) -> bool:
        """Write once."""
        if used := self._gate.take_used():
            await self._store.note_keys_used(used)
        return False
