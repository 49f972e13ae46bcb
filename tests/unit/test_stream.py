"""Cursors, filters and frames, without a socket."""

import asyncio
import contextlib
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackboard.answers import Event, Head
from blackboard.cohort import Cohort, View
from blackboard.cursor import Cursor, find_start
from blackboard.dispatch import Dispatch
from blackboard.errors import Invalid
from blackboard.filters import Filter, parse_filter
from blackboard.frames import Matched, bookmark, fold, join_frames, link
from blackboard.journal import Entry, Journal
from blackboard.rights import Rights
from blackboard.store import Store


def event(position: int = 7, **more: Any) -> Event:
    """An entry of the journal."""
    fields: dict[str, Any] = {
        "tenant_id": 1,
        "type": "task.ready",
        "case_id": UUID(int=1),
        "task_id": UUID(int=2),
        "workflow": "small",
        "stage": "first",
        "capability": "first",
        "actor": "worker",
        "told": "{}",
        "at": datetime(2030, 1, 1, tzinfo=UTC),
        "recorded_on": date(2030, 1, 1),
    }
    return Event(**{**fields, "position": position, **more})


@given(st.integers(0, 2**31), st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_back_as_it_was_written(epoch: int, position: int) -> None:
    """Its text is the id of an event."""
    assert Cursor.parse(str(Cursor(epoch, position))) == (epoch, position)


@given(st.text(max_size=60))
@pytest.mark.item("S31")
def test_no_text_breaks_the_cursor(text: str) -> None:
    """It is a cursor or `Invalid`."""
    with contextlib.suppress(Invalid):
        assert str(Cursor.parse(text))


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (None, (90, None)),
        ("0", (10, None)),
        ("3.50", (50, None)),
        ("3.100", (100, None)),
        ("3.101", (90, "rewound")),
        ("4.50", (90, "rewound")),
        ("2.60", (60, None)),
        ("2.61", (90, "rewound")),
        ("1.30", (30, None)),
        ("1.31", (90, "rewound")),
        ("3.9", (90, "expired")),
        ("x", (90, "malformed")),
    ],
)
@pytest.mark.item("S31")
def test_a_cursor_resumes_or_says_why_not(start: str | None, told: tuple[int, str | None]) -> None:
    """Floor 10, head 100, this process has read up to 90. The first epoch ended at 30, the second at 60; this is the third."""
    head = Head(epoch=3, head=100, floor=10, sequenced_at=datetime(2030, 1, 1, tzinfo=UTC), past={1: 30, 2: 60})

    assert find_start(start, head, 90) == told


def test_fields_of_a_filter_must_all_match_and_values_are_alternatives() -> None:
    """Empty means all."""
    seen = event()

    assert Filter().matches(seen)
    assert Filter(type=frozenset({"task.*"}), agent=frozenset({"worker", "rival"})).matches(seen)
    assert not Filter(type=frozenset({"task.*"}), agent=frozenset({"rival"})).matches(seen)
    assert not Filter(case=frozenset({uuid4()})).matches(seen)


def test_each_event_names_the_one_before_it_in_its_stream() -> None:
    """The first is linked to where the reader stood."""
    linked = link([Matched(0, Entry(event(5))), Matched(0, Entry(event(9)))], 3)

    assert [matched.prev for matched in linked] == [3, 5]


def test_an_event_is_encoded_once() -> None:
    """Two streams carry the same bytes."""
    entry = Entry(event())

    assert entry.tail() is entry.tail()


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53) | st.none()))
@pytest.mark.item("S30")
def test_no_text_of_a_case_breaks_out_of_its_frame(actor: str, body: dict[str, Any]) -> None:
    """One id line, one data line, one blank line, whatever is in it: line breaks cannot forge a field."""
    try:
        frame = join_frames([Matched(0, Entry(event(actor=actor, told=orjson.dumps(body).decode())))], 1)
    except UnicodeEncodeError:
        return  # lone surrogates cannot come out of the database

    assert frame.startswith(b"id: 1.7\ndata: {")
    assert (frame.count(b"\n"), frame[-2:]) == (3, b"\n\n")
    assert b"\r" not in frame


def test_a_bookmark_moves_the_cursor_and_fires_nothing() -> None:
    """An id and no data."""
    assert bookmark(Cursor(3, 14)) == b"id: 3.14\n\n"


