"""Who is woken, and who is not."""

import asyncio

from blackboard.bells import Bell, Bells, Call


async def woken(bells: list[Bell]) -> list[bool]:
    """Which of them have been rung."""
    return [not bell.ring() for bell in bells]


async def test_as_many_are_woken_as_there_is_news_for() -> None:
    """No herd for one task; first come first woken."""
    bells = Bells()
    with bells.listening(["k"]) as one, bells.listening(["k"]) as two:
        bells.ring("k", count=1)

        assert await woken([one, two]) == [True, False]


async def test_who_was_woken_is_last_in_line_next_time() -> None:
    """Everybody gets a turn."""
    bells = Bells()
    with bells.listening(["k"]) as one, bells.listening(["k"]) as two:
        bells.ring("k", count=1)
        await one.wait(1)
        bells.ring("k", count=1)

        assert await woken([one, two]) == [False, True]


async def test_a_ring_before_the_wait_is_not_lost() -> None:
    """Hang the bell up, look, then wait: what rang in between is heard at once."""
    bells = Bells()
    with bells.listening(["k"]) as bell:
        bells.ring("k")
        async with asyncio.timeout(1):
            await bell.wait(60)


async def test_a_caller_who_hangs_up_ends_its_own_wait() -> None:
    """And nobody else's."""
    bells = Bells()
    call = Call()
    with bells.listening(["k"]) as bell:
        call.waits_by(bell)
        call.hang_up()
        async with asyncio.timeout(1):
            await bell.wait(60)

    assert call.gone


async def test_nothing_is_kept_of_those_who_left() -> None:
    """A million waits leave no memory behind."""
    bells = Bells()
    with bells.listening(["a", "b"]):
        pass

    assert bells._waiting == {}
