"""Does it stay fast: with a million closed cases behind it, a hundred thousand tasks before it, a transaction held open."""

import asyncio

import asyncpg

from tests.bench.engine import _batch
from tests.bench.town import Town, fill, sequenced
from tests.factories import Scene

CLOSED = 1_000_000
READY = 100_000
SECONDS = 6.0


async def claim_speed(town: Town, *, closed: int = 0, ready: int = 0, held_open_s: float = 0) -> float:
    """Tasks a second over some seconds, on a board that has seen this much."""
    async with town.board() as scene, sequenced(scene) as board:
        if closed:
            await _add_history(scene, closed)
        await fill(scene, ready)
        holder = await _hold_open(scene) if held_open_s else None
        speeds = []
        ends_at = asyncio.get_running_loop().time() + max(SECONDS, held_open_s)
        while (now := asyncio.get_running_loop().time()) < ends_at:
            await fill(scene, 2000)
            began, done = asyncio.get_running_loop().time(), 0
            while done < 2000:
                done += await _batch(board, scene, 100)
            speeds.append(done / (asyncio.get_running_loop().time() - began))
            del now
        if holder is not None:
            await holder.close()
        # With a transaction held open, the end is what counts: dead rows have piled up.
        last = speeds[-max(1, len(speeds) // 4) :]
        return sorted(last)[len(last) // 2]


async def _hold_open(scene: Scene) -> "asyncpg.Connection[asyncpg.Record]":
    """A transaction that has begun, has looked, and stays: nothing after it can be vacuumed."""
    holder = await asyncpg.connect(scene.url)
    await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await holder.fetchval("SELECT board.show_load($1)", scene.tenant_id)
    return holder


async def _add_history(scene: Scene, cases: int) -> None:
    """Closed cases with a decided task each, written directly: what a year of work leaves behind."""
    connection = await asyncpg.connect(scene.admin._url)
    for first in range(0, cases, 100_000):
        await connection.execute(_HISTORY, min(100_000, cases - first), scene.tenant_id)
    await connection.execute("VACUUM ANALYZE board.case")
    await connection.execute("VACUUM ANALYZE board.task")
    await connection.close()


_HISTORY = """
WITH made AS MATERIALIZED (SELECT uuidv7() AS case_id, uuidv7() AS task_id FROM generate_series(1, $1)),
closed AS (
  INSERT INTO board.case (tenant_id, case_id, workflow_id, workflow, payload, state, stage, open_tasks, outcome, opened_by,
                          opened_at, closed_at)
  SELECT $2, m.case_id, w.workflow_id, w.name, '{}', 'completed', 'first', 0, 'rejected', 1, now(), now()
  FROM made m, board.workflow w WHERE w.tenant_id = $2 AND w.name = 'small')
INSERT INTO board.task (tenant_id, task_id, case_id, stage_task_id, state, priority, due_at, seq, has_begun, fence, outcome,
                        decision, decided_by, created_at, finished_at)
SELECT $2, m.task_id, m.case_id, k.stage_task_id, 'done', 5, 'infinity', nextval('board.task_seq'), true, 1, 'reject',
       '{"outcome": "reject"}', 'worker', now(), now()
FROM made m, board.stage_task k WHERE k.tenant_id = $2 AND k.stage = 'first'
"""
