"""Permits: the board's signed word that one action may be sent now, which a bank can check without asking the board.

An agent has a key to the bank, and may be lost together with it. So the bank does not believe the agent: an order counts when
it comes with a permit of the board for exactly these bytes, this effect key and this kind, minted when the authorization
behind it was spent, and good for a minute. It is a JWT (RFC 7519) signed with Ed25519 (RFC 8037); the bank has public keys
alone.

Used twice it is used once: it names the effect key, under which a bank books once.
"""

import time
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key, KeySet, OKPKey
from pydantic import ValidationError

from blackboard.errors import Invalid, SetupError
from blackboard.values import Frozen

_ALGORITHM: Final = "Ed25519"
_TYPE: Final = "board-permit+jwt"
# How far the clocks of board and bank may be apart.
_LEEWAY_S: Final = 5
_END: Final = "-----END PUBLIC KEY-----"


class Permit(Frozen):
    """What may be sent: which bytes, by their digest; under which effect key; from when until when, in seconds since 1970."""

    kind: str
    effect_key: str
    digest: str
    iat: int
    exp: int


class Mint:
    """Makes permits, with the board's private key."""

    def __init__(self, private_pem: str, *, lives_s: float = 60) -> None:
        self._key = _read_key(private_pem)
        if not self._key.is_private:
            raise SetupError("BLACKBOARD_PERMIT_KEY must be a private key; `openssl genpkey -algorithm ed25519` makes one.")
        self._lives_s = lives_s

    def mint(self, kind: str, effect_key: str, digest: str, *, now: float | None = None) -> str:
        """A permit for these bytes, from now on."""
        begins = int(time.time() if now is None else now)
        permit = Permit(kind=kind, effect_key=effect_key, digest=digest, iat=begins, exp=begins + int(self._lives_s))
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": self._key.thumbprint()}
        return jwt.encode(header, permit.model_dump(), self._key, algorithms=[_ALGORITHM])


class Inspector:
    """Reads permits. It believes each of its public keys, so that the board's may be replaced by another while both count."""

    def __init__(self, public_pems: str) -> None:
        keys: list[Key] = [_read_key(pem + _END) for pem in public_pems.split(_END) if pem.strip()]
        if not keys:
            raise SetupError("Name at least one public key of the board's in BANK_PERMIT_KEYS, in PEM.")
        self._keys = KeySet(keys)
        self._known = {key.thumbprint() for key in keys}

    def read(self, told: str, *, now: float | None = None) -> Permit:
        """The permit. `Invalid` where the board did not sign it, or its time is not now."""
        try:
            token = jwt.decode(told, self._named, algorithms=[_ALGORITHM])
            permit = Permit.model_validate(token.claims)
        except (JoseError, ValidationError, ValueError) as error:
            raise Invalid("This is no permit of the board's.") from error
        if token.header.get("typ") != _TYPE:
            raise Invalid("This is signed by the board, and is no permit.")
        at = time.time() if now is None else now
        if not permit.iat - _LEEWAY_S <= at < permit.exp + _LEEWAY_S:
            raise Invalid("The permit's time is over, or has not begun.")
        return permit

    def _named(self, told: GuestProtocol) -> KeySet:
        """Our keys, where the permit names one of them; one that names none, or another, is not tried with all."""
        if told.headers().get("kid") not in self._known:
            raise Invalid("This is signed with a key that is not the board's.")
        return self._keys


def new_key() -> str:
    """A private key for a mint, in PEM."""
    return OKPKey.generate_key(_ALGORITHM).as_pem(private=True).decode()


def public_part(private_pem: str) -> str:
    """What a bank needs to know of it, in PEM."""
    return _read_key(private_pem).as_pem(private=False).decode()


def _read_key(pem: str) -> OKPKey:
    try:
        key = OKPKey.import_key(pem.strip() + "\n")
    except (JoseError, ValueError, TypeError) as error:
        raise SetupError("The permit key cannot be read; it is an Ed25519 key in PEM.") from error
    if key.curve_name != _ALGORITHM:
        raise SetupError("The permit key must be an Ed25519 key.")
    return key
