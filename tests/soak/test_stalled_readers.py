"""Who does not read, and who reads slowly, costs nobody anything: neither memory of the process nor time of the others."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.factories import Scene
from tests.soak.audit import Connection, broken_rules
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.follower import Follower
from tests.soak.process import ApiProcess
from tests.soak.writers import SMALL_CASE, ticking

STALLED = 10
BYTES_PER_S = (0, 2000)
OTHERS = 5
GROWTH_LIMIT_MIB = 48
LAG_LIMIT_S = 0.25
RING_EVENTS = 50_000


async def test_a_stalled_reader_costs_others_nothing(scene: Scene, operator: Connection, scale: Scale, faults: Faults) -> None:
    """Many of them beside a few who read: the memory stays, and those who read are told as soon as before."""
    async with ApiProcess(scene.url) as process:
        if scale.is_long:
            await _fill_ring(scene, process)
        followers = [
            Follower([process.url], scene.keys["auditor"], query="pace_ms=0", start=None).start() for _ in range(OTHERS)
        ]
        async with ticking(scene, every_s=0.02, cases=5):
            async with asyncio.timeout(20):
                while not all(follower.seen for follower in followers):
                    await asyncio.sleep(0.01)
            await asyncio.sleep(scale.seconds / 4)
            alone = [each.lag_s for follower in followers for each in follower.seen]
            before_mib = process.rss_mib
            async with _stalled(process, scene.keys["auditor"], faults):
                seen = [len(follower.seen) for follower in followers]
                await asyncio.sleep(scale.seconds)
                growth_mib = process.rss_mib - before_mib
                beside = [e.lag_s for follower, n in zip(followers, seen, strict=True) for e in follower.seen[n:]]
        for follower in followers:
            await follower.stop()

    assert await broken_rules(operator) == []
    assert growth_mib < GROWTH_LIMIT_MIB
    faults.measure_lags("lag alone", alone)
    faults.measure_lags("lag beside them", beside, limit=LAG_LIMIT_S)
    faults.measure("growth", growth_mib, unit="MiB")


@asynccontextmanager
async def _stalled(process: ApiProcess, key: str, faults: Faults) -> AsyncIterator[None]:
    """Streams from the beginning with the smallest of buffers, not read or read slowly; whoever is cut comes back."""
    tasks = [asyncio.create_task(_stall(process, key, rate, faults)) for rate in BYTES_PER_S for _ in range(STALLED)]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        assert task.cancelled(), task.exception()


async def _stall(process: ApiProcess, key: str, bytes_per_s: int, faults: Faults) -> None:
    loop = asyncio.get_running_loop()
    host, _, port = process.url.removeprefix("http://").partition(":")
    while True:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await loop.sock_connect(sock, (host, int(port)))
            request = f"GET /v1/events?after=0 HTTP/1.1\r\nHost: board\r\nAuthorization: Bearer {key}\r\n\r\n"
            await loop.sock_sendall(sock, request.encode())
            assert (await loop.sock_recv(sock, 12)).endswith(b"200")
            faults.fire("slow reader" if bytes_per_s else "reader that never reads")
            with suppress(ConnectionError):
                while bytes_per_s == 0 or await loop.sock_recv(sock, bytes_per_s // 10):
                    await asyncio.sleep(0.1)


async def _fill_ring(scene: Scene, process: ApiProcess) -> None:
    """Let the process hold as much as it ever will."""
    for _ in range(RING_EVENTS // 2000 + 1):
        await scene.store.open_cases(scene.people["requester"], [SMALL_CASE] * 1000)
    async with asyncio.timeout(60):
        while await process.position() < RING_EVENTS:
            await asyncio.sleep(0.2)
