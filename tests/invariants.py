"""What must hold of the board's tables, whatever happened to them in whatever order: a query per rule, which finds nothing."""

from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

RULES = {
    "an open task is in exactly one place, an ended one in none": """
SELECT t.task_id, t.state, p.* FROM board.task t CROSS JOIN LATERAL (
  SELECT (SELECT count(*) FROM board.task_ready r WHERE r.task_id = t.task_id) AS ready,
         (SELECT count(*) FROM board.task_scheduled s WHERE s.task_id = t.task_id) AS scheduled,
         (SELECT count(*) FROM board.task_lease l WHERE l.task_id = t.task_id) AS claimed,
         (SELECT least(count(*), 1) FROM board.task_waiting w WHERE w.task_id = t.task_id) AS waiting) p
WHERE p.ready + p.scheduled + p.claimed + p.waiting <> (t.state = 'open')::integer""",
    "a case counts the open tasks of the stage it is in, and has no others": """
SELECT c.case_id, c.state, c.stage, c.open_tasks, p.* FROM board.case c CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE k.stage = c.stage) AS here, count(*) FILTER (WHERE k.stage <> c.stage) AS elsewhere
  FROM board.task t JOIN board.stage_task k USING (stage_task_id) WHERE t.case_id = c.case_id AND t.state = 'open') p
WHERE p.here <> c.open_tasks OR p.elsewhere <> 0 OR (c.closed_at IS NULL) <> (c.open_tasks > 0)""",
    "nothing of a case that has ended or rests is on offer": """
SELECT r.task_id, c.state FROM board.task_ready r JOIN board.case c USING (case_id) WHERE c.state <> 'active'""",
    "nobody holds a task of a case that has ended": """
SELECT l.task_id, c.state FROM board.task_lease l JOIN board.case c USING (case_id) WHERE c.closed_at IS NOT NULL""",
    "nothing is taken up of a quota without a claim": """
SELECT g.task_id, g.quota_id FROM board.quota_grant g
WHERE NOT EXISTS (SELECT FROM board.task_lease l WHERE l.task_id = g.task_id)""",
    "a claim's fence is above its task's, and what is on offer has the task's": """
SELECT t.task_id, t.fence, l.fence AS held, r.fence AS offered FROM board.task t
LEFT JOIN board.task_lease l USING (task_id) LEFT JOIN board.task_ready r USING (task_id)
WHERE l.fence <= t.fence OR (t.state = 'open' AND r.fence <> t.fence)""",
}


# All of them in one question: a machine asks it after every step.
_ALL = " UNION ALL ".join(
    f"SELECT '{rule.replace(chr(39), chr(39) * 2)}', to_jsonb(x)::text FROM ({query}) x" for rule, query in RULES.items()
)


async def broken(connection: Connection) -> list[tuple[str, str]]:
    """The rules that do not hold, each with a row that breaks it."""
    return [(rule, row) for rule, row in await connection.fetch(_ALL)]
