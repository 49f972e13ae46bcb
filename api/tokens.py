"""OpenID Connect: people show a token of their own issuer in place of a key.

A token is believed when the issuer signed it, with one of these algorithms and a key that it publishes today, for this board,
and its time has come and is not over. Whose it is, is for the board to know: a key is bound to a subject, and the token takes
the place of its secret. So roles, scopes, expiry and revocation are those of the key.

OpenID Connect Core 1.0, 3.1.3.7; RFC 8725 (best current practices for JSON Web Tokens), 3.1 to 3.9.
"""

import asyncio
import time
from typing import Any, NamedTuple

import httpx
import orjson
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from blackboard.errors import Unauthenticated, Unavailable
from blackboard.trust import trust

# Signatures with a public key alone: with a shared secret whoever checks could sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")
MAX_TOKEN_BYTES = 8 * 1024
MAX_ANSWER_BYTES = 256 * 1024
ASK_LIMIT_S = 5.0
# Clocks differ.
LEEWAY_S = 30
KEYS_GOOD_S = 3600.0
# A key that is not known may be new. It may also be made up, so that is asked for no more often than this.
ASK_AGAIN_S = 10.0

log = structlog.get_logger()


class Subject(NamedTuple):
    """Whom a token speaks for, and until when (seconds since 1970)."""

    issuer: str
    subject: str
    until: float


class Issuer:
    """One issuer, which the board was told to believe."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True, "allow_blank": False},
            exp={"essential": True},
        )
        self._http = httpx.AsyncClient(verify=trust(), timeout=ASK_LIMIT_S, follow_redirects=False)
        self._keys: KeySet | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def verify(self, token: str) -> Subject:
        """Whom it speaks for. One answer for whatever is wrong with it; `Unavailable` while the issuer cannot be asked."""
        kid = _kid(token)
        keys = await self._current_keys(kid)
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            log.info("token refused", reason=type(error).__name__)
            raise _refused() from error
        return Subject(self._issuer, str(claims["sub"]), float(claims["exp"]))

    async def _current_keys(self, kid: str) -> KeySet:
        """Those that the issuer publishes: kept for an hour, and asked for again when one is wanted that is not there."""
        async with self._asking:
            age = time.monotonic() - self._asked_at
            known = self._keys is not None and any(key.kid == kid for key in self._keys)
            if age > (KEYS_GOOD_S if known else ASK_AGAIN_S):
                self._asked_at = time.monotonic()
                self._keys = await self._fetch_keys()
        if self._keys is None:
            raise Unavailable(
                "The issuer of tokens cannot be asked for its keys now. Try again, or come with a key of this board."
            )
        return self._keys

    async def _fetch_keys(self) -> KeySet | None:
        """Those of today; those of before while the issuer is silent."""
        try:
            return KeySet.import_key_set(await self._get(await self._find_keys()))  # type: ignore[arg-type]  # checked by it
        except (httpx.HTTPError, JoseError, ValueError, TypeError, KeyError) as error:
            log.warning("issuer not asked", issuer=self._issuer, error=repr(error)[:300])
            return self._keys

    async def _find_keys(self) -> str:
        """Where the keys are, as the issuer says under its own name."""
        about = await self._get(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if about.get("issuer") != self._issuer:
            raise ValueError(f"it calls itself {str(about.get('issuer'))[:100]!r}")
        return str(about["jwks_uri"])

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._http.stream("GET", url) as answer:
            answer.raise_for_status()
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_ANSWER_BYTES:
                    raise ValueError("its answer is too long")
        found = orjson.loads(body)
        if not isinstance(found, dict):
            raise TypeError("its answer is no object")
        return found


def looks_like_token(text: str) -> bool:
    """Three parts with dots between them; a key of the board has none."""
    return text.count(".") == 2 and len(text) <= MAX_TOKEN_BYTES


def _kid(token: str) -> str:
    """The key that the token says it was signed with; nothing of it is believed."""
    try:
        return str(extract_compact(token.encode("ascii")).protected.get("kid", ""))
    except (JoseError, ValueError, TypeError) as error:
        raise _refused() from error


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "The token is not one of this board's issuer, not for this board, or its time is over. Sign in again."
    )
