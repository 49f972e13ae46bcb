"""The drill: many transfers through a bank that misbehaves, while agents are killed; then its books are held against the board.

    make drill TRANSFERS=20000 ARGS="--seed 7"

Faults and kills go on until most transfers have ended; then all is healed, and every transfer must come to an end. The last
line is one JSON object. Exit code 0 when nobody was paid twice, nothing failed that was paid, nothing is done that was not, and
nothing is left unknown; else 1. 2 when so little was executed that nothing is proved.
"""

import argparse
import asyncio
import json
import random
import secrets
import time
from pathlib import Path
from typing import NamedTuple

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from blackboard import invariants
from tests.drill.judge import Verdict, judge_databases
from tests.drill.orders import Order, accounts_for, draw
from tests.drill.people import operate, review
from tests.drill.town import Town, town

DEFAULT_TRANSFERS = 20_000
FAULT_RATE = 0.3
OPENING_BATCH = 500
# What waits longer than its authorization lasts (`expires_in_s` of the workflow) is decided anew, and proves nothing by that.
OPEN_AT_ONCE = 2000
LOOK_EVERY_S = 0.5
# One agent is killed for so many transfers; the first when nothing has ended yet.
TRANSFERS_A_KILL = 50
MIN_KILLS = 5
# All is healed when so many of a hundred have ended, or when nothing has ended for so long.
HEAL_AT_PERCENT = 90
STUCK_S = 60.0
GIVE_UP_S = 120.0
PROVEN_PERCENT = 50
LOG = Path(".blackboard/drill.log")

_ENDED = "SELECT count(*) FROM board.case WHERE outcome IS NOT NULL"
_RESTING = "SELECT c.stage, count(*) FROM board.case c WHERE c.outcome IS NULL GROUP BY 1"
_RESTING_TASKS = """
SELECT c.case_id, c.stage, c.state, t.task_id FROM board.case c JOIN board.task t USING (case_id)
WHERE c.outcome IS NULL AND t.state = 'open' LIMIT 10"""


class Account(NamedTuple):
    """What a drill found."""

    verdict: Verdict
    endings: dict[str, int]
    faults: dict[str, int]
    kills: int
    broken: list[str]


async def run(transfers: int, seed: int, rate: float, log: Path, console: Console) -> Account:
    """Build, open, disturb, heal, wait, judge."""
    orders = draw(transfers, seed)
    found: Account | None = None
    async with town(log, accounts=accounts_for(transfers), rate=rate, seed=seed) as place:
        database = await asyncpg.connect(place.database_url)
        try:
            with _bar(console) as bar:
                killer = Killer(place, transfers, random.Random(seed))
                await _work(place, orders, Progression(bar, database, transfers, killer))
            verdict, endings = await judge_databases(orders, database, database)
            for stage, count in await database.fetch(_RESTING):
                endings[f"resting at {stage}"] = count
            faults = (await place.bank("GET", "/faults"))["fired"]
            found = Account(
                verdict, endings, faults, killer.kills, await _broken(place, database) + await _rest(place, database)
            )
        finally:
            await database.close()
    if found is None:
        raise KeyboardInterrupt  # which ended the block above
    return found


