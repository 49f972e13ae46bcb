"""How fast the board is on this machine: `make bench`.

Durable settings (fsync and synchronous_commit on), a server of its own, everything through the functions that production uses.
Machines are noisy: medians of several rounds, and ratios of things that ran side by side.
"""

import asyncio
import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

from blackboard import logs
from blackboard.embedded import EmbeddedPostgres
from blackboard.hub import Filter, Hub
from blackboard.journal import Journal
from blackboard.listener import Listener
from blackboard.migrate import add_database, add_login, migrate
from blackboard.requests import ClaimRequest, DecisionItem, NewCase
from blackboard.sequencer import Sequencer
from tests.factories import Scene, make_scene
from tests.http.conftest import serve

ROUNDS = 5
BATCH = 100
_NEW = NewCase(workflow="small", payload={})


async def main() -> None:
    """Run every measurement and print them as a table, then as one JSON line."""
    data = Path(tempfile.mkdtemp(prefix="blackboard-bench-"))
    data.chmod(0o755)
    postgres = EmbeddedPostgres(data=data)
    try:
        postgres.start()
        await add_database(postgres.url(), "bench")
        await migrate(postgres.url(database="bench"))
        await add_login(postgres.url(), "bench_app", "bench", member_of="blackboard_app")
        app_url = postgres.url(user="bench_app", password="bench", database="bench")
        async with AsyncExitStack() as stack:
            scene = await make_scene(stack, postgres.url(database="bench"), app_url)
            found = await _measure(scene)
    finally:
        postgres.remove()
        shutil.rmtree(data, ignore_errors=True)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL 18, {ROUNDS} rounds\n")
    for name, value in found.items():
        print(f"{name:58} {value:>10,.2f}")
    print(json.dumps(found))


async def _measure(scene: Scene) -> dict[str, float]:
    alone, sequenced = [], []
    for _ in range(ROUNDS):
        alone.append(await _per_second(lambda: _open(scene), 20))
        sequenced.append(await _with_sequencer(scene, lambda: _per_second(lambda: _open(scene), 20)))
    drained = [await _per_second(lambda: _drain(scene), 10) for _ in range(ROUNDS)]
    await _drain_all(scene)
    pickup = await _pickup(scene)
    lag = await _lag(scene)
    return {
        "cases opened/s in process, batches of 100": statistics.median(alone),
        "the same while the sequencer works, ratio": statistics.median(
            after / before for after, before in zip(sequenced, alone, strict=True)
        ),
        "tasks claimed and decided/s in process, batches of 100": statistics.median(drained),
        "opened to held by a waiting agent over HTTP, ms p50": statistics.median(pickup),
        "opened to held by a waiting agent over HTTP, ms p95": statistics.quantiles(pickup, n=20)[18],
        "commit to event at a subscriber in process, ms p50": statistics.median(lag),
        "commit to event at a subscriber in process, ms p95": statistics.quantiles(lag, n=20)[18],
    }


async def _per_second(work: Callable[[], Awaitable[None]], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        await work()
    return times * BATCH / (time.perf_counter() - started)


async def _open(scene: Scene) -> None:
    await scene.store.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}] * BATCH)


async def _drain(scene: Scene) -> None:
    worker = scene.people["worker"]
    claimed = await scene.board.claim(worker, ClaimRequest(capabilities=["first"], limit=BATCH))
    decisions = [DecisionItem(task_id=t.id, fence=t.fence, outcome="reject") for t in claimed.value.tasks]
    await scene.board.decide_many(worker, decisions)


async def _drain_all(scene: Scene) -> None:
    while await scene.claim("worker", "first", limit=100):
        pass


async def _with_sequencer(scene: Scene, work: Callable[[], Awaitable[float]]) -> float:
    sequencer = Sequencer(scene.store.seat("sequencer"))
    sequencer.start()
    result = await work()
    await sequencer.stop()
    return result


async def _pickup(scene: Scene) -> list[float]:
    """Milliseconds from the request that opens a case to the answer that hands its task over, one at a time."""
    taken = []
    async with serve(scene) as api, api.client("worker") as worker:
        for _ in range(100):
            waiting = asyncio.create_task(worker.claim(ClaimRequest(capabilities=["first"], wait_s=20)))
            while not api.service.board.waiting_claims:
                await asyncio.sleep(0.001)
            started = time.perf_counter()
            await api.service.board.open_case(scene.people["requester"], _NEW)
            await waiting
            taken.append((time.perf_counter() - started) * 1000)
    return taken


async def _lag(scene: Scene) -> list[float]:
    """Milliseconds from a commit to the frame at a subscriber of another loop's making."""
    journal = Journal(scene.store)
    await journal.open()
    hub, sequencer = Hub(scene.store, journal), Sequencer(scene.store.seat("sequencer"))
    loops = [journal, Listener(scene.url, journal.wake), sequencer]
    for loop in loops:
        loop.start()
    taken = []
    wanted = Filter(type=frozenset({"case.opened"}))
    async with aclosing(hub.stream(scene.people["auditor"], wanted, None)) as stream:
        await anext(stream)
        for _ in range(100):
            await scene.open()
            committed = time.perf_counter()
            while b"data" not in await anext(stream):
                pass
            taken.append((time.perf_counter() - committed) * 1000)
    for loop in loops:
        await loop.stop()
    return taken


if __name__ == "__main__":
    logs.configure()
    asyncio.run(main())
