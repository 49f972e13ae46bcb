"""A key is revoked, an agent suspended: soon nothing more is told to them, however often they come back."""

import asyncio
import time

from tests.factories import Scene
from tests.http.conftest import serve
from tests.soak.audit import Connection
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.writers import ticking

LIMIT_S = 5.0
REFUSALS = 3
ENDS = {
    "auditor": ("key revoked", "UPDATE board.api_key SET revoked_at = now() WHERE agent_id = $1"),
    "worker": ("agent suspended", "UPDATE board.agent SET state = 'suspended' WHERE agent_id = $1"),
}


async def test_whose_rights_are_over_is_told_nothing_more(scene: Scene, operator: Connection, faults: Faults) -> None:
    """The stream ends and says why; whoever comes back, at the process that knew the key, is refused."""
    async with serve(scene) as api, ticking(scene):
        followers = [Follower([api.url], scene.keys[who], query="pace_ms=0", hurry=0.02).start() for who in ENDS]
        async with asyncio.timeout(20):
            while not all(follower.seen for follower in followers):
                await asyncio.sleep(0.01)
            ended_at = time.monotonic()
            for who, (how, statement) in ENDS.items():
                await operator.execute(statement, scene.people[who].agent_id)
                faults.fire(how)
            while not all(len(follower.refusals) >= REFUSALS for follower in followers):
                await asyncio.sleep(0.02)
        for follower in followers:
            await follower.stop()

    assert {told["reason"] for follower in followers for told in follower.told("bye")} == {"rights_changed"}
    assert {status for follower in followers for status in follower.refusals} == {401}
    assert [len(follower.opened) for follower in followers] == [1, 1], "a stream was opened after its rights had ended"
    faults.measure("last event after", max(each.seen[-1].at for each in followers) - ended_at, limit=LIMIT_S)
