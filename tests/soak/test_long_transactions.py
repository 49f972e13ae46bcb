"""A write transaction that stays open for long delays its own events, and nobody else's."""

import asyncio

import asyncpg
import pytest

from blackboard.database import use_json
from blackboard.store import Verbs
from tests.conftest import Database
from tests.factories import Scene
from tests.http.conftest import serve
from tests.soak.audit import Connection, broken_rules
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.writers import SMALL_CASE, ticking

OPEN_FOR_S = 60.0
LAG_LIMIT_S = 0.25
_FIRST_OF_CASE = "SELECT min(j.position) FROM board.journal j CROSS JOIN unnest(j.entries) AS e WHERE e.case_id = $1"


@pytest.mark.parametrize("where", ["in this database", "in another database"])
async def test_an_open_transaction_delays_its_own_events_alone(
    scene: Scene, database: Database, operator: Connection, scale: Scale, faults: Faults, where: str
) -> None:
    """Others are told all the while; its own come after its commit, in their turn."""
    url = database.url if where == "in this database" else database.admin_url
    open_for_s = min(1.5 * scale.seconds, OPEN_FOR_S)
    slow = await asyncpg.connect(url)
    await use_json(slow)
    async with serve(scene) as api:
        follower = Follower([api.url], scene.keys["auditor"], query="pace_ms=0").start()
        transaction = slow.transaction()
        async with ticking(scene):
            await _told(follower, 1)
            usual = len(follower.seen)
            await transaction.start()
            mine = await (_write(slow, scene) if where == "in this database" else slow.execute("CREATE TEMP TABLE slow ()"))
            faults.fire(f"transaction left open {where}")
            before = len(follower.seen)
            await asyncio.sleep(open_for_s)
            await _told(follower, before + 10)
            meanwhile = follower.seen[before:]
            last = await operator.fetchval("SELECT position FROM board.journal_head")
            await transaction.commit()
            await _told(follower, len(follower.seen) + 10)
        if where == "in this database":
            found = await operator.fetchval(_FIRST_OF_CASE, mine)
            assert found > last
        await follower.stop()
    await slow.close()

    assert usual
    assert await broken_rules(operator) == []
    faults.measure_lags("others' lag", (each.lag_s for each in meanwhile), limit=LAG_LIMIT_S)


async def _write(connection: "asyncpg.Connection[asyncpg.Record]", scene: Scene) -> object:
    [(_, case_id)] = await Verbs(connection).open_cases(scene.people["requester"], [SMALL_CASE])
    return case_id


async def _told(follower: Follower, count: int) -> None:
    """So many events have come."""
    async with asyncio.timeout(20):
        while len(follower.seen) < count:
            await asyncio.sleep(0.01)