async def _work(place: Town, orders: list[Order], progress: "Progression") -> None:
    """Open all, disturb until most have ended, heal, and wait for the others."""
    async with asyncio.TaskGroup() as group:
        people = [
            group.create_task(review(place.board("reviewer"), place.bank_client())),
            group.create_task(operate(place.board("admin"))),
        ]
        await _open(place, orders, progress)
        await progress.until(len(orders) * HEAL_AT_PERCENT // 100, STUCK_S)
        progress.killer.rest()
        await place.bank("PUT", "/faults", {"rate": 0})
        await progress.until(len(orders), GIVE_UP_S)
        for person in people:
            person.cancel()


class Killer:
    """Kills an agent with -9 whenever some more transfers have ended."""

    def __init__(self, place: Town, transfers: int, chance: random.Random) -> None:
        self.kills = 0
        self._place = place
        self._chance = chance
        count = max(MIN_KILLS, transfers // TRANSFERS_A_KILL)
        self._due = [0, *sorted(chance.randrange(transfers * HEAL_AT_PERCENT // 100 + 1) for _ in range(count - 1))]

    def strike(self, ended: int) -> None:
        """Once, if it is time."""
        if self._due and self._due[0] <= ended:
            self._due.pop(0)
            self._place.kill_an_agent(self._chance)
            self.kills += 1

    def rest(self) -> None:
        """No more."""
        self._due.clear()


class Progression:
    """How far it is, looked up and shown."""

    def __init__(self, bar: Progress, database: "asyncpg.Connection[asyncpg.Record]", transfers: int, killer: Killer) -> None:
        self._bar = bar
        self._task = bar.add_task("ended", total=transfers, kills=0)
        self._database = database
        self.killer = killer

    async def until(self, ended: int, stuck_s: float) -> None:
        """Until so many have ended, or none has for so long."""
        last, since = -1, time.monotonic()
        while True:
            now = await self._database.fetchval(_ENDED)
            self.killer.strike(now)
            self._bar.update(self._task, completed=now, kills=self.killer.kills)
            if now != last:
                last, since = now, time.monotonic()
            if now >= ended or time.monotonic() - since > stuck_s:
                return
            await asyncio.sleep(LOOK_EVERY_S)


async def _open(place: Town, orders: list[Order], progress: Progression) -> None:
    """All of them, in bulk, so many at a time; repeated, a batch opens nothing twice."""
    async with place.board("requester") as board:
        for n, batch in enumerate(_batched(orders)):
            await progress.until(n * OPENING_BATCH - OPEN_AT_ONCE, STUCK_S)
            opened = await board.open_cases([order.case() for order in batch])
            refused = [item for item in opened.items if item.verdict not in ("opened", "replayed")]
            assert not refused, refused[:3]


def _batched(orders: list[Order]) -> "list[list[Order]]":
    return [orders[first : first + OPENING_BATCH] for first in range(0, len(orders), OPENING_BATCH)]


async def _broken(place: Town, database: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Rules of the bank's books and promises of the board that do not hold."""
    books = [
        f"books: {row['rule']} {row['subject']}: {row['told']}"
        for row in await database.fetch("SELECT * FROM bank.broken_rule")
    ]
    found = await invariants.examine(place.database_url, place.database_url)
    return books + [
        f"{each.invariant}: {each.promise} Not so: {each.broken[0]}, {len(each.broken)} in all" for each in found if not each.ok
    ]


async def _rest(place: Town, database: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Why some of those that did not come to their end did not."""
    told = []
    async with place.board("admin") as board:
        for row in await database.fetch(_RESTING_TASKS):
            why = await board.explain_task(row["task_id"])
            told.append(f"case {row['case_id']} rests at {row['stage']}, {row['state']}: {why.answer}")
    return told


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.fields[kills]} kills"), console=console, refresh_per_second=2)


def main() -> int:
    """Run a drill from the command line; its exit code."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__.splitlines()[0])
    parser.add_argument("--transfers", type=int, default=DEFAULT_TRANSFERS)
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same orders and victims")
    parser.add_argument(
        "--rate", type=float, default=FAULT_RATE, help=f"how much goes wrong at the bank (default {FAULT_RATE})"
    )
    parser.add_argument("--log", type=Path, default=LOG, help=f"what all processes say (default {LOG})")
    chosen = parser.parse_args()
    seed = secrets.randbelow(2**31) if chosen.seed is None else chosen.seed
    chosen.log.parent.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    console.print(f"seed {seed}: {chosen.transfers} transfers, {chosen.rate:.0%} faults; the processes speak in {chosen.log}")
    began = time.monotonic()
    found = asyncio.run(run(chosen.transfers, seed, chosen.rate, chosen.log, console))
    _tell(console, found)
    told = {"transfers": chosen.transfers, "faults": found.faults, "seed": seed, "kills": found.kills}
    print(json.dumps({**found.verdict.counts, **told, "seconds": round(time.monotonic() - began, 1)}), flush=True)
    if any(found.verdict) or found.broken:
        return 1
    return 0 if found.endings.get("executed", 0) * 100 >= chosen.transfers * PROVEN_PERCENT else 2


def _tell(console: Console, found: Account) -> None:
    """How it ended, and the first few of what is wrong."""
    console.print("ended: " + ", ".join(f"{count} {name}" for name, count in sorted(found.endings.items())))
    for name, memos in found.verdict._asdict().items():
        if memos:
            console.print(f"{name}: {', '.join(memos[:5])}{' …' if len(memos) > 5 else ''}")
    for line in found.broken[:20]:
        console.print(line)
