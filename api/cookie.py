"""The cookie of a login: which key it stands for, when that key was shown, and until when it is good.

Nothing is kept: what it says is sealed. It lives while its pages are used, never longer than a working day; what approves of
something asks for the key again when it was shown too long ago. (OWASP ASVS 5.0, 7.3 and 7.5.)
"""

import base64
import hmac
import secrets
import time
from typing import NamedTuple

from blackboard import keys
from blackboard.errors import Unauthenticated

# A working day; then the key is asked for again.
LOGIN_S = 12 * 3600
# Nobody touched a page for so long: somebody else may sit there now.
IDLE_S = 30 * 60
# Who approves must have shown the key within this time.
FRESH_S = 15 * 60


class Cookie(NamedTuple):
    """What a cookie says."""

    key_id: str
    signed_in: int
    until: int
    seal: str

    @property
    def is_fresh(self) -> bool:
        """Whether the key was shown lately."""
        return time.time() - self.signed_in <= FRESH_S


def make_cookie(key_id: str, pepper: bytes, signed_in: int | None = None) -> str:
    """A cookie for a key that was shown then, or now."""
    now = int(time.time())
    since = now if signed_in is None else signed_in
    said = f"{key_id}.{since}.{min(now + IDLE_S, since + LOGIN_S)}.{secrets.token_urlsafe(9)}"
    return f"{said}.{_seal(said, pepper)}"


def read_cookie(text: str, pepper: bytes) -> Cookie:
    """What it says, if this board has sealed it and its time is not over."""
    said, _, seal = text.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _seal(said, pepper).encode()):
        raise Unauthenticated("You were signed out: sign in again.")
    key_id, since, until, _ = said.split(".")
    if int(until) < time.time():
        raise Unauthenticated("You were signed out, as nobody used the page or the day is over: sign in again.")
    return Cookie(key_id, int(since), int(until), seal)


def _seal(said: str, pepper: bytes) -> str:
    return base64.urlsafe_b64encode(keys.keyed_hash(f"login {said}", pepper)).decode().rstrip("=")
