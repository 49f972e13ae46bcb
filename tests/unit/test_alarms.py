"""Many sleepers, one timer."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from blackboard.alarms import Alarms, Sleeper

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def now() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


async def test_each_wakes_at_a_time_of_its_own() -> None:
    """Not before it, and in the order of their times."""
    alarms, woken = Alarms(), []
    began = now()

    async def sleep(after_s: float) -> None:
        await Sleeper().sleep(alarms, began + after_s)
        assert now() >= began + after_s
        woken.append(after_s)

    await asyncio.gather(*(sleep(after_s) for after_s in (0.06, 0.02, 0.04)))

    assert woken == [0.02, 0.04, 0.06]


async def test_who_is_rung_wakes_at_once_and_sleeps_again_until_later() -> None:
    """The row still has its old place; when that comes it goes back."""
    alarms, sleeper = Alarms(), Sleeper()
    first_due = now() + 0.05
    asyncio.get_running_loop().call_soon(sleeper.bell.set)
    await sleeper.sleep(alarms, first_due)
    rung_at = now()
    sleeper.bell.clear()
    await sleeper.sleep(alarms, first_due + 0.05)

    assert rung_at < first_due
    assert now() >= first_due + 0.05


async def test_who_is_due_sooner_than_it_was_wakes_sooner() -> None:
    """And who has gone wakes nobody."""
    alarms, sleeper, gone = Alarms(), Sleeper(), Sleeper()
    gone.is_gone = True
    gone.due_at = now()
    alarms.add(gone)
    sleeping = asyncio.create_task(sleeper.sleep(alarms, now() + 3600))
    await asyncio.sleep(0)
    sleeper.due_at = now() + 0.01
    alarms.add(sleeper)

    await asyncio.wait_for(sleeping, 5)

    assert not gone.bell.is_set()


async def all_wake(*delays_s: float) -> list[float]:
    """Who waits so long, in the order in which they wake."""
    alarms, woken = Alarms(), []

    async def wait(delay_s: float) -> None:
        await Sleeper().sleep(alarms, asyncio.get_running_loop().time() + delay_s)
        woken.append(delay_s)

    async with asyncio.timeout(10):
        await asyncio.gather(*(wait(delay_s) for delay_s in delays_s))
    return woken


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
@pytest.mark.parametrize("delays_s", [(0.02, 0.01), (-1.0, -1.0, 0.01), (0.02, -1.0, 0.01), (0.0, 0.0)])
def test_everybody_wakes_in_the_order_of_what_is_due(
    loop: Callable[[], asyncio.AbstractEventLoop], delays_s: tuple[float, ...]
) -> None:
    """Those who come too late to wait, too."""
    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(all_wake(*delays_s)) == sorted(delays_s)
