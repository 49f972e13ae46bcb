"""What the order of the journal costs those who write: commits a second with sequencer and reader at work, and without."""

import asyncio
import re
import statistics
from contextlib import AsyncExitStack
from tempfile import NamedTemporaryFile

from tests.bench.engine import _pgbench
from tests.bench.town import Town, served_api
from tests.factories import Scene

# Each connection plans every statement anew at first.
WARMING_S = 3


async def commits(town: Town, writers: int, *, ordered: bool, seconds: int) -> float:
    """Cases opened a second, one to a transaction, each writer on a connection of its own.

    Ordered: an API process sequences and reads along. Otherwise nobody does, and the events stay in the outbox without a place.
    """
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(town.board())
        if ordered:
            await stack.enter_async_context(served_api(scene))
        return await _opened_per_s(scene, writers, seconds)


async def _opened_per_s(scene: Scene, writers: int, seconds: int) -> float:
    requester = scene.people["requester"]
    with NamedTemporaryFile("w", suffix=".sql") as file:
        item = '[{"workflow": "small", "payload": {}}]'
        file.write(f"SELECT count(*) FROM board.open_cases({requester.tenant_id}, {requester.agent_id}, '{item}');\n")
        file.flush()
        process = await asyncio.create_subprocess_exec(
            *(str(_pgbench()), "-n", "-M", "prepared", "-P", "1", "-c", str(writers), "-j", "2"),
            *("-T", str(WARMING_S + seconds), "-f", file.name, scene.url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()[-1000:]
    by_second = [float(tps) for tps in re.findall(rb"progress: .*?, ([0-9.]+) tps", err)]
    return statistics.mean(by_second[WARMING_S:])
