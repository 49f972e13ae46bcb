"""An agent is lost with its key: whatever is tried with it, nothing moves that was not permitted, nothing stays half done."""

import random
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

import pytest

from tests.conftest import Databases
from tests.security.adversary import Adversary, Carrier, InProcess, Loot, OverHttp
from tests.security.siege import WORKERS, Siege, besiege
from tests.security.table import Tried

# Each alone; then two keys of one owner, who shares what each is told.
GANGS = (
    *(("requester",), ("identity",), ("limits",), ("risk",), ("execution",), ("reconciliation",), ("reviewer",), ("admin",)),
    *(("auditor",), ("requester", "second-hand"), ("execution", "officer")),
)
SEED = 20_301
ROUNDS, ROUNDS_THOROUGH = 1, 3
# What whoever executes can say falsely of what came of it. Nothing moves by that, and the books show it: these invariants do.
LIES = frozenset({"I18", "I19", "I23"})
LIARS = frozenset({"execution", "reconciliation"})


@pytest.fixture(scope="module")
async def siege(databases: Databases) -> AsyncIterator[Siege]:
    """One for all of them, one after the other: what one leaves behind the next one finds."""
    async with databases() as database, besiege(database) as siege:
        await siege.scene.hire("second-hand", "identity", "limits", "risk", "execution", owner="requester-owner")
        await siege.scene.hire("officer", "review", role="reviewer", kind="human", owner="execution-owner")
        yield siege


class Raid(NamedTuple):
    """How much is tried: so many calls of each gang, in so many rounds between which the honest agents go on."""

    calls: int
    rounds: int


async def attack(siege: Siege, gang: Sequence[str], raid: Raid, seed: str, *, over_http: bool = False) -> list[str]:
    """All of them in turn; what was met with neither an answer nor a refusal."""
    loot = Loot()
    async with siege.vault.http() as bank:
        carriers: list[Carrier] = []
        clients = [siege.api.client(name, retry_for_s=5) for name in gang] if over_http else []
        carriers += [OverHttp(client) for client in clients]
        carriers += [] if over_http else [InProcess(siege.scene.board, siege.scene.people[name]) for name in gang]
        thieves = [
            Adversary(name, carrier, random.Random(f"{seed} {name}"), loot, bank)
            for name, carrier in zip(gang, carriers, strict=True)
        ]
        for _ in range(raid.rounds):
            loot.cases += [await siege.ask_for("1.00") for _ in range(2)]
            for thief in thieves:
                await thief.attack(thief.counts.total() + raid.calls // (raid.rounds * len(thieves)) + 1)
            await siege.work(*(name for name in WORKERS if name not in gang))
            await siege.pass_time(20)
        for client in clients:
            await client.__aexit__(None, None, None)
    return [met for thief in thieves for met in thief.unanswered]


@pytest.mark.item("S23")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("gangs", [GANGS[:6], GANGS[6:]], ids=["agents", "people and pairs"])
async def test_whoever_holds_a_key_moves_no_money_without_a_permission(
    siege: Siege, gangs: Sequence[Sequence[str]], thorough: bool, tried: Tried
) -> None:
    """So many calls, drawn from the seed, by the board's own verbs; the judge is the bank's ledger and the board's tables."""
    raid = Raid(1_700, ROUNDS_THOROUGH if thorough else ROUNDS)
    lies: set[str] = set()
    for gang in gangs:
        unanswered = await attack(siege, gang, raid, f"{SEED} in process")
        lies |= LIES if LIARS & set(gang) else set()
        wrong = await siege.judge() if thorough or gang is gangs[-1] else []
        assert (gang, unanswered, unlike(wrong, lies)) == (gang, [], []), f"seed {SEED}"
    tried(raid.calls * len(gangs))


@pytest.mark.item("S23")
@pytest.mark.timeout(1800)
async def test_over_http_the_same_keys_move_no_more(siege: Siege, thorough: bool, tried: Tried) -> None:
    """The same attacks by the client library, a part as many for each key."""
    raid = Raid(300, ROUNDS_THOROUGH) if thorough else Raid(120, ROUNDS)
    for gang in GANGS:
        assert await attack(siege, gang, raid, f"{SEED} over HTTP", over_http=True) == [], f"seed {SEED}"
    assert unlike(await siege.judge(), LIES) == []
    tried(raid.calls * len(GANGS))


def unlike(wrong: Sequence[str], lies: Iterable[str]) -> list[str]:
    """What is wrong beside what somebody who executes has lied about."""
    return [told for told in wrong if not told.startswith(tuple(lies))]


@pytest.mark.item("S23")
async def test_when_the_attack_is_over_honest_agents_bring_every_case_to_its_end_or_to_a_person(siege: Siege) -> None:
    """Nothing is left half done: no claim nobody holds, no order nobody knows of."""
    await siege.lift_everything()
    for _ in range(8):
        await siege.pass_time(900)
        await siege.work()
    assert await siege.left_behind() == []
