"""What an event, a slice of the journal and a chain of slices come to, in 32 bytes each. Pure: whoever has them can repeat it.

A leaf is SHA-256 over an event's canonical bytes (RFC 8785), with its tenant and position. Members of its data that tell of
a person stand in it as digests under a salt of their case: when person and salt are erased, the digest stays and so does the
leaf. A slice's root is the Merkle tree of its leaves (RFC 6962, 2.1). A seal binds the root to the seal before it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson
import rfc8785

from blackboard.values import Json

GENESIS = bytes(32)
ERASED = "erased"
_EVENT = b"\x00blackboard event 1\n"
_NODE = b"\x01"
_MEMBER = b"blackboard member 1\n"
_SEAL = b"blackboard seal 1\n"
_SAFE = 2**53
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Sealable:
    """An event as it is sealed: `body` is the text of its data, `at` that of its time (ISO 8601, UTC)."""

    position: int
    tenant_id: int
    type: str
    case_id: str | None
    task_id: str | None
    workflow: str | None
    stage: str | None
    capability: str | None
    actor: str
    at: str
    body: str

    @property
    def members(self) -> Json:
        """Its data, with numbers as they are written."""
        return dict(read_exactly(self.body))


@dataclass(frozen=True, slots=True)
class Seal:
    """A slice of a tenant's journal under one root, chained to the seal before.

    `number` and `total` count seals and events of the tenant from 1. `salted` names, by type of event, the members that stand
    in the leaves as digests.
    """

    tenant_id: int
    number: int
    first: int
    last: int
    size: int
    total: int
    salted: dict[str, list[str]]
    root: str
    previous: str
    head: str = ""
    signature: str | None = None

    def computed(self) -> str:
        """The head that these fields come to."""
        told = {name: value for name, value in asdict(self).items() if name not in ("head", "signature")}
        return hashlib.sha256(_SEAL + canonical(told)).hexdigest()

    def closed(self) -> "Seal":
        """The same with its head."""
        return replace(self, head=self.computed())


def read_exactly(text: str) -> Any:
    """JSON as values, in which a number that a double may change is its text as it stands: `{"number": "0.10"}`."""
    return json.loads(text, parse_int=_whole, parse_float=_number)


def canonical(value: object) -> bytes:
    """RFC 8785. orjson makes the same bytes of ASCII without floats, in a fiftieth of the time."""
    fast = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return fast if fast.isascii() else rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON values by construction


def leaf(event: Sealable, salted: Iterable[str], salt: bytes | None) -> bytes:
    """The digest of an event. Without the salt `KeyError` names a member that it needs: one that was not erased."""
    body = event.members
    if salted:
        named = [name for name in salted if name in body]
        body = {**body, **{name: {"digest": _digest_of(event.position, name, body[name], salt)} for name in named}}
    told = {name: getattr(event, name) for name in Sealable.__slots__ if name != "body"}
    return hashlib.sha256(_EVENT + canonical({**told, "body": body})).digest()


def digest_member(position: int, name: str, value: object, salt: bytes) -> str:
    """What stands in a leaf for a member that tells of a person."""
    key = hmac.digest(salt, position.to_bytes(8, "big"), "sha256")
    return hmac.digest(key, _MEMBER + canonical([name, value]), "sha256").hex()


def erased_digest(value: object) -> str | None:
    """The digest that stands where a member was erased; None where it was not."""
    match value:
        case {"erased": str() as digest, **more} if not more and len(digest) == 64 and _HEX.issuperset(digest):
            return digest
    return None


def root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, 2.1, of leaves that are digests already."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = _cut(len(leaves))
    return _joined(root(leaves[:cut]), root(leaves[cut:]))


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of RFC 6962, 2.1.1: what else is needed to come from one leaf to the root, nearest first."""
    if len(leaves) == 1:
        return []
    cut = _cut(len(leaves))
    if index < cut:
        return [*path(leaves[:cut], index), root(leaves[cut:])]
    return [*path(leaves[cut:], index - cut), root(leaves[:cut])]


def climb(found: bytes, index: int, size: int, steps: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its audit path come to; None where the path does not fit a tree of this size."""
    if size == 1 or not steps:
        return found if size == 1 and index == 0 and not steps else None
    cut = _cut(size)
    *inner, last = steps
    if index < cut:
        below = climb(found, index, cut, inner)
        return None if below is None else _joined(below, last)
    below = climb(found, index - cut, size - cut, inner)
    return None if below is None else _joined(last, below)


def slice_of(
    events: Sequence[Sealable], salts: Mapping[str, bytes], salted: Mapping[str, Sequence[str]], before: Seal | None
) -> Seal:
    """The seal of a tenant's next events."""
    kinds = {event.type for event in events if event.case_id}
    told = {kind: sorted(salted[kind]) for kind in sorted(kinds) if salted.get(kind)}
    leaves = [leaf(event, salted_in(told, event), salts.get(event.case_id or "")) for event in events]
    return Seal(
        tenant_id=events[0].tenant_id,
        number=before.number + 1 if before else 1,
        first=events[0].position,
        last=events[-1].position,
        size=len(events),
        total=(before.total if before else 0) + len(events),
        salted=told,
        root=root(leaves).hex(),
        previous=before.head if before else GENESIS.hex(),
    ).closed()


def salted_in(salted: Mapping[str, Sequence[str]], event: Sealable) -> Sequence[str]:
    """Which members of an event are salted: of a case's only, since a salt is a case's."""
    return salted.get(event.type, ()) if event.case_id else ()


def _digest_of(position: int, name: str, value: object, salt: bytes | None) -> str:
    if (digest := erased_digest(value)) is not None:
        return digest
    if salt is None:
        raise KeyError(name)
    return digest_member(position, name, value, salt)


def _cut(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _whole(text: str) -> object:
    # Longer than any that is safe: not even read as a number, which takes time that grows with the square.
    return int(text) if len(text) < 17 and -_SAFE < int(text) < _SAFE else _number(text)


def _number(text: str) -> object:
    return {"number": text}
