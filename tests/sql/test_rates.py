"""Tokens, taken ahead by several processes out of one bucket."""

import asyncio

import pytest

from blackboard.errors import TooManyRequests
from blackboard.rate_limit import Ask, RateLimit
from blackboard.rates import Rates
from blackboard.values import Principal
from tests.factories import Clock, Scene

SLOW = RateLimit(name="tenant", per="tenant", per_second=2, burst=10)


def is_let_through(process: Rates, who: Principal) -> bool:
    try:
        process.charge(who, "GET /v1/cases", 1)
    except TooManyRequests:
        return False
    return True


async def test_a_bucket_gives_what_is_there_and_fills_with_time(scene: Scene, clock: Clock) -> None:
    """Full for whom nobody knows; never above its size."""
    tenant = scene.people["worker"].tenant_id
    given = []
    for asked, pause_s in ((4.0, 0), (10.0, 0), (10.0, 2), (99.0, 3600)):
        await clock.pass_(pause_s)
        [grant] = await scene.store.take_tokens(tenant, [Ask(SLOW, "", asked)])
        given.append((grant.granted, grant.rest))

    assert given == [(4, 6), (6, 0), (4, 0), (10, 0)]


async def test_several_buckets_are_asked_at_once(scene: Scene, clock: Clock) -> None:
    """Each answers for itself; the order in which they are named does not matter to others who ask at the same time."""
    tenant = scene.people["worker"].tenant_id
    await clock.pass_(0)
    asks = [Ask(SLOW, key, 1) for key in "abcd"]
    told = await asyncio.gather(*(scene.store.take_tokens(tenant, asks[:: 1 if n % 2 else -1]) for n in range(8)))

    assert min(grant.rest for grants in told for grant in grants) == 2
    assert sum(grant.granted for grants in told for grant in grants) == 32


async def test_who_has_asked_nothing_for_a_day_is_forgotten(scene: Scene, clock: Clock, boss: Principal) -> None:
    """Full again meanwhile, but where a limit fills slower than that."""
    tenant = scene.people["worker"].tenant_id
    crawling = SLOW.model_copy(update={"name": "crawling", "per_second": 1e-5, "burst": 10.0})
    await scene.board.put_limit(boss, crawling)
    await clock.pass_(0)
    await scene.store.take_tokens(tenant, [Ask(SLOW, "", 1), Ask(crawling, "", 1)])
    await clock.pass_(86_000)
    early = await scene.store.forget_idle_callers(10)
    await clock.pass_(500)

    assert (early, await scene.store.forget_idle_callers(10)) == (0, 1)
    await clock.pass_(1_000_000)
    assert await scene.store.forget_idle_callers(10) == 1


@pytest.mark.item("S43")
async def test_processes_share_what_a_limit_lets_through(scene: Scene, clock: Clock, boss: Principal) -> None:
    """In a second that stands still: the bucket, and what each process may spend on credit before it is told, once."""
    who, processes = scene.people["requester"], [Rates(scene.store) for _ in range(3)]
    await scene.board.put_limit(boss, SLOW)
    for process in processes:
        process.forget(who.tenant_id)
        await process.run_once()
    let_through = 0
    for _ in range(30):
        for process in processes:
            let_through += is_let_through(process, who)
        for process in processes:
            await process.run_once()

    assert 10 <= let_through <= 10 + 2 * len(processes)
    await clock.pass_(5)
    processes = [Rates(scene.store) for _ in range(3)]
    for process in processes:
        process.forget(who.tenant_id)
        await process.run_once()
    again = 0
    for _ in range(30):
        for process in processes:
            await process.run_once()
            again += is_let_through(process, who)
    assert 10 <= again <= 10 + 2 * len(processes)
