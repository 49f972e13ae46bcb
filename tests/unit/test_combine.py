"""Many callers, one transaction: who goes with whom, and who is answered what."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from blackboard.combine import Combiner, Memory, Request
from blackboard.errors import KeyReused, Unavailable
from blackboard.once import Answered, Once
from blackboard.values import Json, Principal

WHO = Principal(tenant_id=1, tenant="demo", agent_id=1, agent="worker", owner="o", role="agent", capabilities=frozenset())


class Said(BaseModel):
    """An answer."""

    word: str


def _kept(said: Said) -> Json | None:
    return None if said.word == "no" else said.model_dump()


async def _as_said(_verbs: object, _asked: object, kept: Json) -> Said:
    return Said.model_validate(kept)


class Shelf:
    """A store with nothing in it but remembered answers, and a door that can be closed."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.committed: list[int] = []
        self.door = asyncio.Event()
        self.door.set()
        self.away = False
        self._kept: dict[tuple[object, ...], Json] = {}
        store: Any = self  # as much of one as a combiner uses
        self.combiner: Combiner[str, Said] = Combiner(
            store, self._work, Memory(_kept, _as_said), on_commit=self.committed.append
        )

    @asynccontextmanager
    async def transaction(self, _who: Principal) -> AsyncIterator["Shelf"]:
        if self.away:
            raise Unavailable("away")
        before = dict(self._kept)
        try:
            yield self
            await self.door.wait()
        except BaseException:
            self._kept = before
            raise

    async def recall_answers(self, _: int, rows: Sequence[Json]) -> list[SimpleNamespace]:
        kept = [self._kept.get((row["agent_id"], row["route"], row["key"])) for row in rows]
        return [
            SimpleNamespace(verdict="fresh", answer=None)
            if found is None
            else SimpleNamespace(verdict="replayed" if found["print"] == row["print"] else "mismatch", answer=found["answer"])
            for row, found in zip(rows, kept, strict=True)
        ]

    async def keep_answers(self, _: int, rows: Sequence[Json]) -> None:
        self._kept |= {(row["agent_id"], row["route"], row["key"]): row for row in rows}

    async def _work(self, _: object, requests: Sequence[Request[str, Said]]) -> list[Said]:
        words = [request.body for request in requests]
        self.batches.append(words)
        if "bad" in words:
            raise ValueError("bad")
        return [Said(word="no" if word == "no" else word.upper()) for word in words]

    def ask(self, word: str, key: str | None = None, weight: int = 1) -> "asyncio.Task[Answered[Said]]":
        """Somebody asks."""
        once = None if key is None else Once("route", key, word.encode())
        return asyncio.create_task(self.combiner.do(Request(WHO, word, once, weight)))

    async def busy_with(self, word: str) -> "asyncio.Task[Answered[Said]]":
        """Somebody asks, and the batch stays on its way until the door opens."""
        self.door.clear()
        asked = self.ask(word)
        async with asyncio.timeout(5):
            while self.batches[-1:] != [[word]]:
                await asyncio.sleep(0)
        return asked


@pytest.fixture
async def shelf() -> Shelf:
    """An open one."""
    return Shelf()


async def words(*asked: "asyncio.Task[Answered[Said]]") -> list[str]:
    """What each was answered."""
    async with asyncio.timeout(5):
        return [answered.value.word for answered in await asyncio.gather(*asked)]


async def test_nobody_waits_for_others_to_come(shelf: Shelf) -> None:
    """One request alone is a batch."""
    assert await words(shelf.ask("a")) == ["A"]
    assert shelf.batches == [["a"]]


async def test_who_comes_while_a_batch_is_on_its_way_goes_with_the_next(shelf: Shelf) -> None:
    """All of them in one, each with its own answer, in the order in which they came."""
    first = await shelf.busy_with("a")
    later = [shelf.ask(word) for word in "dcb"]
    await asyncio.sleep(0)
    shelf.door.set()

    assert await words(first, *later) == ["A", "D", "C", "B"]
    assert shelf.batches == [["a"], ["d", "c", "b"]]


async def test_who_asks_again_as_soon_as_it_is_answered_is_served(shelf: Shelf) -> None:
    """The transaction that answered it is just ending, and must not be waited for."""
    async with asyncio.timeout(5):
        told = [(await shelf.combiner.do(Request(WHO, word, None))).value.word for word in "abc"]

    assert told == ["A", "B", "C"]


async def test_enough_waiting_is_a_second_transaction_beside_the_first(shelf: Shelf) -> None:
    """What waits until then goes together."""
    shelf.combiner.full_weight = 2
    first = await shelf.busy_with("a")
    later = [shelf.ask(word, weight=2) for word in "bcde"]
    for _ in range(10):
        await asyncio.sleep(0)
    at_once = list(shelf.batches)
    shelf.door.set()

    assert await words(first, *later) == ["A", "B", "C", "D", "E"]
    assert at_once == [["a"], ["b", "c", "d", "e"]]


