"""Finds out who is asking: the API key in `Authorization: Bearer`, or the cookie that a browser was given for one."""

import base64
import hmac
import secrets
import time
from collections import OrderedDict
from datetime import datetime

from blackboard import keys
from blackboard.errors import Unauthenticated
from blackboard.store import Store
from blackboard.values import Json, Principal

# A revoked key opens nothing after this long, on every process.
TRUST_S = 5.0
MAX_REMEMBERED = 10_000
# A working day; then the key is asked for again.
LOGIN_S = 12 * 3600

_NO = "Send Authorization: Bearer <key> with a key of this board. `blackboard up` writes keys to DIR/keys/<role>."


class Gate:
    """Checks keys; remembers good ones for a few seconds, by their keyed hash and never by their text."""

    def __init__(self, store: Store, pepper: bytes) -> None:
        self._store = store
        self._pepper = pepper
        self._known: OrderedDict[tuple[str, bytes], tuple[float, Principal]] = OrderedDict()

    async def identify(self, authorization: str | None) -> Principal:
        """The principal behind the header. One answer for every wrong key: unknown, wrong, revoked, expired."""
        scheme, _, text = (authorization or "").partition(" ")
        key = keys.parse(text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Unauthenticated(_NO)
        proof = (key.key_id, keys.keyed_hash(key.secret, self._pepper))
        remembered = self._known.get(proof)
        if remembered is not None and remembered[0] > time.monotonic():
            return remembered[1]
        principal = await self._look_up(*proof)
        self._remember(proof, principal)
        return principal

    def issue_login(self, who: Principal) -> str:
        """A text that stands for the caller's key until its time is over. Nothing is kept: what it says is sealed."""
        said = f"{who.key_id}.{int(time.time()) + LOGIN_S}.{secrets.token_urlsafe(9)}"
        return f"{said}.{self._seal(said)}"

    async def identify_login(self, login: str) -> Principal:
        """The principal whose key the cookie was given for, with the rights of today."""
        said, _, seal = login.rpartition(".")
        key_id, _, rest = said.partition(".")
        until = rest.partition(".")[0]
        if not hmac.compare_digest(seal.encode(), self._seal(said).encode()) or int(until) < time.time():
            raise Unauthenticated("You were signed out: sign in again.")
        proof = (key_id, seal.encode())
        remembered = self._known.get(proof)
        if remembered is not None and remembered[0] > time.monotonic():
            return remembered[1]
        found = await self._store.find_key(key_id)
        if found is None or not found.usable:
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

    def _ticket_hash(self, ticket: str) -> bytes:
        return keys.keyed_hash(f"ticket {ticket}", self._pepper)

    def _seal(self, said: str) -> str:
        return base64.urlsafe_b64encode(keys.keyed_hash(f"login {said}", self._pepper)).decode().rstrip("=")

    async def _look_up(self, key_id: str, secret_hash: bytes) -> Principal:
        found = await self._store.find_key(key_id)
        # Compared in any case, so that an unknown id takes as long as a wrong secret.
        same = hmac.compare_digest(secret_hash, found.secret_hash if found else bytes(32))
        if found is None or not same or not found.usable:
            raise Unauthenticated(_NO)
        return found.principal

    def _remember(self, proof: tuple[str, bytes], principal: Principal) -> None:
        self._known[proof] = (time.monotonic() + TRUST_S, principal)
        self._known.move_to_end(proof)
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
