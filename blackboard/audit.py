"""What an auditor can tell from a file alone, without the board: whether what it holds is what was sealed.

An export is lines of `{"event": …}`, and after them one `{"seals": […], …}` with the seals that they lie under; several such
pages may follow one another. Evidence of a case is one document, whose events name the way from their leaf to a seal's root.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from blackboard.seals import GENESIS, Seal, Sealable, climb, erased_digest, leaf, root, salted_in
from blackboard.signing import is_signed
from blackboard.values import Frozen, Json

MAX_TOLD = 20
_EVENT = TypeAdapter(Sealable)
_SEAL = TypeAdapter(Seal)


@dataclass
class Finding:
    """What was found: how much was looked at, what is broken, what could not be told."""

    events: int = 0
    seals: list[Seal] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is broken, as far as anybody looked."""
        return not self.broken

    def breaks(self, sentence: str) -> None:
        """Note what is broken; the first of them say enough."""
        if len(self.broken) < MAX_TOLD:
            self.broken.append(sentence)


@dataclass(frozen=True)
class Witness:
    """What was seen of a tenant's chain before, kept where whoever runs the board cannot reach it."""

    tenant_id: int
    number: int
    total: int
    head: str

    @classmethod
    def read(cls, path: Path) -> "Witness | None":
        """What a file remembers; None where there is none."""
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def keep(self, path: Path) -> None:
        """Write it down whole or not at all."""
        beside = path.with_name(path.name + ".new")
        beside.write_text(json.dumps(self.__dict__) + "\n")
        beside.replace(path)


class ChainState(Frozen):
    """How far a tenant's journal is sealed. `root` is the head of its last seal; `broken` is about the newest ones."""

    head_position: int
    sealed_position: int
    sealed_at: datetime
    unsealed_for_s: float
    seals: int
    events: int
    root: str | None
    signed: bool
    public_key: str | None
    broken: list[str]


def verify_export(lines: Iterable[str], *, public_key: str | None = None, witness: Witness | None = None) -> Finding:
    """Whether each event of an export lies under the seals that it ends with, and these under one another."""
    found = Finding()
    waiting: list[tuple[Sealable, bytes | None]] = []
    announced, erased = set[str](), set[str]()
    for number, told in _read(lines, found):
        try:
            if "event" in told:
                waiting.append(_event(told))
                announced |= _announced(waiting[-1][0])
                erased |= _erased(waiting[-1][0])
            else:
                _check_page(waiting, told, found, public_key)
                waiting = []
        except (ValueError, TypeError, KeyError):
            found.breaks(f"line {number} is neither an event nor a page's seals")
    if waiting:
        found.breaks(f"{len(waiting)} events at the end lie under no seal: the file was cut, or they were added")
    for case in sorted(erased - announced):
        found.breaks(f"values of case {case} were taken out, and no erasure is told of")
    _check_witness(found, witness)
    return found


def verify_evidence(document: Json, *, public_key: str | None = None, witness: Witness | None = None) -> Finding:
    """Whether the events of a case's evidence are those that were sealed."""
    found = Finding()
    seals = {seal.number: seal for seal in map(_seal, document["seals"])}
    found.seals = [seals[number] for number in sorted(seals)]
    for seal in found.seals:
        check_seal(seal, None, found, public_key or document.get("public_key"))
    for told in document["events"]:
        event, salt = _event(told)
        found.events += 1
        proof = told.get("proof")
        if proof is None:
            found.notes.append(f"position {event.position} is not sealed yet")
        elif not _is_under(event, salt, proof, seals):
            found.breaks(f"position {event.position} is not what was sealed")
        if event.case_id != document["case"]["id"]:
            found.breaks(f"position {event.position} is of another case")
    _check_witness(found, witness)
    return found


def chain_problems(seals: Sequence[Seal], public_key: str | None) -> list[str]:
    """What is wrong with seals by themselves: what they say, how they follow one another, who signed them."""
    found = Finding()
    before = None
    for seal in seals:
        check_seal(seal, before, found, public_key if seal.signature else None)
        before = seal
    return found.broken