async def test_a_key_at_work_in_one_transaction_waits_outside_the_other(shelf: Shelf) -> None:
    """It is given that one's answer."""
    shelf.combiner.full_weight = 1
    shelf.door.clear()
    first = shelf.ask("a", key="k")
    async with asyncio.timeout(5):
        while not shelf.batches:
            await asyncio.sleep(0)
    twin, other = shelf.ask("a", key="k"), shelf.ask("b")
    for _ in range(10):
        await asyncio.sleep(0)
    shelf.door.set()

    assert await words(first, twin, other) == ["A", "A", "B"]
    assert ((await twin).replayed, shelf.batches) == (True, [["a"], ["b"]])


async def test_the_answer_comes_after_the_commit(shelf: Shelf) -> None:
    """Not when the work is done."""
    asked = await shelf.busy_with("a")
    for _ in range(10):
        await asyncio.sleep(0)
    assert not asked.done()

    shelf.door.set()
    assert await words(asked) == ["A"]
    assert shelf.committed == [1]


async def test_a_bad_request_does_not_fail_its_neighbours(shelf: Shelf) -> None:
    """They are done one by one, and the error is its own."""
    one, bad, two = shelf.ask("a"), shelf.ask("bad"), shelf.ask("b")

    assert await words(one, two) == ["A", "B"]
    with pytest.raises(ValueError, match="bad"):
        await bad
    assert shelf.batches == [["a", "bad", "b"], ["a"], ["bad"], ["b"]]


async def test_a_bad_request_does_not_stop_the_next_ones(shelf: Shelf) -> None:
    """The pump goes on."""
    with pytest.raises(ValueError, match="bad"):
        await shelf.ask("bad")

    assert await words(shelf.ask("a")) == ["A"]


async def test_two_requests_under_one_key_never_go_in_one_batch(shelf: Shelf) -> None:
    """The second finds the first one's answer; whoever came after it does not wait for that."""
    twins = [shelf.ask("a", key="k"), shelf.ask("a", key="k"), shelf.ask("b", key="other"), shelf.ask("c")]

    assert await words(*twins) == ["A", "A", "B", "C"]
    assert [(await asked).replayed for asked in twins] == [False, True, False, False]
    assert shelf.batches == [["a", "b", "c"]]


async def test_a_key_under_another_body_is_refused_alone(shelf: Shelf) -> None:
    """Its neighbour has its answer."""
    assert await words(shelf.ask("a", key="k")) == ["A"]
    reused, fine = shelf.ask("b", key="k"), shelf.ask("c", key="l")

    assert await words(fine) == ["C"]
    with pytest.raises(KeyReused):
        await reused


async def test_an_answer_that_is_not_worth_keeping_may_be_asked_again(shelf: Shelf) -> None:
    """Under the same key it is worked on anew."""
    assert await words(shelf.ask("no", key="k")) == ["no"]
    assert await words(shelf.ask("no", key="k")) == ["no"]
    assert shelf.batches == [["no"], ["no"]]


async def test_a_caller_that_was_cancelled_harms_nobody(shelf: Shelf) -> None:
    """Neither one on its way nor one that waits; those beside and behind them are answered."""
    gone = await shelf.busy_with("a")
    also_gone, stays = shelf.ask("b"), shelf.ask("c")
    await asyncio.sleep(0)
    gone.cancel()
    also_gone.cancel()
    await asyncio.sleep(0)
    shelf.door.set()

    assert await words(stays) == ["C"]
    assert await words(shelf.ask("d")) == ["D"]


async def test_a_board_that_is_away_is_away_for_all(shelf: Shelf) -> None:
    """Nobody is asked one by one, and when it is back the next are served."""
    shelf.away = True
    asked = [shelf.ask(word) for word in "abc"]
    told = await asyncio.gather(*asked, return_exceptions=True)
    shelf.away = False

    assert [type(error) for error in told] == [Unavailable] * 3
    assert shelf.batches == []
    assert await words(shelf.ask("d")) == ["D"]


async def test_what_was_rolled_back_is_not_remembered(shelf: Shelf) -> None:
    """A keyed neighbour of a bad request is worked on again, and answered once."""
    keyed, bad = shelf.ask("a", key="k"), shelf.ask("bad")

    assert await words(keyed) == ["A"]
    await asyncio.gather(bad, return_exceptions=True)
    assert (await shelf.ask("a", key="k")).replayed


async def test_a_batch_has_a_weight(shelf: Shelf) -> None:
    """The rest goes with the next."""
    shelf.combiner.max_weight = 2

    assert await words(*[shelf.ask(word) for word in "abc"]) == ["A", "B", "C"]
    assert shelf.batches == [["a", "b"], ["c"]]
    assert shelf.committed == [2, 1]


async def test_a_batch_is_never_heavier_than_it_may_be(shelf: Shelf) -> None:
    """What does not fit waits; what is too heavy by itself goes alone."""
    shelf.combiner.max_weight = 3

    await words(shelf.ask("a"), shelf.ask("b", weight=3), shelf.ask("c", weight=5), shelf.ask("d"))
    assert shelf.batches == [["a"], ["b"], ["c"], ["d"]]
