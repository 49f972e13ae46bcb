"""How fast the board is on this machine, beside other queues: `make bench`.

Everything runs on one durable PostgreSQL (fsync and synchronous_commit on), each measurement in a database of its own. What is
compared is measured in turn, round by round, because these machines are noisy: medians and ratios count, with their spread.
`--quick` is a small version for CI: it shows that everything runs, and its numbers mean nothing.
"""

import argparse
import json
from functools import partial

import uvloop

from blackboard import collector, logs
from tests.bench import engine, growth, peer_queues
from tests.bench.results import Measure, Results, machine
from tests.bench.town import Town, town

OURS = "in process, 16 workers with batches of 100, tasks/s"
HTTP = "over HTTP, 4 agents with batches of 100, tasks/s"
COMBINED = "in process, 100 agents one task at a time, combined, tasks/s"
ALONE = "in process, 100 agents one task at a time, each its own transactions, tasks/s"
BARE = "the SQL functions alone, by pgbench on 2 connections, tasks/s"
PGQUEUER = "PgQueuer 1.6.0, batch 100, tasks/s"
GRAPHILE = "graphile-worker 0.17.3, local queue 500, 24 at once, batched completion, tasks/s"
PROCRASTINATE = "Procrastinate 3.10.0, 10 at once, tasks/s"
EMPTY = "claimed and decided on an empty board, tasks/s"
GROWN = "the same with 1,000,000 closed cases and 100,000 ready tasks"
HELD = "the same at the end of 60 s of a transaction held open"
HTTP_ONE = "over HTTP, {} agents one task at a time, tasks/s"
STREAMED = "over HTTP, 16 agents on claim streams with credit {}, tasks/s"


async def main(*, quick: bool) -> None:
    """Measure everything; the last line is one JSON object."""
    scale, rounds = (0.02, 1) if quick else (1.0, 3)
    results = Results()
    with town() as place:
        has_node = await peer_queues.install()
        await _throughput(results, place, scale, rounds, has_node=has_node)
        pickups = sorted(await engine.pickup(place, round(500 * max(scale, 0.1))))
        entries = await engine.index_entries(place)
        await _growth(results, place, scale, 1)
    print(f"\n{machine()}\n\n{results.table()}\n")
    told = {"p50": round(engine.percentile(pickups, 0.5), 1), "p99": round(engine.percentile(pickups, 0.99), 1)}
    print(f"Opened to held by one of 100 agents waiting over HTTP: p50 {told['p50']} ms, p99 {told['p99']} ms.")
    print(f"Index entries written per task, in batches of 100: {entries:.2f}.\n")
    ratios = {
        "in_process_vs_pgqueuer": results.ratio(OURS, PGQUEUER),
        "in_process_vs_graphile": results.ratio(OURS, GRAPHILE),
        "http_batch_vs_pgqueuer": results.ratio(HTTP, PGQUEUER),
        "combined_vs_uncombined": results.ratio(COMBINED, ALONE),
        "million_closed_vs_empty": results.ratio(GROWN, EMPTY),
        "open_transaction_vs_empty": results.ratio(HELD, EMPTY),
    }
    print(json.dumps({"ratios": ratios, "pickup_ms": told, "index_entries_per_task": round(entries, 2)}))


async def _throughput(results: Results, place: Town, scale: float, rounds: int, *, has_node: bool) -> None:
    tasks, jobs = round(20_000 * scale // 100 * 100), max(1000, round(20_000 * scale // 1000 * 1000))
    measures: dict[str, Measure] = {
        OURS: lambda: engine.in_process(place, tasks),
        PGQUEUER: lambda: peer_queues.pgqueuer(place, jobs),
        **({GRAPHILE: lambda: peer_queues.graphile(place, jobs * 2)} if has_node else {}),
        HTTP: lambda: engine.over_http(place, tasks, agents=4, batch=100),
        COMBINED: lambda: engine.one_by_one(place, tasks // 2, combined=True),
        ALONE: lambda: engine.one_by_one(place, tasks // 4, combined=False),
        BARE: lambda: engine.by_pgbench(place, tasks),
    }
    await results.rounds(rounds, measures)
    slow: dict[str, Measure] = {
        HTTP_ONE.format(agents): partial(engine.over_http, place, tasks // 20, agents=agents, batch=1)
        for agents in (1, 16, 100)
    }
    for credit in (1, 10):
        slow[STREAMED.format(credit)] = partial(engine.over_http, place, tasks // 10, agents=16, batch=credit, mode="stream")
    slow[PROCRASTINATE] = lambda: peer_queues.procrastinate(place, 1000)
    await results.rounds(min(rounds, 2), slow)


async def _growth(results: Results, place: Town, scale: float, rounds: int) -> None:
    closed, ready = round(growth.CLOSED * scale), round(growth.READY * scale)
    await results.rounds(
        rounds,
        {
            EMPTY: lambda: growth.claim_speed(place),
            GROWN: lambda: growth.claim_speed(place, closed=closed, ready=ready),
            HELD: lambda: growth.claim_speed(place, held_open_s=60 * scale),
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small version, to see that it runs")
    logs.configure()
    collector.let_rest()
    uvloop.run(main(quick=parser.parse_args().quick))
