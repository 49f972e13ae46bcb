"""How fast the event stream is on this machine, beside nchan and plain sse-starlette: `make bench-stream`.

One durable PostgreSQL (fsync and synchronous_commit on) and the API as a process of its own. The readers are a C program on the
same machine. All servers deliver the same bodies, from one process on one core, and are measured in turn, round by round.

Delays of ours are counted from when the writer heard of its commit (sequencer, NOTIFY and reading the journal are in them) and,
in a row of their own, from before the verb was called (its transaction and flush too); those of the others from before the
request. The others keep events in memory: nchan, with one worker, takes a request for each; sse-starlette one for all of a
burst. The way into the database is not in our processor time, the way into the others is in theirs.

`--quick` shows that everything runs, and its numbers mean nothing.
"""

import argparse
import json
import statistics
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import uvloop

from blackboard import collector, logs
from tests.bench import fanout, hubs, writers
from tests.bench.engine import percentile
from tests.bench.fanout import Load
from tests.bench.hubs import Hub
from tests.bench.results import Results, machine
from tests.bench.town import Town, town

OURS, NCHAN, PLAIN = "ours", "nchan 1.3.6", "sse-starlette"
BURST = "{}: burst, events delivered/s"
BURST_CPU = "{}: burst, us of processor time an event delivered"
SINGLE = "{}: single events, p99 ms"
SINGLE_P50 = "{}: single events, p50 ms"
SINGLE_CPU = "{}: single events, us of processor time an event delivered"
SINGLE_ALL = "{}: single events, from before the verb, p99 ms"
LAG_P50, LAG_P99 = "1,000 events/s: commit to socket, p50 ms", "1,000 events/s: commit to socket, p99 ms"
LAG_ALL = "1,000 events/s: from before the verb to the socket, p99 ms"
WRITE = "{} writers, journal {}, commits/s"

Open = Callable[[], AbstractAsyncContextManager[Hub]]


class Plan(NamedTuple):
    """How much of everything."""

    rounds: int
    load: Load = Load()
    lag_s: float = 5
    few: int = 1000
    many: int = 5000
    idle_s: float = 20
    write_s: int = 3

    @classmethod
    def quick(cls) -> "Plan":
        """Small enough for CI."""
        load = Load(readers=50, burst=50, bursts=2, singles=20)
        return cls(rounds=1, load=load, lag_s=1, few=50, many=100, idle_s=1, write_s=1)


async def main(plan: Plan) -> None:
    """Measure everything; the last line is one JSON object."""
    results = Results()
    with town() as place:
        for _ in range(plan.rounds):
            found = await fanout.lag(place, seconds=plan.lag_s)
            results.add(LAG_P50, percentile(found.from_commit, 0.5))
            results.add(LAG_P99, percentile(found.from_commit, 0.99))
            results.add(LAG_ALL, percentile(found.from_stamp, 0.99))
        await _compare(results, place, plan)
        told = await _idle(results, place, plan)
        await _write(results, place, plan)
    print(f"\n{machine()}; {plan.load.readers:,} readers.\n\n{results.table()}\n")
    print(json.dumps(_summary(results) | told))


async def _compare(results: Results, place: Town, plan: Plan) -> None:
    """Bursts and single events, every server in turn."""
    body = await hubs.sample(place)
    servers: dict[str, Open] = {
        OURS: lambda: hubs.ours(place),
        **({NCHAN: lambda: hubs.nchan(body)} if hubs.has_nchan() else {}),
        PLAIN: lambda: hubs.sse_starlette(body),
    }
    for _ in range(plan.rounds):
        for name, opened in servers.items():
            async with opened() as hub:
                # One burst takes the slowest as long as all of them take the others.
                burst = await fanout.burst(hub, plan.load, 1 if name == PLAIN else plan.load.bursts)
                single = await fanout.single(hub, plan.load)
            results.add(BURST.format(name), burst.seen.per_s)
            results.add(BURST_CPU.format(name), burst.cpu_us)
            results.add(SINGLE_P50.format(name), percentile(single.from_commit, 0.5))
            results.add(SINGLE.format(name), percentile(single.from_commit, 0.99))
            if name == OURS:
                results.add(SINGLE_ALL.format(name), percentile(single.from_stamp, 0.99))
            results.add(SINGLE_CPU.format(name), single.cpu_us)


async def _idle(results: Results, place: Town, plan: Plan) -> dict[str, float]:
    found = await fanout.idle(place, few=plan.few, many=plan.many, seconds=plan.idle_s)
    results.add(f"memory of a connection, of {plan.few:,}, KB", found.kb_few)
    results.add(f"memory of a connection, of {plan.many:,}, KB", found.kb_many)
    results.add("share of a core without readers, %", found.core_alone * 100)
    results.add(f"share of a core with {plan.many:,} idle readers, %", found.core_many * 100)
    return {"kb_per_connection": round(found.kb_many, 1), "idle_core_share": round(found.core_many, 3)}


async def _write(results: Results, place: Town, plan: Plan) -> None:
    """Alternating rounds, and which comes first alternates too."""
    for n in range(plan.rounds):
        for count in (16, 64):
            for ordered in (True, False) if n % 2 else (False, True):
                name = WRITE.format(count, "on" if ordered else "off")
                results.add(name, await writers.commits(place, count, ordered=ordered, seconds=plan.write_s))


def _summary(results: Results) -> dict[str, object]:
    kept = [results.ratio(WRITE.format(count, "on"), WRITE.format(count, "off")) for count in (16, 64)]
    return {
        "lag_ms": {"p50": round(results.median(LAG_P50), 1), "p99": round(results.median(LAG_P99), 1)},
        "burst_vs_nchan": results.ratio(BURST.format(OURS), BURST.format(NCHAN)),
        "single_p99_vs_nchan": results.ratio(SINGLE.format(OURS), SINGLE.format(NCHAN)),
        "writers_vs_unordered": round(statistics.mean(kept), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small version, to see that it runs")
    parser.add_argument("--rounds", type=int, default=3, help="of everything but memory and idling")
    asked = parser.parse_args()
    logs.configure()
    collector.let_rest()
    uvloop.run(main(Plan.quick() if asked.quick else Plan(rounds=asked.rounds)))
