"""How fast each workflow is here, from submission to end: the second part of `make bench`.

A whole board of real processes (`blackboard up`, durable PostgreSQL, sandbox bank, all agents) works one workflow at a time,
people played. Closed loop: so many customers, each with the next case when the last has ended; that is the throughput. Open
loop: cases arrive as a Poisson process at half of that; that is the time from submission to end, as a subscriber of the stream
sees it. Rounds go over all workflows in turn, and medians count. Cases that rest where they may have no end, and are told
apart. The last line is JSON.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop

from blackboard import collector, logs, scenario
from blackboard.cast import Cast
from blackboard.embedded import EmbeddedPostgres
from blackboard.scenario import Mix
from blackboard.traffic import Account, Plan, Traffic
from tests.bench.results import Results, machine
from tests.bench.town import ROOT

CUSTOMERS = 16
OPEN_SHARE = 0.5
START_LIMIT_S = 120
THROUGHPUT = "{}: cases/s, {} customers"
P50, P99 = "{}: from submission to end at half of that, p50 s", "{}: from submission to end at half of that, p99 s"


class Size(NamedTuple):
    """How much of everything."""

    rounds: int
    closed: int
    open: int


FULL, QUICK = Size(rounds=3, closed=160, open=80), Size(rounds=1, closed=4, open=2)


async def main(size: Size) -> None:
    """Measure every workflow that a scenario puts load on."""
    mixes: dict[str, Mix] = {}
    for story in scenario.load_all(ROOT / "agents" / "scenarios"):
        for mix in story.load:
            mixes.setdefault(mix.workflow, mix)
    results, states = Results(), defaultdict[str, int](int)
    async with running() as data, Cast(data) as cast:
        for n in range(size.rounds):
            for name, mix in sorted(mixes.items()):
                for account in (await _closed(cast, mix, size, n, results), await _open(cast, mix, size, n, results)):
                    for workflow, state, count, _, _ in account.rows():
                        states[f"{workflow}: {state}"] += count
                    assert account.ok, (name, account.told())
    print(f"\n{machine()}\n\n{results.table()}\n")
    print(json.dumps({"workflows": {name: _summary(results, name) for name in sorted(mixes)}, "states": dict(states)}))


async def _closed(cast: Cast, mix: Mix, size: Size, seed: int, results: Results) -> Account:
    plan = Plan(cases=size.closed, seed=seed, rate=1, customers=min(CUSTOMERS, size.closed))
    account = await Traffic(cast, [mix], plan).carry_out()
    first = min(run.submitted for run in account.runs)
    last = max(run.submitted + (run.took_s or 0) for run in account.runs)
    results.add(THROUGHPUT.format(mix.workflow, CUSTOMERS), len(account.runs) / (last - first))
    return account


async def _open(cast: Cast, mix: Mix, size: Size, seed: int, results: Results) -> Account:
    rate = results.median(THROUGHPUT.format(mix.workflow, CUSTOMERS)) * OPEN_SHARE
    account = await Traffic(cast, [mix], Plan(cases=size.open, seed=seed + 1000, rate=rate)).carry_out()
    took = sorted(run.took_s for run in account.runs if run.took_s is not None)
    if took:
        results.add(P50.format(mix.workflow), statistics.median(took))
        results.add(P99.format(mix.workflow), took[min(len(took) - 1, int(len(took) * 0.99))])
    return account


def _summary(results: Results, workflow: str) -> dict[str, float]:
    return {
        "cases_per_s": round(results.median(THROUGHPUT.format(workflow, CUSTOMERS)), 2),
        "p50_s": round(results.median(P50.format(workflow)), 3),
        "p99_s": round(results.median(P99.format(workflow)), 3),
    }


@asynccontextmanager
async def running() -> AsyncIterator[Path]:
    """A board of real processes; its data folder."""
    data = Path(tempfile.mkdtemp(prefix="blackboard-bench-", dir="/var/tmp"))
    data.chmod(0o755)
    command = (sys.executable, "-m", "blackboard", "up", "--data", str(data / "data"), "--port", "0", "--bank-port", "0")
    try:
        with (data / "log").open("wb") as log:
            up = await asyncio.create_subprocess_exec(
                *command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE, stderr=log
            )
            try:
                assert up.stdout is not None
                async with asyncio.timeout(START_LIMIT_S):
                    line = await up.stdout.readline()
                assert line.startswith(b"ready"), (data / "log").read_text()[-3000:]
                yield data / "data"
            finally:
                up.send_signal(signal.SIGINT)
                await up.wait()
    finally:
        EmbeddedPostgres(data=data / "data").remove()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small version, to see that it runs; its numbers mean nothing")
    parser.add_argument("--cases", type=int, help="one round with so many cases of each, half as many in the open loop")
    logs.configure()
    collector.let_rest()
    chosen = parser.parse_args()
    one_round = Size(rounds=1, closed=chosen.cases, open=chosen.cases // 2) if chosen.cases else None
    uvloop.run(main(one_round or (QUICK if chosen.quick else FULL)))
