"""PgQueuer at its best documented setting: asyncpg, batches of 100, drained in one process under uvloop.

Run by the benchmark in an environment of its own: `python pgqueuer_drain.py DSN JOBS`, which prints one JSON line.
"""

import gc
import json
import sys
import time

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

BATCH = 100


async def main(dsn: str, jobs: int) -> None:
    """Enqueue, then drain; only the draining is timed."""
    connection = await asyncpg.connect(dsn)
    driver = AsyncpgDriver(connection)
    queries = Queries(driver)
    await queries.install()
    for _ in range(jobs // 1000):
        await queries.enqueue(["noop"] * 1000, [None] * 1000, [0] * 1000)
    queue = PgQueuer(driver)
    handled = 0

    @queue.entrypoint("noop")
    async def noop(_job: Job) -> None:
        nonlocal handled
        handled += 1

    started = time.perf_counter()
    await queue.run(batch_size=BATCH, mode=QueueExecutionMode.drain)
    seconds = time.perf_counter() - started
    assert handled == jobs, f"{handled} of {jobs} handled"
    print(json.dumps({"jobs": jobs, "seconds": seconds}))


if __name__ == "__main__":
    gc.freeze()  # as on our side
    gc.set_threshold(50_000, 20, 100)
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
