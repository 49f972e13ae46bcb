"""What must hold of a journal whose outbox has come to rest: a query per rule, which finds nothing."""

import asyncio
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_TOLD = """
SELECT j.position + e.nth - 1 AS n, e.* FROM board.journal j
CROSS JOIN LATERAL unnest(j.entries) WITH ORDINALITY
  AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)"""
RULES = {
    "positions are dense": """
SELECT j.* FROM (SELECT position, lag(position + size) OVER (ORDER BY position) AS due, cardinality(entries) = size AS is_whole
                 FROM board.journal) j, board.journal_floor f
WHERE j.position <> coalesce(j.due, f.position + 1) OR NOT j.is_whole""",
    "the journal ends where its head says": """
SELECT h.position FROM board.journal_head h
WHERE h.position <> coalesce((SELECT max(position + size - 1) FROM board.journal), h.position)""",
    "each block of the outbox is in the journal": """
SELECT tenant_id, md5(entries::text) FROM board.event_in EXCEPT ALL SELECT tenant_id, md5(entries::text) FROM board.journal""",
    "the journal has no block twice, and none that was not written": """
SELECT tenant_id, md5(entries::text) FROM board.journal EXCEPT ALL SELECT tenant_id, md5(entries::text) FROM board.event_in""",
    "the events of a case have the order in which they were written": f"""
WITH written AS (
  SELECT e.case_id, array_agg(e.type || e.at || e.body ORDER BY i.event_id, e.nth) AS events
  FROM board.event_in i CROSS JOIN LATERAL unnest(i.entries) WITH ORDINALITY
    AS e (type, case_id, task_id, workflow, stage, capability, actor, body, at, nth)
  WHERE e.case_id IS NOT NULL GROUP BY 1),
told AS (
  SELECT e.case_id, array_agg(e.type || e.at || e.body ORDER BY e.n) AS events
  FROM ({_TOLD}) e WHERE e.case_id IS NOT NULL GROUP BY 1)
SELECT case_id FROM written FULL JOIN told USING (case_id) WHERE written.events IS DISTINCT FROM told.events""",
    "a case's facts are told in the order of their versions": f"""
SELECT f.* FROM (
  SELECT e.n, e.case_id, (e.body ->> 'version')::integer AS version,
         row_number() OVER (PARTITION BY e.case_id, e.body ->> 'key' ORDER BY e.n) AS due
  FROM ({_TOLD}) e WHERE e.type = 'fact.put') f
WHERE f.version <> f.due""",
}
_AT_REST = "SELECT (SELECT coalesce(sum(size), 0) FROM board.event_in) = (SELECT position FROM board.journal_head)"


async def broken_rules(connection: Connection) -> list[str]:
    """The rules that do not hold, each with how many rows break it. What has no position yet is given one first."""
    await connection.execute("SELECT board.sequence_events()")
    counts = [(rule, len(await connection.fetch(query))) for rule, query in RULES.items()]
    return [f"{rule}: {count}" for rule, count in counts if count]


async def at_rest(connection: Connection, limit_s: float = 30) -> None:
    """Return when all that was written has its position."""
    async with asyncio.timeout(limit_s):
        while not await connection.fetchval(_AT_REST):
            await asyncio.sleep(0.02)


async def shown_positions(connection: Connection) -> list[int]:
    """The positions that a reader without a filter gets: all but the record of who reads."""
    query = f"SELECT e.n FROM ({_TOLD}) e WHERE e.type NOT LIKE 'stream.%' ORDER BY 1"
    return [row["n"] for row in await connection.fetch(query)]