def check_seal(seal: Seal, before: Seal | None, found: Finding, public_key: str | None) -> None:
    """Whether a seal is what it says, follows the one before it, and was signed by whom it must."""
    if seal.computed() != seal.head:
        found.breaks(f"seal {seal.number} is not what its head says")
    if before is not None and (
        (seal.number, seal.previous, seal.total) != (before.number + 1, before.head, before.total + seal.size)
        or seal.first <= before.last
        or seal.tenant_id != before.tenant_id
    ):
        found.breaks(f"seal {seal.number} does not follow seal {before.number}")
    if seal.number == 1 and seal.previous != GENESIS.hex():
        found.breaks("the first seal follows another")
    if public_key is None:
        if "the seals are not signed" not in found.notes:
            found.notes.append("the seals are not signed")
    elif not is_signed(seal.head, seal.signature, public_key):
        found.breaks(f"seal {seal.number} is not signed by the key {public_key[:16]}…")


def check_slice(seal: Seal, mine: list[tuple[Sealable, bytes | None]], found: Finding) -> None:
    """Whether these events, with the salts of their cases, are all that lies under a seal."""
    positions = [event.position for event, _ in mine]
    if (
        positions != sorted(set(positions))
        or len(mine) != seal.size
        or (positions[0], positions[-1]) != (seal.first, seal.last)
    ):
        found.breaks(
            f"seal {seal.number}: its events are not those from {seal.first} to {seal.last}, {seal.size} of them in order"
        )
        return
    try:
        leaves = [leaf(event, salted_in(seal.salted, event), salt) for event, salt in mine]
    except KeyError as error:
        found.breaks(f"seal {seal.number}: {error} cannot be checked, its salt is missing")
        return
    if not hmac.compare_digest(root(leaves).hex(), seal.root):
        found.breaks(f"seal {seal.number}: an event from {seal.first} to {seal.last} is not what was sealed")


def next_witness(found: Finding, before: Witness | None) -> Witness | None:
    """What to remember after a finding: the farthest seal that was seen. What is broken is not remembered."""
    if not found.ok or not found.seals:
        return before
    last = found.seals[-1]
    if before is not None and before.number > last.number:
        return before
    return Witness(last.tenant_id, last.number, last.total, last.head)


def _read(lines: Iterable[str], found: Finding) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
        except ValueError:
            found.breaks(f"line {number} is not JSON")
            continue
        if isinstance(told, dict):
            # The text of the event's data is what was sealed, number by number as it stands.
            yield number, told
        else:
            found.breaks(f"line {number} is not an object")


def _event(told: Mapping[str, Any]) -> tuple[Sealable, bytes | None]:
    salt = told.get("salt")
    return _EVENT.validate_json(json.dumps(told["event"]), strict=True), bytes.fromhex(salt) if salt else None


def _seal(told: Mapping[str, Any]) -> Seal:
    return _SEAL.validate_json(json.dumps(told), strict=True)


def _check_page(waiting: list[tuple[Sealable, bytes | None]], told: Json, found: Finding, public_key: str | None) -> None:
    """The seals of a page, each with the events between its ends, which must be all the events of the page."""
    left = waiting
    for seal in map(_seal, told["seals"]):
        check_seal(seal, found.seals[-1] if found.seals else None, found, public_key or told.get("public_key"))
        mine, left = left[: seal.size], left[seal.size :]
        check_slice(seal, mine, found)
        found.seals.append(seal)
        found.events += len(mine)
    for event, _ in left:
        found.breaks(f"position {event.position} lies under no seal")


def _check_witness(found: Finding, witness: Witness | None) -> None:
    if witness is None:
        return
    by_number = {seal.number: seal for seal in found.seals}
    known = by_number.get(witness.number)
    newest = max(by_number, default=0)
    if known is not None:
        if (known.tenant_id, known.head, known.total) != (witness.tenant_id, witness.head, witness.total):
            found.breaks(f"seal {witness.number} is another than the one that was seen before")
    elif newest < witness.number:
        found.breaks(
            f"seal {witness.number} was seen before and the chain ends at {newest}: it was cut, or an old copy restored"
        )
    else:
        found.notes.append(f"seal {witness.number}, which was seen before, is not in this file")


def _is_under(event: Sealable, salt: bytes | None, proof: Mapping[str, Any], seals: Mapping[int, Seal]) -> bool:
    seal = seals.get(proof["seal"])
    if seal is None:
        return False
    try:
        found = leaf(event, salted_in(seal.salted, event), salt)
    except KeyError:
        return False
    top = climb(found, proof["index"], seal.size, [bytes.fromhex(step) for step in proof["path"]])
    return top is not None and top.hex() == seal.root


def _announced(event: Sealable) -> set[str]:
    return set(event.members.get("cases", ())) if event.type == "customer.erased" else set()


def _erased(event: Sealable) -> set[str]:
    members = event.members
    return {event.case_id} if event.case_id and any(erased_digest(value) for value in members.values()) else set()
