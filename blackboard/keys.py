"""API keys: 256 random bits that are shown once and kept only as a keyed hash.

A key reads `bb_<id>_<secret>_<check>`: the id (12 characters) finds the row, the secret (43) proves, the check (8) lets a
mistyped key be told from a wrong one without asking the database.
"""

import hashlib
import hmac
import re
import secrets
import string
from typing import NamedTuple

_KEY = re.compile(r"^bb_([a-z0-9]{12})_([A-Za-z0-9-]{43})_([0-9a-f]{8})$")
_ID_ALPHABET = string.ascii_lowercase + string.digits


class Key(NamedTuple):
    """A key taken apart."""

    key_id: str
    secret: str

    def __str__(self) -> str:
        """The text that a caller sends."""
        return f"bb_{self.key_id}_{self.secret}_{_check(self.key_id, self.secret)}"


def mint() -> Key:
    """A fresh key. `_` is left out of the secret because it parts the fields."""
    key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(12))
    return Key(key_id, secrets.token_urlsafe(32).replace("_", "-"))


def parse(text: str) -> Key | None:
    """The key in a text, or None when it cannot be one."""
    match = _KEY.match(text)
    if match is None or not hmac.compare_digest(match[3], _check(match[1], match[2])):
        return None
    return Key(match[1], match[2])


def keyed_hash(secret: str, pepper: bytes) -> bytes:
    """What is stored: HMAC-SHA-256 under a pepper that the database never sees."""
    return hmac.digest(pepper, secret.encode(), "sha256")


def _check(key_id: str, secret: str) -> str:
    return hashlib.sha256(f"{key_id}{secret}".encode()).hexdigest()[:8]
