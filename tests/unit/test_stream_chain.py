"""What may follow on a stream, and how long to wait for the next one."""

from datetime import UTC, datetime

import pytest

from blackboard.line import BACKOFF_MAX_S, HEALTHY_AFTER_S, Backoff
from blackboard.sse import Garbled
from blackboard.subscription import Chain, StreamEvent


def entry(position: int, prev: int, epoch: int = 1) -> StreamEvent:
    """An entry of the journal."""
    nothing = dict.fromkeys(("case_id", "task_id", "workflow", "stage", "capability"))
    place = {"id": f"{epoch}.{position}", "prev": prev, "position": position, "time": datetime(2030, 1, 1, tzinfo=UTC)}
    return StreamEvent.model_validate({**nothing, **place, "type": "task.ready", "actor": "somebody", "data": {}})


def chain(cursor: str | None = "1.5", start: str = "1.5") -> Chain:
    """One that was greeted."""
    made = Chain(cursor)
    made.greet(start)
    return made


@pytest.mark.parametrize("cursor", [None, "", "0"])
def test_whoever_asks_for_no_place_begins_where_the_greeting_says(cursor: str | None) -> None:
    """Now, or at the beginning of what is kept."""
    assert chain(cursor, "1.7").cursor == "1.7"


def test_an_entry_links_to_the_one_before() -> None:
    """And moves the cursor; what was seen already is left out."""
    made = chain()

    assert [made.take(entry(8, 5)), made.take(entry(8, 5)), made.take(entry(9, 8)), made.cursor] == [True, False, True, "1.9"]


def test_a_bookmark_moves_the_cursor() -> None:
    """What lies before it was left out by the filter; an entry may still name one from before it."""
    made = chain()
    made.mark("1.20")

    assert (made.cursor, made.take(entry(21, 5)), made.cursor) == ("1.20", True, "1.21")


@pytest.mark.parametrize(
    "told",
    [
        entry(9, 8),
        entry(6, 6),
        entry(6, 5, epoch=0),
        entry(4, 3),
        entry(8, 5).model_copy(update={"position": 9}),
        entry(8, 5).model_copy(update={"id": "8"}),
    ],
    ids=["a hole before it", "its own predecessor", "an earlier epoch", "back", "two positions", "no cursor"],
)
def test_what_cannot_follow_is_garbled(told: StreamEvent) -> None:
    """And leaves the cursor where it was."""
    made = chain()
    with pytest.raises(Garbled):
        made.take(told)

    assert made.cursor == "1.5"


@pytest.mark.parametrize("told", ["1.4", "0.9", "x", "1.", "1.²", "1." + "9" * 50])
def test_a_bookmark_that_cannot_be_is_garbled(told: str) -> None:
    """Backwards, of an earlier epoch, or no cursor."""
    with pytest.raises(Garbled):
        chain().mark(told)


def test_a_stream_that_begins_elsewhere_must_say_that_it_is_reset() -> None:
    """Otherwise what lies between would be missing without a word."""
    made = chain("1.5", "1.9")
    with pytest.raises(Garbled, match=r"asked to go on after 1\.5"):
        made.mark("1.9")
    made.reset("2.9")
    made.mark("2.9")

    assert (made.cursor, made.take(entry(10, 9, epoch=2))) == ("2.9", True)


def test_a_reader_who_lost_nothing_goes_on_in_a_later_epoch() -> None:
    """The server was replaced: at the next connection, or in the midst of one."""
    made = chain("1.5", "2.5")
    taken = made.take(entry(6, 5, epoch=2)), made.take(entry(7, 6, epoch=3))

    assert (made.cursor, taken) == ("3.7", (True, True))


def test_pauses_keep_what_the_server_asks_for() -> None:
    """However often the connection fails, and never beyond half a minute."""
    backoff = Backoff()
    backoff.asked_s = 3.0
    pauses = [backoff.pause_s(0) for _ in range(200)]

    assert (min(pauses) >= 3.0, max(pauses) <= BACKOFF_MAX_S, len(set(pauses)) > 10) == (True, True, True)


def test_pauses_grow_and_health_forgives() -> None:
    """Full jitter: from nothing up to a span that doubles."""
    backoff = Backoff()
    for _ in range(20):
        backoff.pause_s(HEALTHY_AFTER_S - 1)
    late = [backoff.pause_s(0) for _ in range(500)]

    assert (max(late) > 10, min(late) < 10, backoff.pause_s(HEALTHY_AFTER_S) <= 0.1) == (True, True, True)
