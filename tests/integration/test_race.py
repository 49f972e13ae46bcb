"""Sixty-four want one task."""

import asyncio

import asyncpg
import pytest

from tests.factories import Scene

CONNECTIONS = 64
ROUNDS = 80


@pytest.mark.timeout(600)
async def test_each_round_has_exactly_one_winner(scene: Scene, *, thorough: bool) -> None:
    """64 connections race for one task, round after round: one winner each, and the fence is 1 every time."""
    rounds = ROUNDS * 10 if thorough else ROUNDS
    worker = scene.people["worker"]
    connections = await asyncio.gather(*(asyncpg.connect(scene.url) for _ in range(CONNECTIONS)))
    query = (
        "SELECT task_id, fence FROM board.claim_tasks($1, '{first}', ARRAY[$2::integer], '{NULL}', '{NULL}', '{1}', '{NULL}')"
    )

    async def claim(connection: "asyncpg.Connection[asyncpg.Record]") -> list[asyncpg.Record]:
        return await connection.fetch(query, worker.tenant_id, worker.agent_id)

    winners = []
    for _ in range(rounds):
        await scene.store.open_cases(scene.people["requester"], [{"workflow": "small", "payload": {}}])
        rows = await asyncio.gather(*map(claim, connections))
        winners.append([row for found in rows for row in found])
    for connection in connections:
        connection.terminate()

    assert [len(found) for found in winners] == [1] * rounds
    assert {row["fence"] for found in winners for row in found} == {1}
    assert len({row["task_id"] for found in winners for row in found}) == rounds
