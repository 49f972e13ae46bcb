"""Procrastinate at its best setting for many small tasks: psycopg, one worker with concurrency, drained in one process.

Run by the benchmark in an environment of its own: `python procrastinate_drain.py DSN JOBS`, which prints one JSON line.
"""

import gc
import json
import sys
import time

import uvloop
from procrastinate import App, PsycopgConnector

CONCURRENCY = 10


async def main(dsn: str, jobs: int) -> None:
    """Enqueue, then drain; only the draining is timed."""
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=CONCURRENCY, max_size=CONCURRENCY))
    handled = 0

    @app.task(name="noop")
    async def noop() -> None:
        nonlocal handled
        handled += 1

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(jobs // 1000):
            await noop.batch_defer_async(*[{} for _ in range(1000)])
        started = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=CONCURRENCY, install_signal_handlers=False)
        seconds = time.perf_counter() - started
    assert handled == jobs, f"{handled} of {jobs} handled"
    print(json.dumps({"jobs": jobs, "seconds": seconds}))


if __name__ == "__main__":
    gc.freeze()  # as on our side
    gc.set_threshold(50_000, 20, 100)
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
