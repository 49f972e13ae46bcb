"""The chain of seals: what it covers, and that every tampering with the journal is caught by chain, signature or witness."""

import random
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import orjson
import pytest

from blackboard.audit import Witness, next_witness, verify_evidence, verify_export
from blackboard.sealer import SALTED, seal_slice
from blackboard.seals import Sealable, slice_of
from blackboard.signing import Signer
from blackboard.values import Json, Principal
from tests.factories import Scene

SIGNER = Signer(bytes(range(32)))
Lines = list[Json]
SLICE = 5


async def sealed(scene: Scene, boss: Principal, cases: int = 3) -> Lines:
    """What is exported of a board on which some cases were decided."""
    for _ in range(cases):
        await scene.open()
        [task] = await scene.claim()
        await scene.decide(task, "reject")
    while await scene.store.sequence_events():
        pass
    while await seal_slice(scene.store, SIGNER, limit=SLICE):
        pass
    return [orjson.loads(orjson.dumps(line)) for line in await scene.board.export(boss, None, None, 50_000)]


def verdict(lines: Lines, witness: Witness | None = None) -> list[str]:
    """What is broken in an export."""
    told = [orjson.dumps(line).decode() for line in lines]
    return verify_export(told, public_key=SIGNER.public_key, witness=witness).broken


def edit(lines: Lines, draw: random.Random) -> None:
    """A word of one event."""
    event = draw.choice(lines[:-1])["event"]
    event[draw.choice(["actor", "type", "at", "body", "position"])] = draw.choice(["x", '{"state": "active"}', 7])


def delete(lines: Lines, draw: random.Random) -> None:
    """One event."""
    lines.pop(draw.randrange(len(lines) - 1))


def insert(lines: Lines, draw: random.Random) -> None:
    """An event that never was."""
    place = draw.randrange(len(lines) - 1)
    lines.insert(place, orjson.loads(orjson.dumps(lines[place])))


def reorder(lines: Lines, draw: random.Random) -> None:
    """Two events in each other's place."""
    one, other = draw.sample(range(len(lines) - 1), 2)
    lines[one], lines[other] = lines[other], lines[one]


def swap_cases(lines: Lines, draw: random.Random) -> None:
    """What happened to one case happened to another."""
    told = sorted({line["event"]["case_id"] for line in lines[:-1] if line["event"]["case_id"]})
    one, other = draw.sample(told, 2)
    for line in lines[:-1]:
        line["event"]["case_id"] = {one: other, other: one}.get(line["event"]["case_id"], line["event"]["case_id"])


def cut_tail(lines: Lines, draw: random.Random) -> None:
    """The newest slices with their seals: only who has seen them knows."""
    keep = draw.randrange(1, len(lines[-1]["seals"]))
    lines[-1]["seals"] = lines[-1]["seals"][:keep]
    del lines[sum(seal["size"] for seal in lines[-1]["seals"]) : -1]


def forge(lines: Lines, draw: random.Random) -> None:
    """Everything after an edit made anew, but for the signatures, which takes the key."""
    edit_at = draw.randrange(len(lines) - 1)
    lines[edit_at]["event"]["actor"] = "nobody"
    events = [Sealable(**line["event"]) for line in lines[:-1]]
    salts = {line["event"]["case_id"]: bytes.fromhex(line["salt"]) for line in lines[:-1] if line["salt"]}
    made, before = [], None
    for seal in lines[-1]["seals"]:
        mine = [event for event in events if seal["first"] <= event.position <= seal["last"]]
        before = replace(slice_of(mine, salts, SALTED, before), signature=seal["signature"])
        made.append(asdict(before))
    lines[-1]["seals"] = made


def touch_seal(lines: Lines, draw: random.Random) -> None:
    """One field of one seal."""
    seal = draw.choice(lines[-1]["seals"])
    seal[draw.choice(["number", "first", "last", "size", "total"])] += 1


TAMPERINGS: list[Callable[[Lines, random.Random], Any]] = [
    edit,
    delete,
    insert,
    reorder,
    swap_cases,
    cut_tail,
    forge,
    touch_seal,
]


@pytest.mark.item("S52", "I39", "I40", "I41")
async def test_every_tampering_with_an_export_is_caught(
    scene: Scene, boss: Principal, thorough: bool, tried: Callable[[int], None]
) -> None:
    """Edited, deleted, inserted, reordered, swapped, cut, forged: by the chain, the signature or the witness."""
    lines = await sealed(scene, boss)
    text = orjson.dumps(lines)
    untouched = verify_export([orjson.dumps(line).decode() for line in lines], public_key=SIGNER.public_key)
    witness = next_witness(untouched, None)
    assert (untouched.broken, untouched.notes, verdict(lines, witness)) == ([], [], [])

    missed = []
    draws = 200 if thorough else 64
    for seed in range(draws):
        tamper, copy = TAMPERINGS[seed % len(TAMPERINGS)], orjson.loads(text)
        tamper(copy, random.Random(seed))
        if not verdict(copy, witness) and orjson.dumps(copy) != text:
            missed.append((seed, tamper.__name__))
    tried(draws)

    assert missed == []


@pytest.mark.item("S52")
async def test_an_older_copy_of_the_board_is_refused_by_the_witness(scene: Scene, boss: Principal) -> None:
    """It verifies by itself, and ends before what was seen."""
    older = await sealed(scene, boss, cases=1)
    newer = await sealed(scene, boss, cases=1)
    told = [orjson.dumps(line).decode() for line in newer]
    witness = next_witness(verify_export(told, public_key=SIGNER.public_key), None)

    assert verdict(older) == []
    assert ["restored" in each for each in verdict(older, witness)] == [True]


@pytest.mark.item("I39")
async def test_the_evidence_of_a_case_verifies_by_itself(scene: Scene, boss: Principal) -> None:
    """With a way from each event to a signed seal; an event of it that was changed has none."""
    await sealed(scene, boss)
    case = (await scene.board.list_cases(boss)).cases[0]
    document = orjson.loads(orjson.dumps(await scene.board.show_evidence(boss, case.id, SIGNER.public_key), default=str))
    found = verify_evidence(document)
    document["events"][0]["event"]["actor"] = "nobody"

    assert (found.broken, found.notes, found.events > 3) == ([], [], True)
    assert verify_evidence(document).broken != []


async def test_two_sealers_seal_each_event_once(scene: Scene, boss: Principal) -> None:
    """What one has kept, the other finds kept; a trimmed journal waits for its seals."""
    await sealed(scene, boss)
    stand = await scene.store.read_sealed()

    assert await scene.store.keep_seals(stand.position - 1, stand.position, stand.recorded_on, []) is False
    assert (await scene.board.show_chain(boss, SIGNER.public_key)).broken == []
