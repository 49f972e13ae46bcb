"""Signatures under seals: Ed25519 (RFC 8032), by a key that lies in a file and never in the database."""

from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from blackboard.errors import SetupError

SEED_BYTES = 32


class Signer:
    """Signs heads of seals."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def of(cls, path: Path | None) -> Self | None:
        """The key of a file with 32 bytes in hex; None without one."""
        if path is None:
            return None
        try:
            return cls(bytes.fromhex(path.read_text().strip()))
        except (OSError, ValueError) as error:
            raise SetupError(
                f"{path} is no seal key: it must hold 32 bytes in hex. `openssl rand -hex 32` makes one."
            ) from error

    @property
    def public_key(self) -> str:
        """The key by which everybody can check, in hex."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, head: str) -> str:
        """The signature under a head."""
        return self._key.sign(bytes.fromhex(head)).hex()


def is_signed(head: str, signature: str | None, public_key: str) -> bool:
    """Whether the holder of the key signed this head."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature or ""), bytes.fromhex(head))
    except (InvalidSignature, ValueError):
        return False
    return True
