"""What a server of an event stream does for a crowd: bursts, single events, memory, idling, and the way from the commit."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from tests.bench.crowd import Seen, cpu_s, resident_kb
from tests.bench.hubs import Hub, ours
from tests.bench.town import Town

LIMIT_S = 120
SETTLE_S = 3.0
# What is prepared on every connection of the writers' pool is not what is measured.
WARMING = 20
WRITERS = 4
BATCH = 10


class Delivered(NamedTuple):
    """What a crowd saw, and what it cost the server's process, in millionths of a second for each event delivered."""

    seen: Seen
    cpu_us: float
    from_stamp: Sequence[float] = ()
    """Milliseconds from before an event was given to the server, for every reader."""
    from_commit: Sequence[float] = ()
    """The same from when its writer heard of the commit."""


class Load(NamedTuple):
    """How much is measured."""

    readers: int = 1000
    burst: int = 200
    bursts: int = 5
    singles: int = 100
    pause_s: float = 0.05


async def burst(hub: Hub, load: Load, bursts: int) -> Delivered:
    """Bursts one after the other, without a pause between them."""

    async def give() -> None:
        for _ in range(bursts):
            await hub.publish(load.burst)

    return await _deliver(hub, load.readers, bursts * load.burst, give)


async def single(hub: Hub, load: Load) -> Delivered:
    """One event at a time, evenly spread, whether or not the one before it has arrived everywhere."""

    async def give() -> None:
        began = time.monotonic()
        for n in range(load.singles):
            await asyncio.sleep(max(0.0, began + n * load.pause_s - time.monotonic()))
            await hub.publish(1)

    return await _deliver(hub, load.readers, load.singles, give, each=True)


async def lag(town: Town, *, seconds: float, readers: int = 50, per_s: int = 1000) -> Delivered:
    """So many events a second by several writers, ten to a commit."""
    commits = round(seconds * per_s / WRITERS / BATCH)
    pause_s = WRITERS * BATCH / per_s
    async with ours(town, writers=WRITERS) as hub:

        async def write(writer: int) -> None:
            began = time.monotonic() + pause_s * writer / WRITERS
            for n in range(commits):
                await asyncio.sleep(max(0.0, began + n * pause_s - time.monotonic()))
                await hub.publish(BATCH)

        async def give() -> None:
            await asyncio.gather(*map(write, range(WRITERS)))

        return await _deliver(hub, readers, commits * WRITERS * BATCH, give, each=True)


async def _deliver(
    hub: Hub, readers: int, events: int, give: Callable[[], Awaitable[None]], *, each: bool = False
) -> Delivered:
    async with hub.crowd(readers) as crowd:
        await crowd.count(WARMING, LIMIT_S)
        for _ in range(WARMING):
            await hub.publish(1)
        await crowd.seen(LIMIT_S)
        used = cpu_s(hub.served)
        await crowd.count(events, LIMIT_S, each=each)
        await give()
        seen = await crowd.seen(LIMIT_S)
        cpu_us = (cpu_s(hub.served) - used) / seen.events * 1e6
        if not each:
            return Delivered(seen, cpu_us)
        return Delivered(seen, cpu_us, crowd.delays({}), crowd.delays(hub.committed_at))


class Idle(NamedTuple):
    """What readers cost who hear nothing but heartbeats."""

    kb_few: float
    kb_many: float
    core_alone: float
    core_many: float


async def idle(town: Town, *, few: int, many: int, seconds: float) -> Idle:
    """Memory for each connection, and the share of a core that the process takes, without readers and with many."""
    async with ours(town) as hub:
        async with hub.crowd(min(few, 100)):
            await asyncio.sleep(SETTLE_S)
        alone = await _core_share(hub, seconds / 4)
        empty = resident_kb(hub.served)
        async with hub.crowd(few):
            await asyncio.sleep(SETTLE_S)
            with_few = resident_kb(hub.served)
            async with hub.crowd(many - few):
                await asyncio.sleep(SETTLE_S)
                with_many = resident_kb(hub.served)
                share = await _core_share(hub, seconds)
        return Idle((with_few - empty) / few, (with_many - empty) / many, alone, share)


async def _core_share(hub: Hub, seconds: float) -> float:
    used, began = cpu_s(hub.served), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu_s(hub.served) - used) / (time.monotonic() - began)