SEES_ALL = Rights(frozenset(), sees_streams=True)


def following(journal: Journal, **wanted: Any) -> tuple[Dispatch, Cohort]:
    """A reader of a filter."""
    dispatch = Dispatch(journal)
    journal.tell(dispatch.take, anew=dispatch.begin)
    return dispatch, dispatch.join(View(1, (Filter.model_validate(wanted),), SEES_ALL), asyncio.Event())


def small_journal() -> Journal:
    """One that keeps three events at hand, and asks no database."""
    return Journal(cast("Store", None), ring_max_events=3)


def test_a_reader_of_little_stays_with_its_cohort_while_the_ring_goes_by() -> None:
    """It has missed nothing, and the table is not asked."""
    journal = small_journal()
    _, cohort = following(journal, workflow=["rare"])
    for position in range(1, 50):
        journal._take([Entry(event(position))])
    journal._take([Entry(event(50, workflow="rare"))])

    chunk = cohort.after(0, 0)

    assert chunk is not None
    assert (chunk.end, chunk.frames.count(b"data: ")) == (50, 1)


def test_a_reader_who_missed_something_is_sent_to_the_table() -> None:
    """When the ring has let go of it."""
    journal = small_journal()
    _, cohort = following(journal)
    journal._take([Entry(event(position)) for position in range(1, 10)])

    assert cohort.after(5, 5) is None
    assert cohort.after(6, 6) is not None


def test_what_the_ring_holds_is_looked_through_in_slices_for_who_has_missed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No further back than the reader stands; from there to the newest each names the one before."""
    monkeypatch.setattr("blackboard.cohort.SLICE_ENTRIES", 4)
    journal = Journal(cast("Store", None))
    journal._take([Entry(event(position, workflow="rare" if position % 3 else "other")) for position in range(1, 21)])
    _, cohort = following(journal, workflow=["rare"])
    journal._take([Entry(event(22, workflow="rare"))])
    untouched = (cohort.after(20, 20), cohort.after(5, 5))

    slices = 1
    while cohort.reach_back(5):
        slices += 1
    chunk = cohort.after(5, 5)

    assert (untouched[0] is not None, untouched[1], slices, cohort.floor) == (True, None, 4, 4)
    assert chunk is not None
    told = [orjson.loads(line[6:]) for line in chunk.frames.splitlines() if line.startswith(b"data: ")]
    positions = [each["position"] for each in told]
    assert positions == [*(n for n in range(7, 21) if n % 3), 22]
    assert [each["prev"] for each in told] == [5, *positions[:-1]]


def test_news_of_another_case_wake_nobody() -> None:
    """And a reader of the case is woken."""
    journal = small_journal()
    _, cohort = following(journal, case=[UUID(int=1)])
    [bell] = cohort.bells
    bell.clear()

    journal._take([Entry(event(1, case_id=UUID(int=2)))])
    slept = not bell.is_set()
    journal._take([Entry(event(2))])

    assert (slept, bell.is_set()) == (True, True)


def test_a_cohort_without_readers_is_forgotten() -> None:
    """What nobody wants is not kept."""
    dispatch, cohort = following(small_journal(), case=[UUID(int=1), UUID(int=2)])

    dispatch.leave(cohort, *cohort.bells)

    assert (dispatch._cohorts, dict(dispatch._at)) == ({}, {})


def test_a_folded_write_has_the_newest_of_each_case_and_names_the_rest() -> None:
    """In the order of the newest, linked without a hole."""
    cases = {5: 1, 6: 2, 7: 1, 8: 3, 9: 2}
    entries = [Matched(0, Entry(event(position, case_id=UUID(int=case)))) for position, case in cases.items()]

    folded = fold(link(entries, 4))

    assert [(each.prev, each.entry.position, each.folded) for each in folded] == [(4, 7, (5,)), (7, 8, ()), (8, 9, (6,))]


@pytest.mark.parametrize("text", ["", "stage", "stage:", ":review", "colour:red", "stage:review,", "case:x"])
def test_a_filter_that_cannot_be_read_is_refused(text: str) -> None:
    """With the fields that there are."""
    with pytest.raises(Invalid, match=r"field:value|UUID"):
        parse_filter(text)
